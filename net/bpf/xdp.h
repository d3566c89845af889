/* SPDX-License-Identifier: GPL-2.0 */
/* XDP: what the redirect and its maps offer each other. */
#ifndef _NET_BPF_XDP_H
#define _NET_BPF_XDP_H

#include <linux/filter.h>
#include <net/xdp.h>

struct bpf_dtab_netdev;

/* A device comes up: allocates what frames wait in. 0 or -ENOMEM. */
int devmap_dev_init(struct net_device *dev);

/* May packets of @len bytes be sent by @dev? 0 or a negative errno. */
int xdp_dev_ok_fwd(const struct net_device *dev, unsigned int len);

/* Takes the frame over when it answers 0. @from: device it came in by. */
int devmap_enqueue_dev(struct net_device *dev, struct xdp_frame *frame, struct net_device *from);
int devmap_enqueue(struct bpf_dtab_netdev *dst, struct xdp_frame *frame, struct net_device *from);
int devmap_enqueue_multi(struct bpf_map *map, struct xdp_frame *frame, struct net_device *from,
			 bool exclude_ingress);
/* As above for packets of generic XDP; takes the packet over when it answers 0. */
int devmap_generic(struct bpf_dtab_netdev *dst, struct sk_buff *skb, struct bpf_prog *prog);
int devmap_generic_multi(struct bpf_map *map, struct sk_buff *skb, struct net_device *from,
			 struct bpf_prog *prog, bool exclude_ingress);
void devmap_flush(struct list_head *list);

struct bpf_cpu_entry;

#ifdef CONFIG_BPF_SYSCALL
int cpumap_enqueue(struct bpf_cpu_entry *entry, struct xdp_frame *frame, struct net_device *from);
int cpumap_generic(struct bpf_cpu_entry *entry, struct sk_buff *skb);
void cpumap_flush(struct list_head *list);
#else
/* No map, no redirection to one. */
static inline int cpumap_enqueue(struct bpf_cpu_entry *entry, struct xdp_frame *frame,
				 struct net_device *from)
{
	return -EOPNOTSUPP;
}

static inline int cpumap_generic(struct bpf_cpu_entry *entry, struct sk_buff *skb)
{
	return -EOPNOTSUPP;
}

static inline void cpumap_flush(struct list_head *list) {}
#endif

/*
 * bpf_redirect_map() of a map type: notes @value, the element at @key, as the target. Flags in
 * @extra are allowed beside the return value for a missing element in the two lowest bits.
 */
long xdp_redirect_map(struct bpf_map *map, u64 key, u64 flags, u64 extra,
		      void *(*lookup)(struct bpf_map *map, u32 key));

#endif /* _NET_BPF_XDP_H */
