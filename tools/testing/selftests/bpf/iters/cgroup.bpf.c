// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/cgroup")
int walk(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *cgrp = ctx->cgroup;

	if (!cgrp)
		SAY(ctx, "end");
	else
		SAY(ctx, "cgroup %llu %s level %d", cgrp->kn->id, cgrp->kn->name, cgrp->level);
	return 0;
}
