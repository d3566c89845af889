// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/task_vma")
int walk(struct bpf_iter__task_vma *ctx)
{
	struct vm_area_struct *vma = ctx->vma;
	struct task_struct *task = ctx->task;
	char path[64];

	if (!task || !vma) {
		SAY(ctx, "end");
		return 0;
	}
	path[0] = 0;
	if (vma->vm_file)
		bpf_d_path(&vma->vm_file->f_path, path, sizeof(path));
	SAY(ctx, "vma %d %lx-%lx %s", task->tgid, vma->vm_start, vma->vm_end, path);
	return 0;
}
