// SPDX-License-Identifier: GPL-2.0
/* Program types that choose sockets: BPF_PROG_TYPE_SK_REUSEPORT and BPF_PROG_TYPE_SK_LOOKUP. */
#include <linux/skbuff.h>
#include <net/sock.h>

#include "ctx.h"
#include "sets.h"

#define CONVERT(_name)								\
	static u32 _name(const struct bpf_ctx_field *field,			\
			 const struct bpf_ctx_access *acc,			\
			 const struct bpf_insn *insn, struct bpf_prog *prog,	\
			 struct bpf_insn_buf *out)

/* ------------------------------------------------------------------ reuseport */

/* A field of the packet. */
CONVERT(conv_reuse_skb)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_reuseport_kern, skb)));
	insn_buf_add(out, insn_load(insn_bytes_size(field->kern_size), insn->dst_reg,
				    insn->dst_reg, field->kern_off));
	return field->kern_size < acc->size ? field->kern_size : 0;
}

CONVERT(conv_reuse_protocol)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct sk_reuseport_kern, sk)));
	insn_buf_add(out, insn_load(BPF_H, insn->dst_reg, insn->dst_reg,
				    offsetof(struct sock, sk_protocol)));
	return 2;
}

static bool is_migrate_prog(const struct bpf_prog *prog, const struct bpf_ctx_access *acc)
{
	return prog->expected_attach_type == BPF_SK_REUSEPORT_SELECT_OR_MIGRATE;
}

#define REUSE(name, member) \
	FIELD_PLAIN(struct sk_reuseport_md, name, CTX_RN, struct sk_reuseport_kern, member)
#define REUSE_PTR(name, type, member, ...)					\
	FIELD_CONV(struct sk_reuseport_md, name, CTX_READ, type, ctx_convert_ptr, \
		   .kern_off = offsetof(struct sk_reuseport_kern, member), ##__VA_ARGS__)
#define REUSE_SKB(name, type, flags, member)					\
	FIELD_CONV(struct sk_reuseport_md, name, flags, type, conv_reuse_skb,	\
		   .kern_off = offsetof(struct sk_buff, member),		\
		   .kern_size = sizeof_field(struct sk_buff, member))

static const struct bpf_ctx_field reuseport_fields[] = {
	REUSE_SKB(data, PTR_TO_PACKET, CTX_READ, data),
	REUSE_PTR(data_end, PTR_TO_PACKET_END, data_end),
	REUSE_SKB(len, SCALAR_VALUE, CTX_RN, len),
	REUSE_SKB(eth_protocol, SCALAR_VALUE, CTX_RN, protocol),
	FIELD_CONV(struct sk_reuseport_md, ip_protocol, CTX_RN, SCALAR_VALUE, conv_reuse_protocol),
	REUSE(bind_inany, bind_inany),
	REUSE(hash, hash),
	REUSE_PTR(sk, PTR_TO_SOCKET, sk),
	REUSE_PTR(migrating_sk, PTR_TO_SOCK_COMMON_OR_NULL, migrating_sk,
		  .allowed = is_migrate_prog),
};

static void retval_any(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	range->any = true;
}

static const struct bpf_helper_set *const reuseport_sets[] = {
	&bpf_sk_reuseport_helpers, &bpf_perfmon_helpers, &bpf_base_helpers, NULL,
};

const struct bpf_prog_type_info bpf_sk_reuseport_type = {
	.type		= BPF_PROG_TYPE_SK_REUSEPORT,
	.name		= "sk_reuseport",
	.uctx_name	= "sk_reuseport_md",
	.kctx_name	= "sk_reuseport_kern",
	.ctx_kind	= BPF_CTX_FIELDS,
	.ctx_size	= sizeof(struct sk_reuseport_md),
	.fields		= reuseport_fields,
	.nr_fields	= ARRAY_SIZE(reuseport_fields),
	.pkt_access	= CTX_READ,
	.helpers	= reuseport_sets,
	.attach_types	= BIT_ULL(BPF_SK_REUSEPORT_SELECT) |
			  BIT_ULL(BPF_SK_REUSEPORT_SELECT_OR_MIGRATE),
	.attach_type_required = true,
	.retval		= retval_any,
};

/* ------------------------------------------------------------------ lookup */

/* A word of an IPv6 address, 0 for a packet of IPv4. */
CONVERT(conv_lookup_ip6)
{
#if IS_ENABLED(CONFIG_IPV6)
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg, field->kern_off));
	insn_buf_add(out, insn_jump_imm(BPF_JEQ, insn->dst_reg, 0, 1));
	insn_buf_add(out, insn_load(insn_bytes_size(acc->size), insn->dst_reg, insn->dst_reg,
				    acc->off - field->off));
#else
	insn_buf_add(out, insn_mov32_imm(insn->dst_reg, 0));
#endif
	return 0;
}

#define LOOKUP(name, member) \
	FIELD_PLAIN(struct bpf_sk_lookup, name, CTX_RN, struct bpf_sk_lookup_kern, member)
#define LOOKUP_IP6(_name, _member)						\
	{									\
		.name = #_name,							\
		.off = offsetof(struct bpf_sk_lookup, _name),			\
		.size = sizeof(u32),						\
		.len = sizeof_field(struct bpf_sk_lookup, _name),		\
		.flags = CTX_RN,						\
		.reg_type = SCALAR_VALUE,					\
		.kern_off = offsetof(struct bpf_sk_lookup_kern, _member),	\
		.convert = conv_lookup_ip6,					\
	}

static const struct bpf_ctx_field lookup_fields[] = {
	FIELD_CONV(struct bpf_sk_lookup, sk, CTX_READ, PTR_TO_SOCKET_OR_NULL, ctx_convert_ptr,
		   .kern_off = offsetof(struct bpf_sk_lookup_kern, selected_sk)),
	LOOKUP(family, family),
	LOOKUP(protocol, protocol),
	LOOKUP(remote_ip4, v4.saddr),
	LOOKUP_IP6(remote_ip6, v6.saddr),
	/* The port takes two bytes; programs of old read it as a number of four. */
	{
		.name = "remote_port",
		.off = offsetof(struct bpf_sk_lookup, remote_port),
		.size = sizeof(u32),
		.len = sizeof(u32),
		.flags = CTX_RN,
		.reg_type = SCALAR_VALUE,
		.kern_off = offsetof(struct bpf_sk_lookup_kern, sport),
		.kern_size = sizeof(u16),
	},
	LOOKUP(local_ip4, v4.daddr),
	LOOKUP_IP6(local_ip6, v6.daddr),
	LOOKUP(local_port, dport),
	LOOKUP(ingress_ifindex, ingress_ifindex),
};

static void lookup_retval(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	*range = (struct bpf_retval_range) { .min = SK_DROP, .max = SK_PASS };
}

static const struct bpf_helper_set *const lookup_sets[] = {
	&bpf_sk_lookup_helpers, &bpf_sock_cast_helpers, &bpf_perfmon_helpers,
	&bpf_base_helpers, NULL,
};

const struct bpf_prog_type_info bpf_sk_lookup_type = {
	.type		= BPF_PROG_TYPE_SK_LOOKUP,
	.name		= "sk_lookup",
	.uctx_name	= "bpf_sk_lookup",
	.kctx_name	= "bpf_sk_lookup_kern",
	.ctx_kind	= BPF_CTX_FIELDS,
	.ctx_size	= sizeof(struct bpf_sk_lookup),
	.fields		= lookup_fields,
	.nr_fields	= ARRAY_SIZE(lookup_fields),
	.helpers	= lookup_sets,
	.attach_types	= BIT_ULL(BPF_SK_LOOKUP),
	.attach_type_required = true,
	.retval		= lookup_retval,
	.test_run	= bpf_sk_lookup_test_run,
};
