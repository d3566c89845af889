// SPDX-License-Identifier: GPL-2.0
/* Programs for run.c: test runs, live ones, packets in pieces. */
#include "count.bpf.h"
#include "run.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} out SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

struct globals g;

SEC("xdp")
int xdp_live(struct xdp_md *ctx)
{
	void *data = DATA(ctx), *m = (void *)(long)ctx->data_meta;
	__u8 *byte = data + PAYLOAD;

	if ((void *)(byte + 1) > DATA_END(ctx))
		return XDP_ABORTED;
	__sync_fetch_and_add(&g.runs, 1);
	g.ifindex = ctx->ingress_ifindex;
	g.queue = ctx->rx_queue_index;
	g.meta = data - m;
	/* Every run has the packet as it was given. */
	if (*byte != FILL)
		__sync_fetch_and_add(&g.changed, 1);
	*byte = FILL + 1;
	switch (g.action) {
	case TO_DEV:
		return bpf_redirect_map(&out, 0, 0);
	case TO_CPU:
		return bpf_redirect_map(&cpus, 1, 0);
	}
	return g.action;
}

SEC("xdp.frags")
int xdp_pieces(struct xdp_md *ctx)
{
	__u64 len = bpf_xdp_get_buff_len(ctx), linear = ctx->data_end - ctx->data;
	__u8 buf[16];
	int i;

	if (len != BIG || linear >= len)
		return 100;
	/* Across the first border, and the last bytes. */
	if (bpf_xdp_load_bytes(ctx, linear - 8, buf, sizeof(buf)))
		return 101;
	for (i = 0; i < 16; i++) {
		if (buf[i] != ((linear - 8 + i) & 0xff))
			return 102;
	}
	if (bpf_xdp_load_bytes(ctx, len - 16, buf, sizeof(buf)) || buf[15] != ((len - 1) & 0xff))
		return 103;
	for (i = 0; i < 16; i++)
		buf[i] = 0xaa;
	if (bpf_xdp_store_bytes(ctx, linear - 8, buf, sizeof(buf)))
		return 104;
	if (bpf_xdp_load_bytes(ctx, len - 15, buf, sizeof(buf)) != -22 || buf[0])
		return 105;
	if (bpf_xdp_load_bytes(ctx, 0x10000, buf, sizeof(buf)) != -14)
		return 106;
	return XDP_PASS;
}

/* Shorter by so much that two pieces go. */
SEC("xdp.frags")
int xdp_shrink(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_tail(ctx, -(int)(BIG + 1)) != -22)
		return 100;
	if (bpf_xdp_adjust_tail(ctx, -(int)SHRINK))
		return 101;
	return bpf_xdp_get_buff_len(ctx) == BIG - SHRINK ? XDP_PASS : 102;
}

/* Down to a single piece, which then is as any packet. */
SEC("xdp.frags")
int xdp_shrink_all(struct xdp_md *ctx)
{
	if (bpf_xdp_adjust_tail(ctx, -(int)(BIG - 100)))
		return 101;
	if (ctx->data_end - ctx->data != 100 || bpf_xdp_get_buff_len(ctx) != 100)
		return 102;
	return bpf_xdp_adjust_tail(ctx, 10) ? 103 : XDP_PASS;
}

/* The last piece grows as far as its page goes. */
SEC("xdp.frags")
int xdp_grow(struct xdp_md *ctx)
{
	__u8 buf[4] = { 1, 1, 1, 1 };

	if (bpf_xdp_adjust_tail(ctx, 1 << 13) != -22)
		return 100;
	if (bpf_xdp_adjust_tail(ctx, 4))
		return 101;
	if (bpf_xdp_load_bytes(ctx, BIG, buf, 4) || buf[0] || buf[3])
		return 102;
	return bpf_xdp_get_buff_len(ctx) == BIG + 4 ? XDP_PASS : 103;
}

SEC("xdp")
int xdp_whole(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Makes packets of the UDP port shorter, longer, or neither, where real ones come in. */
SEC("xdp.frags")
int xdp_pieces_count(struct xdp_md *ctx)
{
	__u64 len = bpf_xdp_get_buff_len(ctx);

	if (udp_port(DATA(ctx), DATA_END(ctx)) != PORT_BIG)
		return XDP_PASS;
	count(ctx->data_end - ctx->data < len, len);
	return XDP_PASS;
}

SEC("tc")
int tc_pieces(struct __sk_buff *skb)
{
	__u8 buf[16];
	int i;

	if (skb->len != BIG || skb->data_end - skb->data >= BIG)
		return 100;
	if (bpf_skb_load_bytes(skb, BIG - 16, buf, 16))
		return 101;
	for (i = 0; i < 16; i++) {
		if (buf[i] != ((BIG - 16 + i) & 0xff))
			return 102;
	}
	if (bpf_skb_pull_data(skb, BIG))
		return 103;
	return skb->data_end - skb->data == BIG ? 0 : 104;
}

SEC("tc")
int tc_store_right(struct __sk_buff *skb)
{
	__u32 word = 0x12345678;

	return bpf_skb_store_bytes(skb, PAYLOAD, &word, 4, BPF_F_RECOMPUTE_CSUM) ? 1 : 0;
}

/* Changes a word that sums differently, and says nothing of it. */
SEC("tc")
int tc_store_wrong(struct __sk_buff *skb)
{
	__u32 word = 0x12345678;

	return bpf_skb_store_bytes(skb, PAYLOAD, &word, 4, 0) ? 1 : 0;
}
