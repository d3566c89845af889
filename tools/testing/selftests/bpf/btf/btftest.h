/* SPDX-License-Identifier: GPL-2.0 */
/* Loading BTF the way BPF_BTF_LOAD does, and counting results. */
#ifndef _BTFTEST_H
#define _BTFTEST_H

#include "btf/btf.h"
#include "btf/internal.h"

#define LOG_SIZE 65536

/* Names in raw types: the n-th string, from 1. */
#define N(n) (0xf0000000u + (n))
#define INFO(kind, vlen) ((u32)(BTF_KIND_##kind) << 24 | (vlen))
#define KINFO(kind, vlen) (INFO(kind, vlen) | 1u << 31)

extern int passed, failed;
extern char load_log[LOG_SIZE];

__attribute__((format(printf, 3, 4)))
void check(bool ok, const char *what, const char *fmt, ...);

/* Errno (negative) or 0; *@btf gets the object, which btf_put() frees. The text is in load_log. */
int load(const void *data, u32 size, u32 level, struct btf **btf);
/* A whole object of raw types and "a\0b\0" strings without the leading one; free() it. */
void *build(const u32 *types, u32 words, const char *strs, u32 str_len, u32 *size);
int load_raw(const u32 *types, u32 words, const char *strs, u32 str_len, u32 level,
	     struct btf **btf);
void *read_file(const char *path, u32 *size);
/* Sizes and offsets of sections, as loaders fill them in. */
void lay_out_sections(void *data);

void test_kinds(void);
void test_header(void);
void test_lookup(void);
void test_memory(void);
void test_layout(const struct btf *btf);
void test_show(const struct btf *btf);
void test_real(const char *path);
/* @dir: where the objects of progs/ are. */
void test_core(const char *dir);

#endif
