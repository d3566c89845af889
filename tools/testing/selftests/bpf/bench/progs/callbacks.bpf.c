// SPDX-License-Identifier: GPL-2.0
/* bpf_loop, for_each over maps of several kinds, and timers that arm themselves again. */
#include "net.h"

struct item {
	struct bpf_timer timer;
	__u64 ticks;
	__u64 expires;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct item);
} items SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 128);
	__type(key, __u32);
	__type(value, __u64);
} sums SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 32);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

struct tally {
	__u64 sum;
	__u32 seen;
	__u32 oldest;
};

__u64 grand;

static int on_timer(void *map, __u32 *key, struct item *it)
{
	it->ticks++;
	if (it->ticks > 10) {
		bpf_map_delete_elem(map, key);
		return 0;
	}
	bpf_timer_start(&it->timer, 1000000 * it->ticks, 0);
	return 0;
}

static long each_sum(void *map, __u32 *key, __u64 *value, struct tally *t)
{
	t->sum += *value;
	t->seen++;
	if (*value > 1000)
		bpf_map_delete_elem(map, key);
	return t->seen > 100;
}

static long each_slot(void *map, __u32 *key, __u64 *value, struct tally *t)
{
	if (*value < t->oldest)
		t->oldest = *value;
	*value += *key;
	return 0;
}

static long inner(__u32 i, struct tally *t)
{
	t->sum += i;
	return 0;
}

static long outer(__u32 i, struct tally *t)
{
	if (t->sum > 1 << 20)
		return 1;
	bpf_loop(i & 15, inner, t, 0);
	return 0;
}

SEC("tc")
int loops(struct __sk_buff *skb)
{
	struct tally t = { .oldest = -1 };

	bpf_for_each_map_elem(&sums, each_sum, &t, 0);
	bpf_for_each_map_elem(&table, each_slot, &t, 0);
	bpf_loop(100, outer, &t, 0);
	grand += t.sum;
	skb->mark = t.oldest;
	return TC_OK;
}

SEC("tc")
int timers(struct __sk_buff *skb)
{
	struct item *it, blank = {};
	__u32 key = skb->hash;

	it = bpf_map_lookup_elem(&items, &key);
	if (!it) {
		bpf_map_update_elem(&items, &key, &blank, BPF_NOEXIST);
		it = bpf_map_lookup_elem(&items, &key);
		if (!it)
			return TC_OK;
		if (bpf_timer_init(&it->timer, &items, 1))
			return TC_OK;
		bpf_timer_set_callback(&it->timer, on_timer);
	}
	it->expires = bpf_ktime_get_ns() + 1000000;
	bpf_timer_start(&it->timer, 1000000, 0);
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
