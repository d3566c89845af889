/* SPDX-License-Identifier: GPL-2.0 */
/* Devices by number, ports by what they ask for, places of counts. */
#ifndef REDIRECT_H
#define REDIRECT_H

#define V0	10	/* the sender's, in the first namespace */
#define V1	11	/* its other end, in the second */
#define W1	12	/* in the second */
#define W0	13	/* its other end, in the third */
#define X1	14
#define X0	15

#define HASH_KEY 77
#define PAYLOAD	(14 + 20 + 8)

enum {
	PORT_DEVMAP = 7001,
	PORT_HASH,
	PORT_FLOOD,
	PORT_FLOOD_ALL,
	PORT_CPU,
	PORT_DEV,
	PORT_EMPTY_PASS,
	PORT_EMPTY_DROP,
	PORT_OUTSIDE_PASS,
	PORT_BAD_FLAGS,
	PORT_CPU_BAD_FLAGS,
	PORT_NO_DEV,
	PORT_TX,
	PORT_STALE,
	PORT_PLAIN,
};

/* Added to a device's or CPU's number: counted by a program of an element. */
#define AT_DEVMAP	1000
#define AT_DEVMAP_FROM	2000
#define AT_CPU		3000
#define AT_CPU_FROM	4000

#endif /* REDIRECT_H */
