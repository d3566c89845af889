// SPDX-License-Identifier: GPL-2.0
/* What BTF is for: typed maps and their text, bpf_snprintf_btf(), CO-RE by the kernel. */
#include <bpf/btf.h>
#include <fcntl.h>
#include <sys/mount.h>

#include "kselftest_harness.h"
#include "raw.h"

#define MOV(r, v) { .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = r, .imm = v }
#define MOVX(r, s) { .code = BPF_ALU64 | BPF_MOV | BPF_X, .dst_reg = r, .src_reg = s }
#define ADDI(r, v) { .code = BPF_ALU64 | BPF_ADD | BPF_K, .dst_reg = r, .imm = v }
#define STXDW(r, o, s) { .code = BPF_STX | BPF_MEM | BPF_DW, .dst_reg = r, .off = o, .src_reg = s }
#define STW(r, o, v) { .code = BPF_ST | BPF_MEM | BPF_W, .dst_reg = r, .off = o, .imm = v }
#define VALUE(r, fd, o) { .code = BPF_LD | BPF_IMM | BPF_DW, .dst_reg = r,	\
			  .src_reg = BPF_PSEUDO_MAP_VALUE, .imm = fd }, { .imm = o }
#define CALL(n) { .code = BPF_JMP | BPF_CALL, .imm = n }
#define EXIT { .code = BPF_JMP | BPF_EXIT }

static int map_new(int btf_fd, __u32 value_type, __u32 size)
{
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = size,
		/* programs take the address of a value only where there is one */
		.max_entries = btf_fd ? 2 : 1, .btf_fd = btf_fd, .btf_key_type_id = btf_fd ? 1 : 0,
		.btf_value_type_id = value_type,
	};

	return sys_bpf(BPF_MAP_CREATE, &attr);
}

static int map_set(int fd, __u32 key, void *value)
{
	union bpf_attr attr = { .map_fd = fd, .key = (unsigned long)&key,
				.value = (unsigned long)value };

	return sys_bpf(BPF_MAP_UPDATE_ELEM, &attr);
}

static int map_get(int fd, __u32 key, void *value)
{
	union bpf_attr attr = { .map_fd = fd, .key = (unsigned long)&key,
				.value = (unsigned long)value };

	return sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr);
}

/* Two locks at the given bytes, of a value of 16. */
static int map_with_locks(int first, int second)
{
	struct blob b = {};
	int btf, fd;

	ADD_INT(&b);
	ADD(&b, blob_name(&b, "bpf_spin_lock"), INFO(STRUCT, 1), 4, blob_name(&b, "val"), 1, 0);
	if (second < 0)
		ADD(&b, 0, INFO(STRUCT, 1), 16, blob_name(&b, "l"), 2, first * 8);
	else
		ADD(&b, 0, INFO(STRUCT, 2), 16, blob_name(&b, "l"), 2, first * 8,
		    blob_name(&b, "m"), 2, second * 8);
	btf = blob_load(&b);
	fd = btf < 0 ? btf : map_new(btf, 3, 16);
	if (btf >= 0)
		close(btf);
	return fd;
}

TEST(special_fields)
{
	int fd = map_with_locks(8, -1);

	ASSERT_GE(fd, 0);
	close(fd);
	ASSERT_EQ(map_with_locks(2, -1), -EINVAL);
	ASSERT_EQ(map_with_locks(4, 8), -E2BIG);
}

/* Structs of no size, two in each, 60 deep: looking at all of them would never end. */
TEST(bomb)
{
	struct blob b = {};
	__u32 i, a;
	int btf, fd;

	ADD_INT(&b);
	a = blob_name(&b, "a");
	ADD(&b, 0, INFO(STRUCT, 0), 0);
	for (i = 0; i < 50; i++)
		ADD(&b, 0, INFO(STRUCT, 2), 0, a, 2 + i, 0, a, 2 + i, 0);
	ADD(&b, 0, INFO(STRUCT, 2), 4, a, 2 + i, 0, a, 1, 0);
	btf = blob_load(&b);
	ASSERT_GE(btf, 0);
	fd = map_new(btf, 3 + i, 4);
	ASSERT_EQ(fd, -E2BIG);
	close(btf);
}

/* hazard_2021_29648: sizes of vmlinux' types are in no table. */
TEST(map_of_vmlinux_types)
{
	union bpf_attr attr = { .btf_id = 1 };
	int btf = sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr), i, fd;

	ASSERT_GE(btf, 0);
	for (i = 1; i < 200; i++) {
		fd = map_new(btf, i, 8);
		ASSERT_LT(fd, 0);
		ASSERT_TRUE(fd == -EACCES || fd == -EINVAL);
	}
	close(btf);
}

TEST(pretty_print)
{
	struct { int a; char s[4]; unsigned int bits; } v = { -7, "xy", 5 | 3 << 4 };
	union bpf_attr attr = {};
	struct blob b = {};
	char text[512] = "";
	int btf, fd, file;
	FILE *f;

	ADD_INT(&b);
	ADD(&b, blob_name(&b, "char"), INFO(INT, 0), 1, BTF_INT_CHAR << 24 | 8);
	ADD(&b, 0, INFO(ARRAY, 0), 0, 2, 1, 4);
	ADD(&b, blob_name(&b, "v"), INFO(STRUCT, 4) | 1U << 31, 12, blob_name(&b, "a"), 1, 0,
	    blob_name(&b, "s"), 3, 32, blob_name(&b, "lo"), 1, 4 << 24 | 64,
	    blob_name(&b, "hi"), 1, 4 << 24 | 68);
	btf = blob_load(&b);
	ASSERT_GE(btf, 0);
	fd = map_new(btf, 4, 12);
	ASSERT_GE(fd, 0);
	ASSERT_EQ(map_set(fd, 1, &v), 0);
	attr.pathname = (unsigned long)"/sys/fs/bpf/btf_text";
	attr.bpf_fd = fd;
	unlink("/sys/fs/bpf/btf_text");
	ASSERT_EQ(sys_bpf(BPF_OBJ_PIN, &attr), 0);
	f = fopen("/sys/fs/bpf/btf_text", "r");
	ASSERT_NE(f, NULL);
	file = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	unlink("/sys/fs/bpf/btf_text");
	ASSERT_GT(file, 0);
	ASSERT_NE(strstr(text, "1: {-7,"), NULL) TH_LOG("%s", text);
	ASSERT_NE(strstr(text, "0x5,0x3,}"), NULL) TH_LOG("%s", text);
	close(fd);
	close(btf);
}

static int run(int prog)
{
	union bpf_attr attr = { .test = { .prog_fd = prog } };
	int err = sys_bpf(BPF_PROG_TEST_RUN, &attr);

	return err < 0 ? err : (int)attr.test.retval;
}

static int load(const struct bpf_insn *insns, __u32 cnt, union bpf_attr *more, char *log,
		__u32 size)
{
	union bpf_attr attr = *more;

	attr.prog_type = BPF_PROG_TYPE_RAW_TRACEPOINT;
	attr.insns = (unsigned long)insns;
	attr.insn_cnt = cnt;
	attr.license = (unsigned long)"GPL";
	attr.log_buf = (unsigned long)log;
	attr.log_size = size;
	attr.log_level = 1;
	return sys_bpf(BPF_PROG_LOAD, &attr);
}

TEST(snprintf_btf)
{
	struct btf *vmlinux = btf__load_vmlinux_btf();
	struct { char text[128]; long long sec; long nsec; } v = { .sec = 5, .nsec = -7 };
	static char log[1 << 16];
	union bpf_attr more = {};
	int map, id, prog;

	ASSERT_NE(vmlinux, NULL);
	id = btf__find_by_name_kind(vmlinux, "timespec64", BTF_KIND_STRUCT);
	ASSERT_GT(id, 0);
	map = map_new(0, 0, sizeof(v));
	ASSERT_GE(map, 0);
	ASSERT_EQ(map_set(map, 0, &v), 0);
	struct bpf_insn insns[] = {
		VALUE(BPF_REG_1, map, 128),
		STXDW(BPF_REG_10, -16, BPF_REG_1),
		STW(BPF_REG_10, -8, id),
		STW(BPF_REG_10, -4, 0),
		VALUE(BPF_REG_1, map, 0),
		MOV(BPF_REG_2, 128),
		MOVX(BPF_REG_3, BPF_REG_10),
		ADDI(BPF_REG_3, -16),
		MOV(BPF_REG_4, 16),
		MOV(BPF_REG_5, 0),
		CALL(BPF_FUNC_snprintf_btf),
		EXIT,
	};
	prog = load(insns, sizeof(insns) / 8, &more, log, sizeof(log));
	ASSERT_GE(prog, 0) TH_LOG("%s", log);
	id = run(prog);
	ASSERT_EQ(map_get(map, 0, &v), 0);
	ASSERT_STREQ(v.text,
		     "(struct timespec64){\n .tv_sec = (time64_t)5,\n .tv_nsec = (long int)-7,\n}");
	ASSERT_EQ(id, strlen(v.text));
	close(prog);
	close(map);
	btf__free(vmlinux);
}

/* By these names programs ask what the kernel has, and walk its objects. */
TEST(names_for_clients)
{
	static const char *const names[] = {
		"bpf_ringbuf", "bpf_link", "bpf_perf_link", "bpf_tracing_link", "bpf_map",
		"bpf_prog", "bpf_prog_aux", "btf", "bpf_iter_meta", "bpf_iter__task",
		"bpf_run_ctx", "bpf_trace_run_ctx", "xdp_buff",
	};
	struct btf *vmlinux = btf__load_vmlinux_btf();
	unsigned int i;

	ASSERT_NE(vmlinux, NULL);
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		EXPECT_LT(0, btf__find_by_name_kind(vmlinux, names[i], BTF_KIND_STRUCT))
			TH_LOG("%s", names[i]);
	btf__free(vmlinux);
}

/* MOV of 0 that becomes the offset of task_struct's pid; the program's struct has it at 0. */
FIXTURE(core)
{
	struct blob b;
	int btf, off;
	struct bpf_func_info func;
	struct bpf_core_relo relo;
	union bpf_attr more;
	char log[1 << 16];
};

FIXTURE_SETUP(core)
{
	struct btf *vmlinux = btf__load_vmlinux_btf();
	const struct btf_member *m;
	const struct btf_type *t;
	struct blob *b = &self->b;
	int i;

	ASSERT_NE(vmlinux, NULL);
	t = btf__type_by_id(vmlinux, btf__find_by_name_kind(vmlinux, "task_struct",
							    BTF_KIND_STRUCT));
	ASSERT_NE(t, NULL);
	for (i = 0, m = btf_members(t); i < btf_vlen(t); i++, m++)
		if (!strcmp(btf__name_by_offset(vmlinux, m->name_off), "pid"))
			self->off = btf_member_bit_offset(t, i) / 8;
	ASSERT_GT(self->off, 0);
	btf__free(vmlinux);

	ADD_INT(b);
	ADD(b, blob_name(b, "task_struct___mine"), INFO(STRUCT, 2), 8, blob_name(b, "pid"), 1, 0,
	    blob_name(b, "not_there"), 1, 32);
	ADD(b, 0, INFO(FUNC_PROTO, 0), 1);
	ADD(b, blob_name(b, "main"), INFO(FUNC, 1), 3);
	self->func = (struct bpf_func_info){ 0, 4 };
	self->relo = (struct bpf_core_relo){ 0, 2, blob_name(b, "0:0"),
					     BPF_CORE_FIELD_BYTE_OFFSET };
	self->relo.access_str_off = blob_name(b, "0:0");
	self->btf = 0;
}

FIXTURE_TEARDOWN(core)
{
	if (self->btf > 0)
		close(self->btf);
}

static int core_load(FIXTURE_DATA(core) *self, int imm)
{
	struct bpf_insn insns[] = { MOV(BPF_REG_0, imm), EXIT };
	union bpf_attr *a = &self->more;

	if (!self->btf)
		self->btf = blob_load(&self->b);
	a->prog_btf_fd = self->btf;
	a->func_info = (unsigned long)&self->func;
	a->func_info_cnt = 1;
	a->func_info_rec_size = sizeof(self->func);
	a->core_relos = (unsigned long)&self->relo;
	a->core_relo_cnt = 1;
	a->core_relo_rec_size = sizeof(self->relo);
	return load(insns, 2, a, self->log, sizeof(self->log));
}

TEST_F(core, offset)
{
	int prog = core_load(self, 0);

	ASSERT_GE(prog, 0) TH_LOG("%s", self->log);
	ASSERT_EQ(run(prog), self->off);
	close(prog);
}

TEST_F(core, exists)
{
	int prog;

	self->relo.kind = BPF_CORE_FIELD_EXISTS;
	prog = core_load(self, 1);
	ASSERT_GE(prog, 0) TH_LOG("%s", self->log);
	ASSERT_EQ(run(prog), 1);
	close(prog);
	close(self->btf);
	self->btf = 0;
	self->relo.access_str_off = blob_name(&self->b, "0:1");
	prog = core_load(self, 1);
	ASSERT_GE(prog, 0) TH_LOG("%s", self->log);
	ASSERT_EQ(run(prog), 0);
	close(prog);
}

TEST_F(core, refused)
{
	/* the instruction has another constant than the program's type */
	ASSERT_EQ(core_load(self, 44), -EINVAL);
	/* a field that the kernel does not have, on a path that is taken */
	self->relo.access_str_off = blob_name(&self->b, "0:1");
	close(self->btf);
	self->btf = 0;
	ASSERT_EQ(core_load(self, 4), -EINVAL) TH_LOG("%s", self->log);
	self->relo.type_id = 77;
	ASSERT_EQ(core_load(self, 4), -EINVAL);
	self->relo.type_id = 2;
	self->relo.insn_off = 16;
	ASSERT_EQ(core_load(self, 4), -EINVAL);
	self->relo.insn_off = 4;
	ASSERT_EQ(core_load(self, 4), -EINVAL);
}

TEST_HARNESS_MAIN
