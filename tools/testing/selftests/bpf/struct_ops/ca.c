// SPDX-License-Identifier: GPL-2.0
/* TCP connections over loopback whose congestion control is a program. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "kselftest_harness.h"
#include "object.h"

#define BYTES	(8 << 20)

/* States of an element, as the kernel's BTF numbers them. */
enum { ST_INIT, ST_INUSE, ST_TOBEFREE, ST_READY };

#define U64(name) (*(volatile __u64 *)var(self->obj, name))

static int link_create(int map_fd)
{
	union bpf_attr attr = {};

	attr.link_create.map_fd = map_fd;
	attr.link_create.attach_type = BPF_STRUCT_OPS;
	return sys_bpf(BPF_LINK_CREATE, &attr);
}

static int link_update(int link, int new_map, int old_map, __u32 flags)
{
	union bpf_attr attr = {};

	attr.link_update.link_fd = link;
	attr.link_update.new_map_fd = new_map;
	attr.link_update.old_map_fd = old_map;
	attr.link_update.flags = flags;
	return sys_bpf(BPF_LINK_UPDATE, &attr);
}

static void lo_up(void)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_flags = IFF_UP };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ioctl(fd, SIOCSIFFLAGS, &ifr);
	close(fd);
}

/* Common head of a value. */
struct head {
	__u32 refcnt;
	__u32 state;
};

FIXTURE(ca) {
	struct bpf_object *obj;
	char value[4096];
};

FIXTURE_VARIANT(ca) {
	bool link;
};

FIXTURE_VARIANT_ADD(ca, map) { .link = false };
FIXTURE_VARIANT_ADD(ca, link) { .link = true };

FIXTURE_SETUP(ca)
{
	struct bpf_map *map;

	ASSERT_EQ(0, unshare(CLONE_NEWNET));
	lo_up();
	self->obj = open_object("ca");
	ASSERT_NE(NULL, self->obj);
	bpf_object__for_each_map(map, self->obj) {
		if (variant->link && bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map__set_map_flags(map, BPF_F_LINK);
	}
	ASSERT_EQ(0, bpf_object__load(self->obj));
}

FIXTURE_TEARDOWN(ca)
{
	bpf_object__close(self->obj);
}

static int map_fd(struct bpf_object *obj, const char *name)
{
	return bpf_object__find_map_fd_by_name(obj, name);
}

static __u32 map_id(int fd)
{
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : info.id;
}

/*
 * Libbpf keeps the value that it would register to itself: have it register, and for maps with
 * links look whether it came as far as the element.
 */
static struct bpf_link *attach(struct bpf_object *obj, const char *name)
{
	return bpf_map__attach_struct_ops(bpf_object__find_map_by_name(obj, name));
}

static struct head *read_value(FIXTURE_DATA(ca) *self, int fd)
{
	__u32 zero = 0;

	memset(self->value, 0xff, sizeof(self->value));
	return bpf_map_lookup_elem(fd, &zero, self->value) ? NULL : (struct head *)self->value;
}

/* ------------------------------------------------------------------ traffic */

static int listen_on(struct sockaddr_in *addr, const char *algo)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	*addr = (struct sockaddr_in){ .sin_family = AF_INET };
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (void *)addr, sizeof(*addr)) || listen(fd, 8) ||
	    getsockname(fd, (void *)addr, &len))
		return -1;
	if (algo && setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, algo, strlen(algo)))
		return -1;
	return fd;
}

static void *sink(void *arg)
{
	int fd = accept((long)arg, NULL, NULL);
	unsigned long sum = 0;
	unsigned char buf[65536];
	ssize_t n, i;

	while ((n = read(fd, buf, sizeof(buf))) > 0) {
		for (i = 0; i < n; i++)
			sum += buf[i];
	}
	close(fd);
	return (void *)sum;
}

/* Sends BYTES through @fd to a listener; true if all of it came. */
static bool transfer(int fd, int lfd, const struct sockaddr_in *addr)
{
	unsigned long want = 0;
	static unsigned char buf[65536];
	size_t left = BYTES;
	pthread_t thread;
	void *sum;
	size_t i;

	for (i = 0; i < sizeof(buf); i++)
		buf[i] = i * 7 + 1;
	if (pthread_create(&thread, NULL, sink, (void *)(long)lfd))
		return false;
	if (connect(fd, (void *)addr, sizeof(*addr)))
		return false;
	while (left) {
		ssize_t n = write(fd, buf, left < sizeof(buf) ? left : sizeof(buf));

		if (n <= 0)
			return false;
		for (i = 0; i < n; i++)
			want += buf[i];
		left -= n;
	}
	close(fd);
	pthread_join(thread, &sum);
	return (unsigned long)sum == want;
}

static int tcp_with(const char *algo)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, algo, strlen(algo))) {
		int err = errno;

		close(fd);
		return -err;
	}
	return fd;
}

TEST_F_TIMEOUT(ca, transfer, 120)
{
	int fd, lfd, mfd = map_fd(self->obj, "kbpf_ca");
	struct bpf_link *link = NULL;
	struct sockaddr_in addr;
	char name[16] = "";
	socklen_t len = sizeof(name);
	int lk = -1;

	EXPECT_EQ(-ENOENT, tcp_with("kbpf_ca"));
	if (variant->link) {
		link = attach(self->obj, "kbpf_ca");
		EXPECT_EQ(ST_READY, read_value(self, mfd)->state);
		EXPECT_EQ(-ENOENT, tcp_with("kbpf_ca"));
		lk = link_create(mfd);
		ASSERT_LE(0, lk);
	} else {
		link = attach(self->obj, "kbpf_ca");
		EXPECT_EQ(ST_INUSE, read_value(self, mfd)->state);
	}
	lfd = listen_on(&addr, NULL);
	ASSERT_LE(0, lfd);
	fd = tcp_with("kbpf_ca");
	ASSERT_LE(0, fd);
	EXPECT_EQ(0, getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len));
	EXPECT_STREQ("kbpf_ca", name);
	ASSERT_TRUE(transfer(fd, lfd, &addr));
	close(lfd);
	usleep(200000);

	EXPECT_EQ(1, U64("nr_init"));
	EXPECT_EQ(1, U64("nr_release"));
	EXPECT_EQ(0, U64("nr_bad_state"));
	EXPECT_EQ(AF_INET, U64("is_tcp"));
	EXPECT_LT(10, U64("nr_cong_avoid"));
	EXPECT_LT(10, U64("nr_in_ack"));
	EXPECT_LT(0, U64("nr_event"));
	/* every segment was acknowledged, and what the socket kept is what came */
	EXPECT_LE(BYTES / 65536, U64("nr_acked"));
	EXPECT_LT(0, U64("bytes_acked"));
	EXPECT_LE(U64("bytes_acked"), U64("nr_acked"));
	EXPECT_LT(10, U64("max_cwnd"));
	EXPECT_GE(4097, U64("max_cwnd"));

	if (lk >= 0)
		close(lk);
	if (!variant->link) {
		__u32 zero = 0;

		EXPECT_EQ(0, bpf_map_delete_elem(mfd, &zero));
		EXPECT_EQ(ST_TOBEFREE, read_value(self, mfd)->state);
		EXPECT_NE(0, bpf_map_delete_elem(mfd, &zero));
		EXPECT_EQ(EINPROGRESS, errno);
	}
	EXPECT_EQ(-ENOENT, tcp_with("kbpf_ca"));
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
}

/* A socket keeps its algorithm alive after it was taken away and everybody let the map go. */
TEST_F_TIMEOUT(ca, outlives_map, 120)
{
	int fd, lfd, lk = -1, i, mfd = map_fd(self->obj, "kbpf_ca");
	__u32 id = map_id(mfd), zero = 0, refs;
	volatile __u64 *nr_release = var(self->obj, "nr_release");
	volatile __u64 *nr_cong = var(self->obj, "nr_cong_avoid");
	struct sockaddr_in addr;
	struct bpf_link *link;

	link = attach(self->obj, "kbpf_ca");
	if (variant->link)
		lk = link_create(mfd);
	refs = read_value(self, mfd)->refcnt;
	lfd = listen_on(&addr, NULL);
	fd = tcp_with("kbpf_ca");
	ASSERT_LE(0, fd);
	EXPECT_EQ(refs + 1, read_value(self, mfd)->refcnt);
	if (variant->link)
		close(lk);
	else
		EXPECT_EQ(0, bpf_map_delete_elem(mfd, &zero));
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
	bpf_object__close(self->obj);
	self->obj = NULL;

	ASSERT_LE(0, bpf_map_get_fd_by_id(id));
	EXPECT_EQ(0, *nr_release);
	ASSERT_TRUE(transfer(fd, lfd, &addr));
	close(lfd);
	/* the fd above is the last user */
	for (i = 0; i < 100 && !*nr_release; i++)
		usleep(50000);
	EXPECT_EQ(1, *nr_release);
	EXPECT_LT(10, *nr_cong);
}

/* Many sockets come and go while the algorithm is registered and taken away again. */
static volatile int storm_stop;

static void *storm(void *arg)
{
	unsigned long got = 0;

	while (!storm_stop) {
		int fd = tcp_with("kbpf_ca");

		if (fd >= 0) {
			got++;
			close(fd);
		}
	}
	return (void *)got;
}

TEST_F_TIMEOUT(ca, storm, 120)
{
	int i, n, mfd = map_fd(self->obj, "kbpf_ca");
	unsigned long got = 0;
	pthread_t threads[2];
	struct bpf_link *link;
	void *res;

	link = attach(self->obj, "kbpf_ca");
	storm_stop = 0;
	for (i = 0; i < 2; i++)
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, storm, NULL));
	/* elements cannot be written again: registering by hand is for links */
	for (n = 0; n < 30; n++) {
		if (variant->link) {
			int lk = link_create(mfd);

			ASSERT_LE(0, lk);
			usleep(2000);
			close(lk);
		} else {
			usleep(2000);
		}
	}
	storm_stop = 1;
	for (i = 0; i < 2; i++) {
		pthread_join(threads[i], &res);
		got += (unsigned long)res;
	}
	if (!variant->link) {
		__u32 zero = 0;

		EXPECT_EQ(0, bpf_map_delete_elem(mfd, &zero));
	}
	EXPECT_LT(0, got);
	/* sockets that never connected have no algorithm set up, but each gives it back */
	EXPECT_EQ(0, U64("nr_init"));
	EXPECT_EQ(got, U64("nr_release"));
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
}

TEST_F_TIMEOUT(ca, nested, 120)
{
	int fd, lfd, lk = -1, mfd = map_fd(self->obj, "kbpf_nest");
	struct sockaddr_in addr;
	struct bpf_link *link;
	__u32 zero = 0;

	link = attach(self->obj, "kbpf_nest");
	if (variant->link)
		lk = link_create(mfd);
	lfd = listen_on(&addr, NULL);
	fd = tcp_with("kbpf_nest");
	ASSERT_LE(0, fd);
	ASSERT_TRUE(transfer(fd, lfd, &addr));
	close(lfd);
	/*
	 * Asked for itself the algorithm is there already; the other one takes its place and is
	 * left there.
	 */
	EXPECT_LE(1, U64("nr_nested"));
	EXPECT_GE(2, U64("nr_nested"));
	EXPECT_EQ(0, *(volatile long *)var(self->obj, "nested_other"));
	EXPECT_EQ(0, U64("nr_second"));
	if (variant->link)
		close(lk);
	else
		EXPECT_EQ(0, bpf_map_delete_elem(mfd, &zero));
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
}

/* ------------------------------------------------------------------ links */

TEST_F_TIMEOUT(ca, link_update, 120)
{
	int fd, lfd, lk, i, fds[3];
	static const char *const names[] = { "kbpf_ca", "kbpf_ca2", "kbpf_other" };
	struct bpf_link_info info = {};
	struct bpf_link *links[3];
	__u32 len = sizeof(info), zero = 0;
	struct pollfd pfd = {};
	struct sockaddr_in addr;

	if (!variant->link)
		SKIP(return, "maps without BPF_F_LINK have no links");
	for (i = 0; i < 3; i++)
		fds[i] = map_fd(self->obj, names[i]);
	/* empty ones are not to be linked */
	EXPECT_EQ(-EINVAL, link_create(fds[0]));
	for (i = 0; i < 3; i++)
		links[i] = attach(self->obj, names[i]);
	lk = link_create(fds[0]);
	ASSERT_LE(0, lk);
	EXPECT_EQ(-EEXIST, link_create(fds[0]));
	EXPECT_EQ(-EEXIST, link_create(fds[1]));
	EXPECT_NE(0, bpf_map_delete_elem(fds[0], &zero));
	EXPECT_EQ(EOPNOTSUPP, errno);

	ASSERT_EQ(0, bpf_obj_get_info_by_fd(lk, &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_STRUCT_OPS, info.type);
	EXPECT_EQ(0, info.prog_id);
	EXPECT_EQ(map_id(fds[0]), info.struct_ops.map_id);

	EXPECT_EQ(-EPERM, link_update(lk, fds[1], fds[2], BPF_F_REPLACE));
	EXPECT_EQ(-EINVAL, link_update(lk, fds[1], fds[0], 0));
	EXPECT_EQ(-EINVAL, link_update(lk, fds[2], 0, 0));	/* another name */
	EXPECT_EQ(0, link_update(lk, fds[1], fds[0], BPF_F_REPLACE));
	len = sizeof(info);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(lk, &info, &len));
	EXPECT_EQ(map_id(fds[1]), info.struct_ops.map_id);

	lfd = listen_on(&addr, NULL);
	fd = tcp_with("kbpf_ca");
	ASSERT_LE(0, fd);
	ASSERT_TRUE(transfer(fd, lfd, &addr));
	close(lfd);
	EXPECT_EQ(0, U64("nr_init"));
	EXPECT_LT(0, U64("nr_second"));

	pfd.fd = lk;
	EXPECT_EQ(0, poll(&pfd, 1, 0));
	EXPECT_EQ(0, bpf_link_detach(lk));
	EXPECT_EQ(1, poll(&pfd, 1, 1000));
	EXPECT_EQ(POLLHUP, pfd.revents);
	EXPECT_EQ(-ENOENT, tcp_with("kbpf_ca"));
	EXPECT_EQ(-ENOLINK, link_update(lk, fds[0], 0, 0));
	len = sizeof(info);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(lk, &info, &len));
	EXPECT_EQ(0, info.struct_ops.map_id);
	close(lk);
	for (i = 0; i < 3; i++) {
		bpf_link__disconnect(links[i]);
		bpf_link__destroy(links[i]);
	}
}

/* A pinned link holds the object. */
TEST_F(ca, link_pin)
{
	const char *pin = "/sys/fs/bpf/kbpf_ca_link";
	struct bpf_link *link;
	int lk;

	if (!variant->link)
		SKIP(return, "maps without BPF_F_LINK have no links");
	link = attach(self->obj, "kbpf_ca");
	lk = link_create(map_fd(self->obj, "kbpf_ca"));
	ASSERT_LE(0, lk);
	unlink(pin);
	ASSERT_EQ(0, bpf_obj_pin(lk, pin));
	close(lk);
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
	bpf_object__close(self->obj);
	self->obj = NULL;
	lk = tcp_with("kbpf_ca");
	EXPECT_LE(0, lk);
	close(lk);
	EXPECT_EQ(0, unlink(pin));
	usleep(300000);
	EXPECT_EQ(-ENOENT, tcp_with("kbpf_ca"));
}

/* ------------------------------------------------------------------ the element */

TEST_F(ca, element)
{
	int mfd = map_fd(self->obj, "kbpf_ca"), none = map_fd(self->obj, "kbpf_partial");
	__u32 zero = 0, one = 1, next = 7;
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	struct bpf_link *link;

	EXPECT_EQ(ST_INIT, read_value(self, mfd)->state);
	EXPECT_EQ(0, read_value(self, mfd)->refcnt);
	EXPECT_NE(0, bpf_map_lookup_elem(mfd, &one, self->value));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, bpf_map_get_next_key(mfd, NULL, &next));
	EXPECT_EQ(0, next);
	EXPECT_NE(0, bpf_map_get_next_key(mfd, &zero, &next));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_NE(0, bpf_map_delete_elem(mfd, &zero));
	EXPECT_EQ(variant->link ? EOPNOTSUPP : ENOENT, errno);

	/* without the functions that every algorithm has */
	link = attach(self->obj, "kbpf_partial");
	EXPECT_EQ(NULL, link);
	EXPECT_EQ(EINVAL, errno);
	EXPECT_EQ(ST_INIT, read_value(self, none)->state);

	link = attach(self->obj, "kbpf_ca");
	ASSERT_NE(NULL, link);
	ASSERT_NE(NULL, read_value(self, mfd));
	/* what is read cannot be written back: the head is the map's own, and it is full */
	EXPECT_NE(0, bpf_map_update_elem(mfd, &zero, self->value, BPF_NOEXIST));
	EXPECT_EQ(EINVAL, errno);
	EXPECT_NE(0, bpf_map_update_elem(mfd, &one, self->value, 0));
	EXPECT_EQ(E2BIG, errno);
	EXPECT_NE(0, bpf_map_update_elem(mfd, &zero, self->value, 0));
	EXPECT_EQ(EBUSY, errno);

	ASSERT_EQ(0, bpf_obj_get_info_by_fd(mfd, &info, &len));
	EXPECT_EQ(BPF_MAP_TYPE_STRUCT_OPS, info.type);
	EXPECT_EQ(1, info.max_entries);
	EXPECT_EQ(4, info.key_size);
	EXPECT_NE(0, info.btf_vmlinux_value_type_id);
	EXPECT_NE(0, info.btf_id);
	EXPECT_EQ(variant->link ? BPF_F_LINK : 0, info.map_flags);
	if (!variant->link)
		EXPECT_EQ(0, bpf_map_delete_elem(mfd, &zero));
	bpf_link__disconnect(link);
	bpf_link__destroy(link);
}

TEST_HARNESS_MAIN
