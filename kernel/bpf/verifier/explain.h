/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_VERIFIER_EXPLAIN_H
#define _KBPF_VERIFIER_EXPLAIN_H

#include "verifier/walk.h"

void explain_path(struct bpf_verifier_env *env);

#endif /* _KBPF_VERIFIER_EXPLAIN_H */
