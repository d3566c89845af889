// SPDX-License-Identifier: GPL-2.0
/* Programs at the samples of perf events, and test runs of raw tracepoints. */
#include "open.h"
#include "kselftest_harness.h"

#define PAGES	16

FIXTURE(samples)
{
	struct bpf_object *obj;
	struct globals *g;
	int prog, event;
	struct perf_event_mmap_page *ring;
};

/* An event for each page that is touched for the first time. */
static int faults_open(void)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .config = PERF_COUNT_SW_PAGE_FAULTS,
		.sample_period = 1, .sample_type = PERF_SAMPLE_ADDR, .exclude_kernel = 1,
	};

	return event_open(&attr);
}

FIXTURE_SETUP(samples)
{
	self->obj = object_load(&self->g);
	ASSERT_NE(NULL, self->obj);
	self->prog = prog_fd(self->obj, "sample");
	self->event = faults_open();
	ASSERT_LE(0, self->event) TH_LOG("%d", self->event);
	self->ring = mmap(NULL, 9 * getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, self->event,
			  0);
	ASSERT_NE(MAP_FAILED, self->ring);
}

FIXTURE_TEARDOWN(samples)
{
	munmap(self->ring, 9 * getpagesize());
	close(self->event);
	bpf_object__close(self->obj);
}

/* Touches that many pages; the last one. */
static char *touch(int pages)
{
	long size = getpagesize();
	char *mem = mmap(NULL, pages * size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			 -1, 0), *at = mem;
	int i;

	madvise(mem, pages * size, MADV_NOHUGEPAGE);
	for (i = 0; i < pages; i++) {
		at = mem + i * size;
		*(volatile char *)at = 1;
	}
	munmap(mem, pages * size);
	return at;
}

/* Bytes of samples that came. */
static __u64 sampled(FIXTURE_DATA(samples) *self)
{
	return __atomic_load_n(&self->ring->data_head, __ATOMIC_ACQUIRE);
}

TEST_F(samples, fires)
{
	char *last;

	touch(1);
	ASSERT_EQ(0, set_bpf(self->event, self->prog));
	self->g->runs = 0;
	last = touch(PAGES);
	EXPECT_LE(PAGES, self->g->runs);
	EXPECT_EQ(1, self->g->period);
	EXPECT_EQ((unsigned long)last, self->g->addr);
	EXPECT_LT(0, self->g->counter);
	EXPECT_LT(0, self->g->enabled);
	/* The instruction that touched it. */
	EXPECT_LT(0, self->g->value);
	EXPECT_EQ(-EEXIST, set_bpf(self->event, self->prog));
}

/* 0: there is no sample of it. */
TEST_F(samples, result_acts)
{
	__u64 before;

	touch(PAGES);
	EXPECT_LT(0, sampled(self));
	self->g->ret = 0;
	ASSERT_EQ(0, set_bpf(self->event, self->prog));
	before = sampled(self);
	touch(PAGES);
	EXPECT_EQ(before, sampled(self));
	self->g->ret = 1;
	touch(PAGES);
	EXPECT_LT(before, sampled(self));
}

TEST_F(samples, by_link)
{
	int link = link_new(self->event, self->prog, 99);
	__u64 runs;

	ASSERT_LE(0, link);
	touch(PAGES);
	EXPECT_LE(PAGES, self->g->runs);
	EXPECT_EQ(99, self->g->cookie);
	EXPECT_EQ(-EEXIST, link_new(self->event, self->prog, 0));
	close(link);
	runs = self->g->runs;
	touch(PAGES);
	EXPECT_EQ(runs, self->g->runs);
}

TEST_F(samples, switched_off)
{
	__u64 runs;

	ASSERT_EQ(0, set_bpf(self->event, self->prog));
	touch(PAGES);
	ASSERT_EQ(0, ioctl(self->event, PERF_EVENT_IOC_DISABLE, 0));
	runs = self->g->runs;
	EXPECT_LE(PAGES, runs);
	touch(PAGES);
	EXPECT_EQ(runs, self->g->runs);
	ASSERT_EQ(0, ioctl(self->event, PERF_EVENT_IOC_ENABLE, 0));
	touch(PAGES);
	EXPECT_LE(runs + PAGES, self->g->runs);
}

TEST_F(samples, refused)
{
	EXPECT_EQ(-EBADF, set_bpf(self->event, 9999));
	EXPECT_EQ(-EINVAL, set_bpf(self->event, prog_fd(self->obj, "any_syscall")));
	EXPECT_EQ(-EINVAL, set_bpf(self->event, prog_fd(self->obj, "kernel_entry")));
	EXPECT_EQ(-EINVAL, link_new(self->event, prog_fd(self->obj, "raw"), 0));
	EXPECT_EQ(-EBADF, link_new(self->prog, self->prog, 0));
}

/* ------------------------------------------------------------------ raw tracepoints */

TEST_F(samples, raw_test_run)
{
	unsigned long long args[2] = { 40, 2 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = args, .ctx_size_in = sizeof(args));
	int prog = prog_fd(self->obj, "raw"), cpu;

	EXPECT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(42, opts.retval);
	opts.flags = BPF_F_TEST_RUN_ON_CPU;
	for (cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++) {
		opts.cpu = cpu;
		EXPECT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
		EXPECT_EQ(42, opts.retval);
		EXPECT_EQ(cpu, self->g->value);
	}
	opts.cpu = 9999;
	EXPECT_EQ(-ENXIO, bpf_prog_test_run_opts(prog, &opts));
	opts.cpu = 0;
	opts.flags = 0;
	opts.repeat = 2;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.repeat = 0;
	opts.cpu = 1;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.cpu = 0;
	opts.flags = 1 << 5;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.flags = 0;
	opts.ctx_size_in = 8;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.ctx_size_in = sizeof(args);
	opts.ctx_in = (void *)8;
	EXPECT_EQ(-EFAULT, bpf_prog_test_run_opts(prog, &opts));
	opts.ctx_in = args;
	opts.data_in = args;
	opts.data_size_in = 8;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
}

TEST_HARNESS_MAIN
