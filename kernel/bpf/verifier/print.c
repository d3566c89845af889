// SPDX-License-Identifier: GPL-2.0
/*
 * What logs show: source lines, instructions, states, the last lines. The notation is read by
 * tools; kernel addresses never appear in it.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/ctype.h>
#include <linux/ktime.h>
#include <linux/math64.h>
#include <linux/string.h>
#include "btf/btf.h"
#include "helpers/helpers.h"
#include "verifier/walk.h"

/**
 * vlog - write to the log of a verification
 * @env: environment
 * @fmt: format
 *
 * Context: process, may sleep.
 */
void vlog(struct bpf_verifier_env *env, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bpf_vlog_vprintf(&env->log, fmt, args);
	va_end(args);
}

/* ------------------------------------------------------------------ source and instructions */

/* Number of the line record that covers an instruction; U32_MAX: none. */
static u32 linfo_of(const struct bpf_prog_aux *aux, u32 idx)
{
	u32 lo = 0, hi = aux->nr_linfo, mid;

	while (lo < hi) {
		mid = lo + (hi - lo) / 2;
		if (aux->linfo[mid].insn_off <= idx)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo ? lo - 1 : U32_MAX;
}

/* Records of one line differ in the column only. */
static bool same_line(const struct bpf_prog_aux *aux, u32 at, u32 prev)
{
	const struct bpf_line_info *a, *b;

	if (at == prev || prev >= aux->nr_linfo)
		return at == prev;
	a = &aux->linfo[at];
	b = &aux->linfo[prev];
	return a->line_off == b->line_off && a->file_name_off == b->file_name_off &&
	       BPF_LINE_INFO_LINE_NUM(a->line_col) == BPF_LINE_INFO_LINE_NUM(b->line_col);
}

/* Skips indentation. */
static const char *text_of_line(const struct btf *btf, u32 off)
{
	const char *s = btf_name_by_offset(btf, off);

	return s ? skip_spaces(s) : "";
}

/**
 * vlog_source_line - the line of source that an instruction belongs to
 * @env: environment
 * @idx: the instruction
 *
 * Writes nothing where the line is not known or the same as last time.
 * Context: process.
 */
void vlog_source_line(struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_prog_aux *aux = env->prog->aux;
	u32 at = linfo_of(aux, idx);
	const struct bpf_line_info *line;
	const char *file;

	if (at == U32_MAX || !aux->btf)
		return;
	line = &aux->linfo[at];
	if (!BPF_LINE_INFO_LINE_NUM(line->line_col) || same_line(aux, at, env->prev_linfo))
		return;
	env->prev_linfo = at;
	file = btf_name_by_offset(aux->btf, line->file_name_off) ?: "";
	vlog(env, "; %s @ %s:%u\n", text_of_line(aux->btf, line->line_off), kbasename(file),
	     BPF_LINE_INFO_LINE_NUM(line->line_col));
}

static const char *call_name(void *ctx, const struct bpf_insn *insn, char *buf, size_t size)
{
	const struct bpf_verifier_env *env = ctx;
	const struct bpf_kfunc_desc *kfunc;

	if (insn_is_sub_call(insn))
		return NULL;
	if (!insn_is_kfunc_call(insn))
		return bpf_helper_name(insn->imm) ?: "unknown";
	kfunc = bpf_kfunc_find(env, insn->imm, insn->off);
	return kfunc ? kfunc->name : NULL;
}

/**
 * vlog_insn - an instruction: its index and text, without newline
 * @env: environment
 * @idx: the instruction
 *
 * Context: process.
 */
void vlog_insn(struct bpf_verifier_env *env, u32 idx)
{
	const struct insn_text_cb cb = { .call = call_name, .ctx = env };
	const struct bpf_insn *insn = env_insn(env, idx);
	struct bpf_insn pair[2] = { insn[0] };
	char buf[192];

	if (idx + 1 < env->prog->len)
		pair[1] = insn[1];
	insn_text(buf, sizeof(buf), pair, &cb);
	vlog(env, "%u: %s", idx, buf);
}

/* ------------------------------------------------------------------ registers */

static const char * const type_names[__BPF_REG_TYPE_MAX] = {
	[NOT_INIT] = "?",
	[SCALAR_VALUE] = "scalar",
	[PTR_TO_CTX] = "ctx",
	[CONST_PTR_TO_MAP] = "map_ptr",
	[PTR_TO_MAP_VALUE] = "map_value",
	[PTR_TO_MAP_KEY] = "map_key",
	[PTR_TO_STACK] = "fp",
	[PTR_TO_PACKET_META] = "pkt_meta",
	[PTR_TO_PACKET] = "pkt",
	[PTR_TO_PACKET_END] = "pkt_end",
	[PTR_TO_FLOW_KEYS] = "flow_keys",
	[PTR_TO_SOCKET] = "sock",
	[PTR_TO_SOCK_COMMON] = "sock_common",
	[PTR_TO_TCP_SOCK] = "tcp_sock",
	[PTR_TO_TP_BUFFER] = "tp_buffer",
	[PTR_TO_XDP_SOCK] = "xdp_sock",
	[PTR_TO_BTF_ID] = "ptr_",
	[PTR_TO_MEM] = "mem",
	[PTR_TO_ARENA] = "arena",
	[PTR_TO_BUF] = "buf",
	[PTR_TO_FUNC] = "func",
	[CONST_PTR_TO_DYNPTR] = "dynptr_ptr",
};

static const struct {
	u32 flag;
	const char *name;
} type_prefixes[] = {
	{ MEM_RDONLY, "rdonly_" },
	{ MEM_RINGBUF, "ringbuf_" },
	{ MEM_USER, "user_" },
	{ MEM_PERCPU, "percpu_" },
	{ MEM_RCU, "rcu_" },
	{ PTR_UNTRUSTED, "untrusted_" },
	{ PTR_TRUSTED, "trusted_" },
	{ MEM_ALLOC, "alloc_" },
	{ NON_OWN_REF, "non_own_ref_" },
};

#define TYPE_STR_SIZE 64

/**
 * bpf_reg_type_str - name of a kind of register
 * @buf: 64 bytes
 * @type: enum bpf_reg_type and flags
 *
 * Context: any. Return: @buf.
 */
const char *bpf_reg_type_str(char *buf, u32 type)
{
	u32 base = base_type(type), i;
	int len = 0;

	buf[0] = 0;
	for (i = 0; i < ARRAY_SIZE(type_prefixes); i++) {
		if (type & type_prefixes[i].flag)
			len += scnprintf(buf + len, TYPE_STR_SIZE - len, "%s",
					 type_prefixes[i].name);
	}
	len += scnprintf(buf + len, TYPE_STR_SIZE - len, "%s",
			 base < __BPF_REG_TYPE_MAX ? type_names[base] : "?");
	if (type & PTR_MAYBE_NULL)
		scnprintf(buf + len, TYPE_STR_SIZE - len, "%s",
			  base == PTR_TO_BTF_ID ? "or_null_" : "_or_null");
	return buf;
}

/* Attributes in parentheses, with commas between them. */
struct attrs {
	struct bpf_verifier_env *env;
	const char *sep;
};

__printf(2, 3) static void attr_add(struct attrs *at, const char *fmt, ...)
{
	va_list args;

	vlog(at->env, "%s", at->sep);
	at->sep = ",";
	va_start(args, fmt);
	bpf_vlog_vprintf(&at->env->log, fmt, args);
	va_end(args);
}

static void attr_low_bounds(struct attrs *at, const struct scalar *v)
{
	s32 smin = scalar_s32_min(v), smax = scalar_s32_max(v);
	u32 umin = scalar_u32_min(v), umax = scalar_u32_max(v);

	if (smin != scalar_smin(v) && smin != S32_MIN && smin != (s32)umin)
		attr_add(at, "smin32=%d", smin);
	if (smax != scalar_smax(v) && smax != S32_MAX && smax != (s32)umax)
		attr_add(at, "smax32=%d", smax);
	if (umin != scalar_umin(v) && umin)
		attr_add(at, "umin32=%u", umin);
	if (umax != scalar_umax(v) && umax != U32_MAX)
		attr_add(at, "umax32=%u", umax);
}

/* Bounds that say something which those before them do not. */
static void attr_bounds(struct attrs *at, const struct scalar *v)
{
	s64 smin = scalar_smin(v), smax = scalar_smax(v);
	u64 umin = scalar_umin(v), umax = scalar_umax(v);
	struct tnum t = scalar_tnum(v);

	if (smin != (s64)umin && smin != S64_MIN)
		attr_add(at, "smin=%lld", smin);
	if (smax != (s64)umax && smax != S64_MAX)
		attr_add(at, "smax=%lld", smax);
	if (umin)
		attr_add(at, "umin=%llu", umin);
	if (umax != U64_MAX)
		attr_add(at, "umax=%llu", umax);
	if (t.mask != U64_MAX)
		attr_add(at, "var_off=(0x%llx; 0x%llx)", t.value, t.mask);
	attr_low_bounds(at, v);
}

static void log_scalar(struct bpf_verifier_env *env, const struct bpf_reg *reg)
{
	struct attrs at = { env, "" };

	if (scalar_is_const(&reg->var)) {
		s64 val = scalar_const_value(&reg->var);

		if (val >= S16_MIN && val <= S16_MAX)
			vlog(env, "%lld", val);
		else
			vlog(env, "0x%llx", (u64)val);
		return;
	}
	vlog(env, "scalar(");
	if (reg->id && reg->off)
		attr_add(&at, "id=%u%+d", reg->id, reg->off);
	else if (reg->id)
		attr_add(&at, "id=%u", reg->id);
	attr_bounds(&at, &reg->var);
	vlog(env, ")");
}

static void attr_of_map(struct attrs *at, const struct bpf_reg *reg)
{
	u32 base = base_type(reg->type);
	const struct bpf_map *map = reg->map;

	if (base != CONST_PTR_TO_MAP && base != PTR_TO_MAP_VALUE && base != PTR_TO_MAP_KEY)
		return;
	if (map->name[0])
		attr_add(at, "map=%.*s", BPF_OBJ_NAME_LEN, map->name);
	attr_add(at, "ks=%u", map->key_size);
	attr_add(at, "vs=%u", map->value_size);
}

/* What belongs to the kind. */
static void attr_kind(struct attrs *at, const struct bpf_reg *reg)
{
	switch (base_type(reg->type)) {
	case PTR_TO_PACKET:
	case PTR_TO_PACKET_META:
		attr_add(at, "r=%u", reg->range);
		break;
	case PTR_TO_MEM:
	case PTR_TO_BUF:
		attr_add(at, "sz=%u", reg->mem_size);
		break;
	case PTR_TO_FUNC:
		attr_add(at, "func=%u", reg->subprog);
		break;
	default:
		break;
	}
}

static s64 const_part(const struct bpf_reg *reg)
{
	return reg->off + (reg_off_const(reg) ? (s64)scalar_const_value(&reg->var) : 0);
}

/* @frame: number of the frame in whose register it is. */
static void log_stack_pointer(struct bpf_verifier_env *env, const struct bpf_reg *reg, u32 frame)
{
	struct attrs at = { env, "(" };

	if (reg->frame != frame)
		vlog(env, "fp[%u]", reg->frame);
	else
		vlog(env, "fp");
	if (const_part(reg) || reg->off)
		vlog(env, "%+lld", const_part(reg));
	else if (reg_off_const(reg))
		vlog(env, "0");
	if (reg_off_const(reg))
		return;
	attr_bounds(&at, &reg->var);
	vlog(env, "%s)", at.sep[0] == '(' ? "(" : "");
}

static void log_pointer(struct bpf_verifier_env *env, const struct bpf_reg *reg)
{
	struct attrs at = { env, "" };
	const struct btf_type *t;
	char name[TYPE_STR_SIZE];

	vlog(env, "%s", bpf_reg_type_str(name, reg->type));
	if (base_type(reg->type) == PTR_TO_BTF_ID && reg->btf) {
		t = btf_type_by_id(reg->btf, reg->btf_id);
		vlog(env, "%s", t ? btf_type_name(reg->btf, t) : "");
	}
	vlog(env, "(");
	if (reg->id)
		attr_add(&at, "id=%u", reg->id);
	if (reg->ref_id)
		attr_add(&at, "ref_obj_id=%u", reg->ref_id);
	attr_of_map(&at, reg);
	if (const_part(reg))
		attr_add(&at, "off=%lld", const_part(reg));
	attr_kind(&at, reg);
	if (!reg_off_const(reg))
		attr_bounds(&at, &reg->var);
	vlog(env, ")");
}

static void log_reg(struct bpf_verifier_env *env, const struct bpf_reg *reg, u32 frame)
{
	switch (base_type(reg->type)) {
	case NOT_INIT:
		vlog(env, "?");
		break;
	case SCALAR_VALUE:
		log_scalar(env, reg);
		break;
	case PTR_TO_STACK:
		log_stack_pointer(env, reg, frame);
		break;
	default:
		log_pointer(env, reg);
	}
}

/**
 * vlog_reg - one register's value
 * @env: environment
 * @reg: the register, of the innermost frame
 *
 * Context: the walk.
 */
void vlog_reg(struct bpf_verifier_env *env, const struct bpf_reg *reg)
{
	log_reg(env, reg, walk_state(env)->cur);
}

/* ------------------------------------------------------------------ the stack */

/* Where what changed begins on the line of an instruction that is not longer. */
#define CHANGES_COLUMN 36

static const char byte_chars[] = {
	[BYTE_NONE] = '?', [BYTE_MISC] = 'm', [BYTE_ZERO] = '0', [BYTE_SPILL] = 'r',
	[BYTE_DYNPTR] = 'd', [BYTE_ITER] = 'i', [BYTE_IRQ] = 'f',
};

static const char *dynptr_name(u32 type)
{
	switch (type & DYNPTR_TYPE_FLAG_MASK) {
	case DYNPTR_TYPE_LOCAL:
		return "local";
	case DYNPTR_TYPE_RINGBUF:
		return "ringbuf";
	case DYNPTR_TYPE_SKB:
		return "skb";
	case DYNPTR_TYPE_XDP:
		return "xdp";
	default:
		return "";
	}
}

/* Highest address first, as the whole frame is written. */
static void log_bytes(struct bpf_verifier_env *env, const struct bpf_slot *slot)
{
	char text[9] = "";
	u32 i;

	for (i = 0; i < 8; i++)
		text[i] = byte_chars[slot->byte[7 - i] % ARRAY_SIZE(byte_chars)];
	vlog(env, "%s", text);
}

/* "iter_num(ref_id=1,state=active)": the type's name without what all of them begin with. */
static void log_iter(struct bpf_verifier_env *env, const struct bpf_slot *slot)
{
	const struct btf_type *t = NULL;
	const char *name = "iter";

	if (slot->reg.btf)
		t = btf_type_by_id(slot->reg.btf, slot->reg.btf_id);
	if (t)
		name = btf_type_name(slot->reg.btf, t);
	if (!strncmp(name, "bpf_", 4))
		name += 4;
	vlog(env, "%s(ref_id=%u,state=%s)", name, slot->reg.ref_id,
	     slot->dyn == 1 ? "active" : "drained");
}

static void log_slot(struct bpf_verifier_env *env, const struct bpf_slot *slot, u32 frame)
{
	struct attrs at = { env, "" };

	if (slot->first && slot->byte[0] == BYTE_DYNPTR) {
		vlog(env, "dynptr_%s(", dynptr_name(slot->dyn));
		if (slot->reg.id)
			attr_add(&at, "id=%u", slot->reg.id);
		if (slot->reg.ref_id)
			attr_add(&at, "ref_id=%u", slot->reg.ref_id);
		vlog(env, ")");
		return;
	}
	if (slot->first && slot->byte[0] == BYTE_ITER) {
		log_iter(env, slot);
		return;
	}
	if (slot->spill_size == 8 && slot->byte[0] == BYTE_SPILL && slot->byte[7] == BYTE_SPILL) {
		log_reg(env, &slot->reg, frame);
		return;
	}
	log_bytes(env, slot);
}

static void log_frame(struct bpf_verifier_env *env, const struct bpf_state *st, u32 frame, u16 regs,
		      u64 slots, u16 written, u64 stored)
{
	const struct bpf_frame *f = st->frame[frame];
	u32 i;

	if (frame)
		vlog(env, " frame%u:", frame);
	for (i = 0; i < BPF_VERIFY_REGS; i++) {
		if (!(regs & BIT(i)) || f->regs[i].type == NOT_INIT)
			continue;
		vlog(env, " R%u%s=", i, written & BIT(i) ? "_w" : "");
		log_reg(env, &f->regs[i], frame);
	}
	for (i = 0; i < BPF_VERIFY_SLOTS; i++) {
		if (!(slots & f->used & BIT_ULL(i)))
			continue;
		vlog(env, " fp%d%s=", BPF_SLOT_OFF(i), stored & BIT_ULL(i) ? "_w" : "");
		log_slot(env, &f->slots[i], frame);
	}
}

/**
 * vlog_state - registers and stack slots of a frame
 * @env: environment
 * @st: state
 * @frame: number of the frame
 * @regs: bit n: Rn
 * @slots: bit n: slot n
 *
 * Each with a space before it; what nothing is known of is left out.
 * Context: the walk.
 */
void vlog_state(struct bpf_verifier_env *env, const struct bpf_state *st, u32 frame, u16 regs,
		u64 slots)
{
	log_frame(env, st, frame, regs, slots, 0, 0);
}

/**
 * vlog_changes - what an instruction read and wrote, behind its text
 * @env: environment
 * @st: state after it
 * @width: characters of its line so far
 * @regs: registers that it names
 * @written: those of them that it wrote
 * @slots: slots that it wrote
 *
 * Context: the walk.
 */
void vlog_changes(struct bpf_verifier_env *env, const struct bpf_state *st, u32 width, u16 regs,
		  u16 written, u64 slots)
{
	vlog(env, "%*s;", width < CHANGES_COLUMN ? CHANGES_COLUMN - width : 1, "");
	log_frame(env, st, st->cur, regs, slots, written, slots);
	vlog(env, "\n");
}

/* ------------------------------------------------------------------ the last lines */

static void log_times(struct bpf_verifier_env *env)
{
	u32 i, nr = env->stats.total_states;

	vlog(env, "attempts %u all_insns %u\n", env->stats.attempts, env->stats.all_insns);
	vlog(env, "state_bytes %llu average %llu peak_bytes %llu\n", env->stats.state_bytes,
	     nr ? div_u64(env->stats.state_bytes, nr) : 0, env->stats.peak_bytes);
	vlog(env, "verification time %llu usec\n",
	     div_u64(ktime_get_ns() - env->stats.start_ns, 1000));
	vlog(env, "stack depth ");
	for (i = 0; i < env->nr_subprogs; i++)
		vlog(env, "%s%u", i ? "+" : "", env->subprogs[i].stack_depth);
	vlog(env, "\n");
}

/**
 * vlog_stats - the end of a log
 * @env: environment
 *
 * Context: process.
 */
void vlog_stats(struct bpf_verifier_env *env)
{
	if (env->log.level & BPF_LOG_STATS)
		log_times(env);
	vlog(env,
	     "processed %u insns (limit %d) max_states_per_insn %u total_states %u peak_states %u mark_read %u\n",
	     env->stats.insns, BPF_VERIFY_MAX_INSNS, env->stats.max_states_per_insn,
	     env->stats.total_states, env->stats.peak_states, env->stats.mark_read);
}
