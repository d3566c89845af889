// SPDX-License-Identifier: GPL-2.0
/*
 * What BPF_OBJ_GET_INFO_BY_FD tells about a program.
 *
 * Addresses are only told to those who may see them in kallsyms, instructions and code only to
 * those who may load any program.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <linux/cred.h>
#include <linux/filter.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/sched/user.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include "exec/exec.h"
#include "isa/insn.h"
#include "syscall/cmd.h"
#include "syscall/info.h"

/* Functions that the program consists of; func[0] is the program itself. */
static u32 prog_func_cnt(const struct bpf_prog *prog)
{
	return prog->aux->func_cnt ?: 1;
}

static const struct bpf_prog *prog_func(const struct bpf_prog *prog, u32 i)
{
	return prog->aux->func_cnt ? prog->aux->func[i] : prog;
}

/* Entries to copy, those that the caller has room for; afterwards @*cnt is what there is. */
static u32 list_take(u32 *cnt, u32 have)
{
	u32 n = min(*cnt, have);

	*cnt = have;
	return n;
}

static int copy_array(u64 to, const void *from, u32 n, size_t size)
{
	return copy_to_user(u64_to_user_ptr(to), from, array_size(n, size)) ? -EFAULT : 0;
}

static int fill_map_ids(const struct bpf_prog *prog, struct bpf_prog_info *info)
{
	u32 __user *ids = u64_to_user_ptr(info->map_ids);
	struct bpf_prog_aux *aux = prog->aux;
	int err = 0;
	u32 i, n;

	mutex_lock(&aux->used_maps_mutex);
	n = list_take(&info->nr_map_ids, aux->used_map_cnt);
	for (i = 0; i < n && !err; i++)
		err = put_user(aux->used_maps[i]->id, &ids[i]);
	mutex_unlock(&aux->used_maps_mutex);
	return err;
}

/* ------------------------------------------------------------------ instructions */

/* An address in a 64-bit immediate becomes the id of the map that it is, or is the value of. */
static bool dump_map_addr(const struct bpf_prog_aux *aux, struct bpf_insn *insn)
{
	u64 addr = insn_imm64(insn);
	u32 i, off;

	for (i = 0; i < aux->used_map_cnt; i++) {
		const struct bpf_map *map = aux->used_maps[i];

		if (addr == (unsigned long)map) {
			insn->src_reg = BPF_PSEUDO_MAP_FD;
			insn_set_imm64(insn, map->id);
			return true;
		}
		if (map->ops->direct_value_meta && !map->ops->direct_value_meta(map, addr, &off)) {
			insn->src_reg = BPF_PSEUDO_MAP_VALUE;
			insn_set_imm64(insn, (u64)off << 32 | map->id);
			return true;
		}
	}
	return false;
}

/* Forms that only the kernel writes go back to those that programs are written in. */
static void dump_insn(const struct bpf_prog_aux *aux, struct bpf_insn *insn, bool raw_ok)
{
	u8 class = insn_class(insn);

	if (insn_is_ld_imm64(insn)) {
		if (!dump_map_addr(aux, insn) && !raw_ok && insn->src_reg)
			insn_set_imm64(insn, 0);
	} else if (insn->code == (BPF_JMP | INSN_OP_TAIL_CALL)) {
		insn->code = BPF_JMP | BPF_CALL;
		insn->imm = BPF_FUNC_tail_call;
	} else if (insn->code == (BPF_JMP | BPF_JA)) {
		insn->imm = 0;
	} else if (insn_is_helper_call(insn) || insn_is_kfunc_call(insn)) {
		if (!raw_ok)
			insn->imm = 0;
	} else if (class == BPF_LDX && BPF_MODE(insn->code) == INSN_MODE_PROBE) {
		insn->code = BPF_LDX | BPF_SIZE(insn->code) | BPF_MEM;
	} else if (class == BPF_LDX && BPF_MODE(insn->code) == INSN_MODE_PROBE_SX) {
		insn->code = BPF_LDX | BPF_SIZE(insn->code) | BPF_MEMSX;
	}
}

static int fill_insns(const struct bpf_prog *prog, struct bpf_prog_info *info, bool raw_ok)
{
	u32 size = prog->len * sizeof(struct bpf_insn);
	struct bpf_insn *insns;
	u32 i, n;
	int err;

	n = list_take(&info->xlated_prog_len, size);
	if (!n)
		return 0;
	insns = kvmalloc(size, GFP_USER | __GFP_NOWARN);
	if (!insns)
		return -ENOMEM;
	memcpy(insns, prog->insnsi, size);
	mutex_lock(&prog->aux->used_maps_mutex);
	for (i = 0; i < prog->len; i += insn_slots(&insns[i]))
		dump_insn(prog->aux, &insns[i], raw_ok);
	mutex_unlock(&prog->aux->used_maps_mutex);
	err = copy_array(info->xlated_prog_insns, insns, n, 1);
	kvfree(insns);
	return err;
}

/* ------------------------------------------------------------------ generated code */

static int fill_code(const struct bpf_prog *prog, struct bpf_prog_info *info, bool raw_ok)
{
	u32 i, len, total = 0, room, done = 0;
	int err = 0;

	for (i = 0; i < prog_func_cnt(prog); i++)
		total += prog_func(prog, i)->jited_len;
	room = list_take(&info->jited_prog_len, total);
	if (!raw_ok) {
		info->jited_prog_insns = 0;
		return 0;
	}
	for (i = 0; i < prog_func_cnt(prog) && done < room && !err; i++) {
		const struct bpf_prog *func = prog_func(prog, i);

		len = min(func->jited_len, room - done);
		err = copy_array(info->jited_prog_insns + done, func->bpf_func, len, 1);
		done += len;
	}
	return err;
}

static int fill_symbols(const struct bpf_prog *prog, struct bpf_prog_info *info, bool raw_ok)
{
	u64 __user *addrs = u64_to_user_ptr(info->jited_ksyms);
	u32 __user *lens = u64_to_user_ptr(info->jited_func_lens);
	u32 i, n, cnt = prog_func_cnt(prog);
	int err = 0;
	u64 addr;

	n = list_take(&info->nr_jited_ksyms, cnt);
	for (i = 0; i < n && raw_ok && !err; i++) {
		addr = (unsigned long)prog_func(prog, i)->bpf_func;
		err = put_user(addr, &addrs[i]);
	}
	if (!raw_ok)
		info->jited_ksyms = 0;

	n = list_take(&info->nr_jited_func_lens, cnt);
	for (i = 0; i < n && !err; i++)
		err = put_user(prog_func(prog, i)->jited_len, &lens[i]);
	return err;
}

static int fill_tags(const struct bpf_prog *prog, struct bpf_prog_info *info)
{
	u32 i, n = list_take(&info->nr_prog_tags, prog_func_cnt(prog));
	int err = 0;

	for (i = 0; i < n && !err; i++)
		err = copy_array(info->prog_tags + i * BPF_TAG_SIZE, prog_func(prog, i)->tag,
				 BPF_TAG_SIZE, 1);
	return err;
}

/* ------------------------------------------------------------------ types and lines */

/* A caller that asks for records says how large it thinks they are. */
static bool rec_size_ok(u32 cnt, u32 size, u32 known)
{
	return (!cnt && !size) || size == known;
}

static int check_rec_sizes(struct bpf_prog_info *info)
{
	if (!rec_size_ok(info->nr_func_info, info->func_info_rec_size,
			 sizeof(struct bpf_func_info)) ||
	    !rec_size_ok(info->nr_line_info, info->line_info_rec_size,
			 sizeof(struct bpf_line_info)) ||
	    !rec_size_ok(info->nr_jited_line_info, info->jited_line_info_rec_size, sizeof(u64)))
		return -EINVAL;
	info->func_info_rec_size = sizeof(struct bpf_func_info);
	info->line_info_rec_size = sizeof(struct bpf_line_info);
	info->jited_line_info_rec_size = sizeof(u64);
	return 0;
}

/* Code of a line; the first of a function begins with what is put in front of its instructions. */
static u64 line_addr(const struct bpf_prog *prog, u32 line)
{
	u32 i;

	for (i = 0; i < prog_func_cnt(prog); i++) {
		const struct bpf_prog *func = prog_func(prog, i);

		if (func->aux->linfo_idx == line)
			return (unsigned long)func->bpf_func;
	}
	return (unsigned long)prog->aux->jited_linfo[line];
}

static int fill_lines(const struct bpf_prog *prog, struct bpf_prog_info *info, bool raw_ok)
{
	const struct bpf_prog_aux *aux = prog->aux;
	u64 __user *addrs = u64_to_user_ptr(info->jited_line_info);
	int err;
	u32 i, n;

	n = list_take(&info->nr_func_info, aux->func_info_cnt);
	err = copy_array(info->func_info, aux->func_info, n, sizeof(*aux->func_info));
	if (err)
		return err;
	n = list_take(&info->nr_line_info, aux->nr_linfo);
	err = copy_array(info->line_info, aux->linfo, n, sizeof(*aux->linfo));

	n = list_take(&info->nr_jited_line_info, aux->jited_linfo ? aux->nr_linfo : 0);
	if (!raw_ok) {
		info->jited_line_info = 0;
		return err;
	}
	for (i = 0; i < n && !err; i++)
		err = put_user(line_addr(prog, i), &addrs[i]);
	return err;
}

/* ------------------------------------------------------------------ all of it */

static void fill_plain(const struct bpf_prog *prog, struct bpf_prog_info *info)
{
	const struct bpf_prog_aux *aux = prog->aux;
	struct bpf_prog_totals totals;

	info->type = prog->type;
	info->id = aux->id;
	info->load_time = aux->load_time;
	info->created_by_uid = from_kuid_munged(current_user_ns(), aux->user->uid);
	info->gpl_compatible = prog->gpl_compatible;
	memcpy(info->tag, prog->tag, sizeof(prog->tag));
	memcpy(info->name, aux->name, sizeof(aux->name));
	info->verified_insns = aux->verified_insns;
	info->btf_id = aux->btf ? btf_obj_id(aux->btf) : 0;
	info->attach_btf_id = aux->attach_btf_id;
	if (aux->dst_prog && aux->dst_prog->aux->btf)
		info->attach_btf_obj_id = btf_obj_id(aux->dst_prog->aux->btf);
	else
		info->attach_btf_obj_id = aux->attach_btf ? btf_obj_id(aux->attach_btf) : 0;
	info->ifindex = 0;
	info->netns_dev = 0;
	info->netns_ino = 0;

	bpf_prog_sum_stats(prog, &totals);
	info->run_time_ns = totals.nsecs;
	info->run_cnt = totals.cnt;
	info->recursion_misses = totals.misses;
}

static void hide_code(struct bpf_prog_info *info)
{
	info->jited_prog_len = 0;
	info->xlated_prog_len = 0;
	info->nr_jited_ksyms = 0;
	info->nr_jited_func_lens = 0;
	info->nr_func_info = 0;
	info->nr_line_info = 0;
	info->nr_jited_line_info = 0;
	info->nr_prog_tags = 0;
}

/**
 * bpf_prog_fill_info - tell about a program
 * @prog: the program
 * @info: in: the caller's pointers and room; out: the answer, lists copied to the caller
 *
 * Context: process; may sleep.
 * Return: 0; -EINVAL for records of another size, -EFAULT, -ENOMEM.
 */
int bpf_prog_fill_info(struct bpf_prog *prog, struct bpf_prog_info *info)
{
	bool raw_ok = bpf_dump_raw_ok(current_cred());
	int err;

	fill_plain(prog, info);
	err = fill_map_ids(prog, info);
	if (!err)
		err = check_rec_sizes(info);
	if (err)
		return err;
	if (!bpf_has_cap(CAP_BPF)) {
		hide_code(info);
		return 0;
	}
	err = fill_insns(prog, info, raw_ok);
	if (!err)
		err = fill_tags(prog, info);
	if (!err)
		err = fill_lines(prog, info, raw_ok);
	if (err)
		return err;
	if (!prog->jited) {
		info->jited_prog_len = 0;
		info->nr_jited_ksyms = 0;
		info->nr_jited_func_lens = 0;
		return 0;
	}
	err = fill_code(prog, info, raw_ok);
	return err ?: fill_symbols(prog, info, raw_ok);
}
