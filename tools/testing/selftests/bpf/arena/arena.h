/* SPDX-License-Identifier: GPL-2.0 */
/* What arena.c and its programs agree on. */
#ifndef _SELFTESTS_ARENA_H
#define _SELFTESTS_ARENA_H

#define ARENA_PAGES	8

/* The context of system call programs. */
struct call {
	__u64 addr;		/* of the arena's memory, as processes see it */
	__u64 value;
	__u64 old;
	__u32 nr;
	__s32 node;
	__u64 flags;
	__u64 result;
};

/* Elements of a list that is built by a program and walked by a process, or the other way round. */
#ifdef __bpf__
#define NEXT struct element __arena *
#else
#define NEXT struct element *
#endif

struct element {
	NEXT next;
	__u64 value;
};

#endif /* _SELFTESTS_ARENA_H */
