// SPDX-License-Identifier: GPL-2.0
/* One network namespace with a loopback device, for packets of test runs. */
#include <linux/netdevice.h>
#include <linux/unaligned.h>
#include <net/net_namespace.h>
#include "host.h"

struct net init_net;
DEFINE_PER_CPU_ALIGNED(struct softnet_data, softnet_data);
static struct net_device *lo;
static const u8 lo_addr[8];

void __init skb_init(void);

void host_net_init(void)
{
	refcount_set(&init_net.ns.count, 1);
	lo = kvzalloc(sizeof(*lo), GFP_KERNEL);
	if (!lo)
		return;
	strscpy(lo->name, "lo");
	lo->dev_addr = lo_addr;
	refcount_set(&lo->dev_refcnt, 1);
	lo->ifindex = 1;
	lo->mtu = 65536;
	lo->addr_len = ETH_ALEN;
	lo->hard_header_len = ETH_HLEN;
	dev_net_set(lo, &init_net);
	init_net.loopback_dev = lo;
	init_net.ifindex = 1;
	skb_init();
}

/* The sum of RFC 1071, not folded. */
__wsum csum_partial(const void *buff, int len, __wsum wsum)
{
	const u8 *p = buff;
	u64 sum = (__force u32)wsum;

	for (; len >= 4; len -= 4, p += 4)
		sum += get_unaligned((const u32 *)p);
	if (len & 2) {
		sum += get_unaligned((const u16 *)p);
		p += 2;
	}
	if (len & 1)
		sum += *p;
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffffffff) + (sum >> 32);
	return (__force __wsum)sum;
}
