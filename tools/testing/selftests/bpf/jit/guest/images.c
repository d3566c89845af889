// SPDX-License-Identifier: GPL-2.0
/*
 * Where images are: in memory that they share, that is never writable and executable, and that is
 * given back. And what goes to the log where that is asked for.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>
#include <sys/mman.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"
#include "pages.h"
#include "switches.h"

#define SMALL		40	/* programs */
#define LARGE		80000	/* instructions: more code than any memory that is shared has */
#define LARGE_BYTES	(256 << 10)
/* For what a grace period and a work item come before; far above what that takes. */
#define DEADLINE	60

FIXTURE(images)
{
	long enable, harden;
};

FIXTURE_SETUP(images)
{
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	self->enable = get(SYSCTL("enable"));
	self->harden = get(SYSCTL("harden"));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	ASSERT_EQ(0, set(SYSCTL("harden"), "0"));
}

FIXTURE_TEARDOWN(images)
{
	set_number(SYSCTL("enable"), self->enable);
	set_number(SYSCTL("harden"), self->harden);
}

struct image {
	int fd;
	__u64 addr;
	__u32 len;
};

/* A program of @cnt instructions, not two of which become fewer. */
static int load(struct image *image, __u32 cnt)
{
	struct bpf_prog_info info = {
		.nr_jited_ksyms = 1,
		.jited_ksyms = (unsigned long)&image->addr,
	};
	struct bpf_insn *insns = calloc(cnt, sizeof(*insns));
	__u32 len = sizeof(info), i;

	if (!insns)
		return -1;
	insns[0] = (struct bpf_insn){ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 };
	for (i = 1; i < cnt - 1; i++)
		insns[i] = (struct bpf_insn){
			.code = BPF_ALU64 | (i % 2 ? BPF_MUL : BPF_XOR) | BPF_K,
			.imm = 0x12345 + i,
		};
	insns[cnt - 1].code = BPF_JMP | BPF_EXIT;
	image->fd = bpf_prog_load(BPF_PROG_TYPE_SOCKET_FILTER, NULL, "GPL", insns, cnt, NULL);
	free(insns);
	if (image->fd < 0 || bpf_obj_get_info_by_fd(image->fd, &info, &len))
		return -1;
	image->len = info.jited_prog_len;
	return 0;
}

TEST_F(images, share_memory)
{
	__u64 page = getpagesize(), pages[2 * SMALL], at;
	struct image images[SMALL];
	int i, j, nr = 0;

	for (i = 0; i < SMALL; i++) {
		ASSERT_EQ(0, load(&images[i], 10 + i));
		ASSERT_GT(page, images[i].len);
		at = images[i].addr / page;
		for (; at <= (images[i].addr + images[i].len - 1) / page; at++) {
			for (j = 0; j < nr && pages[j] != at; j++)
				;
			if (j == nr)
				pages[nr++] = at;
		}
		/* none lies in another one */
		for (j = 0; j < i; j++)
			EXPECT_TRUE(images[i].addr + images[i].len <= images[j].addr ||
				    images[j].addr + images[j].len <= images[i].addr);
	}
	EXPECT_GT(SMALL / 2, nr);
	for (i = 0; i < SMALL; i++)
		close(images[i].fd);
}

/* ------------------------------------------------------------------ page tables */

static __u64 symbol(const char *name)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long addr, found = 0;
	char line[512], word[128];

	while (f && !found && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %127s", &addr, word) == 2 && !strcmp(word, name))
			found = addr;
	}
	if (f)
		fclose(f);
	return found;
}

struct walker {
	struct bpf_object *obj;
	struct page_walk *w;
};

static void walk(struct __test_metadata *_metadata, const struct walker *walker, __u64 addr)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct bpf_program *p = bpf_object__find_program_by_name(walker->obj, "walk");

	walker->w->addr = addr;
	ASSERT_EQ(0, bpf_prog_test_run_opts(bpf_program__fd(p), &opts));
	ASSERT_EQ(0, opts.retval);
}

static void walker_open(struct __test_metadata *_metadata, struct walker *walker)
{
	const char *dir = getenv("O");
	struct bpf_map *bss;
	char path[512];

	snprintf(path, sizeof(path), "%s/pages.bpf.o", dir ? dir : ".");
	walker->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, walker->obj);
	ASSERT_EQ(0, bpf_object__load(walker->obj));
	bss = bpf_object__find_map_by_name(walker->obj, ".bss");
	walker->w = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
			 bpf_map__fd(bss), 0);
	ASSERT_NE(MAP_FAILED, walker->w);
	walker->w->table = symbol("init_top_pgt");
	ASSERT_NE(0, walker->w->table);
	walker->w->levels = 4;
	/* a constant where the place of memory is not random */
	ASSERT_EQ(0, symbol("page_offset_base")) TH_LOG("the direct mapping moves");
	walker->w->direct = 0xffff888000000000;
}

static void walker_close(struct walker *walker)
{
	munmap(walker->w, getpagesize());
	bpf_object__close(walker->obj);
}

/* Neither where it runs nor where all memory is mapped. */
TEST_F(images, are_never_writable)
{
	struct walker walker;
	struct page_walk *w;
	struct image image;

	walker_open(_metadata, &walker);
	w = walker.w;
	ASSERT_EQ(0, load(&image, 100));
	walk(_metadata, &walker, image.addr);
	EXPECT_TRUE(w->present);
	EXPECT_TRUE(w->executable);
	EXPECT_FALSE(w->writable);
	walk(_metadata, &walker, w->direct + w->physical);
	EXPECT_TRUE(w->present);
	EXPECT_FALSE(w->executable);
	EXPECT_FALSE(w->writable);
	/* data, to see that the walk tells them apart */
	walk(_metadata, &walker, symbol("jiffies_64") ?: symbol("jiffies"));
	EXPECT_TRUE(w->present);
	EXPECT_FALSE(w->executable);
	EXPECT_TRUE(w->writable);
	close(image.fd);
	walker_close(&walker);
}

TEST_F_TIMEOUT(images, memory_is_given_back, 180)
{
	struct walker walker;
	struct image image;
	time_t end;

	walker_open(_metadata, &walker);
	ASSERT_EQ(0, load(&image, LARGE));
	ASSERT_LT(LARGE_BYTES, image.len);
	walk(_metadata, &walker, image.addr);
	EXPECT_TRUE(walker.w->present);
	close(image.fd);
	/* after a grace period */
	end = time(NULL) + DEADLINE;
	do {
		poll(NULL, 0, 20);
		walk(_metadata, &walker, image.addr);
	} while (walker.w->present && time(NULL) < end);
	EXPECT_FALSE(walker.w->present);
	walker_close(&walker);
}

/* ------------------------------------------------------------------ the log */

/* Bytes of a line of a dump, or 0 where it is none. */
static int dump_line(const char *line, unsigned char *bytes)
{
	const char *at = strstr(line, "JIT code: ");
	int nr = 0, skip;
	unsigned int value;

	at = at ? strchr(at + 10, ':') : NULL;
	if (!at)
		return 0;
	for (at++; nr < 16 && sscanf(at, " %2x%n", &value, &skip) == 1; at += skip)
		bytes[nr++] = value;
	return nr;
}

TEST_F(images, are_dumped_to_the_log)
{
	unsigned char image[4096], dumped[4096 + 16];
	struct bpf_prog_info info = { .jited_prog_insns = (unsigned long)image };
	__u32 len = sizeof(info), flen = 0, proglen = 0, have = 0;
	int log = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
	struct image loaded;
	char record[2048];
	ssize_t n;

	ASSERT_LE(0, log);
	ASSERT_LE(0, lseek(log, 0, SEEK_END));
	ASSERT_EQ(0, set(SYSCTL("enable"), "2"));
	EXPECT_EQ(2, get(SYSCTL("enable")));
	ASSERT_EQ(0, load(&loaded, 50));
	ASSERT_EQ(0, set(SYSCTL("enable"), "1"));
	info.jited_prog_len = sizeof(image);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(loaded.fd, &info, &len));
	while ((n = read(log, record, sizeof(record) - 1)) > 0 || (n < 0 && errno == EPIPE)) {
		const char *head;

		if (n < 0)
			continue;
		record[n] = 0;
		head = strstr(record, "flen=");
		if (head && sscanf(head, "flen=%u proglen=%u pass=", &flen, &proglen) == 2)
			have = 0;
		if (have + 16 <= sizeof(image))
			have += dump_line(record, dumped + have);
	}
	EXPECT_EQ(info.xlated_prog_len / 8, flen);
	EXPECT_EQ(info.jited_prog_len, proglen);
	ASSERT_EQ(info.jited_prog_len, have);
	EXPECT_EQ(0, memcmp(image, dumped, have));
	close(loaded.fd);
	close(log);
}

TEST_HARNESS_MAIN
