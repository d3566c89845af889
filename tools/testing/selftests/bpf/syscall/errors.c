// SPDX-License-Identifier: GPL-2.0
/* Errors of commands that the other files do not come by. */

#include <linux/btf.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "sys.h"
#include "kselftest_harness.h"

#define DIR "/sys/fs/bpf/errors_test"

/* ------------------------------------------------------------------ ids */

/* The answer has to be written, too. */
TEST(next_id_into_read_only_memory)
{
	static const int cmds[] = {
		BPF_MAP_GET_NEXT_ID, BPF_PROG_GET_NEXT_ID, BPF_BTF_GET_NEXT_ID,
		BPF_LINK_GET_NEXT_ID,
	};
	int map = map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0), link, i;
	int prog = prog_ret(BPF_PROG_TYPE_RAW_TRACEPOINT, 0);
	void *page = mmap(NULL, getpagesize(), PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	ASSERT_LE(0, map);
	ASSERT_LE(0, prog);
	ASSERT_NE(MAP_FAILED, page);
	link = BPF(BPF_RAW_TRACEPOINT_OPEN, .raw_tracepoint = { .name = PTR("sys_exit"),
		   .prog_fd = prog });
	ASSERT_LE(0, link);
	for (i = 0; i < (int)(sizeof(cmds) / sizeof(cmds[0])); i++)
		EXPECT_EQ(-EFAULT, sys_bpf(cmds[i], page, sizeof(union bpf_attr)));
	munmap(page, getpagesize());
	close(link);
	close(prog);
	close(map);
}

TEST(no_such_id)
{
	EXPECT_EQ(-EINVAL, BPF(BPF_BTF_GET_NEXT_ID, .start_id = 0x7fffffff));
	EXPECT_EQ(-ENOENT, BPF(BPF_BTF_GET_FD_BY_ID, .btf_id = 0x7ffffffe));
	EXPECT_EQ(-ENOENT, BPF(BPF_BTF_GET_FD_BY_ID, .btf_id = 0));
	EXPECT_EQ(-ENOENT, BPF(BPF_LINK_GET_FD_BY_ID, .link_id = 0));
	EXPECT_EQ(-ENOENT, BPF(BPF_PROG_GET_FD_BY_ID, .prog_id = 0x7ffffffe));
}

/* ------------------------------------------------------------------ types */

struct types {
	struct btf_header hdr;
	struct btf_type type;
	__u32 desc;
	char names[8];
};

static const struct types good = {
	.hdr = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(struct btf_header),
		 .type_len = sizeof(struct btf_type) + 4, .str_off = sizeof(struct btf_type) + 4,
		 .str_len = 8 },
	.type = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = 4 },
	.desc = BTF_INT_SIGNED << 24 | 32,
	.names = "\0number",
};

TEST(btf_load)
{
	struct types bad = good;
	char log[256], tiny[8];

#define LOAD(types, ...)							\
	BPF(BPF_BTF_LOAD, .btf = PTR(types), .btf_size = sizeof(*(types)), ##__VA_ARGS__)
	EXPECT_EQ(-EFAULT, BPF(BPF_BTF_LOAD, .btf = 8, .btf_size = sizeof(good)));
	EXPECT_EQ(-E2BIG, BPF(BPF_BTF_LOAD, .btf = PTR(&good), .btf_size = 1 << 28));
	EXPECT_EQ(-EINVAL, BPF(BPF_BTF_LOAD, .btf = PTR(&good)));
	EXPECT_EQ(-EINVAL, BPF(BPF_BTF_LOAD, .btf = PTR(&good), .btf_size = sizeof(good) - 1));
	EXPECT_EQ(-EINVAL, LOAD(&good, .btf_flags = 1));
	EXPECT_EQ(-EBADF, LOAD(&good, .btf_flags = BPF_F_TOKEN_FD, .btf_token_fd = -1));
	EXPECT_EQ(-EINVAL, LOAD(&good, .btf_log_buf = PTR(log)));
	EXPECT_EQ(-EINVAL, LOAD(&good, .btf_log_buf = PTR(log), .btf_log_size = sizeof(log)));
	EXPECT_EQ(-EINVAL, LOAD(&good, .btf_log_level = 1, .btf_log_size = sizeof(log)));
	EXPECT_EQ(-EINVAL, LOAD(&good, .btf_log_level = 1 << 10, .btf_log_buf = PTR(log),
				.btf_log_size = sizeof(log)));
	EXPECT_EQ(-ENOSPC, LOAD(&good, .btf_log_level = 2 | 8, .btf_log_buf = PTR(tiny),
				.btf_log_size = sizeof(tiny)));
	EXPECT_EQ(-EFAULT, LOAD(&good, .btf_log_level = 1, .btf_log_buf = 8,
				.btf_log_size = sizeof(log)));
	bad.hdr.magic = 1;
	EXPECT_EQ(-EINVAL, LOAD(&bad));
	bad = good;
	bad.hdr.version = 2;
	EXPECT_EQ(-ENOTSUPP, LOAD(&bad));
	bad = good;
	bad.type.size = 3;
	memset(log, 0, sizeof(log));
	EXPECT_EQ(-EINVAL, LOAD(&bad, .btf_log_level = 1, .btf_log_buf = PTR(log),
				.btf_log_size = sizeof(log)));
	EXPECT_NE(NULL, strstr(log, "number")) TH_LOG("%s", log);
}

/* ------------------------------------------------------------------ programs */

TEST(prog_load_logs)
{
	const struct bpf_insn bad[] = { EXIT() }, unknown[] = { INSN(0xff, 0, 0, 0, 0), EXIT() };
	char log[1024] = "", tiny[16] = "";
	union bpf_attr attr = { .prog_type = BPF_PROG_TYPE_SOCKET_FILTER, .insns = PTR(bad),
				.insn_cnt = 1, .license = PTR("GPL"), .log_level = 1,
				.log_buf = PTR(log), .log_size = sizeof(log) };

	/* R0 was never written. */
	EXPECT_EQ(-EACCES, bpf(BPF_PROG_LOAD, &attr));
	EXPECT_NE(NULL, strstr(log, "R0 !read_ok")) TH_LOG("%s", log);
	EXPECT_EQ(strlen(log) + 1, attr.log_true_size);
	/* The end of a log that is too long, or its beginning and an error of its own. */
	attr.log_buf = PTR(tiny);
	attr.log_size = sizeof(tiny);
	EXPECT_EQ(-EACCES, bpf(BPF_PROG_LOAD, &attr));
	EXPECT_EQ(sizeof(tiny) - 1, strlen(tiny));
	EXPECT_STREQ(log + strlen(log) - strlen(tiny), tiny);
	attr.log_level = 1 | 8;
	EXPECT_EQ(-ENOSPC, bpf(BPF_PROG_LOAD, &attr));
	EXPECT_EQ(0, strncmp(log, tiny, sizeof(tiny) - 1));
	EXPECT_EQ(strlen(log) + 1, attr.log_true_size);

	attr.log_level = 0;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_LOAD, &attr));
	attr.log_level = 1 << 10;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_LOAD, &attr));
	attr.log_level = 1;
	attr.log_size = 0;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_LOAD, &attr));
	attr.log_buf = 8;
	attr.log_size = 4096;
	EXPECT_EQ(-EFAULT, bpf(BPF_PROG_LOAD, &attr));
	attr.log_level = 0;
	attr.log_buf = 0;
	attr.log_size = 0;
	EXPECT_EQ(-EACCES, bpf(BPF_PROG_LOAD, &attr));
	attr.insns = PTR(unknown);
	attr.insn_cnt = 2;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_LOAD, &attr));
}

TEST(enable_stats)
{
	EXPECT_EQ(-EINVAL, BPF(BPF_ENABLE_STATS, .enable_stats = { .type = 99 }));
}

/* ------------------------------------------------------------------ maps */

#define BATCH(cmd, ...) BPF(cmd, .batch = { .count = 1, .keys = PTR(&key), .values = PTR(&val), \
			    .out_batch = PTR(&next), ##__VA_ARGS__ })

TEST(rights_of_fds)
{
	int ro = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, BPF_F_RDONLY);
	int wo = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, BPF_F_WRONLY);
	__u32 key = 0, next;
	__u64 val = 0;

	ASSERT_LE(0, ro);
	ASSERT_LE(0, wo);
	EXPECT_EQ(-EPERM, map_delete(ro, &key));
#define TAKE(fd) BPF(BPF_MAP_LOOKUP_AND_DELETE_ELEM, .map_fd = (fd), .key = PTR(&key), \
		     .value = PTR(&val))
	EXPECT_EQ(-EPERM, TAKE(ro));
	EXPECT_EQ(-EPERM, TAKE(wo));
	EXPECT_EQ(-EBADF, TAKE(1000));
	EXPECT_EQ(-EBADF, map_delete(1000, &key));
	EXPECT_EQ(-EBADF, map_update(1000, &key, &val, 0));
	EXPECT_EQ(-EBADF, BPF(BPF_MAP_GET_NEXT_KEY, .map_fd = 1000, .next_key = PTR(&key)));
	EXPECT_EQ(-EPERM, BATCH(BPF_MAP_LOOKUP_BATCH, .map_fd = wo));
	EXPECT_EQ(-EPERM, BATCH(BPF_MAP_LOOKUP_AND_DELETE_BATCH, .map_fd = ro));
	EXPECT_EQ(-EPERM, BATCH(BPF_MAP_LOOKUP_AND_DELETE_BATCH, .map_fd = wo));
	EXPECT_EQ(-EPERM, BATCH(BPF_MAP_DELETE_BATCH, .map_fd = ro));
	EXPECT_EQ(-EBADF, BATCH(BPF_MAP_LOOKUP_BATCH, .map_fd = 1000));
	EXPECT_EQ(-EBADF, BATCH(BPF_MAP_LOOKUP_AND_DELETE_BATCH, .map_fd = 1000));
	EXPECT_EQ(-EBADF, BATCH(BPF_MAP_DELETE_BATCH, .map_fd = 1000));
	close(ro);
	close(wo);
}

/* A bucket is given as a whole: with room for less the caller is told, and loses nothing. */
TEST(batch_shorter_than_a_bucket)
{
	int fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 64, 0), err = 0, i;
	__u32 keys[64], mark, next, key = 0, seen = 0;
	__u64 vals[64], val = 0;
	union bpf_attr attr;
	void *in = NULL;

	ASSERT_LE(0, fd);
	for (key = 0; key < 64; key++)
		ASSERT_EQ(0, map_update(fd, &key, &val, BPF_ANY));
	/* 64 elements do not have 64 buckets to themselves. */
	for (i = 0; i < 64 && !err; i++) {
		memset(&attr, 0, sizeof(attr));
		attr.batch.map_fd = fd;
		attr.batch.in_batch = PTR(in);
		attr.batch.out_batch = PTR(&next);
		attr.batch.keys = PTR(keys);
		attr.batch.values = PTR(vals);
		attr.batch.count = 1;
		err = bpf(BPF_MAP_LOOKUP_BATCH, &attr);
		if (err)
			break;
		seen += attr.batch.count;
		mark = next;
		in = &mark;
	}
	ASSERT_EQ(-ENOSPC, err);
	memset(&attr, 0, sizeof(attr));
	attr.batch.map_fd = fd;
	attr.batch.in_batch = PTR(in);
	attr.batch.out_batch = PTR(&next);
	attr.batch.keys = PTR(keys);
	attr.batch.values = PTR(vals);
	attr.batch.count = 64;
	EXPECT_EQ(-ENOENT, bpf(BPF_MAP_LOOKUP_BATCH, &attr));
	EXPECT_EQ(64, seen + attr.batch.count);
	close(fd);
}

/* ------------------------------------------------------------------ pins, hooks */

/* Runs @expr as somebody without any right; 1 for an fd. */
#define AS_NOBODY(expr)							\
({									\
	int __status = -1;						\
	if (!fork()) {							\
		if (setgid(65534) || setuid(65534))			\
			_exit(255);					\
		_exit(-(int)(expr) & 127);				\
	}								\
	wait(&__status);						\
	WIFEXITED(__status) ? -WEXITSTATUS(__status) : -255;		\
})

TEST(pins_of_others)
{
	int map = map_new(BPF_MAP_TYPE_ARRAY, 4, 4, 1, 0);

	rmdir(DIR);
	ASSERT_LE(0, map);
	ASSERT_EQ(0, mkdir(DIR, 0755));
	EXPECT_EQ(-EACCES, AS_NOBODY(BPF(BPF_OBJ_PIN, .pathname = PTR(DIR "/map"),
					 .bpf_fd = map)));
	ASSERT_EQ(0, BPF(BPF_OBJ_PIN, .pathname = PTR(DIR "/map"), .bpf_fd = map));
	EXPECT_EQ(-EACCES, AS_NOBODY(BPF(BPF_OBJ_GET, .pathname = PTR(DIR "/map"))));
	EXPECT_EQ(-EACCES, AS_NOBODY(unlink(DIR "/map") ? -errno : 0));
	EXPECT_EQ(-EACCES, AS_NOBODY(rename(DIR "/map", DIR "/other") ? -errno : 0));
	ASSERT_EQ(0, chmod(DIR "/map", 0644));
	EXPECT_EQ(-EACCES, AS_NOBODY(BPF(BPF_OBJ_GET, .pathname = PTR(DIR "/map"))));
	ASSERT_EQ(0, chmod(DIR, 0700));
	EXPECT_EQ(-EACCES, AS_NOBODY(BPF(BPF_OBJ_GET, .pathname = PTR(DIR "/map"),
					 .file_flags = BPF_F_RDONLY)));
	/* A name that is taken is taken away from what had it. */
	ASSERT_EQ(0, BPF(BPF_OBJ_PIN, .pathname = PTR(DIR "/second"), .bpf_fd = map));
	EXPECT_EQ(0, rename(DIR "/second", DIR "/map"));
	EXPECT_EQ(-1, access(DIR "/second", F_OK));
	EXPECT_EQ(0, unlink(DIR "/map"));
	EXPECT_EQ(-1, unlink(DIR "/map"));
	EXPECT_EQ(ENOENT, errno);
	EXPECT_EQ(0, rmdir(DIR));
	close(map);
}

TEST(hooks_of_a_device)
{
	int cls = prog_ret(BPF_PROG_TYPE_SCHED_CLS, -1);
	union bpf_attr attr = { .query = { .target_ifindex = 1, .attach_type = BPF_TCX_EGRESS } };

	ASSERT_LE(0, cls);
#define ATTACH(...) BPF(BPF_PROG_ATTACH, .attach_type = BPF_TCX_EGRESS, ##__VA_ARGS__)
	EXPECT_EQ(-EPERM, AS_NOBODY(ATTACH(.target_ifindex = 1, .attach_bpf_fd = cls)));
	EXPECT_EQ(-EBADF, ATTACH(.target_ifindex = 1, .attach_bpf_fd = 1000));
	EXPECT_EQ(-ENODEV, ATTACH(.target_ifindex = 9999, .attach_bpf_fd = cls));
	ASSERT_EQ(0, ATTACH(.target_ifindex = 1, .attach_bpf_fd = cls));
	EXPECT_EQ(-EPERM, AS_NOBODY(BPF(BPF_PROG_DETACH, .attach_type = BPF_TCX_EGRESS,
					.target_ifindex = 1, .attach_bpf_fd = cls)));
	EXPECT_EQ(0, bpf(BPF_PROG_QUERY, &attr));
	EXPECT_EQ(1, attr.query.count);
	attr.query.prog_ids = 8;
	attr.query.count = 1;
	EXPECT_EQ(-EFAULT, bpf(BPF_PROG_QUERY, &attr));
	attr.query.query_flags = 1 << 4;
	EXPECT_EQ(-EINVAL, bpf(BPF_PROG_QUERY, &attr));
	attr.query.query_flags = 0;
	attr.query.target_ifindex = 9999;
	EXPECT_EQ(-ENODEV, bpf(BPF_PROG_QUERY, &attr));
	EXPECT_EQ(0, BPF(BPF_PROG_DETACH, .attach_type = BPF_TCX_EGRESS, .target_ifindex = 1,
			 .attach_bpf_fd = cls));
	close(cls);
}

TEST_HARNESS_MAIN
