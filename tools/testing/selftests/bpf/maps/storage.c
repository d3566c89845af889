// SPDX-License-Identifier: GPL-2.0
/* Local storage: values of tasks, cgroups and sockets, from user space and from programs. */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/btf.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "map.h"
#include "kselftest_harness.h"

/* Types: 1: int, 2: unsigned long, 3: struct with a lock. */
static int types_fd(void)
{
	struct btf *btf = btf__new_empty();
	const void *raw;
	uint32_t size;
	int fd;

	btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	btf__add_int(btf, "unsigned long", 8, 0);
	btf__add_struct(btf, "bpf_spin_lock", 4);
	btf__add_field(btf, "val", 1, 0, 0);
	btf__add_struct(btf, "locked", 16);
	btf__add_field(btf, "lock", 3, 0, 0);
	btf__add_field(btf, "n", 2, 64, 0);
	raw = btf__raw_data(btf, &size);
	fd = BPF(BPF_BTF_LOAD, .btf = PTR(raw), .btf_size = size);
	btf__free(btf);
	return fd;
}

static int storage_new(int btf, uint32_t type, uint32_t flags)
{
	return BPF(BPF_MAP_CREATE, .map_type = type, .key_size = 4, .value_size = 8,
		   .map_flags = BPF_F_NO_PREALLOC | flags, .btf_fd = btf, .btf_key_type_id = 1,
		   .btf_value_type_id = 2);
}

FIXTURE(storage)
{
	int before;
	int btf;
	int map;
	int owner;
};

FIXTURE_VARIANT(storage)
{
	uint32_t type;
	int (*owner)(void);
};

static int task_owner(void)
{
	return syscall(SYS_pidfd_open, getpid(), 0);
}

static int cgroup_owner(void)
{
	return open("/sys/fs/cgroup", O_RDONLY | O_DIRECTORY);
}

static int socket_owner(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

FIXTURE_VARIANT_ADD(storage, task) { BPF_MAP_TYPE_TASK_STORAGE, task_owner };
FIXTURE_VARIANT_ADD(storage, cgroup) { BPF_MAP_TYPE_CGRP_STORAGE, cgroup_owner };
FIXTURE_VARIANT_ADD(storage, socket) { BPF_MAP_TYPE_SK_STORAGE, socket_owner };

FIXTURE_SETUP(storage)
{
	self->before = ids_count(BPF_MAP_GET_NEXT_ID);
	self->btf = types_fd();
	ASSERT_LE(0, self->btf);
	self->map = storage_new(self->btf, variant->type, 0);
	ASSERT_LE(0, self->map);
	self->owner = variant->owner();
	ASSERT_LE(0, self->owner);
}

FIXTURE_TEARDOWN(storage)
{
	close(self->owner);
	close(self->map);
	close(self->btf);
	EXPECT_GE(self->before, ids_settle(BPF_MAP_GET_NEXT_ID, self->before));
}

TEST_F(storage, elements)
{
	uint64_t val = 7, out = 0;

	EXPECT_EQ(-ENOENT, map_lookup(self->map, &self->owner, &out));
	EXPECT_EQ(-ENOENT, map_update(self->map, &self->owner, &val, BPF_EXIST));
	EXPECT_EQ(0, map_update(self->map, &self->owner, &val, BPF_NOEXIST));
	EXPECT_EQ(-EEXIST, map_update(self->map, &self->owner, &val, BPF_NOEXIST));
	EXPECT_EQ(0, map_lookup(self->map, &self->owner, &out));
	EXPECT_EQ(7, out);
	val = 8;
	EXPECT_EQ(0, map_update(self->map, &self->owner, &val, BPF_EXIST));
	EXPECT_EQ(0, map_lookup(self->map, &self->owner, &out));
	EXPECT_EQ(8, out);
	val = 9;
	EXPECT_EQ(0, map_update(self->map, &self->owner, &val, BPF_ANY));
	EXPECT_EQ(0, map_lookup(self->map, &self->owner, &out));
	EXPECT_EQ(9, out);
	EXPECT_EQ(0, map_delete(self->map, &self->owner));
	EXPECT_EQ(-ENOENT, map_delete(self->map, &self->owner));
	EXPECT_EQ(-ENOENT, map_lookup(self->map, &self->owner, &out));
	/* the map goes with a value in it */
	EXPECT_EQ(0, map_update(self->map, &self->owner, &val, BPF_ANY));
}

TEST_F(storage, errors)
{
	int bad = -1, file = open("/dev/null", O_RDONLY);
	uint64_t val = 7;

	EXPECT_EQ(-EINVAL, map_update(self->map, &self->owner, &val, 3));
	EXPECT_EQ(-EINVAL, map_update(self->map, &self->owner, &val, BPF_F_LOCK));
	EXPECT_EQ(-EBADF, map_update(self->map, &bad, &val, 0));
	EXPECT_EQ(-EBADF, map_lookup(self->map, &bad, &val));
	EXPECT_EQ(-EBADF, map_delete(self->map, &bad));
	EXPECT_GT(0, map_update(self->map, &file, &val, 0));
	EXPECT_EQ(-ENOTSUPP, map_next(self->map, NULL, &bad));
	EXPECT_EQ(-ENOTSUPP, map_take(self->map, &self->owner, &val));
	close(file);
}

TEST_F(storage, creation)
{
	union bpf_attr attr = { .map_type = variant->type, .key_size = 4, .value_size = 8,
				.map_flags = BPF_F_NO_PREALLOC, .btf_fd = self->btf,
				.btf_key_type_id = 1, .btf_value_type_id = 2 }, bad;

	bad = attr;
	bad.map_flags = 0;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_CREATE, &bad));
	bad = attr;
	bad.max_entries = 1;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_CREATE, &bad));
	bad = attr;
	bad.key_size = 8;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_CREATE, &bad));
	bad = attr;
	bad.value_size = 0;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_CREATE, &bad));
	bad = attr;
	bad.value_size = 0x10000;
	EXPECT_EQ(-E2BIG, bpf(BPF_MAP_CREATE, &bad));
	bad = attr;
	bad.btf_key_type_id = 0;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_CREATE, &bad));
	bad = attr;
	bad.btf_key_type_id = 2;
	EXPECT_EQ(-EINVAL, bpf(BPF_MAP_CREATE, &bad));
	if (variant->type != BPF_MAP_TYPE_SK_STORAGE)
		EXPECT_EQ(-EINVAL, storage_new(self->btf, variant->type, BPF_F_CLONE));
}

TEST_F(storage, spin_lock)
{
	struct {
		uint32_t lock, pad;
		uint64_t n;
	} val = { 0xdead, 0, 5 }, out;
	int map = BPF(BPF_MAP_CREATE, .map_type = variant->type, .key_size = 4, .value_size = 16,
		      .map_flags = BPF_F_NO_PREALLOC, .btf_fd = self->btf, .btf_key_type_id = 1,
		      .btf_value_type_id = 4);

	ASSERT_LE(0, map);
	EXPECT_EQ(0, map_update(map, &self->owner, &val, BPF_NOEXIST | BPF_F_LOCK));
	val.n = 6;
	EXPECT_EQ(0, map_update(map, &self->owner, &val, BPF_EXIST | BPF_F_LOCK));
	EXPECT_EQ(0, BPF(BPF_MAP_LOOKUP_ELEM, .map_fd = map, .key = PTR(&self->owner),
			 .value = PTR(&out), .flags = BPF_F_LOCK));
	EXPECT_EQ(6, out.n);
	EXPECT_EQ(0, out.lock);
	close(map);
}

/* Each map has its own value with an owner, and each goes alone. */
TEST_F(storage, many_maps)
{
	int maps[40], i;
	uint64_t val;

	for (i = 0; i < 40; i++) {
		maps[i] = storage_new(self->btf, variant->type, 0);
		ASSERT_LE(0, maps[i]);
		val = i;
		ASSERT_EQ(0, map_update(maps[i], &self->owner, &val, 0));
	}
	for (i = 0; i < 40; i += 2)
		close(maps[i]);
	ids_settle(BPF_MAP_GET_NEXT_ID, self->before + 21);
	for (i = 1; i < 40; i += 2) {
		EXPECT_EQ(0, map_lookup(maps[i], &self->owner, &val));
		EXPECT_EQ(i, val);
		close(maps[i]);
	}
}

/*
 * ------------------------------------------------------------------ owners and maps that go away
 */

static volatile bool stop;

struct racer {
	int btf;
	uint32_t type;
	int map;
	long done;
};

static void *make_maps(void *arg)
{
	struct racer *r = arg;
	int fd;

	while (!stop) {
		fd = storage_new(r->btf, r->type, 0);
		dup2(fd, r->map);
		close(fd);
		r->done++;
	}
	return NULL;
}

static void *make_sockets(void *arg)
{
	struct racer *r = arg;
	uint64_t val = 1;
	int sk;

	while (!stop) {
		sk = socket_owner();
		map_update(r->map, &sk, &val, 0);
		map_lookup(r->map, &sk, &val);
		if (r->done & 1)
			map_delete(r->map, &sk);
		close(sk);
		r->done++;
	}
	return NULL;
}

TEST(owners_and_maps_go_at_once)
{
	int before = ids_count(BPF_MAP_GET_NEXT_ID), btf = types_fd(), i;
	struct racer r[3] = {};
	pthread_t t[3];

	for (i = 0; i < 3; i++) {
		r[i].btf = btf;
		r[i].type = BPF_MAP_TYPE_SK_STORAGE;
		r[i].map = i ? r[0].map : storage_new(btf, BPF_MAP_TYPE_SK_STORAGE, 0);
		ASSERT_LE(0, r[i].map);
		pthread_create(&t[i], NULL, i ? make_sockets : make_maps, &r[i]);
	}
	sleep(1);
	for (i = 0; i < 3; i++) {
		while (!__atomic_load_n(&r[i].done, __ATOMIC_RELAXED))
			usleep(1000);
	}
	stop = true;
	for (i = 0; i < 3; i++) {
		pthread_join(t[i], NULL);
		EXPECT_LT(0, r[i].done);
	}
	close(r[0].map);
	close(btf);
	EXPECT_GE(before, ids_settle(BPF_MAP_GET_NEXT_ID, before));
}

TEST(tasks_that_exit)
{
	int btf = types_fd(), map = storage_new(btf, BPF_MAP_TYPE_TASK_STORAGE, 0), fd, i;
	uint64_t val = 1;
	pid_t pid;

	ASSERT_LE(0, map);
	for (i = 0; i < 50; i++) {
		pid = fork();
		if (!pid) {
			pause();
			_exit(0);
		}
		fd = syscall(SYS_pidfd_open, pid, 0);
		ASSERT_LE(0, fd);
		EXPECT_EQ(-ENOENT, map_lookup(map, &fd, &val));
		EXPECT_EQ(0, map_update(map, &fd, &val, 0));
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
		EXPECT_EQ(-ENOENT, map_lookup(map, &fd, &val));
		EXPECT_EQ(-ENOENT, map_update(map, &fd, &val, 0));
		close(fd);
	}
	close(map);
	close(btf);
}

TEST(accepted_sockets_get_copies)
{
	int btf = types_fd(), with = storage_new(btf, BPF_MAP_TYPE_SK_STORAGE, BPF_F_CLONE);
	int without = storage_new(btf, BPF_MAP_TYPE_SK_STORAGE, 0), listener, client, child;
	struct sockaddr_in addr = { .sin_family = AF_INET };
	socklen_t len = sizeof(addr);
	uint64_t val = 77, out = 0;

	ASSERT_LE(0, with);
	system("ip link set lo up");
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, bind(listener, (void *)&addr, sizeof(addr)));
	ASSERT_EQ(0, getsockname(listener, (void *)&addr, &len));
	ASSERT_EQ(0, listen(listener, 1));
	EXPECT_EQ(0, map_update(with, &listener, &val, 0));
	EXPECT_EQ(0, map_update(without, &listener, &val, 0));
	client = socket(AF_INET, SOCK_STREAM, 0);
	ASSERT_EQ(0, connect(client, (void *)&addr, sizeof(addr)));
	child = accept(listener, NULL, NULL);
	ASSERT_LE(0, child);
	EXPECT_EQ(0, map_lookup(with, &child, &out));
	EXPECT_EQ(77, out);
	EXPECT_EQ(-ENOENT, map_lookup(without, &child, &out));
	EXPECT_EQ(-ENOENT, map_lookup(with, &client, &out));
	/* it is the child's own from here on */
	val = 78;
	EXPECT_EQ(0, map_update(with, &child, &val, 0));
	EXPECT_EQ(0, map_lookup(with, &listener, &out));
	EXPECT_EQ(77, out);
	close(child);
	close(client);
	close(listener);
	close(with);
	close(without);
	close(btf);
}

/* ------------------------------------------------------------------ programs */

TEST(programs_count_in_tasks)
{
	char path[512], *dir = getenv("O");
	struct bpf_object *obj;
	struct bpf_link *link;
	uint64_t n = 0;
	int map, fd, i;

	snprintf(path, sizeof(path), "%s/storage.bpf.o", dir ? dir : ".");
	obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, obj);
	ASSERT_EQ(0, bpf_object__load(obj));
	link = bpf_program__attach(bpf_object__find_program_by_name(obj, "count"));
	ASSERT_NE(NULL, link);
	for (i = 0; i < 100; i++)
		syscall(SYS_getppid);
	/* tasks with storage come to their end under the program */
	for (i = 0; i < 20; i++) {
		if (!fork())
			_exit(0);
		wait(NULL);
	}
	map = bpf_map__fd(bpf_object__find_map_by_name(obj, "tasks"));
	fd = task_owner();
	EXPECT_EQ(0, map_lookup(map, &fd, &n));
	EXPECT_LT(200, n);
	bpf_link__destroy(link);
	EXPECT_EQ(0, map_lookup(map, &fd, &n));
	syscall(SYS_getppid);
	EXPECT_EQ(0, map_delete(map, &fd));
	EXPECT_EQ(-ENOENT, map_lookup(map, &fd, &n));
	bpf_object__close(obj);
	close(fd);
}

TEST_HARNESS_MAIN
