// SPDX-License-Identifier: GPL-2.0
/* Iterator over what programs store with sockets: one step a socket that a map has a value for. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <net/sock.h>

#include "attach/iter.h"
#include "maps/local_storage.h"
#include "syscall/map.h"

struct bpf_iter__bpf_sk_storage_map {
	__bpf_md_ptr(struct bpf_iter_meta *, meta);
	__bpf_md_ptr(struct bpf_map *, map);
	__bpf_md_ptr(struct sock *, sk);
	__bpf_md_ptr(void *, value);
};

DEFINE_BPF_ITER_FUNC(bpf_sk_storage_map, struct bpf_iter_meta *meta, struct bpf_map *map,
		     struct sock *sk, void *value)

/**
 * struct sk_walk - a walk
 * @map: the map, with a user reference
 * @seq: number of the element behind which the walk goes on
 * @last: of the element that is being shown
 * @sk: its socket, with a reference while it is shown
 * @value: its value
 */
struct sk_walk {
	struct bpf_map *map;
	u64 seq;
	u64 last;
	struct sock *sk;
	void *value;
};

static struct sock *sk_of(bpf_storage_slot *slot)
{
	return container_of(slot, struct sock, sk_bpf_storage);
}

static bool sk_get(bpf_storage_slot *slot)
{
	return refcount_inc_not_zero(&sk_of(slot)->sk_refcnt);
}

static void *walk_step(struct sk_walk *walk)
{
	bpf_storage_slot *slot;

	walk->last = walk->seq;
	walk->value = bpf_local_storage_next(walk->map, &walk->last, sk_get, &slot);
	walk->sk = walk->value ? sk_of(slot) : NULL;
	return walk->sk;
}

static void walk_put(struct sk_walk *walk)
{
	if (walk->sk)
		sock_put(walk->sk);
	walk->sk = NULL;
}

static int walk_show(struct seq_file *seq, struct sk_walk *walk, bool in_stop)
{
	struct bpf_iter__bpf_sk_storage_map ctx = {};
	struct bpf_iter_meta meta = {};
	struct bpf_prog *prog;

	meta.seq = seq;
	prog = bpf_iter_get_info(&meta, in_stop);
	if (!prog)
		return 0;
	ctx.meta = &meta;
	ctx.map = walk->map;
	ctx.sk = walk->sk;
	ctx.value = walk->value;
	return bpf_iter_run_prog(prog, &ctx);
}

static void *walk_start(struct seq_file *seq, loff_t *pos)
	__acquires(RCU)
{
	rcu_read_lock();
	return walk_step(seq->private);
}

static void *walk_next(struct seq_file *seq, void *v, loff_t *pos)
{
	struct sk_walk *walk = seq->private;

	walk->seq = walk->last;
	++*pos;
	walk_put(walk);
	return walk_step(walk);
}

static int walk_show_one(struct seq_file *seq, void *v)
{
	return walk_show(seq, seq->private, false);
}

static void walk_stop(struct seq_file *seq, void *v)
	__releases(RCU)
{
	struct sk_walk *walk = seq->private;

	if (!v)
		walk_show(seq, walk, true);
	walk_put(walk);
	rcu_read_unlock();
}

static const struct seq_operations walk_ops = {
	.start = walk_start,
	.next = walk_next,
	.stop = walk_stop,
	.show = walk_show_one,
};

static int walk_init(void *priv, struct bpf_iter_aux_info *aux)
{
	struct sk_walk *walk = priv;

	bpf_map_inc_with_uref(aux->map);
	walk->map = aux->map;
	return 0;
}

static void walk_fini(void *priv)
{
	bpf_map_put_with_uref(((struct sk_walk *)priv)->map);
}

static const struct bpf_iter_seq_info walk_seq_info = {
	.seq_ops = &walk_ops,
	.init_seq_private = walk_init,
	.fini_seq_private = walk_fini,
	.seq_priv_size = sizeof(struct sk_walk),
};

static int walk_attach(struct bpf_prog *prog, union bpf_iter_link_info *linfo,
		       struct bpf_iter_aux_info *aux)
{
	struct bpf_map *map;
	int err = 0;

	if (!linfo->map.map_fd)
		return -EBADF;
	map = bpf_map_get_with_uref(linfo->map.map_fd);
	if (IS_ERR(map))
		return PTR_ERR(map);
	if (map->map_type != BPF_MAP_TYPE_SK_STORAGE || map->record)
		err = -EINVAL;
	else if (prog->aux->max_rdwr_access > map->value_size)
		err = -EACCES;
	if (err)
		bpf_map_put_with_uref(map);
	else
		aux->map = map;
	return err;
}

static struct bpf_iter_reg walk_reg = {
	.target = "bpf_sk_storage_map",
	.attach_target = walk_attach,
	.detach_target = bpf_iter_map_detach,
	.show_fdinfo = bpf_iter_map_show_fdinfo,
	.fill_link_info = bpf_iter_map_fill_info,
	.ctx_arg_info_size = 2,
	.ctx_arg_info = {
		{ offsetof(struct bpf_iter__bpf_sk_storage_map, sk),
		  PTR_TO_BTF_ID_OR_NULL | PTR_TRUSTED },
		{ offsetof(struct bpf_iter__bpf_sk_storage_map, value),
		  PTR_TO_BUF | PTR_MAYBE_NULL },
	},
	.seq_info = &walk_seq_info,
};

static int __init sk_storage_iter_init(void)
{
	BTF_TYPE_EMIT(struct bpf_iter__bpf_sk_storage_map);
	walk_reg.ctx_arg_info[0].btf_id = btf_sock_ids[BTF_SOCK_TYPE_SOCK];
	return bpf_iter_reg_target(&walk_reg);
}
late_initcall(sk_storage_iter_init);
