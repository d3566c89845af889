// SPDX-License-Identifier: GPL-2.0
/* Twin of lib/usercopy.c, lib/strn*_user.c and mm/maccess.c. */
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include <host/os.h>

unsigned long host_copy_from_user(void *to, const void *from, unsigned long n)
{
	return access_ok((void __user *)from, n) ? os_copy_in(to, from, n) : n;
}

unsigned long host_copy_to_user(void *to, const void *from, unsigned long n)
{
	return access_ok((void __user *)to, n) ? os_copy_out(to, from, n) : n;
}

unsigned long host_clear_user(void *to, unsigned long n)
{
	static const char zeros[4096];
	unsigned long part;

	while (n) {
		part = min(n, sizeof(zeros));
		if (host_copy_to_user(to, zeros, part))
			break;
		to += part;
		n -= part;
	}
	return n;
}

int host_copy_nofault(void *dst, const void *src, unsigned long n)
{
	return host_copy_from_user(dst, src, n) ? -EFAULT : 0;
}

long copy_from_kernel_nofault(void *dst, const void *src, size_t size)
{
	return host_copy_nofault(dst, src, size);
}

long copy_from_user_nofault(void *dst, const void __user *src, size_t size)
{
	return host_copy_nofault(dst, src, size);
}

long copy_to_user_nofault(void __user *dst, const void *src, size_t size)
{
	return host_copy_to_user(dst, src, size) ? -EFAULT : 0;
}

/* Bytes of the string before its NUL, at most @count; a page at a time. */
long strncpy_from_user(char *dst, const char __user *src, long count)
{
	long done = 0, part, len;

	while (done < count) {
		part = PAGE_SIZE - ((unsigned long)(src + done) & ~PAGE_MASK);
		part = min(part, count - done);
		if (host_copy_from_user(dst + done, src + done, part))
			return -EFAULT;
		len = strnlen(dst + done, part);
		if (len < part)
			return done + len;
		done += part;
	}
	return done;
}

static long strncpy_nofault(char *dst, const void *src, long count)
{
	long len;

	if (count <= 0)
		return 0;
	len = strncpy_from_user(dst, src, count);
	if (len < 0) {
		dst[0] = 0;
		return len;
	}
	if (len == count)
		len--;
	dst[len] = 0;
	return len + 1;
}

long strncpy_from_user_nofault(char *dst, const void __user *src, long count)
{
	return strncpy_nofault(dst, src, count);
}

long strncpy_from_kernel_nofault(char *dst, const void *src, long count)
{
	return strncpy_nofault(dst, src, count);
}

int check_zeroed_user(const void __user *from, size_t size)
{
	char buf[256];
	size_t part;

	while (size) {
		part = min(size, sizeof(buf));
		if (host_copy_from_user(buf, from, part))
			return -EFAULT;
		if (memchr_inv(buf, 0, part))
			return 0;
		from += part;
		size -= part;
	}
	return 1;
}

void *memdup_user(const void __user *src, size_t len)
{
	void *p = kmalloc_track_caller(len, GFP_USER | __GFP_NOWARN);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

void *vmemdup_user(const void __user *src, size_t len)
{
	void *p = kvmalloc(len, GFP_USER);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kvfree(p);
		return ERR_PTR(-EFAULT);
	}
	return p;
}

void *memdup_user_nul(const void __user *src, size_t len)
{
	char *p = kmalloc_track_caller(len + 1, GFP_KERNEL);

	if (!p)
		return ERR_PTR(-ENOMEM);
	if (copy_from_user(p, src, len)) {
		kfree(p);
		return ERR_PTR(-EFAULT);
	}
	p[len] = 0;
	return p;
}

/* ------------------------------------------------------------------ strings that libc has not */

void *memchr_inv(const void *start, int c, size_t bytes)
{
	const u8 *p = start;

	for (; bytes; bytes--, p++) {
		if (*p != (u8)c)
			return (void *)p;
	}
	return NULL;
}

ssize_t sized_strscpy(char *dst, const char *src, size_t count)
{
	size_t len;

	if (!count)
		return -E2BIG;
	len = strnlen(src, count);
	if (len == count) {
		memcpy(dst, src, count - 1);
		dst[count - 1] = 0;
		return -E2BIG;
	}
	memcpy(dst, src, len + 1);
	return len;
}
