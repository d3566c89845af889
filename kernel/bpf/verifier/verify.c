// SPDX-License-Identifier: GPL-2.0
/*
 * One verification: set up, the passes in order, hand over or tear down.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/ktime.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "verifier/verifier.h"
#include "verifier/verify.h"

typedef int (*bpf_pass_t)(struct bpf_verifier_env *env);

/* What a program attaches to by BTF id types its context; an extension gets another row. */
static int pass_target(struct bpf_verifier_env *env)
{
	char msg[160] = "";
	int err;

	if (!env->info->check_target)
		return 0;
	err = env->info->check_target(env->prog, msg, sizeof(msg));
	if (err)
		bpf_reject(env, REJECT_ATTACH_TARGET, "%s", msg);
	env->info = env->prog->aux->info;
	return err;
}

/* In order. Each may rely on all those before it. */
static const struct {
	const char *name;
	bpf_pass_t run;
} passes[] = {
	{ "decode", bpf_pass_decode },
	{ "subprograms", bpf_pass_subprogs },
	{ "btf_info", bpf_pass_btf_info },
	{ "target", pass_target },
	{ "resolve", bpf_pass_resolve },
	{ "cfg", bpf_pass_cfg },
	{ "live", bpf_pass_live },
	{ "walk", bpf_pass_walk },
	{ "stack_depth", bpf_pass_stack_depth },
	{ "rewrite", bpf_pass_rewrite },
};

static int run_passes(struct bpf_verifier_env *env)
{
	u32 i;
	int err;

	for (i = 0; i < ARRAY_SIZE(passes); i++) {
		env->insn_idx = U32_MAX;
		err = passes[i].run(env);
		if (err)
			return err;
		cond_resched();
	}
	return 0;
}

static void env_set_privileges(struct bpf_verifier_env *env)
{
	const struct bpf_token *token = env->prog->aux->token;
	bool perfmon = bpf_token_capable(token, CAP_PERFMON);

	env->bpf_capable = bpf_token_capable(token, CAP_BPF);
	env->allow_ptr_leaks = perfmon;
	env->allow_uninit_stack = perfmon;
	env->bypass_spec_v1 = perfmon;
	env->bypass_spec_v4 = perfmon;
}

static void env_set_flags(struct bpf_verifier_env *env, u32 flags)
{
	env->strict_alignment = flags & BPF_F_STRICT_ALIGNMENT;
	if (!IS_ENABLED(CONFIG_HAVE_EFFICIENT_UNALIGNED_ACCESS))
		env->strict_alignment = true;
	env->any_alignment = flags & BPF_F_ANY_ALIGNMENT;
	if (env->any_alignment)
		env->strict_alignment = false;
	if (env->bpf_capable) {
		env->test_state_freq = flags & BPF_F_TEST_STATE_FREQ;
		env->test_reg_invariants = flags & BPF_F_TEST_REG_INVARIANTS;
	}
	env->rnd_hi32 = flags & BPF_F_TEST_RND_HI32;
}

static struct bpf_verifier_env *env_new(struct bpf_prog *prog, const union bpf_attr *attr,
					union bpf_attr __user *uattr, u32 uattr_size,
					bool from_kernel)
{
	struct bpf_verifier_env *env;

	env = kvzalloc(sizeof(*env), GFP_KERNEL_ACCOUNT);
	if (!env)
		return NULL;
	env->aux = kvcalloc(prog->len, sizeof(*env->aux), GFP_KERNEL_ACCOUNT);
	if (!env->aux) {
		kvfree(env);
		return NULL;
	}
	env->prog = prog;
	env->info = prog->aux->info;
	env->attr = attr;
	env->uattr = uattr;
	env->uattr_size = uattr_size;
	env->from_kernel = from_kernel;
	env->insn_idx = U32_MAX;
	env->prev_linfo = U32_MAX;
	env->stats.start_ns = ktime_get_ns();
	env_set_privileges(env);
	env_set_flags(env, attr->prog_flags);
	return env;
}

static void env_put_objects(struct bpf_verifier_env *env)
{
	u32 i;

	for (i = 0; i < env->nr_used_maps; i++)
		bpf_map_put(env->used_maps[i]);
	for (i = 0; i < env->nr_used_btfs; i++) {
		module_put(env->used_btfs[i].module);
		btf_put(env->used_btfs[i].btf);
	}
	env->nr_used_maps = 0;
	env->nr_used_btfs = 0;
}

static void env_free(struct bpf_verifier_env *env)
{
	env_put_objects(env);
	bpf_edits_free(env->edits);
	bpf_vlog_free(&env->log);
	kvfree(env->kfuncs);
	kvfree(env->subprogs);
	kvfree(env->rpo);
	kvfree(env->aux);
	kvfree(env);
}

/* The program takes over the references on maps and BTFs. */
static int env_hand_over(struct bpf_verifier_env *env)
{
	struct bpf_prog_aux *aux = env->prog->aux;

	if (env->nr_used_maps) {
		aux->used_maps = kmemdup(env->used_maps,
					 array_size(env->nr_used_maps, sizeof(*aux->used_maps)),
					 GFP_KERNEL_ACCOUNT);
		if (!aux->used_maps)
			return -ENOMEM;
		aux->used_map_cnt = env->nr_used_maps;
		env->nr_used_maps = 0;
	}
	if (env->nr_used_btfs) {
		aux->used_btfs = kmemdup(env->used_btfs,
					 array_size(env->nr_used_btfs, sizeof(*aux->used_btfs)),
					 GFP_KERNEL_ACCOUNT);
		if (!aux->used_btfs)
			return -ENOMEM;
		aux->used_btf_cnt = env->nr_used_btfs;
		env->nr_used_btfs = 0;
	}
	aux->verified_insns = env->stats.insns;
	return 0;
}

#define ATTR_HAS(size, field) \
	((size) >= offsetofend(union bpf_attr, field))

/* A full buffer fails the load only in the fixed form, and never hides why the program failed. */
static int env_close_log(struct bpf_verifier_env *env, int err)
{
	u32 true_size = 0;
	int log_err;

	if (bpf_vlog_on(&env->log)) {
		if (err)
			bpf_reject_explain(env);
		vlog_stats(env);
	}
	log_err = bpf_vlog_finish(&env->log, &true_size);
	if (ATTR_HAS(env->uattr_size, log_true_size) && env->uattr && !env->from_kernel &&
	    put_user(true_size, &env->uattr->log_true_size))
		return -EFAULT;
	if (log_err == -EFAULT || (log_err && (!err || env->log.level & BPF_LOG_FIXED)))
		return log_err;
	return err;
}

int bpf_verify(struct bpf_prog **prog, const union bpf_attr *attr, union bpf_attr __user *uattr,
	       u32 uattr_size, bool from_kernel)
{
	struct bpf_verifier_env *env;
	int err;

	if (!(*prog)->len || !(*prog)->aux->info)
		return -EINVAL;
	env = env_new(*prog, attr, uattr, uattr_size, from_kernel);
	if (!env)
		return -ENOMEM;
	err = bpf_vlog_init(&env->log, attr->log_level, (char __user *)(unsigned long)attr->log_buf,
			    attr->log_size);
	if (err)
		goto out;
	err = run_passes(env);
	if (!err)
		err = env_hand_over(env);
	err = env_close_log(env, err);
	*prog = env->prog;
out:
	env_free(env);
	return err;
}
