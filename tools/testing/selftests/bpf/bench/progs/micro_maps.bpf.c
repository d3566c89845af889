// SPDX-License-Identifier: GPL-2.0
/* Maps and helpers in short loops. */
#include "net.h"

__u64 sink;

struct wide {
	__u64 a, b, c, d;
};

#define MAP(name, kind, ktype, vtype, n)	\
struct {					\
	__uint(type, kind);			\
	__uint(max_entries, n);			\
	__type(key, ktype);			\
	__type(value, vtype);			\
} name SEC(".maps")

MAP(numbers, BPF_MAP_TYPE_ARRAY, __u32, __u64, 64);
MAP(numbers_cpu, BPF_MAP_TYPE_PERCPU_ARRAY, __u32, __u64, 64);
MAP(table4, BPF_MAP_TYPE_HASH, __u32, __u64, 1024);
MAP(table8, BPF_MAP_TYPE_HASH, __u64, __u64, 1024);
MAP(table32, BPF_MAP_TYPE_HASH, struct wide, __u64, 1024);
MAP(table_cpu, BPF_MAP_TYPE_PERCPU_HASH, __u32, __u64, 1024);
MAP(recent, BPF_MAP_TYPE_LRU_HASH, __u32, __u64, 1024);

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} ring SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 64);
	__type(key, __u64);
	__type(value, __u64);
} prefixes SEC(".maps");

#define TIMES(name, map, ktype, make)				\
SEC("xdp")							\
int name(struct xdp_md *ctx)					\
{								\
	__u64 sum = 0, one = 1, *v;				\
								\
	for (__u32 i = 0; i < 16; i++) {			\
		ktype key = make;				\
								\
		v = bpf_map_lookup_elem(&map, &key);		\
		if (v) {					\
			*v += 1;				\
			sum += *v;				\
		} else {					\
			bpf_map_update_elem(&map, &key, &one, BPF_ANY);	\
		}						\
	}							\
	sink = sum;						\
	return XDP_PASS;					\
}

TIMES(array_16, numbers, __u32, i * 3)
TIMES(percpu_array_16, numbers_cpu, __u32, i * 3)
TIMES(hash4_16, table4, __u32, i * 7)
TIMES(hash8_16, table8, __u64, i * 0x100000007ULL)
TIMES(hash32_16, table32, struct wide, ((struct wide){ i, 2, 3, i }))
TIMES(percpu_hash_16, table_cpu, __u32, i * 7)
TIMES(lru_16, recent, __u32, i * 7)
TIMES(lpm_16, prefixes, __u64, ((__u64)i << 32 | 32))

SEC("xdp")
int churn(struct xdp_md *ctx)
{
	__u64 v = 1;

	for (__u32 i = 0; i < 8; i++) {
		__u32 key = i + 100;

		bpf_map_update_elem(&table4, &key, &v, BPF_ANY);
		bpf_map_delete_elem(&table4, &key);
	}
	return XDP_PASS;
}

SEC("xdp")
int ring_16(struct xdp_md *ctx)
{
	for (int i = 0; i < 16; i++) {
		__u64 *r = bpf_ringbuf_reserve(&ring, 32, 0);

		if (!r)
			return XDP_DROP;
		r[0] = i;
		bpf_ringbuf_discard(r, BPF_RB_NO_WAKEUP);
	}
	return XDP_PASS;
}

SEC("xdp")
int helpers(struct xdp_md *ctx)
{
	__u64 x = 0;

	for (int i = 0; i < 16; i++) {
		x += bpf_get_smp_processor_id();
		x ^= bpf_ktime_get_ns();
	}
	sink = x;
	return XDP_PASS;
}

static long add(__u32 i, __u64 *sum)
{
	*sum += i;
	return 0;
}

SEC("xdp")
int callback_64(struct xdp_md *ctx)
{
	__u64 sum = 0;

	bpf_loop(64, add, &sum, 0);
	sink = sum;
	return XDP_PASS;
}

static long each(void *map, __u32 *key, __u64 *value, __u64 *sum)
{
	*sum += *value;
	return 0;
}

SEC("xdp")
int for_each_64(struct xdp_md *ctx)
{
	__u64 sum = 0;

	bpf_for_each_map_elem(&numbers, each, &sum, 0);
	sink = sum;
	return XDP_PASS;
}

char _license[] SEC("license") = "GPL";
