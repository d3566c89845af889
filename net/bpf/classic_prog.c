// SPDX-License-Identifier: GPL-2.0
/* Classic programs as objects: from user space or the kernel, the original kept for readers. */
#include <linux/compat.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "classic.h"
#include "net_bpf.h"

static bool fprog_size_ok(u32 len, const void *filter)
{
	return filter && len && len <= BPF_MAXINSNS;
}

static void orig_free(struct sock_fprog_kern *orig)
{
	if (orig)
		kfree(orig->filter);
	kfree(orig);
}

static struct sock_fprog_kern *orig_dup(const struct sock_filter *insns, u32 len)
{
	struct sock_fprog_kern *orig = kmalloc(sizeof(*orig), GFP_KERNEL);

	if (!orig)
		return NULL;
	orig->len = len;
	orig->filter = kmemdup(insns, array_size(len, sizeof(*insns)), GFP_KERNEL | __GFP_NOWARN);
	if (!orig->filter) {
		kfree(orig);
		return NULL;
	}
	return orig;
}

/*
 * Checks, translates and readies @insns, which a hook's @trans may change in between. What readers
 * get is the program before that.
 */
static struct bpf_prog *classic_create(struct sock_filter *insns, u32 len,
				       bpf_aux_classic_check_t trans, bool save_orig)
{
	struct sock_fprog_kern *orig = NULL;
	struct bpf_prog *fp;
	int err;

	err = classic_check(insns, len);
	if (err)
		return ERR_PTR(err);

	if (save_orig) {
		orig = orig_dup(insns, len);
		if (!orig)
			return ERR_PTR(-ENOMEM);
	}
	if (trans) {
		err = trans(insns, len);
		if (err)
			goto free_orig;
	}

	fp = classic_translate(insns, len);
	if (IS_ERR(fp)) {
		err = PTR_ERR(fp);
		goto free_orig;
	}
	fp->was_classic = 1;
	fp->gpl_compatible = 1;
	fp->type = BPF_PROG_TYPE_UNSPEC;
	fp->orig_prog = orig;

	err = bpf_prog_select_runtime(fp);
	if (!err)
		return fp;

	bpf_prog_free(fp);
free_orig:
	orig_free(orig);
	return ERR_PTR(err);
}

/**
 * bpf_prog_create - make a program of a classic filter in kernel memory
 * @pfp: gets the program
 * @fprog: the filter; stays the caller's
 *
 * Context: may sleep. Return: 0 or a negative errno: -EINVAL for a bad program, -ENOMEM.
 */
int bpf_prog_create(struct bpf_prog **pfp, struct sock_fprog_kern *fprog)
{
	struct sock_filter *insns;
	struct bpf_prog *fp;

	if (!fprog_size_ok(fprog->len, fprog->filter))
		return -EINVAL;

	insns = kmemdup(fprog->filter, bpf_classic_proglen(fprog), GFP_KERNEL | __GFP_NOWARN);
	if (!insns)
		return -ENOMEM;
	fp = classic_create(insns, fprog->len, NULL, false);
	kfree(insns);
	if (IS_ERR(fp))
		return PTR_ERR(fp);
	*pfp = fp;
	return 0;
}
EXPORT_SYMBOL_GPL(bpf_prog_create);

/**
 * bpf_prog_create_from_user - make a program of a classic filter in user memory
 * @pfp: gets the program
 * @fprog: the filter, whose instructions are in user memory
 * @trans: the hook's own check or change of the instructions, or NULL
 * @save_orig: keep the instructions in @orig_prog
 *
 * Context: may sleep. Return: 0 or a negative errno: -EINVAL for a bad program, -EFAULT, -ENOMEM,
 * or what @trans answered.
 */
int bpf_prog_create_from_user(struct bpf_prog **pfp, struct sock_fprog *fprog,
			      bpf_aux_classic_check_t trans, bool save_orig)
{
	struct sock_filter *insns;
	struct bpf_prog *fp;

	if (!fprog_size_ok(fprog->len, (__force const void *)fprog->filter))
		return -EINVAL;

	insns = memdup_array_user(fprog->filter, fprog->len, sizeof(*insns));
	if (IS_ERR(insns))
		return PTR_ERR(insns);
	fp = classic_create(insns, fprog->len, trans, save_orig);
	kfree(insns);
	if (IS_ERR(fp))
		return PTR_ERR(fp);
	*pfp = fp;
	return 0;
}
EXPORT_SYMBOL_GPL(bpf_prog_create_from_user);

/**
 * bpf_prog_destroy - drop a program of a hook, classic or from an fd
 * @fp: the program; nobody runs it any more
 *
 * Context: any; freeing is deferred. Return: nothing.
 */
void bpf_prog_destroy(struct bpf_prog *fp)
{
	if (fp->type != BPF_PROG_TYPE_UNSPEC) {
		bpf_prog_put(fp);
		return;
	}
	orig_free(fp->orig_prog);
	bpf_prog_free(fp);
}
EXPORT_SYMBOL_GPL(bpf_prog_destroy);

/**
 * copy_bpf_fprog_from_user - copy the argument of SO_ATTACH_FILTER and its like
 * @dst: the copy; its instructions stay in user memory
 * @src: user memory, of the caller's word size, or kernel memory
 * @len: bytes at @src
 *
 * Context: may sleep. Return: 0, -EINVAL for another size, -EFAULT.
 */
int copy_bpf_fprog_from_user(struct sock_fprog *dst, sockptr_t src, int len)
{
#ifdef CONFIG_COMPAT
	if (in_compat_syscall()) {
		struct compat_sock_fprog narrow;

		if (len != sizeof(narrow))
			return -EINVAL;
		if (copy_from_sockptr(&narrow, src, sizeof(narrow)))
			return -EFAULT;
		memset(dst, 0, sizeof(*dst));
		dst->len = narrow.len;
		dst->filter = compat_ptr(narrow.filter);
		return 0;
	}
#endif
	if (len != sizeof(*dst))
		return -EINVAL;
	return copy_from_sockptr(dst, src, sizeof(*dst)) ? -EFAULT : 0;
}
EXPORT_SYMBOL_GPL(copy_bpf_fprog_from_user);
