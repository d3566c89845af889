/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: locks.c. The first word of the lock is a futex. */
#ifndef _ASM_X86_SPINLOCK_H
#define _ASM_X86_SPINLOCK_H

#include <asm/spinlock_types.h>

void host_spin_lock(unsigned int *word);
int host_spin_trylock(unsigned int *word);
void host_spin_unlock(unsigned int *word);
int host_spin_locked(const unsigned int *word);

#define HOST_LOCK_WORD(l)		((unsigned int *)(l))
#define arch_spin_lock(l)		host_spin_lock(HOST_LOCK_WORD(l))
#define arch_spin_trylock(l)		host_spin_trylock(HOST_LOCK_WORD(l))
#define arch_spin_unlock(l)		host_spin_unlock(HOST_LOCK_WORD(l))
#define arch_spin_is_locked(l)		host_spin_locked(HOST_LOCK_WORD(l))
#define arch_spin_value_unlocked(l)	(!(l).val.counter)
#define arch_spin_is_contended(l)	0

/* Readers exclude each other too. */
#define arch_read_lock(l)		host_spin_lock(HOST_LOCK_WORD(l))
#define arch_read_trylock(l)		host_spin_trylock(HOST_LOCK_WORD(l))
#define arch_read_unlock(l)		host_spin_unlock(HOST_LOCK_WORD(l))
#define arch_write_lock(l)		host_spin_lock(HOST_LOCK_WORD(l))
#define arch_write_trylock(l)		host_spin_trylock(HOST_LOCK_WORD(l))
#define arch_write_unlock(l)		host_spin_unlock(HOST_LOCK_WORD(l))
#define arch_rwlock_is_contended(l)	0

#endif
