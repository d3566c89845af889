// SPDX-License-Identifier: GPL-2.0
/*
 * Makes the calls of tapes again, of the kernel that runs, and compares each answer: the verdict or
 * errno, and the verifier's whole log but for times. libbpf does nothing but what an object, the
 * kernel's types and answers of bpf(2) tell it: where all of these are the same, it would have done
 * the same here.
 *
 *	replay TAPE...
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "tape.h"

#define LOG_SIZE	(64u << 20)

/* Descriptors of the tape that are open; they have the same numbers here, which logs show. */
static bool is_open[MAX_FDS];

static unsigned int passed, failed, unchecked;
static char *log_here;

struct call {
	struct tape_call head;
	union bpf_attr attr;
	const char *log;	/* what the other home said */
};

/* A number is given out again when its descriptor is closed. */
static bool take_number(int there, int here)
{
	if (there <= STDERR_FILENO || there >= MAX_FDS) {
		close(here);
		return false;
	}
	is_open[there] = true;
	if (here == there)
		return true;
	if (dup3(here, there, O_CLOEXEC) < 0)
		return false;
	close(here);
	return true;
}

static void forget_fds(void)
{
	int i;

	for (i = 0; i < MAX_FDS; i++) {
		if (is_open[i])
			close(i);
		is_open[i] = false;
	}
}

/* The next call of a tape; false at its end. */
static bool next_call(const char **at, const char *end, struct call *c)
{
	struct tape_blob blob;
	unsigned long address;
	uint32_t i;

	if (*at + sizeof(c->head) > end)
		return false;
	memcpy(&c->head, *at, sizeof(c->head));
	*at += sizeof(c->head);
	if (c->head.magic != TAPE_MAGIC || c->head.size > sizeof(c->attr) ||
	    c->head.size > (size_t)(end - *at))
		return false;
	memset(&c->attr, 0, sizeof(c->attr));
	memcpy(&c->attr, *at, c->head.size);
	*at += c->head.size;
	c->log = NULL;
	for (i = 0; i < c->head.blobs; i++) {
		memcpy(&blob, *at, sizeof(blob));
		*at += sizeof(blob);
		address = (unsigned long)*at;
		if (blob.out)
			c->log = *at;
		else
			memcpy((char *)&c->attr + blob.at, &address, sizeof(address));
		*at += blob.len;
	}
	return true;
}

static size_t line_length(const char *s)
{
	return strcspn(s, "\n");
}

/* The first line in which two logs differ; times may. False: none. */
static bool logs_differ(const char *there, const char *here)
{
	while (*there || *here) {
		size_t a = line_length(there), b = line_length(here);

		if ((a != b || memcmp(there, here, a)) &&
		    (strncmp(there, "verification time", 17) ||
		     strncmp(here, "verification time", 17))) {
			printf("#   process: %.*s\n", (int)a, there);
			printf("#   kernel:  %.*s\n", (int)b, here);
			return true;
		}
		there += a + !!there[a];
		here += b + !!here[b];
	}
	return false;
}

/* One answer against the other; of a program that is a test of its own. */
static bool compare(const char *tape, const struct call *c, long ret)
{
	bool same = ret < 0 || c->head.ret < 0 ? ret == c->head.ret : true;

	if (!same)
		printf("# %s: command %u: process %d, kernel %ld\n", tape, c->head.cmd,
		       c->head.ret, ret);
	if (c->log && logs_differ(c->log, log_here))
		same = false;
	return same;
}

static long repeat(struct call *c)
{
	union bpf_attr *a = &c->attr;
	long ret;

	if (c->head.cmd == BPF_PROG_LOAD) {
		a->log_buf = c->log ? (unsigned long)log_here : 0;
		a->log_size = c->log ? LOG_SIZE : 0;
	} else if (c->head.cmd == BPF_BTF_LOAD) {
		a->btf_log_buf = 0;
		a->btf_log_size = 0;
		a->btf_log_level = 0;
	}
	log_here[0] = 0;
	ret = syscall(SYS_bpf, c->head.cmd, &c->attr, c->head.size);
	return ret < 0 ? -errno : ret;
}

static bool makes_fd(uint32_t cmd)
{
	return cmd == BPF_MAP_CREATE || cmd == BPF_BTF_LOAD || cmd == BPF_PROG_LOAD;
}

/* An arena whose place nobody chose has one in a process; here that takes a mapping. */
static void place_arena(const struct call *c, int fd)
{
	const union bpf_attr *a = &c->attr;

	if (c->head.cmd == BPF_MAP_CREATE && a->map_type == BPF_MAP_TYPE_ARENA && !a->map_extra &&
	    mmap(NULL, (size_t)a->max_entries * getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		 fd, 0) == MAP_FAILED)
		printf("# mmap: %s\n", strerror(errno));
}

static void play(const char *name, const char *at, const char *end)
{
	bool others = true, same;
	struct call c;
	long ret;

	if (at == end) {
		printf("SKIP %s: cannot be checked in a process\n", name);
		unchecked++;
		return;
	}
	while (at < end) {
		if (!next_call(&at, end, &c)) {
			printf("# %s: the tape is torn\n", name);
			others = false;
			break;
		}
		ret = repeat(&c);
		same = compare(name, &c, ret);
		if (ret > 0 && makes_fd(c.head.cmd)) {
			place_arena(&c, ret);
			same &= take_number(c.head.ret, ret);
		}
		if (!c.log) {
			others &= same;
			continue;
		}
		if (!same)
			printf("not ok %s %.16s\n", name, c.attr.prog_name);
		passed += same;
		failed += !same;
	}
	forget_fds();
	if (!others)
		printf("not ok %s: maps, types and probes\n", name);
	passed += others;
	failed += !others;
}

static void play_file(const char *path)
{
	const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	char *data;

	if (fd < 0 || fstat(fd, &st)) {
		printf("not ok %s: %s\n", name, strerror(errno));
		failed++;
		return;
	}
	data = st.st_size ? mmap(NULL, st.st_size, PROT_READ, MAP_PRIVATE, fd, 0) :
			    NULL;
	close(fd);
	if (data == MAP_FAILED) {
		printf("not ok %s: %s\n", name, strerror(errno));
		failed++;
		return;
	}
	play(name, data, data + st.st_size);
	if (data)
		munmap(data, st.st_size);
}

int main(int argc, char **argv)
{
	int i;

	log_here = mmap(NULL, LOG_SIZE, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (log_here == MAP_FAILED || argc < 2) {
		fprintf(stderr, "usage: %s TAPE...\n", argv[0]);
		return 2;
	}
	for (i = 1; i < argc; i++)
		play_file(argv[i]);
	printf("%u passed, %u failed, %u skipped\n", passed, failed, unchecked);
	return failed != 0;
}
