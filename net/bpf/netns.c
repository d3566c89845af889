// SPDX-License-Identifier: GPL-2.0
/*
 * Programs attached to network namespaces: one flow dissector, and up to MAX_PROGS socket look-ups.
 *
 * At one attach point there is either a program attached without a link or a list of links. What
 * runs is an array made of it, exchanged whole under RCU. A namespace that goes away leaves its
 * links defunct.
 */
#include <linux/bpf-netns.h>
#include <linux/nsproxy.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/flow_dissector.h>
#include <net/net_namespace.h>

#include "attach/attach.h"
#include "net_bpf.h"

#define MAX_PROGS 64

/* Of all namespaces: lists of links, programs and what is made of them. */
DEFINE_MUTEX(netns_bpf_mutex);

/* A link; @net is NULL once the namespace is gone. Under netns_bpf_mutex. */
struct netns_link {
	struct bpf_link link;
	struct list_head node;
	struct net *net;
	enum netns_bpf_attach_type slot;
	enum bpf_attach_type type;
};

static struct netns_link *link_of(const struct bpf_link *link)
{
	return container_of(link, struct netns_link, link);
}

/* A patched branch keeps the look-up off the path of packets while nobody asked for it. */
static void slot_used(enum netns_bpf_attach_type slot, int change)
{
	if (!IS_ENABLED(CONFIG_INET) || slot != NETNS_BPF_SK_LOOKUP)
		return;
	if (change > 0)
		static_branch_inc(&bpf_sk_lookup_enabled);
	else
		static_branch_dec(&bpf_sk_lookup_enabled);
}

static u32 count_links(const struct net *net, enum netns_bpf_attach_type slot)
{
	return list_count_nodes((struct list_head *)&net->bpf.links[slot]);
}

/* Exchanges the array of @slot for one with all of its links but @without. */
static int publish_links(struct net *net, enum netns_bpf_attach_type slot,
			 const struct netns_link *without)
{
	struct bpf_prog_array *array = NULL, *old;
	struct netns_link *l;
	u32 cnt = 0, i = 0;

	list_for_each_entry(l, &net->bpf.links[slot], node)
		cnt += l != without;
	if (cnt) {
		array = bpf_prog_array_alloc(cnt, GFP_KERNEL);
		if (!array)
			return -ENOMEM;
		list_for_each_entry(l, &net->bpf.links[slot], node) {
			if (l != without)
				array->items[i++].prog = l->link.prog;
		}
	}
	old = rcu_replace_pointer(net->bpf.run_array[slot], array,
				  lockdep_is_held(&netns_bpf_mutex));
	bpf_prog_array_free(old);
	return 0;
}

/* What an attach point says about a program beside its type. */
static int slot_check(struct net *net, enum netns_bpf_attach_type slot, struct bpf_prog *prog)
{
	if (slot != NETNS_BPF_FLOW_DISSECTOR)
		return 0;
	return flow_dissector_bpf_prog_attach_check(net, prog);
}

/* ------------------------------------------------------------------ links */

static void link_release(struct bpf_link *link)
{
	struct netns_link *l = link_of(link);
	struct bpf_prog_array *array;
	int err;

	mutex_lock(&netns_bpf_mutex);
	if (!l->net)
		goto unlock;
	err = publish_links(l->net, l->slot, l);
	if (err) {
		/* Without memory the program's place in the array is blanked. */
		array = rcu_dereference_protected(l->net->bpf.run_array[l->slot],
						  lockdep_is_held(&netns_bpf_mutex));
		bpf_prog_array_delete_safe(array, link->prog);
	}
	list_del(&l->node);
	slot_used(l->slot, -1);
	l->net = NULL;
unlock:
	mutex_unlock(&netns_bpf_mutex);
}

static int link_detach(struct bpf_link *link)
{
	link_release(link);
	return 0;
}

static void link_dealloc(struct bpf_link *link)
{
	kfree(link_of(link));
}

static int link_update(struct bpf_link *link, struct bpf_prog *new_prog, struct bpf_prog *old_prog)
{
	struct netns_link *l = link_of(link);
	struct bpf_prog *replaced;
	int err;

	if (new_prog->type != link->prog->type)
		return -EINVAL;

	mutex_lock(&netns_bpf_mutex);
	err = -ENOLINK;
	if (!l->net)
		goto unlock;
	err = -EPERM;
	if (old_prog && old_prog != link->prog)
		goto unlock;

	replaced = xchg(&link->prog, new_prog);
	err = publish_links(l->net, l->slot, NULL);
	if (err)
		link->prog = replaced;
	else
		bpf_prog_put(replaced);
unlock:
	mutex_unlock(&netns_bpf_mutex);
	return err;
}

static u32 link_ino(const struct netns_link *l)
{
	u32 ino;

	mutex_lock(&netns_bpf_mutex);
	ino = l->net ? l->net->ns.inum : 0;
	mutex_unlock(&netns_bpf_mutex);
	return ino;
}

static void link_show_fdinfo(const struct bpf_link *link, struct seq_file *seq)
{
	const struct netns_link *l = link_of(link);

	seq_printf(seq, "netns_ino:\t%u\nattach_type:\t%u\n", link_ino(l), l->type);
}

static int link_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	const struct netns_link *l = link_of(link);

	info->netns.netns_ino = link_ino(l);
	info->netns.attach_type = l->type;
	return 0;
}

static const struct bpf_link_ops netns_link_ops = {
	.release	= link_release,
	.dealloc	= link_dealloc,
	.detach		= link_detach,
	.update_prog	= link_update,
	.show_fdinfo	= link_show_fdinfo,
	.fill_link_info	= link_fill_info,
};

static int link_attach(struct net *net, struct netns_link *l)
{
	u32 max = l->slot == NETNS_BPF_FLOW_DISSECTOR ? 1 : MAX_PROGS;
	int err;

	mutex_lock(&netns_bpf_mutex);
	err = -EEXIST;
	if (net->bpf.progs[l->slot])
		goto unlock;
	err = -E2BIG;
	if (count_links(net, l->slot) >= max)
		goto unlock;
	err = slot_check(net, l->slot, l->link.prog);
	if (err)
		goto unlock;

	list_add_tail(&l->node, &net->bpf.links[l->slot]);
	err = publish_links(net, l->slot, NULL);
	if (err) {
		list_del(&l->node);
		goto unlock;
	}
	slot_used(l->slot, 1);
	l->net = net;
unlock:
	mutex_unlock(&netns_bpf_mutex);
	return err;
}

static int netns_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	enum netns_bpf_attach_type slot = to_netns_bpf_attach_type(attr->link_create.attach_type);
	struct bpf_link_primer primer;
	struct netns_link *l;
	struct net *net;
	int err;

	if (attr->link_create.flags || slot == NETNS_BPF_INVALID)
		return -EINVAL;
	net = get_net_ns_by_fd(attr->link_create.target_fd);
	if (IS_ERR(net))
		return PTR_ERR(net);

	err = -ENOMEM;
	l = kzalloc(sizeof(*l), GFP_USER | __GFP_ACCOUNT);
	if (!l)
		goto put_net;
	bpf_link_init(&l->link, BPF_LINK_TYPE_NETNS, &netns_link_ops, prog);
	l->slot = slot;
	l->type = attr->link_create.attach_type;
	err = bpf_link_prime(&l->link, &primer);
	if (err) {
		kfree(l);
		goto put_net;
	}
	err = link_attach(net, l);
	if (err)
		bpf_link_cleanup(&primer);
	else
		err = bpf_link_settle(&primer);
put_net:
	/* Links hold no reference: the namespace takes them off when it goes. */
	put_net(net);
	return err;
}

/* ------------------------------------------------------------------ without a link */

static int prog_attach(struct net *net, enum netns_bpf_attach_type slot, struct bpf_prog *prog)
{
	struct bpf_prog_array *array, *old;
	int err;

	/* Several look-ups need links, which tell them apart. */
	if (slot != NETNS_BPF_FLOW_DISSECTOR)
		return -EINVAL;
	if (!list_empty(&net->bpf.links[slot]))
		return -EEXIST;
	if (net->bpf.progs[slot] == prog)
		return -EINVAL;
	err = slot_check(net, slot, prog);
	if (err && !net->bpf.progs[slot])
		return err;

	array = bpf_prog_array_alloc(1, GFP_KERNEL);
	if (!array)
		return -ENOMEM;
	array->items[0].prog = prog;
	old = rcu_replace_pointer(net->bpf.run_array[slot], array,
				  lockdep_is_held(&netns_bpf_mutex));
	bpf_prog_array_free(old);
	if (net->bpf.progs[slot])
		bpf_prog_put(net->bpf.progs[slot]);
	net->bpf.progs[slot] = prog;
	return 0;
}

static int prog_detach(struct net *net, enum netns_bpf_attach_type slot, struct bpf_prog *prog)
{
	struct bpf_prog_array *old;

	if (!list_empty(&net->bpf.links[slot]))
		return -EINVAL;
	if (!net->bpf.progs[slot] || (prog && prog != net->bpf.progs[slot]))
		return -ENOENT;
	old = rcu_replace_pointer(net->bpf.run_array[slot], NULL,
				  lockdep_is_held(&netns_bpf_mutex));
	bpf_prog_array_free(old);
	bpf_prog_put(net->bpf.progs[slot]);
	net->bpf.progs[slot] = NULL;
	return 0;
}

/* Attaches or detaches in the caller's namespace. */
static int change_prog(const union bpf_attr *attr, struct bpf_prog *prog,
		       int (*change)(struct net *net, enum netns_bpf_attach_type slot,
				     struct bpf_prog *prog))
{
	enum netns_bpf_attach_type slot = to_netns_bpf_attach_type(attr->attach_type);
	int err;

	if (attr->target_fd || attr->attach_flags || attr->replace_bpf_fd ||
	    slot == NETNS_BPF_INVALID)
		return -EINVAL;
	mutex_lock(&netns_bpf_mutex);
	err = change(current->nsproxy->net_ns, slot, prog);
	mutex_unlock(&netns_bpf_mutex);
	return err;
}

static int netns_attach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	return change_prog(attr, prog, prog_attach);
}

static int netns_detach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	return change_prog(attr, prog, prog_detach);
}

static int query_slot(struct net *net, enum netns_bpf_attach_type slot, const union bpf_attr *attr,
		      union bpf_attr __user *uattr)
{
	u32 __user *ids = u64_to_user_ptr(attr->query.prog_ids);
	struct bpf_prog_array *array;
	u32 cnt, flags = 0;

	array = rcu_dereference_protected(net->bpf.run_array[slot],
					  lockdep_is_held(&netns_bpf_mutex));
	cnt = array ? bpf_prog_array_length(array) : 0;
	if (copy_to_user(&uattr->query.attach_flags, &flags, sizeof(flags)) ||
	    copy_to_user(&uattr->query.prog_cnt, &cnt, sizeof(cnt)))
		return -EFAULT;
	if (!attr->query.prog_cnt || !ids || !cnt)
		return 0;
	return bpf_prog_array_copy_to_user(array, ids, attr->query.prog_cnt);
}

static int netns_query(const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	enum netns_bpf_attach_type slot = to_netns_bpf_attach_type(attr->query.attach_type);
	struct net *net;
	int err;

	if (attr->query.query_flags || slot == NETNS_BPF_INVALID)
		return -EINVAL;
	net = get_net_ns_by_fd(attr->query.target_fd);
	if (IS_ERR(net))
		return PTR_ERR(net);
	mutex_lock(&netns_bpf_mutex);
	err = query_slot(net, slot, attr, uattr);
	mutex_unlock(&netns_bpf_mutex);
	put_net(net);
	return err;
}

const struct bpf_attach_ops bpf_netns_attach_ops = {
	.attach		= netns_attach,
	.detach		= netns_detach,
	.query		= netns_query,
	.link_create	= netns_link_create,
};

/* ------------------------------------------------------------------ namespaces that come and go */

static int __net_init netns_init(struct net *net)
{
	int slot;

	for (slot = 0; slot < MAX_NETNS_BPF_ATTACH_TYPE; slot++)
		INIT_LIST_HEAD(&net->bpf.links[slot]);
	return 0;
}

static void netns_leave(struct net *net, enum netns_bpf_attach_type slot)
{
	struct netns_link *l, *next;
	struct bpf_prog_array *old;

	list_for_each_entry_safe(l, next, &net->bpf.links[slot], node) {
		list_del(&l->node);
		l->net = NULL;
		slot_used(slot, -1);
	}
	old = rcu_replace_pointer(net->bpf.run_array[slot], NULL,
				  lockdep_is_held(&netns_bpf_mutex));
	bpf_prog_array_free(old);
	if (net->bpf.progs[slot])
		bpf_prog_put(net->bpf.progs[slot]);
	net->bpf.progs[slot] = NULL;
}

static void __net_exit netns_exit(struct net *net)
{
	int slot;

	mutex_lock(&netns_bpf_mutex);
	for (slot = 0; slot < MAX_NETNS_BPF_ATTACH_TYPE; slot++)
		netns_leave(net, slot);
	mutex_unlock(&netns_bpf_mutex);
}

static struct pernet_operations netns_ops = {
	.init	= netns_init,
	.exit	= netns_exit,
};

static int __init netns_bpf_init(void)
{
	return register_pernet_subsys(&netns_ops);
}
subsys_initcall(netns_bpf_init);
