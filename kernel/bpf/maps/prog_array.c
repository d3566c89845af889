// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays of programs for tail calls. All programs that use such an array, or stand in it, must run
 * in the same frame: one type, all compiled or all interpreted, one view of multi-buffer packets.
 */
#include <linux/bpf.h>
#include <linux/build_bug.h>
#include <linux/err.h>
#include <linux/seq_file.h>

#include "exec/exec.h"
#include "maps/array.h"
#include "maps/maps.h"
#include "maps/prog_array.h"

static_assert(offsetof(struct bpf_array, slots) == offsetof(struct bpf_tail_map, progs));
static_assert(offsetof(struct bpf_array, pokes) == offsetof(struct bpf_tail_map, pokes));

/**
 * bpf_prog_array_accepts - may a program use a prog array, or stand in it
 * @map: a prog array
 * @prog: the program; its runtime has been selected, or it is about to be
 *
 * The first program sets what all others must be.
 *
 * Context: any but NMI. Return: true if so.
 */
bool bpf_prog_array_accepts(struct bpf_map *map, const struct bpf_prog *prog)
{
	const struct btf_type *proto = prog->aux->attach_func_proto;
	enum bpf_prog_type type = prog->type;
	bool ok;

	/* an extension runs in the place and with the context of the program that it extends */
	if (type == BPF_PROG_TYPE_EXT && prog->aux->dst_prog) {
		type = prog->aux->saved_dst_prog_type;
		proto = NULL;
	}
	/* a tail call would leave these behind: a held dispatcher, a kernel's caller */
	if (prog->kprobe_override || prog->aux->dev_bound)
		return false;

	spin_lock(&map->owner.lock);
	if (!map->owner.set) {
		map->owner.set = true;
		map->owner.type = type;
		map->owner.jited = prog->jited;
		map->owner.xdp_has_frags = prog->aux->xdp_has_frags;
		map->owner.attach_func_proto = proto;
		ok = true;
	} else {
		ok = map->owner.type == type && map->owner.jited == prog->jited &&
		     map->owner.xdp_has_frags == prog->aux->xdp_has_frags &&
		     map->owner.attach_func_proto == proto;
	}
	spin_unlock(&map->owner.lock);
	return ok;
}

/**
 * bpf_prog_tail_claim - be one of two things that a program cannot be both
 * @prog: the program
 * @what: what it shall be, for good
 *
 * An extension that makes tail calls begins to count them anew. Were the program that it extends
 * the target of one, they could go round for ever, and down the stack.
 *
 * Context: any. Return: false where it is the other already.
 */
bool bpf_prog_tail_claim(struct bpf_prog *prog, enum bpf_prog_tail_use what)
{
	struct bpf_trampoline *use = (void *)(unsigned long)what, *old;

	/* the only user of the field */
	old = cmpxchg(&prog->aux->dst_trampoline, NULL, use);
	return !old || old == use;
}

static void *prog_array_get(struct bpf_map *map, struct file *map_file, int fd)
{
	struct bpf_prog *prog = bpf_prog_get(fd);

	if (IS_ERR(prog))
		return prog;
	/* an extension may want more arguments than a tail call passes on */
	if (prog->type == BPF_PROG_TYPE_EXT || !bpf_prog_array_accepts(map, prog)) {
		bpf_prog_put(prog);
		return ERR_PTR(-EINVAL);
	}
	if (!bpf_prog_tail_claim(prog, BPF_PROG_IN_ARRAY)) {
		bpf_prog_put(prog);
		return ERR_PTR(-EBUSY);
	}
	return prog;
}

/* Programs are freed after a grace period anyway. */
static void prog_array_put(struct bpf_map *map, void *ptr, bool need_defer)
{
	bpf_prog_put(ptr);
}

static u32 prog_array_id(void *ptr)
{
	return ((struct bpf_prog *)ptr)->aux->id;
}

/*
 * Programs hold the array and the array holds programs: without user space's fds or pins nobody
 * could ever empty it, so their end empties it.
 */
static void prog_array_release_uref(struct bpf_map *map)
{
	fd_array_clear(map, true);
}

static void prog_array_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	u32 id;

	if (!fd_array_copy_value(map, key, &id, 0))
		seq_printf(m, "%u: prog_id %u\n", *(u32 *)key, id);
}

const struct bpf_map_ops bpf_prog_array_ops = {
	.alloc_check = fd_array_alloc_check,
	.alloc = fd_array_alloc,
	.free = fd_array_free,
	.release_uref = prog_array_release_uref,
	.get_next_key = bpf_array_get_next_key,
	.copy_value = fd_array_copy_value,
	.sys_update = fd_array_sys_update,
	.delete_elem = fd_array_delete,
	.fd_get_ptr = prog_array_get,
	.fd_put_ptr = prog_array_put,
	.fd_ptr_id = prog_array_id,
#ifdef CONFIG_BPF_JIT
	.poke_track = bpf_poke_track,
	.poke_untrack = bpf_poke_untrack,
#endif
	.show_elem = prog_array_show_elem,
	.mem_usage = fd_array_mem_usage,
};
