// SPDX-License-Identifier: GPL-2.0
/*
 * Objects behind fds, in the kernel: anonymous inodes.
 */
#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/poll.h>
#include "btf/btf.h"
#include "syscall/fd.h"
#include "syscall/fdinfo.h"
#include "syscall/link.h"
#include "syscall/map_mmap.h"

static int map_release(struct inode *inode, struct file *file)
{
	bpf_map_file_released(file->private_data, file);
	return 0;
}

static int prog_release(struct inode *inode, struct file *file)
{
	bpf_prog_put(file->private_data);
	return 0;
}

static int link_release(struct inode *inode, struct file *file)
{
	bpf_link_put_direct(file->private_data);
	return 0;
}

static int stats_release(struct inode *inode, struct file *file)
{
	bpf_stats_disable();
	return 0;
}

static __poll_t map_poll(struct file *file, struct poll_table_struct *pts)
{
	struct bpf_map *map = file->private_data;

	return map->ops->poll ? map->ops->poll(map, file, pts) : EPOLLERR;
}

static __poll_t link_poll(struct file *file, struct poll_table_struct *pts)
{
	struct bpf_link *link = file->private_data;

	return link->ops->poll(file, pts);
}

static unsigned long map_get_unmapped_area(struct file *file, unsigned long addr,
					   unsigned long len, unsigned long pgoff,
					   unsigned long flags)
{
	struct bpf_map *map = file->private_data;

	if (map->ops->get_unmapped_area)
		return map->ops->get_unmapped_area(file, addr, len, pgoff, flags);
#ifdef CONFIG_MMU
	return mm_get_unmapped_area(current->mm, file, addr, len, pgoff, flags);
#else
	return addr;
#endif
}

static const struct file_operations map_fops = {
	.release = map_release,
	.mmap = bpf_map_mmap,
	.poll = map_poll,
	.get_unmapped_area = map_get_unmapped_area,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bpf_map_show_fdinfo,
#endif
};

static const struct file_operations prog_fops = {
	.release = prog_release,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bpf_prog_show_fdinfo,
#endif
};

static const struct file_operations link_fops = {
	.release = link_release,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bpf_link_show_fdinfo,
#endif
};

static const struct file_operations link_fops_poll = {
	.release = link_release,
	.poll = link_poll,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bpf_link_show_fdinfo,
#endif
};

static const struct file_operations stats_fops = {
	.release = stats_release,
};

static int btf_release(struct inode *inode, struct file *file)
{
	btf_put(file->private_data);
	return 0;
}

static const struct file_operations btf_fops = {
	.release = btf_release,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = bpf_btf_show_fdinfo,
#endif
};

/*
 * Names as /proc/PID/fd shows them; clients tell objects by them. The file that a link is made with
 * has another name than those that open it later (from its id or a pin): bpftool knows the latter.
 */
static const struct {
	const char *name;
	const char *reopened;
	const struct file_operations *fops;
} fd_kinds[] = {
	[BPF_FD_MAP] = { "bpf-map", "bpf-map", &map_fops },
	[BPF_FD_PROG] = { "bpf-prog", "bpf-prog", &prog_fops },
	[BPF_FD_LINK] = { "bpf_link", "bpf-link", &link_fops },
	[BPF_FD_STATS] = { "bpf-stats", "bpf-stats", &stats_fops },
	[BPF_FD_BTF] = { "btf", "btf", &btf_fops },
};

static_assert(ARRAY_SIZE(fd_kinds) == __BPF_FD_KINDS);

/**
 * bpf_fd_object - the object behind a file
 * @file: any file
 * @kind: what it should be
 *
 * Context: any.
 * Return: the object, without a reference; NULL where the file is something else.
 */
void *bpf_fd_object(struct file *file, enum bpf_fd_kind kind)
{
	if (file->f_op == fd_kinds[kind].fops)
		return file->private_data;
	if (kind == BPF_FD_LINK && file->f_op == &link_fops_poll)
		return file->private_data;
	return NULL;
}

static struct file *open_object(enum bpf_fd_kind kind, const char *name, void *obj, int flags)
{
	const struct file_operations *fops = fd_kinds[kind].fops;

	if (kind == BPF_FD_LINK && ((struct bpf_link *)obj)->ops->poll)
		fops = &link_fops_poll;
	return anon_inode_getfile(name, fops, obj, flags);
}

/**
 * bpf_fd_file - the first file of an object
 * @kind: what it is
 * @obj: a reference of the caller's goes into the file when it succeeds
 * @flags: O_*
 *
 * Context: process; may sleep.
 * Return: the file, or ERR_PTR: -ENFILE, -ENOMEM.
 */
struct file *bpf_fd_file(enum bpf_fd_kind kind, void *obj, int flags)
{
	return open_object(kind, fd_kinds[kind].name, obj, flags);
}

/**
 * bpf_fd_reserve - an fd number with nothing behind it yet
 *
 * Context: process; may sleep.
 * Return: the number, or -EMFILE or -ENOMEM.
 */
int bpf_fd_reserve(void)
{
	return get_unused_fd_flags(O_CLOEXEC);
}

/**
 * bpf_fd_unreserve - give a reserved number back
 * @fd: from bpf_fd_reserve()
 *
 * Context: process.
 */
void bpf_fd_unreserve(int fd)
{
	put_unused_fd(fd);
}

/**
 * bpf_fd_install - make a reserved number an open file; it cannot fail and cannot be undone
 * @fd: from bpf_fd_reserve()
 * @file: the file; the caller's reference goes into the table
 *
 * Context: process.
 */
void bpf_fd_install(int fd, struct file *file)
{
	fd_install(fd, file);
}

/**
 * bpf_fd_new - a further fd for an object, or the only one
 * @kind: what it is
 * @obj: a reference of the caller's goes into the fd when it succeeds
 * @flags: O_*
 *
 * Context: process; may sleep.
 * Return: the fd; -EMFILE, -ENFILE, -ENOMEM.
 */
int bpf_fd_new(enum bpf_fd_kind kind, void *obj, int flags)
{
	struct file *file;
	int fd;

	fd = get_unused_fd_flags(flags & O_CLOEXEC);
	if (fd < 0)
		return fd;
	file = open_object(kind, fd_kinds[kind].reopened, obj, flags);
	if (IS_ERR(file)) {
		put_unused_fd(fd);
		return PTR_ERR(file);
	}
	fd_install(fd, file);
	return fd;
}

/**
 * bpf_fd_mode - what a file was opened for
 * @file: the file
 *
 * Context: any.
 * Return: FMODE_READ, FMODE_WRITE or both.
 */
fmode_t bpf_fd_mode(const struct file *file)
{
	return file->f_mode & (FMODE_READ | FMODE_WRITE);
}
