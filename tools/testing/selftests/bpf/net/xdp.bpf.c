// SPDX-License-Identifier: GPL-2.0
/* XDP programs for testrun.c and hooks.sh. */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} ports SEC(".maps");

static void count(void)
{
	__u32 key = 0;
	__u64 *n = bpf_map_lookup_elem(&seen, &key);

	if (n)
		__sync_fetch_and_add(n, 1);
}

/* Drops ICMP, passes the rest. */
SEC("xdp")
int xdp_drop_icmp(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = data + sizeof(*eth);

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	if (ip->protocol != IPPROTO_ICMP)
		return XDP_PASS;
	count();
	return XDP_DROP;
}

/* Swaps the addresses of the Ethernet header. */
SEC("xdp")
int xdp_swap(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	__u8 mac[ETH_ALEN];

	if ((void *)(eth + 1) > end)
		return XDP_ABORTED;
	__builtin_memcpy(mac, eth->h_dest, ETH_ALEN);
	__builtin_memcpy(eth->h_dest, eth->h_source, ETH_ALEN);
	__builtin_memcpy(eth->h_source, mac, ETH_ALEN);
	return XDP_TX;
}

/* Moves both ends and puts metadata in front. */
SEC("xdp")
int xdp_adjust(struct xdp_md *ctx)
{
	void *data, *meta;

	if (bpf_xdp_adjust_head(ctx, -4) || bpf_xdp_adjust_tail(ctx, -2))
		return 100;
	if (bpf_xdp_adjust_meta(ctx, -8))
		return 101;
	data = (void *)(long)ctx->data;
	meta = (void *)(long)ctx->data_meta;
	if (meta + 8 > data)
		return 102;
	*(__u64 *)meta = 0x1122334455667788;
	if (bpf_xdp_adjust_head(ctx, 1 << 16) != -22 || bpf_xdp_adjust_meta(ctx, -3) != -13)
		return 103;
	return XDP_PASS;
}

SEC("xdp")
int xdp_bytes(struct xdp_md *ctx)
{
	__u8 buf[3] = {};
	__u64 len = bpf_xdp_get_buff_len(ctx);

	if (len != ctx->data_end - ctx->data)
		return 100;
	if (bpf_xdp_load_bytes(ctx, len - 3, buf, 3) || !buf[0])
		return 101;
	buf[1] = 0xee;
	if (bpf_xdp_store_bytes(ctx, len - 3, buf, 3))
		return 102;
	return bpf_xdp_load_bytes(ctx, len - 2, buf, 3) == -22 ? XDP_PASS : 103;
}

SEC("xdp")
int xdp_context(struct xdp_md *ctx)
{
	return ctx->ingress_ifindex == 1 && !ctx->rx_queue_index ? XDP_PASS : XDP_ABORTED;
}

/* To the device in slot 0. */
SEC("xdp")
int xdp_redirect(struct xdp_md *ctx)
{
	count();
	return bpf_redirect_map(&ports, 0, XDP_DROP);
}
