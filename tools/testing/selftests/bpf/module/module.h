/* SPDX-License-Identifier: GPL-2.0 */
/* The module's comings and goings, and its file, for the tests that include this. */
#ifndef _MODULE_TEST_H
#define _MODULE_TEST_H

#include <fcntl.h>

#include "object.h"

#define FILE_NAME	"/sys/kernel/debug/kbpf_test"

static int load_module(void)
{
	char path[512];
	int fd, err;

	snprintf(path, sizeof(path), "%s/kmod/kbpf_test.ko", getenv("O") ?: ".");
	fd = open(path, O_RDONLY);
	if (fd < 0)
		return -errno;
	err = syscall(SYS_finit_module, fd, "", 0) ? -errno : 0;
	close(fd);
	return err;
}

static int unload_module(void)
{
	return syscall(SYS_delete_module, "kbpf_test", O_NONBLOCK) ? -errno : 0;
}

/* Waits for code that is on its way out. */
static int unload_module_soon(void)
{
	int i, err = -EAGAIN;

	for (i = 0; i < 1200 && err == -EAGAIN; i++) {
		err = unload_module();
		if (err)
			usleep(50000);
	}
	return err;
}

/* Makes the module do something; what came of it. */
static long long trigger(const char *what)
{
	char line[64] = "";
	int fd = open(FILE_NAME, O_RDWR);

	if (fd < 0 || write(fd, what, strlen(what)) < 0 || pread(fd, line, sizeof(line) - 1, 0) < 0)
		return -1000000 - errno;
	close(fd);
	return atoll(line);
}

#endif
