// SPDX-License-Identifier: GPL-2.0
/*
 * Packets that programs of tc send elsewhere; where packets would go; tunnel metadata on real
 * tunnel devices; samples of packets; flow dissectors.
 *
 * Three namespaces in a row: v0 in the first, v1 and w1 in the second, which routes, w0 in the
 * third.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "forward.h"

#define CNT 8
#define PKT_LEN 142

FIXTURE(forward)
{
	struct bpf_object *obj;
	struct globals *g;
	int near, mid, far;
	unsigned char pkt[PKT_LEN];
};

static void packet(unsigned char *pkt, int dport)
{
	struct ethhdr *eth = (void *)pkt;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	memset(pkt, 0x5a, PKT_LEN);
	*eth = (struct ethhdr) { .h_proto = htons(ETH_P_IP) };
	*ip = (struct iphdr) { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			       .tot_len = htons(PKT_LEN - sizeof(*eth)),
			       .saddr = inet_addr("10.1.0.1"), .daddr = inet_addr("10.1.0.2") };
	*udp = (struct udphdr) { .source = htons(1), .dest = htons(dport),
				 .len = htons(PKT_LEN - sizeof(*eth) - sizeof(*ip)) };
}

FIXTURE_SETUP(forward)
{
	self->obj = net_object("forward");
	ASSERT_NE(NULL, self->obj);
	self->g = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		       net_map(self->obj, ".bss"), 0);
	ASSERT_NE(MAP_FAILED, self->g);
	self->far = ns_new();
	ASSERT_EQ(0, sh("ip addr add 10.99.0.1/32 dev lo"));
	self->mid = ns_new();
	ASSERT_EQ(0, veth_pair("w1", W1, "w0", W0, self->far, 2));
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->mid, 1));
	ASSERT_EQ(0, sh("ip route add 10.2.0.0/16 via 10.1.0.2"));
	ASSERT_EQ(0, sh("ip route add 10.99.0.0/16 via 10.1.0.2"));
	ASSERT_EQ(0, sh("ip -6 route add fd00:2::/64 via fd00:1::2"));
	ASSERT_EQ(0, sh("ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:%02d dev v0", V1));
	ASSERT_EQ(0, sh("ip -6 neigh add fd00:1::2 lladdr 02:00:00:00:00:%02d dev v0", V1));
	ns_go(self->mid);
	packet(self->pkt, 1);
}

FIXTURE_TEARDOWN(forward)
{
	bpf_object__close(self->obj);
}

static int tc_attach(struct bpf_object *obj, const char *dev, enum bpf_tc_attach_point where,
		     const char *prog)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = if_nametoindex(dev), .attach_point = where);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(obj, prog));
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return err;
	return bpf_tc_attach(&hook, &opts);
}

/* The program on v1, counters wherever packets may come out. */
static void attach_all(struct __test_metadata *_metadata, FIXTURE_DATA(forward) *self)
{
	ASSERT_EQ(0, tc_attach(self->obj, "v1", BPF_TC_INGRESS, "tc_forward"));
	ASSERT_EQ(0, tc_attach(self->obj, "w1", BPF_TC_INGRESS, "tc_count"));
	ns_go(self->far);
	ASSERT_EQ(0, tc_attach(self->obj, "w0", BPF_TC_INGRESS, "tc_count"));
	ns_go(self->mid);
}

static void feed(struct __test_metadata *_metadata, FIXTURE_DATA(forward) *self, const char *ip,
		 int port)
{
	ns_go(self->near);
	EXPECT_EQ(CNT, udp_send(ip, port, CNT, 100));
	ns_go(self->mid);
	EXPECT_EQ(CNT, seen_wait(self->obj, V1, port, CNT));
}

TEST_F(forward, redirected)
{
	int fd = udp_open("10.1.0.2", PORT_EGRESS);

	attach_all(_metadata, self);
	feed(_metadata, self, "10.1.0.2", PORT_EGRESS);
	EXPECT_EQ(CNT, seen_wait(self->obj, W0, PORT_EGRESS, CNT));
	EXPECT_EQ(0, seen(self->obj, W1, PORT_EGRESS));
	feed(_metadata, self, "10.1.0.2", PORT_INGRESS);
	EXPECT_EQ(CNT, seen_wait(self->obj, W1, PORT_INGRESS, CNT));
	EXPECT_EQ(0, seen(self->obj, W0, PORT_INGRESS));
	EXPECT_EQ(0, udp_recv(fd, 0));
}

TEST_F(forward, redirected_nowhere)
{
	int fd = udp_open("10.1.0.2", PORT_NO_DEV), fd2 = udp_open("10.1.0.2", PORT_BAD_FLAGS);

	attach_all(_metadata, self);
	feed(_metadata, self, "10.1.0.2", PORT_NO_DEV);
	feed(_metadata, self, "10.1.0.2", PORT_BAD_FLAGS);
	EXPECT_EQ(0, udp_recv(fd, 0));
	EXPECT_EQ(0, udp_recv(fd2, 0));
	EXPECT_EQ(0, seen(self->obj, W0, PORT_BAD_FLAGS));
}

TEST_F(forward, cloned)
{
	int fd = udp_open("10.1.0.2", PORT_CLONE), fd2 = udp_open("10.1.0.2", PORT_CLONE_INGRESS);

	attach_all(_metadata, self);
	feed(_metadata, self, "10.1.0.2", PORT_CLONE);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	EXPECT_EQ(CNT, seen_wait(self->obj, W0, PORT_CLONE, CNT));
	EXPECT_EQ(CNT, seen(self->obj, AT_CLONE_ERR, 0));
	EXPECT_EQ(2 * CNT, seen(self->obj, AT_CLONE_ERR, EINVAL));
	feed(_metadata, self, "10.1.0.2", PORT_CLONE_INGRESS);
	EXPECT_EQ(CNT, udp_recv(fd2, CNT));
	EXPECT_EQ(CNT, seen_wait(self->obj, W1, PORT_CLONE_INGRESS, CNT));
}

TEST_F(forward, leaving)
{
	ASSERT_EQ(0, tc_attach(self->obj, "v1", BPF_TC_EGRESS, "tc_forward"));
	ns_go(self->far);
	ASSERT_EQ(0, tc_attach(self->obj, "w0", BPF_TC_INGRESS, "tc_count"));
	ns_go(self->mid);
	EXPECT_EQ(CNT, udp_send("10.1.0.1", PORT_LEAVING, CNT, 100));
	EXPECT_EQ(CNT, seen_wait(self->obj, W0, PORT_LEAVING, CNT));
	EXPECT_EQ(CNT, seen(self->obj, V1, PORT_LEAVING));
	/* From where packets leave there is no way straight into another namespace. */
	EXPECT_EQ(CNT, udp_send("10.1.0.1", PORT_PEER, CNT, 100));
	EXPECT_EQ(CNT, seen_wait(self->obj, V1, PORT_PEER, CNT));
	EXPECT_EQ(0, seen(self->obj, W0, PORT_PEER));
}

/* The other end takes the packet as its own: a socket there gets it. */
TEST_F(forward, to_the_peer)
{
	int fd;

	attach_all(_metadata, self);
	ns_go(self->far);
	fd = udp_open("10.2.0.2", PORT_PEER);
	/* The packet keeps the addresses of the device that it came in by. */
	ASSERT_EQ(0, sh("ip link set w0 down"));
	ASSERT_EQ(0, sh("ip link set w0 address 02:00:00:00:00:%02d up", V1));
	ns_go(self->mid);
	feed(_metadata, self, "10.2.0.2", PORT_PEER);
	EXPECT_EQ(CNT, seen_wait(self->obj, W0, PORT_PEER, CNT));
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
}

TEST_F(forward, by_neighbour)
{
	int fd, fd6, hop;

	attach_all(_metadata, self);
	ns_go(self->far);
	fd = udp_open("10.2.0.2", PORT_NEIGH);
	fd6 = udp_open("fd00:2::2", PORT_NEIGH);
	hop = udp_open("10.99.0.1", PORT_NEIGH_HOP);
	ASSERT_LT(0, hop);
	ns_go(self->mid);
	feed(_metadata, self, "10.2.0.2", PORT_NEIGH);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	feed(_metadata, self, "10.99.0.1", PORT_NEIGH_HOP);
	EXPECT_EQ(CNT, udp_recv(hop, CNT));
	/* The kernel itself forwards nothing, so it was the program. */
	ns_go(self->near);
	EXPECT_EQ(CNT, udp_send("fd00:2::2", PORT_NEIGH, CNT, 100));
	EXPECT_EQ(CNT, udp_recv(fd6, CNT));
	EXPECT_EQ(CNT, udp_send("10.2.0.2", PORT_OUTPUT, CNT, 100));
	EXPECT_EQ(0, seen(self->obj, W0, PORT_OUTPUT));
}

/* ------------------------------------------------------------------ look-ups */

/* A look-up from v1 by the program of a hook; the verdict. */
static int ask(FIXTURE_DATA(forward) *self, const char *prog)
{
	struct xdp_md md = { .data_end = PKT_LEN, .ingress_ifindex = V1 };
	struct __sk_buff skb = { .ifindex = V1 };
	bool xdp = !strncmp(prog, "xdp", 3);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN,
		    .ctx_in = xdp ? (void *)&md : (void *)&skb,
		    .ctx_size_in = xdp ? sizeof(md) : sizeof(skb));
	int err;

	self->g->fib.ret = -9999;
	self->g->mtu.ret = -9999;
	err = bpf_prog_test_run_opts(net_prog(self->obj, prog), &opts);
	if (err)
		return err;
	return strstr(prog, "mtu") ? self->g->mtu.ret : self->g->fib.ret;
}

static int fib4(FIXTURE_DATA(forward) *self, const char *prog, const char *dst, __u32 flags,
		int tot_len)
{
	self->g->fib.plen = sizeof(struct bpf_fib_lookup);
	self->g->fib.flags = flags;
	self->g->fib.p = (struct bpf_fib_lookup) {
		.family = AF_INET, .ifindex = V1, .tot_len = tot_len, .l4_protocol = IPPROTO_UDP,
		.ipv4_src = inet_addr("10.1.0.1"), .ipv4_dst = inet_addr(dst),
	};
	return ask(self, prog);
}

static int fib6(FIXTURE_DATA(forward) *self, const char *prog, const char *dst, __u32 flags,
		int tot_len)
{
	self->g->fib.plen = sizeof(struct bpf_fib_lookup);
	self->g->fib.flags = flags;
	self->g->fib.p = (struct bpf_fib_lookup) {
		.family = AF_INET6, .ifindex = V1, .tot_len = tot_len, .l4_protocol = IPPROTO_UDP,
	};
	inet_pton(AF_INET6, "fd00:1::1", self->g->fib.p.ipv6_src);
	inet_pton(AF_INET6, dst, self->g->fib.p.ipv6_dst);
	return ask(self, prog);
}

static const unsigned char w0_mac[] = { 2, 0, 0, 0, 0, 0x13 }, w1_mac[] = { 2, 0, 0, 0, 0, 0x12 };

TEST_F(forward, fib_of_ipv4)
{
	static const char *const progs[] = { "tc_fib", "xdp_fib" };
	struct bpf_fib_lookup *p = &self->g->fib.p;
	const char *prog;
	int i;

	ASSERT_EQ(0, sh("ip route add unreachable 10.20.0.0/16"));
	ASSERT_EQ(0, sh("ip route add blackhole 10.21.0.0/16"));
	ASSERT_EQ(0, sh("ip route add prohibit 10.22.0.0/16"));
	ASSERT_EQ(0, sh("ip route add 10.23.0.0/16 via 10.2.0.2"));
	ASSERT_EQ(0, sh("ip route add 10.24.0.0/16 dev w1 src 10.2.0.1 mtu lock 600"));
	ASSERT_EQ(0, sh("ip link set w1 mtu 1400"));
	sysctl_set("net/ipv4/conf/v1/forwarding", "0");
	EXPECT_EQ(BPF_FIB_LKUP_RET_FWD_DISABLED, fib4(self, "tc_fib", "10.2.0.2", 0, 0));
	sysctl_set("net/ipv4/conf/v1/forwarding", "1");
	EXPECT_EQ(BPF_FIB_LKUP_RET_NO_NEIGH, fib4(self, "tc_fib", "10.2.0.2", 0, 0));
	EXPECT_EQ(W1, p->ifindex);
	ASSERT_EQ(0, sh("ip neigh add 10.2.0.2 lladdr 02:00:00:00:00:13 dev w1"));

	for (i = 0; i < 2; i++) {
		prog = progs[i];
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, fib4(self, prog, "10.2.0.2", 0, 0));
		EXPECT_EQ(W1, p->ifindex);
		EXPECT_EQ(0, memcmp(p->dmac, w0_mac, 6));
		EXPECT_EQ(0, memcmp(p->smac, w1_mac, 6));
		EXPECT_EQ(0, p->h_vlan_proto | p->h_vlan_TCI);
		/* By a gateway: its address is the next. */
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, fib4(self, prog, "10.23.0.9", 0, 0));
		EXPECT_EQ(inet_addr("10.2.0.2"), p->ipv4_dst);
		EXPECT_EQ(BPF_FIB_LKUP_RET_UNREACHABLE, fib4(self, prog, "10.20.0.1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_BLACKHOLE, fib4(self, prog, "10.21.0.1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_PROHIBIT, fib4(self, prog, "10.22.0.1", 0, 0));
		/* To the host itself, and to where no route goes. */
		EXPECT_EQ(BPF_FIB_LKUP_RET_NOT_FWDED, fib4(self, prog, "10.1.0.2", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_NOT_FWDED, fib4(self, prog, "8.8.8.8", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_NO_NEIGH, fib4(self, prog, "10.24.0.9", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS,
			  fib4(self, prog, "10.24.0.9", BPF_FIB_LOOKUP_SKIP_NEIGH, 0));
		EXPECT_EQ(W1, p->ifindex);
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS,
			  fib4(self, prog, "10.24.0.9",
			       BPF_FIB_LOOKUP_SKIP_NEIGH | BPF_FIB_LOOKUP_SRC, 0));
		EXPECT_EQ(inet_addr("10.2.0.1"), p->ipv4_src);

		/* Too long for the route, for the device; short enough. */
		EXPECT_EQ(BPF_FIB_LKUP_RET_FRAG_NEEDED, fib4(self, prog, "10.24.0.9", 0, 700));
		EXPECT_EQ(600, p->mtu_result);
		EXPECT_EQ(BPF_FIB_LKUP_RET_FRAG_NEEDED, fib4(self, prog, "10.2.0.2", 0, 1401));
		EXPECT_EQ(1400, p->mtu_result);
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, fib4(self, prog, "10.2.0.2", 0, 1400));
		EXPECT_EQ(1400, p->mtu_result);

		/* Tables: the main one by its number, one that is not there. */
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS,
			  fib4(self, prog, "10.2.0.2", BPF_FIB_LOOKUP_DIRECT, 0));
		self->g->fib.p = (struct bpf_fib_lookup) { .family = AF_INET, .ifindex = V1,
							   .ipv4_dst = inet_addr("10.2.0.2"),
							   .tbid = 254 };
		self->g->fib.flags = BPF_FIB_LOOKUP_DIRECT | BPF_FIB_LOOKUP_TBID;
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, ask(self, prog));
		EXPECT_EQ(0, memcmp(p->dmac, w0_mac, 6));
		/* As if the host itself sent it. */
		self->g->fib.p = (struct bpf_fib_lookup) { .family = AF_INET, .ifindex = W1,
							   .ipv4_dst = inet_addr("10.2.0.2") };
		self->g->fib.flags = BPF_FIB_LOOKUP_OUTPUT;
		sysctl_set("net/ipv4/conf/w1/forwarding", "1");
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, ask(self, prog));

		EXPECT_EQ(-EINVAL, fib4(self, prog, "10.2.0.2", 1 << 10, 0));
		self->g->fib.p = (struct bpf_fib_lookup) { .family = AF_UNIX, .ifindex = V1 };
		self->g->fib.flags = 0;
		EXPECT_EQ(-EAFNOSUPPORT, ask(self, prog));
		self->g->fib.p = (struct bpf_fib_lookup) { .family = AF_INET, .ifindex = 9999 };
		EXPECT_EQ(-ENODEV, ask(self, prog));
	}
	self->g->fib.plen = 1;
	EXPECT_EQ(-EINVAL, ask(self, "tc_fib"));
}

TEST_F(forward, fib_of_ipv6)
{
	static const char *const progs[] = { "tc_fib", "xdp_fib" };
	struct bpf_fib_lookup *p = &self->g->fib.p;
	const char *prog;
	int i;

	ASSERT_EQ(0, sh("ip -6 route add unreachable fd00:20::/64"));
	ASSERT_EQ(0, sh("ip -6 route add blackhole fd00:21::/64"));
	ASSERT_EQ(0, sh("ip -6 route add prohibit fd00:22::/64"));
	ASSERT_EQ(0, sh("ip -6 route add fd00:23::/64 via fd00:2::2"));
	sysctl_set("net/ipv6/conf/v1/forwarding", "0");
	EXPECT_EQ(BPF_FIB_LKUP_RET_FWD_DISABLED, fib6(self, "tc_fib", "fd00:2::2", 0, 0));
	sysctl_set("net/ipv6/conf/v1/forwarding", "1");
	EXPECT_EQ(BPF_FIB_LKUP_RET_NO_NEIGH, fib6(self, "tc_fib", "fd00:2::2", 0, 0));
	ASSERT_EQ(0, sh("ip -6 neigh add fd00:2::2 lladdr 02:00:00:00:00:13 dev w1"));
	for (i = 0; i < 2; i++) {
		prog = progs[i];
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, fib6(self, prog, "fd00:2::2", 0, 0));
		EXPECT_EQ(W1, p->ifindex);
		EXPECT_EQ(0, memcmp(p->dmac, w0_mac, 6));
		EXPECT_EQ(0, memcmp(p->smac, w1_mac, 6));
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, fib6(self, prog, "fd00:23::9", 0, 0));
		EXPECT_EQ(htonl(2), p->ipv6_dst[3]);
		EXPECT_EQ(BPF_FIB_LKUP_RET_UNREACHABLE, fib6(self, prog, "fd00:20::1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_BLACKHOLE, fib6(self, prog, "fd00:21::1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_PROHIBIT, fib6(self, prog, "fd00:22::1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_NOT_FWDED, fib6(self, prog, "fd00:1::2", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_NOT_FWDED, fib6(self, prog, "2001:db8::1", 0, 0));
		/* Of the link, and to many: not forwarded by anybody. */
		EXPECT_EQ(BPF_FIB_LKUP_RET_NOT_FWDED, fib6(self, prog, "fe80::1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_NOT_FWDED, fib6(self, prog, "ff02::1", 0, 0));
		EXPECT_EQ(BPF_FIB_LKUP_RET_FRAG_NEEDED, fib6(self, prog, "fd00:2::2", 0, 1501));
		EXPECT_EQ(1500, p->mtu_result);
		EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS,
			  fib6(self, prog, "fd00:2::9",
			       BPF_FIB_LOOKUP_SKIP_NEIGH | BPF_FIB_LOOKUP_SRC, 0));
		EXPECT_EQ(htonl(1), p->ipv6_src[3]);
		EXPECT_EQ(htonl(0xfd000002), p->ipv6_src[0]);
	}
}

/* Without a length of the program's the packet of a classifier counts; XDP checks none. */
TEST_F(forward, fib_of_a_long_packet)
{
	sysctl_set("net/ipv4/conf/v1/forwarding", "1");
	ASSERT_EQ(0, sh("ip neigh add 10.2.0.2 lladdr 02:00:00:00:00:13 dev w1; "
			"sysctl -q -w net.ipv6.conf.all.disable_ipv6=1; ip link set w1 mtu 100"));
	EXPECT_EQ(BPF_FIB_LKUP_RET_FRAG_NEEDED, fib4(self, "tc_fib", "10.2.0.2", 0, 0));
	EXPECT_EQ(100, self->g->fib.p.mtu_result);
	EXPECT_EQ(BPF_FIB_LKUP_RET_SUCCESS, fib4(self, "xdp_fib", "10.2.0.2", 0, 0));
	EXPECT_EQ(0, self->g->fib.p.mtu_result);
}

static int mtu(FIXTURE_DATA(forward) *self, const char *prog, __u32 ifindex, __u32 len, int diff,
	       __u64 flags)
{
	self->g->mtu = (struct mtu) { .ifindex = ifindex, .len = len, .diff = diff,
				      .flags = flags };
	return ask(self, prog);
}

TEST_F(forward, mtu_check)
{
	static const char *const progs[] = { "tc_mtu", "xdp_mtu" };
	const char *prog;
	int i;

	ASSERT_EQ(0, sh("ip link set w1 mtu 1300"));
	for (i = 0; i < 2; i++) {
		prog = progs[i];
		EXPECT_EQ(0, mtu(self, prog, 0, 0, 0, 0));
		EXPECT_EQ(1500, self->g->mtu.len);
		EXPECT_EQ(0, mtu(self, prog, W1, 0, 0, 0));
		EXPECT_EQ(1300, self->g->mtu.len);
		/* Exactly as long as may be, and a byte more. */
		EXPECT_EQ(0, mtu(self, prog, W1, 0, 1300 + 14 - PKT_LEN, 0));
		EXPECT_EQ(BPF_MTU_CHK_RET_FRAG_NEEDED,
			  mtu(self, prog, W1, 0, 1300 + 14 - PKT_LEN + 1, 0));
		/* A length of the program's is one of the network's, without link-layer header. */
		EXPECT_EQ(0, mtu(self, prog, W1, 1300, 0, 0));
		EXPECT_EQ(BPF_MTU_CHK_RET_FRAG_NEEDED, mtu(self, prog, W1, 1301, 0, 0));
		EXPECT_EQ(1300, self->g->mtu.len);
		EXPECT_EQ(0, mtu(self, prog, W1, 1301, -1, 0));
		EXPECT_EQ(-ENODEV, mtu(self, prog, 9999, 0, 0, 0));
		EXPECT_EQ(-EINVAL, mtu(self, prog, W1, 0, 0, 1 << 5));
	}
	EXPECT_EQ(0, mtu(self, "tc_mtu", W1, 0, 0, BPF_MTU_CHK_SEGS));
	EXPECT_EQ(-EINVAL, mtu(self, "tc_mtu", W1, 5, 0, BPF_MTU_CHK_SEGS));
	EXPECT_EQ(-EINVAL, mtu(self, "tc_mtu", W1, 0, 5, BPF_MTU_CHK_SEGS));
	EXPECT_EQ(-EINVAL, mtu(self, "xdp_mtu", W1, 0, 0, BPF_MTU_CHK_SEGS));
}

/* ------------------------------------------------------------------ tunnels */

/* A tunnel device at both ends that takes all from metadata. */
static void tunnel_make(struct __test_metadata *_metadata, FIXTURE_DATA(forward) *self,
			const char *type)
{
	ns_go(self->near);
	ASSERT_EQ(0, sh("ip link add t0 address 02:00:00:00:01:01 type %s", type));
	ASSERT_EQ(0, sh("ip addr add 10.50.0.1/24 dev t0 && ip link set t0 up"));
	ASSERT_EQ(0, sh("ip neigh add 10.50.0.2 lladdr 02:00:00:00:01:02 dev t0"));
	ASSERT_EQ(0, tc_attach(self->obj, "t0", BPF_TC_EGRESS, "tc_tunnel_set"));
	ns_go(self->mid);
	ASSERT_EQ(0, sh("ip link add t1 address 02:00:00:00:01:02 type %s", type));
	ASSERT_EQ(0, sh("ip addr add 10.50.0.2/24 dev t1 && ip link set t1 up"));
	ASSERT_EQ(0, tc_attach(self->obj, "t1", BPF_TC_INGRESS, "tc_tunnel_get"));
	self->g->tunnel.remote_ip4 = ntohl(inet_addr("10.1.0.2"));
	inet_pton(AF_INET6, "fd00:1::2", self->g->tunnel.remote_ip6);
}

static void tunnel_feed(struct __test_metadata *_metadata, FIXTURE_DATA(forward) *self)
{
	int fd = udp_open("10.50.0.2", PORT_OUTPUT), i;
	__u64 before = seen(self->obj, AT_TUNNEL, 0);

	ns_go(self->near);
	EXPECT_EQ(3, udp_send("10.50.0.2", PORT_OUTPUT, 3, 100));
	ns_go(self->mid);
	EXPECT_EQ(3, udp_recv(fd, 3));
	EXPECT_LE(before + 3, seen(self->obj, AT_TUNNEL, 0));
	EXPECT_EQ(42, self->g->tunnel.key.tunnel_id);
	EXPECT_EQ(64, self->g->tunnel.key.tunnel_ttl);
	for (i = 1; i < 20; i++) {
		EXPECT_EQ(0, seen(self->obj, AT_WRONG, i)) {
			TH_LOG("check %d", i);
		}
	}
	close(fd);
}

TEST_F(forward, tunnel_vxlan)
{
	tunnel_make(_metadata, self, "vxlan external dstport 4789");
	tunnel_feed(_metadata, self);
	EXPECT_EQ(ntohl(inet_addr("10.1.0.1")), self->g->tunnel.key.remote_ipv4);
	EXPECT_EQ(ntohl(inet_addr("10.1.0.2")), self->g->tunnel.key.local_ipv4);
	EXPECT_EQ(-ENOENT, self->g->tunnel.opt_ret);

	self->g->tunnel.set_flags = BPF_F_TUNINFO_IPV6;
	self->g->tunnel.get_flags = BPF_F_TUNINFO_IPV6;
	tunnel_feed(_metadata, self);
	EXPECT_EQ(htonl(1), self->g->tunnel.key.remote_ipv6[3]);
	EXPECT_EQ(htonl(2), self->g->tunnel.key.local_ipv6[3]);
}

TEST_F(forward, tunnel_geneve_with_options)
{
	static const unsigned char opt[8] = { 0x01, 0x02, 0x77, 1, 0xde, 0xad, 0xbe, 0xef };

	tunnel_make(_metadata, self, "geneve external");
	tunnel_feed(_metadata, self);
	memcpy(self->g->tunnel.opt, opt, sizeof(opt));
	self->g->tunnel.opt_len = 8;
	tunnel_feed(_metadata, self);
	EXPECT_EQ(8, self->g->tunnel.opt_ret);
	EXPECT_EQ(0, memcmp(opt, self->g->tunnel.opt, 8));
	EXPECT_EQ(0, self->g->tunnel.opt[8] | self->g->tunnel.opt[15]);
	self->g->tunnel.get_flags = BPF_F_TUNINFO_FLAGS;
	tunnel_feed(_metadata, self);
	EXPECT_NE(0, self->g->tunnel.key.tunnel_flags);
}

TEST_F(forward, no_tunnel)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN);

	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "tc_tunnel_none"), &opts));
	EXPECT_EQ(0, opts.retval);
}

/* ------------------------------------------------------------------ samples */

struct sample {
	int events;
	__u32 size;
	unsigned char data[8192];
};

static void on_sample(void *ctx, int cpu, void *data, __u32 size)
{
	struct sample *s = ctx;

	s->events++;
	s->size = size;
	memcpy(s->data, data, size < sizeof(s->data) ? size : sizeof(s->data));
}

TEST_F(forward, samples)
{
	static unsigned char big[6000];
	struct sample s = {};
	struct perf_buffer *pb = perf_buffer__new(net_map(self->obj, "events"), 8, on_sample, NULL,
						  &s, NULL);
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN);
	__u64 meta = 0x1122334455667788;
	int i;

	ASSERT_NE(NULL, pb);
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "tc_output"), &opts));
	EXPECT_EQ(0, opts.retval);
	EXPECT_EQ(1, perf_buffer__poll(pb, 1000));
	EXPECT_EQ(1, s.events);
	EXPECT_LE(8 + 60, s.size);
	EXPECT_EQ(0, memcmp(s.data, &meta, 8));
	EXPECT_EQ(0, memcmp(s.data + 8, self->pkt, 60));

	/* A packet in pieces, all of it. */
	for (i = 0; i < sizeof(big); i++)
		big[i] = i * 7;
	opts.data_in = big;
	opts.data_size_in = sizeof(big);
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_output"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	EXPECT_EQ(1, perf_buffer__poll(pb, 1000));
	EXPECT_EQ(2, s.events);
	EXPECT_LE(8 + sizeof(big), s.size);
	EXPECT_EQ(0, memcmp(s.data, &meta, 8));
	EXPECT_EQ(0, memcmp(s.data + 8, big, sizeof(big)));
	perf_buffer__free(pb);
}

/* ------------------------------------------------------------------ flow dissector */

TEST_F(forward, dissector_test_run)
{
	struct bpf_flow_keys keys = {}, in = { .flags = BPF_FLOW_DISSECTOR_F_STOP_AT_FLOW_LABEL };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN,
		    .data_out = &keys, .data_size_out = sizeof(keys));
	int prog = net_prog(self->obj, "dissect");

	packet(self->pkt, 4242);
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(BPF_OK, opts.retval);
	EXPECT_EQ(sizeof(keys), opts.data_size_out);
	EXPECT_EQ(ETH_HLEN, keys.nhoff);
	EXPECT_EQ(ETH_HLEN + 20, keys.thoff);
	EXPECT_EQ(htons(ETH_P_IP), keys.n_proto);
	EXPECT_EQ(ETH_P_IP, keys.addr_proto);
	EXPECT_EQ(inet_addr("10.1.0.1"), keys.ipv4_src);
	EXPECT_EQ(inet_addr("10.1.0.2"), keys.ipv4_dst);
	EXPECT_EQ(IPPROTO_UDP, keys.ip_proto);
	EXPECT_EQ(htons(4242), keys.dport);
	EXPECT_EQ(0, keys.flow_label);

	opts.ctx_in = &in;
	opts.ctx_size_in = sizeof(in);
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(0x12345, keys.flow_label);
	in.nhoff = 1;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	in.nhoff = 0;
	opts.ctx_in = NULL;
	opts.ctx_size_in = 0;
	self->pkt[23] = IPPROTO_TCP;
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(BPF_FLOW_DISSECTOR_CONTINUE, opts.retval);
}

TEST_F(forward, dissector_of_a_namespace)
{
	int ns, link;

	ASSERT_EQ(0, tc_attach(self->obj, "v1", BPF_TC_INGRESS, "tc_hash"));
	ns_go(self->near);
	EXPECT_EQ(CNT, udp_send("10.1.0.2", PORT_DISSECT, CNT, 100));
	ns_go(self->mid);
	EXPECT_EQ(0, seen(self->obj, AT_DISSECTOR, PORT_DISSECT));
	ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	link = bpf_link_create(net_prog(self->obj, "dissect"), ns, BPF_FLOW_DISSECTOR, NULL);
	ASSERT_LT(0, link);
	ns_go(self->near);
	EXPECT_EQ(CNT, udp_send("10.1.0.2", PORT_DISSECT, CNT, 100));
	ns_go(self->mid);
	EXPECT_LE(CNT, seen_wait(self->obj, AT_DISSECTOR, PORT_DISSECT, CNT));
	EXPECT_EQ(0, seen(self->obj, AT_WRONG, 20));
	close(link);
	close(ns);
}

TEST_HARNESS_MAIN
