// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_PROG_LOAD: from attributes to a program that runs.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/filter.h>
#include <linux/license.h>
#include <linux/security.h>
#include <linux/timekeeping.h>
#include "exec/exec.h"
#include "maps/prog_array.h"
#include "prog/prog_type.h"
#include "syscall/cmd.h"
#include "syscall/ids.h"
#include "syscall/prog.h"
#include "verifier/verify.h"

#define PROG_LOAD_FLAGS	(BPF_F_STRICT_ALIGNMENT | BPF_F_ANY_ALIGNMENT | BPF_F_TEST_STATE_FREQ | \
			 BPF_F_SLEEPABLE | BPF_F_TEST_RND_HI32 | BPF_F_XDP_HAS_FRAGS | \
			 BPF_F_XDP_DEV_BOUND_ONLY | BPF_F_TEST_REG_INVARIANTS | BPF_F_TOKEN_FD)

/* Longest program of a loader with CAP_BPF, in instructions. */
#define PROG_MAX_INSNS	1000000

/* Longest licence string, terminator included. */
#define LICENSE_MAX	128

/* Program types that attach to a BTF id. */
#define BTF_ATTACHED	(BIT_ULL(BPF_PROG_TYPE_TRACING) | BIT_ULL(BPF_PROG_TYPE_LSM) | \
			 BIT_ULL(BPF_PROG_TYPE_STRUCT_OPS) | BIT_ULL(BPF_PROG_TYPE_EXT))

/* What a program is being built from; dropped by load_end(). */
struct prog_load {
	const struct bpf_cmd_args *args;
	union bpf_attr *attr;
	const struct bpf_prog_type_info *info;
	struct bpf_token *token;
	struct bpf_prog *dst_prog;
	struct btf *attach_btf;
	struct btf *btf;
};

static void load_end(struct prog_load *load)
{
	if (load->dst_prog)
		bpf_prog_put(load->dst_prog);
	btf_put(load->attach_btf);
	btf_put(load->btf);
	bpf_token_put(load->token);
}

static int load_get_token(struct prog_load *load)
{
	union bpf_attr *attr = load->attr;
	struct bpf_token *token;

	if (!(attr->prog_flags & BPF_F_TOKEN_FD))
		return 0;
	attr->prog_flags &= ~BPF_F_TOKEN_FD;
	token = bpf_cmd_token(attr->prog_token_fd, BPF_PROG_LOAD);
	if (IS_ERR(token))
		return PTR_ERR(token);
	if (token && !bpf_token_allow_prog_type(token, attr->prog_type,
						attr->expected_attach_type)) {
		bpf_token_put(token);
		token = NULL;
	}
	load->token = token;
	return 0;
}

static int load_check_caps(const struct prog_load *load)
{
	const struct bpf_prog_type_info *info = load->info;
	const union bpf_attr *attr = load->attr;
	bool bpf = bpf_token_capable(load->token, CAP_BPF);

	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS) &&
	    attr->prog_flags & BPF_F_ANY_ALIGNMENT && !bpf)
		return -EPERM;
	if (sysctl_unprivileged_bpf_disabled && !bpf)
		return -EPERM;
	if (!attr->insn_cnt || attr->insn_cnt > (bpf ? PROG_MAX_INSNS : BPF_MAXINSNS))
		return -E2BIG;
	if (!info->unprivileged && !bpf)
		return -EPERM;
	if (info->needs_net_admin && !bpf_token_capable(load->token, CAP_NET_ADMIN))
		return -EPERM;
	if (info->needs_perfmon && !bpf_token_capable(load->token, CAP_PERFMON))
		return -EPERM;
	return 0;
}

/* Values that clients left at 0 before the attribute existed. */
static void load_fix_attach_type(union bpf_attr *attr)
{
	if (attr->expected_attach_type)
		return;
	if (attr->prog_type == BPF_PROG_TYPE_CGROUP_SOCK)
		attr->expected_attach_type = BPF_CGROUP_INET_SOCK_CREATE;
	else if (attr->prog_type == BPF_PROG_TYPE_SK_REUSEPORT)
		attr->expected_attach_type = BPF_SK_REUSEPORT_SELECT;
}

/* What the program is going to attach to: a program, or a type of vmlinux or a module. */
static int load_get_target(struct prog_load *load)
{
	const union bpf_attr *attr = load->attr;
	struct bpf_prog *dst;
	struct btf *btf;

	if (attr->attach_prog_fd) {
		dst = bpf_prog_get(attr->attach_prog_fd);
		if (!IS_ERR(dst)) {
			load->dst_prog = dst;
			return 0;
		}
		btf = btf_get_by_fd(attr->attach_btf_obj_fd);
		if (IS_ERR(btf))
			return -EINVAL;
		load->attach_btf = btf;
		/* A program's types are reached through the program. */
		return btf_is_kernel(btf) ? 0 : -EOPNOTSUPP;
	}
	if (attr->attach_btf_id) {
		btf = bpf_get_btf_vmlinux();
		if (IS_ERR(btf))
			return PTR_ERR(btf);
		if (!btf)
			return -EINVAL;
		btf_get(btf);
		load->attach_btf = btf;
	}
	return 0;
}

static int load_check_target(const struct prog_load *load)
{
	const struct bpf_prog_type_info *info = load->info;
	const union bpf_attr *attr = load->attr;
	u32 attach_type = attr->expected_attach_type;

	if (attr->attach_btf_id && !(BTF_ATTACHED & BIT_ULL(attr->prog_type)))
		return -EINVAL;
	if (load->attach_btf && !attr->attach_btf_id)
		return -EINVAL;
	if (load->dst_prog && attr->prog_type != BPF_PROG_TYPE_TRACING &&
	    attr->prog_type != BPF_PROG_TYPE_EXT)
		return -EINVAL;
	if (info->attach_type_required &&
	    (attach_type >= __MAX_BPF_ATTACH_TYPE || !(info->attach_types & BIT_ULL(attach_type))))
		return -EINVAL;
	if (attr->prog_flags & BPF_F_SLEEPABLE && !info->can_sleep)
		return -EINVAL;
	if (attr->prog_flags & BPF_F_XDP_HAS_FRAGS && attr->prog_type != BPF_PROG_TYPE_XDP)
		return -EINVAL;
	if (attr->prog_flags & BPF_F_XDP_DEV_BOUND_ONLY && !attr->prog_ifindex)
		return -EINVAL;
	/* No device takes programs, or has metadata of its own for them. */
	return attr->prog_ifindex ? -EOPNOTSUPP : 0;
}

static int load_get_btf(struct prog_load *load)
{
	const union bpf_attr *attr = load->attr;
	struct btf *btf;

	if (!attr->func_info_cnt && !attr->line_info_cnt && !attr->core_relo_cnt)
		return 0;
	btf = btf_get_by_fd(attr->prog_btf_fd);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	load->btf = btf;
	return btf_is_kernel(btf) ? -EACCES : 0;
}

static int load_check(struct prog_load *load)
{
	const union bpf_attr *attr = load->attr;
	int err;

	if (attr->prog_flags & ~PROG_LOAD_FLAGS)
		return -EINVAL;
	err = load_get_token(load);
	if (err)
		return err;
	load->info = bpf_prog_type_find(attr->prog_type);
	if (!load->info)
		return -EINVAL;
	err = load_check_caps(load);
	if (err)
		return err;
	load_fix_attach_type(load->attr);
	err = load_get_target(load);
	if (!err)
		err = load_check_target(load);
	if (!err)
		err = load_get_btf(load);
	return err;
}

static int load_copy(struct prog_load *load, struct bpf_prog *prog)
{
	const struct bpf_cmd_args *args = load->args;
	const union bpf_attr *attr = load->attr;
	char license[LICENSE_MAX];
	long len;
	int err;

	err = bpf_obj_name_copy(prog->aux->name, attr->prog_name);
	if (err < 0)
		return err;
	err = cmd_copy_in(args, prog->insnsi, attr->insns,
			  array_size(attr->insn_cnt, sizeof(struct bpf_insn)));
	if (err)
		return err;
	len = cmd_copy_str(args, license, attr->license, sizeof(license));
	if (len == -E2BIG) {
		/* Longer than any licence that matters here. */
		license[0] = 0;
	} else if (len < 0) {
		return len;
	}
	prog->gpl_compatible = license_is_gpl_compatible(license);
	prog->len = attr->insn_cnt;
	return 0;
}

/* Hands over what @load holds. */
static void load_give(struct prog_load *load, struct bpf_prog *prog)
{
	const union bpf_attr *attr = load->attr;
	struct bpf_prog_aux *aux = prog->aux;

	prog->type = attr->prog_type;
	prog->expected_attach_type = attr->expected_attach_type;
	prog->sleepable = !!(attr->prog_flags & BPF_F_SLEEPABLE);
	aux->info = load->info;
	aux->attach_btf = load->attach_btf;
	aux->attach_btf_id = attr->attach_btf_id;
	aux->dst_prog = load->dst_prog;
	aux->xdp_has_frags = attr->prog_flags & BPF_F_XDP_HAS_FRAGS;
	aux->btf = load->btf;
	aux->token = load->token;
	aux->user = get_uid(current_user());
	aux->load_time = ktime_get_boottime_ns();
	load->attach_btf = NULL;
	load->dst_prog = NULL;
	load->btf = NULL;
	load->token = NULL;
}

/* Programs that an array of programs leads to share a frame: only like ones may use it. */
static int load_check_prog_arrays(struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->aux->used_map_cnt; i++) {
		struct bpf_map *map = prog->aux->used_maps[i];

		if (map->map_type == BPF_MAP_TYPE_PROG_ARRAY && !bpf_prog_array_accepts(map, prog))
			return -EINVAL;
	}
	return 0;
}

static int load_verify(struct prog_load *load, struct bpf_prog **progp)
{
	const struct bpf_cmd_args *args = load->args;
	struct bpf_prog *prog = *progp;
	int err;

	err = load_copy(load, prog);
	if (!err && load->info->check_load)
		err = load->info->check_load(load->attr, prog);
	if (!err)
		err = security_bpf_prog_load(prog, load->attr, prog->aux->token);
	if (err)
		return err;
	bpf_prog_calc_tag(prog);
	err = bpf_verify(progp, load->attr, args->uattr, args->size, args->from_kernel);
	/* The rewrite may have moved it. One that is refused holds nothing yet. */
	if (err)
		(*progp)->has_callchain_buf = false;
	else
		err = bpf_prog_hold_stacks(*progp);
	if (!err)
		err = bpf_prog_select_runtime(*progp);
	return err ?: load_check_prog_arrays(*progp);
}

static void prog_use_maps(struct bpf_prog *prog)
{
	u32 i;

	if (!prog->sleepable)
		return;
	/* Their end then waits for sleepable readers too. */
	for (i = 0; i < prog->aux->used_map_cnt; i++)
		atomic64_inc(&prog->aux->used_maps[i]->sleepable_refcnt);
}

/* Before anybody can run it: what its images jump to is what the arrays have. */
static void prog_track_pokes(struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < prog->aux->used_map_cnt; i++) {
		struct bpf_map *map = prog->aux->used_maps[i];

		if (map->ops->poke_track)
			map->ops->poke_track(map, prog->aux);
	}
}

static int load_publish(struct bpf_prog *prog)
{
	int id, fd;

	prog_use_maps(prog);
	id = bpf_id_new(&bpf_prog_ids, NULL);
	if (id < 0) {
		bpf_prog_release_resources(prog, prog->sleepable);
		bpf_prog_free_unlinked(prog);
		return id;
	}
	prog->aux->id = id;
	bpf_prog_kallsyms_add(prog);
	prog_track_pokes(prog);
	bpf_id_publish(&bpf_prog_ids, id, prog);
	bpf_prog_notify(prog, true);

	fd = bpf_prog_new_fd(prog);
	if (fd < 0)
		bpf_prog_put(prog);
	return fd;
}

/**
 * cmd_prog_load - BPF_PROG_LOAD
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EINVAL, -EPERM, -E2BIG, -EACCES, -EFAULT, -EBADF, -ENOMEM, -EMFILE, what the
 * verifier says.
 */
int cmd_prog_load(const struct bpf_cmd_args *args)
{
	struct prog_load load = { .args = args, .attr = args->attr };
	struct bpf_prog *prog;
	int err;

	err = load_check(&load);
	if (err)
		goto end;
	prog = bpf_prog_alloc(args->attr->insn_cnt, GFP_USER | __GFP_ACCOUNT);
	if (!prog) {
		err = -ENOMEM;
		goto end;
	}
	load_give(&load, prog);
	err = load_verify(&load, &prog);
	if (!err)
		return load_publish(prog);

	bpf_prog_release_resources(prog, false);
	bpf_prog_free_unlinked(prog);
end:
	load_end(&load);
	return err;
}
