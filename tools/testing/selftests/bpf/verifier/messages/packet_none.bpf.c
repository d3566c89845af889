// SPDX-License-Identifier: GPL-2.0
/* The first byte of the IP header, without a look at how long the packet is. */
// EXPECT: invalid access to packet, off=12 size=1
// EXPECT: offset is outside of the packet
// EXPECT: no comparison with data_end on this path says that the packet has the 13 bytes that are needed
// EXPECT: hint: Before the access: if ((void *)(header + 1) > data_end) return
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

SEC("xdp")
int filter(struct xdp_md *ctx)
{
	struct ethhdr *eth = (void *)(long)ctx->data;

	if (eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	return XDP_DROP;
}

char LICENSE[] SEC("license") = "GPL";
