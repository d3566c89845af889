// SPDX-License-Identifier: GPL-2.0
/*
 * Security hooks of programs: one function a hook, which answers the hook's default and exists to
 * have a trampoline; who may stand there, and what may be answered.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/bpf_lsm.h>
#include <linux/bsearch.h>
#include <linux/btf.h>
#include <linux/lsm_hooks.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "attach/lsm.h"
#include "attach/target.h"
#include "btf/btf.h"
#include "helpers/helpers.h"
#include "prog/prog_type.h"

#define LSM_PREFIX	"bpf_lsm_"

__bpf_hook_start();

#define LSM_HOOK(RET, DEFAULT, NAME, ...)	\
noinline RET bpf_lsm_##NAME(__VA_ARGS__)	\
{						\
	return DEFAULT;				\
}
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK

__bpf_hook_end();

/* As the base lists them. Other functions of this file have names that begin as theirs do. */
static const char *const hooks[] = {
#define LSM_HOOK(RET, DEFAULT, NAME, ...) #NAME,
#include <linux/lsm_hook_defs.h>
#undef LSM_HOOK
};

/*
 * Sorted. Hooks whose answer is a count, or a yes: programs answer errors, and 0 is the default.
 * (Those that hand out memory have an error as their default, which stands unless it is replaced
 * by another one. So nobody takes for given what no program can give.)
 */
static const char *const closed[] = {
	"audit_rule_match",
	"getprocattr",
	"getselfattr",
	"inode_copy_up_xattr",
	"inode_getsecurity",
	"inode_listsecurity",
	"inode_need_killpriv",
	"ismaclabel",
	"key_getsecurity",
	"setprocattr",
	"vm_enough_memory",
	"xfrm_decode_session",
	"xfrm_state_pol_flow_match",
};

/* Sorted. Hooks that are only called where the caller may sleep: no spin lock, no RCU section. */
static const char *const sleepable[] = {
	"bpf",
	"bpf_map",
	"bpf_map_create",
	"bpf_map_free",
	"bpf_prog",
	"bpf_prog_free",
	"bpf_prog_load",
	"bpf_token_capable",
	"bpf_token_cmd",
	"bpf_token_create",
	"bpf_token_free",
	"bprm_check_security",
	"bprm_committed_creds",
	"bprm_committing_creds",
	"bprm_creds_for_exec",
	"bprm_creds_from_file",
	"capset",
	"cred_prepare",
	"file_ioctl",
	"file_lock",
	"file_open",
	"file_post_open",
	"file_receive",
	"inode_create",
	"inode_getattr",
	"inode_getxattr",
	"inode_link",
	"inode_listxattr",
	"inode_mkdir",
	"inode_mknod",
	"inode_post_setxattr",
	"inode_readlink",
	"inode_removexattr",
	"inode_rename",
	"inode_rmdir",
	"inode_setattr",
	"inode_setxattr",
	"inode_symlink",
	"inode_unlink",
	"kernel_module_request",
	"kernel_read_file",
	"kernfs_init_security",
	"mmap_file",
	"netlink_send",
	"path_chmod",
	"path_chown",
	"path_chroot",
	"path_link",
	"path_mkdir",
	"path_mknod",
	"path_notify",
	"path_post_mknod",
	"path_rename",
	"path_rmdir",
	"path_symlink",
	"path_truncate",
	"path_unlink",
	"sb_alloc_security",
	"sb_eat_lsm_opts",
	"sb_kern_mount",
	"sb_mount",
	"sb_pivotroot",
	"sb_remount",
	"sb_set_mnt_opts",
	"sb_show_options",
	"sb_statfs",
	"sb_umount",
	"settime",
	"socket_accept",
	"socket_bind",
	"socket_connect",
	"socket_create",
	"socket_getpeername",
	"socket_getpeersec_dgram",
	"socket_getsockname",
	"socket_getsockopt",
	"socket_listen",
	"socket_post_create",
	"socket_recvmsg",
	"socket_sendmsg",
	"socket_setsockopt",
	"socket_shutdown",
	"socket_socketpair",
	"syslog",
	"task_alloc",
	"task_prctl",
	"task_setscheduler",
	"userns_create",
};

/* Sorted. Hooks with objects that are not whole yet, or have no references any more. */
static const char *const passing[] = {
	"backing_file_alloc",
	"backing_file_free",
	"bdev_alloc_security",
	"bdev_free_security",
	"bpf_map_free",
	"bpf_prog_free",
	"bpf_token_free",
	"cred_alloc_blank",
	"cred_free",
	"file_alloc_security",
	"file_free_security",
	"inode_alloc_security",
	"inode_free_security",
	"msg_msg_alloc_security",
	"msg_msg_free_security",
	"msg_queue_alloc_security",
	"msg_queue_free_security",
	"sb_alloc_security",
	"sb_free_security",
	"sem_alloc_security",
	"sem_free_security",
	"shm_alloc_security",
	"shm_free_security",
	"sk_free_security",
	"task_alloc",
	"task_free",
};

/* Sorted. Hooks with memory that may not even be cleared: the copy of a listening socket. */
static const char *const raw[] = {
	"sk_alloc_security",
};

/* Sorted. Hooks whose answer is yes or no, not an error. */
static const char *const boolean[] = {
	"audit_rule_known",
	"inode_xattr_skipcap",
};

static int name_cmp(const void *key, const void *elem)
{
	return strcmp(key, *(const char *const *)elem);
}

static bool listed(const char *const *list, size_t nr, const char *hook)
{
	return bsearch(hook, list, nr, sizeof(*list), name_cmp);
}

static bool is_hook(const char *hook)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(hooks); i++) {
		if (!strcmp(hooks[i], hook))
			return true;
	}
	return false;
}

/**
 * bpf_lsm_hook_may_sleep - is a hook only called where its caller may sleep
 * @name: its function, "bpf_lsm_<hook>"
 *
 * Context: any. Return: true if so.
 */
bool bpf_lsm_hook_may_sleep(const char *name)
{
	return strstarts(name, LSM_PREFIX) &&
	       listed(sleepable, ARRAY_SIZE(sleepable), name + sizeof(LSM_PREFIX) - 1);
}

/**
 * bpf_lsm_is_active - are hooks called
 *
 * Context: any. Return: false where the module is not among those chosen at boot.
 */
bool bpf_lsm_is_active(void)
{
	return bpf_lsm_active;
}

/**
 * bpf_lsm_check_target - may a program stand at a hook
 * @prog: program being loaded
 * @name: function that it attaches to
 * @btf_id: its type
 * @msg: on failure one line of reason
 * @msg_size: bytes of @msg
 *
 * Context: any. Return: 0, -EINVAL, -EOPNOTSUPP for programs of cgroups.
 */
int bpf_lsm_check_target(const struct bpf_prog *prog, const char *name, u32 btf_id, char *msg,
			 size_t msg_size)
{
	const char *hook = name + sizeof(LSM_PREFIX) - 1;

	if (prog->expected_attach_type == BPF_LSM_CGROUP) {
		snprintf(msg, msg_size, "LSM programs of cgroups are not built; attach by BPF_LSM_MAC");
		return -EOPNOTSUPP;
	}
	if (!prog->gpl_compatible) {
		snprintf(msg, msg_size, "LSM programs must have a GPL compatible license");
		return -EINVAL;
	}
	if (!strstarts(name, LSM_PREFIX) || !is_hook(hook)) {
		snprintf(msg, msg_size, "attach_btf_id %u points to wrong type name %s", btf_id,
			 name);
		return -EINVAL;
	}
	if (listed(closed, ARRAY_SIZE(closed), hook)) {
		snprintf(msg, msg_size, "attach_btf_id %u points to disabled hook", btf_id);
		return -EINVAL;
	}
	if (prog->sleepable && !bpf_lsm_hook_may_sleep(name)) {
		snprintf(msg, msg_size, "%s is not sleepable", name);
		return -EINVAL;
	}
	return 0;
}

static u32 lsm_arg_flags(const struct bpf_prog *prog)
{
	const char *hook = prog->aux->attach_func_name + sizeof(LSM_PREFIX) - 1;

	if (listed(raw, ARRAY_SIZE(raw), hook))
		return PTR_UNTRUSTED;
	return listed(passing, ARRAY_SIZE(passing), hook) ? 0 : PTR_TRUSTED;
}

/* The kernel takes anything but an errno for a bug of the module. */
static void lsm_retval(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	const char *hook = prog->aux->attach_func_name + sizeof(LSM_PREFIX) - 1;

	if (listed(boolean, ARRAY_SIZE(boolean), hook))
		*range = (struct bpf_retval_range){ .min = 0, .max = 1 };
	else
		*range = (struct bpf_retval_range){ .min = -MAX_ERRNO, .max = 0 };
}

static const struct bpf_helper_set *const lsm_sets[] = {
	&bpf_lsm_helpers, &bpf_tracing_helpers, &bpf_trace_helpers, &bpf_current_helpers,
	&bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

const struct bpf_prog_type_info bpf_lsm_type = {
	.type = BPF_PROG_TYPE_LSM,
	.name = "lsm",
	.ctx_kind = BPF_CTX_BTF,
	.helpers = lsm_sets,
	.needs_perfmon = true,
	.can_sleep = true,
	.attach_type_required = true,
	.attach_types = BIT_ULL(BPF_LSM_MAC) | BIT_ULL(BPF_LSM_CGROUP),
	.check_target = bpf_attach_target_check,
	.arg_flags = lsm_arg_flags,
	.retval = lsm_retval,
};
