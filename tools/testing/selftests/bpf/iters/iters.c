// SPDX-License-Identifier: GPL-2.0
/* Iterators over control groups, sockets' storage and sockets: orders, ends, changes, errors. */
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "object.h"

#define ROOT	"/sys/fs/cgroup/kbpf_iters"
#define WIDE	40

#define U32(name) (*(volatile __u32 *)var(self->obj, name))

FIXTURE(iters) {
	struct bpf_object *obj;
	char text[1 << 17];
};

FIXTURE_SETUP(iters)
{
	self->obj = open_object("many");
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj)) TH_LOG("%s", vlog);
	mkdir(ROOT, 0755);
	mkdir(ROOT "/a", 0755);
	mkdir(ROOT "/a/aa", 0755);
	mkdir(ROOT "/b", 0755);
}

FIXTURE_TEARDOWN(iters)
{
	rmdir(ROOT "/b");
	rmdir(ROOT "/a/aa");
	rmdir(ROOT "/a");
	rmdir(ROOT);
	bpf_object__close(self->obj);
}

static __u64 id_of(const char *path)
{
	struct stat st;

	return stat(path, &st) ? 0 : st.st_ino;
}

static int link_of(struct bpf_object *obj, const char *prog, union bpf_iter_link_info *linfo)
{
	LIBBPF_OPTS(bpf_link_create_opts, opts, .iter_info = linfo,
		    .iter_info_len = linfo ? sizeof(*linfo) : 0);
	int fd = bpf_program__fd(bpf_object__find_program_by_name(obj, prog));

	fd = bpf_link_create(fd, 0, BPF_TRACE_ITER, &opts);
	return fd < 0 ? -errno : fd;
}

/* All that is read from a new file of the link; -errno. */
static int text_of(FIXTURE_DATA(iters) *self, int link, size_t piece)
{
	int fd = bpf_iter_create(link);
	size_t at = 0;
	ssize_t n;

	if (fd < 0)
		return -errno;
	while ((n = read(fd, self->text + at, piece)) > 0)
		at += n;
	close(fd);
	self->text[at] = 0;
	return n < 0 ? -errno : (int)at;
}

static int groups(FIXTURE_DATA(iters) *self, __u32 order, const char *path)
{
	union bpf_iter_link_info linfo = { .cgroup.order = order };
	int link, ret;

	U32("seen") = 0;
	U32("ends") = 0;
	linfo.cgroup.cgroup_fd = open(path, O_RDONLY);
	link = link_of(self->obj, "groups", &linfo);
	close(linfo.cgroup.cgroup_fd);
	if (link < 0)
		return link;
	ret = text_of(self, link, 4096);
	close(link);
	return ret;
}

TEST_F(iters, cgroup_orders)
{
	char want[256];
	__u64 top = id_of(ROOT), a = id_of(ROOT "/a"), aa = id_of(ROOT "/a/aa"),
	      b = id_of(ROOT "/b"), root = id_of("/sys/fs/cgroup");

	ASSERT_LT(0, groups(self, BPF_CGROUP_ITER_SELF_ONLY, ROOT));
	snprintf(want, sizeof(want), "%llu\n", top);
	EXPECT_STREQ(want, self->text);
	EXPECT_EQ(1, U32("ends"));
	ASSERT_LT(0, groups(self, BPF_CGROUP_ITER_DESCENDANTS_PRE, ROOT));
	snprintf(want, sizeof(want), "%llu\n%llu\n%llu\n%llu\n", top, a, aa, b);
	EXPECT_STREQ(want, self->text);
	ASSERT_LT(0, groups(self, BPF_CGROUP_ITER_DESCENDANTS_POST, ROOT));
	snprintf(want, sizeof(want), "%llu\n%llu\n%llu\n%llu\n", aa, a, b, top);
	EXPECT_STREQ(want, self->text);
	ASSERT_LT(0, groups(self, BPF_CGROUP_ITER_ANCESTORS_UP, ROOT "/a/aa"));
	snprintf(want, sizeof(want), "%llu\n%llu\n%llu\n%llu\n", aa, a, top, root);
	EXPECT_STREQ(want, self->text);
	U32("stop_after") = 2;
	ASSERT_LT(0, groups(self, BPF_CGROUP_ITER_DESCENDANTS_PRE, ROOT));
	snprintf(want, sizeof(want), "%llu\n%llu\n", top, a);
	EXPECT_STREQ(want, self->text);
	EXPECT_EQ(2, U32("seen"));
	EXPECT_EQ(1, U32("ends"));
}

TEST_F(iters, cgroup_refused)
{
	union bpf_iter_link_info linfo = { .cgroup.order = 0 };
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	int link;

	EXPECT_EQ(-EINVAL, link_of(self->obj, "groups", &linfo));
	linfo.cgroup.order = 5;
	EXPECT_EQ(-EINVAL, link_of(self->obj, "groups", &linfo));
	linfo.cgroup.order = BPF_CGROUP_ITER_SELF_ONLY;
	linfo.cgroup.cgroup_fd = 999;
	EXPECT_EQ(-EBADF, link_of(self->obj, "groups", &linfo));
	linfo.cgroup.cgroup_id = 1;
	EXPECT_EQ(-EINVAL, link_of(self->obj, "groups", &linfo));
	linfo.cgroup.cgroup_fd = 0;
	linfo.cgroup.cgroup_id = id_of(ROOT);
	link = link_of(self->obj, "groups", &linfo);
	ASSERT_LE(0, link);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(link, &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_ITER, info.type);
	EXPECT_EQ(id_of(ROOT), info.iter.cgroup.cgroup_id);
	EXPECT_EQ(BPF_CGROUP_ITER_SELF_ONLY, info.iter.cgroup.order);
	close(link);
}

/* A walk that takes several reads goes on where it was, also when that group goes meanwhile. */
TEST_F(iters, cgroup_in_pieces)
{
	union bpf_iter_link_info linfo = { .cgroup.order = BPF_CGROUP_ITER_DESCENDANTS_PRE };
	int i, link, fd, lines = 0, round;
	char name[64];
	ssize_t n;

	for (i = 0; i < WIDE; i++) {
		snprintf(name, sizeof(name), ROOT "/w%02d", i);
		mkdir(name, 0755);
	}
	linfo.cgroup.cgroup_fd = open(ROOT, O_RDONLY);
	link = link_of(self->obj, "groups_wide", &linfo);
	close(linfo.cgroup.cgroup_fd);
	ASSERT_LE(0, link);
	for (round = 0; round < 2; round++) {
		fd = bpf_iter_create(link);
		ASSERT_LE(0, fd);
		lines = 0;
		while ((n = read(fd, self->text, 4096)) > 0) {
			for (i = 0; i < n; i++)
				lines += self->text[i] == '\n';
			for (i = WIDE / 2; round && i < WIDE; i++) {
				snprintf(name, sizeof(name), ROOT "/w%02d", i);
				rmdir(name);
			}
		}
		EXPECT_EQ(0, n);
		close(fd);
		if (!round) {
			EXPECT_EQ(WIDE + 4, lines);
		} else {
			EXPECT_LE(WIDE / 2 + 4, lines);
			EXPECT_GT(WIDE + 4, lines);
		}
	}
	close(link);
	for (i = 0; i < WIDE; i++) {
		snprintf(name, sizeof(name), ROOT "/w%02d", i);
		rmdir(name);
	}
}

#define SOCKS 600

static int sk_map(void)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts, .map_flags = BPF_F_NO_PREALLOC);
	struct btf *btf = btf__new_empty();
	int fd;

	opts.btf_key_type_id = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	opts.btf_value_type_id = btf__add_int(btf, "u64", 8, 0);
	if (btf__load_into_kernel(btf))
		return -1;
	opts.btf_fd = btf__fd(btf);
	fd = bpf_map_create(BPF_MAP_TYPE_SK_STORAGE, "sk", 4, 8, 0, &opts);
	btf__free(btf);
	return fd;
}

TEST_F(iters, sk_storage)
{
	union bpf_iter_link_info linfo = {};
	struct bpf_link_info info = {};
	struct bpf_map_info minfo = {};
	int fds[SOCKS], i, link, map = sk_map(), none;
	__u32 len = sizeof(info);
	__u64 value;
	char *line;

	ASSERT_LE(0, map);
	EXPECT_EQ(-EBADF, link_of(self->obj, "storage", NULL));
	linfo.map.map_fd = 999;
	EXPECT_EQ(-EBADF, link_of(self->obj, "storage", &linfo));
	none = bpf_map_create(BPF_MAP_TYPE_HASH, "h", 4, 8, 8, NULL);
	linfo.map.map_fd = none;
	EXPECT_EQ(-EINVAL, link_of(self->obj, "storage", &linfo));
	close(none);
	linfo.map.map_fd = map;
	EXPECT_EQ(-EACCES, link_of(self->obj, "storage_wide", &linfo));
	link = link_of(self->obj, "storage", &linfo);
	ASSERT_LE(0, link);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(link, &info, &len));
	len = sizeof(minfo);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(map, &minfo, &len));
	EXPECT_EQ(minfo.id, info.iter.map.map_id);

	for (i = 0; i < SOCKS; i++) {
		fds[i] = socket(AF_INET, SOCK_DGRAM, 0);
		value = i;
		ASSERT_EQ(0, bpf_map_update_elem(map, &fds[i], &value, 0));
	}
	/* each once, in the order in which they came, whatever the pieces */
	ASSERT_LT(0, text_of(self, link, 77));
	EXPECT_EQ(SOCKS, U32("seen"));
	EXPECT_EQ(1, U32("ends"));
	line = self->text;
	for (i = 0; i < SOCKS && line; i++) {
		EXPECT_EQ(i, atoi(line));
		line = strchr(line, '\n');
		line = line ? line + 1 : NULL;
	}
	/* what the program wrote is there */
	EXPECT_EQ(0, bpf_map_lookup_elem(map, &fds[5], &value));
	EXPECT_EQ(1005, value);
	for (i = 0; i < SOCKS; i++) {
		if (i % 2)
			close(fds[i]);
	}
	/* what is closed goes some time later */
	for (i = 0; i < 600; i++) {
		U32("seen") = 0;
		ASSERT_LT(0, text_of(self, link, 4096));
		if (U32("seen") == SOCKS / 2)
			break;
		usleep(50000);
	}
	EXPECT_EQ(SOCKS / 2, U32("seen"));
	for (i = 0; i < SOCKS; i += 2)
		close(fds[i]);
	close(link);
	close(map);
}

TEST_F(iters, options)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), link, prio = 0;
	socklen_t len = sizeof(addr);

	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	ASSERT_EQ(0, bind(fd, (void *)&addr, sizeof(addr)));
	ASSERT_EQ(0, listen(fd, 1));
	ASSERT_EQ(0, getsockname(fd, (void *)&addr, &len));
	*(volatile __u64 *)var(self->obj, "port") = ntohs(addr.sin_port);
	link = link_of(self->obj, "options", NULL);
	ASSERT_LE(0, link);
	EXPECT_LE(0, text_of(self, link, 4096));
	EXPECT_EQ(1, U32("seen"));
	EXPECT_EQ(0, U32("set_errno"));
	EXPECT_EQ(0, U32("got_errno"));
	EXPECT_EQ(3, U32("got_prio"));
	len = sizeof(prio);
	EXPECT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_PRIORITY, &prio, &len));
	EXPECT_EQ(3, prio);
	close(link);
	close(fd);
}

static const struct {
	const char *prog;
	const char *text;
} verdicts[] = {
	{ "options_elsewhere", "unknown func bpf_setsockopt" },
	{ "unchecked", "trusted_ptr_or_null_" },
};

TEST(refused)
{
	unsigned int i;

	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		EXPECT_GT(0, try_load("many", verdicts[i].prog)) TH_LOG("%s", verdicts[i].prog);
		EXPECT_NE(NULL, strstr(vlog, verdicts[i].text))
			TH_LOG("%s: no \"%s\" in %s", verdicts[i].prog, verdicts[i].text, vlog);
	}
}

TEST_HARNESS_MAIN
