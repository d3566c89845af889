// SPDX-License-Identifier: GPL-2.0
/*
 * A sandbox as applications build one: seccomp filters for every action, what the kernel refuses
 * to install, and classic filters on sockets with the original returned.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include "kselftest_harness.h"

#define LEN(a)		(sizeof(a) / sizeof((a)[0]))
#define NR		offsetof(struct seccomp_data, nr)
#define ARG_LOW(n)	(offsetof(struct seccomp_data, args) + 8 * (n))
#define ARG_HIGH(n)	(ARG_LOW(n) + 4)
#define LOAD(off)	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, off)
#define RET(v)		BPF_STMT(BPF_RET | BPF_K, v)
#define JEQ(v, t, f)	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, v, t, f)

static int install_flags(struct sock_filter *f, unsigned short len, unsigned int flags)
{
	struct sock_fprog prog = { .len = len, .filter = f };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return -1;
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
}

static int install(struct sock_filter *f, unsigned short len)
{
	return install_flags(f, len, 0);
}

/* One system call is answered with ACTION, all others are allowed. */
static int install_for(int nr, unsigned int action)
{
	struct sock_filter f[] = {
		LOAD(NR), JEQ(nr, 0, 1), RET(action), RET(SECCOMP_RET_ALLOW),
	};

	return install(f, LEN(f));
}

/* What became of a child that did this. */
#define IN_CHILD(...)						\
({								\
	int status_ = -1;					\
	pid_t pid_ = fork();					\
								\
	if (!pid_) {						\
		__VA_ARGS__;					\
		_exit(0);					\
	}							\
	if (pid_ > 0)						\
		waitpid(pid_, &status_, 0);			\
	status_;						\
})

TEST(allow_all)
{
	struct sock_filter f[] = { RET(SECCOMP_RET_ALLOW) };
	int status = IN_CHILD({
		if (install(f, LEN(f)))
			_exit(1);
		if (getppid() <= 0)
			_exit(2);
	});

	ASSERT_EQ(0, status);
}

TEST(errno_value)
{
	int status = IN_CHILD({
		if (install_for(SYS_getppid, SECCOMP_RET_ERRNO | 123))
			_exit(1);
		errno = 0;
		if (syscall(SYS_getppid) != -1 || errno != 123)
			_exit(2);
		if (getpid() <= 0)
			_exit(3);
	});

	ASSERT_EQ(0, status);
}

TEST(kill_thread_and_process)
{
	int status = IN_CHILD({
		if (install_for(SYS_getppid, SECCOMP_RET_KILL_PROCESS))
			_exit(1);
		syscall(SYS_getppid);
	});

	ASSERT_TRUE(WIFSIGNALED(status));
	ASSERT_EQ(SIGSYS, WTERMSIG(status));
	status = IN_CHILD({
		if (install_for(SYS_getppid, SECCOMP_RET_KILL_THREAD))
			_exit(1);
		syscall(SYS_getppid);
	});
	ASSERT_TRUE(WIFSIGNALED(status));
	ASSERT_EQ(SIGSYS, WTERMSIG(status));
}

static volatile sig_atomic_t trapped_nr, trapped_data;

static void on_sys(int sig, siginfo_t *info, void *ctx)
{
	trapped_nr = info->si_syscall;
	trapped_data = info->si_errno;
}

TEST(trap)
{
	int status = IN_CHILD({
		struct sigaction sa = { .sa_sigaction = on_sys, .sa_flags = SA_SIGINFO };

		sigaction(SIGSYS, &sa, NULL);
		if (install_for(SYS_getppid, SECCOMP_RET_TRAP | 77))
			_exit(1);
		syscall(SYS_getppid);
		if (trapped_nr != SYS_getppid || trapped_data != 77)
			_exit(2);
	});

	ASSERT_EQ(0, status);
}

/* 64-bit arguments in two halves. */
TEST(arguments)
{
	struct sock_filter f[] = {
		LOAD(NR), JEQ(SYS_lseek, 0, 5),
		LOAD(ARG_HIGH(1)), JEQ(0x12345678, 0, 3),
		LOAD(ARG_LOW(1)), JEQ(0x9abcdef0, 0, 1),
		RET(SECCOMP_RET_ERRNO | 99), RET(SECCOMP_RET_ALLOW),
	};
	int status = IN_CHILD({
		if (install(f, LEN(f)))
			_exit(1);
		errno = 0;
		if (syscall(SYS_lseek, -1, 0x123456789abcdef0L, 0) != -1 || errno != 99)
			_exit(2);
		if (syscall(SYS_lseek, -1, 0x123456789abcdef1L, 0) != -1 || errno != EBADF)
			_exit(3);
		if (syscall(SYS_lseek, -1, 0x123456709abcdef0L, 0) != -1 || errno != EBADF)
			_exit(4);
	});

	ASSERT_EQ(0, status);
}

TEST(architecture_and_pointer)
{
	struct sock_filter f[] = {
		LOAD(offsetof(struct seccomp_data, arch)), JEQ(AUDIT_ARCH_X86_64, 1, 0),
		RET(SECCOMP_RET_KILL_PROCESS),
		LOAD(NR), JEQ(SYS_getppid, 0, 3),
		LOAD(offsetof(struct seccomp_data, instruction_pointer) + 4),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x8000, 1, 0),
		RET(SECCOMP_RET_ERRNO | 5), RET(SECCOMP_RET_ALLOW),
	};
	int status = IN_CHILD({
		if (install(f, LEN(f)))
			_exit(1);
		errno = 0;
		if (syscall(SYS_getppid) != -1 || errno != 5)
			_exit(2);
	});

	ASSERT_EQ(0, status);
}

/* The strictest answer of several filters wins, in whatever order they came. */
TEST(precedence)
{
	int status = IN_CHILD({
		if (install_for(SYS_getppid, SECCOMP_RET_ERRNO | 11) ||
		    install_for(SYS_getppid, SECCOMP_RET_ALLOW) ||
		    install_for(SYS_getppid, SECCOMP_RET_LOG))
			_exit(1);
		errno = 0;
		if (syscall(SYS_getppid) != -1 || errno != 11)
			_exit(2);
	});

	ASSERT_EQ(0, status);
}

/* Arithmetic, the scratch memory, the index register and every kind of jump. */
TEST(whole_instruction_set)
{
	struct sock_filter f[] = {
		LOAD(NR), JEQ(SYS_lseek, 0, 29),
		LOAD(ARG_LOW(1)), BPF_STMT(BPF_ST, 3),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_K, 7), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_MUL | BPF_K, 6), BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 3),
		BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 4), BPF_STMT(BPF_ALU | BPF_RSH | BPF_K, 3),
		BPF_STMT(BPF_ALU | BPF_XOR | BPF_K, 1), BPF_STMT(BPF_ALU | BPF_OR | BPF_K, 2),
		BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xffff), BPF_STMT(BPF_ALU | BPF_NEG, 0),
		BPF_STMT(BPF_MISC | BPF_TAX, 0), BPF_STMT(BPF_LD | BPF_MEM, 3),
		BPF_STMT(BPF_ALU | BPF_ADD | BPF_X, 0), BPF_STMT(BPF_ST, 15),
		BPF_STMT(BPF_LDX | BPF_MEM, 15), BPF_STMT(BPF_MISC | BPF_TXA, 0),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 0x80000000, 0, 10),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_X, 0, 0, 9),
		BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, 1, 0, 8),
		BPF_STMT(BPF_LD | BPF_IMM, 40), BPF_STMT(BPF_LDX | BPF_IMM, 8),
		BPF_STMT(BPF_ALU | BPF_DIV | BPF_X, 0),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 5, 0, 4),
		BPF_STMT(BPF_ALU | BPF_SUB | BPF_X, 0), JEQ(-3, 0, 2),
		BPF_STMT(BPF_JMP | BPF_JA, 0), RET(SECCOMP_RET_ERRNO | 50), RET(SECCOMP_RET_ALLOW),
	};
	/*
	 * ((10 + 5) * 6 / 3 << 4 >> 3 ^ 1 | 2) & 0xffff = 63; 10 - 63 = -53, odd; of 11 it is
	 * even.
	 */
	int status = IN_CHILD({
		if (install(f, LEN(f)))
			_exit(1);
		errno = 0;
		if (syscall(SYS_lseek, -1, 10L, 0) != -1 || errno != 50)
			_exit(2);
		if (syscall(SYS_lseek, -1, 11L, 0) != -1 || errno != EBADF)
			_exit(3);
	});

	ASSERT_EQ(0, status);
}

TEST(longest_filter)
{
	struct sock_filter *f = calloc(BPF_MAXINSNS + 1, sizeof(*f));
	int i, status;

	ASSERT_NE(NULL, f);
	f[0] = (struct sock_filter)LOAD(NR);
	for (i = 1; i < BPF_MAXINSNS - 1; i += 2) {
		f[i] = (struct sock_filter)JEQ(0x10000 + i, 0, 1);
		f[i + 1] = (struct sock_filter)RET(SECCOMP_RET_KILL_PROCESS);
	}
	f[BPF_MAXINSNS - 1] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	f[BPF_MAXINSNS] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	status = IN_CHILD({
		if (install(f, BPF_MAXINSNS))
			_exit(1);
		if (getppid() <= 0)
			_exit(2);
	});
	EXPECT_EQ(0, status);
	status = IN_CHILD({
		errno = 0;
		if (install(f, BPF_MAXINSNS + 1) != -1 || errno != EINVAL)
			_exit(1);
	});
	EXPECT_EQ(0, status);
	free(f);
}

#define REFUSED(...)						\
do {								\
	struct sock_filter f_[] = { __VA_ARGS__ };		\
	int status_ = IN_CHILD({				\
		errno = 0;					\
		if (install(f_, LEN(f_)) != -1)			\
			_exit(1);				\
		if (errno != EINVAL)				\
			_exit(2);				\
	});							\
								\
	EXPECT_EQ(0, status_) TH_LOG("accepted: %s", #__VA_ARGS__);	\
} while (0)

TEST(what_is_refused)
{
	REFUSED(LOAD(NR));
	REFUSED(JEQ(1, 5, 0), RET(0));
	REFUSED(BPF_STMT(BPF_JMP | BPF_JA, 1), RET(0));
	REFUSED(LOAD(1), RET(0));
	REFUSED(LOAD(sizeof(struct seccomp_data)), RET(0));
	REFUSED(BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 0), RET(0));
	REFUSED(BPF_STMT(BPF_LD | BPF_W | BPF_IND, 0), RET(0));
	REFUSED(BPF_STMT(BPF_ALU | BPF_DIV | BPF_K, 0), RET(0));
	REFUSED(BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, 3), RET(0));
	REFUSED(BPF_STMT(BPF_ALU | BPF_LSH | BPF_K, 32), RET(0));
	REFUSED(BPF_STMT(BPF_ST, BPF_MEMWORDS), RET(0));
	REFUSED(BPF_STMT(BPF_LD | BPF_MEM, 2), RET(0));
	REFUSED(BPF_STMT(0xffff, 0), RET(0));
	REFUSED(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0), RET(0));
}

TEST(bad_attributes)
{
	struct sock_filter f[] = { RET(SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { .len = 1, .filter = f };
	int status = IN_CHILD({
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, NULL) != -1 || errno != EFAULT)
			_exit(1);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 1u << 30, &prog) != -1 ||
		    errno != EINVAL)
			_exit(2);
		prog.len = 0;
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != -1 ||
		    errno != EINVAL)
			_exit(3);
		prog.len = 1;
		prog.filter = (void *)8;
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != -1 ||
		    errno != EFAULT)
			_exit(4);
	});

	ASSERT_EQ(0, status);
}

TEST(needs_no_new_privs)
{
	struct sock_filter f[] = { RET(SECCOMP_RET_ALLOW) };
	struct sock_fprog prog = { .len = 1, .filter = f };
	int status = IN_CHILD({
		if (setresuid(1000, 1000, 1000))
			_exit(1);
		if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &prog) != -1 ||
		    errno != EACCES)
			_exit(2);
		if (install(f, 1))
			_exit(3);
	});

	ASSERT_EQ(0, status);
}

TEST(inherited_over_fork_and_exec)
{
	int status = IN_CHILD({
		int inner;

		if (install_for(SYS_getppid, SECCOMP_RET_ERRNO | 9))
			_exit(1);
		inner = IN_CHILD({
			errno = 0;
			if (syscall(SYS_getppid) != -1 || errno != 9)
				_exit(1);
		});
		if (inner)
			_exit(2);
		execl("/bin/sh", "sh", "-c", "grep -q 'Seccomp:[[:space:]]*2' /proc/self/status",
		      NULL);
		_exit(3);
	});

	ASSERT_EQ(0, status);
}

static void *other_thread(void *gate)
{
	char c;

	if (read(*(int *)gate, &c, 1) != 1)
		return (void *)1;
	errno = 0;
	return (void *)(long)(syscall(SYS_getppid) == -1 && errno == 33 ? 0 : 2);
}

TEST(all_threads)
{
	struct sock_filter f[] = {
		LOAD(NR), JEQ(SYS_getppid, 0, 1),
		RET(SECCOMP_RET_ERRNO | 33), RET(SECCOMP_RET_ALLOW),
	};
	int status = IN_CHILD({
		pthread_t t;
		void *said;
		int gate[2];

		if (pipe(gate) || pthread_create(&t, NULL, other_thread, &gate[0]))
			_exit(1);
		if (install_flags(f, LEN(f), SECCOMP_FILTER_FLAG_TSYNC))
			_exit(2);
		if (write(gate[1], "x", 1) != 1 || pthread_join(t, &said) || said)
			_exit(3);
	});

	ASSERT_EQ(0, status);
}

TEST(user_notification)
{
	struct sock_filter f[] = {
		LOAD(NR), JEQ(SYS_getppid, 0, 1),
		RET(SECCOMP_RET_USER_NOTIF), RET(SECCOMP_RET_ALLOW),
	};
	int status = IN_CHILD({
		struct seccomp_notif_resp resp = {};
		struct seccomp_notif req = {};
		int listener;
		int inner;
		pid_t pid;

		listener = install_flags(f, LEN(f), SECCOMP_FILTER_FLAG_NEW_LISTENER);
		if (listener < 0)
			_exit(1);
		pid = fork();
		if (!pid)
			_exit(syscall(SYS_getppid) == 4242 ? 0 : 1);
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &req) || req.data.nr != SYS_getppid)
			_exit(2);
		resp.id = req.id;
		resp.val = 4242;
		if (ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &resp))
			_exit(3);
		waitpid(pid, &inner, 0);
		_exit(inner ? 4 : 0);
	});

	ASSERT_EQ(0, status);
}

/* A sandbox of the usual kind: a list of what is allowed, the rest fails. */
TEST(allow_list)
{
	static const int allowed[] = { SYS_read, SYS_write, SYS_exit_group, SYS_exit, SYS_close,
				       SYS_fstat,
				       SYS_rt_sigreturn, SYS_brk };
	struct sock_filter f[3 + LEN(allowed)];
	unsigned int i, n = LEN(allowed);
	int status;

	f[0] = (struct sock_filter)LOAD(NR);
	for (i = 0; i < n; i++)
		f[1 + i] = (struct sock_filter)JEQ(allowed[i], n - i, 0);
	f[1 + n] = (struct sock_filter)RET(SECCOMP_RET_ERRNO | EPERM);
	f[2 + n] = (struct sock_filter)RET(SECCOMP_RET_ALLOW);
	status = IN_CHILD({
		int fds[2];
		char c = 'a';

		if (pipe(fds) || install(f, LEN(f)))
			_exit(1);
		if (write(fds[1], &c, 1) != 1 || read(fds[0], &c, 1) != 1)
			_exit(2);
		errno = 0;
		if (open("/etc/hostname", O_RDONLY) != -1 || errno != EPERM)
			_exit(3);
		errno = 0;
		if (socket(AF_INET, SOCK_DGRAM, 0) != -1 || errno != EPERM)
			_exit(4);
	});
	ASSERT_EQ(0, status);
}

static int udp_pair(int *rx, int *tx)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(at);

	*rx = socket(AF_INET, SOCK_DGRAM, 0);
	*tx = socket(AF_INET, SOCK_DGRAM, 0);
	return bind(*rx, (void *)&at, len) || getsockname(*rx, (void *)&at, &len) ||
	       connect(*tx, (void *)&at, len);
}

static int arrives(int rx)
{
	struct pollfd p = { .fd = rx, .events = POLLIN };
	char buf[64];

	if (poll(&p, 1, 200) != 1)
		return -1;
	return recv(rx, buf, sizeof(buf), 0);
}

/* A classic filter on a socket: on the payload, with truncation, returned as it was, and locked. */
TEST(socket_filter)
{
	/* Datagrams begin at the UDP header: byte 8 is the first of the payload. */
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 8), JEQ('y', 0, 1), RET(-1),
		JEQ('t', 0, 1), RET(8 + 3), RET(0),
	};
	struct sock_fprog prog = { .len = LEN(f), .filter = f };
	struct sock_filter back[LEN(f)] = {};
	socklen_t n = LEN(back);
	int rx, tx, one = 1;

	ASSERT_EQ(0, udp_pair(&rx, &tx));
	ASSERT_EQ(0, setsockopt(rx, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	ASSERT_EQ(5, send(tx, "yes..", 5, 0));
	EXPECT_EQ(5, arrives(rx));
	ASSERT_EQ(5, send(tx, "no...", 5, 0));
	EXPECT_EQ(-1, arrives(rx));
	ASSERT_EQ(5, send(tx, "trunc", 5, 0));
	EXPECT_EQ(3, arrives(rx));
	ASSERT_EQ(0, getsockopt(rx, SOL_SOCKET, SO_GET_FILTER, back, &n));
	EXPECT_EQ(LEN(f), n);
	EXPECT_EQ(0, memcmp(f, back, sizeof(f)));
	ASSERT_EQ(0, setsockopt(rx, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)));
	EXPECT_EQ(-1, setsockopt(rx, SOL_SOCKET, SO_DETACH_FILTER, &one, sizeof(one)));
	EXPECT_EQ(EPERM, errno);
	close(rx);
	close(tx);
}

TEST(socket_filter_detach)
{
	struct sock_filter none[] = { RET(0) };
	struct sock_fprog prog = { .len = 1, .filter = none };
	int rx, tx, zero = 0;

	ASSERT_EQ(0, udp_pair(&rx, &tx));
	ASSERT_EQ(-1, setsockopt(rx, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)));
	EXPECT_EQ(ENOENT, errno);
	ASSERT_EQ(0, setsockopt(rx, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	ASSERT_EQ(1, send(tx, "a", 1, 0));
	EXPECT_EQ(-1, arrives(rx));
	ASSERT_EQ(0, setsockopt(rx, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)));
	ASSERT_EQ(1, send(tx, "b", 1, 0));
	EXPECT_EQ(1, arrives(rx));
	close(rx);
	close(tx);
}

/* The extensions that clients use: packet length, protocol, mark, interface, random. */
TEST(socket_filter_extensions)
{
	struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), JEQ(8 + 6, 0, 7),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_IFINDEX), JEQ(1, 0, 5),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, SKF_AD_OFF + SKF_AD_MARK), JEQ(0x77, 0, 3),
		BPF_STMT(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + 9), JEQ(17, 0, 1),
		RET(-1), RET(0),
	};
	struct sock_fprog prog = { .len = LEN(f), .filter = f };
	int rx, tx, mark = 0x77;

	ASSERT_EQ(0, udp_pair(&rx, &tx));
	ASSERT_EQ(0, setsockopt(rx, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	ASSERT_EQ(6, send(tx, "sixsix", 6, 0));
	EXPECT_EQ(-1, arrives(rx));
	ASSERT_EQ(0, setsockopt(tx, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	ASSERT_EQ(6, send(tx, "sixsix", 6, 0));
	EXPECT_EQ(6, arrives(rx));
	ASSERT_EQ(5, send(tx, "five.", 5, 0));
	EXPECT_EQ(-1, arrives(rx));
	close(rx);
	close(tx);
}

TEST_HARNESS_MAIN
