/* SPDX-License-Identifier: GPL-2.0 */
/* Between the two halves of the liveness pass. */
#ifndef _KBPF_VERIFIER_LIVE_H
#define _KBPF_VERIFIER_LIVE_H

#include "verifier/verifier.h"

/**
 * struct stack_use - what one instruction does to its frame
 * @reads: bit n: slot n may be read, by it or by what it calls
 * @writes: bit n: all of slot n is written whatever happens
 */
struct stack_use {
	u64 reads;
	u64 writes;
};

/**
 * stack_use_find - find out what each instruction does to its frame
 * @env: environment, after cfg
 * @use: one an instruction; unreachable ones are left alone
 *
 * Context: process, may sleep. Return: 0 or -ENOMEM.
 */
int stack_use_find(struct bpf_verifier_env *env, struct stack_use *use);

#endif /* _KBPF_VERIFIER_LIVE_H */
