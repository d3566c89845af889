// SPDX-License-Identifier: GPL-2.0
/*
 * Tokens. A bpffs that init's administrator mounts for a user namespace says what the namespace's
 * owner may do; BPF_TOKEN_CREATE makes a token of it, which commands then name.
 */
#include <linux/anon_inodes.h>
#include <linux/bpf.h>
#include <linux/cred.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/namei.h>
#include <linux/security.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>
#include <linux/workqueue.h>
#include "syscall/cmd.h"
#include "syscall/inode.h"
#include "syscall/token.h"

static bool ns_has_cap(struct user_namespace *ns, int cap)
{
	return ns_capable(ns, cap) || (cap != CAP_SYS_ADMIN && ns_capable(ns, CAP_SYS_ADMIN));
}

/**
 * bpf_token_capable - does the caller have a capability, on its own or by a token
 * @token: or NULL
 * @cap: capability; CAP_SYS_ADMIN stands in for it
 *
 * Context: process.
 * Return: true if so.
 */
bool bpf_token_capable(const struct bpf_token *token, int cap)
{
	if (!ns_has_cap(token ? token->userns : &init_user_ns, cap))
		return false;
	return !token || !security_bpf_token_capable(token, cap);
}

/**
 * bpf_token_inc - take a reference
 * @token: a token that the caller has a reference of
 *
 * Context: any.
 */
void bpf_token_inc(struct bpf_token *token)
{
	atomic64_inc(&token->refcnt);
}

static void token_free(struct bpf_token *token)
{
	security_bpf_token_free(token);
	put_user_ns(token->userns);
	kfree(token);
}

static void token_free_work(struct work_struct *work)
{
	token_free(container_of(work, struct bpf_token, work));
}

/**
 * bpf_token_put - drop a reference
 * @token: the token, or NULL
 *
 * Context: any but NMI.
 */
void bpf_token_put(struct bpf_token *token)
{
	if (!token || !atomic64_dec_and_test(&token->refcnt))
		return;
	INIT_WORK(&token->work, token_free_work);
	schedule_work(&token->work);
}

static int token_release(struct inode *inode, struct file *file)
{
	bpf_token_put(file->private_data);
	return 0;
}

static void token_show_fdinfo(struct seq_file *seq, struct file *file)
{
	const struct bpf_token *token = file->private_data;

	bpf_delegation_show(seq, "allowed_cmds:\t", token->allowed.cmds, "\n");
	bpf_delegation_show(seq, "allowed_maps:\t", token->allowed.maps, "\n");
	bpf_delegation_show(seq, "allowed_progs:\t", token->allowed.progs, "\n");
	bpf_delegation_show(seq, "allowed_attachs:\t", token->allowed.attachs, "\n");
}

static const struct file_operations token_fops = {
	.release = token_release,
	.show_fdinfo = token_show_fdinfo,
};

/* The mount that @path is the root of: rights to make a token of it. */
static int token_check_mount(const struct path *path, struct user_namespace **userns,
			     struct bpf_delegation *allowed)
{
	struct super_block *sb = path->mnt->mnt_sb;
	int err;

	if (path->dentry != sb->s_root)
		return -EINVAL;
	err = path_permission(path, MAY_ACCESS);
	if (err)
		return err;
	if (!bpf_fs_delegation(sb, allowed))
		return -EINVAL;
	*userns = sb->s_user_ns;
	/* A token is of use only inside the namespace that it is from. */
	if (current_user_ns() != *userns || !ns_capable(*userns, CAP_BPF))
		return -EPERM;
	/* Init's own namespace has nothing to be delegated. */
	if (*userns == &init_user_ns)
		return -EOPNOTSUPP;
	if (!allowed->cmds && !allowed->maps && !allowed->progs && !allowed->attachs)
		return -ENOENT;
	return 0;
}

static int token_new_fd(struct user_namespace *userns, const struct bpf_delegation *allowed,
			union bpf_attr *attr, const struct path *path)
{
	struct bpf_token *token;
	int err;

	token = kzalloc(sizeof(*token), GFP_USER | __GFP_ACCOUNT);
	if (!token)
		return -ENOMEM;
	atomic64_set(&token->refcnt, 1);
	token->userns = get_user_ns(userns);
	token->allowed = *allowed;
	err = security_bpf_token_create(token, attr, path);
	if (!err)
		err = anon_inode_getfd("bpf-token", &token_fops, token, O_CLOEXEC);
	if (err < 0)
		token_free(token);
	return err;
}

/**
 * cmd_token_create - BPF_TOKEN_CREATE
 * @args: the call
 *
 * Context: process; may sleep.
 * Return: an fd; -EBADF, -EINVAL where the fd is not the root of a bpffs, -EPERM outside its user
 * namespace or without CAP_BPF in it, -EOPNOTSUPP in init's, -ENOENT where nothing is delegated,
 * -ENOMEM, -EMFILE.
 */
int cmd_token_create(const struct bpf_cmd_args *args)
{
	struct bpf_delegation allowed;
	struct user_namespace *userns;
	struct fd f;
	int ret;

	if (args->attr->token_create.flags)
		return -EINVAL;
	f = fdget(args->attr->token_create.bpffs_fd);
	if (fd_empty(f))
		return -EBADF;
	ret = token_check_mount(&fd_file(f)->f_path, &userns, &allowed);
	if (!ret)
		ret = token_new_fd(userns, &allowed, args->attr, &fd_file(f)->f_path);
	fdput(f);
	return ret;
}

/**
 * bpf_token_get_from_fd - the token behind an fd
 * @ufd: fd
 *
 * Context: process.
 * Return: the token with a reference; ERR_PTR: -EBADF not open, -EINVAL not a token.
 */
struct bpf_token *bpf_token_get_from_fd(u32 ufd)
{
	struct bpf_token *token = ERR_PTR(-EINVAL);
	struct fd f = fdget(ufd);

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	if (fd_file(f)->f_op == &token_fops) {
		token = fd_file(f)->private_data;
		bpf_token_inc(token);
	}
	fdput(f);
	return token;
}

static bool token_allows(const struct bpf_token *token, u64 allowed, u32 bit)
{
	/* Outside its namespace it is worth nothing. */
	if (!token || current_user_ns() != token->userns || bit >= 64)
		return false;
	return allowed & BIT_ULL(bit);
}

/**
 * bpf_token_allow_cmd - does a token cover a command
 * @token: or NULL
 * @cmd: the command
 *
 * Context: process.
 * Return: true if so.
 */
bool bpf_token_allow_cmd(const struct bpf_token *token, enum bpf_cmd cmd)
{
	return token && token_allows(token, token->allowed.cmds, cmd) &&
	       !security_bpf_token_cmd(token, cmd);
}

/**
 * bpf_token_allow_map_type - does a token cover maps of a type
 * @token: or NULL
 * @type: map type, any number
 *
 * Context: process.
 * Return: true if so.
 */
bool bpf_token_allow_map_type(const struct bpf_token *token, enum bpf_map_type type)
{
	return token && type < __MAX_BPF_MAP_TYPE && token_allows(token, token->allowed.maps, type);
}

/**
 * bpf_token_allow_prog_type - does a token cover programs of a type
 * @token: or NULL
 * @prog_type: program type, any number
 * @attach_type: what they attach at, any number
 *
 * Context: process.
 * Return: true if so.
 */
bool bpf_token_allow_prog_type(const struct bpf_token *token, enum bpf_prog_type prog_type,
			       enum bpf_attach_type attach_type)
{
	return token && prog_type < __MAX_BPF_PROG_TYPE && attach_type < __MAX_BPF_ATTACH_TYPE &&
	       token_allows(token, token->allowed.progs, prog_type) &&
	       token_allows(token, token->allowed.attachs, attach_type);
}
