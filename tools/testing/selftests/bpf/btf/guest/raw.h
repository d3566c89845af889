/* SPDX-License-Identifier: GPL-2.0 */
/* BTF by hand, and bpf(2) without a library. */
#ifndef _RAW_H
#define _RAW_H

#include <errno.h>
#include <linux/bpf.h>
#include <linux/btf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define INFO(kind, vlen) ((__u32)(BTF_KIND_##kind) << 24 | (vlen))

struct blob {
	struct btf_header hdr;
	__u32 types[512];
	__u32 words;
	char strs[1024];
	__u32 str_len;
};

static inline int sys_bpf(int cmd, union bpf_attr *attr)
{
	int res = syscall(__NR_bpf, cmd, attr, sizeof(*attr));

	return res < 0 ? -errno : res;
}

/* Offset of a string that is added. */
static inline __u32 blob_name(struct blob *b, const char *name)
{
	__u32 off = b->str_len ?: 1;

	strcpy(b->strs + off, name);
	b->str_len = off + strlen(name) + 1;
	return off;
}

static inline void blob_add(struct blob *b, const __u32 *words, __u32 cnt)
{
	memcpy(b->types + b->words, words, cnt * 4);
	b->words += cnt;
}

#define ADD(b, ...)								\
	blob_add(b, (const __u32[]){ __VA_ARGS__ },				\
		 sizeof((const __u32[]){ __VA_ARGS__ }) / 4)
/* Type 1 of each object here. */
#define ADD_INT(b) ADD(b, blob_name(b, "int"), INFO(INT, 0), 4, BTF_INT_SIGNED << 24 | 32)

static inline void *blob_pack(const struct blob *b, __u32 *size)
{
	struct btf_header hdr = {
		.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(hdr),
		.type_len = b->words * 4, .str_off = b->words * 4, .str_len = b->str_len ?: 1,
	};
	char *data = calloc(1, sizeof(hdr) + hdr.type_len + hdr.str_len);

	memcpy(data, &hdr, sizeof(hdr));
	memcpy(data + sizeof(hdr), b->types, hdr.type_len);
	memcpy(data + sizeof(hdr) + hdr.type_len, b->strs, hdr.str_len);
	*size = sizeof(hdr) + hdr.type_len + hdr.str_len;
	return data;
}

static inline int blob_load(const struct blob *b)
{
	union bpf_attr attr = {};
	void *data = blob_pack(b, &attr.btf_size);
	int fd;

	attr.btf = (unsigned long)data;
	fd = sys_bpf(BPF_BTF_LOAD, &attr);
	free(data);
	return fd;
}

static inline int btf_info(int fd, struct bpf_btf_info *info)
{
	union bpf_attr attr = {
		.info = { .bpf_fd = fd, .info = (unsigned long)info, .info_len = sizeof(*info) },
	};

	return sys_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
}

#endif
