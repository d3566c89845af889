/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The raw tracepoint side of each trace event: a probe a class of events, which hands the
 * tracepoint's arguments to bpf_trace_runN() as u64s, and an entry an event in the table
 * __bpf_raw_tp_map, by which programs find it. Read once for each CREATE_TRACE_POINTS.
 */
#undef TRACE_SYSTEM_VAR

#ifdef CONFIG_BPF_EVENTS

#include <linux/args.h>
#include <linux/build_bug.h>
#include <linux/string.h>

/* Events mark arguments for perf; here they are what they are. */
#undef __perf_count
#define __perf_count(c)	(c)

#undef __perf_task
#define __perf_task(t)	(t)

/*
 * The bytes of an argument as the low bytes of a u64, the rest zero: integers of any sign,
 * pointers, and structs of up to 8 bytes passed by value.
 */
#ifndef __BPF_TP_U64
#ifdef CONFIG_CPU_BIG_ENDIAN
#define __BPF_TP_U64_OFF(arg)	(sizeof(u64) - sizeof(arg))
#else
#define __BPF_TP_U64_OFF(arg)	0
#endif
#define __BPF_TP_U64(arg)							\
({										\
	typeof(arg) __tp_arg = (arg);						\
	u64 __tp_u64 = 0;							\
										\
	BUILD_BUG_ON_MSG(sizeof(__tp_arg) > sizeof(__tp_u64),			\
			 "tracepoint argument does not fit a register");	\
	memcpy((void *)&__tp_u64 + __BPF_TP_U64_OFF(__tp_arg), &__tp_arg,	\
	       sizeof(__tp_arg));						\
	__tp_u64;								\
})

/* The same for a list of arguments. */
#define __BPF_TP_MAP1(a)	__BPF_TP_U64(a)
#define __BPF_TP_MAP2(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP1(r)
#define __BPF_TP_MAP3(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP2(r)
#define __BPF_TP_MAP4(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP3(r)
#define __BPF_TP_MAP5(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP4(r)
#define __BPF_TP_MAP6(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP5(r)
#define __BPF_TP_MAP7(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP6(r)
#define __BPF_TP_MAP8(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP7(r)
#define __BPF_TP_MAP9(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP8(r)
#define __BPF_TP_MAP10(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP9(r)
#define __BPF_TP_MAP11(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP10(r)
#define __BPF_TP_MAP12(a, r...)	__BPF_TP_U64(a), __BPF_TP_MAP11(r)
#define __BPF_TP_MAP(args...)	CONCATENATE(__BPF_TP_MAP, COUNT_ARGS(args))(args)

#define __BPF_TP_FIRST(first, ...)	first

/* __data is the struct bpf_raw_tp_link that the probe was registered with. */
#define __BPF_TP_PROBE(template, proto, args)					\
static notrace void								\
__bpf_trace_##template(void *__data, proto)					\
{										\
	CONCATENATE(bpf_trace_run, COUNT_ARGS(args))(__data, __BPF_TP_MAP(args)); \
}

/*
 * btf_trace_<event> names the prototype: BTF-typed raw tracepoints look it up by this name, and the
 * entry's second view is what keeps it in the debug information. The check is never called.
 */
#define __BPF_TP_ENTRY(template, call, proto, args, writable)			\
static inline void __bpf_tp_check_##call(void)					\
{										\
	check_trace_callback_type_##call(__bpf_trace_##template);		\
}										\
typedef void (*btf_trace_##call)(void *__data, proto);				\
static union {									\
	struct bpf_raw_event_map map;						\
	btf_trace_##call probe;							\
} __bpf_tp_map_##call __used __section("__bpf_raw_tp_map") = {			\
	.map = {								\
		.tp		= &__tracepoint_##call,				\
		.bpf_func	= __bpf_trace_##template,			\
		.num_args	= COUNT_ARGS(args),				\
		.writable_size	= writable,					\
	},									\
};
#endif /* __BPF_TP_U64 */

#undef DECLARE_EVENT_CLASS
#define DECLARE_EVENT_CLASS(call, proto, args, tstruct, assign, print)		\
	__BPF_TP_PROBE(call, PARAMS(proto), PARAMS(args))

#undef DEFINE_EVENT
#define DEFINE_EVENT(template, call, proto, args)				\
	__BPF_TP_ENTRY(template, call, PARAMS(proto), PARAMS(args), 0)

/* Programs may write what the first argument points to: @size bytes, all of it. */
#undef DEFINE_EVENT_WRITABLE
#define DEFINE_EVENT_WRITABLE(template, call, proto, args, size)		\
static inline void __bpf_tp_check_size_##call(proto)				\
{										\
	static_assert(sizeof(*__BPF_TP_FIRST(args)) == (size));			\
}										\
__BPF_TP_ENTRY(template, call, PARAMS(proto), PARAMS(args), size)

#undef DEFINE_EVENT_PRINT
#define DEFINE_EVENT_PRINT(template, name, proto, args, print)			\
	DEFINE_EVENT(template, name, PARAMS(proto), PARAMS(args))

/* Tracepoints without an event: class and entry in one. */
#undef DECLARE_TRACE
#define DECLARE_TRACE(call, proto, args)					\
	__BPF_TP_PROBE(call, PARAMS(proto), PARAMS(args))			\
	__BPF_TP_ENTRY(call, call, PARAMS(proto), PARAMS(args), 0)

#include TRACE_INCLUDE(TRACE_INCLUDE_FILE)

#undef DEFINE_EVENT_WRITABLE
#undef DECLARE_TRACE

#endif /* CONFIG_BPF_EVENTS */
