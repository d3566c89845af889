// SPDX-License-Identifier: GPL-2.0
/*
 * Classic filters on sockets, packet sockets, reuseport groups and system calls.
 *
 * A filter on a datagram socket says how many bytes of a message are kept, so the length that is
 * received is what the filter returned: 0 and more are told apart by a message that follows.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <linux/seccomp.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kselftest_harness.h"

#ifndef SO_ATTACH_REUSEPORT_CBPF
#define SO_ATTACH_REUSEPORT_CBPF 51
#endif

#define LEN(a) (sizeof(a) / sizeof((a)[0]))

#define LD(size, mode, k)	BPF_STMT(BPF_LD | (size) | (mode), (k))
#define LDI(k)			BPF_STMT(BPF_LD | BPF_IMM, (k))
#define LDXI(k)			BPF_STMT(BPF_LDX | BPF_IMM, (k))
#define ALUK(op, k)		BPF_STMT(BPF_ALU | (op) | BPF_K, (k))
#define ALUX(op)		BPF_STMT(BPF_ALU | (op) | BPF_X, 0)
#define RETA			BPF_STMT(BPF_RET | BPF_A, 0)
#define RETK(k)			BPF_STMT(BPF_RET | BPF_K, (k))
#define JK(op, k, t, f)		BPF_JUMP(BPF_JMP | (op) | BPF_K, (k), (t), (f))
#define JX(op, t, f)		BPF_JUMP(BPF_JMP | (op) | BPF_X, 0, (t), (f))
#define AD(off)			LD(BPF_W, BPF_ABS, SKF_AD_OFF + (off))

static int attach(int fd, const struct sock_filter *insns, unsigned int cnt)
{
	struct sock_fprog prog = { .len = cnt, .filter = (struct sock_filter *)insns };

	return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)) ? -errno : 0;
}

#define MSG_LEN 250

/* The message: byte i is i, so that bytes tell where they were read. */
static int run(const struct sock_filter *insns, unsigned int cnt)
{
	unsigned char msg[MSG_LEN], got[MSG_LEN];
	int fds[2], err, i;

	for (i = 0; i < MSG_LEN; i++)
		msg[i] = i;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds))
		return -errno;
	err = attach(fds[1], insns, cnt);
	if (!err) {
		err = send(fds[0], msg, sizeof(msg), MSG_DONTWAIT);
		if (err == sizeof(msg))
			err = recv(fds[1], got, sizeof(got), MSG_DONTWAIT);
		/* The sender does not hear of a message that was dropped. */
		if (err < 0)
			err = errno == EAGAIN ? 0 : -errno;
		if (err > 0 && memcmp(msg, got, err))
			err = -EBADMSG;
	}
	close(fds[0]);
	close(fds[1]);
	return err;
}

#define RUN(...) ({								\
	const struct sock_filter __f[] = { __VA_ARGS__ };			\
	run(__f, LEN(__f));							\
})

TEST(return_constant)
{
	EXPECT_EQ(7, RUN(RETK(7)));
	EXPECT_EQ(0, RUN(RETK(0)));
	EXPECT_EQ(MSG_LEN, RUN(RETK(0xffffffff)));
}

TEST(registers_begin_as_zero)
{
	EXPECT_EQ(5, RUN(JX(BPF_JEQ, 0, 2), JK(BPF_JEQ, 0, 0, 1), RETK(5), RETK(9)));
}

TEST(arithmetic_with_constants)
{
	EXPECT_EQ(30, RUN(LDI(10), ALUK(BPF_ADD, 20), RETA));
	EXPECT_EQ(7, RUN(LDI(10), ALUK(BPF_SUB, 3), RETA));
	EXPECT_EQ(60, RUN(LDI(20), ALUK(BPF_MUL, 3), RETA));
	EXPECT_EQ(6, RUN(LDI(20), ALUK(BPF_DIV, 3), RETA));
	EXPECT_EQ(2, RUN(LDI(20), ALUK(BPF_MOD, 3), RETA));
	EXPECT_EQ(4, RUN(LDI(0x1c), ALUK(BPF_AND, 0x6), RETA));
	EXPECT_EQ(0x1e, RUN(LDI(0x1c), ALUK(BPF_OR, 0x6), RETA));
	EXPECT_EQ(0x1a, RUN(LDI(0x1c), ALUK(BPF_XOR, 0x6), RETA));
	EXPECT_EQ(40, RUN(LDI(5), ALUK(BPF_LSH, 3), RETA));
	EXPECT_EQ(5, RUN(LDI(40), ALUK(BPF_RSH, 3), RETA));
	EXPECT_EQ(3, RUN(LDI(-3), BPF_STMT(BPF_ALU | BPF_NEG, 0), RETA));
}

TEST(arithmetic_with_x)
{
	EXPECT_EQ(30, RUN(LDI(10), LDXI(20), ALUX(BPF_ADD), RETA));
	EXPECT_EQ(7, RUN(LDI(10), LDXI(3), ALUX(BPF_SUB), RETA));
	EXPECT_EQ(60, RUN(LDI(20), LDXI(3), ALUX(BPF_MUL), RETA));
	EXPECT_EQ(6, RUN(LDI(20), LDXI(3), ALUX(BPF_DIV), RETA));
	EXPECT_EQ(2, RUN(LDI(20), LDXI(3), ALUX(BPF_MOD), RETA));
	EXPECT_EQ(4, RUN(LDI(0x1c), LDXI(6), ALUX(BPF_AND), RETA));
	EXPECT_EQ(0x1e, RUN(LDI(0x1c), LDXI(6), ALUX(BPF_OR), RETA));
	EXPECT_EQ(0x1a, RUN(LDI(0x1c), LDXI(6), ALUX(BPF_XOR), RETA));
	EXPECT_EQ(40, RUN(LDI(5), LDXI(3), ALUX(BPF_LSH), RETA));
	EXPECT_EQ(5, RUN(LDI(40), LDXI(3), ALUX(BPF_RSH), RETA));
}

TEST(arithmetic_is_32_bits_and_unsigned)
{
	EXPECT_EQ(1, RUN(LDI(0xffffffff), ALUK(BPF_ADD, 2), RETA));
	EXPECT_EQ(15, RUN(LDI(0xffffffff), ALUK(BPF_RSH, 28), RETA));
	EXPECT_EQ(127, RUN(LDI(0xfffffffe), ALUK(BPF_DIV, 0x2000000), RETA));
	EXPECT_EQ(8, RUN(LDI(0x80000000), JK(BPF_JGT, 0x7fffffff, 0, 1), RETK(8), RETK(9)));
}

TEST(division_by_x_of_zero_ends_with_zero)
{
	EXPECT_EQ(0, RUN(LDI(20), LDXI(0), ALUX(BPF_DIV), RETK(9)));
	EXPECT_EQ(0, RUN(LDI(20), LDXI(0), ALUX(BPF_MOD), RETK(9)));
}

TEST(packet_loads)
{
	EXPECT_EQ(17, RUN(LD(BPF_B, BPF_ABS, 17), RETA));
	EXPECT_EQ(3, RUN(LD(BPF_H, BPF_ABS, 2), ALUK(BPF_SUB, 0x0200), RETA));
	EXPECT_EQ(7, RUN(LD(BPF_W, BPF_ABS, 4), ALUK(BPF_SUB, 0x04050600), RETA));
	EXPECT_EQ(25, RUN(LDXI(20), LD(BPF_B, BPF_IND, 5), RETA));
	EXPECT_EQ(26, RUN(LDXI(20), LD(BPF_H, BPF_IND, 5), ALUK(BPF_SUB, 0x1900), RETA));
	EXPECT_EQ(28, RUN(LDXI(20), LD(BPF_W, BPF_IND, 5), ALUK(BPF_SUB, 0x191a1b00), RETA));
	EXPECT_EQ(249, RUN(LD(BPF_B, BPF_ABS, MSG_LEN - 1), RETA));
	/* X wraps around: 0xffffffff + 6 is 5 */
	EXPECT_EQ(5, RUN(LDXI(0xffffffff), LD(BPF_B, BPF_IND, 6), RETA));
}

TEST(packet_loads_outside_end_with_zero)
{
	EXPECT_EQ(0, RUN(LD(BPF_B, BPF_ABS, MSG_LEN), RETK(9)));
	EXPECT_EQ(0, RUN(LD(BPF_H, BPF_ABS, MSG_LEN - 1), RETK(9)));
	EXPECT_EQ(0, RUN(LD(BPF_W, BPF_ABS, MSG_LEN - 3), RETK(9)));
	EXPECT_EQ(0, RUN(LD(BPF_W, BPF_ABS, 0x7fffffff), RETK(9)));
	EXPECT_EQ(0, RUN(LD(BPF_B, BPF_ABS, 40000), RETK(9)));
	EXPECT_EQ(0, RUN(LDXI(MSG_LEN), LD(BPF_B, BPF_IND, 0), RETK(9)));
	EXPECT_EQ(0, RUN(LDXI(0xfffffff0), LD(BPF_B, BPF_IND, 0), RETK(9)));
	EXPECT_EQ(0, RUN(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, MSG_LEN), RETK(9)));
}

TEST(length_and_header_length)
{
	EXPECT_EQ(MSG_LEN, RUN(LD(BPF_W, BPF_LEN, 0), RETA));
	EXPECT_EQ(MSG_LEN, RUN(BPF_STMT(BPF_LDX | BPF_W | BPF_LEN, 0),
			       BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA));
	/* Byte 0x1b: 4 * 0xb; A stays. */
	EXPECT_EQ(4 * 0xb, RUN(BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0x1b),
			       BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA));
	EXPECT_EQ(33, RUN(LDI(33), BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 0x1b), RETA));
}

TEST(scratch_and_moves)
{
	EXPECT_EQ(12,
		  RUN(LDI(12), BPF_STMT(BPF_ST, 15), LDI(1), BPF_STMT(BPF_LD | BPF_MEM, 15), RETA));
	EXPECT_EQ(13, RUN(LDXI(13), BPF_STMT(BPF_STX, 0), LDXI(1), BPF_STMT(BPF_LDX | BPF_MEM, 0),
			  BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA));
	EXPECT_EQ(14, RUN(LDI(14), BPF_STMT(BPF_MISC | BPF_TAX, 0), LDI(1),
			  BPF_STMT(BPF_MISC | BPF_TXA, 0), RETA));
	/* Words do not overlap, and a header length does not disturb them. */
	EXPECT_EQ(3, RUN(LDI(1), BPF_STMT(BPF_ST, 14), LDI(2), BPF_STMT(BPF_ST, 15),
			 BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 3), BPF_STMT(BPF_LDX | BPF_MEM, 14),
			 BPF_STMT(BPF_LD | BPF_MEM, 15), ALUX(BPF_ADD), RETA));
}

TEST(jumps)
{
	static const struct {
		unsigned short op;
		unsigned int a, b;
		bool taken;
	} jumps[] = {
		{ BPF_JEQ, 5, 5, true }, { BPF_JEQ, 5, 6, false },
		{ BPF_JGT, 6, 5, true }, { BPF_JGT, 5, 5, false },
		{ BPF_JGE, 5, 5, true }, { BPF_JGE, 4, 5, false },
		{ BPF_JSET, 6, 2, true }, { BPF_JSET, 6, 9, false },
		{ BPF_JGT, 0xffffffff, 1, true }, { BPF_JGE, 1, 0xffffffff, false },
	};
	unsigned int i;

	for (i = 0; i < LEN(jumps); i++) {
		int want = jumps[i].taken ? 2 : 1;

		EXPECT_EQ(want, RUN(LDI(jumps[i].a), JK(jumps[i].op, jumps[i].b, 1, 0), RETK(1),
				    RETK(2)));
		EXPECT_EQ(want,
			  RUN(LDI(jumps[i].a), JK(jumps[i].op, jumps[i].b, 2, 1), RETK(9), RETK(1),
			      RETK(2)));
		EXPECT_EQ(want,
			  RUN(LDI(jumps[i].a), LDXI(jumps[i].b), JX(jumps[i].op, 1, 0), RETK(1),
			      RETK(2)));
	}
	EXPECT_EQ(4, RUN(BPF_STMT(BPF_JMP | BPF_JA, 1), RETK(3), RETK(4)));
}

/* Sets what a socket may use for options; returns what it was. */
static int set_optmem(int max)
{
	FILE *file = fopen("/proc/sys/net/core/optmem_max", "r+");
	int was = -1;

	if (!file)
		return -1;
	if (fscanf(file, "%d", &was) != 1)
		was = -1;
	rewind(file);
	fprintf(file, "%d", max);
	fclose(file);
	return was;
}

TEST(longest_jumps)
{
	struct sock_filter f[BPF_MAXINSNS];
	int optmem = set_optmem(8 << 20);
	unsigned int i;

	ASSERT_LT(0, optmem);

	/* Each instruction in between takes the most room when it is translated. */
	f[0] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, BPF_MAXINSNS - 2);
	for (i = 1; i < BPF_MAXINSNS - 2; i++)
		f[i] = (struct sock_filter)BPF_STMT(BPF_LDX | BPF_B | BPF_MSH, 40000);
	f[BPF_MAXINSNS - 2] = (struct sock_filter)RETK(1);
	f[BPF_MAXINSNS - 1] = (struct sock_filter)RETK(77);
	EXPECT_EQ(77, run(f, BPF_MAXINSNS));

	f[0] = (struct sock_filter)JK(BPF_JEQ, 0, 255, 254);
	f[256] = (struct sock_filter)RETK(66);
	f[255] = (struct sock_filter)RETK(1);
	EXPECT_EQ(66, run(f, BPF_MAXINSNS));
	set_optmem(optmem);
}

TEST(bad_programs)
{
	EXPECT_EQ(-EINVAL, RUN(LDI(1)));			/* no return */
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(0xffff, 0), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_LDX | BPF_W | BPF_ABS, 0), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_ALU | 0xc0, 1), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(ALUK(BPF_DIV, 0), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(ALUK(BPF_MOD, 0), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(ALUK(BPF_LSH, 32), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(ALUK(BPF_RSH, 32), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_ST, 16), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_LD | BPF_MEM, 16), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_JMP | BPF_JA, 1), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_JMP | BPF_JA, 0xffffffff), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(JK(BPF_JEQ, 0, 1, 0), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(JK(BPF_JEQ, 0, 0, 1), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(AD(SKF_AD_MAX), RETK(1)));
	EXPECT_EQ(-EINVAL, RUN(AD(1), RETK(1)));
	EXPECT_EQ(-EINVAL, run(NULL, 0));
	EXPECT_EQ(-EINVAL, run((struct sock_filter[]){ RETK(1) }, 0));
}

TEST(scratch_read_before_written)
{
	/* not at all, on one way only, a different word */
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_LD | BPF_MEM, 0), RETA));
	EXPECT_EQ(-EINVAL,
		  RUN(JK(BPF_JEQ, 0, 1, 0), BPF_STMT(BPF_ST, 0), BPF_STMT(BPF_LD | BPF_MEM, 0),
		      RETA));
	EXPECT_EQ(-EINVAL, RUN(BPF_STMT(BPF_ST, 1), BPF_STMT(BPF_LDX | BPF_MEM, 0), RETA));
	/* on both ways */
	EXPECT_EQ(4, RUN(LDI(4), JK(BPF_JEQ, 0, 2, 0), BPF_STMT(BPF_ST, 0),
			 BPF_STMT(BPF_JMP | BPF_JA, 1), BPF_STMT(BPF_ST, 0),
			 BPF_STMT(BPF_LD | BPF_MEM, 0), RETA));
}

TEST(programs_too_long)
{
	static struct sock_filter f[BPF_MAXINSNS + 1];
	unsigned int i;

	for (i = 0; i <= BPF_MAXINSNS; i++)
		f[i] = (struct sock_filter)RETK(1);
	EXPECT_EQ(-EINVAL, run(f, BPF_MAXINSNS + 1));
}

TEST(bad_pointers)
{
	struct sock_fprog prog = { .len = 1, .filter = (void *)8 };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog)));
	EXPECT_EQ(EFAULT, errno);
	EXPECT_EQ(-1, setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &prog, sizeof(prog) - 1));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

TEST(get_filter_returns_the_original)
{
	static const struct sock_filter want[] = {
		LD(BPF_W, BPF_ABS, SKF_AD_OFF + SKF_AD_PROTOCOL),
		JK(BPF_JEQ, 0x800, 0, 1), RETK(100),
		RETK(0),
	};
	struct sock_filter got[LEN(want) + 2];
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = 0;

	ASSERT_LE(0, fd);
	len = LEN(got);
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &len));
	EXPECT_EQ(0, len);
	ASSERT_EQ(0, attach(fd, want, LEN(want)));
	len = 0;
	EXPECT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, NULL, &len));
	EXPECT_EQ(LEN(want), len);
	len = LEN(got);
	EXPECT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &len));
	EXPECT_EQ(LEN(want), len);
	EXPECT_EQ(0, memcmp(want, got, sizeof(want)));
	len = LEN(want) - 1;
	EXPECT_EQ(-1, getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, got, &len));
	EXPECT_EQ(EINVAL, errno);
	close(fd);
}

TEST(detach_and_lock)
{
	static const struct sock_filter f[] = { RETK(100) };
	int fd = socket(AF_INET, SOCK_DGRAM, 0), one = 1, zero = 0;

	ASSERT_LE(0, fd);
	EXPECT_EQ(-1, setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, attach(fd, f, 1));
	EXPECT_EQ(0, attach(fd, f, 1));
	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)));
	EXPECT_EQ(0, attach(fd, f, 1));
	EXPECT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &one, sizeof(one)));
	EXPECT_EQ(-EPERM, attach(fd, f, 1));
	EXPECT_EQ(-1, setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &zero, sizeof(zero)));
	EXPECT_EQ(EPERM, errno);
	EXPECT_EQ(-1, setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &zero, sizeof(zero)));
	close(fd);
}

TEST(option_memory_is_charged)
{
	static struct sock_filter f[BPF_MAXINSNS];
	int fd = socket(AF_INET, SOCK_DGRAM, 0), i, optmem = set_optmem(4096);

	ASSERT_LE(0, fd);
	ASSERT_LT(0, optmem);
	for (i = 0; i < BPF_MAXINSNS; i++)
		f[i] = (struct sock_filter)LDI(1);
	f[BPF_MAXINSNS - 1] = (struct sock_filter)RETK(1);
	EXPECT_EQ(-ENOMEM, attach(fd, f, BPF_MAXINSNS));
	f[9] = (struct sock_filter)RETK(1);
	/* What is given back can be taken again, any number of times. */
	for (i = 0; i < 1000; i++)
		EXPECT_EQ(0, attach(fd, f, 10));
	set_optmem(optmem);
	close(fd);
}

/* ------------------------------------------------------------------ packets on lo */

static int packet_run(const struct sock_filter *f, unsigned int cnt)
{
	struct sockaddr_ll at = { .sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP),
				  .sll_ifindex = if_nametoindex("lo") };
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int pkt = socket(AF_PACKET, SOCK_RAW, 0), udp = socket(AF_INET, SOCK_DGRAM, 0), ret;
	int witness = socket(AF_PACKET, SOCK_RAW, 0);
	struct timeval wait = { .tv_sec = 20 };
	char buf[512] = {};

	if (pkt < 0 || udp < 0 || witness < 0)
		return -errno;
	/* Packets come to sockets in the order in which these were bound last. */
	setsockopt(witness, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait));
	ret = attach(pkt, f, cnt);
	if (!ret && (bind(witness, (void *)&at, sizeof(at)) || bind(pkt, (void *)&at, sizeof(at)) ||
		     sendto(udp, buf, 400, 0, (void *)&to, sizeof(to)) != 400 ||
		     recv(witness, buf, sizeof(buf), 0) <= 0))
		ret = -errno;
	if (!ret) {
		ret = recv(pkt, buf, sizeof(buf), MSG_DONTWAIT);
		if (ret < 0)
			ret = errno == EAGAIN ? 0 : -errno;
	}
	close(pkt);
	close(witness);
	close(udp);
	return ret;
}

#define PACKET(...) ({								\
	const struct sock_filter __f[] = { __VA_ARGS__ };			\
	packet_run(__f, LEN(__f));						\
})

#define EQ(value)	JK(BPF_JEQ, (value), 0, 1), RETK(55), RETK(0)

TEST(extensions)
{
	EXPECT_EQ(55, PACKET(AD(SKF_AD_PROTOCOL), EQ(ETH_P_IP)));
	EXPECT_EQ(0, PACKET(AD(SKF_AD_PROTOCOL), EQ(ETH_P_ARP)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_IFINDEX), EQ(if_nametoindex("lo"))));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_HATYPE), EQ(772)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_MARK), EQ(0)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_VLAN_TAG_PRESENT), EQ(0)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_VLAN_TAG), EQ(0)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_VLAN_TPID), EQ(0)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_PAY_OFFSET), EQ(14 + 20 + 8)));
	EXPECT_EQ(55, PACKET(LDXI(5), LDI(6), AD(SKF_AD_ALU_XOR_X), EQ(3)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_CPU), JK(BPF_JGE, 256, 1, 0), RETK(55), RETK(0)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_QUEUE), JK(BPF_JGE, 4096, 1, 0), RETK(55), RETK(0)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_RXHASH), RETK(55)));
	EXPECT_EQ(55, PACKET(AD(SKF_AD_PKTTYPE), JK(BPF_JGT, 7, 1, 0), RETK(55), RETK(0)));
	/* Two random numbers differ; one time in four billion they do not. */
	EXPECT_EQ(55, PACKET(AD(SKF_AD_RANDOM), BPF_STMT(BPF_MISC | BPF_TAX, 0), AD(SKF_AD_RANDOM),
			     JX(BPF_JEQ, 1, 0), RETK(55), RETK(0)));
}

TEST(loads_relative_to_headers)
{
	/* protocol of the IP header, type of the Ethernet header */
	EXPECT_EQ(55, PACKET(LD(BPF_B, BPF_ABS, SKF_NET_OFF + 9), EQ(IPPROTO_UDP)));
	EXPECT_EQ(55, PACKET(LD(BPF_H, BPF_ABS, SKF_LL_OFF + 12), EQ(ETH_P_IP)));
	EXPECT_EQ(0, PACKET(LD(BPF_B, BPF_ABS, SKF_NET_OFF + 0xfff), RETK(55)));
}

/* An attribute of type 3 in one of type 1, behind 4 other bytes. */
TEST(netlink_attributes)
{
	unsigned char msg[64] = { 0, 0, 0, 0, 12, 0, 1, 0, 8, 0, 3, 0, 1, 2, 3, 4 };
	static const struct {
		unsigned int ext, a, x, want;
	} cases[] = {
		{ SKF_AD_NLATTR, 4, 1, 4 },
		{ SKF_AD_NLATTR, 4, 3, 0 },
		{ SKF_AD_NLATTR_NEST, 4, 3, 8 },
		{ SKF_AD_NLATTR_NEST, 4, 1, 0 },
		{ SKF_AD_NLATTR, 63, 1, 0 },
		{ SKF_AD_NLATTR, 0xffffffff, 1, 0 },
		{ SKF_AD_NLATTR_NEST, 0, 3, 0 },
	};
	unsigned int i;

	for (i = 0; i < LEN(cases); i++) {
		const struct sock_filter f[] = {
			LDI(cases[i].a), LDXI(cases[i].x), AD(cases[i].ext), ALUK(BPF_ADD, 1), RETA,
		};
		int fds[2];

		ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_DGRAM, 0, fds));
		ASSERT_EQ(0, attach(fds[1], f, LEN(f)));
		ASSERT_EQ(sizeof(msg), send(fds[0], msg, sizeof(msg), 0));
		EXPECT_EQ(cases[i].want + 1,
			  recv(fds[1], msg, sizeof(msg), MSG_DONTWAIT | MSG_PEEK));
		close(fds[0]);
		close(fds[1]);
	}
}

/* ------------------------------------------------------------------ other hooks */

TEST(reuseport_selects_by_index)
{
	static const struct sock_filter second[] = { RETK(1) };
	struct sockaddr_in to = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct sock_fprog prog = { .len = 1, .filter = (struct sock_filter *)second };
	int socks[2], from, one = 1, i;
	socklen_t len = sizeof(to);
	char c;

	for (i = 0; i < 2; i++) {
		socks[i] = socket(AF_INET, SOCK_DGRAM, 0);
		ASSERT_EQ(0, setsockopt(socks[i], SOL_SOCKET, SO_REUSEPORT, &one, sizeof(one)));
		ASSERT_EQ(0, bind(socks[i], (void *)&to, sizeof(to)));
		if (!i)
			ASSERT_EQ(0, getsockname(socks[0], (void *)&to, &len));
	}
	ASSERT_EQ(0,
		  setsockopt(socks[0], SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &prog, sizeof(prog)));
	for (i = 0; i < 20; i++) {
		from = socket(AF_INET, SOCK_DGRAM, 0);
		ASSERT_EQ(1, sendto(from, "x", 1, 0, (void *)&to, sizeof(to)));
		EXPECT_EQ(1, recv(socks[1], &c, 1, MSG_DONTWAIT));
		EXPECT_EQ(-1, recv(socks[0], &c, 1, MSG_DONTWAIT));
		close(from);
	}
	close(socks[0]);
	close(socks[1]);
}

TEST(seccomp)
{
	const struct sock_filter f[] = {
		LD(BPF_W, BPF_ABS, offsetof(struct seccomp_data, nr)),
		JK(BPF_JEQ, __NR_getppid, 0, 1), RETK(SECCOMP_RET_ERRNO | 77),
		JK(BPF_JEQ, __NR_getsid, 0, 3),
		LD(BPF_W, BPF_ABS, offsetof(struct seccomp_data, args[0])),
		JK(BPF_JEQ, 4242, 0, 1), RETK(SECCOMP_RET_ERRNO | 78),
		LD(BPF_W, BPF_LEN, 0), JK(BPF_JEQ, sizeof(struct seccomp_data), 0, 1),
		RETK(SECCOMP_RET_ALLOW), RETK(SECCOMP_RET_ERRNO | 79),
	};
	struct sock_fprog prog = { .len = LEN(f), .filter = (struct sock_filter *)f };
	int status;
	pid_t pid = fork();

	ASSERT_LE(0, pid);
	if (!pid) {
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) ||
		    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog))
			_exit(1);
		errno = 0;
		if (syscall(__NR_getppid) != -1 || errno != 77)
			_exit(2);
		if (syscall(__NR_getsid, 4242) != -1 || errno != 78)
			_exit(3);
		if (syscall(__NR_getpid) <= 0)
			_exit(4);
		_exit(0);
	}
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST(seccomp_refuses_packet_loads)
{
	const struct sock_filter bad[][2] = {
		{ LD(BPF_W, BPF_ABS, 1), RETK(SECCOMP_RET_ALLOW) },
		{ LD(BPF_W, BPF_ABS, sizeof(struct seccomp_data)), RETK(SECCOMP_RET_ALLOW) },
		{ LD(BPF_H, BPF_ABS, 0), RETK(SECCOMP_RET_ALLOW) },
		{ LD(BPF_W, BPF_IND, 0), RETK(SECCOMP_RET_ALLOW) },
		{ AD(SKF_AD_CPU), RETK(SECCOMP_RET_ALLOW) },
	};
	struct sock_fprog prog = { .len = 2 };
	unsigned int i;

	ASSERT_EQ(0, prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	for (i = 0; i < LEN(bad); i++) {
		prog.filter = (struct sock_filter *)bad[i];
		EXPECT_EQ(-1, prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog));
		EXPECT_EQ(EINVAL, errno);
	}
}

TEST_HARNESS_MAIN
