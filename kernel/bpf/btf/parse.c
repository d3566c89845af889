// SPDX-License-Identifier: GPL-2.0
/* From bytes to a BTF object. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/fcntl.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>

#include "btf/btf.h"
#include "btf/ids.h"
#include "btf/internal.h"
#include "syscall/fd.h"

static int check_all(struct btf_check *c)
{
	struct btf *btf = c->btf;
	u32 i;
	int err;

	err = btf_check_header(c);
	if (err)
		return err;
	err = btf_index_types(c);
	if (err)
		return err;
	for (i = 0; i < btf->nr_types; i++) {
		err = btf_check_type(c, btf->types[i], btf->start_id + i);
		if (err)
			return err;
	}
	err = btf_check_refs(c);
	if (!err)
		err = btf_index_names(btf);
	return err || btf->kernel ? err : btf_metas_make(btf);
}

static int copy_data(struct btf *btf, const union bpf_attr *attr, bool from_kernel)
{
	if (attr->btf_size > BTF_MAX_SIZE)
		return -E2BIG;
	btf->data = kvmalloc(max(attr->btf_size, 1U), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!btf->data)
		return -ENOMEM;
	btf->owns_data = true;
	btf->data_size = attr->btf_size;
	if (from_kernel)
		return copy_from_kernel_nofault(btf->data, (const void *)(unsigned long)attr->btf,
						attr->btf_size) ? -EFAULT : 0;
	if (copy_from_user(btf->data, u64_to_user_ptr(attr->btf), attr->btf_size))
		return -EFAULT;
	return 0;
}

static struct btf *parse_user(const union bpf_attr *attr, bool from_kernel,
			      struct bpf_verifier_log *log)
{
	struct btf_check c = { .btf = btf_alloc(NULL), .log = log };
	int err;

	if (!c.btf)
		return ERR_PTR(-ENOMEM);
	err = copy_data(c.btf, attr, from_kernel);
	if (!err)
		err = check_all(&c);
	if (err) {
		btf_free(c.btf);
		return ERR_PTR(err);
	}
	return c.btf;
}

/* Writes the log out; its own failure counts only where the rest went well. */
static int finish_log(struct bpf_verifier_log *log, union bpf_attr __user *uattr, u32 uattr_size)
{
	u32 true_size;
	int err = bpf_vlog_finish(log, &true_size);

	if (uattr && uattr_size >= offsetofend(union bpf_attr, btf_log_true_size) &&
	    put_user(true_size, &uattr->btf_log_true_size))
		return -EFAULT;
	return err;
}

int btf_new_fd(const union bpf_attr *attr, union bpf_attr __user *uattr, u32 uattr_size,
	       bool from_kernel)
{
	struct bpf_verifier_log log;
	struct btf *btf;
	int fd, err;

	err = bpf_vlog_init(&log, attr->btf_log_level, u64_to_user_ptr(attr->btf_log_buf),
			    attr->btf_log_size);
	if (err)
		return err;
	btf = parse_user(attr, from_kernel, &log);
	err = finish_log(&log, from_kernel ? NULL : uattr, uattr_size);
	bpf_vlog_free(&log);
	if (IS_ERR(btf))
		return PTR_ERR(btf);
	if (!err)
		err = btf_id_add(btf);
	if (err) {
		btf_free(btf);
		return err;
	}
	fd = bpf_fd_new(BPF_FD_BTF, btf, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		btf_put(btf);
	return fd;
}

/**
 * btf_parse_trusted - an object from BTF that the kernel's build made
 * @base: vmlinux for a module, else NULL
 * @data: bytes, which stay where they are
 * @size: how many
 * @name: "vmlinux" or the module's name
 *
 * Of vmlinux' header and extents are checked. A module may have been built with another vmlinux
 * than the one that runs, so that its ids say nothing: all of its types are checked.
 *
 * Context: process context, may sleep.
 * Return: the object with one reference and no id yet, or ERR_PTR.
 */
struct btf *btf_parse_trusted(struct btf *base, const void *data, u32 size, const char *name)
{
	struct bpf_verifier_log log = {};
	struct btf_check c = { .btf = btf_alloc(base), .log = &log };
	int err;

	if (!c.btf)
		return ERR_PTR(-ENOMEM);
	c.btf->data = (void *)data;
	c.btf->data_size = size;
	c.btf->kernel = true;
	strscpy(c.btf->name, name, sizeof(c.btf->name));
	if (base) {
		err = check_all(&c);
	} else {
		err = btf_check_header(&c);
		if (!err)
			err = btf_index_types(&c);
		if (!err)
			err = btf_index_names(c.btf);
	}
	if (err) {
		btf_free(c.btf);
		return ERR_PTR(err);
	}
	return c.btf;
}
