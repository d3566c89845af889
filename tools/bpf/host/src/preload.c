// SPDX-License-Identifier: GPL-2.0
/*
 * LD_PRELOAD: bpf(2) of an unmodified client goes to the library, and what the client does with the
 * descriptors that it got from there: mapping them, polling them, asking what they are, names for
 * them.
 *
 * Names ("pins") are the process's own: they do not outlive it, and another process does not see
 * them. Paths below the directories of $KBPF_BPFFS (":" between them; /sys/fs/bpf and /tmp/bpffs
 * without it) are taken for a BPF file system.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/kbpf.h"
#include "host/os.h"

#define API __attribute__((visibility("default")))
#define BPF_FS_MAGIC 0xcafe4a11
#define VMLINUX "/sys/kernel/btf/vmlinux"

extern __thread int host_inside;
int host_initialised(void);
int host_unpin(const char *path);
int host_is_pin(const char *path);

#define REAL(name)						\
({								\
	static typeof(name) *fn;				\
								\
	if (!fn)						\
		fn = (typeof(fn))dlsym(RTLD_NEXT, #name);	\
	fn;							\
})

/* The kernel itself, without the C library between. */
static long raw(long nr, long a, long b, long c, long d, long e, long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long ret;

	__asm__ volatile("syscall" : "=a"(ret)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	if (ret >= 0 || ret < -4095)
		return ret;
	errno = -ret;
	return -1;
}

API long syscall(long nr, ...)
{
	va_list args;
	long a[6];
	int i;

	va_start(args, nr);
	for (i = 0; i < 6; i++)
		a[i] = va_arg(args, long);
	va_end(args);
	if (nr == SYS_bpf && !host_inside)
		return bpf_host(a[0], (union bpf_attr *)a[1], a[2]);
	return raw(nr, a[0], a[1], a[2], a[3], a[4], a[5]);
}

static int ours(int fd)
{
	return !host_inside && fd >= 0 && host_initialised() && bpf_host_fd_name(fd);
}

API void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t off)
{
	if (!(flags & MAP_ANONYMOUS) && ours(fd))
		return bpf_host_mmap(addr, len, prot, flags, fd, off);
	return (void *)raw(SYS_mmap, (long)addr, len, prot, flags, fd, off);
}

API void *mmap64(void *addr, size_t len, int prot, int flags, int fd, off64_t off)
{
	return mmap(addr, len, prot, flags, fd, off);
}

API int munmap(void *addr, size_t len)
{
	if (!host_inside && host_initialised())
		return bpf_host_munmap(addr, len);
	return raw(SYS_munmap, (long)addr, len, 0, 0, 0, 0);
}

API int close(int fd)
{
	int was_ours = ours(fd), ret = raw(SYS_close, fd, 0, 0, 0, 0, 0);

	if (was_ours)
		bpf_host_settle();
	return ret;
}

/* ------------------------------------------------------------------ waiting */

API int epoll_wait(int epfd, struct epoll_event *events, int max, int timeout)
{
	if (!host_inside)
		bpf_host_settle();
	return REAL(epoll_wait)(epfd, events, max, timeout);
}

API int poll(struct pollfd *fds, nfds_t n, int timeout)
{
	if (!host_inside)
		bpf_host_settle();
	return REAL(poll)(fds, n, timeout);
}

/* ------------------------------------------------------------------ what a descriptor is */

/* The number in "/proc/self/fd/7", or -1. */
static int proc_fd(const char *path, const char *dir)
{
	int pid, fd, used = 0;
	char format[64];

	snprintf(format, sizeof(format), "/proc/self/%s/%%d%%n", dir);
	if (sscanf(path, format, &fd, &used) == 1 && !path[used])
		return fd;
	snprintf(format, sizeof(format), "/proc/%%d/%s/%%d%%n", dir);
	if (sscanf(path, format, &pid, &fd, &used) == 2 && !path[used] && pid == getpid())
		return fd;
	return -1;
}

API ssize_t readlink(const char *path, char *buf, size_t size)
{
	char text[64];
	int fd = proc_fd(path, "fd");
	size_t len;

	if (!ours(fd))
		return REAL(readlink)(path, buf, size);
	snprintf(text, sizeof(text), "anon_inode:%s", bpf_host_fd_name(fd));
	len = strlen(text);
	if (len > size)
		len = size;
	memcpy(buf, text, len);
	return len;
}

API FILE *fopen(const char *path, const char *mode)
{
	int fd = proc_fd(path, "fdinfo");
	const char *btf = getenv("KBPF_BTF");
	char text[4096] = "";
	FILE *f;

	if (ours(fd)) {
		host_inside++;
		host_fdinfo(fd, text, sizeof(text));
		host_inside--;
		f = fmemopen(NULL, strlen(text) + 1, "w+");
		if (f) {
			fputs(text, f);
			rewind(f);
		}
		return f;
	}
	if (btf && !strcmp(path, VMLINUX))
		path = btf;
	return REAL(fopen)(path, mode);
}

API FILE *fopen64(const char *path, const char *mode)
{
	return fopen(path, mode);
}

API int faccessat(int dir, const char *path, int mode, int flags)
{
	const char *btf = getenv("KBPF_BTF");

	if (btf && !strcmp(path, VMLINUX))
		path = btf;
	return REAL(faccessat)(dir, path, mode, flags);
}

API int access(const char *path, int mode)
{
	const char *btf = getenv("KBPF_BTF");

	if (!host_inside && host_initialised() && host_is_pin(path))
		return 0;
	if (btf && !strcmp(path, VMLINUX))
		path = btf;
	return REAL(access)(path, mode);
}

/* ------------------------------------------------------------------ names */

static int in_bpffs(const char *path)
{
	char dirs[PATH_MAX], real[PATH_MAX], dir[PATH_MAX], *one, *rest;
	const char *env = getenv("KBPF_BPFFS");
	size_t len;

	if (os_path(path, real, sizeof(real)))
		return 0;
	snprintf(dirs, sizeof(dirs), "%s", env ? env : "/sys/fs/bpf:/tmp/bpffs");
	for (one = strtok_r(dirs, ":", &rest); one; one = strtok_r(NULL, ":", &rest)) {
		if (os_path(one, dir, sizeof(dir)))
			continue;
		len = strlen(dir);
		if (!strncmp(real, dir, len) && (!real[len] || real[len] == '/'))
			return 1;
	}
	return 0;
}

API int statfs(const char *path, struct statfs *buf)
{
	int ret = REAL(statfs)(path, buf);

	if (!host_inside && in_bpffs(path)) {
		if (ret)
			memset(buf, 0, sizeof(*buf));
		buf->f_type = BPF_FS_MAGIC;
		return 0;
	}
	return ret;
}

API int statfs64(const char *path, struct statfs64 *buf)
{
	return statfs(path, (struct statfs *)buf);
}

/* Directories there need not be real. */
API int mkdir(const char *path, mode_t mode)
{
	int ret = REAL(mkdir)(path, mode);

	return ret && !host_inside && in_bpffs(path) ? 0 : ret;
}

API int unlink(const char *path)
{
	int gone = 0;

	if (!host_inside && host_initialised()) {
		host_inside++;
		gone = host_unpin(path);
		host_inside--;
	}
	if (!gone)
		return REAL(unlink)(path);
	bpf_host_settle();
	return 0;
}

API int remove(const char *path)
{
	if (!host_inside && host_initialised() && host_is_pin(path))
		return unlink(path);
	return REAL(remove)(path);
}
