// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/tcp")
int walk(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;

	if (!sk)
		SAY(ctx, "end");
	else
		SAY(ctx, "tcp %d state %d port %d", sk->skc_family, sk->skc_state, sk->skc_num);
	return 0;
}
