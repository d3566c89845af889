/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Calls of bpf(2) as they were made and answered in one home, to be made again in another. A tape
 * is a sequence of calls: a head, the attributes, and what they point at.
 */
#ifndef _HOMES_TAPE_H
#define _HOMES_TAPE_H

#include <stdint.h>

#define TAPE_MAGIC	0x6b627066
#define MAX_FDS		1024

/*
 * struct tape_call - one call
 * @ret: what it returned: a descriptor, a number, or -errno
 * @size: of the attributes, which follow
 * @blobs: so many struct tape_blob follow them, each with its bytes
 */
struct tape_call {
	uint32_t magic;
	uint32_t cmd;
	int32_t ret;
	uint32_t size;
	uint32_t blobs;
};

/* @at: where in the attributes the pointer stands; what was written there rather than read: @out */
struct tape_blob {
	uint32_t at;
	uint32_t len;
	uint32_t out;
};

#endif
