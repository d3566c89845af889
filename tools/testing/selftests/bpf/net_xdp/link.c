// SPDX-License-Identifier: GPL-2.0
/*
 * XDP links and programs by netlink on one device: modes, what excludes what, update, detach, a
 * device that goes.
 *
 * After each step a datagram says which program runs there: v0 in one namespace sends, programs are
 * on v1 in the other.
 */
#include "kselftest_harness.h"
#include "net/net.h"
#include "link.h"

FIXTURE(link)
{
	struct bpf_object *obj;
	int near, far;
	int sock;	/* sends, in the first namespace */
	int local;	/* receives, in the second */
};

FIXTURE_SETUP(link)
{
	self->obj = net_open("link");
	ASSERT_NE(NULL, self->obj);
	net_frags(self->obj, "xdp_pieces");
	ASSERT_NE(NULL, net_load(self->obj));
	self->far = ns_new();
	ASSERT_LT(0, self->far);
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->far, 1));
	ASSERT_EQ(0, sh("ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:%02d dev v0", V1));
	self->sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_LE(0, self->sock);
	ns_go(self->far);
	self->local = udp_open("10.1.0.2", PORT);
	ASSERT_LE(0, self->local);
}

FIXTURE_TEARDOWN(link)
{
	bpf_object__close(self->obj);
	close(self->sock);
	close(self->local);
}

enum fate { ARRIVES, PASSED, DROPPED, LOST };

/* What becomes of a datagram, and so which program is there. */
static enum fate fate(FIXTURE_DATA(link) *self)
{
	__u64 passed = seen(self->obj, BY_PASS, PORT), dropped = seen(self->obj, BY_DROP, PORT);
	struct sockaddr_in to = addr4("10.1.0.2", PORT);
	char c = 'x';
	int i;

	if (sendto(self->sock, &c, 1, 0, (void *)&to, sizeof(to)) != 1)
		return LOST;
	for (i = 0; i < 1000 * SLOW; i++) {
		if (recv(self->local, &c, 1, MSG_DONTWAIT) == 1)
			return seen(self->obj, BY_PASS, PORT) == passed ? ARRIVES : PASSED;
		if (seen(self->obj, BY_DROP, PORT) != dropped)
			return DROPPED;
		usleep(5000);
	}
	return LOST;
}

static int link_new(FIXTURE_DATA(link) *self, const char *prog, __u32 flags)
{
	union bpf_attr attr = { .link_create = { .prog_fd = net_prog(self->obj, prog),
						 .target_ifindex = V1, .attach_type = BPF_XDP,
						 .flags = flags } };

	return sys_bpf(BPF_LINK_CREATE, &attr);
}

static int link_update(int link, int prog, int old, __u32 flags)
{
	union bpf_attr attr = { .link_update = { .link_fd = link, .new_prog_fd = prog,
						 .flags = flags, .old_prog_fd = old } };

	return sys_bpf(BPF_LINK_UPDATE, &attr);
}

static int link_detach(int link)
{
	union bpf_attr attr = { .link_detach = { .link_fd = link } };

	return sys_bpf(BPF_LINK_DETACH, &attr);
}

static __u32 link_ifindex(int link)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(link, &info, &len) ? 9999 : info.xdp.ifindex;
}

static __u32 prog_id(int fd)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

TEST_F(link, modes)
{
	static const struct {
		__u32 flags, mode;
	} modes[] = {
		{ 0, XDP_ATTACHED_DRV },
		{ XDP_FLAGS_DRV_MODE, XDP_ATTACHED_DRV },
		{ XDP_FLAGS_SKB_MODE, XDP_ATTACHED_SKB },
	};
	__u32 id = prog_id(net_prog(self->obj, "xdp_drop"));
	int i, link;

	EXPECT_EQ(ARRIVES, fate(self));
	for (i = 0; i < LEN(modes); i++) {
		LIBBPF_OPTS(bpf_xdp_query_opts, opts);

		link = link_new(self, "xdp_drop", modes[i].flags);
		ASSERT_LE(0, link);
		EXPECT_EQ(DROPPED, fate(self));
		EXPECT_EQ(V1, link_ifindex(link));
		ASSERT_EQ(0, bpf_xdp_query(V1, 0, &opts));
		EXPECT_EQ(modes[i].mode, opts.attach_mode);
		EXPECT_EQ(id, modes[i].mode == XDP_ATTACHED_DRV ? opts.drv_prog_id :
								  opts.skb_prog_id);
		close(link);
		EXPECT_EQ(ARRIVES, fate(self));
		ASSERT_EQ(0, bpf_xdp_query(V1, 0, &opts));
		EXPECT_EQ(XDP_ATTACHED_NONE, opts.attach_mode);
	}
}

TEST_F(link, refused)
{
	union bpf_attr attr = { .link_create = { .prog_fd = net_prog(self->obj, "xdp_pass"),
						 .attach_type = BPF_XDP } };

	EXPECT_EQ(-EINVAL, link_new(self, "xdp_pass", XDP_FLAGS_SKB_MODE | XDP_FLAGS_DRV_MODE));
	EXPECT_EQ(-EINVAL, link_new(self, "xdp_pass", XDP_FLAGS_HW_MODE));
	EXPECT_EQ(-EINVAL, link_new(self, "xdp_pass", XDP_FLAGS_REPLACE));
	EXPECT_EQ(-EINVAL, link_new(self, "xdp_pass", XDP_FLAGS_UPDATE_IF_NOEXIST));
	EXPECT_EQ(-EINVAL, link_new(self, "xdp_pass", 1 << 20));
	EXPECT_EQ(-EINVAL, link_new(self, "xdp_of_devmap", 0));
	EXPECT_EQ(-EINVAL, link_new(self, "xdp_of_cpumap", 0));
	EXPECT_EQ(-EINVAL, link_new(self, "not_xdp", 0));
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	attr.link_create.target_ifindex = 9999;
	EXPECT_EQ(-EINVAL, sys_bpf(BPF_LINK_CREATE, &attr));
	/* The loopback device has no XDP of its own. */
	attr.link_create.target_ifindex = 1;
	attr.link_create.flags = XDP_FLAGS_DRV_MODE;
	EXPECT_EQ(-EOPNOTSUPP, sys_bpf(BPF_LINK_CREATE, &attr));
	EXPECT_EQ(ARRIVES, fate(self));
}

/* One program in a mode, and only one of the two modes. */
TEST_F(link, exclude_each_other)
{
	int drop = net_prog(self->obj, "xdp_drop"), link;

	link = link_new(self, "xdp_pass", 0);
	ASSERT_LE(0, link);
	EXPECT_EQ(-EBUSY, link_new(self, "xdp_drop", 0));
	EXPECT_EQ(-EBUSY, link_new(self, "xdp_drop", XDP_FLAGS_DRV_MODE));
	EXPECT_EQ(-EEXIST, link_new(self, "xdp_drop", XDP_FLAGS_SKB_MODE));
	EXPECT_EQ(-EBUSY, bpf_xdp_attach(V1, drop, 0, NULL));
	EXPECT_EQ(-EBUSY, bpf_xdp_detach(V1, 0, NULL));
	EXPECT_EQ(-EEXIST, bpf_xdp_attach(V1, drop, XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(PASSED, fate(self));
	close(link);

	ASSERT_EQ(0, bpf_xdp_attach(V1, drop, XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(DROPPED, fate(self));
	EXPECT_EQ(-EBUSY, link_new(self, "xdp_pass", XDP_FLAGS_SKB_MODE));
	EXPECT_EQ(-EEXIST, link_new(self, "xdp_pass", XDP_FLAGS_DRV_MODE));
	EXPECT_EQ(DROPPED, fate(self));
	ASSERT_EQ(0, bpf_xdp_detach(V1, XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(ARRIVES, fate(self));
}

/* Programs by netlink replace each other, if so wished only the one that is expected. */
TEST_F(link, by_netlink)
{
	int pass = net_prog(self->obj, "xdp_pass"), drop = net_prog(self->obj, "xdp_drop");
	LIBBPF_OPTS(bpf_xdp_attach_opts, old, .old_prog_fd = pass);

	ASSERT_EQ(0, bpf_xdp_attach(V1, pass, 0, NULL));
	EXPECT_EQ(PASSED, fate(self));
	EXPECT_EQ(-EBUSY, bpf_xdp_attach(V1, drop, XDP_FLAGS_UPDATE_IF_NOEXIST, NULL));
	EXPECT_EQ(PASSED, fate(self));
	EXPECT_EQ(0, bpf_xdp_attach(V1, drop, 0, NULL));
	EXPECT_EQ(DROPPED, fate(self));
	EXPECT_EQ(-EEXIST, bpf_xdp_attach(V1, drop, XDP_FLAGS_REPLACE, &old));
	EXPECT_EQ(-EEXIST, bpf_xdp_detach(V1, XDP_FLAGS_REPLACE, &old));
	old.old_prog_fd = drop;
	EXPECT_EQ(0, bpf_xdp_attach(V1, pass, XDP_FLAGS_REPLACE, &old));
	EXPECT_EQ(PASSED, fate(self));
	EXPECT_EQ(-EINVAL, bpf_xdp_attach(V1, net_prog(self->obj, "not_xdp"), 0, NULL));
	EXPECT_EQ(-EBADF, bpf_xdp_attach(V1, 9999, 0, NULL));
	EXPECT_EQ(PASSED, fate(self));
	EXPECT_EQ(0, bpf_xdp_detach(V1, 0, NULL));
	EXPECT_EQ(ARRIVES, fate(self));
}

TEST_F(link, updated)
{
	int pass = net_prog(self->obj, "xdp_pass"), drop = net_prog(self->obj, "xdp_drop"), link, i;
	static const __u32 modes[] = { XDP_FLAGS_DRV_MODE, XDP_FLAGS_SKB_MODE };

	for (i = 0; i < LEN(modes); i++) {
		link = link_new(self, "xdp_pass", modes[i]);
		ASSERT_LE(0, link);
		EXPECT_EQ(PASSED, fate(self));
		EXPECT_EQ(0, link_update(link, drop, 0, 0));
		EXPECT_EQ(DROPPED, fate(self));
		EXPECT_EQ(-EPERM, link_update(link, pass, pass, BPF_F_REPLACE));
		EXPECT_EQ(DROPPED, fate(self));
		EXPECT_EQ(0, link_update(link, pass, drop, BPF_F_REPLACE));
		EXPECT_EQ(PASSED, fate(self));
		EXPECT_EQ(0, link_update(link, pass, 0, 0));
		EXPECT_EQ(PASSED, fate(self));
		EXPECT_EQ(0, link_update(link, net_prog(self->obj, "xdp_pieces"), 0, 0));
		EXPECT_EQ(PASSED, fate(self));
		EXPECT_EQ(-EINVAL, link_update(link, drop, pass, 0));
		EXPECT_EQ(-EINVAL, link_update(link, drop, 0, 1));
		EXPECT_EQ(-EBADF, link_update(link, 9999, 0, 0));
		EXPECT_EQ(-EBADF, link_update(link, drop, 9999, BPF_F_REPLACE));
		EXPECT_EQ(-EINVAL, link_update(link, net_prog(self->obj, "not_xdp"), 0, 0));
		EXPECT_EQ(-EINVAL, link_update(link, net_prog(self->obj, "xdp_of_devmap"), 0, 0));
		EXPECT_EQ(PASSED, fate(self));
		close(link);
		EXPECT_EQ(ARRIVES, fate(self));
	}
}

/* The link stays, of no use, and makes room for another. */
TEST_F(link, detached)
{
	int drop = net_prog(self->obj, "xdp_drop"), link = link_new(self, "xdp_drop", 0), next;

	ASSERT_LE(0, link);
	EXPECT_EQ(0, link_detach(link));
	EXPECT_EQ(ARRIVES, fate(self));
	EXPECT_EQ(0, link_ifindex(link));
	EXPECT_EQ(0, link_detach(link));
	EXPECT_EQ(-ENOLINK, link_update(link, drop, 0, 0));
	next = link_new(self, "xdp_pass", XDP_FLAGS_SKB_MODE);
	ASSERT_LE(0, next);
	EXPECT_EQ(PASSED, fate(self));
	close(link);
	EXPECT_EQ(PASSED, fate(self));
	close(next);
	EXPECT_EQ(ARRIVES, fate(self));
}

static void expect_orphan(struct __test_metadata *_metadata, FIXTURE_DATA(link) *self, int link)
{
	EXPECT_EQ(0, link_ifindex(link));
	EXPECT_EQ(-ENOLINK, link_update(link, net_prog(self->obj, "xdp_pass"), 0, 0));
	EXPECT_EQ(0, link_detach(link));
}

TEST_F(link, device_goes)
{
	int native, generic;

	ns_go(self->near);
	ASSERT_EQ(0, sh("ip link add x0 type veth peer name x1"));
	ns_go(self->far);
	native = link_new(self, "xdp_pass", XDP_FLAGS_DRV_MODE);
	ASSERT_LE(0, native);
	ASSERT_EQ(0, sh("ip link del v1"));
	expect_orphan(_metadata, self, native);
	close(native);

	ASSERT_EQ(0, sh("ip link add v1 index %d type veth peer name y1", V1));
	generic = link_new(self, "xdp_pass", XDP_FLAGS_SKB_MODE);
	ASSERT_LE(0, generic);
	ASSERT_EQ(0, sh("ip link del y1"));
	expect_orphan(_metadata, self, generic);
	close(generic);
}

/* A program that does not know packets in pieces, and a peer that sends them. */
TEST_F(link, long_packets)
{
	int link;

	ns_go(self->near);
	ASSERT_EQ(0, sh("ip link set v0 mtu 9000"));
	ns_go(self->far);
	EXPECT_EQ(-ERANGE, link_new(self, "xdp_pass", XDP_FLAGS_DRV_MODE));
	EXPECT_EQ(ARRIVES, fate(self));
	link = link_new(self, "xdp_pieces", XDP_FLAGS_DRV_MODE);
	ASSERT_LE(0, link);
	EXPECT_EQ(PASSED, fate(self));
	/* It cannot be exchanged for one that does not. */
	EXPECT_EQ(-ERANGE, link_update(link, net_prog(self->obj, "xdp_drop"), 0, 0));
	EXPECT_EQ(PASSED, fate(self));
	close(link);
}

TEST_HARNESS_MAIN
