/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The most memory from the slab allocator that one system call of this process held at a time, as
 * traced.bpf.c counts it. What the kernel allocates by pages is not in it.
 */
#ifndef BENCH_TRACED_H
#define BENCH_TRACED_H

#include <bpf/btf.h>
#include <libgen.h>
#include <sys/mman.h>

/* Variables of the object. */
struct traced {
	volatile uint64_t *lost;
	volatile int64_t *held, *peak;
	volatile uint32_t *pid;
};

static struct traced traced;

/* Address of a variable of the object, whose .bss is mapped at @bss. */
static inline volatile void *traced_var(const struct btf *btf, void *bss, const char *name)
{
	const struct btf_type *sec = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss",
										 BTF_KIND_DATASEC));
	const struct btf_var_secinfo *var = sec ? btf_var_secinfos(sec) : NULL;
	int i;

	for (i = 0; var && i < btf_vlen(sec); i++)
		if (!strcmp(btf__name_by_offset(btf, btf__type_by_id(btf, var[i].type)->name_off),
			    name))
			return bss + var[i].offset;
	return NULL;
}

/* Loads and attaches the counter that lies beside the runner. */
static inline int traced_init(const char *self)
{
	char path[512], copy[512];
	struct bpf_program *p;
	struct bpf_object *obj;
	struct bpf_map *bss;
	void *mem;

	snprintf(copy, sizeof(copy), "%s", self);
	snprintf(path, sizeof(path), "%s/traced.o", dirname(copy));
	obj = bpf_object__open_file(path, NULL);
	if (!obj || bpf_object__load(obj))
		return -1;
	bss = bpf_object__find_map_by_name(obj, ".bss");
	if (!bss)
		return -1;
	mem = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(bss), 0);
	if (mem == MAP_FAILED)
		return -1;
	traced.pid = traced_var(bpf_object__btf(obj), mem, "pid");
	traced.held = traced_var(bpf_object__btf(obj), mem, "held");
	traced.peak = traced_var(bpf_object__btf(obj), mem, "peak");
	traced.lost = traced_var(bpf_object__btf(obj), mem, "lost");
	if (!traced.pid || !traced.held || !traced.peak || !traced.lost)
		return -1;
	bpf_object__for_each_program(p, obj)
		if (!bpf_program__attach(p))
			return -1;
	return 0;
}

static inline void traced_begin(void)
{
	*traced.held = 0;
	*traced.peak = 0;
	*traced.lost = 0;
	*traced.pid = getpid();
}

/* Bytes at the peak; -1: not all was counted. */
static inline long traced_end(void)
{
	*traced.pid = 0;
	return *traced.lost ? -1 : *traced.peak;
}

#endif
