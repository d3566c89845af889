// SPDX-License-Identifier: GPL-2.0
/* Programs for reuseport.c. */
#include "net/net.bpf.h"
#include "reuseport.h"

struct {
	__uint(type, BPF_MAP_TYPE_REUSEPORT_SOCKARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} socks SEC(".maps");

struct globals g;

static __always_inline int select_slot(struct sk_reuseport_md *md, __u32 slot)
{
	int err = bpf_sk_select_reuseport(md, &socks, &slot, 0);

	count(AT_RESULT, -err);
	return SK_PASS;
}

SEC("sk_reuseport")
int choose_udp(struct sk_reuseport_md *md)
{
	struct udphdr *udp = md->data;
	__u8 byte, at_net;

	g.hash = md->hash;
	g.bind_inany = md->bind_inany;
	g.len = md->len;
	g.cookie = bpf_get_socket_cookie(md->sk);
	g.src_port = md->sk->src_port;
	count(AT_RUN, 0);
	if (md->ip_protocol != IPPROTO_UDP || md->eth_protocol != bpf_htons(ETH_P_IP))
		count(AT_WRONG, 1);
	if ((void *)(udp + 1) > md->data_end || udp->dest != bpf_htons(md->sk->src_port))
		count(AT_WRONG, 2);
	/* The data begins with the transport's header; the network's is in front of it. */
	if (bpf_skb_load_bytes(md, sizeof(*udp), &byte, 1))
		count(AT_WRONG, 3);
	if (bpf_skb_load_bytes_relative(md, 0, &at_net, 1, BPF_HDR_START_NET) || at_net != 0x45)
		count(AT_WRONG, 4);
	if (bpf_skb_load_bytes(md, md->len, &at_net, 1) != -14 || at_net)
		count(AT_WRONG, 5);
	switch (byte) {
	case BYTE_DROP:
		return SK_DROP;
	case BYTE_HASH:
		return SK_PASS;
	}
	return select_slot(md, byte);
}

SEC("sk_reuseport")
int choose_tcp(struct sk_reuseport_md *md)
{
	count(AT_RUN, 0);
	if (md->ip_protocol != IPPROTO_TCP)
		count(AT_WRONG, 1);
	return select_slot(md, g.slot);
}

SEC("sk_reuseport/migrate")
int choose_migrate(struct sk_reuseport_md *md)
{
	count(AT_RUN, 0);
	if (md->migrating_sk)
		count(AT_MIGRATE, md->migrating_sk->state);
	return select_slot(md, g.slot);
}

/* Only programs that are loaded to migrate may look at what does. */
SEC("?sk_reuseport")
int bad_migrating(struct sk_reuseport_md *md)
{
	return md->migrating_sk ? SK_PASS : SK_DROP;
}

SEC("?sk_reuseport")
int bad_write(struct sk_reuseport_md *md)
{
	md->hash = 1;
	return SK_PASS;
}

/* A socket filter in a group answers with the number of a socket; its data is the payload. */
unsigned long long load_byte(void *skb, unsigned long long off) asm("llvm.bpf.load.byte");

SEC("socket")
int choose_filter(struct __sk_buff *skb)
{
	return load_byte(skb, 0);
}

SEC("xdp")
int not_for_sockets(struct xdp_md *ctx)
{
	return XDP_PASS;
}
