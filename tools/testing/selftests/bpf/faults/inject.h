/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Failing allocations: what a test does is done again and again, with its first, its second, ...
 * allocation in the kernel failing, until it gets through without any.
 */
#ifndef _SELFTESTS_INJECT_H
#define _SELFTESTS_INJECT_H

#include <stdbool.h>
#include <stddef.h>

/**
 * struct sweep - something to be done with failures
 * @name: for messages
 * @run: does it; what it returns is at least 0, or -errno
 * @undo: takes back what a successful run did; NULL: there is nothing
 * @arg: theirs
 * @also: a second errno beside ENOMEM that a failure may end in; 0: none
 */
struct sweep {
	const char *name;
	int (*run)(void *arg);
	void (*undo)(void *arg, int ret);
	void *arg;
	int also;
};

/**
 * struct swept - what came of it
 * @failed: runs in which an allocation failed and that said so
 * @hidden: runs in which one failed and that did without
 * @last: what one more run returned when all was over; it is not undone
 */
struct swept {
	int failed;
	int hidden;
	int last;
};

/* NULL, or why nothing can be made to fail here. */
const char *inject_unable(void);

/* Return: 0, or -1 with a line of what was wrong on standard output. */
int inject_sweep(const struct sweep *sweep, struct swept *swept);

/* Objects with ids, of all kinds together. */
int inject_objects(void);

/* Waits until there are no more of them than @want; how many there are then. */
int inject_settle(int want);

#endif /* _SELFTESTS_INJECT_H */
