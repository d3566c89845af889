// SPDX-License-Identifier: GPL-2.0
/*
 * Calls of kernel functions, by their BTF.
 */
#include "verifier/call.h"

/**
 * walk_kfunc - call of a kernel function
 * @env: environment
 * @insn: instruction
 *
 * Context: handler. Return: 0 or -errno.
 */
int walk_kfunc(struct bpf_verifier_env *env, const struct bpf_insn *insn)
{
	return bpf_reject(env, REJECT_UNSUPPORTED, "calling kernel functions is not supported");
}
