/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Network namespaces, devices and traffic of a test's own. A test runs in a process of its own, so
 * all of it goes when the test ends.
 */
#ifndef SELFTESTS_BPF_NET_H
#define SELFTESTS_BPF_NET_H

#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sched.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

/* Guests are emulated, and share their host. Included behind the harness. */
#undef TEST_TIMEOUT_DEFAULT
#define TEST_TIMEOUT_DEFAULT 240

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

/* How many times slower than usual the kernel may be; limits of waiting grow with it. */
#ifndef SLOW
#define SLOW 1
#endif

static inline int sys_bpf(int cmd, union bpf_attr *attr)
{
	int ret = syscall(__NR_bpf, cmd, attr, sizeof(*attr));

	return ret < 0 ? -errno : ret;
}

/* A shell command; 0 where it succeeded. */
static inline int __attribute__((format(printf, 1, 2))) sh(const char *fmt, ...)
{
	char cmd[1024];
	va_list args;
	int status;

	va_start(args, fmt);
	vsnprintf(cmd, sizeof(cmd), fmt, args);
	va_end(args);
	status = system(cmd);
	if (status)
		fprintf(stderr, "# status %#x: %s\n", status, cmd);
	return status;
}

/* ------------------------------------------------------------------ namespaces */

static inline int ns_go(int ns)
{
	return setns(ns, CLONE_NEWNET) ? -errno : 0;
}

/* A new namespace with lo up, entered; its fd. */
static inline int ns_new(void)
{
	struct ifreq req = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd;

	if (unshare(CLONE_NEWNET))
		return -errno;
	fd = socket(AF_INET, SOCK_DGRAM, 0);
	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &req))
		return -errno;
	close(fd);
	return open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
}

/*
 * A pair of devices: @a here with number @ai, @b in namespace @ns with number @bi. Addresses
 * 10.@net.0.1 and .2, fd00:@net::1 and ::2, Ethernet addresses 02:00:00:00:00:@ai and @bi.
 */
static inline int veth_pair(const char *a, int ai, const char *b, int bi, int ns, int net)
{
	int here = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), err;

	err = sh("ip link add name %s index %d address 02:00:00:00:00:%02d type veth "
		 "peer name %s index %d address 02:00:00:00:00:%02d netns /proc/%d/fd/%d && "
		 "ip addr add 10.%d.0.1/24 dev %s && ip addr add fd00:%d::1/64 dev %s nodad && "
		 "ip link set %s up",
		 a, ai, ai, b, bi, bi, getpid(), ns, net, a, net, a, a);
	err = err ?: ns_go(ns);
	err = err ?: sh("ip addr add 10.%d.0.2/24 dev %s && "
			"ip addr add fd00:%d::2/64 dev %s nodad && ip link set %s up",
			net, b, net, b, b);
	err = err ?: ns_go(here);
	close(here);
	return err;
}

/* Writes a file below /proc/sys of the namespace entered. */
static inline int sysctl_set(const char *name, const char *value)
{
	char path[256];
	int fd, ret;

	snprintf(path, sizeof(path), "/proc/sys/%s", name);
	fd = open(path, O_WRONLY);
	if (fd < 0)
		return -errno;
	ret = write(fd, value, strlen(value)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

/* ------------------------------------------------------------------ traffic */

static inline struct sockaddr_in addr4(const char *ip, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };

	inet_pton(AF_INET, ip, &at.sin_addr);
	return at;
}

static inline struct sockaddr_in6 addr6(const char *ip, int port)
{
	struct sockaddr_in6 at = { .sin6_family = AF_INET6, .sin6_port = htons(port) };

	inet_pton(AF_INET6, ip, &at.sin6_addr);
	return at;
}

/* A UDP socket bound to @ip and @port with a receive timeout of seconds, or a negative errno. */
static inline int udp_open(const char *ip, int port)
{
	bool v6 = strchr(ip, ':');
	struct sockaddr_in6 at6 = addr6(ip, port);
	struct sockaddr_in at = addr4(ip, port);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	struct timeval wait = { .tv_sec = 5 * SLOW };

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	if (bind(fd, v6 ? (void *)&at6 : (void *)&at, v6 ? sizeof(at6) : sizeof(at))) {
		close(fd);
		return -errno;
	}
	return fd;
}

/*
 * Sends @cnt datagrams of @len bytes, each its number in the first byte; how many went out. Over
 * IPv4 without checksum: a frame does not keep one that the sender left to its device.
 */
static inline int udp_send(const char *ip, int port, int cnt, int len)
{
	bool v6 = strchr(ip, ':');
	struct sockaddr_in6 at6 = addr6(ip, port);
	struct sockaddr_in at = addr4(ip, port);
	int fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), i;
	char *buf = calloc(1, len);
	int one = 1;

	setsockopt(fd, SOL_SOCKET, SO_NO_CHECK, &one, sizeof(one));
	for (i = 0; i < cnt; i++) {
		buf[0] = i;
		if (sendto(fd, buf, len, 0, v6 ? (void *)&at6 : (void *)&at,
			   v6 ? sizeof(at6) : sizeof(at)) != len)
			break;
	}
	free(buf);
	close(fd);
	return i;
}

/* Receives up to @want datagrams; then looks once more whether there is one too many. */
static inline int udp_recv(int fd, int want)
{
	struct timeval wait = { .tv_sec = 5 * SLOW }, soon = { .tv_usec = 50000 };
	char buf[65536];
	int got = 0;

	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	while (got < want && recv(fd, buf, sizeof(buf), 0) >= 0)
		got++;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &soon, sizeof(soon));
	while (recv(fd, buf, sizeof(buf), 0) >= 0)
		got++;
	return got;
}

/* ------------------------------------------------------------------ objects */

static inline int net_quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, fmt, args) : 0;
}

/* An object of the suite, opened, or NULL. */
static inline struct bpf_object *net_open(const char *name)
{
	char path[512];

	libbpf_set_print(net_quiet);
	snprintf(path, sizeof(path), "%s/%s.bpf.o", getenv("O") ?: ".", name);
	return bpf_object__open_file(path, NULL);
}

/* The same object, loaded, or NULL. */
static inline struct bpf_object *net_load(struct bpf_object *obj)
{
	if (obj && bpf_object__load(obj)) {
		bpf_object__close(obj);
		return NULL;
	}
	return obj;
}

static inline struct bpf_object *net_object(const char *name)
{
	return net_load(net_open(name));
}

static inline int net_prog(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	return prog ? bpf_program__fd(prog) : -ENOENT;
}

static inline int net_map(struct bpf_object *obj, const char *name)
{
	return bpf_object__find_map_fd_by_name(obj, name);
}

/*
 * Says that a program knows packets in pieces. Unlike its section "xdp.frags" this leaves the
 * expected attach type as other programs have it, by whatever the library makes of that.
 */
static inline void net_frags(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	bpf_program__set_flags(prog, bpf_program__flags(prog) | BPF_F_XDP_HAS_FRAGS);
}

/* Attaches a program to XDP of a device. */
static inline int xdp_attach(struct bpf_object *obj, int ifindex, const char *prog, __u32 mode)
{
	return bpf_xdp_attach(ifindex, net_prog(obj, prog), mode, NULL);
}

/* Counts that programs keep; see net.bpf.h. */
static inline __u64 seen(struct bpf_object *obj, __u32 where, __u32 what)
{
	__u64 key = (__u64)where << 32 | what, n = 0;

	if (bpf_map_lookup_elem(net_map(obj, "seen"), &key, &n))
		return 0;
	return n;
}

/* Waits for a count, for seconds at most; the count then. */
static inline __u64 seen_wait(struct bpf_object *obj, __u32 where, __u32 what, __u64 want)
{
	int i;

	for (i = 0; i < 1000 * SLOW && seen(obj, where, what) < want; i++)
		usleep(10000);
	usleep(20000);
	return seen(obj, where, what);
}

#endif /* SELFTESTS_BPF_NET_H */
