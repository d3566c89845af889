// SPDX-License-Identifier: GPL-2.0
/*
 * The containment oracle. While a program is verified, every state in which the walk looked at an
 * instruction is put away; while it is interpreted, what registers and stack hold before each
 * instruction must be found in one of these states, as a whole. A value that is in none of them is
 * one of which the verifier proved something that is not true.
 *
 * A path that ended at an old state because it differed from it only in numbers on which no verdict
 * depends goes on in states that do not have these numbers. So a state forgets the
 * numbers that were not relevant when it was complete: whatever was found to be covered by it or by
 * one before it was so later, when no fewer numbers were relevant.
 */
#include <linux/bpf.h>
#include <linux/filter.h>
#include <linux/skbuff.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <net/xdp.h>

#include "btf/btf.h"
#include "exec/interp.h"
#include "helpers/graph.h"
#include "maps/array.h"
#include "verifier/snapshot.h"
#include "verifier/walk.h"
#include "host.h"

int host_oracle(int on);
long host_oracle_checks(void);

#ifdef CONFIG_BPF_ORACLE

/* States of one program; with more it is not checked. */
#define MAX_RECORDS	50000

/* Calls that others were found to be like. */
#define MAX_SHARED	1024

/* Elements of an array that a pointer is tried against. */
#define MAX_ELEMS	64

struct record {
	struct record *next;		/* of the same instruction, youngest first */
	struct bpf_snapshot *snap;
	u32 insn;
	u32 depth;
};

/*
 * struct bpf_oracle - what is known of one program
 * @at: per instruction
 * @open: stack of records of which some continuation was not yet looked at
 * @old_of: per operation of the interpreter: the instruction before which the same state holds
 * @types: what packets are found by
 * @shared: instances of frames whose states hold wherever the function is called from
 */
struct bpf_oracle {
	const struct bpf_prog_aux *aux;
	enum bpf_prog_type type;
	u32 len;
	u32 nr;
	bool overflow;
	struct record **at;
	struct record **open;
	u32 nr_open;
	u32 *moved;			/* per new instruction: the old one */
	u32 nr_moved;
	u32 *old_of;
	u32 nr_ops;
	u32 *shared;
	u32 nr_shared;
};

#define NO_INSN U32_MAX

static bool oracle_on;
static atomic64_t checks;
static __thread struct bpf_oracle *current_oracle;

extern bool bpf_prune_off;

int host_oracle(int on)
{
	oracle_on = on;
	return 0;
}

/* Instructions before which a state was looked up. */
long host_oracle_checks(void)
{
	return atomic64_read(&checks);
}

/* ------------------------------------------------------------------ recording */

void bpf_oracle_free(struct bpf_oracle *o)
{
	struct record *r, *next;
	u32 i;

	if (!o)
		return;
	for (i = 0; o->at && i < o->len; i++) {
		for (r = o->at[i]; r; r = next) {
			next = r->next;
			kvfree(r->snap);
			kfree(r);
		}
	}
	kvfree(o->at);
	kvfree(o->open);
	kvfree(o->moved);
	kvfree(o->old_of);
	kvfree(o->shared);
	kfree(o);
}

void bpf_oracle_begin(struct bpf_verifier_env *env)
{
	struct bpf_oracle *o;

	bpf_oracle_free(current_oracle);
	current_oracle = NULL;
	if (!oracle_on)
		return;
	o = kzalloc(sizeof(*o), GFP_KERNEL);
	if (!o)
		return;
	o->aux = env->prog->aux;
	o->type = env->prog->type;
	o->len = env->prog->len;
	o->at = kvcalloc(o->len, sizeof(*o->at), GFP_KERNEL);
	o->open = kvcalloc(MAX_RECORDS, sizeof(*o->open), GFP_KERNEL);
	o->shared = kvcalloc(MAX_SHARED, sizeof(*o->shared), GFP_KERNEL);
	if (!o->at || !o->open || !o->shared) {
		bpf_oracle_free(o);
		return;
	}
	current_oracle = o;
}

void bpf_oracle_state(struct bpf_verifier_env *env)
{
	struct bpf_oracle *o = current_oracle;
	struct bpf_state *st = walk_state(env);
	struct record *r;

	if (!o || st->speculative || o->overflow)
		return;
	r = o->nr < MAX_RECORDS ? kzalloc(sizeof(*r), GFP_KERNEL) : NULL;
	if (r)
		r->snap = snapshot_take(env, st);
	if (!r || !r->snap) {
		kfree(r);
		o->overflow = true;
		return;
	}
	walk_account(env, -(s64)r->snap->size);
	r->insn = st->insn;
	r->depth = env->walk->nr_pending;
	r->next = o->at[r->insn];
	o->at[r->insn] = r;
	o->open[o->nr_open++] = r;
	o->nr++;
}

struct groups {
	u32 nr;
	u32 id[64];
};

static bool in_group(const struct groups *g, u32 id)
{
	u32 i;

	for (i = 0; i < g->nr; i++)
		if (g->id[i] == id)
			return true;
	return false;
}

static void note_group(struct groups *g, const struct bpf_reg *reg, bool relevant)
{
	if (relevant && reg_is_scalar(reg) && reg->id && g->nr < ARRAY_SIZE(g->id) &&
	    !in_group(g, reg->id))
		g->id[g->nr++] = reg->id;
}

static void forget(const struct groups *g, struct bpf_reg *reg, bool relevant)
{
	if (relevant || !reg_is_scalar(reg) || (reg->id && in_group(g, reg->id)))
		return;
	reg_set_unknown(reg);
}

static void forget_slot(const struct groups *g, struct snap_slot *slot, struct bpf_reg *reg,
			bool relevant)
{
	u32 i;

	if (slot->spill_size)
		forget(g, reg, relevant);
	for (i = 0; !relevant && i < 8; i++)
		if (slot->byte[i] == BYTE_ZERO)
			slot->byte[i] = BYTE_MISC;
}

/* What a frame goes on with: the innermost at the instruction, others at their call. */
static u32 frame_at(const struct record *r, const struct snap_frame *sf, u32 n)
{
	return n + 1 == r->snap->nr_frames ? r->insn : snap_next(sf)->callsite;
}

static void for_each_value(struct bpf_verifier_env *env, struct record *r, struct groups *g,
			   bool note)
{
	struct snap_frame *sf = snap_first(r->snap);
	u32 n, at;

	for (n = 0; n < r->snap->nr_frames; n++, sf = snap_next(sf)) {
		struct bpf_reg *reg = snap_regs(sf);
		struct snap_slot *slot = snap_slots(sf);
		u64 slots = sf->slots, rel_slots;
		u16 regs = sf->regs, rel_regs;

		at = frame_at(r, sf, n);
		rel_regs = relevance_regs(env, at);
		rel_slots = relevance_slots_of(env, at);
		for (; regs; regs &= regs - 1, reg++) {
			bool rel = rel_regs & (1 << __ffs(regs));

			if (note)
				note_group(g, reg, rel);
			else
				forget(g, reg, rel);
		}
		for (; slots; slots &= slots - 1, slot++) {
			bool rel = rel_slots & (1ULL << __ffs64(slots));

			if (!note)
				forget_slot(g, slot, snap_slot_reg(sf, slot), rel);
			else if (slot->spill_size)
				note_group(g, snap_slot_reg(sf, slot), rel);
		}
	}
}

void bpf_oracle_complete(struct bpf_verifier_env *env, s64 depth)
{
	struct bpf_oracle *o = current_oracle;
	struct groups g;
	struct record *r;

	if (!o)
		return;
	/*
	 * Branches that are taken up in another order than that of a stack say nothing of what is
	 * complete. Such a walk counts only if relevance stayed as it was: the end is soon enough.
	 */
	if (env->walk->merging && depth != BPF_ORACLE_ALL)
		return;
	while (o->nr_open && (s64)o->open[o->nr_open - 1]->depth > depth) {
		r = o->open[--o->nr_open];
		if (bpf_prune_off)
			continue;
		g.nr = 0;
		for_each_value(env, r, &g, true);
		for_each_value(env, r, &g, false);
	}
}

static bool is_shared(const struct bpf_oracle *o, u32 instance)
{
	u32 i;

	for (i = 0; i < o->nr_shared; i++)
		if (o->shared[i] == instance)
			return true;
	return false;
}

void bpf_oracle_shared(struct bpf_verifier_env *env, u32 instance)
{
	struct bpf_oracle *o = current_oracle;

	if (!o || is_shared(o, instance))
		return;
	if (o->nr_shared == MAX_SHARED)
		o->overflow = true;
	else
		o->shared[o->nr_shared++] = instance;
}

/* Of several instructions that come to begin at one place the last one stays there. */
void bpf_oracle_moved(struct bpf_verifier_env *env, const struct bpf_edit_map *map)
{
	struct bpf_oracle *o = current_oracle;
	u32 i, len;

	if (!o || o->aux != env->prog->aux)
		return;
	len = map->first[o->len];
	kvfree(o->moved);
	o->moved = kvmalloc_array(len ?: 1, sizeof(*o->moved), GFP_KERNEL);
	o->nr_moved = o->moved ? len : 0;
	for (i = 0; i < o->nr_moved; i++)
		o->moved[i] = NO_INSN;
	for (i = 0; i < o->len; i++) {
		if (env->aux[i].seen && !env->aux[i].second && map->jump[i] < o->nr_moved)
			o->moved[map->jump[i]] = i;
	}
}

struct bpf_oracle *bpf_oracle_prepared(const struct bpf_prog *prog, const u32 *index, u32 nr_ops)
{
	struct bpf_oracle *o = current_oracle;
	u32 i;

	if (!o || o->aux != prog->aux || o->overflow || o->nr_moved != prog->len)
		return NULL;
	o->old_of = kvmalloc_array(nr_ops, sizeof(*o->old_of), GFP_KERNEL);
	if (!o->old_of)
		return NULL;
	current_oracle = NULL;
	o->nr_ops = nr_ops;
	for (i = 0; i < nr_ops; i++)
		o->old_of[i] = NO_INSN;
	for (i = 0; i < prog->len; i++)
		if (o->moved[i] != NO_INSN)
			o->old_of[index[i]] = o->moved[i];
	return o;
}

/* ------------------------------------------------------------------ what is there */

#define MAX_DEPTH 16

/*
 * struct machine - what the interpreter is in
 * @nr: frames, outermost first
 * @saved: of frame n: its registers 6 to 9 while it waits; the innermost has @regs
 */
struct machine {
	const u64 *regs;
	u64 ctx;
	u32 nr;
	u64 fp[MAX_DEPTH];
	const u64 *saved[MAX_DEPTH];
	bool packet;
	u64 data, data_end, data_meta;
};

static bool read_frames(struct machine *m, const u8 *top)
{
	u64 fp[MAX_DEPTH], at = m->regs[10];
	const u64 *saved[MAX_DEPTH] = { NULL };
	u32 n = 0, i;

	fp[n++] = at;
	while (at != (unsigned long)top) {
		const struct interp_frame *frame = (void *)(unsigned long)at;

		if (n == MAX_DEPTH)
			return false;
		saved[n] = frame->regs;
		at = frame->fp;
		fp[n++] = at;
	}
	m->nr = n;
	for (i = 0; i < n; i++) {
		m->fp[i] = fp[n - 1 - i];
		m->saved[i] = saved[n - 1 - i];
	}
	return true;
}

static void read_packet(struct machine *m, enum bpf_prog_type type)
{
	const struct xdp_buff *xdp = (void *)(unsigned long)m->ctx;
	const struct sk_buff *skb = (void *)(unsigned long)m->ctx;

	m->packet = m->ctx;
	switch (m->ctx ? type : BPF_PROG_TYPE_UNSPEC) {
	case BPF_PROG_TYPE_XDP:
		m->data = (unsigned long)xdp->data;
		m->data_end = (unsigned long)xdp->data_end;
		m->data_meta = (unsigned long)xdp->data_meta;
		break;
	case BPF_PROG_TYPE_SCHED_CLS:
	case BPF_PROG_TYPE_SCHED_ACT:
		m->data = (unsigned long)skb->data;
		m->data_end = m->data + skb_headlen(skb);
		m->data_meta = m->data - skb_metadata_len(skb);
		break;
	default:
		m->packet = false;
	}
}

/* Of the frames of a state the innermost as many as there are. */
static bool frame_fp(const struct machine *m, u32 nr_frames, u32 frame, u64 *fp)
{
	s64 n = (s64)m->nr - nr_frames + frame;

	if (n < 0 || n >= m->nr)
		return false;
	*fp = m->fp[n];
	return true;
}

/* ------------------------------------------------------------------ is it contained? */

/*
 * struct look - one comparison of a machine with a state
 * @nr_ids: bases of link groups that were met
 */
struct look {
	const struct machine *m;
	u32 nr_frames;
	u32 nr_ids;
	struct {
		u32 id;
		u64 base;
	} ids[64];
};

/* What shares an id shares what is left of a value when its constant offset is taken away. */
static bool same_base(struct look *l, u32 id, u64 base)
{
	u32 i;

	if (!id)
		return true;
	for (i = 0; i < l->nr_ids; i++)
		if (l->ids[i].id == id)
			return l->ids[i].base == base;
	if (l->nr_ids < ARRAY_SIZE(l->ids)) {
		l->ids[l->nr_ids].id = id;
		l->ids[l->nr_ids++].base = base;
	}
	return true;
}

static bool in_packet(struct look *l, const struct bpf_reg *reg, u64 val, u64 start, u64 end)
{
	u64 base = val - (s64)reg->off;

	return scalar_contains(&reg->var, base - start) && same_base(l, reg->id, base) &&
	       (!reg->range || base + reg->range <= end);
}

/* In some element of an array, as far as its place is known. */
static bool in_array(const struct bpf_reg *reg, u64 val)
{
	const struct bpf_array *array = to_bpf_array(reg->map);
	u64 base = val - (s64)reg->off - (unsigned long)array->data;
	u32 i;

	if (reg->map->map_type != BPF_MAP_TYPE_ARRAY || reg->map->max_entries > MAX_ELEMS)
		return true;
	for (i = 0; i < reg->map->max_entries; i++)
		if (scalar_contains(&reg->var, base - (u64)i * array->elem_size))
			return true;
	return false;
}

/* Are these the fields of what may be an object? Where another path led, it is anything. */
static bool has_record(u64 obj, const struct btf_record *rec)
{
	struct obj_head head;

	return !copy_from_kernel_nofault(&head, (void *)(unsigned long)(obj - sizeof(head)),
					 sizeof(head)) && head.rec == rec;
}

/*
 * An object of a program's own: the same for all pointers with one reference or id, and of the type
 * that it is taken for. Those of each CPU have nothing in front of them that would tell.
 */
static bool in_object(struct look *l, const struct bpf_reg *reg, u64 val)
{
	u64 base = val - reg_const_off(reg);

	if (!base || !same_base(l, reg->ref_id, base) || !same_base(l, reg->id, base))
		return false;
	return reg->type & (MEM_PERCPU | MEM_RCU) ||
	       has_record(base, btf_struct_record(reg->btf, reg->btf_id));
}

static bool in_pointer(struct look *l, const struct bpf_reg *reg, u64 val)
{
	const struct machine *m = l->m;
	u64 fp;

	if (reg->type & PTR_MAYBE_NULL && !val)
		return true;
	switch (base_type(reg->type)) {
	case PTR_TO_STACK:
		return !frame_fp(m, l->nr_frames, reg->frame, &fp) ||
		       scalar_contains(&reg->var, val - fp - (s64)reg->off);
	case PTR_TO_CTX:
		return !m->ctx || scalar_contains(&reg->var, val - m->ctx - (s64)reg->off);
	case CONST_PTR_TO_MAP:
		return reg->map_uid || val == (unsigned long)reg->map;
	case PTR_TO_MAP_VALUE:
		return reg->map_uid || in_array(reg, val);
	case PTR_TO_PACKET:
		return !m->packet || in_packet(l, reg, val, m->data, m->data_end);
	case PTR_TO_PACKET_META:
		return !m->packet || in_packet(l, reg, val, m->data_meta, m->data);
	case PTR_TO_PACKET_END:
		return !m->packet || val == m->data_end;
	case PTR_TO_BTF_ID:
		if (reg_is_allocated(reg) && reg_off_const(reg))
			return in_object(l, reg, val);
		return true;
	default:
		return val || reg->off || !scalar_is_const(&reg->var) ||
		       !(ptr_kind(reg->type)->flags & KIND_NEVER_NULL);
	}
}

static bool in_reg(struct look *l, const struct bpf_reg *reg, u64 val)
{
	if (reg->type == NOT_INIT)
		return true;
	if (reg_is_scalar(reg))
		return scalar_contains(&reg->var, val) &&
		       same_base(l, reg->id, val - (s64)reg->off);
	return in_pointer(l, reg, val);
}

static bool in_slot(struct look *l, const struct snap_slot *slot, const struct bpf_reg *reg,
		    const u8 *mem)
{
	u64 val = 0;
	u32 i;

	for (i = 0; i < 8; i++)
		if (slot->byte[i] == BYTE_ZERO && mem[i])
			return false;
	if (!slot->spill_size)
		return true;
	for (i = 0; i < slot->spill_size; i++)
		val |= (u64)mem[slot->spill_off + i] << 8 * i;
	if (slot->spill_size < 8 && !reg_is_scalar(reg))
		return true;
	return in_reg(l, reg, val);
}

/* @miss: a register (from 0) or a slot (-1 is fp-8) that does not fit */
static bool in_frame(struct look *l, const struct snap_frame *sf, u32 n, int *miss)
{
	const struct machine *m = l->m;
	const struct bpf_reg *reg = snap_regs(sf);
	const struct snap_slot *slot = snap_slots(sf);
	bool innermost = n + 1 == l->nr_frames;
	u64 slots = sf->slots, fp;
	u16 regs = sf->regs;
	const u64 *saved;

	if (!frame_fp(m, l->nr_frames, n, &fp))
		return true;
	saved = m->saved[m->nr - l->nr_frames + n];
	for (; regs; regs &= regs - 1, reg++) {
		*miss = __ffs(regs);
		if (!innermost && (*miss < BPF_REG_6 || !saved))
			continue;
		if (!in_reg(l, reg, innermost ? m->regs[*miss] : saved[*miss - BPF_REG_6]))
			return false;
	}
	for (; slots; slots &= slots - 1, slot++) {
		*miss = -1 - (int)__ffs64(slots);
		if (!in_slot(l, slot, snap_slot_reg(sf, slot),
			     (u8 *)(unsigned long)fp + 8 * *miss))
			return false;
	}
	return true;
}

/* The first frame that has to fit: those around a call that stands for others are others'. */
static u32 first_frame(const struct bpf_oracle *o, const struct bpf_snapshot *snap)
{
	const struct snap_frame *sf = snap_first(snap);
	u32 n, first = 0;

	for (n = 0; n < snap->nr_frames; n++, sf = snap_next(sf))
		if (is_shared(o, sf->instance))
			first = n;
	return first;
}

static bool in_state(const struct bpf_oracle *o, const struct machine *m,
		     const struct bpf_snapshot *snap, int *miss)
{
	const struct snap_frame *sf = snap_first(snap);
	struct look l = { .m = m, .nr_frames = snap->nr_frames };
	u32 n, first = first_frame(o, snap);

	for (n = 0; n < snap->nr_frames; n++, sf = snap_next(sf))
		if (n >= first && !in_frame(&l, sf, n, miss))
			return false;
	return true;
}

static void tell_scalar(const char *what, u64 val, const struct bpf_reg *reg)
{
	pr_err("oracle: %s = %#llx; type %#x off %d id %u u [%#llx, %#llx] s [%lld, %lld] bits %#llx/%#llx u32 [%#x, %#x]\n",
	       what, val, reg->type, reg->off, reg->id, scalar_umin(&reg->var),
	       scalar_umax(&reg->var), scalar_smin(&reg->var), scalar_smax(&reg->var),
	       scalar_tnum(&reg->var).value, scalar_tnum(&reg->var).mask,
	       scalar_u32_min(&reg->var), scalar_u32_max(&reg->var));
}

/* The innermost frame is what a reader begins with. */
static void tell(const struct machine *m, const struct bpf_snapshot *snap, int miss)
{
	const struct snap_frame *sf = snap_first(snap);
	u32 n;

	pr_err("oracle: a state of %u frames; first to differ: %s%d\n", snap->nr_frames,
	       miss < 0 ? "fp" : "R", miss < 0 ? miss * 8 : miss);
	for (n = 0; n + 1 < snap->nr_frames; n++)
		sf = snap_next(sf);
	for (n = 0; n < hweight16(sf->regs); n++) {
		u16 regs = sf->regs;
		char name[8];
		u32 k;

		for (k = 0; k < n; k++)
			regs &= regs - 1;
		snprintf(name, sizeof(name), "R%u", (u32)__ffs(regs));
		tell_scalar(name, m->regs[__ffs(regs)], &snap_regs(sf)[n]);
	}
	for (n = 0; n < hweight64(sf->slots); n++) {
		u64 slots = sf->slots;
		char name[16];
		u32 k;

		for (k = 0; k < n; k++)
			slots &= slots - 1;
		k = __ffs64(slots);
		snprintf(name, sizeof(name), "fp-%u", 8 * k + 8);
		if (snap_slots(sf)[n].spill_size)
			tell_scalar(name, *(u64 *)(unsigned long)(m->regs[10] - 8 * k - 8),
				    snap_slot_reg(sf, &snap_slots(sf)[n]));
	}
}

void bpf_oracle_step(const struct bpf_oracle *o, u32 op, const u64 *regs, const u8 *top, u64 ctx)
{
	struct machine m = { .regs = regs, .ctx = ctx };
	u32 insn = o->old_of[op], told = 0;
	const struct record *r;
	int miss = 0;

	if (insn == NO_INSN || !read_frames(&m, top))
		return;
	atomic64_inc(&checks);
	read_packet(&m, o->type);
	for (r = o->at[insn]; r; r = r->next)
		if (in_state(o, &m, r->snap, &miss))
			return;
	pr_err("oracle: instruction %u of %s: %s\n", insn, o->aux->name,
	       o->at[insn] ? "what is there is in no state that was looked at" :
	       "was never looked at");
	for (r = o->at[insn]; r && told < 4; r = r->next, told++) {
		in_state(o, &m, r->snap, &miss);
		tell(&m, r->snap, miss);
	}
	WARN(1, "oracle: not contained\n");
}

#else

int host_oracle(int on)
{
	return on ? -EOPNOTSUPP : 0;
}

long host_oracle_checks(void)
{
	return 0;
}

#endif /* CONFIG_BPF_ORACLE */
