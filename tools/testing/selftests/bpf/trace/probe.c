// SPDX-License-Identifier: GPL-2.0
/*
 * bpf_get_func_ip() of kprobes: the address that the function's symbol has, also where the probe
 * stands behind the ENDBR that the function begins with.
 */
#include "kselftest_harness.h"
#include "object.h"

#define FUNC	"bpf_fentry_test1"
#define U64(name) (*(volatile __u64 *)var(self->obj, name))

/* What a call of the function is worth: test runs of programs at functions make one each. */
static int call(struct bpf_object *obj)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	return bpf_prog_test_run_opts(bpf_program__fd(prog_of(obj, "call")), &opts);
}

static __u64 symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long addr, found = 0;
	char line[512], word[128];

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %127s", &addr, word) == 2 && !strcmp(word, name))
			found = addr;
	}
	if (f)
		fclose(f);
	return found;
}

FIXTURE(probe) {
	struct bpf_object *obj;
	__u64 func;
};

FIXTURE_SETUP(probe)
{
	self->obj = open_object("probe");
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	self->func = symbol(FUNC);
	ASSERT_NE(0, self->func);
	U64("hits") = 0;
	U64("ip") = 1;
}

FIXTURE_TEARDOWN(probe)
{
	bpf_object__close(self->obj);
}

static struct bpf_link *attach(struct bpf_object *obj, const struct bpf_kprobe_opts *opts)
{
	return bpf_program__attach_kprobe_opts(prog_of(obj, "at"), FUNC, opts);
}

/* Either way the program is told the address that others have for the function. */
static void fires(struct __test_metadata *_metadata, FIXTURE_DATA(probe) *self, bool retprobe)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .retprobe = retprobe);
	struct bpf_link *link = attach(self->obj, &opts);

	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, call(self->obj));
	EXPECT_EQ(1, U64("hits"));
	EXPECT_EQ(self->func, U64("ip"));
	bpf_link__destroy(link);
}

TEST_F(probe, entry)
{
	fires(_metadata, self, false);
}

TEST_F(probe, return)
{
	fires(_metadata, self, true);
}

/* Behind the five bytes of the patch site, before which there may be an ENDBR64. */
TEST_F(probe, inside)
{
	LIBBPF_OPTS(bpf_kprobe_opts, opts, .offset = 5);
	struct bpf_link *link = attach(self->obj, &opts);

	if (!link) {
		opts.offset = 9;
		link = attach(self->obj, &opts);
	}
	ASSERT_NE(NULL, link);
	ASSERT_EQ(0, call(self->obj));
	EXPECT_EQ(1, U64("hits"));
	EXPECT_EQ(0, U64("ip"));
	bpf_link__destroy(link);
}

TEST_HARNESS_MAIN
