/* SPDX-License-Identifier: GPL-2.0 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM kbpf_test

#if !defined(_KBPF_TEST_EVENT_H) || defined(TRACE_HEADER_MULTI_READ)
#define _KBPF_TEST_EVENT_H

#include <linux/tracepoint.h>

TRACE_EVENT(kbpf_test_event,
	TP_PROTO(struct kbpf_test_obj *obj, u64 number),
	TP_ARGS(obj, number),
	TP_STRUCT__entry(__field(u64, number)),
	TP_fast_assign(__entry->number = number;),
	TP_printk("number=%llu", __entry->number)
);

#endif

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE kbpf_test_event
#include <trace/define_trace.h>
