/* SPDX-License-Identifier: GPL-2.0 */
#ifndef XSK_H
#define XSK_H

#define V0 10
#define V1 11

#define PORT_XSK	7101
#define PORT_XSK_OTHER	7102
#define PORT_LOOKUP	7103
#define PORT_SENT	7104

#define AT_FOUND	1
#define AT_MISSED	2

#endif /* XSK_H */
