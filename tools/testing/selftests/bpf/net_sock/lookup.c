// SPDX-License-Identifier: GPL-2.0
/*
 * Sockets as packet programs find, see, assign and describe them, by test runs and on real traffic;
 * programs of BPF_SK_LOOKUP; SYN cookies.
 */
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "lookup.h"

#define PKT_LEN (14 + 20 + 20)

FIXTURE(lookup)
{
	struct bpf_object *obj;
	struct globals *g;
	int near, far;
	unsigned char pkt[PKT_LEN];
	struct __sk_buff ctx;
};

FIXTURE_SETUP(lookup)
{
	self->obj = net_object("lookup");
	ASSERT_NE(NULL, self->obj);
	self->g = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
		       net_map(self->obj, ".bss"), 0);
	ASSERT_NE(MAP_FAILED, self->g);
	self->far = ns_new();
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->far, 1));
	ns_go(self->far);
	self->g->netns = -1;
}

FIXTURE_TEARDOWN(lookup)
{
	bpf_object__close(self->obj);
}

/* A packet of @proto from and to localhost; for TCP a SYN. */
static void packet(unsigned char *pkt, int proto, int sport, int dport)
{
	struct ethhdr *eth = (void *)pkt;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *th = (void *)(ip + 1);

	memset(pkt, 0, PKT_LEN);
	eth->h_proto = htons(ETH_P_IP);
	*ip = (struct iphdr) { .version = 4, .ihl = 5, .ttl = 64, .protocol = proto,
			       .tot_len = htons(PKT_LEN - sizeof(*eth)),
			       .saddr = htonl(INADDR_LOOPBACK), .daddr = htonl(INADDR_LOOPBACK) };
	th->source = htons(sport);
	th->dest = htons(dport);
	if (proto == IPPROTO_TCP) {
		th->seq = htonl(0x12345678);
		th->doff = 5;
		th->syn = 1;
	}
}

/* What a program says of the packet, or a negative errno. */
static int judge(FIXTURE_DATA(lookup) *self, const char *prog)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = self->pkt, .data_size_in = PKT_LEN);
	int err;

	if (strncmp(prog, "xdp", 3)) {
		opts.ctx_in = &self->ctx;
		opts.ctx_size_in = sizeof(self->ctx);
	}
	err = bpf_prog_test_run_opts(net_prog(self->obj, prog), &opts);
	return err ?: (int)opts.retval;
}

static int tcp_listen(const char *ip, int port)
{
	struct timeval wait = { .tv_sec = 10 * SLOW };
	struct sockaddr_in at = addr4(ip, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;

	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (bind(fd, (void *)&at, sizeof(at)) || listen(fd, 8))
		return -errno;
	return fd;
}

static int tcp_connect(const char *ip, int port)
{
	struct timeval wait = { .tv_sec = 10 * SLOW };
	struct sockaddr_in at = addr4(ip, port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (connect(fd, (void *)&at, sizeof(at))) {
		close(fd);
		return -errno;
	}
	return fd;
}

TEST_F(lookup, connection)
{
	struct sockaddr_in at;
	socklen_t len = sizeof(at);
	int listener = tcp_listen("127.0.0.1", PORT_TARGET), client, server, mark = 77;
	char buf[4];

	ASSERT_LT(0, listener);
	client = tcp_connect("127.0.0.1", PORT_TARGET);
	ASSERT_LT(0, client);
	server = accept(listener, NULL, NULL);
	ASSERT_LT(0, server);
	ASSERT_EQ(0, setsockopt(server, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	ASSERT_EQ(3, send(client, "abc", 3, 0));
	ASSERT_EQ(3, recv(server, buf, 3, MSG_WAITALL));
	getsockname(client, (void *)&at, &len);

	packet(self->pkt, IPPROTO_TCP, ntohs(at.sin_port), PORT_TARGET);
	EXPECT_EQ(0, judge(self, "tc_connection"));
	EXPECT_EQ(0, judge(self, "tc_cast"));
	close(server);
	close(client);
}

TEST_F(lookup, listener)
{
	int listener;

	packet(self->pkt, IPPROTO_TCP, 1, PORT_TARGET);
	EXPECT_EQ(2, judge(self, "tc_listener"));
	listener = tcp_listen("127.0.0.1", PORT_TARGET);
	ASSERT_LT(0, listener);
	EXPECT_EQ(0, judge(self, "tc_listener"));
	close(listener);
	EXPECT_EQ(2, judge(self, "tc_listener"));
}

/* Another namespace has sockets of its own, and is reached by its number here. */
TEST_F(lookup, other_namespace)
{
	int listener;

	ns_go(self->near);
	listener = tcp_listen("127.0.0.1", PORT_TARGET);
	ASSERT_LT(0, listener);
	ns_go(self->far);
	packet(self->pkt, IPPROTO_TCP, 1, PORT_TARGET);
	EXPECT_EQ(2, judge(self, "tc_listener"));
	self->g->netns = 5;
	EXPECT_EQ(2, judge(self, "tc_listener"));
	/* The namespace of the peer of v1 was the first to get a number here. */
	self->g->netns = 0;
	EXPECT_EQ(0, judge(self, "tc_listener"));
	close(listener);
}

TEST_F(lookup, udp)
{
	int fd = udp_open("127.0.0.1", PORT_TARGET), fd6;
	int map = net_map(self->obj, "storage");
	__u32 value = 0;

	packet(self->pkt, IPPROTO_UDP, 1, PORT_TARGET);
	EXPECT_EQ(4, judge(self, "tc_udp"));
	fd6 = udp_open("::1", PORT_TARGET);
	ASSERT_LT(0, fd6);
	EXPECT_EQ(0, judge(self, "tc_udp"));
	EXPECT_EQ(0, judge(self, "tc_nothing"));
	/* Both runs found the same storage, and user space does. */
	EXPECT_EQ(7, self->g->stored);
	EXPECT_EQ(0, bpf_map_lookup_elem(map, &fd, &value));
	EXPECT_EQ(7, value);
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(map, &fd6, &value));
	close(fd);
	close(fd6);
}

TEST_F(lookup, from_xdp)
{
	int udp = udp_open("127.0.0.1", PORT_TARGET), listener;

	packet(self->pkt, IPPROTO_UDP, 1, PORT_TARGET);
	EXPECT_EQ(13, judge(self, "xdp_lookups"));
	listener = tcp_listen("127.0.0.1", PORT_TARGET);
	EXPECT_EQ(0, judge(self, "xdp_lookups"));
	close(udp);
	EXPECT_EQ(11, judge(self, "xdp_lookups"));
	close(listener);
}

TEST_F(lookup, refused_programs)
{
	static const struct {
		const char *name;
		int err;
	} bad[] = {
		{ "bad_leak", -EINVAL }, { "bad_use_after_release", -EACCES },
		{ "bad_null", -EACCES }, { "bad_write", -EACCES }, { "bad_common", -EACCES },
		{ "bad_field", -EACCES },
	};
	struct bpf_object *obj;
	char path[512];
	int i, err;

	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s/lookup.bpf.o", getenv("O") ?: ".");
	for (i = 0; i < LEN(bad); i++) {
		obj = bpf_object__open_file(path, NULL);
		ASSERT_NE(NULL, obj);
		bpf_program__set_autoload(bpf_object__find_program_by_name(obj, bad[i].name), true);
		err = bpf_object__load(obj);
		/* What exactly is the verifier's business. */
		EXPECT_TRUE(err == -EINVAL || err == -EACCES) {
			TH_LOG("%s: %d", bad[i].name, err);
		}
		bpf_object__close(obj);
	}
}

/* ------------------------------------------------------------------ assignment */

TEST_F(lookup, assigned_datagrams)
{
	int fd = udp_open("10.1.0.2", PORT_TARGET);

	ns_go(self->near);
	EXPECT_EQ(5, udp_send("10.1.0.2", PORT_ASSIGNED, 5, 100));
	ns_go(self->far);
	EXPECT_EQ(0, udp_recv(fd, 0));

	ASSERT_EQ(0, sh("tc qdisc add dev v1 clsact"));
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = V1, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(self->obj, "tc_assign"));
	ASSERT_EQ(0, bpf_tc_attach(&hook, &opts));
	ns_go(self->near);
	EXPECT_EQ(5, udp_send("10.1.0.2", PORT_ASSIGNED, 5, 100));
	ns_go(self->far);
	EXPECT_EQ(5, udp_recv(fd, 5));
	EXPECT_EQ(5, seen(self->obj, AT_ASSIGN, 0));
	EXPECT_EQ(5, seen(self->obj, AT_ASSIGN_FLAGS, EINVAL));
	close(fd);
	/* The socket has gone, and all that packets held of it. */
	ns_go(self->near);
	EXPECT_EQ(5, udp_send("10.1.0.2", PORT_ASSIGNED, 5, 100));
	ns_go(self->far);
	EXPECT_EQ(5, seen_wait(self->obj, AT_WRONG, 1, 5));
}

TEST_F(lookup, assigned_connections)
{
	int listener = tcp_listen("10.1.0.2", PORT_TARGET), client, server;
	char c;

	ASSERT_EQ(0, sh("tc qdisc add dev v1 clsact"));
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = V1, .attach_point = BPF_TC_INGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(self->obj, "tc_assign"));
	ns_go(self->near);
	EXPECT_EQ(-ECONNREFUSED, tcp_connect("10.1.0.2", PORT_ASSIGNED));
	ns_go(self->far);
	ASSERT_EQ(0, bpf_tc_attach(&hook, &opts));
	ns_go(self->near);
	client = tcp_connect("10.1.0.2", PORT_ASSIGNED);
	ASSERT_LT(0, client);
	server = accept(listener, NULL, NULL);
	ASSERT_LT(0, server);
	EXPECT_EQ(1, send(client, "x", 1, 0));
	EXPECT_EQ(1, recv(server, &c, 1, 0));
	close(client);
	EXPECT_EQ(0, recv(server, &c, 1, 0));
	close(server);
	close(listener);
	EXPECT_EQ(0, seen(self->obj, AT_WRONG, 1));
}

/* Where packets leave there is nobody to assign them to. */
TEST_F(lookup, assignment_at_egress)
{
	int fd = udp_open("10.1.0.1", PORT_TARGET);

	ASSERT_EQ(0, sh("tc qdisc add dev v1 clsact"));
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = V1, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(self->obj, "tc_assign"));
	fd = udp_open("10.1.0.1", PORT_TARGET);
	ASSERT_EQ(-EADDRNOTAVAIL, fd);
	/* Sent from here to there; the socket that is found is one of here. */
	fd = udp_open("0.0.0.0", PORT_TARGET);
	ASSERT_LT(0, fd);
	ASSERT_EQ(0, bpf_tc_attach(&hook, &opts));
	EXPECT_EQ(5, udp_send("10.1.0.1", PORT_ASSIGNED, 5, 100));
	EXPECT_EQ(5, seen_wait(self->obj, AT_ASSIGN, EOPNOTSUPP, 5));
	close(fd);
}

/* ------------------------------------------------------------------ who sent it */

TEST_F(lookup, sender)
{
	char path[] = "/sys/fs/cgroup/lookup.XXXXXX";
	int fd = udp_open("0.0.0.0", PORT_TARGET), group;
	struct sockaddr_in at = addr4("10.1.0.1", PORT_PLAIN);
	__u64 cookie, netns_cookie;
	socklen_t len = sizeof(cookie);
	struct stat st, root;
	__u32 key = 0;

	ASSERT_NE(NULL, mkdtemp(path));
	ASSERT_EQ(0, stat(path, &st));
	ASSERT_EQ(0, stat("/sys/fs/cgroup", &root));
	ASSERT_EQ(0, sh("echo %d >%s/cgroup.procs", getpid(), path));
	close(fd);
	/* A socket belongs to the group that its maker was in. */
	fd = udp_open("0.0.0.0", PORT_TARGET);
	group = open(path, O_RDONLY | O_DIRECTORY);
	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "groups"), &key, &group, 0));
	ASSERT_EQ(0, fchown(fd, 1234, -1));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &len));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, 71 /* SO_NETNS_COOKIE */, &netns_cookie, &len));

	ASSERT_EQ(0, sh("tc qdisc add dev v1 clsact"));
	LIBBPF_OPTS(bpf_tc_hook, hook, .ifindex = V1, .attach_point = BPF_TC_EGRESS);
	LIBBPF_OPTS(bpf_tc_opts, opts, .prog_fd = net_prog(self->obj, "tc_sender"));
	ASSERT_EQ(0, bpf_tc_attach(&hook, &opts));
	ASSERT_EQ(1, sendto(fd, "x", 1, 0, (void *)&at, sizeof(at)));
	ASSERT_EQ(1, seen_wait(self->obj, AT_EGRESS, 0, 1));
	EXPECT_EQ(cookie, self->g->cookie);
	EXPECT_EQ(1234, self->g->uid);
	EXPECT_EQ(netns_cookie, self->g->netns_cookie);
	EXPECT_EQ(st.st_ino, self->g->cgroup_id);
	EXPECT_EQ(root.st_ino, self->g->root_id);
	EXPECT_EQ(0, self->g->ancestor_id);
	EXPECT_EQ(1 | 1 << 8 | 1 << 16, self->g->under);
	EXPECT_EQ(AF_INET, self->g->family);
	EXPECT_EQ(PORT_TARGET, self->g->local_port);
	EXPECT_EQ(0, seen(self->obj, AT_WRONG, 2));
	close(fd);
	close(group);
	/* The shell moves itself as well. */
	ASSERT_EQ(0, sh("cd /sys/fs/cgroup && echo %d >cgroup.procs && echo $$ >cgroup.procs && "
			"rmdir %s", getpid(), path));
}

/* ------------------------------------------------------------------ SYN cookies */

TEST_F(lookup, raw_cookies)
{
	packet(self->pkt, IPPROTO_TCP, 1, PORT_TARGET);
	EXPECT_EQ(0, judge(self, "tc_cookie_raw"));
	EXPECT_EQ(0, judge(self, "tc_cookie_raw6"));
}

TEST_F(lookup, cookies_of_a_listener)
{
	int listener = tcp_listen("127.0.0.1", PORT_TARGET);

	ASSERT_LT(0, listener);
	packet(self->pkt, IPPROTO_TCP, 1, PORT_TARGET);
	/* Not allowed, no flood, always. */
	ASSERT_EQ(0, sysctl_set("net/ipv4/tcp_syncookies", "0"));
	self->ctx.mark = ENOENT;
	EXPECT_EQ(0, judge(self, "tc_cookie"));
	ASSERT_EQ(0, sysctl_set("net/ipv4/tcp_syncookies", "1"));
	EXPECT_EQ(0, judge(self, "tc_cookie"));
	ASSERT_EQ(0, sysctl_set("net/ipv4/tcp_syncookies", "2"));
	self->ctx.mark = 0;
	EXPECT_EQ(0, judge(self, "tc_cookie"));
	close(listener);
}

/* ------------------------------------------------------------------ BPF_SK_LOOKUP */

static int netns_link(struct bpf_object *obj, const char *prog)
{
	int ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), link;

	link = bpf_link_create(net_prog(obj, prog), ns, BPF_SK_LOOKUP, NULL);
	close(ns);
	return link;
}

TEST_F(lookup, programs_see_packets)
{
	int fd = udp_open("10.1.0.2", PORT_PLAIN), fd6 = udp_open("fd00:1::2", PORT_PLAIN);
	int refused = udp_open("10.1.0.2", PORT_REFUSED), listener, link, i;
	struct sockaddr_in6 at6 = addr6("fd00:1::1", 0);

	ASSERT_LT(0, fd);
	ASSERT_LT(0, fd6);
	link = netns_link(self->obj, "look_up");
	ASSERT_LT(0, link);
	ns_go(self->near);
	EXPECT_EQ(3, udp_send("10.1.0.2", PORT_PLAIN, 3, 10));
	EXPECT_EQ(3, udp_recv(fd, 3));
	EXPECT_EQ(3, seen(self->obj, AT_RUN, PORT_PLAIN));
	EXPECT_EQ(AF_INET, self->g->family);
	EXPECT_EQ(IPPROTO_UDP, self->g->protocol);
	EXPECT_EQ(inet_addr("10.1.0.1"), self->g->remote_ip4);
	EXPECT_EQ(inet_addr("10.1.0.2"), self->g->local_ip4);
	EXPECT_LT(0, self->g->remote_port);
	EXPECT_EQ(PORT_PLAIN, self->g->local_port);
	EXPECT_EQ(V1, self->g->ifindex);
	EXPECT_EQ(0, self->g->remote_ip6[3] | self->g->local_ip6[0]);

	EXPECT_EQ(3, udp_send("fd00:1::2", PORT_PLAIN, 3, 10));
	EXPECT_EQ(3, udp_recv(fd6, 3));
	EXPECT_EQ(AF_INET6, self->g->family);
	for (i = 0; i < 4; i++)
		EXPECT_EQ(at6.sin6_addr.s6_addr32[i], self->g->remote_ip6[i]);
	EXPECT_EQ(0, self->g->remote_ip4);

	EXPECT_EQ(3, udp_send("10.1.0.2", PORT_REFUSED, 3, 10));
	EXPECT_EQ(0, udp_recv(refused, 0));
	ns_go(self->far);
	listener = tcp_listen("10.1.0.2", PORT_REFUSED);
	ns_go(self->near);
	EXPECT_EQ(-ECONNREFUSED, tcp_connect("10.1.0.2", PORT_REFUSED));
	EXPECT_EQ(IPPROTO_TCP, self->g->protocol);
	close(link);
	i = tcp_connect("10.1.0.2", PORT_REFUSED);
	EXPECT_LT(0, i);
	close(i);
	EXPECT_EQ(3, udp_send("10.1.0.2", PORT_REFUSED, 3, 10));
	EXPECT_EQ(3, udp_recv(refused, 3));
	EXPECT_EQ(0, seen(self->obj, AT_WRONG, 1) + seen(self->obj, AT_WRONG, 2));
	close(listener);
}

TEST_F(lookup, test_run)
{
	struct bpf_sk_lookup ctx = { .family = AF_INET, .protocol = IPPROTO_UDP,
				     .remote_ip4 = 1, .local_ip4 = 2, .remote_port = htons(3),
				     .local_port = PORT_REFUSED, .ingress_ifindex = 7 };
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &ctx, .ctx_size_in = sizeof(ctx),
		    .ctx_out = &ctx, .ctx_size_out = sizeof(ctx));
	int prog = net_prog(self->obj, "look_up");

	ASSERT_EQ(0, bpf_prog_test_run_opts(prog, &opts));
	EXPECT_EQ(SK_DROP, opts.retval);
	EXPECT_EQ(1, self->g->remote_ip4);
	EXPECT_EQ(2, self->g->local_ip4);
	EXPECT_EQ(3, self->g->remote_port);
	EXPECT_EQ(7, self->g->ifindex);
	EXPECT_EQ(0, ctx.cookie);

	ctx.local_port = 65536;
	EXPECT_EQ(-ERANGE, bpf_prog_test_run_opts(prog, &opts));
	ctx.local_port = PORT_PLAIN;
	ctx.family = AF_UNIX;
	EXPECT_EQ(-EAFNOSUPPORT, bpf_prog_test_run_opts(prog, &opts));
	ctx.family = AF_INET;
	ctx.cookie = 1;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	ctx.cookie = 0;
	opts.data_in = &ctx;
	opts.data_size_in = sizeof(ctx);
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
	opts.data_in = NULL;
	opts.data_size_in = 0;
	opts.ctx_in = NULL;
	opts.ctx_size_in = 0;
	opts.ctx_out = NULL;
	opts.ctx_size_out = 0;
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(prog, &opts));
}

TEST_HARNESS_MAIN
