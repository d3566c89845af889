// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_TEST_RUN: repetition, input and output. */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/etherdevice.h>
#include <linux/filter.h>
#include <linux/slab.h>
#include <linux/skbuff.h>
#include <linux/timekeeping.h>
#include <linux/uaccess.h>

#include "test_run.h"

/**
 * test_repeat - run a program many times
 * @prog: the program
 * @repeat: how often; 0 counts as 1
 * @once: runs it once
 * @arg: for @once
 * @retval: gets what the last run returned
 * @duration: gets the average of all runs in nanoseconds
 *
 * Context: process; may sleep between runs. Each run has what packet hooks have: BHs disabled, an
 * RCU section, a bpf_net_context. Return: 0, -EINTR.
 */
int test_repeat(const struct bpf_prog *prog, u32 repeat, test_once_t once, void *arg, u32 *retval,
		u32 *duration)
{
	struct bpf_net_context __ctx, *ctx;
	u64 spent = 0, start;
	u32 i;

	repeat = repeat ?: 1;
	for (i = 0; i < repeat; i++) {
		local_bh_disable();
		rcu_read_lock();
		migrate_disable();
		ctx = bpf_net_ctx_set(&__ctx);
		start = ktime_get_ns();
		*retval = once(prog, arg);
		spent += ktime_get_ns() - start;
		bpf_net_ctx_clear(ctx);
		migrate_enable();
		rcu_read_unlock();
		local_bh_enable();

		if (signal_pending(current))
			return -EINTR;
		cond_resched();
	}
	*duration = min_t(u64, div_u64(spent, repeat), U32_MAX);
	return 0;
}

/**
 * test_data_in - the first bytes of the packet that user space gave
 * @kattr: attributes
 * @headroom: bytes to leave free in front
 * @size: bytes to take; they and @headroom fit into a page
 *
 * Context: process; may sleep. Return: a buffer of one page with the bytes at @headroom, or
 * ERR_PTR: -EINVAL for a packet too short for a link-layer header, -EFAULT, -ENOMEM.
 */
void *test_data_in(const union bpf_attr *kattr, u32 headroom, u32 size)
{
	void *buf;

	if (kattr->test.data_size_in < ETH_HLEN)
		return ERR_PTR(-EINVAL);
	buf = kzalloc(PAGE_SIZE, GFP_USER);
	if (!buf)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(buf + headroom, u64_to_user_ptr(kattr->test.data_in), size)) {
		kfree(buf);
		return ERR_PTR(-EFAULT);
	}
	return buf;
}

/**
 * test_frags_in - the rest of the packet that user space gave, in pages
 * @kattr: attributes
 * @done: bytes that were taken already
 * @sinfo: gets the pages, which whoever frees the packet puts; also on failure
 *
 * Context: process; may sleep. Return: 0, -ENOMEM also for a packet of too many pages, -EFAULT.
 */
int test_frags_in(const union bpf_attr *kattr, u32 done, struct skb_shared_info *sinfo)
{
	void __user *from = u64_to_user_ptr(kattr->test.data_in);
	u32 size = kattr->test.data_size_in, n;
	struct page *page;

	for (; done < size; done += n) {
		if (sinfo->nr_frags == MAX_SKB_FRAGS)
			return -ENOMEM;
		page = alloc_page(GFP_USER | __GFP_ZERO);
		if (!page)
			return -ENOMEM;
		n = min_t(u32, size - done, PAGE_SIZE);
		skb_frag_fill_page_desc(&sinfo->frags[sinfo->nr_frags++], page, 0, n);
		if (copy_from_user(page_address(page), from + done, n))
			return -EFAULT;
	}
	return 0;
}

/**
 * test_ctx_in - the context that user space gave
 * @kattr: attributes
 * @size: bytes of it that the kernel knows
 *
 * Context: process; may sleep. Return: the context, zero where the caller's was shorter; NULL
 * where there is none and none is asked for; ERR_PTR: -E2BIG for more bytes that are not 0.
 */
void *test_ctx_in(const union bpf_attr *kattr, u32 size)
{
	void __user *in = u64_to_user_ptr(kattr->test.ctx_in);
	u32 in_size = kattr->test.ctx_size_in;
	void *ctx;
	int err;

	if (!kattr->test.ctx_in && !kattr->test.ctx_out)
		return NULL;
	ctx = kzalloc(size, GFP_USER);
	if (!ctx)
		return ERR_PTR(-ENOMEM);
	if (kattr->test.ctx_in) {
		err = copy_struct_from_user(ctx, size, in, in_size);
		if (err) {
			kfree(ctx);
			return ERR_PTR(err);
		}
	}
	return ctx;
}

/**
 * test_ctx_out - give the context back
 * @kattr: attributes
 * @uattr: user space's, for the size
 * @ctx: the context, or NULL
 * @size: bytes of it
 *
 * Context: process; may sleep. Return: 0, -ENOSPC where it was cut, -EFAULT.
 */
int test_ctx_out(const union bpf_attr *kattr, union bpf_attr __user *uattr, const void *ctx,
		 u32 size)
{
	void __user *out = u64_to_user_ptr(kattr->test.ctx_out);
	u32 copy = size;

	if (!ctx || !kattr->test.ctx_out)
		return 0;
	if (kattr->test.ctx_size_out && kattr->test.ctx_size_out < copy)
		copy = kattr->test.ctx_size_out;
	if (copy_to_user(out, ctx, copy) ||
	    copy_to_user(&uattr->test.ctx_size_out, &size, sizeof(size)))
		return -EFAULT;
	return copy < size ? -ENOSPC : 0;
}

/**
 * test_result - tell the numbers
 * @uattr: user space's attributes
 * @size: bytes of the data that came out
 * @retval: what the program returned
 * @duration: of a run in nanoseconds
 *
 * Context: process; may sleep. Return: 0 or -EFAULT.
 */
int test_result(union bpf_attr __user *uattr, u32 size, u32 retval, u32 duration)
{
	if (copy_to_user(&uattr->test.data_size_out, &size, sizeof(size)) ||
	    copy_to_user(&uattr->test.retval, &retval, sizeof(retval)) ||
	    copy_to_user(&uattr->test.duration, &duration, sizeof(duration)))
		return -EFAULT;
	return 0;
}
