// SPDX-License-Identifier: GPL-2.0
/* Iterators' programs: each writes lines of text about its objects. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 8);
	__type(key, __u32);
	__type(value, __u64);
} elems SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 2048);
	__type(key, __u32);
	__type(value, __u64);
} table SEC(".maps");

SEC("iter/task")
int dump_task(struct bpf_iter__task *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;

	if (!task) {
		BPF_SEQ_PRINTF(seq, "end %llu\n", ctx->meta->seq_num);
		return 0;
	}
	BPF_SEQ_PRINTF(seq, "%d %d\n", task->tgid, task->pid);
	return 0;
}

SEC("iter/task_file")
int dump_task_file(struct bpf_iter__task_file *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct file *file = ctx->file;

	if (!task || !file)
		return 0;
	BPF_SEQ_PRINTF(seq, "%d %u\n", task->tgid, ctx->fd);
	return 0;
}

SEC("iter/task_vma")
int dump_task_vma(struct bpf_iter__task_vma *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct task_struct *task = ctx->task;
	struct vm_area_struct *vma = ctx->vma;

	if (!task || !vma)
		return 0;
	BPF_SEQ_PRINTF(seq, "%08lx-%08lx\n", vma->vm_start, vma->vm_end);
	return 0;
}

SEC("iter/bpf_map")
int dump_bpf_map(struct bpf_iter__bpf_map *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct bpf_map *map = ctx->map;

	if (map)
		BPF_SEQ_PRINTF(seq, "%u %s\n", map->id, map->name);
	return 0;
}

SEC("iter/bpf_prog")
int dump_bpf_prog(struct bpf_iter__bpf_prog *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct bpf_prog *prog = ctx->prog;

	if (prog)
		BPF_SEQ_PRINTF(seq, "%u %s\n", prog->aux->id, prog->aux->name);
	return 0;
}

SEC("iter/bpf_link")
int dump_bpf_link(struct bpf_iter__bpf_link *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct bpf_link *link = ctx->link;

	if (link)
		BPF_SEQ_PRINTF(seq, "%u %d\n", link->id, link->type);
	return 0;
}

SEC("iter/bpf_map_elem")
int dump_bpf_map_elem(struct bpf_iter__bpf_map_elem *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	__u32 *key = ctx->key;
	__u64 *value = ctx->value;

	if (!key || !value)
		return 0;
	BPF_SEQ_PRINTF(seq, "%u %llu\n", *key, *value);
	*value += 1000;
	return 0;
}

SEC("iter/ksym")
int dump_ksym(struct bpf_iter__ksym *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct kallsym_iter *iter = ctx->ksym;

	if (iter)
		BPF_SEQ_PRINTF(seq, "%s\n", iter->name);
	return 0;
}

/* Values of the kernel's types as text, into the file and through memory, by all flags. */
struct bpf_insn shown_insn = { .code = 1, .dst_reg = 2, .src_reg = 3, .off = 4, .imm = 5 };
struct bpf_prog_info shown_info;
struct list_head shown_list = { .next = (struct list_head *)1 };
enum bpf_cmd shown_enum = BPF_MAP_DELETE_ELEM;
static char text[512];

static __always_inline void show(struct seq_file *seq, void *obj, __u32 type, __u64 flags)
{
	struct btf_ptr ptr = { .ptr = obj, .type_id = type };
	long err, len;

	err = bpf_seq_printf_btf(seq, &ptr, sizeof(ptr), flags);
	len = bpf_snprintf_btf(text, sizeof(text), &ptr, sizeof(ptr), flags);
	BPF_SEQ_PRINTF(seq, "|%s|%d %d\n", text, err, len);
}

#define SHOW(obj, type, flags)	show(seq, obj, bpf_core_type_id_kernel(type), flags)

SEC("iter/bpf_map")
int dump_typed(struct bpf_iter__bpf_map *ctx)
{
	struct seq_file *seq = ctx->meta->seq;
	struct btf_ptr bad = { .ptr = &shown_insn, .type_id = 1, .flags = 1 };

	if (ctx->map)
		return 0;
	shown_info.name[0] = 'f';
	shown_info.name[1] = 'o';
	shown_info.id = 7;
	SHOW(&shown_insn, struct bpf_insn, BTF_F_COMPACT | BTF_F_NONAME);
	SHOW(&shown_insn, struct bpf_insn, BTF_F_COMPACT);
	SHOW(&shown_insn, struct bpf_insn, 0);
	SHOW(&shown_info, struct bpf_prog_info, BTF_F_COMPACT);
	SHOW(&shown_list, struct list_head, BTF_F_COMPACT | BTF_F_PTR_RAW);
	SHOW(&shown_list, struct list_head, BTF_F_COMPACT | BTF_F_PTR_RAW | BTF_F_ZERO);
	SHOW(&shown_enum, enum bpf_cmd, 0);
	/* an address that faults, a type that is none, flags that are none */
	SHOW((void *)8, struct bpf_insn, 0);
	show(seq, &shown_insn, 0x7fffffff, 0);
	show(seq, &shown_insn, 1, 1 << 10);
	BPF_SEQ_PRINTF(seq, "%d\n", bpf_seq_printf_btf(seq, &bad, sizeof(bad), 0));
	return 0;
}
