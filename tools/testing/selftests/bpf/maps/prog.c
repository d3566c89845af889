// SPDX-License-Identifier: GPL-2.0
/* Programs in several processes on one map, and the ring buffer that they write to. */
#include <linux/filter.h>
#include <sys/epoll.h>
#include <sys/wait.h>

#include "map.h"
#include "kselftest_harness.h"

#define PAGE	4096
#define RUNS	20000
#define PROCS	2

#define LDX(sz, d, s, o)	INSN(BPF_LDX | BPF_MEM | (sz), d, s, o, 0)
#define ST(sz, d, o, i)		INSN(BPF_ST | BPF_MEM | (sz), d, 0, o, i)
#define STX(sz, d, s, o)	INSN(BPF_STX | BPF_MEM | (sz), d, s, o, 0)
#define MOV(d, s)		INSN(BPF_ALU64 | BPF_MOV | BPF_X, d, s, 0, 0)
#define ADD_IMM(d, i)		INSN(BPF_ALU64 | BPF_ADD | BPF_K, d, 0, 0, i)
#define AND_IMM(d, i)		INSN(BPF_ALU64 | BPF_AND | BPF_K, d, 0, 0, i)
#define CALL(f)			INSN(BPF_JMP | BPF_CALL, 0, 0, 0, f)
#define JEQ0(r, o)		INSN(BPF_JMP | BPF_JEQ | BPF_K, r, 0, o, 0)
#define JNE0(r, o)		INSN(BPF_JMP | BPF_JNE | BPF_K, r, 0, o, 0)
#define ATOMIC_ADD(d, s, o)	INSN(BPF_STX | BPF_ATOMIC | BPF_DW, d, s, o, BPF_ADD)

#define R0 BPF_REG_0
#define R1 BPF_REG_1
#define R2 BPF_REG_2
#define R3 BPF_REG_3
#define R4 BPF_REG_4
#define R6 BPF_REG_6
#define R10 BPF_REG_10

#define LOAD(insns) load(_metadata, insns, sizeof(insns) / sizeof((insns)[0]))

static int load(struct __test_metadata *_metadata, const struct bpf_insn *insns, int n)
{
	static char log[65536];
	int fd = BPF(BPF_PROG_LOAD, .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = PTR(insns),
		     .insn_cnt = n, .license = PTR("GPL"), .log_level = 1, .log_buf = PTR(log),
		     .log_size = sizeof(log));

	ASSERT_LE(0, fd) TH_LOG("%s", log);
	return fd;
}

/* Runs a program @times times; what it returned last, or -errno. */
static long run_prog(int prog, int times)
{
	char data[64] = {};
	union bpf_attr attr = { .test = { .prog_fd = prog, .data_in = PTR(data),
					  .data_size_in = sizeof(data), .repeat = times } };
	long err = bpf(BPF_PROG_TEST_RUN, &attr);

	return err ? err : (long)attr.test.retval;
}

/* In PROCS processes at once; the number of those that failed. */
static int run_procs(int prog, int times)
{
	int i, status, bad = 0;
	pid_t pid[PROCS];

	for (i = 0; i < PROCS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(run_prog(prog, times) < 0);
	}
	for (i = 0; i < PROCS; i++) {
		waitpid(pid[i], &status, 0);
		bad += status != 0;
	}
	return bad;
}

/* ------------------------------------------------------------------ counters */

static long total(int fd, uint32_t key, bool percpu)
{
	uint64_t vals[MAX_CPUS] = {};
	long sum = 0;
	int i;

	if (map_lookup(fd, &key, vals))
		return -1;
	for (i = 0; i < (percpu ? possible_cpus() : 1); i++)
		sum += vals[i];
	return sum;
}

FIXTURE(counter) {};

FIXTURE_VARIANT(counter)
{
	unsigned int type;
	unsigned int flags;
	bool percpu;
};

FIXTURE_VARIANT_ADD(counter, array) { BPF_MAP_TYPE_ARRAY };
FIXTURE_VARIANT_ADD(counter, percpu_array) { BPF_MAP_TYPE_PERCPU_ARRAY, 0, true };
FIXTURE_VARIANT_ADD(counter, hash) { BPF_MAP_TYPE_HASH };
FIXTURE_VARIANT_ADD(counter, hash_grown) { BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC };
FIXTURE_VARIANT_ADD(counter, percpu_hash) { BPF_MAP_TYPE_PERCPU_HASH, 0, true };
FIXTURE_VARIANT_ADD(counter, percpu_hash_grown) {
	BPF_MAP_TYPE_PERCPU_HASH, BPF_F_NO_PREALLOC, true };
FIXTURE_VARIANT_ADD(counter, lru_hash) { BPF_MAP_TYPE_LRU_HASH };

FIXTURE_SETUP(counter) {}
FIXTURE_TEARDOWN(counter) {}

TEST_F(counter, adds_up)
{
	int fd = map_new(variant->type, 4, 8, 4, variant->flags), prog;
	uint64_t vals[MAX_CPUS] = {};
	uint32_t key = 1;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, map_update(fd, &key, vals, 0));
	struct bpf_insn insns[] = {
		ST(BPF_W, R10, -4, 1),
		MOV(R2, R10), ADD_IMM(R2, -4),
		LD_MAP_FD(R1, fd),
		CALL(BPF_FUNC_map_lookup_elem),
		JEQ0(R0, 2),
		MOV_IMM(R1, 1),
		ATOMIC_ADD(R0, R1, 0),
		MOV_IMM(R0, 0),
		EXIT(),
	};

	prog = LOAD(insns);
	EXPECT_EQ(0, run_procs(prog, RUNS));
	EXPECT_EQ(PROCS * RUNS, total(fd, key, variant->percpu));
	close(prog);
	close(fd);
}

/* Programs insert and delete at random, while the map counts what it holds. */
TEST_F(counter, churn)
{
	int fd = map_new(variant->type, 4, 8, 16, variant->flags), prog;
	uint64_t vals[MAX_CPUS] = {};
	uint32_t key;
	int n = 0;

	ASSERT_LE(0, fd);
	struct bpf_insn insns[] = {
		CALL(BPF_FUNC_get_prandom_u32),
		AND_IMM(R0, 31),
		STX(BPF_W, R10, R0, -4),
		ST(BPF_DW, R10, -16, 5),
		MOV(R2, R10), ADD_IMM(R2, -4),
		MOV(R3, R10), ADD_IMM(R3, -16),
		MOV_IMM(R4, 0),
		LD_MAP_FD(R1, fd),
		CALL(BPF_FUNC_map_update_elem),
		CALL(BPF_FUNC_get_prandom_u32),
		AND_IMM(R0, 31),
		STX(BPF_W, R10, R0, -4),
		MOV(R2, R10), ADD_IMM(R2, -4),
		LD_MAP_FD(R1, fd),
		CALL(BPF_FUNC_map_delete_elem),
		MOV_IMM(R0, 0),
		EXIT(),
	};

	prog = LOAD(insns);
	EXPECT_EQ(0, run_procs(prog, RUNS));
	if (variant->type == BPF_MAP_TYPE_ARRAY || variant->type == BPF_MAP_TYPE_PERCPU_ARRAY)
		return;
	for (key = 0; key < 32; key++)
		n += !map_delete(fd, &key);
	EXPECT_GE(16, n);
	/* nothing was lost on the way */
	for (key = 0; key < 16; key++)
		EXPECT_EQ(0, map_update(fd, &key, vals, BPF_NOEXIST)) TH_LOG("key %u", key);
	close(prog);
	close(fd);
}

/* ------------------------------------------------------------------ ring buffer */

struct ring {
	int fd;
	uint64_t size;
	volatile unsigned long *cons;
	volatile unsigned long *prod;
	char *data;
	long records;
	long discarded;
	long bad;
};

static int ring_open(struct ring *r, uint64_t size)
{
	char *mem;

	memset(r, 0, sizeof(*r));
	r->size = size;
	r->fd = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, size, 0);
	if (r->fd < 0)
		return r->fd;
	r->cons = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, r->fd, 0);
	mem = mmap(NULL, PAGE + 2 * size, PROT_READ, MAP_SHARED, r->fd, PAGE);
	if (r->cons == MAP_FAILED || mem == MAP_FAILED)
		return -errno;
	r->prod = (void *)mem;
	r->data = mem + PAGE;
	return 0;
}

static void ring_close(struct ring *r)
{
	munmap((void *)r->cons, PAGE);
	munmap((void *)r->prod, PAGE + 2 * r->size);
	close(r->fd);
}

/* Reads what is there; a record is a length's worth of the same byte. */
static void ring_read(struct ring *r)
{
	unsigned long cons = *r->cons, prod;
	uint32_t len, size, i;
	unsigned char *rec;

	prod = __atomic_load_n(r->prod, __ATOMIC_ACQUIRE);
	while (cons < prod) {
		rec = (unsigned char *)r->data + (cons & (r->size - 1));
		len = __atomic_load_n((uint32_t *)rec, __ATOMIC_ACQUIRE);
		if (len & BPF_RINGBUF_BUSY_BIT)
			break;
		size = len & ~BPF_RINGBUF_DISCARD_BIT;
		if (len & BPF_RINGBUF_DISCARD_BIT) {
			r->discarded++;
		} else {
			r->records++;
			for (i = 1; i < size; i++)
				r->bad += rec[8 + i] != rec[8];
		}
		cons += ROUND_UP(size + BPF_RINGBUF_HDR_SZ, 8);
		__atomic_store_n(r->cons, cons, __ATOMIC_RELEASE);
		prod = __atomic_load_n(r->prod, __ATOMIC_ACQUIRE);
	}
}

/* Writes a record of 24 bytes; counts in an array those that there was no room for. */
static int ring_writer(struct __test_metadata *_metadata, int ring, int drops)
{
	struct bpf_insn insns[] = {
		CALL(BPF_FUNC_get_prandom_u32),
		AND_IMM(R0, 0xff),
		INSN(BPF_ALU64 | BPF_MUL | BPF_K, R0, 0, 0, 0x01010101),
		STX(BPF_W, R10, R0, -4), STX(BPF_W, R10, R0, -8), STX(BPF_W, R10, R0, -12),
		STX(BPF_W, R10, R0, -16), STX(BPF_W, R10, R0, -20), STX(BPF_W, R10, R0, -24),
		MOV(R2, R10), ADD_IMM(R2, -24),
		MOV_IMM(R3, 21),	/* a length that is padded */
		MOV_IMM(R4, 0),
		LD_MAP_FD(R1, ring),
		CALL(BPF_FUNC_ringbuf_output),
		JEQ0(R0, 9),
		ST(BPF_W, R10, -4, 0),
		MOV(R2, R10), ADD_IMM(R2, -4),
		LD_MAP_FD(R1, drops),
		CALL(BPF_FUNC_map_lookup_elem),
		JEQ0(R0, 2),
		MOV_IMM(R1, 1),
		ATOMIC_ADD(R0, R1, 0),
		MOV_IMM(R0, 0),
		EXIT(),
	};

	return LOAD(insns);
}

TEST(ringbuf_adds_up)
{
	int drops = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), prog, i, left = PROCS, status;
	int ep = epoll_create1(0), waits = 0;
	struct epoll_event ev = { .events = EPOLLIN };
	pid_t pid[PROCS];
	struct ring r;

	ASSERT_LE(0, drops);
	ASSERT_EQ(0, ring_open(&r, 2 * PAGE));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_ADD, r.fd, &ev));
	EXPECT_EQ(0, epoll_wait(ep, &ev, 1, 0));
	prog = ring_writer(_metadata, r.fd, drops);
	for (i = 0; i < PROCS; i++) {
		pid[i] = fork();
		if (!pid[i])
			_exit(run_prog(prog, RUNS) < 0);
	}
	while (left) {
		waits += epoll_wait(ep, &ev, 1, 10) == 1;
		ring_read(&r);
		for (i = 0; i < PROCS; i++) {
			if (pid[i] && waitpid(pid[i], &status, WNOHANG) == pid[i]) {
				EXPECT_EQ(0, status);
				pid[i] = 0;
				left--;
			}
		}
	}
	ring_read(&r);
	EXPECT_EQ(0, r.bad);
	EXPECT_LT(0, waits);
	EXPECT_LT(0, r.records);
	EXPECT_EQ(PROCS * RUNS, r.records + total(drops, 0, false));
	ring_close(&r);
	close(prog);
	close(drops);
	close(ep);
}

/* The consumer's position is user space's: nonsense there costs it its records, nothing else. */
TEST(ringbuf_consumer_is_not_trusted)
{
	static const unsigned long lies[] = { 1, 7, ~0UL, ~0UL - 4095, 1UL << 63, 8192, 1UL << 40 };
	int drops = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1, 0), prog, i;
	unsigned long prod;
	struct ring r;

	ASSERT_LE(0, drops);
	ASSERT_EQ(0, ring_open(&r, PAGE));
	prog = ring_writer(_metadata, r.fd, drops);
	for (i = 0; i < 7; i++) {
		*r.cons = lies[i];
		EXPECT_EQ(0, run_prog(prog, 1000));
	}
	prod = *r.prod;
	*r.cons = prod;
	EXPECT_EQ(0, run_prog(prog, 10));
	EXPECT_EQ(prod + 10 * 32, *r.prod);
	ring_read(&r);
	EXPECT_EQ(10, r.records);
	EXPECT_EQ(0, r.bad);
	ring_close(&r);
	close(prog);
	close(drops);
}

TEST(ringbuf_mappings)
{
	int fd = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE, 0);
	int rw = PROT_READ | PROT_WRITE;
	void *mem;

	ASSERT_LE(0, fd);
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, rw, MAP_SHARED, fd, PAGE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 2 * PAGE, rw, MAP_SHARED, fd, 0));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, PAGE, rw, MAP_SHARED, fd, 2 * PAGE));
	EXPECT_EQ(MAP_FAILED, mmap(NULL, 5 * PAGE, PROT_READ, MAP_SHARED, fd, 0));
	mem = mmap(NULL, 4 * PAGE, PROT_READ, MAP_SHARED, fd, 0);
	ASSERT_NE(MAP_FAILED, mem);
	EXPECT_EQ(-1, mprotect(mem, PAGE, rw));
	munmap(mem, 4 * PAGE);
	close(fd);
}

/* hazard_2021_3489: more than the ring holds is never given out. */
TEST(hazard_2021_3489_reserve_more_than_the_ring)
{
	static const int sizes[] = { PAGE - 8, PAGE - 7, PAGE, 2 * PAGE, 0x100000, 0x1fffffff };
	int fd = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, PAGE, 0), prog, i;

	ASSERT_LE(0, fd);
	for (i = 0; i < 6; i++) {
		struct bpf_insn insns[] = {
			LD_MAP_FD(R1, fd),
			MOV_IMM(R2, sizes[i]),
			MOV_IMM(R3, 0),
			CALL(BPF_FUNC_ringbuf_reserve),
			JNE0(R0, 2),
			MOV_IMM(R0, 0),
			EXIT(),
			MOV(R1, R0),
			MOV_IMM(R2, 0),
			CALL(BPF_FUNC_ringbuf_discard),
			MOV_IMM(R0, 1),
			EXIT(),
		};

		prog = LOAD(insns);
		EXPECT_EQ(!i, run_prog(prog, 1)) TH_LOG("%d bytes", sizes[i]);
		close(prog);
	}
	close(fd);
}

TEST_HARNESS_MAIN
