// SPDX-License-Identifier: GPL-2.0
/* The tasks that stand for threads, and what they may do. */
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/mm_types.h>
#include <linux/nsproxy.h>
#include <linux/pid_namespace.h>
#include <linux/sched.h>
#include <linux/sched/user.h>
#include <linux/security.h>
#include <linux/user_namespace.h>
#include <net/net_namespace.h>
#include <host/os.h>
#include "host.h"

static u64 caps = ~0ULL;
static struct mm_struct host_mm;
struct user_namespace init_user_ns;
struct pid_namespace init_pid_ns;
static struct user_struct host_user = { .__count = REFCOUNT_INIT(1) };

static struct cred host_cred = {
	.usage = ATOMIC_INIT(1),
	.user = &host_user,
	.user_ns = &init_user_ns,
};

static struct nsproxy host_nsproxy = {
	.count = REFCOUNT_INIT(1),
	.net_ns = &init_net,
	.pid_ns_for_children = &init_pid_ns,
};

struct task_struct *host_task_new(int cpu)
{
	struct task_struct *task = os_alloc_aligned(sizeof(*task), 64, 1);

	if (!task)
		os_abort();
	os_comm(task->comm, sizeof(task->comm));
	task->pid = os_tid();
	task->tgid = os_pid();
	task->group_leader = task;
	RCU_INIT_POINTER(task->cred, &host_cred);
	RCU_INIT_POINTER(task->real_cred, &host_cred);
	task->nsproxy = &host_nsproxy;
	task->mm = &host_mm;
	task->active_mm = &host_mm;
	return task;
}

void host_task_free(struct task_struct *task)
{
	os_free(task);
}

void host_set_caps(u64 mask);
void host_set_caps(u64 mask)
{
	caps = mask;
}

bool capable(int cap)
{
	return READ_ONCE(caps) >> cap & 1;
}

bool ns_capable(struct user_namespace *ns, int cap)
{
	return capable(cap);
}

bool has_capability_noaudit(struct task_struct *t, int cap)
{
	return capable(cap);
}

void free_uid(struct user_struct *user)
{
	if (user)
		refcount_dec(&user->__count);
}

void __put_task_struct(struct task_struct *task)
{
}

void __put_cred(struct cred *cred)
{
}

uid_t from_kuid(struct user_namespace *to, kuid_t uid)
{
	return __kuid_val(uid);
}

uid_t from_kuid_munged(struct user_namespace *to, kuid_t uid)
{
	return __kuid_val(uid);
}

gid_t from_kgid(struct user_namespace *to, kgid_t gid)
{
	return __kgid_val(gid);
}

gid_t from_kgid_munged(struct user_namespace *to, kgid_t gid)
{
	return __kgid_val(gid);
}

/* ------------------------------------------------------------------ security: no module objects */

int security_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return 0;
}

int security_bpf_map(struct bpf_map *map, fmode_t fmode)
{
	return 0;
}

int security_bpf_prog(struct bpf_prog *prog)
{
	return 0;
}

int security_bpf_map_create(struct bpf_map *map, union bpf_attr *attr, struct bpf_token *token)
{
	return 0;
}

void security_bpf_map_free(struct bpf_map *map)
{
}

int security_bpf_prog_load(struct bpf_prog *prog, union bpf_attr *attr, struct bpf_token *token)
{
	return 0;
}

void security_bpf_prog_free(struct bpf_prog *prog)
{
}

int security_locked_down(enum lockdown_reason what)
{
	return 0;
}
