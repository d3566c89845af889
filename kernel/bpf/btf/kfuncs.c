// SPDX-License-Identifier: GPL-2.0
/*
 * Kernel functions that programs may call, by id; functions whose return value programs may
 * replace; destructors of types that maps may hold.
 *
 * The sets themselves stand in the .BTF_ids sections of vmlinux and modules, sorted by the build.
 * vmlinux' sets are registered before its BTF has been read, so they are kept apart from it.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/bsearch.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/kallsyms.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

#include "btf/btf.h"
#include "btf/internal.h"
#include "btf/kfuncs.h"

#define SETS_MAX 64
#define DTORS_MAX 64

/* BPF_PROG_TYPE_UNSPEC: for all types; KFUNC_FMODRET: not callable, return values replaceable. */
#define KFUNC_FMODRET ((u32)-1)

struct kfunc_set {
	u32 prog_type;
	const struct btf_id_set8 *set;
	btf_kfunc_filter_t filter;
};

struct btf_kfunc_tab {
	u32 cnt;
	struct kfunc_set sets[SETS_MAX];
};

struct btf_dtor_tab {
	u32 cnt;
	struct btf_id_dtor_kfunc dtors[DTORS_MAX];
};

/* Writers; readers see a count that covers what was written before it. */
static DEFINE_MUTEX(kfunc_lock);
static struct btf_kfunc_tab vmlinux_kfuncs;
static struct btf_dtor_tab vmlinux_dtors;

/* Program types that share the sets of another one. */
static u32 kfunc_class(u32 type)
{
	switch (type) {
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_LSM:
		return BPF_PROG_TYPE_TRACING;
	case BPF_PROG_TYPE_CGROUP_SOCK:
	case BPF_PROG_TYPE_CGROUP_SOCK_ADDR:
	case BPF_PROG_TYPE_CGROUP_SOCKOPT:
	case BPF_PROG_TYPE_CGROUP_SYSCTL:
	case BPF_PROG_TYPE_CGROUP_DEVICE:
	case BPF_PROG_TYPE_SOCK_OPS:
		return BPF_PROG_TYPE_CGROUP_SKB;
	case BPF_PROG_TYPE_LWT_IN:
	case BPF_PROG_TYPE_LWT_OUT:
	case BPF_PROG_TYPE_LWT_SEG6LOCAL:
		return BPF_PROG_TYPE_LWT_XMIT;
	default:
		return type;
	}
}

static int tab_add(struct btf_kfunc_tab *tab, u32 type, const struct btf_kfunc_id_set *kset)
{
	struct kfunc_set *s;

	if (!kset->set->cnt)
		return 0;
	if (tab->cnt == SETS_MAX)
		return -E2BIG;
	s = &tab->sets[tab->cnt];
	s->prog_type = type == KFUNC_FMODRET ? type : kfunc_class(type);
	s->set = kset->set;
	s->filter = kset->filter;
	smp_store_release(&tab->cnt, tab->cnt + 1);	/* the set is filled in */
	return 0;
}

static int register_set(u32 type, const struct btf_kfunc_id_set *kset)
{
	struct btf *btf;
	int err = 0;

	mutex_lock(&kfunc_lock);
	if (!kset->owner) {
		err = tab_add(&vmlinux_kfuncs, type, kset);
		goto unlock;
	}
	btf = btf_of_module(kset->owner);
	/* without BTF nobody can name the functions */
	if (!btf)
		goto unlock;
	if (!btf->kfunc_tab) {
		struct btf_kfunc_tab *tab = kzalloc(sizeof(*tab), GFP_KERNEL);

		if (tab)
			smp_store_release(&btf->kfunc_tab, tab);	/* empty, but whole */
	}
	err = btf->kfunc_tab ? tab_add(btf->kfunc_tab, type, kset) : -ENOMEM;
	btf_put(btf);
unlock:
	mutex_unlock(&kfunc_lock);
	return err;
}

/**
 * register_btf_kfunc_id_set - let programs of a type call functions
 * @prog_type: the type, with those that share its sets; BPF_PROG_TYPE_UNSPEC: all
 * @kset: the functions; stays in place as long as its owner
 *
 * Context: process context, may sleep; initcalls.
 * Return: 0, -EINVAL for a set that was not made by BTF_KFUNCS_START(), -E2BIG, -ENOMEM.
 */
int register_btf_kfunc_id_set(enum bpf_prog_type prog_type, const struct btf_kfunc_id_set *kset)
{
	/* resolve_btfids did not see it, or it is another kind of set */
	if (!(kset->set->flags & BTF_SET8_KFUNCS) && kset->set->cnt)
		return -EINVAL;
	return register_set(prog_type, kset);
}
EXPORT_SYMBOL_GPL(register_btf_kfunc_id_set);

/**
 * register_btf_fmodret_id_set - let programs replace the return values of functions
 * @kset: the functions
 *
 * Context: process context, may sleep; initcalls. Return: 0, -E2BIG, -ENOMEM.
 */
int register_btf_fmodret_id_set(const struct btf_kfunc_id_set *kset)
{
	return register_set(KFUNC_FMODRET, kset);
}
EXPORT_SYMBOL_GPL(register_btf_fmodret_id_set);

static int pair_cmp(const void *key, const void *pair)
{
	u32 a = *(const u32 *)key, b = *(const u32 *)pair;

	return a < b ? -1 : a > b;
}

/* The flags stand behind the id in the pair. */
static const u32 *set_find(const struct btf_id_set8 *set, u32 id)
{
	const u32 *pair = bsearch(&id, set->pairs, set->cnt, sizeof(set->pairs[0]), pair_cmp);

	return pair ? pair + 1 : NULL;
}

static const u32 *tab_find(const struct btf_kfunc_tab *tab, u32 id, u32 type,
			   const struct bpf_prog *prog)
{
	u32 i, cnt = smp_load_acquire(&tab->cnt);	/* sets below it are filled in */
	const u32 *flags;

	for (i = 0; i < cnt; i++) {
		const struct kfunc_set *s = &tab->sets[i];

		if (s->prog_type != type &&
		    (s->prog_type != BPF_PROG_TYPE_UNSPEC || type == KFUNC_FMODRET))
			continue;
		flags = set_find(s->set, id);
		if (flags && (!s->filter || !prog || !s->filter(prog, id)))
			return flags;
	}
	return NULL;
}

static const struct btf_kfunc_tab *tab_of(const struct btf *btf)
{
	/* released once it is whole */
	return btf->base ? smp_load_acquire(&btf->kfunc_tab) : &vmlinux_kfuncs;
}

const u32 *btf_kfunc_flags(const struct btf *btf, u32 id, const struct bpf_prog *prog)
{
	const struct btf_kfunc_tab *tab = tab_of(btf);
	u32 type = prog->type;

	if (type == BPF_PROG_TYPE_EXT && prog->aux->dst_prog)
		type = prog->aux->dst_prog->type;
	return tab ? tab_find(tab, id, kfunc_class(type), prog) : NULL;
}

/**
 * btf_is_fmodret - may programs replace what a function returns
 * @btf: vmlinux' or a module's BTF
 * @id: FUNC
 *
 * Context: any. Return: true if its owner registered it so.
 */
bool btf_is_fmodret(const struct btf *btf, u32 id)
{
	const struct btf_kfunc_tab *tab = tab_of(btf);

	return tab && tab_find(tab, id, KFUNC_FMODRET, NULL);
}

/**
 * btf_is_fmodret_sleepable - may programs that replace what a function returns sleep
 * @btf: vmlinux' or a module's BTF
 * @id: FUNC
 *
 * Context: any. Return: true if its owner registered it so.
 */
bool btf_is_fmodret_sleepable(const struct btf *btf, u32 id)
{
	const struct btf_kfunc_tab *tab = tab_of(btf);
	const u32 *flags = tab ? tab_find(tab, id, KFUNC_FMODRET, NULL) : NULL;

	return flags && *flags & KF_SLEEPABLE;
}

/* ------------------------------------------------------------------ destructors */

static int dtors_add(struct btf_dtor_tab *tab, const struct btf_id_dtor_kfunc *dtors, u32 cnt)
{
	if (cnt > DTORS_MAX - tab->cnt)
		return -E2BIG;
	memcpy(&tab->dtors[tab->cnt], dtors, cnt * sizeof(*dtors));
	smp_store_release(&tab->cnt, tab->cnt + cnt);	/* the rows are filled in */
	return 0;
}

/**
 * register_btf_id_dtor_kfuncs - types that maps may hold references to
 * @dtors: type and function that drops a reference, each by id
 * @add_cnt: how many
 * @owner: module, or NULL for vmlinux
 *
 * Context: process context, may sleep; initcalls. Return: 0, -E2BIG, -ENOMEM.
 */
int register_btf_id_dtor_kfuncs(const struct btf_id_dtor_kfunc *dtors, u32 add_cnt,
				struct module *owner)
{
	struct btf *btf;
	int err = 0;

	mutex_lock(&kfunc_lock);
	if (!owner) {
		err = dtors_add(&vmlinux_dtors, dtors, add_cnt);
		goto unlock;
	}
	btf = btf_of_module(owner);
	if (!btf)
		goto unlock;
	if (!btf->dtor_tab)
		btf->dtor_tab = kzalloc(sizeof(*btf->dtor_tab), GFP_KERNEL);
	err = btf->dtor_tab ? dtors_add(btf->dtor_tab, dtors, add_cnt) : -ENOMEM;
	btf_put(btf);
unlock:
	mutex_unlock(&kfunc_lock);
	return err;
}
EXPORT_SYMBOL_GPL(register_btf_id_dtor_kfuncs);

void *btf_kptr_dtor(const struct btf *btf, u32 id)
{
	const struct btf_dtor_tab *tab = btf->base ? btf->dtor_tab : &vmlinux_dtors;
	const struct btf_type *func;
	u32 i, cnt;

	if (!tab)
		return NULL;
	cnt = smp_load_acquire(&tab->cnt);	/* rows below it are filled in */
	for (i = 0; i < cnt; i++) {
		if (tab->dtors[i].btf_id != id)
			continue;
		func = btf_type_by_id(btf, tab->dtors[i].kfunc_btf_id);
		if (!func || !btf_type_is_func(func))
			return NULL;
		return (void *)kallsyms_lookup_name(btf_type_name(btf, func));
	}
	return NULL;
}

/* Frees what registration left on an object. */
void btf_kfuncs_free(struct btf *btf)
{
	kfree(btf->kfunc_tab);
	kfree(btf->dtor_tab);
}
