// SPDX-License-Identifier: GPL-2.0
#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "asm.h"

#define MAX_LABELS	512
#define MAX_NAME	ASM_NAME

struct fixup {
	char name[MAX_NAME];
	unsigned int at;
	int line;
};

struct as {
	const char *p;
	struct bpf_insn *out;
	unsigned int n, cap;
	int line;
	struct asm_labels labels;
	struct asm_refs *refs;
	struct fixup fixups[MAX_LABELS * 4];
	unsigned int nr_fixups;
	struct asm_error *err;
	bool failed;
};

static const struct {
	const char *name;
	int id;
} helpers[] = {
#define NAME(name, id, ...) { #name, id },
	___BPF_FUNC_MAPPER(NAME)
};

static bool fail(struct as *as, const char *fmt, ...)
{
	va_list args;

	if (!as->failed) {
		as->err->line = as->line;
		va_start(args, fmt);
		vsnprintf(as->err->text, sizeof(as->err->text), fmt, args);
		va_end(args);
	}
	as->failed = true;
	return false;
}

static void skip(struct as *as)
{
	while (*as->p == ' ' || *as->p == '\t')
		as->p++;
}

/* Takes @word off the text if it stands there. */
static bool take(struct as *as, const char *word)
{
	size_t len = strlen(word);

	skip(as);
	if (strncmp(as->p, word, len))
		return false;
	if (isalnum((unsigned char)word[len - 1]) &&
	    (isalnum((unsigned char)as->p[len]) || as->p[len] == '_'))
		return false;
	as->p += len;
	return true;
}

static bool need(struct as *as, const char *word)
{
	return take(as, word) || fail(as, "'%s' expected at '%.20s'", word, as->p);
}

static bool number(struct as *as, long long *val)
{
	char *end;
	bool plus;

	skip(as);
	plus = *as->p == '+';
	if (plus) {
		as->p++;
		skip(as);
	}
	if (*as->p == '-') {
		const char *p = as->p + 1;

		while (*p == ' ')
			p++;
		if (!isdigit((unsigned char)*p))
			return false;
		*val = -(long long)strtoull(p, &end, 0);
	} else if (isdigit((unsigned char)*as->p)) {
		*val = (long long)strtoull(as->p, &end, 0);
	} else {
		return false;
	}
	as->p = end;
	return true;
}

/* "r3" (width 8) or "w3" (width 4). */
static bool reg(struct as *as, int *no, int *width)
{
	const char *p;

	skip(as);
	p = as->p;
	if ((*p != 'r' && *p != 'w') || !isdigit((unsigned char)p[1]))
		return false;
	*no = p[1] - '0';
	p += 2;
	if (isdigit((unsigned char)*p))
		*no = *no * 10 + *p++ - '0';
	if (isalnum((unsigned char)*p) || *p == '_')
		return false;
	if (width)
		*width = *as->p == 'r' ? 8 : 4;
	as->p = p;
	return true;
}

static bool need_reg(struct as *as, int *no)
{
	return reg(as, no, NULL) || fail(as, "register expected at '%.20s'", as->p);
}

static bool name(struct as *as, char *buf)
{
	size_t len = 0;

	skip(as);
	while (isalnum((unsigned char)as->p[len]) || as->p[len] == '_')
		len++;
	if (!len || len >= MAX_NAME || isdigit((unsigned char)*as->p))
		return false;
	memcpy(buf, as->p, len);
	buf[len] = 0;
	as->p += len;
	return true;
}

static bool emit(struct as *as, struct bpf_insn insn)
{
	if (as->n >= as->cap)
		return fail(as, "program too long");
	as->out[as->n++] = insn;
	return true;
}

/* Puts the distance to a label into the instruction once it is known. */
static bool add_fixup(struct as *as, const char *label)
{
	struct fixup *f = &as->fixups[as->nr_fixups];

	if (as->nr_fixups == sizeof(as->fixups) / sizeof(as->fixups[0]))
		return fail(as, "too many references to labels");
	as->nr_fixups++;
	strcpy(f->name, label);
	f->at = as->n;
	f->line = as->line;
	return true;
}

static bool add_ref(struct as *as, const char *name)
{
	struct asm_refs *refs = as->refs;

	if (!refs)
		return fail(as, "no label '%s'", name);
	if (refs->nr == ASM_REFS)
		return fail(as, "too many names of the kernel");
	strcpy(refs->ref[refs->nr].name, name);
	refs->ref[refs->nr++].at = as->n;
	return true;
}

/* "pc+3" or a label */
static bool target(struct as *as, long long *dist)
{
	char label[MAX_NAME];

	*dist = 0;
	skip(as);
	if (!strncmp(as->p, "pc+", 3) || !strncmp(as->p, "pc-", 3)) {
		as->p += 2;
		return number(as, dist) || fail(as, "distance expected");
	}
	if (!name(as, label))
		return fail(as, "target expected");
	return add_fixup(as, label);
}

static const struct insn_row *find_row(const char *op, int width, int form, int mod)
{
	int i;

	for (i = 1; i < INSN_NR; i++) {
		const struct insn_row *row = &insn_rows[i];

		if (row->form == form && (!width || row->width == width) &&
		    (mod < 0 || row->mod == mod) && row->group != INSN_GROUP_INTERNAL &&
		    !strcmp(row->op, op))
			return row;
	}
	return NULL;
}

static struct bpf_insn make(const struct insn_row *row, int dst, int src, long long off,
			    long long imm)
{
	struct bpf_insn insn = { .code = row->code, .dst_reg = dst, .src_reg = src,
				 .off = off, .imm = imm };

	if (row->sel == INSN_SEL_OFF)
		insn.off = row->val;
	else if (row->sel == INSN_SEL_IMM)
		insn.imm = row->val;
	else if (row->sel == INSN_SEL_SRC)
		insn.src_reg = row->val;
	return insn;
}

static bool imm64(struct as *as, int dst, int pseudo, unsigned long long lo, unsigned int hi)
{
	struct bpf_insn insn = { .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = dst,
				 .src_reg = pseudo, .imm = lo };

	return emit(as, insn) && emit(as, (struct bpf_insn){ .imm = hi });
}

/* "(u32 *)(r1 +8)" with @type already known to follow an opening parenthesis */
static bool memory(struct as *as, char *type, int *base, long long *off)
{
	if (!need(as, "(") || !name(as, type) || !need(as, "*") || !need(as, ")") ||
	    !need(as, "(") || !need_reg(as, base))
		return fail(as, "memory operand expected");
	if (!number(as, off))
		*off = 0;
	return need(as, ")");
}

static bool load(struct as *as, int dst)
{
	const struct insn_row *row;
	char type[MAX_NAME];
	long long off, imm = 0;
	int base;

	const char *save = as->p;

	if (need(as, "(") && name(as, type) && need(as, "*") && need(as, ")") &&
	    take(as, "skb")) {
		bool ind;

		if (!need(as, "["))
			return false;
		ind = reg(as, &base, NULL);
		number(as, &imm);
		row = find_row(type, 0, ind ? INSN_FORM_LD_IND : INSN_FORM_LD_ABS, -1);
		if (!row || !need(as, "]"))
			return fail(as, "bad packet load");
		return emit(as, make(row, 0, ind ? base : 0, 0, imm));
	}
	as->p = save;
	if (!memory(as, type, &base, &off))
		return false;
	row = find_row(type, 0, INSN_FORM_LDX, -1);
	if (!row)
		return fail(as, "unknown size '%s'", type);
	return emit(as, make(row, dst, base, off, 0));
}

static bool store(struct as *as)
{
	const struct insn_row *row;
	char type[MAX_NAME];
	long long off, imm;
	int base, src;

	if (!memory(as, type, &base, &off) || !need(as, "="))
		return false;
	if (reg(as, &src, NULL)) {
		row = find_row(type, 0, INSN_FORM_STX, -1);
		return row ? emit(as, make(row, base, src, off, 0)) : fail(as, "bad store");
	}
	row = find_row(type, 0, INSN_FORM_ST, -1);
	if (!row || !number(as, &imm))
		return fail(as, "bad store");
	return emit(as, make(row, base, 0, off, imm));
}

static bool lock_op(struct as *as)
{
	static const char * const ops[] = { "+=", "|=", "&=", "^=" };
	const struct insn_row *row;
	char type[MAX_NAME];
	long long off;
	int base, src;
	unsigned int i;

	if (!need(as, "*") || !memory(as, type, &base, &off))
		return false;
	for (i = 0; i < 4; i++)
		if (take(as, ops[i]))
			break;
	if (i == 4 || !need_reg(as, &src))
		return fail(as, "atomic operator expected");
	row = find_row(ops[i], type[1] == '6' ? 8 : 4, INSN_FORM_ATOMIC, -1);
	return row ? emit(as, make(row, base, src, off, 0)) : fail(as, "bad atomic");
}

/* after "rX = atomic[64]_" */
static bool fetch(struct as *as, int dst, int width)
{
	const struct insn_row *row;
	char op[MAX_NAME], type[MAX_NAME];
	bool cmpxchg;
	long long off;
	int base, src, r0;

	if (!name(as, op) || !need(as, "("))
		return fail(as, "bad atomic");
	cmpxchg = !strcmp(op, "cmpxchg");
	if (!memory(as, type, &base, &off) || !need(as, ","))
		return false;
	if (cmpxchg && (!need_reg(as, &r0) || !need(as, ",")))
		return false;
	if (!need_reg(as, &src) || !need(as, ")"))
		return false;
	if (!cmpxchg && src != dst)
		return fail(as, "result and operand differ");
	row = find_row(op, width, cmpxchg ? INSN_FORM_CMPXCHG : INSN_FORM_FETCH, -1);
	return row ? emit(as, make(row, base, src, off, 0)) : fail(as, "unknown atomic '%s'", op);
}

/* The number of a struct of the case. */
static bool local_type(struct as *as, int dst)
{
	char label[MAX_NAME], ref[MAX_NAME + 1];

	if (!name(as, label) || strlen(label) + 2 > ASM_NAME)
		return fail(as, "name of a struct expected");
	sprintf(ref, ":%s", label);
	return add_ref(as, ref) && emit(as, insn_mov64_imm(dst, 0));
}

static bool special_imm(struct as *as, int dst, bool *done)
{
	char label[MAX_NAME];
	long long fd, off = 0;

	*done = true;
	if (take(as, "map_value")) {
		if (!need(as, "[") || !number(as, &fd) || !need(as, "]"))
			return false;
		number(as, &off);
		return imm64(as, dst, BPF_PSEUDO_MAP_VALUE, fd, off);
	}
	if (take(as, "map"))
		return need(as, "[") && number(as, &fd) && need(as, "]") &&
		       imm64(as, dst, BPF_PSEUDO_MAP_FD, fd, 0);
	if (take(as, "btf_id"))
		return number(as, &fd) && imm64(as, dst, BPF_PSEUDO_BTF_ID, fd, 0);
	if (take(as, "ksym"))
		return name(as, label) && add_ref(as, label) &&
		       imm64(as, dst, BPF_PSEUDO_BTF_ID, 0, 0);
	if (take(as, "local"))
		return local_type(as, dst);
	if (take(as, "func"))
		return name(as, label) && add_fixup(as, label) &&
		       imm64(as, dst, BPF_PSEUDO_FUNC, 0, 0);
	*done = false;
	return true;
}

static bool casts(struct as *as, int dst, int width, bool *done)
{
	static const char * const sx[] = { "(s8)", "(s16)", "(s32)" };
	static const char * const ends[] = { "le16", "le32", "le64", "be16", "be32", "be64",
					     "bswap16", "bswap32", "bswap64" };
	const struct insn_row *row;
	long long a, b;
	unsigned int i;
	int src;

	*done = true;
	for (i = 0; i < 3; i++) {
		if (!take(as, sx[i]))
			continue;
		row = find_row(sx[i], width, INSN_FORM_MOVSX, -1);
		if (!row || !need_reg(as, &src))
			return fail(as, "bad sign extension");
		return emit(as, make(row, dst, src, 0, 0));
	}
	for (i = 0; i < 9; i++) {
		if (!take(as, ends[i]))
			continue;
		row = find_row(ends[i], 0, INSN_FORM_END, -1);
		return row && need_reg(as, &src) && emit(as, make(row, dst, 0, 0, 0));
	}
	if (take(as, "addr_space_cast")) {
		if (!need(as, "(") || !need_reg(as, &src) || !need(as, ",") || !number(as, &a) ||
		    !need(as, ",") || !number(as, &b) || !need(as, ")"))
			return fail(as, "bad cast");
		return emit(as, insn_make(0xbf, dst, src, 1, a << 16 | b));
	}
	*done = false;
	return true;
}

static bool move(struct as *as, int dst, int width)
{
	const char *save;
	long long imm;
	bool done, ok;
	int src;

	if (take(as, "*"))
		return load(as, dst);
	if (take(as, "atomic64_"))
		return fetch(as, dst, 8);
	if (take(as, "atomic_"))
		return fetch(as, dst, 4);
	ok = special_imm(as, dst, &done);
	if (done)
		return ok;
	ok = casts(as, dst, width, &done);
	if (done)
		return ok;
	if (reg(as, &src, NULL))
		return emit(as, insn_make((width == 8 ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_X, dst,
					  src, 0, 0));
	skip(as);
	save = as->p;
	if (*save == '-' && (save[1] == 'r' || save[1] == 'w')) {
		as->p++;
		return need_reg(as, &src) &&
		       emit(as,
			    insn_make((width == 8 ? BPF_ALU64 : BPF_ALU) | BPF_NEG, dst, 0, 0, 0));
	}
	if (!number(as, &imm))
		return fail(as, "value expected at '%.20s'", as->p);
	if (width == 8 && !strncmp(save, "0x", 2)) {
		take(as, "ll");
		return imm64(as, dst, 0, imm, (unsigned long long)imm >> 32);
	}
	return emit(as, insn_make((width == 8 ? BPF_ALU64 : BPF_ALU) | BPF_MOV | BPF_K, dst, 0, 0,
				  imm));
}

static bool arith(struct as *as, int dst, int width)
{
	static const char * const ops[] = { "s>>=", "<<=", ">>=", "s/=", "s%=", "+=", "-=", "*=",
					    "/=", "|=", "&=", "%=", "^=" };
	const struct insn_row *row;
	long long imm = 0;
	unsigned int i;
	int src = 0;
	bool r;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (take(as, ops[i]))
			break;
	if (i == sizeof(ops) / sizeof(ops[0]))
		return need(as, "=") && move(as, dst, width);
	r = reg(as, &src, NULL);
	if (!r && !number(as, &imm))
		return fail(as, "operand expected");
	row = find_row(ops[i], width, r ? INSN_FORM_ALU_X : INSN_FORM_ALU_K, -1);
	return row ? emit(as, make(row, dst, src, 0, imm)) : fail(as, "unknown operator");
}

static bool cond(struct as *as)
{
	static const char * const ops[] = { "s>=", "s<=", "s>", "s<", ">=", "<=", "==", "!=", ">",
					    "<", "&" };
	const struct insn_row *row;
	long long imm = 0, dist;
	int dst, src = 0, width;
	unsigned int i;
	bool r;

	if (!reg(as, &dst, &width))
		return fail(as, "register expected");
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++)
		if (take(as, ops[i]))
			break;
	if (i == sizeof(ops) / sizeof(ops[0]))
		return fail(as, "comparison expected at '%.20s'", as->p);
	r = reg(as, &src, NULL);
	if (!r && !number(as, &imm))
		return fail(as, "operand expected");
	row = find_row(ops[i], width, r ? INSN_FORM_JMP_X : INSN_FORM_JMP_K, -1);
	if (!row || !need(as, "goto") || !target(as, &dist))
		return fail(as, "bad jump");
	return emit(as, make(row, dst, src, dist, imm));
}

static bool call(struct as *as)
{
	char label[MAX_NAME];
	const char *save, *bare;
	long long id, dist;
	unsigned int i;

	skip(as);
	save = as->p;
	if (!strncmp(save, "pc", 2) && (save[2] == '+' || save[2] == '-'))
		return target(as, &dist) && emit(as, insn_call_sub(dist));
	if (!name(as, label))
		return fail(as, "callee expected");
	if (take(as, "#"))
		return number(as, &id) && emit(as, !strcmp(label, "kfunc") ?
					       insn_call_kfunc(id, 0) : insn_call(id));
	bare = strncmp(label, "bpf_", 4) ? label : label + 4;
	for (i = 0; i < sizeof(helpers) / sizeof(helpers[0]); i++)
		if (!strcmp(helpers[i].name, bare))
			return emit(as, insn_call(helpers[i].id));
	return add_fixup(as, label) && emit(as, insn_call_sub(0));
}

static bool raw(struct as *as)
{
	long long off, imm, dst, src;
	unsigned int code;
	char *end;

	skip(as);
	code = strtoul(as->p, &end, 16);
	as->p = end;
	if (!number(as, &dst) || !number(as, &src) || !number(as, &off) || !number(as, &imm))
		return fail(as, "raw: opcode dst src off imm");
	return emit(as, insn_make(code, dst, src, off, imm));
}

static bool statement(struct as *as)
{
	int dst, width;
	long long dist;

	if (take(as, "exit"))
		return emit(as, insn_exit());
	if (take(as, "raw"))
		return raw(as);
	if (take(as, "goto"))
		return target(as, &dist) && emit(as, insn_goto(dist));
	if (take(as, "gotol"))
		return target(as, &dist) && emit(as, insn_gotol(dist));
	if (take(as, "may_goto"))
		return target(as, &dist) && emit(as, insn_may_goto(dist));
	if (take(as, "call"))
		return call(as);
	if (take(as, "if"))
		return cond(as);
	if (take(as, "lock"))
		return lock_op(as);
	if (take(as, "*"))
		return store(as);
	if (reg(as, &dst, &width))
		return arith(as, dst, width);
	return fail(as, "what is '%.30s'", as->p);
}

static bool add_label(struct as *as, const char *label)
{
	struct asm_labels *l = &as->labels;

	if (l->nr == MAX_LABELS)
		return fail(as, "too many labels");
	strcpy(l->label[l->nr].name, label);
	l->label[l->nr++].at = as->n;
	return true;
}

static bool one_line(struct as *as)
{
	const char *save;
	char label[MAX_NAME];
	long long no;

	skip(as);
	save = as->p;
	if (name(as, label) && *as->p == ':') {
		as->p++;
		if (!add_label(as, label))
			return false;
	} else {
		as->p = save;
		if (isdigit((unsigned char)*as->p) && number(as, &no))
			need(as, ":");
	}
	skip(as);
	if (*as->p == '(' && isxdigit((unsigned char)as->p[1]) &&
	    isxdigit((unsigned char)as->p[2]) &&
	    as->p[3] == ')')
		as->p += 4;
	skip(as);
	if (!*as->p || *as->p == ';' || *as->p == '#')
		return true;
	if (!statement(as))
		return false;
	skip(as);
	return !*as->p || *as->p == ';' || *as->p == '#' || fail(as, "rubbish '%.20s'", as->p);
}

int asm_label(const struct asm_labels *labels, const char *name)
{
	unsigned int i;

	for (i = 0; i < labels->nr; i++)
		if (!strcmp(labels->label[i].name, name))
			return labels->label[i].at;
	return -1;
}

/* A call of what is no label is one of a kernel function. */
static bool resolve_one(struct as *as, const struct fixup *f)
{
	struct bpf_insn *insn = &as->out[f->at];
	int at = asm_label(&as->labels, f->name);

	as->line = f->line;
	as->n = f->at;
	if (at < 0 && insn_is_sub_call(insn)) {
		*insn = insn_call_kfunc(0, 0);
		return add_ref(as, f->name);
	}
	if (at < 0)
		return fail(as, "no label '%s'", f->name);
	if (insn_is_gotol(insn) || insn_is_call(insn) || insn_is_ld_imm64(insn))
		insn->imm = at - (int)f->at - 1;
	else
		insn->off = at - (int)f->at - 1;
	return true;
}

static bool resolve(struct as *as)
{
	unsigned int i, n = as->n;

	for (i = 0; i < as->nr_fixups; i++)
		if (!resolve_one(as, &as->fixups[i]))
			return false;
	as->n = n;
	return true;
}

int asm_program(const char *text, struct bpf_insn *out, unsigned int cap, struct asm_refs *refs,
		struct asm_labels *labels, struct asm_error *err)
{
	struct as *as = calloc(1, sizeof(*as));
	char line[256];
	int n = -1;

	if (!as) {
		snprintf(err->text, sizeof(err->text), "no memory");
		return -1;
	}
	as->out = out;
	as->cap = cap;
	as->err = err;
	as->refs = refs;
	if (refs)
		refs->nr = 0;
	while (*text && !as->failed) {
		size_t len = strcspn(text, "\n");

		as->line++;
		if (len >= sizeof(line)) {
			fail(as, "line too long");
			break;
		}
		memcpy(line, text, len);
		line[len] = 0;
		text += len + (text[len] == '\n');
		as->p = line;
		one_line(as);
	}
	if (!as->failed && resolve(as))
		n = as->n;
	if (labels)
		*labels = as->labels;
	free(as);
	return n;
}
