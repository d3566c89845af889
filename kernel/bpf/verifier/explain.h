/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Saying why a program was rejected. reject.c prints the parts in order; explain.c finds the path
 * and what of it matters, cause.c puts in words what is wrong on it and what can be done.
 */
#ifndef _KBPF_VERIFIER_EXPLAIN_H
#define _KBPF_VERIFIER_EXPLAIN_H

#include "verifier/walk.h"

#define PATH_MAX_STEPS	8192	/* the last ones of a path */

/* One instruction of a path. */
struct step {
	u32 idx;
	u8 depth;		/* of calls */
	bool taken;		/* conditional jumps */
};

/**
 * struct trace - the last part of a path, a ring
 * @step: step n is @step[n % PATH_MAX_STEPS]
 * @cnt: how many there were; the last one is the instruction that was refused, or before it
 * @call: instructions of the calls that are open
 * @depth: how many
 * @trail: entries of the walk's trail that were used
 */
struct trace {
	struct step *step;
	u32 cnt;
	u32 call[BPF_VERIFY_MAX_FRAMES];
	u32 depth;
	u32 trail;
};

static inline const struct step *trace_step(const struct trace *p, u32 i)
{
	return &p->step[i % PATH_MAX_STEPS];
}

/* Number of the oldest step that is held. */
static inline u32 trace_oldest(const struct trace *p)
{
	return p->cnt > PATH_MAX_STEPS ? p->cnt - PATH_MAX_STEPS : 0;
}

/* explain.c */
void explain_path(struct bpf_verifier_env *env, struct trace *p);
bool explain_slot(const struct bpf_insn *insn, u8 base, u64 *slot);
int explain_fault_reg(const struct bpf_verifier_env *env);

/* cause.c: notes, and what to do about it; NULL: what the table says */
const char *explain_cause(struct bpf_verifier_env *env, const struct trace *p);

#endif /* _KBPF_VERIFIER_EXPLAIN_H */
