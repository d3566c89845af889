/* SPDX-License-Identifier: GPL-2.0 */
/* What packet programs share: protocol numbers, headers that the uapi lacks, cursor helpers. */
#ifndef BENCH_NET_H
#define BENCH_NET_H

#include <stddef.h>
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_endian.h>

/* Protocol numbers as plain constants. */
#define PROTO_HOPOPTS	0
#define PROTO_ICMP	1
#define PROTO_IPIP	4
#define PROTO_TCP	6
#define PROTO_UDP	17
#define PROTO_IPV6	41
#define PROTO_ROUTING	43
#define PROTO_FRAGMENT	44
#define PROTO_GRE	47
#define PROTO_AH	51
#define PROTO_ICMPV6	58
#define PROTO_NONE	59
#define PROTO_DSTOPTS	60

#define TC_OK		0
#define TC_SHOT		2
#define TC_UNSPEC	(-1)

#define IP_OFFSET_MASK	0x1fff
#define IP_MORE		0x2000

#define __fast		inline __attribute__((always_inline))
#define __sub		__attribute__((noinline))

struct vlan_tag {
	__be16 tci;
	__be16 proto;
};

struct gre_head {
	__be16 flags;
	__be16 proto;
};

struct vxlan_head {
	__be32 flags;
	__be32 vni;
};

struct icmp_head {
	__u8 type;
	__u8 code;
	__u16 checksum;
	__be32 rest;
};

struct opt_head {
	__u8 next;
	__u8 len;
};

/*
 * Keeps the compiler from knowing where V came from: bounds stay on the register that was
 * checked.
 */
#define hide(v)		asm volatile("" : "+r"(v))

/* A position in a packet and its end. */
struct cursor {
	void *pos;
	void *end;
};

static __fast struct cursor xdp_cursor(struct xdp_md *ctx)
{
	return (struct cursor){ (void *)(long)ctx->data, (void *)(long)ctx->data_end };
}

static __fast struct cursor skb_cursor(struct __sk_buff *skb)
{
	return (struct cursor){ (void *)(long)skb->data, (void *)(long)skb->data_end };
}

/* The next SIZE bytes, or NULL where the packet is shorter. */
static __fast void *take(struct cursor *c, __u32 size)
{
	void *p = c->pos;

	hide(p);
	if (p + size > c->end)
		return 0;
	c->pos = p + size;
	return p;
}

/*
 * Steps over what a header of WORDS has beyond its first 20 bytes. Returns 0, or -1 if it is bad.
 */
static __fast int skip_options(struct cursor *c, __u32 words)
{
	__u32 len = words * 4;

	hide(len);
	if (len < 20)
		return -1;
	len -= 20;
	return take(c, len) ? 0 : -1;
}

static __fast __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static __fast __u32 rol32(__u32 v, int by)
{
	return (v << by) | (v >> (32 - by));
}

static __fast __u64 rol64(__u64 v, int by)
{
	return (v << by) | (v >> (64 - by));
}

/* A finaliser that mixes three words: for tables, not for secrets. */
static __fast __u32 mix3(__u32 a, __u32 b, __u32 c)
{
	a ^= rol32(b * 0x9e3779b1, 13);
	a *= 0x85ebca6b;
	a ^= rol32(c * 0xc2b2ae35, 17);
	a *= 0x27d4eb2f;
	a ^= a >> 15;
	return a;
}

#endif
