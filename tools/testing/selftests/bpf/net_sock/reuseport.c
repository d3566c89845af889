// SPDX-License-Identifier: GPL-2.0
/*
 * Programs that choose a socket of an SO_REUSEPORT group, classic and loaded, and the map of their
 * sockets.
 */
#include <linux/filter.h>
#include <netinet/tcp.h>
#include <sys/mman.h>
#include <sys/un.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "reuseport.h"

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#define SO_ATTACH_REUSEPORT_EBPF 52
#endif
#ifndef SO_DETACH_REUSEPORT_BPF
#define SO_DETACH_REUSEPORT_BPF 68
#endif
#define ENOTSUPP 524
#define PORT 7300
#define SOCKS 3

FIXTURE(group)
{
	struct bpf_object *obj;
	struct globals *g;
	int map;
	int udp[SOCKS];
	int tcp[SOCKS];
};

static int member(int type, const char *ip)
{
	struct sockaddr_in at = addr4(ip, PORT);
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), one = 1;
	struct timeval wait = { .tv_usec = 300000 };

	setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (bind(fd, (void *)&at, sizeof(at)) || (type == SOCK_STREAM && listen(fd, 8)))
		return -errno;
	return fd;
}

FIXTURE_SETUP(group)
{
	int i;

	self->obj = net_object("reuseport");
	ASSERT_NE(NULL, self->obj);
	self->map = net_map(self->obj, "socks");
	self->g = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		       net_map(self->obj, ".bss"), 0);
	ASSERT_NE(MAP_FAILED, self->g);
	ASSERT_LT(0, ns_new());
	for (i = 0; i < SOCKS; i++) {
		self->udp[i] = member(SOCK_DGRAM, "0.0.0.0");
		self->tcp[i] = member(SOCK_STREAM, "127.0.0.1");
		ASSERT_LT(0, self->udp[i]);
		ASSERT_LT(0, self->tcp[i]);
	}
}

FIXTURE_TEARDOWN(group)
{
	bpf_object__close(self->obj);
}

static int put(int map, __u32 slot, int fd, __u64 flags)
{
	__u64 value = fd;

	return bpf_map_update_elem(map, &slot, &value, flags);
}

static int attach(int fd, int opt, int value)
{
	return setsockopt(fd, SOL_SOCKET, opt, &value, sizeof(value)) ? -errno : 0;
}

static void send_byte(char byte)
{
	struct sockaddr_in at = addr4("127.0.0.1", PORT);
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	char buf[10] = { byte };

	sendto(fd, buf, sizeof(buf), 0, (void *)&at, sizeof(at));
	close(fd);
}

/* Which socket got the one datagram that was sent; -1: none, -2: more than one. */
static int who(const int *fds)
{
	int i, tries, found = -1;
	char buf[16];

	for (tries = 0; tries < 100 * SLOW && found == -1; tries++) {
		usleep(20000);
		for (i = 0; i < SOCKS; i++) {
			while (recv(fds[i], buf, sizeof(buf), MSG_DONTWAIT) >= 0)
				found = found == -1 ? i : -2;
		}
	}
	return found;
}

static __u64 cookie_of(int fd)
{
	__u64 cookie = 0;
	socklen_t len = sizeof(cookie);

	getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len);
	return cookie;
}

TEST_F(group, chosen_by_program)
{
	int i;

	for (i = 0; i < SOCKS; i++)
		ASSERT_EQ(0, put(self->map, i, self->udp[SOCKS - 1 - i], 0));
	ASSERT_EQ(0, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF,
			    net_prog(self->obj, "choose_udp")));
	for (i = 0; i < SOCKS; i++) {
		send_byte(i);
		EXPECT_EQ(SOCKS - 1 - i, who(self->udp));
	}
	EXPECT_EQ(SOCKS, seen(self->obj, AT_RESULT, 0));
	EXPECT_EQ(10 + 8, self->g->len);
	EXPECT_EQ(1, self->g->bind_inany);
	EXPECT_EQ(PORT, self->g->src_port);
	EXPECT_NE(0, self->g->cookie);

	/* Nothing in the slot: the hash decides. */
	send_byte(3);
	EXPECT_LE(0, who(self->udp));
	EXPECT_EQ(1, seen(self->obj, AT_RESULT, ENOENT));
	send_byte(BYTE_HASH);
	EXPECT_LE(0, who(self->udp));
	send_byte(BYTE_DROP);
	EXPECT_EQ(-1, who(self->udp));
	send_byte(9);		/* outside the map */
	EXPECT_LE(0, who(self->udp));
	EXPECT_EQ(2, seen(self->obj, AT_RESULT, ENOENT));
	for (i = 1; i < 6; i++)
		EXPECT_EQ(0, seen(self->obj, AT_WRONG, i));
	EXPECT_EQ(SOCKS + 4, seen(self->obj, AT_RUN, 0));

	/* Without the program the group is as before. */
	ASSERT_EQ(0, attach(self->udp[1], SO_DETACH_REUSEPORT_BPF, 0));
	EXPECT_EQ(-ENOENT, attach(self->udp[1], SO_DETACH_REUSEPORT_BPF, 0));
	send_byte(BYTE_DROP);
	EXPECT_LE(0, who(self->udp));
	EXPECT_EQ(SOCKS + 4, seen(self->obj, AT_RUN, 0));
}

/* A slot with a socket of another protocol is no choice. */
TEST_F(group, of_another_protocol)
{
	ASSERT_EQ(0, put(self->map, 0, self->tcp[0], 0));
	ASSERT_EQ(0, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF,
			    net_prog(self->obj, "choose_udp")));
	send_byte(0);
	EXPECT_LE(0, who(self->udp));
	EXPECT_EQ(1, seen(self->obj, AT_RESULT, EPROTOTYPE));
}

static int tcp_connect(void)
{
	struct sockaddr_in at = addr4("127.0.0.1", PORT);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (connect(fd, (void *)&at, sizeof(at))) {
		close(fd);
		return -errno;
	}
	return fd;
}

TEST_F(group, of_listeners)
{
	int i, client, server;

	for (i = 0; i < SOCKS; i++)
		ASSERT_EQ(0, put(self->map, i, self->tcp[i], BPF_NOEXIST));
	ASSERT_EQ(0, attach(self->tcp[2], SO_ATTACH_REUSEPORT_EBPF,
			    net_prog(self->obj, "choose_tcp")));
	for (i = 0; i < SOCKS; i++) {
		self->g->slot = i;
		client = tcp_connect();
		ASSERT_LT(0, client);
		server = accept(self->tcp[i], NULL, NULL);
		EXPECT_LT(0, server);
		close(server);
		close(client);
	}
	EXPECT_EQ(0, seen(self->obj, AT_WRONG, 1));
	EXPECT_LE(SOCKS, seen(self->obj, AT_RESULT, 0));
}

/* A connection that waits at a listener that closes goes to the one that the program chooses. */
TEST_F(group, that_migrates)
{
	int client, server;

	ASSERT_EQ(0, put(self->map, 0, self->tcp[0], 0));
	ASSERT_EQ(0, put(self->map, 1, self->tcp[1], 0));
	ASSERT_EQ(0, attach(self->tcp[0], SO_ATTACH_REUSEPORT_EBPF,
			    net_prog(self->obj, "choose_migrate")));
	self->g->slot = 0;
	client = tcp_connect();
	ASSERT_LT(0, client);
	self->g->slot = 1;
	close(self->tcp[0]);
	EXPECT_EQ(1, seen_wait(self->obj, AT_MIGRATE, TCP_ESTABLISHED, 1));
	server = accept(self->tcp[1], NULL, NULL);
	EXPECT_LT(0, server);
	EXPECT_EQ(1, send(client, "x", 1, 0));
	EXPECT_EQ(1, recv(server, self->g, 1, 0));
	close(server);
	close(client);
}

TEST_F(group, chosen_by_socket_filter)
{
	ASSERT_EQ(0, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF,
			    net_prog(self->obj, "choose_filter")));
	send_byte(1);
	EXPECT_EQ(1, who(self->udp));
	send_byte(2);
	EXPECT_EQ(2, who(self->udp));
	/* No such socket: the hash decides. */
	send_byte(9);
	EXPECT_LE(0, who(self->udp));
}

TEST_F(group, chosen_by_classic_filter)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
		BPF_STMT(BPF_RET | BPF_A, 0),
	};
	struct sock_fprog prog = { .len = LEN(code), .filter = code };

	ASSERT_EQ(0, setsockopt(self->udp[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
				sizeof(prog)));
	send_byte(2);
	EXPECT_EQ(2, who(self->udp));
	send_byte(0);
	EXPECT_EQ(0, who(self->udp));
	/* In its place a loaded one. */
	ASSERT_EQ(0, put(self->map, 2, self->udp[1], 0));
	ASSERT_EQ(0, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF,
			    net_prog(self->obj, "choose_udp")));
	send_byte(2);
	EXPECT_EQ(1, who(self->udp));
	code[1].code = 0xffff;
	EXPECT_EQ(-1, setsockopt(self->udp[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog,
				 sizeof(prog)));
	EXPECT_EQ(EINVAL, errno);
	send_byte(2);
	EXPECT_EQ(1, who(self->udp));
}

TEST_F(group, attach_errors)
{
	int alone = udp_open("127.0.0.1", 0), local = socket(AF_UNIX, SOCK_DGRAM, 0), one = 1;
	int prog = net_prog(self->obj, "choose_udp");

	EXPECT_EQ(-EBADF, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF, 9999));
	EXPECT_EQ(-EINVAL, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF, self->map));
	EXPECT_EQ(-EINVAL, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF,
				  net_prog(self->obj, "not_for_sockets")));
	EXPECT_EQ(-EINVAL, attach(alone, SO_ATTACH_REUSEPORT_EBPF, prog));
	EXPECT_EQ(-ENOTSUPP, attach(local, SO_ATTACH_REUSEPORT_EBPF, prog));
	EXPECT_EQ(-EINVAL, attach(alone, SO_DETACH_REUSEPORT_BPF, 0));
	ASSERT_EQ(0, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF, prog));
	ASSERT_EQ(0, setsockopt(self->udp[0], SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)));
	EXPECT_EQ(-EPERM, attach(self->udp[0], SO_ATTACH_REUSEPORT_EBPF, prog));
	close(alone);
	close(local);
}

/* ------------------------------------------------------------------ the map */

TEST_F(group, map_of_sockets)
{
	int alone = udp_open("127.0.0.1", 0), local = socket(AF_UNIX, SOCK_DGRAM, 0);
	int unbound = socket(AF_INET, SOCK_DGRAM, 0), one = 1;
	__u32 slot = 1, next;
	__u64 value;

	setsockopt(unbound, SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one));
	EXPECT_EQ(-EBADF, put(self->map, 1, 9999, 0));
	EXPECT_EQ(-ENOTSOCK, put(self->map, 1, self->map, 0));
	EXPECT_EQ(-EINVAL, put(self->map, 1, alone, 0));
	EXPECT_EQ(-EINVAL, put(self->map, 1, unbound, 0));
	EXPECT_EQ(-ENOTSUPP, put(self->map, 1, local, 0));
	EXPECT_EQ(-EINVAL, put(self->map, 1, self->udp[0], 3));
	EXPECT_EQ(-E2BIG, put(self->map, 4, self->udp[0], 0));
	EXPECT_EQ(-ENOENT, put(self->map, 1, self->udp[0], BPF_EXIST));
	EXPECT_EQ(0, put(self->map, 1, self->udp[0], BPF_NOEXIST));
	EXPECT_EQ(-EBUSY, put(self->map, 2, self->udp[0], 0));
	EXPECT_EQ(-EEXIST, put(self->map, 1, self->udp[1], BPF_NOEXIST));

	/* User space reads cookies. */
	ASSERT_EQ(0, bpf_map_lookup_elem(self->map, &slot, &value));
	EXPECT_EQ(cookie_of(self->udp[0]), value);
	EXPECT_EQ(0, put(self->map, 1, self->udp[1], BPF_EXIST));
	ASSERT_EQ(0, bpf_map_lookup_elem(self->map, &slot, &value));
	EXPECT_EQ(cookie_of(self->udp[1]), value);
	/* The one that was replaced is free for another slot. */
	EXPECT_EQ(0, put(self->map, 2, self->udp[0], 0));

	EXPECT_EQ(0, bpf_map_delete_elem(self->map, &slot));
	EXPECT_EQ(-ENOENT, bpf_map_delete_elem(self->map, &slot));
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(self->map, &slot, &value));
	slot = 4;
	EXPECT_EQ(-E2BIG, bpf_map_delete_elem(self->map, &slot));
	slot = 3;
	EXPECT_EQ(-ENOENT, bpf_map_get_next_key(self->map, &slot, &next));

	/* A socket that closes leaves its slot. */
	slot = 2;
	ASSERT_EQ(0, bpf_map_lookup_elem(self->map, &slot, &value));
	close(self->udp[0]);
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(self->map, &slot, &value));
}

TEST_F(group, map_of_short_values)
{
	int map = bpf_map_create(BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, "short", 4, 4, 2, NULL);
	__u32 slot = 0, value = self->udp[0];
	int err = -EBUSY, i;

	ASSERT_LT(0, map);
	EXPECT_EQ(0, bpf_map_update_elem(map, &slot, &value, 0));
	EXPECT_EQ(-ENOSPC, bpf_map_lookup_elem(map, &slot, &value));
	EXPECT_EQ(-EBUSY, put(self->map, 0, self->udp[0], 0));
	/* The map goes, soon, and the socket is free. */
	close(map);
	for (i = 0; i < 1000 && (err = put(self->map, 0, self->udp[0], 0)) == -EBUSY; i++)
		usleep(10000);
	EXPECT_EQ(0, err);
}

TEST(programs_that_are_refused)
{
	static const char *const names[] = { "bad_migrating", "bad_write" };
	struct bpf_object *obj;
	char path[512];
	int i;

	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s/reuseport.bpf.o", getenv("O") ?: ".");
	for (i = 0; i < 2; i++) {
		obj = bpf_object__open_file(path, NULL);
		ASSERT_NE(NULL, obj);
		bpf_program__set_autoload(bpf_object__find_program_by_name(obj, names[i]), true);
		EXPECT_EQ(-EACCES, bpf_object__load(obj));
		bpf_object__close(obj);
	}
}

TEST_HARNESS_MAIN
