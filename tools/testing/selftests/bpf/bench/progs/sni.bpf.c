// SPDX-License-Identifier: GPL-2.0
/* The server's name out of a TLS client hello, in tc; connections to listed names are cut. */
#include "net.h"

#define MAX_EXTENSIONS	32
#define NAME_LEN	64

struct name {
	char text[NAME_LEN];
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, struct name);
	__type(value, __u32);
} denied SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, struct name);
	__type(value, __u64);
} seen SEC(".maps");

static __fast int get8(struct __sk_buff *skb, __u32 off)
{
	__u8 v;

	return bpf_skb_load_bytes(skb, off, &v, 1) ? -1 : v;
}

static __fast int get16(struct __sk_buff *skb, __u32 off)
{
	__be16 v;

	return bpf_skb_load_bytes(skb, off, &v, 2) ? -1 : bpf_ntohs(v);
}

/* Offset of the TCP payload, or 0. */
static __sub __u32 tcp_payload(struct __sk_buff *skb)
{
	struct iphdr ip;
	int doff;
	__u32 off = ETH_HLEN;

	if (get16(skb, 12) != ETH_P_IP || bpf_skb_load_bytes(skb, off, &ip, sizeof(ip)))
		return 0;
	if (ip.protocol != PROTO_TCP || ip.ihl < 5)
		return 0;
	off += ip.ihl * 4;
	doff = get8(skb, off + 12);
	if (doff < 0)
		return 0;
	return off + (doff >> 4) * 4;
}

/* Offset of the list of extensions, or 0. */
static __sub __u32 extensions(struct __sk_buff *skb, __u32 off)
{
	int n;

	if (get8(skb, off) != 22 || get8(skb, off + 5) != 1)
		return 0;
	off += 9 + 2 + 32;
	n = get8(skb, off);
	if (n < 0 || n > 32)
		return 0;
	off += 1 + n;
	n = get16(skb, off);
	if (n < 0)
		return 0;
	off += 2 + n;
	n = get8(skb, off);
	if (n < 0)
		return 0;
	return off + 1 + n;
}

SEC("tc")
int sni(struct __sk_buff *skb)
{
	struct name name = {};
	__u32 off, end, *deny;
	__u64 now, *count, one = 1;
	int total;

	off = tcp_payload(skb);
	if (!off)
		return TC_OK;
	off = extensions(skb, off);
	if (!off)
		return TC_OK;
	total = get16(skb, off);
	if (total < 0)
		return TC_OK;
	off += 2;
	end = off + total;
	for (int i = 0; i < MAX_EXTENSIONS; i++) {
		int type, len;

		if (off + 4 > end)
			return TC_OK;
		type = get16(skb, off);
		len = get16(skb, off + 2);
		if (type < 0 || len < 0)
			return TC_OK;
		if (type == 0) {
			len = get16(skb, off + 7);
			if (len <= 0)
				return TC_OK;
			if (len > NAME_LEN - 1)
				len = NAME_LEN - 1;
			if (bpf_skb_load_bytes(skb, off + 9, name.text, len))
				return TC_OK;
			break;
		}
		off += 4 + len;
	}
	if (!name.text[0])
		return TC_OK;
	deny = bpf_map_lookup_elem(&denied, &name);
	if (deny)
		return TC_SHOT;
	count = bpf_map_lookup_elem(&seen, &name);
	if (count)
		__sync_fetch_and_add(count, 1);
	else
		bpf_map_update_elem(&seen, &name, &one, BPF_ANY);
	now = bpf_ktime_get_boot_ns();
	skb->priority = now & 7;
	return TC_OK;
}

char _license[] SEC("license") = "GPL";
