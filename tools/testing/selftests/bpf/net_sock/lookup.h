/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LOOKUP_H
#define LOOKUP_H

#define V0 10
#define V1 11

#define PORT_TARGET	7400	/* a socket is bound there */
#define PORT_ASSIGNED	7401	/* packets for it go to that socket */
#define PORT_REFUSED	7402
#define PORT_PLAIN	7403

/* Places of counts: results of bpf_sk_assign(), negated, and what programs found wrong. */
#define AT_ASSIGN	1
#define AT_ASSIGN_FLAGS	2
#define AT_WRONG	3
#define AT_RUN		4
#define AT_EGRESS	5

struct globals {
	__u32 family, protocol, remote_ip4, remote_port, local_ip4, local_port, ifindex;
	__u32 remote_ip6[4], local_ip6[4];
	__u64 cookie, uid, netns_cookie, cgroup_id, ancestor_id, root_id, under;
	__s32 netns;
	__u32 stored;
};

#endif /* LOOKUP_H */
