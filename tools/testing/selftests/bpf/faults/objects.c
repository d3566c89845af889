// SPDX-License-Identifier: GPL-2.0
/*
 * A library's client under failures: every call of bpf(2) that libbpf makes while it loads and
 * attaches an object is made with each of its allocations failing in turn, before it is made as
 * the library meant it.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "inject.h"
#include "kselftest_harness.h"

#define LIMIT 1200

/* ------------------------------------------------------------------ between library and kernel */

static bool sweeping;
static int calls, visible;
static const char *wrong;

static long kernel(long nr, const long *a)
{
	register long r10 asm("r10") = a[3];
	register long r8 asm("r8") = a[4];
	register long r9 asm("r9") = a[5];
	long ret;

	asm volatile("syscall" : "=a"(ret)
		     : "a"(nr), "D"(a[0]), "S"(a[1]), "d"(a[2]), "r"(r10), "r"(r8), "r"(r9)
		     : "rcx", "r11", "memory");
	return ret;
}

/* The kernel writes to attributes: each call gets a fresh copy. */
struct call {
	long args[6];
	union bpf_attr attr;
	unsigned int size;
};

static int call_run(void *arg)
{
	struct call *c = arg;
	union bpf_attr attr = c->attr;
	long args[6] = { c->args[0], (long)&attr, c->size };

	return kernel(__NR_bpf, args);
}

/* What these return is an fd, and closing it undoes all that they did. */
static bool gives_fd(int cmd)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
	case BPF_PROG_LOAD:
	case BPF_BTF_LOAD:
	case BPF_LINK_CREATE:
	case BPF_RAW_TRACEPOINT_OPEN:
	case BPF_ITER_CREATE:
		return true;
	default:
		return false;
	}
}

static void call_undo(void *arg, int fd)
{
	struct call *c = arg;
	int links = 0;

	if (!gives_fd(c->args[0]))
		return;
	if (c->args[0] == BPF_LINK_CREATE || c->args[0] == BPF_RAW_TRACEPOINT_OPEN)
		links = 1;
	close(fd);
	/* the attachment is undone when the link has gone */
	if (links)
		inject_settle(inject_objects() - links);
}

static const char *const cmd_names[] = {
	[BPF_MAP_CREATE] = "MAP_CREATE", [BPF_MAP_UPDATE_ELEM] = "MAP_UPDATE_ELEM",
	[BPF_PROG_LOAD] = "PROG_LOAD", [BPF_BTF_LOAD] = "BTF_LOAD",
	[BPF_LINK_CREATE] = "LINK_CREATE", [BPF_RAW_TRACEPOINT_OPEN] = "RAW_TRACEPOINT_OPEN",
	[BPF_ITER_CREATE] = "ITER_CREATE", [BPF_OBJ_GET_INFO_BY_FD] = "OBJ_GET_INFO_BY_FD",
};

/* A call that succeeds is repeated under failures; one that does not is none of ours. */
static long swept(const long *args)
{
	struct call c = { .size = args[2] };
	struct sweep sweep = { .run = call_run, .undo = call_undo, .arg = &c };
	struct swept swept;
	int cmd = args[0], ret;

	if (cmd >= (int)(sizeof(cmd_names) / sizeof(cmd_names[0])) || !cmd_names[cmd] ||
	    args[2] > (long)sizeof(c.attr))
		return kernel(__NR_bpf, args);
	memcpy(c.args, args, sizeof(c.args));
	memcpy(&c.attr, (void *)args[1], args[2]);
	if (cmd == BPF_MAP_UPDATE_ELEM && c.attr.flags)
		return kernel(__NR_bpf, args);
	if (cmd == BPF_OBJ_GET_INFO_BY_FD)
		return kernel(__NR_bpf, args);

	ret = call_run(&c);
	if (ret < 0)
		return kernel(__NR_bpf, args);
	call_undo(&c, ret);

	calls++;
	sweep.name = cmd_names[cmd];
	if (inject_sweep(&sweep, &swept))
		wrong = sweep.name;
	visible += swept.failed;
	return swept.last;
}

/* Takes the place of the C library's, for libbpf as well. */
long syscall(long nr, ...)
{
	static bool inside;
	long args[6], ret;
	va_list ap;
	int i;

	va_start(ap, nr);
	for (i = 0; i < 6; i++)
		args[i] = va_arg(ap, long);
	va_end(ap);
	if (nr == __NR_bpf && sweeping && !inside) {
		inside = true;
		ret = swept(args);
		inside = false;
	} else {
		ret = kernel(nr, args);
	}
	if (ret >= 0)
		return ret;
	errno = -ret;
	return -1;
}

/* ------------------------------------------------------------------ objects */

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE(objects) {
	struct bpf_object *obj;
	int before;
};

FIXTURE_SETUP(objects)
{
	const char *why = inject_unable();
	char path[512];

	if (why)
		SKIP(return, "%s", why);
	libbpf_set_print(quiet);
	self->before = inject_objects();
	snprintf(path, sizeof(path), "%s/progs.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
}

FIXTURE_TEARDOWN(objects)
{
	sweeping = false;
	bpf_object__close(self->obj);
	EXPECT_GE(self->before, inject_settle(self->before));
}

static void only(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
}

/* Each program: loaded, attached, detached. */
struct attach_case {
	const char *name;
	bool load;	/* loading is swept as well: all programs have most of that in common */
};

static const struct attach_case attach_cases[] = {
	{ "on_entry", true }, { "on_exit" }, { "on_result" }, { "on_probe" }, { "on_return" },
	{ "on_many" }, { "on_exec", true }, { "on_raw", true }, { "on_fork" }, { "on_tasks", true },
};

FIXTURE_VARIANT(objects) {
	int nr;
};

FIXTURE_VARIANT_ADD(objects, fentry) { .nr = 0 };
FIXTURE_VARIANT_ADD(objects, fexit) { .nr = 1 };
FIXTURE_VARIANT_ADD(objects, fmod_ret) { .nr = 2 };
FIXTURE_VARIANT_ADD(objects, kprobe) { .nr = 3 };
FIXTURE_VARIANT_ADD(objects, kretprobe) { .nr = 4 };
FIXTURE_VARIANT_ADD(objects, kprobe_multi) { .nr = 5 };
FIXTURE_VARIANT_ADD(objects, tracepoint) { .nr = 6 };
FIXTURE_VARIANT_ADD(objects, raw_tracepoint) { .nr = 7 };
FIXTURE_VARIANT_ADD(objects, tp_btf) { .nr = 8 };
FIXTURE_VARIANT_ADD(objects, iter) { .nr = 9 };

TEST_F_TIMEOUT(objects, attach, LIMIT)
{
	const struct attach_case *c = &attach_cases[variant->nr];
	struct bpf_link *link;

	only(self->obj, c->name);
	sweeping = c->load;
	ASSERT_EQ(0, bpf_object__load(self->obj));
	ASSERT_EQ(NULL, wrong) TH_LOG("%s", wrong);
	sweeping = true;
	link = bpf_program__attach(bpf_object__find_program_by_name(self->obj, c->name));
	sweeping = false;
	ASSERT_NE(NULL, link) TH_LOG("%s does not attach: %d", c->name, errno);
	ASSERT_EQ(NULL, wrong) TH_LOG("%s", wrong);
	EXPECT_LT(0, calls);
	EXPECT_LT(0, visible);
	EXPECT_EQ(0, bpf_link__destroy(link));
}

TEST_HARNESS_MAIN
