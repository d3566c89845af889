/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A system-call auditor as a generator writes it: a switch over the call's number, a static
 * function for each with its own filters, all into one record. The includer says how many
 * functions there are (10 * TENS), how long each filter list is (RULES), and what ends a function
 * early (DECIDE).
 */
#ifndef BENCH_AUDIT_H
#define BENCH_AUDIT_H

#include "trace.h"

struct record {
	__u64 when;
	__u32 pid, uid;
	__u32 call, verdict;
	__u64 arg[6];
	__u64 score;
	char comm[16];
	char text[64];
};

struct policy {
	__u64 low[8], high[8];
	__u32 action[8];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 512);
	__type(key, __u32);
	__type(value, struct policy);
} policies SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct record);
} records SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} out SEC(".maps");

/* One rule: an argument against a range of the policy, and a step of the score. */
#define RULE(n, k)							\
	v = r->arg[((n) + (k)) % 6];					\
	if (v >= p->low[(k) % 8] && v <= p->high[(k) % 8]) {		\
		r->score += p->action[(k) % 8] * ((n) % 7 + 1);		\
		hits |= 1ULL << ((k) % 64);				\
	} else if ((v & 0xfff) == (n) * 16 + (k)) {			\
		r->score ^= v >> ((k) % 13);				\
	}

#define RULES4(n, k)	RULE(n, k) RULE(n, k + 1) RULE(n, k + 2) RULE(n, k + 3)
#define RULES16(n, k)	RULES4(n, k) RULES4(n, k + 4) RULES4(n, k + 8) RULES4(n, k + 12)

#define AUDIT(n)							\
static __sub int audit_##n(struct record *r)				\
{									\
	__u32 key = n;							\
	struct policy *p;						\
	__u64 hits = 0, v;						\
									\
	if (!r)								\
		return 0;						\
	p = bpf_map_lookup_elem(&policies, &key);			\
	if (!p)								\
		return 0;						\
	RULES(n)							\
	DECIDE								\
	if (bpf_probe_read_user_str(r->text, sizeof(r->text),		\
				    (void *)r->arg[n % 6]) < 0)		\
		r->text[0] = 0;						\
	r->verdict = hits >> (n % 32);					\
	return 1;							\
}

#define AUDIT10(t)	AUDIT(t##0) AUDIT(t##1) AUDIT(t##2) AUDIT(t##3) AUDIT(t##4)	\
			AUDIT(t##5) AUDIT(t##6) AUDIT(t##7) AUDIT(t##8) AUDIT(t##9)
#define CASE(n)		case n: hit = audit_##n(r); break;
#define CASE10(t)	CASE(t##0) CASE(t##1) CASE(t##2) CASE(t##3) CASE(t##4)		\
			CASE(t##5) CASE(t##6) CASE(t##7) CASE(t##8) CASE(t##9)

TENS(AUDIT10)

SEC("raw_tracepoint/sys_enter")
int on_call(struct raw_args *ctx)
{
	struct pt_regs *regs = (struct pt_regs *)ctx->args[0];
	__u64 id = bpf_get_current_pid_tgid();
	__u32 zero = 0;
	struct record *r = bpf_map_lookup_elem(&records, &zero);
	int hit = 0;

	if (!r)
		return 0;
	r->when = bpf_ktime_get_ns();
	r->pid = id >> 32;
	r->uid = bpf_get_current_uid_gid();
	r->call = ctx->args[1];
	r->score = 0;
	r->verdict = 0;
	r->arg[0] = PT_REGS_PARM1_CORE_SYSCALL(regs);
	r->arg[1] = PT_REGS_PARM2_CORE_SYSCALL(regs);
	r->arg[2] = PT_REGS_PARM3_CORE_SYSCALL(regs);
	r->arg[3] = PT_REGS_PARM4_CORE_SYSCALL(regs);
	r->arg[4] = PT_REGS_PARM5_CORE_SYSCALL(regs);
	r->arg[5] = BPF_CORE_READ(regs, r9);
	switch (ctx->args[1]) {
	TENS(CASE10)
	}
	if (hit) {
		bpf_get_current_comm(r->comm, sizeof(r->comm));
		bpf_ringbuf_output(&out, r, sizeof(*r), 0);
	}
	return 0;
}

char _license[] SEC("license") = "GPL";

#endif
