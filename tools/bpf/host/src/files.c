// SPDX-License-Identifier: GPL-2.0
/* Twin of fs/file.c and fs/anon_inodes.c: files behind the client's descriptors. */
#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/poll.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <host/os.h>
#include "host.h"
#include "syscall/fd.h"

/* A file, and the name that /proc/PID/fd would show. */
struct host_file {
	struct file file;
	const char *name;
};

static struct host_file *host_file(struct file *file)
{
	return container_of(file, struct host_file, file);
}

struct file *anon_inode_getfile(const char *name, const struct file_operations *fops, void *priv,
				int flags)
{
	struct host_file *f = kzalloc(sizeof(*f), GFP_KERNEL);

	if (!f)
		return ERR_PTR(-ENOMEM);
	f->name = name;
	f->file.f_op = fops;
	f->file.private_data = priv;
	f->file.f_flags = flags & (O_ACCMODE | O_NONBLOCK);
	f->file.f_mode = OPEN_FMODE(flags);
	atomic_long_set(&f->file.f_count, 1);
	return &f->file;
}

void fput(struct file *file)
{
	if (!atomic_long_dec_and_test(&file->f_count))
		return;
	if (file->f_op->release)
		file->f_op->release(NULL, file);
	kfree(host_file(file));
}

int get_unused_fd_flags(unsigned int flags)
{
	if (os_alloc_fails(1))
		return -ENOMEM;
	return os_fd_new(!!(flags & O_CLOEXEC));
}

void put_unused_fd(unsigned int fd)
{
	os_fd_close(fd);
}

void fd_install(unsigned int fd, struct file *file)
{
	WARN_ON_ONCE(os_fd_attach(fd, file));
}

/* Any descriptor that is open and not ours. */
static const struct file_operations foreign_fops;
static struct file foreign = { .f_op = &foreign_fops };

/* A concurrent close() must not take the file away: each use holds it. */
static int hold(void *object)
{
	struct file *file = object;

	return atomic_long_inc_not_zero(&file->f_count);
}

struct fd fdget(unsigned int fd)
{
	struct file *file = os_fd_object(fd, hold);

	if (!file)
		return os_fd_is_open(fd) ? BORROWED_FD(&foreign) : EMPTY_FD;
	return CLONED_FD(file);
}

struct file *fget(unsigned int fd)
{
	return os_fd_object(fd, hold);
}

/* Files whose descriptors were closed. */
void host_release_files(void)
{
	struct file *file;

	while ((file = os_fd_reap()))
		fput(file);
}

/* -------------------------------------------------------------- what clients ask of descriptors */

/* Names are constants: they outlast the file. */
const char *host_fd_name(int fd)
{
	struct file *file = os_fd_object(fd, hold);
	const char *name = NULL;

	if (file) {
		name = host_file(file)->name;
		fput(file);
	}
	return name;
}

int host_known_fd(int fd)
{
	return !!host_fd_name(fd);
}

void host_fdinfo(int fd, char *buf, os_size size)
{
	struct seq_file m = { .buf = buf, .size = size };
	struct fd f = fdget(fd);

	if (fd_empty(f) || fd_file(f) == &foreign)
		return;
	mutex_init(&m.lock);
	seq_printf(&m, "pos:\t0\nflags:\t0%o\nmnt_id:\t0\nino:\t0\n", fd_file(f)->f_flags);
	if (fd_file(f)->f_op->show_fdinfo)
		fd_file(f)->f_op->show_fdinfo(&m, fd_file(f));
	buf[min(m.count, size - 1)] = 0;
	fdput(f);
}

/* Most maps never become readable, and there may be many of them. */
static int hold_polled(void *object)
{
	const struct bpf_map *map = bpf_fd_object(object, BPF_FD_MAP);

	return (!map || map->ops->poll) && hold(object);
}

static void update_ready(void *object)
{
	struct file *file = object;

	if (file->f_op->poll)
		os_fd_ready(file, !!(file->f_op->poll(file, NULL) & (EPOLLIN | EPOLLRDNORM)));
	fput(file);
}

/* poll(2) sees what has become readable. */
void host_update_ready(void)
{
	os_fd_each(hold_polled, update_ready);
}

/* ------------------------------------------------------------------ mappings */

struct host_vma {
	struct list_head list;
	struct vm_area_struct vma;
};

static LIST_HEAD(vmas);
static DEFINE_MUTEX(vmas_lock);

/*
 * Maps an object at @addr, where the caller has put an unreadable mapping of @len bytes. *@known:
 * it is ours; else nothing was done.
 */
void *host_mmap(void *addr, os_size len, int write, int shared, int fd, os_size off, int *known)
{
	struct mm_struct *mm = current->mm;
	struct fd f = fdget(fd);
	struct host_vma *v;
	int err = -ENODEV;

	*known = !fd_empty(f);
	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	down_write(&mm->mmap_lock);
	v = kzalloc(sizeof(*v), GFP_KERNEL);
	if (!v) {
		err = -ENOMEM;
		goto put;
	}
	v->vma.vm_mm = mm;
	v->vma.vm_lock_seq = mm->mm_lock_seq.sequence;
	v->vma.vm_start = (unsigned long)addr;
	v->vma.vm_end = v->vma.vm_start + PAGE_ALIGN(len);
	v->vma.vm_pgoff = off >> PAGE_SHIFT;
	v->vma.vm_file = fd_file(f);
	vm_flags_init(&v->vma, VM_READ | VM_MAYREAD | VM_MAYEXEC | (write ? VM_WRITE : 0) |
		      (shared ? VM_SHARED | VM_MAYSHARE : 0));
	if (fd_file(f)->f_mode & FMODE_WRITE)
		vm_flags_set(&v->vma, VM_MAYWRITE);
	err = -EACCES;
	if (!(fd_file(f)->f_mode & FMODE_READ) ||
	    (write && shared && !(v->vma.vm_flags & VM_MAYWRITE)))
		goto free;
	err = -ENODEV;
	if (fd_file(f)->f_op->mmap)
		err = fd_file(f)->f_op->mmap(fd_file(f), &v->vma);
	if (err)
		goto free;
	get_file(fd_file(f));
	mutex_lock(&vmas_lock);
	list_add(&v->list, &vmas);
	mutex_unlock(&vmas_lock);
	up_write(&mm->mmap_lock);
	fdput(f);
	return addr;
free:
	kfree(v);
put:
	up_write(&mm->mmap_lock);
	fdput(f);
	return ERR_PTR(err);
}

/* Mappings that begin inside of what is unmapped or replaced go whole. */
int host_munmap(void *addr, os_size len)
{
	unsigned long start = (unsigned long)addr, end = start + PAGE_ALIGN(len);
	struct host_vma *v, *next;
	LIST_HEAD(gone);
	int n = 0;

	mutex_lock(&vmas_lock);
	list_for_each_entry_safe(v, next, &vmas, list) {
		if (v->vma.vm_start >= start && v->vma.vm_start < end)
			list_move(&v->list, &gone);
	}
	mutex_unlock(&vmas_lock);
	list_for_each_entry_safe(v, next, &gone, list) {
		if (v->vma.vm_ops && v->vma.vm_ops->close)
			v->vma.vm_ops->close(&v->vma);
		fput(v->vma.vm_file);
		kfree(v);
		n++;
	}
	return n;
}
