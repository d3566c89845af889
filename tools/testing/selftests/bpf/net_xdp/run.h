/* SPDX-License-Identifier: GPL-2.0 */
#ifndef RUN_H
#define RUN_H

#define V0 10
#define V1 11
#define W1 12
#define W0 13

#define PAYLOAD	(14 + 20 + 8)
#define FILL	0x5a
#define BIG	9000
#define SHRINK	6000
#define PORT_LIVE 7201
#define PORT_BIG 7202

/* Beside XDP_PASS and the like. */
#define TO_DEV	100
#define TO_CPU	101

/* What xdp_live() is to do, and what it saw. */
struct globals {
	__u32 action;
	__u64 runs, ifindex, queue, meta, changed;
};

#endif /* RUN_H */
