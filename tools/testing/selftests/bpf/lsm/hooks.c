// SPDX-License-Identifier: GPL-2.0
/*
 * Security hooks of paths and sockets: each fires, what it denies is denied with its errno, and
 * nothing is once it is gone. Then all over again with programs that may sleep, where they may.
 */
#include <fcntl.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>

#include "kselftest_harness.h"
#include "object.h"
#include "hooks.h"

#define DIR	"/tmp/lsm_hooks"
#define PORT	4711
/* What nothing here answers but programs. */
#define NO	(-ETXTBSY)

#define VAR(type, name) (*(volatile type *)var(self->obj, name))
#define U64(name) VAR(__u64, name)

static int result(long ret)
{
	return ret < 0 ? -errno : 0;
}

/* 0 or -errno of the last step; those before it have to work. */
static int then_close(int fd, int err)
{
	close(fd);
	return err;
}

/* ------------------------------------------------------------------ paths */

static void make_file(const char *name)
{
	close(open(name, O_CREAT | O_WRONLY, 0600));
}

static int do_unlink(void)
{
	make_file(DIR "/file");
	return result(unlink(DIR "/file"));
}

static int do_mkdir(void)
{
	rmdir(DIR "/dir");
	return result(mkdir(DIR "/dir", 0710));
}

static int do_rmdir(void)
{
	mkdir(DIR "/dir", 0700);
	return result(rmdir(DIR "/dir"));
}

static int do_mknod(void)
{
	unlink(DIR "/fifo");
	return result(mknod(DIR "/fifo", S_IFIFO | 0600, 0));
}

static int do_truncate(void)
{
	make_file(DIR "/file");
	return result(truncate(DIR "/file", 10));
}

static int do_symlink(void)
{
	unlink(DIR "/link");
	return result(symlink("file", DIR "/link"));
}

static int do_link(void)
{
	make_file(DIR "/file");
	unlink(DIR "/link");
	return result(link(DIR "/file", DIR "/link"));
}

static int do_rename(void)
{
	make_file(DIR "/file");
	return result(rename(DIR "/file", DIR "/renamed"));
}

static int do_chmod(void)
{
	make_file(DIR "/file");
	return result(chmod(DIR "/file", 0640));
}

static int do_chown(void)
{
	make_file(DIR "/file");
	return result(chown(DIR "/file", 3, 4));
}

static int do_chroot(void)
{
	return result(chroot("/"));
}

/* ------------------------------------------------------------------ sockets */

static struct sockaddr_in local(int port)
{
	return (struct sockaddr_in){
		.sin_family = AF_INET, .sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
}

static int do_socket(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	return fd < 0 ? -errno : then_close(fd, 0);
}

static int do_socketpair(void)
{
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return -errno;
	close(fds[0]);
	return then_close(fds[1], 0);
}

static int do_bind(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	struct sockaddr_in addr = local(PORT);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	return then_close(fd, result(bind(fd, (void *)&addr, sizeof(addr))));
}

static int do_connect(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in addr = local(PORT);

	return then_close(fd, result(connect(fd, (void *)&addr, sizeof(addr))));
}

static int do_listen(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	return then_close(fd, result(listen(fd, 3)));
}

/* A name of its own for each call. */
static socklen_t unix_name(struct sockaddr_un *addr)
{
	static int nr;

	memset(addr, 0, sizeof(*addr));
	addr->sun_family = AF_UNIX;
	return offsetof(struct sockaddr_un, sun_path) + 1 +
	       snprintf(addr->sun_path + 1, sizeof(addr->sun_path) - 1, "lsm-%d-%d", getpid(),
			nr++);
}

/* A listening socket and one that may connect to it. */
static int unix_listener(int type, struct sockaddr_un *addr, socklen_t *len)
{
	int fd = socket(AF_UNIX, type, 0);

	*len = unix_name(addr);
	bind(fd, (void *)addr, *len);
	if (type == SOCK_STREAM)
		listen(fd, 3);
	return fd;
}

static int do_accept(void)
{
	struct sockaddr_un addr;
	socklen_t len;
	int listener = unix_listener(SOCK_STREAM, &addr, &len), fd, err;
	int client = socket(AF_UNIX, SOCK_STREAM, 0);

	connect(client, (void *)&addr, len);
	fd = accept(listener, NULL, NULL);
	err = result(fd);
	if (fd >= 0)
		close(fd);
	close(client);
	return then_close(listener, err);
}

static int on_pair(int (*op)(int fd, int other))
{
	int fds[2], err;

	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds))
		return -errno;
	err = op(fds[0], fds[1]);
	close(fds[0]);
	return then_close(fds[1], err);
}

static int pair_send(int fd, int other)
{
	return result(send(fd, "x", 1, MSG_NOSIGNAL));
}

static int pair_recv(int fd, int other)
{
	char c;

	/* sendmsg has a hook of its own, write comes to the same */
	return write(other, "x", 1) == 1 ? result(recv(fd, &c, 1, 0)) : -EIO;
}

static int pair_name(int fd, int other)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	return result(getsockname(fd, (void *)&addr, &len));
}

static int pair_peer(int fd, int other)
{
	struct sockaddr_un addr;
	socklen_t len = sizeof(addr);

	return result(getpeername(fd, (void *)&addr, &len));
}

static int pair_getsockopt(int fd, int other)
{
	socklen_t len = sizeof(int);
	int val;

	return result(getsockopt(fd, SOL_SOCKET, SO_TYPE, &val, &len));
}

static int pair_setsockopt(int fd, int other)
{
	int one = 1;

	return result(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof(one)));
}

static int pair_shutdown(int fd, int other)
{
	return result(shutdown(fd, SHUT_WR));
}

static int pair_peersec(int fd, int other)
{
	char label[123];
	socklen_t len = sizeof(label);

	return result(getsockopt(fd, SOL_SOCKET, SO_PEERSEC, label, &len));
}

static int do_send(void) { return on_pair(pair_send); }
static int do_recv(void) { return on_pair(pair_recv); }
static int do_name(void) { return on_pair(pair_name); }
static int do_peer(void) { return on_pair(pair_peer); }
static int do_getsockopt(void) { return on_pair(pair_getsockopt); }
static int do_setsockopt(void) { return on_pair(pair_setsockopt); }
static int do_shutdown(void) { return on_pair(pair_shutdown); }
static int do_peersec(void) { return on_pair(pair_peersec); }

/* Whoever asks for labels gets none with a message where there are none; that is no failure. */
static int do_peersec_dgram(void)
{
	struct sockaddr_un addr;
	socklen_t len;
	int fd = unix_listener(SOCK_DGRAM, &addr, &len), one = 1;
	int out = socket(AF_UNIX, SOCK_DGRAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_PASSSEC, &one, sizeof(one));
	one = result(sendto(out, "x", 1, 0, (void *)&addr, len));
	close(out);
	return then_close(fd, one);
}

static int do_unix_connect(void)
{
	struct sockaddr_un addr;
	socklen_t len;
	int listener = unix_listener(SOCK_STREAM, &addr, &len), err;
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	err = result(connect(fd, (void *)&addr, len));
	close(fd);
	return then_close(listener, err);
}

static int do_netlink(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);
	struct {
		struct nlmsghdr head;
	} msg = { { .nlmsg_len = sizeof(msg), .nlmsg_type = NLMSG_NOOP } };

	return then_close(fd, result(send(fd, &msg, sizeof(msg), 0)));
}

static int do_tun(void)
{
	struct ifreq req = { .ifr_flags = IFF_TUN | IFF_NO_PI };
	int fd = open("/dev/net/tun", O_RDWR);

	if (fd < 0)
		return -errno;
	return then_close(fd, result(ioctl(fd, TUNSETIFF, &req)));
}

/* ------------------------------------------------------------------ each in turn */

static const struct {
	enum hook hook;
	const char *name;
	int (*op)(void);
	bool sleeps;
	int allowed, denied;	/* where they are not 0 and what the program answers */
} rows[] = {
#define ROW(_hook, _op, _sleeps, ...) { _hook, "at_" #_hook, _op, _sleeps, ##__VA_ARGS__ }
	ROW(path_unlink, do_unlink, true),
	ROW(path_mkdir, do_mkdir, true),
	ROW(path_rmdir, do_rmdir, true),
	ROW(path_mknod, do_mknod, true),
	ROW(path_truncate, do_truncate, true),
	ROW(path_symlink, do_symlink, true),
	ROW(path_link, do_link, true),
	ROW(path_rename, do_rename, true),
	ROW(path_chmod, do_chmod, true),
	ROW(path_chown, do_chown, true),
	ROW(path_chroot, do_chroot, true),
	ROW(socket_create, do_socket, true),
	ROW(socket_post_create, do_socket, true),
	ROW(socket_socketpair, do_socketpair, true),
	ROW(socket_bind, do_bind, true),
	ROW(socket_connect, do_connect, true),
	ROW(socket_listen, do_listen, true),
	ROW(socket_accept, do_accept, true),
	ROW(socket_sendmsg, do_send, true),
	ROW(socket_recvmsg, do_recv, true),
	ROW(socket_getsockname, do_name, true),
	ROW(socket_getpeername, do_peer, true),
	ROW(socket_getsockopt, do_getsockopt, true),
	ROW(socket_setsockopt, do_setsockopt, true),
	ROW(socket_shutdown, do_shutdown, true),
	ROW(socket_getpeersec_stream, do_peersec, false, .allowed = -ENOPROTOOPT),
	ROW(socket_getpeersec_dgram, do_peersec_dgram, true, .denied = 1),
	ROW(unix_stream_connect, do_unix_connect, false),
	ROW(unix_may_send, do_peersec_dgram, false),
	ROW(netlink_send, do_netlink, true),
	ROW(tun_dev_create, do_tun, false),
	ROW(sk_alloc_security, do_socket, false, .denied = -ENOMEM),
};

#define NR_ROWS ((int)(sizeof(rows) / sizeof(rows[0])))

FIXTURE(hooks) {
	struct bpf_object *obj;
};

FIXTURE_SETUP(hooks)
{
	mkdir(DIR, 0700);
	ASSERT_EQ(0, system("ip link set lo up"));
	self->obj = open_object("hooks");
	ASSERT_NE(NULL, self->obj);
}

FIXTURE_TEARDOWN(hooks)
{
	bpf_object__close(self->obj);
	ASSERT_EQ(0, system("rm -rf " DIR));
}

static int load(FIXTURE_DATA(hooks) *self)
{
	int err = bpf_object__load(self->obj);

	if (!err) {
		VAR(__u32, "pid") = getpid();
		VAR(__u32, "port") = PORT;
		VAR(int, "answer") = NO;
	}
	return err;
}

/* A word on a row that does not do what it should; whether it does. */
static bool is(const char *name, const char *when, int want, int got)
{
	if (want != got)
		printf("# %s, %s: %d, not %d\n", name, when, got, want);
	return want == got;
}

static bool row_works(FIXTURE_DATA(hooks) *self, int i)
{
	volatile __u64 *seen = &((volatile __u64 *)var(self->obj, "seen"))[rows[i].hook];
	struct bpf_program *prog = prog_of(self->obj, rows[i].name);
	int denied = rows[i].denied == 1 ? 0 : rows[i].denied ?: NO;
	struct bpf_link *link;
	__u64 first;
	bool ok;

	ok = is(rows[i].name, "without it", rows[i].allowed, rows[i].op());
	link = bpf_program__attach_lsm(prog);
	if (!link)
		return is(rows[i].name, "attaching", 0, -errno);
	ok &= is(rows[i].name, "denied", denied, rows[i].op());
	first = *seen;
	ok &= is(rows[i].name, "fires", true, first > 0);
	VAR(int, "answer") = 0;
	ok &= is(rows[i].name, "allowed", rows[i].allowed, rows[i].op());
	ok &= is(rows[i].name, "fires again", true, *seen > first);
	VAR(int, "answer") = NO;
	bpf_link__destroy(link);
	first = *seen;
	ok &= is(rows[i].name, "after it", rows[i].allowed, rows[i].op());
	ok &= is(rows[i].name, "fires no more", true, *seen == first);
	return ok;
}

TEST_F_TIMEOUT(hooks, deny, 120)
{
	int i;

	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	for (i = 0; i < NR_ROWS; i++)
		EXPECT_TRUE(row_works(self, i));
}

TEST_F_TIMEOUT(hooks, deny_asleep, 120)
{
	struct bpf_program *prog;
	int i;

	bpf_object__for_each_program(prog, self->obj)
		bpf_program__set_autoload(prog, false);
	for (i = 0; i < NR_ROWS; i++) {
		if (!rows[i].sleeps)
			continue;
		prog = prog_of(self->obj, rows[i].name);
		bpf_program__set_autoload(prog, true);
		bpf_program__set_flags(prog, BPF_F_SLEEPABLE);
	}
	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	for (i = 0; i < NR_ROWS; i++) {
		if (rows[i].sleeps)
			EXPECT_TRUE(row_works(self, i));
	}
}

/* ------------------------------------------------------------------ what they are told */

TEST_F(hooks, arguments)
{
	static const char *const names[] = {
		"at_path_unlink", "at_path_mkdir", "at_path_chown", "at_socket_create",
		"at_socket_post_create", "at_socket_bind", "at_socket_listen",
		"at_socket_setsockopt", "at_socket_getpeersec_stream",
	};
	struct bpf_link *links[9];
	int i;

	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	VAR(int, "answer") = 0;
	for (i = 0; i < 9; i++) {
		links[i] = bpf_program__attach_lsm(prog_of(self->obj, names[i]));
		ASSERT_NE(NULL, links[i]);
	}
	EXPECT_EQ(0, do_unlink());
	EXPECT_STREQ("file", (char *)var(self->obj, "told_dentry"));
	EXPECT_EQ(0, do_mkdir());
	EXPECT_EQ(0710, VAR(__u32, "told_mode") & 07777);
	EXPECT_EQ(0, do_chown());
	EXPECT_EQ(3, VAR(__u32, "told_uid"));
	EXPECT_EQ(4, VAR(__u32, "told_gid"));
	EXPECT_EQ(0, do_socket());
	EXPECT_EQ(AF_INET, VAR(int, "told_family"));
	EXPECT_EQ(SOCK_DGRAM, VAR(int, "told_type"));
	EXPECT_EQ(0, VAR(int, "told_kern"));
	EXPECT_EQ(0, do_bind());
	EXPECT_EQ(PORT, VAR(__u32, "told_port"));
	EXPECT_EQ(sizeof(struct sockaddr_in), VAR(int, "told_len"));
	EXPECT_EQ(77, U64("marked"));
	EXPECT_EQ(0, do_listen());
	EXPECT_EQ(3, VAR(int, "told_backlog"));
	EXPECT_EQ(0, do_setsockopt());
	EXPECT_EQ(SOL_SOCKET, VAR(int, "told_level"));
	EXPECT_EQ(SO_PASSCRED, VAR(int, "told_name"));
	EXPECT_EQ(-ENOPROTOOPT, do_peersec());
	EXPECT_EQ(123, VAR(__u32, "told_optlen"));
	for (i = 0; i < 9; i++)
		bpf_link__destroy(links[i]);
}

/* ------------------------------------------------------------------ packets */

static struct bpf_link *attach(FIXTURE_DATA(hooks) *self, const char *name)
{
	return bpf_program__attach_lsm(prog_of(self->obj, name));
}

static __u64 count(FIXTURE_DATA(hooks) *self, enum hook hook)
{
	return ((volatile __u64 *)var(self->obj, "seen"))[hook];
}

/* A socket's denial of a packet: the packet is gone. */
TEST_F(hooks, packet_denied)
{
	int in, out = socket(AF_INET, SOCK_DGRAM, 0);
	struct sockaddr_in addr = local(PORT);
	struct bpf_link *link;
	char c;

	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	in = socket(AF_INET, SOCK_DGRAM, 0);
	ASSERT_EQ(0, bind(in, (void *)&addr, sizeof(addr)));
	link = attach(self, "at_socket_sock_rcv_skb");
	ASSERT_NE(NULL, link);
	ASSERT_EQ(1, sendto(out, "n", 1, 0, (void *)&addr, sizeof(addr)));
	while (!count(self, socket_sock_rcv_skb))
		usleep(1000);
	VAR(int, "answer") = 0;
	ASSERT_EQ(1, sendto(out, "y", 1, 0, (void *)&addr, sizeof(addr)));
	ASSERT_EQ(1, recv(in, &c, 1, 0));
	EXPECT_EQ('y', c);
	EXPECT_EQ(-1, recv(in, &c, 1, MSG_DONTWAIT));
	EXPECT_EQ(EAGAIN, errno);
	EXPECT_EQ(2, count(self, socket_sock_rcv_skb));
	bpf_link__destroy(link);
	close(in);
	close(out);
}

static int tcp_listener(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
	struct sockaddr_in addr = local(PORT);

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (void *)&addr, sizeof(addr)) || listen(fd, 5))
		return -errno;
	return fd;
}

/* While it is denied, a connection does not come about; it does afterwards. */
TEST_F_TIMEOUT(hooks, connection_denied, 60)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), listener = tcp_listener();
	struct pollfd poll_fd = { .fd = fd, .events = POLLOUT };
	struct sockaddr_in addr = local(PORT);
	struct bpf_link *link;
	socklen_t len = 4;
	int err = -1;

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	link = attach(self, "at_inet_conn_request");
	ASSERT_NE(NULL, link);
	EXPECT_EQ(-1, connect(fd, (void *)&addr, sizeof(addr)));
	EXPECT_EQ(EINPROGRESS, errno);
	while (!count(self, inet_conn_request))
		usleep(1000);
	EXPECT_EQ(0, poll(&poll_fd, 1, 0));
	bpf_link__destroy(link);
	EXPECT_EQ(1, poll(&poll_fd, 1, -1));
	EXPECT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_ERROR, &err, &len));
	EXPECT_EQ(0, err);
	close(fd);
	close(listener);
}

/* Hooks without an answer see a connection come and go. */
TEST_F_TIMEOUT(hooks, connection_seen, 60)
{
	static const enum hook which[] = {
		inet_conn_request, inet_csk_clone, inet_conn_established, req_classify_flow,
		sk_clone_security, sock_graft, sk_free_security,
	};
	static const char *const names[] = {
		"at_inet_conn_request", "at_inet_csk_clone", "at_inet_conn_established",
		"at_req_classify_flow", "at_sk_clone_security", "at_sock_graft",
		"at_sk_free_security",
	};
	int i, listener = tcp_listener(), fd = socket(AF_INET, SOCK_STREAM, 0), child;
	struct sockaddr_in addr = local(PORT);
	struct bpf_link *links[7];

	ASSERT_LE(0, listener);
	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	VAR(int, "answer") = 0;
	for (i = 0; i < 7; i++) {
		links[i] = attach(self, names[i]);
		ASSERT_NE(NULL, links[i]);
	}
	ASSERT_EQ(0, connect(fd, (void *)&addr, sizeof(addr)));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	close(fd);
	close(child);
	close(listener);
	for (i = 0; i < 7; i++) {
		while (!count(self, which[i]))
			usleep(1000);
	}
	EXPECT_EQ(1, count(self, inet_conn_request));
	EXPECT_EQ(1, count(self, inet_csk_clone));
	EXPECT_EQ(1, count(self, inet_conn_established));
	EXPECT_EQ(1, count(self, sk_clone_security));
	EXPECT_EQ(1, count(self, sock_graft));
	for (i = 0; i < 7; i++)
		bpf_link__destroy(links[i]);
}

/* A file that is made under a name has another hook afterwards, which only looks. */
TEST_F(hooks, post_mknod)
{
	struct bpf_link *link;

	ASSERT_EQ(0, load(self)) TH_LOG("%s", vlog);
	link = attach(self, "at_path_post_mknod");
	ASSERT_NE(NULL, link);
	make_file(DIR "/new");
	EXPECT_EQ(0, result(mknod(DIR "/node", S_IFREG | 0600, 0)));
	EXPECT_EQ(1, count(self, path_post_mknod));
	bpf_link__destroy(link);
}

TEST_HARNESS_MAIN
