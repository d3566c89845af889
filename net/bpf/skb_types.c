// SPDX-License-Identifier: GPL-2.0
/* Program types whose context is struct __sk_buff. */
#include <linux/netdevice.h>
#include <linux/skbuff.h>
#include <net/flow_dissector.h>
#include <net/pkt_cls.h>
#include <net/sch_generic.h>

#include "sets.h"
#include "skb_ctx.h"
#include "skb_util.h"

/* ------------------------------------------------------------------ rows */

#define PLAIN(name, flags, member) \
	FIELD_PLAIN(struct __sk_buff, name, flags, struct sk_buff, member)
#define CONV(name, flags, conv, ...) \
	FIELD_CONV(struct __sk_buff, name, flags, SCALAR_VALUE, conv, ##__VA_ARGS__)
#define PTR(name, type, off) \
	FIELD_CONV(struct __sk_buff, name, CTX_READ, type, ctx_convert_ptr, .kern_off = (off))

#ifdef CONFIG_NET_SCHED
#define ROW_TC_INDEX(flags)	PLAIN(tc_index, flags, tc_index),
#else
#define ROW_TC_INDEX(flags)
#endif

/* Programs' own words, in the sk_buff's control block. */
#define ROW_CB									\
	{									\
		.name = "cb",							\
		.off = offsetof(struct __sk_buff, cb),				\
		.size = sizeof(u32),						\
		.len = sizeof_field(struct __sk_buff, cb),			\
		.flags = CTX_RWN | CTX_WIDE | CTX_BYTES,				\
		.reg_type = SCALAR_VALUE,					\
		.convert = skb_conv_cb,						\
	}

#define ROW_NAPI_ID	CONV(napi_id, CTX_RN, skb_conv_napi_id)
#define SHINFO(name, flags, member)						\
	CONV(name, flags, skb_conv_shinfo,						\
	     .kern_off = offsetof(struct skb_shared_info, member),		\
	     .kern_size = sizeof_field(struct skb_shared_info, member))
#define ROW_SK \
	PTR(sk, PTR_TO_SOCK_COMMON_OR_NULL, offsetof(struct sk_buff, sk))

/* In the order of the struct. Socket filters look, and keep something in cb[]. */
static const struct bpf_ctx_field filter_fields[] = {
	PLAIN(len, CTX_RN, len),
	CONV(pkt_type, CTX_RN, skb_conv_pkt_type),
	PLAIN(mark, CTX_RN, mark),
	CONV(queue_mapping, CTX_RN, skb_conv_queue_mapping),
	PLAIN(protocol, CTX_RN, protocol),
	CONV(vlan_present, CTX_RN, skb_conv_vlan_present),
	PLAIN(vlan_tci, CTX_RN, vlan_tci),
	PLAIN(vlan_proto, CTX_RN, vlan_proto),
	PLAIN(priority, CTX_RN, priority),
	PLAIN(ingress_ifindex, CTX_RN, skb_iif),
	CONV(ifindex, CTX_RN, skb_conv_ifindex),
	ROW_TC_INDEX(CTX_RN)
	ROW_CB,
	PLAIN(hash, CTX_RN, hash),
	ROW_NAPI_ID,
	SHINFO(gso_segs, CTX_RN, gso_segs),
	ROW_SK,
	SHINFO(gso_size, CTX_RN, gso_size),
};

/* Classifiers and actions. */
static const struct bpf_ctx_field tc_fields[] = {
	PLAIN(len, CTX_RN, len),
	CONV(pkt_type, CTX_RN, skb_conv_pkt_type),
	PLAIN(mark, CTX_RWN, mark),
	CONV(queue_mapping, CTX_RWN, skb_conv_queue_mapping),
	PLAIN(protocol, CTX_RN, protocol),
	CONV(vlan_present, CTX_RN, skb_conv_vlan_present),
	PLAIN(vlan_tci, CTX_RN, vlan_tci),
	PLAIN(vlan_proto, CTX_RN, vlan_proto),
	PLAIN(priority, CTX_RWN, priority),
	PLAIN(ingress_ifindex, CTX_RN, skb_iif),
	CONV(ifindex, CTX_RN, skb_conv_ifindex),
	ROW_TC_INDEX(CTX_RWN)
	ROW_CB,
	PLAIN(hash, CTX_RN, hash),
	CONV(tc_classid, CTX_RWN, skb_conv_tc_classid),
	PTR(data, PTR_TO_PACKET, offsetof(struct sk_buff, data)),
	PTR(data_end, PTR_TO_PACKET_END, CB_END_OFF(data_end)),
	ROW_NAPI_ID,
	PTR(data_meta, PTR_TO_PACKET_META, CB_END_OFF(data_meta)),
	CONV(tstamp, CTX_READ | CTX_WRITE, skb_conv_tstamp),
	{
		.name = "wire_len",
		.off = offsetof(struct __sk_buff, wire_len),
		.size = sizeof(u32),
		.len = sizeof(u32),
		.flags = CTX_RN,
		.reg_type = SCALAR_VALUE,
		.kern_off = CB_OFF(pkt_len),
		.kern_size = sizeof_field(struct qdisc_skb_cb, pkt_len),
	},
	SHINFO(gso_segs, CTX_RN, gso_segs),
	ROW_SK,
	SHINFO(gso_size, CTX_RN, gso_size),
	CONV(tstamp_type, CTX_READ, skb_conv_tstamp_type),
	SHINFO(hwtstamp, CTX_READ, hwtstamps.hwtstamp),
};

/* Flow dissectors: another kernel struct behind the same view. */
#define DISSECTOR(name, type, member)						\
	FIELD_CONV(struct __sk_buff, name, CTX_READ, type, ctx_convert_ptr,	\
		   .kern_off = offsetof(struct bpf_flow_dissector, member))

static const struct bpf_ctx_field dissector_fields[] = {
	DISSECTOR(data, PTR_TO_PACKET, data),
	DISSECTOR(data_end, PTR_TO_PACKET_END, data_end),
	DISSECTOR(flow_keys, PTR_TO_FLOW_KEYS, flow_keys),
};

/* ------------------------------------------------------------------ types */

static void retval_any(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	range->any = true;
}

/* Makes the linear bytes private before a program writes to them: 0 or a negative number. */
BPF_CALL_1(skb_prologue_unclone, struct sk_buff *, skb)
{
	return skb_prog_unclone(skb);
}

/*
 * Programs that write to packets directly begin with: a cloned packet is copied, and where that
 * fails dropped. R6 to R9 are nobody's yet.
 */
static int tc_prologue(struct bpf_insn_buf *out, bool direct_write, const struct bpf_prog *prog)
{
	if (!direct_write)
		return 0;
	insn_buf_add(out, insn_load(BPF_B, BPF_REG_6, BPF_REG_1, CLONED_OFFSET));
	insn_buf_add(out, insn_alu32_imm(BPF_AND, BPF_REG_6, CLONED_MASK));
	insn_buf_add(out, insn_jump_imm(BPF_JEQ, BPF_REG_6, 0, 6));
	insn_buf_add(out, insn_mov64_reg(BPF_REG_6, BPF_REG_1));
	emit_call(out, skb_prologue_unclone);
	insn_buf_add(out, insn_mov64_reg(BPF_REG_1, BPF_REG_6));
	insn_buf_add(out, insn_jump_imm(BPF_JEQ, BPF_REG_0, 0, 2));
	insn_buf_add(out, insn_mov32_imm(BPF_REG_0, TC_ACT_SHOT));
	insn_buf_add(out, insn_exit());
	return 0;
}

static const struct bpf_helper_set *const filter_sets[] = {
	&bpf_skb_filter_helpers, &bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

const struct bpf_prog_type_info bpf_socket_filter_type = {
	.type		= BPF_PROG_TYPE_SOCKET_FILTER,
	.name		= "socket_filter",
	.uctx_name	= "__sk_buff",
	.kctx_name	= "sk_buff",
	.ctx_kind	= BPF_CTX_FIELDS,
	.ctx_size	= sizeof(struct __sk_buff),
	.fields		= filter_fields,
	.nr_fields	= ARRAY_SIZE(filter_fields),
	.helpers	= filter_sets,
	.unprivileged	= true,
	.retval		= retval_any,
	.gen_ld_abs	= skb_gen_ld_abs,
	.test_run	= bpf_skb_test_run,
};

static const struct bpf_helper_set *const tc_sets[] = {
	&bpf_skb_tc_helpers, &bpf_perfmon_helpers, &bpf_base_helpers,
#ifdef CONFIG_INET
	&bpf_sock_cast_helpers, &bpf_syncookie_helpers,
#endif
	NULL,
};

#define TC_TYPE(_type, _name, ...) {				\
	.type		= _type,				\
	.name		= _name,				\
	.uctx_name	= "__sk_buff",				\
	.kctx_name	= "sk_buff",				\
	.ctx_kind	= BPF_CTX_FIELDS,			\
	.ctx_size	= sizeof(struct __sk_buff),		\
	.fields		= tc_fields,				\
	.nr_fields	= ARRAY_SIZE(tc_fields),		\
	.pkt_access	= CTX_READ | CTX_WRITE,			\
	.helpers	= tc_sets,				\
	.needs_net_admin = true,				\
	.retval		= retval_any,				\
	.ctx_result	= skb_tc_ctx_result,			\
	.gen_prologue	= tc_prologue,				\
	.gen_ld_abs	= skb_gen_ld_abs,			\
	.test_run	= bpf_skb_test_run,			\
}

const struct bpf_prog_type_info bpf_sched_cls_type =
	TC_TYPE(BPF_PROG_TYPE_SCHED_CLS, "sched_cls");
const struct bpf_prog_type_info bpf_sched_act_type =
	TC_TYPE(BPF_PROG_TYPE_SCHED_ACT, "sched_act");

static const struct bpf_helper_set *const dissector_sets[] = {
	&bpf_dissector_helpers, &bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

const struct bpf_prog_type_info bpf_flow_dissector_type = {
	.type		= BPF_PROG_TYPE_FLOW_DISSECTOR,
	.name		= "flow_dissector",
	.uctx_name	= "__sk_buff",
	.kctx_name	= "bpf_flow_dissector",
	.ctx_kind	= BPF_CTX_FIELDS,
	.ctx_size	= sizeof(struct __sk_buff),
	.fields		= dissector_fields,
	.nr_fields	= ARRAY_SIZE(dissector_fields),
	.pkt_access	= CTX_READ,
	.helpers	= dissector_sets,
	.needs_net_admin = true,
	.retval		= retval_any,
	.test_run	= bpf_dissector_test_run,
};
