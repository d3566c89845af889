// SPDX-License-Identifier: GPL-2.0
/*
 * The XDP dispatcher. Devices run their programs through one function, which leads to code that
 * compares the entry it is given with those that are in use and goes on there directly: an indirect
 * branch is the more expensive the better it is protected. What is not in use yet, or too late, is
 * reached by one.
 *
 * The code jumps nowhere but to the entry it is given, so that it need not be in step with what
 * devices run; it has no references to programs either.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/static_call.h>
#include <linux/string.h>
#include <linux/workqueue.h>

#include "exec/arch.h"
#include "exec/exec.h"
#include "net_bpf.h"

static unsigned int call_entry(const void *ctx, const struct bpf_insn *insnsi, bpf_func_t bpf_func)
{
	return bpf_func(ctx, insnsi);
}

DEFINE_STATIC_CALL(bpf_xdp_dispatch, call_entry);

/**
 * bpf_dispatcher_xdp_func - run an XDP program
 * @ctx: struct xdp_buff
 * @insnsi: instructions, for the interpreter
 * @bpf_func: entry of the program
 *
 * Context: as the program's. Return: what it returns.
 */
noinline unsigned int bpf_dispatcher_xdp_func(const void *ctx, const struct bpf_insn *insnsi,
					      bpf_func_t bpf_func)
{
	return static_call(bpf_xdp_dispatch)(ctx, insnsi, bpf_func);
}
EXPORT_SYMBOL(bpf_dispatcher_xdp_func);

#ifdef CONFIG_BPF_JIT

/* Programs that are compared with; the search has six steps then. */
#define DISPATCH_PROGS	48

/* A step and a leaf with its way out, and what stands in front of all. */
#define DISPATCH_BYTES(nr)	(32 * (nr) + 4)

/**
 * struct dispatch_entry - a program that devices run
 * @prog: which one; not followed
 * @func: its entry
 * @users: devices
 */
struct dispatch_entry {
	const struct bpf_prog *prog;
	u64 func;
	u32 users;
};

/**
 * struct dispatch_image - code that was generated
 * @work: frees it a grace period after nothing leads to it any more
 * @ksym: its symbol
 * @text: where it is
 */
struct dispatch_image {
	struct rcu_work work;
	struct bpf_ksym ksym;
	void *text;
};

static DEFINE_MUTEX(dispatch_lock);	/* all of these */
static struct dispatch_entry entries[DISPATCH_PROGS];
static u32 nr_entries;
static struct dispatch_image *dispatch_image;

static struct dispatch_entry *entry_find(const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < nr_entries; i++) {
		if (entries[i].prog == prog)
			return &entries[i];
	}
	return NULL;
}

/* Both: whether other code is needed now. */
static bool entry_add(const struct bpf_prog *prog)
{
	struct dispatch_entry *entry;

	if (!prog || !prog->jited)
		return false;
	entry = entry_find(prog);
	if (entry) {
		entry->users++;
		return false;
	}
	if (nr_entries == DISPATCH_PROGS)
		return false;
	entries[nr_entries++] = (struct dispatch_entry){
		.prog = prog, .func = (u64)(unsigned long)prog->bpf_func, .users = 1,
	};
	return true;
}

static bool entry_drop(const struct bpf_prog *prog)
{
	struct dispatch_entry *entry = prog ? entry_find(prog) : NULL;

	if (!entry || --entry->users)
		return false;
	*entry = entries[--nr_entries];
	return true;
}

static void image_free_work(struct work_struct *work)
{
	struct dispatch_image *im = container_of(to_rcu_work(work), struct dispatch_image, work);

	bpf_image_ksym_del(&im->ksym);
	/* readers of symbols */
	synchronize_rcu();
	bpf_image_free(im->text);
	kfree(im);
}

static int image_write(struct dispatch_image *im)
{
	struct bpf_image mem = {};
	u64 funcs[DISPATCH_PROGS];
	int len, err;
	u32 i;

	for (i = 0; i < nr_entries; i++)
		funcs[i] = entries[i].func;
	err = bpf_image_alloc(&mem, DISPATCH_BYTES(nr_entries));
	if (err)
		return err;
	len = bpf_arch_dispatcher(mem.text, mem.rw, mem.size, funcs, nr_entries);
	err = len < 0 ? len : bpf_image_publish(&mem);
	if (err) {
		bpf_image_discard(&mem);
		return err;
	}
	im->text = mem.text;
	im->ksym.start = (unsigned long)im->text;
	im->ksym.end = im->ksym.start + len;
	return 0;
}

/* Code for the programs that are in use; NULL where there are none, or it cannot be had. */
static struct dispatch_image *image_new(void)
{
	struct dispatch_image *im;

	if (!nr_entries)
		return NULL;
	im = kzalloc(sizeof(*im), GFP_KERNEL);
	if (!im)
		return NULL;
	if (image_write(im)) {
		kfree(im);
		return NULL;
	}
	INIT_RCU_WORK(&im->work, image_free_work);
	INIT_LIST_HEAD_RCU(&im->ksym.lnode);
	strscpy(im->ksym.name, "bpf_dispatcher_xdp", sizeof(im->ksym.name));
	bpf_image_ksym_add(&im->ksym);
	return im;
}

/**
 * bpf_prog_change_xdp - a device has another program now
 * @prev_prog: the one before, or NULL
 * @prog: the new one, or NULL
 *
 * Context: process, may sleep; RTNL held.
 */
void bpf_prog_change_xdp(struct bpf_prog *prev_prog, struct bpf_prog *prog)
{
	struct dispatch_image *old;
	bool changed;

	if (prev_prog == prog)
		return;
	mutex_lock(&dispatch_lock);
	changed = entry_drop(prev_prog);
	changed |= entry_add(prog);
	if (changed) {
		old = dispatch_image;
		dispatch_image = image_new();
		static_call_update(bpf_xdp_dispatch,
				   dispatch_image ? dispatch_image->text : (void *)call_entry);
		if (old)
			queue_rcu_work(system_unbound_wq, &old->work);
	}
	mutex_unlock(&dispatch_lock);
}

#else

/**
 * bpf_prog_change_xdp - a device has another program now
 * @prev_prog: the one before, or NULL
 * @prog: the new one, or NULL
 *
 * There is no code that could be generated, and all programs are reached by indirect branches.
 *
 * Context: RTNL held.
 */
void bpf_prog_change_xdp(struct bpf_prog *prev_prog, struct bpf_prog *prog)
{
}

#endif /* CONFIG_BPF_JIT */
