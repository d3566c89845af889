// SPDX-License-Identifier: GPL-2.0
/* Programs for link.c and virtio.c. */
#include "count.bpf.h"
#include "link.h"

#define EINVAL 22

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} out SEC(".maps");

static __always_inline int pass_port(struct xdp_md *ctx)
{
	if (udp_port(DATA(ctx), DATA_END(ctx)) == PORT)
		count(BY_PASS, PORT);
	return XDP_PASS;
}

SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	return pass_port(ctx);
}

SEC("xdp")
int xdp_drop(struct xdp_md *ctx)
{
	if (udp_port(DATA(ctx), DATA_END(ctx)) != PORT)
		return XDP_PASS;
	count(BY_DROP, PORT);
	return XDP_DROP;
}

/* Loaded as one that knows packets in pieces. */
SEC("xdp")
int xdp_pieces(struct xdp_md *ctx)
{
	return pass_port(ctx);
}

SEC("xdp/devmap")
int xdp_of_devmap(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("xdp/cpumap")
int xdp_of_cpumap(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("socket")
int not_xdp(struct __sk_buff *skb)
{
	return 0;
}

/* Bytes come and go in front and behind; in the end the packet is as it was. */
static __always_inline int shift(struct xdp_md *ctx)
{
	__u32 *meta, len = ctx->data_end - ctx->data;
	__u64 *front;

	if (bpf_xdp_adjust_head(ctx, -8))
		return 1;
	front = DATA(ctx);
	if ((void *)(front + 1) > DATA_END(ctx))
		return 2;
	*front = 0x1122334455667788;
	if (ctx->data_end - ctx->data != len + 8 || bpf_xdp_adjust_head(ctx, 8))
		return 3;
	if (bpf_xdp_adjust_tail(ctx, 4) || ctx->data_end - ctx->data != len + 4)
		return 4;
	if (bpf_xdp_adjust_tail(ctx, -4) || ctx->data_end - ctx->data != len)
		return 5;
	/* There is not that much in front. */
	if (bpf_xdp_adjust_head(ctx, -4096) != -EINVAL)
		return 6;
	if (bpf_xdp_adjust_meta(ctx, -(int)sizeof(*meta)))
		return 7;
	meta = (void *)(long)ctx->data_meta;
	if ((void *)(meta + 1) > DATA(ctx))
		return 8;
	*meta = PORT_SHIFTED;
	return 0;
}

/* On a card: what is to become of a packet is in its port. */
SEC("xdp")
int xdp_card(struct xdp_md *ctx)
{
	struct ethhdr *eth = DATA(ctx);
	__u32 port = udp_port(DATA(ctx), DATA_END(ctx));
	__u8 addr[ETH_ALEN];
	int wrong;

	if (!port || (void *)(eth + 1) > DATA_END(ctx))
		return XDP_PASS;
	count(ctx->ingress_ifindex, port);
	switch (port) {
	case PORT:
		return XDP_DROP;
	case PORT_BACK:
		__builtin_memcpy(addr, eth->h_dest, ETH_ALEN);
		__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
		__builtin_memcpy(eth->h_source, addr, ETH_ALEN);
		return XDP_TX;
	case PORT_ON:
		return bpf_redirect_map(&out, 0, XDP_ABORTED);
	case PORT_SHIFTED:
		wrong = shift(ctx);
		if (wrong)
			count(BY_DROP, wrong);
		return wrong ? XDP_DROP : XDP_PASS;
	}
	return XDP_PASS;
}

/* What the program left in front of the packet comes along into the stack. */
SEC("tc")
int tc_meta(struct __sk_buff *skb)
{
	__u32 *meta = (void *)(long)skb->data_meta;

	if ((void *)(meta + 1) <= DATA(skb) && *meta == PORT_SHIFTED)
		count(skb->ifindex, BY_PASS);
	return TC_ACT_OK;
}
