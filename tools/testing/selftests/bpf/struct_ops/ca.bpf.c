// SPDX-License-Identifier: GPL-2.0
/*
 * Congestion control made of programs: additive increase on top of the kernel's slow start, with
 * its own state in the socket, and counters of what was called.
 */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

#define TCP_INIT_CWND	10
#define MAGIC		0x600d5eed
#define SOL_TCP		6
#define TCP_CONGESTION	13

/* What this algorithm keeps in a socket, wider and narrower than the words that hold it. */
struct ca_state {
	__u32 magic;
	__u16 losses;
	__u8 last_state;
	__u8 pad;
	__u64 acked;
};

__u64 nr_init, nr_release, nr_ssthresh, nr_cong_avoid, nr_undo, nr_set_state, nr_event, nr_acked;
__u64 nr_in_ack, nr_bad_state, bytes_acked, max_cwnd, is_tcp;
__u64 nr_second;

extern __u32 tcp_slow_start(struct tcp_sock *tp, __u32 acked) __ksym;
extern void tcp_cong_avoid_ai(struct tcp_sock *tp, __u32 w, __u32 acked) __ksym;
extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;
extern __u32 tcp_reno_ssthresh(struct sock *sk) __ksym;
extern void tcp_reno_cong_avoid(struct sock *sk, __u32 ack, __u32 acked) __ksym;

static struct ca_state *state_of(struct sock *sk)
{
	return (struct ca_state *)((struct inet_connection_sock *)sk)->icsk_ca_priv;
}

SEC("struct_ops/ca_init")
void BPF_PROG(ca_init, struct sock *sk)
{
	struct ca_state *st = state_of(sk);

	__sync_fetch_and_add(&nr_init, 1);
	st->magic = MAGIC;
	st->losses = 0;
	st->acked = 0;
	is_tcp = sk->__sk_common.skc_family;
}

SEC("struct_ops/ca_release")
void BPF_PROG(ca_release, struct sock *sk)
{
	struct ca_state *st = state_of(sk);

	if (st->magic != MAGIC)
		__sync_fetch_and_add(&nr_bad_state, 1);
	__sync_fetch_and_add(&bytes_acked, st->acked);
	__sync_fetch_and_add(&nr_release, 1);
}

SEC("struct_ops/ca_ssthresh")
__u32 BPF_PROG(ca_ssthresh, struct sock *sk)
{
	struct ca_state *st = state_of(sk);

	st->losses++;
	__sync_fetch_and_add(&nr_ssthresh, 1);
	return tcp_reno_ssthresh(sk);
}

SEC("struct_ops/ca_cong_avoid")
void BPF_PROG(ca_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	struct tcp_sock *tp = (struct tcp_sock *)sk;
	struct ca_state *st = state_of(sk);

	st->acked += acked;
	__sync_fetch_and_add(&nr_cong_avoid, 1);
	if (tp->snd_cwnd > max_cwnd)
		max_cwnd = tp->snd_cwnd;
	if (tp->snd_cwnd < tp->snd_ssthresh) {
		acked = tcp_slow_start(tp, acked);
		if (!acked)
			return;
	}
	tcp_cong_avoid_ai(tp, tp->snd_cwnd, acked);
	if (tp->snd_cwnd > 4096)
		tp->snd_cwnd = 4096;
}

SEC("struct_ops/ca_undo_cwnd")
__u32 BPF_PROG(ca_undo_cwnd, struct sock *sk)
{
	__sync_fetch_and_add(&nr_undo, 1);
	return tcp_reno_undo_cwnd(sk);
}

SEC("struct_ops/ca_set_state")
void BPF_PROG(ca_set_state, struct sock *sk, __u8 new_state)
{
	state_of(sk)->last_state = new_state;
	__sync_fetch_and_add(&nr_set_state, 1);
}

SEC("struct_ops/ca_cwnd_event")
void BPF_PROG(ca_cwnd_event, struct sock *sk, enum tcp_ca_event ev)
{
	__sync_fetch_and_add(&nr_event, 1);
}

SEC("struct_ops/ca_in_ack_event")
void BPF_PROG(ca_in_ack_event, struct sock *sk, __u32 flags)
{
	__sync_fetch_and_add(&nr_in_ack, 1);
}

SEC("struct_ops/ca_pkts_acked")
void BPF_PROG(ca_pkts_acked, struct sock *sk, const struct ack_sample *sample)
{
	__sync_fetch_and_add(&nr_acked, sample->pkts_acked);
}

SEC(".struct_ops")
struct tcp_congestion_ops kbpf_ca = {
	.init = (void *)ca_init,
	.release = (void *)ca_release,
	.ssthresh = (void *)ca_ssthresh,
	.cong_avoid = (void *)ca_cong_avoid,
	.undo_cwnd = (void *)ca_undo_cwnd,
	.set_state = (void *)ca_set_state,
	.cwnd_event = (void *)ca_cwnd_event,
	.in_ack_event = (void *)ca_in_ack_event,
	.pkts_acked = (void *)ca_pkts_acked,
	.name = "kbpf_ca",
};

/* The same name again, for updates: counts on its own. */
SEC("struct_ops/second_cong_avoid")
void BPF_PROG(second_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	__sync_fetch_and_add(&nr_second, 1);
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC("struct_ops/plain_ssthresh")
__u32 BPF_PROG(plain_ssthresh, struct sock *sk)
{
	return tcp_reno_ssthresh(sk);
}

SEC("struct_ops/plain_undo_cwnd")
__u32 BPF_PROG(plain_undo_cwnd, struct sock *sk)
{
	return tcp_reno_undo_cwnd(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops kbpf_ca2 = {
	.ssthresh = (void *)plain_ssthresh,
	.cong_avoid = (void *)second_cong_avoid,
	.undo_cwnd = (void *)plain_undo_cwnd,
	.name = "kbpf_ca",
};

/* Another name: it cannot take the first one's place. */
SEC(".struct_ops")
struct tcp_congestion_ops kbpf_other = {
	.ssthresh = (void *)plain_ssthresh,
	.cong_avoid = (void *)second_cong_avoid,
	.undo_cwnd = (void *)plain_undo_cwnd,
	.name = "kbpf_other",
};

/* Without what every algorithm has to have. */
SEC(".struct_ops")
struct tcp_congestion_ops kbpf_partial = {
	.ssthresh = (void *)plain_ssthresh,
	.name = "kbpf_partial",
};

/* Gives the socket to itself and to another algorithm while it is being set up. */
__u64 nr_nested;
long nested_self, nested_other;

SEC("struct_ops/nest_init")
void BPF_PROG(nest_init, struct sock *sk)
{
	char self[] = "kbpf_nest", other[] = "reno";

	__sync_fetch_and_add(&nr_nested, 1);
	nested_self = bpf_setsockopt(sk, SOL_TCP, TCP_CONGESTION, self, sizeof(self));
	nested_other = bpf_setsockopt(sk, SOL_TCP, TCP_CONGESTION, other, sizeof(other));
}

SEC(".struct_ops")
struct tcp_congestion_ops kbpf_nest = {
	.init = (void *)nest_init,
	.ssthresh = (void *)plain_ssthresh,
	.cong_avoid = (void *)second_cong_avoid,
	.undo_cwnd = (void *)plain_undo_cwnd,
	.name = "kbpf_nest",
};
