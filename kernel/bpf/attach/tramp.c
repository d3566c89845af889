// SPDX-License-Identifier: GPL-2.0
/*
 * Trampolines: the programs of a function, and the code at its entry that calls them.
 *
 * There is one trampoline a function, found by its type's id, as long as somebody is attached. Each
 * attachment and each detachment generates new code, which takes the place of the old one at the
 * function's patch site; the old one is freed when nobody is in it. A detachment that cannot get
 * memory for new code makes the program's call in the old one a jump over it.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/ftrace.h>
#include <linux/hashtable.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "attach/helpers.h"
#include "attach/tramp.h"
#include "btf/btf.h"
#include "exec/arch.h"
#include "exec/exec.h"
#include "maps/prog_array.h"

#define TABLE_BITS	10

struct tramp_entry {
	struct bpf_prog *prog;
	enum bpf_tramp_kind kind;
	u64 cookie;
};

/**
 * struct bpf_trampoline - what is attached to a function
 * @node: in the table; under tramp_table_lock
 * @key: see target_key()
 * @users: who holds it; under tramp_table_lock
 * @lock: all that follows
 * @target: the function; its module is held
 * @image: code that the function's patch site leads to, NULL: none
 * @ext: extension that stands in its place, NULL: none; excludes the others
 * @old: earlier code that tasks are still in
 * @nr: programs
 * @entries: the programs, in the order of kinds, then of attachment
 * @share: something else patches the function too: see share_site()
 * @ops: the function for ftrace, where it is the kernel's
 */
struct bpf_trampoline {
	struct hlist_node node;
	u64 key;
	u32 users;
	struct mutex lock;		/* all but the head */
	struct bpf_attach_target target;
	struct bpf_tramp_image *image;
	struct bpf_prog *ext;
	struct list_head old;
	u32 nr;
	struct tramp_entry entries[BPF_TRAMP_PROGS];
	bool share;
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	struct ftrace_ops ops;
#endif
};

static DEFINE_HASHTABLE(tramp_table, TABLE_BITS);
static DEFINE_MUTEX(tramp_table_lock);

/* ------------------------------------------------------------------ the patch site */

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
static int kernel_site_add(struct bpf_trampoline *tr, u8 *text)
{
	unsigned long ip = ftrace_location(tr->target.addr);
	int err;

	if (!ip)
		return -EOPNOTSUPP;
	err = ftrace_set_filter_ip(&tr->ops, ip, 0, 1);
	if (err)
		return err;
	err = register_ftrace_direct(&tr->ops, (unsigned long)text);
	if (err)
		ftrace_free_filter(&tr->ops);
	return err;
}

static int kernel_site_change(struct bpf_trampoline *tr, u8 *text, bool locked)
{
	if (locked)
		return modify_ftrace_direct_nolock(&tr->ops, (unsigned long)text);
	return modify_ftrace_direct(&tr->ops, (unsigned long)text);
}

static int kernel_site_del(struct bpf_trampoline *tr)
{
	return unregister_ftrace_direct(&tr->ops, (unsigned long)tr->image->text, true);
}

static u64 kernel_orig(const struct bpf_attach_target *target)
{
	unsigned long ip = ftrace_location(target->addr);

	return ip ? ip + MCOUNT_INSN_SIZE : 0;
}
#else
static int kernel_site_add(struct bpf_trampoline *tr, u8 *text)
{
	return -EOPNOTSUPP;
}

static int kernel_site_change(struct bpf_trampoline *tr, u8 *text, bool locked)
{
	return -EOPNOTSUPP;
}

static int kernel_site_del(struct bpf_trampoline *tr)
{
	return -EOPNOTSUPP;
}

static u64 kernel_orig(const struct bpf_attach_target *target)
{
	return 0;
}
#endif

static int poke_call(struct bpf_trampoline *tr, u8 *from, u8 *to)
{
	int err = bpf_arch_text_poke((void *)tr->target.addr, BPF_MOD_CALL, from, to);

	return err > 0 ? 0 : err;
}

/* Leads the site to @text, from the image there is or from nothing. @locked: ftrace's calls it. */
static int site_lead(struct bpf_trampoline *tr, u8 *text, bool locked)
{
	if (tr->target.prog)
		return poke_call(tr, tr->image ? tr->image->text : NULL, text);
	return tr->image ? kernel_site_change(tr, text, locked) : kernel_site_add(tr, text);
}

static int site_clear(struct bpf_trampoline *tr)
{
	if (tr->target.prog)
		return poke_call(tr, tr->image->text, NULL);
	return kernel_site_del(tr);
}

/* ------------------------------------------------------------------ code */

/* Security hooks and iterators of programs may be entered again; there is no way around them. */
static bool wants_guard(const struct bpf_prog *prog)
{
	return prog->type == BPF_PROG_TYPE_TRACING;
}

static void plan_call(struct bpf_tramp_plan *plan, const struct tramp_entry *entry)
{
	struct bpf_tramp_call *call = &plan->calls[plan->nr++];
	bool bare = bpf_prog_is_bare(entry->prog);

	call->prog = entry->prog;
	call->kind = entry->kind;
	call->cookie = entry->cookie;
	bpf_tramp_sections(call, bare, wants_guard(entry->prog));
	if (entry->kind == BPF_TRAMP_FEXIT || entry->kind == BPF_TRAMP_FMOD_RET)
		plan->call_orig = true;
	if (bare)
		return;
	plan->need_nr |= bpf_prog_calls_arg_helper(entry->prog);
	plan->need_ip |= bpf_prog_calls(entry->prog, bpf_get_func_ip_tracing);
}

static void make_plan(const struct bpf_trampoline *tr, struct bpf_tramp_plan *plan)
{
	const struct bpf_attach_target *target = &tr->target;
	u32 i;

	memset(plan, 0, sizeof(*plan));
	plan->model = &target->model;
	plan->func = target->addr;
	plan->keep_acc = target->prog;
	plan->orig_stack = tr->share;
	plan->measure_flag = &bpf_stats_enabled_key.key.enabled.counter;
	plan->orig = target->prog ?
		     target->addr + bpf_arch_patch_end((void *)target->addr) :
		     kernel_orig(target);
	for (i = 0; i < tr->nr; i++)
		plan_call(plan, &tr->entries[i]);
}

/* New code for the programs there are; the old one goes. @locked as for site_lead(). */
static int tramp_renew_once(struct bpf_trampoline *tr, bool locked)
{
	struct bpf_tramp_image *im, *old = tr->image;
	struct bpf_tramp_plan *plan;
	char name[KSYM_NAME_LEN];
	int err;

	plan = kmalloc(sizeof(*plan), GFP_KERNEL);
	if (!plan)
		return -ENOMEM;
	make_plan(tr, plan);
	snprintf(name, sizeof(name), "bpf_trampoline_%llu", tr->key);
	im = plan->orig ? bpf_tramp_image_new(plan, &tr->target, name) : ERR_PTR(-EOPNOTSUPP);
	kfree(plan);
	if (IS_ERR(im))
		return PTR_ERR(im);
	err = site_lead(tr, im->text, locked);
	if (err) {
		/* a site that was half way led there may have been seen */
		bpf_tramp_image_retire(im, &tr->old);
		return err;
	}
	tr->image = im;
	if (old)
		bpf_tramp_image_retire(old, &tr->old);
	return 0;
}

static int tramp_renew(struct bpf_trampoline *tr)
{
	bool share = tr->share;
	int err = tramp_renew_once(tr, false);

	/* share_site() has found out that others patch the function, and said so */
	if (err == -EAGAIN && tr->share && !share)
		err = tramp_renew_once(tr, false);
	return err;
}

#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
static bool calls_orig(const struct bpf_trampoline *tr)
{
	return tr->nr && tr->entries[tr->nr - 1].kind != BPF_TRAMP_FENTRY;
}

/* Live patches come to a function that has a trampoline. */
static int share_with_newcomer(struct bpf_trampoline *tr)
{
	bool share = tr->share;
	int err = 0;

	tr->share = true;
	if (!share && calls_orig(tr))
		err = tramp_renew_once(tr, true);
	if (err)
		tr->share = share;
	return err;
}

/*
 * Ftrace asks whether the function may also be patched by something that changes where it goes on,
 * such as a live patch. It may if the trampoline goes on, and calls, where the stack says.
 *
 * Who attaches holds the trampoline's lock and waits for ftrace's, so that with the latter held
 * the former can only be tried.
 */
static int share_site(struct ftrace_ops *ops, enum ftrace_ops_cmd cmd)
{
	struct bpf_trampoline *tr = container_of(ops, struct bpf_trampoline, ops);
	int err = 0;

	if (cmd == FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_SELF) {
		/* from site_lead(), by the lock's holder */
		if (tr->share || !calls_orig(tr))
			return 0;
		tr->share = true;
		return -EAGAIN;
	}
	if (!mutex_trylock(&tr->lock)) {
		msleep(1);
		return -EAGAIN;
	}
	if (cmd == FTRACE_OPS_CMD_ENABLE_SHARE_IPMODIFY_PEER)
		err = share_with_newcomer(tr);
	else
		tr->share = false;
	mutex_unlock(&tr->lock);
	return err;
}
#endif

/* ------------------------------------------------------------------ the table */

/* Functions of the kernel and of programs by object and type. */
static u64 target_key(const struct bpf_attach_target *target)
{
	u64 obj = target->prog ? target->prog->aux->id : BIT_ULL(31) | btf_obj_id(target->btf);

	return obj << 32 | target->btf_id;
}

static struct bpf_trampoline *tramp_find(u64 key)
{
	struct bpf_trampoline *tr;

	hash_for_each_possible(tramp_table, tr, node, key) {
		if (tr->key == key)
			return tr;
	}
	return NULL;
}

static struct bpf_trampoline *tramp_new(const struct bpf_attach_target *target, u64 key)
{
	struct bpf_trampoline *tr = kzalloc(sizeof(*tr), GFP_KERNEL);

	if (!tr)
		return NULL;
	tr->key = key;
	tr->users = 1;
	tr->target = *target;
	mutex_init(&tr->lock);
	INIT_LIST_HEAD(&tr->old);
#ifdef CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS
	tr->ops.ops_func = share_site;
#endif
	if (tr->target.mod)
		__module_get(tr->target.mod);
	if (tr->target.prog)
		bpf_prog_inc(tr->target.prog);
	hash_add(tramp_table, &tr->node, key);
	return tr;
}

/**
 * bpf_trampoline_get - the trampoline of a function
 * @target: the function; it stays the caller's
 *
 * Context: process; may sleep.
 * Return: the trampoline with a reference; ERR_PTR(-ENOMEM).
 */
struct bpf_trampoline *bpf_trampoline_get(const struct bpf_attach_target *target)
{
	u64 key = target_key(target);
	struct bpf_trampoline *tr;

	mutex_lock(&tramp_table_lock);
	tr = tramp_find(key);
	if (tr)
		tr->users++;
	else
		tr = tramp_new(target, key);
	mutex_unlock(&tramp_table_lock);
	return tr ?: ERR_PTR(-ENOMEM);
}

/**
 * bpf_trampoline_put - drop a reference
 * @tr: trampoline; what the caller had attached is detached
 *
 * Context: process; may sleep.
 */
void bpf_trampoline_put(struct bpf_trampoline *tr)
{
	mutex_lock(&tramp_table_lock);
	if (--tr->users) {
		mutex_unlock(&tramp_table_lock);
		return;
	}
	hash_del(&tr->node);
	mutex_unlock(&tramp_table_lock);
	/* Its site could not be cleared: it is led here for ever. */
	if (WARN_ON_ONCE(tr->image))
		return;
	bpf_tramp_images_forget(&tr->old);
	bpf_attach_target_put(&tr->target);
	if (tr->target.prog)
		bpf_prog_put(tr->target.prog);
	kfree(tr);
}

/* ------------------------------------------------------------------ programs */

static int entry_find(const struct bpf_trampoline *tr, const struct bpf_prog *prog)
{
	u32 i;

	for (i = 0; i < tr->nr; i++) {
		if (tr->entries[i].prog == prog)
			return i;
	}
	return -ENOENT;
}

static void entry_insert(struct bpf_trampoline *tr, const struct tramp_entry *entry)
{
	u32 at = tr->nr;

	while (at && tr->entries[at - 1].kind > entry->kind) {
		tr->entries[at] = tr->entries[at - 1];
		at--;
	}
	tr->entries[at] = *entry;
	tr->nr++;
}

static void entry_remove(struct bpf_trampoline *tr, u32 at)
{
	tr->nr--;
	memmove(&tr->entries[at], &tr->entries[at + 1], (tr->nr - at) * sizeof(tr->entries[0]));
}

/**
 * bpf_trampoline_link - attach a program
 * @tr: trampoline
 * @prog: program; the caller keeps it until it is unlinked
 * @kind: when it runs
 * @cookie: its cookie
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY where it is attached already, where an extension stands in the function's
 * place, or something else uses its patch site; -E2BIG; what generating code or ftrace says.
 */
int bpf_trampoline_link(struct bpf_trampoline *tr, struct bpf_prog *prog,
			enum bpf_tramp_kind kind, u64 cookie)
{
	struct tramp_entry entry = { .prog = prog, .kind = kind, .cookie = cookie };
	int err;

	mutex_lock(&tr->lock);
	if (tr->ext || entry_find(tr, prog) >= 0) {
		err = -EBUSY;
	} else if (tr->nr == BPF_TRAMP_PROGS) {
		err = -E2BIG;
	} else {
		entry_insert(tr, &entry);
		err = tramp_renew(tr);
		if (err)
			entry_remove(tr, entry_find(tr, prog));
	}
	mutex_unlock(&tr->lock);
	return err;
}

/* Nothing is left to call. */
static void tramp_clear(struct bpf_trampoline *tr, struct bpf_prog *prog)
{
	if (WARN_ON_ONCE(site_clear(tr))) {
		bpf_tramp_image_skip(tr->image, prog);
		return;
	}
	bpf_tramp_image_retire(tr->image, &tr->old);
	tr->image = NULL;
}

/**
 * bpf_trampoline_unlink - detach a program
 * @tr: trampoline
 * @prog: program; runs that began before may still go on
 *
 * Context: process; may sleep. It cannot fail.
 */
void bpf_trampoline_unlink(struct bpf_trampoline *tr, struct bpf_prog *prog)
{
	int at;

	mutex_lock(&tr->lock);
	at = entry_find(tr, prog);
	if (!WARN_ON_ONCE(at < 0)) {
		entry_remove(tr, at);
		if (!tr->nr)
			tramp_clear(tr, prog);
		else if (tramp_renew(tr))
			bpf_tramp_image_skip(tr->image, prog);
		bpf_tramp_images_drop(&tr->old, prog);
	}
	mutex_unlock(&tr->lock);
}

/**
 * bpf_trampoline_swap - replace a program by another one in its place
 * @tr: trampoline
 * @old_prog: attached
 * @new_prog: not attached here
 *
 * Context: process; may sleep.
 * Return: 0; -ENOENT, -EBUSY; as bpf_trampoline_link(), with @old_prog in place as before.
 */
int bpf_trampoline_swap(struct bpf_trampoline *tr, struct bpf_prog *old_prog,
			struct bpf_prog *new_prog)
{
	int at, err = -EBUSY;

	mutex_lock(&tr->lock);
	at = entry_find(tr, old_prog);
	if (at < 0) {
		err = -ENOENT;
	} else if (entry_find(tr, new_prog) < 0) {
		tr->entries[at].prog = new_prog;
		err = tramp_renew(tr);
		if (err)
			tr->entries[at].prog = old_prog;
		else
			bpf_tramp_images_drop(&tr->old, old_prog);
	}
	mutex_unlock(&tr->lock);
	return err;
}

/*
 * A program that an extension's tail call goes to returns to the caller of the function extended.
 * Where that may throw its caller expects to be told whether it did, which the program does not do.
 */
static bool tells_of_exceptions(const struct bpf_attach_target *target)
{
	const struct bpf_func_info_aux *info = target->prog->aux->func_info_aux;

	return info && info[target->subprog].throws;
}

/**
 * bpf_trampoline_replace - put an extension in the place of a program's function
 * @tr: trampoline of the function
 * @ext: the extension; the caller keeps it until it is restored
 *
 * Context: process; may sleep.
 * Return: 0; -EBUSY where the function is extended or traced, or its program is the target of tail
 * calls and @ext makes some; -EINVAL where the function may throw and @ext makes tail calls; what
 * patching says.
 */
int bpf_trampoline_replace(struct bpf_trampoline *tr, struct bpf_prog *ext)
{
	int err = -EBUSY;

	if (ext->aux->tail_call_reachable && tells_of_exceptions(&tr->target))
		return -EINVAL;
	if (ext->aux->tail_call_reachable &&
	    !bpf_prog_tail_claim(tr->target.prog, BPF_PROG_TAIL_EXTENDED))
		return -EBUSY;
	mutex_lock(&tr->lock);
	if (!tr->ext && !tr->nr && !tr->image) {
		err = bpf_arch_text_poke((void *)tr->target.addr, BPF_MOD_JUMP, NULL,
					 (void *)ext->bpf_func);
		if (!err)
			tr->ext = ext;
	}
	mutex_unlock(&tr->lock);
	return err;
}

/**
 * bpf_trampoline_restore - take an extension away again
 * @tr: trampoline
 * @ext: the extension
 *
 * Context: process; may sleep. It cannot fail.
 */
void bpf_trampoline_restore(struct bpf_trampoline *tr, struct bpf_prog *ext)
{
	mutex_lock(&tr->lock);
	if (!WARN_ON_ONCE(tr->ext != ext)) {
		WARN_ON_ONCE(bpf_arch_text_poke((void *)tr->target.addr, BPF_MOD_JUMP,
						(void *)ext->bpf_func, NULL));
		tr->ext = NULL;
	}
	mutex_unlock(&tr->lock);
}
