// SPDX-License-Identifier: GPL-2.0
/* XDP programs for redirect.c. The port of a UDP packet says what becomes of it. */
#include "count.bpf.h"
#include "redirect.h"

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} ports SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP_HASH);
	__uint(max_entries, 3);
	__type(key, __u32);
	__type(value, struct bpf_devmap_val);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_DEVMAP);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u32);
} flood SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_CPUMAP);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct bpf_cpumap_val);
} cpus SEC(".maps");

SEC("xdp")
int xdp_choose(struct xdp_md *ctx)
{
	__u32 port = udp_port(DATA(ctx), DATA_END(ctx));

	if (!port)
		return XDP_PASS;
	count(ctx->ingress_ifindex, port);
	switch (port) {
	case PORT_DEVMAP:
		return bpf_redirect_map(&ports, 0, 0);
	case PORT_HASH:
		return bpf_redirect_map(&hash, HASH_KEY, 0);
	case PORT_FLOOD:
		return bpf_redirect_map(&flood, 0, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS);
	case PORT_FLOOD_ALL:
		return bpf_redirect_map(&flood, 0, BPF_F_BROADCAST);
	case PORT_CPU:
		return bpf_redirect_map(&cpus, 1, 0);
	case PORT_DEV:
		return bpf_redirect(W1, 0);
	case PORT_EMPTY_PASS:
		return bpf_redirect_map(&ports, 3, XDP_PASS);
	case PORT_EMPTY_DROP:
		return bpf_redirect_map(&ports, 3, XDP_DROP);
	case PORT_OUTSIDE_PASS:
		return bpf_redirect_map(&ports, 400, XDP_PASS);
	case PORT_BAD_FLAGS:
		return bpf_redirect_map(&ports, 0, 1 << 7);
	case PORT_CPU_BAD_FLAGS:
		return bpf_redirect_map(&cpus, 1, BPF_F_BROADCAST);
	case PORT_NO_DEV:
		return bpf_redirect(9999, 0);
	case PORT_TX:
		return XDP_TX;
	case PORT_STALE:
		/* What was noted and not returned, or overwritten, does not count. */
		bpf_redirect_map(&ports, 0, 0);
		return bpf_redirect(W1, 0);
	}
	return XDP_PASS;
}

SEC("xdp")
int xdp_pass(struct xdp_md *ctx)
{
	return XDP_PASS;
}

/* Where packets leave by an element with a program: those with an odd number do not. */
SEC("xdp/devmap")
int xdp_leave(struct xdp_md *ctx)
{
	__u8 *byte = DATA(ctx) + PAYLOAD;
	__u32 port = udp_port(DATA(ctx), DATA_END(ctx));

	if ((void *)(byte + 1) > DATA_END(ctx))
		return XDP_PASS;
	count(AT_DEVMAP + ctx->egress_ifindex, port);
	count(AT_DEVMAP_FROM + ctx->ingress_ifindex, port);
	return *byte & 1 ? XDP_DROP : XDP_PASS;
}

/* Programs of elements may not redirect: such a packet is dropped. */
SEC("xdp/devmap")
int xdp_leave_again(struct xdp_md *ctx)
{
	return bpf_redirect(X1, 0);
}

/* On the other CPU: every third goes on to a device, every third is dropped. */
SEC("xdp/cpumap")
int xdp_arrive(struct xdp_md *ctx)
{
	__u8 *byte = DATA(ctx) + PAYLOAD;
	__u32 port = udp_port(DATA(ctx), DATA_END(ctx));

	if ((void *)(byte + 1) > DATA_END(ctx))
		return XDP_PASS;
	count(AT_CPU + bpf_get_smp_processor_id(), port);
	count(AT_CPU_FROM + ctx->ingress_ifindex, port);
	switch (*byte % 3) {
	case 1:
		return bpf_redirect_map(&ports, 0, 0);
	case 2:
		return XDP_DROP;
	}
	return XDP_PASS;
}

/* Reads what only programs of devmap elements may read. */
SEC("?xdp")
int xdp_egress_ifindex(struct xdp_md *ctx)
{
	return ctx->egress_ifindex ? XDP_PASS : XDP_DROP;
}
