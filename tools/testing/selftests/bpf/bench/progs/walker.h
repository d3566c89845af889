/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A profiler of a scripting language: a chain of frames in user memory, each with a code object
 * whose file, class and function names make a symbol; symbols have numbers. The includer says how
 * many frames (FRAMES) and whether the walk is unrolled (UNROLL).
 */
#ifndef BENCH_WALKER_H
#define BENCH_WALKER_H

#include "trace.h"

#define NAME_LEN	64
#define FILE_LEN	96

struct offsets {
	__u64 frame_back, frame_code, frame_line;
	__u64 code_file, code_name, code_class;
	__u64 text;
	__u64 state_frame;
};

struct process {
	__u64 current_state;
	__u64 tls_key;
	struct offsets at;
};

struct symbol {
	__u32 line;
	char class[NAME_LEN];
	char name[NAME_LEN];
	char file[FILE_LEN];
};

struct sample {
	__u64 when;
	__u32 pid, tid;
	char comm[16];
	__s32 kernel_stack, user_stack;
	__u32 depth;
	__u8 complete;
	__s32 frame[FRAMES];
};

struct frame {
	__u64 back;
	__u64 code;
	__u32 line;
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct process);
} processes SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, struct sample);
} samples SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 16384);
	__type(key, struct symbol);
	__type(value, __s32);
} symbols SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_STACK_TRACE);
	__uint(max_entries, 1024);
	__uint(key_size, 4);
	__uint(value_size, 127 * 8);
} stacks SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY);
	__uint(key_size, 4);
	__uint(value_size, 4);
} events SEC(".maps");

static __fast int read_frame(__u64 at, const struct offsets *o, struct frame *f, struct symbol *sym)
{
	__u64 text;

	if (bpf_probe_read_user(&f->back, 8, (void *)(at + o->frame_back)) ||
	    bpf_probe_read_user(&f->code, 8, (void *)(at + o->frame_code)))
		return 0;
	if (!f->code)
		return 0;
	bpf_probe_read_user(&f->line, 4, (void *)(at + o->frame_line));
	sym->line = f->line;
	bpf_probe_read_user(&text, 8, (void *)(f->code + o->code_class));
	if (text)
		bpf_probe_read_user_str(sym->class, sizeof(sym->class), (void *)(text + o->text));
	else
		sym->class[0] = 0;
	bpf_probe_read_user(&text, 8, (void *)(f->code + o->code_file));
	bpf_probe_read_user_str(sym->file, sizeof(sym->file), (void *)(text + o->text));
	bpf_probe_read_user(&text, 8, (void *)(f->code + o->code_name));
	bpf_probe_read_user_str(sym->name, sizeof(sym->name), (void *)(text + o->text));
	return 1;
}

static __fast __s32 number_of(struct symbol *sym, __u64 *counter, __u32 cpu)
{
	__s32 *known = bpf_map_lookup_elem(&symbols, sym);
	__s32 fresh;

	if (known)
		return *known;
	*counter += 1;
	fresh = cpu << 24 | (*counter & 0xffffff);
	if (bpf_map_update_elem(&symbols, sym, &fresh, BPF_NOEXIST))
		return -1;
	return fresh;
}

SEC("perf_event")
int on_sample(struct bpf_perf_event_data *ctx)
{
	__u64 id = bpf_get_current_pid_tgid(), counter, at = 0, state = 0;
	__u32 pid = id >> 32, zero = 0, cpu;
	struct process *proc = bpf_map_lookup_elem(&processes, &pid);
	struct symbol sym = {};
	struct frame f = {};
	struct sample *s;

	if (!proc)
		return 0;
	s = bpf_map_lookup_elem(&samples, &zero);
	if (!s)
		return 0;
	s->when = bpf_ktime_get_ns();
	s->pid = pid;
	s->tid = id;
	s->depth = 0;
	s->complete = 0;
	bpf_get_current_comm(s->comm, sizeof(s->comm));
	s->user_stack = bpf_get_stackid(ctx, &stacks, BPF_F_USER_STACK);
	s->kernel_stack = bpf_get_stackid(ctx, &stacks, 0);
	if (bpf_probe_read_user(&state, 8, (void *)proc->current_state) || !state)
		return 0;
	if (bpf_probe_read_user(&at, 8, (void *)(state + proc->at.state_frame)))
		return 0;
	cpu = bpf_get_smp_processor_id();
	counter = s->when;
	UNROLL
	for (int i = 0; i < FRAMES; i++) {
		if (at && read_frame(at, &proc->at, &f, &sym)) {
			__s32 number = number_of(&sym, &counter, cpu);

			s->frame[i] = number;
			s->depth = i + 1;
			at = f.back;
		}
	}
	s->complete = !at;
	bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, s, sizeof(*s));
	return 0;
}

char _license[] SEC("license") = "GPL";

#endif
