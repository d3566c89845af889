// SPDX-License-Identifier: GPL-2.0
/* Ids and fds of BTF objects: bpf(2)'s side of them. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/fcntl.h>
#include <linux/file.h>
#include <linux/seq_file.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "btf/btf.h"
#include "btf/ids.h"
#include "btf/internal.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/ids.h"

static DEFINE_BPF_IDS(bpf_btf_ids);

/**
 * btf_id_add - give an object its id
 * @btf: a complete object; it can be found from now on
 *
 * Context: process context, may sleep. Return: 0, -ENOSPC, -ENOMEM.
 */
int btf_id_add(struct btf *btf)
{
	int id = bpf_id_new(&bpf_btf_ids, NULL);

	if (id < 0)
		return id;
	btf->id = id;
	bpf_id_publish(&bpf_btf_ids, id, btf);
	return 0;
}

void btf_id_remove(struct btf *btf)
{
	if (btf->id)
		bpf_id_remove(&bpf_btf_ids, btf->id);
	btf->id = 0;
}

static void *btf_get_live(void *obj)
{
	struct btf *btf = obj;

	return refcount_inc_not_zero(&btf->refcnt) ? btf : ERR_PTR(-ENOENT);
}

struct btf *btf_from_file(struct file *file)
{
	return bpf_fd_object(file, BPF_FD_BTF);
}

/**
 * btf_get_by_fd - object of an fd
 * @fd: any number
 *
 * Context: process context.
 * Return: the object with a reference; ERR_PTR: -EBADF, -EINVAL where it is no BTF fd.
 */
struct btf *btf_get_by_fd(int fd)
{
	struct fd f = fdget(fd);
	struct btf *btf;

	if (!fd_file(f))
		return ERR_PTR(-EBADF);
	btf = btf_from_file(fd_file(f));
	if (btf)
		btf_get(btf);
	fdput(f);
	return btf ?: ERR_PTR(-EINVAL);
}

/**
 * btf_get_fd_by_id - BPF_BTF_GET_FD_BY_ID
 * @id: any number
 *
 * Context: process context, may sleep. Return: an fd, -ENOENT, -EMFILE, -ENFILE, -ENOMEM.
 */
int btf_get_fd_by_id(u32 id)
{
	struct btf *btf = bpf_id_find(&bpf_btf_ids, id, btf_get_live);
	int fd;

	if (IS_ERR(btf))
		return PTR_ERR(btf);
	fd = bpf_fd_new(BPF_FD_BTF, btf, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		btf_put(btf);
	return fd;
}

/**
 * btf_next_id - the next id in use
 * @id: any number
 *
 * Context: process context. Return: the first id above @id, or -ENOENT.
 */
int btf_next_id(u32 id)
{
	struct btf *btf;

	if (id >= INT_MAX)
		return -ENOENT;
	id++;
	btf = bpf_id_first_from(&bpf_btf_ids, &id, btf_get_live);
	if (!btf)
		return -ENOENT;
	btf_put(btf);
	return id;
}

void bpf_btf_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct btf *btf = file->private_data;

	seq_printf(m, "btf_id:\t%u\n", btf->id);
}

/**
 * btf_get_info_by_fd - BPF_OBJ_GET_INFO_BY_FD of BTF
 * @btf: object
 * @attr: kernel copy of the attributes
 * @uattr: user space's
 *
 * btf_size says how many bytes the object has; as many of them as fit are copied.
 *
 * Context: process context, may sleep. Return: 0, -EFAULT, -E2BIG, -EINVAL.
 */
int btf_get_info_by_fd(const struct btf *btf, const union bpf_attr *attr,
		       union bpf_attr __user *uattr)
{
	struct bpf_btf_info __user *uinfo = u64_to_user_ptr(attr->info.info);
	u32 user_len = attr->info.info_len, len, copy, room;
	struct bpf_btf_info info = {};
	void __user *ubtf;
	char __user *uname;
	int err;

	err = bpf_check_tail_zero(uinfo, sizeof(info), user_len);
	if (err)
		return err;
	len = min_t(u32, user_len, sizeof(info));
	if (copy_from_user(&info, uinfo, len))
		return -EFAULT;

	ubtf = u64_to_user_ptr(info.btf);
	copy = min(btf->data_size, info.btf_size);
	if (copy_to_user(ubtf, btf->data, copy))
		return -EFAULT;
	info.btf_size = btf->data_size;
	info.id = btf->id;
	info.kernel_btf = btf->kernel;

	uname = u64_to_user_ptr(info.name);
	room = info.name_len;
	if (!!uname != !!room)
		return -EINVAL;
	info.name_len = strlen(btf->name);
	if (room) {
		copy = min(room, info.name_len + 1);
		if (copy_to_user(uname, btf->name, copy))
			return -EFAULT;
		if (copy <= info.name_len) {
			/* cut, and still a string */
			if (put_user('\0', uname + room - 1))
				return -EFAULT;
			err = -ENOSPC;
		}
	}
	if (copy_to_user(uinfo, &info, len) || put_user(len, &uattr->info.info_len))
		return -EFAULT;
	return err;
}
