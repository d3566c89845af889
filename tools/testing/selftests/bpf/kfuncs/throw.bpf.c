// SPDX-License-Identifier: GPL-2.0
/* Exceptions out of programs, functions and callbacks, as compilers and users write them. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char LICENSE[] SEC("license") = "GPL";

extern void bpf_throw(__u64 cookie) __ksym;

#define BEFORE_THROW(val) ({ (void)__sync_fetch_and_add(&before, 1); bpf_throw(val); })

/* Ends the program unless the comparison holds, which the verifier knows of afterwards. */
#define assert_op(lhs, op, rhs, val)						\
({										\
	asm volatile ("if %[l] " op " %[r] goto +2; r1 = %[v]; call bpf_throw"	\
		      : : [l] "r"(lhs), [r] "i"(rhs), [v] "i"(val)		\
		      : "r0", "r1", "r2", "r3", "r4", "r5", "memory");		\
})

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} hash SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u64[8]);
} values SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PROG_ARRAY);
	__uint(max_entries, 2);
	__type(key, __u32);
	__type(value, __u32);
} jumps SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
} records SEC(".maps");

/* What the test wants, and what the programs did. */
__u32 limit, pid;
__u64 before, after, entered, left, seen[4];

/* ------------------------------------------------------------------ directly */

SEC("?tc")
int t_main(struct __sk_buff *skb)
{
	BEFORE_THROW(64);
	after++;
	return 1;
}

SEC("?tc")
int t_ends(struct __sk_buff *skb)
{
	BEFORE_THROW(65);
	__builtin_unreachable();
}

SEC("?socket")
int t_filter(struct __sk_buff *skb)
{
	if (skb->len)
		BEFORE_THROW(3);
	after++;
	return 0;
}

/* ------------------------------------------------------------------ functions */

static __noinline int third(struct __sk_buff *skb, __u32 a, __u64 b)
{
	if (skb->len >= limit)
		BEFORE_THROW(a + b);
	return a;
}

static __noinline int second(struct __sk_buff *skb, __u32 a)
{
	int ret = third(skb, a + 1, skb->len * 1000ULL);

	after++;
	return ret + 1;
}

static __noinline int first(struct __sk_buff *skb, __u32 a)
{
	int ret = second(skb, a + 1);

	after++;
	return ret + 1;
}

/* Values that live across the call: callee-saved registers and stack. */
SEC("?tc")
int t_deep(struct __sk_buff *skb)
{
	__u32 a = skb->len, b = skb->protocol, c = skb->ifindex, d = skb->mark;
	__u32 e = skb->priority, f = skb->queue_mapping;
	int ret = first(skb, 100);

	after++;
	return ret + (a == skb->len) + (b == skb->protocol) + (c == skb->ifindex) +
	       (d == skb->mark) + (e == skb->priority) + (f == skb->queue_mapping) + 5;
}

__noinline int may_throw(__u32 len)
{
	int ret = XDP_DROP;

	/* the caller is not to know what comes back */
	barrier_var(ret);
	if (len >= limit)
		BEFORE_THROW(XDP_TX);
	return ret;
}

SEC("?xdp")
int t_global(struct xdp_md *xdp)
{
	int ret = may_throw(xdp->data_end - xdp->data);

	after++;
	return ret;
}

/* ------------------------------------------------------------------ callbacks */

struct turn {
	__u64 sum;
	__u32 stop;
};

static int each(__u32 i, struct turn *t)
{
	if (i == t->stop)
		BEFORE_THROW(t->sum);
	t->sum += i;
	return 0;
}

SEC("?tc")
int t_loop(struct __sk_buff *skb)
{
	struct turn t = { .stop = limit };
	long turns = bpf_loop(10, each, &t, 0);

	after++;
	return turns * 100 + t.sum;
}

static int inner(__u32 i, struct turn *t)
{
	t->sum++;
	if (t->sum == t->stop)
		BEFORE_THROW(t->sum * 10 + i);
	return 0;
}

static int outer(__u32 i, struct turn *t)
{
	bpf_loop(4, inner, t, 0);
	after++;
	return 0;
}

SEC("?tc")
int t_nested(struct __sk_buff *skb)
{
	struct turn t = { .stop = limit };

	bpf_loop(5, outer, &t, 0);
	after += 100;
	return t.sum;
}

static long element(struct bpf_map *map, __u32 *key, __u64 *value, struct turn *t)
{
	t->sum += *value;
	if (*key == t->stop)
		BEFORE_THROW(1000 + *value);
	return 0;
}

SEC("?tc")
int t_elements(struct __sk_buff *skb)
{
	struct turn t = { .stop = limit };

	bpf_for_each_map_elem(&hash, element, &t, 0);
	after++;
	return t.sum;
}

/* ------------------------------------------------------------------ exception callbacks */

__noinline int handler(__u64 cookie)
{
	seen[0]++;
	seen[1] = cookie;
	return cookie / 2 + 1;
}

__noinline int xdp_handler(__u64 cookie)
{
	seen[0]++;
	seen[1] = cookie;
	return XDP_PASS;
}

/*
 * Loaders that know of exceptions add the function that the tag names to the program; for those
 * that do not, there is a call of it, which the test takes out.
 */
#define CALL_TO_TAKE_OUT(func)			\
do {						\
	if (limit == 0xdead)			\
		(func)(0);			\
} while (0)

__attribute__((btf_decl_tag("exception_callback:handler")))
SEC("?tc.handler")
int t_handler(struct __sk_buff *skb)
{
	CALL_TO_TAKE_OUT(handler);
	return first(skb, 100) + 1;
}

__attribute__((btf_decl_tag("exception_callback:xdp_handler")))
SEC("?xdp.handler")
int t_xdp_handler(struct xdp_md *xdp)
{
	CALL_TO_TAKE_OUT(xdp_handler);
	return may_throw(xdp->data_end - xdp->data);
}

/* ------------------------------------------------------------------ assertions */

SEC("?tc")
int t_assert(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *vals = bpf_map_lookup_elem(&values, &zero), at = skb->mark;

	if (!vals)
		BEFORE_THROW(1);
	assert_op(at, "<", 8, 2);
	return vals[at];
}

SEC("?tc")
int t_assert_short(struct __sk_buff *skb)
{
	__u32 zero = 0;
	__u64 *vals = bpf_map_lookup_elem(&values, &zero), at = skb->mark;

	if (!vals)
		bpf_throw(1);
	assert_op(at, "<=", 8, 2);
	return vals[at];
}

/* ------------------------------------------------------------------ tail calls */

SEC("?tc")
int t_target(struct __sk_buff *skb)
{
	return first(skb, 200);
}

SEC("?tc")
int t_tail(struct __sk_buff *skb)
{
	bpf_tail_call(skb, &jumps, 0);
	return first(skb, 300);
}

static __noinline int tail(struct __sk_buff *skb)
{
	int ret = 5;

	/* what comes back may be another program's */
	barrier_var(ret);
	bpf_tail_call(skb, &jumps, 0);
	return ret;
}

/* The program called throws: it is the one that ends, and its result comes back here. */
SEC("?tc")
int t_tail_inside(struct __sk_buff *skb)
{
	__u32 ret = tail(skb);

	seen[2] = ret;
	if (skb->mark == 77)
		BEFORE_THROW(ret + 1);
	return ret + 2;
}

/* ------------------------------------------------------------------ around functions that throw */

SEC("?fentry/third")
int BPF_PROG(f_enter)
{
	__sync_fetch_and_add(&entered, 1);
	return 0;
}

SEC("?fexit/third")
int BPF_PROG(f_leave)
{
	__sync_fetch_and_add(&left, 1);
	return 0;
}

SEC("?fexit/may_throw")
int BPF_PROG(f_leave_global, __u32 len, int ret)
{
	__sync_fetch_and_add(&left, 1);
	seen[3] = ret;
	return 0;
}

/* In the place of a function that may throw: one that does not, one that is ended by it. */
SEC("?freplace/may_throw")
int x_plain(__u32 len)
{
	seen[0]++;
	return XDP_REDIRECT;
}

static __noinline int x_inner(__u32 len)
{
	if (len)
		bpf_throw(XDP_ABORTED);
	return XDP_TX;
}

SEC("?freplace/may_throw")
int x_throws(__u32 len)
{
	seen[0]++;
	return x_inner(len) + 1;
}

/* ------------------------------------------------------------------ events */

static __noinline int of_event(__u32 nr)
{
	if (nr & 1)
		BEFORE_THROW(0);
	return 0;
}

SEC("?raw_tp/sys_enter")
int e_raw_tp(struct bpf_raw_tracepoint_args *ctx)
{
	if (bpf_get_current_pid_tgid() >> 32 != pid || ctx->args[1] != 121 /* getpgid */)
		return 0;
	of_event(__sync_fetch_and_add(&entered, 1));
	__sync_fetch_and_add(&after, 1);
	return 0;
}

SEC("?fentry/__x64_sys_getpgid")
int BPF_PROG(e_fentry)
{
	if (bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	of_event(__sync_fetch_and_add(&entered, 1));
	__sync_fetch_and_add(&after, 1);
	return 0;
}

SEC("?fexit/__x64_sys_getpgid")
int BPF_PROG(e_fexit)
{
	if (bpf_get_current_pid_tgid() >> 32 != pid)
		return 0;
	of_event(__sync_fetch_and_add(&entered, 1));
	__sync_fetch_and_add(&after, 1);
	return 0;
}

static long vma(struct task_struct *task, struct vm_area_struct *vma, struct turn *t)
{
	BEFORE_THROW(t->sum);
	return 0;
}

/* The helper holds a lock while it calls back: a lock that stayed held would hang the process. */
SEC("?raw_tp/sys_enter")
int e_vma(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct turn t = {};

	if (bpf_get_current_pid_tgid() >> 32 != pid || ctx->args[1] != 121)
		return 0;
	__sync_fetch_and_add(&entered, 1);
	bpf_find_vma(task, seen[0], vma, &t, 0);
	__sync_fetch_and_add(&after, 1);
	return 0;
}

/* ------------------------------------------------------------------ refused */

SEC("?tc")
int r_record(struct __sk_buff *skb)
{
	__u64 *rec = bpf_ringbuf_reserve(&records, 8, 0);

	if (!rec)
		return 0;
	if (skb->mark)
		bpf_throw(1);
	bpf_ringbuf_discard(rec, 0);
	return 0;
}

SEC("?sk_lookup")
int r_range(struct bpf_sk_lookup *ctx)
{
	if (ctx->local_port)
		bpf_throw(64);
	return 1;
}

__attribute__((btf_decl_tag("exception_callback:handler")))
__attribute__((btf_decl_tag("exception_callback:xdp_handler")))
SEC("?tc.handler")
int r_two(struct __sk_buff *skb)
{
	CALL_TO_TAKE_OUT(handler);
	CALL_TO_TAKE_OUT(xdp_handler);
	return 0;
}

__attribute__((btf_decl_tag("exception_callback:nobody")))
SEC("?tc.handler")
int r_nobody(struct __sk_buff *skb)
{
	return 0;
}
