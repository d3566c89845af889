// SPDX-License-Identifier: GPL-2.0
/* Blinding, random programs against a reference, tags, images, failures. */
#include "exec_test.h"

/* Blinds every function of @c; false where bpf_blind() refuses one. */
bool blind_code(const struct code *c, struct code *blinded)
{
	struct bpf_insn *insn;
	u32 f, end, len, *orig;

	*blinded = (struct code) {};
	for (f = 0; f < c->funcs; f++) {
		end = f + 1 < c->funcs ? c->start[f + 1] : c->len;
		if (bpf_blind(c->insn + c->start[f], end - c->start[f], &insn, &len, &orig))
			return false;
		begin(blinded, c->stack[f]);
		memcpy(blinded->insn + blinded->len, insn, len * sizeof(*insn));
		blinded->len += len;
		kvfree(insn);
		kvfree(orig);
	}
	return true;
}

/* Does @imm stand in any instruction but calls? */
static bool code_has(const struct code *c, s32 imm)
{
	u32 i;

	for (i = 0; i < c->len; i++) {
		if (c->insn[i].imm == imm && !insn_is_call(&c->insn[i]))
			return true;
	}
	return false;
}

static void test_constants(void)
{
	static struct code c, blinded;
	const s32 secret = 0x5eed5eed;

	begin(&c, 8);
	emit(&c, insn_mov64_imm(1, secret));
	emit(&c, insn_mov32_imm(2, secret));
	emit(&c, insn_alu64_imm(BPF_XOR, 1, secret));
	emit(&c, insn_alu32_imm(BPF_ADD, 2, secret));
	emit(&c, insn_store_imm(BPF_W, 10, -8, secret));
	emit(&c, insn_jump_imm(BPF_JEQ, 1, secret, 3));
	emit(&c, insn_jump32_imm(BPF_JSET, 2, secret, 2));
	emit_imm64(&c, 3, (u64)secret << 32 | secret);
	emit(&c, insn_mov64_imm(0, 1));
	emit(&c, insn_exit());
	CHECK(code_has(&c, secret), "the secret is there before");
	CHECK(blind_code(&c, &blinded), "blinding");
	CHECK(!code_has(&blinded, secret), "a constant survived");
	CHECK(run_code(&blinded, NULL) == run_code(&c, NULL), "result");
}

static void test_blind_jumps(void)
{
	static struct bpf_insn insns[40000];
	struct bpf_insn *out;
	u32 len, *orig, i;
	int err;

	for (i = 0; i < 30000; i++)
		insns[i] = insn_mov64_imm(0, i);
	insns[30000] = insn_exit();
	/* an unconditional jump that gets too far becomes a long one */
	insns[0] = insn_goto(29999);
	err = bpf_blind(insns, 30001, &out, &len, &orig);
	CHECK(!err && insn_is_gotol(&out[0]) && insn_jump_target(&out[0], 0) == len - 1,
	      "long jump: %d", err);
	CHECK(orig[len - 1] == 30000 && !orig[0] && orig[1] == 1 && orig[2] == 1, "map back");
	kvfree(out);
	kvfree(orig);
	insns[0] = insn_jump_reg(BPF_JEQ, 0, 0, 29999);
	err = bpf_blind(insns, 30001, &out, &len, &orig);
	CHECK(err == -ERANGE && !out && !orig, "conditional jump too far: %d", err);
	insns[0] = insn_goto(30000);
	CHECK(bpf_blind(insns, 30001, &out, &len, &orig) == -EINVAL, "jump out of the function");
}

void test_blinding(void)
{
	test_constants();
	test_blind_jumps();
}

static const u8 alu_ops[] = {
	BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH, BPF_RSH, BPF_MOD, BPF_XOR,
	BPF_MOV, BPF_ARSH,
};

static const u8 jump_ops[] = {
	BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE, BPF_JLT, BPF_JLE,
	BPF_JSLT, BPF_JSLE,
};

/* Arithmetic on R0 to R9 and forward jumps, until exit: R1 is the context until the end. */
static void random_code(struct code *c, u32 len)
{
	u32 i, r;

	*c = (struct code) {};
	begin(c, 0);
	for (i = 0; i < 10; i++)
		if (i != 1)
			emit(c, insn_load(BPF_DW, i, 1, i * 8));
	while (c->len < len) {
		u8 dst = random() % 9 + (random() % 9 > 0), src = random() % 9;
		bool wide = random() & 1, x = random() & 1;
		u32 left = len - c->len - 1;
		s32 imm = get_random_u32();

		dst += dst == 1;
		src += src >= 1;
		if (random() % 4 == 0 && left) {
			r = random() % min(left, 5u);
			emit(c, insn_make((wide ? BPF_JMP : BPF_JMP32) |
					  jump_ops[random() % ARRAY_SIZE(jump_ops)] |
					  (x ? BPF_X : BPF_K), dst, x ? src : 0, r, x ? 0 : imm));
			continue;
		}
		r = alu_ops[random() % ARRAY_SIZE(alu_ops)];
		if (!x && !alu_has_imm(r, wide ? 64 : 32, imm))
			imm = imm & 31 ?: 1;
		emit(c, insn_make((wide ? BPF_ALU64 : BPF_ALU) | r | (x ? BPF_X : BPF_K), dst,
				  x ? src : 0, (r == BPF_DIV || r == BPF_MOD) && random() & 1,
				  x ? 0 : imm));
	}
	for (i = 0; i < 10; i++)
		if (i != 1)
			emit(c, insn_store(BPF_DW, 1, i, i * 8));
	emit(c, insn_exit());
}

/* What random_code() means, by the rules that the tests of each operation use. */
static void reference(const struct code *c, u64 *regs)
{
	u32 i, bits;
	u64 src;

	for (i = 9; i < c->len - 10; i++) {
		const struct bpf_insn *insn = &c->insn[i];

		src = insn_is_src_reg(insn) ? regs[insn->src_reg] : (u64)(s64)insn->imm;
		bits = insn_class(insn) == BPF_ALU64 || insn_class(insn) == BPF_JMP ? 64 : 32;
		if (insn_is_alu(insn))
			regs[insn->dst_reg] = expect_alu(insn_op(insn), insn->off, bits,
							 regs[insn->dst_reg], src);
		else if (expect_jump(insn_op(insn), bits, regs[insn->dst_reg], src))
			i += insn->off;
	}
}

static void test_random(void)
{
	static struct code c, blinded;
	u64 start[10], want[10], got[10];
	u32 n, i, wrong = 0;

	srandom(1);
	for (n = 0; n < 5000; n++) {
		random_code(&c, 20 + random() % 100);
		for (i = 0; i < 10; i++)
			start[i] = (u64)get_random_u32() << (random() & 32) | random() % 3;
		memcpy(want, start, sizeof(want));
		memcpy(got, start, sizeof(got));
		reference(&c, want);
		run_code(&c, got);
		wrong += !!memcmp(got, want, sizeof(got));
		memcpy(got, start, sizeof(got));
		blind_code(&c, &blinded);
		run_code(&blinded, got);
		wrong += !!memcmp(got, want, sizeof(got));
	}
	CHECK(!wrong, "%u random programs wrong", wrong);
}

static void check_tag(const struct code *c, const char *hex)
{
	struct bpf_prog *prog = bpf_prog_alloc(c->len, GFP_KERNEL);
	char text[17];
	int i;

	memcpy(prog->insnsi, c->insn, c->len * sizeof(c->insn[0]));
	bpf_prog_calc_tag(prog);
	for (i = 0; i < 8; i++)
		sprintf(text + 2 * i, "%02x", prog->tag[i]);
	CHECK(!strcmp(text, hex), "tag %s, expected %s", text, hex);
	bpf_prog_free_unlinked(prog);
}

/* Expected: sha1sum(1) of the same bytes. */
static void test_tags(void)
{
	static struct code c;
	u32 i;

	emit(&c, insn_mov64_imm(0, 0));
	emit(&c, insn_exit());
	check_tag(&c, "a04f5eef06a7f555");
	for (i = 0; i < 5; i++)
		emit(&c, insn_exit());
	check_tag(&c, "4c378ee4aec9a458");
	emit(&c, insn_exit());
	check_tag(&c, "9a0c5c6f00c2e2db");
	/* a map's number does not count, a constant does */
	c = (struct code) {};
	insn_ld_imm64(c.insn, 1, BPF_PSEUDO_MAP_FD, 7);
	c.len = 2;
	check_tag(&c, "17f4f0d9f85b3b17");
	c.insn[0].imm = 8;
	check_tag(&c, "17f4f0d9f85b3b17");
	insn_ld_imm64(c.insn, 1, 0, 0x200000001ULL);
	check_tag(&c, "7a10681e37d3f8d5");
}

static void test_resize(void)
{
	struct bpf_prog *prog = bpf_prog_alloc(10, GFP_KERNEL), *bigger;
	struct bpf_prog_totals totals;
	u32 i, wrong = 0;

	for (i = 0; i < 10; i++)
		prog->insnsi[i] = insn_mov64_imm(1, i);
	prog = bpf_prog_realloc(prog, 5, GFP_KERNEL);
	prog = bpf_prog_realloc(prog, 20, GFP_KERNEL);
	CHECK(prog->len == 20 && prog->insnsi[4].imm == 4 && !prog->insnsi[5].code,
	      "grown in place");
	bigger = bpf_prog_realloc(prog, 100000, GFP_KERNEL);
	CHECK(bigger && bigger->len == 100000 && bigger->aux->prog == bigger, "moved");
	for (i = 5; i < 100000; i++)
		wrong += bigger->insnsi[i].code;
	CHECK(!wrong && bigger->insnsi[4].imm == 4, "contents");
	CHECK(!bpf_prog_realloc(bigger, ~0U, GFP_KERNEL), "too large");
	CHECK(!bpf_prog_alloc(~0U, GFP_KERNEL), "too large from the start");
	bpf_prog_inc_misses(bigger);
	bpf_prog_sum_stats(bigger, &totals);
	CHECK(totals.misses == 1 && !totals.cnt, "statistics");
	bpf_prog_free_unlinked(bigger);
}

/* What cannot be interpreted is refused when it is loaded, not when it runs. */
static void test_refused(void)
{
	static const struct {
		struct bpf_insn insn;
		int err;
	} cases[] = {
		{ { .code = 0xe5 }, -EINVAL },
		{ { .code = 0x30 }, -EINVAL },
		{ { .code = 0xff }, -EINVAL },
		{ { .code = 0x05, .off = 100 }, -EINVAL },
		{ { .code = 0x05, .off = -2 }, -EINVAL },
		{ { .code = 0xb7, .dst_reg = 12 }, -EINVAL },
		{ { .code = 0xbf, .off = 1, .imm = 1 }, -EOPNOTSUPP },
		{ { .code = 0xa1 }, -EOPNOTSUPP },
	};
	struct bpf_prog *prog;
	static struct code c;
	u32 i;
	int err;

	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		c = (struct code) {};
		begin(&c, 0);
		emit(&c, cases[i].insn);
		emit(&c, insn_exit());
		prog = try_load(&c, &err);
		CHECK(!prog && err == cases[i].err, "%02x: %d", cases[i].insn.code, err);
	}
	c = (struct code) {};
	begin(&c, 1032);
	emit(&c, insn_exit());
	CHECK(!try_load(&c, &err) && err == -E2BIG, "too much stack: %d", err);
}

void test_programs(void)
{
	test_random();
	test_tags();
	test_resize();
	test_refused();
}

/* A JIT that makes images of what it is told, and fails when told. */
static int jit_fail_prepare, jit_fail_finish, jit_prepared, jit_cancelled, jit_finished;
static struct bpf_image jit_image[FUNCS];

int bpf_jit_prepare(const struct bpf_jit_source *src)
{
	u32 f = src->prog->aux->func_idx;

	if (jit_fail_prepare && !--jit_fail_prepare)
		return -EOPNOTSUPP;
	if (bpf_image_alloc(&jit_image[f], 100 + f * 1000))
		return -ENOMEM;
	src->prog->bpf_func = (void *)jit_image[f].text;
	jit_prepared++;
	return 0;
}

int bpf_jit_finish(const struct bpf_jit_source *src)
{
	u32 offs[4096], i, f = src->prog->aux->func_idx;
	int err;

	if (jit_fail_finish && !--jit_fail_finish)
		return -ENOMEM;
	memset(jit_image[f].rw, 0x90, jit_image[f].size);
	err = bpf_image_publish(&jit_image[f]);
	if (err)
		return err;
	for (i = 0; i < src->len; i++)
		offs[i] = i;
	bpf_prog_set_image(src->prog, &jit_image[f], 4, jit_image[f].size - 4);
	bpf_jit_set_linfo(src, jit_image[f].text, offs);
	jit_finished++;
	return 0;
}

void bpf_jit_cancel(const struct bpf_jit_source *src)
{
	bpf_image_discard(&jit_image[src->prog->aux->func_idx]);
	jit_cancelled++;
}

int bpf_arch_text_copy(void *dst, const void *src, size_t len)
{
	memcpy(dst, src, len);
	return 0;
}

int bpf_arch_text_invalidate(void *dst, size_t len)
{
	memset(dst, 0xcc, len);
	return 0;
}

void bpf_arch_fill_hole(void *area, size_t len)
{
	memset(area, 0xcc, len);
}

static void two_functions(struct code *c)
{
	*c = (struct code) {};
	begin(c, 0);
	emit(c, insn_mov64_imm(1, 40));
	emit_sub_call(c, 1);
	emit(c, insn_exit());
	begin(c, 0);
	emit(c, insn_mov64_reg(0, 1));
	emit(c, insn_alu64_imm(BPF_ADD, 0, 2));
	emit(c, insn_exit());
	/* a line at the first and third instruction, two in the second function */
	c->nr_linfo = 4;
	c->linfo[1].insn_off = 2;
	c->linfo[2].insn_off = 3;
	c->linfo[3].insn_off = 4;
}

static void test_jit_job(void)
{
	static struct code c;
	struct bpf_prog *prog;
	int fail;

	two_functions(&c);
	bpf_jit_enable = 1;
	prog = load(&c);
	CHECK(prog->jited && prog->aux->func[1]->jited, "compiled");
	CHECK(prog->bpf_func == (void *)(jit_image[0].text + 4), "entry");
	CHECK(prog->aux->func[1]->aux->ksym.end ==
	      (unsigned long)jit_image[1].text + jit_image[1].size, "symbol");
	CHECK(jit_image[0].text[50] == 0x90, "published");
	CHECK(prog->aux->jited_linfo[0] == jit_image[0].text &&
	      prog->aux->jited_linfo[1] == jit_image[0].text + 2 &&
	      prog->aux->jited_linfo[2] == jit_image[1].text &&
	      prog->aux->jited_linfo[3] == jit_image[1].text + 1, "lines");
	CHECK(bpf_image_size(jit_image[1].text) == 1152, "size");
	bpf_prog_free(prog);
	CHECK(jit_image[0].text[50] == 0xcc, "text after the end");

	for (fail = 1; fail <= 4; fail++) {
		jit_prepared = 0;
		jit_cancelled = 0;
		jit_finished = 0;
		if (fail <= 2)
			jit_fail_prepare = fail;
		else
			jit_fail_finish = fail - 2;
		prog = load(&c);
		CHECK(!prog->jited && !prog->aux->func[1]->jited && run(prog, NULL) == 42,
		      "interpreted after failure %d", fail);
		CHECK(jit_prepared == jit_cancelled + jit_finished, "failure %d: %d, %d, %d", fail,
		      jit_prepared, jit_cancelled, jit_finished);
		bpf_prog_free(prog);
	}
	bpf_jit_enable = 0;
}

static void test_symbols(void)
{
	static struct exception_table_entry table[2];
	unsigned long start, value, size, off;
	static struct code c;
	struct bpf_prog *prog, *func;
	char name[KSYM_NAME_LEN], want[64], type;
	int i;

	two_functions(&c);
	bpf_jit_enable = 1;
	prog = load(&c);
	bpf_prog_kallsyms_add(prog);
	func = prog->aux->func[1];
	start = (unsigned long)func->bpf_func;
	sprintf(want, "bpf_prog_");
	for (i = 0; i < BPF_TAG_SIZE; i++)
		sprintf(want + 9 + 2 * i, "%02x", func->tag[i]);
	strcat(want, "_f");
	CHECK(__bpf_address_lookup(start + 5, &size, &off, name) == (int)strlen(want) &&
	      !strcmp(name, want), "name %s, expected %s", name, want);
	CHECK(size == func->jited_len && off == 5, "size %lu, offset %lu", size, off);
	CHECK(bpf_prog_find_by_addr(start) == func, "by address");
	CHECK(bpf_prog_find_by_addr((unsigned long)prog->bpf_func) == prog, "main by address");
	CHECK(!is_bpf_text_address(start - 1) && is_bpf_text_address(start) &&
	      is_bpf_text_address(start + size - 1) && !is_bpf_text_address(start + size),
	      "bounds");

	CHECK(bpf_get_kallsym(0, &value, &type, name) == -ERANGE, "hidden");
	bpf_jit_kallsyms = 1;
	CHECK(!bpf_get_kallsym(0, &value, &type, name) && value == start && type == 't', "first");
	CHECK(!bpf_get_kallsym(1, &value, &type, name), "second");
	CHECK(bpf_get_kallsym(2, &value, &type, name) == -ERANGE, "third");
	bpf_jit_kallsyms = 0;

	table[1].addr = start + 7;
	func->aux->extable = table;
	func->aux->num_exentries = 2;
	CHECK(search_bpf_extables(start + 7) == &table[1], "fault");
	CHECK(!search_bpf_extables(start + 8), "fault elsewhere");
	CHECK(!search_bpf_extables((unsigned long)prog->bpf_func + 7), "fault in another function");

	bpf_prog_kallsyms_del_all(prog);
	CHECK(!is_bpf_text_address(start), "gone");
	bpf_prog_kallsyms_del_all(prog);
	bpf_prog_free(prog);

	/* freed without having been taken out */
	prog = load(&c);
	bpf_prog_kallsyms_add(prog);
	start = (unsigned long)prog->bpf_func;
	bpf_prog_free(prog);
	CHECK(!is_bpf_text_address(start), "gone with its program");
	bpf_jit_enable = 0;
}

static void test_blinding_asked(void)
{
	static struct code c;
	struct bpf_prog *prog;

	two_functions(&c);
	bpf_jit_enable = 1;
	bpf_jit_harden = 1;
	prog = load(&c);
	CHECK(!prog->blinded, "blinded for the privileged");
	bpf_prog_free(prog);
	shim_capable = false;
	prog = load(&c);
	CHECK(prog->blinded && prog->aux->func[1]->blinded, "not blinded for the unprivileged");
	bpf_prog_free(prog);
	shim_capable = true;
	bpf_jit_harden = 2;
	prog = load(&c);
	CHECK(prog->blinded, "not blinded at all times");
	/* mov and add became two and three instructions */
	CHECK(prog->aux->jited_linfo[1] == jit_image[0].text + 3 &&
	      prog->aux->jited_linfo[3] == jit_image[1].text + 1, "lines of a blinded program");
	bpf_prog_free(prog);
	bpf_jit_harden = 0;
	bpf_jit_enable = 0;
}

/* Random allocation and freeing; images must not overlap, and all room comes back. */
static void test_packs(void)
{
	struct bpf_image image[200] = {};
	u32 n, i, k, bad = 0;

	for (n = 0; n < 20000; n++) {
		i = random() % ARRAY_SIZE(image);
		if (image[i].text) {
			for (k = 0; k < image[i].size; k++)
				bad += image[i].text[k] != (u8)i;
			bpf_image_free(image[i].text);
			image[i].text = NULL;
			continue;
		}
		if (bpf_image_alloc(&image[i], 1 + random() % (random() % 16 ? 5000 : 300000))) {
			bad++;
			continue;
		}
		bad += (unsigned long)image[i].text % 16;
		memset(image[i].rw, i, image[i].size);
		bad += bpf_image_publish(&image[i]);
	}
	for (i = 0; i < ARRAY_SIZE(image); i++)
		bpf_image_free(image[i].text);
	CHECK(!bad, "%u bytes or images wrong", bad);
}

static void test_limit(void)
{
	struct bpf_image image, other;
	long limit = bpf_jit_limit;

	CHECK(bpf_jit_limit_max > 0 && limit > 0 && limit <= bpf_jit_limit_max, "limits");
	bpf_jit_limit = 4096;
	shim_capable = false;
	CHECK(!bpf_image_alloc(&image, 4096), "up to the limit");
	CHECK(bpf_image_alloc(&other, 1) == -EPERM, "beyond the limit");
	shim_capable = true;
	CHECK(!bpf_image_alloc(&other, 1), "the privileged beyond the limit");
	bpf_image_discard(&other);
	bpf_image_discard(&image);
	shim_capable = false;
	CHECK(!bpf_image_alloc(&image, 4096), "given back");
	bpf_image_discard(&image);
	shim_capable = true;
	bpf_jit_limit = limit;
	CHECK(bpf_image_alloc(&image, 0) == -EINVAL, "nothing");
	CHECK(bpf_image_alloc(&image, ~0U) == -E2BIG, "too much");
}

void test_images(void)
{
	test_jit_job();
	test_symbols();
	test_blinding_asked();
	test_packs();
	test_limit();
}

/* Every allocation on the way fails once; nothing stays behind. */
static void fail_each(const struct code *c, u32 jit)
{
	struct bpf_prog *prog = NULL;
	long live, n;
	int err;

	bpf_jit_enable = jit;
	bpf_jit_harden = 2;
	for (n = 1; n < 100; n++) {
		live = shim_live;
		shim_fail_alloc = n;
		prog = try_load(c, &err);
		if (shim_fail_alloc) {
			shim_fail_alloc = 0;
			bpf_prog_free(prog);
			break;
		}
		if (prog) {
			/* the JIT failed, the interpreter took over */
			CHECK(jit && !prog->jited && run(prog, NULL) == 42, "allocation %ld", n);
			bpf_prog_free(prog);
		} else {
			CHECK(err == -ENOMEM, "allocation %ld: %d", n, err);
		}
		CHECK(shim_live == live, "allocation %ld: %ld left", n, shim_live - live);
	}
	CHECK(n > 5 && n < 100, "%ld allocations", n);
	bpf_jit_enable = 0;
	bpf_jit_harden = 0;
}

void test_failures(void)
{
	static struct code c;

	two_functions(&c);
	fail_each(&c, 0);
	fail_each(&c, 1);
}
