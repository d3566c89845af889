// SPDX-License-Identifier: GPL-2.0
/* Extensions of classic BPF: loads above SKF_AD_OFF, which read properties of the packet. */
#include <linux/netdevice.h>
#include <linux/random.h>
#include <linux/skbuff.h>
#include <net/netlink.h>

#include "classic.h"
#include "net_bpf.h"

BPF_CALL_1(anc_pay_offset, struct sk_buff *, skb)
{
	return skb_get_poff(skb);
}

/* Attribute at byte @off of a packet that lies in one piece; NULL where it has no room for one. */
static struct nlattr *anc_attr(struct sk_buff *skb, u32 off)
{
	if (skb_is_nonlinear(skb) || skb->len < sizeof(struct nlattr) ||
	    off > skb->len - sizeof(struct nlattr))
		return NULL;
	return (struct nlattr *)(skb->data + off);
}

static u32 anc_attr_off(const struct sk_buff *skb, const struct nlattr *attr)
{
	return attr ? (u8 *)attr - skb->data : 0;
}

BPF_CALL_3(anc_nlattr, struct sk_buff *, skb, u32, a, u32, x)
{
	struct nlattr *first = anc_attr(skb, a);

	return first ? anc_attr_off(skb, nla_find(first, skb->len - a, x)) : 0;
}

BPF_CALL_3(anc_nlattr_nest, struct sk_buff *, skb, u32, a, u32, x)
{
	struct nlattr *outer = anc_attr(skb, a);

	if (!outer || outer->nla_len < NLA_HDRLEN || outer->nla_len > skb->len - a)
		return 0;
	return anc_attr_off(skb, nla_find_nested(outer, x));
}

BPF_CALL_0(anc_cpu)
{
	return raw_smp_processor_id();
}

BPF_CALL_0(anc_random)
{
	return get_random_u32();
}

static void emit_field(const struct classic_anc *anc, struct bpf_insn_buf *buf)
{
	insn_buf_add(buf, insn_load(anc->size, CLASSIC_REG_A, CLASSIC_REG_CTX, anc->field));
	if (anc->swap)
		insn_buf_add(buf, insn_end(BPF_TO_BE, CLASSIC_REG_A,
					   insn_size_bytes(anc->size) * 8));
}

static void emit_pkt_type(const struct classic_anc *anc, struct bpf_insn_buf *buf)
{
	emit_field(anc, buf);
	insn_buf_add(buf, insn_alu32_imm(BPF_AND, CLASSIC_REG_A, PKT_TYPE_MAX));
#ifdef __BIG_ENDIAN_BITFIELD
	insn_buf_add(buf, insn_alu32_imm(BPF_RSH, CLASSIC_REG_A, 5));
#endif
}

static void emit_nonzero(const struct classic_anc *anc, struct bpf_insn_buf *buf)
{
	emit_field(anc, buf);
	insn_buf_add(buf, insn_jump_imm(BPF_JEQ, CLASSIC_REG_A, 0, 1));
	insn_buf_add(buf, insn_mov32_imm(CLASSIC_REG_A, 1));
}

/* Without a device the program ends with 0. */
static void emit_dev_field(const struct classic_anc *anc, struct bpf_insn_buf *buf)
{
	insn_buf_add(buf, insn_load(BPF_DW, BPF_REG_1, CLASSIC_REG_CTX,
				    CTX_OFF(struct sk_buff, dev)));
	insn_buf_add(buf, insn_jump_imm(BPF_JNE, BPF_REG_1, 0, 2));
	insn_buf_add(buf, insn_mov32_imm(BPF_REG_0, 0));
	insn_buf_add(buf, insn_exit());
	insn_buf_add(buf, insn_load(anc->size, CLASSIC_REG_A, BPF_REG_1, anc->field));
}

static void emit_function(const struct classic_anc *anc, struct bpf_insn_buf *buf)
{
	insn_buf_add(buf, insn_mov64_reg(BPF_REG_1, CLASSIC_REG_CTX));
	insn_buf_add(buf, insn_mov64_reg(BPF_REG_2, CLASSIC_REG_A));
	insn_buf_add(buf, insn_mov64_reg(BPF_REG_3, CLASSIC_REG_X));
	emit_call(buf, anc->call);
	insn_buf_add(buf, insn_mov32_reg(CLASSIC_REG_A, BPF_REG_0));
}

static void emit_xor_x(const struct classic_anc *anc, struct bpf_insn_buf *buf)
{
	insn_buf_add(buf, insn_alu32_reg(BPF_XOR, CLASSIC_REG_A, CLASSIC_REG_X));
}

#define ANC_SKB(member, sz)	.field = offsetof(struct sk_buff, member), .size = (sz)
#define ANC_DEV(member, sz)	.field = offsetof(struct net_device, member), .size = (sz)

static const struct classic_anc anc_rows[] = {
	{ SKF_AD_PROTOCOL, emit_field, ANC_SKB(protocol, BPF_H), .swap = true },
	{ SKF_AD_PKTTYPE, emit_pkt_type, .field = PKT_TYPE_OFFSET, .size = BPF_B },
	{ SKF_AD_IFINDEX, emit_dev_field, ANC_DEV(ifindex, BPF_W) },
	{ SKF_AD_NLATTR, emit_function, .call = anc_nlattr },
	{ SKF_AD_NLATTR_NEST, emit_function, .call = anc_nlattr_nest },
	{ SKF_AD_MARK, emit_field, ANC_SKB(mark, BPF_W) },
	{ SKF_AD_QUEUE, emit_field, ANC_SKB(queue_mapping, BPF_H) },
	{ SKF_AD_HATYPE, emit_dev_field, ANC_DEV(type, BPF_H) },
	{ SKF_AD_RXHASH, emit_field, ANC_SKB(hash, BPF_W) },
	{ SKF_AD_CPU, emit_function, .call = anc_cpu },
	{ SKF_AD_ALU_XOR_X, emit_xor_x },
	{ SKF_AD_VLAN_TAG, emit_field, ANC_SKB(vlan_tci, BPF_H) },
	{ SKF_AD_VLAN_TAG_PRESENT, emit_nonzero, ANC_SKB(vlan_all, BPF_W) },
	{ SKF_AD_PAY_OFFSET, emit_function, .call = anc_pay_offset },
	{ SKF_AD_RANDOM, emit_function, .call = anc_random },
	{ SKF_AD_VLAN_TPID, emit_field, ANC_SKB(vlan_proto, BPF_H), .swap = true },
};

/**
 * classic_anc - the extension that an instruction reads
 * @insn: a load of CLASSIC_LD_ABS
 *
 * Context: any. Return: the row, or NULL where it is a load from the packet.
 */
const struct classic_anc *classic_anc(const struct sock_filter *insn)
{
	u32 off = insn->k - (u32)SKF_AD_OFF;
	u32 i;

	if (insn->k < (u32)SKF_AD_OFF)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(anc_rows); i++) {
		if (anc_rows[i].off == off)
			return &anc_rows[i];
	}
	return NULL;
}
