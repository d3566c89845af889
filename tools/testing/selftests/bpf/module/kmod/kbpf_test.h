/* SPDX-License-Identifier: GPL-2.0 */
/* Types of the test module, which its BTF has on top of vmlinux'. */
#ifndef _KBPF_TEST_H
#define _KBPF_TEST_H

struct task_struct;

struct kbpf_test_obj {
	int number;
	struct task_struct *task;
	struct kbpf_test_obj *next;
};

struct kbpf_test_small {
	long a;
};

struct kbpf_test_pair {
	long a;
	int b;
};

/* What programs make objects of. */
struct kbpf_test_ops {
	int (*plain)(int a, long b);
	int (*nullable)(int dummy, struct task_struct *task);
	int (*sleeps)(int a);
	void (*closed)(void);
	void (*nothing)(struct kbpf_test_obj *obj);
	u64 (*many)(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h);
	int number;
	char name[16];
};

#endif
