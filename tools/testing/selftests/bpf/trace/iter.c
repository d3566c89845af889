// SPDX-License-Identifier: GPL-2.0
/* Iterators: what their programs write, links, filters, long outputs, pinned links. */
#include <fcntl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "object.h"

#define PIN "/sys/fs/bpf/kbpf_iter_test"

FIXTURE(iter) {
	struct bpf_object *obj;
	struct bpf_link *link;
	char *text;
};

FIXTURE_SETUP(iter)
{
	self->obj = open_object("iter");
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
	text = read_all(fd, piece);
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
/* Each line: the same text by both helpers, then what they answered. */
static const char typed[] =
	"{1,0x2,0x3,4,5,}|{1,0x2,0x3,4,5,}|0 16\n"
#define INSN "(struct bpf_insn){.code = (__u8)1,.dst_reg = (__u8)0x2,.src_reg = (__u8)0x3," \
	     ".off = (__s16)4,.imm = (__s32)5,}"
	INSN "|" INSN "|0 109\n"
#define INSN_LINES "(struct bpf_insn){\n .code = (__u8)1,\n .dst_reg = (__u8)0x2,\n" \
		   " .src_reg = (__u8)0x3,\n .off = (__s16)4,\n .imm = (__s32)5,\n}"
	INSN_LINES "|" INSN_LINES "|0 120\n"
#define INFO "(struct bpf_prog_info){.id = (__u32)7,.name = (char[])['f','o',],}"
	INFO "|" INFO "|0 66\n"
#define LIST "(struct list_head){.next = (struct list_head *)0x0000000000000001,}"
	LIST "|" LIST "|0 67\n"
#define LIST_ALL "(struct list_head){.next = (struct list_head *)0x0000000000000001," \
		 ".prev = (struct list_head *)0x0000000000000000,}"
	LIST_ALL "|" LIST_ALL "|0 114\n"
	"(enum bpf_cmd)BPF_MAP_DELETE_ELEM|(enum bpf_cmd)BPF_MAP_DELETE_ELEM|0 33\n";

TEST_F(iter, typed_text)
{
	const char *rest;

	ITERATE("dump_typed", NULL);
	EXPECT_EQ(0, strncmp(typed, self->text, strlen(typed))) TH_LOG("%s", self->text);
	rest = strstr(self->text, "BPF_MAP_DELETE_ELEM|0 33\n");
	ASSERT_NE(NULL, rest);
	EXPECT_NE(NULL, strstr(rest, "|-14 -14\n")) TH_LOG("%s", rest);
	EXPECT_NE(NULL, strstr(rest, "|-22 -2\n")) TH_LOG("%s", rest);
	EXPECT_NE(NULL, strstr(rest, "|-22 -22\n-22\n")) TH_LOG("%s", rest);
}

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
	self->text = read_all(fd, 4096);
	ASSERT_NE(NULL, self->text);
	close(fd);
	snprintf(line, sizeof(line), "\n%d %d\n", getpid(), getpid());
	EXPECT_NE(NULL, strstr(self->text, line));
}

TEST_HARNESS_MAIN
