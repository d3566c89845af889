/* SPDX-License-Identifier: GPL-2.0 */
/* Comparing states. */
#ifndef _KBPF_VERIFIER_PRUNE_H
#define _KBPF_VERIFIER_PRUNE_H

#include "verifier/snapshot.h"
#include "verifier/walk.h"

/* How a state is compared with one that was looked at before. */
enum bpf_cover {
	COVER_RELEVANT,		/* numbers that no verdict depends on may differ */
	COVER_ALL,		/* the state's values are among the old one's */
	COVER_EQUAL,		/* the two say the same */
};

bool state_covered(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		   const struct bpf_state *st, enum bpf_cover how);
size_t cover_size(void);
u32 state_shape(struct bpf_verifier_env *env, const struct bpf_state *st);
bool state_widen(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		 struct bpf_state *st, bool loop, bool often);
void state_counters(struct bpf_verifier_env *env, const struct bpf_state *st,
		    const struct bpf_snapshot *before, u16 *regs, u64 *slots);
bool state_same_turn(const struct bpf_snapshot *old, const struct bpf_state *st, u16 regs,
		     u64 slots);
u32 state_distance(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		   const struct bpf_state *st);

#endif /* _KBPF_VERIFIER_PRUNE_H */
