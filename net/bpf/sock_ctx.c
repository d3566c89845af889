// SPDX-License-Identifier: GPL-2.0
/*
 * Views of sockets that programs reach by pointer: struct bpf_sock of full sockets and of all,
 * struct bpf_tcp_sock, struct bpf_xdp_sock.
 */
#include <linux/tcp.h>
#include <net/inet_connection_sock.h>
#include <net/sock.h>
#include <net/xdp_sock.h>

#include "ctx.h"
#include "verifier/fields.h"

#define SOCK(name, member) \
	FIELD_PLAIN(struct bpf_sock, name, CTX_RN, struct sock, member)

/* An IPv6 address: four words. */
static u32 conv_ip6(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
		    const struct bpf_insn *insn, struct bpf_prog *prog, struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(insn_bytes_size(acc->size), insn->dst_reg, insn->src_reg,
				    field->kern_off + (acc->off - field->off)));
	return 0;
}

#if IS_ENABLED(CONFIG_IPV6)
#define SOCK_IP6(_name, _member)						\
	{									\
		.name = #_name,							\
		.off = offsetof(struct bpf_sock, _name),			\
		.size = sizeof(u32),						\
		.len = sizeof_field(struct bpf_sock, _name),			\
		.flags = CTX_RN,						\
		.reg_type = SCALAR_VALUE,					\
		.kern_off = offsetof(struct sock_common, _member),		\
		.convert = conv_ip6,						\
	},
#else
#define SOCK_IP6(_name, _member)
#endif

/* -1 where it is not known. */
static u32 conv_rx_queue(const struct bpf_ctx_field *field, const struct bpf_ctx_access *acc,
			 const struct bpf_insn *insn, struct bpf_prog *prog,
			 struct bpf_insn_buf *out)
{
#ifdef CONFIG_SOCK_RX_QUEUE_MAPPING
	insn_buf_add(out, insn_load(BPF_H, insn->dst_reg, insn->src_reg,
				    offsetof(struct sock, sk_rx_queue_mapping)));
	insn_buf_add(out, insn_jump_imm(BPF_JNE, insn->dst_reg, NO_QUEUE_MAPPING, 1));
#endif
	insn_buf_add(out, insn_mov64_imm(insn->dst_reg, -1));
	return 0;
}

/* The port takes two bytes; programs of old read it as a number of four. */
#define SOCK_DST_PORT								\
	{									\
		.name = "dst_port",						\
		.off = offsetof(struct bpf_sock, dst_port),			\
		.size = sizeof(u32),						\
		.len = sizeof(u32),						\
		.flags = CTX_RN,						\
		.reg_type = SCALAR_VALUE,					\
		.kern_off = offsetof(struct sock_common, skc_dport),		\
		.kern_size = sizeof(u16),					\
	}

#define SOCK_STATE \
	FIELD_PLAIN(struct bpf_sock, state, CTX_RN, struct sock_common, skc_state)

static const struct bpf_ctx_field sock_fields[] = {
	SOCK(bound_dev_if, sk_bound_dev_if),
	SOCK(family, sk_family),
	SOCK(type, sk_type),
	SOCK(protocol, sk_protocol),
	SOCK(mark, sk_mark),
	SOCK(priority, sk_priority),
	SOCK(src_ip4, sk_rcv_saddr),
	SOCK_IP6(src_ip6, skc_v6_rcv_saddr)
	SOCK(src_port, sk_num),
	SOCK_DST_PORT,
	SOCK(dst_ip4, sk_daddr),
	SOCK_IP6(dst_ip6, skc_v6_daddr)
	SOCK_STATE,
	FIELD_CONV(struct bpf_sock, rx_queue_mapping, CTX_RN, SCALAR_VALUE, conv_rx_queue),
};

/* What requests and sockets in TIME_WAIT have as well. */
static const struct bpf_ctx_field sock_common_fields[] = {
	SOCK(bound_dev_if, sk_bound_dev_if),
	SOCK(family, sk_family),
	SOCK(src_ip4, sk_rcv_saddr),
	SOCK_IP6(src_ip6, skc_v6_rcv_saddr)
	SOCK(src_port, sk_num),
	SOCK_DST_PORT,
	SOCK(dst_ip4, sk_daddr),
	SOCK_IP6(dst_ip6, skc_v6_daddr)
	SOCK_STATE,
};

#define TCP_AS(name, member) \
	FIELD_PLAIN(struct bpf_tcp_sock, name, CTX_RN, struct tcp_sock, member)
#define TCP(name) TCP_AS(name, name)

static const struct bpf_ctx_field tcp_sock_fields[] = {
	TCP(snd_cwnd),
	TCP(srtt_us),
	TCP_AS(rtt_min, rtt_min.s[0].v),
	TCP(snd_ssthresh),
	TCP(rcv_nxt),
	TCP(snd_nxt),
	TCP(snd_una),
	TCP(mss_cache),
	TCP(ecn_flags),
	TCP(rate_delivered),
	TCP(rate_interval_us),
	TCP(packets_out),
	TCP(retrans_out),
	TCP(total_retrans),
	TCP(segs_in),
	TCP(data_segs_in),
	TCP(segs_out),
	TCP(data_segs_out),
	TCP(lost_out),
	TCP(sacked_out),
	TCP(bytes_received),
	TCP(bytes_acked),
	TCP(dsack_dups),
	TCP(delivered),
	TCP(delivered_ce),
	FIELD_PLAIN(struct bpf_tcp_sock, icsk_retransmits, CTX_RN, struct inet_connection_sock,
		    icsk_retransmits),
};

#ifdef CONFIG_XDP_SOCKETS
static const struct bpf_ctx_field xdp_sock_fields[] = {
	FIELD_PLAIN(struct bpf_xdp_sock, queue_id, CTX_RN, struct xdp_sock, queue_id),
};
#endif

#define TABLE(_uctx, _fields) { \
	.size = sizeof(_uctx), .fields = _fields, .nr_fields = ARRAY_SIZE(_fields) }

static const struct bpf_field_table sock_table = TABLE(struct bpf_sock, sock_fields);
static const struct bpf_field_table sock_common_table = TABLE(struct bpf_sock,
							      sock_common_fields);
static const struct bpf_field_table tcp_sock_table = TABLE(struct bpf_tcp_sock, tcp_sock_fields);
#ifdef CONFIG_XDP_SOCKETS
static const struct bpf_field_table xdp_sock_table = TABLE(struct bpf_xdp_sock, xdp_sock_fields);
#endif

static int __init sock_ctx_init(void)
{
	bpf_fields_set(PTR_TO_SOCKET, &sock_table);
	bpf_fields_set(PTR_TO_SOCK_COMMON, &sock_common_table);
	bpf_fields_set(PTR_TO_TCP_SOCK, &tcp_sock_table);
#ifdef CONFIG_XDP_SOCKETS
	bpf_fields_set(PTR_TO_XDP_SOCK, &xdp_sock_table);
#endif
	return 0;
}
core_initcall(sock_ctx_init);
