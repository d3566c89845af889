/* SPDX-License-Identifier: GPL-2.0 */
/* Trampolines: programs at the entry and exit of functions. */
#ifndef _KBPF_ATTACH_TRAMP_H
#define _KBPF_ATTACH_TRAMP_H

#include <linux/bpf.h>

#include "attach/target.h"
#include "exec/tramp.h"

struct bpf_trampoline;

/* tramp.c */
struct bpf_trampoline *bpf_trampoline_get(const struct bpf_attach_target *target);
void bpf_trampoline_put(struct bpf_trampoline *tr);
int bpf_trampoline_link(struct bpf_trampoline *tr, struct bpf_prog *prog,
			enum bpf_tramp_kind kind, u64 cookie);
void bpf_trampoline_unlink(struct bpf_trampoline *tr, struct bpf_prog *prog);
int bpf_trampoline_swap(struct bpf_trampoline *tr, struct bpf_prog *old_prog,
			struct bpf_prog *new_prog);
int bpf_trampoline_replace(struct bpf_trampoline *tr, struct bpf_prog *ext);
void bpf_trampoline_restore(struct bpf_trampoline *tr, struct bpf_prog *ext);

/*
 * struct bpf_tramp_image - generated code of a trampoline, with what it needs to run
 * @users: itself until nobody is in it, and programs that are on their way out of it
 * @node: among the earlier images of its trampoline, after it was retired
 * @text: the code; @size bytes
 * @ksym: its symbol
 * @inuse: per-CPU count of runs that may sleep; NULL: none do
 * @rcu: grace periods at the end
 * @work: what has to be done in process context there
 * @wait: jiffies between two looks at @inuse
 * @mod: module that the code jumps to; a reference is held
 * @target: program that it jumps to; a reference is held
 * @nr: programs; a reference is held on each until nobody is in the image, or it is dropped
 * @calls: where each is called
 */
struct bpf_tramp_image {
	refcount_t users;
	struct list_head node;
	u8 *text;
	u32 size;
	struct bpf_ksym ksym;
	long __percpu *inuse;
	struct rcu_head rcu;
	struct delayed_work work;
	unsigned long wait;
	struct module *mod;
	struct bpf_prog *target;
	u32 nr;
	struct bpf_tramp_slot {
		struct bpf_prog *prog;
		u32 skip_from;
		u32 skip_to;
		struct bpf_tramp_image *im;
		struct rcu_head rcu;
	} calls[];
};

/* tramp_image.c */
struct bpf_tramp_image *bpf_tramp_image_new(struct bpf_tramp_plan *plan,
					    const struct bpf_attach_target *target,
					    const char *name);
void bpf_tramp_image_retire(struct bpf_tramp_image *im, struct list_head *old);
void bpf_tramp_images_drop(struct list_head *old, const struct bpf_prog *prog);
void bpf_tramp_images_forget(struct list_head *old);
void bpf_tramp_image_skip(struct bpf_tramp_image *im, const struct bpf_prog *prog);

/* tramp_run.c */
void bpf_tramp_sections(struct bpf_tramp_call *call, bool bare, bool guard);

/* tramp_facts.c */
bool bpf_prog_is_bare(const struct bpf_prog *prog);
bool bpf_prog_calls(const struct bpf_prog *prog, const void *helper);

#endif /* _KBPF_ATTACH_TRAMP_H */
