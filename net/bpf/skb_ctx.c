// SPDX-License-Identifier: GPL-2.0
/*
 * struct __sk_buff: the instructions that get at those fields that do not stand in the packet as
 * they are. The rows are in skb_types.c.
 */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/busy_poll.h>
#include <net/flow_dissector.h>
#include <net/sch_generic.h>

#include "skb_ctx.h"

/* ------------------------------------------------------------------ converters */

SKB_CONVERTER(skb_conv_pkt_type)
{
	insn_buf_add(out, insn_load(BPF_B, insn->dst_reg, insn->src_reg, PKT_TYPE_OFFSET));
	insn_buf_add(out, insn_alu32_imm(BPF_AND, insn->dst_reg, PKT_TYPE_MAX));
#ifdef __BIG_ENDIAN_BITFIELD
	insn_buf_add(out, insn_alu32_imm(BPF_RSH, insn->dst_reg, 5));
#endif
	return 1;
}

/* A number that is there only if it is below the row's limit. */
SKB_CONVERTER(skb_conv_queue_mapping)
{
	s16 off = offsetof(struct sk_buff, queue_mapping);

	if (!ctx_is_store(insn)) {
		insn_buf_add(out, insn_load(BPF_H, insn->dst_reg, insn->src_reg, off));
		return 2;
	}
	/* A number that no queue has leaves the packet as it is. */
	if (insn_class(insn) == BPF_ST) {
		if ((u32)insn->imm < NO_QUEUE_MAPPING)
			ctx_emit_store(out, insn, BPF_H, off);
		else
			insn_buf_add(out, insn_nop());
		return 0;
	}
	insn_buf_add(out, insn_jump32_imm(BPF_JGE, insn->src_reg, NO_QUEUE_MAPPING, 1));
	ctx_emit_store(out, insn, BPF_H, off);
	return 0;
}

SKB_CONVERTER(skb_conv_vlan_present)
{
	insn_buf_add(out, insn_load(BPF_W, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_buff, vlan_all)));
	insn_buf_add(out, insn_jump_imm(BPF_JEQ, insn->dst_reg, 0, 1));
	insn_buf_add(out, insn_mov32_imm(insn->dst_reg, 1));
	return 0;
}

/* 0 without a device. */
SKB_CONVERTER(skb_conv_ifindex)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_buff, dev)));
	insn_buf_add(out, insn_jump_imm(BPF_JEQ, insn->dst_reg, 0, 1));
	insn_buf_add(out, insn_load(BPF_W, insn->dst_reg, insn->dst_reg,
				    offsetof(struct net_device, ifindex)));
	return 0;
}

/* The program's own part of cb[]: whoever runs it saves what is there. */
SKB_CONVERTER(skb_conv_cb)
{
	s16 off = CB_OFF(data) + (acc->off - field->off);
	u8 size = insn_bytes_size(acc->size);

	prog->cb_access = 1;
	if (ctx_is_store(insn))
		ctx_emit_store(out, insn, size, off);
	else
		insn_buf_add(out, insn_load(size, insn->dst_reg, insn->src_reg, off));
	return 0;
}

SKB_CONVERTER(skb_conv_tc_classid)
{
	if (ctx_is_store(insn)) {
		ctx_emit_store(out, insn, BPF_H, CB_OFF(tc_classid));
		return 0;
	}
	insn_buf_add(out, insn_load(BPF_H, insn->dst_reg, insn->src_reg, CB_OFF(tc_classid)));
	return 2;
}

/* Numbers below MIN_NAPI_ID are CPUs, and none of the program's business. */
SKB_CONVERTER(skb_conv_napi_id)
{
#if defined(CONFIG_NET_RX_BUSY_POLL)
	insn_buf_add(out, insn_load(BPF_W, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_buff, napi_id)));
	insn_buf_add(out, insn_jump32_imm(BPF_JGE, insn->dst_reg, MIN_NAPI_ID, 1));
#endif
	insn_buf_add(out, insn_mov32_imm(insn->dst_reg, 0));
	return 0;
}

/* A field of the shared info, whose address is head + end. */
SKB_CONVERTER(skb_conv_shinfo)
{
	u8 size = insn_bytes_size(field->kern_size);

#ifdef NET_SKBUFF_DATA_USES_OFFSET
	insn_buf_add(out, insn_load(BPF_DW, INSN_REG_AX, insn->src_reg,
				    offsetof(struct sk_buff, head)));
	insn_buf_add(out, insn_load(BPF_W, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_buff, end)));
	insn_buf_add(out, insn_alu64_reg(BPF_ADD, insn->dst_reg, INSN_REG_AX));
#else
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_buff, end)));
#endif
	insn_buf_add(out, insn_load(size, insn->dst_reg, insn->dst_reg, field->kern_off));
	return field->kern_size < acc->size ? field->kern_size : 0;
}

SKB_CONVERTER(skb_conv_tstamp_type)
{
	insn_buf_add(out, insn_load(BPF_B, insn->dst_reg, insn->src_reg, SKB_BF_MONO_TC_OFFSET));
	insn_buf_add(out, insn_alu32_imm(BPF_AND, insn->dst_reg, SKB_TSTAMP_TYPE_MASK));
#ifdef SKB_TSTAMP_TYPE_RSHIFT
	insn_buf_add(out, insn_alu32_imm(BPF_RSH, insn->dst_reg, SKB_TSTAMP_TYPE_RSHIFT));
#endif
	return 0;
}

/*
 * At ingress a program that does not look at tstamp_type expects the time of arrival. A packet
 * with a delivery time has none: it reads 0, and what it writes is a time of arrival.
 */
static void emit_tstamp_load(const struct bpf_insn *insn, struct bpf_insn_buf *out)
{
	const u32 delivery = TC_AT_INGRESS_MASK | SKB_TSTAMP_TYPE_MASK;

	insn_buf_add(out, insn_load(BPF_B, INSN_REG_AX, insn->src_reg, SKB_BF_MONO_TC_OFFSET));
	insn_buf_add(out, insn_alu32_imm(BPF_AND, INSN_REG_AX, delivery));
	/* Both the direction's bit and one of the type's: more than the direction's alone. */
	insn_buf_add(out, insn_jump32_imm(BPF_JSET, INSN_REG_AX, TC_AT_INGRESS_MASK, 1));
	insn_buf_add(out, insn_goto(3));
	insn_buf_add(out, insn_jump32_imm(BPF_JEQ, INSN_REG_AX, TC_AT_INGRESS_MASK, 2));
	insn_buf_add(out, insn_mov64_imm(insn->dst_reg, 0));
	insn_buf_add(out, insn_goto(1));
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_buff, tstamp)));
}

static void emit_tstamp_store(const struct bpf_insn *insn, struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(BPF_B, INSN_REG_AX, insn->dst_reg, SKB_BF_MONO_TC_OFFSET));
	insn_buf_add(out, insn_jump32_imm(BPF_JSET, INSN_REG_AX, TC_AT_INGRESS_MASK, 1));
	insn_buf_add(out, insn_goto(2));
	insn_buf_add(out, insn_alu32_imm(BPF_AND, INSN_REG_AX, ~SKB_TSTAMP_TYPE_MASK));
	insn_buf_add(out, insn_store(BPF_B, insn->dst_reg, INSN_REG_AX, SKB_BF_MONO_TC_OFFSET));
	ctx_emit_store(out, insn, BPF_DW, offsetof(struct sk_buff, tstamp));
}

SKB_CONVERTER(skb_conv_tstamp)
{
	s16 off = offsetof(struct sk_buff, tstamp);

	if (ctx_is_store(insn)) {
		if (prog->tstamp_type_access)
			ctx_emit_store(out, insn, BPF_DW, off);
		else
			emit_tstamp_store(insn, out);
	} else if (prog->tstamp_type_access) {
		insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg, off));
	} else {
		emit_tstamp_load(insn, out);
	}
	return 0;
}

/* See skb_ctx.h. */
bool skb_tc_ctx_result(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
		       struct bpf_ctx_result *res)
{
	/* All accesses are seen before the first is converted. */
	if (acc->off == offsetof(struct __sk_buff, tstamp_type))
		((struct bpf_prog *)prog)->tstamp_type_access = 1;
	return true;
}
