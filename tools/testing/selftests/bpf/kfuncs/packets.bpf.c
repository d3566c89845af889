// SPDX-License-Identifier: GPL-2.0
/* Dynptrs of packets. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include "kfuncs.h"

char LICENSE[] SEC("license") = "GPL";

__s64 out[8];

/* Byte 20 moves to byte 0 of the payload, the last byte is overwritten. */
SEC("?tc")
int skb(struct __sk_buff *skb)
{
	struct bpf_dynptr p;
	__u8 buf[4] = {}, *s, mark = 0xee;
	__u32 size;

	out[0] = bpf_dynptr_from_skb(skb, 0, &p);
	size = bpf_dynptr_size(&p);
	out[1] = size;
	out[2] = bpf_dynptr_is_rdonly(&p);
	s = bpf_dynptr_slice(&p, 20, buf, sizeof(buf));
	if (!s)
		return 1;
	mark = s[0];
	out[3] = bpf_dynptr_write(&p, 14, &mark, 1, 0);
	s = bpf_dynptr_slice_rdwr(&p, 15, buf, sizeof(buf));
	if (!s)
		return 2;
	s[0] = 0xaa;
	if (s == buf)
		bpf_dynptr_write(&p, 15, buf, sizeof(buf), 0);
	mark = 0xee;
	bpf_dynptr_write(&p, size - 1, &mark, 1, 0);
	out[4] = bpf_dynptr_write(&p, size, &mark, 1, 0);
	out[5] = !bpf_dynptr_slice(&p, size - 3, buf, sizeof(buf));
	out[6] = !bpf_dynptr_data(&p, 0, 1);
	return 0;
}

SEC("?xdp")
int xdp(struct xdp_md *xdp)
{
	struct bpf_dynptr p;
	__u8 buf[4] = {}, *s, mark;
	__u32 size;

	out[0] = bpf_dynptr_from_xdp(xdp, 0, &p);
	size = bpf_dynptr_size(&p);
	out[1] = size;
	s = bpf_dynptr_slice(&p, 20, buf, sizeof(buf));
	if (!s)
		return 0;
	mark = s[0];
	out[3] = bpf_dynptr_write(&p, 14, &mark, 1, 0);
	s = bpf_dynptr_slice_rdwr(&p, 15, buf, sizeof(buf));
	if (!s)
		return 0;
	s[0] = 0xaa;
	mark = 0xee;
	bpf_dynptr_write(&p, size - 1, &mark, 1, 0);
	out[4] = bpf_dynptr_write(&p, size, &mark, 1, 0);
	out[5] = !bpf_dynptr_slice(&p, size - 3, buf, sizeof(buf));
	out[6] = !bpf_dynptr_data(&p, 0, 1);
	return 2;
}

/* Programs that must not write a packet get a dynptr that says so. */
SEC("?socket")
int readonly(struct __sk_buff *skb)
{
	struct bpf_dynptr p;
	__u8 buf[4] = {}, *s, mark = 1;

	out[0] = bpf_dynptr_from_skb(skb, 0, &p);
	out[1] = bpf_dynptr_size(&p);
	out[2] = bpf_dynptr_is_rdonly(&p);
	s = bpf_dynptr_slice(&p, 0, buf, sizeof(buf));
	out[3] = s ? s[0] : -1;
	out[4] = bpf_dynptr_write(&p, 0, &mark, 1, 0);
	return 0;
}

SEC("?tc")
int kern_skb(struct __sk_buff *skb)
{
	struct sk_buff *k = bpf_cast_to_kern_ctx(skb);

	out[0] = k->len;
	out[1] = skb->len;
	out[2] = k->dev ? k->dev->ifindex : -1;
	return 0;
}

SEC("?xdp")
int kern_xdp(struct xdp_md *xdp)
{
	struct xdp_buff *k = bpf_cast_to_kern_ctx(xdp);

	out[0] = k->data_end - k->data;
	return 2;
}
