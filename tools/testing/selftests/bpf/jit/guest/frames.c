// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's unwinder gets through frames of images: of a subprogram, of its caller, of a
 * trampoline, and out to the system call.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"
#include "switches.h"

#define DEPTH	32

struct noted {
	__u64 stack[DEPTH];
	long bytes;
};

struct frame {
	__u64 addr, start;
	char name[128];
};

FIXTURE(frames)
{
	long enable, harden, kallsyms;
	struct bpf_object *obj;
	struct noted *noted;
	struct frame frames[DEPTH];
	int nr;
};

FIXTURE_SETUP(frames)
{
	const char *dir = getenv("O");
	struct bpf_map *bss;
	char path[512];

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	self->enable = get(SYSCTL("enable"));
	self->harden = get(SYSCTL("harden"));
	self->kallsyms = get(SYSCTL("kallsyms"));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	ASSERT_EQ(0, set(SYSCTL("kallsyms"), "1"));
	snprintf(path, sizeof(path), "%s/frames.bpf.o", dir ? dir : ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	bss = bpf_object__find_map_by_name(self->obj, ".bss");
	ASSERT_NE(NULL, bss);
	self->noted = mmap(NULL, getpagesize(), PROT_READ, MAP_SHARED, bpf_map__fd(bss), 0);
	ASSERT_NE(MAP_FAILED, self->noted);
}

FIXTURE_TEARDOWN(frames)
{
	munmap(self->noted, getpagesize());
	bpf_object__close(self->obj);
	set_number(SYSCTL("enable"), self->enable);
	set_number(SYSCTL("harden"), self->harden);
	set_number(SYSCTL("kallsyms"), self->kallsyms);
}

/* Gives each address the symbol that it lies behind. */
static void resolve(struct frame *frames, int nr)
{
	char line[512], name[128];
	unsigned long long addr;
	FILE *f = fopen("/proc/kallsyms", "r");
	int i;

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %127s", &addr, name) != 2)
			continue;
		for (i = 0; i < nr; i++) {
			if (addr > frames[i].addr || addr < frames[i].start)
				continue;
			frames[i].start = addr;
			strcpy(frames[i].name, name);
		}
	}
	if (f)
		fclose(f);
}

static void note(struct __test_metadata *_metadata, FIXTURE_DATA(frames) *self)
{
	int i;

	ASSERT_LT(0, self->noted->bytes);
	self->nr = self->noted->bytes / sizeof(__u64);
	ASSERT_GE(DEPTH, self->nr);
	for (i = 0; i < self->nr; i++)
		self->frames[i] = (struct frame){ .addr = self->noted->stack[i] };
	resolve(self->frames, self->nr);
	for (i = 0; i < self->nr; i++)
		TH_LOG("%2d %s+%llx", i, self->frames[i].name,
		       (unsigned long long)(self->frames[i].addr - self->frames[i].start));
}

/* Next frame from @at on whose symbol ends with @name; -1 where there is none. */
static int find(const FIXTURE_DATA(frames) *self, int at, const char *name)
{
	size_t len = strlen(name), have;

	for (; at >= 0 && at < self->nr; at++) {
		have = strlen(self->frames[at].name);
		if (have >= len && !strcmp(self->frames[at].name + have - len, name))
			return at;
	}
	return -1;
}

/* The subprogram is the top, its caller comes next. */
static void check_program(struct __test_metadata *_metadata, const FIXTURE_DATA(frames) *self,
			  const char *main_name)
{
	EXPECT_EQ(0, find(self, 0, "_inner"));
	EXPECT_EQ(1, find(self, 0, main_name));
	EXPECT_LT(1, find(self, 2, "do_syscall_64"));
}

TEST_F(frames, subprogram_and_caller)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bpf_program *p = bpf_object__find_program_by_name(self->obj, "raw");

	ASSERT_EQ(0, bpf_prog_test_run_opts(bpf_program__fd(p), &opts));
	EXPECT_EQ(1, opts.retval);
	note(_metadata, self);
	check_program(_metadata, self, "_raw");
}

static void at_function(struct __test_metadata *_metadata, FIXTURE_DATA(frames) *self,
			const char *name, const char *symbol)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bpf_program *p = bpf_object__find_program_by_name(self->obj, name);
	struct bpf_link *link = bpf_program__attach(p);
	int tramp;

	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, bpf_prog_test_run_opts(bpf_program__fd(p), &opts));
	note(_metadata, self);
	check_program(_metadata, self, symbol);
	for (tramp = 0; tramp < self->nr; tramp++) {
		if (!strncmp(self->frames[tramp].name, "bpf_trampoline_", 15))
			break;
	}
	EXPECT_EQ(2, tramp);
	bpf_link__destroy(link);
}

TEST_F(frames, trampoline_before_function)
{
	at_function(_metadata, self, "entry", "_entry");
}

TEST_F(frames, trampoline_after_function)
{
	at_function(_metadata, self, "leave", "_leave");
}

TEST_HARNESS_MAIN
