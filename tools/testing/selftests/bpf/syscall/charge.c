// SPDX-License-Identifier: GPL-2.0
/*
 * Who pays: what maps and programs take is charged to the memory cgroup of whoever made them,
 * elements that others add included, and comes off again with them.
 */
#include <sys/mount.h>

#include "sys.h"
#include "kselftest_harness.h"

#define MIB		(1024 * 1024L)
#define POLLS		600
#define POLL_USEC	50000

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY), ret;

	if (fd < 0)
		return -errno;
	ret = write(fd, text, strlen(text)) < 0 ? -errno : 0;
	close(fd);
	return ret;
}

FIXTURE(charge)
{
	char root[32];
	char group[64];
};

static int enter(const char *group)
{
	char path[96], pid[16];

	snprintf(path, sizeof(path), "%s/cgroup.procs", group);
	snprintf(pid, sizeof(pid), "%d", getpid());
	return write_file(path, pid);
}

/* Bytes that the group is charged with. */
static long charged(const char *group)
{
	char path[96];
	long val = -1;
	FILE *f;

	snprintf(path, sizeof(path), "%s/memory.current", group);
	f = fopen(path, "r");
	if (f && fscanf(f, "%ld", &val) != 1)
		val = -1;
	if (f)
		fclose(f);
	return val;
}

/* What is freed behind a grace period is waited for. */
static long fallen_to(const char *group, long limit)
{
	long now = charged(group);
	int i;

	for (i = 0; i < POLLS && now > limit; i++) {
		usleep(POLL_USEC);
		now = charged(group);
	}
	return now;
}

FIXTURE_SETUP(charge)
{
	char path[96];

	snprintf(self->root, sizeof(self->root), "/tmp/charge.XXXXXX");
	ASSERT_NE(NULL, mkdtemp(self->root));
	ASSERT_EQ(0, mount("cgroup2", self->root, "cgroup2", 0, NULL));
	snprintf(path, sizeof(path), "%s/cgroup.subtree_control", self->root);
	ASSERT_EQ(0, write_file(path, "+memory"));
	snprintf(self->group, sizeof(self->group), "%s/who_pays", self->root);
	ASSERT_EQ(0, mkdir(self->group, 0755));
	ASSERT_EQ(0, enter(self->group));
}

FIXTURE_TEARDOWN(charge)
{
	enter(self->root);
	rmdir(self->group);
	umount2(self->root, MNT_DETACH);
	rmdir(self->root);
}

static const struct {
	const char *name;
	unsigned int type, value, entries, flags;
	long least;
} kinds[] = {
	{ "array", BPF_MAP_TYPE_ARRAY, 1024, 16384, 0, 16 * MIB },
	{ "array to be mapped", BPF_MAP_TYPE_ARRAY, 1024, 16384, BPF_F_MMAPABLE, 16 * MIB },
	{ "hash", BPF_MAP_TYPE_HASH, 1024, 16384, 0, 16 * MIB },
	{ "LRU hash", BPF_MAP_TYPE_LRU_HASH, 1024, 16384, 0, 16 * MIB },
	{ "array of each processor", BPF_MAP_TYPE_PERCPU_ARRAY, 4096, 4096, 0, 16 * MIB },
	{ "hash of each processor", BPF_MAP_TYPE_PERCPU_HASH, 1024, 16384, 0, 16 * MIB },
	{ "queue", BPF_MAP_TYPE_QUEUE, 1024, 16384, 0, 16 * MIB },
	{ "ring buffer", BPF_MAP_TYPE_RINGBUF, 0, 16 * MIB, 0, 16 * MIB },
	{ "bloom filter", BPF_MAP_TYPE_BLOOM_FILTER, 8, 16 * 1024 * 1024, 0, 16 * MIB },
};

TEST_F_TIMEOUT(charge, maps, 300)
{
	/* of a group that is new: what a map leaves for later makes no next one seem smaller */
	long before = charged(self->group), after;
	unsigned int i;

	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		bool keyed = kinds[i].type != BPF_MAP_TYPE_QUEUE && kinds[i].value &&
			     kinds[i].type != BPF_MAP_TYPE_BLOOM_FILTER;
		int fd = map_new(kinds[i].type, keyed ? 4 : 0, kinds[i].value, kinds[i].entries,
				 kinds[i].flags);

		ASSERT_LE(0, fd) TH_LOG("%s", kinds[i].name);
		after = charged(self->group);
		EXPECT_LE(kinds[i].least - MIB, after - before) TH_LOG("%s", kinds[i].name);
		EXPECT_GE(16 * kinds[i].least, after - before) TH_LOG("%s", kinds[i].name);
		close(fd);
		EXPECT_GE(before + 2 * MIB, fallen_to(self->group, before + 2 * MIB))
			TH_LOG("%s", kinds[i].name);
	}
}

/* Elements are charged to the group of the map, whoever adds them. */
TEST_F_TIMEOUT(charge, elements_that_others_add, 120)
{
	int fd = map_new(BPF_MAP_TYPE_HASH, 4, 1000, 16384, BPF_F_NO_PREALLOC);
	char value[1000] = "";
	unsigned int key;
	long before;

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, enter(self->root));
	before = charged(self->group);
	for (key = 0; key < 16384; key++)
		ASSERT_EQ(0, map_update(fd, &key, value, BPF_ANY));
	EXPECT_LE(before + 14 * MIB, charged(self->group));
	for (key = 0; key < 16384; key++)
		ASSERT_EQ(0, map_delete(fd, &key));
	close(fd);
	EXPECT_GE(before + 3 * MIB, fallen_to(self->group, before + 3 * MIB));
}

/* What the verifier took while it looked at the program comes off at once. */
TEST_F_TIMEOUT(charge, programs, 120)
{
	const unsigned int cnt = 150000;
	struct bpf_insn *insns = calloc(cnt, sizeof(*insns));
	long before, after;
	unsigned int i;
	int fd;

	ASSERT_NE(NULL, insns);
	insns[0] = MOV_IMM(BPF_REG_0, 0);
	for (i = 1; i < cnt - 1; i++)
		insns[i] = INSN(BPF_ALU64 | BPF_ADD | BPF_K, BPF_REG_0, 0, 0, 1);
	insns[cnt - 1] = EXIT();
	before = charged(self->group);
	fd = prog_new(BPF_PROG_TYPE_SOCKET_FILTER, insns, cnt);
	ASSERT_LE(0, fd);
	after = fallen_to(self->group, before + 8 * MIB);
	EXPECT_LE(before + MIB / 2, after);
	EXPECT_GE(before + 8 * MIB, after);
	close(fd);
	EXPECT_GE(before + MIB / 2, fallen_to(self->group, before + MIB / 2));
	free(insns);
}

TEST_HARNESS_MAIN
