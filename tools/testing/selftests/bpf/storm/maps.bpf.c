// SPDX-License-Identifier: GPL-2.0
/* The same work on maps of each kind from programs in different contexts. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "maps.h"

char LICENSE[] SEC("license") = "GPL";

struct lpm_key {
	__u32 prefixlen;
	__u32 addr;
};

#define HASH(name, kind, flags)				\
struct {						\
	__uint(type, BPF_MAP_TYPE_##kind);		\
	__uint(max_entries, ENTRIES);			\
	__uint(map_flags, flags);			\
	__type(key, __u32);				\
	__type(value, __u64);				\
} name SEC(".maps")

HASH(hash, HASH, 0);
HASH(hash_grows, HASH, BPF_F_NO_PREALLOC);
HASH(percpu, PERCPU_HASH, 0);
HASH(percpu_grows, PERCPU_HASH, BPF_F_NO_PREALLOC);
HASH(lru, LRU_HASH, 0);
HASH(lru_percpu, LRU_PERCPU_HASH, 0);
HASH(array, ARRAY, 0);
HASH(percpu_array, PERCPU_ARRAY, 0);

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(max_entries, ENTRIES);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct lpm_key);
	__type(value, __u64);
} lpm SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_QUEUE);
	__uint(max_entries, ENTRIES);
	__type(value, __u64);
} queue SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK);
	__uint(max_entries, ENTRIES);
	__type(value, __u64);
} stack SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, ENTRIES);
	__uint(key_size, 4);
	__uint(value_size, 20 * 8);
} stacks SEC(".maps");

struct timed {
	struct bpf_timer timer;
	__u64 n;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, ENTRIES);
	__type(key, __u32);
	__type(value, struct timed);
} timed SEC(".maps");

struct counts counts;

#define ADD(var, n) __sync_fetch_and_add(&(var), n)

#define ROUND(map, key, val)						\
	do {								\
		bpf_map_update_elem(&(map), key, &(val), BPF_ANY);	\
		__u64 *found_ = bpf_map_lookup_elem(&(map), key);		\
		if (found_)						\
			ADD(*found_, 1);				\
		if ((val) & 1)						\
			bpf_map_delete_elem(&(map), key);			\
	} while (0)

/* One turn with random keys. In an interrupted operation some of it says -EBUSY. */
static __noinline int turn(enum where where)
{
	__u32 r = bpf_get_prandom_u32(), key = r % KEYS, cell = r % ENTRIES;
	struct lpm_key lk = { .prefixlen = 8 + r % 25, .addr = bpf_get_prandom_u32() };
	__u64 val = r >> 8, *rec;

	if (where >= WHERES)
		return 0;
	ADD(counts.runs[where], 1);
	ROUND(hash, &key, val);
	ROUND(hash_grows, &key, val);
	ROUND(percpu, &key, val);
	ROUND(percpu_grows, &key, val);
	ROUND(lru, &key, val);
	ROUND(lru_percpu, &key, val);
	ROUND(lpm, &lk, val);
	bpf_map_update_elem(&array, &cell, &val, 0);
	bpf_map_update_elem(&percpu_array, &cell, &val, 0);

	if (!bpf_map_push_elem(&queue, &val, 0))
		ADD(counts.in_queue, 1);
	if (val & 2 && !bpf_map_pop_elem(&queue, &val))
		ADD(counts.in_queue, -1);
	if (!bpf_map_push_elem(&stack, &val, 0))
		ADD(counts.in_stack, 1);
	if (val & 2 && !bpf_map_pop_elem(&stack, &val))
		ADD(counts.in_stack, -1);

	rec = bpf_ringbuf_reserve(&ring, sizeof(*rec), 0);
	if (rec) {
		*rec = where;
		/* what is discarded is not seen */
		if (val & 4) {
			bpf_ringbuf_discard(rec, 0);
		} else {
			ADD(counts.records, 1);
			bpf_ringbuf_submit(rec, 0);
		}
	}
	return 0;
}

/* System calls of the test's own process, so that the rest of the guest goes its way. */
SEC("raw_tp/sys_enter")
int in_task(void *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 != counts.owner)
		return 0;
	bpf_get_stackid(ctx, &stacks, 0);
	return turn(IN_TASK);
}

SEC("perf_event")
int in_hardirq(struct bpf_perf_event_data *ctx)
{
	bpf_get_stackid(ctx, &stacks, 0);
	return turn(IN_HARDIRQ);
}

/* Functions of the maps themselves: locks are held, and elements half way in or out. */
SEC("kprobe/bpf_pool_pop")
int in_pop(struct pt_regs *ctx)
{
	return turn(IN_MAP);
}

SEC("kprobe/bpf_pool_push")
int in_push(struct pt_regs *ctx)
{
	return turn(IN_MAP);
}

SEC("fentry/bpf_mem_alloc")
int BPF_PROG(in_alloc)
{
	return turn(IN_MAP);
}

SEC("fexit/bpf_mem_free_rcu")
int BPF_PROG(in_free)
{
	return turn(IN_MAP);
}

static int expired(void *map, __u32 *key, struct timed *t)
{
	turn(IN_TIMER);
	/* its own element goes away below it now and then */
	if (t->n++ & 1)
		bpf_map_delete_elem(&timed, key);
	else
		bpf_timer_start(&t->timer, 100000, 0);
	return 0;
}

SEC("tc")
int in_softirq(struct __sk_buff *skb)
{
	__u32 key = bpf_get_prandom_u32() % KEYS;
	struct timed fresh = {}, *t;

	turn(IN_SOFTIRQ);
	bpf_map_update_elem(&timed, &key, &fresh, BPF_ANY);
	t = bpf_map_lookup_elem(&timed, &key);
	if (!t || bpf_timer_init(&t->timer, &timed, 1))
		return 0;
	bpf_timer_set_callback(&t->timer, expired);
	bpf_timer_start(&t->timer, 50000, 0);
	return 0;
}
