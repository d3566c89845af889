// SPDX-License-Identifier: GPL-2.0
/*
 * Sections that libbpf does not know, a function of another program, maps that want
 * a name, or something of the network stack when they are freed.
 */
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(pinning, LIBBPF_PIN_BY_NAME);
	__uint(max_entries, 1);
	__type(key, int);
	__type(value, int);
} marks SEC(".maps");

SEC("classifier/mark")
int mark(struct __sk_buff *skb)
{
	int zero = 0, *mark = bpf_map_lookup_elem(&marks, &zero);

	skb->mark = mark ? *mark : 7; /* § */
	return 0;
}

SEC("action")
int act(struct __sk_buff *skb)
{
	return 2;
}

SEC("unheard-of")
int unheard(struct xdp_md *ctx)
{
	return XDP_PASS;
}

SEC("freplace/count")
int replaced(struct xdp_md *ctx)
{
	return XDP_DROP;
}

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 4);
	__type(key, int);
	__type(value, long);
} sockets SEC(".maps");

SEC("sk_reuseport")
int choose(struct sk_reuseport_md *md)
{
	int key = md->hash & 3;

	return bpf_sk_select_reuseport(md, &sockets, &key, 0) ? SK_DROP : SK_PASS;
}

char _license[] SEC("license") = "GPL";
