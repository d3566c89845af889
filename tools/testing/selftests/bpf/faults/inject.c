// SPDX-License-Identifier: GPL-2.0
/* See inject.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "inject.h"

#define DEBUGFS		"/sys/kernel/debug/"
/* So many allocations nothing here makes. */
#define NTH_MAX		20000
/* Each of the first ones fails; of those behind, one in so many. */
#define NTH_EACH	250
#define SETTLE_SECONDS	40

/* Of the thread that sweeps. */
static int nth_fd;

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -1;
	ret = write(fd, text, strlen(text));
	close(fd);
	return ret < 0 ? -1 : 0;
}

/* Allocations that could wait fail as well; what fails is not reported on the console. */
static const char *const knobs[][2] = {
	{ "failslab/ignore-gfp-wait", "N" },
	{ "failslab/cache-filter", "Y" },
	{ "failslab/verbose", "0" },
	{ "fail_page_alloc/ignore-gfp-wait", "N" },
	{ "fail_page_alloc/ignore-gfp-highmem", "N" },
	{ "fail_page_alloc/min-order", "0" },
	{ "fail_page_alloc/verbose", "0" },
};

/* All caches but kmemleak's own: it gives up for good when it gets no memory. */
static void choose_caches(void)
{
	DIR *dir = opendir("/sys/kernel/slab");
	char path[512];
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/kernel/slab/%s/failslab", d->d_name);
		write_file(path, strncmp(d->d_name, "kmemleak", 8) ? "1" : "0");
	}
	if (dir)
		closedir(dir);
}

const char *inject_unable(void)
{
	char path[128];
	unsigned int i;

	for (i = 0; i < sizeof(knobs) / sizeof(knobs[0]); i++) {
		snprintf(path, sizeof(path), DEBUGFS "%s", knobs[i][0]);
		if (write_file(path, knobs[i][1]))
			return "this kernel fails no allocations (CONFIG_FAILSLAB)";
	}
	choose_caches();
	return access("/proc/thread-self/fail-nth", W_OK) ? "no /proc/thread-self/fail-nth" : NULL;
}

static void nth_set(unsigned int n)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", n);

	if (pwrite(nth_fd, text, len, 0) != len) {
		perror("fail-nth");
		exit(1);
	}
}

/* Whether the nth allocation came, and failed; none fails from here on. */
static bool nth_done(void)
{
	char text[16] = "";
	bool done;

	if (pread(nth_fd, text, sizeof(text) - 1, 0) < 0) {
		perror("fail-nth");
		exit(1);
	}
	done = !atoi(text);
	nth_set(0);
	return done;
}

static int ids_of(int cmd)
{
	union bpf_attr attr = {};
	int n = 0;

	while (!syscall(__NR_bpf, cmd, &attr, sizeof(attr))) {
		n++;
		attr.start_id = attr.next_id;
		attr.next_id = 0;
	}
	return n;
}

int inject_objects(void)
{
	return ids_of(BPF_PROG_GET_NEXT_ID) + ids_of(BPF_MAP_GET_NEXT_ID) +
	       ids_of(BPF_LINK_GET_NEXT_ID) + ids_of(BPF_BTF_GET_NEXT_ID);
}

int inject_settle(int want)
{
	time_t end = time(NULL) + SETTLE_SECONDS;
	int n;

	while ((n = inject_objects()) > want && time(NULL) < end)
		usleep(20000);
	return n;
}

/* The lowest fd that is free. */
static int fd_next(void)
{
	int fd = open("/dev/null", O_RDONLY);

	close(fd);
	return fd;
}

static int complain(const struct sweep *sweep, int nth, const char *what, int is, int want)
{
	printf("# %s, allocation %d: %s: %d, not %d\n", sweep->name, nth, what, is, want);
	return -1;
}

/* Until it gets through; fills in all but the result of the last run. */
static int sweep_all(const struct sweep *sweep, struct swept *swept)
{
	int fd = fd_next(), n, nth, ret;

	for (nth = 1; nth < NTH_MAX; nth += nth < NTH_EACH ? 1 : nth / 16) {
		nth_set(nth);
		ret = sweep->run(sweep->arg);
		if (!nth_done()) {
			if (ret < 0)
				return complain(sweep, nth, "result without a failure", ret, 0);
			if (sweep->undo)
				sweep->undo(sweep->arg, ret);
			return 0;
		}
		if (ret >= 0) {
			swept->hidden++;
			if (sweep->undo)
				sweep->undo(sweep->arg, ret);
		} else if (ret == -ENOMEM || (sweep->also && ret == -sweep->also)) {
			swept->failed++;
		} else {
			return complain(sweep, nth, "result", ret, -ENOMEM);
		}
		n = fd_next();
		if (n != fd)
			return complain(sweep, nth, "the next fd", n, fd);
	}
	return complain(sweep, nth, "no end of allocations", nth, 0);
}

int inject_sweep(const struct sweep *sweep, struct swept *swept)
{
	int objects = inject_objects(), n, err;

	memset(swept, 0, sizeof(*swept));
	nth_fd = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (nth_fd < 0)
		return complain(sweep, 0, "fail-nth", -errno, 0);
	err = sweep_all(sweep, swept);
	close(nth_fd);
	if (err)
		return err;
	n = inject_settle(objects);
	if (n > objects)
		return complain(sweep, 0, "objects left", n, objects);
	/* what an undone run left behind would be in the way of this one */
	swept->last = sweep->run(sweep->arg);
	if (swept->last < 0)
		return complain(sweep, 0, "result when all is over", swept->last, 0);
	return 0;
}
