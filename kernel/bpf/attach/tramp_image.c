// SPDX-License-Identifier: GPL-2.0
/*
 * The life of a trampoline's code.
 *
 * It is generated once and never changed but for programs being skipped. When nothing leads to it
 * any more, tasks may still be in it: on their way through, which RCU tasks waits for, or asleep in
 * the function or in a program that it called. Code from which something that may sleep is called
 * counts its runs: after a grace period nobody can come in uncounted, so that a sum of 0 over all
 * CPUs stays 0, and after another one those who counted themselves out have left.
 *
 * That may take as long as somebody sleeps. A program that is detached meanwhile is skipped in such
 * earlier code, so that it does not have to stay as long.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "attach/tramp.h"
#include "exec/exec.h"

/* Shortest and longest time between two looks at a counter. */
#define WAIT_MIN	max(HZ / 100, 1)
#define WAIT_MAX	HZ

/* Lists of earlier images. */
static DEFINE_SPINLOCK(old_lock);

static void image_free(struct bpf_tramp_image *im)
{
	u32 i;

	bpf_image_free(im->text);
	free_percpu(im->inuse);
	for (i = 0; i < im->nr; i++) {
		if (im->calls[i].prog)
			bpf_prog_put(im->calls[i].prog);
	}
	if (im->target)
		bpf_prog_put(im->target);
	module_put(im->mod);
	kfree(im);
}

static void free_work(struct work_struct *work)
{
	struct bpf_tramp_image *im = container_of(to_delayed_work(work), struct bpf_tramp_image,
						  work);

	bpf_image_ksym_del(&im->ksym);
	/* readers of symbols */
	synchronize_rcu();
	image_free(im);
}

static void image_put(struct bpf_tramp_image *im)
{
	if (!refcount_dec_and_test(&im->users))
		return;
	INIT_DELAYED_WORK(&im->work, free_work);
	queue_delayed_work(system_unbound_wq, &im->work, 0);
}

static void image_hold(struct bpf_tramp_image *im, const struct bpf_tramp_plan *plan,
		       const struct bpf_attach_target *target)
{
	u32 i;

	refcount_set(&im->users, 1);
	INIT_LIST_HEAD(&im->node);
	im->nr = plan->nr;
	for (i = 0; i < plan->nr; i++) {
		bpf_prog_inc(plan->calls[i].prog);
		im->calls[i].prog = plan->calls[i].prog;
		im->calls[i].im = im;
	}
	im->target = target->prog;
	if (im->target)
		bpf_prog_inc(im->target);
	im->mod = target->mod;
	if (im->mod)
		__module_get(im->mod);
}

static bool may_sleep(const struct bpf_tramp_plan *plan)
{
	u32 i;

	if (plan->call_orig)
		return true;
	for (i = 0; i < plan->nr; i++) {
		if (plan->calls[i].prog->sleepable)
			return true;
	}
	return false;
}

static int image_generate(struct bpf_tramp_image *im, struct bpf_tramp_plan *plan)
{
	struct bpf_image mem = {};
	int len, err;
	u32 i;

	len = bpf_arch_trampoline(plan, NULL, NULL, 0);
	if (len < 0)
		return len;
	err = bpf_image_alloc(&mem, len);
	if (err)
		return err;
	err = bpf_arch_trampoline(plan, mem.text, mem.rw, len);
	if (err == len)
		err = bpf_image_publish(&mem);
	else if (err >= 0)
		err = -EFAULT;
	if (err) {
		bpf_image_discard(&mem);
		return err;
	}
	im->text = mem.text;
	im->size = len;
	for (i = 0; i < plan->nr; i++) {
		im->calls[i].skip_from = plan->calls[i].skip_from;
		im->calls[i].skip_to = plan->calls[i].skip_to;
	}
	return 0;
}

/**
 * bpf_tramp_image_new - generate a trampoline's code
 * @plan: what it does; its inuse is filled in
 * @target: the function
 * @name: for kallsyms
 *
 * Context: process; may sleep.
 * Return: the image, which nothing leads to yet; ERR_PTR: -ENOMEM, -EOPNOTSUPP, -ERANGE, -E2BIG.
 */
struct bpf_tramp_image *bpf_tramp_image_new(struct bpf_tramp_plan *plan,
					    const struct bpf_attach_target *target,
					    const char *name)
{
	struct bpf_tramp_image *im;
	int err = -ENOMEM;

	im = kzalloc(struct_size(im, calls, plan->nr), GFP_KERNEL);
	if (!im)
		return ERR_PTR(-ENOMEM);
	image_hold(im, plan, target);
	if (may_sleep(plan)) {
		im->inuse = alloc_percpu(long);
		if (!im->inuse)
			goto free;
	}
	plan->inuse = im->inuse;
	err = image_generate(im, plan);
	if (err)
		goto free;
	strscpy(im->ksym.name, name, sizeof(im->ksym.name));
	im->ksym.start = (unsigned long)im->text;
	im->ksym.end = im->ksym.start + im->size;
	INIT_LIST_HEAD_RCU(&im->ksym.lnode);
	bpf_image_ksym_add(&im->ksym);
	return im;
free:
	image_free(im);
	return ERR_PTR(err);
}

static void image_left(struct rcu_head *rcu)
{
	struct bpf_tramp_image *im = container_of(rcu, struct bpf_tramp_image, rcu);

	spin_lock_bh(&old_lock);
	list_del_init(&im->node);
	spin_unlock_bh(&old_lock);
	image_put(im);
}

static bool image_idle(const struct bpf_tramp_image *im)
{
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(im->inuse, cpu));
	return !sum;
}

static void idle_work(struct work_struct *work)
{
	struct bpf_tramp_image *im = container_of(to_delayed_work(work), struct bpf_tramp_image,
						  work);

	if (image_idle(im)) {
		call_rcu_tasks(&im->rcu, image_left);
		return;
	}
	queue_delayed_work(system_unbound_wq, &im->work, im->wait);
	im->wait = min_t(unsigned long, im->wait * 2, WAIT_MAX);
}

static void image_unreachable(struct rcu_head *rcu)
{
	struct bpf_tramp_image *im = container_of(rcu, struct bpf_tramp_image, rcu);

	if (!im->inuse) {
		image_left(rcu);
		return;
	}
	im->wait = WAIT_MIN;
	INIT_DELAYED_WORK(&im->work, idle_work);
	queue_delayed_work(system_unbound_wq, &im->work, 0);
}

/**
 * bpf_tramp_image_retire - free an image once nobody is in it
 * @im: image that nothing leads to any more
 * @old: its trampoline's earlier images
 *
 * Context: process; allocates nothing.
 */
void bpf_tramp_image_retire(struct bpf_tramp_image *im, struct list_head *old)
{
	spin_lock_bh(&old_lock);
	if (im->inuse)
		list_add(&im->node, old);
	spin_unlock_bh(&old_lock);
	call_rcu_tasks(&im->rcu, image_unreachable);
}

/**
 * bpf_tramp_image_skip - leave a program out of an image in use
 * @im: image
 * @prog: program
 *
 * Context: process; may sleep, allocates nothing and cannot fail.
 */
void bpf_tramp_image_skip(struct bpf_tramp_image *im, const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < im->nr; i++) {
		if (im->calls[i].prog == prog)
			WARN_ON(bpf_arch_text_skip(im->text + im->calls[i].skip_from,
						   im->text + im->calls[i].skip_to));
	}
}

static void slot_left(struct rcu_head *rcu)
{
	struct bpf_tramp_slot *slot = container_of(rcu, struct bpf_tramp_slot, rcu);
	struct bpf_prog *prog = slot->prog;

	slot->prog = NULL;
	bpf_prog_put(prog);
	image_put(slot->im);
}

/* The next earlier image that calls a program and is still there, kept; NULL: none. */
static struct bpf_tramp_slot *old_slot(struct list_head *old, const struct bpf_prog *prog)
{
	struct bpf_tramp_slot *found = NULL;
	struct bpf_tramp_image *im;
	u32 i;

	spin_lock_bh(&old_lock);
	list_for_each_entry(im, old, node) {
		for (i = 0; i < im->nr && !found; i++) {
			/* one that is being dropped has no image any more */
			if (im->calls[i].prog == prog && im->calls[i].skip_to)
				found = &im->calls[i];
		}
		if (found && refcount_inc_not_zero(&im->users))
			break;
		found = NULL;
	}
	spin_unlock_bh(&old_lock);
	return found;
}

/**
 * bpf_tramp_images_drop - let a program go from images that tasks are still in
 * @old: earlier images of a trampoline
 * @prog: detached from it
 *
 * A task between the beginning of a call and the program's sections is waited for; those inside are
 * the program's own to wait for.
 *
 * Context: process; may sleep, allocates nothing. The trampoline is locked.
 */
void bpf_tramp_images_drop(struct list_head *old, const struct bpf_prog *prog)
{
	struct bpf_tramp_slot *slot;

	while ((slot = old_slot(old, prog))) {
		WARN_ON(bpf_arch_text_skip(slot->im->text + slot->skip_from,
					   slot->im->text + slot->skip_to));
		slot->skip_to = 0;
		call_rcu_tasks(&slot->rcu, slot_left);
	}
}

/**
 * bpf_tramp_images_forget - a trampoline goes; its earlier images stay on their own
 * @old: earlier images
 *
 * Context: process.
 */
void bpf_tramp_images_forget(struct list_head *old)
{
	struct bpf_tramp_image *im, *tmp;

	spin_lock_bh(&old_lock);
	list_for_each_entry_safe(im, tmp, old, node)
		list_del_init(&im->node);
	spin_unlock_bh(&old_lock);
}
