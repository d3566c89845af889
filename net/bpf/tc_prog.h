/* SPDX-License-Identifier: GPL-2.0 */
/* Programs of the tc classifier and action: from netlink, to netlink, and how they run. */
#ifndef _NET_BPF_TC_PROG_H
#define _NET_BPF_TC_PROG_H

#include <linux/filter.h>
#include <linux/skbuff.h>
#include <net/netlink.h>

#define TC_PROG_NAME_LEN 256

/* Numbers of the attributes, which classifier and action have each in its own order. */
struct tc_prog_attrs {
	u16 ops_len;
	u16 ops;
	u16 fd;
	u16 name;
	u16 tag;
	u16 id;
};

/**
 * struct tc_prog - a program as configured
 * @prog: the program
 * @ops: classic instructions it was made of, or NULL: it came by fd
 * @num_ops: how many
 * @name: name that the user gave it, or NULL
 */
struct tc_prog {
	struct bpf_prog *prog;
	struct sock_filter *ops;
	u16 num_ops;
	char *name;
};

int tc_prog_parse(struct tc_prog *p, struct nlattr **tb, const struct tc_prog_attrs *attrs,
		  enum bpf_prog_type type);
int tc_prog_dump(const struct tc_prog *p, struct sk_buff *skb, const struct tc_prog_attrs *attrs);
void tc_prog_free(struct tc_prog *p);

/* Runs a program over a packet at a tc hook; BH context. */
static inline int tc_prog_run(const struct bpf_prog *prog, struct sk_buff *skb)
{
	int ret;

	if (skb_at_tc_ingress(skb)) {
		/* Programs see the link-layer header in both directions. */
		__skb_push(skb, skb->mac_len);
		bpf_compute_data_pointers(skb);
		ret = bpf_prog_run(prog, skb);
		__skb_pull(skb, skb->mac_len);
	} else {
		bpf_compute_data_pointers(skb);
		ret = bpf_prog_run(prog, skb);
	}
	/* Without a time stamp there is no clock that it could be of. */
	if (unlikely(!skb->tstamp && skb->tstamp_type))
		skb->tstamp_type = SKB_CLOCK_REALTIME;
	return ret;
}

#endif /* _NET_BPF_TC_PROG_H */
