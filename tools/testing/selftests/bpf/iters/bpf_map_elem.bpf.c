// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/bpf_map_elem")
int walk(struct bpf_iter__bpf_map_elem *ctx)
{
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (!key || !value)
		SAY(ctx, "end");
	else
		SAY(ctx, "elem %u %llu", *key, *value);
	return 0;
}
