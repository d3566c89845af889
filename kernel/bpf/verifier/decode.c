// SPDX-License-Identifier: GPL-2.0
/*
 * First pass: every instruction is one of the instruction set, and every jump lands on one.
 */
#include <linux/errno.h>
#include "verifier/verifier.h"

/* What is refused by the table's faults, as rows of the rejection table. */
static const u16 fault_rejections[INSN_FAULT_NR] = {
	[INSN_FAULT_NONE] = REJECT_INTERNAL,
	[INSN_FAULT_OPCODE] = REJECT_BAD_INSN,
	[INSN_FAULT_RESERVED] = REJECT_BAD_INSN,
	[INSN_FAULT_ATOMIC] = REJECT_BAD_INSN,
	[INSN_FAULT_PSEUDO] = REJECT_BAD_INSN,
	[INSN_FAULT_WIDE] = REJECT_BAD_INSN,
	[INSN_FAULT_REG] = REJECT_BAD_REG,
	[INSN_FAULT_FP_WRITE] = REJECT_FP_WRITE,
	[INSN_FAULT_SHIFT] = REJECT_BAD_SHIFT,
	[INSN_FAULT_DIVISOR] = REJECT_BAD_INSN,
	[INSN_FAULT_ADDR_SPACE] = REJECT_BAD_INSN,
};

static int decode_insn(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	struct insn_fault fault = {};
	char text[128];
	int slots;

	env->insn_idx = idx;
	slots = insn_check(insn, env->prog->len - idx, 0, &fault);
	if (slots < 0) {
		insn_fault_text(text, sizeof(text), &fault);
		return bpf_reject(env, fault_rejections[fault.kind], "%s", text);
	}
	env->aux[idx].id = bpf_insn_decode(insn);
	env->aux[idx].orig_idx = idx;
	if (slots == 2) {
		env->aux[idx + 1].second = true;
		env->aux[idx + 1].orig_idx = idx + 1;
	}
	return slots;
}

static bool lands(const struct bpf_verifier_env *env, s64 target)
{
	return target >= 0 && target < env->prog->len && !env->aux[target].second;
}

/* Distances are s16 or s32 and indexes u32: sums in 64 bits cannot wrap. */
static int check_target(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = env_insn(env, idx);
	s64 target = insn_jump_target(insn, idx);

	env->insn_idx = idx;
	if (insn_is_sub_addr(insn))
		target = (s64)idx + 1 + insn->imm;
	else if (!insn_is_jump(insn) && !insn_is_sub_call(insn))
		return 0;
	if (lands(env, target))
		return 0;
	if (insn_is_jump(insn) && target > 0 && target < env->prog->len)
		return bpf_reject(env, REJECT_JUMP_RANGE,
				  "jump into the middle of ldimm64 insn %lld", target - 1);
	if (insn_is_jump(insn))
		return bpf_reject(env, REJECT_JUMP_RANGE, "jump out of range from insn %u to %lld",
				  idx, target);
	return bpf_reject(env, REJECT_BAD_CALL, "call to invalid destination");
}

/**
 * bpf_pass_decode - check instructions one by one
 * @env: environment; the program as loaded
 *
 * Context: process. Return: 0 or -errno.
 */
int bpf_pass_decode(struct bpf_verifier_env *env)
{
	u32 i, len = env->prog->len;
	int ret;

	for (i = 0; i < len; i += ret) {
		ret = decode_insn(env, i);
		if (ret < 0)
			return ret;
	}
	for (i = 0; i < len; i++) {
		ret = env->aux[i].second ? 0 : check_target(env, i);
		if (ret)
			return ret;
	}
	return 0;
}
