/* SPDX-License-Identifier: GPL-2.0 */
#ifndef GSO_H
#define GSO_H

#define V0	10
#define V1	11
#define W1	12
#define W0	13

#define PORT	7401

/* Places of counts; what is counted is 1 for packets of several segments, 0 for others. */
#define AT_ENCAP	2001
#define AT_DECAP	2002
#define AT_LEAVE	2003
#define AT_END		2004
#define AT_LONG		2005	/* at the end: longer than segments may be */
#define AT_WRONG	2006	/* an error's number */

struct globals {
	__u64 flags;	/* of bpf_skb_adjust_room() */
	__u32 proto;	/* of packets that go through the tunnel */
	__u32 to;	/* its end, network order */
	__u32 frame;	/* the longest frame that may arrive */
};

#endif /* GSO_H */
