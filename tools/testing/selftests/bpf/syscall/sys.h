/* SPDX-License-Identifier: GPL-2.0 */
/* bpf(2) without a library in between, so that every field is what the test says. */
#ifndef _SELFTESTS_SYS_H
#define _SELFTESTS_SYS_H

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef ENOTSUPP
#define ENOTSUPP 524
#endif

#define PTR(p) ((uint64_t)(unsigned long)(p))

/* What the call returns, or -errno. */
static inline long sys_bpf(int cmd, void *attr, unsigned int size)
{
	long ret = syscall(__NR_bpf, cmd, attr, size);

	return ret < 0 ? -errno : ret;
}

static inline long bpf(int cmd, union bpf_attr *attr)
{
	return sys_bpf(cmd, attr, sizeof(*attr));
}

#define ATTR(...) (&(union bpf_attr){ __VA_ARGS__ })

/* bpf(cmd, { fields }) */
#define BPF(cmd, ...) bpf(cmd, ATTR(__VA_ARGS__))

static inline int map_new(unsigned int type, unsigned int key, unsigned int value,
			  unsigned int entries, unsigned int flags)
{
	return BPF(BPF_MAP_CREATE, .map_type = type, .key_size = key, .value_size = value,
		   .max_entries = entries, .map_flags = flags);
}

static inline int map_update(int fd, const void *key, const void *value, uint64_t flags)
{
	return BPF(BPF_MAP_UPDATE_ELEM, .map_fd = fd, .key = PTR(key), .value = PTR(value),
		   .flags = flags);
}

static inline int map_lookup(int fd, const void *key, void *value)
{
	return BPF(BPF_MAP_LOOKUP_ELEM, .map_fd = fd, .key = PTR(key), .value = PTR(value));
}

static inline int map_delete(int fd, const void *key)
{
	return BPF(BPF_MAP_DELETE_ELEM, .map_fd = fd, .key = PTR(key));
}

#define INSN(c, d, s, o, i) \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) })
#define MOV_IMM(d, i)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define EXIT()		INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
#define LD_MAP_FD(d, fd) \
	INSN(BPF_LD | BPF_DW | BPF_IMM, d, BPF_PSEUDO_MAP_FD, 0, fd), INSN(0, 0, 0, 0, 0)

static inline int prog_new(unsigned int type, const struct bpf_insn *insns, unsigned int cnt)
{
	return BPF(BPF_PROG_LOAD, .prog_type = type, .insns = PTR(insns), .insn_cnt = cnt,
		   .license = PTR("GPL"));
}

/* A program that returns @ret. */
static inline int prog_ret(unsigned int type, int ret)
{
	struct bpf_insn insns[] = { MOV_IMM(BPF_REG_0, ret), EXIT() };

	return prog_new(type, insns, 2);
}

/* While it lasts no fd can be had; undone by fds_free(). */
static inline void fds_use_up(struct rlimit *old)
{
	struct rlimit none;

	getrlimit(RLIMIT_NOFILE, old);
	none = *old;
	none.rlim_cur = 0;
	setrlimit(RLIMIT_NOFILE, &none);
}

static inline void fds_free(const struct rlimit *old)
{
	setrlimit(RLIMIT_NOFILE, old);
}

/* Number of objects of a kind, by walking their ids. */
static inline int ids_count(int cmd)
{
	union bpf_attr attr = {};
	int n = 0;

	while (!bpf(cmd, &attr)) {
		n++;
		attr.start_id = attr.next_id;
		attr.next_id = 0;
	}
	return n;
}

/* How many times slower than usual the kernel may be. */
#ifndef SLOW
#define SLOW 1
#endif

/* Objects go when a grace period has passed: wait until there are @want at most, for seconds. */
static inline int ids_settle(int cmd, int want)
{
	int i, n = -1;

	for (i = 0; i < 500 * SLOW; i++) {
		n = ids_count(cmd);
		if (n <= want)
			break;
		usleep(10000);
	}
	return n;
}

static inline int info_get(int fd, void *info, unsigned int *len)
{
	union bpf_attr attr = { .info = { .bpf_fd = fd, .info_len = *len, .info = PTR(info) } };
	int err = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);

	*len = attr.info.info_len;
	return err;
}

#endif /* _SELFTESTS_SYS_H */
