// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions for programs of any type: sections, casts, counting iterators, what has no home
 * elsewhere.
 */
#include <linux/bpf.h>
#include <linux/bitops.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/errno.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/percpu.h>
#include <linux/preempt.h>
#include <linux/rcupdate.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/* Numbers that one iterator counts, as many as bpf_loop() does. */
#define ITER_NUM_MAX BIT(23)

/* Words of a bitmap that is iterated over. */
#define ITER_BITS_WORDS_MAX 511

/* Programs' view of it, as they find it in BTF. */
struct bpf_iter_bits {
	__u64 __opaque[2];
} __aligned(8);

/* struct bpf_iter_num as the kernel fills it: the current number and how many follow. */
struct iter_num {
	u32 value;
	u32 left;
};

static_assert(sizeof(struct iter_num) == sizeof(struct bpf_iter_num));
static_assert(__alignof__(struct iter_num) <= __alignof__(struct bpf_iter_num));

/*
 * struct bpf_iter_bits likewise: the current bit (-1: none yet) and how many there are. Words are
 * read as they are needed, from memory that need not be there: nothing is allocated, and whoever
 * changes them meanwhile changes what is found.
 */
struct iter_bits {
	const u64 *words;
	int bit;
	int nr_bits;
};

static_assert(sizeof(struct iter_bits) == sizeof(struct bpf_iter_bits));

static bool word_read(const struct iter_bits *s, u32 nr, u64 *word)
{
	return !copy_from_kernel_nofault(word, s->words + nr, sizeof(*word));
}

__bpf_kfunc_start_defs();

/* ------------------------------------------------------------------ sections and casts */

/**
 * bpf_rcu_read_lock - begin an RCU section
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_rcu_read_lock(void) __acquires(RCU)
{
	rcu_read_lock();
}

/**
 * bpf_rcu_read_unlock - end it
 *
 * Context: programs; the verifier pairs them.
 */
__bpf_kfunc void bpf_rcu_read_unlock(void) __releases(RCU)
{
	rcu_read_unlock();
}

/**
 * bpf_preempt_disable - stay on the CPU, alone
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_preempt_disable(void)
{
	preempt_disable();
}

/**
 * bpf_preempt_enable - the contrary
 *
 * Context: programs; the verifier pairs them.
 */
__bpf_kfunc void bpf_preempt_enable(void)
{
	preempt_enable();
}

/**
 * bpf_cast_to_kern_ctx - a context as the kernel knows it
 * @obj: the program's context
 *
 * Context: programs. Return: the same pointer, typed by the verifier.
 */
__bpf_kfunc void *bpf_cast_to_kern_ctx(void *obj)
{
	return obj;
}

/**
 * bpf_rdonly_cast - any address as a pointer to a type, for reading
 * @obj__ign: address; loads through the result may fault and then give 0
 * @btf_id__k: the type in vmlinux
 *
 * Context: programs. Return: the same address.
 */
__bpf_kfunc void *bpf_rdonly_cast(const void *obj__ign, u32 btf_id__k)
{
	return (void *)obj__ign;
}

/* ------------------------------------------------------------------ exceptions */

/**
 * bpf_throw - end the program from wherever in its functions
 * @cookie: the program's result, or the argument of its exception callback
 *
 * No program calls it: the verifier has instructions in the place of the call.
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_throw(u64 cookie)
{
	WARN_ONCE(1, "bpf: %s(%llu) was called\n", __func__, cookie);
}

/* ------------------------------------------------------------------ iterators */

/**
 * bpf_iter_num_new - begin counting
 * @it: iterator
 * @start: first number
 * @end: number behind the last
 *
 * Context: programs.
 * Return: 0; -EINVAL for an end before the start, -E2BIG for more than 8M numbers: the iterator has
 * nothing then.
 */
__bpf_kfunc int bpf_iter_num_new(struct bpf_iter_num *it, int start, int end)
{
	struct iter_num *s = (struct iter_num *)it;
	u32 cnt = (u32)end - (u32)start;

	s->value = (u32)start - 1;
	s->left = 0;
	if (start > end)
		return -EINVAL;
	if (cnt > ITER_NUM_MAX)
		return -E2BIG;
	s->left = cnt;
	return 0;
}

/**
 * bpf_iter_num_next - the next number
 * @it: iterator
 *
 * Context: programs. Return: where it stands, or NULL behind the last.
 */
__bpf_kfunc int *bpf_iter_num_next(struct bpf_iter_num *it)
{
	struct iter_num *s = (struct iter_num *)it;

	if (!s->left)
		return NULL;
	s->left--;
	s->value++;
	return (int *)&s->value;
}

/**
 * bpf_iter_num_destroy - done counting
 * @it: iterator
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_iter_num_destroy(struct bpf_iter_num *it)
{
	memset(it, 0, sizeof(*it));
}

/**
 * bpf_iter_bits_new - begin with the set bits of a bitmap
 * @it: iterator
 * @unsafe_ptr__ign: the bitmap: kernel memory, which is read with care
 * @nr_words: its length in words of 64 bits
 *
 * Context: programs.
 * Return: 0; -EINVAL for no bitmap or no words, -E2BIG for more than 511, -EFAULT: the iterator has
 * nothing then.
 */
__bpf_kfunc int bpf_iter_bits_new(struct bpf_iter_bits *it, const u64 *unsafe_ptr__ign,
				  u32 nr_words)
{
	struct iter_bits *s = (struct iter_bits *)it;
	u64 word;
	u32 i;

	memset(s, 0, sizeof(*s));
	if (!unsafe_ptr__ign || !nr_words)
		return -EINVAL;
	if (nr_words > ITER_BITS_WORDS_MAX)
		return -E2BIG;
	s->words = unsafe_ptr__ign;
	for (i = 0; i < nr_words; i++)
		if (!word_read(s, i, &word))
			return -EFAULT;
	s->bit = -1;
	s->nr_bits = nr_words * 64;
	return 0;
}

/**
 * bpf_iter_bits_next - the next set bit
 * @it: iterator
 *
 * Context: programs. Return: where its number stands, or NULL.
 */
__bpf_kfunc int *bpf_iter_bits_next(struct bpf_iter_bits *it)
{
	struct iter_bits *s = (struct iter_bits *)it;
	int bit = s->bit + 1;
	u64 word;

	while (bit < s->nr_bits) {
		if (!word_read(s, bit / 64, &word))
			break;
		word &= ~0ULL << bit % 64;
		if (word) {
			s->bit = round_down(bit, 64) + __ffs64(word);
			return &s->bit;
		}
		bit = round_down(bit, 64) + 64;
	}
	s->nr_bits = 0;
	return NULL;
}

/**
 * bpf_iter_bits_destroy - done with a bitmap
 * @it: iterator
 *
 * Context: programs.
 */
__bpf_kfunc void bpf_iter_bits_destroy(struct bpf_iter_bits *it)
{
	memset(it, 0, sizeof(*it));
}

/* ------------------------------------------------------------------ others */

/**
 * bpf_map_sum_elem_count - elements of a map that counts them
 * @map: map
 *
 * Context: programs. Return: the number at some moment, 0 for maps that do not count.
 */
__bpf_kfunc s64 bpf_map_sum_elem_count(const struct bpf_map *map)
{
	s64 sum = 0;
	int cpu;

	if (!map || !map->elem_count)
		return 0;
	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(map->elem_count, cpu));
	return sum;
}

/**
 * bpf_copy_from_user_str - copy a string from the current task
 * @dst: where to; always ends with a zero byte
 * @dst__sz: room
 * @unsafe_ptr__ign: the string
 * @flags: BPF_F_PAD_ZEROS: zeros up to the end of @dst
 *
 * Context: programs that may sleep. Return: bytes with the terminator, -EINVAL, -EFAULT.
 */
__bpf_kfunc int bpf_copy_from_user_str(void *dst, u32 dst__sz, const void __user *unsafe_ptr__ign,
				       u64 flags)
{
	long len;

	if (flags & ~BPF_F_PAD_ZEROS || dst__sz > INT_MAX)
		return -EINVAL;
	if (!dst__sz)
		return 0;
	len = strncpy_from_user(dst, unsafe_ptr__ign, dst__sz - 1);
	if (len < 0) {
		if (flags & BPF_F_PAD_ZEROS)
			memset(dst, 0, dst__sz);
		return len;
	}
	memset(dst + len, 0, flags & BPF_F_PAD_ZEROS ? dst__sz - len : 1);
	return len + 1;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(common_ids)
BTF_ID_FLAGS(func, bpf_rcu_read_lock)
BTF_ID_FLAGS(func, bpf_rcu_read_unlock)
BTF_ID_FLAGS(func, bpf_preempt_disable)
BTF_ID_FLAGS(func, bpf_preempt_enable)
BTF_ID_FLAGS(func, bpf_cast_to_kern_ctx)
BTF_ID_FLAGS(func, bpf_rdonly_cast)
BTF_ID_FLAGS(func, bpf_throw)
BTF_ID_FLAGS(func, bpf_iter_num_new, KF_ITER_NEW)
BTF_ID_FLAGS(func, bpf_iter_num_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_num_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_iter_bits_new, KF_ITER_NEW)
BTF_ID_FLAGS(func, bpf_iter_bits_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_bits_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_map_sum_elem_count, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_copy_from_user_str, KF_SLEEPABLE)
BTF_KFUNCS_END(common_ids)

static const struct btf_kfunc_id_set common_set = {
	.owner = THIS_MODULE,
	.set = &common_ids,
};

static int __init common_kfuncs_init(void)
{
	return register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &common_set);
}
late_initcall(common_kfuncs_init);
