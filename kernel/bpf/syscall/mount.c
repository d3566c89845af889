// SPDX-License-Identifier: GPL-2.0
/*
 * bpffs: mounts and their options (mode, uid, gid, and what tokens made of the mount may do).
 */
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/fs_context.h>
#include <linux/fs_parser.h>
#include <linux/init.h>
#include <linux/kobject.h>
#include <linux/magic.h>
#include <linux/module.h>
#include <linux/pagemap.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/user_namespace.h>
#include "syscall/inode.h"

#define ROOT_MODE	(S_ISVTX | 0777)

/**
 * struct mount_opts - of one mount
 * @uid: owner of the root
 * @gid: group of the root
 * @mode: permissions of the root
 * @allowed: what tokens may do
 */
struct mount_opts {
	kuid_t uid;
	kgid_t gid;
	umode_t mode;
	struct bpf_delegation allowed;
};

enum mount_param {
	OPT_UID,
	OPT_GID,
	OPT_MODE,
	OPT_CMDS,
	OPT_MAPS,
	OPT_PROGS,
	OPT_ATTACHS,
};

static const struct fs_parameter_spec mount_params[] = {
	fsparam_u32("uid", OPT_UID),
	fsparam_u32("gid", OPT_GID),
	fsparam_u32oct("mode", OPT_MODE),
	fsparam_string("delegate_cmds", OPT_CMDS),
	fsparam_string("delegate_maps", OPT_MAPS),
	fsparam_string("delegate_progs", OPT_PROGS),
	fsparam_string("delegate_attachs", OPT_ATTACHS),
	{}
};

/* "any", or numbers, each a bit set, separated by colons; added to what there is. */
static int parse_mask(struct fs_context *fc, struct fs_parameter *param, u64 *mask)
{
	char *rest = param->string, *word;
	u64 bits;

	/* Rights in init's namespace are init's administrator's to give. */
	if (!capable(CAP_SYS_ADMIN))
		return -EPERM;
	while ((word = strsep(&rest, ":"))) {
		if (!strcmp(word, "any"))
			bits = ~0ULL;
		else if (kstrtou64(word, 0, &bits))
			return invalf(fc, "bpf: %s: neither a number nor \"any\": %s", param->key,
				      word);
		*mask |= bits;
	}
	return 0;
}

static int parse_owner(struct fs_context *fc, struct mount_opts *opts, int opt, u32 id)
{
	if (opt == OPT_UID) {
		opts->uid = make_kuid(current_user_ns(), id);
		if (!uid_valid(opts->uid) || !kuid_has_mapping(fc->user_ns, opts->uid))
			return invalf(fc, "bpf: uid has no mapping");
		return 0;
	}
	opts->gid = make_kgid(current_user_ns(), id);
	if (!gid_valid(opts->gid) || !kgid_has_mapping(fc->user_ns, opts->gid))
		return invalf(fc, "bpf: gid has no mapping");
	return 0;
}

static int bpf_parse_param(struct fs_context *fc, struct fs_parameter *param)
{
	struct mount_opts *opts = fc->s_fs_info;
	struct fs_parse_result result;
	int opt;

	opt = fs_parse(fc, mount_params, param, &result);
	switch (opt) {
	case OPT_UID:
	case OPT_GID:
		return parse_owner(fc, opts, opt, result.uint_32);
	case OPT_MODE:
		opts->mode = result.uint_32 & S_IALLUGO;
		return 0;
	case OPT_CMDS:
		return parse_mask(fc, param, &opts->allowed.cmds);
	case OPT_MAPS:
		return parse_mask(fc, param, &opts->allowed.maps);
	case OPT_PROGS:
		return parse_mask(fc, param, &opts->allowed.progs);
	case OPT_ATTACHS:
		return parse_mask(fc, param, &opts->allowed.attachs);
	case -ENOPARAM:
		/*
		 * Mounts with options of other file systems have always worked: fstab lines rely on
		 * it. Only "source" means something to the caller.
		 */
		opt = vfs_parse_fs_param_source(fc, param);
		return opt == -ENOPARAM ? 0 : opt;
	default:
		return opt;
	}
}

/**
 * bpf_delegation_show - print a bit set as the mount options take it
 * @seq: output
 * @before: text
 * @mask: bit set
 * @after: text
 *
 * Context: process.
 */
void bpf_delegation_show(struct seq_file *seq, const char *before, u64 mask, const char *after)
{
	if (mask == ~0ULL)
		seq_printf(seq, "%sany%s", before, after);
	else
		seq_printf(seq, "%s0x%llx%s", before, mask, after);
}

static void show_mask(struct seq_file *seq, const char *name, u64 mask)
{
	if (mask)
		bpf_delegation_show(seq, name, mask, "");
}

static int bpf_show_options(struct seq_file *seq, struct dentry *root)
{
	const struct mount_opts *opts = root->d_sb->s_fs_info;
	const struct inode *inode = d_inode(root);
	umode_t mode = inode->i_mode & S_IALLUGO;

	if (!uid_eq(inode->i_uid, GLOBAL_ROOT_UID))
		seq_printf(seq, ",uid=%u", from_kuid_munged(&init_user_ns, inode->i_uid));
	if (!gid_eq(inode->i_gid, GLOBAL_ROOT_GID))
		seq_printf(seq, ",gid=%u", from_kgid_munged(&init_user_ns, inode->i_gid));
	if (mode != ROOT_MODE)
		seq_printf(seq, ",mode=%o", mode);
	show_mask(seq, ",delegate_cmds=", opts->allowed.cmds);
	show_mask(seq, ",delegate_maps=", opts->allowed.maps);
	show_mask(seq, ",delegate_progs=", opts->allowed.progs);
	show_mask(seq, ",delegate_attachs=", opts->allowed.attachs);
	return 0;
}

static void bpf_destroy_inode(struct inode *inode)
{
	bpf_fs_drop_inode_object(inode);
}

/* A walk under RCU may still be reading the link. */
static void bpf_free_inode(struct inode *inode)
{
	if (S_ISLNK(inode->i_mode))
		kfree(inode->i_link);
	free_inode_nonrcu(inode);
}

static const struct super_operations bpf_super_ops = {
	.statfs = simple_statfs,
	.drop_inode = generic_delete_inode,
	.show_options = bpf_show_options,
	.destroy_inode = bpf_destroy_inode,
	.free_inode = bpf_free_inode,
};

/**
 * bpf_fs_delegation - what a mount delegates
 * @sb: super block of any file system
 * @allowed: the answer
 *
 * Context: any.
 * Return: false where it is not a bpffs.
 */
bool bpf_fs_delegation(const struct super_block *sb, struct bpf_delegation *allowed)
{
	if (sb->s_op != &bpf_super_ops)
		return false;
	*allowed = ((const struct mount_opts *)sb->s_fs_info)->allowed;
	return true;
}

static int bpf_fill_super(struct super_block *sb, struct fs_context *fc)
{
	const struct mount_opts *opts = sb->s_fs_info;
	struct inode *inode;

	sb->s_blocksize = PAGE_SIZE;
	sb->s_blocksize_bits = PAGE_SHIFT;
	sb->s_magic = BPF_FS_MAGIC;
	sb->s_op = &bpf_super_ops;
	sb->s_time_gran = 1;

	inode = bpf_fs_new_inode(sb, NULL, S_IFDIR | opts->mode);
	if (IS_ERR(inode))
		return PTR_ERR(inode);
	bpf_fs_make_dir(inode);
	inode->i_uid = opts->uid;
	inode->i_gid = opts->gid;
	sb->s_root = d_make_root(inode);
	return sb->s_root ? 0 : -ENOMEM;
}

static int bpf_get_tree(struct fs_context *fc)
{
	return get_tree_nodev(fc, bpf_fill_super);
}

static void bpf_free_fc(struct fs_context *fc)
{
	kfree(fc->s_fs_info);
}

static const struct fs_context_operations bpf_context_ops = {
	.free = bpf_free_fc,
	.parse_param = bpf_parse_param,
	.get_tree = bpf_get_tree,
};

static int bpf_init_fs_context(struct fs_context *fc)
{
	struct mount_opts *opts;

	opts = kzalloc(sizeof(*opts), GFP_KERNEL);
	if (!opts)
		return -ENOMEM;
	opts->mode = ROOT_MODE;
	opts->uid = current_fsuid();
	opts->gid = current_fsgid();
	fc->s_fs_info = opts;
	fc->ops = &bpf_context_ops;
	return 0;
}

static void bpf_kill_super(struct super_block *sb)
{
	struct mount_opts *opts = sb->s_fs_info;

	kill_litter_super(sb);
	kfree(opts);
}

static struct file_system_type bpf_fs_type = {
	.owner = THIS_MODULE,
	.name = "bpf",
	.init_fs_context = bpf_init_fs_context,
	.parameters = mount_params,
	.kill_sb = bpf_kill_super,
	.fs_flags = FS_USERNS_MOUNT,
};

static int __init bpf_fs_init(void)
{
	int err;

	err = sysfs_create_mount_point(fs_kobj, "bpf");
	if (err)
		return err;
	err = register_filesystem(&bpf_fs_type);
	if (err)
		sysfs_remove_mount_point(fs_kobj, "bpf");
	return err;
}
fs_initcall(bpf_fs_init);
