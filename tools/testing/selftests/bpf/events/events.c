// SPDX-License-Identifier: GPL-2.0
/*
 * Programs at probes and tracepoints, by PERF_EVENT_IOC_SET_BPF and by links: each runs once for
 * each event and sees its argument or result, its return value says whether the event counts, and
 * taking it off ends it.
 */
#include "open.h"
#include "kselftest_harness.h"

#define ARG	0x7ffffff0	/* nobody's process */
#define TIMES	7
#define COOKIE	0x1122334455667788

enum kind { KPROBE, KRETPROBE, UPROBE, URETPROBE, TRACEPOINT, SYSCALL };

/* Where the probes of user space are. */
static int __attribute__((noinline)) place(int arg)
{
	asm volatile("" : "+r"(arg) : : "memory");
	return arg + 1;
}

FIXTURE(events)
{
	struct bpf_object *obj;
	struct globals *g;
	int prog, event, link;
};

FIXTURE_VARIANT(events)
{
	enum kind kind;
	const char *prog;
	long long value;
	bool by_link;
};

#define BOTH(_name, _kind, _prog, _value)						\
FIXTURE_VARIANT_ADD(events, _name) { .kind = _kind, .prog = _prog, .value = _value };	\
FIXTURE_VARIANT_ADD(events, _name##_link) {						\
	.kind = _kind, .prog = _prog, .value = _value, .by_link = true }

BOTH(kprobe, KPROBE, "kernel_entry", ARG);
BOTH(kretprobe, KRETPROBE, "kernel_return", -ESRCH);
BOTH(uprobe, UPROBE, "user_entry", ARG);
BOTH(uretprobe, URETPROBE, "user_return", ARG + 1);
BOTH(tracepoint, TRACEPOINT, "any_syscall", ARG);
BOTH(syscall, SYSCALL, "this_syscall", ARG);

/* Where in its file a function of this program is. */
static unsigned long offset_of(void *fn, char *path, size_t size)
{
	unsigned long start, end, offset, found = 0;
	FILE *f = fopen("/proc/self/maps", "r");
	char line[1024], name[512];

	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%lx-%lx %*s %lx %*s %*s %511s", &start, &end, &offset, name) != 4)
			continue;
		if (start <= (unsigned long)fn && (unsigned long)fn < end) {
			found = (unsigned long)fn - start + offset;
			snprintf(path, size, "%s", name);
		}
	}
	if (f)
		fclose(f);
	return found;
}

static int probe_open(const char *pmu, bool ret, const char *where, unsigned long offset)
{
	struct perf_event_attr attr = {
		.config1 = (unsigned long)where, .config2 = offset, .sample_period = 1,
	};
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/type", pmu);
	attr.type = number_in(path);
	snprintf(path, sizeof(path), "/sys/bus/event_source/devices/%s/format/retprobe", pmu);
	if (ret)
		attr.config = 1ULL << number_in(path);
	return event_open(&attr);
}

static int kind_open(enum kind kind)
{
	struct perf_event_attr attr = { .type = PERF_TYPE_TRACEPOINT, .sample_period = 1 };
	char path[512] = "";
	unsigned long offset;

	switch (kind) {
	case KPROBE:
	case KRETPROBE:
		return probe_open("kprobe", kind == KRETPROBE, "__x64_sys_getsid", 0);
	case UPROBE:
	case URETPROBE:
		offset = offset_of(place, path, sizeof(path));
		return probe_open("uprobe", kind == URETPROBE, path, offset);
	case TRACEPOINT:
		attr.config = number_in("/sys/kernel/tracing/events/raw_syscalls/sys_enter/id");
		return event_open(&attr);
	default:
		attr.config = number_in("/sys/kernel/tracing/events/syscalls/sys_enter_getsid/id");
		return event_open(&attr);
	}
}

static void trigger(enum kind kind, int times)
{
	while (times--) {
		if (kind == UPROBE || kind == URETPROBE)
			place(ARG);
		else
			syscall(SYS_getsid, ARG);
	}
}

static int attach(int event, int prog, bool by_link, int *link)
{
	if (!by_link)
		return set_bpf(event, prog);
	*link = link_new(event, prog, COOKIE);
	return *link < 0 ? *link : 0;
}

FIXTURE_SETUP(events)
{
	self->link = -1;
	self->obj = object_load(&self->g);
	ASSERT_NE(NULL, self->obj);
	self->prog = prog_fd(self->obj, variant->prog);
	self->event = kind_open(variant->kind);
	ASSERT_LE(0, self->event) TH_LOG("%d", self->event);
	ASSERT_EQ(0, attach(self->event, self->prog, variant->by_link, &self->link));
	self->g->runs = 0;
}

FIXTURE_TEARDOWN(events)
{
	close(self->link);
	close(self->event);
	bpf_object__close(self->obj);
}

TEST_F(events, fires)
{
	trigger(variant->kind, TIMES);
	EXPECT_EQ(TIMES, self->g->runs);
	EXPECT_EQ(variant->value, self->g->value);
	EXPECT_EQ(variant->by_link ? COOKIE : 0, self->g->cookie);
}

/* 0: the event is not for perf; it counts those that the program lets through. */
TEST_F(events, result_acts)
{
	__u64 before = event_count(self->event);

	self->g->ret = 0;
	trigger(variant->kind, TIMES);
	EXPECT_EQ(before, event_count(self->event));
	self->g->ret = 1;
	before = event_count(self->event);
	trigger(variant->kind, TIMES);
	EXPECT_EQ(2 * TIMES, self->g->runs);
	EXPECT_EQ(before + TIMES, event_count(self->event));
}

TEST_F(events, detached)
{
	__u64 before;

	trigger(variant->kind, TIMES);
	EXPECT_EQ(TIMES, self->g->runs);
	if (!variant->by_link) {
		close(self->event);
		self->event = -1;
		trigger(variant->kind, TIMES);
		EXPECT_EQ(TIMES, self->g->runs);
		return;
	}
	/* The event outlives its link, and may have another. */
	close(self->link);
	before = event_count(self->event);
	trigger(variant->kind, TIMES);
	EXPECT_EQ(TIMES, self->g->runs);
	EXPECT_LE(before + TIMES, event_count(self->event));
	self->link = link_new(self->event, self->prog, 0);
	EXPECT_LE(0, self->link);
	trigger(variant->kind, TIMES);
	EXPECT_EQ(2 * TIMES, self->g->runs);
	EXPECT_EQ(0, self->g->cookie);
}

/* The link holds the event that it stands on. */
TEST_F(events, event_closed)
{
	close(self->event);
	self->event = -1;
	trigger(variant->kind, TIMES);
	EXPECT_EQ(variant->by_link ? TIMES : 0, self->g->runs);
}

/* Each of several events at one place has its own program, and goes without the others. */
TEST_F(events, several)
{
	struct globals *other;
	struct bpf_object *obj = object_load(&other);
	int event = kind_open(variant->kind), link = -1;

	ASSERT_NE(NULL, obj);
	ASSERT_LE(0, event);
	ASSERT_EQ(0, attach(event, prog_fd(obj, variant->prog), variant->by_link, &link));
	other->runs = 0;
	trigger(variant->kind, TIMES);
	EXPECT_EQ(TIMES, self->g->runs);
	EXPECT_EQ(TIMES, other->runs);
	close(link);
	close(event);
	trigger(variant->kind, TIMES);
	EXPECT_EQ(2 * TIMES, self->g->runs);
	EXPECT_EQ(TIMES, other->runs);
	bpf_object__close(obj);
}

TEST_F(events, refused)
{
	static const struct bpf_insn ret0[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K }, { .code = BPF_JMP | BPF_EXIT },
	};
	int filter = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", ret0, 2, NULL);
	int map = bpf_map_create(BPF_MAP_TYPE_ARRAY, NULL, 4, 4, 1, NULL);
	bool tp = variant->kind == TRACEPOINT || variant->kind == SYSCALL;
	int event = kind_open(variant->kind), fd;

	ASSERT_LE(0, event);
	EXPECT_EQ(-EBADF, set_bpf(event, 9999));
	EXPECT_EQ(-EINVAL, set_bpf(event, map));
	EXPECT_EQ(-EINVAL, set_bpf(event, filter));
	EXPECT_EQ(-EINVAL, link_new(event, filter, 0));
	/* Programs for tracepoints are not for probes, and the other way round. */
	EXPECT_EQ(-EINVAL, set_bpf(event, prog_fd(self->obj, tp ? "user_entry" : "any_syscall")));
	EXPECT_EQ(-EINVAL, link_new(event, prog_fd(self->obj, tp ? "user_entry" : "any_syscall"),
				    0));
	EXPECT_EQ(-EINVAL, set_bpf(event, prog_fd(self->obj, "sample")));
	/* An event has one program. */
	EXPECT_EQ(-EEXIST, set_bpf(self->event, self->prog));
	fd = link_new(self->event, self->prog, 0);
	EXPECT_EQ(-EEXIST, fd);
	close(event);
	close(map);
	close(filter);
}

TEST_HARNESS_MAIN
