// SPDX-License-Identifier: GPL-2.0
/*
 * Dispatchers: a hook's indirect call turned into a search among the programs
 * in use, with a direct jump at the end of it.
 *
 * The code is a C function (ctx, insns, func). Functions are sorted; every inner
 * node compares RDX with the last of its left half, every leaf with its only
 * function, and what is not found goes on to an indirect jump.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "exec/arch.h"
#include "jit.h"

struct dispatcher {
	u8 *buf;
	u64 image;
	u32 len;
	u32 size;
	const u64 *funcs;
};

static int put(struct dispatcher *d, const struct x86_insn *insn)
{
	u8 bytes[X86_MAX_INSN];
	int len = x86_encode(insn, bytes);

	if (len < 0)
		return len;
	if (len > (int)(d->size - d->len))
		return -E2BIG;
	memcpy(d->buf + d->len, bytes, len);
	d->len += len;
	return 0;
}

/* A branch to an address; @len is what the branch takes. */
static int put_branch(struct dispatcher *d, struct x86_insn insn, u64 target, u32 len)
{
	insn.imm = target - (d->image + d->len + len);
	return put(d, &insn);
}

static int put_cmp(struct dispatcher *d, u64 func)
{
	struct x86_insn cmp = x86_ri(X86_CMP, 8, X86_RDX, func);

	return put(d, &cmp);
}

/* Not one of the programs, or one that came later. */
static int put_fallback(struct dispatcher *d)
{
	const struct jit_env *env = jit_env_get();
	struct x86_insn insn;
	int err;

	if (env->indirect_thunk[X86_RDX])
		return put_branch(d, x86_none(X86_JMP), env->indirect_thunk[X86_RDX], 5);
	if (env->lfence_indirect) {
		insn = x86_none(X86_LFENCE);
		err = put(d, &insn);
		if (err)
			return err;
	}
	insn = x86_r(X86_JMP_IND, 8, X86_RDX);
	err = put(d, &insn);
	insn = x86_none(X86_INT3);
	return err ? err : put(d, &insn);
}

static int put_leaf(struct dispatcher *d, u64 func)
{
	int err = put_cmp(d, func);

	if (!err)
		err = put_branch(d, x86_jcc(X86_CC_E, X86_NOLABEL), func, 6);
	return err ? err : put_fallback(d);
}

/* Functions @lo to @hi; depth is logarithmic in their number. */
static int put_range(struct dispatcher *d, u32 lo, u32 hi)
{
	u32 mid = lo + (hi - lo) / 2, at;
	s32 disp = 0;
	int err;

	if (lo == hi)
		return put_leaf(d, d->funcs[lo]);
	err = put_cmp(d, d->funcs[mid]);
	if (!err)
		err = put_branch(d, x86_jcc(X86_CC_A, X86_NOLABEL), d->image + d->len + 6, 6);
	if (err)
		return err;
	at = d->len;
	err = put_range(d, lo, mid);
	if (err)
		return err;
	disp = d->len - at;
	memcpy(d->buf + at - sizeof(disp), &disp, sizeof(disp));
	return put_range(d, mid + 1, hi);
}

static int cmp_func(const void *a, const void *b)
{
	u64 x = *(const u64 *)a, y = *(const u64 *)b;

	return x < y ? -1 : x > y;
}

/**
 * bpf_arch_dispatcher - code that calls one of some programs directly
 * @image: where it will run
 * @buf: where it is written
 * @size: bytes at @buf
 * @funcs: entries of the programs; sorted on return
 * @nr: how many, at least 1
 *
 * Context: Any.
 * Return: Bytes written; -EINVAL without programs or with one that a comparison
 * cannot name, -E2BIG when @size is too small, -ERANGE for one out of reach.
 */
int bpf_arch_dispatcher(void *image, void *buf, u32 size, u64 *funcs, u32 nr)
{
	struct dispatcher d = { .buf = buf, .image = (u64)(unsigned long)image, .size = size,
				.funcs = funcs };
	struct x86_insn endbr = x86_none(X86_ENDBR64);
	int err = 0;

	if (!nr)
		return -EINVAL;
	sort(funcs, nr, sizeof(*funcs), cmp_func, NULL);
	if (jit_env_get()->endbr)
		err = put(&d, &endbr);
	if (!err)
		err = put_range(&d, 0, nr - 1);
	return err ? err : d.len;
}
