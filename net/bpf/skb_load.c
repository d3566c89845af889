// SPDX-License-Identifier: GPL-2.0
/*
 * Loads of packet words in host order, as classic programs and LD_ABS / LD_IND make them: linear
 * bytes by the program itself, all others by a call. A load outside the packet ends the program
 * with 0.
 */
#include <linux/unaligned.h>

#include "net_bpf.h"

/* Bytes at an offset relative to a header: negative, SKF_NET_OFF or SKF_LL_OFF based. */
static const void *header_ptr(const struct sk_buff *skb, s32 off, u32 size)
{
	const u8 *ptr;

	if (off >= SKF_NET_OFF)
		ptr = skb_network_header(skb) + (off - SKF_NET_OFF);
	else if (off >= SKF_LL_OFF && skb_mac_header_was_set(skb))
		ptr = skb_mac_header(skb) + (off - SKF_LL_OFF);
	else
		return NULL;

	if (ptr < skb->head || ptr + size > skb_tail_pointer(skb))
		return NULL;
	return ptr;
}

static const void *load_ptr(const struct sk_buff *skb, s32 off, u32 size, void *buf)
{
	if (off >= 0)
		return skb_header_pointer(skb, off, size, buf);
	return header_ptr(skb, off, size);
}

/* Value in host order, or a negative 64-bit number outside the packet. */
BPF_CALL_2(skb_load_b, const struct sk_buff *, skb, s32, off)
{
	const u8 *ptr;
	u8 buf;

	ptr = load_ptr(skb, off, sizeof(buf), &buf);
	return ptr ? *ptr : -EFAULT;
}

BPF_CALL_2(skb_load_h, const struct sk_buff *, skb, s32, off)
{
	const void *ptr;
	__be16 buf;

	ptr = load_ptr(skb, off, sizeof(buf), &buf);
	return ptr ? get_unaligned_be16(ptr) : -EFAULT;
}

BPF_CALL_2(skb_load_w, const struct sk_buff *, skb, s32, off)
{
	const void *ptr;
	__be32 buf;

	ptr = load_ptr(skb, off, sizeof(buf), &buf);
	return ptr ? (s64)get_unaligned_be32(ptr) : -EFAULT;
}

static bpf_helper_t load_call(u8 size)
{
	return size == BPF_B ? skb_load_b : size == BPF_H ? skb_load_h : skb_load_w;
}

/**
 * skb_emit_data - emit loads of a packet's linear data pointer and size
 * @buf: 4 instructions are appended
 * @ctx: register of the skb
 * @data: register for skb->data
 * @hlen: register for the number of bytes there
 * @tmp: register to use meanwhile
 *
 * Context: any.
 */
void skb_emit_data(struct bpf_insn_buf *buf, u8 ctx, u8 data, u8 hlen, u8 tmp)
{
	insn_buf_add(buf, insn_load(BPF_W, hlen, ctx, CTX_OFF(struct sk_buff, len)));
	insn_buf_add(buf, insn_load(BPF_W, tmp, ctx, CTX_OFF(struct sk_buff, data_len)));
	insn_buf_add(buf, insn_alu32_reg(BPF_SUB, hlen, tmp));
	insn_buf_add(buf, insn_load(BPF_DW, data, ctx, CTX_OFF(struct sk_buff, data)));
}

static void emit_fast(struct bpf_insn_buf *buf, const struct skb_load *load, u32 slow_len)
{
	u32 bytes = insn_size_bytes(load->size);
	u8 tail = load->size == BPF_B ? 2 : 3;	/* load, swap, jump */

	if (load->in_r2) {
		insn_buf_add(buf, insn_mov64_reg(BPF_REG_1, BPF_REG_2));
		insn_buf_add(buf, insn_alu64_imm(BPF_ADD, BPF_REG_1, bytes));
		insn_buf_add(buf, insn_jump_reg(BPF_JGT, BPF_REG_1, load->hlen, tail + 1));
		insn_buf_add(buf, insn_alu64_reg(BPF_ADD, BPF_REG_2, load->data));
		insn_buf_add(buf, insn_load(load->size, BPF_REG_0, BPF_REG_2, 0));
	} else {
		insn_buf_add(buf, insn_jump_imm(BPF_JLT, load->hlen, load->off + bytes, tail));
		insn_buf_add(buf, insn_load(load->size, BPF_REG_0, load->data, load->off));
	}
	if (load->size != BPF_B)
		insn_buf_add(buf, insn_end(BPF_TO_BE, BPF_REG_0, bytes * 8));
	insn_buf_add(buf, insn_goto(slow_len));
}

/**
 * skb_emit_load - emit a load of a packet word to R0
 * @buf: at most SKB_LOAD_MAX instructions are appended; R1 to R5 are clobbered
 * @load: what to load
 *
 * Context: any.
 */
void skb_emit_load(struct bpf_insn_buf *buf, const struct skb_load *load)
{
	u32 slow_len = load->in_r2 ? 5 : 6;

	if (load->in_r2 || (load->off >= 0 && load->off <= S16_MAX))
		emit_fast(buf, load, slow_len);

	insn_buf_add(buf, insn_mov64_reg(BPF_REG_1, load->ctx));
	if (!load->in_r2)
		insn_buf_add(buf, insn_mov32_imm(BPF_REG_2, load->off));
	emit_call(buf, load_call(load->size));
	insn_buf_add(buf, insn_jump_imm(BPF_JSGE, BPF_REG_0, 0, 2));
	insn_buf_add(buf, insn_mov32_imm(BPF_REG_0, 0));
	insn_buf_add(buf, insn_exit());
}

/**
 * skb_gen_ld_abs - instructions of a legacy LD_ABS or LD_IND of an eBPF program
 * @orig: the instruction; the skb is in R6 by its definition
 * @out: gets the instructions; helper calls in them are already distances
 *
 * Context: any. Return: 0, or -EINVAL for a size that such loads do not have.
 */
int skb_gen_ld_abs(const struct bpf_insn *orig, struct bpf_insn_buf *out)
{
	struct skb_load load = {
		.size = BPF_SIZE(orig->code),
		.ctx = BPF_REG_6,
		.data = BPF_REG_4,
		.hlen = BPF_REG_3,
		.in_r2 = BPF_MODE(orig->code) == BPF_IND,
		.off = orig->imm,
	};

	if (load.size == BPF_DW)
		return -EINVAL;
	if (load.in_r2) {
		insn_buf_add(out, insn_mov32_reg(BPF_REG_2, orig->src_reg));
		if (orig->imm)
			insn_buf_add(out, insn_alu32_imm(BPF_ADD, BPF_REG_2, orig->imm));
	}
	skb_emit_data(out, BPF_REG_6, BPF_REG_4, BPF_REG_3, BPF_REG_5);
	skb_emit_load(out, &load);
	return 0;
}
