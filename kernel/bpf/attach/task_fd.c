// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_TASK_FD_QUERY: which program hangs at another process's perf event or raw tracepoint.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/fdtable.h>
#include <linux/file.h>
#include <linux/perf_event.h>
#include <linux/pid.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/trace_events.h>
#include "attach/info_str.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"

/* What is told about the fd. */
struct fd_answer {
	u32 prog_id;
	u32 fd_type;
	const char *name;
	u64 offset;
	u64 addr;
};

static int answer_out(const struct bpf_cmd_args *args, const struct fd_answer *answer)
{
	u32 len = args->attr->task_fd_query.buf_len;
	int name_err, err;

	name_err = bpf_info_copy_str(args->attr->task_fd_query.buf, &len, answer->name);
	if (name_err && name_err != -ENOSPC)
		return name_err;
	/* The length is told without the terminator. */
	err = CMD_PUT_FIELD(args, task_fd_query.buf_len, len - 1);
	if (!err)
		err = CMD_PUT_FIELD(args, task_fd_query.prog_id, answer->prog_id);
	if (!err)
		err = CMD_PUT_FIELD(args, task_fd_query.fd_type, answer->fd_type);
	if (!err)
		err = CMD_PUT_FIELD(args, task_fd_query.probe_offset, answer->offset);
	if (!err)
		err = CMD_PUT_FIELD(args, task_fd_query.probe_addr, answer->addr);
	return err ?: name_err;
}

static int query_link(const struct bpf_cmd_args *args, const struct bpf_link *link)
{
	struct fd_answer answer = { .fd_type = BPF_FD_TYPE_RAW_TRACEPOINT };

	if (link->type != BPF_LINK_TYPE_RAW_TRACEPOINT || !link->prog)
		return -ENOTSUPP;
	answer.prog_id = link->prog->aux->id;
	answer.name = container_of(link, struct bpf_raw_tp_link, link)->btp->tp->name;
	return answer_out(args, &answer);
}

static int query_event(const struct bpf_cmd_args *args, struct file *file)
{
	const struct perf_event *event = perf_get_event(file);
	struct fd_answer answer = {};
	int err;

	if (IS_ERR(event))
		return -ENOTSUPP;
	err = bpf_get_perf_event_info(event, &answer.prog_id, &answer.fd_type, &answer.name,
				      &answer.offset, &answer.addr, NULL);
	return err ?: answer_out(args, &answer);
}

/**
 * cmd_task_fd_query - BPF_TASK_FD_QUERY
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT without such a process, -EBADF without such an fd, -ENOTSUPP where nothing
 * hangs at it that could be told, -EINVAL, -ENOSPC with a cut name, -EFAULT.
 */
int cmd_task_fd_query(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct task_struct *task;
	struct bpf_link *link;
	struct file *file;
	int err;

	if (attr->task_fd_query.flags)
		return -EINVAL;
	task = find_get_task_by_vpid(attr->task_fd_query.pid);
	if (!task)
		return -ENOENT;
	file = fget_task(task, attr->task_fd_query.fd);
	put_task_struct(task);
	if (!file)
		return -EBADF;

	link = bpf_fd_object(file, BPF_FD_LINK);
	err = link ? query_link(args, link) : query_event(args, file);
	fput(file);
	return err;
}
