// SPDX-License-Identifier: GPL-2.0
/* Time, random bytes, messages, and the file with the kernel's types. */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

#include "host/os.h"

unsigned long long os_clock(enum os_clock clock)
{
	static const clockid_t ids[] = {
		[OS_MONOTONIC] = CLOCK_MONOTONIC,
		[OS_BOOT] = CLOCK_BOOTTIME,
		[OS_REAL] = CLOCK_REALTIME,
		[OS_TAI] = CLOCK_TAI,
		[OS_COARSE] = CLOCK_MONOTONIC_COARSE,
	};
	struct timespec ts;

	clock_gettime(ids[clock], &ts);
	return ts.tv_sec * 1000000000ULL + ts.tv_nsec;
}

void os_random(void *buf, os_size n)
{
	while (n) {
		ssize_t got = getrandom(buf, n, 0);

		if (got <= 0)
			continue;
		buf = (char *)buf + got;
		n -= got;
	}
}

const char *os_env(const char *name)
{
	return getenv(name);
}

/* Messages of the kernel's code; shown on request. */
void os_log(const char *text)
{
	static int on = -1;

	if (on < 0)
		on = !!getenv("KBPF_LOG");
	if (on)
		fputs(text, stderr);
}

void os_abort(void)
{
	abort();
}

/* Appends one part of a path to an absolute one that may be empty, which is the root. */
static int path_add(char *out, os_size size, const char *part, os_size len)
{
	os_size have = strlen(out);

	if (!len || (len == 1 && *part == '.'))
		return 0;
	if (len == 2 && !memcmp(part, "..", 2)) {
		while (have && out[--have] != '/')
			;
		out[have] = 0;
		return 0;
	}
	if (have + len + 2 > size)
		return -ENAMETOOLONG;
	out[have] = '/';
	memcpy(out + have + 1, part, len);
	out[have + 1 + len] = 0;
	return 0;
}

/* A link is followed where it stands, so that ".." after it means what the kernel takes it for. */
static int path_add_all(char *out, os_size size, const char *path)
{
	char real[PATH_MAX];
	os_size len;
	int err = 0;

	for (; *path && !err; path += len) {
		path += strspn(path, "/");
		len = strcspn(path, "/");
		err = path_add(out, size, path, len);
		if (err || !realpath(out, real) || !strcmp(real, "/"))
			continue;
		if (strlen(real) >= size)
			return -ENAMETOOLONG;
		memcpy(out, real, strlen(real) + 1);
	}
	return err;
}

int os_path(const char *path, char *out, os_size size)
{
	char cwd[PATH_MAX];
	int err = 0;

	*out = 0;
	if (*path != '/')
		err = getcwd(cwd, sizeof(cwd)) ? path_add_all(out, size, cwd) : -errno;
	if (!err)
		err = path_add_all(out, size, path);
	if (!err && !*out)
		memcpy(out, "/", 2);
	return err;
}

void os_uname(char *release, os_size size)
{
	struct utsname u;

	uname(&u);
	snprintf(release, size, "%s", u.release);
}

/* ------------------------------------------------------------------ types */

static int read_file(const char *path, char **data, os_size *size)
{
	os_size cap = 1 << 20, len = 0;
	char *buf = NULL, *more;
	ssize_t got = 1;
	int fd, err = 0;

	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	while (got > 0 && !err) {
		if (!buf || len == cap) {
			more = realloc(buf, cap *= 2);
			if (!more) {
				err = -ENOMEM;
				break;
			}
			buf = more;
		}
		got = read(fd, buf + len, cap - len);
		if (got < 0)
			err = -errno;
		else
			len += got;
	}
	close(fd);
	if (err)
		free(buf);
	*data = buf;
	*size = len;
	return err;
}

/* Moves the .BTF section of a 64-bit ELF file to its start. */
static int elf_section(char *data, os_size *size)
{
	const Elf64_Ehdr *eh = (const void *)data;
	const Elf64_Shdr *sh, *names;
	os_size n = *size;
	int i;

	if (n < sizeof(*eh) || eh->e_shoff > n ||
	    n - eh->e_shoff < (os_size)eh->e_shnum * sizeof(*sh) || eh->e_shstrndx >= eh->e_shnum)
		return -EINVAL;
	sh = (const void *)(data + eh->e_shoff);
	names = &sh[eh->e_shstrndx];
	for (i = 0; i < eh->e_shnum; i++) {
		if (names->sh_offset > n || n - names->sh_offset < 5 ||
		    sh[i].sh_name > n - names->sh_offset - 5 ||
		    memcmp(data + names->sh_offset + sh[i].sh_name, ".BTF", 5))
			continue;
		if (sh[i].sh_offset > n || sh[i].sh_size > n - sh[i].sh_offset)
			return -EINVAL;
		n = sh[i].sh_size;
		memmove(data, data + sh[i].sh_offset, n);
		*size = n;
		return 0;
	}
	return -ENOENT;
}

int os_read_btf(const char *path, void **data, os_size *size)
{
	char *buf = NULL;
	int err = read_file(path, &buf, size);

	if (err)
		return err;
	if (*size >= 4 && !memcmp(buf, "\177ELF", 4))
		err = elf_section(buf, size);
	else if (*size < 2 || *(unsigned short *)buf != 0xeb9f)
		err = -EINVAL;
	if (err)
		free(buf);
	else
		*data = buf;
	return err;
}
