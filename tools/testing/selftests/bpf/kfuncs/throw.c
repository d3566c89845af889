// SPDX-License-Identifier: GPL-2.0
/* Exceptions: where programs end that throw, with what, and what is left behind: nothing. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/types.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"

/* System calls that the programs at events see. */
#define EVENTS	1000

#define SYSCTLS	"/proc/sys/net/core/"

static char log_buf[1 << 20];
static char packet[64];

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

static int sysctl_swap(const char *path, char new)
{
	char old = '0';
	int fd = open(path, O_RDWR);

	if (fd < 0)
		return -1;
	if (read(fd, &old, 1) != 1 || (new && pwrite(fd, &new, 1, 0) != 1))
		old = 0;
	close(fd);
	return old;
}

static bool jit_on(void)
{
	return sysctl_swap(SYSCTLS "bpf_jit_enable", 0) != '0';
}

/* ------------------------------------------------------------------ loading */

/*
 * Calls of exception callbacks, which made this loader add them to the program: one that knows of
 * exceptions would not have needed them.
 */
static int take_calls_out(struct bpf_program *prog, struct bpf_prog_load_opts *opts, long cookie)
{
	struct bpf_insn *insn = (struct bpf_insn *)bpf_program__insns(prog);
	const struct bpf_func_info *info = opts->func_info;
	const struct btf *btf = *(struct btf **)cookie;
	size_t i, k, cnt = bpf_program__insn_cnt(prog);

	for (i = 0; i < cnt; i++) {
		if (insn[i].code != (BPF_JMP | BPF_CALL) || insn[i].src_reg != BPF_PSEUDO_CALL)
			continue;
		for (k = 1; k < opts->func_info_cnt; k++) {
			const struct btf_type *t = btf__type_by_id(btf, info[k].type_id);

			if (info[k].insn_off == i + 1 + insn[i].imm &&
			    strstr(btf__name_by_offset(btf, t->name_off), "handler"))
				break;
		}
		if (k < opts->func_info_cnt)
			insn[i] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K };
	}
	return 0;
}

static struct btf *object_btf;

/* Programs with exception callbacks are in sections of their own. */
static void register_handlers(void)
{
	LIBBPF_OPTS(libbpf_prog_handler_opts, opts, .cookie = (long)&object_btf,
		    .prog_prepare_load_fn = take_calls_out);

	libbpf_set_print(quiet);
	libbpf_register_prog_handler("tc.handler", BPF_PROG_TYPE_SCHED_CLS, 0, &opts);
	libbpf_register_prog_handler("xdp.handler", BPF_PROG_TYPE_XDP, BPF_XDP, &opts);
}

static struct bpf_object *open_object(void)
{
	LIBBPF_OPTS(bpf_object_open_opts, opts, .kernel_log_buf = log_buf,
		    .kernel_log_size = sizeof(log_buf), .kernel_log_level = 1);
	struct bpf_program *prog;
	struct bpf_object *obj;
	char path[PATH_MAX];

	log_buf[0] = 0;
	snprintf(path, sizeof(path), "%s/throw.bpf.o", getenv("O") ?: ".");
	obj = bpf_object__open_file(path, &opts);
	if (!obj)
		return NULL;
	object_btf = bpf_object__btf(obj);
	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, false);
	return obj;
}

static struct bpf_program *want(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog = bpf_object__find_program_by_name(obj, name);

	if (prog)
		bpf_program__set_autoload(prog, true);
	return prog;
}

static int load(struct bpf_object *obj)
{
	int err = bpf_object__load(obj);

	if (err && getenv("VERBOSE"))
		fputs(log_buf, stderr);
	return err;
}

/* A global variable of a loaded object. */
static void *variable(struct bpf_object *obj, const char *name)
{
	const struct btf *btf = bpf_object__btf(obj);
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "throw.bss");
	const struct btf_type *t;
	void *bss;
	int i;

	t = btf__type_by_id(btf, btf__find_by_name_kind(btf, ".bss", BTF_KIND_DATASEC));
	bss = map ? mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, bpf_map__fd(map),
			 0) : MAP_FAILED;
	for (i = 0; t && bss != MAP_FAILED && i < btf_vlen(t); i++) {
		const struct btf_var_secinfo *v = btf_var_secinfos(t) + i;
		const struct btf_type *var = btf__type_by_id(btf, v->type);

		if (!strcmp(btf__name_by_offset(btf, var->name_off), name))
			return (char *)bss + v->offset;
	}
	fprintf(stderr, "%s is not in .bss\n", name);
	abort();
}

#define U64(obj, name)	(*(__u64 *)variable(obj, name))
#define U32(obj, name)	(*(__u32 *)variable(obj, name))

/* The result of one run, or -errno. */
static int run(struct bpf_object *obj, const char *name)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet),
		    .repeat = 1);
	int err = bpf_prog_test_run_opts(bpf_program__fd(bpf_object__find_program_by_name(obj,
											  name)),
					 &opts);

	return err ?: (int)opts.retval;
}

/* ------------------------------------------------------------------ one program at a time */

FIXTURE(one)
{
	struct bpf_object *obj;
	int harden;
};

FIXTURE_VARIANT(one)
{
	char harden;
};

FIXTURE_VARIANT_ADD(one, plain) { 0 };
FIXTURE_VARIANT_ADD(one, hardened) { '2' };

FIXTURE_SETUP(one)
{
	if (variant->harden)
		self->harden = sysctl_swap(SYSCTLS "bpf_jit_harden", variant->harden);
	self->obj = open_object();
	ASSERT_NE(NULL, self->obj);
}

FIXTURE_TEARDOWN(one)
{
	bpf_object__close(self->obj);
	if (variant->harden && self->harden > 0)
		sysctl_swap(SYSCTLS "bpf_jit_harden", self->harden);
}

static int load_one(struct bpf_object *obj, const char *name)
{
	return want(obj, name) ? load(obj) : -ENOENT;
}

#define LOAD(name) ASSERT_EQ(0, load_one(self->obj, name)) TH_LOG("%s", log_buf)

TEST_F(one, program)
{
	LOAD("t_main");
	EXPECT_EQ(64, run(self->obj, "t_main"));
	EXPECT_EQ(1, U64(self->obj, "before"));
	EXPECT_EQ(0, U64(self->obj, "after"));
}

TEST_F(one, function_that_ends_with_it)
{
	LOAD("t_ends");
	EXPECT_EQ(65, run(self->obj, "t_ends"));
	EXPECT_EQ(1, U64(self->obj, "before"));
}

TEST_F(one, socket_filter)
{
	LOAD("t_filter");
	EXPECT_EQ(3, run(self->obj, "t_filter"));
	EXPECT_EQ(0, U64(self->obj, "after"));
}

TEST_F(one, three_functions_deep)
{
	LOAD("t_deep");
	U32(self->obj, "limit") = 1000;
	EXPECT_EQ(102 + 2 + 4 + 7, run(self->obj, "t_deep"));
	EXPECT_EQ(3, U64(self->obj, "after"));
	EXPECT_EQ(0, U64(self->obj, "before"));
	U32(self->obj, "limit") = 0;
	EXPECT_EQ(102 + 1000 * sizeof(packet), run(self->obj, "t_deep"));
	EXPECT_EQ(3, U64(self->obj, "after"));
	EXPECT_EQ(1, U64(self->obj, "before"));
}

TEST_F(one, global_function)
{
	LOAD("t_global");
	U32(self->obj, "limit") = 1000;
	EXPECT_EQ(1, run(self->obj, "t_global"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	U32(self->obj, "limit") = 0;
	EXPECT_EQ(3, run(self->obj, "t_global"));
	EXPECT_EQ(1, U64(self->obj, "after"));
}

TEST_F(one, callback_of_bpf_loop)
{
	LOAD("t_loop");
	U32(self->obj, "limit") = 100;
	EXPECT_EQ(1000 + 45, run(self->obj, "t_loop"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	U32(self->obj, "limit") = 6;
	EXPECT_EQ(0 + 1 + 2 + 3 + 4 + 5, run(self->obj, "t_loop"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	EXPECT_EQ(1, U64(self->obj, "before"));
}

TEST_F(one, callback_in_a_callback)
{
	LOAD("t_nested");
	U32(self->obj, "limit") = 100;
	EXPECT_EQ(20, run(self->obj, "t_nested"));
	EXPECT_EQ(105, U64(self->obj, "after"));
	U32(self->obj, "limit") = 11;
	EXPECT_EQ(11 * 10 + 2, run(self->obj, "t_nested"));
	EXPECT_EQ(107, U64(self->obj, "after"));
}

TEST_F(one, callback_for_elements)
{
	__u32 key;
	__u64 val;
	int fd;

	LOAD("t_elements");
	fd = bpf_object__find_map_fd_by_name(self->obj, "hash");
	for (key = 1; key <= 4; key++) {
		val = key * 10;
		ASSERT_EQ(0, bpf_map_update_elem(fd, &key, &val, 0));
	}
	U32(self->obj, "limit") = 9;
	EXPECT_EQ(100, run(self->obj, "t_elements"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	U32(self->obj, "limit") = 3;
	EXPECT_EQ(1030, run(self->obj, "t_elements"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	/* nothing stayed locked */
	EXPECT_EQ(0, bpf_map_delete_elem(fd, &key) && errno != ENOENT);
	key = 3;
	EXPECT_EQ(0, bpf_map_delete_elem(fd, &key));
}

TEST_F(one, exception_callback)
{
	LOAD("t_handler");
	U32(self->obj, "limit") = 1000;
	EXPECT_EQ(102 + 2 + 1, run(self->obj, "t_handler"));
	EXPECT_EQ(0, U64(self->obj, "seen"));
	U32(self->obj, "limit") = 0;
	EXPECT_EQ((102 + 1000 * sizeof(packet)) / 2 + 1, run(self->obj, "t_handler"));
	EXPECT_EQ(1, U64(self->obj, "seen"));
	EXPECT_EQ(102 + 1000 * sizeof(packet), (&U64(self->obj, "seen"))[1]);
}

TEST_F(one, exception_callback_of_xdp)
{
	LOAD("t_xdp_handler");
	U32(self->obj, "limit") = 0;
	EXPECT_EQ(2, run(self->obj, "t_xdp_handler"));
	EXPECT_EQ(1, U64(self->obj, "seen"));
	EXPECT_EQ(3, (&U64(self->obj, "seen"))[1]);
}

TEST_F(one, assertion)
{
	__u32 zero = 0;
	__u64 vals[8] = { 4711, 1 };
	int fd;

	LOAD("t_assert");
	fd = bpf_object__find_map_fd_by_name(self->obj, "values");
	ASSERT_EQ(0, bpf_map_update_elem(fd, &zero, vals, 0));
	EXPECT_EQ(4711, run(self->obj, "t_assert"));
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet));
	struct __sk_buff skb = { .mark = 8 };

	opts.ctx_in = &skb;
	opts.ctx_size_in = sizeof(skb);
	fd = bpf_program__fd(bpf_object__find_program_by_name(self->obj, "t_assert"));
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(2, opts.retval);
	skb.mark = 1;
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(1, opts.retval);
}

static int fill_jumps(struct bpf_object *obj)
{
	int target = bpf_program__fd(bpf_object__find_program_by_name(obj, "t_target"));
	__u32 zero = 0;

	return bpf_map_update_elem(bpf_object__find_map_fd_by_name(obj, "jumps"), &zero, &target,
				   0);
}

TEST_F(one, tail_call)
{
	ASSERT_NE(NULL, want(self->obj, "t_target"));
	LOAD("t_tail");
	EXPECT_EQ(302 + 1000 * sizeof(packet), run(self->obj, "t_tail"));
	ASSERT_EQ(0, fill_jumps(self->obj));
	EXPECT_EQ(202 + 1000 * sizeof(packet), run(self->obj, "t_tail"));
	EXPECT_EQ(0, U64(self->obj, "after"));
}

TEST_F(one, tail_call_in_a_function)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packet, .data_size_in = sizeof(packet));
	struct __sk_buff skb = { .mark = 77 };
	const int thrown = 202 + 1000 * sizeof(packet);
	int fd;

	ASSERT_NE(NULL, want(self->obj, "t_target"));
	LOAD("t_tail_inside");
	EXPECT_EQ(7, run(self->obj, "t_tail_inside"));
	ASSERT_EQ(0, fill_jumps(self->obj));
	EXPECT_EQ(thrown + 2, run(self->obj, "t_tail_inside"));
	EXPECT_EQ(thrown, (&U64(self->obj, "seen"))[2]);
	opts.ctx_in = &skb;
	opts.ctx_size_in = sizeof(skb);
	fd = bpf_program__fd(bpf_object__find_program_by_name(self->obj, "t_tail_inside"));
	ASSERT_EQ(0, bpf_prog_test_run_opts(fd, &opts));
	EXPECT_EQ(thrown + 1, opts.retval);
}

/* ------------------------------------------------------------------ events */

/* Every second call throws; all of them are seen, and none is left out as a recursion. */
static void check_events(struct __test_metadata *_metadata, struct bpf_object *obj,
			 const char *name)
{
	struct bpf_prog_info info = {};
	__u32 len = sizeof(info);
	struct bpf_program *prog;
	struct bpf_link *link;
	int i, wrong = 0, fd, stats;

	prog = bpf_object__find_program_by_name(obj, name);
	fd = bpf_program__fd(prog);
	stats = bpf_enable_stats(BPF_STATS_RUN_TIME);
	ASSERT_LE(0, stats);
	link = bpf_program__attach(prog);
	ASSERT_NE(NULL, link);
	U32(obj, "pid") = getpid();
	for (i = 0; i < EVENTS; i++)
		wrong += syscall(SYS_getpgid, 0) != getpgrp();
	U32(obj, "pid") = 0;
	bpf_link__destroy(link);
	EXPECT_EQ(0, wrong);
	EXPECT_EQ(EVENTS, U64(obj, "entered"));
	EXPECT_EQ(EVENTS / 2, U64(obj, "before"));
	EXPECT_EQ(EVENTS / 2, U64(obj, "after"));
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	EXPECT_LE(EVENTS, info.run_cnt);
	EXPECT_EQ(0, info.recursion_misses);
	close(stats);
}

TEST_F(one, raw_tracepoint)
{
	LOAD("e_raw_tp");
	check_events(_metadata, self->obj, "e_raw_tp");
}

TEST_F(one, function_entry)
{
	LOAD("e_fentry");
	check_events(_metadata, self->obj, "e_fentry");
}

TEST_F(one, function_exit)
{
	LOAD("e_fexit");
	check_events(_metadata, self->obj, "e_fexit");
}

TEST_F(one, callback_under_the_lock_of_a_helper)
{
	struct bpf_link *link;
	void *mem;
	int i;

	LOAD("e_vma");
	U64(self->obj, "seen") = (unsigned long)packet;
	link = bpf_program__attach(bpf_object__find_program_by_name(self->obj, "e_vma"));
	ASSERT_NE(NULL, link);
	U32(self->obj, "pid") = getpid();
	for (i = 0; i < 100; i++) {
		syscall(SYS_getpgid, 0);
		/* waits for the lock for good if it was left behind */
		mem = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		ASSERT_NE(MAP_FAILED, mem);
		munmap(mem, 4096);
	}
	U32(self->obj, "pid") = 0;
	bpf_link__destroy(link);
	EXPECT_EQ(100, U64(self->obj, "entered"));
	/* the lock is only tried for: when it was taken the callback threw */
	EXPECT_EQ(100, U64(self->obj, "before") + U64(self->obj, "after"));
	EXPECT_NE(0, U64(self->obj, "before"));
}

/* ------------------------------------------------------------------ around functions */

/* A second object whose program attaches to @func of a program of the first. */
static struct bpf_object *attach_to(struct bpf_object *obj, const char *target, const char *func,
				    const char *name, struct bpf_link **link)
{
	int fd = bpf_program__fd(bpf_object__find_program_by_name(obj, target));
	struct bpf_object *other = open_object();
	struct bpf_program *prog = other ? want(other, name) : NULL;

	if (!prog || bpf_program__set_attach_target(prog, fd, func) || load(other)) {
		bpf_object__close(other);
		return NULL;
	}
	*link = bpf_program__attach(prog);
	if (*link)
		return other;
	bpf_object__close(other);
	return NULL;
}

TEST_F(one, traced_at_entry)
{
	struct bpf_object *other;
	struct bpf_link *link;

	if (!jit_on())
		SKIP(return, "programs attach to compiled ones only");
	LOAD("t_deep");
	other = attach_to(self->obj, "t_deep", "third", "f_enter", &link);
	ASSERT_NE(NULL, other) TH_LOG("%s", log_buf);
	EXPECT_EQ(102 + 1000 * sizeof(packet), run(self->obj, "t_deep"));
	U32(self->obj, "limit") = 1000;
	EXPECT_EQ(102 + 2 + 4 + 7, run(self->obj, "t_deep"));
	EXPECT_EQ(2, U64(other, "entered"));
	bpf_link__destroy(link);
	bpf_object__close(other);
}

/* What the function tells its caller passes what runs in between. */
TEST_F(one, traced_at_exit)
{
	struct bpf_object *other;
	struct bpf_link *link;

	if (!jit_on())
		SKIP(return, "programs attach to compiled ones only");
	LOAD("t_deep");
	other = attach_to(self->obj, "t_deep", "third", "f_leave", &link);
	ASSERT_NE(NULL, other) TH_LOG("%s", log_buf);
	EXPECT_EQ(102 + 1000 * sizeof(packet), run(self->obj, "t_deep"));
	EXPECT_EQ(0, U64(self->obj, "after"));
	U32(self->obj, "limit") = 1000;
	EXPECT_EQ(102 + 2 + 4 + 7, run(self->obj, "t_deep"));
	EXPECT_EQ(2, U64(other, "left"));
	bpf_link__destroy(link);
	EXPECT_EQ(102 + 2 + 4 + 7, run(self->obj, "t_deep"));
	bpf_object__close(other);
}

TEST_F(one, traced_global_function)
{
	struct bpf_object *other;
	struct bpf_link *link;

	if (!jit_on())
		SKIP(return, "programs attach to compiled ones only");
	LOAD("t_global");
	other = attach_to(self->obj, "t_global", "may_throw", "f_leave_global", &link);
	ASSERT_NE(NULL, other) TH_LOG("%s", log_buf);
	EXPECT_EQ(3, run(self->obj, "t_global"));
	EXPECT_EQ(0, U64(self->obj, "after"));
	EXPECT_EQ(3, (&U64(other, "seen"))[3]);
	U32(self->obj, "limit") = 1000;
	EXPECT_EQ(1, run(self->obj, "t_global"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	EXPECT_EQ(2, U64(other, "left"));
	bpf_link__destroy(link);
	bpf_object__close(other);
}

/* The caller looks whether the function has thrown: the extension has to say that it has not. */
TEST_F(one, extended)
{
	struct bpf_object *other;
	struct bpf_link *link;

	if (!jit_on())
		SKIP(return, "programs attach to compiled ones only");
	LOAD("t_global");
	other = attach_to(self->obj, "t_global", "may_throw", "x_plain", &link);
	ASSERT_NE(NULL, other) TH_LOG("%s", log_buf);
	EXPECT_EQ(4, run(self->obj, "t_global"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	EXPECT_EQ(1, U64(other, "seen"));
	bpf_link__destroy(link);
	EXPECT_EQ(3, run(self->obj, "t_global"));
	bpf_object__close(other);
}

/* An exception ends the extension, not the program that it is part of. */
TEST_F(one, extended_by_what_throws)
{
	struct bpf_object *other;
	struct bpf_link *link;

	if (!jit_on())
		SKIP(return, "programs attach to compiled ones only");
	LOAD("t_global");
	other = attach_to(self->obj, "t_global", "may_throw", "x_throws", &link);
	ASSERT_NE(NULL, other) TH_LOG("%s", log_buf);
	EXPECT_EQ(0, run(self->obj, "t_global"));
	EXPECT_EQ(1, U64(self->obj, "after"));
	EXPECT_EQ(1, U64(other, "seen"));
	bpf_link__destroy(link);
	bpf_object__close(other);
}

TEST_F(one, exception_callback_is_nobody_elses)
{
	struct bpf_object *other;
	struct bpf_link *link;

	if (!jit_on())
		SKIP(return, "programs attach to compiled ones only");
	LOAD("t_handler");
	other = attach_to(self->obj, "t_handler", "handler", "f_enter", &link);
	EXPECT_EQ(NULL, other);
	EXPECT_NE(NULL, strstr(log_buf, "cannot attach to exception callback"))
		TH_LOG("%s", log_buf);
}

/* ------------------------------------------------------------------ refused */

FIXTURE(refused)
{
};

FIXTURE_SETUP(refused)
{
}

FIXTURE_TEARDOWN(refused)
{
}

FIXTURE_VARIANT(refused)
{
	const char *prog, *says;
};

FIXTURE_VARIANT_ADD(refused, record_held)
{
	"r_record", "bpf_throw would lead to reference leak"
};

FIXTURE_VARIANT_ADD(refused, result_out_of_range)
{
	"r_range", "At program exit the register R1 has"
};

FIXTURE_VARIANT_ADD(refused, two_callbacks)
{
	"r_two", "multiple exception callback tags"
};

FIXTURE_VARIANT_ADD(refused, no_such_callback)
{
	"r_nobody", "exception callback 'nobody' could not be found"
};

FIXTURE_VARIANT_ADD(refused, assertion_of_too_little)
{
	"t_assert_short", "invalid access to map value"
};

TEST_F(refused, says_why)
{
	struct bpf_object *obj = open_object();

	ASSERT_NE(NULL, obj);
	ASSERT_NE(NULL, want(obj, variant->prog));
	EXPECT_NE(0, load(obj));
	EXPECT_NE(NULL, strstr(log_buf, variant->says)) TH_LOG("%s", log_buf);
	bpf_object__close(obj);
}

int main(int argc, char **argv)
{
	register_handlers();
	return test_harness_run(argc, argv);
}
