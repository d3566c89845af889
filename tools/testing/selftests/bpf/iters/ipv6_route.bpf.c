// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/ipv6_route")
int walk(struct bpf_iter__ipv6_route *ctx)
{
	struct fib6_info *rt = ctx->rt;

	if (!rt)
		SAY(ctx, "end");
	else
		SAY(ctx, "route %pi6 %d", &rt->fib6_dst.addr, rt->fib6_dst.plen);
	return 0;
}
