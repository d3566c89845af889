// SPDX-License-Identifier: GPL-2.0
/* The instructions of classic BPF. */
#include "classic.h"

#define ALU(op, f)							\
	[BPF_ALU | (op) | BPF_K] = { CLASSIC_ALU_K, f },		\
	[BPF_ALU | (op) | BPF_X] = { CLASSIC_ALU_X, 0 }

#define JUMP(op)							\
	[BPF_JMP | (op) | BPF_K] = { CLASSIC_JUMP_K, 0 },		\
	[BPF_JMP | (op) | BPF_X] = { CLASSIC_JUMP_X, 0 }

#define PACKET(size)							\
	[BPF_LD | BPF_ABS | (size)] = { CLASSIC_LD_ABS, CLASSIC_F_PACKET },	\
	[BPF_LD | BPF_IND | (size)] = { CLASSIC_LD_IND, CLASSIC_F_PACKET }

static const struct classic_row classic_rows[256] = {
	PACKET(BPF_B),
	PACKET(BPF_H),
	PACKET(BPF_W),
	[BPF_LD | BPF_IMM]		= { CLASSIC_LD_IMM, 0 },
	[BPF_LD | BPF_W | BPF_LEN]	= { CLASSIC_LD_LEN, 0 },
	[BPF_LD | BPF_MEM]		= { CLASSIC_LD_MEM, CLASSIC_F_READS_M },
	[BPF_LDX | BPF_IMM]		= { CLASSIC_LDX_IMM, 0 },
	[BPF_LDX | BPF_W | BPF_LEN]	= { CLASSIC_LDX_LEN, 0 },
	[BPF_LDX | BPF_MEM]		= { CLASSIC_LDX_MEM, CLASSIC_F_READS_M },
	[BPF_LDX | BPF_B | BPF_MSH]	= { CLASSIC_LDX_MSH, CLASSIC_F_PACKET },
	[BPF_LDX | BPF_W | BPF_ABS]	= { CLASSIC_LD_CTX, CLASSIC_F_BY_HOOK },
	[BPF_ST]			= { CLASSIC_ST, CLASSIC_F_WRITES_M },
	[BPF_STX]			= { CLASSIC_STX, CLASSIC_F_WRITES_M },
	ALU(BPF_ADD, 0),
	ALU(BPF_SUB, 0),
	ALU(BPF_MUL, 0),
	ALU(BPF_DIV, CLASSIC_F_DIVISOR),
	ALU(BPF_MOD, CLASSIC_F_DIVISOR),
	ALU(BPF_AND, 0),
	ALU(BPF_OR, 0),
	ALU(BPF_XOR, 0),
	ALU(BPF_LSH, CLASSIC_F_SHIFT),
	ALU(BPF_RSH, CLASSIC_F_SHIFT),
	[BPF_ALU | BPF_NEG]		= { CLASSIC_NEG, 0 },
	[BPF_JMP | BPF_JA]		= { CLASSIC_JA, 0 },
	JUMP(BPF_JEQ),
	JUMP(BPF_JGT),
	JUMP(BPF_JGE),
	JUMP(BPF_JSET),
	[BPF_RET | BPF_K]		= { CLASSIC_RET_K, 0 },
	[BPF_RET | BPF_A]		= { CLASSIC_RET_A, 0 },
	[BPF_MISC | BPF_TAX]		= { CLASSIC_TAX, 0 },
	[BPF_MISC | BPF_TXA]		= { CLASSIC_TXA, 0 },
};

const struct classic_row *classic_row(u16 code)
{
	return &classic_rows[code < ARRAY_SIZE(classic_rows) ? code : 0xff];
}
