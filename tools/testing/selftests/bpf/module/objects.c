// SPDX-License-Identifier: GPL-2.0
/* Kernel objects made of programs, of a kind that a module registered. */
#include "kselftest_harness.h"
#include "module.h"

FIXTURE(objects) {
	struct bpf_object *obj;
};

FIXTURE_SETUP(objects)
{
	unload_module_soon();
	ASSERT_EQ(0, load_module());
	self->obj = open_object("objects");
	ASSERT_NE(NULL, self->obj);
	forget_said();
	ASSERT_EQ(0, bpf_object__load(self->obj)) TH_LOG("%s", vlog);
}

FIXTURE_TEARDOWN(objects)
{
	bpf_object__close(self->obj);
	EXPECT_EQ(0, unload_module_soon());
}

#define U64(name) (*(volatile __u64 *)var(self->obj, name))

static struct bpf_map *map_of(FIXTURE_DATA(objects) *self, const char *name)
{
	return bpf_object__find_map_by_name(self->obj, name);
}

TEST_F(objects, runs)
{
	struct bpf_link *link;

	EXPECT_EQ(-ENOENT, trigger("o0"));
	link = bpf_map__attach_struct_ops(map_of(self, "whole"));
	ASSERT_NE(NULL, link);
	EXPECT_EQ(44, trigger("o0"));
	EXPECT_EQ(1, U64("nr_plain"));
	EXPECT_EQ(-1, trigger("o1"));
	EXPECT_EQ(1, trigger("o2"));
	EXPECT_EQ(getpid(), U64("seen_pid"));
	EXPECT_EQ(10, trigger("o3"));
	EXPECT_EQ(77, trigger("o4"));
	EXPECT_EQ(77, U64("seen_number"));
	EXPECT_EQ(204, trigger("o5"));
	EXPECT_EQ(4242, trigger("o6"));
	/* the place is taken */
	EXPECT_EQ(NULL, bpf_map__attach_struct_ops(map_of(self, "whole")));
	EXPECT_EQ(EEXIST, errno);
	EXPECT_EQ(NULL, bpf_map__attach_struct_ops(map_of(self, "at_once")));
	EXPECT_EQ(EEXIST, errno);
	bpf_link__destroy(link);
	EXPECT_EQ(-ENOENT, trigger("o0"));
}

TEST_F(objects, without_link)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(map_of(self, "at_once"));

	ASSERT_NE(NULL, link);
	EXPECT_EQ(-1000, trigger("o0"));
	EXPECT_EQ(-ENOSYS, trigger("o1"));
	EXPECT_EQ(1, trigger("o6"));
	bpf_link__destroy(link);
	EXPECT_EQ(-ENOENT, trigger("o0"));
}

/* Its kind has no update. */
TEST_F(objects, no_update)
{
	struct bpf_link *link = bpf_map__attach_struct_ops(map_of(self, "whole"));

	ASSERT_NE(NULL, link);
	EXPECT_EQ(-EOPNOTSUPP, bpf_link__update_map(link, map_of(self, "whole")));
	bpf_link__destroy(link);
}

TEST_F(objects, info)
{
	struct bpf_map_info info = {};
	struct bpf_btf_info binfo = {};
	char name[32] = "";
	__u32 len = sizeof(info);
	int fd;

	ASSERT_EQ(0, bpf_map_get_info_by_fd(bpf_map__fd(map_of(self, "whole")), &info, &len));
	EXPECT_NE(0, info.btf_vmlinux_value_type_id);
	EXPECT_EQ(BPF_F_LINK | BPF_F_VTYPE_BTF_OBJ_FD, info.map_flags);
	fd = bpf_btf_get_fd_by_id(info.btf_vmlinux_id);
	ASSERT_LE(0, fd);
	binfo.name = (uintptr_t)name;
	binfo.name_len = sizeof(name);
	len = sizeof(binfo);
	ASSERT_EQ(0, bpf_btf_get_info_by_fd(fd, &binfo, &len));
	EXPECT_STREQ("kbpf_test", name);
	close(fd);
}

/* The map, then a link without the map, hold the module. */
TEST_F_TIMEOUT(objects, unload, 90)
{
	const char *pin = "/sys/fs/bpf/kbpf_test_ops";
	struct bpf_link *link = bpf_map__attach_struct_ops(map_of(self, "whole"));
	int fd;

	ASSERT_NE(NULL, link);
	unlink(pin);
	ASSERT_EQ(0, bpf_link__pin(link, pin));
	EXPECT_EQ(-EAGAIN, unload_module());
	bpf_link__destroy(link);
	bpf_object__close(self->obj);
	self->obj = NULL;
	usleep(300000);
	EXPECT_EQ(-EAGAIN, unload_module());
	EXPECT_EQ(44, trigger("o0"));
	fd = bpf_obj_get(pin);
	EXPECT_LE(0, fd);
	close(fd);
	unlink(pin);
	EXPECT_EQ(0, unload_module_soon());
	EXPECT_EQ(0, load_module());
	EXPECT_EQ(-ENOENT, trigger("o0"));
}

static const struct {
	const char *map;
	const char *prog;
	const char *text;
} verdicts[] = {
	{ "bad_nullable", "unchecked", "trusted_ptr_or_null_" },
	{ "bad_sleep", "sleeps_elsewhere", "attach to unsupported member plain" },
	{ "bad_closed", "closed", "attach to unsupported member closed" },
};

TEST(refused)
{
	struct bpf_object *obj;
	struct bpf_map *map;
	unsigned int i;

	unload_module_soon();
	ASSERT_EQ(0, load_module());
	for (i = 0; i < sizeof(verdicts) / sizeof(verdicts[0]); i++) {
		obj = open_object("objects_bad");
		ASSERT_NE(NULL, obj);
		only(obj, verdicts[i].prog);
		bpf_object__for_each_map(map, obj) {
			if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
				bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map),
								     verdicts[i].map));
		}
		forget_said();
		EXPECT_GT(0, bpf_object__load(obj)) TH_LOG("%s is accepted", verdicts[i].prog);
		EXPECT_NE(NULL, strstr(vlog, verdicts[i].text))
			TH_LOG("%s: no \"%s\" in %s", verdicts[i].prog, verdicts[i].text, vlog);
		bpf_object__close(obj);
	}
	/* a number that the kind does not take */
	obj = open_object("objects");
	bpf_object__for_each_map(map, obj) {
		if (bpf_map__type(map) == BPF_MAP_TYPE_STRUCT_OPS)
			bpf_map__set_autocreate(map, !strcmp(bpf_map__name(map), "optional"));
	}
	only(obj, "plain2");
	forget_said();
	ASSERT_EQ(0, bpf_object__load(obj)) TH_LOG("%s", vlog);
	EXPECT_EQ(NULL, bpf_map__attach_struct_ops(bpf_object__find_map_by_name(obj, "optional")));
	EXPECT_EQ(ERANGE, errno);
	bpf_object__close(obj);
	EXPECT_EQ(0, unload_module_soon());
}

TEST_HARNESS_MAIN
