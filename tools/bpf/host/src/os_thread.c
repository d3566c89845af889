// SPDX-License-Identifier: GPL-2.0
/*
 * Threads: each gets a simulated processor, its own as long as there are enough. A section (of RCU,
 * or one that excludes preemption) holds the processor and is what grace periods wait for; those
 * that may sleep hold nothing and have grace periods of their own.
 *
 * A reader's epoch is that of its outermost section's start, 0 outside. A grace period moves the
 * epoch on and waits until no reader shows an older one.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/os.h"
#include "host/thread.h"

/* By kind of section. */
struct reader {
	unsigned long epoch[OS_RCU_KINDS];
	int used;
	struct reader *next;
};

#define MAX_CPUS 512

__thread struct host_thread host_thread;
static __thread struct reader *reader;
static struct reader *readers;
static unsigned long epoch = 1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t cpu_lock[MAX_CPUS];
static int cpu_users[MAX_CPUS];
static int cpus;
static pthread_key_t key;

/* Of thread_kernel.c: a task for this thread. */
struct task_struct *host_task_new(int cpu);
void host_task_free(struct task_struct *task);

/* Possible processors, as the kernel below counts them: clients lay per-CPU values out by it. */
static int count_possible(void)
{
	FILE *f = fopen("/sys/devices/system/cpu/possible", "re");
	int first, last, n = 0;
	char sep;

	while (f && fscanf(f, "%d", &first) == 1) {
		last = first;
		if (fscanf(f, "-%d", &last) < 0)
			last = first;
		n = last + 1;
		if (fscanf(f, "%c", &sep) != 1 || sep != ',')
			break;
	}
	if (f)
		fclose(f);
	if (n <= 0)
		n = sysconf(_SC_NPROCESSORS_CONF);
	return n < 1 ? 1 : n > MAX_CPUS ? MAX_CPUS : n;
}

static void thread_exit(void *arg)
{
	struct reader *r = arg;

	pthread_mutex_lock(&lock);
	cpu_users[host_thread.cpu]--;
	pthread_mutex_unlock(&lock);
	host_task_free(host_thread.task);
	memset(&host_thread, 0, sizeof(host_thread));
	__atomic_store_n(&r->epoch[OS_RCU], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&r->epoch[OS_RCU_SLEEPABLE], 0, __ATOMIC_RELEASE);
	__atomic_store_n(&r->used, 0, __ATOMIC_RELEASE);
	reader = NULL;
}

/* Locks of threads that the child has not. */
static void after_fork(void)
{
	struct reader *r;
	int i;

	pthread_mutex_init(&lock, NULL);
	for (i = 0; i < cpus; i++) {
		if (i != host_thread.cpu || !host_thread.sections)
			pthread_mutex_init(&cpu_lock[i], NULL);
		cpu_users[i] = host_thread.task && i == host_thread.cpu;
	}
	for (r = readers; r; r = r->next) {
		if (r != reader) {
			memset(r->epoch, 0, sizeof(r->epoch));
			r->used = 0;
		}
	}
}

static void __attribute__((constructor(102))) threads_init(void)
{
	int i;

	cpus = count_possible();
	for (i = 0; i < cpus; i++)
		pthread_mutex_init(&cpu_lock[i], NULL);
	pthread_key_create(&key, thread_exit);
	pthread_atfork(NULL, NULL, after_fork);
}

int os_cpus(void)
{
	return cpus;
}

static struct reader *reader_new(void)
{
	struct reader *r;

	for (r = readers; r; r = r->next) {
		if (!__atomic_exchange_n(&r->used, 1, __ATOMIC_ACQUIRE))
			return r;
	}
	r = calloc(1, sizeof(*r));
	if (!r)
		os_abort();
	r->used = 1;
	r->next = readers;
	__atomic_store_n(&readers, r, __ATOMIC_RELEASE);
	return r;
}

void host_thread_start(void)
{
	int cpu, best = 0;

	pthread_mutex_lock(&lock);
	for (cpu = 1; cpu < cpus; cpu++) {
		if (cpu_users[cpu] < cpu_users[best])
			best = cpu;
	}
	cpu_users[best]++;
	reader = reader_new();
	pthread_mutex_unlock(&lock);
	host_thread.cpu = best;
	host_thread.task = host_task_new(best);
	pthread_setspecific(key, reader);
}

static void reader_enter(enum os_rcu kind)
{
	__atomic_exchange_n(&reader->epoch[kind], __atomic_load_n(&epoch, __ATOMIC_SEQ_CST),
			    __ATOMIC_SEQ_CST);
}

static void reader_leave(enum os_rcu kind)
{
	__atomic_store_n(&reader->epoch[kind], 0, __ATOMIC_RELEASE);
}

void host_section_enter(void)
{
	struct host_thread *t = host_this_thread();

	if (t->sections++)
		return;
	pthread_mutex_lock(&cpu_lock[t->cpu]);
	reader_enter(OS_RCU);
}

void host_section_leave(void)
{
	struct host_thread *t = &host_thread;

	if (--t->sections)
		return;
	reader_leave(OS_RCU);
	pthread_mutex_unlock(&cpu_lock[t->cpu]);
	if (t->irq_works)
		host_run_irq_works();
}

void host_sleepable_enter(void)
{
	if (!host_this_thread()->sleepable++)
		reader_enter(OS_RCU_SLEEPABLE);
}

void host_sleepable_leave(void)
{
	if (!--host_thread.sleepable)
		reader_leave(OS_RCU_SLEEPABLE);
}

void os_rcu_synchronize(enum os_rcu kind)
{
	unsigned long until = __atomic_add_fetch(&epoch, 1, __ATOMIC_SEQ_CST), seen;
	unsigned long *of_reader;
	struct reader *r;
	int spins = 0;

	for (r = __atomic_load_n(&readers, __ATOMIC_ACQUIRE); r; r = r->next) {
		if (r == reader)
			continue;
		of_reader = &r->epoch[kind];
		while ((seen = __atomic_load_n(of_reader, __ATOMIC_SEQ_CST)) && seen < until) {
			if (++spins > 100)
				usleep(50);
			else
				sched_yield();
		}
	}
}

void os_futex_wait(unsigned int *word, unsigned int val)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, val, NULL, NULL, 0);
}

void os_futex_wake(unsigned int *word, int all)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, all ? 1 << 30 : 1, NULL, NULL, 0);
}

int os_pid(void)
{
	return getpid();
}

int os_tid(void)
{
	return syscall(SYS_gettid);
}

void os_comm(char *buf, os_size size)
{
	char name[16] = "";

	prctl(PR_GET_NAME, name);
	snprintf(buf, size, "%s", name);
}

void os_yield(void)
{
	sched_yield();
}
