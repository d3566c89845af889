/* SPDX-License-Identifier: GPL-2.0 */
/* What the fuzzers share. */
#ifndef _FUZZ_H
#define _FUZZ_H

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "host/kbpf.h"

#define PTR(p) ((unsigned long)(p))

/* Bytes of the input, zero behind its end. */
struct input {
	const uint8_t *p;
	size_t left;
};

static inline uint8_t take8(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->p++;
}

static inline uint32_t take32(struct input *in)
{
	uint32_t v = take8(in);

	v |= take8(in) << 8;
	v |= take8(in) << 16;
	return v | (uint32_t)take8(in) << 24;
}

/* A byte of the input chooses. */
#define PICK(table, in) ((table)[take8(in) % sizeof(table)])

static inline long sys(int cmd, union bpf_attr *attr)
{
	return bpf_host(cmd, attr, sizeof(*attr));
}

/* A warning of the kernel's code is a finding. */
static inline void finish(void)
{
	bpf_host_settle();
	if (bpf_host_warnings())
		abort();
}

#endif
