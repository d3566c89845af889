/* SPDX-License-Identifier: GPL-2.0 */
/* Ids of objects: small numbers above 0, handed out in a circle so that none comes back soon. */
#ifndef _KBPF_SYSCALL_IDS_H
#define _KBPF_SYSCALL_IDS_H

#include <linux/idr.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct bpf_cmd_args;

/**
 * struct bpf_ids - ids of one kind of object
 * @lock: taken with interrupts off, because last references are dropped anywhere
 * @idr: the objects; an id may be reserved with a NULL pointer
 */
struct bpf_ids {
	spinlock_t lock;	/* idr */
	struct idr idr;
};

#define DEFINE_BPF_IDS(_name)						\
	struct bpf_ids _name = {					\
		.lock = __SPIN_LOCK_UNLOCKED(_name.lock),		\
		.idr = IDR_INIT(_name.idr),				\
	}

extern struct bpf_ids bpf_map_ids;
extern struct bpf_ids bpf_prog_ids;
extern struct bpf_ids bpf_link_ids;

int bpf_id_new(struct bpf_ids *ids, void *obj);
void bpf_id_publish(struct bpf_ids *ids, u32 id, void *obj);
void bpf_id_remove(struct bpf_ids *ids, u32 id);
void *bpf_id_find(struct bpf_ids *ids, u32 id, void *(*get)(void *obj));
void *bpf_id_first_from(struct bpf_ids *ids, u32 *id, void *(*get)(void *obj));
int bpf_id_next_cmd(struct bpf_ids *ids, const struct bpf_cmd_args *args);

#endif /* _KBPF_SYSCALL_IDS_H */
