// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/task_file")
int walk(struct bpf_iter__task_file *ctx)
{
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (!task || !file)
		SAY(ctx, "end");
	else
		SAY(ctx, "file %d %d %lu", task->tgid, ctx->fd, file->f_inode->i_ino);
	return 0;
}
