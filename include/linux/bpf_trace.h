/* SPDX-License-Identifier: GPL-2.0 */
/* Tracepoints of XDP, under the name that drivers include. */
#ifndef _LINUX_BPF_TRACE_H
#define _LINUX_BPF_TRACE_H

#include <trace/events/xdp.h>

#endif /* _LINUX_BPF_TRACE_H */
