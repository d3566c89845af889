// SPDX-License-Identifier: GPL-2.0
/*
 * The opcode table against RFC 9669, which stands as data of its own in
 * rfc9669.txt: every opcode byte with every combination of telling field
 * values has to be accepted by both or by neither. Then register use and text.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include "isa/insn.h"

static int passed, failed;

#define CHECK(cond, ...)						\
	do {								\
		if (cond) {						\
			passed++;					\
		} else {						\
			failed++;					\
			printf("FAIL %s:%d: ", __func__, __LINE__);	\
			printf(__VA_ARGS__);				\
			printf("\n");					\
		}							\
	} while (0)

struct spec {
	unsigned int code;
	char dst[8], src[8], off[8], imm[8], group[16];
	bool seen;
};

static struct spec specs[512];
static int nr_specs;

static const char * const group_names[] = {
	[INSN_GROUP_BASE32] = "base32",
	[INSN_GROUP_BASE64] = "base64",
	[INSN_GROUP_DIVMUL32] = "divmul32",
	[INSN_GROUP_DIVMUL64] = "divmul64",
	[INSN_GROUP_ATOMIC32] = "atomic32",
	[INSN_GROUP_ATOMIC64] = "atomic64",
	[INSN_GROUP_PACKET] = "packet",
	[INSN_GROUP_LINUX] = "linux",
	[INSN_GROUP_INTERNAL] = "internal",
};

static void read_specs(const char *path)
{
	FILE *file = fopen(path, "r");
	char line[128];
	struct spec *s;

	if (!file) {
		perror(path);
		exit(2);
	}
	while (fgets(line, sizeof(line), file)) {
		if (line[0] == '#')
			continue;
		s = &specs[nr_specs++];
		if (sscanf(line, "%x %7s %7s %7s %7s %15s", &s->code, s->dst, s->src, s->off,
			   s->imm, s->group) != 6) {
			printf("%s: cannot read: %s", path, line);
			exit(2);
		}
	}
	fclose(file);
}

static bool field_fits(const char *spec, long value)
{
	if (!strcmp(spec, "any"))
		return true;
	if (!strcmp(spec, "nz"))
		return value;
	if (!strcmp(spec, "reg"))
		return value >= 0 && value <= 9;
	if (!strcmp(spec, "fp"))
		return value >= 0 && value <= 10;
	if (spec[0] == 's')
		return value >= 0 && value < atoi(spec + 1);
	return value == atol(spec);
}

static struct spec *find_spec(const struct bpf_insn *insn)
{
	int i;

	for (i = 0; i < nr_specs; i++) {
		struct spec *s = &specs[i];

		if (s->code == insn->code && field_fits(s->dst, insn->dst_reg) &&
		    field_fits(s->src, insn->src_reg) && field_fits(s->off, insn->off) &&
		    field_fits(s->imm, insn->imm))
			return s;
	}
	return NULL;
}

/* Returns whether table and RFC agree; one line is printed where they do not. */
static bool compare_one(const struct bpf_insn *insn)
{
	struct insn_fault fault = {};
	struct spec *s = find_spec(insn);
	int ret = insn_check(insn, 2, 0, &fault);
	char text[128];

	if (s ? ret < 0 : ret > 0) {
		CHECK(false, "%02x dst %d src %d off %d imm %d: %s, RFC 9669: %s", insn->code,
		      insn->dst_reg, insn->src_reg, insn->off, insn->imm,
		      ret < 0 ? "refused" : "accepted", s ? "legal" : "not legal");
		return false;
	}
	if (ret < 0) {
		insn_fault_text(text, sizeof(text), &fault);
		return fault.kind != INSN_FAULT_NONE && strcmp(text, "no fault");
	}
	s->seen = true;
	return ret == (insn->code == 0x18 ? 2 : 1) &&
	       !strcmp(group_names[insn_row(insn)->group], s->group);
}

static void test_rfc(void)
{
	static const int regs[] = { 0, 1, 2, 3, 4, 5, 6, 7, 9, 10, 11, 15 };
	static const int offs[] = { 0, 1, 2, 7, 8, 9, 16, 32, 64, -1, -8, 32767, -32768 };
	static const int imms[] = {
		0, 1, 2, 15, 16, 17, 31, 32, 33, 63, 64, 65, -1, 0x40, 0x41, 0x50, 0x51, 0xa0,
		0xa1, 0xe0, 0xe1, 0xf0, 0xf1, 0x10, 0x30, 65536, 65537, 0x7fffffff, -0x7fffffff - 1,
	};
	unsigned int code, d, s, o, i, wrong;

	for (code = 0; code < 256; code++) {
		wrong = 0;
		for (d = 0; d < ARRAY_SIZE(regs); d++)
			for (s = 0; s < ARRAY_SIZE(regs); s++)
				for (o = 0; o < ARRAY_SIZE(offs); o++)
					for (i = 0; i < ARRAY_SIZE(imms); i++) {
						struct bpf_insn insn[2] = {
							insn_make(code, regs[d], regs[s], offs[o],
								  imms[i]),
						};

						wrong += !compare_one(insn);
					}
		CHECK(!wrong, "opcode %02x: %u combinations differ", code, wrong);
	}
	for (i = 0; i < (unsigned int)nr_specs; i++)
		CHECK(specs[i].seen, "row %d of rfc9669.txt (%02x) never met", i, specs[i].code);
}

static void test_rows(void)
{
	struct bpf_insn insn[2] = {};
	struct insn_fault fault;
	char text[128];
	int id, other;

	for (id = 1; id < INSN_NR; id++) {
		const struct insn_row *row = &insn_rows[id];

		insn[0] = insn_make(row->code, 0, 0, 0, 0);
		if (row->sel == INSN_SEL_OFF)
			insn[0].off = row->val;
		else if (row->sel == INSN_SEL_IMM)
			insn[0].imm = row->val;
		else if (row->sel == INSN_SEL_SRC)
			insn[0].src_reg = row->val;
		CHECK(bpf_insn_decode(insn) == (enum insn_id)id, "%s decodes to %s", row->name,
		      insn_row(insn)->name);
		if (row->kind == INSN_KIND_ALU && !insn_is_src_reg(insn))
			insn[0].imm = 1;
		if (row->kind == INSN_KIND_ADDR_SPACE)
			insn[0].imm = 1;
		CHECK(insn_check(insn, 2, INSN_CHECK_INTERNAL, &fault) > 0, "%s refused",
		      row->name);
		CHECK((insn_check(insn, 2, 0, &fault) < 0) == (row->group == INSN_GROUP_INTERNAL),
		      "%s: wrongly internal or not", row->name);
		CHECK(insn_text(text, sizeof(text), insn, NULL) > 5, "%s has no text", row->name);
		CHECK(!strstr(text, "unknown dst"), "%s has no text form", row->name);
		for (other = id + 1; other < INSN_NR; other++)
			CHECK(insn_rows[other].code != row->code ||
			      (row->sel != INSN_SEL_ANY && insn_rows[other].sel == row->sel &&
			       insn_rows[other].val != row->val),
			      "%s and %s are the same", row->name, insn_rows[other].name);
	}
	CHECK(INSN_NR < 256, "numbers do not fit a byte");
}

struct text_case {
	struct bpf_insn insn[2];
	const char *text;
};

#define I(_code, _dst, _src, _off, _imm)				\
	{ { .code = _code, .dst_reg = _dst, .src_reg = _src, .off = _off, .imm = _imm } }

static const struct text_case text_cases[] = {
	{ I(0xb7, 0, 0, 0, 0), "(b7) r0 = 0" },
	{ I(0xbf, 6, 1, 0, 0), "(bf) r6 = r1" },
	{ I(0x07, 2, 0, 0, -4), "(07) r2 += -4" },
	{ I(0x04, 1, 0, 0, 3), "(04) w1 += 3" },
	{ I(0xbc, 1, 2, 0, 0), "(bc) w1 = w2" },
	{ I(0xbf, 1, 2, 8, 0), "(bf) r1 = (s8)r2" },
	{ I(0xbf, 1, 2, 32, 0), "(bf) r1 = (s32)r2" },
	{ I(0xbc, 1, 2, 16, 0), "(bc) w1 = (s16)w2" },
	{ I(0xbf, 1, 2, 1, 1), "(bf) r1 = addr_space_cast(r2, 0, 1)" },
	{ I(0x3f, 1, 2, 0, 0), "(3f) r1 /= r2" },
	{ I(0x3f, 1, 2, 1, 0), "(3f) r1 s/= r2" },
	{ I(0x94, 1, 0, 1, 7), "(94) w1 s%= 7" },
	{ I(0xc7, 1, 0, 0, 7), "(c7) r1 s>>= 7" },
	{ I(0x87, 3, 0, 0, 0), "(87) r3 = -r3" },
	{ I(0x84, 3, 0, 0, 0), "(84) w3 = -w3" },
	{ I(0xdc, 1, 0, 0, 16), "(dc) r1 = be16 r1" },
	{ I(0xd4, 1, 0, 0, 64), "(d4) r1 = le64 r1" },
	{ I(0xd7, 1, 0, 0, 16), "(d7) r1 = bswap16 r1" },
	{ I(0x15, 0, 0, 2, 0), "(15) if r0 == 0x0 goto pc+2" },
	{ I(0x16, 0, 0, -2, -1), "(16) if w0 == 0xffffffff goto pc-2" },
	{ I(0x6d, 1, 2, 4, 0), "(6d) if r1 s> r2 goto pc+4" },
	{ I(0x4e, 1, 2, 4, 0), "(4e) if w1 & w2 goto pc+4" },
	{ I(0x05, 0, 0, 3, 0), "(05) goto pc+3" },
	{ I(0x06, 0, 0, 0, 3), "(06) gotol pc+3" },
	{ I(0xe5, 0, 0, 1, 0), "(e5) may_goto pc+1" },
	{ I(0x95, 0, 0, 0, 0), "(95) exit" },
	{ I(0x85, 0, 0, 0, 195896080), "(85) call unknown#195896080" },
	{ I(0x85, 0, 1, 0, 5), "(85) call pc+5" },
	{ I(0x85, 0, 2, 0, 77), "(85) call kernel-function#77" },
	{ I(0x61, 1, 1, 0, 0), "(61) r1 = *(u32 *)(r1 +0)" },
	{ I(0x79, 1, 10, -8, 0), "(79) r1 = *(u64 *)(r10 -8)" },
	{ I(0x91, 0, 1, 0, 0), "(91) r0 = *(s8 *)(r1 +0)" },
	{ I(0x7b, 10, 1, -8, 0), "(7b) *(u64 *)(r10 -8) = r1" },
	{ I(0x6a, 10, 0, -8, -2), "(6a) *(u16 *)(r10 -8) = -2" },
	{ I(0xdb, 1, 2, 0, 0), "(db) lock *(u64 *)(r1 +0) += r2" },
	{ I(0xc3, 1, 2, 4, 0xa0), "(c3) lock *(u32 *)(r1 +4) ^= r2" },
	{ I(0xdb, 1, 2, 0, 1), "(db) r2 = atomic64_fetch_add((u64 *)(r1 +0), r2)" },
	{ I(0xc3, 1, 2, 0, 0xe1), "(c3) r2 = atomic_xchg((u32 *)(r1 +0), r2)" },
	{ I(0xdb, 1, 2, 0, 0xf1), "(db) r0 = atomic64_cmpxchg((u64 *)(r1 +0), r0, r2)" },
	{ I(0xc3, 1, 2, 0, 0xf1), "(c3) r0 = atomic_cmpxchg((u32 *)(r1 +0), r0, r2)" },
	{ I(0x30, 0, 0, 0, 12), "(30) r0 = *(u8 *)skb[12]" },
	{ I(0x48, 0, 7, 0, 12), "(48) r0 = *(u16 *)skb[r7 + 12]" },
	{ { { .code = 0x18, .dst_reg = 1, .imm = 2 }, { .imm = 1 } }, "(18) r1 = 0x100000002" },
	{ I(0x18, 1, 0, 0, -1), "(18) r1 = 0xffffffff" },
};

static const char *name_call(void *ctx, const struct bpf_insn *insn, char *buf, size_t size)
{
	if (insn->src_reg == BPF_PSEUDO_CALL) {
		scnprintf(buf, size, "%+d#main", insn->imm);
		return buf;
	}
	return insn->imm == 1 ? ctx : NULL;
}

static bool name_imm(void *ctx, const struct bpf_insn *insn, u64 imm, char *buf, size_t size)
{
	if (insn->src_reg != BPF_PSEUDO_MAP_FD)
		return false;
	scnprintf(buf, size, "map[id:%u]", (u32)imm);
	return true;
}

static void test_text(void)
{
	const struct insn_text_cb cb = {
		.call = name_call, .imm64 = name_imm, .ctx = "bpf_map_lookup_elem",
	};
	struct bpf_insn insn[2];
	char text[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(text_cases); i++) {
		insn_text(text, sizeof(text), text_cases[i].insn, NULL);
		CHECK(!strcmp(text, text_cases[i].text), "'%s', expected '%s'", text,
		      text_cases[i].text);
	}
	insn[0] = insn_call(1);
	insn_text(text, sizeof(text), insn, &cb);
	CHECK(!strcmp(text, "(85) call bpf_map_lookup_elem#1"), "'%s'", text);
	insn[0] = insn_call(2);
	insn_text(text, sizeof(text), insn, &cb);
	CHECK(!strcmp(text, "(85) call unknown#2"), "'%s'", text);
	insn[0] = insn_call_sub(7);
	insn_text(text, sizeof(text), insn, &cb);
	CHECK(!strcmp(text, "(85) call pc+7#main"), "'%s'", text);
	insn_ld_imm64(insn, 1, BPF_PSEUDO_MAP_FD, 5);
	insn_text(text, sizeof(text), insn, &cb);
	CHECK(!strcmp(text, "(18) r1 = map[id:5]"), "'%s'", text);
	insn_ld_imm64(insn, 1, 0, 5);
	CHECK(insn_text(text, 10, insn, &cb) == 9 && !strcmp(text, "(18) r1 ="), "'%s'", text);
	insn[0] = insn_make(0xff, 1, 2, 3, 4);
	insn_text(text, sizeof(text), insn, NULL);
	CHECK(!strcmp(text, "(ff) unknown dst 1 src 2 off 3 imm 4"), "'%s'", text);
}

static void test_regs(void)
{
	static const struct {
		struct bpf_insn insn[2];
		u16 uses, defs, defs32;
	} cases[] = {
		{ I(0xb7, 3, 0, 0, 1), 0, 0x08, 0 },
		{ I(0xbc, 3, 4, 0, 0), 0x10, 0x08, 0x08 },
		{ I(0x0f, 3, 4, 0, 0), 0x18, 0x08, 0 },
		{ I(0x04, 3, 0, 0, 1), 0x08, 0x08, 0x08 },
		{ I(0x87, 3, 0, 0, 0), 0x08, 0x08, 0 },
		{ I(0xdc, 3, 0, 0, 16), 0x08, 0x08, 0x08 },
		{ I(0xdc, 3, 0, 0, 64), 0x08, 0x08, 0 },
		{ I(0x1d, 3, 10, 4, 0), 0x408, 0, 0 },
		{ I(0x05, 0, 0, 4, 0), 0, 0, 0 },
		{ I(0x85, 0, 0, 0, 1), 0, 0x3f, 0 },
		{ I(0x95, 0, 0, 0, 0), 0x01, 0, 0 },
		{ I(0x95, 0, 0, 0, 1), 0x03, 0, 0 },
		{ I(0xf5, 0, 0, 0, 0), 0x0e, 0x3f, 0 },
		{ I(0x61, 1, 2, 0, 0), 0x04, 0x02, 0x02 },
		{ I(0x81, 1, 2, 0, 0), 0x04, 0x02, 0 },
		{ I(0x7b, 10, 1, 0, 0), 0x402, 0, 0 },
		{ I(0x7a, 10, 0, 0, 0), 0x400, 0, 0 },
		{ I(0xdb, 1, 2, 0, 0), 0x06, 0, 0 },
		{ I(0xdb, 1, 2, 0, 1), 0x06, 0x04, 0 },
		{ I(0xc3, 1, 2, 0, 0xe1), 0x06, 0x04, 0x04 },
		{ I(0xdb, 1, 2, 0, 0xf1), 0x07, 0x01, 0 },
		{ I(0xc3, 1, 2, 0, 0xf1), 0x07, 0x01, 0x01 },
		{ I(0x18, 4, 0, 0, 0), 0, 0x10, 0 },
		{ I(0x30, 0, 0, 0, 0), 0x40, 0x3f, 0 },
		{ I(0x50, 0, 7, 0, 0), 0xc0, 0x3f, 0 },
	};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct bpf_insn *insn = cases[i].insn;

		CHECK(insn_uses(insn) == cases[i].uses, "%02x uses %x", insn->code,
		      insn_uses(insn));
		CHECK(insn_defs(insn) == cases[i].defs, "%02x defs %x", insn->code,
		      insn_defs(insn));
		CHECK(insn_defs32(insn) == cases[i].defs32, "%02x defs32 %x", insn->code,
		      insn_defs32(insn));
	}
}

static void test_faults(void)
{
	static const struct text_case cases[] = {
		{ I(0xff, 0, 0, 0, 0), "unknown opcode ff" },
		{ I(0xf5, 0, 0, 0, 0), "unknown opcode f5" },
		{ I(0x0f, 1, 2, 3, 0), "BPF_ALU uses reserved fields" },
		{ I(0xbf, 1, 2, -1, 0), "BPF_MOV uses reserved fields" },
		{ I(0x87, 1, 2, 0, 0), "BPF_NEG uses reserved fields" },
		{ I(0xdc, 1, 0, 0, 17), "BPF_END uses reserved fields" },
		{ I(0x61, 1, 2, 0, 1), "BPF_LDX uses reserved fields" },
		{ I(0x7b, 1, 2, 0, 1), "BPF_STX uses reserved fields" },
		{ I(0x7a, 1, 2, 0, 1), "BPF_ST uses reserved fields" },
		{ I(0x15, 1, 2, 0, 1), "BPF_JMP/JMP32 uses reserved fields" },
		{ I(0x05, 0, 0, 0, 1), "BPF_JA uses reserved fields" },
		{ I(0x85, 0, 3, 0, 1), "BPF_CALL uses reserved fields" },
		{ I(0x95, 0, 0, 0, 1), "BPF_EXIT uses reserved fields" },
		{ I(0x20, 1, 0, 0, 1), "BPF_LD_[ABS|IND] uses reserved fields" },
		{ I(0xdb, 1, 2, 0, 2), "BPF_ATOMIC uses invalid atomic opcode 02" },
		{ I(0x18, 1, 9, 0, 2), "unrecognized bpf_ld_imm64 insn" },
		{ { { .code = 0x18 }, { .code = 1 } }, "invalid bpf_ld_imm64 insn" },
		{ { { .code = 0x18, .src_reg = 1 }, { .imm = 1 } },
		  "unrecognized bpf_ld_imm64 insn" },
		{ I(0xbf, 1, 11, 0, 0), "R11 is invalid" },
		{ I(0xbf, 15, 1, 0, 0), "R15 is invalid" },
		{ I(0xbf, 10, 1, 0, 0), "frame pointer is read only" },
		{ I(0xdb, 1, 10, 0, 1), "frame pointer is read only" },
		{ I(0x67, 1, 0, 0, 64), "invalid shift 64" },
		{ I(0x64, 1, 0, 0, 32), "invalid shift 32" },
		{ I(0x67, 1, 0, 0, -1), "invalid shift -1" },
		{ I(0x37, 1, 0, 0, 0), "div by zero" },
	};
	struct bpf_insn last = { .code = 0x18 };
	struct insn_fault fault;
	char text[128];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		CHECK(insn_check(cases[i].insn, 2, 0, &fault) == -EINVAL, "%s: accepted",
		      cases[i].text);
		insn_fault_text(text, sizeof(text), &fault);
		CHECK(!strcmp(text, cases[i].text), "'%s', expected '%s'", text, cases[i].text);
	}
	CHECK(insn_check(&last, 1, 0, &fault) == -EINVAL && fault.kind == INSN_FAULT_WIDE,
	      "64-bit immediate without its second slot");
}

static void test_jumps(void)
{
	struct bpf_insn insn = insn_goto(-3);

	CHECK(insn_is_jump(&insn) && insn_jump_target(&insn, 2) == 0, "goto");
	insn = insn_gotol(70000);
	CHECK(insn_is_jump(&insn) && insn_jump_target(&insn, 1) == 70002, "gotol");
	insn = insn_call_sub(-2);
	CHECK(!insn_is_jump(&insn) && insn_jump_target(&insn, 4) == 3, "call");
	insn = insn_exit();
	CHECK(!insn_is_jump(&insn) && insn_ends_block(&insn), "exit");
	insn = insn_tail_call(0);
	CHECK(!insn_is_jump(&insn), "tail call");
	insn = insn_jump32_reg(BPF_JSLE, 1, 2, 9);
	CHECK(insn.code == 0xde && insn_is_jump(&insn) && insn_jump_target(&insn, 0) == 10,
	      "32-bit jump");
	insn = insn_may_goto(9);
	CHECK(insn_is_jump(&insn) && insn_jump_target(&insn, 0) == 10, "may_goto");
}

int main(int argc, char **argv)
{
	read_specs(argc > 1 ? argv[1] : "rfc9669.txt");
	test_rfc();
	test_rows();
	test_text();
	test_regs();
	test_faults();
	test_jumps();
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
