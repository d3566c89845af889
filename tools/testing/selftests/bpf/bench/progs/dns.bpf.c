// SPDX-License-Identifier: GPL-2.0
/* Names in DNS queries, label by label, looked up from the longest suffix in a list. */
#include "net.h"

#define MAX_NAME	128

struct dns_head {
	__be16 id, flags, questions, answers, authorities, more;
};

struct name_key {
	__u32 len;
	__u8 name[MAX_NAME];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct name_key);
} scratch SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 10000);
	__type(key, struct name_key);
	__type(value, __u32);
} names SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LPM_TRIE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__uint(max_entries, 10000);
	__type(key, struct name_key);
	__type(value, __u32);
} suffixes SEC(".maps");

/* Copies the name in lower case with dots. Returns its length, or -1. */
static __fast int read_name(struct cursor *c, struct name_key *key)
{
	__u32 left = 0, i;

	for (i = 0; i < MAX_NAME; i++) {
		__u8 *p = take(c, 1), ch;

		if (!p)
			return -1;
		ch = *p;
		if (!left) {
			if (!ch)
				return i;
			if (ch > 63)
				return -1;
			left = ch;
			key->name[i] = '.';
			continue;
		}
		if (ch >= 'A' && ch <= 'Z')
			ch += 'a' - 'A';
		key->name[i] = ch;
		left--;
	}
	return -1;
}

SEC("xdp")
int dns_filter(struct xdp_md *ctx)
{
	struct cursor c = xdp_cursor(ctx);
	struct ethhdr *eth = take(&c, sizeof(*eth));
	struct name_key *key;
	struct dns_head *dns;
	struct udphdr *udp;
	struct iphdr *ip;
	__u32 zero = 0, *act;
	int len;

	if (!eth || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
	ip = take(&c, sizeof(*ip));
	if (!ip || ip->protocol != PROTO_UDP || skip_options(&c, ip->ihl))
		return XDP_PASS;
	udp = take(&c, sizeof(*udp));
	if (!udp || udp->dest != bpf_htons(53))
		return XDP_PASS;
	dns = take(&c, sizeof(*dns));
	if (!dns || dns->flags & bpf_htons(0x8000) || dns->questions != bpf_htons(1))
		return XDP_DROP;
	key = bpf_map_lookup_elem(&scratch, &zero);
	if (!key)
		return XDP_PASS;
	__builtin_memset(key, 0, sizeof(*key));
	len = read_name(&c, key);
	if (len < 0 || !take(&c, 4))
		return XDP_DROP;
	key->len = len;
	act = bpf_map_lookup_elem(&names, key);
	if (act)
		return *act ? XDP_DROP : XDP_PASS;
	/* The trie wants the end of the name first. */
	for (__u32 i = 0; i < MAX_NAME / 2; i++) {
		__u32 j = len - 1 - i;
		__u8 t;

		if (i >= (__u32)len / 2 || j >= MAX_NAME)
			break;
		t = key->name[i];
		key->name[i] = key->name[j];
		key->name[j] = t;
	}
	key->len = len * 8;
	act = bpf_map_lookup_elem(&suffixes, key);
	return act && *act ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
