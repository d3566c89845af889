// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/unix")
int walk(struct bpf_iter__unix *ctx)
{
	struct unix_sock *sk = ctx->unix_sk;

	if (!sk)
		SAY(ctx, "end");
	else
		SAY(ctx, "unix type %d", sk->sk.sk_type);
	return 0;
}
