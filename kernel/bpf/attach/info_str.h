/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_ATTACH_INFO_STR_H
#define _KBPF_ATTACH_INFO_STR_H

#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/uaccess.h>

/**
 * bpf_info_copy_str - copy a string to a buffer that bpf_link_info names
 * @ubuf: user address, or 0
 * @ulen: in: bytes of room; out: bytes that the string takes with its terminator
 * @str: the string, or NULL for ""
 *
 * Context: process; may sleep.
 * Return: 0; -EINVAL for a buffer without room or room without a buffer, -ENOSPC with a cut string,
 * -EFAULT.
 */
static inline int bpf_info_copy_str(u64 ubuf, u32 *ulen, const char *str)
{
	char __user *to = u64_to_user_ptr(ubuf);
	u32 room = *ulen, len, n;

	if (!ubuf != !room)
		return -EINVAL;
	str = str ?: "";
	len = strlen(str) + 1;
	*ulen = len;
	if (!ubuf)
		return 0;
	n = min(len, room);
	if (copy_to_user(to, str, n - 1) || put_user('\0', to + n - 1))
		return -EFAULT;
	return n < len ? -ENOSPC : 0;
}

#endif /* _KBPF_ATTACH_INFO_STR_H */
