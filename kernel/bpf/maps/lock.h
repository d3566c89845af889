/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Locks of maps, which programs take from any context.
 *
 * A program may run in an NMI, or be attached to a function that a map operation calls while it
 * holds such a lock. Waiting there could wait for the interrupted code itself, or for a CPU that
 * waits for it. So only the outermost operation of a CPU waits; one that interrupted another tries
 * a few times and gives up. No cycle of waiting CPUs can form through a nested operation, whichever
 * maps are involved.
 */
#ifndef _KBPF_MAPS_LOCK_H
#define _KBPF_MAPS_LOCK_H

#include <linux/errno.h>
#include <linux/irqflags.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/spinlock.h>

/* Map locks that this CPU holds or waits for. */
DECLARE_PER_CPU(int, bpf_map_lock_depth);

#define BPF_MAP_LOCK_TRIES 32

/**
 * bpf_map_lock - take a lock of a map
 * @lock: the lock
 * @flags: interrupt state for bpf_map_unlock()
 *
 * Context: any; interrupts are off until bpf_map_unlock().
 * Return: 0, or -EBUSY in a nested operation that did not get it.
 */
static inline int bpf_map_lock(raw_spinlock_t *lock, unsigned long *flags)
{
	int i;

	local_irq_save(*flags);
	if (likely(this_cpu_inc_return(bpf_map_lock_depth) == 1)) {
		/* no holder is on this CPU: an NMI may wait, but lock debugging does not know */
		if (unlikely(in_nmi()))
			while (!raw_spin_trylock(lock))
				cpu_relax();
		else
			raw_spin_lock(lock);
		return 0;
	}
	for (i = 0; i < BPF_MAP_LOCK_TRIES; i++) {
		if (raw_spin_trylock(lock))
			return 0;
		cpu_relax();
	}
	this_cpu_dec(bpf_map_lock_depth);
	local_irq_restore(*flags);
	return -EBUSY;
}

static inline void bpf_map_unlock(raw_spinlock_t *lock, unsigned long flags)
{
	raw_spin_unlock(lock);
	this_cpu_dec(bpf_map_lock_depth);
	local_irq_restore(flags);
}

/**
 * bpf_map_lock_inner - take a second lock inside bpf_map_lock()
 * @lock: the lock; nothing is ever taken inside it
 *
 * Context: inside bpf_map_lock().
 * Return: 0, or -EBUSY in a nested operation that did not get it.
 */
static inline int bpf_map_lock_inner(raw_spinlock_t *lock)
{
	int i;

	if (likely(this_cpu_inc_return(bpf_map_lock_depth) == 2)) {
		raw_spin_lock_nested(lock, SINGLE_DEPTH_NESTING);
		return 0;
	}
	for (i = 0; i < BPF_MAP_LOCK_TRIES; i++) {
		if (raw_spin_trylock(lock))
			return 0;
		cpu_relax();
	}
	this_cpu_dec(bpf_map_lock_depth);
	return -EBUSY;
}

static inline void bpf_map_unlock_inner(raw_spinlock_t *lock)
{
	raw_spin_unlock(lock);
	this_cpu_dec(bpf_map_lock_depth);
}

#endif /* _KBPF_MAPS_LOCK_H */
