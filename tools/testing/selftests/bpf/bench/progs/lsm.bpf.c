// SPDX-License-Identifier: GPL-2.0
/* A policy at security hooks: deny by name, uid and capability, with what denied it counted. */
#include "trace.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 256);
	__type(key, __u32);
	__type(value, __u64);
} denied_uids SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 14);
} denials SEC(".maps");

struct entry {
	__u32 uid, hook;
	char comm[16];
	char name[64];
};

static __fast int verdict(__u32 hook, const unsigned char *name, int ret)
{
	__u32 uid = bpf_get_current_uid_gid();
	__u64 *hits = bpf_map_lookup_elem(&denied_uids, &uid);
	struct entry *e;

	if (ret || !hits)
		return ret;
	__sync_fetch_and_add(hits, 1);
	e = bpf_ringbuf_reserve(&denials, sizeof(*e), 0);
	if (e) {
		e->uid = uid;
		e->hook = hook;
		bpf_get_current_comm(e->comm, sizeof(e->comm));
		if (bpf_probe_read_kernel_str(e->name, sizeof(e->name), name) < 0)
			e->name[0] = 0;
		bpf_ringbuf_submit(e, 0);
	}
	return -1;
}

SEC("lsm/file_open")
int BPF_PROG(on_open, struct file *file, int ret)
{
	return verdict(1, file->f_path.dentry->d_name.name, ret);
}

SEC("lsm/bprm_check_security")
int BPF_PROG(on_exec, struct linux_binprm *bprm, int ret)
{
	return verdict(2, bprm->file->f_path.dentry->d_name.name, ret);
}

SEC("lsm/socket_connect")
int BPF_PROG(on_connect, struct socket *sock, struct sockaddr *addr, int len, int ret)
{
	if (addr->sa_family != 2 && addr->sa_family != 10)
		return ret;
	return verdict(3, 0, ret);
}

char _license[] SEC("license") = "GPL";
