// SPDX-License-Identifier: GPL-2.0
/*
 * bpffs: directories, links and pinned objects; BPF_OBJ_PIN and BPF_OBJ_GET. A pin holds a
 * reference, and a map's pin a user reference.
 */
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/mount.h>
#include <linux/namei.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "attach/iter.h"
#include "syscall/cmd.h"
#include "syscall/fd.h"
#include "syscall/inode.h"
#include "syscall/link.h"
#include "syscall/map.h"
#include "syscall/prog.h"

/* Told apart by address; pinned objects have no operations of their own. */
static const struct inode_operations prog_iops = {};
static const struct inode_operations map_iops = {};
static const struct inode_operations link_iops = {};
static const struct inode_operations dir_iops;

static enum bpf_pin_kind inode_kind(const struct inode *inode)
{
	if (inode->i_op == &prog_iops)
		return BPF_PIN_PROG;
	if (inode->i_op == &map_iops)
		return BPF_PIN_MAP;
	if (inode->i_op == &link_iops)
		return BPF_PIN_LINK;
	return BPF_PIN_NONE;
}

static void pin_get(void *obj, enum bpf_pin_kind kind)
{
	if (kind == BPF_PIN_PROG)
		bpf_prog_inc(obj);
	else if (kind == BPF_PIN_MAP)
		bpf_map_inc_with_uref(obj);
	else if (kind == BPF_PIN_LINK)
		bpf_link_inc(obj);
}

static void pin_put(void *obj, enum bpf_pin_kind kind)
{
	if (kind == BPF_PIN_PROG)
		bpf_prog_put(obj);
	else if (kind == BPF_PIN_MAP)
		bpf_map_put_with_uref(obj);
	else if (kind == BPF_PIN_LINK)
		bpf_link_put_direct(obj);
}

/**
 * bpf_fs_drop_inode_object - the inode is being freed
 * @inode: any inode of a bpffs
 *
 * Context: process; may sleep.
 */
void bpf_fs_drop_inode_object(struct inode *inode)
{
	enum bpf_pin_kind kind = inode_kind(inode);

	if (kind != BPF_PIN_NONE)
		pin_put(inode->i_private, kind);
}

/**
 * bpf_fs_new_inode - a new inode
 * @sb: super block
 * @dir: its directory, or NULL for the root
 * @mode: S_IFDIR, S_IFREG or S_IFLNK and permissions
 *
 * Context: process; may sleep.
 * Return: the inode; ERR_PTR: -EINVAL for other kinds, -ENOSPC.
 */
struct inode *bpf_fs_new_inode(struct super_block *sb, const struct inode *dir, umode_t mode)
{
	struct inode *inode;

	switch (mode & S_IFMT) {
	case S_IFDIR:
	case S_IFREG:
	case S_IFLNK:
		break;
	default:
		return ERR_PTR(-EINVAL);
	}
	inode = new_inode(sb);
	if (!inode)
		return ERR_PTR(-ENOSPC);
	inode->i_ino = get_next_ino();
	simple_inode_init_ts(inode);
	inode_init_owner(&nop_mnt_idmap, inode, dir, mode);
	return inode;
}

/**
 * bpf_fs_make_dir - make an inode a directory
 * @inode: new inode
 *
 * Context: process.
 */
void bpf_fs_make_dir(struct inode *inode)
{
	inode->i_op = &dir_iops;
	inode->i_fop = &simple_dir_operations;
	inc_nlink(inode);
}

static void dentry_add(struct dentry *dentry, struct inode *inode, struct inode *dir)
{
	d_instantiate(dentry, inode);
	dget(dentry);
	inode_set_mtime_to_ts(dir, inode_set_ctime_current(dir));
}

static int bpf_mkdir(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		     umode_t mode)
{
	struct inode *inode = bpf_fs_new_inode(dir->i_sb, dir, mode | S_IFDIR);

	if (IS_ERR(inode))
		return PTR_ERR(inode);
	bpf_fs_make_dir(inode);
	inc_nlink(dir);
	dentry_add(dentry, inode, dir);
	return 0;
}

static int bpf_symlink(struct mnt_idmap *idmap, struct inode *dir, struct dentry *dentry,
		       const char *target)
{
	char *link = kstrdup(target, GFP_USER | __GFP_NOWARN);
	struct inode *inode;

	if (!link)
		return -ENOMEM;
	inode = bpf_fs_new_inode(dir->i_sb, dir, 0777 | S_IFLNK);
	if (IS_ERR(inode)) {
		kfree(link);
		return PTR_ERR(inode);
	}
	inode->i_op = &simple_symlink_inode_operations;
	inode->i_link = link;
	dentry_add(dentry, inode, dir);
	return 0;
}

/* Names with dots are kept for the kernel. */
static struct dentry *bpf_lookup(struct inode *dir, struct dentry *dentry, unsigned int flags)
{
	if (strchr(dentry->d_name.name, '.'))
		return ERR_PTR(-EPERM);
	return simple_lookup(dir, dentry, flags);
}

static const struct inode_operations dir_iops = {
	.lookup = bpf_lookup,
	.mkdir = bpf_mkdir,
	.symlink = bpf_symlink,
	.rmdir = simple_rmdir,
	.rename = simple_rename,
	.link = simple_link,
	.unlink = simple_unlink,
};

/* ------------------------------------------------------------------ reading a map */

/* Where a reader of a map is; @end once the last element has been shown. */
struct map_reader {
	struct bpf_map *map;
	bool end;
	u8 key[];
};

static void *reader_start(struct seq_file *m, loff_t *pos)
{
	struct map_reader *reader = m->private;

	if (reader->end)
		return NULL;
	return *pos ? reader->key : SEQ_START_TOKEN;
}

static void *reader_next(struct seq_file *m, void *v, loff_t *pos)
{
	struct map_reader *reader = m->private;
	struct bpf_map *map = reader->map;
	void *prev = v == SEQ_START_TOKEN ? NULL : reader->key;
	/* Behind the current one: the operation may write while it reads. */
	u8 *next = reader->key + map->key_size;

	++*pos;
	if (reader->end || bpf_map_next_key(map, prev, next)) {
		reader->end = true;
		return NULL;
	}
	memcpy(reader->key, next, map->key_size);
	return reader->key;
}

static void reader_stop(struct seq_file *m, void *v)
{
}

static int reader_show(struct seq_file *m, void *v)
{
	struct map_reader *reader = m->private;

	if (v == SEQ_START_TOKEN)
		seq_puts(m, "# For reading by people: the format may change.\n");
	else
		reader->map->ops->show_elem(reader->map, v, m);
	return 0;
}

static const struct seq_operations reader_ops = {
	.start = reader_start,
	.next = reader_next,
	.stop = reader_stop,
	.show = reader_show,
};

static int map_file_open(struct inode *inode, struct file *file)
{
	struct bpf_map *map = inode->i_private;
	struct map_reader *reader;
	int err;

	reader = kvzalloc(struct_size(reader, key, 2 * (size_t)map->key_size),
			  GFP_KERNEL | __GFP_NOWARN);
	if (!reader)
		return -ENOMEM;
	err = seq_open(file, &reader_ops);
	if (err) {
		kvfree(reader);
		return err;
	}
	bpf_map_inc(map);
	reader->map = map;
	((struct seq_file *)file->private_data)->private = reader;
	return 0;
}

static int map_file_release(struct inode *inode, struct file *file)
{
	struct map_reader *reader = ((struct seq_file *)file->private_data)->private;

	bpf_map_put(reader->map);
	kvfree(reader);
	return seq_release(inode, file);
}

static const struct file_operations map_file_fops = {
	.open = map_file_open,
	.read = seq_read,
	.release = map_file_release,
};

/* Other pins only name an object. */
static int pin_file_open(struct inode *inode, struct file *file)
{
	return -EIO;
}

static const struct file_operations pin_file_fops = {
	.open = pin_file_open,
};

/* ------------------------------------------------------------------ pin and get */

struct pin_target {
	void *obj;
	enum bpf_pin_kind kind;
};

static int pin_make(struct dentry *dentry, umode_t mode, void *arg)
{
	const struct pin_target *target = arg;
	struct inode *dir = d_inode(dentry->d_parent), *inode;
	const struct bpf_map *map = target->obj;

	inode = bpf_fs_new_inode(dir->i_sb, dir, mode);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	inode->i_fop = &pin_file_fops;
	if (target->kind == BPF_PIN_PROG) {
		inode->i_op = &prog_iops;
	} else if (target->kind == BPF_PIN_LINK) {
		inode->i_op = &link_iops;
#ifdef CONFIG_BPF_ITER
		if (bpf_link_is_iter(target->obj))
			inode->i_fop = &bpf_iter_fops;
#endif
	} else {
		inode->i_op = &map_iops;
		if (map->btf && map->ops->show_elem && map->ops->get_next_key)
			inode->i_fop = &map_file_fops;
	}
	inode->i_private = target->obj;
	dentry_add(dentry, inode, dir);
	return 0;
}

static int pin_at(const struct bpf_cmd_args *args, struct pin_target *target)
{
	const union bpf_attr *attr = args->attr;
	int at = attr->file_flags & BPF_F_PATH_FD ? attr->path_fd : AT_FDCWD;
	struct dentry *dentry;
	struct path path;
	umode_t mode;
	int err;

	dentry = user_path_create(at, u64_to_user_ptr(attr->pathname), &path, 0);
	if (IS_ERR(dentry))
		return PTR_ERR(dentry);
	mode = S_IFREG | (0600 & ~current_umask());
	err = -EPERM;
	if (d_inode(path.dentry)->i_op == &dir_iops)
		err = security_path_mknod(&path, dentry, mode, 0);
	if (!err)
		err = vfs_mkobj(dentry, mode, pin_make, target);
	done_path_create(&path, dentry);
	return err;
}

/* The object behind an fd with a reference for the pin. */
static int pin_target_get(u32 fd, struct pin_target *target)
{
	static const struct {
		enum bpf_fd_kind fd;
		enum bpf_pin_kind pin;
	} kinds[] = {
		{ BPF_FD_MAP, BPF_PIN_MAP },
		{ BPF_FD_PROG, BPF_PIN_PROG },
		{ BPF_FD_LINK, BPF_PIN_LINK },
	};
	struct fd f = fdget(fd);
	int err = -EINVAL;
	u32 i;

	if (fd_empty(f))
		return -EBADF;
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		target->obj = bpf_fd_object(fd_file(f), kinds[i].fd);
		if (target->obj) {
			target->kind = kinds[i].pin;
			pin_get(target->obj, target->kind);
			err = 0;
			break;
		}
	}
	fdput(f);
	return err;
}

static bool path_fd_ok(const union bpf_attr *attr)
{
	return attr->file_flags & BPF_F_PATH_FD || !attr->path_fd;
}

/**
 * cmd_obj_pin - BPF_OBJ_PIN
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: 0; -EBADF, -EINVAL, -EPERM outside a bpffs, -EEXIST, -ENOENT, -EACCES, -EFAULT, -ENOSPC.
 */
int cmd_obj_pin(const struct bpf_cmd_args *args)
{
	struct pin_target target;
	int err;

	if (args->attr->file_flags & ~BPF_F_PATH_FD || !path_fd_ok(args->attr))
		return -EINVAL;
	err = pin_target_get(args->attr->bpf_fd, &target);
	if (err)
		return err;
	err = pin_at(args, &target);
	if (err)
		pin_put(target.obj, target.kind);
	return err;
}

/* The pinned object at a path, with a reference. */
static int pin_find(const struct bpf_cmd_args *args, int mode, struct pin_target *target)
{
	const union bpf_attr *attr = args->attr;
	int at = attr->file_flags & BPF_F_PATH_FD ? attr->path_fd : AT_FDCWD;
	struct inode *inode;
	struct path path;
	int err;

	err = user_path_at(at, u64_to_user_ptr(attr->pathname), LOOKUP_FOLLOW, &path);
	if (err)
		return err;
	inode = d_backing_inode(path.dentry);
	err = path_permission(&path, ACC_MODE(mode));
	if (!err) {
		target->kind = inode_kind(inode);
		target->obj = inode->i_private;
		err = target->kind == BPF_PIN_NONE ? -EACCES : 0;
	}
	if (!err) {
		pin_get(target->obj, target->kind);
		touch_atime(&path);
	}
	path_put(&path);
	return err;
}

/**
 * cmd_obj_get - BPF_OBJ_GET
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EINVAL, -ENOENT, -EACCES where the file is no pin or may not be opened so,
 * -EFAULT, -EMFILE, -ENOMEM.
 */
int cmd_obj_get(const struct bpf_cmd_args *args)
{
	const union bpf_attr *attr = args->attr;
	struct pin_target target;
	int mode, ret;

	if (attr->bpf_fd || attr->file_flags & ~(BPF_MAP_FLAGS_ACCESS | BPF_F_PATH_FD) ||
	    !path_fd_ok(attr))
		return -EINVAL;
	mode = bpf_map_open_mode(attr->file_flags);
	if (mode < 0)
		return mode;
	ret = pin_find(args, mode, &target);
	if (ret)
		return ret;

	if (target.kind == BPF_PIN_MAP)
		ret = bpf_map_new_fd(target.obj, attr->file_flags & BPF_MAP_FLAGS_ACCESS);
	else if (mode != O_RDWR)
		ret = -EINVAL;
	else if (target.kind == BPF_PIN_PROG)
		ret = bpf_prog_new_fd(target.obj);
	else
		ret = bpf_link_new_fd(target.obj);
	if (ret < 0)
		pin_put(target.obj, target.kind);
	return ret;
}

/* The program of a pin that may be read. */
static struct bpf_prog *path_prog(const struct path *path, enum bpf_prog_type type)
{
	const struct inode *inode = d_backing_inode(path->dentry);
	enum bpf_pin_kind kind = inode_kind(inode);
	struct bpf_prog *prog = inode->i_private;
	int err;

	err = path_permission(path, MAY_READ);
	if (err)
		return ERR_PTR(err);
	if (kind == BPF_PIN_NONE)
		return ERR_PTR(-EACCES);
	if (kind != BPF_PIN_PROG || prog->type != type)
		return ERR_PTR(-EINVAL);
	err = security_bpf_prog(prog);
	if (err)
		return ERR_PTR(err);
	bpf_prog_inc(prog);
	return prog;
}

/**
 * bpf_prog_get_type_path - the program of a type that is pinned somewhere
 * @name: path, as the current process sees it
 * @type: program type
 *
 * Context: process; may sleep.
 * Return: with a reference; ERR_PTR: -ENOENT and what else paths come to, -EACCES where the file is
 * no pin or may not be read, -EINVAL for other objects and types, what security modules say.
 */
struct bpf_prog *bpf_prog_get_type_path(const char *name, enum bpf_prog_type type)
{
	struct bpf_prog *prog;
	struct path path;
	int err;

	err = kern_path(name, LOOKUP_FOLLOW, &path);
	if (err)
		return ERR_PTR(err);
	prog = path_prog(&path, type);
	if (!IS_ERR(prog))
		touch_atime(&path);
	path_put(&path);
	return prog;
}
EXPORT_SYMBOL(bpf_prog_get_type_path);
