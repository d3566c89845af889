// SPDX-License-Identifier: GPL-2.0
/* Programs executed, with their arguments gathered one by one into a buffer of variable fill. */
#include "trace.h"

#define MAX_ARGS	20
#define ARG_LEN		128
#define ARGS_LEN	(MAX_ARGS * ARG_LEN)

struct event {
	__u32 pid, ppid, uid;
	__s32 ret;
	__u32 count;
	__u32 size;
	char comm[16];
	char args[ARGS_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct event);
} running SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

static const struct event blank;

SEC("tracepoint/syscalls/sys_enter_execve")
int exec_in(struct trace_event_raw_sys_enter *ctx)
{
	__u64 id = bpf_get_current_pid_tgid();
	const char **args = (const char **)ctx->args[1];
	struct task_struct *task;
	const char *arg = 0;
	struct event *e;
	__u32 pid = id;
	long got;

	if (bpf_map_update_elem(&running, &pid, &blank, BPF_NOEXIST))
		return 0;
	e = bpf_map_lookup_elem(&running, &pid);
	if (!e)
		return 0;
	task = (void *)bpf_get_current_task();
	e->pid = id >> 32;
	e->uid = bpf_get_current_uid_gid();
	e->ppid = BPF_CORE_READ(task, real_parent, tgid);
	got = bpf_probe_read_user_str(e->args, ARG_LEN, (const char *)ctx->args[0]);
	if (got < 0 || got > ARG_LEN)
		return 0;
	e->size = got;
	e->count = 1;
#pragma unroll
	for (int i = 1; i < MAX_ARGS; i++) {
		if (bpf_probe_read_user(&arg, sizeof(arg), &args[i]) || !arg)
			return 0;
		if (e->size > ARGS_LEN - ARG_LEN)
			return 0;
		got = bpf_probe_read_user_str(&e->args[e->size], ARG_LEN, arg);
		if (got < 0 || got > ARG_LEN)
			return 0;
		e->size += got;
		e->count++;
	}
	return 0;
}

SEC("tracepoint/syscalls/sys_exit_execve")
int exec_out(struct trace_event_raw_sys_exit *ctx)
{
	__u32 pid = bpf_get_current_pid_tgid();
	struct event *e = bpf_map_lookup_elem(&running, &pid);
	__u32 len;

	if (!e)
		return 0;
	e->ret = ctx->ret;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	len = __builtin_offsetof(struct event, args) + e->size;
	if (len <= sizeof(*e))
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, e, len);
	bpf_map_delete_elem(&running, &pid);
	return 0;
}

char _license[] SEC("license") = "GPL";
