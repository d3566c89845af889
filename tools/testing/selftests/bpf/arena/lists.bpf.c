// SPDX-License-Identifier: GPL-2.0
/* Lists whose pointers mean the same to programs and to processes. */
#include "common.bpf.h"

#define PER_PAGE (4096 / sizeof(struct element))

static struct element __arena *page;
static __u32 used_up;

/* Elements are never freed here. */
static __noinline struct element __arena *element_new(void)
{
	if (!page || used_up == PER_PAGE) {
		page = bpf_arena_alloc_pages(&arena, NULL, 1, -1, 0);
		used_up = 0;
	}
	return page ? page + used_up++ : NULL;
}

SEC("syscall")
int list_build(struct call *c)
{
	struct element __arena *head = NULL;
	__u32 i;

	for (i = 0; i < c->nr && i < 2000; i++) {
		struct element __arena *e = element_new();

		if (!e)
			break;
		e->value = i;
		e->next = head;
		head = e;
	}
	c->result = (__u64)head;
	return i;
}

/* Takes an address of the arena: verified for itself. */
__noinline __u64 list_sum(struct element __arena *head __arg_arena)
{
	__u64 sum = 0;
	__u32 i;

	for (i = 0; head && i < 2000; i++) {
		sum += head->value;
		head = head->next;
	}
	return sum;
}

SEC("syscall")
int list_add(struct call *c)
{
	asm volatile("" :: "r"(&arena));
	c->result = list_sum((struct element __arena *)c->addr);
	return 0;
}

char _license[] SEC("license") = "GPL";
