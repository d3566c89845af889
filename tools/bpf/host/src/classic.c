// SPDX-License-Identifier: GPL-2.0
/* Classic filters, which do not come by way of bpf(2). */
#include <linux/filter.h>
#include <linux/skbuff.h>
#include "host.h"

long host_classic(const void *insns, unsigned int len, const void *packet, unsigned int size,
		  unsigned int *result);

/* Compiles a filter as setsockopt(SO_ATTACH_FILTER) does and runs it on a packet. */
long host_classic(const void *insns, unsigned int len, const void *packet, unsigned int size,
		  unsigned int *result)
{
	struct sock_fprog_kern fprog = { .len = len, .filter = (struct sock_filter *)insns };
	struct bpf_prog *prog;
	struct sk_buff *skb;
	int err;

	if (len > U16_MAX || size > 65536)
		return -EINVAL;
	err = bpf_prog_create(&prog, &fprog);
	if (err)
		return err;
	skb = alloc_skb(size + 64, GFP_KERNEL);
	if (!skb) {
		bpf_prog_destroy(prog);
		return -ENOMEM;
	}
	skb_reserve(skb, 64);
	skb_put_data(skb, packet, size);
	skb_reset_mac_header(skb);
	skb_reset_network_header(skb);
	skb->dev = init_net.loopback_dev;
	*result = bpf_prog_run_clear_cb(prog, skb);
	kfree_skb(skb);
	bpf_prog_destroy(prog);
	return 0;
}
