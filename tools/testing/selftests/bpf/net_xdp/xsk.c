// SPDX-License-Identifier: GPL-2.0
/* BPF_MAP_TYPE_XSKMAP: AF_XDP sockets receive, send, and leave the map when they close. */
#include <linux/if_ether.h>
#include <linux/if_xdp.h>
#include <linux/ip.h>
#include <linux/udp.h>
#include <sys/mman.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "xsk.h"

#define FRAMES	64
#define FRAME	2048
#define RING	32
#define CNT	12

struct ring {
	__u32 *producer, *consumer;
	void *desc, *at;
	size_t len;
};

struct xsk {
	int fd;
	unsigned char *umem;
	struct ring fill, done, rx, tx;
};

static int ring_map(int fd, struct ring *ring, const struct xdp_ring_offset *off, __u64 where,
		    size_t desc)
{
	size_t len = off->desc + RING * desc;
	void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, where);

	if (at == MAP_FAILED)
		return -errno;
	ring->at = at;
	ring->len = len;
	ring->producer = at + off->producer;
	ring->consumer = at + off->consumer;
	ring->desc = at + off->desc;
	return 0;
}

/* A socket with rings and memory; the upper half of its frames waits for packets. */
static int xsk_make(struct xsk *xsk)
{
	struct xdp_umem_reg reg = { .len = FRAMES * FRAME, .chunk_size = FRAME };
	static const int opts[] = { XDP_UMEM_FILL_RING, XDP_UMEM_COMPLETION_RING, XDP_RX_RING,
				    XDP_TX_RING };
	struct xdp_mmap_offsets off;
	socklen_t len = sizeof(off);
	int size = RING, i, err;

	xsk->umem = mmap(NULL, FRAMES * FRAME, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	xsk->fd = socket(AF_XDP, SOCK_RAW | SOCK_CLOEXEC, 0);
	if (xsk->fd < 0)
		return -errno;
	reg.addr = (unsigned long)xsk->umem;
	if (setsockopt(xsk->fd, SOL_XDP, XDP_UMEM_REG, &reg, sizeof(reg)))
		return -errno;
	for (i = 0; i < 4; i++) {
		if (setsockopt(xsk->fd, SOL_XDP, opts[i], &size, sizeof(size)))
			return -errno;
	}
	if (getsockopt(xsk->fd, SOL_XDP, XDP_MMAP_OFFSETS, &off, &len))
		return -errno;
	err = ring_map(xsk->fd, &xsk->fill, &off.fr, XDP_UMEM_PGOFF_FILL_RING, sizeof(__u64));
	err = err ?: ring_map(xsk->fd, &xsk->done, &off.cr, XDP_UMEM_PGOFF_COMPLETION_RING,
			      sizeof(__u64));
	err = err ?: ring_map(xsk->fd, &xsk->rx, &off.rx, XDP_PGOFF_RX_RING,
			      sizeof(struct xdp_desc));
	err = err ?: ring_map(xsk->fd, &xsk->tx, &off.tx, XDP_PGOFF_TX_RING,
			      sizeof(struct xdp_desc));
	if (err)
		return err;
	for (i = 0; i < RING; i++)
		((__u64 *)xsk->fill.desc)[i] = (FRAMES / 2 + i) * FRAME;
	__atomic_store_n(xsk->fill.producer, RING, __ATOMIC_RELEASE);
	return 0;
}

/* Rings that are mapped hold the socket: it closes when the last of them goes. */
static void xsk_close(struct xsk *xsk)
{
	struct ring *rings[] = { &xsk->fill, &xsk->done, &xsk->rx, &xsk->tx };
	int i;

	for (i = 0; i < 4; i++)
		munmap(rings[i]->at, rings[i]->len);
	close(xsk->fd);
}

static int xsk_bind(struct xsk *xsk, int ifindex, int queue)
{
	struct sockaddr_xdp at = { .sxdp_family = AF_XDP, .sxdp_flags = XDP_COPY,
				   .sxdp_ifindex = ifindex, .sxdp_queue_id = queue };

	return bind(xsk->fd, (void *)&at, sizeof(at)) ? -errno : 0;
}

/* Takes what came in; the number, or -EBADMSG for a packet that was not sent. */
static int xsk_recv(struct xsk *xsk, int want, int port)
{
	struct xdp_desc *desc = xsk->rx.desc;
	__u32 first = *xsk->rx.consumer, end, i;
	int tries;

	for (tries = 0; tries < 1000 * SLOW; tries++) {
		end = __atomic_load_n(xsk->rx.producer, __ATOMIC_ACQUIRE);
		if (end - first >= want)
			break;
		usleep(10000);
	}
	for (i = first; i != end; i++) {
		unsigned char *pkt = xsk->umem + desc[i % RING].addr;
		struct udphdr *udp = (void *)(pkt + 34);

		if (desc[i % RING].len != 14 + 20 + 8 + 100 || ntohs(udp->dest) != port)
			return -EBADMSG;
	}
	__atomic_store_n(xsk->rx.consumer, end, __ATOMIC_RELEASE);
	return end - first;
}

FIXTURE(xsk)
{
	struct bpf_object *obj;
	int near, far, map;
	struct xsk xsk;
};

FIXTURE_VARIANT(xsk)
{
	__u32 mode;
};

FIXTURE_VARIANT_ADD(xsk, native)
{
	.mode = XDP_FLAGS_DRV_MODE,
};

FIXTURE_VARIANT_ADD(xsk, generic)
{
	.mode = XDP_FLAGS_SKB_MODE,
};

FIXTURE_SETUP(xsk)
{
	self->obj = net_object("xsk");
	ASSERT_NE(NULL, self->obj);
	self->map = net_map(self->obj, "xsks");
	self->far = ns_new();
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->far, 1));
	ASSERT_EQ(0, sh("ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:%02d dev v0", V1));
	ASSERT_EQ(0, xdp_attach(self->obj, V0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ns_go(self->far);
	ASSERT_EQ(0, xdp_attach(self->obj, V1, "xdp_to_xsk", variant->mode));
	ASSERT_EQ(0, xsk_make(&self->xsk));
}

FIXTURE_TEARDOWN(xsk)
{
	bpf_object__close(self->obj);
}

static int feed(FIXTURE_DATA(xsk) *self, int port)
{
	int sent;

	ns_go(self->near);
	sent = udp_send("10.1.0.2", port, CNT, 100);
	ns_go(self->far);
	return sent;
}

TEST_F(xsk, receives)
{
	int fd = udp_open("10.1.0.2", PORT_XSK);
	__u32 queue = 0;

	/* Without a socket in the slot the flags' action. */
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(CNT, udp_recv(fd, CNT));

	ASSERT_EQ(0, xsk_bind(&self->xsk, V1, 0));
	ASSERT_EQ(0, bpf_map_update_elem(self->map, &queue, &self->xsk.fd, 0));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(CNT, xsk_recv(&self->xsk, CNT, PORT_XSK));
	EXPECT_EQ(0, udp_recv(fd, 0));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(CNT, xsk_recv(&self->xsk, CNT, PORT_XSK));

	ASSERT_EQ(0, bpf_map_delete_elem(self->map, &queue));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
}

/* A socket of another queue gets nothing, and neither does one that is not bound. */
TEST_F(xsk, of_another_queue)
{
	int fd = udp_open("10.1.0.2", PORT_XSK);
	__u32 queue = 0;

	ASSERT_EQ(0, bpf_map_update_elem(self->map, &queue, &self->xsk.fd, 0));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(0, udp_recv(fd, 0));
	EXPECT_EQ(0, xsk_recv(&self->xsk, 0, PORT_XSK));
}

/* More packets than the socket has frames for: what fits arrives, the rest is dropped. */
TEST_F(xsk, runs_out_of_frames)
{
	__u32 queue = 0;

	ASSERT_EQ(0, xsk_bind(&self->xsk, V1, 0));
	ASSERT_EQ(0, bpf_map_update_elem(self->map, &queue, &self->xsk.fd, 0));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(CNT, feed(self, PORT_XSK));
	EXPECT_EQ(RING, xsk_recv(&self->xsk, RING, PORT_XSK));
}

TEST_F(xsk, sends)
{
	struct xdp_desc *desc = self->xsk.tx.desc;
	unsigned char *pkt = self->xsk.umem;
	struct iphdr *ip = (void *)(pkt + 14);
	struct udphdr *udp = (void *)(ip + 1);
	struct ethhdr *eth = (void *)pkt;
	int i;

	ASSERT_EQ(0, xsk_bind(&self->xsk, V1, 0));
	eth->h_proto = htons(ETH_P_IP);
	ip->protocol = IPPROTO_UDP;
	udp->dest = htons(PORT_SENT);
	for (i = 0; i < CNT; i++) {
		memcpy(pkt + i * FRAME, pkt, 100);
		desc[i] = (struct xdp_desc) { .addr = i * FRAME, .len = 100 };
	}
	__atomic_store_n(self->xsk.tx.producer, CNT, __ATOMIC_RELEASE);
	ASSERT_EQ(0, sendto(self->xsk.fd, NULL, 0, MSG_DONTWAIT, NULL, 0));
	EXPECT_EQ(CNT, seen_wait(self->obj, V0, PORT_SENT, CNT));
	EXPECT_EQ(CNT, __atomic_load_n(self->xsk.done.producer, __ATOMIC_ACQUIRE));
}

TEST_F(xsk, is_looked_up)
{
	__u32 queue = 0;

	EXPECT_EQ(CNT, feed(self, PORT_LOOKUP));
	EXPECT_EQ(CNT, seen_wait(self->obj, AT_MISSED, 0, CNT));
	ASSERT_EQ(0, xsk_bind(&self->xsk, V1, 0));
	ASSERT_EQ(0, bpf_map_update_elem(self->map, &queue, &self->xsk.fd, 0));
	EXPECT_EQ(CNT, feed(self, PORT_LOOKUP));
	EXPECT_EQ(CNT, seen_wait(self->obj, AT_FOUND, 0, CNT));
}

TEST_F(xsk, errors)
{
	int udp = udp_open("127.0.0.1", 0), bad = 9999;
	__u32 key = 0, value, next;

	EXPECT_EQ(-EBADF, bpf_map_update_elem(self->map, &key, &bad, 0));
	EXPECT_EQ(-EOPNOTSUPP, bpf_map_update_elem(self->map, &key, &udp, 0));
	EXPECT_EQ(-ENOTSOCK, bpf_map_update_elem(self->map, &key, &self->map, 0));
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(self->map, &key, &self->xsk.fd, 3));
	EXPECT_EQ(-ENOENT, bpf_map_update_elem(self->map, &key, &self->xsk.fd, BPF_EXIST));
	EXPECT_EQ(0, bpf_map_update_elem(self->map, &key, &self->xsk.fd, BPF_NOEXIST));
	EXPECT_EQ(-EEXIST, bpf_map_update_elem(self->map, &key, &self->xsk.fd, BPF_NOEXIST));
	EXPECT_EQ(0, bpf_map_update_elem(self->map, &key, &self->xsk.fd, BPF_EXIST));
	EXPECT_EQ(-EOPNOTSUPP, bpf_map_lookup_elem(self->map, &key, &value));
	key = 4;
	EXPECT_EQ(-E2BIG, bpf_map_update_elem(self->map, &key, &self->xsk.fd, 0));
	EXPECT_EQ(-EINVAL, bpf_map_delete_elem(self->map, &key));
	key = 3;
	EXPECT_EQ(-ENOENT, bpf_map_get_next_key(self->map, &key, &next));
	EXPECT_EQ(0, bpf_map_delete_elem(self->map, &key));
	close(udp);
}

/* One socket in two slots, and two sockets in turn in one; each leaves all when it closes. */
TEST_F(xsk, closes)
{
	__u32 keys[] = { 0, 3 };
	struct xsk second = {};

	ASSERT_EQ(0, xsk_make(&second));
	EXPECT_EQ(0, bpf_map_update_elem(self->map, &keys[0], &self->xsk.fd, 0));
	EXPECT_EQ(0, bpf_map_update_elem(self->map, &keys[1], &self->xsk.fd, 0));
	EXPECT_EQ(0, bpf_map_update_elem(self->map, &keys[1], &second.fd, BPF_EXIST));
	xsk_close(&self->xsk);
	/* The slot is empty again, the other one is not. */
	EXPECT_EQ(-ENOENT, bpf_map_update_elem(self->map, &keys[0], &second.fd, BPF_EXIST));
	EXPECT_EQ(0, bpf_map_update_elem(self->map, &keys[1], &second.fd, BPF_EXIST));
	xsk_close(&second);
	EXPECT_EQ(CNT, feed(self, PORT_XSK_OTHER));
}

TEST(sockets_are_read_only)
{
	struct bpf_object *obj;
	char path[512];

	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s/xsk.bpf.o", getenv("O") ?: ".");
	obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, obj);
	bpf_program__set_autoload(bpf_object__find_program_by_name(obj, "xdp_write_sock"), true);
	EXPECT_EQ(-EACCES, bpf_object__load(obj));
	bpf_object__close(obj);
}

TEST_HARNESS_MAIN
