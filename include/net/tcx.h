/* SPDX-License-Identifier: GPL-2.0 */
/* tcx: programs at the ingress and egress of devices, in front of the qdisc's filters. */
#ifndef __NET_TCX_H
#define __NET_TCX_H

#include <linux/bpf.h>
#include <linux/bpf_mprog.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/sch_generic.h>

struct mini_Qdisc;

/**
 * struct tcx_entry - one direction of a device
 * @miniq: filters of ingress and clsact qdiscs, or NULL
 * @bundle: the programs
 * @miniq_active: qdiscs that use @miniq; they keep the entry alive without programs
 * @rcu: readers may still be here when it is freed
 */
struct tcx_entry {
	struct mini_Qdisc __rcu *miniq;
	struct bpf_mprog_bundle bundle;
	u32 miniq_active;
	struct rcu_head rcu;
};

/* A link; dev is protected by RTNL, NULL once the device is gone. */
struct tcx_link {
	struct bpf_link link;
	struct net_device *dev;
	u32 location;			/* BPF_TCX_INGRESS or BPF_TCX_EGRESS */
};

static inline void tcx_set_ingress(struct sk_buff *skb, bool ingress)
{
#ifdef CONFIG_NET_XGRESS
	skb->tc_at_ingress = ingress;
#endif
}

#ifdef CONFIG_NET_XGRESS
static inline struct tcx_entry *tcx_entry(struct bpf_mprog_entry *entry)
{
	return container_of(entry->bundle, struct tcx_entry, bundle);
}

static inline struct tcx_link *tcx_link(const struct bpf_link *link)
{
	return container_of(link, struct tcx_link, link);
}

/* The branch in the packet path: counts directions with programs. */
void tcx_inc(void);
void tcx_dec(void);

/* Returns once no packet can see a half that was unpublished. */
static inline void tcx_entry_sync(void)
{
	ASSERT_RTNL();
	synchronize_rcu();
}

/* The published half, or NULL. */
static inline struct bpf_mprog_entry *tcx_entry_fetch(struct net_device *dev, bool ingress)
{
	ASSERT_RTNL();
	if (ingress)
		return rcu_dereference_rtnl(dev->tcx_ingress);
	return rcu_dereference_rtnl(dev->tcx_egress);
}

static inline void tcx_entry_update(struct net_device *dev, struct bpf_mprog_entry *entry,
				    bool ingress)
{
	ASSERT_RTNL();
	if (ingress)
		rcu_assign_pointer(dev->tcx_ingress, entry);
	else
		rcu_assign_pointer(dev->tcx_egress, entry);
}

static inline struct bpf_mprog_entry *tcx_entry_create(void)
{
	struct tcx_entry *tcx = kzalloc(sizeof(*tcx), GFP_KERNEL);

	if (!tcx)
		return NULL;
	bpf_mprog_bundle_init(&tcx->bundle);
	return &tcx->bundle.a;
}

static inline void tcx_entry_free(struct bpf_mprog_entry *entry)
{
	kfree_rcu(tcx_entry(entry), rcu);
}

/* *@created: the entry is new, and the caller's to publish or free. NULL: no memory. */
static inline struct bpf_mprog_entry *tcx_entry_fetch_or_create(struct net_device *dev,
								bool ingress, bool *created)
{
	struct bpf_mprog_entry *entry = tcx_entry_fetch(dev, ingress);

	*created = !entry;
	if (!entry) {
		entry = tcx_entry_create();
		*created = entry;
	}
	return entry;
}

/* The direction got its first program, or lost its last. */
static inline void tcx_skeys_inc(bool ingress)
{
	tcx_inc();
	if (ingress)
		net_inc_ingress_queue();
	else
		net_inc_egress_queue();
}

static inline void tcx_skeys_dec(bool ingress)
{
	tcx_dec();
	if (ingress)
		net_dec_ingress_queue();
	else
		net_dec_egress_queue();
}

static inline void tcx_miniq_inc(struct bpf_mprog_entry *entry)
{
	ASSERT_RTNL();
	tcx_entry(entry)->miniq_active++;
}

static inline void tcx_miniq_dec(struct bpf_mprog_entry *entry)
{
	ASSERT_RTNL();
	tcx_entry(entry)->miniq_active--;
}

/* Programs or qdiscs still need it. */
static inline bool tcx_entry_is_active(struct bpf_mprog_entry *entry)
{
	ASSERT_RTNL();
	return bpf_mprog_total(entry) || tcx_entry(entry)->miniq_active;
}

/* What a program's result means; unknown ones let the packet go on to the qdisc's filters. */
static inline enum tcx_action_base tcx_action_code(struct sk_buff *skb, int code)
{
	switch (code) {
	case TCX_PASS:
		skb->tc_index = qdisc_skb_cb(skb)->tc_classid;
		return code;
	case TCX_DROP:
	case TCX_REDIRECT:
		return code;
	default:
		return TCX_NEXT;
	}
}
#endif /* CONFIG_NET_XGRESS */

#if defined(CONFIG_NET_XGRESS) && defined(CONFIG_BPF_SYSCALL)
void tcx_uninstall(struct net_device *dev, bool ingress);

/* The device goes: detach everything, links become defunct. */
static inline void dev_tcx_uninstall(struct net_device *dev)
{
	ASSERT_RTNL();
	tcx_uninstall(dev, true);
	tcx_uninstall(dev, false);
}
#else
static inline void dev_tcx_uninstall(struct net_device *dev) {}
#endif

#endif /* __NET_TCX_H */
