// SPDX-License-Identifier: GPL-2.0
/* Programs for the tests of clients: accepted, counting in a map and in global data. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__type(key, int);
	__type(value, long);
	__uint(max_entries, 16);
} counts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} events SEC(".maps");

int total = 5;

SEC("xdp")
int count(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	long one = 1, *value;
	int key = 1;

	value = bpf_map_lookup_elem(&counts, &key);
	if (value)
		(*value)++;
	else
		bpf_map_update_elem(&counts, &key, &one, BPF_ANY);
	if (data + 14 > end)
		return XDP_ABORTED;
	((char *)data)[0] ^= 1;
	total++;
	bpf_ringbuf_output(&events, &total, sizeof(total), 0);
	return XDP_PASS;
}

SEC("tc")
int length(struct __sk_buff *skb)
{
	return skb->len;
}

#ifdef BAD
SEC("xdp")
int unchecked(struct xdp_md *ctx)
{
	return *(int *)(long)ctx->data;
}
#endif

char _license[] SEC("license") = "GPL";
