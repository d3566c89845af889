// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/PID/fdinfo of maps, programs and links. Clients parse the lines: "name:\tvalue".
 */
#include <linux/bpf.h>
#include <linux/fs.h>
#include <linux/hex.h>
#include <linux/seq_file.h>
#include "exec/exec.h"
#include "syscall/fdinfo.h"

/**
 * bpf_map_show_fdinfo - file_operations::show_fdinfo() of maps
 * @m: output
 * @file: the map's file
 *
 * Context: process.
 */
void bpf_map_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bpf_map *map = file->private_data;
	enum bpf_prog_type owner = BPF_PROG_TYPE_UNSPEC;
	bool owner_jited = false;

	if (map->map_type == BPF_MAP_TYPE_PROG_ARRAY) {
		owner = READ_ONCE(map->owner.type);
		owner_jited = READ_ONCE(map->owner.jited);
	}
	seq_printf(m, "map_type:\t%u\n", map->map_type);
	seq_printf(m, "key_size:\t%u\n", map->key_size);
	seq_printf(m, "value_size:\t%u\n", map->value_size);
	seq_printf(m, "max_entries:\t%u\n", map->max_entries);
	seq_printf(m, "map_flags:\t%#x\n", map->map_flags);
	seq_printf(m, "map_extra:\t%#llx\n", map->map_extra);
	seq_printf(m, "memlock:\t%llu\n", map->ops->mem_usage(map));
	seq_printf(m, "map_id:\t%u\n", map->id);
	seq_printf(m, "frozen:\t%u\n", READ_ONCE(map->frozen));
	if (owner) {
		seq_printf(m, "owner_prog_type:\t%u\n", owner);
		seq_printf(m, "owner_jited:\t%u\n", owner_jited);
	}
}

static void show_tag(struct seq_file *m, const struct bpf_prog *prog)
{
	char tag[BPF_TAG_SIZE * 2 + 1] = {};

	bin2hex(tag, prog->tag, BPF_TAG_SIZE);
	seq_printf(m, "prog_tag:\t%s\n", tag);
}

/**
 * bpf_prog_show_fdinfo - file_operations::show_fdinfo() of programs
 * @m: output
 * @file: the program's file
 *
 * Context: process.
 */
void bpf_prog_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bpf_prog *prog = file->private_data;
	struct bpf_prog_totals totals;

	bpf_prog_sum_stats(prog, &totals);
	seq_printf(m, "prog_type:\t%u\n", prog->type);
	seq_printf(m, "prog_jited:\t%u\n", prog->jited);
	show_tag(m, prog);
	seq_printf(m, "memlock:\t%llu\n", (u64)prog->pages * PAGE_SIZE);
	seq_printf(m, "prog_id:\t%u\n", prog->aux->id);
	seq_printf(m, "run_time_ns:\t%llu\n", totals.nsecs);
	seq_printf(m, "run_cnt:\t%llu\n", totals.cnt);
	seq_printf(m, "recursion_misses:\t%llu\n", totals.misses);
	seq_printf(m, "verified_insns:\t%u\n", prog->aux->verified_insns);
}

static const char *const link_type_names[] = {
	[BPF_LINK_TYPE_RAW_TRACEPOINT] = "raw_tracepoint",
	[BPF_LINK_TYPE_TRACING] = "tracing",
	[BPF_LINK_TYPE_CGROUP] = "cgroup",
	[BPF_LINK_TYPE_ITER] = "iter",
	[BPF_LINK_TYPE_NETNS] = "netns",
	[BPF_LINK_TYPE_XDP] = "xdp",
	[BPF_LINK_TYPE_PERF_EVENT] = "perf",
	[BPF_LINK_TYPE_KPROBE_MULTI] = "kprobe_multi",
	[BPF_LINK_TYPE_STRUCT_OPS] = "struct_ops",
	[BPF_LINK_TYPE_NETFILTER] = "netfilter",
	[BPF_LINK_TYPE_TCX] = "tcx",
	[BPF_LINK_TYPE_UPROBE_MULTI] = "uprobe_multi",
	[BPF_LINK_TYPE_NETKIT] = "netkit",
	[BPF_LINK_TYPE_SOCKMAP] = "sockmap",
};

/**
 * bpf_link_show_fdinfo - file_operations::show_fdinfo() of links
 * @m: output
 * @file: the link's file
 *
 * Context: process.
 */
void bpf_link_show_fdinfo(struct seq_file *m, struct file *file)
{
	const struct bpf_link *link = file->private_data;
	const struct bpf_prog *prog = link->prog;

	if (link->type < ARRAY_SIZE(link_type_names) && link_type_names[link->type])
		seq_printf(m, "link_type:\t%s\n", link_type_names[link->type]);
	else
		seq_printf(m, "link_type:\t<%u>\n", link->type);
	seq_printf(m, "link_id:\t%u\n", link->id);
	if (prog) {
		show_tag(m, prog);
		seq_printf(m, "prog_id:\t%u\n", prog->aux->id);
	}
	if (link->ops->show_fdinfo)
		link->ops->show_fdinfo(link, m);
}
