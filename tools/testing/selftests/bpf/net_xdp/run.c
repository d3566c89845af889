// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_PROG_TEST_RUN where it does more than one packet of one page: live frames of XDP, packets in
 * pieces of XDP and tc, complete checksums. Packets in pieces come from a real device, too.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "run.h"

#define PKT_LEN 142

FIXTURE(run)
{
	struct bpf_object *obj;
	int near, far, end;
	unsigned char pkt[PKT_LEN];
	unsigned char big[1 << 17];
	unsigned char back[1 << 14];
};

/* A UDP packet to v1. */
static void packet(unsigned char *pkt)
{
	struct ethhdr *eth = (void *)pkt;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	unsigned short *words = (void *)ip;
	unsigned int sum = 0, i;

	memset(pkt, FILL, PKT_LEN);
	*eth = (struct ethhdr) { .h_dest = { 2, 0, 0, 0, 0, 0x11 },
				 .h_source = { 2, 0, 0, 0, 0, 0x10 },
				 .h_proto = htons(ETH_P_IP) };
	*ip = (struct iphdr) { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			       .tot_len = htons(PKT_LEN - sizeof(*eth)),
			       .saddr = inet_addr("10.1.0.1"), .daddr = inet_addr("10.1.0.2") };
	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
	*udp = (struct udphdr) { .source = htons(1), .dest = htons(PORT_LIVE),
				 .len = htons(PKT_LEN - sizeof(*eth) - sizeof(*ip)) };
}

FIXTURE_SETUP(run)
{
	int i;

	self->obj = net_object("run");
	ASSERT_NE(NULL, self->obj);
	self->end = ns_new();
	self->far = ns_new();
	ASSERT_LT(0, self->far);
	ASSERT_EQ(0, veth_pair("w1", W1, "w0", W0, self->end, 2));
	self->near = ns_new();
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->far, 1));
	ASSERT_EQ(0, xdp_attach(self->obj, V0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ns_go(self->end);
	ASSERT_EQ(0, xdp_attach(self->obj, W0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ns_go(self->far);
	packet(self->pkt);
	for (i = 0; i < sizeof(self->big); i++)
		self->big[i] = i;
}

FIXTURE_TEARDOWN(run)
{
	bpf_object__close(self->obj);
}

/* ------------------------------------------------------------------ live frames */

#define REPEAT 1000

#define LIVE_OPTS(_action)							\
	struct xdp_md ctx = { .ingress_ifindex = V1, .data_end = PKT_LEN };	\
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN, \
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .repeat = REPEAT, \
		    .flags = BPF_F_TEST_XDP_LIVE_FRAMES);			\
	int prog = net_prog(self->obj, "xdp_live");				\
	struct globals *g = globals(self->obj);					\
										\
	ASSERT_NE(NULL, g);							\
	g->action = (_action)

static struct globals *globals(struct bpf_object *obj)
{
	void *at = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
			net_map(obj, ".bss"), 0);

	return at == MAP_FAILED ? NULL : at;
}

#define EXPECT_RUNS()							\
	do {								\
		EXPECT_EQ(REPEAT, g->runs);				\
		EXPECT_EQ(V1, g->ifindex);				\
		EXPECT_EQ(0, g->queue);					\
		EXPECT_EQ(0, g->changed);				\
		EXPECT_EQ(0, opts.retval);				\
	} while (0)

TEST_F(run, live_drop)
{
	LIVE_OPTS(XDP_DROP);
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_RUNS();
	g->runs = 0;
	opts.batch_size = 256;
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_RUNS();
	g->runs = 0;
	opts.repeat = 0;
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(1, g->runs);
}

TEST_F(run, live_pass)
{
	int fd = udp_open("10.1.0.2", PORT_LIVE), size = 16 << 20;

	LIVE_OPTS(XDP_PASS);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_RUNS();
	EXPECT_EQ(REPEAT, udp_recv(fd, REPEAT));
}

TEST_F(run, live_tx)
{
	LIVE_OPTS(XDP_TX);
	opts.batch_size = 32;
	opts.repeat = 200;
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(200, seen_wait(self->obj, V0, PORT_LIVE, 200));
}

TEST_F(run, live_redirect)
{
	__u32 key = 0, dev = W1;

	LIVE_OPTS(TO_DEV);
	opts.repeat = 200;
	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "out"), &key, &dev, 0));
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(200, seen_wait(self->obj, W0, PORT_LIVE, 200));
	EXPECT_EQ(0, seen(self->obj, V0, PORT_LIVE));
}

TEST_F(run, live_to_a_cpu)
{
	struct bpf_cpumap_val val = { .qsize = 2048 };
	int fd = udp_open("10.1.0.2", PORT_LIVE), size = 16 << 20;
	__u32 cpu = 1;

	LIVE_OPTS(TO_CPU);
	setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof(size));
	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "cpus"), &cpu, &val, 0));
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_RUNS();
	EXPECT_EQ(REPEAT, udp_recv(fd, REPEAT));
}

TEST_F(run, live_metadata)
{
	LIVE_OPTS(XDP_DROP);
	memmove(self->big + 8, self->pkt, PKT_LEN);
	opts.data_in = self->big;
	opts.data_size_in = PKT_LEN + 8;
	ctx.data = 8;
	ctx.data_end = PKT_LEN + 8;
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_RUNS();
	EXPECT_EQ(8, g->meta);
}

TEST_F(run, live_errors)
{
	LIVE_OPTS(XDP_DROP);
	opts.batch_size = 257;
	EXPECT_EQ(-E2BIG, bpf_prog_test_run_opts(prog, &opts));
	opts.batch_size = 0;
	opts.data_out = self->back;
	opts.data_size_out = sizeof(self->back);
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.data_out = NULL;
	opts.data_size_out = 0;
	opts.ctx_out = &ctx;
	opts.ctx_size_out = sizeof(ctx);
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.ctx_out = NULL;
	opts.ctx_size_out = 0;
	opts.data_in = self->big;
	opts.data_size_in = BIG;
	ctx.data_end = BIG;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_pieces"), &opts));
	opts.data_size_in = PKT_LEN;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));	/* data_end is elsewhere */
	ctx.data_end = PKT_LEN;
	ctx.ingress_ifindex = 9999;
	EXPECT_EQ(-ENODEV, bpf_prog_test_run_opts(prog, &opts));
	ctx.ingress_ifindex = V1;
	ctx.rx_queue_index = 999;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	ctx.rx_queue_index = 0;
	opts.flags |= BPF_F_TEST_RUN_ON_CPU;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.flags = 0;
	opts.batch_size = 8;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	/* Not a live frame of all these was made. */
	EXPECT_EQ(0, g->runs);
}

/* ------------------------------------------------------------------ packets in pieces */

#define BIG_OPTS()								\
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->big, .data_size_in = BIG, \
		    .data_out = self->back, .data_size_out = sizeof(self->back))

TEST_F(run, pieces)
{
	int i, differ = 0;

	BIG_OPTS();
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_pieces"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	ASSERT_EQ(BIG, opts.data_size_out);
	for (i = 0; i < BIG; i++)
		differ += self->back[i] != self->big[i];
	EXPECT_EQ(16, differ);

	opts.data_size_out = 5000;
	EXPECT_EQ(-ENOSPC, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_pieces"), &opts));
	EXPECT_EQ(BIG, opts.data_size_out);
}

TEST_F(run, pieces_shrink)
{
	BIG_OPTS();
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_shrink"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	EXPECT_EQ(BIG - SHRINK, opts.data_size_out);
	EXPECT_EQ(0, memcmp(self->big, self->back, BIG - SHRINK));
	opts.data_size_out = sizeof(self->back);
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_shrink_all"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	EXPECT_EQ(110, opts.data_size_out);
}

TEST_F(run, pieces_grow)
{
	BIG_OPTS();
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_grow"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	EXPECT_EQ(BIG + 4, opts.data_size_out);
	EXPECT_EQ(0, memcmp(self->big, self->back, BIG));
	EXPECT_EQ(0, self->back[BIG] | self->back[BIG + 3]);
}

TEST_F(run, pieces_errors)
{
	BIG_OPTS();
	/* A program that takes the first piece for the packet. */
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_whole"), &opts));
	opts.data_size_in = sizeof(self->big);
	EXPECT_EQ(-ENOMEM, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_pieces"), &opts));
	EXPECT_EQ(-ENOMEM, bpf_prog_test_run_opts(net_prog(self->obj, "tc_pieces"), &opts));
	/* The last page of it is not there. */
	opts.data_in = (void *)0x1000;
	opts.data_size_in = BIG;
	EXPECT_EQ(-EFAULT, bpf_prog_test_run_opts(net_prog(self->obj, "xdp_pieces"), &opts));
}

TEST_F(run, pieces_tc)
{
	BIG_OPTS();
	/* An unknown protocol: the link-layer header tells nothing that matters here. */
	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "tc_pieces"), &opts));
	EXPECT_EQ(0, opts.retval);
	EXPECT_EQ(BIG, opts.data_size_out);
	EXPECT_EQ(0, memcmp(self->big, self->back, BIG));
}

static void send_big(struct __test_metadata *_metadata, FIXTURE_DATA(run) *self, __u32 mode)
{
	int fd = udp_open("10.1.0.2", PORT_BIG), len = 8000, prog, before;

	prog = net_prog(self->obj, "xdp_pieces_count");
	ns_go(self->near);
	ASSERT_EQ(0, bpf_xdp_detach(V0, XDP_FLAGS_DRV_MODE, NULL));
	ASSERT_EQ(0, sh("ip link set v0 mtu 9000"));
	ns_go(self->far);
	ASSERT_EQ(0, sh("ip link set v1 mtu 9000"));
	before = seen(self->obj, mode == XDP_FLAGS_DRV_MODE, len + 42);
	ASSERT_EQ(0, bpf_xdp_attach(V1, prog, mode, NULL));
	ns_go(self->near);
	EXPECT_EQ(5, udp_send("10.1.0.2", PORT_BIG, 5, len));
	ns_go(self->far);
	EXPECT_EQ(5, udp_recv(fd, 5));
	EXPECT_EQ(before + 5, seen(self->obj, mode == XDP_FLAGS_DRV_MODE, len + 42));
	ASSERT_EQ(0, bpf_xdp_detach(V1, mode, NULL));
	close(fd);
}

TEST_F(run, pieces_from_a_device)
{
	send_big(_metadata, self, XDP_FLAGS_DRV_MODE);
}

/* A device with long packets refuses a program that does not know pieces. */
TEST_F(run, whole_on_a_device_of_long_packets)
{
	ns_go(self->near);
	ASSERT_EQ(0, bpf_xdp_detach(V0, XDP_FLAGS_DRV_MODE, NULL));
	ASSERT_EQ(0, sh("ip link set v0 mtu 9000"));
	ns_go(self->far);
	ASSERT_EQ(0, sh("ip link set v1 mtu 9000"));
	EXPECT_EQ(-ERANGE, xdp_attach(self->obj, V1, "xdp_whole", XDP_FLAGS_DRV_MODE));
}

/* ------------------------------------------------------------------ checksums */

TEST_F(run, complete_checksum)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN,
		    .flags = BPF_F_TEST_SKB_CHECKSUM_COMPLETE);

	ASSERT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "tc_store_right"), &opts));
	EXPECT_EQ(0, opts.retval);
	EXPECT_EQ(-EBADMSG, bpf_prog_test_run_opts(net_prog(self->obj, "tc_store_wrong"), &opts));
	opts.flags = 0;
	EXPECT_EQ(0, bpf_prog_test_run_opts(net_prog(self->obj, "tc_store_wrong"), &opts));
}

TEST_HARNESS_MAIN
