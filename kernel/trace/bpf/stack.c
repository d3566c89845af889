// SPDX-License-Identifier: GPL-2.0
/*
 * Call stacks: into a program's memory, or into a stack-trace map, which keeps each different stack
 * once and gives it a number.
 */
#include <linux/bpf.h>
#include <linux/buildid.h>
#include <linux/ftrace.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>
#include <linux/sched/task_stack.h>
#include <linux/stacktrace.h>

#include "btf/btf.h"
#include "maps/maps.h"
#include "maps/pool.h"
#include "maps/lock.h"
#include "protos.h"
#include "trace_bpf.h"

#define STACK_FLAGS (BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_FAST_STACK_CMP | \
		     BPF_F_REUSE_STACKID)
#define GET_FLAGS (BPF_F_SKIP_FIELD_MASK | BPF_F_USER_STACK | BPF_F_USER_BUILD_ID)

/* A stack in the map; @data: addresses, or struct bpf_stack_build_id. */
struct stack_bucket {
	struct bpf_pool_node free;
	u32 hash;
	u32 nr;
	u64 data[];
};

/*
 * struct stack_map - a stack-trace map
 * @n_buckets: a power of two; an id is an index below it
 * @elems: one bucket more for each CPU than ids
 */
struct stack_map {
	struct bpf_map map;
	void *elems;
	struct bpf_pool pool;
	u32 n_buckets;
	u32 elem_size;
	struct stack_bucket *buckets[];
};

static bool stack_map_build_id(const struct bpf_map *map)
{
	return map->map_flags & BPF_F_STACK_BUILD_ID;
}

static u32 frame_size(bool build_id)
{
	return build_id ? sizeof(struct bpf_stack_build_id) : sizeof(u64);
}

/* ------------------------------------------------------------------ build ids */

/*
 * Addresses of user space as offsets into files with a build id. The task's mappings are looked at
 * only if its lock is free; otherwise, and for mappings without a file, the addresses stay.
 */
static void to_build_ids(struct bpf_stack_build_id *out, const u64 *ips, u32 nr)
{
	struct vm_area_struct *vma, *prev = NULL;
	bool locked = bpf_mappings_trylock(current->mm);
	u32 i;

	for (i = nr; i-- > 0; ) {
		u64 ip = ips[i];

		memset(&out[i], 0, sizeof(out[i]));
		out[i].status = BPF_STACK_BUILD_ID_IP;
		out[i].ip = ip;
		if (!locked)
			continue;
		vma = prev && ip >= prev->vm_start && ip < prev->vm_end ? prev :
		      find_vma(current->mm, ip);
		if (!vma || ip < vma->vm_start ||
		    build_id_parse_nofault(vma, out[i].build_id, NULL)) {
			memset(out[i].build_id, 0, sizeof(out[i].build_id));
			continue;
		}
		prev = vma;
		out[i].offset = ((u64)vma->vm_pgoff << PAGE_SHIFT) + ip - vma->vm_start;
		out[i].status = BPF_STACK_BUILD_ID_VALID;
	}
	if (locked)
		bpf_mappings_unlock(current->mm);
}

/* ------------------------------------------------------------------ the map */

static int stack_map_alloc_check(const union bpf_attr *attr)
{
	u32 frame = frame_size(attr->map_flags & BPF_F_STACK_BUILD_ID);

	if (!attr->max_entries || attr->key_size != sizeof(u32) || !attr->value_size ||
	    attr->value_size % frame)
		return -EINVAL;
	if (attr->value_size / frame > sysctl_perf_event_max_stack)
		return -EINVAL;
	/* each CPU's spare bucket is beside the ids, which are positive ints */
	return attr->max_entries > 1U << 30 ? -E2BIG : 0;
}

static int stack_map_alloc_elems(struct stack_map *smap)
{
	u32 cnt = smap->map.max_entries + num_possible_cpus();
	u64 size;

	if (check_mul_overflow((u64)cnt, (u64)smap->elem_size, &size))
		return -E2BIG;
	smap->elems = bpf_map_area_alloc(size, smap->map.numa_node);
	if (!smap->elems || bpf_pool_init(&smap->pool))
		return -ENOMEM;
	bpf_pool_fill(&smap->pool, smap->elems, smap->elem_size, cnt);
	return 0;
}

static struct bpf_map *stack_map_alloc(const union bpf_attr *attr)
{
	u64 n = roundup_pow_of_two((u64)attr->max_entries);
	struct stack_map *smap;
	int err;

	smap = bpf_map_area_alloc(struct_size(smap, buckets, n), NUMA_NO_NODE);
	if (!smap)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&smap->map, attr);
	smap->n_buckets = n;
	smap->elem_size = sizeof(struct stack_bucket) + attr->value_size;
	err = get_callchain_buffers(sysctl_perf_event_max_stack);
	if (err)
		goto free;
	err = stack_map_alloc_elems(smap);
	if (!err)
		return &smap->map;
	put_callchain_buffers();
free:
	bpf_pool_destroy(&smap->pool);
	bpf_map_area_free(smap->elems);
	bpf_map_area_free(smap);
	return ERR_PTR(err);
}

static void stack_map_free(struct bpf_map *map)
{
	struct stack_map *smap = container_of(map, struct stack_map, map);

	bpf_pool_destroy(&smap->pool);
	bpf_map_area_free(smap->elems);
	bpf_map_area_free(smap);
	put_callchain_buffers();
}

/* The pool wants its callers inside a map lock; here nothing else needs one. */
static DEFINE_RAW_SPINLOCK(stack_pool_lock);

static struct stack_bucket *bucket_get(struct stack_map *smap)
{
	struct bpf_pool_node *node;
	unsigned long flags;

	if (bpf_map_lock(&stack_pool_lock, &flags))
		return NULL;
	node = bpf_pool_pop(&smap->pool);
	bpf_map_unlock(&stack_pool_lock, flags);
	return node ? container_of(node, struct stack_bucket, free) : NULL;
}

static void bucket_put(struct stack_map *smap, struct stack_bucket *b)
{
	unsigned long flags;

	if (bpf_map_lock(&stack_pool_lock, &flags)) {
		llist_add((struct llist_node *)&b->free, &smap->pool.orphans);
		return;
	}
	bpf_pool_push(&smap->pool, &b->free);
	bpf_map_unlock(&stack_pool_lock, flags);
}

/* Swaps @b into slot @id and frees what was there. */
static void bucket_set(struct stack_map *smap, u32 id, struct stack_bucket *b)
{
	struct stack_bucket *old = xchg(&smap->buckets[id], b);

	if (old)
		bucket_put(smap, old);
}

static int stack_map_copy(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct stack_map *smap = container_of(map, struct stack_map, map);
	u32 id = *(u32 *)key, bytes;
	struct stack_bucket *b;

	if (flags)
		return -EINVAL;
	if (id >= smap->n_buckets)
		return -ENOENT;
	/* out of its slot, so that nobody uses it again meanwhile */
	b = xchg(&smap->buckets[id], NULL);
	if (!b)
		return -ENOENT;
	bytes = b->nr * frame_size(stack_map_build_id(map));
	memcpy(value, b->data, bytes);
	memset(value + bytes, 0, map->value_size - bytes);
	bucket_set(smap, id, b);
	return 0;
}

static int stack_map_next_key(struct bpf_map *map, void *key, void *next_key)
{
	struct stack_map *smap = container_of(map, struct stack_map, map);
	u32 id = 0;

	if (key) {
		id = *(u32 *)key;
		id = id < smap->n_buckets && smap->buckets[id] ? id + 1 : 0;
	}
	while (id < smap->n_buckets && !smap->buckets[id])
		id++;
	if (id >= smap->n_buckets)
		return -ENOENT;
	*(u32 *)next_key = id;
	return 0;
}

static long stack_map_delete(struct bpf_map *map, void *key)
{
	struct stack_map *smap = container_of(map, struct stack_map, map);
	u32 id = *(u32 *)key;
	struct stack_bucket *old;

	if (id >= smap->n_buckets)
		return -E2BIG;
	old = xchg(&smap->buckets[id], NULL);
	if (!old)
		return -ENOENT;
	bucket_put(smap, old);
	return 0;
}

static u64 stack_map_mem_usage(const struct bpf_map *map)
{
	struct stack_map *smap = container_of(map, struct stack_map, map);

	return struct_size(smap, buckets, smap->n_buckets) +
	       (u64)smap->elem_size * (map->max_entries + num_possible_cpus());
}

const struct bpf_map_ops bpf_stack_trace_ops = {
	.alloc_check = stack_map_alloc_check,
	.alloc = stack_map_alloc,
	.free = stack_map_free,
	.get_next_key = stack_map_next_key,
	.copy_value = stack_map_copy,
	.delete_elem = stack_map_delete,
	.check_btf = map_check_no_btf,
	.mem_usage = stack_map_mem_usage,
};

/* ------------------------------------------------------------------ get_stackid */

static bool bucket_same(const struct stack_bucket *b, const void *data, u32 nr, u32 frame)
{
	return b->nr == nr && !memcmp(b->data, data, (u64)nr * frame);
}

static long stack_id(struct stack_map *smap, const u64 *ips, u32 nr, u64 flags)
{
	bool build_id = stack_map_build_id(&smap->map) && flags & BPF_F_USER_STACK;
	u32 frame = frame_size(stack_map_build_id(&smap->map)), hash, id;
	struct stack_bucket *b, *new;
	bool same;

	hash = jhash2((const u32 *)ips, nr * 2, 0);
	id = hash & (smap->n_buckets - 1);
	b = READ_ONCE(smap->buckets[id]);
	same = b && b->hash == hash;
	if (same && flags & BPF_F_FAST_STACK_CMP)
		return id;
	if (same && frame == sizeof(u64) && bucket_same(b, ips, nr, frame))
		return id;
	if (b && frame == sizeof(u64) && !(flags & BPF_F_REUSE_STACKID))
		return -EEXIST;

	new = bucket_get(smap);
	if (unlikely(!new))
		return -ENOMEM;
	new->hash = hash;
	new->nr = nr;
	if (frame == sizeof(u64)) {
		memcpy(new->data, ips, nr * sizeof(u64));
	} else {
		to_build_ids((void *)new->data, ips, build_id ? nr : 0);
		if (same && bucket_same(b, new->data, nr, frame)) {
			bucket_put(smap, new);
			return id;
		}
		if (b && !(flags & BPF_F_REUSE_STACKID)) {
			bucket_put(smap, new);
			return -EEXIST;
		}
	}
	bucket_set(smap, id, new);
	return id;
}

/*
 * The frames of a call chain behind those to be skipped; NULL: none. Chains are in memory of the
 * CPU, for whoever takes the next one there: preemption stays off until they are used up.
 */
static const u64 *chain_frames(const struct perf_callchain_entry *chain, u32 skip, u32 max, u32 *nr)
{
	if (!chain || chain->nr <= skip)
		return NULL;
	*nr = min_t(u32, chain->nr - skip, max);
	return chain->ip + skip;
}

static long get_stackid(struct pt_regs *regs, struct bpf_map *map, u64 flags)
{
	struct stack_map *smap = container_of(map, struct stack_map, map);
	u32 max = map->value_size / frame_size(stack_map_build_id(map));
	u32 skip = flags & BPF_F_SKIP_FIELD_MASK, nr;
	bool user = flags & BPF_F_USER_STACK;
	const u64 *ips;

	if (unlikely(flags & ~STACK_FLAGS))
		return -EINVAL;
	guard(preempt)();
	ips = chain_frames(get_perf_callchain(regs, !user, user,
					      min_t(u32, max + skip, sysctl_perf_event_max_stack),
					      false, false), skip, max, &nr);
	return ips ? stack_id(smap, ips, nr, flags) : -EFAULT;
}

/* ------------------------------------------------------------------ get_stack */

static long put_frames(void *buf, u32 size, const u64 *ips, u32 nr, bool build_id)
{
	u32 bytes = nr * frame_size(build_id);

	if (build_id)
		to_build_ids(buf, ips, nr);
	else
		memcpy(buf, ips, bytes);
	memset(buf + bytes, 0, size - bytes);
	return bytes;
}

static int check_get(u32 size, u64 flags)
{
	bool build_id = flags & BPF_F_USER_BUILD_ID;

	if (unlikely(flags & ~GET_FLAGS))
		return -EINVAL;
	if (build_id && !(flags & BPF_F_USER_STACK))
		return -EINVAL;
	return size % frame_size(build_id) ? -EINVAL : 0;
}

static long get_stack(struct pt_regs *regs, const struct perf_callchain_entry *chain, void *buf,
		      u32 size, u64 flags)
{
	bool user = flags & BPF_F_USER_STACK, build_id = flags & BPF_F_USER_BUILD_ID;
	u32 skip = flags & BPF_F_SKIP_FIELD_MASK, max = size / frame_size(build_id), nr;
	const u64 *ips = NULL;
	long err;

	guard(preempt)();
	err = check_get(size, flags);
	if (unlikely(err) || !size)
		goto clear;
	/* a task without user space has no user stack */
	err = -EFAULT;
	if (user && !user_mode(regs) && !current->mm)
		goto clear;
	if (!chain)
		chain = get_perf_callchain(regs, !user, user,
					   min_t(u32, max + skip, sysctl_perf_event_max_stack),
					   false, false);
	ips = chain_frames(chain, skip, max, &nr);
	if (ips)
		return put_frames(buf, size, ips, nr, build_id);
clear:
	memset(buf, 0, size);
	return err;
}

/* ------------------------------------------------------------------ by context */

BPF_CALL_3(bpf_get_stackid, struct pt_regs *, regs, struct bpf_map *, map, u64, flags)
{
	return get_stackid(regs, map, flags);
}

BPF_CALL_3(bpf_get_stackid_tp, void *, record, struct bpf_map *, map, u64, flags)
{
	return get_stackid(*(struct pt_regs **)record, map, flags);
}

BPF_CALL_3(bpf_get_stackid_pe, struct bpf_perf_event_data_kern *, ctx, struct bpf_map *, map, u64,
	   flags)
{
	return get_stackid(ctx->regs, map, flags);
}

static DEFINE_PER_CPU(struct pt_regs, raw_regs[3]);
static DEFINE_PER_CPU(int, raw_level);

/*
 * Registers of a helper's caller, which is the program; raw_regs_put() after use. NULL: nested too
 * deep. Part of the helper itself, however the compiler sees that: the caller of this is meant.
 */
static __always_inline struct pt_regs *raw_regs_get(void)
{
	struct pt_regs *regs;
	int level;

	preempt_disable();
	level = this_cpu_inc_return(raw_level) - 1;
	if (unlikely(level >= (int)ARRAY_SIZE(raw_regs))) {
		this_cpu_dec(raw_level);
		preempt_enable();
		return NULL;
	}
	regs = this_cpu_ptr(&raw_regs[level]);
	perf_arch_fetch_caller_regs(regs, CALLER_ADDR0);
	return regs;
}

static void raw_regs_put(void)
{
	this_cpu_dec(raw_level);
	preempt_enable();
}

BPF_CALL_3(bpf_get_stackid_raw, void *, args, struct bpf_map *, map, u64, flags)
{
	struct pt_regs *regs = raw_regs_get();
	long ret;

	if (!regs)
		return -EBUSY;
	ret = get_stackid(regs, map, flags);
	raw_regs_put();
	return ret;
}

BPF_CALL_4(bpf_get_stack, struct pt_regs *, regs, void *, buf, u32, size, u64, flags)
{
	return get_stack(regs, NULL, buf, size, flags);
}

BPF_CALL_4(bpf_get_stack_tp, void *, record, void *, buf, u32, size, u64, flags)
{
	return get_stack(*(struct pt_regs **)record, NULL, buf, size, flags);
}

BPF_CALL_4(bpf_get_stack_pe, struct bpf_perf_event_data_kern *, ctx, void *, buf, u32, size, u64,
	   flags)
{
	return get_stack(ctx->regs, NULL, buf, size, flags);
}

BPF_CALL_4(bpf_get_stack_raw, void *, args, void *, buf, u32, size, u64, flags)
{
	struct pt_regs *regs = raw_regs_get();
	long ret;

	if (!regs) {
		memset(buf, 0, size);
		return -EBUSY;
	}
	ret = get_stack(regs, NULL, buf, size, flags);
	raw_regs_put();
	return ret;
}

/* Another task's stack, while it does not run. */
BPF_CALL_4(bpf_get_task_stack, struct task_struct *, task, void *, buf, u32, size, u64, flags)
{
	u32 skip = flags & BPF_F_SKIP_FIELD_MASK, nr;
	long err = check_get(size, flags);

	if (!err && flags & BPF_F_USER_STACK) {
		struct pt_regs *regs = task == current ? task_pt_regs(task) : NULL;

		/* only current's user memory is at hand */
		if (regs)
			return get_stack(regs, NULL, buf, size, flags);
		err = -EOPNOTSUPP;
	}
	if (err || !try_get_task_stack(task)) {
		memset(buf, 0, size);
		return err ?: -EFAULT;
	}
	nr = stack_trace_save_tsk(task, buf, size / sizeof(u64), skip);
	put_task_stack(task);
	memset(buf + nr * sizeof(u64), 0, size - nr * sizeof(u64));
	return nr * sizeof(u64);
}

#define STACKID_PROTO(_name)					\
const struct bpf_func_proto _name##_proto = {			\
	.func = _name,						\
	.name = "bpf_get_stackid",				\
	.gpl_only = true,					\
	.ret_type = RET_INTEGER,				\
	.arg1_type = ARG_PTR_TO_CTX,				\
	.arg2_type = ARG_CONST_MAP_PTR,				\
	.arg3_type = ARG_ANYTHING,				\
}

#define STACK_PROTO(_name)					\
const struct bpf_func_proto _name##_proto = {			\
	.func = _name,						\
	.name = "bpf_get_stack",				\
	.gpl_only = true,					\
	.ret_type = RET_INTEGER,				\
	.arg1_type = ARG_PTR_TO_CTX,				\
	.arg2_type = ARG_PTR_TO_UNINIT_MEM,			\
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,			\
	.arg4_type = ARG_ANYTHING,				\
}

STACKID_PROTO(bpf_get_stackid);
STACKID_PROTO(bpf_get_stackid_tp);
STACKID_PROTO(bpf_get_stackid_pe);
STACKID_PROTO(bpf_get_stackid_raw);
STACK_PROTO(bpf_get_stack);
STACK_PROTO(bpf_get_stack_tp);
STACK_PROTO(bpf_get_stack_pe);
STACK_PROTO(bpf_get_stack_raw);

const struct bpf_func_proto bpf_get_task_stack_proto = {
	.func = bpf_get_task_stack,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &btf_tracing_ids[BTF_TRACING_TYPE_TASK],
	.arg2_type = ARG_PTR_TO_UNINIT_MEM,
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,
	.arg4_type = ARG_ANYTHING,
};
