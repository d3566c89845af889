// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_TYPE_XDP: its context and its row. */
#include <linux/netdevice.h>
#include <net/xdp.h>

#include "ctx.h"
#include "sets.h"

/* The interface index of a device that the context reaches through the row's kern_off. */
static void emit_ifindex(const struct bpf_insn *insn, struct bpf_insn_buf *out, s16 info,
			 s16 dev)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg, info));
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->dst_reg, dev));
	insn_buf_add(out, insn_load(BPF_W, insn->dst_reg, insn->dst_reg,
				    offsetof(struct net_device, ifindex)));
}

static u32 conv_ingress(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
			const struct bpf_insn *insn, struct bpf_prog *prog,
			struct bpf_insn_buf *out)
{
	emit_ifindex(insn, out, offsetof(struct xdp_buff, rxq),
		     offsetof(struct xdp_rxq_info, dev));
	return 0;
}

static u32 conv_egress(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
		       const struct bpf_insn *insn, struct bpf_prog *prog,
		       struct bpf_insn_buf *out)
{
	emit_ifindex(insn, out, offsetof(struct xdp_buff, txq),
		     offsetof(struct xdp_txq_info, dev));
	return 0;
}

static u32 conv_rx_queue(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
			 const struct bpf_insn *insn, struct bpf_prog *prog,
			 struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg,
				    offsetof(struct xdp_buff, rxq)));
	insn_buf_add(out, insn_load(BPF_W, insn->dst_reg, insn->dst_reg,
				    offsetof(struct xdp_rxq_info, queue_index)));
	return 0;
}

/* Only where a packet leaves by a device map there is a device to tell. */
static bool is_devmap_prog(const struct bpf_prog *prog, const struct bpf_ctx_access *acc)
{
	return prog->expected_attach_type == BPF_XDP_DEVMAP;
}

#define XDP_PTR(name, type)							\
	FIELD_CONV(struct xdp_md, name, CTX_READ, type, ctx_convert_ptr,	\
		   .kern_off = offsetof(struct xdp_buff, name))

static const struct bpf_ctx_field xdp_fields[] = {
	XDP_PTR(data, PTR_TO_PACKET),
	XDP_PTR(data_end, PTR_TO_PACKET_END),
	XDP_PTR(data_meta, PTR_TO_PACKET_META),
	FIELD_CONV(struct xdp_md, ingress_ifindex, CTX_READ, SCALAR_VALUE, conv_ingress),
	FIELD_CONV(struct xdp_md, rx_queue_index, CTX_READ, SCALAR_VALUE, conv_rx_queue),
	FIELD_CONV(struct xdp_md, egress_ifindex, CTX_READ, SCALAR_VALUE, conv_egress,
		   .allowed = is_devmap_prog),
};

static void retval_any(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	range->any = true;
}

static const struct bpf_helper_set *const xdp_sets[] = {
	&bpf_xdp_helpers, &bpf_perfmon_helpers, &bpf_base_helpers,
#ifdef CONFIG_INET
	&bpf_sock_cast_helpers, &bpf_syncookie_helpers,
#endif
	NULL,
};

const struct bpf_prog_type_info bpf_xdp_type = {
	.type		= BPF_PROG_TYPE_XDP,
	.name		= "xdp",
	.uctx_name	= "xdp_md",
	.kctx_name	= "xdp_buff",
	.ctx_kind	= BPF_CTX_FIELDS,
	.ctx_size	= sizeof(struct xdp_md),
	.fields		= xdp_fields,
	.nr_fields	= ARRAY_SIZE(xdp_fields),
	.pkt_access	= CTX_READ | CTX_WRITE,
	.helpers	= xdp_sets,
	.needs_net_admin = true,
	.retval		= retval_any,
	.test_run	= bpf_xdp_test_run,
};
