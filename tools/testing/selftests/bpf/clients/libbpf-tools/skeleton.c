// SPDX-License-Identifier: GPL-2.0
/* A skeleton that bpftool made: opened, configured, loaded, attached, read, detached. */
#include <fcntl.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "skeleton.skel.h"

TEST(skeleton)
{
	struct skeleton *skel = skeleton__open();
	int fd, key = getpid();
	__u64 value = 0;
	char buf[100];

	ASSERT_NE(NULL, skel);
	skel->rodata->pid = key;
	ASSERT_EQ(0, skeleton__load(skel));
	ASSERT_EQ(0, skeleton__attach(skel));
	fd = open("/dev/zero", O_RDONLY);
	ASSERT_LE(0, fd);
	EXPECT_EQ(100, read(fd, buf, 100));
	EXPECT_EQ(50, read(fd, buf, 50));
	usleep(10000);
	EXPECT_EQ(2, skel->bss->reads);
	EXPECT_EQ(150, skel->bss->bytes);
	EXPECT_LT(0, skel->bss->switches);
	EXPECT_EQ(getppid(), skel->bss->parent);
	EXPECT_EQ(1, skel->bss->has_flags);
	EXPECT_EQ(0, skel->bss->no_such_field);
	EXPECT_STREQ("skeleton", skel->bss->comm);
	EXPECT_EQ(0, bpf_map__lookup_elem(skel->maps.seen, &key, sizeof(key), &value,
					  sizeof(value), 0));
	EXPECT_EQ(1, value);
	skeleton__detach(skel);
	EXPECT_EQ(10, read(fd, buf, 10));
	EXPECT_EQ(2, skel->bss->reads);
	close(fd);
	skeleton__destroy(skel);
}

TEST_HARNESS_MAIN
