// SPDX-License-Identifier: GPL-2.0
/* What programs of congestion control may not do, and what maps of it are refused. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"

#define R(n)	BPF_REG_##n
#define MOV(dst, val)	{ BPF_ALU64 | BPF_MOV | BPF_K, dst, 0, 0, val }
#define MOVR(dst, src)	{ BPF_ALU64 | BPF_MOV | BPF_X, dst, src, 0, 0 }
#define LDX(size, dst, src, off) { BPF_LDX | BPF_MEM | (size), dst, src, off, 0 }
#define STX(size, dst, off, src) { BPF_STX | BPF_MEM | (size), dst, src, off, 0 }
#define ST(size, dst, off, val) { BPF_ST | BPF_MEM | (size), dst, 0, off, val }
#define ATOMIC_ADD(size, dst, off, src) { BPF_STX | BPF_ATOMIC | (size), dst, src, off, BPF_ADD }
#define CALL(id) { BPF_JMP | BPF_CALL, 0, 0, 0, id }
#define EXIT	{ BPF_JMP | BPF_EXIT, 0, 0, 0, 0 }

/* A displacement that is filled in from BTF: offset of FIELD_OF[n]. */
enum { F_CWND = 1000, F_PRIV, F_PRIV_LAST, F_PACING, F_SRTT, F_CA_OPS, F_PENDING };

struct reject {
	const char *name;
	const char *member;
	struct bpf_insn insns[10];
	int nr;
	int err;		/* 0: is accepted */
	const char *text;
	__u32 flags;
	const char *license;
	const char *type;
};

#define INSNS(...)	{ __VA_ARGS__ }, \
			.nr = sizeof((struct bpf_insn[]){ __VA_ARGS__ }) / sizeof(struct bpf_insn)

static const struct reject rejects[] = {
	{ "returns nothing", "init", .insns = INSNS(EXIT) },
	{ "asks for the current task", "init",
	  .insns = INSNS(CALL(BPF_FUNC_get_current_task_btf), EXIT) },
	{ "returns no number where one is wanted", "ssthresh", .insns = INSNS(EXIT),
	  .err = EACCES, .text = "R0 !read_ok" },
	{ "returns a pointer", "ssthresh",
	  .insns = INSNS(LDX(BPF_DW, R(0), R(1), 0), EXIT),
	  .err = EACCES, .text = "R0 leaks addr" },
	{ "writes its own state", "init",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), ST(BPF_W, R(1), F_PRIV, 7),
			 ST(BPF_B, R(1), F_PRIV_LAST, 7), EXIT) },
	{ "writes behind its own state", "init",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), ST(BPF_H, R(1), F_PRIV_LAST, 7), EXIT),
	  .err = EACCES, .text = "only read is supported" },
	{ "writes the window", "cong_avoid",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), ST(BPF_W, R(1), F_CWND, 10),
			 MOV(R(2), 5), STX(BPF_DW, R(1), F_PACING, R(2)), EXIT) },
	{ "writes two fields at once", "cong_avoid",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), MOV(R(2), 5),
			 STX(BPF_DW, R(1), F_CWND, R(2)), EXIT),
	  .err = EACCES, .text = "only read is supported" },
	{ "writes what is not its own", "cong_avoid",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), ST(BPF_W, R(1), F_SRTT, 10), EXIT),
	  .err = EACCES, .text = "only read is supported" },
	{ "writes a pointer of the kernel's", "cong_avoid",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), ST(BPF_DW, R(1), F_CA_OPS, 0), EXIT),
	  .err = EACCES, .text = "only read is supported" },
	{ "keeps a pointer in its state", "init",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), STX(BPF_DW, R(1), F_PRIV, R(1)), EXIT),
	  .err = EACCES, .text = "only scalars may be stored" },
	{ "adds atomically", "init",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), MOV(R(2), 1),
			 ATOMIC_ADD(BPF_DW, R(1), F_PRIV, R(2)), EXIT),
	  .err = EACCES, .text = "only read is supported" },
	{ "reads the socket's TCP part", "ssthresh",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), LDX(BPF_W, R(0), R(1), F_SRTT), EXIT) },
	{ "reads a third argument of one", "ssthresh",
	  .insns = INSNS(LDX(BPF_DW, R(0), R(1), 16), MOV(R(0), 0), EXIT),
	  .err = EACCES, .text = "invalid bpf_context access" },
	{ "writes an argument", "ssthresh",
	  .insns = INSNS(ST(BPF_DW, R(1), 0, 0), MOV(R(0), 0), EXIT),
	  .err = EACCES, .text = "invalid bpf_context access" },
	{ "sends an acknowledgement", "cwnd_event",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), MOV(R(2), 0),
			 CALL(BPF_FUNC_tcp_send_ack), EXIT) },
	{ "sends one by a pointer that is none", "cwnd_event",
	  .insns = INSNS(MOV(R(1), 0), MOV(R(2), 0), CALL(BPF_FUNC_tcp_send_ack), EXIT),
	  .err = EACCES, .text = "R1 type=" },
	{ "sets options when it is given up", "release",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), MOV(R(2), 6), MOV(R(3), 1),
			 ST(BPF_DW, R(10), -8, 1), MOVR(R(4), R(10)),
			 { BPF_ALU64 | BPF_ADD | BPF_K, R(4), 0, 0, -8 }, MOV(R(5), 4),
			 CALL(BPF_FUNC_setsockopt), EXIT),
	  .err = EINVAL, .text = "unknown func bpf_setsockopt" },
	{ "sets options", "init",
	  .insns = INSNS(LDX(BPF_DW, R(1), R(1), 0), MOV(R(2), 6), MOV(R(3), 1),
			 ST(BPF_DW, R(10), -8, 1), MOVR(R(4), R(10)),
			 { BPF_ALU64 | BPF_ADD | BPF_K, R(4), 0, 0, -8 }, MOV(R(5), 4),
			 CALL(BPF_FUNC_setsockopt), EXIT) },
	{ "probes memory", "init",
	  .insns = INSNS(MOVR(R(1), R(10)), MOV(R(2), 0), MOV(R(3), 0),
			 CALL(BPF_FUNC_probe_read_kernel), EXIT) },
	{ "sends signals", "init", .insns = INSNS(MOV(R(1), 9), CALL(BPF_FUNC_send_signal), EXIT),
	  .err = EINVAL, .text = "unknown func bpf_send_signal" },
	{ "sleeps", "init", .insns = INSNS(EXIT), .flags = BPF_F_SLEEPABLE,
	  .err = EINVAL, .text = "attach to unsupported member init" },
	{ "is not GPL", "init", .insns = INSNS(EXIT), .license = "BSD",
	  .err = EINVAL, .text = "GPL compatible license" },
	{ "member that is no function", "name", .insns = INSNS(EXIT),
	  .err = EINVAL, .text = "attach to invalid member name(@idx " },
	{ "member that there is not", "9999", .insns = INSNS(EXIT),
	  .err = EINVAL, .text = "attach to invalid member idx 9999 of struct tcp_congestion_ops" },
	{ "member that takes no program", "get_info", .insns = INSNS(MOV(R(0), 0), EXIT),
	  .err = 524, .text = "attach to unsupported member get_info" },
	{ "another struct", "0", .insns = INSNS(MOV(R(0), 0), EXIT), .type = "file_operations",
	  .err = 524, .text = "is not a supported struct" },
	{ "no struct", "0", .insns = INSNS(MOV(R(0), 0), EXIT), .type = "",
	  .err = 524, .text = "struct" },
};

static struct btf *btf;

static const struct btf_type *type_of(const char *name, int *id)
{
	*id = btf__find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	return *id < 0 ? NULL : btf__type_by_id(btf, *id);
}

/* Index of a member, or a number. */
static int member_of(const struct btf_type *t, const char *name)
{
	int i;

	for (i = 0; t && i < btf_vlen(t); i++) {
		if (!strcmp(btf__name_by_offset(btf, btf_members(t)[i].name_off), name))
			return i;
	}
	return atoi(name);
}

static int offset_of(const char *type, const char *name)
{
	int id, i;
	const struct btf_type *t = type_of(type, &id);

	i = member_of(t, name);
	return btf_member_bit_offset(t, i) / 8;
}

/* As a kernel's own code would put them there. */
static void fill_offsets(struct bpf_insn *insn)
{
	int priv = offset_of("inet_connection_sock", "icsk_ca_priv");

	switch (insn->off) {
	case F_CWND:
		insn->off = offset_of("tcp_sock", "snd_cwnd");
		break;
	case F_PRIV:
		insn->off = priv;
		break;
	case F_PRIV_LAST:
		insn->off = priv + 104 - 1;
		break;
	case F_PACING:
		insn->off = offset_of("sock", "sk_pacing_rate");
		break;
	case F_SRTT:
		insn->off = offset_of("tcp_sock", "srtt_us");
		break;
	case F_CA_OPS:
		insn->off = offset_of("inet_connection_sock", "icsk_ca_ops");
		break;
	}
}

static char vlog[65536];

static int load(const struct reject *r)
{
	const char *type = r->type ?: "tcp_congestion_ops";
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .log_buf = vlog, .log_size = sizeof(vlog),
		    .log_level = 1, .prog_flags = r->flags);
	struct bpf_insn insns[10];
	const struct btf_type *t;
	int i, id = 0, fd;

	memcpy(insns, r->insns, sizeof(insns));
	for (i = 0; i < r->nr; i++)
		fill_offsets(&insns[i]);
	t = *type ? type_of(type, &id) : NULL;
	opts.attach_btf_id = id;
	opts.expected_attach_type = member_of(t, r->member);
	vlog[0] = 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_STRUCT_OPS, "st", r->license ?: "GPL", insns, r->nr,
			   &opts);
	return fd < 0 ? -errno : fd;
}

TEST(programs)
{
	unsigned int i;

	btf = btf__load_vmlinux_btf();
	ASSERT_NE(NULL, btf);
	for (i = 0; i < sizeof(rejects) / sizeof(rejects[0]); i++) {
		const struct reject *r = &rejects[i];
		int fd = load(r);

		if (!r->err) {
			EXPECT_LE(0, fd)
				TH_LOG("%s: %d\n%s", r->name, fd, vlog);
			close(fd);
			continue;
		}
		EXPECT_EQ(-r->err, fd)
			TH_LOG("%s: %s", r->name, vlog);
		EXPECT_NE(NULL, strstr(vlog, r->text))
			TH_LOG("%s: no \"%s\" in: %s", r->name, r->text, vlog);
	}
}

/* ------------------------------------------------------------------ maps */

static int create(__u32 type_id, __u32 key, __u32 value, __u32 entries, __u32 flags, int btf_fd,
		  int mod_fd)
{
	union bpf_attr attr = {};
	int fd;

	attr.map_type = BPF_MAP_TYPE_STRUCT_OPS;
	attr.key_size = key;
	attr.value_size = value;
	attr.max_entries = entries;
	attr.map_flags = flags;
	attr.btf_fd = btf_fd;
	attr.btf_vmlinux_value_type_id = type_id;
	attr.value_type_btf_obj_fd = mod_fd;
	fd = syscall(SYS_bpf, BPF_MAP_CREATE, &attr, sizeof(attr));
	return fd < 0 ? -errno : fd;
}

/* Some types of the loader's own, which every such map has. */
static int own_btf(void)
{
	struct btf *own = btf__new_empty();
	int fd;

	btf__add_int(own, "int", 4, BTF_INT_SIGNED);
	if (btf__load_into_kernel(own))
		return -1;
	fd = dup(btf__fd(own));
	btf__free(own);
	return fd;
}

TEST(maps)
{
	int id, plain, bfd, fd;
	char *value;
	__u32 zero = 0, size;

	btf = btf__load_vmlinux_btf();
	ASSERT_NE(NULL, btf);
	size = type_of("bpf_struct_ops_tcp_congestion_ops", &id)->size;
	type_of("tcp_congestion_ops", &plain);
	bfd = own_btf();
	ASSERT_LE(0, bfd);

	EXPECT_EQ(-EINVAL, create(0, 4, size, 1, 0, bfd, 0));
	EXPECT_EQ(-EINVAL, create(id, 8, size, 1, 0, bfd, 0));
	EXPECT_EQ(-EINVAL, create(id, 4, size + 8, 1, 0, bfd, 0));
	EXPECT_EQ(-EINVAL, create(id, 4, size, 2, 0, bfd, 0));
	EXPECT_EQ(-EINVAL, create(id, 4, size, 1, BPF_F_NO_PREALLOC, bfd, 0));
	EXPECT_EQ(-EINVAL, create(id, 4, size, 1, 0, bfd, bfd));
	EXPECT_EQ(-EINVAL, create(id, 4, size, 1, BPF_F_VTYPE_BTF_OBJ_FD, bfd, bfd));
	EXPECT_EQ(-EBADF, create(id, 4, size, 1, BPF_F_VTYPE_BTF_OBJ_FD, bfd, 999));
	EXPECT_EQ(-EBADF, create(id, 4, size, 1, 0, 999, 0));
	/* a struct that is not registered */
	EXPECT_EQ(-524, create(plain, 4, size, 1, 0, bfd, 0));

	fd = create(id, 4, size, 1, 0, bfd, 0);
	ASSERT_LE(0, fd);
	value = calloc(1, size);
	/* a name of no length, then data where nobody takes it, then a flag that is none */
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	strcpy(value + 64 + offset_of("tcp_congestion_ops", "name"), "x");
	value[64 + offset_of("tcp_congestion_ops", "key")] = 1;
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	value[64 + offset_of("tcp_congestion_ops", "key")] = 0;
	value[64 + offset_of("tcp_congestion_ops", "flags")] = 0x80;
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	value[64 + offset_of("tcp_congestion_ops", "flags")] = 0;
	/* a module's name is the kernel's to give; a hole; an fd that is none; a map's */
	value[64 + offset_of("tcp_congestion_ops", "owner")] = 1;
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	value[64 + offset_of("tcp_congestion_ops", "owner")] = 0;
	value[8] = 1;
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	value[8] = 0;
	*(__u64 *)(value + 64 + offset_of("tcp_congestion_ops", "ssthresh")) = 999;
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EBADF, errno);
	*(__u64 *)(value + 64 + offset_of("tcp_congestion_ops", "ssthresh")) = fd;
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	/* a program of another member */
	*(__u64 *)(value + 64 + offset_of("tcp_congestion_ops", "ssthresh")) = load(&rejects[0]);
	EXPECT_NE(0, bpf_map_update_elem(fd, &zero, value, 0));
	EXPECT_EQ(EINVAL, errno);
	/* nothing of it was left behind */
	EXPECT_EQ(0, bpf_map_lookup_elem(fd, &zero, value));
	EXPECT_EQ(0, value[4]);
	close(fd);
	free(value);
}

TEST_HARNESS_MAIN
