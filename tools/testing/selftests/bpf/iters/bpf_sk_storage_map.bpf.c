// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/bpf_sk_storage_map")
int walk(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	struct sock *sk = ctx->sk;
	__u64 *value = ctx->value;

	if (!sk || !value)
		SAY(ctx, "end");
	else
		SAY(ctx, "sk %d value %llu", sk->sk_protocol, *value);
	return 0;
}
