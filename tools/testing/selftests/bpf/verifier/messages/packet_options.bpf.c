// SPDX-License-Identifier: GPL-2.0
/* The IP header's length moves the pointer behind the comparison. */
// EXPECT: invalid access to packet
// EXPECT: a number that is not a constant was added to
// EXPECT: hint: Compare the pointer as it is accessed, after the addition
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = data + sizeof(struct ethhdr);
	struct tcphdr *tcp;

	if ((void *)(ip + 1) + sizeof(*tcp) > end)
		return XDP_PASS;
	tcp = (void *)ip + ip->ihl * 4;
	return tcp->dest ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
