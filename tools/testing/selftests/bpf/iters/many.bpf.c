// SPDX-License-Identifier: GPL-2.0
/* What the C test walks: counts, stops, changes, and what may not be done. */
#include "iter.h"

__u32 stop_after, seen, ends;
__u64 port;
int set_errno, got_errno, got_prio;

#define SOL_SOCKET 1
#define SO_PRIORITY 12

SEC("iter/cgroup")
int groups(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *cgrp = ctx->cgroup;

	if (!cgrp) {
		ends++;
		return 0;
	}
	seen++;
	SAY(ctx, "%llu", cgrp->kn->id);
	return stop_after && seen == stop_after;
}

/* More than fits into one read. */
SEC("iter/cgroup")
int groups_wide(struct bpf_iter__cgroup *ctx)
{
	struct cgroup *cgrp = ctx->cgroup;

	if (!cgrp)
		return 0;
	/* numbers may be 512 wide */
	SAY(ctx, "%llu %500d %500d", cgrp->kn->id, 0, 0);
	return 0;
}

SEC("iter/bpf_sk_storage_map")
int storage(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	__u64 *value = ctx->value;

	if (!ctx->sk || !value) {
		ends++;
		return 0;
	}
	seen++;
	SAY(ctx, "%llu %u", *value, ctx->map->id);
	*value += 1000;
	return 0;
}

SEC("iter/bpf_sk_storage_map")
int storage_wide(struct bpf_iter__bpf_sk_storage_map *ctx)
{
	char *value = ctx->value;

	if (value)
		seen += value[8];
	return 0;
}

/* A socket's options, which only iterators over locked sockets may change. */
SEC("iter/tcp")
int options(struct bpf_iter__tcp *ctx)
{
	struct sock_common *sk = ctx->sk_common;
	int prio = 3;

	if (!sk || sk->skc_num != port)
		return 0;
	set_errno = bpf_setsockopt(sk, SOL_SOCKET, SO_PRIORITY, &prio, sizeof(prio));
	prio = 0;
	got_errno = bpf_getsockopt(sk, SOL_SOCKET, SO_PRIORITY, &prio, sizeof(prio));
	got_prio = prio;
	seen++;
	return 0;
}

SEC("?iter/task")
int options_elsewhere(struct bpf_iter__task *ctx)
{
	struct task_struct *task = ctx->task;
	int prio = 3;

	if (!task)
		return 0;
	return bpf_setsockopt(task, SOL_SOCKET, SO_PRIORITY, &prio, sizeof(prio)) != 0;
}

SEC("?iter/cgroup")
int unchecked(struct bpf_iter__cgroup *ctx)
{
	return ctx->cgroup->level > 3;
}
