// SPDX-License-Identifier: GPL-2.0
/*
 * What holds for links of every kind: their information, fdinfo and pins, the fds that are made of
 * them, and that nothing of them is left where no fd can be had.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/perf_event.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "sys.h"
#include "kselftest_harness.h"

#define PIN "/sys/fs/bpf/links_test"

/* One of each kind; the devices and the namespace are those of the process. */
enum kind { RAW, PERF, TCX, XDP, NETNS, ITER };

FIXTURE(links)
{
	struct bpf_object *obj;
	int prog;
	int event;
	int links;	/* that there were before */
};

FIXTURE_VARIANT(links)
{
	enum kind kind;
	unsigned int type;
	const char *name;
	/* A line of fdinfo of its own, or NULL; %d is the device's number. */
	const char *line;
	int detach;
};

FIXTURE_VARIANT_ADD(links, raw_tracepoint)
{
	.kind = RAW, .type = BPF_LINK_TYPE_RAW_TRACEPOINT, .name = "raw_tracepoint",
	.line = "tp_name:\tsys_exit\n", .detach = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(links, perf_event)
{
	.kind = PERF, .type = BPF_LINK_TYPE_PERF_EVENT, .name = "perf", .detach = -EOPNOTSUPP,
};

FIXTURE_VARIANT_ADD(links, tcx)
{
	.kind = TCX, .type = BPF_LINK_TYPE_TCX, .name = "tcx", .line = "ifindex:\t1\n",
};

FIXTURE_VARIANT_ADD(links, xdp)
{
	.kind = XDP, .type = BPF_LINK_TYPE_XDP, .name = "xdp", .line = "ifindex:\t1\n",
};

FIXTURE_VARIANT_ADD(links, netns)
{
	.kind = NETNS, .type = BPF_LINK_TYPE_NETNS, .name = "netns", .line = "netns_ino:\t",
};

FIXTURE_VARIANT_ADD(links, iterator)
{
	.kind = ITER, .type = BPF_LINK_TYPE_ITER, .name = "iter",
	.line = "target_name:\tbpf_map\n", .detach = -EOPNOTSUPP,
};

static int tracepoint_open(const char *name)
{
	struct perf_event_attr attr = {
		.type = PERF_TYPE_TRACEPOINT, .size = sizeof(attr), .sample_period = 1,
	};
	char path[128];
	FILE *f;

	snprintf(path, sizeof(path), "/sys/kernel/tracing/events/%s/id", name);
	f = fopen(path, "r");
	if (!f || fscanf(f, "%llu", &attr.config) != 1)
		return -errno;
	fclose(f);
	return syscall(__NR_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
}

/* A program that does nothing, of the type that the kind takes. */
static int prog_of(enum kind kind)
{
	static const struct {
		unsigned int type, attach_type, ret;
	} of[] = {
		[RAW] = { BPF_PROG_TYPE_RAW_TRACEPOINT },
		[PERF] = { BPF_PROG_TYPE_TRACEPOINT },
		[TCX] = { BPF_PROG_TYPE_SCHED_CLS, .ret = -1 },
		[XDP] = { BPF_PROG_TYPE_XDP, .ret = 2 },
		[NETNS] = { BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, 1 },
	};
	struct bpf_insn insns[] = { MOV_IMM(BPF_REG_0, of[kind].ret), EXIT() };

	return BPF(BPF_PROG_LOAD, .prog_type = of[kind].type, .insns = PTR(insns), .insn_cnt = 2,
		   .license = PTR("GPL"), .expected_attach_type = of[kind].attach_type);
}

FIXTURE_SETUP(links)
{
	char path[512];

	unlink(PIN);
	self->event = -1;
	if (variant->kind == ITER) {
		snprintf(path, sizeof(path), "%s/iter.bpf.o", getenv("O") ?: ".");
		self->obj = bpf_object__open_file(path, NULL);
		ASSERT_NE(NULL, self->obj);
		ASSERT_EQ(0, bpf_object__load(self->obj));
		self->prog = bpf_program__fd(bpf_object__next_program(self->obj, NULL));
	} else {
		self->prog = prog_of(variant->kind);
	}
	ASSERT_LE(0, self->prog);
	if (variant->kind == PERF) {
		self->event = tracepoint_open("raw_syscalls/sys_enter");
		ASSERT_LE(0, self->event);
	}
	self->links = ids_count(BPF_LINK_GET_NEXT_ID);
}

FIXTURE_TEARDOWN(links)
{
	unlink(PIN);
	if (self->obj)
		bpf_object__close(self->obj);
	else
		close(self->prog);
	if (self->event >= 0)
		close(self->event);
}

static int create(FIXTURE_DATA(links) *self, enum kind kind)
{
	int ns, link;

	switch (kind) {
	case RAW:
		return BPF(BPF_RAW_TRACEPOINT_OPEN, .raw_tracepoint = { .name = PTR("sys_exit"),
			   .prog_fd = self->prog });
	case PERF:
		return BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->prog,
			   .target_fd = self->event, .attach_type = BPF_PERF_EVENT });
	case TCX:
		return BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->prog,
			   .target_ifindex = 1, .attach_type = BPF_TCX_INGRESS });
	case XDP:
		return BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->prog,
			   .target_ifindex = 1, .attach_type = BPF_XDP });
	case NETNS:
		ns = open("/proc/self/ns/net", O_RDONLY);
		link = BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->prog,
			   .target_fd = ns, .attach_type = BPF_SK_LOOKUP });
		close(ns);
		return link;
	default:
		return BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->prog,
			   .attach_type = BPF_TRACE_ITER });
	}
}

/* The same where no fd can be had: what the kind needs of fds is open before. */
static int create_without_fds(FIXTURE_DATA(links) *self, enum kind kind)
{
	int ns = open("/proc/self/ns/net", O_RDONLY), ret;
	struct rlimit old;

	fds_use_up(&old);
	if (kind == NETNS)
		ret = BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = self->prog,
			  .target_fd = ns, .attach_type = BPF_SK_LOOKUP });
	else
		ret = create(self, kind);
	fds_free(&old);
	close(ns);
	return ret;
}

/* All of an fd's fdinfo. */
static const char *about_fd(int fd)
{
	static char text[4096];
	char path[64];
	int in, len;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	in = open(path, O_RDONLY);
	len = read(in, text, sizeof(text) - 1);
	close(in);
	text[len < 0 ? 0 : len] = 0;
	return text;
}

static unsigned int link_id(int fd)
{
	struct bpf_link_info info = {};
	unsigned int len = sizeof(info);

	return info_get(fd, &info, &len) ? 0 : info.id;
}

TEST_F(links, says_what_it_is)
{
	struct bpf_link_info info = {};
	struct bpf_prog_info pinfo = {};
	unsigned int len = sizeof(info), i;
	char line[64], *at = line;
	const char *text;
	int fd = create(self, variant->kind);

	ASSERT_LE(0, fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	ASSERT_EQ(0, info_get(fd, &info, &len));
	EXPECT_EQ(sizeof(info), len);
	EXPECT_EQ(variant->type, info.type);
	EXPECT_LT(0, info.id);
	len = sizeof(pinfo);
	ASSERT_EQ(0, info_get(self->prog, &pinfo, &len));
	EXPECT_EQ(pinfo.id, info.prog_id);

	text = about_fd(fd);
	snprintf(line, sizeof(line), "link_type:\t%s\n", variant->name);
	EXPECT_NE(NULL, strstr(text, line)) TH_LOG("%s", text);
	snprintf(line, sizeof(line), "link_id:\t%u\n", info.id);
	EXPECT_NE(NULL, strstr(text, line)) TH_LOG("%s", text);
	snprintf(line, sizeof(line), "prog_id:\t%u\n", pinfo.id);
	EXPECT_NE(NULL, strstr(text, line)) TH_LOG("%s", text);
	at += sprintf(at, "prog_tag:\t");
	for (i = 0; i < BPF_TAG_SIZE; i++)
		at += sprintf(at, "%02x", pinfo.tag[i]);
	EXPECT_NE(NULL, strstr(text, line)) TH_LOG("%s", text);
	if (variant->line)
		EXPECT_NE(NULL, strstr(text, variant->line)) TH_LOG("%s", text);
	close(fd);
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
}

/* No fd, no link: and what it would have stood on is free, so that the next one gets it. */
TEST_F(links, no_fd_leaves_nothing)
{
	int i, fd, ret = 0;

	for (i = 0; i < 20; i++) {
		ret = create_without_fds(self, variant->kind);
		if (ret != -EMFILE)
			break;
	}
	EXPECT_EQ(-EMFILE, ret);
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
	fd = create(self, variant->kind);
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
}

TEST_F(links, no_fd_for_one_that_is_there)
{
	int fd = create(self, variant->kind), by_id, by_pin;
	unsigned int id = link_id(fd);
	struct rlimit old;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, BPF(BPF_OBJ_PIN, .pathname = PTR(PIN), .bpf_fd = fd));
	fds_use_up(&old);
	by_id = BPF(BPF_LINK_GET_FD_BY_ID, .link_id = id);
	by_pin = BPF(BPF_OBJ_GET, .pathname = PTR(PIN));
	fds_free(&old);
	EXPECT_EQ(-EMFILE, by_id);
	EXPECT_EQ(-EMFILE, by_pin);
	close(fd);
	EXPECT_EQ(0, unlink(PIN));
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
}

/* The same link by its fd, id and pin; it goes with the last of them. */
TEST_F(links, pinned)
{
	int fd = create(self, variant->kind), by_id, by_pin;
	unsigned int id = link_id(fd);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, BPF(BPF_OBJ_PIN, .pathname = PTR(PIN), .bpf_fd = fd));
	EXPECT_EQ(-EEXIST, BPF(BPF_OBJ_PIN, .pathname = PTR(PIN), .bpf_fd = fd));
	close(fd);
	EXPECT_EQ(self->links + 1, ids_count(BPF_LINK_GET_NEXT_ID));
	by_pin = BPF(BPF_OBJ_GET, .pathname = PTR(PIN));
	ASSERT_LE(0, by_pin);
	EXPECT_EQ(id, link_id(by_pin));
	EXPECT_EQ(-EINVAL, BPF(BPF_OBJ_GET, .pathname = PTR(PIN), .file_flags = BPF_F_RDONLY));
	EXPECT_EQ(0, unlink(PIN));
	by_id = BPF(BPF_LINK_GET_FD_BY_ID, .link_id = id);
	ASSERT_LE(0, by_id);
	EXPECT_EQ(id, link_id(by_id));
	close(by_pin);
	EXPECT_EQ(self->links + 1, ids_count(BPF_LINK_GET_NEXT_ID));
	close(by_id);
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
	EXPECT_EQ(-ENOENT, BPF(BPF_LINK_GET_FD_BY_ID, .link_id = id));
}

/* A pin keeps the link when its maker is gone. */
TEST_F(links, outlives_its_maker)
{
	int fd, status = -1;
	pid_t pid;

	if (variant->kind == PERF)
		SKIP(return, "its event goes with the process that opened it");
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		fd = create(self, variant->kind);
		_exit(fd < 0 || BPF(BPF_OBJ_PIN, .pathname = PTR(PIN), .bpf_fd = fd));
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	ASSERT_EQ(0, status);
	EXPECT_EQ(self->links + 1, ids_count(BPF_LINK_GET_NEXT_ID));
	fd = BPF(BPF_OBJ_GET, .pathname = PTR(PIN));
	EXPECT_LE(0, fd);
	close(fd);
	EXPECT_EQ(0, unlink(PIN));
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
}

TEST_F(links, update_and_detach_errors)
{
	int fd = create(self, variant->kind), other = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0);

#define UPDATE(...) BPF(BPF_LINK_UPDATE, .link_update = { __VA_ARGS__ })
	ASSERT_LE(0, fd);
	ASSERT_LE(0, other);
	EXPECT_EQ(-EBADF, UPDATE(.link_fd = 1000, .new_prog_fd = self->prog));
	EXPECT_EQ(-EINVAL, UPDATE(.link_fd = self->prog, .new_prog_fd = self->prog));
	EXPECT_EQ(-EINVAL, UPDATE(.link_fd = fd, .new_prog_fd = self->prog, .flags = 1));
	EXPECT_EQ(-EINVAL, UPDATE(.link_fd = fd, .new_prog_fd = other));
	EXPECT_EQ(-EINVAL, UPDATE(.link_fd = fd, .new_prog_fd = self->prog,
				  .old_prog_fd = self->prog));
	EXPECT_EQ(-EBADF, BPF(BPF_LINK_DETACH, .link_detach = { .link_fd = 1000 }));
	EXPECT_EQ(variant->detach, BPF(BPF_LINK_DETACH, .link_detach = { .link_fd = fd }));
	/* It stays, whether that took it off or not. */
	EXPECT_EQ(self->links + 1, ids_count(BPF_LINK_GET_NEXT_ID));
	if (!variant->detach)
		EXPECT_EQ(-ENOLINK, UPDATE(.link_fd = fd, .new_prog_fd = self->prog));
	close(other);
	close(fd);
	EXPECT_GE(self->links, ids_settle(BPF_LINK_GET_NEXT_ID, self->links));
}

TEST_HARNESS_MAIN
