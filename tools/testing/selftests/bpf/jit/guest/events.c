// SPDX-License-Identifier: GPL-2.0
/*
 * What perf is told of programs: PERF_RECORD_KSYMBOL for each function's image as it comes and
 * goes, PERF_RECORD_BPF_EVENT for each program.
 */
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <linux/perf_event.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"
#include "switches.h"

#define MAX_CPUS	8
#define PAGES		16
/* For what a grace period and a work item come before; far above what that takes. */
#define DEADLINE	60

struct ksymbol_record {
	struct perf_event_header header;
	__u64 addr;
	__u32 len;
	__u16 type;
	__u16 flags;
	char name[128];
};

struct bpf_record {
	struct perf_event_header header;
	__u16 type;
	__u16 flags;
	__u32 id;
	__u8 tag[BPF_TAG_SIZE];
};

/* What is known of the program that is loaded, and which records about it came. */
struct expected {
	char names[2][64];
	__u64 addr[2];
	__u32 len[2];
	__u32 id;
	__u8 tag[BPF_TAG_SIZE];
	int added[2], removed[2], loaded, unloaded, wrong;
};

FIXTURE(events)
{
	long enable, harden;
	int fds[MAX_CPUS];
	struct perf_event_mmap_page *rings[MAX_CPUS];
	int nr;
};

FIXTURE_SETUP(events)
{
	struct perf_event_attr attr = {
		.size = sizeof(attr),
		.type = PERF_TYPE_SOFTWARE,
		.config = PERF_COUNT_SW_DUMMY,
		.ksymbol = 1,
		.bpf_event = 1,
	};
	size_t size = (PAGES + 1) * getpagesize();

	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	self->enable = get(SYSCTL("enable"));
	self->harden = get(SYSCTL("harden"));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	for (self->nr = 0; self->nr < MAX_CPUS; self->nr++) {
		int fd = syscall(__NR_perf_event_open, &attr, -1, self->nr, -1, 0);

		if (fd < 0)
			break;
		self->fds[self->nr] = fd;
		self->rings[self->nr] = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
		ASSERT_NE(MAP_FAILED, self->rings[self->nr]);
	}
	ASSERT_LT(0, self->nr);
}

FIXTURE_TEARDOWN(events)
{
	int i;

	for (i = 0; i < self->nr; i++) {
		munmap(self->rings[i], (PAGES + 1) * getpagesize());
		close(self->fds[i]);
	}
	set_number(SYSCTL("enable"), self->enable);
	set_number(SYSCTL("harden"), self->harden);
}

static void take_ksymbol(struct expected *e, const struct ksymbol_record *r)
{
	bool gone = r->flags & PERF_RECORD_KSYMBOL_FLAGS_UNREGISTER;
	int i;

	for (i = 0; i < 2; i++) {
		if (strcmp(r->name, e->names[i]))
			continue;
		if (r->addr != e->addr[i] || r->len != e->len[i] ||
		    r->type != PERF_RECORD_KSYMBOL_TYPE_BPF)
			e->wrong++;
		else if (gone)
			e->removed[i]++;
		else
			e->added[i]++;
	}
}

static void take_bpf(struct expected *e, const struct bpf_record *r)
{
	if (r->id != e->id)
		return;
	if (memcmp(r->tag, e->tag, BPF_TAG_SIZE) || r->flags)
		e->wrong++;
	else if (r->type == PERF_BPF_EVENT_PROG_LOAD)
		e->loaded++;
	else if (r->type == PERF_BPF_EVENT_PROG_UNLOAD)
		e->unloaded++;
}

static void drain_one(struct expected *e, struct perf_event_mmap_page *ring)
{
	const char *data = (const char *)ring + ring->data_offset;
	__u64 head = __atomic_load_n(&ring->data_head, __ATOMIC_ACQUIRE), tail = ring->data_tail;
	union {
		struct perf_event_header header;
		struct ksymbol_record ksymbol;
		struct bpf_record bpf;
		char bytes[512];
	} r;
	__u64 i, size;

	for (; tail < head; tail += size) {
		/* records are multiples of 8 bytes, a header never comes round */
		size = ((const struct perf_event_header *)
			(data + tail % ring->data_size))->size;
		memset(&r, 0, sizeof(r));
		for (i = 0; i < size && i < sizeof(r); i++)
			r.bytes[i] = data[(tail + i) % ring->data_size];
		if (r.header.type == PERF_RECORD_KSYMBOL)
			take_ksymbol(e, &r.ksymbol);
		else if (r.header.type == PERF_RECORD_BPF_EVENT)
			take_bpf(e, &r.bpf);
		else if (r.header.type == PERF_RECORD_LOST)
			e->wrong++;
	}
	__atomic_store_n(&ring->data_tail, tail, __ATOMIC_RELEASE);
}

static void drain(struct expected *e, const FIXTURE_DATA(events) *self)
{
	int i;

	for (i = 0; i < self->nr; i++)
		drain_one(e, self->rings[i]);
}

static void expect(struct __test_metadata *_metadata, struct expected *e, int fd)
{
	static const char *const suffix[] = { "_whole", "_half" };
	__u8 tags[2][BPF_TAG_SIZE] = {};
	struct bpf_prog_info info = {
		.prog_tags = (unsigned long)tags,
		.nr_prog_tags = 2,
		.jited_ksyms = (unsigned long)e->addr,
		.nr_jited_ksyms = 2,
		.jited_func_lens = (unsigned long)e->len,
		.nr_jited_func_lens = 2,
	};
	__u32 len = sizeof(info), i, k;

	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	ASSERT_EQ(2, info.nr_jited_ksyms);
	for (i = 0; i < 2; i++) {
		strcpy(e->names[i], "bpf_prog_");
		for (k = 0; k < BPF_TAG_SIZE; k++)
			sprintf(e->names[i] + 9 + 2 * k, "%02x", tags[i][k]);
		strcat(e->names[i], suffix[i]);
	}
	e->id = info.id;
	memcpy(e->tag, info.tag, BPF_TAG_SIZE);
}

TEST_F_TIMEOUT(events, programs_come_and_go, 120)
{
	const char *dir = getenv("O");
	struct expected e = {};
	struct bpf_object *obj;
	char path[512];
	time_t end;

	snprintf(path, sizeof(path), "%s/subs.bpf.o", dir ? dir : ".");
	obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, obj);
	ASSERT_EQ(0, bpf_object__load(obj));
	expect(_metadata, &e,
	       bpf_program__fd(bpf_object__find_program_by_name(obj, "whole")));
	/* all of it has been told when the program can be used */
	drain(&e, self);
	EXPECT_EQ(1, e.added[0]);
	EXPECT_EQ(1, e.added[1]);
	EXPECT_EQ(1, e.loaded);
	EXPECT_EQ(0, e.removed[0] + e.removed[1] + e.unloaded);
	bpf_object__close(obj);
	end = time(NULL) + DEADLINE;
	while (!(e.removed[0] && e.removed[1] && e.unloaded) && time(NULL) < end) {
		poll(NULL, 0, 20);
		drain(&e, self);
	}
	EXPECT_EQ(1, e.removed[0]);
	EXPECT_EQ(1, e.removed[1]);
	EXPECT_EQ(1, e.unloaded);
	EXPECT_EQ(0, e.wrong);
}

TEST_HARNESS_MAIN
