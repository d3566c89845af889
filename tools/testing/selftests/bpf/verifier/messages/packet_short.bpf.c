// SPDX-License-Identifier: GPL-2.0
/* The Ethernet header was compared, the IP header was not. */
// EXPECT: invalid access to packet, off=23 size=1
// EXPECT: comparisons on this path show 14 bytes of the packet, and the access ends at byte 24
// EXPECT: hint: Before the access
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_helpers.h>

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);

	if ((void *)(eth + 1) > end)
		return XDP_PASS;
	return ip->protocol == 6 ? XDP_DROP : XDP_PASS;
}

char LICENSE[] SEC("license") = "GPL";
