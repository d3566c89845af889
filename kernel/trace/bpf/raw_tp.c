// SPDX-License-Identifier: GPL-2.0
/* Raw tracepoints: finding one by name, and connecting a program to it. */
#include <linux/bpf.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/trace_events.h>
#include <linux/tracepoint.h>

extern struct bpf_raw_event_map __start__bpf_raw_tp[];
extern struct bpf_raw_event_map __stop__bpf_raw_tp[];

static struct bpf_raw_event_map *find_in(struct bpf_raw_event_map *map, size_t cnt,
					 const char *name)
{
	for (; cnt; cnt--, map++)
		if (!strcmp(map->tp->name, name))
			return map;
	return NULL;
}

#ifdef CONFIG_MODULES
/* Modules with raw tracepoints, between their coming and going. */
struct raw_tp_module {
	struct list_head list;
	struct module *module;
};

static LIST_HEAD(raw_tp_modules);
static DEFINE_MUTEX(raw_tp_modules_lock);

static struct bpf_raw_event_map *find_in_modules(const char *name)
{
	struct bpf_raw_event_map *map = NULL;
	struct raw_tp_module *m;

	mutex_lock(&raw_tp_modules_lock);
	list_for_each_entry(m, &raw_tp_modules, list) {
		map = find_in(m->module->bpf_raw_events, m->module->num_bpf_raw_events, name);
		if (map) {
			if (!try_module_get(m->module))
				map = NULL;
			break;
		}
	}
	mutex_unlock(&raw_tp_modules_lock);
	return map;
}

static int raw_tp_module_add(struct module *mod)
{
	struct raw_tp_module *m;

	if (!mod->num_bpf_raw_events)
		return 0;
	m = kzalloc(sizeof(*m), GFP_KERNEL);
	if (!m)
		return -ENOMEM;
	m->module = mod;
	mutex_lock(&raw_tp_modules_lock);
	list_add(&m->list, &raw_tp_modules);
	mutex_unlock(&raw_tp_modules_lock);
	return 0;
}

static void raw_tp_module_del(struct module *mod)
{
	struct raw_tp_module *m, *tmp;

	mutex_lock(&raw_tp_modules_lock);
	list_for_each_entry_safe(m, tmp, &raw_tp_modules, list) {
		if (m->module == mod) {
			list_del(&m->list);
			kfree(m);
			break;
		}
	}
	mutex_unlock(&raw_tp_modules_lock);
}

static int raw_tp_module_notify(struct notifier_block *nb, unsigned long op, void *mod)
{
	int err = 0;

	if (op == MODULE_STATE_COMING)
		err = raw_tp_module_add(mod);
	else if (op == MODULE_STATE_GOING)
		raw_tp_module_del(mod);
	return notifier_from_errno(err);
}

static struct notifier_block raw_tp_module_nb = { .notifier_call = raw_tp_module_notify };

static int __init raw_tp_module_init(void)
{
	return register_module_notifier(&raw_tp_module_nb);
}
fs_initcall(raw_tp_module_init);
#else
static struct bpf_raw_event_map *find_in_modules(const char *name)
{
	return NULL;
}
#endif

/**
 * bpf_get_raw_tracepoint - raw tracepoint of a name
 * @name: as in events/, without the system
 *
 * Context: process context, may sleep.
 * Return: its entry, whose module stays until bpf_put_raw_tracepoint(); NULL where there is none.
 */
struct bpf_raw_event_map *bpf_get_raw_tracepoint(const char *name)
{
	return find_in(__start__bpf_raw_tp, __stop__bpf_raw_tp - __start__bpf_raw_tp, name) ?:
	       find_in_modules(name);
}

void bpf_put_raw_tracepoint(struct bpf_raw_event_map *btp)
{
	struct module *mod;

	preempt_disable();
	mod = __module_address((unsigned long)btp);
	module_put(mod);
	preempt_enable();
}

/**
 * bpf_probe_register - connect a program to a raw tracepoint
 * @btp: the tracepoint
 * @link: holds the program; is what the probe gets
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL where the program reads arguments that the tracepoint has not, or writes more
 * of a writable one than there is; what the tracepoint says.
 */
int bpf_probe_register(struct bpf_raw_event_map *btp, struct bpf_raw_tp_link *link)
{
	const struct bpf_prog *prog = link->link.prog;

	if (prog->aux->max_ctx_offset > btp->num_args * sizeof(u64))
		return -EINVAL;
	if (prog->aux->max_tp_access > btp->writable_size)
		return -EINVAL;
	return tracepoint_probe_register_may_exist(btp->tp, btp->bpf_func, link);
}

int bpf_probe_unregister(struct bpf_raw_event_map *btp, struct bpf_raw_tp_link *link)
{
	return tracepoint_probe_unregister(btp->tp, btp->bpf_func, link);
}
