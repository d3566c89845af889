// SPDX-License-Identifier: GPL-2.0
/* kernel/bpf/exec in user space: loading, running, and the list of tests. */
#include "exec_test.h"

int passed, failed;

static void resolve(const struct code *c, struct bpf_insn *insn)
{
	u32 i;

	for (i = 0; i < c->len; i += insn_slots(&insn[i])) {
		if (insn_is_sub_call(&insn[i]) || insn_is_sub_addr(&insn[i]))
			insn[i].imm = (s32)c->start[insn[i].imm] - (s32)i - 1;
	}
}

/* Loads a program as the system call would; NULL and an error where it is refused. */
struct bpf_prog *try_load(const struct code *c, int *err)
{
	struct bpf_func_desc desc[FUNCS] = {};
	struct bpf_prog *prog;
	u32 i;

	*err = -ENOMEM;
	prog = bpf_prog_alloc(c->len, GFP_KERNEL);
	if (!prog)
		return NULL;
	memcpy(prog->insnsi, c->insn, c->len * sizeof(c->insn[0]));
	resolve(c, prog->insnsi);
	prog->aux->linfo = (void *)c->linfo;
	prog->aux->nr_linfo = c->nr_linfo;
	for (i = 0; i < c->funcs; i++) {
		desc[i].start = c->start[i];
		desc[i].stack_depth = c->stack[i];
		desc[i].name = "f";
		while (desc[i].linfo_idx < c->nr_linfo &&
		       c->linfo[desc[i].linfo_idx].insn_off < c->start[i])
			desc[i].linfo_idx++;
	}
	*err = bpf_prog_set_funcs(prog, desc, c->funcs);
	if (!*err)
		*err = bpf_prog_select_runtime(prog);
	if (!*err)
		return prog;
	bpf_prog_free_unlinked(prog);
	return NULL;
}

struct bpf_prog *load(const struct code *c)
{
	struct bpf_prog *prog;
	int err;

	prog = try_load(c, &err);
	if (!prog) {
		printf("a program is refused: %d\n", err);
		exit(2);
	}
	return prog;
}

u32 run(struct bpf_prog *prog, void *ctx)
{
	return prog->bpf_func(ctx, prog->insnsi);
}

u32 run_code(const struct code *c, void *ctx)
{
	struct bpf_prog *prog = load(c);
	u32 ret = run(prog, ctx);

	bpf_prog_free(prog);
	return ret;
}

int main(void)
{
	long live = shim_live;

	test_alu();
	test_jumps();
	test_memory();
	test_atomics();
	test_calls();
	test_callbacks();
	test_tail_calls();
	test_blinding();
	test_programs();
	test_images();
	test_failures();
	CHECK(shim_warnings == 0, "%d warnings", shim_warnings);
	/* the last pack of images stays, and what describes it */
	CHECK(shim_live - live <= 4, "%ld pieces of memory left", shim_live - live);
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
