// SPDX-License-Identifier: GPL-2.0
/*
 * Programs at tcx and in network namespaces: order, replacement, revisions, links, queries, and
 * what becomes of them when the device goes. Each test has a network namespace of its own.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/pkt_cls.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "kselftest_harness.h"

static int bpf(int cmd, union bpf_attr *attr)
{
	int ret = syscall(__NR_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

#define MOV_R0(v) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = (v) }
#define EXIT { .code = BPF_JMP | BPF_EXIT }

static int load(int type, int attach_type, int ret)
{
	struct bpf_insn insns[] = { MOV_R0(ret), EXIT };
	union bpf_attr attr = { .prog_type = type, .insns = (unsigned long)insns, .insn_cnt = 2,
				.license = (unsigned long)"GPL",
				.expected_attach_type = attach_type };

	return bpf(BPF_PROG_LOAD, &attr);
}

/* A datagram from lo to lo: does it arrive? */
static int arrives(void)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ret;
	struct timeval wait = { .tv_usec = 200000 };
	socklen_t len = sizeof(at);
	char c;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (bind(fd, (void *)&at, sizeof(at)) || getsockname(fd, (void *)&at, &len))
		return -errno;
	sendto(fd, "x", 1, 0, (void *)&at, sizeof(at));
	ret = recv(fd, &c, 1, 0);
	close(fd);
	return ret == 1;
}

FIXTURE(tcx)
{
	int next, pass, drop;	/* programs by what they return */
	int lo;
};

FIXTURE_SETUP(tcx)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, ioctl(fd, SIOCSIFFLAGS, &req));
	close(fd);
	self->lo = if_nametoindex("lo");
	self->next = load(BPF_PROG_TYPE_SCHED_CLS, 0, TCX_NEXT);
	self->pass = load(BPF_PROG_TYPE_SCHED_CLS, 0, TCX_PASS);
	self->drop = load(BPF_PROG_TYPE_SCHED_CLS, 0, TCX_DROP);
	ASSERT_LT(0, self->next);
	ASSERT_LT(0, self->pass);
	ASSERT_LT(0, self->drop);
	ASSERT_EQ(1, arrives());
}

FIXTURE_TEARDOWN(tcx)
{
	close(self->next);
	close(self->pass);
	close(self->drop);
}

static int attach(int dev, int fd, unsigned int flags, int relative, int replace, int revision)
{
	union bpf_attr attr = { .target_ifindex = dev, .attach_bpf_fd = fd,
				.attach_type = BPF_TCX_INGRESS, .attach_flags = flags,
				.replace_bpf_fd = replace, .relative_fd = relative,
				.expected_revision = revision };

	return bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(int dev, int fd, unsigned int flags, int relative)
{
	union bpf_attr attr = { .target_ifindex = dev, .attach_bpf_fd = fd,
				.attach_type = BPF_TCX_INGRESS, .attach_flags = flags,
				.relative_fd = relative };

	return bpf(BPF_PROG_DETACH, &attr);
}

static int query(int dev, unsigned int *ids, unsigned int *cnt, unsigned long long *revision)
{
	union bpf_attr attr = { .query = { .target_ifindex = dev, .attach_type = BPF_TCX_INGRESS,
					   .prog_ids = (unsigned long)ids, .count = *cnt } };
	int ret = bpf(BPF_PROG_QUERY, &attr);

	*cnt = attr.query.count;
	if (revision)
		*revision = attr.query.revision;
	return ret;
}

static unsigned int prog_id(int fd)
{
	struct bpf_prog_info info = {};
	union bpf_attr attr = { .info = { .bpf_fd = fd, .info_len = sizeof(info),
					  .info = (unsigned long)&info } };

	return bpf(BPF_OBJ_GET_INFO_BY_FD, &attr) ? 0 : info.id;
}

TEST_F(tcx, results_act)
{
	EXPECT_EQ(0, attach(self->lo, self->next, 0, 0, 0, 0));
	EXPECT_EQ(1, arrives());
	EXPECT_EQ(0, attach(self->lo, self->drop, 0, 0, 0, 0));
	EXPECT_EQ(0, arrives());
	/* In front of it one that says pass ends the matter. */
	EXPECT_EQ(0, attach(self->lo, self->pass, BPF_F_BEFORE, self->drop, 0, 0));
	EXPECT_EQ(1, arrives());
	EXPECT_EQ(0, detach(self->lo, self->pass, 0, 0));
	EXPECT_EQ(0, arrives());
	EXPECT_EQ(0, detach(self->lo, self->drop, 0, 0));
	EXPECT_EQ(0, detach(self->lo, self->next, 0, 0));
	EXPECT_EQ(1, arrives());
	EXPECT_EQ(-ENOENT, detach(self->lo, self->next, 0, 0));
}

TEST_F(tcx, order_and_query)
{
	unsigned int ids[4] = {}, cnt = 4;
	unsigned long long rev;

	EXPECT_EQ(0, query(self->lo, ids, &cnt, &rev));
	EXPECT_EQ(0, cnt);
	EXPECT_EQ(1, rev);
	EXPECT_EQ(0, attach(self->lo, self->next, 0, 0, 0, 1));
	EXPECT_EQ(0, attach(self->lo, self->pass, BPF_F_BEFORE, 0, 0, 2));
	EXPECT_EQ(0, attach(self->lo, self->drop, BPF_F_AFTER, self->pass, 0, 3));
	cnt = 4;
	EXPECT_EQ(0, query(self->lo, ids, &cnt, &rev));
	EXPECT_EQ(3, cnt);
	EXPECT_EQ(4, rev);
	EXPECT_EQ(prog_id(self->pass), ids[0]);
	EXPECT_EQ(prog_id(self->drop), ids[1]);
	EXPECT_EQ(prog_id(self->next), ids[2]);
	cnt = 2;
	EXPECT_EQ(-ENOSPC, query(self->lo, ids, &cnt, NULL));
	EXPECT_EQ(3, cnt);

	/* The first, then the last. */
	EXPECT_EQ(0, detach(self->lo, 0, BPF_F_BEFORE, 0));
	EXPECT_EQ(0, detach(self->lo, 0, BPF_F_AFTER, 0));
	cnt = 4;
	EXPECT_EQ(0, query(self->lo, ids, &cnt, NULL));
	EXPECT_EQ(1, cnt);
	EXPECT_EQ(prog_id(self->drop), ids[0]);
	EXPECT_EQ(0, detach(self->lo, self->drop, 0, 0));
}

TEST_F(tcx, refusals)
{
	int filter = load(BPF_PROG_TYPE_SOCKET_FILTER, 0, 0);

	EXPECT_EQ(-ENODEV, attach(9999, self->next, 0, 0, 0, 0));
	EXPECT_EQ(-EINVAL, attach(self->lo, filter, 0, 0, 0, 0));
	EXPECT_EQ(-EBADF, attach(self->lo, 9999, 0, 0, 0, 0));
	EXPECT_EQ(-ESTALE, attach(self->lo, self->next, 0, 0, 0, 7));
	EXPECT_EQ(-ENOENT, attach(self->lo, self->next, BPF_F_BEFORE, self->drop, 0, 0));
	EXPECT_EQ(-EINVAL, attach(self->lo, self->next, 0, self->drop, 0, 0));
	EXPECT_EQ(-EINVAL, attach(self->lo, self->next, 1 << 20, 0, 0, 0));
	EXPECT_EQ(0, attach(self->lo, self->next, 0, 0, 0, 0));
	EXPECT_EQ(-EEXIST, attach(self->lo, self->next, 0, 0, 0, 0));
	EXPECT_EQ(-ENOENT, attach(self->lo, self->pass, BPF_F_REPLACE, 0, self->drop, 0));
	EXPECT_EQ(0, attach(self->lo, self->drop, BPF_F_REPLACE, 0, self->next, 0));
	EXPECT_EQ(0, arrives());
	EXPECT_EQ(0, detach(self->lo, self->drop, 0, 0));
	close(filter);
}

TEST_F(tcx, at_most_64)
{
	int fds[65], i;

	for (i = 0; i < 65; i++) {
		fds[i] = load(BPF_PROG_TYPE_SCHED_CLS, 0, TCX_NEXT);
		EXPECT_EQ(i < 64 ? 0 : -ERANGE, attach(self->lo, fds[i], 0, 0, 0, 0));
	}
	EXPECT_EQ(1, arrives());
	for (i = 0; i < 65; i++) {
		if (i < 64)
			EXPECT_EQ(0, detach(self->lo, fds[i], 0, 0));
		close(fds[i]);
	}
}

static int link_new(int dev, int fd, unsigned int flags)
{
	union bpf_attr attr = { .link_create = { .prog_fd = fd, .target_ifindex = dev,
						 .attach_type = BPF_TCX_INGRESS, .flags = flags } };

	return bpf(BPF_LINK_CREATE, &attr);
}

TEST_F(tcx, links)
{
	union bpf_attr attr = {};
	int link;

	link = link_new(self->lo, self->drop, 0);
	ASSERT_LT(0, link);
	EXPECT_EQ(0, arrives());
	EXPECT_EQ(-EBUSY, detach(self->lo, self->drop, 0, 0));
	EXPECT_EQ(-EEXIST, link_new(self->lo, self->drop, 0));

	attr.link_update.link_fd = link;
	attr.link_update.new_prog_fd = self->next;
	EXPECT_EQ(0, bpf(BPF_LINK_UPDATE, &attr));
	EXPECT_EQ(1, arrives());
	memset(&attr, 0, sizeof(attr));
	attr.link_update.link_fd = link;
	attr.link_update.new_prog_fd = self->drop;
	attr.link_update.flags = BPF_F_REPLACE;
	attr.link_update.old_prog_fd = self->pass;
	EXPECT_EQ(-EPERM, bpf(BPF_LINK_UPDATE, &attr));
	attr.link_update.old_prog_fd = self->next;
	EXPECT_EQ(0, bpf(BPF_LINK_UPDATE, &attr));
	EXPECT_EQ(0, arrives());

	/* A link that was detached stays, without a device. */
	memset(&attr, 0, sizeof(attr));
	attr.link_detach.link_fd = link;
	EXPECT_EQ(0, bpf(BPF_LINK_DETACH, &attr));
	EXPECT_EQ(1, arrives());
	memset(&attr, 0, sizeof(attr));
	attr.link_update.link_fd = link;
	attr.link_update.new_prog_fd = self->next;
	EXPECT_EQ(-ENOLINK, bpf(BPF_LINK_UPDATE, &attr));
	close(link);

	link = link_new(self->lo, self->drop, 0);
	ASSERT_LT(0, link);
	EXPECT_EQ(0, arrives());
	close(link);
	EXPECT_EQ(1, arrives());
}

/* ------------------------------------------------------------------ network namespaces */

static int netns_link(int type, int fd)
{
	int ns = open("/proc/self/ns/net", O_RDONLY);
	union bpf_attr attr = { .link_create = { .prog_fd = fd, .target_fd = ns,
						 .attach_type = type } };
	int link = bpf(BPF_LINK_CREATE, &attr);

	close(ns);
	return link;
}

TEST_F(tcx, socket_lookup_in_a_namespace)
{
	int drop = load(BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, SK_DROP);
	int pass = load(BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, SK_PASS);
	int first, second;

	ASSERT_LT(0, drop);
	ASSERT_LT(0, pass);
	EXPECT_EQ(-EINVAL, load(BPF_PROG_TYPE_SK_LOOKUP, 0, SK_PASS));
	first = netns_link(BPF_SK_LOOKUP, pass);
	ASSERT_LT(0, first);
	EXPECT_EQ(1, arrives());
	second = netns_link(BPF_SK_LOOKUP, drop);
	ASSERT_LT(0, second);
	EXPECT_EQ(0, arrives());
	close(second);
	EXPECT_EQ(1, arrives());
	close(first);
	EXPECT_EQ(1, arrives());
	EXPECT_EQ(-EINVAL, load(BPF_PROG_TYPE_SK_LOOKUP, BPF_SK_LOOKUP, 2));
	close(drop);
	close(pass);
}

TEST_F(tcx, flow_dissector_in_a_namespace)
{
	int a = load(BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR, BPF_OK);
	int b = load(BPF_PROG_TYPE_FLOW_DISSECTOR, BPF_FLOW_DISSECTOR, BPF_OK);
	int link = netns_link(BPF_FLOW_DISSECTOR, a);

	ASSERT_LT(0, link);
	EXPECT_EQ(-E2BIG, netns_link(BPF_FLOW_DISSECTOR, b));
	EXPECT_EQ(1, arrives());
	close(link);
	link = netns_link(BPF_FLOW_DISSECTOR, b);
	EXPECT_LT(0, link);
	close(link);
	close(a);
	close(b);
}

TEST_HARNESS_MAIN
