// SPDX-License-Identifier: GPL-2.0
/*
 * Attach points with many programs in an order that users choose: include/linux/bpf_mprog.h.
 *
 * A place is named relative to an attachment, by fd or id, of a program or a link; a change may
 * state several things about its place, and they have to agree.
 */
#include <linux/bpf_mprog.h>
#include <linux/uaccess.h>

#define PLACE_FLAGS	(BPF_F_BEFORE | BPF_F_AFTER)
#define OBJECT_FLAGS	(BPF_F_ID | BPF_F_LINK)

/* ------------------------------------------------------------------ places */

/* Index of the attachment of @prog, which is by @link (NULL: by none). */
static int pos_exact(struct bpf_mprog_entry *entry, const struct bpf_prog *prog,
		     const struct bpf_link *link)
{
	const struct bpf_mprog_bundle *bundle = entry->bundle;
	u32 i;

	for (i = 0; i < bundle->count; i++) {
		if (entry->fp_items[i].prog == prog)
			return bundle->cp_items[i].link == link ? i : -EBUSY;
	}
	return -ENOENT;
}

static int pos_by_id(struct bpf_mprog_entry *entry, u32 id, bool by_link)
{
	const struct bpf_mprog_bundle *bundle = entry->bundle;
	u32 i;

	for (i = 0; i < bundle->count; i++) {
		const struct bpf_link *link = bundle->cp_items[i].link;

		if (by_link ? link && link->id == id : entry->fp_items[i].prog->aux->id == id)
			return i;
	}
	return -ENOENT;
}

static int pos_by_prog_fd(struct bpf_mprog_entry *entry, u32 fd)
{
	struct bpf_prog *prog = bpf_prog_get(fd);
	u32 i;
	int pos = -ENOENT;

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	for (i = 0; i < entry->bundle->count; i++) {
		if (entry->fp_items[i].prog == prog)
			pos = i;
	}
	bpf_prog_put(prog);
	return pos;
}

static int pos_by_link_fd(struct bpf_mprog_entry *entry, u32 fd)
{
	struct bpf_link *link = bpf_link_get_from_fd(fd);
	u32 i;
	int pos = -ENOENT;

	if (IS_ERR(link))
		return PTR_ERR(link);
	for (i = 0; i < entry->bundle->count; i++) {
		if (entry->bundle->cp_items[i].link == link)
			pos = i;
	}
	bpf_link_put(link);
	return pos;
}

/*
 * Index of the attachment that a change is relative to; -1 where it names none, and so means the
 * whole list; below that (negated) errors.
 */
#define POS_NONE (-1)

static int pos_relative(struct bpf_mprog_entry *entry, u32 flags, u32 id_or_fd)
{
	if (!id_or_fd && !(flags & OBJECT_FLAGS))
		return POS_NONE;
	if (!(flags & PLACE_FLAGS))
		return -EINVAL;
	if (flags & BPF_F_ID)
		return pos_by_id(entry, id_or_fd, flags & BPF_F_LINK);
	return flags & BPF_F_LINK ? pos_by_link_fd(entry, id_or_fd) :
				    pos_by_prog_fd(entry, id_or_fd);
}

/* An errno: -EPERM, which is -1, is never among them. */
static bool pos_is_err(int pos)
{
	return pos < POS_NONE;
}

static int change_check(struct bpf_mprog_entry *entry, u32 flags, u32 allowed, u64 revision)
{
	if (flags & ~allowed)
		return -EINVAL;
	if (revision && revision != bpf_mprog_revision(entry))
		return -ESTALE;
	return 0;
}

/* ------------------------------------------------------------------ changes */

/* The half to prepare, a copy of the active one. */
static struct bpf_mprog_entry *prepare(struct bpf_mprog_entry *entry)
{
	struct bpf_mprog_entry *peer = bpf_mprog_peer(entry);

	memcpy(peer->fp_items, entry->fp_items, sizeof(peer->fp_items));
	return peer;
}

static void insert_at(struct bpf_mprog_entry *entry, u32 pos, struct bpf_prog *prog,
		      struct bpf_link *link)
{
	struct bpf_mprog_bundle *bundle = entry->bundle;
	u32 behind = bundle->count - pos;

	memmove(&entry->fp_items[pos + 1], &entry->fp_items[pos],
		behind * sizeof(entry->fp_items[0]));
	memmove(&bundle->cp_items[pos + 1], &bundle->cp_items[pos],
		behind * sizeof(bundle->cp_items[0]));
	entry->fp_items[pos].prog = prog;
	bundle->cp_items[pos].link = link;
	bundle->count++;
	entry->fp_items[bundle->count].prog = NULL;
}

static void remove_at(struct bpf_mprog_entry *entry, u32 pos)
{
	struct bpf_mprog_bundle *bundle = entry->bundle;
	u32 behind = bundle->count - pos - 1;

	/* A link keeps its program itself. */
	if (!bundle->cp_items[pos].link)
		bundle->detached = entry->fp_items[pos].prog;
	memmove(&entry->fp_items[pos], &entry->fp_items[pos + 1],
		behind * sizeof(entry->fp_items[0]));
	memmove(&bundle->cp_items[pos], &bundle->cp_items[pos + 1],
		behind * sizeof(bundle->cp_items[0]));
	bundle->count--;
	bundle->cp_items[bundle->count].link = NULL;
	entry->fp_items[bundle->count].prog = NULL;
}

static int replace(struct bpf_mprog_entry *entry, struct bpf_prog *prog, struct bpf_link *link,
		   const struct bpf_prog *prog_old)
{
	struct bpf_mprog_bundle *bundle = entry->bundle;
	int pos = pos_exact(entry, prog_old, link);

	if (pos < 0)
		return pos;
	if (!link)
		bundle->detached = entry->fp_items[pos].prog;
	WRITE_ONCE(entry->fp_items[pos].prog, prog);
	return 0;
}

/* Where a new attachment goes, or a negative errno. */
static int insert_pos(struct bpf_mprog_entry *entry, u32 flags, u32 id_or_fd)
{
	int count = bpf_mprog_total(entry), before, after;
	int rel = pos_relative(entry, flags, id_or_fd);

	if (pos_is_err(rel))
		return rel;
	before = rel == POS_NONE ? 0 : rel;
	after = rel == POS_NONE ? count : rel + 1;
	if ((flags & PLACE_FLAGS) == PLACE_FLAGS && before != after)
		return -ERANGE;
	return flags & BPF_F_BEFORE ? before : after;
}

/* See bpf_mprog.h. */
int bpf_mprog_attach(struct bpf_mprog_entry *entry, struct bpf_mprog_entry **entry_new,
		     struct bpf_prog *prog_new, struct bpf_link *link, struct bpf_prog *prog_old,
		     u32 flags, u32 id_or_fd, u64 revision)
{
	int err, pos;

	err = change_check(entry, flags, BPF_F_REPLACE | PLACE_FLAGS | OBJECT_FLAGS, revision);
	if (err)
		return err;
	if (pos_exact(entry, prog_new, link) != -ENOENT)
		return -EEXIST;

	if (flags & BPF_F_REPLACE) {
		/* The place is where the old one stands. */
		if (!prog_old || flags & (PLACE_FLAGS | OBJECT_FLAGS) || id_or_fd)
			return -EINVAL;
		err = replace(entry, prog_new, link, prog_old);
		if (!err)
			*entry_new = entry;
		return err;
	}

	if (bpf_mprog_total(entry) >= BPF_MPROG_MAX)
		return -ERANGE;
	pos = insert_pos(entry, flags, id_or_fd);
	if (pos < 0)
		return pos;
	*entry_new = prepare(entry);
	insert_at(*entry_new, pos, prog_new, link);
	return 0;
}

/* The attachment that stands before or after another one, or at an end of the list. */
static int neighbour_pos(struct bpf_mprog_entry *entry, u32 flags, int rel)
{
	int count = bpf_mprog_total(entry), before, after;

	before = rel == POS_NONE ? 0 : rel - 1;
	after = rel == POS_NONE ? count - 1 : rel + 1;
	if ((flags & PLACE_FLAGS) == PLACE_FLAGS && before != after)
		return -ERANGE;
	if (flags & BPF_F_BEFORE)
		return before >= 0 ? before : -ENOENT;
	return after < count ? after : -ENOENT;
}

/* See bpf_mprog.h. */
int bpf_mprog_detach(struct bpf_mprog_entry *entry, struct bpf_mprog_entry **entry_new,
		     struct bpf_prog *prog, struct bpf_link *link, u32 flags, u32 id_or_fd,
		     u64 revision)
{
	int err, rel, pos, near;

	err = change_check(entry, flags, PLACE_FLAGS | OBJECT_FLAGS, revision);
	if (err)
		return err;
	if (!prog && !(flags & PLACE_FLAGS))
		return -EINVAL;
	if (!bpf_mprog_total(entry))
		return -ENOENT;
	rel = pos_relative(entry, flags, id_or_fd);
	if (pos_is_err(rel))
		return rel;

	if (prog) {
		pos = pos_exact(entry, prog, link);
		if (pos < 0)
			return pos;
	}
	if (flags & PLACE_FLAGS) {
		near = neighbour_pos(entry, flags, rel);
		if (near < 0)
			return near;
		if (prog && near != pos)
			return -ERANGE;
		pos = near;
	}
	if (entry->bundle->cp_items[pos].link != link)
		return -EBUSY;

	*entry_new = prepare(entry);
	remove_at(*entry_new, pos);
	return 0;
}

/* See bpf_mprog.h. */
void bpf_mprog_commit(struct bpf_mprog_entry *entry)
{
	struct bpf_mprog_bundle *bundle = entry->bundle;

	if (bundle->detached)
		bpf_prog_put(bundle->detached);
	bundle->detached = NULL;
	atomic64_inc(&bundle->revision);
}

/* ------------------------------------------------------------------ queries */

static int put_ids(struct bpf_mprog_entry *entry, u32 cnt, u32 __user *prog_ids,
		   u32 __user *prog_flags, u32 __user *link_ids, u32 __user *link_flags)
{
	u32 i;

	for (i = 0; i < cnt; i++) {
		const struct bpf_link *link = entry->bundle->cp_items[i].link;

		if (prog_ids && put_user(entry->fp_items[i].prog->aux->id, prog_ids + i))
			return -EFAULT;
		if (prog_flags && put_user(0, prog_flags + i))
			return -EFAULT;
		if (link_ids && put_user(link ? link->id : 0, link_ids + i))
			return -EFAULT;
		if (link_flags && put_user(0, link_flags + i))
			return -EFAULT;
	}
	return 0;
}

/* See bpf_mprog.h. */
int bpf_mprog_query(const union bpf_attr *attr, union bpf_attr __user *uattr,
		    struct bpf_mprog_entry *entry)
{
	u32 count = entry ? bpf_mprog_total(entry) : 0;
	u64 revision = entry ? bpf_mprog_revision(entry) : 1;
	u32 __user *prog_ids = u64_to_user_ptr(attr->query.prog_ids);
	u32 flags = 0, cnt;
	int err;

	if (attr->query.query_flags || attr->query.attach_flags)
		return -EINVAL;
	if (copy_to_user(&uattr->query.attach_flags, &flags, sizeof(flags)) ||
	    copy_to_user(&uattr->query.revision, &revision, sizeof(revision)) ||
	    copy_to_user(&uattr->query.count, &count, sizeof(count)))
		return -EFAULT;

	if (!attr->query.count || !prog_ids || !count)
		return 0;
	cnt = min(attr->query.count, count);
	err = put_ids(entry, cnt, prog_ids, u64_to_user_ptr(attr->query.prog_attach_flags),
		      u64_to_user_ptr(attr->query.link_ids),
		      u64_to_user_ptr(attr->query.link_attach_flags));
	if (err)
		return err;
	return cnt < count ? -ENOSPC : 0;
}
