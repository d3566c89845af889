// SPDX-License-Identifier: GPL-2.0
/*
 * What an unmodified client may do with descriptors that bpf(2) gave it: wait for them in another
 * thread, map them and protect the mapping, hand them to children, copy and close them in all ways.
 * Knows nothing of the host home: plain system calls.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <linux/bpf.h>

#define PTR(p) ((uint64_t)(uintptr_t)(p))
#define ATTR(...) (&(union bpf_attr){ __VA_ARGS__ })

static int bad;

static int check(int ok, const char *what)
{
	if (!ok) {
		bad++;
		printf("not ok: %s (errno %d)\n", what, errno);
	}
	return ok;
}

#define CHECK(cond) check(!!(cond), #cond)

static long sys(int cmd, union bpf_attr *attr)
{
	return syscall(SYS_bpf, cmd, attr, sizeof(*attr));
}

static int map_new(int type, int key, int value, int max, int flags)
{
	return sys(BPF_MAP_CREATE, ATTR(.map_type = type, .key_size = key, .value_size = value,
					.max_entries = max, .map_flags = flags));
}

static long elem(int cmd, int fd, const void *key, void *value)
{
	return sys(cmd, ATTR(.map_fd = fd, .key = PTR(key), .value = PTR(value)));
}

/* ------------------------------------------------------------------ waiting */

/* r0 = ringbuf_output(ring, &(u64)7, 8, 0); return 0 */
static int producer(int ring)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ST | BPF_MEM | BPF_DW, .dst_reg = 10, .off = -8, .imm = 7 },
		{ .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = 1, .src_reg = BPF_PSEUDO_MAP_FD,
		  .imm = ring }, { 0 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = 2, .src_reg = 10 },
		{ .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = 2, .imm = -8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 3, .imm = 8 },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 4, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_ringbuf_output },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = 0, .imm = 0 },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return sys(BPF_PROG_LOAD, ATTR(.prog_type = BPF_PROG_TYPE_SOCKET_FILTER,
				       .insns = PTR(insns),
				       .insn_cnt = sizeof(insns) / sizeof(insns[0]),
				       .license = PTR("GPL")));
}

static long produce(int prog)
{
	uint8_t packet[64] = { 0 };

	return sys(BPF_PROG_TEST_RUN, ATTR(.test = { .prog_fd = prog, .data_in = PTR(packet),
						     .data_size_in = sizeof(packet) }));
}

static void *waiter(void *arg)
{
	struct epoll_event ev;

	return (void *)(long)epoll_wait((int)(long)arg, &ev, 1, 20000);
}

static void test_waiting(void)
{
	int ring = map_new(BPF_MAP_TYPE_RINGBUF, 0, 0, 4096, 0), prog = producer(ring);
	int ep = epoll_create1(EPOLL_CLOEXEC);
	struct epoll_event ev = { .events = EPOLLIN };
	struct pollfd p = { .fd = ring, .events = POLLIN };
	volatile uint64_t *consumer, *producer_pos;
	pthread_t thread;
	void *woken;
	uint8_t *data;

	CHECK(ring >= 0 && prog >= 0 && !epoll_ctl(ep, EPOLL_CTL_ADD, ring, &ev));
	CHECK(poll(&p, 1, 0) == 0 && epoll_wait(ep, &ev, 1, 0) == 0);
	consumer = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 0);
	producer_pos = mmap(NULL, 4096 + 2 * 4096, PROT_READ, MAP_SHARED, ring, 4096);
	if (!CHECK(consumer != MAP_FAILED && producer_pos != MAP_FAILED))
		return;
	CHECK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring, 4096) == MAP_FAILED &&
	      errno == EPERM);
	/* somebody waits before there is anything */
	pthread_create(&thread, NULL, waiter, (void *)(long)ep);
	usleep(50000);
	CHECK(!produce(prog));
	pthread_join(thread, &woken);
	CHECK((long)woken == 1);
	CHECK(poll(&p, 1, 0) == 1 && p.revents & POLLIN);
	CHECK(*producer_pos == 16 && *consumer == 0);
	data = (uint8_t *)producer_pos + 4096;
	CHECK(*(uint32_t *)data == 8 && *(uint64_t *)(data + 8) == 7);
	/* the data is mapped twice in a row, so that nothing wraps */
	CHECK(*(uint64_t *)(data + 4096 + 8) == 7);
	*consumer = 16;
	CHECK(poll(&p, 1, 0) == 0 && epoll_wait(ep, &ev, 1, 0) == 0);
	munmap((void *)consumer, 4096);
	munmap((void *)producer_pos, 3 * 4096);
	close(ep);
	close(prog);
	close(ring);
}

/* ------------------------------------------------------------------ mappings */

static sigjmp_buf fault;

static void on_fault(int sig)
{
	siglongjmp(fault, sig);
}

static int faults(volatile uint64_t *p)
{
	if (sigsetjmp(fault, 1))
		return 1;
	*p = 1;
	return 0;
}

static void test_mappings(void)
{
	int fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 1024, BPF_F_MMAPABLE), key = 513;
	uint64_t value = 0, eight[8] = { 0 }, *mem;
	void *moved;

	signal(SIGSEGV, on_fault);
	mem = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (!CHECK(mem != MAP_FAILED))
		return;
	mem[513] = 11;
	CHECK(!elem(BPF_MAP_LOOKUP_ELEM, fd, &key, &value) && value == 11);
	CHECK(!mprotect(mem, 8192, PROT_READ) && faults(&mem[0]) && mem[513] == 11);
	CHECK(!mprotect(mem, 8192, PROT_READ | PROT_WRITE) && !faults(&mem[0]));
	/* the mapping outlasts the descriptor */
	CHECK(!close(fd));
	mem[513] = 12;
	CHECK(mem[513] == 12 && !munmap(mem, 8192) && faults(&mem[0]));
	/* in a place that was reserved, as libbpf does with global data */
	fd = map_new(BPF_MAP_TYPE_ARRAY, 4, 64, 1, BPF_F_MMAPABLE);
	mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	moved = mmap(mem, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
	key = 0;
	CHECK(moved == mem);
	mem[0] = 5;
	CHECK(!elem(BPF_MAP_LOOKUP_ELEM, fd, &key, eight) && eight[0] == 5);
	CHECK(sys(BPF_MAP_FREEZE, ATTR(.map_fd = fd)) && errno == EBUSY);
	munmap(mem, 4096);
	CHECK(!sys(BPF_MAP_FREEZE, ATTR(.map_fd = fd)));
	close(fd);
	signal(SIGSEGV, SIG_DFL);
}

/* ------------------------------------------------------------------ descriptors */

static uint32_t id_of(int fd)
{
	struct bpf_map_info info = { 0 };
	long err = sys(BPF_OBJ_GET_INFO_BY_FD, ATTR(.info = { .bpf_fd = fd, .info = PTR(&info),
							      .info_len = sizeof(info) }));

	return err ? 0 : info.id;
}

static int is_there(uint32_t id)
{
	int fd = sys(BPF_MAP_GET_FD_BY_ID, ATTR(.map_id = id));

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static void test_closing(void)
{
	int fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0), copy, other;
	uint32_t id = id_of(fd);

	CHECK(id && is_there(id));
	copy = fcntl(fd, F_DUPFD_CLOEXEC, 100);
	CHECK(copy >= 100 && !close(fd) && is_there(id) && id_of(copy) == id);
	other = open("/dev/null", O_RDONLY);
	CHECK(dup2(other, copy) == copy && !is_there(id));	/* replaced */
	CHECK(!id_of(copy) && errno == EINVAL);
	close(copy);
	CHECK(!id_of(copy) && errno == EBADF);
	fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0);
	id = id_of(fd);
	syscall(SYS_close_range, fd, fd, 0);
	CHECK(!is_there(id));
	close(other);
}

/* A child has copies; what is mapped shared is shared. */
static void test_fork(void)
{
	int hash = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0), key = 1, status = 1;
	int array = map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 512, BPF_F_MMAPABLE);
	uint64_t value = 1, *mem;
	pid_t pid;

	mem = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, array, 0);
	CHECK(mem != MAP_FAILED && !elem(BPF_MAP_UPDATE_ELEM, hash, &key, &value));
	pid = fork();
	if (!pid) {
		int ok = !elem(BPF_MAP_LOOKUP_ELEM, hash, &key, &value) && value == 1;

		value = 2;
		ok = ok && !elem(BPF_MAP_UPDATE_ELEM, hash, &key, &value);
		value = 9;
		ok = ok && !elem(BPF_MAP_UPDATE_ELEM, array, &key, &value) && mem[1] == 9;
		close(array);
		close(hash);
		ok = ok && map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0) >= 0;
		_exit(!ok);
	}
	CHECK(waitpid(pid, &status, 0) == pid && !status);
	CHECK(mem[1] == 9);
	CHECK(!elem(BPF_MAP_LOOKUP_ELEM, hash, &key, &value) && value == 1);
	munmap(mem, 4096);
	close(array);
	close(hash);
}

static void test_passing(void)
{
	int pair[2], fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0), got = -1;
	char control[CMSG_SPACE(sizeof(int))] = { 0 }, byte = 0;
	struct iovec io = { &byte, 1 };
	struct msghdr msg = { .msg_iov = &io, .msg_iovlen = 1, .msg_control = control,
			      .msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
	uint32_t id = id_of(fd);

	socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(fd));
	CHECK(sendmsg(pair[0], &msg, 0) == 1);
	close(fd);
	CHECK(is_there(id));		/* on its way */
	CHECK(recvmsg(pair[1], &msg, 0) == 1);
	memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(got));
	CHECK(id_of(got) == id);
	close(got);
	CHECK(!is_there(id));
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	test_waiting();
	test_mappings();
	test_closing();
	test_fork();
	test_passing();
	printf("%d bad\n", bad);
	return bad != 0;
}
