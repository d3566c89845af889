// SPDX-License-Identifier: GPL-2.0
/*
 * Kernels with IBT, retpolines and return thunks: every place that indirect branches lead to begins
 * with ENDBR64, no other place has one, and nothing leaves an image but by the thunks. The images
 * are disassembled by objdump, and run with thunks that count.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "exec/arch.h"
#include "jittest.h"

#define NR_REGS		16
#define THUNK_SIZE	32

/* One thunk a register and one for returns, each with its count of runs. */
static u8 *thunks;
static u64 *counts;

static u64 thunk_addr(u32 k)
{
	return (u64)thunks + THUNK_SIZE * k;
}

/* pushes and pops RAX around counting; the flags belong to nobody at a branch */
static void write_thunk(u32 k)
{
	u8 *p = (u8 *)thunk_addr(k);
	u64 count = (u64)&counts[k];
	struct x86_insn last = k == NR_REGS ? x86_none(X86_RET) : x86_r(X86_JMP_IND, 8, k);

	*p++ = 0x50;
	*p++ = 0x48;
	*p++ = 0xb8;
	memcpy(p, &count, 8);
	p += 8;
	memcpy(p, (u8 []){ 0x48, 0xff, 0x00, 0x58 }, 4);
	p += 4;
	x86_encode(&last, p);
}

/* Below the images, where 32 bits reach. */
static bool make_thunks(const void *near)
{
	u64 at = ((u64)near & ~0xfffULL) - (1 << 20);
	u32 k;

	counts = calloc(NR_REGS + 1, sizeof(*counts));
	for (k = 0; k < 64; k++, at -= 1 << 20) {
		thunks = mmap((void *)at, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
		if (thunks != MAP_FAILED)
			break;
	}
	if (!t_check(thunks != MAP_FAILED && counts, "no memory for thunks near %p", near))
		return false;
	for (k = 0; k <= NR_REGS; k++)
		write_thunk(k);
	return true;
}

/* ------------------------------------------------------------------ reading images */

/* What objdump finds in a piece of text. */
struct seen {
	u32 insns, rets, indirect, endbr, bad;
	u32 to_return, to_indirect, unguarded;
	u64 endbr_at[8];
};

static void see_branch(struct seen *s, const char *text, bool *guard)
{
	const char *to = strstr(text, "0x");
	u64 addr = to ? strtoull(to, NULL, 16) : 0;
	bool jump = !strncmp(text, "jmp", 3);

	if (addr == thunk_addr(NR_REGS)) {
		s->to_return++;
		*guard = true;
	} else if (addr >= thunk_addr(0) && addr < thunk_addr(NR_REGS)) {
		s->to_indirect++;
		*guard = jump;
	}
}

static void see_line(struct seen *s, const char *line, bool *guard)
{
	const char *tab = strchr(line, '\t');
	u64 addr = strtoull(line, NULL, 16);
	const char *text;

	if (!tab)
		return;
	text = tab + 1;
	if (*guard && strncmp(text, "int3", 4))
		s->unguarded++;
	*guard = false;
	s->insns++;
	if (strstr(text, "(bad)"))
		s->bad++;
	if (!strncmp(text, "ret", 3)) {
		s->rets++;
		*guard = true;
	} else if (!strncmp(text, "endbr64", 7)) {
		if (s->endbr < ARRAY_SIZE(s->endbr_at))
			s->endbr_at[s->endbr] = addr;
		s->endbr++;
	} else if (strchr(text, '*')) {
		s->indirect++;
		*guard = !strncmp(text, "jmp", 3);
	} else if (!strncmp(text, "jmp", 3) || !strncmp(text, "call", 4)) {
		see_branch(s, text, guard);
	}
}

static bool see(struct seen *s, const void *text, u32 len)
{
	char name[] = "/tmp/kbpf-jit.XXXXXX", cmd[256], line[256];
	int fd = mkstemp(name);
	bool guard = false;
	FILE *f;

	memset(s, 0, sizeof(*s));
	if (fd < 0 || write(fd, text, len) != len)
		return false;
	close(fd);
	snprintf(cmd, sizeof(cmd), "%s --adjust-vma=%#llx %s",
		 "objdump -D -b binary -m i386:x86-64 --no-show-raw-insn",
		 (unsigned long long)(u64)text, name);
	f = popen(cmd, "r");
	while (f && fgets(line, sizeof(line), f)) {
		if (line[0] == ' ')
			see_line(s, line, &guard);
	}
	if (f)
		pclose(f);
	unlink(name);
	return s->insns;
}

/* ------------------------------------------------------------------ programs */

static struct t_prog *progs;
static struct bpf_tail_map *map;
static struct bpf_prog *slots[4];

static struct bpf_insn call_sub(u8 idx)
{
	struct bpf_insn insn = insn_call_sub(0);

	insn.off = idx;
	return insn;
}

static void add_tail_call(struct t_prog *p, u32 index, u32 poke)
{
	t_add(p, insn_mov64_reg(1, 6));
	t_add_imm64(p, 2, 0, (u64)map);
	t_add(p, insn_mov64_imm(3, index));
	t_add(p, insn_tail_call(poke));
}

/* A helper call, a callback, a subprogram, both kinds of tail calls to empty slots, two exits. */
static void make_progs(void)
{
	struct t_prog *p = &progs[0];
	u8 r;

	p->stack = 8;
	t_add(p, insn_mov64_reg(6, 1));
	t_add_imm64(p, 1, BPF_PSEUDO_FUNC, 0);
	p->insns[p->len - 2].off = 2;
	t_add(p, insn_mov64_imm(2, 99));
	for (r = 3; r <= 5; r++)
		t_add(p, insn_mov64_imm(r, r));
	t_add(p, insn_call(bpf_call_imm(t_helper_callback)));
	t_add(p, insn_mov64_reg(7, 0));
	t_add(p, insn_mov64_reg(1, 6));
	t_add(p, call_sub(1));
	t_add(p, insn_alu64_reg(BPF_ADD, 7, 0));
	t_pokes.map = map;
	t_pokes.keys[0] = 0;
	t_pokes.cnt = 1;
	add_tail_call(p, 0, 1);
	add_tail_call(p, 1, 0);
	t_add(p, insn_mov64_reg(0, 7));
	t_add(p, insn_jump_imm(BPF_JEQ, 0, 5, 1));
	t_add(p, insn_exit());
	t_add(p, insn_mov64_imm(0, 6));
	t_add(p, insn_exit());

	t_add(&progs[1], insn_mov64_imm(0, 1000));
	t_add(&progs[1], insn_exit());

	t_add(&progs[2], insn_mov64_reg(0, 1));
	t_add(&progs[2], insn_alu64_reg(BPF_XOR, 0, 2));
	t_add(&progs[2], insn_exit());
}

static void check_function(const struct jit_env *e, const struct t_image *img, u32 i)
{
	u64 entry = (u64)img->prog[i]->bpf_func;
	u32 want = e->endbr ? (i ? 1 : 2) : 0;
	struct seen s;

	if (!t_check(see(&s, (void *)entry, img->prog[i]->jited_len), "objdump does not run"))
		return;
	t_check(!s.bad, "function %u: %u bytes are no instructions", i, s.bad);
	t_check(s.endbr == want, "function %u: %u ENDBR64, not %u", i, s.endbr, want);
	if (want)
		t_check(s.endbr_at[0] == entry, "function %u: entry without ENDBR64", i);
	if (want > 1)
		t_check(s.endbr_at[1] == entry + bpf_arch_tail_entry(),
			"entry of tail calls without ENDBR64");
	t_check(!s.unguarded, "function %u: %u branches without a trap behind", i, s.unguarded);
	t_check(!s.rets == !!e->return_thunk && !!s.to_return == !!e->return_thunk,
		"function %u: %u returns, %u by the thunk", i, s.rets, s.to_return);
	/* only main has indirect branches: the helper, and the tail call that is looked up */
	t_check(s.indirect == (i || e->indirect_thunk[0] ? 0 : 2) &&
		s.to_indirect == (i || !e->indirect_thunk[0] ? 0 : 2),
		"function %u: %u indirect branches, %u by thunks", i, s.indirect, s.to_indirect);
}

static u64 sum_counts(void)
{
	u64 sum = 0;
	u32 k;

	for (k = 0; k < NR_REGS; k++)
		sum += counts[k];
	return sum;
}

static void check_run(const struct jit_env *e, const struct t_image *img, struct bpf_prog *target,
		      u64 want, u32 returns, u32 jumps)
{
	u64 got;

	slots[1] = target;
	memset(counts, 0, (NR_REGS + 1) * sizeof(*counts));
	got = t_run(img, &got);
	t_check(got == want, "with thunks: %llu, not %llu", (unsigned long long)got,
		(unsigned long long)want);
	t_check(counts[NR_REGS] == (e->return_thunk ? returns : 0), "%llu returns by the thunk",
		(unsigned long long)counts[NR_REGS]);
	t_check(sum_counts() == (e->indirect_thunk[0] ? jumps : 0), "%llu branches by thunks",
		(unsigned long long)sum_counts());
	slots[1] = NULL;
}

static void images(void)
{
	struct t_image img;
	u32 k, i, r;
	int err;

	for (k = 0; k < 8; k++) {
		struct jit_env e = t_env_default();

		e.endbr = k & 1;
		e.return_thunk = k & 2 ? thunk_addr(NR_REGS) : 0;
		for (r = 0; r < NR_REGS; r++)
			e.indirect_thunk[r] = k & 4 ? thunk_addr(r) : 0;
		e.poke = true;
		t_env_use(&e);
		err = t_compile(&img, progs, 3, NULL, false);
		if (!t_check(!err, "with thunks: err %d", err))
			continue;
		for (i = 0; i < 3; i++)
			check_function(&e, &img, i);
		/* three callbacks, a subprogram, main and its counter's frame; the helper's call */
		check_run(&e, &img, NULL, (99 ^ 2) + 1000, 6, 1);
		/* 33 more runs, entered by as many indirect jumps */
		check_run(&e, &img, img.prog[0], (99 ^ 2) + 1000, 4 * 34 + 2, 34 + 33);
		t_release(&img);
	}
}

/* A dispatcher is called indirectly and goes on by a thunk for what it does not know. */
static void dispatchers(void)
{
	u8 buf[512] = {};
	u64 funcs[3];
	struct seen s;
	int k, i, len;

	for (k = 0; k < 4; k++) {
		struct jit_env e = t_env_default();

		e.endbr = k & 1;
		/* comparisons name functions by 32 bits */
		e.indirect_thunk[X86_RDX] = k & 2 ? 0x30000800 : 0;
		for (i = 0; i < 3; i++)
			funcs[i] = 0x30001000 + 64 * i;
		t_env_use(&e);
		len = bpf_arch_dispatcher((void *)0x30000000, buf, sizeof(buf), funcs, 3);
		if (!t_check(len > 0 && see(&s, buf, len), "dispatcher: %d", len))
			continue;
		t_check(s.endbr == (k & 1) && (!(k & 1) || s.endbr_at[0] == (u64)buf),
			"dispatcher: %u ENDBR64", s.endbr);
		t_check(!!s.indirect == !(k & 2), "dispatcher: %u indirect branches", s.indirect);
		t_check(!s.unguarded, "dispatcher: %u jumps without a trap behind", s.unguarded);
	}
}

void test_thunks(void)
{
	struct jit_env e = t_env_default();
	struct t_image img;

	progs = calloc(3, sizeof(*progs));
	map = calloc(1, sizeof(*map));
	map->map.max_entries = 4;
	map->progs = slots;
	INIT_LIST_HEAD(&map->pokes);
	make_progs();
	t_env_use(&e);
	if (t_check(!t_compile(&img, progs, 3, NULL, false), "programs do not compile") &&
	    make_thunks(img.prog[0]->bpf_func)) {
		t_release(&img);
		images();
		dispatchers();
		munmap(thunks, 4096);
	}
	t_pokes.cnt = 0;
	free(counts);
	free(map);
	free(progs);
}
