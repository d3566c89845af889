/* SPDX-License-Identifier: GPL-2.0 */
/* Devices by number, ports by what they ask for, places of counts. */
#ifndef FORWARD_H
#define FORWARD_H

#define V0	10	/* the sender's, in the first namespace */
#define V1	11	/* its other end, in the second */
#define W1	12	/* in the second */
#define W0	13	/* its other end, in the third */

enum {
	PORT_EGRESS = 7501,
	PORT_INGRESS,
	PORT_CLONE,
	PORT_CLONE_INGRESS,
	PORT_PEER,
	PORT_NEIGH,
	PORT_NEIGH_HOP,
	PORT_NO_DEV,
	PORT_BAD_FLAGS,
	PORT_OUTPUT,
	PORT_DISSECT,
	PORT_LEAVING,
};

#define AT_CLONE_ERR	100	/* results of bpf_clone_redirect(), negated */
#define AT_TUNNEL	101
#define AT_WRONG	102
#define AT_DISSECTOR	103
#define AT_SET		104

struct fib {
	__s32 ret, plen;
	__u32 flags;
	struct bpf_fib_lookup p;
};

struct mtu {
	__s32 ret, diff;
	__u32 ifindex, len;
	__u64 flags;
};

/* What a tunnel's far end saw, and what its near end says. */
struct tunnel {
	struct bpf_tunnel_key key;
	__u32 remote_ip4;
	__u32 remote_ip6[4];
	__u32 opt_len;
	__u8 opt[16];
	__u64 set_flags, get_flags;
	__s32 opt_ret;
};

struct globals {
	struct fib fib;
	struct mtu mtu;
	struct tunnel tunnel;
};

#endif /* FORWARD_H */
