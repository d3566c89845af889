// SPDX-License-Identifier: GPL-2.0
/*
 * Native XDP of a card: virtio_net. The guest has two of them, each the other's peer.
 *
 * c0 in one namespace sends; programs are on c1 in the other, from where w1 leads to w0 in a third.
 */
#include <dirent.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "link.h"

#define CNT 12

FIXTURE(virtio)
{
	struct bpf_object *obj;
	int near, far, end;
};

/* The cards that are in the first namespace: names in the order of their addresses. */
static int cards(char names[2][IF_NAMESIZE])
{
	char path[512], driver[512], mac[32];
	struct dirent *entry;
	int found = 0, n;
	DIR *dir = opendir("/sys/class/net");
	FILE *f;

	while (dir && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/sys/class/net/%s/device/driver", entry->d_name);
		n = readlink(path, driver, sizeof(driver) - 1);
		if (n < 0)
			continue;
		driver[n] = 0;
		snprintf(path, sizeof(path), "/sys/class/net/%s/address", entry->d_name);
		f = fopen(path, "r");
		if (f && strstr(driver, "virtio_net") && fgets(mac, sizeof(mac), f) &&
		    (mac[16] == '1' || mac[16] == '2')) {
			snprintf(names[mac[16] - '1'], IF_NAMESIZE, "%.15s",
				 entry->d_name);
			found |= 1 << (mac[16] - '1');
		}
		if (f)
			fclose(f);
	}
	if (dir)
		closedir(dir);
	return found;
}

/* Makes card @from, with another name and number, a device of namespace @ns. */
static int move(const char *from, const char *name, int ns, const char *addr)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), err;

	err = sh("ip link set %s down && ip link set %s netns /proc/%d/fd/%d name %s", from, from,
		 getpid(), ns, name);
	err = err ?: ns_go(ns);
	err = err ?: sh("ip link set %s mtu 1500 && ip addr add %s/24 dev %s && ip link set %s up",
			name, addr, name, name);
	/* The test before may have left a program: no namespace takes that off. */
	if (!err) {
		bpf_xdp_detach(if_nametoindex(name), XDP_FLAGS_DRV_MODE, NULL);
		bpf_xdp_detach(if_nametoindex(name), XDP_FLAGS_SKB_MODE, NULL);
	}
	ns_go(here);
	close(here);
	return err;
}

/* Cards whose namespace is gone come back by and by. */
FIXTURE_SETUP(virtio)
{
	int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), i;
	char names[2][IF_NAMESIZE];

	self->obj = net_open("link");
	ASSERT_NE(NULL, self->obj);
	net_frags(self->obj, "xdp_pieces");
	ASSERT_NE(NULL, net_load(self->obj));
	for (i = 0; i < 2000 * SLOW && cards(names) != 3; i++)
		usleep(10000);
	ASSERT_EQ(3, cards(names));
	self->end = ns_new();
	ASSERT_LT(0, self->end);
	self->far = ns_new();
	ASSERT_LT(0, self->far);
	ASSERT_EQ(0, veth_pair("w1", W1, "w0", W0, self->end, 2));
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, ns_go(home));
	ASSERT_EQ(0, move(names[0], "c0", self->near, "10.7.0.1"));
	ASSERT_EQ(0, move(names[1], "c1", self->far, "10.7.0.2"));
	close(home);
	ns_go(self->end);
	ASSERT_EQ(0, xdp_attach(self->obj, W0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ns_go(self->near);
	ASSERT_EQ(0, sh("ip neigh add 10.7.0.2 lladdr 52:54:00:00:00:02 dev c0"));
	ns_go(self->far);
	ASSERT_EQ(0, sh("ip neigh add 10.7.0.1 lladdr 52:54:00:00:00:01 dev c1"));
}

FIXTURE_TEARDOWN(virtio)
{
	bpf_object__close(self->obj);
}

static __u32 card(FIXTURE_DATA(virtio) *self)
{
	ns_go(self->far);
	return if_nametoindex("c1");
}

static void send_all(struct __test_metadata *_metadata, FIXTURE_DATA(virtio) *self, int port,
		     int len)
{
	ns_go(self->near);
	EXPECT_EQ(CNT, udp_send("10.7.0.2", port, CNT, len));
	ns_go(self->far);
}

TEST_F(virtio, drops_and_counts)
{
	__u32 c1 = card(self);
	int fd = udp_open("10.7.0.2", PORT);

	ASSERT_LE(0, fd);
	send_all(_metadata, self, PORT, 100);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_card", XDP_FLAGS_DRV_MODE));
	send_all(_metadata, self, PORT, 100);
	EXPECT_EQ(CNT, seen_wait(self->obj, c1, PORT, CNT));
	EXPECT_EQ(0, udp_recv(fd, 0));
	/* Another program, while packets come in. */
	send_all(_metadata, self, PORT, 100);
	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_pass", XDP_FLAGS_DRV_MODE));
	send_all(_metadata, self, PORT, 100);
	EXPECT_LE(CNT, udp_recv(fd, CNT));
	ASSERT_EQ(0, bpf_xdp_detach(c1, XDP_FLAGS_DRV_MODE, NULL));
	send_all(_metadata, self, PORT, 100);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	close(fd);
}

TEST_F(virtio, sends_back)
{
	__u32 c1 = card(self), c0;

	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_card", XDP_FLAGS_DRV_MODE));
	ns_go(self->near);
	c0 = if_nametoindex("c0");
	ASSERT_EQ(0, xdp_attach(self->obj, c0, "xdp_count", XDP_FLAGS_DRV_MODE));
	send_all(_metadata, self, PORT_BACK, 100);
	EXPECT_EQ(CNT, seen_wait(self->obj, c1, PORT_BACK, CNT));
	EXPECT_EQ(CNT, seen_wait(self->obj, c0, PORT_BACK, CNT));
}

/* From the card to a veth device, and from that one to the card. */
TEST_F(virtio, redirects)
{
	__u32 c1 = card(self), key = 0, dev = W1, c0;

	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "out"), &key, &dev, 0));
	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_card", XDP_FLAGS_DRV_MODE));
	send_all(_metadata, self, PORT_ON, 100);
	EXPECT_EQ(CNT, seen_wait(self->obj, W0, PORT_ON, CNT));

	dev = c1;
	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "out"), &key, &dev, 0));
	ASSERT_EQ(0, xdp_attach(self->obj, W1, "xdp_card", XDP_FLAGS_DRV_MODE));
	ns_go(self->near);
	c0 = if_nametoindex("c0");
	ASSERT_EQ(0, xdp_attach(self->obj, c0, "xdp_count", XDP_FLAGS_DRV_MODE));
	/* What comes through is for another's address. */
	ASSERT_EQ(0, sh("ip link set c0 promisc on"));
	ns_go(self->end);
	ASSERT_EQ(0, sh("ip neigh add 10.2.0.1 lladdr 02:00:00:00:00:%02d dev w0", W1));
	EXPECT_EQ(CNT, udp_send("10.2.0.1", PORT_ON, CNT, 100));
	EXPECT_EQ(CNT, seen_wait(self->obj, c0, PORT_ON, CNT));
}

/* Head, tail and metadata move in the card's own buffers. */
TEST_F(virtio, shifts)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(self->obj, "tc_meta"));
	__u32 c1 = card(self), i;
	int fd = udp_open("10.7.0.2", PORT_SHIFTED);

	ASSERT_LE(0, fd);
	hook.ifindex = c1;
	ASSERT_EQ(0, bpf_tc_hook_create(&hook));
	ASSERT_EQ(0, bpf_tc_attach(&hook, &opts));
	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_card", XDP_FLAGS_DRV_MODE));
	send_all(_metadata, self, PORT_SHIFTED, 100);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	EXPECT_EQ(CNT, seen_wait(self->obj, c1, PORT_SHIFTED, CNT));
	EXPECT_EQ(CNT, seen_wait(self->obj, c1, BY_PASS, CNT));
	for (i = 1; i < 10; i++)
		EXPECT_EQ(0, seen(self->obj, BY_DROP, i)) TH_LOG("step %u", i);
	close(fd);
}

/* Packets longer than a page are for programs that know pieces. */
TEST_F(virtio, pieces)
{
	__u32 c1 = card(self);
	int fd = udp_open("10.7.0.2", PORT);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, sh("ip link set c1 mtu 9000"));
	EXPECT_EQ(-EINVAL, xdp_attach(self->obj, c1, "xdp_pass", XDP_FLAGS_DRV_MODE));
	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_pieces", XDP_FLAGS_DRV_MODE));
	ns_go(self->near);
	ASSERT_EQ(0, sh("ip link set c0 mtu 9000"));
	send_all(_metadata, self, PORT, 8000);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	EXPECT_EQ(CNT, seen_wait(self->obj, BY_PASS, PORT, CNT));
	close(fd);
}

TEST_F(virtio, generic)
{
	__u32 c1 = card(self);
	int fd = udp_open("10.7.0.2", PORT);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, xdp_attach(self->obj, c1, "xdp_card", XDP_FLAGS_SKB_MODE));
	send_all(_metadata, self, PORT, 100);
	EXPECT_EQ(CNT, seen_wait(self->obj, c1, PORT, CNT));
	EXPECT_EQ(0, udp_recv(fd, 0));
	EXPECT_EQ(-EEXIST, xdp_attach(self->obj, c1, "xdp_pass", XDP_FLAGS_DRV_MODE));
	close(fd);
}

TEST_HARNESS_MAIN
