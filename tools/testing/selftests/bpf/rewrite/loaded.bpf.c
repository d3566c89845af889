// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that are rewritten in every way there is before they run. Each looks at itself and
 * returns GOOD; the packet is the one of loaded.c: 128 bytes, IPv4, all else 0.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#define GOOD	100
#define MARK	0x11223344

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} progs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

const volatile int never;
int global = 5;

long long load_half(void *skb, long long off) asm("llvm.bpf.load.half");

/* Parts of a field, and a field that is somewhere else in the kernel. */
SEC("tc")
int narrow_loads(struct __sk_buff *skb)
{
	volatile __u8 *byte = (void *)&skb->mark;
	volatile __u16 *half = (void *)&skb->mark;

	skb->mark = MARK;
	if (byte[0] != 0x44 || byte[1] != 0x33 || byte[2] != 0x22 || byte[3] != 0x11)
		return 1;
	if (half[0] != 0x3344 || half[1] != 0x1122)
		return 2;
	skb->cb[3] = 7;
	return skb->cb[3] == 7 && skb->len == 128 ? GOOD : 3;
}

/* Begins with a prologue that makes the packet writable. */
SEC("tc")
int packet_write(struct __sk_buff *skb)
{
	__u8 *data = (void *)(long)skb->data, *end = (void *)(long)skb->data_end;

	if (data + 60 > end)
		return 1;
	data[20] = 0x5a;
	return data[20] == 0x5a && data[14] == 0x45 ? GOOD : 2;
}

SEC("tc")
int legacy_loads(struct __sk_buff *skb)
{
	return load_half(skb, 12) == ETH_P_IP ? GOOD : 1;
}

/* Outside of the packet: the program ends with 0. */
SEC("tc")
int legacy_load_outside(struct __sk_buff *skb)
{
	return load_half(skb, 12000) + 5;
}

/* One look-up becomes instructions, the others calls of the map's own functions. */
SEC("tc")
int map_calls(struct __sk_buff *skb)
{
	__u32 key = 3, out = 8;
	__u64 *slot, val = 11;

	slot = bpf_map_lookup_elem(&array, &key);
	if (!slot || bpf_map_lookup_elem(&array, &out))
		return 1;
	*slot = 17;
	if (bpf_map_update_elem(&hash, &key, &val, BPF_ANY))
		return 2;
	slot = bpf_map_lookup_elem(&hash, &key);
	if (!slot || *slot != 11 || bpf_map_lookup_elem(&hash, &out))
		return 3;
	if (bpf_map_delete_elem(&hash, &key) || bpf_map_lookup_elem(&hash, &key))
		return 4;
	slot = bpf_map_lookup_elem(&array, &key);
	return slot && *slot == 17 ? GOOD : 5;
}

struct inner_hash {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} inner_hash SEC(".maps"), other_hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner_hash);
} by_number SEC(".maps") = { .values = { [5] = &inner_hash } };

struct inner_array {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} inner_array SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS);
	__uint(max_entries, 8);
	__type(key, __u32);
	__array(values, struct inner_array);
} by_index SEC(".maps") = { .values = { [2] = &inner_array } };

/* Maps that are found by look-ups: inside of a table, where a slot is empty, in an array. */
SEC("tc")
int inner_map_calls(struct __sk_buff *skb)
{
	__u32 number = 5, none = 6, key = 3;
	__u64 *slot, val = 11;
	void *map;

	if (bpf_map_lookup_elem(&by_number, &none) || bpf_map_lookup_elem(&by_index, &none))
		return 1;
	map = bpf_map_lookup_elem(&by_number, &number);
	if (!map)
		return 2;
	if (bpf_map_lookup_elem(map, &key) || bpf_map_update_elem(map, &key, &val, BPF_NOEXIST))
		return 3;
	slot = bpf_map_lookup_elem(map, &key);
	if (!slot || *slot != 11)
		return 4;
	slot = bpf_map_lookup_elem(&inner_hash, &key);
	if (!slot || *slot != 11 || bpf_map_lookup_elem(&other_hash, &key))
		return 5;
	if (bpf_map_delete_elem(map, &key) || bpf_map_lookup_elem(map, &key))
		return 6;
	number = 2;
	map = bpf_map_lookup_elem(&by_index, &number);
	slot = map ? bpf_map_lookup_elem(map, &key) : NULL;
	if (!slot)
		return 7;
	*slot = 12;
	key = 4;
	if (bpf_map_lookup_elem(map, &key))
		return 8;
	key = 3;
	slot = bpf_map_lookup_elem(&inner_array, &key);
	return slot && *slot == 12 ? GOOD : 9;
}

volatile __u32 nothing;

/* One call for maps of one kind, of which there are two, and one for maps of two kinds. */
SEC("tc")
int many_maps(struct __sk_buff *skb)
{
	__u64 *slot, val, sum = 0;
	__u32 key = 1;
	void *map;

	for (int i = 0; i < 2; i++) {
		map = i ^ nothing ? (void *)&inner_hash : (void *)&other_hash;
		val = 10 + i;
		if (bpf_map_update_elem(map, &key, &val, BPF_ANY))
			return 1;
	}
	for (int i = 0; i < 2; i++) {
		map = i ^ nothing ? (void *)&inner_hash : (void *)&inner_array;
		val = 20 + i;
		if (bpf_map_update_elem(map, &key, &val, BPF_ANY))
			return 2;
	}
	for (int i = 0; i < 3; i++) {
		map = i ^ nothing ? (void *)&other_hash : (void *)&inner_array;
		if (i == 2)
			map = &inner_hash;
		slot = bpf_map_lookup_elem(map, &key);
		if (!slot)
			return 3;
		sum = sum * 100 + *slot;
	}
	return sum == 201021 ? GOOD : 4;
}

static long add_key(void *map, __u32 *key, __u64 *val, __u64 *sum)
{
	*sum += *key + 1;
	return 0;
}

static long add_index(__u32 index, __u64 *sum)
{
	*sum += index;
	return index == 9;
}

SEC("tc")
int callbacks(struct __sk_buff *skb)
{
	__u64 keys = 0, indexes = 0;

	bpf_for_each_map_elem(&array, add_key, &keys, 0);
	bpf_loop(100, add_index, &indexes, 0);
	return keys == 36 && indexes == 45 ? GOOD : 1;
}

__noinline int factorial(int n, int *out)
{
	int i, res = 1;

	if (!out)
		return 0;
	for (i = 1; i <= n && i < 10; i++)
		res *= i;
	*out = res;
	return res;
}

SEC("tc")
int global_function(struct __sk_buff *skb)
{
	int out = 0;

	return factorial(global, &out) == 120 && out == 120 ? GOOD : out;
}

/* Nothing of what is behind a condition that never holds is left. */
SEC("tc")
int dead_code(struct __sk_buff *skb)
{
	if (never == 3) {
		bpf_tail_call(skb, &progs, 0);
		return factorial(3, &global);
	}
	return GOOD;
}

SEC("tc")
int may_goto(struct __sk_buff *skb)
{
	__u64 rounds = 0;

	/* may_goto to the end; once more around */
	asm volatile("1: .byte 0xe5; .byte 0; .short 2; .long 0;"
		     "%[rounds] += 1;"
		     "goto 1b;"
		     : [rounds] "+r"(rounds));
	return rounds > 1000 ? GOOD : 1;
}

static __noinline int tail_of_sub(struct __sk_buff *skb, __u32 index)
{
	bpf_tail_call(skb, &progs, index);
	return 7;
}

/* From a subprogram, where there is no target. */
SEC("tc")
int tail_call_misses(struct __sk_buff *skb)
{
	return tail_of_sub(skb, 1) == 7 && tail_of_sub(skb, 4) == 7 ? GOOD : 1;
}

SEC("tc")
int tail_target(struct __sk_buff *skb)
{
	return GOOD;
}

SEC("tc")
int tail_call_hits(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &progs, 0);
	return 1;
}

SEC("xdp")
int xdp_context(struct xdp_md *ctx)
{
	__u8 *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	__u32 i, sum = 0;

	if (data + 64 > end)
		return 1;
	for (i = 0; i < 64; i++)
		sum += data[i];
	return sum == 0x08 + 0x45 ? GOOD : 2;
}
