// SPDX-License-Identifier: GPL-2.0
/* Whole paths from dentries, a name at a time from the end, into a buffer with a moving offset. */
#include "trace.h"

#define DEPTH	24
#define BUF	4096
#define NAME	256

struct path_buf {
	__u32 names;
	__u32 start;
	char text[BUF * 2];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct path_buf);
} bufs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 20);
} paths SEC(".maps");

SEC("kprobe/vfs_open")
int BPF_KPROBE(on_open, struct path *path)
{
	struct dentry *d = BPF_CORE_READ(path, dentry), *parent;
	__u32 zero = 0, at = BUF - 1, len;
	struct path_buf *b = bpf_map_lookup_elem(&bufs, &zero);
	long got;

	if (!b)
		return 0;
	b->names = 0;
	for (int i = 0; i < DEPTH; i++) {
		const unsigned char *name = BPF_CORE_READ(d, d_name.name);

		parent = BPF_CORE_READ(d, d_parent);
		if (parent == d)
			break;
		len = BPF_CORE_READ(d, d_name.len) & (NAME - 1);
		if (len + 1 > at)
			break;
		at -= len + 1;
		at &= BUF - 1;
		got = bpf_probe_read_kernel(&b->text[at + 1], len, name);
		if (got < 0)
			break;
		b->text[at] = '/';
		b->names++;
		d = parent;
	}
	b->start = at;
	len = BUF - at;
	if (len > BUF)
		return 0;
	bpf_ringbuf_output(&paths, &b->text[at & (BUF - 1)], len, 0);
	return 0;
}

char _license[] SEC("license") = "GPL";
