// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/task")
int walk(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;

	if (!task)
		SAY(ctx, "end");
	else
		SAY(ctx, "task %d %d %s", task->tgid, task->pid, task->comm);
	return 0;
}
