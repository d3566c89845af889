// SPDX-License-Identifier: GPL-2.0
/*
 * XDP_REDIRECT to devices, device maps and CPU maps, native and generic, with and without programs
 * of the elements: every packet sent is found where it has to be, and nowhere else.
 *
 * Three namespaces: v0 in the first sends, the program is on v1 in the second, w0 and x0 in the
 * third are the other ends of w1 and x1 in the second.
 */
#include "kselftest_harness.h"
#include "net/net.h"
#include "redirect.h"

#define CNT 12

FIXTURE(redirect)
{
	struct bpf_object *obj;
	int near, mid, far;
	int local;	/* UDP socket in the second namespace */
};

FIXTURE_VARIANT(redirect)
{
	__u32 mode;
};

FIXTURE_VARIANT_ADD(redirect, native)
{
	.mode = XDP_FLAGS_DRV_MODE,
};

FIXTURE_VARIANT_ADD(redirect, generic)
{
	.mode = XDP_FLAGS_SKB_MODE,
};

FIXTURE_SETUP(redirect)
{
	self->obj = net_object("redirect");
	ASSERT_NE(NULL, self->obj);
	self->far = ns_new();
	ASSERT_LT(0, self->far);
	self->mid = ns_new();
	ASSERT_LT(0, self->mid);
	ASSERT_EQ(0, veth_pair("w1", W1, "w0", W0, self->far, 2));
	ASSERT_EQ(0, veth_pair("x1", X1, "x0", X0, self->far, 3));
	self->near = ns_new();
	ASSERT_LT(0, self->near);
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, self->mid, 1));
	/* Nothing has to be asked for on the way. */
	ASSERT_EQ(0, sh("ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:%02d dev v0", V1));
	/* Frames arrive at a veth device only where somebody waits for them. */
	ASSERT_EQ(0, xdp_attach(self->obj, V0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ns_go(self->far);
	ASSERT_EQ(0, xdp_attach(self->obj, W0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ASSERT_EQ(0, xdp_attach(self->obj, X0, "xdp_count", XDP_FLAGS_DRV_MODE));
	ns_go(self->mid);
	ASSERT_EQ(0, xdp_attach(self->obj, V1, "xdp_choose", variant->mode));
}

FIXTURE_TEARDOWN(redirect)
{
	bpf_object__close(self->obj);
}

/* Sends to @port; all of it came to the program. */
static void feed(struct __test_metadata *_metadata, FIXTURE_DATA(redirect) *self, int port)
{
	__u64 before = seen(self->obj, V1, port);

	ns_go(self->near);
	EXPECT_EQ(CNT, udp_send("10.1.0.2", port, CNT, 100));
	ns_go(self->mid);
	EXPECT_EQ(before + CNT, seen_wait(self->obj, V1, port, before + CNT));
}

/* How many packets came to each end. */
static void expect_at(struct __test_metadata *_metadata, struct bpf_object *obj, int port, int v0,
		      int w0, int x0)
{
	EXPECT_EQ(v0, seen_wait(obj, V0, port, v0));
	EXPECT_EQ(w0, seen_wait(obj, W0, port, w0));
	EXPECT_EQ(x0, seen_wait(obj, X0, port, x0));
}

static int map_dev(struct bpf_object *obj, const char *map, __u32 key, __u32 ifindex, int prog)
{
	struct bpf_devmap_val val = { .ifindex = ifindex, .bpf_prog.fd = prog };

	return bpf_map_update_elem(net_map(obj, map), &key, &val, 0);
}

TEST_F(redirect, to_a_device)
{
	feed(_metadata, self, PORT_DEV);
	expect_at(_metadata, self->obj, PORT_DEV, 0, CNT, 0);
}

TEST_F(redirect, to_a_device_that_is_not_there)
{
	feed(_metadata, self, PORT_NO_DEV);
	expect_at(_metadata, self->obj, PORT_NO_DEV, 0, 0, 0);
}

TEST_F(redirect, to_a_device_that_is_down)
{
	ASSERT_EQ(0, sh("ip link set w1 down"));
	feed(_metadata, self, PORT_DEV);
	expect_at(_metadata, self->obj, PORT_DEV, 0, 0, 0);
	ASSERT_EQ(0, sh("ip link set w1 up"));
}

TEST_F(redirect, back)
{
	feed(_metadata, self, PORT_TX);
	expect_at(_metadata, self->obj, PORT_TX, CNT, 0, 0);
}

TEST_F(redirect, only_the_last_target_counts)
{
	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, X1, -1));
	feed(_metadata, self, PORT_STALE);
	expect_at(_metadata, self->obj, PORT_STALE, 0, CNT, 0);
}

TEST_F(redirect, by_devmap)
{
	struct bpf_devmap_val val;
	__u32 key = 0;

	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, W1, 0));
	ASSERT_EQ(0, bpf_map_lookup_elem(net_map(self->obj, "ports"), &key, &val));
	EXPECT_EQ(W1, val.ifindex);
	EXPECT_EQ(0, val.bpf_prog.id);
	feed(_metadata, self, PORT_DEVMAP);
	expect_at(_metadata, self->obj, PORT_DEVMAP, 0, CNT, 0);

	/* Another device in the same slot. */
	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, X1, -1));
	feed(_metadata, self, PORT_DEVMAP);
	expect_at(_metadata, self->obj, PORT_DEVMAP, 0, CNT, CNT);
}

TEST_F(redirect, by_devmap_hash)
{
	ASSERT_EQ(0, map_dev(self->obj, "hash", HASH_KEY, X1, -1));
	feed(_metadata, self, PORT_HASH);
	expect_at(_metadata, self->obj, PORT_HASH, 0, 0, CNT);
}

TEST_F(redirect, elements_with_programs)
{
	struct bpf_devmap_val val;
	__u32 key = 0, info_len;
	struct bpf_prog_info info = {};
	int prog = net_prog(self->obj, "xdp_leave");

	info_len = sizeof(info);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(prog, &info, &info_len));
	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, W1, prog));
	ASSERT_EQ(0, bpf_map_lookup_elem(net_map(self->obj, "ports"), &key, &val));
	EXPECT_EQ(info.id, val.bpf_prog.id);
	ASSERT_EQ(0, map_dev(self->obj, "hash", HASH_KEY, X1, prog));
	feed(_metadata, self, PORT_DEVMAP);
	expect_at(_metadata, self->obj, PORT_DEVMAP, 0, CNT / 2, 0);
	EXPECT_EQ(CNT, seen(self->obj, AT_DEVMAP + W1, PORT_DEVMAP));
	EXPECT_EQ(CNT, seen(self->obj, AT_DEVMAP_FROM + V1, PORT_DEVMAP));

	feed(_metadata, self, PORT_HASH);
	expect_at(_metadata, self->obj, PORT_HASH, 0, 0, CNT / 2);
	EXPECT_EQ(CNT, seen(self->obj, AT_DEVMAP + X1, PORT_HASH));

	/* A program that is not allowed what it asks for loses its packets. */
	ASSERT_EQ(0, map_dev(self->obj, "ports", 1, W1, net_prog(self->obj, "xdp_leave_again")));
	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, W1, net_prog(self->obj, "xdp_leave_again")));
	feed(_metadata, self, PORT_DEVMAP);
	expect_at(_metadata, self->obj, PORT_DEVMAP, 0, CNT / 2, 0);
}

TEST_F(redirect, to_all_but_where_it_came_from)
{
	__u32 keys[] = { 0, 2, 3 }, devs[] = { V1, W1, X1 };
	int map = net_map(self->obj, "flood"), i;

	for (i = 0; i < 3; i++)
		ASSERT_EQ(0, bpf_map_update_elem(map, &keys[i], &devs[i], 0));
	feed(_metadata, self, PORT_FLOOD);
	expect_at(_metadata, self->obj, PORT_FLOOD, 0, CNT, CNT);
	feed(_metadata, self, PORT_FLOOD_ALL);
	expect_at(_metadata, self->obj, PORT_FLOOD_ALL, CNT, CNT, CNT);
}

/* Of an empty map, or one with the device of arrival only, nobody gets anything. */
TEST_F(redirect, to_all_of_none)
{
	__u32 key = 1, dev = V1;

	feed(_metadata, self, PORT_FLOOD);
	expect_at(_metadata, self->obj, PORT_FLOOD, 0, 0, 0);
	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "flood"), &key, &dev, 0));
	feed(_metadata, self, PORT_FLOOD);
	expect_at(_metadata, self->obj, PORT_FLOOD, 0, 0, 0);
}

TEST_F(redirect, without_a_target)
{
	int fd = udp_open("10.1.0.2", PORT_EMPTY_PASS), fd2 = udp_open("10.1.0.2", PORT_EMPTY_DROP);
	int fd3 = udp_open("10.1.0.2", PORT_OUTSIDE_PASS);
	int fd4 = udp_open("10.1.0.2", PORT_BAD_FLAGS);
	int fd5 = udp_open("10.1.0.2", PORT_CPU_BAD_FLAGS);

	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, W1, -1));
	feed(_metadata, self, PORT_EMPTY_PASS);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	feed(_metadata, self, PORT_OUTSIDE_PASS);
	EXPECT_EQ(CNT, udp_recv(fd3, CNT));
	feed(_metadata, self, PORT_EMPTY_DROP);
	EXPECT_EQ(0, udp_recv(fd2, 0));
	feed(_metadata, self, PORT_BAD_FLAGS);
	EXPECT_EQ(0, udp_recv(fd4, 0));
	feed(_metadata, self, PORT_CPU_BAD_FLAGS);
	EXPECT_EQ(0, udp_recv(fd5, 0));
	expect_at(_metadata, self->obj, PORT_BAD_FLAGS, 0, 0, 0);
}

static int map_cpu(struct bpf_object *obj, __u32 cpu, __u32 qsize, int prog)
{
	struct bpf_cpumap_val val = { .qsize = qsize, .bpf_prog.fd = prog };

	return bpf_map_update_elem(net_map(obj, "cpus"), &cpu, &val, 0);
}

TEST_F(redirect, to_a_cpu)
{
	int fd = udp_open("10.1.0.2", PORT_CPU);
	struct bpf_cpumap_val val;
	__u32 cpu = 1;

	ASSERT_EQ(0, map_cpu(self->obj, 1, 64, 0));
	ASSERT_EQ(0, bpf_map_lookup_elem(net_map(self->obj, "cpus"), &cpu, &val));
	EXPECT_EQ(64, val.qsize);
	EXPECT_EQ(0, val.bpf_prog.id);
	feed(_metadata, self, PORT_CPU);
	EXPECT_EQ(CNT, udp_recv(fd, CNT));

	/* What was on the way when the element goes still arrives. */
	feed(_metadata, self, PORT_CPU);
	ASSERT_EQ(0, bpf_map_delete_elem(net_map(self->obj, "cpus"), &cpu));
	EXPECT_EQ(CNT, udp_recv(fd, CNT));
	ASSERT_EQ(-ENOENT, bpf_map_lookup_elem(net_map(self->obj, "cpus"), &cpu, &val));
	/* The flags' action, which is to abort. */
	feed(_metadata, self, PORT_CPU);
	EXPECT_EQ(0, udp_recv(fd, 0));
}

TEST_F(redirect, to_a_cpu_with_a_program)
{
	int fd = udp_open("10.1.0.2", PORT_CPU), prog = net_prog(self->obj, "xdp_arrive");

	ASSERT_EQ(0, map_dev(self->obj, "ports", 0, W1, -1));
	ASSERT_EQ(0, map_cpu(self->obj, 1, 64, prog));
	feed(_metadata, self, PORT_CPU);
	EXPECT_EQ(CNT / 3, udp_recv(fd, CNT / 3));
	expect_at(_metadata, self->obj, PORT_CPU, 0, CNT / 3, 0);
	EXPECT_EQ(CNT, seen(self->obj, AT_CPU + 1, PORT_CPU));
	EXPECT_EQ(0, seen(self->obj, AT_CPU, PORT_CPU));
	EXPECT_EQ(CNT, seen(self->obj, AT_CPU_FROM + V1, PORT_CPU));
}

/* A ring of 2 takes bursts of 12 partly at most; what does not fit is dropped, not lost. */
TEST_F(redirect, to_a_cpu_with_a_short_ring)
{
	int fd = udp_open("10.1.0.2", PORT_CPU), got;

	ASSERT_EQ(0, map_cpu(self->obj, 1, 2, -1));
	feed(_metadata, self, PORT_CPU);
	got = udp_recv(fd, CNT);
	EXPECT_LE(1, got);
	EXPECT_GE(CNT, got);
}

/* ------------------------------------------------------------------ contracts of the maps */

TEST_F(redirect, devmap_errors)
{
	struct bpf_devmap_val val = { .ifindex = W1, .bpf_prog.fd = -1 };
	int map = net_map(self->obj, "ports"), prog = net_prog(self->obj, "xdp_choose");
	__u32 key = 4, next;

	EXPECT_EQ(-E2BIG, bpf_map_update_elem(map, &key, &val, 0));
	EXPECT_EQ(-EINVAL, bpf_map_delete_elem(map, &key));
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(map, &key, &val));
	key = 1;
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 3));
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, BPF_F_LOCK));
	EXPECT_EQ(-EEXIST, bpf_map_update_elem(map, &key, &val, BPF_NOEXIST));
	val.ifindex = 9999;
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	val.ifindex = W1;
	val.bpf_prog.fd = 9999;
	EXPECT_EQ(-EBADF, bpf_map_update_elem(map, &key, &val, 0));
	val.bpf_prog.fd = map;
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	/* Programs for devices, and for elements of another kind of map. */
	val.bpf_prog.fd = prog;
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	val.bpf_prog.fd = net_prog(self->obj, "xdp_arrive");
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	/* No device and a program; no device: the slot is emptied. */
	val.ifindex = 0;
	val.bpf_prog.fd = net_prog(self->obj, "xdp_leave");
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	val.bpf_prog.fd = -1;
	EXPECT_EQ(0, bpf_map_update_elem(map, &key, &val, 0));
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(map, &key, &val));

	key = 3;
	EXPECT_EQ(-ENOENT, bpf_map_get_next_key(map, &key, &next));
	EXPECT_EQ(0, bpf_map_get_next_key(map, NULL, &next));
	EXPECT_EQ(0, next);

	/* Such programs are for elements only. */
	EXPECT_EQ(-EINVAL, xdp_attach(self->obj, W1, "xdp_leave", variant->mode));
	EXPECT_EQ(-EINVAL, xdp_attach(self->obj, W1, "xdp_arrive", variant->mode));
}

TEST_F(redirect, devmap_hash_errors)
{
	struct bpf_devmap_val val = { .ifindex = W1, .bpf_prog.fd = -1 };
	int map = net_map(self->obj, "hash"), found = 0, err;
	__u32 key, next;

	for (key = 5; key < 8; key++)
		EXPECT_EQ(0, bpf_map_update_elem(map, &key, &val, BPF_NOEXIST));
	EXPECT_EQ(-E2BIG, bpf_map_update_elem(map, &key, &val, 0));
	key = 6;
	EXPECT_EQ(-EEXIST, bpf_map_update_elem(map, &key, &val, BPF_NOEXIST));
	val.ifindex = X1;
	EXPECT_EQ(0, bpf_map_update_elem(map, &key, &val, BPF_EXIST));
	val.ifindex = 0;
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	EXPECT_EQ(0, bpf_map_lookup_elem(map, &key, &val));
	EXPECT_EQ(X1, val.ifindex);
	EXPECT_EQ(0, bpf_map_delete_elem(map, &key));
	EXPECT_EQ(-ENOENT, bpf_map_delete_elem(map, &key));
	val.bpf_prog.fd = -1;
	EXPECT_EQ(-ENOENT, bpf_map_update_elem(map, &key, &val, BPF_EXIST));
	for (err = bpf_map_get_next_key(map, NULL, &next); !err;
	     err = bpf_map_get_next_key(map, &next, &next))
		found++;
	EXPECT_EQ(-ENOENT, err);
	EXPECT_EQ(2, found);

	/* Devices that go leave both kinds of map. */
	key = 0;
	ASSERT_EQ(0, bpf_map_update_elem(net_map(self->obj, "ports"), &key, &val, 0));
	ASSERT_EQ(0, sh("ip link del w1"));
	key = 5;
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(map, &key, &val));
}

TEST_F(redirect, cpumap_errors)
{
	struct bpf_cpumap_val val = { .qsize = 8, .bpf_prog.fd = -1 };
	int map = net_map(self->obj, "cpus");
	__u32 key = 2;

	EXPECT_EQ(-E2BIG, bpf_map_update_elem(map, &key, &val, 0));
	EXPECT_EQ(-EINVAL, bpf_map_delete_elem(map, &key));
	key = 0;
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 4));
	EXPECT_EQ(-EEXIST, bpf_map_update_elem(map, &key, &val, BPF_NOEXIST));
	val.qsize = 16385;
	EXPECT_EQ(-EOVERFLOW, bpf_map_update_elem(map, &key, &val, 0));
	val.qsize = 16384;
	EXPECT_EQ(0, bpf_map_update_elem(map, &key, &val, BPF_EXIST));
	val.bpf_prog.fd = net_prog(self->obj, "xdp_leave");
	EXPECT_EQ(-EINVAL, bpf_map_update_elem(map, &key, &val, 0));
	val.bpf_prog.fd = 9999;
	EXPECT_EQ(-EBADF, bpf_map_update_elem(map, &key, &val, 0));
	/* A ring of none empties the slot. */
	val.qsize = 0;
	val.bpf_prog.fd = -1;
	EXPECT_EQ(0, bpf_map_update_elem(map, &key, &val, 0));
	EXPECT_EQ(-ENOENT, bpf_map_lookup_elem(map, &key, &val));
}

TEST(map_creation)
{
	LIBBPF_OPTS(bpf_map_create_opts, opts);
	static const struct {
		int type;
		__u32 key, value, entries, flags;
		int err;
	} maps[] = {
		{ BPF_MAP_TYPE_DEVMAP, 4, 4, 1, 0, 0 },
		{ BPF_MAP_TYPE_DEVMAP, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_DEVMAP, 4, 12, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_DEVMAP, 8, 4, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_DEVMAP, 4, 4, 0, 0, -EINVAL },
		{ BPF_MAP_TYPE_DEVMAP, 4, 4, 1, BPF_F_NO_PREALLOC, -EINVAL },
		{ BPF_MAP_TYPE_DEVMAP, 4, 4, 0xffffffff, 0, -ENOMEM },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 4, 8, 0xffffffff, 0, -EINVAL },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 4, 2, 1, 0, -EINVAL },
		{ BPF_MAP_TYPE_CPUMAP, 4, 4, 1, 0, 0 },
		{ BPF_MAP_TYPE_CPUMAP, 4, 8, 1, 0, 0 },
		{ BPF_MAP_TYPE_CPUMAP, 4, 8, 100000, 0, -E2BIG },
		{ BPF_MAP_TYPE_CPUMAP, 4, 8, 1, BPF_F_RDONLY, -EINVAL },
		{ BPF_MAP_TYPE_XSKMAP, 4, 4, 1, 0, 0 },
		{ BPF_MAP_TYPE_XSKMAP, 4, 8, 1, 0, -EINVAL },
	};
	unsigned int i;

	for (i = 0; i < LEN(maps); i++) {
		int fd;

		opts.map_flags = maps[i].flags;
		fd = bpf_map_create(maps[i].type, "m", maps[i].key, maps[i].value, maps[i].entries,
				    &opts);
		EXPECT_EQ(maps[i].err, fd < 0 ? fd : 0) {
			TH_LOG("row %u", i);
		}
		if (fd >= 0)
			close(fd);
	}
}

/*
 * hazard_2021_20268: what a map of devices or sockets takes is worked out without overflow, and a
 * power of two above the number of entries is one that there is.
 */
TEST(hazard_2021_20268_sizes_of_device_and_socket_maps)
{
	static const struct {
		int type;
		__u32 value, entries;
	} maps[] = {
		{ BPF_MAP_TYPE_DEVMAP, 4, 0x20000001 },
		{ BPF_MAP_TYPE_DEVMAP, 8, 0x80000001 },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 4, 0x80000001 },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 8, 0xffffffff },
		{ BPF_MAP_TYPE_CPUMAP, 8, 0x20000001 },
		{ BPF_MAP_TYPE_CPUMAP, 8, 0xffffffff },
		{ BPF_MAP_TYPE_XSKMAP, 4, 0x20000001 },
		{ BPF_MAP_TYPE_XSKMAP, 4, 0xffffffff },
		{ BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 8, 0x20000001 },
		{ BPF_MAP_TYPE_REUSEPORT_SOCKARRAY, 8, 0xffffffff },
	};
	unsigned int i;
	int fd;

	for (i = 0; i < LEN(maps); i++) {
		fd = bpf_map_create(maps[i].type, "m", 4, maps[i].value, maps[i].entries, NULL);
		EXPECT_TRUE(fd == -ENOMEM || fd == -E2BIG || fd == -EINVAL)
			TH_LOG("row %u: %d", i, fd);
		if (fd >= 0)
			close(fd);
	}
}

/* hazard_2024_56614, hazard_2024_56615: what is negative as a signed number is no index. */
TEST(hazard_2024_56614_indexes_of_deletes)
{
	static const __u32 keys[] = { 2, 3, 0x7fffffff, 0x80000000, 0x80000001, 0xfffffffe,
				      0xffffffff };
	static const struct {
		int type;
		__u32 value;
		int err;
	} maps[] = {
		{ BPF_MAP_TYPE_DEVMAP, 4, -EINVAL },
		{ BPF_MAP_TYPE_DEVMAP_HASH, 4, -ENOENT },
		{ BPF_MAP_TYPE_CPUMAP, 4, -EINVAL },
		{ BPF_MAP_TYPE_XSKMAP, 4, -EINVAL },
	};
	unsigned int i, k;
	int fd;

	for (i = 0; i < LEN(maps); i++) {
		fd = bpf_map_create(maps[i].type, "m", 4, maps[i].value, 2, NULL);
		ASSERT_LE(0, fd);
		for (k = 0; k < LEN(keys); k++)
			EXPECT_EQ(maps[i].err, bpf_map_delete_elem(fd, &keys[k]))
				TH_LOG("row %u, key %#x", i, keys[k]);
		close(fd);
	}
}

/* The device that a packet leaves by is known to programs of devmap elements alone. */
TEST(egress_ifindex_elsewhere)
{
	struct bpf_object *obj;
	char path[512];

	libbpf_set_print(NULL);
	snprintf(path, sizeof(path), "%s/redirect.bpf.o", getenv("O") ?: ".");
	obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, obj);
	bpf_program__set_autoload(bpf_object__find_program_by_name(obj, "xdp_egress_ifindex"),
				  true);
	EXPECT_EQ(-EACCES, bpf_object__load(obj));
	bpf_object__close(obj);
}

TEST_HARNESS_MAIN
