// SPDX-License-Identifier: GPL-2.0
/* tcx: programs at the ingress and egress of devices, by BPF_PROG_ATTACH and by links. */
#include <linux/bpf_mprog.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <net/tcx.h>

#include "attach/attach.h"
#include "net_bpf.h"

static bool is_ingress(u32 attach_type)
{
	return attach_type == BPF_TCX_INGRESS;
}

/* What a change is about; see bpf_mprog_attach(). */
struct change {
	struct net_device *dev;
	bool ingress;
	struct bpf_prog *prog;
	struct bpf_prog *prog_old;
	struct bpf_link *link;
	u32 flags;
	u32 id_or_fd;
	u64 revision;
};

static int change_attach(const struct change *c)
{
	struct bpf_mprog_entry *entry, *entry_new;
	bool created;
	int err;

	entry = tcx_entry_fetch_or_create(c->dev, c->ingress, &created);
	if (!entry)
		return -ENOMEM;
	err = bpf_mprog_attach(entry, &entry_new, c->prog, c->link, c->prog_old, c->flags,
			       c->id_or_fd, c->revision);
	if (err) {
		if (created)
			tcx_entry_free(entry);
		return err;
	}

	if (entry != entry_new) {
		tcx_entry_update(c->dev, entry_new, c->ingress);
		tcx_entry_sync();
		if (bpf_mprog_total(entry_new) == 1)
			tcx_skeys_inc(c->ingress);
	}
	bpf_mprog_commit(entry);
	return 0;
}

static int change_detach(const struct change *c)
{
	struct bpf_mprog_entry *entry, *entry_new;
	bool active;
	int err;

	entry = tcx_entry_fetch(c->dev, c->ingress);
	if (!entry)
		return -ENOENT;
	err = bpf_mprog_detach(entry, &entry_new, c->prog, c->link, c->flags, c->id_or_fd,
			       c->revision);
	if (err)
		return err;

	active = tcx_entry_is_active(entry_new);
	tcx_entry_update(c->dev, active ? entry_new : NULL, c->ingress);
	tcx_entry_sync();
	if (!bpf_mprog_total(entry_new))
		tcx_skeys_dec(c->ingress);
	bpf_mprog_commit(entry);
	if (!active)
		tcx_entry_free(entry);
	return 0;
}

/**
 * tcx_uninstall - a device goes: detach everything
 * @dev: the device
 * @ingress: direction
 *
 * Context: RTNL held.
 */
void tcx_uninstall(struct net_device *dev, bool ingress)
{
	struct bpf_mprog_entry *entry = tcx_entry_fetch(dev, ingress);
	struct bpf_mprog_fp *fp;
	struct bpf_mprog_cp *cp;
	struct bpf_tuple tuple;

	if (!entry)
		return;
	tcx_entry_update(dev, NULL, ingress);
	tcx_entry_sync();
	bpf_mprog_foreach_tuple(entry, fp, cp, tuple) {
		if (tuple.link)
			tcx_link(tuple.link)->dev = NULL;
		else
			bpf_prog_put(tuple.prog);
	}
	if (bpf_mprog_total(entry))
		tcx_skeys_dec(ingress);
	tcx_entry_free(entry);
}

/* ------------------------------------------------------------------ without a link */

static struct change change_asked(const union bpf_attr *attr, struct bpf_prog *prog)
{
	return (struct change) {
		.ingress = is_ingress(attr->attach_type),
		.prog = prog,
		.flags = attr->attach_flags,
		.id_or_fd = attr->relative_fd,
		.revision = attr->expected_revision,
	};
}

static int tcx_attach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct change c = change_asked(attr, prog);
	int err = -ENODEV;

	if (c.flags & BPF_F_REPLACE) {
		c.prog_old = bpf_prog_get_type(attr->replace_bpf_fd, prog->type);
		if (IS_ERR(c.prog_old))
			return PTR_ERR(c.prog_old);
	}
	rtnl_lock();
	c.dev = __dev_get_by_index(current->nsproxy->net_ns, attr->target_ifindex);
	if (c.dev)
		err = change_attach(&c);
	rtnl_unlock();
	if (c.prog_old)
		bpf_prog_put(c.prog_old);
	return err;
}

static int tcx_detach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct change c = change_asked(attr, prog);
	int err = -ENODEV;

	rtnl_lock();
	c.dev = __dev_get_by_index(current->nsproxy->net_ns, attr->target_ifindex);
	if (c.dev)
		err = change_detach(&c);
	rtnl_unlock();
	return err;
}

static int tcx_query(const union bpf_attr *attr, union bpf_attr __user *uattr)
{
	struct net_device *dev;
	int err = -ENODEV;

	rtnl_lock();
	dev = __dev_get_by_index(current->nsproxy->net_ns, attr->query.target_ifindex);
	if (dev)
		err = bpf_mprog_query(attr, uattr,
				      tcx_entry_fetch(dev, is_ingress(attr->query.attach_type)));
	rtnl_unlock();
	return err;
}

/* ------------------------------------------------------------------ links */

static void link_release(struct bpf_link *link)
{
	struct tcx_link *tcx = tcx_link(link);
	struct change c = {
		.ingress = is_ingress(tcx->location),
		.prog = link->prog,
		.link = link,
	};

	rtnl_lock();
	c.dev = tcx->dev;
	if (c.dev)
		WARN_ON_ONCE(change_detach(&c));
	tcx->dev = NULL;
	rtnl_unlock();
}

static void link_dealloc(struct bpf_link *link)
{
	kfree(tcx_link(link));
}

static int link_detach(struct bpf_link *link)
{
	link_release(link);
	return 0;
}

static int link_update(struct bpf_link *link, struct bpf_prog *new_prog, struct bpf_prog *old_prog)
{
	struct tcx_link *tcx = tcx_link(link);
	struct change c = {
		.ingress = is_ingress(tcx->location),
		.prog = new_prog,
		.link = link,
		.flags = BPF_F_REPLACE,
	};
	struct bpf_prog *replaced;
	int err;

	if (new_prog->type != link->prog->type)
		return -EINVAL;

	rtnl_lock();
	c.dev = tcx->dev;
	c.prog_old = link->prog;
	err = -ENOLINK;
	if (!c.dev)
		goto unlock;
	err = -EPERM;
	if (old_prog && link->prog != old_prog)
		goto unlock;

	err = 0;
	if (link->prog == new_prog) {
		bpf_prog_put(new_prog);
		goto unlock;
	}
	err = change_attach(&c);
	if (!err) {
		replaced = xchg(&link->prog, new_prog);
		bpf_prog_put(replaced);
	}
unlock:
	rtnl_unlock();
	return err;
}

static u32 link_ifindex(const struct tcx_link *tcx)
{
	u32 ifindex;

	rtnl_lock();
	ifindex = tcx->dev ? tcx->dev->ifindex : 0;
	rtnl_unlock();
	return ifindex;
}

static void link_show_fdinfo(const struct bpf_link *link, struct seq_file *seq)
{
	const struct tcx_link *tcx = tcx_link(link);

	seq_printf(seq, "ifindex:\t%u\n", link_ifindex(tcx));
	seq_printf(seq, "attach_type:\t%u (%s)\n", tcx->location,
		   is_ingress(tcx->location) ? "tcx_ingress" : "tcx_egress");
}

static int link_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	const struct tcx_link *tcx = tcx_link(link);

	info->tcx.ifindex = link_ifindex(tcx);
	info->tcx.attach_type = tcx->location;
	return 0;
}

static const struct bpf_link_ops tcx_link_ops = {
	.release	= link_release,
	.dealloc	= link_dealloc,
	.detach		= link_detach,
	.update_prog	= link_update,
	.show_fdinfo	= link_show_fdinfo,
	.fill_link_info	= link_fill_info,
};

/* RTNL held. On success the link is on the device, and primed. */
static int link_attach(const union bpf_attr *attr, struct tcx_link *tcx, struct bpf_prog *prog)
{
	struct change c = {
		.dev = tcx->dev,
		.ingress = is_ingress(tcx->location),
		.prog = prog,
		.link = &tcx->link,
		.flags = attr->link_create.flags,
		.id_or_fd = attr->link_create.tcx.relative_fd,
		.revision = attr->link_create.tcx.expected_revision,
	};

	if (c.flags & BPF_F_REPLACE)
		return -EINVAL;
	return change_attach(&c);
}

static int tcx_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct bpf_link_primer primer;
	struct net_device *dev;
	struct tcx_link *tcx;
	int err = -ENODEV;

	rtnl_lock();
	dev = __dev_get_by_index(current->nsproxy->net_ns, attr->link_create.target_ifindex);
	if (!dev)
		goto unlock;

	err = -ENOMEM;
	tcx = kzalloc(sizeof(*tcx), GFP_USER | __GFP_ACCOUNT);
	if (!tcx)
		goto unlock;
	bpf_link_init(&tcx->link, BPF_LINK_TYPE_TCX, &tcx_link_ops, prog);
	tcx->location = attr->link_create.attach_type;
	tcx->dev = dev;

	err = bpf_link_prime(&tcx->link, &primer);
	if (err) {
		kfree(tcx);
		goto unlock;
	}
	err = link_attach(attr, tcx, prog);
	if (err) {
		tcx->dev = NULL;
		bpf_link_cleanup(&primer);
		goto unlock;
	}
	err = bpf_link_settle(&primer);
unlock:
	rtnl_unlock();
	return err;
}

const struct bpf_attach_ops bpf_tcx_attach_ops = {
	.attach		= tcx_attach,
	.detach		= tcx_detach,
	.query		= tcx_query,
	.link_create	= tcx_link_create,
};
