// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/ksym")
int walk(struct bpf_iter__ksym *ctx)
{
	struct kallsym_iter *it = ctx->ksym;

	if (!it)
		SAY(ctx, "end");
	else
		SAY(ctx, "ksym %c %s", it->type, it->name);
	return 0;
}
