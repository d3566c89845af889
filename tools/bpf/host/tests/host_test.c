// SPDX-License-Identifier: GPL-2.0
/*
 * bpf(2) of the host home: its contract, the twins behind it, maps against simple models, failing
 * allocations, threads.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/bpf.h>

#include "host/kbpf.h"

#define PTR(p) ((unsigned long)(p))
#define ATTR(...) (&(union bpf_attr) { __VA_ARGS__ })

static int passed, failed;

#define CHECK(cond, ...) ({							\
	bool _ok = (cond);							\
	if (_ok) {								\
		__atomic_fetch_add(&passed, 1, __ATOMIC_RELAXED);		\
	} else {								\
		__atomic_fetch_add(&failed, 1, __ATOMIC_RELAXED);		\
		printf("FAIL %s:%d: %s; errno %d ", __func__, __LINE__, #cond, errno); \
		printf("" __VA_ARGS__);						\
		printf("\n");							\
	}									\
	_ok;									\
})

static long sys(int cmd, union bpf_attr *attr)
{
	return bpf_host(cmd, attr, sizeof(*attr));
}

static int map_new(int type, int key, int value, int max, int flags)
{
	return sys(BPF_MAP_CREATE, ATTR(.map_type = type, .key_size = key, .value_size = value,
					.max_entries = max, .map_flags = flags));
}

static long elem(int cmd, int fd, const void *key, void *value, __u64 flags)
{
	return sys(cmd, ATTR(.map_fd = fd, .key = PTR(key), .value = PTR(value), .flags = flags));
}

static int prog_new(int type, const struct bpf_insn *insns, int cnt)
{
	return sys(BPF_PROG_LOAD, ATTR(.prog_type = type, .insns = PTR(insns), .insn_cnt = cnt,
				       .license = PTR("GPL")));
}

#define RET(n) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = (n) }, { .code = BPF_JMP | BPF_EXIT }

/* ------------------------------------------------------------------ the call's contract */

static void test_contract(void)
{
	char big[sizeof(union bpf_attr) + 64] = { 0 };
	int key = 0, fd;

	CHECK(sys(9999, ATTR(0)) == -1 && errno == EINVAL);
	CHECK(sys(-1, ATTR(0)) == -1 && errno == EINVAL);
	CHECK(bpf_host(BPF_MAP_CREATE, (void *)8, sizeof(union bpf_attr)) == -1 && errno == EFAULT);
	CHECK(bpf_host(BPF_MAP_CREATE, (void *)big, 1 << 20) == -1 && errno == E2BIG);
	big[sizeof(big) - 1] = 1;
	CHECK(bpf_host(BPF_MAP_CREATE, (void *)big, sizeof(big)) == -1 && errno == E2BIG);
	CHECK(map_new(BPF_MAP_TYPE_HASH, 0, 4, 1, 0) == -1 && errno == EINVAL);
	CHECK(map_new(BPF_MAP_TYPE_ARRAY, 8, 4, 1, 0) == -1 && errno == EINVAL);
	CHECK(map_new(9999, 4, 4, 1, 0) == -1 && errno == EINVAL);
	fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0);
	CHECK(fd >= 0);
	CHECK(elem(BPF_MAP_LOOKUP_ELEM, fd, &key, (void *)8, 0) == -1 && errno == EFAULT);
	CHECK(elem(BPF_MAP_LOOKUP_ELEM, fd, (void *)8, big, 0) == -1 && errno == EFAULT);
	CHECK(elem(BPF_MAP_LOOKUP_ELEM, 0, &key, big, 0) == -1 && errno == EINVAL);
	CHECK(elem(BPF_MAP_LOOKUP_ELEM, 9876, &key, big, 0) == -1 && errno == EBADF);
	CHECK(elem(BPF_MAP_DELETE_ELEM, fd, &key, NULL, 0) == -1 && errno == EINVAL);
	close(fd);
	CHECK(elem(BPF_MAP_LOOKUP_ELEM, fd, &key, big, 0) == -1 && errno == EBADF);
}

static void test_rights(void)
{
	static const struct bpf_insn insns[] = { RET(0) };

	bpf_host_set_caps(0);
	bpf_host_set_unprivileged_disabled(2);
	CHECK(prog_new(BPF_PROG_TYPE_SOCKET_FILTER, insns, 2) == -1 && errno == EPERM);
	bpf_host_set_unprivileged_disabled(0);
	CHECK(prog_new(BPF_PROG_TYPE_XDP, insns, 2) == -1 && errno == EPERM);
	bpf_host_set_caps(~0ULL);
	CHECK(close(prog_new(BPF_PROG_TYPE_XDP, insns, 2)) == 0);
}

/* ------------------------------------------------------------------ descriptors */

static void test_descriptors(void)
{
	struct bpf_map_info info = { 0 };
	long live;
	int fd, copy, status, key = 0;
	__u64 value = 42;
	pid_t pid;

	bpf_host_btf();
	live = bpf_host_live();
	fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0);
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(!strcmp(bpf_host_fd_name(fd), "bpf-map"));
	CHECK(!bpf_host_fd_name(0));
	copy = dup(fd);
	close(fd);
	CHECK(!elem(BPF_MAP_UPDATE_ELEM, copy, &key, &value, 0));
	CHECK(!sys(BPF_OBJ_GET_INFO_BY_FD, ATTR(.info = { .bpf_fd = copy, .info_len = sizeof(info),
						.info = PTR(&info) })));
	CHECK(info.max_entries == 4 && info.id);
	pid = fork();
	if (!pid)
		_exit(elem(BPF_MAP_LOOKUP_ELEM, copy, &key, &value, 0) || value != 42);
	waitpid(pid, &status, 0);
	CHECK(!status);
	close(copy);
	CHECK(sys(BPF_MAP_GET_FD_BY_ID, ATTR(.map_id = info.id)) == -1 && errno == ENOENT);
	bpf_host_settle();
	CHECK(bpf_host_live() <= live, "%ld held, %ld before", bpf_host_live(), live);
}

/* A map on pages, filled with a value; -1: it did not keep it. */
static int filled(__u64 value)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 512, BPF_F_MMAPABLE), key;

	for (key = 0; key < 512; key++)
		if (elem(BPF_MAP_UPDATE_ELEM, fd, &key, &value, 0))
			return -1;
	return fd;
}

static bool holds(int fd, __u64 value)
{
	__u64 is;
	int key;

	for (key = 0; key < 512; key++)
		if (elem(BPF_MAP_LOOKUP_ELEM, fd, &key, &is, 0) || is != value)
			return false;
	return true;
}

/* What processes make after a fork() is their own; what there was before is shared. */
static void test_fork(void)
{
	int old = filled(1), gone = filled(2), mine, status, to[2], from[2];
	__u64 *mem = bpf_host_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, old, 0);
	char go;
	pid_t pid;

	if (!CHECK(old >= 0 && gone >= 0 && mem != MAP_FAILED && !pipe(to) && !pipe(from)))
		return;
	pid = fork();
	if (!pid) {
		mine = filled(3);
		status = write(from[1], "", 1) != 1 || read(to[0], &go, 1) != 1;
		_exit(status || mine < 0 || !holds(mine, 3) || !holds(gone, 2) ||
		      mem[7] != 77);
	}
	CHECK(read(from[0], &go, 1) == 1);
	close(gone);
	bpf_host_settle();
	mine = filled(4);
	mem[7] = 77;
	CHECK(write(to[1], "", 1) == 1);
	waitpid(pid, &status, 0);
	CHECK(!status, "the child says %x", status);
	CHECK(holds(mine, 4));
	close(mine);
	close(old);
	bpf_host_munmap(mem, 4096);
	close(to[0]);
	close(to[1]);
	close(from[0]);
	close(from[1]);
}

static void test_pins(void)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 4, 0), again;
	union bpf_attr *name = ATTR(.pathname = PTR("/tmp/bpffs/pin"), .bpf_fd = fd);

	CHECK(!sys(BPF_OBJ_PIN, name));
	CHECK(sys(BPF_OBJ_PIN, name) == -1 && errno == EEXIST);
	close(fd);
	again = sys(BPF_OBJ_GET, ATTR(.pathname = PTR("/tmp/bpffs/pin")));
	CHECK(again >= 0);
	close(again);
	CHECK(sys(BPF_OBJ_GET, ATTR(.pathname = PTR("/tmp/bpffs/none"))) == -1 && errno == ENOENT);
}

static void test_mmap(void)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 512, BPF_F_MMAPABLE), key = 3;
	__u64 *mem, value = 7;

	mem = bpf_host_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!CHECK(mem != MAP_FAILED))
		return;
	mem[3] = 99;
	CHECK(!elem(BPF_MAP_LOOKUP_ELEM, fd, &key, &value, 0) && value == 99);
	value = 5;
	CHECK(!elem(BPF_MAP_UPDATE_ELEM, fd, &key, &value, 0) && mem[3] == 5);
	CHECK(sys(BPF_MAP_FREEZE, ATTR(.map_fd = fd)) == -1 && errno == EBUSY);
	CHECK(bpf_host_mmap(NULL, 1 << 20, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	CHECK(!bpf_host_munmap(mem, 4096));
	CHECK(!sys(BPF_MAP_FREEZE, ATTR(.map_fd = fd)));
	CHECK(bpf_host_mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED &&
	      errno == EPERM);
	close(fd);
	fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 512, 0);
	CHECK(bpf_host_mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED);
	close(fd);
}

/* ------------------------------------------------------------------ maps against models */

#define KEYS 64

static void model_hash(int type, int flags, int percpu)
{
	static __u64 got[512];
	int fd = map_new(type, 4, 8, KEYS / 2, flags), i, key, n = 0, have[KEYS] = { 0 };
	__u64 model[KEYS];
	unsigned int seed = 12345;
	/* A machine with one processor has one value. */
	bool second = percpu && sysconf(_SC_NPROCESSORS_CONF) > 1;

	if (!CHECK(fd >= 0, "type %d", type))
		return;
	for (i = 0; i < 4000; i++) {
		__u64 val[512], flag = rand_r(&seed) % 3;
		int op = rand_r(&seed) % 4, c;
		long ret;

		key = rand_r(&seed) % KEYS;
		for (c = 0; c < 512; c++)
			val[c] = i * 1000 + (percpu ? c : 0);
		switch (op) {
		case 0:
		case 1:
			ret = elem(BPF_MAP_UPDATE_ELEM, fd, &key, val, flag);
			if (flag == BPF_NOEXIST && have[key]) {
				CHECK(ret == -1 && errno == EEXIST);
			} else if (flag == BPF_EXIST && !have[key]) {
				CHECK(ret == -1 && errno == ENOENT);
			} else if (!have[key] && n == KEYS / 2) {
				CHECK(ret == -1 && errno == E2BIG);
			} else if (CHECK(!ret, "key %d flag %llu", key, flag)) {
				n += !have[key];
				have[key] = 1;
				model[key] = val[0];
			}
			break;
		case 2:
			ret = elem(BPF_MAP_LOOKUP_ELEM, fd, &key, got, 0);
			if (have[key])
				CHECK(!ret && got[0] == model[key] &&
				      (!second || got[1] == model[key] + 1));
			else
				CHECK(ret == -1 && errno == ENOENT);
			break;
		default:
			ret = elem(BPF_MAP_DELETE_ELEM, fd, &key, NULL, 0);
			CHECK(have[key] ? !ret : ret == -1 && errno == ENOENT);
			n -= have[key];
			have[key] = 0;
		}
	}
	for (i = 0; elem(BPF_MAP_GET_NEXT_KEY, fd, i ? &key : NULL, &key, 0) == 0; i++)
		CHECK(key >= 0 && key < KEYS && have[key]);
	CHECK(i == n && errno == ENOENT);
	close(fd);
}

static void model_queue(int type)
{
	int fd = map_new(type, 0, 4, 16, 0), i, ring[16], n = 0, head = 0, v, want;
	unsigned int seed = 7;

	for (i = 0; i < 2000; i++) {
		if (rand_r(&seed) % 2) {
			long ret = elem(BPF_MAP_UPDATE_ELEM, fd, NULL, &i, 0);

			if (n == 16) {
				CHECK(ret == -1 && errno == E2BIG);
			} else {
				CHECK(!ret);
				ring[(head + n++) % 16] = i;
			}
			continue;
		}
		if (!n) {
			CHECK(elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, fd, NULL, &v, 0) == -1 &&
			      errno == ENOENT);
			continue;
		}
		want = type == BPF_MAP_TYPE_STACK ? ring[(head + n - 1) % 16] : ring[head];
		CHECK(!elem(BPF_MAP_LOOKUP_AND_DELETE_ELEM, fd, NULL, &v, 0) && v == want);
		if (type == BPF_MAP_TYPE_QUEUE)
			head = (head + 1) % 16;
		n--;
	}
	close(fd);
}

struct lpm_key {
	__u32 len;
	__u8 data[4];
};

static void model_lpm(void)
{
	int fd = map_new(BPF_MAP_TYPE_LPM_TRIE, 8, 4, 256, BPF_F_NO_PREALLOC), i, j, n = 0;
	struct lpm_key keys[200], k;
	unsigned int seed = 3;

	for (i = 0; i < 200; i++) {
		k.len = rand_r(&seed) % 33;
		for (j = 0; j < 4; j++)
			k.data[j] = rand_r(&seed) % 4;
		CHECK(!elem(BPF_MAP_UPDATE_ELEM, fd, &k, &i, 0));
		keys[n++] = k;
	}
	for (i = 0; i < 500; i++) {
		int best = -1, best_len = -1, v = -1;
		__u32 x, y;

		k.len = 32;
		for (j = 0; j < 4; j++)
			k.data[j] = rand_r(&seed) % 4;
		for (j = 0; j < n; j++) {
			memcpy(&x, k.data, 4);
			memcpy(&y, keys[j].data, 4);
			x = __builtin_bswap32(x ^ y);
			if ((int)keys[j].len >= best_len &&
			    (!keys[j].len || !(x >> (32 - keys[j].len)))) {
				best = j;
				best_len = keys[j].len;
			}
		}
		CHECK((elem(BPF_MAP_LOOKUP_ELEM, fd, &k, &v, 0) == 0) == (best >= 0) && v == best,
		      "got %d, want %d", v, best);
	}
	close(fd);
}

static void test_maps(void)
{
	model_hash(BPF_MAP_TYPE_HASH, 0, 0);
	model_hash(BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, 0);
	model_hash(BPF_MAP_TYPE_PERCPU_HASH, 0, 1);
	model_hash(BPF_MAP_TYPE_PERCPU_HASH, BPF_F_NO_PREALLOC, 1);
	model_queue(BPF_MAP_TYPE_QUEUE);
	model_queue(BPF_MAP_TYPE_STACK);
	model_lpm();
}

/* ------------------------------------------------------------------ programs */

static long run(int fd, void *in, int in_len, void *out, __u32 *out_len, __u32 *ret)
{
	union bpf_attr attr = { .test = {
		.prog_fd = fd, .data_in = PTR(in), .data_size_in = in_len,
		.data_out = PTR(out), .data_size_out = out_len ? *out_len : 0,
	} };
	long err = sys(BPF_PROG_TEST_RUN, &attr);

	*ret = attr.test.retval;
	if (out_len)
		*out_len = attr.test.data_size_out;
	return err;
}

/* if (data + 1 > data_end) return 0; data[0] = 0xab; return 2; data at @data, data_end at @end */
static void packet_prog(int type, int data, int end)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 2, .src_reg = 1, .off = data },
		{ .code = BPF_LDX | BPF_MEM | BPF_W, .dst_reg = 3, .src_reg = 1, .off = end },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 4, .src_reg = 2 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 4, .imm = 1 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_JGT | BPF_X, .dst_reg = 4, .src_reg = 3, .off = 2 },
		{ .code = BPF_ST | BPF_MEM | BPF_B, .dst_reg = 2, .off = 0, .imm = 0xab },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 2 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	int fd = prog_new(type, insns, 9);
	__u8 in[64] = { 1, 2, 3 }, out[128] = { 0 };
	__u32 len = sizeof(out), ret = 0;

	if (!CHECK(fd >= 0, "type %d", type))
		return;
	CHECK(!run(fd, in, sizeof(in), out, &len, &ret));
	CHECK(ret == 2 && len == 64 && out[0] == 0xab && out[1] == 2 && out[2] == 3,
	      "ret %u len %u", ret, len);
	len = 10;
	CHECK(run(fd, in, sizeof(in), out, &len, &ret) == -1 && errno == ENOSPC);
	CHECK(run(fd, in, 1, NULL, NULL, &ret) == -1 && errno == EINVAL);
	close(fd);
}

static void test_runs(void)
{
	/* r0 = *(u16 *)skb[12]: a legacy load */
	static const struct bpf_insn legacy[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 6, .src_reg = 1 },
		{ .code = BPF_LD | BPF_ABS | BPF_H, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	__u8 in[64] = { [14] = 0x12, [15] = 0x34 };
	__u32 ret = 0;
	int fd;

	packet_prog(BPF_PROG_TYPE_XDP, offsetof(struct xdp_md, data),
		    offsetof(struct xdp_md, data_end));
	packet_prog(BPF_PROG_TYPE_SCHED_CLS, offsetof(struct __sk_buff, data),
		    offsetof(struct __sk_buff, data_end));
	fd = prog_new(BPF_PROG_TYPE_SOCKET_FILTER, legacy, 3);
	CHECK(fd >= 0 && !run(fd, in, sizeof(in), NULL, NULL, &ret) && ret == 0x1234,
	      "ret %x", ret);
	close(fd);
}

/* ------------------------------------------------------------------ failing allocations */

static long op_map(int type)
{
	bool ring = type == BPF_MAP_TYPE_RINGBUF;
	int fd = map_new(type, ring || type == BPF_MAP_TYPE_QUEUE ? 0 : 4, ring ? 0 : 8,
			 ring ? 4096 : 8, 0);
	int err = errno, key = 1;
	__u64 value[512] = { 0 };

	if (fd < 0) {
		errno = err;
		return -1;
	}
	if (type == BPF_MAP_TYPE_HASH || type == BPF_MAP_TYPE_PERCPU_HASH)
		if (elem(BPF_MAP_UPDATE_ELEM, fd, &key, value, 0)) {
			err = errno;
			close(fd);
			errno = err;
			return -1;
		}
	return close(fd);
}

static long op_prog(int type)
{
	static const struct bpf_insn insns[] = { RET(0) };
	char log[4096];
	int fd = sys(BPF_PROG_LOAD, ATTR(.prog_type = type, .insns = PTR(insns), .insn_cnt = 2,
					 .license = PTR("GPL"), .log_level = 2, .log_buf = PTR(log),
					 .log_size = sizeof(log))), err = errno;
	__u8 in[64] = { 0 };
	__u32 ret;

	if (fd < 0) {
		errno = err;
		return -1;
	}
	if (run(fd, in, sizeof(in), NULL, NULL, &ret)) {
		err = errno;
		close(fd);
		errno = err;
		return -1;
	}
	return close(fd);
}

/*
 * Fails the 1st, 2nd, ... allocation until none is left to fail; nothing may stay behind but a
 * node or two that the id allocator keeps for the next time.
 */
#define KEPT 2

static void sweep(const char *what, long (*op)(int), int arg)
{
	long live, n, ret, left;

	CHECK(!op(arg), "%s %d", what, arg);
	bpf_host_settle();
	live = bpf_host_live();
	for (n = 1; n < 2000; n++) {
		bpf_host_fail_alloc(n);
		ret = op(arg);
		left = bpf_host_fail_left();
		bpf_host_fail_alloc(0);
		if (ret)
			CHECK(errno == ENOMEM || errno == EMFILE || errno == ENFILE,
			      "%s %d: allocation %ld", what, arg, n);
		bpf_host_settle();
		if (!CHECK(bpf_host_live() <= live + KEPT, "%s %d: allocation %ld: %ld held, %ld before",
			   what, arg, n, bpf_host_live(), live))
			break;
		if (left > 0)
			break;
	}
	CHECK(n > 2 && n < 2000);
}

static void test_failures(void)
{
	static const int types[] = {
		BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_HASH,
		BPF_MAP_TYPE_PERCPU_ARRAY, BPF_MAP_TYPE_LRU_HASH, BPF_MAP_TYPE_QUEUE,
		BPF_MAP_TYPE_RINGBUF,
	};
	unsigned int i;

	for (i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		sweep("map", op_map, types[i]);
	sweep("prog", op_prog, BPF_PROG_TYPE_XDP);
	sweep("prog", op_prog, BPF_PROG_TYPE_SCHED_CLS);
}

/* ------------------------------------------------------------------ threads */

static int shared_map;
static int threads_bad, threads_errno;

static bool grows;

static void *hammer(void *arg)
{
	unsigned int seed = (unsigned long)arg;
	__u64 value, got;
	int i, key;

	for (i = 0; i < 3000; i++) {
		key = rand_r(&seed) % 32;
		value = key * 1000003ULL;
		switch (rand_r(&seed) % 4) {
		case 0:
			elem(BPF_MAP_DELETE_ELEM, shared_map, &key, NULL, 0);
			break;
		case 1:
			/* a table that grows has a store of memory that may be empty just now */
			if (elem(BPF_MAP_UPDATE_ELEM, shared_map, &key, &value, 0) &&
			    errno != E2BIG && errno != EBUSY && (!grows || errno != ENOMEM))
				__atomic_store_n(&threads_errno, errno, __ATOMIC_RELAXED);
			break;
		default:
			if (!elem(BPF_MAP_LOOKUP_ELEM, shared_map, &key, &got, 0) && got != value)
				__atomic_fetch_add(&threads_bad, 1, __ATOMIC_RELAXED);
		}
	}
	return NULL;
}

static void test_threads(void)
{
	static const struct { int type, flags; } kinds[] = {
		{ BPF_MAP_TYPE_HASH, 0 }, { BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC },
		{ BPF_MAP_TYPE_LRU_HASH, 0 },
	};
	pthread_t t[4];
	unsigned int k;
	long i;

	for (k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
		shared_map = map_new(kinds[k].type, 4, 8, 48, kinds[k].flags);
		grows = kinds[k].flags & BPF_F_NO_PREALLOC;
		threads_errno = 0;
		CHECK(shared_map >= 0);
		for (i = 0; i < 4; i++)
			pthread_create(&t[i], NULL, hammer, (void *)(i + 1));
		for (i = 0; i < 4; i++)
			pthread_join(t[i], NULL);
		CHECK(!threads_bad, "type %d: %d wrong values", kinds[k].type, threads_bad);
		CHECK(!threads_errno, "type %d: %s", kinds[k].type, strerror(threads_errno));
		close(shared_map);
	}
}

/* Descriptors are closed and used at the same time: some calls find none, none finds another's. */
static int fds[8];

static void *open_and_close(void *arg)
{
	unsigned int seed = (unsigned long)arg;
	int i, fd;

	for (i = 0; i < 400; i++) {
		fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, BPF_F_NO_PREALLOC);
		fd = __atomic_exchange_n(&fds[rand_r(&seed) % 8], fd, __ATOMIC_ACQ_REL);
		if (fd > 0)
			close(fd);
	}
	return NULL;
}

static void *use_any(void *arg)
{
	unsigned int seed = (unsigned long)arg;
	__u64 value = 3;
	int i, key = 1, fd;

	for (i = 0; i < 800; i++) {
		fd = __atomic_load_n(&fds[rand_r(&seed) % 8], __ATOMIC_ACQUIRE);
		if (fd <= 0)
			continue;
		elem(BPF_MAP_UPDATE_ELEM, fd, &key, &value, 0);
		value = 3;
		if (!elem(BPF_MAP_LOOKUP_ELEM, fd, &key, &value, 0) && value != 3)
			__atomic_fetch_add(&threads_bad, 1, __ATOMIC_RELAXED);
		bpf_host_fd_name(fd);
		if (!(i % 16))
			bpf_host_settle();
	}
	return NULL;
}

static void close_and_use(void)
{
	pthread_t t[4];
	long i;

	for (i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, i % 2 ? use_any : open_and_close, (void *)(i + 1));
	for (i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	for (i = 0; i < 8; i++) {
		if (fds[i] > 0)
			close(fds[i]);
		fds[i] = 0;
	}
	bpf_host_settle();
}

static void test_closing(void)
{
	long live;

	threads_bad = 0;
	close_and_use();	/* what the first use leaves behind is no leak */
	live = bpf_host_live();
	close_and_use();
	CHECK(!threads_bad, "%d wrong values", threads_bad);
	CHECK(bpf_host_live() <= live + 8, "%ld held, %ld before", bpf_host_live(), live);
}

static void *load_and_run(void *arg)
{
	static const struct bpf_insn insns[] = { RET(2) };
	__u8 in[64] = { 0 };
	__u32 ret;
	int i, fd;

	for (i = 0; i < 60; i++) {
		fd = prog_new(BPF_PROG_TYPE_XDP, insns, 2);
		if (fd < 0 || run(fd, in, sizeof(in), NULL, NULL, &ret) || ret != 2)
			__atomic_fetch_add(&threads_bad, 1, __ATOMIC_RELAXED);
		close(fd);
	}
	return arg;
}

/*
 * Programs, by the interpreter and as generated code, in more threads than there are processors:
 * those that share one must not be in its stock of tree nodes, say, at the same time.
 */
#define MANY 40

static void test_loads(void)
{
	long n = sysconf(_SC_NPROCESSORS_CONF) + 2;
	pthread_t t[MANY];
	int jit, i;

	if (n > MANY)
		n = MANY;
	threads_bad = 0;
	for (jit = 0; jit < 2; jit++) {
		bpf_host_set_jit(jit, 0);
		for (i = 0; i < n; i++)
			pthread_create(&t[i], NULL, load_and_run, NULL);
		for (i = 0; i < n; i++)
			pthread_join(t[i], NULL);
		CHECK(!threads_bad, "jit %d: %d wrong", jit, threads_bad);
	}
}

/* ------------------------------------------------------------------ */

static const struct {
	const char *name;
	void (*fn)(void);
} tests[] = {
	{ "contract", test_contract }, { "rights", test_rights },
	{ "descriptors", test_descriptors },
	{ "fork", test_fork }, { "pins", test_pins }, { "mmap", test_mmap }, { "maps", test_maps },
	{ "runs", test_runs },
	{ "failures", test_failures }, { "threads", test_threads },
	{ "closing", test_closing }, { "loads", test_loads },
};

int main(int argc, char **argv)
{
	unsigned int i;

	for (i = 0; i < sizeof(tests) / sizeof(tests[0]); i++) {
		if (argc > 1 && strcmp(argv[1], tests[i].name))
			continue;
		tests[i].fn();
	}
	bpf_host_settle();
	CHECK(!bpf_host_warnings(), "%ld warnings", bpf_host_warnings());
	printf("%d passed, %d failed\n", passed, failed);
	return failed != 0;
}
