// SPDX-License-Identifier: GPL-2.0
/*
 * Programs as memory: allocation, the functions of a program, statistics, and
 * the end. References and ids are the system call's matter.
 */
#include <linux/bug.h>
#include <linux/export.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "exec/exec.h"

DEFINE_STATIC_KEY_FALSE(bpf_stats_enabled_key);
EXPORT_SYMBOL(bpf_stats_enabled_key);

/**
 * __bpf_call_base - origin of call distances
 * @r1: not used
 * @r2: not used
 * @r3: not used
 * @r4: not used
 * @r5: not used
 *
 * Helper calls are stored as distances from its address. A call that was never
 * fixed up (distance 0) ends here and does nothing.
 *
 * Context: Any.
 * Return: 0.
 */
noinline u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	WARN_ONCE(1, "bpf: call without a target\n");
	return 0;
}
EXPORT_SYMBOL_GPL(__bpf_call_base);

/* Bytes of a program of @len instructions, whole pages; 0 where it cannot be. */
static size_t prog_bytes(u32 len)
{
	size_t size = struct_size_t(struct bpf_prog, insnsi, len);

	if (size > (size_t)U16_MAX << PAGE_SHIFT)
		return 0;
	return PAGE_ALIGN(size);
}

static struct bpf_prog *prog_area(u32 len, gfp_t gfp)
{
	size_t size = prog_bytes(len);
	struct bpf_prog *prog;

	if (!size)
		return NULL;
	prog = __vmalloc(size, gfp | __GFP_ZERO | __GFP_NOWARN);
	if (!prog)
		return NULL;
	prog->pages = size >> PAGE_SHIFT;
	prog->len = len;
	return prog;
}

static void prog_area_free(struct bpf_prog *prog)
{
	vfree(prog);
}

/* A program and its aux, without what only the main program of a load has. */
static struct bpf_prog *prog_new(u32 len, gfp_t gfp)
{
	struct bpf_prog *prog = prog_area(len, gfp);
	struct bpf_prog_aux *aux;

	if (!prog)
		return NULL;
	aux = kzalloc(sizeof(*aux), gfp);
	if (!aux) {
		prog_area_free(prog);
		return NULL;
	}
	prog->aux = aux;
	aux->prog = prog;
	aux->main_prog_aux = aux;
	atomic64_set(&aux->refcnt, 1);
	mutex_init(&aux->used_maps_mutex);
	mutex_init(&aux->dst_mutex);
	INIT_LIST_HEAD_RCU(&aux->ksym.lnode);
	INIT_LIST_HEAD(&aux->poke_node);
	return prog;
}

static void prog_delete(struct bpf_prog *prog)
{
	free_percpu(prog->stats);
	free_percpu(prog->active);
	kfree(prog->aux);
	prog_area_free(prog);
}

/**
 * bpf_prog_alloc - a program without instructions
 * @len: instructions there is to be room for
 * @gfp: GFP_KERNEL or GFP_USER, with __GFP_ACCOUNT where the caller is to be charged
 *
 * All fields are 0 but len, pages, aux, and aux's reference count, which is 1.
 *
 * Context: Process context, may sleep.
 * Return: program, NULL without memory or when @len is too large.
 */
struct bpf_prog *bpf_prog_alloc(u32 len, gfp_t gfp)
{
	struct bpf_prog *prog = prog_new(len, gfp);
	int cpu;

	if (!prog)
		return NULL;
	prog->active = alloc_percpu_gfp(int, gfp);
	prog->stats = alloc_percpu_gfp(struct bpf_prog_stats, gfp);
	if (!prog->active || !prog->stats) {
		prog_delete(prog);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		u64_stats_init(&per_cpu_ptr(prog->stats, cpu)->syncp);
	return prog;
}

/**
 * bpf_prog_realloc - change the number of instructions
 * @prog: program that does not run yet; not to be used afterwards on success
 * @len: instructions; those beyond the old number are 0
 * @gfp: as for bpf_prog_alloc()
 *
 * Context: Process context, may sleep.
 * Return: program in @prog's place, NULL when there is no memory: @prog stays.
 */
struct bpf_prog *bpf_prog_realloc(struct bpf_prog *prog, u32 len, gfp_t gfp)
{
	size_t size = prog_bytes(len);
	struct bpf_prog *bigger;

	if (!size)
		return NULL;
	if (size >> PAGE_SHIFT == prog->pages) {
		if (len > prog->len)
			memset(prog->insnsi + prog->len, 0,
			       array_size(len - prog->len, sizeof(prog->insnsi[0])));
		prog->len = len;
		return prog;
	}
	bigger = prog_area(len, gfp);
	if (!bigger)
		return NULL;
	memcpy(bigger, prog, struct_size(prog, insnsi, min(prog->len, len)));
	bigger->pages = size >> PAGE_SHIFT;
	bigger->len = len;
	bigger->aux->prog = bigger;
	prog_area_free(prog);
	return bigger;
}

/**
 * bpf_prog_func_start - first instruction of a function
 * @prog: main program
 * @idx: function
 *
 * Context: Any.
 * Return: index in @prog->insnsi.
 */
u32 bpf_prog_func_start(const struct bpf_prog *prog, u32 idx)
{
	return prog->aux->func_cnt ? prog->aux->subprog_off[idx] : 0;
}

/**
 * bpf_prog_func_len - length of a function
 * @prog: main program
 * @idx: function
 *
 * Context: Any.
 * Return: number of instructions.
 */
u32 bpf_prog_func_len(const struct bpf_prog *prog, u32 idx)
{
	u32 end = idx + 1 < prog->aux->func_cnt ? prog->aux->subprog_off[idx + 1] : prog->len;

	return end - bpf_prog_func_start(prog, idx);
}

static void func_set_desc(struct bpf_prog_aux *aux, const struct bpf_func_desc *desc)
{
	aux->stack_depth = desc->stack_depth;
	aux->linfo_idx = desc->linfo_idx;
	aux->tail_call_reachable = desc->tail_call_reachable;
	aux->changes_pkt_data = desc->changes_pkt_data;
	aux->might_sleep = desc->might_sleep;
	aux->exception_cb = desc->exception_cb;
	if (desc->name)
		strscpy(aux->ksym.name, desc->name, sizeof(aux->ksym.name));
}

/* What a subprogram shares with its main program; pointers stay the main one's. */
static void func_inherit(struct bpf_prog *func, const struct bpf_prog *prog)
{
	struct bpf_prog_aux *to = func->aux;
	const struct bpf_prog_aux *from = prog->aux;

	func->type = prog->type;
	func->expected_attach_type = prog->expected_attach_type;
	func->is_func = 1;
	func->jit_requested = prog->jit_requested;
	func->blinding_requested = prog->blinding_requested;
	func->gpl_compatible = prog->gpl_compatible;
	func->cb_access = prog->cb_access;
	func->sleepable = prog->sleepable;
	func->call_get_stack = prog->call_get_stack;
	func->call_get_func_ip = prog->call_get_func_ip;

	to->main_prog_aux = prog->aux;
	to->info = from->info;
	to->token = from->token;
	to->func = from->func;
	to->func_cnt = from->func_cnt;
	to->subprog_off = from->subprog_off;
	to->btf = from->btf;
	to->func_info = from->func_info;
	to->func_info_cnt = from->func_info_cnt;
	to->linfo = from->linfo;
	to->nr_linfo = from->nr_linfo;
	to->attach_btf = from->attach_btf;
	to->attach_btf_id = from->attach_btf_id;
	to->xdp_has_frags = from->xdp_has_frags;
	to->priv_stack_requested = from->priv_stack_requested;
	to->verifier_zext = from->verifier_zext;
	memcpy(to->name, from->name, sizeof(to->name));
}

/* Index of the function that begins at @start, -1 where none does. */
static int func_find(const struct bpf_func_desc *desc, u32 cnt, s64 start)
{
	u32 lo = 0, hi = cnt;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (desc[mid].start == start)
			return mid;
		if (desc[mid].start < start)
			lo = mid + 1;
		else
			hi = mid;
	}
	return -1;
}

/* Writes the callee's index to every instruction that names a function. */
static int funcs_link(struct bpf_prog *prog, const struct bpf_func_desc *desc, u32 cnt)
{
	struct bpf_insn *insn = prog->insnsi;
	u32 i, slots;
	int callee;

	for (i = 0; i < prog->len; i += slots) {
		slots = insn_slots(&insn[i]);
		if (!insn_is_sub_call(&insn[i]) && !insn_is_sub_addr(&insn[i]))
			continue;
		callee = func_find(desc, cnt, (s64)i + 1 + insn[i].imm);
		if (callee < 0)
			return -EINVAL;
		insn[i].off = callee;
	}
	return 0;
}

static int funcs_check(const struct bpf_prog *prog, const struct bpf_func_desc *desc, u32 cnt)
{
	u32 i;

	if (!cnt || cnt > BPF_FUNC_MAX || desc[0].start)
		return -EINVAL;
	for (i = 1; i < cnt; i++) {
		if (desc[i].start <= desc[i - 1].start || desc[i].start >= prog->len)
			return -EINVAL;
	}
	return 0;
}

static void funcs_free(struct bpf_prog_aux *aux)
{
	u32 i;

	for (i = 1; aux->func && i < aux->func_cnt; i++) {
		if (aux->func[i])
			prog_delete(aux->func[i]);
	}
	kfree(aux->func);
	kvfree(aux->subprog_off);
	aux->func = NULL;
	aux->subprog_off = NULL;
	aux->func_cnt = 0;
	aux->real_func_cnt = 0;
}

static int func_create(struct bpf_prog *prog, const struct bpf_func_desc *desc, u32 idx)
{
	u32 start = bpf_prog_func_start(prog, idx);
	u32 len = bpf_prog_func_len(prog, idx);
	struct bpf_prog *func = prog_new(len, GFP_KERNEL_ACCOUNT);

	if (!func)
		return -ENOMEM;
	memcpy(func->insnsi, prog->insnsi + start, array_size(len, sizeof(func->insnsi[0])));
	func_inherit(func, prog);
	func->aux->func_idx = idx;
	func_set_desc(func->aux, desc);
	bpf_prog_calc_tag(func);
	prog->aux->func[idx] = func;
	return 0;
}

/**
 * bpf_prog_set_funcs - tell what functions a program consists of
 * @prog: rewritten program, facts and BTF in aux
 * @desc: the functions in the order of their instructions, the main one first
 * @cnt: number of them, at least 1
 *
 * With more than one, makes aux->func[] and writes callee indices to calls.
 *
 * Context: Process context, may sleep.
 * Return: 0, -ENOMEM, or -EINVAL where calls and functions do not fit together.
 */
int bpf_prog_set_funcs(struct bpf_prog *prog, const struct bpf_func_desc *desc, u32 cnt)
{
	struct bpf_prog_aux *aux = prog->aux;
	int err = funcs_check(prog, desc, cnt);
	u32 i;

	if (err)
		return err;
	func_set_desc(aux, &desc[0]);
	if (cnt == 1)
		return 0;
	err = funcs_link(prog, desc, cnt);
	if (err)
		return err;
	aux->func = kcalloc(cnt, sizeof(*aux->func), GFP_KERNEL_ACCOUNT);
	kvfree(aux->subprog_off);
	aux->subprog_off = kvmalloc_array(cnt, sizeof(*aux->subprog_off), GFP_KERNEL_ACCOUNT);
	aux->func_cnt = cnt;
	aux->real_func_cnt = cnt;
	if (!aux->func || !aux->subprog_off) {
		funcs_free(aux);
		return -ENOMEM;
	}
	for (i = 0; i < cnt; i++)
		aux->subprog_off[i] = desc[i].start;
	aux->func[0] = prog;
	for (i = 1; i < cnt && !err; i++)
		err = func_create(prog, &desc[i], i);
	if (err)
		funcs_free(aux);
	return err;
}

/* Nothing but the loader's last step writes to a program after this. */
static int prog_lock(struct bpf_prog *prog)
{
	set_vm_flush_reset_perms(prog);
	return set_memory_ro((unsigned long)prog, prog->pages);
}

/**
 * bpf_prog_select_runtime - give a program what runs it
 * @prog: main program after bpf_prog_set_funcs()
 *
 * The JIT if it is on and can, otherwise the interpreter unless that is left
 * out (CONFIG_BPF_JIT_ALWAYS_ON). Afterwards the program is read-only.
 *
 * Context: Process context, may sleep.
 * Return: 0, or a negative error; then the program has to be freed.
 */
int bpf_prog_select_runtime(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;
	int err = bpf_jit_all(prog);
	u32 i;

	if (err)
		err = bpf_interp_prepare(prog);
	for (i = 1; !err && i < aux->func_cnt; i++)
		err = prog_lock(aux->func[i]);
	return err ?: prog_lock(prog);
}

/**
 * bpf_prog_free_unlinked - free a program that nobody has ever seen
 * @prog: program, loaded or half loaded; NULL is taken
 *
 * What else it holds (see exec.h) has been released.
 *
 * Context: Process context, may sleep.
 */
void bpf_prog_free_unlinked(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux;
	u32 i;

	if (!prog)
		return;
	aux = prog->aux;
	bpf_prog_kallsyms_del_all(prog);
	for (i = 1; i < aux->func_cnt; i++)
		bpf_prog_free_image(aux->func[i]);
	bpf_prog_free_image(prog);
	bpf_interp_release(prog);
	funcs_free(aux);
	kvfree(aux->facts);
	kvfree(aux->jited_linfo);
	kvfree(aux->poke_tab);
	prog_delete(prog);
}

static void prog_free_work(struct work_struct *work)
{
	bpf_prog_free_unlinked(container_of(work, struct bpf_prog_aux, work)->prog);
}

/**
 * bpf_prog_free - free a program that nobody runs any more
 * @prog: program; a grace period has passed since it could be found
 *
 * Context: Any but NMI.
 */
void bpf_prog_free(struct bpf_prog *prog)
{
	INIT_WORK(&prog->aux->work, prog_free_work);
	schedule_work(&prog->aux->work);
}
EXPORT_SYMBOL_GPL(bpf_prog_free);

/**
 * bpf_prog_sum_stats - add up the run statistics of all CPUs
 * @prog: main program
 * @totals: the sums
 *
 * Context: Any.
 */
void bpf_prog_sum_stats(const struct bpf_prog *prog, struct bpf_prog_totals *totals)
{
	const struct bpf_prog_stats *st;
	u64 nsecs, cnt, misses;
	unsigned int start;
	int cpu;

	memset(totals, 0, sizeof(*totals));
	if (!prog->stats)
		return;
	for_each_possible_cpu(cpu) {
		st = per_cpu_ptr(prog->stats, cpu);
		do {
			start = u64_stats_fetch_begin(&st->syncp);
			nsecs = u64_stats_read(&st->nsecs);
			cnt = u64_stats_read(&st->cnt);
			misses = u64_stats_read(&st->misses);
		} while (u64_stats_fetch_retry(&st->syncp, start));
		totals->nsecs += nsecs;
		totals->cnt += cnt;
		totals->misses += misses;
	}
}

/**
 * bpf_prog_inc_misses - count a run that did not happen
 * @prog: program that was running on this CPU already
 *
 * Context: Any, migration disabled.
 */
void bpf_prog_inc_misses(struct bpf_prog *prog)
{
	struct bpf_prog_stats *stats;
	unsigned long flags;

	if (!prog->stats)
		return;
	stats = this_cpu_ptr(prog->stats);
	flags = u64_stats_update_begin_irqsave(&stats->syncp);
	u64_stats_inc(&stats->misses);
	u64_stats_update_end_irqrestore(&stats->syncp, flags);
}
