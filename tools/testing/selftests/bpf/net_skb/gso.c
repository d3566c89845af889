// SPDX-License-Identifier: GPL-2.0
/*
 * Packets of many segments through a tunnel that programs make with bpf_skb_adjust_room().
 *
 * v0 in the first namespace sends, and puts packets into the tunnel; v1 and w1 are in the second,
 * which routes; w0 in the third receives. w1 takes no long packets, so the stack cuts them up
 * there: with the tunnel around them, or behind its end, where what is left must be as if none had
 * been.
 */
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "gso.h"

#define BYTES (512 << 10)

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

FIXTURE(gso)
{
	struct bpf_object *obj;
	struct globals *g;
	int near, mid, far;
};

FIXTURE_VARIANT(gso)
{
	__u64 flags;
	bool at_far;	/* where the tunnel ends */
};

FIXTURE_VARIANT_ADD(gso, ends_on_the_way)
{
};

FIXTURE_VARIANT_ADD(gso, ends_at_the_end)
{
	.at_far = true,
};

FIXTURE_VARIANT_ADD(gso, fixed_ends_on_the_way)
{
	.flags = BPF_F_ADJ_ROOM_FIXED_GSO,
};

FIXTURE_VARIANT_ADD(gso, fixed_ends_at_the_end)
{
	.flags = BPF_F_ADJ_ROOM_FIXED_GSO, .at_far = true,
};

static int tc_attach(struct bpf_object *obj, int ifindex, enum bpf_tc_attach_point where,
		     const char *prog)
{
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = ifindex, .attach_point = where);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(obj, prog));
	int err = bpf_tc_hook_create(&hook);

	if (err && err != -EEXIST)
		return err;
	return bpf_tc_attach(&hook, &opts);
}

FIXTURE_SETUP(gso)
{
	self->obj = net_object("gso");
	ASSERT_NE(NULL, self->obj);
	self->g = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		       net_map(self->obj, ".bss"), 0);
	ASSERT_NE(MAP_FAILED, self->g);
	self->g->flags = variant->flags;
	self->g->to = inet_addr(variant->at_far ? "10.2.0.2" : "10.1.0.2");
	self->g->frame = 1514;
	self->far = ns_new();
	ASSERT_LT(0, self->far);
	self->mid = ns_new();
	ASSERT_LT(0, self->mid);
	ASSERT_EQ(0, veth_pair("w1", W1, "w0", W0, self->far, 2));
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->mid, 1));
	ASSERT_EQ(0, sh("ip route add 10.2.0.0/16 via 10.1.0.2"));
	ASSERT_EQ(0, tc_attach(self->obj, V0, BPF_TC_EGRESS, "tc_encap"));

	ns_go(self->mid);
	ASSERT_EQ(0, sysctl_set("net/ipv4/ip_forward", "1"));
	ASSERT_EQ(0, sh("ip link set w1 gso_max_size 1000"));
	ASSERT_EQ(0, tc_attach(self->obj, W1, BPF_TC_EGRESS, "tc_leave"));
	if (!variant->at_far)
		ASSERT_EQ(0, tc_attach(self->obj, V1, BPF_TC_INGRESS, "tc_decap"));

	ns_go(self->far);
	/* A single segment that is as long as may be has no room for a tunnel. */
	ASSERT_EQ(0, sh("ip route add 10.1.0.0/16 via 10.2.0.1 advmss 1400"));
	ASSERT_EQ(0, tc_attach(self->obj, W0, BPF_TC_INGRESS,
			       variant->at_far ? "tc_end_decap" : "tc_end"));
}

FIXTURE_TEARDOWN(gso)
{
	bpf_object__close(self->obj);
}

static unsigned char byte_at(int i)
{
	return i ^ i >> 8 ^ i >> 16;
}

/* Sends BYTES bytes from the first namespace; 0 if all went out. */
static int tcp_send(void)
{
	struct sockaddr_in to = addr4("10.2.0.2", PORT);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), i, n;
	static unsigned char buf[BYTES];

	for (i = 0; i < BYTES; i++)
		buf[i] = byte_at(i);
	if (connect(fd, (void *)&to, sizeof(to)))
		return -errno;
	for (i = 0; i < BYTES; i += n) {
		n = send(fd, buf + i, BYTES - i, MSG_NOSIGNAL);
		if (n <= 0)
			return -errno;
	}
	return close(fd);
}

/* Bytes that came before the end, or the first wrong one, negative. */
static int tcp_receive(int fd)
{
	static unsigned char buf[1 << 16];
	int got = 0, i, n;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		for (i = 0; i < n; i++) {
			if (buf[i] != byte_at(got + i))
				return -(got + i);
		}
		got += n;
	}
	return got;
}

static void expect_nothing_wrong(struct __test_metadata *_metadata, struct bpf_object *obj)
{
	struct { __u32 what, where; } key = {}, next;
	int map = net_map(obj, "seen");
	void *prev = NULL;

	while (!bpf_map_get_next_key(map, prev, &next)) {
		EXPECT_NE(AT_WRONG, next.where) TH_LOG("error %u", next.what);
		EXPECT_NE(AT_LONG, next.where) TH_LOG("%u bytes", next.what);
		key = next;
		prev = &key;
	}
}

TEST_F(gso, tcp)
{
	struct sockaddr_in at = addr4("10.2.0.2", PORT);
	struct timeval wait = { .tv_sec = 20 * SLOW };
	int listener, fd, status = -1;
	pid_t pid;

	self->g->proto = IPPROTO_TCP;
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, bind(listener, (void *)&at, sizeof(at)));
	ASSERT_EQ(0, listen(listener, 1));
	setsockopt(listener, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	pid = fork();
	ASSERT_LE(0, pid);
	if (!pid) {
		ns_go(self->near);
		_exit(tcp_send() ? 1 : 0);
	}
	fd = accept(listener, NULL, NULL);
	ASSERT_LE(0, fd);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	EXPECT_EQ(BYTES, tcp_receive(fd));
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
	close(fd);
	close(listener);

	/* Long packets went in, and at the other side of w1 there was none any more. */
	EXPECT_LT(0, seen(self->obj, AT_ENCAP, 1));
	EXPECT_LT(0, seen(self->obj, AT_LEAVE, 1));
	EXPECT_EQ(0, seen(self->obj, AT_END, 1));
	EXPECT_LT(seen(self->obj, AT_ENCAP, 1), seen(self->obj, AT_END, 0));
	if (!variant->at_far)
		EXPECT_LT(0, seen(self->obj, AT_DECAP, 1));
	expect_nothing_wrong(_metadata, self->obj);
}

#define DGRAMS	12
#define DGRAM	1000

/* Datagrams that are sent as one packet: they stay what they are, so only FIXED_GSO will do. */
TEST_F(gso, udp)
{
	struct sockaddr_in to = addr4("10.2.0.2", PORT);
	int fd, out, size = DGRAM, i;
	char buf[DGRAMS * DGRAM];

	if (!variant->flags)
		SKIP(return, "datagrams cannot be made shorter");
	self->g->proto = IPPROTO_UDP;
	fd = udp_open("10.2.0.2", PORT);
	ASSERT_LE(0, fd);
	ns_go(self->near);
	out = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_EQ(0, setsockopt(out, IPPROTO_UDP, UDP_SEGMENT, &size, sizeof(size)));
	for (i = 0; i < sizeof(buf); i++)
		buf[i] = i / DGRAM;
	ASSERT_EQ(sizeof(buf), sendto(out, buf, sizeof(buf), 0, (void *)&to, sizeof(to)));
	ns_go(self->far);
	for (i = 0; i < DGRAMS; i++) {
		EXPECT_EQ(DGRAM, recv(fd, buf, sizeof(buf), 0));
		EXPECT_EQ(i, buf[0]);
		EXPECT_EQ(i, buf[DGRAM - 1]);
	}
	EXPECT_EQ(1, seen(self->obj, AT_ENCAP, 1));
	EXPECT_EQ(0, seen(self->obj, AT_END, 1));
	expect_nothing_wrong(_metadata, self->obj);
	close(out);
	close(fd);
}

TEST_HARNESS_MAIN
