// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/netlink")
int walk(struct bpf_iter__netlink *ctx)
{
	struct netlink_sock *sk = ctx->sk;

	if (!sk)
		SAY(ctx, "end");
	else
		SAY(ctx, "netlink %d port %u", sk->sk.sk_protocol, sk->portid);
	return 0;
}
