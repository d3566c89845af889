/* SPDX-License-Identifier: GPL-2.0 */
#ifndef LINK_H
#define LINK_H

#define V0	10	/* the sender's */
#define V1	11	/* the one with programs */
#define C0	20	/* virtio cards */
#define C1	21
#define W1	22
#define W0	23

#define PORT		7301
#define PORT_BACK	7302	/* XDP_TX */
#define PORT_ON		7303	/* to another device */
#define PORT_SHIFTED	7304	/* moved about in its buffer */

/* Where programs count. */
#define BY_PASS		1001
#define BY_DROP		1002

#endif /* LINK_H */
