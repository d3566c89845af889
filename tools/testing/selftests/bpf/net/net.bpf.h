/* SPDX-License-Identifier: GPL-2.0 */
/* What programs of the network suites share. */
#ifndef SELFTESTS_BPF_NET_BPF_H
#define SELFTESTS_BPF_NET_BPF_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/pkt_cls.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u64);
	__type(value, __u64);
} seen SEC(".maps");

/* Counts an event @what at @where, which are what the two mean to the test. */
static __always_inline void count(__u32 where, __u32 what)
{
	__u64 key = (__u64)where << 32 | what, zero = 0, *n;

	bpf_map_update_elem(&seen, &key, &zero, BPF_NOEXIST);
	n = bpf_map_lookup_elem(&seen, &key);
	if (n)
		__sync_fetch_and_add(n, 1);
}

/* Destination port of a UDP packet over IPv4 that begins at @data, 0 for any other. */
static __always_inline __u32 udp_port(void *data, void *end)
{
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);
	struct udphdr *udp = (void *)(ip + 1);

	if ((void *)(udp + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP) ||
	    ip->protocol != IPPROTO_UDP)
		return 0;
	return bpf_ntohs(udp->dest);
}

#define DATA(ctx)	((void *)(long)(ctx)->data)
#define DATA_END(ctx)	((void *)(long)(ctx)->data_end)

#endif /* SELFTESTS_BPF_NET_BPF_H */
