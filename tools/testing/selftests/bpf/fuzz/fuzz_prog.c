// SPDX-License-Identifier: GPL-2.0
/*
 * Program load. The input chooses instructions that are mostly well formed: operands in range,
 * jumps forward and inside, map descriptors that exist. What is accepted is run by the interpreter
 * and as generated code on the same packet: both must give the same result, stay inside of their
 * memory (the address sanitizer watches the interpreter), and leave R0 in the range that the type
 * allows.
 */
#include "fuzz.h"

#define MAX 96

static const uint8_t alu_ops[] = { BPF_ADD, BPF_SUB, BPF_MUL, BPF_DIV, BPF_OR, BPF_AND, BPF_LSH,
	BPF_RSH, BPF_MOD, BPF_XOR, BPF_MOV, BPF_ARSH, BPF_NEG };
static const uint8_t jmp_ops[] = { BPF_JEQ, BPF_JGT, BPF_JGE, BPF_JSET, BPF_JNE, BPF_JSGT, BPF_JSGE,
	BPF_JLT, BPF_JLE, BPF_JSLT, BPF_JSLE, BPF_JA };
static const uint8_t sizes[] = { BPF_B, BPF_H, BPF_W, BPF_DW };
static const uint8_t types[] = { BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_XDP,
	BPF_PROG_TYPE_SCHED_CLS };
static const uint8_t helpers[] = { BPF_FUNC_map_lookup_elem, BPF_FUNC_map_update_elem,
	BPF_FUNC_map_delete_elem, BPF_FUNC_get_smp_processor_id, BPF_FUNC_skb_load_bytes,
	BPF_FUNC_csum_diff, BPF_FUNC_xdp_adjust_head, BPF_FUNC_tail_call };

static int maps[2];

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	union bpf_attr attr = { .map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 32,
				.max_entries = 4 };

	bpf_host_set_unprivileged_disabled(0);
	maps[0] = sys(BPF_MAP_CREATE, &attr);
	attr.map_type = BPF_MAP_TYPE_HASH;
	maps[1] = sys(BPF_MAP_CREATE, &attr);
	return maps[0] < 0 || maps[1] < 0;
}

static int make_insn(struct input *in, struct bpf_insn *insn, int i)
{
	uint8_t kind = take8(in), regs = take8(in);

	memset(insn, 0, 2 * sizeof(*insn));
	insn->dst_reg = (regs & 15) % 11;
	insn->src_reg = (regs >> 4) % 11;
	switch (kind % 8) {
	case 0:
	case 1:
		insn->code = (kind & 8 ? BPF_ALU64 : BPF_ALU) | PICK(alu_ops, in);
		if (kind & 16) {
			insn->code |= BPF_X;
		} else {
			insn->src_reg = 0;
			insn->imm = (int8_t)take8(in);
		}
		if (BPF_OP(insn->code) == BPF_NEG) {
			insn->code &= ~BPF_X;
			insn->src_reg = 0;
			insn->imm = 0;
		}
		return 1;
	case 2:
		insn->code = BPF_LDX | BPF_MEM | PICK(sizes, in);
		insn->off = (int8_t)take8(in);
		return 1;
	case 3:
		insn->code = (kind & 8 ? BPF_STX : BPF_ST) | BPF_MEM | PICK(sizes, in);
		insn->off = (int8_t)take8(in);
		if (!(kind & 8)) {
			insn->src_reg = 0;
			insn->imm = (int8_t)take8(in);
		}
		return 1;
	case 4:
		insn->code = (kind & 8 ? BPF_JMP : BPF_JMP32) | PICK(jmp_ops, in);
		if (BPF_OP(insn->code) == BPF_JA) {
			insn->code = BPF_JMP | BPF_JA;
			insn->dst_reg = 0;
			insn->src_reg = 0;
		} else if (kind & 16) {
			insn->code |= BPF_X;
		} else {
			insn->src_reg = 0;
			insn->imm = (int8_t)take8(in);
		}
		insn->off = take8(in) % 8;
		return 1;
	case 5:
		insn->code = BPF_LD | BPF_IMM | BPF_DW;
		insn->src_reg = kind & 8 ? BPF_PSEUDO_MAP_FD : kind & 16 ? BPF_PSEUDO_MAP_VALUE : 0;
		insn->imm = insn->src_reg == BPF_PSEUDO_MAP_FD ? maps[kind >> 5 & 1] :
			    insn->src_reg ? maps[0] : (int)take32(in);
		insn[1].imm = insn->src_reg ? 0 : (int)take32(in);
		if (insn->src_reg == BPF_PSEUDO_MAP_VALUE)
			insn[1].imm = take8(in) % 130;
		return 2;
	case 6:
		insn->code = BPF_JMP | BPF_CALL;
		insn->dst_reg = 0;
		insn->src_reg = 0;
		insn->imm = kind & 8 ? take8(in) : PICK(helpers, in);
		return 1;
	default:
		/* anything at all */
		if (kind & 8)
			insn->code = BPF_STX | BPF_ATOMIC | (kind & 16 ? BPF_DW : BPF_W);
		else
			insn->code = take8(in);
		insn->off = (int8_t)take8(in);
		insn->imm = kind & 8 ? take8(in) : take32(in);
		return 1;
	}
}

static int load(int type, struct bpf_insn *insns, int cnt, int jit, int flags)
{
	union bpf_attr attr = { .prog_type = type, .insns = PTR(insns), .insn_cnt = cnt,
				.license = PTR("GPL"), .prog_flags = flags };

	bpf_host_set_jit(jit, 0);
	return sys(BPF_PROG_LOAD, &attr);
}

static int run(int fd, uint32_t *ret, uint8_t *out, uint32_t *out_len)
{
	uint8_t packet[64];
	union bpf_attr attr = { .test = { .prog_fd = fd, .data_in = PTR(packet),
					  .data_size_in = sizeof(packet), .data_out = PTR(out),
					  .data_size_out = *out_len } };
	int err, i;

	for (i = 0; i < 64; i++)
		packet[i] = i * 7;
	err = sys(BPF_PROG_TEST_RUN, &attr);
	*ret = attr.test.retval;
	*out_len = attr.test.data_size_out;
	return err;
}

static void reset_maps(void)
{
	uint8_t zero[32] = { 0 };
	uint32_t key;
	union bpf_attr set = { .map_fd = maps[0], .key = PTR(&key), .value = PTR(zero) };
	union bpf_attr next = { .map_fd = maps[1], .next_key = PTR(&key) };
	union bpf_attr gone = { .map_fd = maps[1], .key = PTR(&key) };

	for (key = 0; key < 4; key++)
		sys(BPF_MAP_UPDATE_ELEM, &set);
	while (!sys(BPF_MAP_GET_NEXT_KEY, &next))
		sys(BPF_MAP_DELETE_ELEM, &gone);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct bpf_insn insns[MAX + 4];
	uint8_t head = take8(&in), type = PICK(types, &in), out[2][512];
	uint32_t ret[2] = { 0 }, len[2] = { sizeof(out[0]), sizeof(out[1]) };
	int cnt = 0, fd[2], err[2], i;

	while (in.left && cnt < MAX)
		cnt += make_insn(&in, insns + cnt, cnt);
	insns[cnt++] = (struct bpf_insn) { .code = BPF_ALU64 | BPF_MOV | BPF_K };
	insns[cnt++] = (struct bpf_insn) { .code = BPF_JMP | BPF_EXIT };
	bpf_host_set_caps(head & 1 ? ~0ULL : 0);
	for (i = 0; i < 2; i++)
		fd[i] = load(type, insns, cnt, i, head & 2 ? BPF_F_TEST_STATE_FREQ : 0);
	bpf_host_set_caps(~0ULL);
	if (!(fd[0] < 0) != !(fd[1] < 0))
		abort();
	if (fd[0] >= 0) {
		for (i = 0; i < 2; i++) {
			reset_maps();
			err[i] = run(fd[i], &ret[i], out[i], &len[i]);
			close(fd[i]);
		}
		/* Addresses may differ, and with CAP_PERFMON programs may look at them. */
		if (!(head & 1) && (err[0] != err[1] || ret[0] != ret[1] || len[0] != len[1] ||
				    memcmp(out[0], out[1], len[0] < 512 ? len[0] : 512)))
			abort();
	}
	finish();
	return 0;
}
