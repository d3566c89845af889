// SPDX-License-Identifier: GPL-2.0
/* Connections: connect and accept by kprobe, states by tp_btf, bytes and round trips by fentry. */
#include "trace.h"

#define BENCH_AF_INET	2
#define BENCH_AF_INET6	10

struct conn_event {
	__u64 when, took;
	__u32 pid;
	__u16 family, sport, dport, state;
	union {
		__u32 s4;
		__u8 s6[16];
	};
	union {
		__u32 d4;
		__u8 d6[16];
	};
	char comm[16];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u64);
	__type(value, __u64);
} born SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8192);
	__type(key, __u32);
	__type(value, struct sock *);
} connecting SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} events SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

__u64 sent, received;

SEC("kprobe/tcp_v4_connect")
int BPF_KPROBE(connect_in, struct sock *sk)
{
	__u32 tid = bpf_get_current_pid_tgid();

	bpf_map_update_elem(&connecting, &tid, &sk, BPF_ANY);
	return 0;
}

SEC("kretprobe/tcp_v4_connect")
int BPF_KRETPROBE(connect_out, int ret)
{
	__u32 tid = bpf_get_current_pid_tgid();
	struct sock **skp = bpf_map_lookup_elem(&connecting, &tid);
	struct conn_event *e;

	if (!skp)
		return 0;
	if (!ret) {
		e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
		if (e) {
			struct sock *sk = *skp;

			__builtin_memset(e, 0, sizeof(*e));
			e->when = bpf_ktime_get_ns();
			e->pid = bpf_get_current_pid_tgid() >> 32;
			e->family = BPF_CORE_READ(sk, __sk_common.skc_family);
			e->dport = BPF_CORE_READ(sk, __sk_common.skc_dport);
			e->sport = BPF_CORE_READ(sk, __sk_common.skc_num);
			BPF_CORE_READ_INTO(&e->s4, sk, __sk_common.skc_rcv_saddr);
			BPF_CORE_READ_INTO(&e->d4, sk, __sk_common.skc_daddr);
			bpf_get_current_comm(e->comm, sizeof(e->comm));
			bpf_ringbuf_submit(e, 0);
		}
	}
	bpf_map_delete_elem(&connecting, &tid);
	return 0;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_change, struct sock *sk, int old, int new)
{
	__u64 key = (__u64)sk, now = bpf_ktime_get_ns(), *ts;
	struct conn_event *e;

	if (sk->sk_protocol != 6)
		return 0;
	if (new == 1) {
		bpf_map_update_elem(&born, &key, &now, BPF_ANY);
		return 0;
	}
	if (new != 7)
		return 0;
	ts = bpf_map_lookup_elem(&born, &key);
	if (!ts)
		return 0;
	e = bpf_ringbuf_reserve(&events, sizeof(*e), 0);
	if (e) {
		e->when = now;
		e->took = now - *ts;
		e->pid = bpf_get_current_pid_tgid() >> 32;
		e->family = sk->__sk_common.skc_family;
		e->sport = sk->__sk_common.skc_num;
		e->dport = sk->__sk_common.skc_dport;
		e->state = old;
		if (e->family == BENCH_AF_INET) {
			e->s4 = sk->__sk_common.skc_rcv_saddr;
			e->d4 = sk->__sk_common.skc_daddr;
		} else {
			bpf_probe_read_kernel(e->s6, 16, &sk->__sk_common.skc_v6_rcv_saddr);
			bpf_probe_read_kernel(e->d6, 16, &sk->__sk_common.skc_v6_daddr);
		}
		bpf_get_current_comm(e->comm, sizeof(e->comm));
		bpf_ringbuf_submit(e, 0);
	}
	bpf_map_delete_elem(&born, &key);
	return 0;
}

SEC("fentry/tcp_rcv_established")
int BPF_PROG(on_rcv, struct sock *sk, struct sk_buff *skb)
{
	const struct tcp_sock *tp = (const struct tcp_sock *)sk;
	__u32 key = 0;
	struct hist *h = bpf_map_lookup_elem(&hists, &key);

	__sync_fetch_and_add(&received, skb->len);
	if (h)
		hist_add(h, BPF_CORE_READ(tp, srtt_us) >> 3);
	return 0;
}

SEC("fexit/tcp_sendmsg")
int BPF_PROG(on_send, struct sock *sk, struct msghdr *msg, size_t size, int ret)
{
	if (ret > 0)
		__sync_fetch_and_add(&sent, ret);
	return 0;
}

char _license[] SEC("license") = "GPL";
