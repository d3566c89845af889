/* SPDX-License-Identifier: GPL-2.0 */
/* Packets that the programs are run on, put together at start. */
#ifndef BENCH_PACKETS_H
#define BENCH_PACKETS_H

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/ipv6.h>
#include <linux/tcp.h>
#include <linux/udp.h>

struct packet {
	unsigned int len;
	unsigned char data[512];
};

static inline uint16_t sum16(const void *data, unsigned int len, uint32_t sum)
{
	const unsigned char *p = data;
	unsigned int i;

	for (i = 0; i + 1 < len; i += 2)
		sum += p[i] << 8 | p[i + 1];
	if (i < len)
		sum += p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return htons(~sum & 0xffff);
}

static inline void *put(struct packet *p, const void *data, unsigned int len)
{
	void *at = p->data + p->len;

	if (p->len + len > sizeof(p->data))
		abort();
	if (data)
		memcpy(at, data, len);
	else
		memset(at, 0, len);
	p->len += len;
	return at;
}

static inline void put_ether(struct packet *p, uint16_t proto)
{
	static const unsigned char macs[12] = { 2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2 };
	uint16_t be = htons(proto);

	put(p, macs, 12);
	put(p, &be, 2);
}

/* An IPv4 header for PAYLOAD bytes of PROTO, from 10.0.0.2 to 10.0.0.1. */
static inline void put_ipv4(struct packet *p, uint8_t proto, unsigned int payload)
{
	struct iphdr *ip = put(p, NULL, sizeof(*ip));

	ip->version = 4;
	ip->ihl = 5;
	ip->ttl = 64;
	ip->protocol = proto;
	ip->tot_len = htons(sizeof(*ip) + payload);
	ip->saddr = htonl(0x0a000002);
	ip->daddr = htonl(0x0a000001);
	ip->check = sum16(ip, sizeof(*ip), 0);
}

static inline void put_tcp(struct packet *p, uint16_t port, int syn, const void *body,
			   unsigned int len)
{
	struct tcphdr *tcp = put(p, NULL, sizeof(*tcp));

	tcp->source = htons(40000);
	tcp->dest = htons(port);
	tcp->seq = htonl(0x12345678);
	tcp->ack_seq = htonl(syn ? 0 : 0x9abcdef0);
	tcp->doff = syn ? 10 : 5;
	tcp->syn = syn;
	tcp->ack = !syn;
	tcp->window = htons(64240);
	if (syn) {
		static const unsigned char options[20] = {
			2, 4, 5, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 0, 0, 0, 0, 1, 3, 3, 7,
		};

		put(p, options, sizeof(options));
	}
	put(p, body, len);
}

static inline void put_udp(struct packet *p, uint16_t port, const void *body, unsigned int len)
{
	struct udphdr *udp = put(p, NULL, sizeof(*udp));
	uint32_t pseudo = 0x0a00 + 2 + 0x0a00 + 1 + 17 + sizeof(*udp) + len;

	udp->source = htons(40000);
	udp->dest = htons(port);
	udp->len = htons(sizeof(*udp) + len);
	put(p, body, len);
	udp->check = sum16(udp, sizeof(*udp) + len, pseudo);
}

static const char http_text[] =
	"GET /index.html HTTP/1.1\r\nHost: www.example.org\r\nUser-Agent: bench/1.0\r\n"
	"Accept: */*\r\nContent-Length: 4096\r\n\r\n";

static inline struct packet make_http(void)
{
	struct packet p = {};

	put_ether(&p, ETH_P_IP);
	put_ipv4(&p, IPPROTO_TCP, sizeof(struct tcphdr) + sizeof(http_text) - 1);
	put_tcp(&p, 80, 0, http_text, sizeof(http_text) - 1);
	return p;
}

static inline struct packet make_syn(void)
{
	struct packet p = {};

	put_ether(&p, ETH_P_IP);
	put_ipv4(&p, IPPROTO_TCP, sizeof(struct tcphdr) + 20);
	put_tcp(&p, 443, 1, NULL, 0);
	return p;
}

static inline struct packet make_dns(void)
{
	static const unsigned char query[] = {
		0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0,
		3, 'W', 'w', 'w', 7, 'e', 'x', 'a', 'm', 'p', 'l', 'e', 3, 'o', 'r', 'g', 0,
		0, 1, 0, 1,
	};
	struct packet p = {};

	put_ether(&p, ETH_P_IP);
	put_ipv4(&p, IPPROTO_UDP, sizeof(struct udphdr) + sizeof(query));
	put_udp(&p, 53, query, sizeof(query));
	return p;
}

/* QinQ, IPv6 with two extension headers, then TCP. */
static inline struct packet make_deep(void)
{
	static const unsigned char tags[] = { 0, 10, 0x81, 0, 0, 20, 0x86, 0xdd };
	static const unsigned char ext[] = { 60, 0, 1, 4, 0, 0, 0, 0, 6, 1, 1, 12, 0, 0, 0, 0,
					     0, 0, 0, 0, 0, 0, 0, 0 };
	struct packet p = {};
	struct ipv6hdr *ip;

	put_ether(&p, ETH_P_8021AD);
	put(&p, tags, sizeof(tags));
	ip = put(&p, NULL, sizeof(*ip));
	ip->version = 6;
	ip->nexthdr = 0;
	ip->hop_limit = 64;
	ip->payload_len = htons(sizeof(ext) + sizeof(struct tcphdr) + 8);
	inet_pton(AF_INET6, "fd00::2", &ip->saddr);
	inet_pton(AF_INET6, "fd00::1", &ip->daddr);
	put(&p, ext, sizeof(ext));
	put_tcp(&p, 443, 0, "payload.", 8);
	return p;
}

/* VXLAN around an IPv4 packet. */
static inline struct packet make_vxlan(void)
{
	static const unsigned char vx[8] = { 8, 0, 0, 0, 0, 0, 42, 0 };
	struct packet in = make_http(), p = {};
	struct udphdr *udp;

	put_ether(&p, ETH_P_IP);
	put_ipv4(&p, IPPROTO_UDP, sizeof(*udp) + sizeof(vx) + in.len);
	udp = put(&p, NULL, sizeof(*udp));
	udp->source = htons(50000);
	udp->dest = htons(4789);
	udp->len = htons(sizeof(*udp) + sizeof(vx) + in.len);
	put(&p, vx, sizeof(vx));
	put(&p, in.data, in.len);
	return p;
}

#endif
