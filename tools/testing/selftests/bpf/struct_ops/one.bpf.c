// SPDX-License-Identifier: GPL-2.0
/* The least that is a congestion control, for clients that register what is in a file. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

extern __u32 tcp_reno_undo_cwnd(struct sock *sk) __ksym;
extern __u32 tcp_reno_ssthresh(struct sock *sk) __ksym;
extern void tcp_reno_cong_avoid(struct sock *sk, __u32 ack, __u32 acked) __ksym;

SEC("struct_ops/one_ssthresh")
__u32 BPF_PROG(one_ssthresh, struct sock *sk)
{
	return tcp_reno_ssthresh(sk);
}

SEC("struct_ops/one_cong_avoid")
void BPF_PROG(one_cong_avoid, struct sock *sk, __u32 ack, __u32 acked)
{
	tcp_reno_cong_avoid(sk, ack, acked);
}

SEC("struct_ops/one_undo_cwnd")
__u32 BPF_PROG(one_undo_cwnd, struct sock *sk)
{
	return tcp_reno_undo_cwnd(sk);
}

SEC(".struct_ops")
struct tcp_congestion_ops kbpf_one = {
	.ssthresh = (void *)one_ssthresh,
	.cong_avoid = (void *)one_cong_avoid,
	.undo_cwnd = (void *)one_undo_cwnd,
	.flags = 1,	/* for everybody */
	.name = "kbpf_one",
};
