// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/udp")
int walk(struct bpf_iter__udp *ctx)
{
	struct udp_sock *sk = ctx->udp_sk;

	if (!sk)
		SAY(ctx, "end");
	else
		SAY(ctx, "udp %d port %d", sk->inet.sk.__sk_common.skc_family,
		    sk->inet.sk.__sk_common.skc_num);
	return 0;
}
