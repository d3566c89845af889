// SPDX-License-Identifier: GPL-2.0
/* Programs that user space calls, and loaders that are such programs. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <linux/types.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kfuncs.h"
#include "light.lskel.h"
#include "kselftest_harness.h"

#define INSN(_code, _dst, _src, _off, _imm) \
	((struct bpf_insn){ .code = _code, .dst_reg = _dst, .src_reg = _src, .off = _off, \
			    .imm = _imm })
#define MOV_REG(_dst, _src)	INSN(BPF_ALU64 | BPF_MOV | BPF_X, _dst, _src, 0, 0)
#define MOV(_dst, _imm)		INSN(BPF_ALU64 | BPF_MOV | BPF_K, _dst, 0, 0, _imm)
#define ADD(_dst, _imm)		INSN(BPF_ALU64 | BPF_ADD | BPF_K, _dst, 0, 0, _imm)
#define LOAD(_size, _dst, _src, _off)	INSN(BPF_LDX | BPF_MEM | (_size), _dst, _src, _off, 0)
#define STORE(_size, _dst, _src, _off)	INSN(BPF_STX | BPF_MEM | (_size), _dst, _src, _off, 0)
#define CALL(_id)		INSN(BPF_JMP | BPF_CALL, 0, 0, 0, _id)
#define EXIT			INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)

static char log_buf[1 << 16];

static int load(const struct bpf_insn *insns, int cnt, __u32 flags)
{
	LIBBPF_OPTS(bpf_prog_load_opts, opts, .prog_flags = flags, .log_buf = log_buf,
		    .log_size = sizeof(log_buf), .log_level = 1);
	int fd;

	log_buf[0] = 0;
	fd = bpf_prog_load(BPF_PROG_TYPE_SYSCALL, "call", "GPL", insns, cnt, &opts);
	return fd < 0 ? -errno : fd;
}

#define LOAD_PROG(...) ({ \
	const struct bpf_insn __insns[] = { __VA_ARGS__ }; \
	load(__insns, sizeof(__insns) / sizeof(__insns[0]), BPF_F_SLEEPABLE); })

static int run(int fd, void *ctx, int size, int *retval)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = ctx, .ctx_size_in = size);
	int err = bpf_prog_test_run_opts(fd, &opts);

	*retval = opts.retval;
	return err;
}

TEST(context)
{
	__u64 ctx[4] = { 5, 6, 7, 8 };
	int fd, ret;

	fd = LOAD_PROG(LOAD(BPF_DW, 2, 1, 8), ADD(2, 1), STORE(BPF_DW, 1, 2, 24),
		       MOV_REG(0, 2), EXIT);
	ASSERT_LE(0, fd) TH_LOG("%s", log_buf);
	ASSERT_EQ(0, run(fd, ctx, sizeof(ctx), &ret));
	EXPECT_EQ(7, ret);
	EXPECT_EQ(7, ctx[3]);
	EXPECT_EQ(6, ctx[1]);
	/* less than it touches, and more than there may be */
	EXPECT_EQ(-EINVAL, run(fd, ctx, 24, &ret));
	EXPECT_EQ(-EINVAL, run(fd, ctx, 0x10000, &ret));
	EXPECT_EQ(-EINVAL, run(fd, NULL, 0, &ret));
	close(fd);
}

TEST(beyond_context)
{
	EXPECT_EQ(-EACCES, LOAD_PROG(LOAD(BPF_DW, 0, 1, -8), EXIT));
	EXPECT_EQ(-EACCES, LOAD_PROG(ADD(1, 0xfff8), LOAD(BPF_DW, 0, 1, 0), EXIT));
}

TEST(not_sleepable)
{
	const struct bpf_insn insns[] = { MOV(0, 0), EXIT };

	EXPECT_EQ(-EINVAL, load(insns, 2, 0));
}

TEST(run_attributes)
{
	char data[64] = {};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = data, .data_size_in = 64);
	LIBBPF_OPTS(bpf_test_run_opts, rep, .repeat = 2);
	int fd = LOAD_PROG(MOV(0, 1), EXIT);

	ASSERT_LE(0, fd) TH_LOG("%s", log_buf);
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(-EINVAL, bpf_prog_test_run_opts(fd, &rep));
	close(fd);
}

/* bpf(cmd, attributes in the context, size of the attributes) */
static int sys_bpf_prog(int cmd)
{
	return LOAD_PROG(MOV_REG(2, 1), MOV(1, cmd), MOV(3, 64), CALL(BPF_FUNC_sys_bpf), EXIT);
}

TEST(map_create)
{
	union bpf_attr attr = {};
	struct bpf_map_info info = {};
	__u32 len = sizeof(info);
	int fd, map;

	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 3;
	fd = sys_bpf_prog(BPF_MAP_CREATE);
	ASSERT_LE(0, fd) TH_LOG("%s", log_buf);
	ASSERT_EQ(0, run(fd, &attr, 64, &map));
	ASSERT_LT(0, map);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(map, &info, &len));
	EXPECT_EQ(3, info.max_entries);
	close(map);
	attr.key_size = 3;
	ASSERT_EQ(0, run(fd, &attr, 64, &map));
	EXPECT_EQ(-EINVAL, map);
	close(fd);
}

/* Any number is taken for an address of the kernel, and none must do harm. */
TEST(wild_pointers)
{
	static const __u64 wild[] = { 0, 8, 0x1000, ~0ULL, 0xffff800000000000ULL,
				      0xdead000000000000ULL };
	union bpf_attr attr;
	int fd, map, ret;
	__u64 val = 0;
	unsigned int i;

	map = bpf_map_create(BPF_MAP_TYPE_HASH, NULL, 4, 8, 4, NULL);
	ASSERT_LT(0, map);
	for (i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		memset(&attr, 0, sizeof(attr));
		attr.map_fd = map;
		attr.key = wild[i];
		attr.value = (__u64)(long)&val;
		fd = sys_bpf_prog(BPF_MAP_UPDATE_ELEM);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, run(fd, &attr, 64, &ret));
		EXPECT_EQ(-EFAULT, ret);
		close(fd);

		memset(&attr, 0, sizeof(attr));
		attr.prog_type = BPF_PROG_TYPE_SOCKET_FILTER;
		attr.insn_cnt = 2;
		attr.insns = wild[i];
		attr.license = wild[i];
		fd = sys_bpf_prog(BPF_PROG_LOAD);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, run(fd, &attr, 64, &ret));
		EXPECT_EQ(-EFAULT, ret);
		close(fd);

		memset(&attr, 0, sizeof(attr));
		attr.btf = wild[i];
		attr.btf_size = 100;
		fd = sys_bpf_prog(BPF_BTF_LOAD);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, run(fd, &attr, 64, &ret));
		EXPECT_EQ(-EFAULT, ret);
		close(fd);
	}
	close(map);
}

/* What could write to or read from any address on behalf of a program is not for programs. */
TEST(forbidden)
{
	static const int cmds[] = { BPF_MAP_LOOKUP_ELEM, BPF_OBJ_PIN, BPF_OBJ_GET_INFO_BY_FD,
				    BPF_PROG_TEST_RUN, BPF_MAP_LOOKUP_BATCH, BPF_PROG_QUERY, 1000 };
	char ctx[64];
	unsigned int i;
	int fd, ret;

	for (i = 0; i < sizeof(cmds) / sizeof(cmds[0]); i++) {
		memset(ctx, 0, sizeof(ctx));
		fd = sys_bpf_prog(cmds[i]);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, run(fd, ctx, sizeof(ctx), &ret));
		EXPECT_EQ(-EINVAL, ret) TH_LOG("command %d", cmds[i]);
		close(fd);
	}
}

TEST(sys_close)
{
	int fd, ret, victim = dup(0);

	ASSERT_LE(0, victim);
	fd = LOAD_PROG(LOAD(BPF_W, 1, 1, 0), CALL(BPF_FUNC_sys_close), EXIT);
	ASSERT_LE(0, fd) TH_LOG("%s", log_buf);
	ASSERT_EQ(0, run(fd, &victim, 4, &ret));
	EXPECT_EQ(0, ret);
	EXPECT_EQ(-1, fcntl(victim, F_GETFD));
	ASSERT_EQ(0, run(fd, &victim, 4, &ret));
	EXPECT_EQ(-EBADF, ret);
	close(fd);
}

/* Name in the first 32 bytes of the context, result behind it. */
static int lookup_name(const char *name, int flags, __u64 *addr)
{
	struct {
		char name[32];
		__u64 res;
	} ctx = {};
	int fd, ret;

	memcpy(ctx.name, name, strnlen(name, sizeof(ctx.name)));
	fd = LOAD_PROG(MOV_REG(6, 1), MOV_REG(4, 10), ADD(4, -8), MOV(2, 32), MOV(3, flags),
		       CALL(BPF_FUNC_kallsyms_lookup_name), LOAD(BPF_DW, 1, 10, -8),
		       STORE(BPF_DW, 6, 1, 32), EXIT);
	if (fd < 0)
		return fd;
	if (run(fd, &ctx, sizeof(ctx), &ret))
		ret = -1000;
	close(fd);
	*addr = ctx.res;
	return ret;
}

TEST(kallsyms)
{
	char line[256], name[128], type;
	unsigned long long addr = 0, want = 0;
	FILE *f = fopen("/proc/kallsyms", "r");
	__u64 got;

	ASSERT_NE(NULL, f);
	while (fgets(line, sizeof(line), f))
		if (sscanf(line, "%llx %c %127s", &addr, &type, name) == 3 &&
		    !strcmp(name, "vfs_read"))
			want = addr;
	fclose(f);
	ASSERT_NE(0, want);
	ASSERT_EQ(0, lookup_name("vfs_read", 0, &got)) TH_LOG("%s", log_buf);
	EXPECT_EQ(want, got);
	EXPECT_EQ(-ENOENT, lookup_name("no_such_symbol_here", 0, &got));
	EXPECT_EQ(0, got);
	EXPECT_EQ(-EINVAL, lookup_name("vfs_read", 1, &got));
	/* no end in sight */
	EXPECT_EQ(-EINVAL, lookup_name("0123456789012345678901234567890123456789", 0, &got));
}

TEST(btf_find)
{
	char name[32] = "task_struct";
	struct btf *vmlinux;
	int fd, ret;

	fd = LOAD_PROG(MOV(2, 32), MOV(3, BTF_KIND_STRUCT), MOV(4, 0),
		       CALL(BPF_FUNC_btf_find_by_name_kind), EXIT);
	ASSERT_LE(0, fd) TH_LOG("%s", log_buf);
	ASSERT_EQ(0, run(fd, name, sizeof(name), &ret));
	vmlinux = btf__load_vmlinux_btf();
	ASSERT_NE(NULL, vmlinux);
	EXPECT_EQ(btf__find_by_name_kind(vmlinux, name, BTF_KIND_STRUCT), ret);
	btf__free(vmlinux);
	strcpy(name, "no_such_struct");
	ASSERT_EQ(0, run(fd, name, sizeof(name), &ret));
	EXPECT_EQ(-ENOENT, ret);
	close(fd);
}

/* A loader that is a program: maps, initial data, types, relocations and the program itself. */
TEST(light_skeleton)
{
	struct call c = { .in = { 14 } };
	struct light *skel;
	__u32 zero = 0;
	__u64 val = 0;
	int ret;

	skel = light__open();
	ASSERT_NE(NULL, skel);
	skel->rodata->factor = 5;
	skel->data->calls = 10;
	ret = light__load(skel);
	ASSERT_EQ(0, ret);
	ASSERT_EQ(0, run(skel->progs.multiply.prog_fd, &c, sizeof(c), &ret));
	EXPECT_EQ(11, ret);
	EXPECT_EQ(11, skel->data->calls);
	EXPECT_EQ(70, c.out[0]);
	EXPECT_EQ(getpid(), c.out[1]);
	ASSERT_EQ(0, bpf_map_lookup_elem(skel->maps.results.map_fd, &zero, &val));
	EXPECT_EQ(70, val);
	light__destroy(skel);
}

TEST_HARNESS_MAIN
