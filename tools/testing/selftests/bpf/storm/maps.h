/* SPDX-License-Identifier: GPL-2.0 */
/* What maps.bpf.c and maps.c agree on. */
#ifndef _SELFTESTS_STORM_MAPS_H
#define _SELFTESTS_STORM_MAPS_H

/* Keys that programs and threads use; fewer fit into the maps. */
#define KEYS	256
#define ENTRIES	128

/* Where a program ran. */
enum where {
	IN_TASK,
	IN_SOFTIRQ,
	IN_TIMER,
	IN_HARDIRQ,
	IN_MAP,		/* inside a map's own operation, its lock held */
	WHERES,
};

/*
 * struct counts - the programs' own
 * @runs: by context
 * @in_queue: elements put in, less those taken out, as the queue's operations said
 * @in_stack: the same for the stack
 * @records: submitted to the ring buffer
 * @owner: process whose system calls are answered with a turn
 */
struct counts {
	__u64 runs[WHERES];
	__s64 in_queue;
	__s64 in_stack;
	__u64 records;
	__u32 owner;
};

#endif /* _SELFTESTS_STORM_MAPS_H */
