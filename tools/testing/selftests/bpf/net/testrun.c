// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_TEST_RUN of packet programs, and with it their contexts and helpers. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "kselftest_harness.h"

#define PKT_LEN 100

static void checksum(struct iphdr *ip)
{
	unsigned short *words = (unsigned short *)ip;
	unsigned int sum = 0, i;

	ip->check = 0;
	for (i = 0; i < sizeof(*ip) / 2; i++)
		sum += words[i];
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	ip->check = ~sum;
}

/* A UDP packet from and to localhost. */
static void packet(unsigned char *pkt)
{
	struct ethhdr *eth = (void *)pkt;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);
	int i;

	for (i = 0; i < PKT_LEN; i++)
		pkt[i] = i + 1;
	memset(pkt, 0, sizeof(*eth));
	eth->h_dest[0] = 2;
	eth->h_source[0] = 4;
	eth->h_proto = htons(ETH_P_IP);
	*ip = (struct iphdr) { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			       .tot_len = htons(PKT_LEN - sizeof(*eth)),
			       .saddr = htonl(INADDR_LOOPBACK), .daddr = htonl(INADDR_LOOPBACK) };
	checksum(ip);
	*udp = (struct udphdr) { .source = htons(1), .dest = htons(2),
				 .len = htons(PKT_LEN - sizeof(*eth) - sizeof(*ip)) };
}

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE(run)
{
	struct bpf_object *skb;
	struct bpf_object *xdp;
	unsigned char in[PKT_LEN];
	unsigned char out[4096];
};

static struct bpf_object *object(const char *name)
{
	char path[512];
	struct bpf_object *obj;

	snprintf(path, sizeof(path), "%s/%s", getenv("O") ?: ".", name);
	obj = bpf_object__open_file(path, NULL);
	if (!obj || bpf_object__load(obj))
		return NULL;
	return obj;
}

FIXTURE_SETUP(run)
{
	libbpf_set_print(quiet);
	self->skb = object("skb.bpf.o");
	self->xdp = object("xdp.bpf.o");
	ASSERT_NE(NULL, self->skb);
	ASSERT_NE(NULL, self->xdp);
	packet(self->in);
}

FIXTURE_TEARDOWN(run)
{
	bpf_object__close(self->skb);
	bpf_object__close(self->xdp);
}

static int prog_fd(struct bpf_object *obj, const char *name)
{
	return bpf_program__fd(bpf_object__find_program_by_name(obj, name));
}

#define OPTS(...) LIBBPF_OPTS(bpf_test_run_opts, opts,				\
	.data_in = self->in, .data_size_in = PKT_LEN,				\
	.data_out = self->out, .data_size_out = sizeof(self->out), ##__VA_ARGS__)

/* Each of these programs says itself whether all was right. */
#define SELF_CHECKING(name)							\
TEST_F(run, name)								\
{										\
	OPTS();									\
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_" #name), &opts));	\
	EXPECT_EQ(0, opts.retval);						\
	EXPECT_EQ(PKT_LEN, opts.data_size_out);					\
}

SELF_CHECKING(bytes)
SELF_CHECKING(vlan)
SELF_CHECKING(encap)
SELF_CHECKING(resize)
SELF_CHECKING(meta)
SELF_CHECKING(socket)
SELF_CHECKING(filter)

TEST_F(run, fields)
{
	struct __sk_buff ctx = { .mark = 42, .priority = 7, .cb = { 1, 2, 3, 4, 5 }, .tstamp = 1234,
				 .hwtstamp = 99 };
	OPTS(.ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .ctx_out = &ctx,
	     .ctx_size_out = sizeof(ctx));

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_fields"), &opts));
	EXPECT_EQ(0, opts.retval);
	EXPECT_EQ(43, ctx.mark);
	EXPECT_EQ(8, ctx.priority);
	EXPECT_EQ(22, ctx.cb[1]);
	EXPECT_EQ(4321, ctx.tstamp);
	EXPECT_EQ(sizeof(ctx), opts.ctx_size_out);
}

TEST_F(run, direct_access)
{
	OPTS();

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_direct"), &opts));
	EXPECT_EQ(0, opts.retval);
	EXPECT_EQ(0x77, self->out[5]);
	EXPECT_EQ(0, memcmp(self->in + 6, self->out + 6, PKT_LEN - 6));
}

static void check_nat(struct __test_metadata *_metadata, unsigned char *out)
{
	struct iphdr *ip = (void *)(out + ETH_HLEN), want = *ip;

	EXPECT_EQ(htonl(0x0a0b0c0d), ip->daddr);
	checksum(&want);
	EXPECT_EQ(want.check, ip->check);
}

TEST_F(run, nat)
{
	OPTS();

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_nat"), &opts));
	EXPECT_EQ(0, opts.retval);
	check_nat(_metadata, self->out);
}

TEST_F(run, nat_by_difference)
{
	OPTS();

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_nat_diff"), &opts));
	EXPECT_EQ(0, opts.retval);
	check_nat(_metadata, self->out);
}

TEST_F(run, socket_lookup)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct __sk_buff ctx = {};
	socklen_t len = sizeof(at);
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	OPTS(.ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	ASSERT_EQ(0, bind(fd, (void *)&at, sizeof(at)));
	ASSERT_EQ(0, getsockname(fd, (void *)&at, &len));
	ctx.mark = ntohs(at.sin_port);
	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_lookup"), &opts));
	EXPECT_EQ(0, opts.retval);
	close(fd);
}

TEST_F(run, repeat_and_duration)
{
	OPTS(.repeat = 1000);

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_direct"), &opts));
	EXPECT_EQ(0, opts.retval);
	EXPECT_LT(0, opts.duration);
}

TEST_F(run, output_cut_off)
{
	OPTS();

	opts.data_size_out = 20;
	memset(self->out, 0xaa, sizeof(self->out));
	EXPECT_EQ(-ENOSPC, bpf_prog_test_run_opts(prog_fd(self->skb, "tc_direct"), &opts));
	EXPECT_EQ(PKT_LEN, opts.data_size_out);
	EXPECT_EQ(0x77, self->out[5]);
	EXPECT_EQ(0xaa, self->out[20]);

	opts.data_size_out = 20;
	EXPECT_EQ(-ENOSPC, bpf_prog_test_run_opts(prog_fd(self->xdp, "xdp_swap"), &opts));
	EXPECT_EQ(PKT_LEN, opts.data_size_out);
	EXPECT_EQ(XDP_TX, opts.retval);
}

TEST_F(run, bad_input)
{
	/* more than the pieces of a packet hold */
	static unsigned char long_packet[1 << 20];
	struct __sk_buff ctx = {};
	unsigned char big[sizeof(ctx) + 8] = {};
	int fd = prog_fd(self->skb, "tc_direct");
	OPTS();

	opts.data_size_in = ETH_HLEN - 1;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	opts.data_in = long_packet;
	opts.data_size_in = sizeof(long_packet);
	EXPECT_EQ(-ENOMEM, bpf_prog_test_run_opts(fd, &opts));
	opts.data_size_in = PKT_LEN;
	opts.data_in = (void *)8;
	EXPECT_EQ(-EFAULT, bpf_prog_test_run_opts(fd, &opts));
	opts.data_in = self->in;
	opts.flags = 1 << 30;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	opts.flags = 0;
	opts.batch_size = 1;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	opts.batch_size = 0;

	/* A field that a caller may not set, and bytes that the kernel does not know. */
	ctx.len = 1;
	opts.ctx_in = &ctx;
	opts.ctx_size_in = sizeof(ctx);
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	opts.ctx_in = big;
	opts.ctx_size_in = sizeof(big);
	EXPECT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	big[sizeof(ctx) + 3] = 1;
	EXPECT_EQ(-E2BIG, bpf_prog_test_run_opts(fd, &opts));
}

TEST_F(run, xdp_swap)
{
	OPTS();

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->xdp, "xdp_swap"), &opts));
	EXPECT_EQ(XDP_TX, opts.retval);
	EXPECT_EQ(0, memcmp(self->in, self->out + 6, 6));
	EXPECT_EQ(0, memcmp(self->in + 6, self->out, 6));
}

TEST_F(run, xdp_adjust)
{
	struct xdp_md ctx = { .data_end = PKT_LEN };
	OPTS(.ctx_in = &ctx, .ctx_size_in = sizeof(ctx), .ctx_out = &ctx,
	     .ctx_size_out = sizeof(ctx));
	__u64 meta;

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->xdp, "xdp_adjust"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	EXPECT_EQ(0, ctx.data_meta);
	EXPECT_EQ(8, ctx.data);
	EXPECT_EQ(8 + 4 + PKT_LEN - 2, ctx.data_end);
	EXPECT_EQ(ctx.data_end, opts.data_size_out);
	memcpy(&meta, self->out, sizeof(meta));
	EXPECT_EQ(0x1122334455667788, meta);
	EXPECT_EQ(0, memcmp(self->in, self->out + 12, PKT_LEN - 2));
}

TEST_F(run, xdp_bytes)
{
	OPTS();

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->xdp, "xdp_bytes"), &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	EXPECT_EQ(0xee, self->out[PKT_LEN - 2]);
}

TEST_F(run, xdp_context)
{
	struct xdp_md ctx = { .data = 4, .data_end = PKT_LEN };
	int fd = prog_fd(self->xdp, "xdp_context");
	OPTS(.ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(XDP_PASS, opts.retval);
	ctx.data = 3;		/* metadata comes in words */
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	ctx.data = 0;
	ctx.data_end = PKT_LEN - 1;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	ctx.data_end = PKT_LEN;
	ctx.ingress_ifindex = 9999;
	EXPECT_EQ(-ENODEV, bpf_prog_test_run_opts(fd, &opts));
	/* Live frames leave nothing to give back. */
	ctx.ingress_ifindex = 1;
	opts.flags = BPF_F_TEST_XDP_LIVE_FRAMES;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
}

/* Without a device in the slot the action that the program named. */
TEST_F(run, xdp_redirect_to_nothing)
{
	OPTS();

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog_fd(self->xdp, "xdp_redirect"), &opts));
	EXPECT_EQ(XDP_DROP, opts.retval);
}

TEST_HARNESS_MAIN
