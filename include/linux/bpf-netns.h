/* SPDX-License-Identifier: GPL-2.0 */
/* Programs attached to network namespaces: flow dissector and socket lookup. */
#ifndef _LINUX_BPF_NETNS_H
#define _LINUX_BPF_NETNS_H

#include <linux/bpf.h>
#include <linux/mutex.h>
#include <net/netns/bpf.h>

/* Writers of netns_bpf.run_array[], progs[] and links[] hold it. */
extern struct mutex netns_bpf_mutex;

/* Slot of an attach type, or NETNS_BPF_INVALID. */
static inline enum netns_bpf_attach_type to_netns_bpf_attach_type(enum bpf_attach_type attach_type)
{
	switch (attach_type) {
	case BPF_FLOW_DISSECTOR:
		return NETNS_BPF_FLOW_DISSECTOR;
	case BPF_SK_LOOKUP:
		return NETNS_BPF_SK_LOOKUP;
	default:
		return NETNS_BPF_INVALID;
	}
}

#endif /* _LINUX_BPF_NETNS_H */
