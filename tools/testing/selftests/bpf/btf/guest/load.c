// SPDX-License-Identifier: GPL-2.0
/* BPF_BTF_LOAD and its log, ids, info, /sys/kernel/btf. */
#include <bpf/btf.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "kselftest_harness.h"
#include "raw.h"

FIXTURE(btf)
{
	struct blob b;
	void *data;
	union bpf_attr attr;
	char log[1024];
};

FIXTURE_SETUP(btf)
{
	ADD_INT(&self->b);
	ADD(&self->b, 0, INFO(PTR, 0), 1);
	self->data = blob_pack(&self->b, &self->attr.btf_size);
	self->attr.btf = (unsigned long)self->data;
}

FIXTURE_TEARDOWN(btf)
{
	free(self->data);
}

static void with_log(FIXTURE_DATA(btf) *self, __u32 level)
{
	self->attr.btf_log_buf = (unsigned long)self->log;
	self->attr.btf_log_size = sizeof(self->log);
	self->attr.btf_log_level = level;
}

TEST_F(btf, errno_contract)
{
	union bpf_attr attr = self->attr;
	int fd = sys_bpf(BPF_BTF_LOAD, &attr);

	ASSERT_GE(fd, 0);
	ASSERT_TRUE(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	attr.btf_size = (16 << 20) + 1;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -E2BIG);
	attr.btf_size = 0;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EINVAL);
	attr = self->attr;
	attr.btf = 8;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EFAULT);
	attr = self->attr;
	attr.btf_flags = 1;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EINVAL);
	attr = self->attr;
	attr.btf_log_level = 64;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EINVAL);
	/* a buffer without a level, a size without a buffer */
	attr.btf_log_level = 0;
	attr.btf_log_buf = (unsigned long)self->log;
	attr.btf_log_size = sizeof(self->log);
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EINVAL);
	attr.btf_log_level = 1;
	attr.btf_log_buf = 0;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EINVAL);
}

TEST_F(btf, log)
{
	int fd;

	with_log(self, 2);
	fd = sys_bpf(BPF_BTF_LOAD, &self->attr);
	ASSERT_GE(fd, 0);
	close(fd);
	ASSERT_NE(strstr(self->log, "[1] INT int size=4"), NULL);
	ASSERT_EQ(self->attr.btf_log_true_size, strlen(self->log) + 1);

	((struct btf_type *)(self->data + sizeof(struct btf_header)))->size = 1;
	with_log(self, 1);
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &self->attr), -EINVAL);
	ASSERT_STREQ(self->log, "[1] INT int size=1 nr_bits exceeds type_size\n");
	/* only the size is asked for */
	self->attr.btf_log_buf = 0;
	self->attr.btf_log_size = 0;
	self->attr.btf_log_true_size = 0;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &self->attr), -EINVAL);
	ASSERT_EQ(self->attr.btf_log_true_size, strlen(self->log) + 1);
	/* no room for it */
	with_log(self, 1);
	self->attr.btf_log_size = 8;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &self->attr), -EINVAL);
}

TEST_F(btf, ids_and_info)
{
	struct bpf_btf_info info = {}, again = {};
	union bpf_attr attr = {};
	char back[256], name[8] = "x";
	__u32 id = 0;
	int fd, fd2, seen = 0;

	fd = sys_bpf(BPF_BTF_LOAD, &self->attr);
	ASSERT_GE(fd, 0);
	info.btf = (unsigned long)back;
	info.btf_size = sizeof(back);
	info.name = (unsigned long)name;
	info.name_len = sizeof(name);
	ASSERT_EQ(btf_info(fd, &info), 0);
	ASSERT_EQ(info.btf_size, self->attr.btf_size);
	ASSERT_EQ(memcmp(back, self->data, info.btf_size), 0);
	ASSERT_EQ(info.kernel_btf, 0);
	ASSERT_EQ(info.name_len, 0);
	ASSERT_EQ(name[0], 0);
	/* less room: as much as fits, and the whole size */
	memset(back, 0x5a, sizeof(back));
	again.btf = (unsigned long)back;
	again.btf_size = 5;
	ASSERT_EQ(btf_info(fd, &again), 0);
	ASSERT_EQ(again.btf_size, self->attr.btf_size);
	ASSERT_EQ(back[5], 0x5a);
	again.name_len = 3;
	again.name = 0;
	ASSERT_EQ(btf_info(fd, &again), -EINVAL);

	while (attr.start_id = id, !sys_bpf(BPF_BTF_GET_NEXT_ID, &attr)) {
		ASSERT_GT(attr.next_id, id);
		id = attr.next_id;
		seen += id == info.id;
	}
	ASSERT_EQ(seen, 1);
	memset(&attr, 0, sizeof(attr));
	attr.btf_id = info.id;
	fd2 = sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr);
	ASSERT_GE(fd2, 0);
	close(fd);
	memset(&again, 0, sizeof(again));
	ASSERT_EQ(btf_info(fd2, &again), 0);
	ASSERT_EQ(again.id, info.id);
	close(fd2);
	ASSERT_EQ(sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr), -ENOENT);
	attr.btf_id = 0x7fffffff;
	ASSERT_EQ(sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr), -ENOENT);
}

TEST(vmlinux)
{
	struct bpf_btf_info info = {};
	union bpf_attr attr = {};
	void *file, *dump;
	char name[16];
	struct stat st;
	int fd, sys;

	sys = open("/sys/kernel/btf/vmlinux", O_RDONLY);
	ASSERT_GE(sys, 0);
	ASSERT_EQ(fstat(sys, &st), 0);
	ASSERT_GT(st.st_size, 100000);
	file = malloc(st.st_size);
	dump = malloc(st.st_size);
	for (off_t at = 0; at < st.st_size; ) {
		ssize_t n = pread(sys, file + at, st.st_size - at, at);

		ASSERT_GT(n, 0);
		at += n;
	}
	attr.btf_id = 1;
	fd = sys_bpf(BPF_BTF_GET_FD_BY_ID, &attr);
	ASSERT_GE(fd, 0);
	info.btf = (unsigned long)dump;
	info.btf_size = st.st_size;
	info.name = (unsigned long)name;
	info.name_len = sizeof(name);
	ASSERT_EQ(btf_info(fd, &info), 0);
	ASSERT_EQ(info.btf_size, st.st_size);
	ASSERT_EQ(memcmp(file, dump, st.st_size), 0);
	ASSERT_STREQ(name, "vmlinux");
	ASSERT_EQ(info.kernel_btf, 1);
	info.btf_size = 0;
	info.btf = 0;
	info.name_len = 4;
	ASSERT_EQ(btf_info(fd, &info), -ENOSPC);
	ASSERT_STREQ(name, "vml");
	/* what the build made, a user may load: all of it is checked then */
	memset(&attr, 0, sizeof(attr));
	attr.btf = (unsigned long)file;
	attr.btf_size = st.st_size;
	sys = sys_bpf(BPF_BTF_LOAD, &attr);
	ASSERT_GE(sys, 0);
	close(sys);
	close(fd);
	free(file);
	free(dump);
}

/* Programs are compiled against the kernel's types: those that only programs use are there, too. */
TEST(program_types)
{
	static const char *const names[] = {
		"__sk_buff", "xdp_md", "bpf_timer", "bpf_wq", "bpf_spin_lock", "bpf_dynptr",
		"bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node", "bpf_refcount",
		"bpf_raw_tracepoint_args", "bpf_perf_event_data", "bpf_fib_lookup",
		"bpf_tunnel_key", "bpf_sk_lookup", "bpf_redir_neigh", "bpf_pidns_info",
		"bpf_sock_addr", "bpf_sock_ops", "bpf_sockopt", "bpf_sysctl",
		"bpf_cgroup_dev_ctx", "bpf_lpm_trie_key", "sk_msg_md", "sk_reuseport_md",
		"bpf_iter_num", "bpf_sock", "bpf_sock_tuple", "bpf_tcp_sock", NULL
	};
	struct btf *btf = btf__load_vmlinux_btf();
	unsigned int i, missing = 0;

	ASSERT_NE(btf, NULL);
	for (i = 0; names[i]; i++) {
		if (btf__find_by_name_kind(btf, names[i], BTF_KIND_STRUCT) > 0)
			continue;
		printf("# no struct %s\n", names[i]);
		missing++;
	}
	EXPECT_EQ(missing, 0);
	btf__free(btf);
}

/* hazard_2022_0500: nothing is written behind the object's own memory while it is loaded. */
TEST(many_members)
{
	__u32 n = 65535, size, i, *t;
	union bpf_attr attr = {};
	struct btf_header *hdr;
	int fd;

	size = sizeof(*hdr) + 16 + 12 + n * 12 + 4;
	hdr = calloc(1, size);
	*hdr = (struct btf_header){ .magic = BTF_MAGIC, .version = BTF_VERSION,
		.hdr_len = sizeof(*hdr), .type_len = 28 + n * 12, .str_off = 28 + n * 12,
		.str_len = 4 };
	memcpy((char *)(hdr + 1) + hdr->str_off, "\0ab", 4);
	t = (__u32 *)(hdr + 1);
	*t++ = 1;
	*t++ = INFO(INT, 0);
	*t++ = 4;
	*t++ = 32;
	*t++ = 0;
	*t++ = INFO(STRUCT, 65535);
	*t++ = n * 4;
	for (i = 0; i < n; i++) {
		*t++ = 0;
		*t++ = 1;
		*t++ = i * 32;
	}
	attr.btf = (unsigned long)hdr;
	attr.btf_size = size;
	fd = sys_bpf(BPF_BTF_LOAD, &attr);
	ASSERT_GE(fd, 0);
	close(fd);
	/* the last member behind the end */
	t[-1] += 32;
	ASSERT_EQ(sys_bpf(BPF_BTF_LOAD, &attr), -EINVAL);
	free(hdr);
}

TEST_HARNESS_MAIN
