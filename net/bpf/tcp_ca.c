// SPDX-License-Identifier: GPL-2.0
/*
 * TCP congestion control by programs: struct tcp_congestion_ops as a kind of kernel objects.
 */
#include <linux/array_size.h>
#include <linux/bpf.h>
#include <linux/bpf_struct_ops.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/init.h>
#include <net/tcp.h>

#include "maps/local_storage.h"
#include "net_bpf.h"
#include "protos.h"

BTF_ID_LIST_SINGLE(sock_ids, struct, sock)
BTF_ID_LIST_SINGLE(tcp_sock_ids, struct, tcp_sock)

/* ------------------------------------------------------------------ what programs may do */

/* Each function is called for a TCP socket, whatever its prototype says. */
static bool ca_valid_access(int off, int size, enum bpf_access_type type,
			    const struct bpf_prog *prog, struct bpf_insn_access_aux *info)
{
	if (!bpf_tracing_btf_ctx_access(off, size, type, prog, info))
		return false;
	if (base_type(info->reg_type) == PTR_TO_BTF_ID && info->btf_id == sock_ids[0])
		info->btf_id = tcp_sock_ids[0];
	return true;
}

#define RANGE(_type, _member) \
	{ offsetof(struct _type, _member), offsetofend(struct _type, _member) }

/* A TCP socket begins with the structs of the lower layers. */
static const struct {
	u32 from;
	u32 to;
} writable[] = {
	RANGE(sock, sk_pacing_rate),
	RANGE(sock, sk_pacing_status),
	RANGE(inet_connection_sock, icsk_ca_priv),
	RANGE(inet_connection_sock, icsk_ack.pending),
	RANGE(tcp_sock, snd_cwnd),
	RANGE(tcp_sock, snd_cwnd_cnt),
	RANGE(tcp_sock, snd_cwnd_stamp),
	RANGE(tcp_sock, snd_ssthresh),
	RANGE(tcp_sock, ecn_flags),
	RANGE(tcp_sock, app_limited),
};

static int ca_struct_access(struct bpf_verifier_log *log, const struct bpf_reg_state *reg, int off,
			    int size)
{
	u32 i;

	if (reg->btf != bpf_get_btf_vmlinux() || reg->btf_id != tcp_sock_ids[0])
		return -EACCES;
	for (i = 0; i < ARRAY_SIZE(writable); i++) {
		if (off >= (int)writable[i].from && off + size <= (int)writable[i].to)
			return 0;
	}
	return -EACCES;
}

BPF_CALL_2(bpf_tcp_send_ack, struct tcp_sock *, tp, u32, rcv_nxt)
{
	__tcp_send_ack((struct sock *)tp, rcv_nxt, 0);
	return 0;
}

static const struct bpf_func_proto bpf_tcp_send_ack_proto = {
	.func		= bpf_tcp_send_ack,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_BTF_ID,
	.arg1_btf_id	= &tcp_sock_ids[0],
	.arg2_type	= ARG_ANYTHING,
};

/* Which function of the object a program is, as an offset in it. */
static u32 prog_member(const struct bpf_prog *prog)
{
	const struct btf_type *t = btf_type_by_id(prog->aux->attach_btf, prog->aux->attach_btf_id);

	return __btf_member_bit_offset(t, &btf_type_member(t)[prog->expected_attach_type]) / 8;
}

/* A socket that is giving an algorithm up must not be given new things by it. */
static bool sets_options(const struct bpf_prog *prog)
{
	return prog_member(prog) != offsetof(struct tcp_congestion_ops, release);
}

static const struct bpf_func_proto *ca_func_proto(enum bpf_func_id id, const struct bpf_prog *prog)
{
	switch (id) {
	case BPF_FUNC_tcp_send_ack:
		return &bpf_tcp_send_ack_proto;
	case BPF_FUNC_sk_storage_get:
		return &bpf_sk_storage_get_proto;
	case BPF_FUNC_sk_storage_delete:
		return &bpf_sk_storage_delete_proto;
	case BPF_FUNC_setsockopt:
		return sets_options(prog) ? &bpf_sk_setsockopt_proto : NULL;
	case BPF_FUNC_getsockopt:
		return sets_options(prog) ? &bpf_sk_getsockopt_proto : NULL;
	default:
		return bpf_base_func_proto(id, prog);
	}
}

static const struct bpf_verifier_ops ca_verifier_ops = {
	.get_func_proto = ca_func_proto,
	.is_valid_access = ca_valid_access,
	.btf_struct_access = ca_struct_access,
};

/* ------------------------------------------------------------------ the object */

/* They run with the socket's spin lock held, or under RCU. */
static int ca_check_member(const struct btf_type *t, const struct btf_member *member,
			   const struct bpf_prog *prog)
{
	return prog->sleepable ? -EINVAL : 0;
}

static int ca_init_member(const struct btf_type *t, const struct btf_member *member, void *kdata,
			  const void *udata)
{
	const struct tcp_congestion_ops *from = udata;
	struct tcp_congestion_ops *to = kdata;
	int len;

	switch (__btf_member_bit_offset(t, member) / 8) {
	case offsetof(struct tcp_congestion_ops, flags):
		if (from->flags & ~TCP_CONG_MASK)
			return -EINVAL;
		to->flags = from->flags;
		return 1;
	case offsetof(struct tcp_congestion_ops, name):
		len = strnlen(from->name, sizeof(from->name));
		if (!len || len == sizeof(from->name) ||
		    memchr_inv(from->name + len, 0, sizeof(from->name) - len))
			return -EINVAL;
		memcpy(to->name, from->name, len);
		return 1;
	default:
		return 0;
	}
}

static int ca_reg(void *kdata, struct bpf_link *link)
{
	return tcp_register_congestion_control(kdata);
}

static void ca_unreg(void *kdata, struct bpf_link *link)
{
	tcp_unregister_congestion_control(kdata);
}

static int ca_update(void *kdata, void *old_kdata, struct bpf_link *link)
{
	return tcp_update_congestion_control(kdata, old_kdata);
}

static int ca_validate(void *kdata)
{
	return tcp_validate_congestion_control(kdata);
}

/* ------------------------------------------------------------------ which functions there are */

static u32 tcp_congestion_ops__ssthresh(struct sock *sk)
{
	return 0;
}

static void tcp_congestion_ops__cong_avoid(struct sock *sk, u32 ack, u32 acked) {}
static void tcp_congestion_ops__set_state(struct sock *sk, u8 new_state) {}
static void tcp_congestion_ops__cwnd_event(struct sock *sk, enum tcp_ca_event ev) {}
static void tcp_congestion_ops__in_ack_event(struct sock *sk, u32 flags) {}
static void tcp_congestion_ops__pkts_acked(struct sock *sk, const struct ack_sample *sample) {}

static u32 tcp_congestion_ops__min_tso_segs(struct sock *sk)
{
	return 0;
}

static void tcp_congestion_ops__cong_control(struct sock *sk, u32 ack, int flag,
					     const struct rate_sample *rs)
{
}

static u32 tcp_congestion_ops__undo_cwnd(struct sock *sk)
{
	return 0;
}

static u32 tcp_congestion_ops__sndbuf_expand(struct sock *sk)
{
	return 0;
}

static void tcp_congestion_ops__init(struct sock *sk) {}
static void tcp_congestion_ops__release(struct sock *sk) {}

/* Not get_info: it writes to where inet_diag wants it. */
static struct tcp_congestion_ops ca_stubs = {
	.ssthresh = tcp_congestion_ops__ssthresh,
	.cong_avoid = tcp_congestion_ops__cong_avoid,
	.set_state = tcp_congestion_ops__set_state,
	.cwnd_event = tcp_congestion_ops__cwnd_event,
	.in_ack_event = tcp_congestion_ops__in_ack_event,
	.pkts_acked = tcp_congestion_ops__pkts_acked,
	.min_tso_segs = tcp_congestion_ops__min_tso_segs,
	.cong_control = tcp_congestion_ops__cong_control,
	.undo_cwnd = tcp_congestion_ops__undo_cwnd,
	.sndbuf_expand = tcp_congestion_ops__sndbuf_expand,
	.init = tcp_congestion_ops__init,
	.release = tcp_congestion_ops__release,
};

static struct bpf_struct_ops ca_struct_ops = {
	.verifier_ops = &ca_verifier_ops,
	.check_member = ca_check_member,
	.init_member = ca_init_member,
	.reg = ca_reg,
	.unreg = ca_unreg,
	.update = ca_update,
	.validate = ca_validate,
	.cfi_stubs = &ca_stubs,
	.name = "tcp_congestion_ops",
};

/* ------------------------------------------------------------------ functions to build on */

BTF_KFUNCS_START(ca_kfuncs)
BTF_ID_FLAGS(func, tcp_reno_ssthresh)
BTF_ID_FLAGS(func, tcp_reno_cong_avoid)
BTF_ID_FLAGS(func, tcp_reno_undo_cwnd)
BTF_ID_FLAGS(func, tcp_slow_start)
BTF_ID_FLAGS(func, tcp_cong_avoid_ai)
BTF_KFUNCS_END(ca_kfuncs)

static const struct btf_kfunc_id_set ca_kfunc_set = { .set = &ca_kfuncs };

static int __init ca_init(void)
{
	int err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &ca_kfunc_set);

	return err ?: register_bpf_struct_ops(&ca_struct_ops, tcp_congestion_ops);
}
late_initcall(ca_init);
