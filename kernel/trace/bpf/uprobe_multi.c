// SPDX-License-Identifier: GPL-2.0
/*
 * Links of one program to many places of an executable file, or to the returns from there.
 */
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/err.h>
#include <linux/namei.h>
#include <linux/path.h>
#include <linux/pid.h>
#include <linux/ptrace.h>
#include <linux/sched/signal.h>
#include <linux/sched/task.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <linux/uprobes.h>

#include "attach/attach.h"
#include "attach/info_str.h"
#include "multi.h"

struct uprobe_multi;

/**
 * struct uprobe_place - one place
 * @um: its link
 * @uprobe: registered, or NULL
 * @consumer: what is called there
 * @offset: byte in the file
 * @ref_ctr_offset: of a counter in the file that says that the place is watched, or 0
 * @cookie: for bpf_get_attach_cookie()
 */
struct uprobe_place {
	struct uprobe_multi *um;
	struct uprobe *uprobe;
	struct uprobe_consumer consumer;
	u64 offset;
	u64 ref_ctr_offset;
	u64 cookie;
};

/**
 * struct uprobe_multi - a link
 * @link: common part
 * @path: the file
 * @task: process that is watched, with a reference; NULL: all
 * @flags: BPF_F_UPROBE_MULTI_*
 * @cnt: places
 * @places: the places
 */
struct uprobe_multi {
	struct bpf_link link;
	struct path path;
	struct task_struct *task;
	u32 flags;
	u32 cnt;
	struct uprobe_place *places;
};

/* ------------------------------------------------------------------ running */

static void uprobe_multi_run(struct uprobe_place *place, unsigned long ip, struct pt_regs *regs,
			     bool is_return)
{
	struct bpf_multi_run_ctx ctx = {
		.run = { .bpf_cookie = place->cookie, .is_uprobe = true },
		.func_ip = ip,
		.is_return = is_return,
	};
	struct uprobe_multi *um = place->um;
	struct bpf_prog *prog = um->link.prog;

	if (um->task && !same_thread_group(current, um->task))
		return;
	bpf_prog_run_in_section(prog, regs, &ctx.run.run_ctx);
}

static int on_hit(struct uprobe_consumer *uc, struct pt_regs *regs)
{
	struct uprobe_place *place = container_of(uc, struct uprobe_place, consumer);

	uprobe_multi_run(place, instruction_pointer(regs), regs, false);
	return 0;
}

static int on_return(struct uprobe_consumer *uc, unsigned long func, struct pt_regs *regs)
{
	struct uprobe_place *place = container_of(uc, struct uprobe_place, consumer);

	uprobe_multi_run(place, func, regs, true);
	return 0;
}

static bool mm_wanted(struct uprobe_consumer *uc, struct mm_struct *mm)
{
	return container_of(uc, struct uprobe_place, consumer)->um->task->mm == mm;
}

/* ------------------------------------------------------------------ the link */

/* Letting a file go may sleep: it cannot be left to the end of a grace period. */
static void uprobe_multi_put(struct uprobe_multi *um)
{
	if (um->task)
		put_task_struct(um->task);
	if (um->path.dentry)
		path_put(&um->path);
	um->task = NULL;
	um->path = (struct path) {};
}

static void uprobe_multi_free(struct uprobe_multi *um)
{
	kvfree(um->places);
	kfree(um);
}

static void places_unregister(struct uprobe_multi *um)
{
	bool any = false;
	u32 i;

	for (i = 0; i < um->cnt; i++) {
		if (!um->places[i].uprobe)
			continue;
		uprobe_unregister_nosync(um->places[i].uprobe, &um->places[i].consumer);
		um->places[i].uprobe = NULL;
		any = true;
	}
	if (any)
		uprobe_unregister_sync();
}

static void uprobe_multi_release(struct bpf_link *link)
{
	struct uprobe_multi *um = container_of(link, struct uprobe_multi, link);

	places_unregister(um);
	uprobe_multi_put(um);
}

static void uprobe_multi_dealloc(struct bpf_link *link)
{
	uprobe_multi_free(container_of(link, struct uprobe_multi, link));
}

static int copy_path(const struct uprobe_multi *um, struct bpf_link_info *info)
{
	char *buf, *name;
	int err;

	if (!info->uprobe_multi.path != !info->uprobe_multi.path_size)
		return -EINVAL;
	if (!info->uprobe_multi.path)
		return 0;
	buf = kmalloc(PATH_MAX, GFP_KERNEL);
	if (!buf)
		return -ENOMEM;
	name = d_path(&um->path, buf, PATH_MAX);
	err = IS_ERR(name) ? PTR_ERR(name) :
	      bpf_info_copy_str(info->uprobe_multi.path, &info->uprobe_multi.path_size, name);
	kfree(buf);
	return err;
}

/* Columns of the table of places that the reader has room for. */
static int copy_places(const struct uprobe_multi *um, const struct bpf_link_info *info, u32 room)
{
	u64 __user *offsets = u64_to_user_ptr(info->uprobe_multi.offsets);
	u64 __user *refs = u64_to_user_ptr(info->uprobe_multi.ref_ctr_offsets);
	u64 __user *cookies = u64_to_user_ptr(info->uprobe_multi.cookies);
	u32 i, n = min(room, um->cnt);

	for (i = 0; i < n; i++) {
		if ((offsets && put_user(um->places[i].offset, &offsets[i])) ||
		    (refs && put_user(um->places[i].ref_ctr_offset, &refs[i])) ||
		    (cookies && put_user(um->places[i].cookie, &cookies[i])))
			return -EFAULT;
	}
	return room && n < um->cnt ? -ENOSPC : 0;
}

static int uprobe_multi_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	const struct uprobe_multi *um = container_of(link, struct uprobe_multi, link);
	u32 room = info->uprobe_multi.count;
	int err;

	if ((info->uprobe_multi.offsets || info->uprobe_multi.ref_ctr_offsets ||
	     info->uprobe_multi.cookies) && !room)
		return -EINVAL;
	info->uprobe_multi.count = um->cnt;
	info->uprobe_multi.flags = um->flags;
	info->uprobe_multi.pid = um->task ? task_pid_nr_ns(um->task,
							   task_active_pid_ns(current)) : 0;
	err = copy_path(um, info);
	return err ?: copy_places(um, info, room);
}

static const struct bpf_link_ops uprobe_multi_ops = {
	.release = uprobe_multi_release,
	.dealloc_deferred = uprobe_multi_dealloc,
	.fill_link_info = uprobe_multi_fill_info,
};

/* ------------------------------------------------------------------ attaching */

static int find_file(struct uprobe_multi *um, u64 from)
{
	char *name = strndup_user(u64_to_user_ptr(from), PATH_MAX);
	int err;

	if (IS_ERR(name))
		return PTR_ERR(name);
	err = kern_path(name, LOOKUP_FOLLOW, &um->path);
	kfree(name);
	if (err)
		return err;
	return d_is_reg(um->path.dentry) ? 0 : -EBADF;
}

static int find_task(struct uprobe_multi *um, pid_t nr)
{
	if (!nr)
		return 0;
	rcu_read_lock();
	um->task = get_pid_task(find_vpid(nr), PIDTYPE_TGID);
	rcu_read_unlock();
	return um->task ? 0 : -ESRCH;
}

/* One column of the table of places from user space, NULL where it was not given. */
static int get_column(u64 from, u32 cnt, u64 **col)
{
	*col = from ? bpf_multi_get(from, cnt) : NULL;
	return PTR_ERR_OR_ZERO(*col);
}

static void place_init(struct uprobe_multi *um, struct uprobe_place *place)
{
	place->um = um;
	if (um->flags & BPF_F_UPROBE_MULTI_RETURN)
		place->consumer.ret_handler = on_return;
	else
		place->consumer.handler = on_hit;
	if (um->task)
		place->consumer.filter = mm_wanted;
}

static int get_places(struct uprobe_multi *um, const union bpf_attr *attr)
{
	u64 *offsets = NULL, *refs = NULL, *cookies = NULL;
	int err;
	u32 i;

	um->places = kvcalloc(um->cnt, sizeof(*um->places), GFP_KERNEL_ACCOUNT);
	if (!um->places)
		return -ENOMEM;
	err = get_column(attr->link_create.uprobe_multi.offsets, um->cnt, &offsets);
	if (!err)
		err = get_column(attr->link_create.uprobe_multi.ref_ctr_offsets, um->cnt, &refs);
	if (!err)
		err = get_column(attr->link_create.uprobe_multi.cookies, um->cnt, &cookies);
	for (i = 0; i < um->cnt && !err; i++) {
		place_init(um, &um->places[i]);
		um->places[i].offset = offsets[i];
		um->places[i].ref_ctr_offset = refs ? refs[i] : 0;
		um->places[i].cookie = cookies ? cookies[i] : 0;
		if ((s64)offsets[i] < 0)
			err = -EINVAL;
	}
	kvfree(IS_ERR(offsets) ? NULL : offsets);
	kvfree(IS_ERR(refs) ? NULL : refs);
	kvfree(IS_ERR(cookies) ? NULL : cookies);
	return err;
}

static int places_register(struct uprobe_multi *um)
{
	struct inode *inode = d_real_inode(um->path.dentry);
	struct uprobe_place *place;
	struct uprobe *uprobe;
	u32 i;

	for (i = 0; i < um->cnt; i++) {
		place = &um->places[i];
		uprobe = uprobe_register(inode, place->offset, place->ref_ctr_offset,
					 &place->consumer);
		if (IS_ERR(uprobe)) {
			places_unregister(um);
			return PTR_ERR(uprobe);
		}
		place->uprobe = uprobe;
	}
	return 0;
}

static int check_attr(const union bpf_attr *attr)
{
	u32 cnt = attr->link_create.uprobe_multi.cnt;

	if (attr->link_create.flags ||
	    attr->link_create.uprobe_multi.flags & ~BPF_F_UPROBE_MULTI_RETURN || !cnt ||
	    !attr->link_create.uprobe_multi.path || !attr->link_create.uprobe_multi.offsets ||
	    (pid_t)attr->link_create.uprobe_multi.pid < 0)
		return -EINVAL;
	return cnt > BPF_MULTI_MAX ? -E2BIG : 0;
}

static int uprobe_multi_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct bpf_link_primer primer;
	struct uprobe_multi *um;
	int err;

	err = check_attr(attr);
	if (err)
		return err;
	um = kzalloc(sizeof(*um), GFP_KERNEL_ACCOUNT);
	if (!um)
		return -ENOMEM;
	um->cnt = attr->link_create.uprobe_multi.cnt;
	um->flags = attr->link_create.uprobe_multi.flags;
	err = find_file(um, attr->link_create.uprobe_multi.path);
	if (!err)
		err = find_task(um, attr->link_create.uprobe_multi.pid);
	if (!err)
		err = get_places(um, attr);
	bpf_link_init(&um->link, BPF_LINK_TYPE_UPROBE_MULTI, &uprobe_multi_ops, prog);
	if (!err)
		err = bpf_link_prime(&um->link, &primer);
	if (err) {
		uprobe_multi_put(um);
		uprobe_multi_free(um);
		return err;
	}
	err = places_register(um);
	if (err) {
		uprobe_multi_put(um);
		bpf_link_cleanup(&primer);
		return err;
	}
	return bpf_link_settle(&primer);
}

const struct bpf_attach_ops bpf_uprobe_multi_attach_ops = {
	.link_create = uprobe_multi_link_create,
};
