/* SPDX-License-Identifier: GPL-2.0 */
/* Maps of devices: their elements. */
#ifndef _NET_BPF_DEVMAP_H
#define _NET_BPF_DEVMAP_H

#include <linux/filter.h>

/**
 * struct bpf_dtab_netdev - a device in a map
 * @dev: the device, with a reference; trace points read it as the first member
 * @node: in its bucket
 * @prog: program that runs before sending, or NULL
 * @rcu: freed after readers
 * @key: its key
 * @val: as user space reads it
 */
struct bpf_dtab_netdev {
	struct net_device *dev;
	struct hlist_node node;
	struct bpf_prog *prog;
	struct rcu_head rcu;
	u32 key;
	struct bpf_devmap_val val;
};

/* The element of the lowest index or bucket from *@pos on; *@pos moves past it. Under RCU. */
#ifdef CONFIG_BPF_SYSCALL
struct bpf_dtab_netdev *devmap_next(struct bpf_map *map, u64 *pos);
#else
static inline struct bpf_dtab_netdev *devmap_next(struct bpf_map *map, u64 *pos)
{
	return NULL;
}
#endif

#endif /* _NET_BPF_DEVMAP_H */
