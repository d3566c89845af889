// SPDX-License-Identifier: GPL-2.0
/* Sections that libbpf does not know, and a function of another program. */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("classifier/mark")
int mark(struct __sk_buff *skb)
{
	skb->mark = 7;
	return 0;
}

SEC("action")
int act(struct __sk_buff *skb)
{
	return 2;
}

SEC("unheard-of")
int unheard(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("freplace/count")
int replaced(struct xdp_md *ctx)
{
	return XDP_DROP;
}

char _license[] SEC("license") = "GPL";
