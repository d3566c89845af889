// SPDX-License-Identifier: GPL-2.0
/*
 * Encodings against llvm-mc: each instruction is written as text too, the text
 * is assembled, and the bytes have to be the same, or a shorter form that
 * disassembles to the same text.
 */
#include <linux/types.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "jittest.h"

#define E_MAX	12000

struct enc {
	u8 bytes[16];
	int len;
	char text[64];
};

static struct enc *encs;
static u32 nr_encs;

static const char *const r64[] = {
	"rax", "rcx", "rdx", "rbx", "rsp", "rbp", "rsi", "rdi",
	"r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
};

static const char *const r32[] = {
	"eax", "ecx", "edx", "ebx", "esp", "ebp", "esi", "edi",
	"r8d", "r9d", "r10d", "r11d", "r12d", "r13d", "r14d", "r15d",
};

static const char *const r16[] = {
	"ax", "cx", "dx", "bx", "sp", "bp", "si", "di",
	"r8w", "r9w", "r10w", "r11w", "r12w", "r13w", "r14w", "r15w",
};

static const char *const r8[] = {
	"al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil",
	"r8b", "r9b", "r10b", "r11b", "r12b", "r13b", "r14b", "r15b",
};

static const char *const cc_name[] = {
	"o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g",
};

static const u8 widths[] = { 1, 2, 4, 8 };

static const s32 disps[] = { 0, 1, -1, 127, -128, 128, -129, 0x12345678 };

static const char *reg(u8 r, u8 w)
{
	return (w == 8 ? r64 : w == 4 ? r32 : w == 2 ? r16 : r8)[r];
}

static const char *ptr(u8 w)
{
	return w == 8 ? "qword" : w == 4 ? "dword" : w == 2 ? "word" : "byte";
}

static void enc(struct x86_insn insn, const char *fmt, ...)
{
	struct enc *e = &encs[nr_encs++];
	va_list ap;

	if (nr_encs > E_MAX)
		abort();
	e->len = x86_encode(&insn, e->bytes);
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	if (e->len <= 0) {
		t_check(false, "%s: x86_encode() says %d", e->text, e->len);
		nr_encs--;
	}
}

static struct x86_mem mem_of(u32 k, char *text)
{
	static const u8 bases[] = { X86_RAX, X86_RBX, X86_RSP, X86_RBP, X86_R8, X86_R12, X86_R13 };
	static const u8 indexes[] = { X86_NOREG, X86_RCX, X86_RBP, X86_R9, X86_R12, X86_R13 };
	u8 b = bases[k % 7], x = indexes[k / 7 % 6], scale = 1 << (k / 42 % 4);
	s32 disp = disps[k % 8];
	char dtext[24] = "";

	if (disp)
		sprintf(dtext, " %c %u", disp < 0 ? '-' : '+', disp < 0 ? -(u32)disp : (u32)disp);
	if (x == X86_NOREG)
		sprintf(text, "[%s%s]", r64[b], dtext);
	else
		sprintf(text, "[%s + %d*%s%s]", r64[b], scale, r64[x], dtext);
	return x86_at_index(b, x, scale, disp);
}

static void alu_forms(void)
{
	static const struct {
		u8 op;
		const char *name;
	} ops[] = {
		{ X86_ADD, "add" }, { X86_OR, "or" }, { X86_ADC, "adc" }, { X86_SBB, "sbb" },
		{ X86_AND, "and" }, { X86_SUB, "sub" }, { X86_XOR, "xor" }, { X86_CMP, "cmp" },
		{ X86_MOV, "mov" }, { X86_TEST, "test" },
	};
	static const s64 imms[] = { 1, -1, 127, -128, 1000, -1000, 0x7fffffff, -0x7fffffff - 1 };
	u32 o, w, k;
	char m[40];

	for (o = 0; o < ARRAY_SIZE(ops); o++) {
		for (w = 0; w < 4; w++) {
			u8 wd = widths[w], op = ops[o].op;

			for (k = 0; k < 16; k++) {
				u8 a = k, b = (k * 7 + 3) & 15;

				enc(x86_rr(op, wd, a, b), "%s %s, %s", ops[o].name, reg(a, wd),
				    reg(b, wd));
			}
			for (k = 0; k < 24; k++) {
				struct x86_mem mm = mem_of(k * 5 + o, m);

				enc(x86_mr(op, wd, mm, k & 15), "%s %s ptr %s, %s", ops[o].name,
				    ptr(wd), m, reg(k & 15, wd));
				if (op != X86_TEST)
					enc(x86_rm(op, wd, k & 15, mm), "%s %s, %s ptr %s",
					    ops[o].name, reg(k & 15, wd), ptr(wd), m);
			}
			for (k = 0; k < 32; k++) {
				s64 imm = imms[k % 8];
				struct x86_mem mm = mem_of(k * 3 + o, m);

				if (wd == 1)
					imm = (s8)imm;
				if (wd == 2)
					imm = (s16)imm;
				if (op != X86_MOV || wd < 8)
					enc(x86_ri(op, wd, k & 15, imm), "%s %s, %lld",
					    ops[o].name, reg(k & 15, wd), imm);
				enc(x86_mi(op, wd, mm, imm), "%s %s ptr %s, %lld", ops[o].name,
				    ptr(wd), m, imm);
			}
		}
	}
}

static void mov_imm(void)
{
	static const s64 imms[] = {
		0, 1, -1, 0x7fffffff, 0x80000000LL, 0xffffffffLL, 0x100000000LL,
		-0x80000000LL, -0x80000001LL, 0x123456789abcdef0LL,
	};
	struct x86_insn wide;
	u32 k;

	for (k = 0; k < 160; k++) {
		u8 r = k / 10;
		s64 imm = imms[k % 10];

		/* The text is the shortest form. */
		if (x86_is_u32(imm))
			enc(x86_ri(X86_MOV, 8, r, imm), "mov %s, %lld", r32[r], imm);
		else
			enc(x86_ri(X86_MOV, 8, r, imm), x86_is_s32(imm) ? "mov %s, %lld" :
			    "movabs %s, %lld", r64[r], imm);
		wide = x86_ri(X86_MOV, 8, r, imm);
		wide.flags |= X86_WIDE;
		enc(wide, "movabs %s, %lld", r64[r], imm);
	}
}

static void load_forms(void)
{
	static const struct {
		u8 op;
		const char *name;
		u8 srcw;
		bool rr;
	} ops[] = {
		{ X86_MOVZX8, "movzx", 1, true }, { X86_MOVZX16, "movzx", 2, true },
		{ X86_MOVSX8, "movsx", 1, true }, { X86_MOVSX16, "movsx", 2, true },
		{ X86_MOVSX32, "movsxd", 4, true }, { X86_IMUL2, "imul", 0, true },
		{ X86_MOVBE_LD, "movbe", 0, false }, { X86_LEA, "lea", 0, false },
	};
	u32 o, k;
	char m[40];
	u8 w;

	for (o = 0; o < ARRAY_SIZE(ops); o++) {
		for (w = 4; w <= 8; w += 4) {
			u8 srcw = ops[o].srcw ? ops[o].srcw : w;

			if (ops[o].op == X86_MOVSX32 && w == 4)
				continue;
			for (k = 0; k < 48; k++) {
				struct x86_mem mm = mem_of(k * 7 + o, m);
				u8 a = k & 15, b = (k * 5 + 1) & 15;

				if (ops[o].op == X86_LEA)
					enc(x86_rm(X86_LEA, w, a, mm), "lea %s, %s", reg(a, w), m);
				else
					enc(x86_rm(ops[o].op, w, a, mm), "%s %s, %s ptr %s",
					    ops[o].name, reg(a, w), ptr(srcw), m);
				if (ops[o].rr)
					enc(x86_rr(ops[o].op, w, a, b), "%s %s, %s", ops[o].name,
					    reg(a, w), reg(b, srcw));
			}
		}
	}
}

static struct x86_insn locked(struct x86_insn insn)
{
	insn.flags |= X86_LOCK;
	return insn;
}

static void store_forms(void)
{
	u32 k;
	char m[40];

	for (k = 0; k < 64; k++) {
		struct x86_mem mm = mem_of(k * 11, m);
		u8 r = k & 15, w = k & 16 ? 8 : 4;

		enc(locked(x86_mr(X86_XADD, w, mm, r)), "lock xadd %s ptr %s, %s", ptr(w), m,
		    reg(r, w));
		enc(locked(x86_mr(X86_CMPXCHG, w, mm, r)), "lock cmpxchg %s ptr %s, %s", ptr(w), m,
		    reg(r, w));
		enc(locked(x86_mr(X86_AND, w, mm, r)), "lock and %s ptr %s, %s", ptr(w), m,
		    reg(r, w));
		enc(x86_mr(X86_XCHG, w, mm, r), "xchg %s ptr %s, %s", ptr(w), m, reg(r, w));
		enc(x86_mr(X86_MOVBE_ST, w, mm, r), "movbe %s ptr %s, %s", ptr(w), m, reg(r, w));
		enc(x86_m(X86_INC, w, mm), "inc %s ptr %s", ptr(w), m);
		enc(x86_m(X86_DEC, w, mm), "dec %s ptr %s", ptr(w), m);
		enc(x86_m(X86_CALL_IND, 8, mm), "call qword ptr %s", m);
	}
}

static void shifts_and_unary(void)
{
	static const struct {
		u8 op;
		const char *name;
	} sh[] = {
		{ X86_ROL, "rol" }, { X86_ROR, "ror" }, { X86_SHL, "shl" }, { X86_SHR, "shr" },
		{ X86_SAR, "sar" },
	}, un[] = {
		{ X86_NOT, "not" }, { X86_NEG, "neg" }, { X86_MUL, "mul" }, { X86_IMUL, "imul" },
		{ X86_DIV, "div" }, { X86_IDIV, "idiv" }, { X86_INC, "inc" }, { X86_DEC, "dec" },
	};
	u32 o, k, w;

	for (k = 0; k < 16; k++) {
		for (w = 0; w < 4; w++) {
			u8 wd = widths[w];

			for (o = 0; o < ARRAY_SIZE(sh); o++) {
				u8 n = 1 + k % (8 * wd - 1);

				enc(x86_ri(sh[o].op, wd, k, n), "%s %s, %u", sh[o].name,
				    reg(k, wd), n);
				enc(x86_r(sh[o].op, wd, k), "%s %s, cl", sh[o].name, reg(k, wd));
			}
			for (o = 0; o < ARRAY_SIZE(un); o++)
				enc(x86_r(un[o].op, wd, k), "%s %s", un[o].name, reg(k, wd));
		}
		enc(x86_r(X86_PUSH, 8, k), "push %s", r64[k]);
		enc(x86_r(X86_POP, 8, k), "pop %s", r64[k]);
		enc(x86_r(X86_BSWAP, 8, k), "bswap %s", r64[k]);
		enc(x86_r(X86_BSWAP, 4, k), "bswap %s", r32[k]);
		enc(x86_r(X86_CALL_IND, 8, k), "call %s", r64[k]);
		enc(x86_r(X86_JMP_IND, 8, k), "jmp %s", r64[k]);
	}
}

static void three_operands(void)
{
	u32 k;
	u8 w;

	for (k = 0; k < 48; k++) {
		u8 a = k & 15, b = (k * 3 + 2) & 15, c = (k * 5 + 7) & 15;

		w = k & 16 ? 8 : 4;
		enc(x86_imul3(w, a, b, k % 3 ? 100 : 100000), "imul %s, %s, %d", reg(a, w),
		    reg(b, w), k % 3 ? 100 : 100000);
		enc(x86_rorx(w, a, b, k & 31), "rorx %s, %s, %u", reg(a, w), reg(b, w), k & 31);
		enc(x86_vshift(X86_SHLX, w, a, b, c), "shlx %s, %s, %s", reg(a, w), reg(b, w),
		    reg(c, w));
		enc(x86_vshift(X86_SHRX, w, a, b, c), "shrx %s, %s, %s", reg(a, w), reg(b, w),
		    reg(c, w));
		enc(x86_vshift(X86_SARX, w, a, b, c), "sarx %s, %s, %s", reg(a, w), reg(b, w),
		    reg(c, w));
		enc(x86_cmov(k & 15, w, a, b), "cmov%s %s, %s", cc_name[k & 15], reg(a, w),
		    reg(b, w));
		enc(x86_setcc(k & 15, a), "set%s %s", cc_name[k & 15], r8[a]);
	}
}

static void fixed_forms(void)
{
	struct x86_insn gs = x86_rm(X86_ADD, 8, X86_R13, x86_at(X86_NOREG, 0x1234));

	gs.flags |= X86_GS;
	enc(gs, "add r13, qword ptr gs:[4660]");
	enc(x86_none(X86_RET), "ret");
	enc(x86_none(X86_LEAVE), "leave");
	enc(x86_none(X86_INT3), "int3");
	enc(x86_none(X86_CDQ), "cdq");
	enc(x86_none(X86_CQO), "cqo");
	enc(x86_none(X86_UD2), "ud2");
	enc(x86_none(X86_LFENCE), "lfence");
	enc(x86_none(X86_ENDBR64), "endbr64");
	enc(x86_nop(1), "nop");
	enc(x86_nop(3), "nop dword ptr [rax]");
	enc(x86_ri(X86_PUSHI, 8, X86_RAX, 5), "push 5");
	enc(x86_ri(X86_PUSHI, 8, X86_RAX, 500), "push 500");
	enc(x86_rm(X86_LEA, 8, X86_R9, x86_at_index(X86_NOREG, X86_R13, 8, 64)),
	    "lea r9, [8*r13 + 64]");
}

/* Runs llvm-mc over all texts; one line of bytes for each. */
static FILE *assemble(const char *path)
{
	char cmd[512];
	FILE *in = fopen(path, "w");
	u32 k;

	if (!in)
		return NULL;
	fprintf(in, ".intel_syntax noprefix\n");
	for (k = 0; k < nr_encs; k++)
		fprintf(in, "%s\n", encs[k].text);
	fclose(in);
	snprintf(cmd, sizeof(cmd), "%s %s 2>&1 | %s", "llvm-mc-19 --arch=x86-64 --show-encoding",
		 path, "sed -n 's/.*# encoding: \\[\\(.*\\)\\]/\\1/p'");
	return popen(cmd, "r");
}

/* Bytes that are not those of the assembler: what do they mean? */
static bool same_text(const struct enc *e)
{
	char cmd[256], line[160], want[160], *p;
	FILE *f;
	int k, n;

	n = snprintf(cmd, sizeof(cmd), "echo '");
	for (k = 0; k < e->len; k++)
		n += snprintf(cmd + n, sizeof(cmd) - n, "0x%02x ", e->bytes[k]);
	snprintf(cmd + n, sizeof(cmd) - n,
		 "' | llvm-mc-19 --arch=x86-64 --disassemble --output-asm-variant=1 | tail -1");
	f = popen(cmd, "r");
	p = fgets(line, sizeof(line), f);
	pclose(f);
	snprintf(want, sizeof(want), "%s", e->text);
	if (!p)
		return false;
	while (*p == '\t' || *p == ' ')
		p++;
	for (k = 0; p[k]; k++)
		if (p[k] == '\t')
			p[k] = ' ';
	p[strcspn(p, "\n")] = 0;
	return !strcmp(p, want);
}

void test_encode(void)
{
	const char *dir = getenv("O");
	char path[256], line[160];
	u32 k, b, shorter = 0;
	FILE *f;

	encs = calloc(E_MAX, sizeof(*encs));
	nr_encs = 0;
	alu_forms();
	mov_imm();
	load_forms();
	store_forms();
	shifts_and_unary();
	three_operands();
	fixed_forms();
	snprintf(path, sizeof(path), "%s/encode.s", dir ? dir : "/tmp");
	f = assemble(path);
	for (k = 0; f && k < nr_encs && fgets(line, sizeof(line), f); k++) {
		struct enc *e = &encs[k];
		int len = 0;
		u8 bytes[16];
		char *p = line;

		while (len < 16 && sscanf(p, "0x%x", &b) == 1) {
			bytes[len++] = b;
			p = strchr(p, ',');
			if (!p)
				break;
			p++;
		}
		if (len == e->len && !memcmp(bytes, e->bytes, len)) {
			t_passed++;
			continue;
		}
		shorter++;
		t_check(e->len <= len && same_text(e), "%s: %d bytes, llvm-mc %d", e->text,
			e->len, len);
	}
	t_check(f && k == nr_encs, "llvm-mc gave %u of %u encodings", k, nr_encs);
	if (f)
		pclose(f);
	printf("%u encodings, %u of them in another form than llvm-mc's\n", nr_encs, shorter);
	free(encs);
}
