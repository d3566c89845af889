/* SPDX-License-Identifier: GPL-2.0 */
/* Where packets arrive: those of UDP are counted, by device and port, and go no further. */
#ifndef COUNT_BPF_H
#define COUNT_BPF_H

#include "net/net.bpf.h"

SEC("xdp")
int xdp_count(struct xdp_md *ctx)
{
	__u32 port = udp_port(DATA(ctx), DATA_END(ctx));

	if (!port)
		return XDP_PASS;
	count(ctx->ingress_ifindex, port);
	return XDP_DROP;
}

#endif /* COUNT_BPF_H */
