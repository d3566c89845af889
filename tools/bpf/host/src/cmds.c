// SPDX-License-Identifier: GPL-2.0
/*
 * Commands that the kernel home has files of its own for: names for objects, and what is not
 * here.
 */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <host/os.h>
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/link.h"
#include "syscall/map.h"
#include "syscall/prog.h"

#define PATH_BYTES 512

/* A pinned object: it lives as long as the process, or until its name is taken away. */
struct pin {
	struct list_head list;
	enum bpf_fd_kind kind;
	void *obj;
	char path[PATH_BYTES];
};

static LIST_HEAD(pins);
static DEFINE_MUTEX(pins_lock);

static struct pin *pin_find(const char *path)
{
	struct pin *pin;

	list_for_each_entry(pin, &pins, list) {
		if (!strcmp(pin->path, path))
			return pin;
	}
	return NULL;
}

/* A reference of the kind's own. */
static void obj_get(enum bpf_fd_kind kind, void *obj)
{
	switch (kind) {
	case BPF_FD_MAP:
		bpf_map_inc_with_uref(obj);
		break;
	case BPF_FD_PROG:
		bpf_prog_inc(obj);
		break;
	default:
		bpf_link_inc(obj);
	}
}

static void obj_put(enum bpf_fd_kind kind, void *obj)
{
	switch (kind) {
	case BPF_FD_MAP:
		bpf_map_put_with_uref(obj);
		break;
	case BPF_FD_PROG:
		bpf_prog_put(obj);
		break;
	default:
		bpf_link_put(obj);
	}
}

static void *fd_to_obj(u32 fd, enum bpf_fd_kind *kind)
{
	static const enum bpf_fd_kind kinds[] = { BPF_FD_MAP, BPF_FD_PROG, BPF_FD_LINK };
	void *obj = ERR_PTR(-EINVAL);
	struct fd f = fdget(fd);
	int i;

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		void *o = bpf_fd_object(fd_file(f), kinds[i]);

		if (o) {
			*kind = kinds[i];
			obj_get(kinds[i], o);
			obj = o;
			break;
		}
	}
	fdput(f);
	return obj;
}

/* Into @path, in the one way to spell it. */
static int read_path(const struct bpf_cmd_args *args, char *path)
{
	char *given = kzalloc(PATH_BYTES, GFP_KERNEL);
	long len;

	if (!given)
		return -ENOMEM;
	len = cmd_copy_str(args, given, args->attr->pathname, PATH_BYTES);
	if (len == -E2BIG)
		len = -ENAMETOOLONG;
	else if (!len)
		len = -ENOENT;
	if (len > 0)
		len = os_path(given, path, PATH_BYTES);
	kfree(given);
	return len;
}

int cmd_obj_pin(const struct bpf_cmd_args *args)
{
	struct pin *pin;
	int err;

	if (args->attr->file_flags & ~BPF_F_PATH_FD)
		return -EINVAL;
	if (args->attr->file_flags & BPF_F_PATH_FD)
		return -EOPNOTSUPP;
	pin = kzalloc(sizeof(*pin), GFP_KERNEL);
	if (!pin)
		return -ENOMEM;
	err = read_path(args, pin->path);
	if (err)
		goto free;
	pin->obj = fd_to_obj(args->attr->bpf_fd, &pin->kind);
	err = PTR_ERR_OR_ZERO(pin->obj);
	if (err)
		goto free;
	mutex_lock(&pins_lock);
	if (pin_find(pin->path))
		err = -EEXIST;
	else
		list_add(&pin->list, &pins);
	mutex_unlock(&pins_lock);
	if (!err)
		return 0;
	obj_put(pin->kind, pin->obj);
free:
	kfree(pin);
	return err;
}

int cmd_obj_get(const struct bpf_cmd_args *args)
{
	int flags = bpf_map_open_mode(args->attr->file_flags), err, fd;
	enum bpf_fd_kind kind = BPF_FD_MAP;
	void *obj = NULL;
	struct pin *pin;
	char *path;

	if (flags < 0 || args->attr->bpf_fd ||
	    (args->attr->file_flags & ~(BPF_MAP_FLAGS_ACCESS | BPF_F_PATH_FD)))
		return -EINVAL;
	if (args->attr->file_flags & BPF_F_PATH_FD)
		return -EOPNOTSUPP;
	path = kzalloc(PATH_BYTES, GFP_KERNEL);
	if (!path)
		return -ENOMEM;
	err = read_path(args, path);
	if (!err) {
		mutex_lock(&pins_lock);
		pin = pin_find(path);
		if (pin) {
			kind = pin->kind;
			obj = pin->obj;
			obj_get(kind, obj);
		}
		mutex_unlock(&pins_lock);
	}
	kfree(path);
	if (err || !obj)
		return err ?: -ENOENT;
	if (kind == BPF_FD_PROG)
		fd = bpf_fd_new(kind, obj, O_RDWR | O_CLOEXEC);
	else if (kind == BPF_FD_LINK)
		fd = flags == O_RDWR ? bpf_fd_new(kind, obj, O_RDWR | O_CLOEXEC) : -EINVAL;
	else
		fd = bpf_fd_new(kind, obj, flags | O_CLOEXEC);
	if (fd < 0)
		obj_put(kind, obj);
	return fd;
}

/* unlink(2) of a name: 1 when it was one of ours. */
int host_unpin(const char *path);
int host_unpin(const char *path)
{
	char real[PATH_BYTES];
	struct pin *pin;

	if (os_path(path, real, sizeof(real)))
		return 0;
	mutex_lock(&pins_lock);
	pin = pin_find(real);
	if (pin)
		list_del(&pin->list);
	mutex_unlock(&pins_lock);
	if (!pin)
		return 0;
	obj_put(pin->kind, pin->obj);
	kfree(pin);
	return 1;
}

int host_is_pin(const char *path);
int host_is_pin(const char *path)
{
	char real[PATH_BYTES];
	bool found;

	if (os_path(path, real, sizeof(real)))
		return 0;
	mutex_lock(&pins_lock);
	found = pin_find(real);
	mutex_unlock(&pins_lock);
	return found;
}

/* Nothing of a running kernel can be attached to, and there are no mounts to delegate rights. */
int cmd_raw_tracepoint_open(const struct bpf_cmd_args *args)
{
	return -EOPNOTSUPP;
}

int cmd_task_fd_query(const struct bpf_cmd_args *args)
{
	return -EOPNOTSUPP;
}

int cmd_token_create(const struct bpf_cmd_args *args)
{
	return -EOPNOTSUPP;
}

bool bpf_token_capable(const struct bpf_token *token, int cap)
{
	return capable(cap) || (cap != CAP_SYS_ADMIN && capable(CAP_SYS_ADMIN));
}

struct bpf_token *bpf_token_get_from_fd(u32 ufd)
{
	return ERR_PTR(-EOPNOTSUPP);
}

void bpf_token_inc(struct bpf_token *token)
{
}

void bpf_token_put(struct bpf_token *token)
{
}

bool bpf_token_allow_cmd(const struct bpf_token *token, enum bpf_cmd cmd)
{
	return false;
}

bool bpf_token_allow_map_type(const struct bpf_token *token, enum bpf_map_type type)
{
	return false;
}

bool bpf_token_allow_prog_type(const struct bpf_token *token, enum bpf_prog_type prog_type,
			       enum bpf_attach_type attach_type)
{
	return false;
}

/* No perf and no audit to be told. */
void bpf_prog_notify(struct bpf_prog *prog, bool loaded)
{
}

void unpriv_ebpf_notify(int new_state)
{
}
