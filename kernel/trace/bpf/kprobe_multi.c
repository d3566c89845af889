// SPDX-License-Identifier: GPL-2.0
/*
 * Links of one program to the entry, the return, or both of many kernel functions, by ftrace.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/bsearch.h>
#include <linux/cred.h>
#include <linux/err.h>
#include <linux/error-injection.h>
#include <linux/fprobe.h>
#include <linux/ftrace.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "attach/attach.h"
#include "exec/exec.h"
#include "multi.h"

/**
 * struct kprobe_site - one function
 * @ip: its patch site, as ftrace gives it to the handler; sites are sorted by it
 * @addr: its address, as users know it
 * @cookie: for bpf_get_attach_cookie()
 */
struct kprobe_site {
	unsigned long ip;
	unsigned long addr;
	u64 cookie;
};

/**
 * struct kprobe_multi - a link
 * @link: common part
 * @fp: the probes
 * @flags: BPF_F_KPROBE_MULTI_*
 * @cnt: functions
 * @sites: the functions
 * @mods: modules that they are in, with a reference each
 * @nr_mods: how many
 */
struct kprobe_multi {
	struct bpf_link link;
	struct fprobe fp;
	u32 flags;
	u32 cnt;
	struct kprobe_site *sites;
	struct module **mods;
	u32 nr_mods;
};

/* ------------------------------------------------------------------ running */

static int site_cmp(const void *a, const void *b)
{
	const struct kprobe_site *x = a, *y = b;

	return x->ip < y->ip ? -1 : x->ip > y->ip;
}

static const struct kprobe_site *site_find(const struct kprobe_multi *km, unsigned long ip)
{
	struct kprobe_site key = { .ip = ip };

	return bsearch(&key, km->sites, km->cnt, sizeof(key), site_cmp);
}

static u32 kprobe_multi_run(struct kprobe_multi *km, unsigned long ip, struct pt_regs *regs,
			    void *data, bool is_return)
{
	const struct kprobe_site *site = site_find(km, ip);
	struct bpf_multi_run_ctx ctx = {
		.run.bpf_cookie = site ? site->cookie : 0,
		.func_ip = site ? site->addr : ip,
		.data = data,
		.is_return = is_return,
	};
	struct bpf_run_ctx *old;
	u32 ret = 0;

	if (unlikely(__this_cpu_inc_return(bpf_prog_active) != 1)) {
		bpf_prog_inc_misses(km->link.prog);
		goto out;
	}
	migrate_disable();
	rcu_read_lock();
	old = bpf_set_run_ctx(&ctx.run.run_ctx);
	ret = bpf_prog_run(km->link.prog, regs);
	bpf_reset_run_ctx(old);
	rcu_read_unlock();
	migrate_enable();
out:
	__this_cpu_dec(bpf_prog_active);
	return ret;
}

static bool is_session(const struct bpf_prog *prog)
{
	return prog->expected_attach_type == BPF_TRACE_KPROBE_SESSION;
}

/* A session's program says with its result whether it wants to see the return. */
static int on_entry(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
		    struct pt_regs *regs, void *data)
{
	struct kprobe_multi *km = container_of(fp, struct kprobe_multi, fp);
	u32 ret;

	/* nodes are used again: what an earlier call left in it is not this one's */
	if (data)
		*(u64 *)data = 0;
	ret = kprobe_multi_run(km, ip, regs, data, false);
	return is_session(km->link.prog) ? ret : 0;
}

static void on_return(struct fprobe *fp, unsigned long ip, unsigned long ret_ip,
		      struct pt_regs *regs, void *data)
{
	struct kprobe_multi *km = container_of(fp, struct kprobe_multi, fp);

	kprobe_multi_run(km, ip, regs, data, true);
}

/* ------------------------------------------------------------------ the link */

static void kprobe_multi_free(struct kprobe_multi *km)
{
	u32 i;

	for (i = 0; i < km->nr_mods; i++)
		module_put(km->mods[i]);
	kfree(km->mods);
	kvfree(km->sites);
	kfree(km);
}

static void kprobe_multi_release(struct bpf_link *link)
{
	unregister_fprobe(&container_of(link, struct kprobe_multi, link)->fp);
}

static void kprobe_multi_dealloc(struct bpf_link *link)
{
	kprobe_multi_free(container_of(link, struct kprobe_multi, link));
}

/* One column of the sites for user space. */
static int copy_column(const struct kprobe_multi *km, u64 to, u32 room, bool cookies)
{
	bool hide = !cookies && !kallsyms_show_value(current_cred());
	u64 __user *out = u64_to_user_ptr(to);
	u32 i, n = min(room, km->cnt);

	for (i = 0; i < n; i++) {
		if (put_user(cookies ? km->sites[i].cookie : hide ? 0 : (u64)km->sites[i].addr,
			     &out[i]))
			return -EFAULT;
	}
	return n < km->cnt ? -ENOSPC : 0;
}

static int kprobe_multi_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	const struct kprobe_multi *km = container_of(link, struct kprobe_multi, link);
	u32 room = info->kprobe_multi.count;
	int err = 0;

	if (!info->kprobe_multi.addrs != !room || (info->kprobe_multi.cookies && !room))
		return -EINVAL;
	info->kprobe_multi.count = km->cnt;
	info->kprobe_multi.flags = km->flags;
	info->kprobe_multi.missed = km->fp.nmissed;
	if (info->kprobe_multi.cookies)
		err = copy_column(km, info->kprobe_multi.cookies, room, true);
	if ((!err || err == -ENOSPC) && info->kprobe_multi.addrs)
		err = copy_column(km, info->kprobe_multi.addrs, room, false);
	return err;
}

static const struct bpf_link_ops kprobe_multi_ops = {
	.release = kprobe_multi_release,
	.dealloc_deferred = kprobe_multi_dealloc,
	.fill_link_info = kprobe_multi_fill_info,
};

/* ------------------------------------------------------------------ which functions */

/* A name with what belongs to it, while names are sorted for the look-up. */
struct named {
	char *name;
	u64 cookie;
};

static int named_cmp(const void *a, const void *b)
{
	return strcmp(((const struct named *)a)->name, ((const struct named *)b)->name);
}

static int get_names(struct named *named, u64 from, const u64 *cookies, u32 cnt)
{
	unsigned long __user *ptrs = u64_to_user_ptr(from);
	unsigned long ptr;
	u32 i;

	for (i = 0; i < cnt; i++) {
		if (get_user(ptr, &ptrs[i]))
			return -EFAULT;
		named[i].name = strndup_user((const char __user *)ptr, KSYM_NAME_LEN);
		if (IS_ERR(named[i].name)) {
			int err = PTR_ERR(named[i].name);

			named[i].name = NULL;
			return err;
		}
		named[i].cookie = cookies ? cookies[i] : 0;
		cond_resched();
	}
	return 0;
}

static int look_up(struct kprobe_site *sites, const struct named *named, u32 cnt)
{
	const char **names = kvmalloc_array(cnt, sizeof(*names), GFP_KERNEL);
	unsigned long *addrs = kvmalloc_array(cnt, sizeof(*addrs), GFP_KERNEL);
	int err = -ENOMEM;
	u32 i;

	if (!names || !addrs)
		goto out;
	for (i = 0; i < cnt; i++)
		names[i] = named[i].name;
	err = ftrace_lookup_symbols(names, cnt, addrs);
	for (i = 0; !err && i < cnt; i++) {
		sites[i].addr = addrs[i];
		sites[i].cookie = named[i].cookie;
	}
out:
	kvfree(addrs);
	kvfree(names);
	return err;
}

static int sites_by_name(struct kprobe_site *sites, u64 from, const u64 *cookies, u32 cnt)
{
	struct named *named = kvcalloc(cnt, sizeof(*named), GFP_KERNEL);
	int err;
	u32 i;

	if (!named)
		return -ENOMEM;
	err = get_names(named, from, cookies, cnt);
	if (!err) {
		sort(named, cnt, sizeof(*named), named_cmp, NULL);
		err = look_up(sites, named, cnt);
	}
	for (i = 0; i < cnt; i++)
		kfree(named[i].name);
	kvfree(named);
	return err;
}

static int sites_by_addr(struct kprobe_site *sites, u64 from, const u64 *cookies, u32 cnt)
{
	u64 *addrs = bpf_multi_get(from, cnt);
	u32 i;

	if (IS_ERR(addrs))
		return PTR_ERR(addrs);
	for (i = 0; i < cnt; i++) {
		sites[i].addr = addrs[i];
		sites[i].cookie = cookies ? cookies[i] : 0;
	}
	kvfree(addrs);
	return 0;
}

static bool error_may_be_injected(const struct kprobe_multi *km)
{
	u32 i;

	for (i = 0; i < km->cnt; i++) {
		if (!within_error_injection_list(km->sites[i].addr))
			return false;
	}
	return true;
}

static int sites_finish(struct kprobe_multi *km)
{
	u32 i;

	for (i = 0; i < km->cnt; i++) {
		km->sites[i].ip = ftrace_location(km->sites[i].addr);
		if (!km->sites[i].ip)
			return -EINVAL;
	}
	sort(km->sites, km->cnt, sizeof(*km->sites), site_cmp, NULL);
	return 0;
}

static int sites_get(struct kprobe_multi *km, const union bpf_attr *attr)
{
	u64 syms = attr->link_create.kprobe_multi.syms;
	u64 addrs = attr->link_create.kprobe_multi.addrs;
	u64 *cookies = NULL;
	int err;

	if (!addrs == !syms)
		return -EINVAL;
	if (attr->link_create.kprobe_multi.cookies) {
		cookies = bpf_multi_get(attr->link_create.kprobe_multi.cookies, km->cnt);
		if (IS_ERR(cookies))
			return PTR_ERR(cookies);
	}
	km->sites = kvcalloc(km->cnt, sizeof(*km->sites), GFP_KERNEL_ACCOUNT);
	err = -ENOMEM;
	if (km->sites)
		err = syms ? sites_by_name(km->sites, syms, cookies, km->cnt) :
		      sites_by_addr(km->sites, addrs, cookies, km->cnt);
	kvfree(cookies);
	return err ?: sites_finish(km);
}

static int mods_add(struct kprobe_multi *km, struct module *mod)
{
	struct module **mods;

	mods = krealloc_array(km->mods, km->nr_mods + 1, sizeof(*mods),
			      GFP_KERNEL_ACCOUNT);
	if (!mods) {
		module_put(mod);
		return -ENOMEM;
	}
	km->mods = mods;
	mods[km->nr_mods++] = mod;
	return 0;
}

/* Sites are sorted, so that those of a module follow each other. */
static int mods_get(struct kprobe_multi *km)
{
	struct module *mod, *last = NULL;
	int err = 0;
	u32 i;

	for (i = 0; i < km->cnt && !err; i++) {
		preempt_disable();
		mod = __module_address(km->sites[i].addr);
		if (mod == last)
			mod = NULL;
		else if (mod && !try_module_get(mod))
			err = -EINVAL;
		preempt_enable();
		if (mod && !err) {
			err = mods_add(km, mod);
			last = mod;
		}
	}
	return err;
}

/* ------------------------------------------------------------------ attaching */

static int probes_register(struct kprobe_multi *km)
{
	bool session = is_session(km->link.prog);
	unsigned long *ips;
	int err;
	u32 i;

	ips = kvmalloc_array(km->cnt, sizeof(*ips), GFP_KERNEL);
	if (!ips)
		return -ENOMEM;
	for (i = 0; i < km->cnt; i++)
		ips[i] = km->sites[i].ip;
	if (!(km->flags & BPF_F_KPROBE_MULTI_RETURN))
		km->fp.entry_handler = on_entry;
	if (km->flags & BPF_F_KPROBE_MULTI_RETURN || session)
		km->fp.exit_handler = on_return;
	if (session)
		km->fp.entry_data_size = sizeof(u64);
	err = register_fprobe_ips(&km->fp, ips, km->cnt);
	kvfree(ips);
	return err;
}

static int check_attr(const union bpf_attr *attr, const struct bpf_prog *prog)
{
	u32 cnt = attr->link_create.kprobe_multi.cnt, flags = attr->link_create.kprobe_multi.flags;

	if (attr->link_create.flags || prog->sleepable || flags & ~BPF_F_KPROBE_MULTI_RETURN ||
	    (flags && is_session(prog)) || !cnt)
		return -EINVAL;
	return cnt > BPF_MULTI_MAX ? -E2BIG : 0;
}

static int kprobe_multi_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct bpf_link_primer primer;
	struct kprobe_multi *km;
	int err;

	err = check_attr(attr, prog);
	if (err)
		return err;
	km = kzalloc(sizeof(*km), GFP_KERNEL_ACCOUNT);
	if (!km)
		return -ENOMEM;
	km->cnt = attr->link_create.kprobe_multi.cnt;
	km->flags = attr->link_create.kprobe_multi.flags;
	err = sites_get(km, attr);
	if (!err)
		err = mods_get(km);
	if (!err && prog->kprobe_override && !error_may_be_injected(km))
		err = -EINVAL;
	bpf_link_init(&km->link, BPF_LINK_TYPE_KPROBE_MULTI, &kprobe_multi_ops, prog);
	if (!err)
		err = bpf_link_prime(&km->link, &primer);
	if (err) {
		kprobe_multi_free(km);
		return err;
	}
	err = probes_register(km);
	if (err) {
		bpf_link_cleanup(&primer);
		return err;
	}
	return bpf_link_settle(&primer);
}

const struct bpf_attach_ops bpf_kprobe_multi_attach_ops = {
	.link_create = kprobe_multi_link_create,
};
