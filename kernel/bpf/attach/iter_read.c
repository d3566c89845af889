// SPDX-License-Identifier: GPL-2.0
/*
 * Reading an iterator: a file whose text is what a program writes for each object of a target.
 *
 * Unlike an ordinary seq_file's, the output of stop at the end counts, an object's output that does
 * not fit any more is dropped and written again by the next read, and a program may ask for its
 * object to be left out.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/err.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "attach/attach.h"
#include "attach/iter.h"
#include "attach/iter_int.h"

/* Bytes that one step of the walk may write. */
#define BUF_SIZE	(PAGE_SIZE * 8)

/* Objects of one read whose walk cannot give the CPU away. */
#define OBJECTS_MAX	1000000

/**
 * struct iter_file - one walk
 * @seq_info: how to walk
 * @prog: program, with a reference
 * @session_id: number of the walk
 * @seq_num: objects that the program has seen
 * @ended: the program has seen the end
 * @resched: the walk may give the CPU away between objects
 * @priv: the target's own
 */
struct iter_file {
	const struct bpf_iter_seq_info *seq_info;
	struct bpf_prog *prog;
	u64 session_id;
	u64 seq_num;
	bool ended;
	bool resched;
	u8 priv[] __aligned(8);
};

static atomic64_t session_id;

static struct iter_file *to_iter(struct seq_file *seq)
{
	return container_of(seq->private, struct iter_file, priv);
}

/* One object; true: its output stands in the buffer. An error ends the read where nothing does. */
static bool show_one(struct seq_file *seq, void *obj, int *err)
{
	size_t mark = seq->count;

	*err = seq->op->show(seq, obj);
	if (!*err && !seq_has_overflowed(seq)) {
		to_iter(seq)->seq_num++;
		return true;
	}
	if (!*err)
		*err = -E2BIG;
	seq->count = mark;
	return false;
}

/* The end: the program may write a last word. */
static int show_end(struct seq_file *seq)
{
	struct iter_file *it = to_iter(seq);
	size_t mark = seq->count;

	seq->op->stop(seq, NULL);
	if (!seq_has_overflowed(seq)) {
		it->ended = true;
		return 0;
	}
	seq->count = mark;
	return mark ? 0 : -E2BIG;
}

static void *walk_next(struct seq_file *seq, void *obj)
{
	loff_t index = seq->index;

	obj = seq->op->next(seq, obj, &seq->index);
	/* a walk that forgets to move on would be started at the same object for ever */
	if (seq->index == index)
		seq->index++;
	return obj;
}

/* Fills the buffer from where the walk stands; @want bytes are enough. */
static int fill(struct seq_file *seq, size_t want)
{
	bool resched = to_iter(seq)->resched;
	u32 objects = 0;
	void *obj;
	int err = 0;

	/* objects that come later are another walk's */
	if (to_iter(seq)->ended)
		return 0;
	obj = seq->op->start(seq, &seq->index);
	while (!IS_ERR_OR_NULL(obj)) {
		if (!show_one(seq, obj, &err) && err < 0)
			break;
		err = 0;
		if (++objects >= OBJECTS_MAX && !seq->count) {
			err = -EAGAIN;
			obj = walk_next(seq, obj);
			break;
		}
		obj = walk_next(seq, obj);
		if (seq->count >= want)
			break;
		if (resched)
			cond_resched();
	}
	if (IS_ERR(obj)) {
		err = PTR_ERR(obj);
		seq->op->stop(seq, obj);
	} else if (obj) {
		seq->op->stop(seq, obj);
	} else if (!err) {
		err = show_end(seq);
	} else {
		seq->op->stop(seq, ERR_PTR(err));
	}
	return seq->count ? 0 : err;
}

static ssize_t take(struct seq_file *seq, char __user *buf, size_t size)
{
	size_t n = min(seq->count, size);

	if (copy_to_user(buf, seq->buf + seq->from, n))
		return -EFAULT;
	seq->count -= n;
	seq->from += n;
	return n;
}

static ssize_t iter_read(struct file *file, char __user *buf, size_t size, loff_t *ppos)
{
	struct seq_file *seq = file->private_data;
	ssize_t ret = 0;

	if (!size)
		return 0;
	mutex_lock(&seq->lock);
	if (!seq->buf) {
		seq->buf = kvmalloc(BUF_SIZE, GFP_KERNEL);
		seq->size = seq->buf ? BUF_SIZE : 0;
		ret = seq->buf ? 0 : -ENOMEM;
	}
	if (!ret && !seq->count) {
		seq->from = 0;
		ret = fill(seq, size);
	}
	if (!ret)
		ret = take(seq, buf, size);
	mutex_unlock(&seq->lock);
	return ret;
}

static int iter_release(struct inode *inode, struct file *file)
{
	struct seq_file *seq = file->private_data;
	struct iter_file *it;

	if (!seq)
		return 0;
	it = to_iter(seq);
	if (it->seq_info->fini_seq_private)
		it->seq_info->fini_seq_private(seq->private);
	bpf_prog_put(it->prog);
	seq->private = it;
	return seq_release_private(inode, file);
}

/* Of a pinned link; files of BPF_ITER_CREATE are not opened. */
static int iter_open(struct inode *inode, struct file *file)
{
	return bpf_iter_open_link(inode->i_private, file);
}

const struct file_operations bpf_iter_fops = {
	.open = iter_open,
	.read = iter_read,
	.release = iter_release,
};

/**
 * bpf_iter_open - let a file be read through an iterator's program
 * @il: link
 * @file: new file with bpf_iter_fops
 *
 * Context: process; may sleep. Return: 0, -ENOMEM, what the target says.
 */
int bpf_iter_open(struct bpf_iter_link *il, struct file *file)
{
	const struct bpf_iter_seq_info *info = il->target->reg->seq_info;
	struct seq_file *seq;
	struct iter_file *it;
	int err;

	it = __seq_open_private(file, info->seq_ops,
				struct_size(it, priv, info->seq_priv_size));
	if (!it)
		return -ENOMEM;
	seq = file->private_data;
	it->seq_info = info;
	it->session_id = atomic64_inc_return(&session_id);
	it->resched = il->target->reg->feature & BPF_ITER_RESCHED;
	if (info->init_seq_private) {
		err = info->init_seq_private(it->priv, &il->aux);
		if (err) {
			seq_release_private(file_inode(file), file);
			file->private_data = NULL;
			return err;
		}
	}
	bpf_prog_inc(il->link.prog);
	it->prog = il->link.prog;
	seq->private = it->priv;
	return 0;
}

/**
 * bpf_iter_get_info - what a step of a walk is about, and its program
 * @meta: its seq is set; the rest is filled in
 * @in_stop: the walk is at its end
 *
 * Context: operations of a target's walk.
 * Return: the program; NULL where it is not to be run: the file is not an iterator's, or the
 * program has seen the end.
 */
struct bpf_prog *bpf_iter_get_info(struct bpf_iter_meta *meta, bool in_stop)
{
	struct seq_file *seq = meta->seq;
	struct iter_file *it;

	if (seq->file->f_op != &bpf_iter_fops)
		return NULL;
	it = to_iter(seq);
	if (in_stop && it->ended)
		return NULL;
	meta->session_id = it->session_id;
	meta->seq_num = it->seq_num;
	return it->prog;
}

/**
 * bpf_iter_run_prog - run an iterator's program on an object
 * @prog: from bpf_iter_get_info()
 * @ctx: its context
 *
 * Context: operations of a target's walk; may sleep where the program does.
 * Return: 0; -EAGAIN where the program wants to see the object again.
 */
int bpf_iter_run_prog(struct bpf_prog *prog, void *ctx)
{
	struct bpf_trace_run_ctx run_ctx = {};

	return bpf_prog_run_in_section(prog, ctx, &run_ctx.run_ctx) ? -EAGAIN : 0;
}

/**
 * bpf_iter_show - run an iterator's program on what a step of a walk is about
 * @seq: the file that is read
 * @ctx: the program's context, which begins with a pointer to struct bpf_iter_meta
 * @in_stop: the walk has ended, @ctx has no object
 *
 * Context: operations of a target's walk; may sleep where the program does.
 * Return: 0; -EAGAIN where the program wants to see the object again.
 */
int bpf_iter_show(struct seq_file *seq, void *ctx, bool in_stop)
{
	struct bpf_iter_meta meta = {};
	struct bpf_prog *prog;

	meta.seq = seq;
	prog = bpf_iter_get_info(&meta, in_stop);
	if (!prog)
		return 0;
	*(struct bpf_iter_meta **)ctx = &meta;
	return bpf_iter_run_prog(prog, ctx);
}
