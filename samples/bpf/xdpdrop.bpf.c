// SPDX-License-Identifier: GPL-2.0
/*
 * Drops ICMP as soon as it arrives and counts what passes and what does not, on each CPU for
 * itself.
 *
 *	ip link set dev veth0 xdp obj xdpdrop.bpf.o sec xdp
 *	bpftool map dump name packets
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum { PASSED, DROPPED, NR_COUNTERS };

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, NR_COUNTERS);
	__type(key, __u32);
	__type(value, __u64);
} packets SEC(".maps");

static int count(__u32 which, int verdict)
{
	__u64 *cnt = bpf_map_lookup_elem(&packets, &which);

	if (cnt)
		(*cnt)++;
	return verdict;
}

SEC("xdp")
int drop_icmp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return count(PASSED, XDP_PASS);
	if (ip->protocol == IPPROTO_ICMP)
		return count(DROPPED, XDP_DROP);
	return count(PASSED, XDP_PASS);
}

char _license[] SEC("license") = "GPL";
