// SPDX-License-Identifier: GPL-2.0
/* CO-RE: relocations that a compiler made of progs/core_local.c, against progs/core_target.c. */
#include "btftest.h"
#include "progs/core_target.h"

#define POISON 0xbad2310	/* what relo_core.c makes of instructions that nothing fits */

static struct btf *vmlinux;

struct btf *bpf_get_btf_vmlinux(void)
{
	return vmlinux;
}

static struct btf *module;

int btf_each_module(int (*fn)(struct btf *btf, void *arg), void *arg)
{
	return module ? fn(module, arg) : 0;
}

struct core_case {
	const char *name;
	enum bpf_core_relo_kind kind;
	u64 want;
};

/* In the order of core_local.c. Shifts are of 64 bits: flag stands at bit 0 of its unit. */
static const struct core_case cases[] = {
	{ "offset", BPF_CORE_FIELD_BYTE_OFFSET, offsetof(struct shape, i) },
	{ "offset in an array", BPF_CORE_FIELD_BYTE_OFFSET, offsetof(struct shape, arr[3]) },
	{ "offset in a struct", BPF_CORE_FIELD_BYTE_OFFSET, offsetof(struct shape, in.deep) },
	{ "size", BPF_CORE_FIELD_BYTE_SIZE, 8 },
	{ "size of an array", BPF_CORE_FIELD_BYTE_SIZE, 14 },
	{ "exists", BPF_CORE_FIELD_EXISTS, 1 },
	{ "does not exist", BPF_CORE_FIELD_EXISTS, 0 },
	{ "signed", BPF_CORE_FIELD_SIGNED, 1 },
	{ "unsigned", BPF_CORE_FIELD_SIGNED, 0 },
	{ "left shift", BPF_CORE_FIELD_LSHIFT_U64, 64 - 3 },
	{ "right shift", BPF_CORE_FIELD_RSHIFT_U64, 64 - 3 },
	{ "right shift of a signed one", BPF_CORE_FIELD_RSHIFT_U64, 64 - 7 },
	{ "signed bit field", BPF_CORE_FIELD_SIGNED, 1 },
	{ "type exists", BPF_CORE_TYPE_EXISTS, 1 },
	{ "type does not exist", BPF_CORE_TYPE_EXISTS, 0 },
	{ "type size", BPF_CORE_TYPE_SIZE, sizeof(struct shape) },
	{ "type matches", BPF_CORE_TYPE_MATCHES, 1 },
	{ "type does not match", BPF_CORE_TYPE_MATCHES, 0 },
	{ "local id", BPF_CORE_TYPE_ID_LOCAL, ~0ULL },
	{ "target id", BPF_CORE_TYPE_ID_TARGET, ~0ULL },
	{ "enumerator exists", BPF_CORE_ENUMVAL_EXISTS, 1 },
	{ "enumerator does not exist", BPF_CORE_ENUMVAL_EXISTS, 0 },
	{ "enumerator's value", BPF_CORE_ENUMVAL_VALUE, COLOR_BLUE },
	{ "enumerator's value of 64 bits", BPF_CORE_ENUMVAL_VALUE, WIDE_RED },
	{ "size of a typedef", BPF_CORE_TYPE_SIZE, sizeof(struct shape) },
	{ "offset of what does not exist", BPF_CORE_FIELD_BYTE_OFFSET, POISON },
	{ "load of 4 bytes that are 8", BPF_CORE_FIELD_BYTE_OFFSET, offsetof(struct shape, wide) },
	{ "load of a char", BPF_CORE_FIELD_BYTE_OFFSET, offsetof(struct shape, sc) },
};

static struct bpf_verifier_log core_log;

static int apply(const struct btf *local, const struct bpf_core_relo *relo, struct bpf_insn *insn)
{
	u32 true_size;
	int err;

	load_log[0] = 0;
	bpf_vlog_init(&core_log, 1, load_log, LOG_SIZE);
	err = btf_core_apply(local, relo, 0, insn, &core_log);
	bpf_vlog_finish(&core_log, &true_size);
	bpf_vlog_free(&core_log);
	return err;
}

static u64 value_of(const struct bpf_insn *insn)
{
	switch (BPF_CLASS(insn->code)) {
	case BPF_LD:
		return (u32)insn[0].imm | (u64)(u32)insn[1].imm << 32;
	case BPF_LDX:
		return (u16)insn->off;
	default:
		return (u32)insn->imm;
	}
}

static u64 wanted(const struct core_case *c, const struct btf *local)
{
	if (c->kind == BPF_CORE_TYPE_ID_LOCAL)
		return btf_find_by_name_kind(local, "shape___local", BTF_KIND_STRUCT);
	if (c->kind == BPF_CORE_TYPE_ID_TARGET)
		return btf_find_by_name_kind(module ?: vmlinux, "shape", BTF_KIND_STRUCT);
	return c->want;
}

/* The relocations of the only section with some, of .BTF.ext. */
static const struct bpf_core_relo *relos_of(const void *ext, u32 *cnt)
{
	const u32 *hdr = ext, *relo = ext + hdr[1] + hdr[6];

	check(relo[0] == sizeof(struct bpf_core_relo), "core", "record size %u", relo[0]);
	*cnt = relo[2];
	return (const void *)(relo + 3);
}

static void run_all(const struct btf *local, const struct bpf_core_relo *relos, u32 cnt,
		    const void *text, u32 size)
{
	struct bpf_insn *insns = malloc(size), *insn;
	u64 got, want;
	u32 i;
	int err;

	memcpy(insns, text, size);
	for (i = 0; i < cnt && i < ARRAY_SIZE(cases); i++) {
		insn = insns + relos[i].insn_off / sizeof(*insn);
		check(relos[i].kind == cases[i].kind, cases[i].name, "kind %u", relos[i].kind);
		err = apply(local, &relos[i], insn);
		got = value_of(insn);
		want = wanted(&cases[i], local);
		check(!err && got == want, cases[i].name, "%d, %llu, not %llu: %s", err, got, want,
		      load_log);
		if (cases[i].want == POISON)
			check(insn->code == (BPF_JMP | BPF_CALL), cases[i].name, "no call");
		if (i == ARRAY_SIZE(cases) - 2)
			check(BPF_SIZE(insn->code) == BPF_DW, cases[i].name, "code %x", insn->code);
	}
	check(i == ARRAY_SIZE(cases) && i == cnt, "core", "%u relocations", cnt);
	free(insns);
}

/* What user space may get wrong. */
static void run_bad(const struct btf *local, const struct bpf_core_relo *good)
{
	struct bpf_insn mov = { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 8 };
	struct bpf_insn bad = { .code = BPF_ALU64 | BPF_MOV | BPF_X };
	struct bpf_core_relo relo;
	u32 n;

	relo = *good;
	relo.type_id = 0;
	check(apply(local, &relo, &mov) == -EINVAL, "void", "%s", load_log);
	relo.type_id = ~0U;
	check(apply(local, &relo, &mov) == -EINVAL, "no such type", "%s", load_log);
	relo = *good;
	relo.kind = BPF_CORE_TYPE_MATCHES + 1;
	check(apply(local, &relo, &mov) == -EINVAL, "no such kind", "%s", load_log);
	relo = *good;
	relo.access_str_off = ~0U;
	check(apply(local, &relo, &mov) == -EINVAL, "no such string", "%s", load_log);
	relo.access_str_off = 0;
	check(apply(local, &relo, &mov) == -EINVAL, "empty string", "%s", load_log);
	relo.access_str_off = 1;	/* some name */
	check(apply(local, &relo, &mov) == -EINVAL, "string of other things", "%s", load_log);
	check(apply(local, good, &bad) == -EINVAL, "instruction without a constant", "%s",
	      load_log);
	mov.imm = 12345;
	check(apply(local, good, &mov) == -EINVAL, "instruction with another constant", "%s",
	      load_log);
	check(apply(NULL, good, &mov) == -EINVAL, "no BTF", "%s", load_log);
	for (n = 1; n < 5; n++) {
		long live = shim_live;
		int err;

		shim_fail_alloc = n;
		err = btf_core_apply(local, good, 0, &mov, &core_log);
		if (shim_fail_alloc) {
			shim_fail_alloc = 0;
			break;
		}
		check(err == -ENOMEM && live == shim_live, "allocation", "%u fails: %d", n, err);
	}
	check(n == 4, "allocations", "%u", n - 1);
}

void test_core(const char *dir)
{
	u32 local_size, target_size, ext_size, text_size, cnt;
	char path[512];
	void *data[4];
	static const char *const names[] = {
		"core_local.btf", "core_target.btf", "core_local.ext", "core_local.text",
	};
	u32 *const sizes[] = { &local_size, &target_size, &ext_size, &text_size };
	const struct bpf_core_relo *relos;
	static const u32 none[] = { 0, INFO(PTR, 0), 0 };
	struct btf *local;
	int i, err;

	for (i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/%s", dir, names[i]);
		data[i] = read_file(path, sizes[i]);
		check(data[i], path, "cannot be read");
		if (!data[i])
			return;
	}
	lay_out_sections(data[0]);
	lay_out_sections(data[1]);
	err = load(data[0], local_size, 1, &local);
	check(!err, "core", "local: %d %s", err, load_log);
	err = err ?: load(data[1], target_size, 1, &vmlinux);
	check(!err, "core", "target: %d %s", err, load_log);
	if (!err) {
		relos = relos_of(data[2], &cnt);
		run_all(local, relos, cnt, data[3], text_size);
		run_bad(local, &relos[0]);
		/* the same types in a module, and none of them in vmlinux */
		module = vmlinux;
		load_raw(none, ARRAY_SIZE(none), "", 0, 0, &vmlinux);
		run_all(local, relos, cnt, data[3], text_size);
		btf_put(module);
		btf_put(vmlinux);
		btf_put(local);
	}
	for (i = 0; i < 4; i++)
		free(data[i]);
}
