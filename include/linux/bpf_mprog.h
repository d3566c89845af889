/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Attach points that run many programs in an order that users choose (tcx, netkit).
 *
 * A bundle holds the list twice. One half at a time, the active one, is published by the owner
 * under RCU, and packets walk it without locks. A change is prepared in the other half, the owner
 * publishes that one, waits until no reader can hold the old half, and commits. What readers never
 * look at (links) is kept once, beside the halves.
 *
 * All changes to a bundle are serialised by the owner (RTNL). The pattern:
 *
 *	err = bpf_mprog_attach(entry, &new, ...);
 *	if (!err) {
 *		if (entry != new) {
 *			rcu_assign_pointer(owner->active, new);
 *			synchronize_rcu();
 *		}
 *		bpf_mprog_commit(entry);
 *	}
 *
 * A replacement happens in place: then @new equals @entry and nothing is to be published.
 */
#ifndef _LINUX_BPF_MPROG_H
#define _LINUX_BPF_MPROG_H

#include <linux/bpf.h>
#include <linux/string.h>

#define BPF_MPROG_MAX 64

/* What readers see of an attachment. */
struct bpf_mprog_fp {
	struct bpf_prog *prog;
};

/* The rest of it; link NULL: attached without a link, the list holds the program's reference. */
struct bpf_mprog_cp {
	struct bpf_link *link;
};

/* One half: programs in order, then NULL. */
struct bpf_mprog_entry {
	struct bpf_mprog_bundle *bundle;
	struct bpf_mprog_fp fp_items[BPF_MPROG_MAX + 1];
};

/**
 * struct bpf_mprog_bundle - an attach point
 * @a: the half that stands for an empty attach point
 * @b: the other half
 * @cp_items: links, by the index of the program in the latest half
 * @detached: program to be dropped at commit, when no reader is left
 * @revision: counts the changes; begins at 1, 0 means "any" to users
 * @count: attachments
 */
struct bpf_mprog_bundle {
	struct bpf_mprog_entry a;
	struct bpf_mprog_entry b;
	struct bpf_mprog_cp cp_items[BPF_MPROG_MAX];
	struct bpf_prog *detached;
	atomic64_t revision;
	u32 count;
};

/* One attachment. */
struct bpf_tuple {
	struct bpf_prog *prog;
	struct bpf_link *link;
};

static inline void bpf_mprog_bundle_init(struct bpf_mprog_bundle *bundle)
{
	memset(bundle, 0, sizeof(*bundle));
	bundle->a.bundle = bundle;
	bundle->b.bundle = bundle;
	atomic64_set(&bundle->revision, 1);
}

/* The half that is not @entry. */
static inline struct bpf_mprog_entry *bpf_mprog_peer(const struct bpf_mprog_entry *entry)
{
	struct bpf_mprog_bundle *bundle = entry->bundle;

	return entry == &bundle->a ? &bundle->b : &bundle->a;
}

static inline u32 bpf_mprog_total(const struct bpf_mprog_entry *entry)
{
	return entry->bundle->count;
}

static inline u64 bpf_mprog_revision(const struct bpf_mprog_entry *entry)
{
	return atomic64_read(&entry->bundle->revision);
}

/* For readers, under RCU. */
#define bpf_mprog_foreach_prog(entry, fp, prog)				\
	for ((fp) = &(entry)->fp_items[0];				\
	     ((prog) = READ_ONCE((fp)->prog));				\
	     (fp)++)

/* For writers. */
#define bpf_mprog_foreach_tuple(entry, fp, cp, tuple)			\
	for ((fp) = &(entry)->fp_items[0],				\
	     (cp) = &(entry)->bundle->cp_items[0];			\
	     ((tuple).prog = READ_ONCE((fp)->prog)) &&			\
	     ((tuple).link = (cp)->link, true);				\
	     (fp)++, (cp)++)

#ifdef CONFIG_NET

/**
 * bpf_mprog_attach - add or replace a program
 * @entry: the active half, or half a of an empty bundle
 * @entry_new: gets the half to publish
 * @prog_new: program to attach; its reference passes to the list unless @link
 * @link: link to attach by, or NULL
 * @prog_old: for BPF_F_REPLACE: what has to stand there
 * @flags: BPF_F_REPLACE, BPF_F_BEFORE, BPF_F_AFTER, BPF_F_ID, BPF_F_LINK
 * @id_or_fd: what @flags are relative to; 0: the first or the last
 * @revision: what the bundle's has to be, or 0
 *
 * Context: process context, the owner's lock held.
 * Return: 0, -EEXIST (attached already), -ERANGE (full), -ESTALE (revision), -ENOENT, -EINVAL, ...
 */
int bpf_mprog_attach(struct bpf_mprog_entry *entry, struct bpf_mprog_entry **entry_new,
		     struct bpf_prog *prog_new, struct bpf_link *link, struct bpf_prog *prog_old,
		     u32 flags, u32 id_or_fd, u64 revision);

/**
 * bpf_mprog_detach - take a program out
 * @entry: the active half
 * @entry_new: gets the half to publish; when bpf_mprog_total() of it is 0, publish NULL instead
 * @prog: the program, or NULL for whatever stands at the place that @flags tell
 * @link: its link, or NULL
 * @flags: BPF_F_BEFORE, BPF_F_AFTER, BPF_F_ID, BPF_F_LINK
 * @id_or_fd: what @flags are relative to
 * @revision: what the bundle's has to be, or 0
 *
 * Context: process context, the owner's lock held.
 * Return: 0, -ENOENT, -ESTALE, -EBUSY (attached by a link), -EINVAL, ...
 */
int bpf_mprog_detach(struct bpf_mprog_entry *entry, struct bpf_mprog_entry **entry_new,
		     struct bpf_prog *prog, struct bpf_link *link, u32 flags, u32 id_or_fd,
		     u64 revision);

/**
 * bpf_mprog_commit - end a change
 * @entry: the half that was active before
 *
 * Drops the reference of a program that was detached or replaced.
 * Context: process context, the owner's lock held, no reader of @entry left when it changed.
 */
void bpf_mprog_commit(struct bpf_mprog_entry *entry);

/**
 * bpf_mprog_query - answer BPF_PROG_QUERY
 * @attr: kernel copy of the arguments
 * @uattr: where the results go
 * @entry: the active half, or NULL for an empty attach point
 *
 * Context: process context, the owner's lock held.
 * Return: 0, -ENOSPC (count is the number there is), -EFAULT, -EINVAL.
 */
int bpf_mprog_query(const union bpf_attr *attr, union bpf_attr __user *uattr,
		    struct bpf_mprog_entry *entry);

#endif /* CONFIG_NET */

#endif /* _LINUX_BPF_MPROG_H */
