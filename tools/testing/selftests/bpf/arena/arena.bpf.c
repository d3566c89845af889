// SPDX-License-Identifier: GPL-2.0
/* Pages of an arena, and every kind of access to them. */
#include "common.bpf.h"

SEC("syscall")
int pages_alloc(struct call *c)
{
	c->result = (__u64)bpf_arena_alloc_pages(&arena, (void __arena *)c->addr, c->nr, c->node,
						 c->flags);
	return 0;
}

SEC("syscall")
int pages_free(struct call *c)
{
	bpf_arena_free_pages(&arena, (void __arena *)c->addr, c->nr);
	return 0;
}

#define LOAD(name, type)								\
	SEC("syscall") int name(struct call *c)						\
	{										\
		asm volatile("" :: "r"(&arena));					\
		c->result = (__s64)*(volatile type __arena *)c->addr;			\
		return 0;								\
	}
#define STORE(name, type)								\
	SEC("syscall") int name(struct call *c)						\
	{										\
		asm volatile("" :: "r"(&arena));					\
		*(volatile type __arena *)c->addr = c->value;				\
		return 0;								\
	}

LOAD(load_u8, __u8)
LOAD(load_u16, __u16)
LOAD(load_u32, __u32)
LOAD(load_u64, __u64)
LOAD(load_s8, __s8)
LOAD(load_s16, __s16)
LOAD(load_s32, __s32)
STORE(store_u8, __u8)
STORE(store_u16, __u16)
STORE(store_u32, __u32)
STORE(store_u64, __u64)

SEC("syscall")
int store_const(struct call *c)
{
	asm volatile("" :: "r"(&arena));
	*(volatile __u64 __arena *)c->addr = -2;
	return 0;
}

#define ATOMIC(name, type, op)								\
	SEC("syscall") int name(struct call *c)						\
	{										\
		asm volatile("" :: "r"(&arena));					\
		c->result = op((type __arena *)c->addr, (type)c->value);		\
		return 0;								\
	}

ATOMIC(fetch_add32, __u32, __sync_fetch_and_add)
ATOMIC(fetch_and32, __u32, __sync_fetch_and_and)
ATOMIC(fetch_or32, __u32, __sync_fetch_and_or)
ATOMIC(fetch_xor32, __u32, __sync_fetch_and_xor)
ATOMIC(xchg32, __u32, __sync_lock_test_and_set)
ATOMIC(fetch_add64, __u64, __sync_fetch_and_add)
ATOMIC(fetch_and64, __u64, __sync_fetch_and_and)
ATOMIC(fetch_or64, __u64, __sync_fetch_and_or)
ATOMIC(fetch_xor64, __u64, __sync_fetch_and_xor)
ATOMIC(xchg64, __u64, __sync_lock_test_and_set)

SEC("syscall")
int add64(struct call *c)
{
	asm volatile("" :: "r"(&arena));
	__sync_fetch_and_add((__u64 __arena *)c->addr, c->value);
	return 0;
}

SEC("syscall")
int cmpxchg32(struct call *c)
{
	asm volatile("" :: "r"(&arena));
	c->result = __sync_val_compare_and_swap((__u32 __arena *)c->addr, (__u32)c->old,
						(__u32)c->value);
	return 0;
}

SEC("syscall")
int cmpxchg64(struct call *c)
{
	asm volatile("" :: "r"(&arena));
	c->result = __sync_val_compare_and_swap((__u64 __arena *)c->addr, c->old, c->value);
	return 0;
}

/* As far from the register as an instruction can reach, in both directions. */
SEC("syscall")
int load_far(struct call *c)
{
	char __arena *p = (char __arena *)c->addr;

	asm volatile("" :: "r"(&arena));
	c->result = *(volatile __u64 __arena *)(p + 32760);
	c->result += *(volatile __u64 __arena *)(p - 32768);
	return 0;
}

/* What a process gets for a pointer of the kernel's view. */
SEC("syscall")
int to_process(struct call *c)
{
	void *kern = (void *)(void __arena *)c->addr;

	asm volatile("" : "+r"(kern) : "r"(&arena));
	c->result = (__u64)(void __arena *)kern;
	return 0;
}

/* Any arithmetic gives an address that is confined. */
SEC("syscall")
int mangled(struct call *c)
{
	__u64 __arena *p = (__u64 __arena *)c->addr;
	void *k = (void *)p;

	asm volatile("%[k] ^= %[v]; %[k] *= 3; %[k] <<= 1; w0 = *(u32 *)(%[k] + 0)"
		     : [k]"+r"(k) : [v]"r"(c->value), "r"(&arena) : "r0");
	c->result = *(volatile __u64 __arena *)p;
	return 0;
}

/* Programs that do not sleep access what is there. */

__u64 where;

SEC("raw_tp")
int count_there(void *ctx)
{
	__u64 __arena *p = (__u64 __arena *)where;

	asm volatile("" :: "r"(&arena));
	*p += 1;
	return *p;
}

char _license[] SEC("license") = "GPL";
