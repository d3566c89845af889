// SPDX-License-Identifier: GPL-2.0
/*
 * Every command that gives an fd, where none is to be had: -EMFILE, nothing is left behind, and
 * with fds the same call succeeds. Links are in links.c, tokens in token.c.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/btf.h>

#include "sys.h"
#include "kselftest_harness.h"

#define PIN "/sys/fs/bpf/fds_test"

FIXTURE(fds)
{
	struct bpf_object *obj;
	struct bpf_link *iter;
	int map;
	int prog;
	int btf;
};

FIXTURE_VARIANT(fds)
{
	int cmd;
};

#define COMMAND(name, _cmd) FIXTURE_VARIANT_ADD(fds, name) { .cmd = (_cmd) }

COMMAND(map_create, BPF_MAP_CREATE);
COMMAND(prog_load, BPF_PROG_LOAD);
COMMAND(obj_get, BPF_OBJ_GET);
COMMAND(prog_get_fd_by_id, BPF_PROG_GET_FD_BY_ID);
COMMAND(map_get_fd_by_id, BPF_MAP_GET_FD_BY_ID);
COMMAND(btf_load, BPF_BTF_LOAD);
COMMAND(btf_get_fd_by_id, BPF_BTF_GET_FD_BY_ID);
COMMAND(enable_stats, BPF_ENABLE_STATS);
COMMAND(iter_create, BPF_ITER_CREATE);

/* One integer type. */
static const struct {
	struct btf_header hdr;
	struct btf_type type;
	__u32 desc;
	char names[8];
} types = {
	.hdr = { .magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(struct btf_header),
		 .type_len = sizeof(struct btf_type) + 4, .str_off = sizeof(struct btf_type) + 4,
		 .str_len = 8 },
	.type = { .name_off = 1, .info = BTF_KIND_INT << 24, .size = 4 },
	.desc = BTF_INT_SIGNED << 24 | 32,
	.names = "\0number",
};

static int btf_load(void)
{
	return BPF(BPF_BTF_LOAD, .btf = PTR(&types), .btf_size = sizeof(types));
}

FIXTURE_SETUP(fds)
{
	char path[512];

	unlink(PIN);
	snprintf(path, sizeof(path), "%s/iter.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	self->iter = bpf_program__attach_iter(bpf_object__next_program(self->obj, NULL), NULL);
	ASSERT_NE(NULL, self->iter);
	self->map = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0);
	ASSERT_LE(0, self->map);
	self->prog = prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	ASSERT_LE(0, self->prog);
	self->btf = btf_load();
	ASSERT_LE(0, self->btf);
	ASSERT_EQ(0, BPF(BPF_OBJ_PIN, .pathname = PTR(PIN), .bpf_fd = self->map));
}

FIXTURE_TEARDOWN(fds)
{
	unlink(PIN);
	bpf_link__destroy(self->iter);
	bpf_object__close(self->obj);
	close(self->map);
	close(self->prog);
	close(self->btf);
}

/* An object's id; @at is where its information has it. */
static unsigned int id_of(int fd, size_t at)
{
	unsigned char info[64] = {};
	unsigned int len = at + sizeof(len), id = 0;

	if (!info_get(fd, info, &len))
		memcpy(&id, info + at, sizeof(id));
	return id;
}

struct ids {
	unsigned int map, prog, btf;
};

static int call(FIXTURE_DATA(fds) *self, const struct ids *ids, int cmd)
{
	switch (cmd) {
	case BPF_MAP_CREATE:
		return map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0);
	case BPF_PROG_LOAD:
		return prog_ret(BPF_PROG_TYPE_SOCKET_FILTER, 0);
	case BPF_OBJ_GET:
		return BPF(BPF_OBJ_GET, .pathname = PTR(PIN));
	case BPF_PROG_GET_FD_BY_ID:
		return BPF(BPF_PROG_GET_FD_BY_ID, .prog_id = ids->prog);
	case BPF_MAP_GET_FD_BY_ID:
		return BPF(BPF_MAP_GET_FD_BY_ID, .map_id = ids->map);
	case BPF_BTF_LOAD:
		return btf_load();
	case BPF_BTF_GET_FD_BY_ID:
		return BPF(BPF_BTF_GET_FD_BY_ID, .btf_id = ids->btf);
	case BPF_ENABLE_STATS:
		return BPF(BPF_ENABLE_STATS, .enable_stats = { .type = BPF_STATS_RUN_TIME });
	case BPF_ITER_CREATE:
		return BPF(BPF_ITER_CREATE,
			   .iter_create = { .link_fd = bpf_link__fd(self->iter) });
	default:
		return -EINVAL;
	}
}

static const int kinds[] = {
	BPF_MAP_GET_NEXT_ID, BPF_PROG_GET_NEXT_ID, BPF_BTF_GET_NEXT_ID, BPF_LINK_GET_NEXT_ID,
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/* Whether runs of programs are counted. */
static int counting(FIXTURE_DATA(fds) *self)
{
	char packet[64] = {};
	struct bpf_prog_info before = {}, after = {};
	unsigned int len = sizeof(before);
	union bpf_attr attr = { .test = { .prog_fd = self->prog, .data_in = PTR(packet),
					  .data_size_in = sizeof(packet) } };

	if (info_get(self->prog, &before, &len) || bpf(BPF_PROG_TEST_RUN, &attr) ||
	    info_get(self->prog, &after, &len))
		return -1;
	return before.run_cnt != after.run_cnt;
}

TEST_F(fds, none_to_be_had)
{
	struct ids ids = { id_of(self->map, offsetof(struct bpf_map_info, id)),
			   id_of(self->prog, offsetof(struct bpf_prog_info, id)),
			   id_of(self->btf, offsetof(struct bpf_btf_info, id)) };
	int before[KINDS], ret = 0, fd, i, k;
	struct rlimit old;

	ASSERT_LT(0, ids.map);
	ASSERT_LT(0, ids.prog);
	ASSERT_LT(0, ids.btf);
	for (k = 0; k < KINDS; k++)
		before[k] = ids_count(kinds[k]);
	fds_use_up(&old);
	for (i = 0; i < 20; i++) {
		ret = call(self, &ids, variant->cmd);
		if (ret != -EMFILE)
			break;
	}
	fds_free(&old);
	EXPECT_EQ(-EMFILE, ret);
	for (k = 0; k < KINDS; k++)
		EXPECT_GE(before[k], ids_settle(kinds[k], before[k])) TH_LOG("kind %d", k);
	EXPECT_EQ(0, counting(self));

	fd = call(self, &ids, variant->cmd);
	EXPECT_LE(0, fd) TH_LOG("%d", fd);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	EXPECT_EQ(variant->cmd == BPF_ENABLE_STATS, counting(self));
	close(fd);
	for (k = 0; k < KINDS; k++)
		EXPECT_GE(before[k], ids_settle(kinds[k], before[k])) TH_LOG("kind %d", k);
	EXPECT_EQ(0, counting(self));
}

TEST_HARNESS_MAIN
