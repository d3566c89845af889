/* SPDX-License-Identifier: GPL-2.0 */
/* Commands of bpf(2): what a handler gets, and the handlers that the table lists. */
#ifndef _KBPF_SYSCALL_CMD_H
#define _KBPF_SYSCALL_CMD_H

#include <linux/bpf.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/**
 * struct bpf_cmd_args - one call
 * @attr: the attributes, copied, the rest zero
 * @uattr: where the caller's stand; a kernel address if @from_kernel
 * @size: bytes of the caller's
 * @from_kernel: a program's call: the pointers in @attr are kernel addresses too
 */
struct bpf_cmd_args {
	union bpf_attr *attr;
	union bpf_attr __user *uattr;
	u32 size;
	bool from_kernel;
};

/* Copies from a pointer that stands in the attributes. */
static inline int cmd_copy_in(const struct bpf_cmd_args *args, void *dst, u64 src, size_t len)
{
	/* A program may have put any number there. */
	if (args->from_kernel)
		return copy_from_kernel_nofault(dst, (const void *)(unsigned long)src, len) ?
		       -EFAULT : 0;
	return copy_from_user(dst, u64_to_user_ptr(src), len) ? -EFAULT : 0;
}

/* Copies to a pointer that stands in the attributes. */
static inline int cmd_copy_out(const struct bpf_cmd_args *args, u64 dst, const void *src,
			       size_t len)
{
	if (args->from_kernel) {
		memcpy((void *)(unsigned long)dst, src, len);
		return 0;
	}
	return copy_to_user(u64_to_user_ptr(dst), src, len) ? -EFAULT : 0;
}

/* Reads a string of at most @len - 1 bytes; -E2BIG when it is longer; else its length. */
static inline long cmd_copy_str(const struct bpf_cmd_args *args, char *dst, u64 src, size_t len)
{
	const char *from = (const char *)(unsigned long)src;
	long n;

	if (!args->from_kernel) {
		n = strncpy_from_user(dst, u64_to_user_ptr(src), len);
		return n == len ? -E2BIG : n;
	}
	for (n = 0; n < len; n++) {
		if (copy_from_kernel_nofault(&dst[n], from + n, 1))
			return -EFAULT;
		if (!dst[n])
			return n;
	}
	return -E2BIG;
}

/* Address of field @member of the caller's attributes, as cmd_copy_out() wants it. */
#define CMD_FIELD(args, member)	\
	((u64)(unsigned long)(args)->uattr + offsetof(union bpf_attr, member))

/* Writes field @member of the caller's attributes. */
#define CMD_PUT_FIELD(args, member, val)						\
({											\
	typeof_member(union bpf_attr, member) __v = (val);				\
	cmd_copy_out(args, CMD_FIELD(args, member), &__v, sizeof(__v));			\
})

int bpf_cmd_dispatch(int cmd, union bpf_attr __user *uattr, unsigned int size);
int bpf_cmd_dispatch_kernel(int cmd, union bpf_attr *attr, unsigned int size);
int bpf_check_tail_zero(const void __user *ptr, size_t known, size_t size);
int bpf_obj_name_copy(char *dst, const char *src);
bool bpf_has_cap(int cap);

/* A token that an attribute names: takes effect only where it covers what is asked. */
struct bpf_token *bpf_cmd_token(s32 fd, enum bpf_cmd cmd);

/* map_cmd.c */
int cmd_map_create(const struct bpf_cmd_args *args);
int cmd_map_freeze(const struct bpf_cmd_args *args);
int cmd_map_get_next_id(const struct bpf_cmd_args *args);
int cmd_map_get_fd_by_id(const struct bpf_cmd_args *args);

/* map_elem.c */
int cmd_map_lookup(const struct bpf_cmd_args *args);
int cmd_map_update(const struct bpf_cmd_args *args);
int cmd_map_delete(const struct bpf_cmd_args *args);
int cmd_map_get_next_key(const struct bpf_cmd_args *args);
int cmd_map_lookup_and_delete(const struct bpf_cmd_args *args);

/* map_batch.c */
int cmd_map_lookup_batch(const struct bpf_cmd_args *args);
int cmd_map_lookup_delete_batch(const struct bpf_cmd_args *args);
int cmd_map_update_batch(const struct bpf_cmd_args *args);
int cmd_map_delete_batch(const struct bpf_cmd_args *args);

/* prog_load.c */
int cmd_prog_load(const struct bpf_cmd_args *args);

/* prog_cmd.c */
int cmd_prog_get_next_id(const struct bpf_cmd_args *args);
int cmd_prog_get_fd_by_id(const struct bpf_cmd_args *args);
int cmd_prog_test_run(const struct bpf_cmd_args *args);
int cmd_prog_bind_map(const struct bpf_cmd_args *args);
int cmd_enable_stats(const struct bpf_cmd_args *args);

/* info.c */
int cmd_obj_get_info(const struct bpf_cmd_args *args);

/* attach_cmd.c */
int cmd_prog_attach(const struct bpf_cmd_args *args);
int cmd_prog_detach(const struct bpf_cmd_args *args);
int cmd_prog_query(const struct bpf_cmd_args *args);
int cmd_link_create(const struct bpf_cmd_args *args);
int cmd_link_update(const struct bpf_cmd_args *args);
int cmd_link_detach(const struct bpf_cmd_args *args);
int cmd_link_get_next_id(const struct bpf_cmd_args *args);
int cmd_link_get_fd_by_id(const struct bpf_cmd_args *args);

/* btf_cmd.c */
int cmd_btf_load(const struct bpf_cmd_args *args);
int cmd_btf_get_next_id(const struct bpf_cmd_args *args);
int cmd_btf_get_fd_by_id(const struct bpf_cmd_args *args);

/* Of the kernel home alone; the host home supplies its own. */
int cmd_obj_pin(const struct bpf_cmd_args *args);
int cmd_obj_get(const struct bpf_cmd_args *args);
int cmd_raw_tracepoint_open(const struct bpf_cmd_args *args);
int cmd_task_fd_query(const struct bpf_cmd_args *args);
int cmd_iter_create(const struct bpf_cmd_args *args);
int cmd_token_create(const struct bpf_cmd_args *args);

#endif /* _KBPF_SYSCALL_CMD_H */
