// SPDX-License-Identifier: GPL-2.0
/* A program that the kernel relocates while it is loaded reads the kernel it runs in. */
#include <errno.h>
#include <bpf/bpf.h>
#include <bpf/btf.h>

#include "kselftest_harness.h"
#include "relo.lskel.h"

TEST(light_skeleton)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct btf *vmlinux = btf__load_vmlinux_btf();
	struct relo_bpf *skel = relo_bpf__open_and_load();
	int id;

	ASSERT_NE(vmlinux, NULL);
	ASSERT_NE(skel, NULL);
	id = btf__find_by_name_kind(vmlinux, "task_struct", BTF_KIND_STRUCT);
	ASSERT_EQ(bpf_prog_test_run_opts(skel->progs.relocated.prog_fd, &opts), 0);
	EXPECT_EQ(skel->bss->tgid, getpid());
	EXPECT_EQ(skel->bss->exists, 1);
	EXPECT_EQ(skel->bss->task_size, (int)btf__type_by_id(vmlinux, id)->size);
	relo_bpf__destroy(skel);
	btf__free(vmlinux);
}

TEST_HARNESS_MAIN
