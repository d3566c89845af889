// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/bpf_link")
int walk(struct bpf_iter__bpf_link *ctx)
{
	struct bpf_link *link = ctx->link;

	if (!link)
		SAY(ctx, "end");
	else
		SAY(ctx, "link %u %d", link->id, link->type);
	return 0;
}
