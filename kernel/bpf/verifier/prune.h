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

/* What is done where a state is to stand for an older one, too. */
enum bpf_widen {
	/* the older one is of an earlier turn of the loop that the state is in: */
	WIDEN_IRRELEVANT,	/* numbers that no verdict depended on are given up */
	JOIN_TURNS,		/* others become what they are in either */
	WIDEN_TURNS,		/* what changes is assumed to change on */
	/* the two are on different paths: */
	JOIN_PATHS,
	WIDEN_PATHS,		/* as JOIN_PATHS, but ranges are assumed to change on */
};

bool state_covered(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		   const struct bpf_state *st, enum bpf_cover how);
bool args_covered(struct bpf_verifier_env *env, const struct bpf_reg *old,
		  const struct bpf_reg *regs, u16 mask, u32 entry);
bool exit_covered(struct bpf_verifier_env *env, const struct bpf_reg *old,
		  const struct bpf_reg *r0);
size_t cover_size(void);
bool prune_is_off(void);
u32 state_shape(struct bpf_verifier_env *env, const struct bpf_state *st);
bool state_widen(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		 struct bpf_state *st, enum bpf_widen how);
u32 state_distance(struct bpf_verifier_env *env, const struct bpf_snapshot *old,
		   const struct bpf_state *st);

/* turns.c */
int turns_init(struct bpf_verifier_env *env);
void turns_free(struct bpf_verifier_env *env);
void turns_note(struct bpf_verifier_env *env, const struct bpf_snapshot *before);
bool turns_agree(struct bpf_verifier_env *env, const struct bpf_snapshot *old, bool ended);

/* merge.c */
int merge_visit(struct bpf_verifier_env *env);
int merge_covered(struct bpf_verifier_env *env, u32 node);
bool merge_same_turn(const struct bpf_verifier_env *env, const struct bpf_snapshot *old);

#endif /* _KBPF_VERIFIER_PRUNE_H */
