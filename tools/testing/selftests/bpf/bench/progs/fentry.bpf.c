// SPDX-License-Identifier: GPL-2.0
/* fentry and fexit: arguments followed through BTF pointers without probe reads, per-CPU sums. */
#include "trace.h"

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} sums SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u64);
	__type(value, struct hist);
} by_parent SEC(".maps");

static struct hist empty;

static __fast void add(__u32 slot, __u64 v)
{
	__u64 *sum = bpf_map_lookup_elem(&sums, &slot);

	if (sum)
		*sum += v;
}

SEC("fentry/vfs_read")
int BPF_PROG(read_in, struct file *file, char *buf, size_t count)
{
	add(0, count);
	add(1, file->f_inode->i_size);
	return 0;
}

SEC("fexit/vfs_read")
int BPF_PROG(read_out, struct file *file, char *buf, size_t count, loff_t *pos, ssize_t ret)
{
	__u64 ino = file->f_path.dentry->d_parent->d_inode->i_ino;
	struct hist *h;

	if (ret <= 0)
		return 0;
	h = bpf_map_lookup_elem(&by_parent, &ino);
	if (!h) {
		bpf_map_update_elem(&by_parent, &ino, &empty, BPF_NOEXIST);
		h = bpf_map_lookup_elem(&by_parent, &ino);
	}
	if (h)
		hist_add(h, ret);
	return 0;
}

SEC("fexit/do_unlinkat")
int BPF_PROG(unlink_out, int dfd, struct filename *name, long ret)
{
	add(2, ret == 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
