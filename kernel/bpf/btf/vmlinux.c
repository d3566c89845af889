// SPDX-License-Identifier: GPL-2.0
/*
 * BTF of the kernel itself and of its modules. vmlinux' is read at first use, a module's when it is
 * loaded; both are in /sys/kernel/btf.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/notifier.h>
#include <linux/slab.h>
#include <linux/sysfs.h>

#include "btf/btf.h"
#include "btf/ids.h"
#include "btf/internal.h"
#include "btf/kfuncs.h"

extern char __start_BTF[];
extern char __stop_BTF[];

static DEFINE_MUTEX(vmlinux_lock);
static struct btf *vmlinux_btf;	/* set once; ERR_PTR where it could not be read */

static struct btf *vmlinux_parse(void)
{
	size_t size = __stop_BTF - __start_BTF;
	struct btf *btf;
	int err;

	if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF) || !size)
		return NULL;
	btf = btf_parse_trusted(NULL, __start_BTF, size, "vmlinux");
	if (IS_ERR(btf))
		return btf;
	err = btf_id_add(btf);
	if (err) {
		btf_free(btf);
		return ERR_PTR(err);
	}
	return btf;
}

/**
 * bpf_get_btf_vmlinux - BTF of the kernel
 *
 * Context: process context, may sleep.
 * Return: the object, which is never freed (no reference taken); NULL where the kernel was built
 * without BTF; ERR_PTR where it cannot be read.
 */
struct btf *bpf_get_btf_vmlinux(void)
{
	struct btf *btf = smp_load_acquire(&vmlinux_btf);	/* released once parsed */

	if (btf)
		return btf;
	mutex_lock(&vmlinux_lock);
	btf = vmlinux_btf;
	if (!btf) {
		btf = vmlinux_parse();
		/* memory may be there next time */
		if (btf != ERR_PTR(-ENOMEM))
			smp_store_release(&vmlinux_btf, btf);	/* parsed */
	}
	mutex_unlock(&vmlinux_lock);
	return btf;
}

/* Tools expect it among the objects, as the first, before anyone has asked for it. */
/* What only programs use, but find in the kernel's types: they are compiled against those. */
static void __init btf_emit_program_types(void)
{
	BTF_TYPE_EMIT(struct bpf_cgroup_dev_ctx);
	BTF_TYPE_EMIT(struct bpf_cgroup_storage_key);
	BTF_TYPE_EMIT(struct bpf_list_head);
	BTF_TYPE_EMIT(struct bpf_list_node);
	BTF_TYPE_EMIT(struct bpf_lpm_trie_key);
	BTF_TYPE_EMIT(struct bpf_raw_tracepoint_args);
	BTF_TYPE_EMIT(struct bpf_rb_node);
	BTF_TYPE_EMIT(struct bpf_rb_root);
	BTF_TYPE_EMIT(struct bpf_refcount);
	BTF_TYPE_EMIT(struct bpf_sock_addr);
	BTF_TYPE_EMIT(struct bpf_sock_ops);
	BTF_TYPE_EMIT(struct bpf_sockopt);
	BTF_TYPE_EMIT(struct bpf_sysctl);
	BTF_TYPE_EMIT(struct bpf_timer);
	BTF_TYPE_EMIT(struct bpf_wq);
	BTF_TYPE_EMIT(struct sk_msg_md);
}

static int __init btf_vmlinux_init(void)
{
	btf_emit_program_types();
	return PTR_ERR_OR_ZERO(bpf_get_btf_vmlinux());
}
late_initcall(btf_vmlinux_init);

/* ------------------------------------------------------------------ sysfs */

static struct kobject *btf_kobj;

static ssize_t btf_sysfs_read(struct file *file, struct kobject *kobj, struct bin_attribute *attr,
			      char *buf, loff_t off, size_t len)
{
	memcpy(buf, attr->private + off, len);
	return len;
}

static struct bin_attribute vmlinux_attr __ro_after_init = {
	.attr = { .name = "vmlinux", .mode = 0444 },
	.read = btf_sysfs_read,
};

static int __init btf_sysfs_init(void)
{
	vmlinux_attr.size = __stop_BTF - __start_BTF;
	if (!IS_ENABLED(CONFIG_DEBUG_INFO_BTF) || !vmlinux_attr.size)
		return 0;
	vmlinux_attr.private = __start_BTF;
	btf_kobj = kobject_create_and_add("btf", kernel_kobj);
	if (!btf_kobj)
		return -ENOMEM;
	return sysfs_create_bin_file(btf_kobj, &vmlinux_attr);
}
subsys_initcall(btf_sysfs_init);

/* ------------------------------------------------------------------ modules */

#ifdef CONFIG_DEBUG_INFO_BTF_MODULES

/*
 * struct btf_module - BTF of a module that is loaded
 * @live: the module has been initialised; before, its ids are not handed out
 */
struct btf_module {
	struct list_head list;
	struct module *module;
	struct btf *btf;
	struct bin_attribute *attr;
	bool live;
};

static LIST_HEAD(btf_modules);
static DEFINE_MUTEX(btf_modules_lock);

static void btf_module_free(struct btf_module *m)
{
	if (m->attr) {
		sysfs_remove_bin_file(btf_kobj, m->attr);
		kfree(m->attr->attr.name);
		kfree(m->attr);
	}
	btf_put(m->btf);
	kfree(m);
}

static int btf_module_add_sysfs(struct btf_module *m)
{
	struct bin_attribute *attr;
	int err;

	attr = kzalloc(sizeof(*attr), GFP_KERNEL);
	if (!attr)
		return -ENOMEM;
	sysfs_bin_attr_init(attr);
	attr->attr.name = kstrdup(m->module->name, GFP_KERNEL);
	attr->attr.mode = 0444;
	attr->size = m->btf->data_size;
	attr->private = m->btf->data;
	attr->read = btf_sysfs_read;
	err = attr->attr.name ? sysfs_create_bin_file(btf_kobj, attr) : -ENOMEM;
	if (err) {
		kfree(attr->attr.name);
		kfree(attr);
		return err;
	}
	m->attr = attr;
	return 0;
}

/* The module's memory goes when it goes; a program may hold its BTF longer: keep a copy. */
static struct btf *btf_module_parse(struct module *mod)
{
	struct btf *vmlinux = bpf_get_btf_vmlinux(), *btf;
	void *data;

	if (IS_ERR_OR_NULL(vmlinux))
		return vmlinux ?: ERR_PTR(-ENOENT);
	/* ids of a distilled base say nothing about vmlinux' */
	if (mod->btf_base_data_size)
		return ERR_PTR(-EOPNOTSUPP);
	data = kvmemdup(mod->btf_data, mod->btf_data_size, GFP_KERNEL | __GFP_NOWARN);
	if (!data)
		return ERR_PTR(-ENOMEM);
	btf = btf_parse_trusted(vmlinux, data, mod->btf_data_size, mod->name);
	if (IS_ERR(btf)) {
		kvfree(data);
		return btf;
	}
	btf->owns_data = true;
	btf->module = mod;
	return btf;
}

static int btf_module_coming(struct module *mod)
{
	struct btf_module *m;
	int err;

	if (!mod->btf_data_size)
		return 0;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->module = mod;
	m->btf = btf_module_parse(mod);
	if (IS_ERR(m->btf)) {
		err = PTR_ERR(m->btf);
		kfree(m);
		pr_warn("bpf: BTF of module %s is not usable: %d\n", mod->name, err);
		return IS_ENABLED(CONFIG_MODULE_ALLOW_BTF_MISMATCH) ? 0 : err;
	}
	err = btf_id_add(m->btf);
	if (!err)
		err = btf_module_add_sysfs(m);
	if (err) {
		btf_module_free(m);
		return err;
	}
	mutex_lock(&btf_modules_lock);
	list_add(&m->list, &btf_modules);
	mutex_unlock(&btf_modules_lock);
	return 0;
}

static struct btf_module *btf_module_of(const struct module *mod)
{
	struct btf_module *m;

	list_for_each_entry(m, &btf_modules, list)
		if (m->module == mod)
			return m;
	return NULL;
}

static int btf_module_notify(struct notifier_block *nb, unsigned long op, void *data)
{
	struct btf_module *m;
	int err = 0;

	switch (op) {
	case MODULE_STATE_COMING:
		err = btf_module_coming(data);
		break;
	case MODULE_STATE_LIVE:
	case MODULE_STATE_GOING:
		mutex_lock(&btf_modules_lock);
		m = btf_module_of(data);
		if (m && op == MODULE_STATE_LIVE)
			m->live = true;
		else if (m)
			list_del(&m->list);
		mutex_unlock(&btf_modules_lock);
		if (m && op == MODULE_STATE_GOING)
			btf_module_free(m);
		break;
	}
	return notifier_from_errno(err);
}

static struct notifier_block btf_module_nb = { .notifier_call = btf_module_notify };

static int __init btf_module_init(void)
{
	return register_module_notifier(&btf_module_nb);
}
fs_initcall(btf_module_init);

/**
 * btf_try_get_module - keep the module of a BTF object
 * @btf: any object
 *
 * Context: process context.
 * Return: the module with a reference; NULL where it is none's, or it is going.
 */
struct module *btf_try_get_module(const struct btf *btf)
{
	struct module *res = NULL;
	struct btf_module *m;

	mutex_lock(&btf_modules_lock);
	list_for_each_entry(m, &btf_modules, list)
		if (m->btf == btf && m->live && try_module_get(m->module))
			res = m->module;
	mutex_unlock(&btf_modules_lock);
	return res;
}

/**
 * btf_of_module - BTF of a module
 * @mod: module, live or coming
 *
 * Context: process context. Return: the object with a reference, or NULL.
 */
struct btf *btf_of_module(const struct module *mod)
{
	struct btf *btf = NULL;
	struct btf_module *m;

	mutex_lock(&btf_modules_lock);
	m = btf_module_of(mod);
	if (m) {
		btf_get(m->btf);
		btf = m->btf;
	}
	mutex_unlock(&btf_modules_lock);
	return btf;
}

int btf_each_module(int (*fn)(struct btf *btf, void *arg), void *arg)
{
	struct btf_module *m;
	int err = 0;

	mutex_lock(&btf_modules_lock);
	list_for_each_entry(m, &btf_modules, list) {
		err = m->live ? fn(m->btf, arg) : 0;
		if (err)
			break;
	}
	mutex_unlock(&btf_modules_lock);
	return err;
}

static s32 btf_find_in_modules(const char *name, u32 kind, struct btf **btf_p)
{
	struct btf_module *m;
	s32 id = -ENOENT;

	mutex_lock(&btf_modules_lock);
	list_for_each_entry(m, &btf_modules, list) {
		id = m->live ? btf_find_own(m->btf, name, kind) : -ENOENT;
		if (id > 0) {
			btf_get(m->btf);
			*btf_p = m->btf;
			break;
		}
	}
	mutex_unlock(&btf_modules_lock);
	return id;
}

#else /* !CONFIG_DEBUG_INFO_BTF_MODULES */

struct module *btf_try_get_module(const struct btf *btf)
{
	return NULL;
}

struct btf *btf_of_module(const struct module *mod)
{
	return NULL;
}

int btf_each_module(int (*fn)(struct btf *btf, void *arg), void *arg)
{
	return 0;
}

static s32 btf_find_in_modules(const char *name, u32 kind, struct btf **btf_p)
{
	return -ENOENT;
}

#endif

/**
 * bpf_find_btf_id - a type of the kernel or of a module
 * @name: name
 * @kind: BTF_KIND_*
 * @btf_p: gets the object with a reference where an id is returned
 *
 * Context: process context, may sleep. Return: the id, or -ENOENT, -EINVAL without BTF.
 */
s32 bpf_find_btf_id(const char *name, u32 kind, struct btf **btf_p)
{
	struct btf *btf = bpf_get_btf_vmlinux();
	s32 id;

	*btf_p = NULL;
	if (IS_ERR_OR_NULL(btf))
		return btf ? PTR_ERR(btf) : -EINVAL;
	id = btf_find_by_name_kind(btf, name, kind);
	if (id > 0) {
		btf_get(btf);
		*btf_p = btf;
		return id;
	}
	return btf_find_in_modules(name, kind, btf_p);
}
