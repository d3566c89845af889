// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers that change packets, by test runs. Programs that say so are run once more on a packet
 * with a complete checksum, which has to be right in the end, and on one in pieces.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/udp.h>

#include "kselftest_harness.h"
#include "net/net.h"

#define PKT_LEN 142

FIXTURE(mangle)
{
	struct bpf_object *obj;
	unsigned char in[PKT_LEN], out[4096];
};

static __u32 sum(const void *data, int len, __u32 start)
{
	const unsigned short *words = data;
	__u64 total = start;
	int i;

	for (i = 0; i < len / 2; i++)
		total += words[i];
	while (total >> 16)
		total = (total & 0xffff) + (total >> 16);
	return total;
}

/* What a receiver sums up over the header, and over the datagram: all ones where they are right. */
static __u32 ip_sum(const unsigned char *pkt)
{
	return sum(pkt + ETH_HLEN, sizeof(struct iphdr), 0);
}

static __u32 udp_sum(const unsigned char *pkt)
{
	const struct iphdr *ip = (void *)(pkt + ETH_HLEN);
	int len = PKT_LEN - ETH_HLEN - sizeof(*ip);

	return sum(ip + 1, len, sum(&ip->saddr, 8, htons(IPPROTO_UDP) + htons(len)));
}

static void packet(unsigned char *pkt)
{
	struct ethhdr *eth = (void *)pkt;
	struct iphdr *ip = (void *)(eth + 1);
	struct udphdr *udp = (void *)(ip + 1);

	memset(pkt, 0x5a, PKT_LEN);
	*eth = (struct ethhdr) { .h_dest = { 2 }, .h_source = { 4 }, .h_proto = htons(ETH_P_IP) };
	*ip = (struct iphdr) { .version = 4, .ihl = 5, .ttl = 64, .protocol = IPPROTO_UDP,
			       .tot_len = htons(PKT_LEN - sizeof(*eth)),
			       .saddr = inet_addr("10.1.0.1"), .daddr = inet_addr("10.1.0.2") };
	ip->check = ~ip_sum(pkt);
	*udp = (struct udphdr) { .source = htons(1), .dest = htons(2),
				 .len = htons(PKT_LEN - sizeof(*eth) - sizeof(*ip)) };
	udp->check = ~udp_sum(pkt);
}

FIXTURE_SETUP(mangle)
{
	self->obj = net_object("mangle");
	ASSERT_NE(NULL, self->obj);
	packet(self->in);
	ASSERT_EQ(0xffff, ip_sum(self->in));
	ASSERT_EQ(0xffff, udp_sum(self->in));
}

FIXTURE_TEARDOWN(mangle)
{
	bpf_object__close(self->obj);
}

static int run(FIXTURE_DATA(mangle) *self, const char *prog, __u32 flags, __u32 *len)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->in, .data_size_in = PKT_LEN,
		    .data_out = self->out, .data_size_out = sizeof(self->out), .flags = flags);
	int err = bpf_prog_test_run_opts(net_prog(self->obj, prog), &opts);

	*len = opts.data_size_out;
	return err ?: (int)opts.retval;
}

#define COMPLETE BPF_F_TEST_SKB_CHECKSUM_COMPLETE

/* @delta: bytes that the program leaves more; @same: the packet comes out as it went in. */
#define CHECK(_name, _flags, _delta, _same)					\
TEST_F(mangle, _name)								\
{										\
	__u32 len;								\
										\
	EXPECT_EQ(0, run(self, #_name, 0, &len));				\
	EXPECT_EQ(PKT_LEN + (_delta), len);					\
	if (_same)								\
		EXPECT_EQ(0, memcmp(self->in, self->out, PKT_LEN));		\
	if (_flags)								\
		EXPECT_EQ(0, run(self, #_name, _flags, &len));			\
}

CHECK(vlan, COMPLETE, 0, true)
CHECK(proto, 0, 0, false)
CHECK(head, COMPLETE, 8, false)
CHECK(tail, COMPLETE, 50 - PKT_LEN, false)
CHECK(room_errors, COMPLETE, 0, true)
CHECK(room_net, COMPLETE, 0, true)
CHECK(room_ipip, 0, 0, true)
CHECK(room_ip6, 0, 0, true)
CHECK(room_gre, 0, 0, true)
CHECK(room_udp, 0, 0, true)
CHECK(room_eth, 0, 0, true)
CHECK(bytes, COMPLETE, 0, false)
CHECK(csum_mangled, 0, 0, false)
CHECK(csum_diff, 0, 0, true)
CHECK(csum_none, 0, 0, true)
CHECK(about, COMPLETE, 0, true)

/* The receiver finds both sums right, and so does a device that summed up everything. */
TEST_F(mangle, csum_replace)
{
	__u32 len;

	EXPECT_EQ(0, run(self, "csum_replace", 0, &len));
	EXPECT_EQ(0xffff, ip_sum(self->out));
	EXPECT_EQ(0xffff, udp_sum(self->out));
	EXPECT_EQ(inet_addr("10.11.12.13"), *(__u32 *)(self->out + ETH_HLEN + 16));
	EXPECT_EQ(0, run(self, "csum_replace", COMPLETE, &len));
	EXPECT_EQ(0xffff, udp_sum(self->out));
}

TEST_F(mangle, csum_by_hand)
{
	__u32 len;

	EXPECT_EQ(2, run(self, "csum_by_hand", 0, &len));
	EXPECT_EQ(0, run(self, "csum_by_hand", COMPLETE, &len));
}

TEST_F(mangle, ecn)
{
	__u32 len;

	EXPECT_EQ(0, run(self, "ecn", 0, &len));
	EXPECT_EQ(0xffff, ip_sum(self->out));
	EXPECT_EQ(0xffff, udp_sum(self->out));
}

TEST_HARNESS_MAIN
