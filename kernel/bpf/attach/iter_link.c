// SPDX-License-Identifier: GPL-2.0
/*
 * Links of programs to iterators' targets, BPF_ITER_CREATE.
 */
#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/mutex.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "attach/attach.h"
#include "attach/info_str.h"
#include "attach/iter.h"
#include "attach/iter_int.h"
#include "syscall/cmd.h"
#include "syscall/link.h"

/* A link's program while it is replaced or taken for a new file. */
static DEFINE_MUTEX(iter_link_lock);

static struct bpf_iter_link *to_iter_link(const struct bpf_link *link)
{
	return container_of(link, struct bpf_iter_link, link);
}

static void iter_link_release(struct bpf_link *link)
{
	struct bpf_iter_link *il = to_iter_link(link);

	if (il->target->reg->detach_target)
		il->target->reg->detach_target(&il->aux);
}

static void iter_link_dealloc(struct bpf_link *link)
{
	kfree(to_iter_link(link));
}

static int iter_link_update(struct bpf_link *link, struct bpf_prog *new_prog,
			    struct bpf_prog *old_prog)
{
	struct bpf_prog *prev;
	int err = 0;

	mutex_lock(&iter_link_lock);
	prev = link->prog;
	if (old_prog && prev != old_prog)
		err = -EPERM;
	else if (prev->type != new_prog->type ||
		 prev->expected_attach_type != new_prog->expected_attach_type ||
		 prev->aux->attach_btf_id != new_prog->aux->attach_btf_id)
		err = -EINVAL;
	else
		link->prog = new_prog;
	mutex_unlock(&iter_link_lock);
	if (!err)
		bpf_prog_put(prev);
	return err;
}

static void iter_link_show_fdinfo(const struct bpf_link *link, struct seq_file *seq)
{
	const struct bpf_iter_link *il = to_iter_link(link);

	seq_printf(seq, "target_name:\t%s\n", il->target->reg->target);
	if (il->target->reg->show_fdinfo)
		il->target->reg->show_fdinfo(&il->aux, seq);
}

static int iter_link_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	const struct bpf_iter_link *il = to_iter_link(link);
	int err;

	err = bpf_info_copy_str(info->iter.target_name, &info->iter.target_name_len,
				il->target->reg->target);
	if (!err && il->target->reg->fill_link_info)
		err = il->target->reg->fill_link_info(&il->aux, info);
	return err;
}

static const struct bpf_link_ops iter_link_ops = {
	.release = iter_link_release,
	.dealloc = iter_link_dealloc,
	.update_prog = iter_link_update,
	.show_fdinfo = iter_link_show_fdinfo,
	.fill_link_info = iter_link_fill_info,
};

static int get_linfo(const union bpf_attr *attr, union bpf_iter_link_info *linfo)
{
	void __user *uinfo = u64_to_user_ptr(attr->link_create.iter_info);
	u32 len = attr->link_create.iter_info_len;
	int err;

	memset(linfo, 0, sizeof(*linfo));
	if (!uinfo != !len)
		return -EINVAL;
	if (!len)
		return 0;
	if (len > sizeof(*linfo)) {
		err = bpf_check_tail_zero(uinfo, sizeof(*linfo), len);
		if (err)
			return err;
		len = sizeof(*linfo);
	}
	return copy_from_user(linfo, uinfo, len) ? -EFAULT : 0;
}

static int iter_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	union bpf_iter_link_info linfo;
	struct bpf_link_primer primer;
	struct bpf_iter_link *il;
	int err;

	if (attr->link_create.target_fd || attr->link_create.flags)
		return -EINVAL;
	err = get_linfo(attr, &linfo);
	if (err)
		return err;
	il = kzalloc(sizeof(*il), GFP_USER | __GFP_ACCOUNT);
	if (!il)
		return -ENOMEM;
	il->target = bpf_iter_target_find(prog->aux->attach_func_name);
	err = il->target ? 0 : -ENOENT;
	bpf_link_init(&il->link, BPF_LINK_TYPE_ITER, &iter_link_ops, prog);
	if (!err)
		err = bpf_link_prime(&il->link, &primer);
	if (err) {
		kfree(il);
		return err;
	}
	if (il->target->reg->attach_target) {
		err = il->target->reg->attach_target(prog, &linfo, &il->aux);
		if (err) {
			bpf_link_cleanup(&primer);
			return err;
		}
	}
	return bpf_link_settle(&primer);
}

const struct bpf_attach_ops bpf_iter_attach_ops = {
	.link_create = iter_link_create,
};

/* ------------------------------------------------------------------ files */

/**
 * bpf_link_is_iter - can files be made of a link
 * @link: any link
 *
 * Context: any. Return: true if so.
 */
bool bpf_link_is_iter(const struct bpf_link *link)
{
	return link->ops == &iter_link_ops;
}

/**
 * bpf_iter_open_link - make an opened file one that is read through a link's program
 * @link: link of an iterator
 * @file: being opened
 *
 * Context: process; may sleep. Return: 0, -EINVAL for another link, -ENOMEM, what the target says.
 */
int bpf_iter_open_link(struct bpf_link *link, struct file *file)
{
	int err;

	if (!bpf_link_is_iter(link))
		return -EINVAL;
	mutex_lock(&iter_link_lock);
	err = bpf_iter_open(to_iter_link(link), file);
	mutex_unlock(&iter_link_lock);
	return err;
}

static int iter_new_fd(struct bpf_link *link)
{
	struct file *file;
	int fd, err;

	fd = get_unused_fd_flags(O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = anon_inode_getfile("bpf_iter", &bpf_iter_fops, NULL, O_RDONLY | O_CLOEXEC);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	err = bpf_iter_open_link(link, file);
	if (err) {
		fput(file);
		put_unused_fd(fd);
		return err;
	}
	fd_install(fd, file);
	return fd;
}

/**
 * cmd_iter_create - BPF_ITER_CREATE
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd that is read for the text; -EBADF, -EINVAL for another kind of link, -EMFILE,
 * -ENOMEM, what the target says.
 */
int cmd_iter_create(const struct bpf_cmd_args *args)
{
	struct bpf_link *link;
	int ret;

	if (args->attr->iter_create.flags)
		return -EINVAL;
	link = bpf_link_get_from_fd(args->attr->iter_create.link_fd);
	if (IS_ERR(link))
		return PTR_ERR(link);
	ret = iter_new_fd(link);
	bpf_link_put_direct(link);
	return ret;
}
