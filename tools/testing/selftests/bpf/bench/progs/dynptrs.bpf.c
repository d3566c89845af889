// SPDX-License-Identifier: GPL-2.0
/* Dynptrs over packets, ring buffer records and map values. */
#include "net.h"

extern int bpf_dynptr_from_skb(struct __sk_buff *skb, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern int bpf_dynptr_from_xdp(struct xdp_md *xdp, __u64 flags, struct bpf_dynptr *ptr) __ksym;
extern void *bpf_dynptr_slice(const struct bpf_dynptr *ptr, __u32 offset, void *buffer,
			      __u32 buffer__szk) __ksym;
extern void *bpf_dynptr_slice_rdwr(const struct bpf_dynptr *ptr, __u32 offset, void *buffer,
				   __u32 buffer__szk) __ksym;

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[256]);
} memory SEC(".maps");

SEC("tc")
int from_skb(struct __sk_buff *skb)
{
	__u8 ebuf[sizeof(struct ethhdr)], ibuf[sizeof(struct iphdr)];
	struct bpf_dynptr p;
	struct ethhdr *eth;
	struct iphdr *ip;

	if (bpf_dynptr_from_skb(skb, 0, &p))
		return TC_SHOT;
	eth = bpf_dynptr_slice(&p, 0, ebuf, sizeof(ebuf));
	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return TC_OK;
	ip = bpf_dynptr_slice_rdwr(&p, ETH_HLEN, ibuf, sizeof(ibuf));
	if (!ip)
		return TC_SHOT;
	if (ip->ttl < 2)
		return TC_SHOT;
	ip->tos |= 0xb8;
	if ((void *)ip == (void *)ibuf)
		bpf_dynptr_write(&p, ETH_HLEN, ibuf, sizeof(ibuf), 0);
	return TC_OK;
}

SEC("xdp")
int from_xdp(struct xdp_md *xdp)
{
	__u8 buf[sizeof(struct ethhdr) + sizeof(struct iphdr)];
	struct bpf_dynptr p;
	struct iphdr *ip;
	void *head;

	if (bpf_dynptr_from_xdp(xdp, 0, &p))
		return XDP_ABORTED;
	head = bpf_dynptr_slice(&p, 0, buf, sizeof(buf));
	if (!head)
		return XDP_PASS;
	if (((struct ethhdr *)head)->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = head + sizeof(struct ethhdr);
	return ip->protocol == PROTO_ICMP ? XDP_DROP : XDP_PASS;
}

SEC("tc")
int to_ring(struct __sk_buff *skb)
{
	__u32 len = skb->len, off = 0, zero = 0;
	struct bpf_dynptr rec, mem;
	__u8 chunk[32];
	__u8 *area;

	if (len > 1024)
		len = 1024;
	if (bpf_ringbuf_reserve_dynptr(&out, len + 4, 0, &rec)) {
		bpf_ringbuf_discard_dynptr(&rec, 0);
		return TC_OK;
	}
	bpf_dynptr_write(&rec, 0, &len, sizeof(len), 0);
	for (int i = 0; i < 32; i++) {
		if (off + sizeof(chunk) > len)
			break;
		if (bpf_skb_load_bytes(skb, off, chunk, sizeof(chunk)))
			break;
		if (bpf_dynptr_write(&rec, off + 4, chunk, sizeof(chunk), 0))
			break;
		off += sizeof(chunk);
	}
	area = bpf_map_lookup_elem(&memory, &zero);
	if (area && !bpf_dynptr_from_mem(area, 256, 0, &mem)) {
		__u32 *word = bpf_dynptr_data(&mem, 16, 4);

		if (word)
			*word = off;
		bpf_dynptr_read(chunk, 8, &mem, 8, 0);
	}
	bpf_ringbuf_submit_dynptr(&rec, 0);
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
