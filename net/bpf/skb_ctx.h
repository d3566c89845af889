/* SPDX-License-Identifier: GPL-2.0 */
/* struct __sk_buff: converters of its fields, for the rows of program types that have it. */
#ifndef _NET_BPF_SKB_CTX_H
#define _NET_BPF_SKB_CTX_H

#include "ctx.h"

/* Offset in skb->cb of what the queueing disciplines and tc programs keep there. */
#define CB_OFF(member)	(offsetof(struct sk_buff, cb) + offsetof(struct qdisc_skb_cb, member))
#define CB_END_OFF(member) (offsetof(struct sk_buff, cb) + \
			    offsetof(struct bpf_skb_data_end, member))

#define SKB_CONVERTER(name)							\
	u32 name(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,	\
		 const struct bpf_insn *insn, struct bpf_prog *prog, struct bpf_insn_buf *out)

SKB_CONVERTER(skb_conv_pkt_type);
SKB_CONVERTER(skb_conv_queue_mapping);
SKB_CONVERTER(skb_conv_vlan_present);
SKB_CONVERTER(skb_conv_ifindex);
SKB_CONVERTER(skb_conv_cb);
SKB_CONVERTER(skb_conv_tc_classid);
SKB_CONVERTER(skb_conv_napi_id);
SKB_CONVERTER(skb_conv_shinfo);
SKB_CONVERTER(skb_conv_tstamp_type);
SKB_CONVERTER(skb_conv_tstamp);

/* tc programs: notes what the program looks at before anything is converted. */
bool skb_tc_ctx_result(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
		       struct bpf_ctx_result *res);

#endif /* _NET_BPF_SKB_CTX_H */
