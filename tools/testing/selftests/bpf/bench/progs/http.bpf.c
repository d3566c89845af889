// SPDX-License-Identifier: GPL-2.0
/* HTTP requests seen by a socket filter: the method, the path's hash, and the Host line. */
#include "net.h"

#define MAX_SCAN 256

enum { M_NONE, M_GET, M_PUT, M_POST, M_HEAD, M_DELETE, M_PATCH, M_OPTIONS, M_REPLY, M_COUNT };

struct request {
	__u32 method;
	__u32 path;
	__u8 host[32];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, M_COUNT);
	__type(key, __u32);
	__type(value, __u64);
} methods SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 16);
} requests SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[MAX_SCAN]);
} buffers SEC(".maps");

static __fast int method_of(const __u8 *p)
{
	if (p[0] == 'G' && p[1] == 'E' && p[2] == 'T' && p[3] == ' ')
		return M_GET;
	if (p[0] == 'P' && p[1] == 'U' && p[2] == 'T' && p[3] == ' ')
		return M_PUT;
	if (p[0] == 'P' && p[1] == 'O' && p[2] == 'S' && p[3] == 'T' && p[4] == ' ')
		return M_POST;
	if (p[0] == 'H' && p[1] == 'E' && p[2] == 'A' && p[3] == 'D' && p[4] == ' ')
		return M_HEAD;
	if (p[0] == 'H' && p[1] == 'T' && p[2] == 'T' && p[3] == 'P' && p[4] == '/')
		return M_REPLY;
	if (!__builtin_memcmp(p, "DELETE ", 7))
		return M_DELETE;
	if (!__builtin_memcmp(p, "PATCH ", 6))
		return M_PATCH;
	if (!__builtin_memcmp(p, "OPTIONS", 7))
		return M_OPTIONS;
	return M_NONE;
}

static __fast int payload(struct __sk_buff *skb, __u32 *len)
{
	__u32 off = ETH_HLEN;
	__u16 proto, total;
	__u8 b, ip_len;

	if (bpf_skb_load_bytes(skb, 12, &proto, 2) || proto != bpf_htons(ETH_P_IP))
		return -1;
	if (bpf_skb_load_bytes(skb, off, &b, 1) || b >> 4 != 4)
		return -1;
	ip_len = (b & 15) * 4;
	if (bpf_skb_load_bytes(skb, off + 9, &b, 1) || b != PROTO_TCP)
		return -1;
	if (bpf_skb_load_bytes(skb, off + 2, &total, 2))
		return -1;
	off += ip_len;
	if (bpf_skb_load_bytes(skb, off + 12, &b, 1))
		return -1;
	off += (b >> 4) * 4;
	if (bpf_ntohs(total) + ETH_HLEN <= off)
		return -1;
	*len = bpf_ntohs(total) + ETH_HLEN - off;
	return off;
}

SEC("socket")
int http(struct __sk_buff *skb)
{
	__u32 zero = 0, len = 0, method, hash = 0x811c9dc5, i, start = 0;
	struct request *r;
	__u64 *count;
	__u8 *buf;
	int off = payload(skb, &len);

	if (off < 0)
		return 0;
	buf = bpf_map_lookup_elem(&buffers, &zero);
	if (!buf)
		return 0;
	if (len > MAX_SCAN)
		len = MAX_SCAN;
	if (len < 8 || bpf_skb_load_bytes(skb, off, buf, len))
		return 0;
	method = method_of(buf);
	count = bpf_map_lookup_elem(&methods, &method);
	if (count)
		*count += 1;
	if (method == M_NONE || method == M_REPLY)
		return skb->len;
	r = bpf_ringbuf_reserve(&requests, sizeof(*r), 0);
	if (!r)
		return skb->len;
	r->method = method;
	for (i = 4; i < MAX_SCAN; i++) {
		if (i >= len || buf[i] == '\r' || buf[i] == '?')
			break;
		if (buf[i] == ' ') {
			if (start)
				break;
			start = i;
			continue;
		}
		hash = (hash ^ buf[i]) * 0x01000193;
	}
	r->path = hash;
	__builtin_memset(r->host, 0, sizeof(r->host));
	for (; i < MAX_SCAN - 48; i++) {
		if (i >= len)
			break;
		if (buf[i] == '\n' && (buf[i + 1] | 0x20) == 'h' && (buf[i + 2] | 0x20) == 'o' &&
		    (buf[i + 3] | 0x20) == 's' && (buf[i + 4] | 0x20) == 't' && buf[i + 5] == ':') {
			for (__u32 k = 0; k < sizeof(r->host) - 1; k++) {
				__u8 ch = buf[i + 7 + k];

				if (ch == '\r' || ch == '\n')
					break;
				r->host[k] = ch;
			}
			break;
		}
	}
	bpf_ringbuf_submit(r, 0);
	return skb->len;
}

char _license[] SEC("license") = "GPL";
