/* SPDX-License-Identifier: GPL-2.0 */
/* The library of relocations that libbpf and the kernel share, and what it asks of either. */
#ifndef _KBPF_BTF_CORE_H
#define _KBPF_BTF_CORE_H

#include <linux/bpf.h>
#include <linux/btf.h>

/* Where it is logged. */
struct bpf_verifier_log;
__printf(2, 3) void bpf_log(struct bpf_verifier_log *log, const char *fmt, ...);

/* An enum may grow from 32 to 64 bits; all other kinds stay what they are. */
static inline bool btf_core_kinds_agree(u32 local, u32 target)
{
	const u32 enums = BIT(BTF_KIND_ENUM) | BIT(BTF_KIND_ENUM64);

	return local == target || (enums & BIT(local) && enums & BIT(target));
}

#include <../tools/lib/bpf/relo_core.h>

#endif /* _KBPF_BTF_CORE_H */
