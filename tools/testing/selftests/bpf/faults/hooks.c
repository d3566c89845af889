// SPDX-License-Identifier: GPL-2.0
/* Attaching in other ways than by bpf(2) alone: netlink, sockets, perf events; device links. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/filter.h>
#include <linux/perf_event.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "../syscall/sys.h"
#include "inject.h"
#include "kselftest_harness.h"

#define LIMIT 1200

FIXTURE(hooks) {
	struct bpf_object *obj;
	int objects;
	int ifindex;
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE_SETUP(hooks)
{
	const char *why = inject_unable();
	struct bpf_program *prog;
	char path[512];

	if (why)
		SKIP(return, "%s", why);
	libbpf_set_print(quiet);
	self->objects = inject_objects();
	ASSERT_EQ(0, system("ip link add faults0 up type veth peer name faults1"));
	self->ifindex = if_nametoindex("faults0");
	snprintf(path, sizeof(path), "%s/progs.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	bpf_object__for_each_program(prog, self->obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), "on_packet") ||
					  !strcmp(bpf_program__name(prog), "on_frame"));
	ASSERT_EQ(0, bpf_object__load(self->obj));
}

FIXTURE_TEARDOWN(hooks)
{
	bpf_object__close(self->obj);
	EXPECT_EQ(0, system("ip link del faults0"));
	EXPECT_GE(self->objects, inject_settle(self->objects));
}

#define SWEEP(...) ({									\
	const struct sweep sweep_ = { __VA_ARGS__ };					\
	struct swept swept_;								\
											\
	ASSERT_EQ(0, inject_sweep(&sweep_, &swept_));					\
	EXPECT_LT(0, swept_.failed + swept_.hidden) {					\
		TH_LOG("%s: no allocation failed", sweep_.name);			\
	}										\
	swept_.last;									\
})

static int prog_fd(struct bpf_object *obj, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(obj, name));
}

/* A program, and what it is to be attached to. */
struct pair {
	int prog;
	int to;
	unsigned int how;
};

static int xdp_run(void *arg)
{
	struct pair *p = arg;

	return bpf_xdp_attach(p->to, p->prog, p->how, NULL);
}

static void xdp_undo(void *arg, int ret)
{
	struct pair *p = arg;

	bpf_xdp_detach(p->to, p->how, NULL);
}

/* 1 << 1: XDP_FLAGS_SKB_MODE, 1 << 2: XDP_FLAGS_DRV_MODE */
TEST_F_TIMEOUT(hooks, xdp_by_netlink, LIMIT)
{
	struct pair p = { prog_fd(self->obj, "on_frame"), self->ifindex, 1 << 1 };

	SWEEP(.name = "generic", .run = xdp_run, .undo = xdp_undo, .arg = &p, .also = ENOBUFS);
	xdp_undo(&p, 0);
	p.how = 1 << 2;
	SWEEP(.name = "native", .run = xdp_run, .undo = xdp_undo, .arg = &p, .also = ENOBUFS);
	xdp_undo(&p, 0);
}

static int link_run(void *arg)
{
	struct pair *p = arg;

	return BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = p->prog, .target_ifindex = p->to,
						     .attach_type = p->how });
}

static void link_undo(void *arg, int fd)
{
	close(fd);
	inject_settle(inject_objects() - 1);
}

TEST_F_TIMEOUT(hooks, device_links, LIMIT)
{
	struct pair p = { prog_fd(self->obj, "on_frame"), self->ifindex, BPF_XDP };

	close(SWEEP(.name = "xdp", .run = link_run, .undo = link_undo, .arg = &p));
	p.prog = prog_fd(self->obj, "on_packet");
	p.how = BPF_TCX_INGRESS;
	close(SWEEP(.name = "tcx", .run = link_run, .undo = link_undo, .arg = &p));
}

static int tc_run(void *arg)
{
	struct pair *p = arg;
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = p->to, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 1, .prog_fd = p->prog);

	return bpf_tc_attach(&hook, &opts);
}

static void tc_undo(void *arg, int ret)
{
	struct pair *p = arg;
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = p->to, .attach_point = BPF_TC_INGRESS);
	DECLARE_LIBBPF_OPTS(bpf_tc_opts, opts, .handle = 1, .priority = 1);

	bpf_tc_detach(&hook, &opts);
}

TEST_F_TIMEOUT(hooks, tc, LIMIT)
{
	struct pair p = { prog_fd(self->obj, "on_packet"), self->ifindex };
	DECLARE_LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = p.to, .attach_point = BPF_TC_INGRESS);

	ASSERT_EQ(0, bpf_tc_hook_create(&hook));
	SWEEP(.name = "clsact", .run = tc_run, .undo = tc_undo, .arg = &p, .also = ENOBUFS);
	tc_undo(&p, 0);
	hook.attach_point = BPF_TC_INGRESS | BPF_TC_EGRESS;
	EXPECT_EQ(0, bpf_tc_hook_destroy(&hook));
}

/* ------------------------------------------------------------------ sockets */

static int sock_run(void *arg)
{
	struct pair *p = arg;

	return setsockopt(p->to, SOL_SOCKET, SO_ATTACH_BPF, &p->prog, sizeof(p->prog)) ? -errno : 0;
}

static void sock_undo(void *arg, int ret)
{
	struct pair *p = arg;
	int zero = 0;

	setsockopt(p->to, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero));
}

static int classic_run(void *arg)
{
	struct sock_filter insns[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 1, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, 0),
		BPF_STMT(BPF_RET | BPF_K, -1),
	};
	struct sock_fprog prog = { 4, insns };
	struct pair *p = arg;

	return setsockopt(p->to, SOL_SOCKET, p->how, &prog, sizeof(prog)) ? -errno : 0;
}

TEST_F_TIMEOUT(hooks, sockets, LIMIT)
{
	struct pair p = { prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, -1),
			  socket(AF_INET, SOCK_DGRAM, 0), SO_ATTACH_FILTER };
	int one = 1;

	ASSERT_LE(0, p.prog);
	SWEEP(.name = "SO_ATTACH_BPF", .run = sock_run, .undo = sock_undo, .arg = &p);
	SWEEP(.name = "SO_ATTACH_FILTER", .run = classic_run, .undo = sock_undo, .arg = &p);
	ASSERT_EQ(0, setsockopt(p.to, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
	p.how = SO_ATTACH_REUSEPORT_CBPF;
	SWEEP(.name = "SO_ATTACH_REUSEPORT_CBPF", .run = classic_run, .arg = &p);
	close(p.to);
	close(p.prog);
}

/* A filter cannot be taken back, but more of them can be put on top. */
static int seccomp_run(void *arg)
{
	struct sock_filter insns[] = { BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { 1, insns };

	return syscall(__NR_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) ? -errno : 0;
}

TEST_F_TIMEOUT(hooks, seccomp, LIMIT)
{
	ASSERT_EQ(0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	SWEEP(.name = "seccomp", .run = seccomp_run);
}

/* ------------------------------------------------------------------ perf events */

static int event_run(void *arg)
{
	struct pair *p = arg;

	return ioctl(p->to, PERF_EVENT_IOC_SET_BPF, p->prog) ? -errno : 0;
}

static int event_both_run(void *arg)
{
	struct pair *p = arg;
	struct perf_event_attr attr = {
		.type = PERF_TYPE_SOFTWARE, .size = sizeof(attr),
		.config = PERF_COUNT_SW_CPU_CLOCK, .sample_period = 1000000,
	};
	int ret;

	p->to = syscall(__NR_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
	if (p->to < 0)
		return -errno;
	ret = event_run(p);
	close(p->to);
	return ret;
}

TEST_F_TIMEOUT(hooks, perf_event, LIMIT)
{
	struct pair p = { prog_ret(BPF_PROG_TYPE_PERF_EVENT, 0) };

	ASSERT_LE(0, p.prog);
	SWEEP(.name = "perf event", .run = event_both_run, .arg = &p);
	close(p.prog);
}

TEST_HARNESS_MAIN
