/* SPDX-License-Identifier: GPL-2.0 */
/* What programs are told, and what helpers gave them. */
#ifndef TRACING_H
#define TRACING_H

#define STACK_DEPTH	16
#define TEXT		"seven and eight"

struct clocks {
	unsigned long long mono, boot, coarse, tai, jiffies;
};

struct ids {
	unsigned long long pid_tgid, uid_gid, cgroup, ancestor[3];
	char comm[16], short_comm[4];
	unsigned int cpu, node, task_pid;
	int same_task, random_differs;
	unsigned long long dev, ino;	/* of the pid namespace, in */
	unsigned int ns_pid, ns_tgid;
	int ns_ret, ns_wrong, under[4];
};

struct memory {
	unsigned long long at, bad;	/* addresses in user space, in */
	char any[16], any_str[16], user[16], str[8];
	int any_ret, any_str_ret, user_ret, str_ret, bad_ret, bad_sum, bad_str_ret;
	int kernel_ret, kernel_bad_ret, kernel_str_ret;
	char kernel_comm[16];
	int write_ret, write_bad_ret;
	char task[16];
	int task_ret, task_flags_ret, task_bad_ret, sleep_ret;
};

struct stacks {
	unsigned long long kernel[STACK_DEPTH], skipped[STACK_DEPTH], user[STACK_DEPTH];
	unsigned long long task[STACK_DEPTH];
	int kernel_ret, skipped_ret, user_ret, task_ret, flags_ret, size_ret;
};

struct counters {
	long long nobody, outside, read;
	int value_ret, value_size_ret;
	unsigned long long counter, enabled, running;
};

struct places {
	unsigned long long at, hole;	/* addresses in user space, in */
	unsigned long long start, end;
	int ret, hole_ret, flags_ret;
};

struct rings {
	unsigned long long avail, size, cons, prod, unknown;
};

struct percpu {
	long long here, of[2], beyond;
	int rq_cpu[2], rq_here, rq_beyond;
};

struct globals {
	int pid;
	unsigned long long runs;
	int sig, sig_ret, sig_thread_ret, sig_bad_ret;
	int vprintk_ret;
	unsigned int classid;
	struct clocks clocks;
	struct ids ids;
	struct memory memory;
	struct stacks stacks;
	struct counters counters;
	struct places places;
	struct rings rings;
	struct percpu percpu;
};

#endif /* TRACING_H */
