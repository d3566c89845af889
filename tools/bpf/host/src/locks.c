// SPDX-License-Identifier: GPL-2.0
/* Twin of kernel/locking: futexes. A lock's word: 0 free, 1 held, 2 held and waited for. */
#include <linux/mutex.h>
#include <linux/rwsem.h>
#include <linux/spinlock.h>
#include <host/os.h>

#define SPINS 200

void host_spin_lock(unsigned int *word)
{
	unsigned int was = 0;
	int spins;

	for (spins = 0; spins < SPINS; spins++) {
		was = 0;
		if (__atomic_compare_exchange_n(word, &was, 1, false, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return;
	}
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE))
		os_futex_wait(word, 2);
}

int host_spin_trylock(unsigned int *word)
{
	unsigned int was = 0;

	return __atomic_compare_exchange_n(word, &was, 1, false, __ATOMIC_ACQUIRE,
					   __ATOMIC_RELAXED);
}

void host_spin_unlock(unsigned int *word)
{
	if (__atomic_exchange_n(word, 0, __ATOMIC_RELEASE) == 2)
		os_futex_wake(word, 0);
}

int host_spin_locked(const unsigned int *word)
{
	return __atomic_load_n(word, __ATOMIC_RELAXED) != 0;
}

#define RAW(lock) HOST_LOCK_WORD(&(lock)->raw_lock)

void _raw_spin_lock(raw_spinlock_t *lock)
{
	preempt_disable();
	host_spin_lock(RAW(lock));
}

int _raw_spin_trylock(raw_spinlock_t *lock)
{
	preempt_disable();
	if (host_spin_trylock(RAW(lock)))
		return 1;
	preempt_enable();
	return 0;
}

void _raw_spin_lock_bh(raw_spinlock_t *lock)
{
	_raw_spin_lock(lock);
}

void _raw_spin_unlock_bh(raw_spinlock_t *lock)
{
	_raw_spin_unlock(lock);
}

void _raw_spin_lock_irq(raw_spinlock_t *lock)
{
	local_irq_disable();
	_raw_spin_lock(lock);
}

void _raw_spin_unlock_irq(raw_spinlock_t *lock)
{
	_raw_spin_unlock(lock);
	local_irq_enable();
}

unsigned long _raw_spin_lock_irqsave(raw_spinlock_t *lock)
{
	unsigned long flags;

	local_irq_save(flags);
	_raw_spin_lock(lock);
	return flags;
}

void _raw_spin_unlock_irqrestore(raw_spinlock_t *lock, unsigned long flags)
{
	_raw_spin_unlock(lock);
	local_irq_restore(flags);
}

void _raw_write_lock(rwlock_t *lock)
{
	preempt_disable();
	host_spin_lock(RAW(lock));
}

void _raw_write_unlock(rwlock_t *lock)
{
	host_spin_unlock(RAW(lock));
	preempt_enable();
}

void _raw_write_lock_bh(rwlock_t *lock)
{
	_raw_write_lock(lock);
}

void _raw_write_unlock_bh(rwlock_t *lock)
{
	_raw_write_unlock(lock);
}

void _raw_read_lock_bh(rwlock_t *lock)
{
	_raw_write_lock(lock);
}

void _raw_read_unlock_bh(rwlock_t *lock)
{
	_raw_write_unlock(lock);
}

/* ------------------------------------------------------------------ locks that sleep */

void __mutex_init(struct mutex *lock, const char *name, struct lock_class_key *key)
{
	memset(lock, 0, sizeof(*lock));
}

/* Whoever waits for the owner may wait for the processor, too. */
static void may_wait(void)
{
	WARN_ON_ONCE(host_this_thread()->sections);
}

void mutex_lock(struct mutex *lock)
{
	may_wait();
	host_spin_lock((unsigned int *)lock);
}

int mutex_trylock(struct mutex *lock)
{
	return host_spin_trylock((unsigned int *)lock);
}

void mutex_unlock(struct mutex *lock)
{
	host_spin_unlock((unsigned int *)lock);
}

bool mutex_is_locked(struct mutex *lock)
{
	return host_spin_locked((unsigned int *)lock);
}

void down_write(struct rw_semaphore *sem)
{
	may_wait();
	host_spin_lock((unsigned int *)sem);
}

void up_write(struct rw_semaphore *sem)
{
	host_spin_unlock((unsigned int *)sem);
}

int down_read_trylock(struct rw_semaphore *sem)
{
	return host_spin_trylock((unsigned int *)sem);
}

void down_read(struct rw_semaphore *sem)
{
	down_write(sem);
}

void up_read(struct rw_semaphore *sem)
{
	up_write(sem);
}

void __local_bh_enable_ip(unsigned long ip, unsigned int cnt)
{
	__preempt_count_sub(cnt);
}

/* A thread never leaves its processor. */
void migrate_disable(void)
{
	current->migration_disabled++;
}

void migrate_enable(void)
{
	WARN_ON_ONCE(!current->migration_disabled);
	current->migration_disabled--;
}

int __cond_resched(void)
{
	return 0;
}
