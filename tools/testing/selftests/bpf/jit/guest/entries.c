// SPDX-License-Identifier: GPL-2.0
/*
 * Where the kernel tracks indirect branches, everything that one of them may reach begins with
 * ENDBR64: images, their entries for tail calls, trampolines, and those functions of the kernel
 * whose address only programs take. Where it does not, nothing begins so. Read from memory, as it
 * is after the kernel has patched itself.
 */
#include <ctype.h>
#include <zlib.h>

#include "kselftest_harness.h"
#include "object.h"
#include "switches.h"

#define ENDBR64		0xfa1e0ff3U
#define ENDBR_SIZE	4
/* Two patch sites, the second of which a tail call jumps past. */
#define PATCH_SITES	10

FIXTURE(entries) {
	struct bpf_object *obj;
	bool tracked;
	long enable, harden;
};

/* Whether the configuration has a line; -1: there is none to be read. */
static int configured(const char *line)
{
	gzFile f = gzopen("/proc/config.gz", "r");
	char text[256];
	int found = 0;

	if (!f)
		return -1;
	while (!found && gzgets(f, text, sizeof(text)))
		found = !strncmp(text, line, strlen(line)) && isspace(text[strlen(line)]);
	gzclose(f);
	return found;
}

FIXTURE_SETUP(entries)
{
	int tracked = configured("CONFIG_X86_KERNEL_IBT=y");

	ASSERT_LE(0, tracked);
	self->tracked = tracked;
	self->enable = get(SYSCTL("enable"));
	self->harden = get(SYSCTL("harden"));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	/* hidden symbols tell nothing */
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
	self->obj = open_object("entries");
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
}

FIXTURE_TEARDOWN(entries)
{
	bpf_object__close(self->obj);
	set_number(SYSCTL("enable"), self->enable);
	set_number(SYSCTL("harden"), self->harden);
}

/* The four bytes at an address of the kernel; 0: not to be read. */
static __u32 peek(struct bpf_object *obj, __u64 at)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);

	*(__u64 *)var(obj, "where") = at;
	if (bpf_prog_test_run_opts(bpf_program__fd(prog_of(obj, "peek")), &opts) || opts.retval)
		return 0;
	return *(volatile __u64 *)var(obj, "word");
}

struct symbol {
	unsigned long long addr;
	char name[128], module[64];
};

static bool next_symbol(FILE *f, struct symbol *s)
{
	char line[512];

	if (!fgets(line, sizeof(line), f))
		return false;
	s->module[0] = 0;
	return sscanf(line, "%llx %*c %127s [%63[^]]", &s->addr, s->name, s->module) >= 2;
}

/* Looks at all symbols of images with a prefix; how many there are. */
static int images_begin(struct __test_metadata *_metadata, struct bpf_object *obj, bool tracked,
			const char *prefix)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	struct symbol s;
	int nr = 0;
	__u32 first;

	ASSERT_NE(NULL, f);
	while (next_symbol(f, &s)) {
		if (strcmp(s.module, "bpf") || strncmp(s.name, prefix, strlen(prefix)))
			continue;
		nr++;
		first = peek(obj, s.addr);
		EXPECT_NE(0, first);
		EXPECT_EQ(tracked, first == ENDBR64) TH_LOG("%s: %08x", s.name, first);
	}
	fclose(f);
	return nr;
}

TEST_F(entries, programs_and_their_functions)
{
	/* four programs, two functions of one of them */
	EXPECT_LE(6, images_begin(_metadata, self->obj, self->tracked, "bpf_prog_"));
}

TEST_F(entries, tail_calls)
{
	__u64 addrs[8] = {};
	struct bpf_prog_info info = {
		.nr_jited_ksyms = 8,
		.jited_ksyms = (unsigned long)addrs,
	};
	__u32 len = sizeof(info), at = PATCH_SITES + (self->tracked ? ENDBR_SIZE : 0);
	int fd = bpf_program__fd(prog_of(self->obj, "packet"));

	ASSERT_EQ(0, bpf_obj_get_info_by_fd(fd, &info, &len));
	ASSERT_EQ(3, info.nr_jited_ksyms);
	EXPECT_EQ(self->tracked, peek(self->obj, addrs[0] + at) == ENDBR64);
}

TEST_F(entries, trampolines)
{
	struct bpf_link *before = bpf_program__attach(prog_of(self->obj, "before"));
	struct bpf_link *after = bpf_program__attach(prog_of(self->obj, "after"));

	ASSERT_NE(NULL, before);
	ASSERT_NE(NULL, after);
	EXPECT_LE(1, images_begin(_metadata, self->obj, self->tracked, "bpf_trampoline_"));
	bpf_link__destroy(before);
	bpf_link__destroy(after);
}

TEST_F(entries, dispatcher)
{
	struct bpf_program *p = prog_of(self->obj, "packet");
	struct bpf_link *link = bpf_program__attach_xdp(p, 1);

	ASSERT_NE(NULL, link);
	EXPECT_EQ(1, images_begin(_metadata, self->obj, self->tracked, "bpf_dispatcher_xdp"));
	bpf_link__destroy(link);
}

/* Destructors are called by maps, the others by the interpreter; nobody else takes an address. */
TEST_F(entries, functions_of_the_kernel)
{
	static const char *const names[] = {
		"bpf_cgroup_release_dtor", "bpf_cpumask_release_dtor", "bpf_task_release_dtor",
		"bpf_cgroup_release", "bpf_cpumask_create", "bpf_cpumask_first",
		"bpf_task_from_pid", "bpf_task_acquire", "bpf_rcu_read_lock",
		"bpf_obj_new_impl", "bpf_rbtree_first",
		"bpf_dynptr_slice", "bpf_dynptr_from_skb_rdonly", "bpf_iter_num_new",
		"bpf_cast_to_kern_ctx", "bpf_arena_alloc_pages",
		"bpf_wq_init", "bpf_session_cookie", "cubictcp_init", "tcp_reno_ssthresh",
		"bpf_xdp_metadata_rx_hash", "bpf_iter_task_vma_new", "bpf_throw",
	};
	FILE *f = fopen("/proc/kallsyms", "r");
	struct symbol s;
	size_t i, nr = 0;

	ASSERT_NE(NULL, f);
	while (next_symbol(f, &s)) {
		for (i = 0; i < sizeof(names) / sizeof(*names); i++) {
			if (s.module[0] || strcmp(s.name, names[i]))
				continue;
			nr++;
			EXPECT_EQ(self->tracked, peek(self->obj, s.addr) == ENDBR64)
				TH_LOG("%s: %08x", s.name, peek(self->obj, s.addr));
		}
	}
	fclose(f);
	EXPECT_EQ(sizeof(names) / sizeof(*names), nr);
}

TEST_HARNESS_MAIN
