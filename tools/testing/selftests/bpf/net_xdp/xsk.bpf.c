// SPDX-License-Identifier: GPL-2.0
/* Programs for xsk.c: packets to sockets of user space. */
#include "count.bpf.h"
#include "xsk.h"

struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} xsks SEC(".maps");

SEC("xdp.frags")
int xdp_to_xsk(struct xdp_md *ctx)
{
	__u32 port = udp_port(DATA(ctx), DATA_END(ctx)), queue = ctx->rx_queue_index;
	struct bpf_xdp_sock *xs;

	switch (port) {
	case PORT_XSK:
		return bpf_redirect_map(&xsks, queue, XDP_PASS);
	case PORT_XSK_OTHER:
		return bpf_redirect_map(&xsks, 3, XDP_DROP);
	case PORT_LOOKUP:
		xs = bpf_map_lookup_elem(&xsks, &queue);
		if (!xs) {
			count(AT_MISSED, 0);
			return XDP_DROP;
		}
		queue = xs->queue_id;
		count(AT_FOUND, queue);
		return XDP_DROP;
	}
	return XDP_PASS;
}

/* A program may not write to the socket that it looked up. */
SEC("?xdp")
int xdp_write_sock(struct xdp_md *ctx)
{
	__u32 queue = 0;
	struct bpf_xdp_sock *xs = bpf_map_lookup_elem(&xsks, &queue);

	if (xs)
		xs->queue_id = 1;
	return XDP_PASS;
}
