/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The most memory from the slab allocator that one system call of this process held at a time, by
 * the kernel's own trace points: the same measure for any kernel. What it allocates by pages is not
 * in it.
 */
#ifndef BENCH_TRACED_H
#define BENCH_TRACED_H

#include <fcntl.h>
#include <sys/mount.h>

#define TRACING "/sys/kernel/tracing/"

static inline int tracing_write(const char *name, const char *text)
{
	char path[128];
	ssize_t n = -1;
	int fd;

	snprintf(path, sizeof(path), TRACING "%s", name);
	fd = open(path, O_WRONLY | O_TRUNC);
	if (fd >= 0) {
		n = write(fd, text, strlen(text));
		close(fd);
	}
	return n < 0 ? -1 : 0;
}

static inline int traced_init(void)
{
	char pid[16];

	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	snprintf(pid, sizeof(pid), "%d", getpid());
	return tracing_write("tracing_on", "0") || tracing_write("buffer_size_kb", "400000") ||
	       tracing_write("set_event_pid", pid) ||
	       tracing_write("events/kmem/kmalloc/enable", "1") ||
	       tracing_write("events/kmem/kfree/enable", "1");
}

static inline void traced_begin(void)
{
	tracing_write("trace", "\n");
	tracing_write("tracing_on", "1");
}

/* Open addressing: pointers as the trace has them, 0: free. */
struct traced {
	size_t mask, used;
	struct traced_slot {
		unsigned long ptr, size;
	} *slot;
};

static inline struct traced_slot *traced_at(struct traced *t, unsigned long ptr)
{
	size_t i = (ptr * 0x9e3779b97f4a7c15ul >> 20) & t->mask;

	while (t->slot[i].ptr && t->slot[i].ptr != ptr)
		i = (i + 1) & t->mask;
	return &t->slot[i];
}

/* Bytes at the peak; -1: the trace could not be read, or is not whole. */
static inline long traced_end(void)
{
	struct traced t = { .mask = (1 << 20) - 1 };
	long held = 0, peak = 0;
	unsigned long ptr;
	char line[512];
	FILE *f;

	tracing_write("tracing_on", "0");
	f = fopen(TRACING "trace", "r");
	t.slot = calloc(t.mask + 1, sizeof(*t.slot));
	while (f && t.slot && fgets(line, sizeof(line), f)) {
		const char *at = strstr(line, " ptr="), *size = strstr(line, "bytes_alloc=");
		struct traced_slot *slot;

		if (strstr(line, "LOST"))
			peak = -1;
		if (!at || peak < 0)
			continue;
		ptr = strtoul(at + 5, NULL, 16);
		slot = traced_at(&t, ptr);
		if (size && strstr(line, "kmalloc:")) {
			if (!slot->ptr && ++t.used > t.mask / 2)
				peak = -1;
			slot->ptr = ptr;
			slot->size = strtoul(size + 12, NULL, 10);
			held += slot->size;
		} else if (strstr(line, "kfree:") && slot->ptr) {
			held -= slot->size;
			slot->size = 0;
		}
		if (peak >= 0 && held > peak)
			peak = held;
	}
	if (!f || !t.slot)
		peak = -1;
	if (f)
		fclose(f);
	free(t.slot);
	tracing_write("trace", "\n");
	return peak;
}

#endif
