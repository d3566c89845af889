/* SPDX-License-Identifier: GPL-2.0 */
/* Classic BPF: its instructions as a table, the check, the translation. */
#ifndef _NET_BPF_CLASSIC_H
#define _NET_BPF_CLASSIC_H

#include <linux/filter.h>

enum classic_kind {
	CLASSIC_BAD,
	CLASSIC_LD_ABS,		/* A = packet[k] */
	CLASSIC_LD_IND,		/* A = packet[X + k] */
	CLASSIC_LD_IMM,		/* A = k */
	CLASSIC_LD_LEN,		/* A = bytes of the packet */
	CLASSIC_LD_MEM,		/* A = M[k] */
	CLASSIC_LDX_IMM,
	CLASSIC_LDX_LEN,
	CLASSIC_LDX_MEM,
	CLASSIC_LDX_MSH,	/* X = 4 * (packet[k] & 0xf) */
	CLASSIC_LD_CTX,		/* A = word at k of the context; only hooks put it in */
	CLASSIC_ST,		/* M[k] = A */
	CLASSIC_STX,
	CLASSIC_ALU_K,
	CLASSIC_ALU_X,
	CLASSIC_NEG,
	CLASSIC_JA,
	CLASSIC_JUMP_K,
	CLASSIC_JUMP_X,
	CLASSIC_RET_K,
	CLASSIC_RET_A,
	CLASSIC_TAX,
	CLASSIC_TXA,
	CLASSIC_KIND_NR
};

#define CLASSIC_F_PACKET	BIT(0)	/* reads packet bytes */
#define CLASSIC_F_READS_M	BIT(1)
#define CLASSIC_F_WRITES_M	BIT(2)
#define CLASSIC_F_DIVISOR	BIT(3)	/* k is a divisor */
#define CLASSIC_F_SHIFT		BIT(4)	/* k is a shift count */
#define CLASSIC_F_BY_HOOK	BIT(5)	/* not for programs from user space */

/* One opcode. */
struct classic_row {
	u8 kind;
	u8 flags;
};

/**
 * classic_row - row of an opcode
 * @code: any number
 *
 * Context: any. Return: the row; its kind is CLASSIC_BAD for an unknown opcode.
 */
const struct classic_row *classic_row(u16 code);

struct bpf_insn_buf;

/*
 * An ancillary load, LD ABS at SKF_AD_OFF + @off: emits instructions that leave its value in R0
 * with A (R0 before), X and the context in the registers named below.
 */
struct classic_anc {
	u32 off;
	void (*emit)(const struct classic_anc *anc, struct bpf_insn_buf *buf);
	u16 field;		/* offset in the sk_buff, or in its device */
	u8 size;		/* BPF_B, BPF_H or BPF_W, of @field */
	bool swap;		/* @field is in network order */
	bpf_helper_t call;	/* u32 f(ctx, A, X) */
};

const struct classic_anc *classic_anc(const struct sock_filter *insn);

/* Where a translated program keeps things. */
#define CLASSIC_REG_A		BPF_REG_0
#define CLASSIC_REG_CTX		BPF_REG_6
#define CLASSIC_REG_DATA	BPF_REG_7	/* skb->data */
#define CLASSIC_REG_HLEN	BPF_REG_8	/* linear bytes there */
#define CLASSIC_REG_X		BPF_REG_9

int classic_check(const struct sock_filter *prog, u32 len);
struct bpf_prog *classic_translate(const struct sock_filter *prog, u32 len);

#endif /* _NET_BPF_CLASSIC_H */
