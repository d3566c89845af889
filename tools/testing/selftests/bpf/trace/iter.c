// SPDX-License-Identifier: GPL-2.0
/* Iterators: what their programs write, links, filters, long outputs, pinned links. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/libbpf.h>

#include "kselftest_harness.h"

#define PIN "/sys/fs/bpf/kbpf_iter_test"

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE(iter) {
	struct bpf_object *obj;
	struct bpf_link *link;
	char *text;
};

FIXTURE_SETUP(iter)
{
	char path[512];

	libbpf_set_print(quiet);
	snprintf(path, sizeof(path), "%s/iter.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	self->link = NULL;
	self->text = NULL;
}

FIXTURE_TEARDOWN(iter)
{
	unlink(PIN);
	bpf_link__destroy(self->link);
	bpf_object__close(self->obj);
	free(self->text);
}

static bool load(struct bpf_object *obj, const char *name)
{
	struct bpf_program *prog;

	bpf_object__for_each_program(prog, obj)
		bpf_program__set_autoload(prog, !strcmp(bpf_program__name(prog), name));
	return !bpf_object__load(obj);
}

/* All that can be read from @fd, in pieces of @piece bytes. */
static char *slurp(int fd, size_t piece)
{
	size_t len = 0, room = 0;
	char *text = NULL;
	ssize_t n;

	do {
		if (room - len < piece + 1) {
			room = room * 2 + piece + 1;
			text = realloc(text, room);
		}
		n = read(fd, text + len, piece);
		if (n > 0)
			len += n;
	} while (n > 0);
	text[len] = 0;
	if (n < 0) {
		free(text);
		return NULL;
	}
	return text;
}

static struct bpf_link *attach(struct bpf_object *obj, const char *name,
			       union bpf_iter_link_info *linfo)
{
	LIBBPF_OPTS(bpf_iter_attach_opts, opts, .link_info = linfo,
		    .link_info_len = linfo ? sizeof(*linfo) : 0);

	return bpf_program__attach_iter(bpf_object__find_program_by_name(obj, name), &opts);
}

static char *run(struct bpf_link *link, size_t piece)
{
	int fd = bpf_iter_create(bpf_link__fd(link));
	char *text;

	if (fd < 0)
		return NULL;
	text = slurp(fd, piece);
	close(fd);
	return text;
}

static unsigned int lines(const char *text)
{
	unsigned int n = 0;

	for (; *text; text++)
		n += *text == '\n';
	return n;
}

#define ITERATE(name, linfo)							\
	do {									\
		ASSERT_TRUE(load(self->obj, name));				\
		self->link = attach(self->obj, name, linfo);			\
		ASSERT_NE(NULL, self->link);					\
		self->text = run(self->link, 4096);				\
		ASSERT_NE(NULL, self->text);					\
	} while (0)

TEST_F(iter, tasks)
{
	char line[64];
	const char *end;

	ITERATE("dump_task", NULL);
	snprintf(line, sizeof(line), "\n%d %d\n", getpid(), getpid());
	EXPECT_NE(NULL, strstr(self->text, line));
	EXPECT_EQ(0, strncmp(self->text, "1 1\n", 4));
	end = strstr(self->text, "end ");
	ASSERT_NE(NULL, end);
	EXPECT_EQ(lines(self->text) - 1, strtoul(end + 4, NULL, 10));
}

/* Pieces smaller than a line, and the end of the walk seen once. */
TEST_F(iter, small_pieces)
{
	char *small;
	unsigned int n = 0;
	const char *p;

	ITERATE("dump_task", NULL);
	small = run(self->link, 3);
	ASSERT_NE(NULL, small);
	for (p = small; (p = strstr(p, "end ")); p++)
		n++;
	EXPECT_EQ(1, n);
	EXPECT_LE(lines(self->text) - 2, lines(small));
	free(small);
}

TEST_F(iter, one_task)
{
	union bpf_iter_link_info linfo = { .task.tid = getpid() };
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	char name[32] = "", line[64];

	ITERATE("dump_task", &linfo);
	snprintf(line, sizeof(line), "%d %d\nend 1\n", getpid(), getpid());
	EXPECT_STREQ(line, self->text);
	info.iter.target_name = (unsigned long)name;
	info.iter.target_name_len = sizeof(name);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(bpf_link__fd(self->link), &info, &len));
	EXPECT_EQ(BPF_LINK_TYPE_ITER, info.type);
	EXPECT_STREQ("task", name);
}

TEST_F(iter, files)
{
	union bpf_iter_link_info linfo = { .task.pid = getpid() };
	char line[64];
	int fd = open("/dev/null", O_RDONLY);

	ASSERT_LE(0, fd);
	ITERATE("dump_task_file", &linfo);
	snprintf(line, sizeof(line), "\n%d %d\n", getpid(), fd);
	EXPECT_NE(NULL, strstr(self->text, line));
	close(fd);
}

TEST_F(iter, mappings)
{
	union bpf_iter_link_info linfo = { .task.pid = getpid() };
	char first[64] = "";
	FILE *maps;

	ITERATE("dump_task_vma", &linfo);
	maps = fopen("/proc/self/maps", "r");
	ASSERT_NE(NULL, maps);
	ASSERT_EQ(1, fscanf(maps, "%63s", first));
	fclose(maps);
	EXPECT_EQ(0, strncmp(self->text, first, strlen(first)));
}

TEST_F(iter, maps)
{
	ITERATE("dump_bpf_map", NULL);
	EXPECT_NE(NULL, strstr(self->text, " elems\n"));
	EXPECT_NE(NULL, strstr(self->text, " table\n"));
}

TEST_F(iter, programs)
{
	ITERATE("dump_bpf_prog", NULL);
	EXPECT_NE(NULL, strstr(self->text, " dump_bpf_prog\n"));
}

TEST_F(iter, links)
{
	struct bpf_link_info info = {};
	__u32 len = sizeof(info);
	char line[64];

	ITERATE("dump_bpf_link", NULL);
	ASSERT_EQ(0, bpf_obj_get_info_by_fd(bpf_link__fd(self->link), &info, &len));
	snprintf(line, sizeof(line), "%u %d\n", info.id, BPF_LINK_TYPE_ITER);
	EXPECT_NE(NULL, strstr(self->text, line));
}

TEST_F(iter, array_elements)
{
	union bpf_iter_link_info linfo = {};
	__u64 value;
	__u32 i;
	int map;

	ASSERT_TRUE(load(self->obj, "dump_bpf_map_elem"));
	map = bpf_object__find_map_fd_by_name(self->obj, "elems");
	for (i = 0; i < 8; i++) {
		value = i * 10;
		ASSERT_EQ(0, bpf_map_update_elem(map, &i, &value, 0));
	}
	/* without a map there is nothing to walk */
	EXPECT_EQ(NULL, attach(self->obj, "dump_bpf_map_elem", NULL));
	linfo.map.map_fd = map;
	self->link = attach(self->obj, "dump_bpf_map_elem", &linfo);
	ASSERT_NE(NULL, self->link);
	self->text = run(self->link, 4096);
	ASSERT_NE(NULL, self->text);
	EXPECT_STREQ("0 0\n1 10\n2 20\n3 30\n4 40\n5 50\n6 60\n7 70\n", self->text);
	i = 5;
	ASSERT_EQ(0, bpf_map_lookup_elem(map, &i, &value));
	EXPECT_EQ(1050, value);
}

TEST_F(iter, hash_elements_all_once)
{
	union bpf_iter_link_info linfo = {};
	unsigned char seen[2000] = {};
	__u64 value = 7;
	const char *p;
	__u32 i;
	int map;

	ASSERT_TRUE(load(self->obj, "dump_bpf_map_elem"));
	map = bpf_object__find_map_fd_by_name(self->obj, "table");
	for (i = 0; i < 2000; i++)
		ASSERT_EQ(0, bpf_map_update_elem(map, &i, &value, 0));
	linfo.map.map_fd = map;
	self->link = attach(self->obj, "dump_bpf_map_elem", &linfo);
	ASSERT_NE(NULL, self->link);
	self->text = run(self->link, 100);
	ASSERT_NE(NULL, self->text);
	EXPECT_EQ(2000, lines(self->text));
	for (p = self->text; *p; p = strchr(p, '\n') + 1) {
		i = strtoul(p, NULL, 10);
		ASSERT_LT(i, 2000);
		seen[i]++;
	}
	for (i = 0; i < 2000; i++)
		EXPECT_EQ(1, seen[i]);
}

/* More than fits into one buffer. */
TEST_F(iter, symbols)
{
	ITERATE("dump_ksym", NULL);
	EXPECT_LT(10000, lines(self->text));
	EXPECT_NE(NULL, strstr(self->text, "\nvfs_open\n"));
}

TEST_F(iter, pinned)
{
	char line[64];
	int fd;

	ITERATE("dump_task", NULL);
	ASSERT_EQ(0, bpf_link__pin(self->link, PIN));
	fd = open(PIN, O_RDONLY);
	ASSERT_LE(0, fd);
	free(self->text);
	self->text = slurp(fd, 4096);
	ASSERT_NE(NULL, self->text);
	close(fd);
	snprintf(line, sizeof(line), "\n%d %d\n", getpid(), getpid());
	EXPECT_NE(NULL, strstr(self->text, line));
}

TEST_HARNESS_MAIN
