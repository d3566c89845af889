// SPDX-License-Identifier: GPL-2.0
/*
 * Links as objects: an attachment that lives as long as somebody holds it.
 *
 * A hook makes one in three steps, so that nothing has to be undone once the attachment is live:
 * bpf_link_prime() gets an fd number, a file and an id, all invisible; the hook attaches; then
 * bpf_link_settle(), which cannot fail, shows it, or bpf_link_cleanup() gives everything back.
 */
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/export.h>
#include <linux/file.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include <linux/workqueue.h>
#include "syscall/fd.h"
#include "syscall/ids.h"
#include "syscall/link.h"

/**
 * bpf_link_init_sleepable - set the common part of a link up
 * @link: the link, one reference
 * @type: its type
 * @ops: its operations
 * @prog: its program, or NULL; the link takes the caller's reference over when it is settled
 * @sleepable: the hook runs programs that may sleep
 *
 * Context: any.
 */
void bpf_link_init_sleepable(struct bpf_link *link, enum bpf_link_type type,
			     const struct bpf_link_ops *ops, struct bpf_prog *prog,
			     bool sleepable)
{
	WARN_ON(!ops->dealloc == !ops->dealloc_deferred);
	atomic64_set(&link->refcnt, 1);
	link->id = 0;
	link->type = type;
	link->ops = ops;
	link->prog = prog;
	link->sleepable = sleepable;
}
EXPORT_SYMBOL_GPL(bpf_link_init_sleepable);

/**
 * bpf_link_init - as bpf_link_init_sleepable(), for hooks whose programs sleep if they are marked
 * so
 * @link: the link, one reference
 * @type: its type
 * @ops: its operations
 * @prog: its program, or NULL
 *
 * Context: any.
 */
void bpf_link_init(struct bpf_link *link, enum bpf_link_type type, const struct bpf_link_ops *ops,
		   struct bpf_prog *prog)
{
	bpf_link_init_sleepable(link, type, ops, prog, false);
}
EXPORT_SYMBOL_GPL(bpf_link_init);

/**
 * bpf_link_prime - get all that can fail to be had before attaching
 * @link: an initialised link
 * @primer: what was reserved
 *
 * Context: process; may sleep.
 * Return: 0; -EMFILE, -ENFILE, -ENOMEM, -ENOSPC; the caller then frees the link itself.
 */
int bpf_link_prime(struct bpf_link *link, struct bpf_link_primer *primer)
{
	struct file *file;
	int fd, id;

	fd = bpf_fd_reserve();
	if (fd < 0)
		return fd;
	id = bpf_id_new(&bpf_link_ids, NULL);
	if (id < 0) {
		bpf_fd_unreserve(fd);
		return id;
	}
	file = bpf_fd_file(BPF_FD_LINK, link, O_CLOEXEC);
	if (IS_ERR(file)) {
		bpf_id_remove(&bpf_link_ids, id);
		bpf_fd_unreserve(fd);
		return PTR_ERR(file);
	}
	primer->link = link;
	primer->file = file;
	primer->fd = fd;
	primer->id = id;
	return 0;
}
EXPORT_SYMBOL_GPL(bpf_link_prime);

/**
 * bpf_link_settle - show an attached link
 * @primer: from bpf_link_prime()
 *
 * Context: process.
 * Return: the fd; it cannot fail.
 */
int bpf_link_settle(struct bpf_link_primer *primer)
{
	struct bpf_link *link = primer->link;

	link->id = primer->id;
	bpf_id_publish(&bpf_link_ids, primer->id, link);
	bpf_fd_install(primer->fd, primer->file);
	return primer->fd;
}
EXPORT_SYMBOL_GPL(bpf_link_settle);

/**
 * bpf_link_cleanup - the hook could not attach: give everything back
 * @primer: from bpf_link_prime()
 *
 * Frees the link with its dealloc operation, without release; the program stays the caller's.
 * Context: process.
 */
void bpf_link_cleanup(struct bpf_link_primer *primer)
{
	primer->link->prog = NULL;
	bpf_id_remove(&bpf_link_ids, primer->id);
	/* The last reference of the file drops the link's, which has no program any more. */
	fput(primer->file);
	bpf_fd_unreserve(primer->fd);
}
EXPORT_SYMBOL_GPL(bpf_link_cleanup);

/**
 * bpf_link_inc - take a reference
 * @link: a link that the caller has a reference of
 *
 * Context: any.
 */
void bpf_link_inc(struct bpf_link *link)
{
	atomic64_inc(&link->refcnt);
}

/**
 * bpf_link_inc_not_zero - take a reference of a link that may be on its way out
 * @link: found under the lock of the ids
 *
 * Context: any.
 * Return: @link, or ERR_PTR(-ENOENT).
 */
struct bpf_link *bpf_link_inc_not_zero(struct bpf_link *link)
{
	return atomic64_inc_not_zero(&link->refcnt) ? link : ERR_PTR(-ENOENT);
}

static void link_dealloc_rcu(struct rcu_head *rcu)
{
	struct bpf_link *link = container_of(rcu, struct bpf_link, rcu);

	link->ops->dealloc_deferred(link);
}

static void link_dealloc_rcu_trace(struct rcu_head *rcu)
{
	if (rcu_trace_implies_rcu_gp())
		link_dealloc_rcu(rcu);
	else
		call_rcu(rcu, link_dealloc_rcu);
}

static void link_free(struct bpf_link *link)
{
	const struct bpf_link_ops *ops = link->ops;
	struct bpf_prog *prog = link->prog;
	bool sleepable = link->sleepable;

	bpf_id_remove(&bpf_link_ids, link->id);
	/* With neither program nor id it never attached: see bpf_link_cleanup(). */
	if (prog || link->id)
		ops->release(link);
	if (prog)
		sleepable |= prog->sleepable;

	if (ops->dealloc_deferred) {
		if (sleepable)
			call_rcu_tasks_trace(&link->rcu, link_dealloc_rcu_trace);
		else
			call_rcu(&link->rcu, link_dealloc_rcu);
	} else {
		ops->dealloc(link);
	}
	/* Its own grace period begins with the last reference. */
	if (prog)
		bpf_prog_put(prog);
}

static void link_free_work(struct work_struct *work)
{
	link_free(container_of(work, struct bpf_link, work));
}

/**
 * bpf_link_put - drop a reference
 * @link: the link; detached and freed by a work item when it was the last one
 *
 * Context: any but NMI.
 */
void bpf_link_put(struct bpf_link *link)
{
	if (!atomic64_dec_and_test(&link->refcnt))
		return;
	INIT_WORK(&link->work, link_free_work);
	queue_work(system_unbound_wq, &link->work);
}
EXPORT_SYMBOL_GPL(bpf_link_put);

/**
 * bpf_link_put_direct - as bpf_link_put(); when it returns the attachment is undone
 * @link: the link
 *
 * Context: process; may sleep.
 */
void bpf_link_put_direct(struct bpf_link *link)
{
	if (atomic64_dec_and_test(&link->refcnt))
		link_free(link);
}

/**
 * bpf_link_new_fd - a further fd for a link
 * @link: a reference of the caller's goes into the fd when it succeeds
 *
 * Context: process; may sleep.
 * Return: the fd; -EMFILE, -ENFILE, -ENOMEM.
 */
int bpf_link_new_fd(struct bpf_link *link)
{
	return bpf_fd_new(BPF_FD_LINK, link, O_CLOEXEC);
}

/**
 * bpf_link_get_from_fd - the link behind an fd
 * @ufd: fd
 *
 * Context: process.
 * Return: the link with a reference; ERR_PTR: -EBADF not open, -EINVAL not a link.
 */
struct bpf_link *bpf_link_get_from_fd(u32 ufd)
{
	struct bpf_link *link;
	struct fd f = fdget(ufd);

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	link = bpf_fd_object(fd_file(f), BPF_FD_LINK);
	if (link)
		bpf_link_inc(link);
	fdput(f);
	return link ?: ERR_PTR(-EINVAL);
}
EXPORT_SYMBOL_GPL(bpf_link_get_from_fd);

static void *link_id_get(void *obj)
{
	return bpf_link_inc_not_zero(obj);
}

/**
 * bpf_link_by_id - link of an id
 * @id: any number
 *
 * Context: any but NMI.
 * Return: the link with a reference, or ERR_PTR(-ENOENT).
 */
struct bpf_link *bpf_link_by_id(u32 id)
{
	return bpf_id_find(&bpf_link_ids, id, link_id_get);
}

/**
 * bpf_link_first_from - first link whose id is at least a number
 * @id: in: the number; out: the id
 *
 * Context: any but NMI.
 * Return: the link with a reference, or NULL.
 */
struct bpf_link *bpf_link_first_from(u32 *id)
{
	return bpf_id_first_from(&bpf_link_ids, id, link_id_get);
}
