// SPDX-License-Identifier: GPL-2.0
/*
 * Numbers that user space put into instructions become references on kernel objects. This file:
 * maps. References are held by the environment until the program takes them over.
 */
#include <linux/errno.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "btf/record.h"
#include "exec/exec.h"
#include "maps/arena_view.h"
#include "maps/maps.h"
#include "verifier/resolve.h"

int resolve_fd_array(struct bpf_verifier_env *env, u32 idx, int *fd)
{
	u64 base = env->attr->fd_array;
	size_t at = (size_t)idx * sizeof(*fd);

	if (!base)
		return bpf_reject(env, REJECT_FD_ARRAY, "fd_idx without fd_array is invalid");
	if (env->from_kernel)
		return copy_from_kernel_nofault(fd, (const char *)(unsigned long)base + at,
						sizeof(*fd)) ? -EFAULT : 0;
	if (copy_from_user(fd, (const char __user *)(unsigned long)base + at, sizeof(*fd)))
		return -EFAULT;
	return 0;
}

/* ------------------------------------------------------------------ do map and program fit */

static bool is_tracing(const struct bpf_verifier_env *env)
{
	switch (env->prog->type) {
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
		return true;
	default:
		return false;
	}
}

/* Programs that may interrupt anything must not wait for what they interrupted. */
static int check_fields(struct bpf_verifier_env *env, const struct bpf_map *map)
{
	static const struct {
		u32 types;
		const char *name;
	} rows[] = {
		{ BPF_LIST_HEAD | BPF_RB_ROOT, "bpf_{list_head,rb_root}" },
		{ BPF_SPIN_LOCK, "bpf_spin_lock" },
		{ BPF_TIMER, "bpf_timer" },
		{ BPF_WORKQUEUE, "bpf_wq" },
	};
	u32 i;

	if (btf_record_has(map->record, BPF_SPIN_LOCK) &&
	    env->prog->type == BPF_PROG_TYPE_SOCKET_FILTER)
		return bpf_reject(env, REJECT_MAP_PROG,
				  "socket filter progs cannot use bpf_spin_lock yet");
	if (!is_tracing(env))
		return 0;
	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		if (btf_record_has(map->record, rows[i].types))
			return bpf_reject(env, REJECT_MAP_PROG,
					  "tracing progs cannot use %s yet", rows[i].name);
	}
	return 0;
}

static int check_traits(struct bpf_verifier_env *env, const struct bpf_map *map)
{
	const struct bpf_map_type_row *row = bpf_map_type_find(map->map_type);

	if (!row || map->map_type == BPF_MAP_TYPE_STRUCT_OPS)
		return bpf_reject(env, REJECT_MAP_PROG,
				  "bpf_struct_ops map cannot be used in prog");
	if (env->prog->sleepable && !(row->traits & MAP_SLEEPABLE_OK))
		return bpf_reject(env, REJECT_MAP_PROG,
				  "Sleepable programs can only use array, hash, ringbuf and local storage maps, not %s",
				  row->name);
	if (is_tracing(env) && !(row->traits & MAP_TRACING_OK))
		return bpf_reject(env, REJECT_MAP_PROG,
				  "tracing progs cannot use maps of type %s", row->name);
	return 0;
}

static int check_arena(struct bpf_verifier_env *env, struct bpf_map *map)
{
	if (env->arena == map)
		return 0;
	if (env->arena) {
		bpf_reject(env, REJECT_MAP_PROG, "Only one arena per program");
		return -EBUSY;
	}
	if (!env->allow_ptr_leaks || !env->bpf_capable)
		return bpf_reject(env, REJECT_MAP_PRIV,
				  "CAP_BPF and CAP_PERFMON are required to use arena");
	if (!READ_ONCE(bpf_jit_enable))
		return bpf_reject(env, REJECT_UNSUPPORTED, "JIT is required to use arena");
	if (!bpf_arena_user_start(map)) {
		bpf_reject(env, REJECT_MAP_PROG,
			   "arena's user address must be set via map_extra or mmap()");
		return -EINVAL;
	}
	env->arena = map;
	return 0;
}

/* One storage of each kind: helpers find it through the program. */
static int check_cgroup_storage(struct bpf_verifier_env *env, struct bpf_map *map)
{
	struct bpf_map **slot = env->prog->aux->cgroup_storage;

	if (map->map_type == BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE)
		slot += BPF_CGROUP_STORAGE_PERCPU;
	if (*slot && *slot != map) {
		bpf_reject(env, REJECT_MAP_PROG,
			   "only one cgroup storage of each type is allowed");
		return -EBUSY;
	}
	*slot = map;
	return 0;
}

static int check_map(struct bpf_verifier_env *env, struct bpf_map *map)
{
	int err;

	err = check_fields(env, map);
	if (!err)
		err = check_traits(env, map);
	if (err)
		return err;
	switch (map->map_type) {
	case BPF_MAP_TYPE_ARENA:
		return check_arena(env, map);
	case BPF_MAP_TYPE_CGROUP_STORAGE:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
		return check_cgroup_storage(env, map);
	default:
		return 0;
	}
}

/* ------------------------------------------------------------------ references */

/* Takes the caller's reference over: keeps it, or drops it where the map is known or on failure. */
static int use_map(struct bpf_verifier_env *env, struct bpf_map *map)
{
	u32 i;
	int err;

	for (i = 0; i < env->nr_used_maps; i++) {
		if (env->used_maps[i] == map) {
			bpf_map_put(map);
			return 0;
		}
	}
	if (env->nr_used_maps == BPF_VERIFY_MAX_MAPS)
		err = bpf_reject(env, REJECT_TOO_MANY_MAPS,
				 "The total number of maps per program has reached the limit of %d",
				 BPF_VERIFY_MAX_MAPS);
	else
		err = check_map(env, map);
	if (err) {
		bpf_map_put(map);
		return err;
	}
	env->used_maps[env->nr_used_maps++] = map;
	return 0;
}

static int check_value_off(struct bpf_verifier_env *env, u32 idx, const struct bpf_map *map)
{
	u32 off = env_insn(env, idx)[1].imm;
	u64 addr;

	if (off >= BPF_VERIFY_MAX_VAR_OFF)
		return bpf_reject(env, REJECT_BAD_MAP_VALUE,
				  "direct value offset of %u is not allowed", off);
	if (!map->ops->direct_value_addr) {
		bpf_reject(env, REJECT_BAD_MAP_VALUE,
			   "no direct value access support for this map type");
		return -EINVAL;
	}
	if (map->ops->direct_value_addr(map, &addr, off))
		return bpf_reject(env, REJECT_BAD_MAP_VALUE,
				  "invalid access to map value pointer, value_size=%u off=%u",
				  map->value_size, off);
	env->aux[idx].map_off = off;
	return 0;
}

static int resolve_map(struct bpf_verifier_env *env, u32 idx, bool by_idx, bool value)
{
	int fd = env_insn(env, idx)->imm, err;
	struct bpf_map *map;

	if (by_idx) {
		err = resolve_fd_array(env, fd, &fd);
		if (err)
			return err;
	}
	map = bpf_map_get(fd);
	if (IS_ERR(map)) {
		bpf_reject(env, REJECT_BAD_MAP, "fd %d is not pointing to valid bpf_map", fd);
		return PTR_ERR(map);
	}
	err = use_map(env, map);
	if (err)
		return err;
	env->aux[idx].map = map;
	return value ? check_value_off(env, idx, map) : 0;
}

static int resolve_insn(struct bpf_verifier_env *env, u32 idx)
{
	env->insn_idx = idx;
	switch (env->aux[idx].id) {
	case INSN_LD_MAP_FD:
		return resolve_map(env, idx, false, false);
	case INSN_LD_MAP_VALUE:
		return resolve_map(env, idx, false, true);
	case INSN_LD_MAP_IDX:
		return resolve_map(env, idx, true, false);
	case INSN_LD_MAP_IDX_VALUE:
		return resolve_map(env, idx, true, true);
	case INSN_LD_BTF_ID:
		return resolve_btf_id(env, idx);
	case INSN_CALL_KFUNC:
		return resolve_kfunc(env, idx);
	default:
		return 0;
	}
}

/**
 * bpf_pass_resolve - look up what instructions name
 * @env: environment, after btf_info
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_pass_resolve(struct bpf_verifier_env *env)
{
	u32 i;
	int err = 0;

	for (i = 0; i < env->prog->len && !err; i++) {
		if (!env->aux[i].second)
			err = resolve_insn(env, i);
	}
	return err;
}
