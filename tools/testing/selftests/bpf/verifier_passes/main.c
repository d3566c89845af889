// SPDX-License-Identifier: GPL-2.0
/* Environments for single passes, what they need of the rest of the kernel, the list of tests. */
#include <stdlib.h>
#include "btf/btf.h"
#include "exec/exec.h"
#include "helpers/helpers.h"
#include "passes.h"
#include "verifier/call.h"

int passed, failed;

/* ------------------------------------------------------------------ the kernel's part */

static const struct bpf_func_proto lookup_proto = {
	.arg1_type = ARG_CONST_MAP_PTR, .arg2_type = ARG_PTR_TO_MAP_KEY,
};

static const struct bpf_func_proto loop_proto = {
	.arg1_type = ARG_ANYTHING, .arg2_type = ARG_PTR_TO_FUNC,
	.arg3_type = ARG_PTR_TO_STACK_OR_NULL, .arg4_type = ARG_ANYTHING,
};

const struct bpf_func_proto *bpf_helper_find(const struct bpf_prog *prog, u32 id)
{
	return id == BPF_FUNC_map_lookup_elem ? &lookup_proto :
	       id == BPF_FUNC_loop ? &loop_proto : NULL;
}

const char *bpf_helper_name(u32 id)
{
	return id == BPF_FUNC_map_lookup_elem ? "bpf_map_lookup_elem" : NULL;
}

const struct bpf_kfunc_desc *bpf_kfunc_find(const struct bpf_verifier_env *env, u32 id, s16 fd)
{
	return NULL;
}

int bpf_exception_find(struct bpf_verifier_env *env)
{
	return 0;
}

const struct callback_ctx_regs *callback_ctx_regs(s32 id)
{
	static const struct callback_ctx_regs loop = { BPF_FUNC_loop, BPF_REG_3, BPF_REG_2 };

	return id == BPF_FUNC_loop ? &loop : NULL;
}

bool call_has_callback(const struct bpf_insn *insn)
{
	return insn_is_helper_call(insn) && callback_ctx_regs(insn->imm);
}

const struct btf_type *btf_type_by_id(const struct btf *btf, u32 id)
{
	return NULL;
}

const char *btf_type_name(const struct btf *btf, const struct btf_type *t)
{
	return "";
}

const struct btf_type *btf_type_skip_modifiers(const struct btf *btf, u32 id, u32 *res)
{
	return NULL;
}

unsigned long kallsyms_lookup_name(const char *name)
{
	return 0;
}

/* "BTF" of the tests: the offset is the text. */
const char *btf_name_by_offset(const struct btf *btf, u32 offset)
{
	static const char * const names[] = { "", "\tint x = 0;", "return x;", "dir/file.c" };

	return offset < ARRAY_SIZE(names) ? names[offset] : NULL;
}

void sort(void *base, size_t num, size_t size, int (*cmp)(const void *, const void *),
	  void (*swap)(void *, void *, int))
{
	qsort(base, num, size, cmp);
}

/* ------------------------------------------------------------------ environments */

u32 test_random(u32 below)
{
	static u64 seed = 88172645463325252ULL;

	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (u32)(seed >> 16) % below;
}

void test_open(struct test_env *t, const struct bpf_insn *insns, u32 cnt, bool privileged)
{
	static const struct bpf_prog_type_info info = { .name = "test" };
	struct bpf_verifier_env *env = calloc(1, sizeof(*env));
	struct bpf_prog *prog = bpf_prog_alloc(cnt, GFP_KERNEL);

	memset(t->log, 0, sizeof(t->log));
	t->env = env;
	memcpy(prog->insnsi, insns, cnt * sizeof(*insns));
	env->prog = prog;
	env->info = &info;
	env->aux = calloc(cnt, sizeof(*env->aux));
	env->bpf_capable = privileged;
	env->bypass_spec_v1 = privileged;
	env->insn_idx = U32_MAX;
	env->prev_linfo = U32_MAX;
	bpf_vlog_init(&env->log, BPF_LOG_LEVEL1, t->log, sizeof(t->log));
}

void test_close(struct test_env *t)
{
	kvfree(t->env->rpo);
	kvfree(t->env->subprogs);
	free(t->env->aux);
	bpf_edits_free(t->env->edits);
	bpf_vlog_free(&t->env->log);
	bpf_prog_free_unlinked(t->env->prog);
	free(t->env);
}

int test_passes(struct test_env *t)
{
	int err = bpf_pass_decode(t->env);

	err = err ?: bpf_pass_subprogs(t->env);
	err = err ?: bpf_pass_cfg(t->env);
	return err ?: bpf_pass_live(t->env);
}

int test_log(struct test_env *t)
{
	u32 size;
	int err = test_passes(t);

	bpf_reject_explain(t->env);
	bpf_vlog_finish(&t->env->log, &size);
	return err;
}

int main(void)
{
	long live = shim_live;

	test_logs();
	test_decode();
	test_subprogs();
	test_cfg();
	test_live();
	test_edits();
	test_rewrite();
	CHECK(shim_warnings == 0, "%d warnings", shim_warnings);
	CHECK(shim_live == live, "%ld pieces of memory left", shim_live - live);
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
