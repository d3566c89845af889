// SPDX-License-Identifier: GPL-2.0
/*
 * Function and line records of a program: copied, and held against the program's functions.
 */
#include <linux/errno.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "btf/btf.h"
#include "verifier/verifier.h"

#define REC_SIZE_MAX 252

/**
 * struct record_list - records that the loader points to
 * @name: for messages
 * @addr: address, of user space unless the loader is a program
 * @rec_size: bytes between records
 * @cnt: records
 * @size: bytes of a record that this kernel knows; what goes beyond has to be 0
 * @min_size: bytes that it must have
 */
struct record_list {
	const char *name;
	u64 addr;
	u32 rec_size;
	u32 cnt;
	u32 size;
	u32 min_size;
};

static int reject_btf(struct bpf_verifier_env *env, const struct record_list *list, u32 i,
		      const char *what)
{
	return bpf_reject(env, REJECT_BAD_BTF, "%s[%u]: %s", list->name, i, what);
}

static int copy_record(struct bpf_verifier_env *env, const struct record_list *list, u32 i,
		       void *to)
{
	u64 at = list->addr + (u64)i * list->rec_size;
	int err;

	if (!env->from_kernel) {
		err = copy_struct_from_user(to, list->size, (const void __user *)(unsigned long)at,
					    list->rec_size);
		if (err != -E2BIG)
			return err;
	} else {
		const char *src = (const char *)(unsigned long)at;
		u32 size = min(list->size, list->rec_size);

		u8 tail = 0;

		memset(to, 0, list->size);
		if (copy_from_kernel_nofault(to, src, size))
			return -EFAULT;
		for (; size < list->rec_size && !tail; size++)
			if (copy_from_kernel_nofault(&tail, src + size, 1))
				return -EFAULT;
		if (!tail)
			return 0;
	}
	bpf_reject(env, REJECT_BAD_BTF, "nonzero tailing record in %s", list->name);
	return -E2BIG;
}

static int check_rec_size(struct bpf_verifier_env *env, const struct record_list *list)
{
	if (list->rec_size < list->min_size || list->rec_size > REC_SIZE_MAX ||
	    list->rec_size % sizeof(u32))
		return bpf_reject(env, REJECT_BAD_BTF, "invalid %s rec size %u", list->name,
				  list->rec_size);
	return 0;
}

/* All records, as an array of the kernel's own. */
static int copy_records(struct bpf_verifier_env *env, const struct record_list *list,
			void **records)
{
	char *all;
	u32 i;
	int err;

	err = check_rec_size(env, list);
	if (err)
		return err;
	if (!env->prog->aux->btf)
		return bpf_reject(env, REJECT_BAD_BTF, "%s without BTF", list->name);
	all = kvcalloc(list->cnt, list->size, GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!all)
		return -ENOMEM;
	for (i = 0; i < list->cnt && !err; i++)
		err = copy_record(env, list, i, all + (size_t)i * list->size);
	if (err)
		kvfree(all);
	else
		*records = all;
	return err;
}

/* ------------------------------------------------------------------ functions */

static int check_func(struct bpf_verifier_env *env, const struct record_list *list, u32 i,
		      const struct bpf_func_info *rec)
{
	const struct btf *btf = env->prog->aux->btf;
	struct bpf_subprog *sub = &env->subprogs[i];
	const struct btf_type *func, *proto;

	if (!i && rec->insn_off)
		return bpf_reject(env, REJECT_BAD_BTF,
				  "nonzero insn_off %u for the first func info record",
				  rec->insn_off);
	if (rec->insn_off != sub->start)
		return bpf_reject(env, REJECT_BAD_BTF,
				  "func_info BTF section doesn't match subprog layout in BPF program");
	if (!btf_func_by_id(btf, rec->type_id, &func, &proto))
		return bpf_reject(env, REJECT_BAD_BTF, "invalid type id %u in func info",
				  rec->type_id);
	if (btf_func_linkage(func) > BTF_FUNC_GLOBAL)
		return reject_btf(env, list, i, "linkage of the function");
	sub->type_id = rec->type_id;
	sub->name = btf_type_name(btf, func);
	sub->global |= btf_func_linkage(func) == BTF_FUNC_GLOBAL;
	return 0;
}

/* R0 has to be a number where packets and tail calls leave one behind. */
static int check_func_returns(struct bpf_verifier_env *env, u32 i)
{
	const struct btf *btf = env->prog->aux->btf;
	const struct bpf_subprog *sub = &env->subprogs[i];
	const struct btf_type *func, *proto, *ret;

	if (!i || !(sub->has_ld_abs || sub->has_tail_call))
		return 0;
	env->insn_idx = sub->start;
	if (!sub->type_id)
		return bpf_reject(env, REJECT_BAD_BTF, "missing btf func_info");
	btf_func_by_id(btf, sub->type_id, &func, &proto);
	ret = btf_type_skip_modifiers(btf, proto->type, NULL);
	if (ret && btf_type_is_scalar(ret))
		return 0;
	return bpf_reject(env, REJECT_BAD_BTF, "%s is only allowed in functions that return 'int'.",
			  sub->has_ld_abs ? "LD_ABS" : "tail_call");
}

static struct record_list func_info_list(const struct bpf_verifier_env *env)
{
	const union bpf_attr *attr = env->attr;

	return (struct record_list){
		.name = "func info", .addr = attr->func_info, .rec_size = attr->func_info_rec_size,
		.cnt = attr->func_info_cnt, .size = sizeof(struct bpf_func_info),
		.min_size = sizeof(struct bpf_func_info),
	};
}

/**
 * bpf_func_info_read - one record of func_info, from the loader
 * @env: environment
 * @i: number of the record
 * @rec: where it goes; nothing of it has been checked
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_func_info_read(struct bpf_verifier_env *env, u32 i, struct bpf_func_info *rec)
{
	const struct record_list list = func_info_list(env);

	return check_rec_size(env, &list) ?: copy_record(env, &list, i, rec);
}

static int check_func_info(struct bpf_verifier_env *env)
{
	const struct record_list list = func_info_list(env);
	struct bpf_prog_aux *aux = env->prog->aux;
	void *records;
	u32 i;
	int err = 0;

	if (list.cnt) {
		if (list.cnt != env->nr_subprogs)
			return bpf_reject(env, REJECT_BAD_BTF,
					  "number of funcs in func_info doesn't match number of subprogs");
		err = copy_records(env, &list, &records);
		if (err)
			return err;
		aux->func_info = records;
		aux->func_info_cnt = list.cnt;
		aux->func_info_aux = kcalloc(list.cnt, sizeof(*aux->func_info_aux),
					     GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
		if (!aux->func_info_aux)
			return -ENOMEM;
	}
	for (i = 0; i < list.cnt && !err; i++)
		err = check_func(env, &list, i, &aux->func_info[i]);
	for (i = 0; i < env->nr_subprogs && !err; i++)
		err = check_func_returns(env, i);
	return err;
}

/* ------------------------------------------------------------------ lines */

static int check_line(struct bpf_verifier_env *env, const struct record_list *list, u32 i)
{
	const struct bpf_line_info *rec = &env->prog->aux->linfo[i];
	const struct btf *btf = env->prog->aux->btf;

	if ((i && rec->insn_off <= rec[-1].insn_off) || rec->insn_off >= env->prog->len)
		return bpf_reject(env, REJECT_BAD_BTF,
				  "Invalid line_info[%u].insn_off:%u (prev_offset:%u prog->len:%u)",
				  i, rec->insn_off, i ? rec[-1].insn_off : 0, env->prog->len);
	if (env->aux[rec->insn_off].second)
		return bpf_reject(env, REJECT_BAD_BTF,
				  "Invalid insn code at line_info[%u].insn_off", i);
	if (!btf_name_by_offset(btf, rec->line_off) || !btf_name_by_offset(btf, rec->file_name_off))
		return bpf_reject(env, REJECT_BAD_BTF,
				  "Invalid line_info[%u].line_off or .file_name_off", i);
	return 0;
}

/* Each function begins a line. */
static int match_lines(struct bpf_verifier_env *env)
{
	const struct bpf_prog_aux *aux = env->prog->aux;
	u32 i, at = 0;

	for (i = 0; i < env->nr_subprogs; i++) {
		while (at < aux->nr_linfo && aux->linfo[at].insn_off < env->subprogs[i].start)
			at++;
		if (at == aux->nr_linfo || aux->linfo[at].insn_off != env->subprogs[i].start)
			return bpf_reject(env, REJECT_BAD_BTF, "missing bpf_line_info for func#%u",
					  i);
		env->subprogs[i].linfo_idx = at;
	}
	return 0;
}

static int check_line_info(struct bpf_verifier_env *env)
{
	const union bpf_attr *attr = env->attr;
	const struct record_list list = {
		.name = "line info", .addr = attr->line_info, .rec_size = attr->line_info_rec_size,
		.cnt = attr->line_info_cnt, .size = sizeof(struct bpf_line_info),
		.min_size = sizeof(struct bpf_line_info),
	};
	struct bpf_prog_aux *aux = env->prog->aux;
	void *records;
	u32 i;
	int err;

	if (!list.cnt)
		return 0;
	/* one a instruction at most */
	if (list.cnt > env->prog->len)
		return bpf_reject(env, REJECT_BAD_BTF, "more line info than instructions");
	err = copy_records(env, &list, &records);
	if (err)
		return err;
	aux->linfo = records;
	aux->nr_linfo = list.cnt;
	for (i = 0; i < list.cnt && !err; i++)
		err = check_line(env, &list, i);
	if (!err)
		err = match_lines(env);
	if (err)
		aux->nr_linfo = 0;	/* not to be shown */
	return err;
}

/* ------------------------------------------------------------------ CO-RE */

static int relocate(struct bpf_verifier_env *env, const struct bpf_core_relo *relo, u32 i)
{
	u32 idx = relo->insn_off / sizeof(struct bpf_insn);
	struct insn_fault fault = {};
	char text[128];
	int err;

	if (relo->insn_off % sizeof(struct bpf_insn) || idx >= env->prog->len ||
	    env->aux[idx].second)
		return bpf_reject(env, REJECT_BAD_BTF,
				  "Invalid core_relo[%u].insn_off:%u prog->len:%u", i,
				  relo->insn_off, env->prog->len);
	env->insn_idx = idx;
	err = btf_core_apply(env->prog->aux->btf, relo, i, env_insn(env, idx), &env->log);
	if (err) {
		bpf_reject(env, REJECT_BAD_BTF, "core_relo[%u] cannot be applied", i);
		return err;
	}
	err = insn_check(env_insn(env, idx), env->prog->len - idx, 0, &fault);
	if (err < 0) {
		insn_fault_text(text, sizeof(text), &fault);
		return bpf_reject(env, REJECT_BAD_INSN, "%s", text);
	}
	env->aux[idx].id = bpf_insn_decode(env_insn(env, idx));
	return 0;
}

static int apply_core_relos(struct bpf_verifier_env *env)
{
	const union bpf_attr *attr = env->attr;
	const struct record_list list = {
		.name = "core relo", .addr = attr->core_relos, .rec_size = attr->core_relo_rec_size,
		.cnt = attr->core_relo_cnt, .size = sizeof(struct bpf_core_relo),
		.min_size = sizeof(struct bpf_core_relo),
	};
	void *records;
	u32 i;
	int err;

	if (!list.cnt)
		return 0;
	if (list.cnt > env->prog->len)
		return bpf_reject(env, REJECT_BAD_BTF, "more core_relos than instructions");
	err = copy_records(env, &list, &records);
	if (err)
		return err;
	for (i = 0; i < list.cnt && !err; i++)
		err = relocate(env, (struct bpf_core_relo *)records + i, i);
	kvfree(records);
	return err;
}

/**
 * bpf_pass_btf_info - records of functions, lines and relocations
 * @env: environment, after subprograms
 *
 * Context: process, may sleep. Return: 0 or -errno.
 */
int bpf_pass_btf_info(struct bpf_verifier_env *env)
{
	int err;

	err = check_func_info(env);
	if (!err)
		err = check_line_info(env);
	return err ?: apply_core_relos(env);
}
