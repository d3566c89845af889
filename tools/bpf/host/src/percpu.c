// SPDX-License-Identifier: GPL-2.0
/*
 * Twin of mm/percpu.c. Each simulated processor has a unit of address space; its start is a copy of
 * the linked per-CPU section, the rest is handed out at the same offset in all units.
 */
#include <linux/cpumask.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <host/os.h>
#include "host.h"

#define UNIT	(256UL << 20)
#define GRAIN	16
#define CLASSES	32

extern char __start_host_percpu[], __stop_host_percpu[];

unsigned long __per_cpu_offset[NR_CPUS];
struct cpumask __cpu_possible_mask, __cpu_online_mask, __cpu_present_mask, __cpu_active_mask;
atomic_t __num_online_cpus;
unsigned int nr_cpu_ids;

/* Free pieces by size class, a power of two each; the header stands in CPU 0's unit before them. */
struct piece {
	u32 class;
	u32 next;	/* offset, 0: none */
};

static char *units;
static unsigned long used;
static u32 free_list[CLASSES];
static DEFINE_RAW_SPINLOCK(lock);

static u32 class_of(size_t size)
{
	u32 class = 0;

	while (((size_t)GRAIN << class) < size)
		class++;
	return class;
}

static struct piece *piece_at(u32 off)
{
	return (struct piece *)(units + off - sizeof(struct piece));
}

static u32 piece_take(u32 class, size_t align)
{
	unsigned long off;
	u32 *link;

	for (link = &free_list[class]; *link; link = &piece_at(*link)->next) {
		off = *link;
		if (off & (align - 1))
			continue;
		*link = piece_at(off)->next;
		return off;
	}
	off = ALIGN(used + sizeof(struct piece), max_t(size_t, align, GRAIN));
	if (off + ((size_t)GRAIN << class) > UNIT)
		return 0;
	used = off + ((size_t)GRAIN << class);
	piece_at(off)->class = class;
	return off;
}

void __percpu *pcpu_alloc_noprof(size_t size, size_t align, bool reserved, gfp_t gfp)
{
	unsigned long flags;
	unsigned int cpu;
	u32 class, off;

	/* The kernel's own limit. */
	if (!size || size > 32 << 10 || align > PAGE_SIZE || os_alloc_fails(size))
		return NULL;
	class = class_of(size);
	raw_spin_lock_irqsave(&lock, flags);
	off = piece_take(class, align);
	raw_spin_unlock_irqrestore(&lock, flags);
	if (!off)
		return NULL;
	for_each_possible_cpu(cpu)
		memset(units + cpu * UNIT + off, 0, size);
	return (void __percpu *)(__start_host_percpu + off);
}

void free_percpu(void __percpu *ptr)
{
	unsigned long flags;
	struct piece *p;
	u32 off;

	if (!ptr)
		return;
	off = (char *)ptr - __start_host_percpu;
	p = piece_at(off);
	raw_spin_lock_irqsave(&lock, flags);
	p->next = free_list[p->class];
	free_list[p->class] = off;
	raw_spin_unlock_irqrestore(&lock, flags);
}

void host_percpu_init(void)
{
	size_t size = __stop_host_percpu - __start_host_percpu;
	unsigned int cpu;

	nr_cpu_ids = os_cpus();
	units = os_reserve(nr_cpu_ids * UNIT);
	if (!units)
		os_abort();
	for (cpu = 0; cpu < nr_cpu_ids; cpu++) {
		memcpy(units + cpu * UNIT, __start_host_percpu, size);
		__per_cpu_offset[cpu] = (unsigned long)(units + cpu * UNIT) -
					(unsigned long)__start_host_percpu;
		cpumask_set_cpu(cpu, &__cpu_possible_mask);
		cpumask_set_cpu(cpu, &__cpu_online_mask);
		cpumask_set_cpu(cpu, &__cpu_present_mask);
		cpumask_set_cpu(cpu, &__cpu_active_mask);
	}
	atomic_set(&__num_online_cpus, nr_cpu_ids);
	used = ALIGN(size, PAGE_SIZE);
}
