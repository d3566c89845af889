/* SPDX-License-Identifier: GPL-2.0 */
#ifndef REUSEPORT_H
#define REUSEPORT_H

/* First byte of a datagram: a slot of the map, or one of these. */
#define BYTE_DROP	'd'
#define BYTE_HASH	'h'

/* Places of counts. */
#define AT_RESULT	1	/* of bpf_sk_select_reuseport(), negated */
#define AT_WRONG	2	/* a field that was not as it should be */
#define AT_RUN		3
#define AT_MIGRATE	4

/* What selects for TCP, whose SYN has no bytes, and what was seen. */
struct globals {
	__u32 slot;
	__u32 hash;
	__u32 bind_inany;
	__u32 len;
	__u64 cookie;
	__u32 src_port;
};

#endif /* REUSEPORT_H */
