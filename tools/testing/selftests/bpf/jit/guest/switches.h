/* SPDX-License-Identifier: GPL-2.0 */
/* Switches of the JIT: net.core.bpf_jit_*. */
#ifndef _JIT_GUEST_SWITCHES_H
#define _JIT_GUEST_SWITCHES_H

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SYSCTL(name)	"/proc/sys/net/core/bpf_jit_" name

static inline long get(const char *path)
{
	long value = -1;
	FILE *f = fopen(path, "r");

	if (!f)
		return -1;
	if (fscanf(f, "%ld", &value) != 1)
		value = -1;
	fclose(f);
	return value;
}

static inline int set(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), err = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, value, strlen(value)) < 0)
		err = -errno;
	close(fd);
	return err;
}

static inline int set_number(const char *path, long value)
{
	char text[32];

	snprintf(text, sizeof(text), "%ld", value);
	return set(path, text);
}

#endif /* _JIT_GUEST_SWITCHES_H */
