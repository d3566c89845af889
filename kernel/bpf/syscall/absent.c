// SPDX-License-Identifier: GPL-2.0
/* Commands of a kernel without tracing: there is nothing that they could reach. */
#include "syscall/cmd.h"

int cmd_raw_tracepoint_open(const struct bpf_cmd_args *args)
{
	return -EOPNOTSUPP;
}

int cmd_task_fd_query(const struct bpf_cmd_args *args)
{
	return -EOPNOTSUPP;
}
