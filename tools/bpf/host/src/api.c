// SPDX-License-Identifier: GPL-2.0
/* The library's functions, for programs that are compiled against the C library. */
#define _GNU_SOURCE
#include <errno.h>
#include <stddef.h>
#include <sys/mman.h>

#include "host/kbpf.h"
#include "host/os.h"

extern int sysctl_unprivileged_bpf_disabled;
extern _Bool bpf_prune_off;
extern _Bool bpf_join_early;
void host_set_caps(unsigned long long mask);
void host_set_jit(int enable, int harden);
int host_initialised(void);
void host_start(void);
long host_warnings(void);
int host_oracle(int on);
long host_oracle_checks(void);
const char *host_btf_path(void);
long host_classic(const void *insns, unsigned int len, const void *packet, unsigned int size,
		  unsigned int *result);
int host_btf_set_path(const char *path);
int host_unpin(const char *path);
long host_raw(const void *insns, unsigned int cnt, void *mem, os_size len,
	      unsigned long long *result, char *why, os_size size);

#define API __attribute__((visibility("default")))

/* This thread is in the library: what it calls there is not a client's call. */
__thread int host_inside;

API long bpf_host(int cmd, union bpf_attr *attr, unsigned int size)
{
	int saved = errno;
	long ret;

	host_inside++;
	ret = host_bpf(cmd, attr, size);
	host_inside--;
	errno = saved;
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

API void *bpf_host_mmap(void *addr, unsigned long len, int prot, int flags, int fd, long off)
{
	int placed = flags & (MAP_FIXED | MAP_FIXED_NOREPLACE);
	int known, write = !!(prot & PROT_WRITE);
	void *at, *ret;

	host_inside++;
	known = fd >= 0 && !(flags & MAP_ANONYMOUS) && host_initialised() && host_known_fd(fd);
	host_inside--;
	if (!known)
		return mmap(addr, len, prot, flags, fd, off);
	if (!len || off % 4096) {
		errno = EINVAL;
		return MAP_FAILED;
	}
	at = mmap(addr, len, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | placed, -1, 0);
	if (at == MAP_FAILED)
		return MAP_FAILED;
	host_inside++;
	ret = host_mmap(at, len, write, (flags & MAP_TYPE) != MAP_PRIVATE, fd, off, &known);
	host_inside--;
	if ((unsigned long)ret < -4095UL)
		return ret;
	munmap(at, len);
	errno = -(long)ret;
	return MAP_FAILED;
}

API int bpf_host_munmap(void *addr, unsigned long len)
{
	int ret;

	host_inside++;
	ret = munmap(addr, len);
	if (!ret && host_initialised() && host_munmap(addr, len))
		host_settle();
	host_inside--;
	return ret;
}

API void bpf_host_settle(void)
{
	int saved = errno;

	host_inside++;
	host_settle();
	host_inside--;
	errno = saved;
}

API int bpf_host_unpin(const char *path)
{
	int gone;

	host_inside++;
	gone = host_initialised() && host_unpin(path);
	if (gone)
		host_settle();
	host_inside--;
	if (gone)
		return 0;
	errno = ENOENT;
	return -1;
}

API const char *bpf_host_fd_name(int fd)
{
	int saved = errno;
	const char *name;

	host_inside++;
	name = host_initialised() ? host_fd_name(fd) : NULL;
	host_inside--;
	errno = saved;
	return name;
}

API int bpf_host_set_btf(const char *path)
{
	return host_initialised() ? -EBUSY : host_btf_set_path(path);
}

API const char *bpf_host_btf(void)
{
	host_start();
	return host_btf_path();
}

API void bpf_host_set_caps(unsigned long long caps)
{
	host_set_caps(caps);
}

API void bpf_host_set_unprivileged_disabled(int value)
{
	sysctl_unprivileged_bpf_disabled = value;
}

API void bpf_host_set_jit(int enable, int harden)
{
	host_start();
	host_set_jit(enable, harden);
}

API int bpf_host_oracle(int on)
{
	return host_oracle(on);
}

API long bpf_host_oracle_checks(void)
{
	return host_oracle_checks();
}

API long bpf_host_warnings(void)
{
	return host_warnings();
}

API void bpf_host_set_pruning(int on)
{
	bpf_prune_off = !on;
}

API void bpf_host_set_joining(int on)
{
	bpf_join_early = on;
}

API long bpf_host_classic(const struct sock_filter *insns, unsigned int len, const void *packet,
			  unsigned int size, unsigned int *result)
{
	long err;

	host_start();
	host_inside++;
	err = host_classic(insns, len, packet, size, result);
	host_settle();
	host_inside--;
	if (!err)
		return 0;
	errno = -err;
	return -1;
}

API long bpf_host_raw(const struct bpf_insn *insns, unsigned int cnt, void *mem, unsigned long len,
		      unsigned long long *result, char *why, unsigned long size)
{
	long err;

	host_start();
	host_inside++;
	err = host_raw(insns, cnt, mem, len, result, why, size);
	host_settle();
	host_inside--;
	if (!err)
		return 0;
	errno = -err;
	return -1;
}
