// SPDX-License-Identifier: GPL-2.0
/*
 * Contexts of packet programs, byte by byte: every offset is read and written in every size, and
 * what loads is what the rows below say; every read that is allowed gives the bytes it should.
 */
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <stddef.h>

#include "kselftest_harness.h"
#include "net/net.h"

/**
 * struct field - what programs of a type may do with a field
 * @off: offset in the context
 * @len: bytes
 * @unit: bytes of a whole access
 * @narrow: parts of a unit may be read
 * @wide: two units at once, where they are aligned
 * @write: whole units may be written
 * @bytes: parts of them, too
 */
struct field {
	int off, len, unit;
	bool narrow, wide, write, bytes;
	const char *name;
};

#define F(type, member, _unit, ...) \
	{ offsetof(type, member), sizeof(((type *)0)->member), _unit, ##__VA_ARGS__, \
	  .name = #member }
#define SKB(member, ...) F(struct __sk_buff, member, 4, .narrow = true, ##__VA_ARGS__)
#define PTR(member) F(struct __sk_buff, member, 4)

#define COMMON(w)						\
	SKB(len), SKB(pkt_type), SKB(mark, .write = w),		\
	SKB(queue_mapping, .write = w), SKB(protocol), SKB(vlan_present), SKB(vlan_tci),	\
	SKB(vlan_proto), SKB(priority, .write = w), SKB(ingress_ifindex), SKB(ifindex),	\
	SKB(tc_index, .write = w), SKB(cb, .wide = true, .write = true, .bytes = true),	\
	SKB(hash), SKB(napi_id), SKB(gso_segs), SKB(gso_size),		\
	F(struct __sk_buff, sk, 8)

static const struct field filter_fields[] = { COMMON(false), {} };

static const struct field tc_fields[] = {
	COMMON(true),
	SKB(tc_classid, .write = true), PTR(data), PTR(data_end), PTR(data_meta),
	F(struct __sk_buff, tstamp, 8, .write = true), SKB(wire_len),
	F(struct __sk_buff, tstamp_type, 1), F(struct __sk_buff, hwtstamp, 8),
	{}
};

static const struct field dissector_fields[] = {
	PTR(data), PTR(data_end), F(struct __sk_buff, flow_keys, 8), {}
};

#define XDP(member) F(struct xdp_md, member, 4)

static const struct field xdp_fields[] = {
	XDP(data), XDP(data_end), XDP(data_meta), XDP(ingress_ifindex), XDP(rx_queue_index), {}
};

#define LOOKUP(member) F(struct bpf_sk_lookup, member, 4, .narrow = true)

static const struct field lookup_fields[] = {
	F(struct bpf_sk_lookup, sk, 8), LOOKUP(family), LOOKUP(protocol), LOOKUP(remote_ip4),
	LOOKUP(remote_ip6), LOOKUP(local_ip4), LOOKUP(local_ip6), LOOKUP(local_port),
	LOOKUP(ingress_ifindex),
	/* two bytes, which programs of old read as four */
	{ offsetof(struct bpf_sk_lookup, remote_port), 4, 4, .narrow = true,
	  .name = "remote_port" },
	{}
};

#define REUSE(member, size) F(struct sk_reuseport_md, member, size)

static const struct field reuseport_fields[] = {
	REUSE(data, 8), REUSE(data_end, 8), REUSE(sk, 8),
	F(struct sk_reuseport_md, len, 4, .narrow = true),
	F(struct sk_reuseport_md, eth_protocol, 4, .narrow = true),
	F(struct sk_reuseport_md, ip_protocol, 4, .narrow = true),
	F(struct sk_reuseport_md, bind_inany, 4, .narrow = true),
	F(struct sk_reuseport_md, hash, 4, .narrow = true),
	{}
};

static const int sizes[] = { 1, 2, 4, 8 };

static int size_code(int size)
{
	return size == 1 ? BPF_B : size == 2 ? BPF_H : size == 4 ? BPF_W : BPF_DW;
}

#define INSN(_code, _dst, _src, _off, _imm) \
	{ .code = _code, .dst_reg = _dst, .src_reg = _src, .off = _off, .imm = _imm }
#define MOV_IMM(dst, imm)	INSN(BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, imm)
#define LOAD(size, off)		INSN(BPF_LDX | BPF_MEM | size_code(size), 0, 1, off, 0)
#define STORE(size, off)	INSN(BPF_STX | BPF_MEM | size_code(size), 1, 2, off, 0)
#define STORE_IMM(size, off, imm) INSN(BPF_ST | BPF_MEM | size_code(size), 1, 0, off, imm)
#define EXIT			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static int load(int type, const struct bpf_insn *insns, int cnt)
{
	union bpf_attr attr = { .prog_type = type, .insns = (unsigned long)insns, .insn_cnt = cnt,
				.license = (unsigned long)"GPL" };

	if (type == BPF_PROG_TYPE_SK_LOOKUP)
		attr.expected_attach_type = BPF_SK_LOOKUP;
	if (type == BPF_PROG_TYPE_SK_REUSEPORT)
		attr.expected_attach_type = BPF_SK_REUSEPORT_SELECT;
	if (type == BPF_PROG_TYPE_FLOW_DISSECTOR)
		attr.expected_attach_type = BPF_FLOW_DISSECTOR;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

/* What was read may be a pointer: the answer is a constant. */
static int try_read(int type, int off, int size)
{
	struct bpf_insn insns[] = { LOAD(size, off), MOV_IMM(0, 0), EXIT };

	return load(type, insns, LEN(insns));
}

static int try_write(int type, int off, int size, bool imm)
{
	struct bpf_insn store[] = { MOV_IMM(2, 1), STORE(size, off), MOV_IMM(0, 0), EXIT };
	struct bpf_insn store_imm[] = { STORE_IMM(size, off, 1), MOV_IMM(0, 0), EXIT };

	return imm ? load(type, store_imm, LEN(store_imm)) : load(type, store, LEN(store));
}

static bool allowed(const struct field *f, int off, int size, bool write)
{
	int at;

	for (; f->name; f++) {
		if (off < f->off || off + size > f->off + f->len)
			continue;
		at = off - f->off;
		if (off % size)
			return false;
		if (write)
			return f->write && (size == f->unit || (f->wide && size == 2 * f->unit) ||
					    (f->bytes && size < f->unit));
		if (size == f->unit)
			return at % f->unit == 0;
		return size < f->unit ? f->narrow : f->wide && size == 2 * f->unit;
	}
	return false;
}

static void check_all(struct __test_metadata *_metadata, int type, const struct field *fields,
		      int end)
{
	int off, s, fd, size, imm, wrong = 0;

	for (off = -8; off < end + 8; off++) {
		for (s = 0; s < 4; s++) {
			size = sizes[s];
			fd = try_read(type, off, size);
			if (fd >= 0)
				close(fd);
			if (allowed(fields, off, size, false) != (fd >= 0)) {
				TH_LOG("read of %d bytes at %d: %d", size, off, fd);
				wrong++;
			}
			if (fd < 0 && fd != -EACCES && fd != -EINVAL)
				wrong++;
			for (imm = 0; imm < 2; imm++) {
				fd = try_write(type, off, size, imm);
				if (fd >= 0)
					close(fd);
				if (allowed(fields, off, size, true) != (fd >= 0)) {
					TH_LOG("write of %d bytes at %d: %d", size, off, fd);
					wrong++;
				}
			}
		}
	}
	EXPECT_EQ(0, wrong);
}

TEST(socket_filter)
{
	check_all(_metadata, BPF_PROG_TYPE_SOCKET_FILTER, filter_fields, sizeof(struct __sk_buff));
}

TEST(sched_cls)
{
	check_all(_metadata, BPF_PROG_TYPE_SCHED_CLS, tc_fields, sizeof(struct __sk_buff));
}

TEST(sched_act)
{
	check_all(_metadata, BPF_PROG_TYPE_SCHED_ACT, tc_fields, sizeof(struct __sk_buff));
}

TEST(flow_dissector)
{
	check_all(_metadata, BPF_PROG_TYPE_FLOW_DISSECTOR, dissector_fields,
		  sizeof(struct __sk_buff));
}

TEST(xdp)
{
	check_all(_metadata, BPF_PROG_TYPE_XDP, xdp_fields, sizeof(struct xdp_md));
}

TEST(sk_lookup)
{
	check_all(_metadata, BPF_PROG_TYPE_SK_LOOKUP, lookup_fields, sizeof(struct bpf_sk_lookup));
}

TEST(sk_reuseport)
{
	check_all(_metadata, BPF_PROG_TYPE_SK_REUSEPORT, reuseport_fields,
		  sizeof(struct sk_reuseport_md));
}

/* ------------------------------------------------------------------ values */

#define PKT_LEN 100

/* An IPv4 packet of nothing. */
static void packet(unsigned char *pkt)
{
	memset(pkt, 0, PKT_LEN);
	((struct ethhdr *)pkt)->h_dest[0] = 2;
	((struct ethhdr *)pkt)->h_proto = htons(ETH_P_IP);
	pkt[ETH_HLEN] = 0x45;
}

/* The low 32 bits of what a program reads at @off. */
static int read_value(struct __test_metadata *_metadata, int type, int off, int size,
		      const struct __sk_buff *in, __u32 *value)
{
	struct bpf_insn insns[] = { LOAD(size, off), EXIT };
	int fd = load(type, insns, LEN(insns)), err;
	struct __sk_buff ctx = *in;
	unsigned char pkt[PKT_LEN];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt, .data_size_in = PKT_LEN,
		    .ctx_in = &ctx, .ctx_size_in = sizeof(ctx));

	if (fd < 0)
		return fd;
	packet(pkt);
	err = bpf_prog_test_run_opts(fd, &opts);
	close(fd);
	*value = opts.retval;
	return err;
}

/* Fields that a test run can set, and those that follow from its packet. */
static const struct __sk_buff given = {
	.mark = 0x11223344, .priority = 0x55667788, .ingress_ifindex = 0x01020304, .ifindex = 1,
	.cb = { 0xa0a1a2a3, 0xb0b1b2b3, 0xc0c1c2c3, 0xd0d1d2d3, 0xe0e1e2e3 },
	.tstamp = 0x1234567812345678, .wire_len = 0x1234, .gso_segs = 0x0102, .gso_size = 0x0304,
	.hwtstamp = 0x1122334455667788,
};

static void check_values(struct __test_metadata *_metadata, int type, const struct field *f,
			 const struct __sk_buff *want)
{
	int off, s, err, wrong = 0;
	__u32 value, mask;

	for (; f->name; f++) {
		/* Pointers are no numbers; who allocated the packet knows its hash and queue. */
		if (f->unit == 4 && !f->narrow)
			continue;
		if (!strcmp(f->name, "sk") || !strcmp(f->name, "hash"))
			continue;
		for (off = f->off; off < f->off + f->len; off++) {
			for (s = 0; s < 4; s++) {
				int size = sizes[s];

				if (!allowed(f, off, size, false))
					continue;
				err = read_value(_metadata, type, off, size, &given, &value);
				mask = size >= 4 ? 0xffffffff : (1u << size * 8) - 1;
				if (!err && value == (*(__u32 *)((char *)want + off) & mask))
					continue;
				TH_LOG("%s: %d bytes at %d: %#x (%d)", f->name, size, off, value,
				       err);
				wrong++;
			}
		}
	}
	EXPECT_EQ(0, wrong);
}

TEST(values)
{
	struct __sk_buff want[2] = { given };

	want->len = PKT_LEN;
	want->protocol = htons(ETH_P_IP);
	want->pkt_type = 3;		/* PACKET_OTHERHOST */
	check_values(_metadata, BPF_PROG_TYPE_SCHED_CLS, tc_fields, want);
	want->len = PKT_LEN - ETH_HLEN;
	check_values(_metadata, BPF_PROG_TYPE_SOCKET_FILTER, filter_fields, want);
}

/* Every store can be read back, from a register and from the instruction. */
TEST(stores)
{
	const struct field *f;
	int imm, off, fd, err;

	for (f = tc_fields; f->name; f++) {
		for (off = f->off; f->write && off < f->off + f->len; off += f->unit) {
			for (imm = 0; imm < 2; imm++) {
				struct bpf_insn insns[] = {
					MOV_IMM(2, 0x1234),
					STORE(f->unit, off),
					LOAD(f->unit, off),
					EXIT,
				};
				unsigned char pkt[PKT_LEN];
				LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt,
					    .data_size_in = PKT_LEN);

				if (imm)
					insns[1] = (struct bpf_insn)STORE_IMM(f->unit, off, 0x1234);
				packet(pkt);
				fd = load(BPF_PROG_TYPE_SCHED_CLS, insns, LEN(insns));
				ASSERT_LE(0, fd);
				err = bpf_prog_test_run_opts(fd, &opts);
				EXPECT_EQ(0, err);
				EXPECT_EQ(0x1234, opts.retval) {
					TH_LOG("%s at %d", f->name, off);
				}
				close(fd);
			}
		}
	}
}

/* A part of a word that is stored leaves the rest of it. */
TEST(stores_of_parts)
{
	int cb = offsetof(struct __sk_buff, cb), at, size, imm, fd;
	unsigned char pkt[PKT_LEN];

	packet(pkt);
	for (size = 1; size <= 2; size++) {
		for (at = 0; at < 20; at += size) {
			for (imm = 0; imm < 2; imm++) {
				struct bpf_insn insns[] = {
					STORE_IMM(4, cb + at / 4 * 4, -1),
					MOV_IMM(2, 0x12),
					STORE(size, cb + at),
					LOAD(4, cb + at / 4 * 4),
					EXIT,
				};
				LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt,
					    .data_size_in = PKT_LEN);
				__u32 mask = (1u << size * 8) - 1, shift = at % 4 * 8;

				if (imm)
					insns[2] = (struct bpf_insn)STORE_IMM(size, cb + at, 0x12);
				fd = load(BPF_PROG_TYPE_SCHED_CLS, insns, LEN(insns));
				ASSERT_LE(0, fd);
				ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
				EXPECT_EQ(~(mask << shift) | 0x12 << shift, opts.retval);
				close(fd);
			}
		}
	}
}

/* A queue that cannot be is not stored. */
TEST(queue_mapping_limit)
{
	int off = offsetof(struct __sk_buff, queue_mapping), i, fd;
	unsigned char pkt[PKT_LEN];

	packet(pkt);
	for (i = 0; i < 2; i++) {
		struct bpf_insn insns[] = {
			STORE_IMM(4, off, 7),
			MOV_IMM(2, 0xffff),
			STORE(4, off),
			LOAD(4, off),
			EXIT,
		};
		LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt, .data_size_in = PKT_LEN);

		if (i)
			insns[2] = (struct bpf_insn)STORE_IMM(4, off, 0xffff);
		fd = load(BPF_PROG_TYPE_SCHED_CLS, insns, LEN(insns));
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
		EXPECT_EQ(7, opts.retval);
		close(fd);
	}
}

/* ------------------------------------------------------------------ LD_ABS and LD_IND */

#define LD_ABS(size, off)	INSN(BPF_LD | BPF_ABS | size_code(size), 0, 0, 0, off)
#define LD_IND(size, src, off)	INSN(BPF_LD | BPF_IND | size_code(size), 0, src, 0, off)
#define MOV_REG(dst, src)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0)

/* What a load of the packet yields; @reg: the offset in a register. -1000 where it was refused. */
static int legacy(int type, int size, int off, bool reg)
{
	struct bpf_insn insns[] = {
		MOV_REG(6, 1),
		MOV_IMM(7, off - 3),
		LD_ABS(size, off),
		/* Not reached when the load is outside the packet: then the program answers 0. */
		INSN(BPF_ALU64 | BPF_ADD | BPF_K, 0, 0, 0, 1),
		EXIT,
	};
	unsigned char pkt[PKT_LEN];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = pkt, .data_size_in = PKT_LEN);
	int fd, i, err;

	packet(pkt);
	for (i = ETH_HLEN; i < PKT_LEN; i++)
		pkt[i] = i;
	if (reg)
		insns[2] = (struct bpf_insn)LD_IND(size, 7, 3);
	fd = load(type, insns, LEN(insns));
	if (fd < 0)
		return -1000;
	err = bpf_prog_test_run_opts(fd, &opts);
	close(fd);
	return err ?: (int)opts.retval;
}

TEST(legacy_loads)
{
	int reg;

	for (reg = 0; reg < 2; reg++) {
		/* The packet begins with the link-layer header. */
		EXPECT_EQ(20 + 1, legacy(BPF_PROG_TYPE_SCHED_CLS, 1, 20, reg));
		EXPECT_EQ(0x1415 + 1, legacy(BPF_PROG_TYPE_SCHED_CLS, 2, 20, reg));
		EXPECT_EQ(0x14151617 + 1, legacy(BPF_PROG_TYPE_SCHED_CLS, 4, 20, reg));
		EXPECT_EQ(99 + 1, legacy(BPF_PROG_TYPE_SCHED_CLS, 1, 99, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SCHED_CLS, 1, 100, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SCHED_CLS, 2, 99, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SCHED_CLS, 4, 97, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SCHED_CLS, 1, 0x7fffffff, reg));
		/* Relative to the network header, to the link layer's, to nothing. */
		EXPECT_EQ(20 + 1, legacy(BPF_PROG_TYPE_SCHED_CLS, 1, -0x100000 + 6, reg));
		EXPECT_EQ(0x0800 + 1, legacy(BPF_PROG_TYPE_SCHED_CLS, 2, -0x200000 + 12, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SCHED_CLS, 2, -0x200000 - 12, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SCHED_CLS, 1, -1, reg));
		/* Socket filters begin behind it. */
		EXPECT_EQ(20 + 1, legacy(BPF_PROG_TYPE_SOCKET_FILTER, 1, 6, reg));
		EXPECT_EQ(0, legacy(BPF_PROG_TYPE_SOCKET_FILTER, 1, 86, reg));
		/* There are no such loads of 8 bytes, and none for other programs. */
		EXPECT_EQ(-1000, legacy(BPF_PROG_TYPE_SCHED_CLS, 8, 20, reg));
		EXPECT_EQ(-1000, legacy(BPF_PROG_TYPE_XDP, 1, 20, reg));
	}
}

TEST_HARNESS_MAIN
