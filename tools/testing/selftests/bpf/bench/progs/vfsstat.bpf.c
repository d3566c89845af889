// SPDX-License-Identifier: GPL-2.0
/* Reads and writes by file and process: kprobes, CO-RE, names through dentries, latencies. */
#include "trace.h"

enum { DID_READ, DID_WRITE, DIDS };

struct who {
	__u64 inode;
	__u32 dev, pid;
};

struct io_stat {
	__u64 reads, read_bytes, writes, write_bytes;
	__u32 pid;
	char comm[16];
	char name[32];
	char type;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10240);
	__type(key, struct who);
	__type(value, struct io_stat);
} stats SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_HASH);
	__uint(max_entries, 10240);
	__type(key, __u64);
	__type(value, __u64);
} starts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, DIDS);
	__type(key, __u32);
	__type(value, struct hist);
} hists SEC(".maps");

static struct io_stat zero_stat;

static __fast int account(struct file *file, size_t count, int op)
{
	__u16 mode = BPF_CORE_READ(file, f_inode, i_mode);
	__u64 id = bpf_get_current_pid_tgid(), now;
	struct dentry *dentry;
	struct who who = {};
	struct io_stat *s;

	now = bpf_ktime_get_ns();
	bpf_map_update_elem(&starts, &id, &now, BPF_ANY);
	who.pid = id >> 32;
	who.inode = BPF_CORE_READ(file, f_inode, i_ino);
	who.dev = BPF_CORE_READ(file, f_inode, i_sb, s_dev);
	s = bpf_map_lookup_elem(&stats, &who);
	if (!s) {
		bpf_map_update_elem(&stats, &who, &zero_stat, BPF_ANY);
		s = bpf_map_lookup_elem(&stats, &who);
		if (!s)
			return 0;
		s->pid = id >> 32;
		bpf_get_current_comm(s->comm, sizeof(s->comm));
		dentry = BPF_CORE_READ(file, f_path.dentry);
		bpf_probe_read_kernel_str(s->name, sizeof(s->name),
					  BPF_CORE_READ(dentry, d_name.name));
		if ((mode & 0170000) == 0100000)
			s->type = 'R';
		else if ((mode & 0170000) == 0140000)
			s->type = 'S';
		else
			s->type = 'O';
	}
	if (op == DID_READ) {
		s->reads++;
		s->read_bytes += count;
	} else {
		s->writes++;
		s->write_bytes += count;
	}
	return 0;
}

static __fast int finish(__u32 op)
{
	__u64 id = bpf_get_current_pid_tgid();
	__u64 *start = bpf_map_lookup_elem(&starts, &id), took;
	struct hist *h;

	if (!start)
		return 0;
	took = bpf_ktime_get_ns() - *start;
	bpf_map_delete_elem(&starts, &id);
	h = bpf_map_lookup_elem(&hists, &op);
	if (h)
		hist_add(h, took / 1000);
	return 0;
}

SEC("kprobe/vfs_read")
int BPF_KPROBE(read_in, struct file *file, char *buf, size_t count, loff_t *pos)
{
	return account(file, count, DID_READ);
}

SEC("kretprobe/vfs_read")
int BPF_KRETPROBE(read_out, ssize_t ret)
{
	return ret < 0 ? 0 : finish(DID_READ);
}

SEC("kprobe/vfs_write")
int BPF_KPROBE(write_in, struct file *file, const char *buf, size_t count, loff_t *pos)
{
	return account(file, count, DID_WRITE);
}

SEC("kretprobe/vfs_write")
int BPF_KRETPROBE(write_out, ssize_t ret)
{
	return ret < 0 ? 0 : finish(DID_WRITE);
}

char _license[] SEC("license") = "GPL";
