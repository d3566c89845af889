// SPDX-License-Identifier: GPL-2.0
/*
 * Writing samples to perf event arrays, and reading their counters.
 *
 * A sample's scratch memory is per CPU and has three levels, for a program in a task that is
 * interrupted by one in an interrupt and that by one in an NMI.
 */
#include <linux/bpf.h>
#include <linux/percpu.h>
#include <linux/perf_event.h>
#include <linux/ptrace.h>

#include "maps/array.h"
#include "maps/perf_event_array.h"
#include "protos.h"
#include "trace_bpf.h"

#define LEVELS 3

struct output_scratch {
	struct perf_sample_data sample[LEVELS];
	struct pt_regs regs[LEVELS];
};

static DEFINE_PER_CPU(struct output_scratch, output_scratch);
static DEFINE_PER_CPU(int, output_level);

/* Enters a level; -EBUSY beyond the last. Preemption is off until output_leave(). */
static int output_enter(void)
{
	int level;

	preempt_disable();
	level = this_cpu_inc_return(output_level) - 1;
	if (likely(level < LEVELS))
		return level;
	this_cpu_dec(output_level);
	preempt_enable();
	return -EBUSY;
}

static void output_leave(void)
{
	this_cpu_dec(output_level);
	preempt_enable();
}

static struct perf_event *event_at(struct bpf_map *map, u64 flags, long *err)
{
	unsigned int cpu = smp_processor_id();
	u64 index = flags & BPF_F_INDEX_MASK;
	struct bpf_event_entry *entry;

	if (index == BPF_F_CURRENT_CPU)
		index = cpu;
	*err = -E2BIG;
	if (unlikely(index >= map->max_entries))
		return NULL;
	entry = READ_ONCE(to_bpf_array(map)->slots[index]);
	*err = -ENOENT;
	return entry ? entry->event : NULL;
}

static long output_to(struct bpf_map *map, u64 flags, struct perf_raw_record *raw,
		      struct perf_sample_data *sample, struct pt_regs *regs)
{
	struct perf_event *event;
	long err;

	event = event_at(map, flags, &err);
	if (!event)
		return err;
	if (unlikely(event->attr.type != PERF_TYPE_SOFTWARE ||
		     event->attr.config != PERF_COUNT_SW_BPF_OUTPUT))
		return -EINVAL;
	if (unlikely(event->oncpu != smp_processor_id()))
		return -EOPNOTSUPP;
	perf_sample_data_init(sample, 0, 0);
	perf_sample_save_raw_data(sample, event, raw);
	return perf_event_output(event, sample, regs);
}

static long output_regs(struct bpf_map *map, u64 flags, struct perf_raw_record *raw,
			struct pt_regs *regs)
{
	struct output_scratch *s;
	int level;
	long err;

	level = output_enter();
	if (level < 0)
		return level;
	s = this_cpu_ptr(&output_scratch);
	if (!regs) {
		regs = &s->regs[level];
		perf_fetch_caller_regs(regs);
	}
	err = output_to(map, flags, raw, &s->sample[level], regs);
	output_leave();
	return err;
}

u64 bpf_event_output(struct bpf_map *map, u64 flags, void *meta, u64 meta_size, void *ctx,
		     u64 ctx_size, bpf_ctx_copy_t ctx_copy)
{
	struct perf_raw_frag frag = { .copy = ctx_copy, .size = ctx_size, .data = ctx };
	struct perf_raw_record raw = {
		.frag = {
			{ .next = ctx_size ? &frag : NULL },
			.size = meta_size,
			.data = meta,
		},
	};

	return output_regs(map, flags, &raw, NULL);
}

static long event_output(struct pt_regs *regs, struct bpf_map *map, u64 flags, void *data, u64 size)
{
	struct perf_raw_record raw = { .frag = { .size = size, .data = data } };

	if (unlikely(flags & ~BPF_F_INDEX_MASK))
		return -EINVAL;
	return output_regs(map, flags, &raw, regs);
}

/* A kprobe's context is the registers. */
BPF_CALL_5(bpf_perf_event_output, struct pt_regs *, regs, struct bpf_map *, map, u64, flags, void *,
	   data, u64, size)
{
	return event_output(regs, map, flags, data, size);
}

/* A tracepoint's record begins with their address. */
BPF_CALL_5(bpf_perf_event_output_tp, void *, record, struct bpf_map *, map, u64, flags,
	   void *, data, u64, size)
{
	return event_output(*(struct pt_regs **)record, map, flags, data, size);
}

BPF_CALL_5(bpf_perf_event_output_pe, struct bpf_perf_event_data_kern *, ctx, struct bpf_map *, map,
	   u64, flags, void *, data, u64, size)
{
	return event_output(ctx->regs, map, flags, data, size);
}

/* A raw tracepoint has none: the program's own caller's. */
BPF_CALL_5(bpf_perf_event_output_raw, void *, args, struct bpf_map *, map, u64, flags, void *, data,
	   u64, size)
{
	return event_output(NULL, map, flags, data, size);
}

#define OUTPUT_PROTO(_name)					\
const struct bpf_func_proto _name##_proto = {			\
	.func = _name,						\
	.name = "bpf_perf_event_output",			\
	.gpl_only = true,					\
	.ret_type = RET_INTEGER,				\
	.arg1_type = ARG_PTR_TO_CTX,				\
	.arg2_type = ARG_CONST_MAP_PTR,				\
	.arg3_type = ARG_ANYTHING,				\
	.arg4_type = ARG_PTR_TO_MEM | MEM_RDONLY,		\
	.arg5_type = ARG_CONST_SIZE_OR_ZERO,			\
}

OUTPUT_PROTO(bpf_perf_event_output);
OUTPUT_PROTO(bpf_perf_event_output_tp);
OUTPUT_PROTO(bpf_perf_event_output_pe);
OUTPUT_PROTO(bpf_perf_event_output_raw);

/* ------------------------------------------------------------------ counters */

static long read_counter(struct bpf_map *map, u64 flags, u64 *value, u64 *enabled, u64 *running)
{
	struct perf_event *event;
	long err;

	if (unlikely(flags & ~BPF_F_INDEX_MASK))
		return -EINVAL;
	event = event_at(map, flags, &err);
	return event ? perf_event_read_local(event, value, enabled, running) : err;
}

BPF_CALL_2(bpf_perf_event_read, struct bpf_map *, map, u64, flags)
{
	u64 value = 0;
	long err = read_counter(map, flags, &value, NULL, NULL);

	return err ?: value;
}

const struct bpf_func_proto bpf_perf_event_read_proto = {
	.func = bpf_perf_event_read,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_ANYTHING,
};

BPF_CALL_4(bpf_perf_event_read_value, struct bpf_map *, map, u64, flags,
	   struct bpf_perf_event_value *, buf, u32, size)
{
	long err = -EINVAL;

	if (likely(size == sizeof(*buf)))
		err = read_counter(map, flags, &buf->counter, &buf->enabled, &buf->running);
	if (unlikely(err))
		memset(buf, 0, size);
	return err;
}

const struct bpf_func_proto bpf_perf_event_read_value_proto = {
	.func = bpf_perf_event_read_value,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_ANYTHING,
	.arg3_type = ARG_PTR_TO_UNINIT_MEM,
	.arg4_type = ARG_CONST_SIZE,
};

/* The counter whose overflow the program handles. */
BPF_CALL_3(bpf_perf_prog_read_value, struct bpf_perf_event_data_kern *, ctx,
	   struct bpf_perf_event_value *, buf, u32, size)
{
	long err = -EINVAL;

	if (likely(size == sizeof(*buf)))
		err = perf_event_read_local(ctx->event, &buf->counter, &buf->enabled,
					    &buf->running);
	if (unlikely(err))
		memset(buf, 0, size);
	return err;
}

const struct bpf_func_proto bpf_perf_prog_read_value_proto = {
	.func = bpf_perf_prog_read_value,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_PTR_TO_UNINIT_MEM,
	.arg3_type = ARG_CONST_SIZE,
};

BPF_CALL_4(bpf_read_branch_records, struct bpf_perf_event_data_kern *, ctx, void *, buf, u32, size,
	   u64, flags)
{
	const struct perf_branch_stack *br = ctx->data->br_stack;
	u32 entry = sizeof(struct perf_branch_entry), bytes;

	if (unlikely(flags & ~BPF_F_GET_BRANCH_RECORDS_SIZE))
		return -EINVAL;
	if (unlikely(!(ctx->data->sample_flags & PERF_SAMPLE_BRANCH_STACK) || !br))
		return -ENOENT;
	if (flags & BPF_F_GET_BRANCH_RECORDS_SIZE)
		return br->nr * entry;
	if (!buf || size % entry)
		return -EINVAL;
	bytes = min_t(u32, br->nr * entry, size);
	memcpy(buf, br->entries, bytes);
	memset(buf + bytes, 0, size - bytes);
	return bytes;
}

const struct bpf_func_proto bpf_read_branch_records_proto = {
	.func = bpf_read_branch_records,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_PTR_TO_MEM_OR_NULL | MEM_UNINIT | MEM_WRITE,
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,
	.arg4_type = ARG_ANYTHING,
};

/* The processor's last branches, where it keeps them without being asked for a sample. */
BPF_CALL_3(bpf_get_branch_snapshot, void *, buf, u32, size, u64, flags)
{
	u32 entry = sizeof(struct perf_branch_entry), nr;

	if (unlikely(flags))
		return -EINVAL;
	/* First of all: each branch from here on takes the place of one that is asked for. */
	nr = static_call(perf_snapshot_branch_stack)(buf, size / entry);
	return nr ? nr * entry : -ENOENT;
}

const struct bpf_func_proto bpf_get_branch_snapshot_proto = {
	.func = bpf_get_branch_snapshot,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_UNINIT_MEM,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_ANYTHING,
};
