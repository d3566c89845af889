/* SPDX-License-Identifier: GPL-2.0 */
/* Making packets writable for programs. */
#ifndef _NET_BPF_SKB_UTIL_H
#define _NET_BPF_SKB_UTIL_H

#include <linux/filter.h>
#include <linux/skbuff.h>

/**
 * skb_prog_writable - make the first bytes of a packet linear and private
 * @skb: the packet of a running program
 * @len: bytes from its data pointer
 *
 * Programs' data pointers are set anew, whatever the result: the head may have moved.
 * Context: any. Return: 0 or -ENOMEM (also where the packet is shorter).
 */
static inline int skb_prog_writable(struct sk_buff *skb, unsigned int len)
{
	int err = skb_ensure_writable(skb, len);

	bpf_compute_data_pointers(skb);
	return err;
}

/* The same for all linear bytes. */
static inline int skb_prog_unclone(struct sk_buff *skb)
{
	return skb_prog_writable(skb, skb_headlen(skb));
}

/*
 * Programs see the link-layer header in front of the data pointer. At ingress a complete checksum
 * begins behind it: these let it begin at the data pointer while a packet is changed, and back.
 */
static inline void skb_prog_csum_add_mac(struct sk_buff *skb)
{
	if (skb_at_tc_ingress(skb))
		skb_postpush_rcsum(skb, skb_mac_header(skb), skb->mac_len);
}

static inline void skb_prog_csum_sub_mac(struct sk_buff *skb)
{
	if (skb_at_tc_ingress(skb))
		skb_postpull_rcsum(skb, skb_mac_header(skb), skb->mac_len);
}

#endif /* _NET_BPF_SKB_UTIL_H */
