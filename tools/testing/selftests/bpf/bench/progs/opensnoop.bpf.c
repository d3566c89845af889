// SPDX-License-Identifier: GPL-2.0
/* Files opened, with result and duration, from the two tracepoints of each system call. */
#include "trace.h"

struct start {
	__u64 when;
	const char *name;
	__u32 flags, mode;
};

struct event {
	__u64 when, took;
	__u32 pid, uid;
	__s32 ret;
	__u32 flags;
	char comm[16];
	char name[255];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, __u32);
	__type(value, struct start);
} starts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 18);
} events SEC(".maps");

const volatile __u32 only_pid, only_uid = -1;
const volatile bool failed_only;

static __fast int enter(const char *name, __u32 flags, __u32 mode)
{
	__u64 id = bpf_get_current_pid_tgid();
	struct start s = { .name = name, .flags = flags, .mode = mode };
	__u32 tid = id;

	if (only_pid && id >> 32 != only_pid)
		return 0;
	if (only_uid != (__u32)-1 && (__u32)bpf_get_current_uid_gid() != only_uid)
		return 0;
	s.when = bpf_ktime_get_ns();
	bpf_map_update_elem(&starts, &tid, &s, BPF_ANY);
	return 0;
}

static __fast int leave(long ret)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u32 tid = id;
	struct start *s = bpf_map_lookup_elem(&starts, &tid);
	struct event *e;

	if (!s)
		return 0;
	if (failed_only && ret >= 0)
		goto out;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (!e)
		goto out;
	e->when = s->when;
	e->took = bpf_ktime_get_ns() - s->when;
	e->pid = id >> 32;
	e->uid = bpf_get_current_uid_gid();
	e->ret = ret;
	e->flags = s->flags;
	bpf_get_current_comm(e->comm, sizeof(e->comm));
	if (bpf_probe_read_user_str(e->name, sizeof(e->name), s->name) < 0)
		bpf_ringbuf_discard(e, BPF_RB_NO_WAKEUP);
	else
		bpf_ringbuf_submit(e, 0);
out:
	bpf_map_delete_elem(&starts, &tid);
	return 0;
}

SEC("tracepoint/syscalls/sys_enter_open")
int open_in(struct trace_event_raw_sys_enter *ctx)
{
	return enter((const char *)ctx->args[0], ctx->args[1], ctx->args[2]);
}

SEC("tracepoint/syscalls/sys_enter_openat")
int openat_in(struct trace_event_raw_sys_enter *ctx)
{
	return enter((const char *)ctx->args[1], ctx->args[2], ctx->args[3]);
}

SEC("tracepoint/syscalls/sys_exit_open")
int open_out(struct trace_event_raw_sys_exit *ctx)
{
	return leave(ctx->ret);
}

SEC("tracepoint/syscalls/sys_exit_openat")
int openat_out(struct trace_event_raw_sys_exit *ctx)
{
	return leave(ctx->ret);
}

char _license[] SEC("license") = "GPL";
