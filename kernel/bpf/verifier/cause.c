// SPDX-License-Identifier: GPL-2.0
/*
 * What is wrong on this very path, and what can be done about it: notes and a suggestion for the
 * rejections that most people meet. The register at fault is followed back to where its value came
 * from, through copies and spills. Whatever is not sure is not said.
 */
#include "helpers/helpers.h"
#include "verifier/explain.h"

/**
 * struct origin - where a value came from
 * @idx: instruction that made it; U32_MAX: not found
 * @at: number of its step
 * @reg: register that it made it in
 * @lost: instruction that read it back from the stack, where it had not been stored whole;
 *	U32_MAX: none
 * @store: then: the last one that stored there; U32_MAX: none
 */
struct origin {
	u32 idx;
	u32 at;
	u8 reg;
	u32 lost;
	u32 store;
};

/* ------------------------------------------------------------------ where it came from */

static u32 access_size(const struct bpf_insn *insn)
{
	return insn_size_bytes(insn->code);
}

/* The last store before step @at that touched a slot of the frame; U32_MAX: none. */
static u32 last_store(const struct bpf_verifier_env *env, const struct trace *p, u32 at, u32 depth,
		      u64 slot)
{
	u32 i;

	for (i = at; i-- > trace_oldest(p);) {
		const struct step *step = trace_step(p, i);
		const struct bpf_insn *insn = &env->prog->insnsi[step->idx];
		u8 class = insn_class(insn);
		u64 there;

		if (step->depth < depth)
			break;
		if (step->depth == depth && (class == BPF_ST || class == BPF_STX) &&
		    explain_slot(insn, insn->dst_reg, &there) && there == slot)
			return i;
	}
	return U32_MAX;
}

/*
 * The value was read from the frame. True: it had been stored there whole by step *@at, from
 * *@reg; the search goes on from there.
 */
static bool through_stack(const struct bpf_verifier_env *env, const struct trace *p, u32 *at,
			  u8 *reg, u64 slot, struct origin *o)
{
	const struct step *step = trace_step(p, *at);
	const struct bpf_insn *load = &env->prog->insnsi[step->idx], *store;
	u32 from = last_store(env, p, *at, step->depth, slot);

	store = from == U32_MAX ? NULL : &env->prog->insnsi[trace_step(p, from)->idx];
	if (store && insn_class(store) == BPF_STX && store->off == load->off &&
	    access_size(store) == 8 && access_size(load) == 8 && !insn_defs(store)) {
		*at = from;
		*reg = store->src_reg;
		return true;
	}
	o->lost = step->idx;
	o->store = from == U32_MAX ? U32_MAX : trace_step(p, from)->idx;
	return false;
}

static bool is_copy(const struct bpf_insn *insn)
{
	return insn_class(insn) == BPF_ALU64 && insn_op(insn) == BPF_MOV &&
	       insn_is_src_reg(insn) && !insn->off;
}

/* Follows the value of a register back from the end of a path. */
static struct origin find_origin(const struct bpf_verifier_env *env, const struct trace *p, u8 reg)
{
	struct origin o = { .idx = U32_MAX, .lost = U32_MAX, .store = U32_MAX };
	u32 i, depth = p->depth;
	u64 slot;

	for (i = p->cnt; i-- > trace_oldest(p);) {
		const struct step *step = trace_step(p, i);
		const struct bpf_insn *insn = &env->prog->insnsi[step->idx];

		if (step->depth > depth && !(insn_is_exit(insn) && reg == BPF_REG_0))
			continue;	/* inside of a call that is over */
		if (insn_is_sub_call(insn) && step->depth < depth) {
			depth = step->depth;	/* R1 to R5 are the caller's */
			continue;
		}
		if (insn_is_exit(insn) && step->depth > depth) {
			depth = step->depth;
			continue;
		}
		if (!(insn_defs(insn) & BIT(reg)))
			continue;
		if (is_copy(insn)) {
			reg = insn->src_reg;
			continue;
		}
		if (insn_class(insn) == BPF_LDX && explain_slot(insn, insn->src_reg, &slot) &&
		    through_stack(env, p, &i, &reg, slot, &o))
			continue;
		o.idx = step->idx;
		o.at = i;
		o.reg = reg;
		break;
	}
	return o;
}

/* ------------------------------------------------------------------ a number as an address */

static const char *const from_where[__BPF_REG_TYPE_MAX] = {
	[PTR_TO_CTX] = "the context",
	[PTR_TO_MAP_VALUE] = "a map's value",
	[PTR_TO_MAP_KEY] = "a map's key",
	[PTR_TO_STACK] = "the stack",
	[PTR_TO_PACKET] = "the packet",
	[PTR_TO_PACKET_META] = "the packet's metadata",
	[PTR_TO_MEM] = "memory of a helper",
	[PTR_TO_BTF_ID] = "an object of the kernel",
};

static bool observes(const struct bpf_verifier_env *env)
{
	switch (env->prog->type) {
	case BPF_PROG_TYPE_KPROBE:
	case BPF_PROG_TYPE_TRACEPOINT:
	case BPF_PROG_TYPE_PERF_EVENT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT:
	case BPF_PROG_TYPE_RAW_TRACEPOINT_WRITABLE:
	case BPF_PROG_TYPE_TRACING:
	case BPF_PROG_TYPE_LSM:
		return true;
	default:
		return false;
	}
}

/* A call after step @at that made packet pointers, or what came with a reference, worthless. */
static u32 killed_by(const struct bpf_verifier_env *env, const struct trace *p, u32 at, bool packet)
{
	u32 i, arg;

	for (i = at + 1; i < p->cnt; i++) {
		u32 idx = trace_step(p, i)->idx;
		const struct bpf_insn *insn = &env->prog->insnsi[idx];
		const struct bpf_func_proto *proto = env->aux[idx].proto;

		if (!insn_is_helper_call(insn) || !proto)
			continue;
		if (packet && proto->changes_pkt_data)
			return idx;
		for (arg = 0; !packet && arg < 5; arg++)
			if (proto->arg_type[arg] & OBJ_RELEASE)
				return idx;
	}
	return U32_MAX;
}

static const char *call_text(const struct bpf_verifier_env *env, u32 idx)
{
	const struct bpf_insn *insn = &env->prog->insnsi[idx];

	return insn_is_helper_call(insn) ? bpf_helper_name(insn->imm) ?: "the helper" :
	       "the function";
}

static const char *scalar_from_load(struct bpf_verifier_env *env, const struct trace *p, u32 regno,
				    const struct origin *o)
{
	const struct bpf_insn_aux *aux = &env->aux[o->idx];
	u32 base = base_type(aux->ptr_type), killer;
	const char *where = from_where[base < __BPF_REG_TYPE_MAX ? base : 0];

	if (base == PTR_TO_CTX && aux->ctx_field && aux->ctx_field->reg_type != SCALAR_VALUE) {
		killer = killed_by(env, p, o->at, true);
		if (killer == U32_MAX)
			return NULL;
		vlog(env, "note: R%u was a pointer into the packet (insn %u) until %s() at insn %u, which may move the packet\n",
		     regno, o->idx, call_text(env, killer), killer);
		return "Read data and data_end from the context again after the call, and compare again.";
	}
	if (!where)
		return NULL;
	vlog(env, "note: R%u was read from %s by insn %u, and what is read from there is a number\n",
	     regno, where, o->idx);
	if (observes(env) && base != PTR_TO_STACK)
		return "Addresses of the kernel or of user space are not followed directly: copy with bpf_probe_read_kernel(), bpf_probe_read_user() or BPF_CORE_READ().";
	if (base == PTR_TO_MAP_VALUE)
		return "An address kept in a map is only a number when it is read back: keep the data itself or a key, or use a field of a kptr type.";
	return "Take the address from where the kernel gives it as a pointer: a field of the context, a helper's result.";
}

static const char *scalar_from_stack(struct bpf_verifier_env *env, u32 regno,
				     const struct origin *o)
{
	const struct bpf_insn *load = &env->prog->insnsi[o->lost], *store;

	if (o->store == U32_MAX) {
		vlog(env, "note: R%u was read from fp%d by insn %u; no pointer was stored there on this path\n",
		     regno, load->off, o->lost);
		return "Give the variable its value on every path that leads here.";
	}
	store = &env->prog->insnsi[o->store];
	if (access_size(store) == 8 && access_size(load) == 8 && store->off == load->off) {
		vlog(env, "note: R%u was read from fp%d by insn %u, and insn %u had stored a number there\n",
		     regno, load->off, o->lost, o->store);
		return "Look at what the program stores in this variable on the path above.";
	}
	vlog(env, "note: R%u was read from fp%d (%u bytes) by insn %u, and insn %u had written %u bytes at fp%d: a pointer on the stack is one only if all of its 8 bytes are stored and read at once\n",
	     regno, load->off, access_size(load), o->lost, o->store, access_size(store),
	     store->off);
	return "Do not copy or overwrite parts of a structure that holds a pointer; keep the pointer in a variable of its own.";
}

static const char *scalar_from_call(struct bpf_verifier_env *env, const struct trace *p, u32 regno,
				    const struct origin *o)
{
	const struct bpf_insn *insn = &env->prog->insnsi[o->idx];
	const struct bpf_func_proto *proto = env->aux[o->idx].proto;
	u32 killer;

	if (reg_is_null(walk_reg(env, regno)) && proto && type_may_be_null(proto->ret_type)) {
		vlog(env, "note: R%u is what %s() returned at insn %u, and on this path it is NULL\n",
		     regno, call_text(env, o->idx), o->idx);
		return "The branch for NULL leads here: return from it, or check the other way round.";
	}
	if (proto && base_type(proto->ret_type) != RET_INTEGER &&
	    base_type(proto->ret_type) != RET_VOID) {
		killer = killed_by(env, p, o->at, false);
		if (killer == U32_MAX)
			return NULL;
		vlog(env, "note: R%u came from %s() at insn %u and was given back by %s() at insn %u\n",
		     regno, call_text(env, o->idx), o->idx, call_text(env, killer), killer);
		return "Use it before it is given back.";
	}
	if (o->reg != BPF_REG_0)
		return NULL;
	vlog(env, "note: R%u is what %s returned at insn %u, which is a number\n", regno,
	     insn_is_helper_call(insn) ? call_text(env, o->idx) : "the called function", o->idx);
	return observes(env) ?
	       "Addresses of the kernel or of user space are not followed directly: copy with bpf_probe_read_kernel(), bpf_probe_read_user() or BPF_CORE_READ()." :
	       "A number cannot be followed as an address.";
}

static const char *cause_scalar(struct bpf_verifier_env *env, const struct trace *p, u32 regno)
{
	struct origin o = find_origin(env, p, regno);
	const struct bpf_insn *insn;

	if (o.lost != U32_MAX)
		return scalar_from_stack(env, regno, &o);
	if (o.idx == U32_MAX)
		return NULL;
	insn = &env->prog->insnsi[o.idx];
	if (insn_class(insn) == BPF_LDX)
		return scalar_from_load(env, p, regno, &o);
	if (insn_is_call(insn))
		return scalar_from_call(env, p, regno, &o);
	if (!insn_is_alu(insn) && !insn_is_ld_imm64(insn))
		return NULL;
	if (reg_is_null(walk_reg(env, regno))) {
		vlog(env, "note: R%u is 0 (NULL) since insn %u\n", regno, o.idx);
		return "The pointer is NULL on this path: check it, or give it a value first.";
	}
	if (insn_class(insn) == BPF_ALU) {
		vlog(env, "note: insn %u computes in 32 bits, which leaves a number and no pointer\n",
		     o.idx);
		return "Compute with 64-bit variables: a cast of the pointer to int or unsigned int loses it.";
	}
	vlog(env, "note: R%u is a number since insn %u\n", regno, o.idx);
	return NULL;
}

/* ------------------------------------------------------------------ null */

static const char *cause_null(struct bpf_verifier_env *env, const struct trace *p, u32 regno)
{
	struct origin o = find_origin(env, p, regno);

	if (o.idx == U32_MAX || o.lost != U32_MAX)
		return NULL;
	if (insn_is_call(&env->prog->insnsi[o.idx])) {
		vlog(env, "note: R%u is what %s() returned at insn %u, and nothing between there and here compares it with NULL\n",
		     regno, call_text(env, o.idx), o.idx);
		return insn_is_helper_call(&env->prog->insnsi[o.idx]) &&
		       env->prog->insnsi[o.idx].imm == BPF_FUNC_map_lookup_elem ?
		       "Right after the look-up: if (!value) return 0; (for arrays, too: the index may be too large)" :
		       "Right after the call: if (!ptr) return 0;";
	}
	if (insn_class(&env->prog->insnsi[o.idx]) == BPF_LDX) {
		vlog(env, "note: R%u was read by insn %u, and the field may be NULL\n", regno,
		     o.idx);
		return "Before it is used: if (!ptr) return 0;";
	}
	return NULL;
}

/* ------------------------------------------------------------------ ranges */

/* Bytes of the object behind a pointer; 0: not known. */
static u32 object_size(const struct bpf_reg *reg)
{
	switch (base_type(reg->type)) {
	case PTR_TO_MAP_VALUE:
		return reg->map ? reg->map->value_size : 0;
	case PTR_TO_MAP_KEY:
		return reg->map ? reg->map->key_size : 0;
	case PTR_TO_MEM:
		return reg->mem_size;
	default:
		return 0;
	}
}

/* The register that was last added to a pointer with a variable offset, and where. */
static u32 last_added(const struct bpf_verifier_env *env, const struct trace *p, u8 reg, u8 *num)
{
	struct origin o = find_origin(env, p, reg);
	const struct bpf_insn *insn;

	/* constants added behind it do not count */
	while (o.idx != U32_MAX) {
		struct trace before = *p;

		insn = &env->prog->insnsi[o.idx];
		if (insn_class(insn) != BPF_ALU64 || insn_op(insn) != BPF_ADD)
			return U32_MAX;
		if (insn_is_src_reg(insn)) {
			*num = insn->src_reg;
			return o.idx;
		}
		before.cnt = o.at;
		before.depth = trace_step(p, o.at)->depth;
		o = find_origin(env, &before, o.reg);
	}
	return U32_MAX;
}

static void note_offset(struct bpf_verifier_env *env, const struct bpf_reg *reg, u32 regno, s64 off)
{
	s64 min = scalar_smin(&reg->var), max = scalar_smax(&reg->var);
	u32 size = object_size(reg);

	if (min <= -BPF_VERIFY_MAX_VAR_OFF || max >= BPF_VERIFY_MAX_VAR_OFF)
		vlog(env, "note: nothing limits the offset of R%u", regno);
	else
		vlog(env, "note: R%u is %lld to %lld bytes from the start", regno, off + min,
		     off + max);
	if (size)
		vlog(env, ", and the object has %u bytes", size);
	vlog(env, "\n");
}

static const char *cause_range(struct bpf_verifier_env *env, const struct trace *p, u32 regno)
{
	const struct bpf_insn *insn = &env->prog->insnsi[env->reject_insn];
	const struct bpf_reg *reg = walk_reg(env, regno);
	u8 num = 0;
	u32 added;

	if (!reg_is_pointer(reg) || reg_off_const(reg))
		return NULL;
	note_offset(env, reg, regno, (s64)reg->off + (insn_is_call(insn) ? 0 : insn->off));
	added = last_added(env, p, regno, &num);
	if (added != U32_MAX)
		vlog(env, "note: the number that was added is R%u of insn %u\n", num, added);
	if (scalar_smin(&reg->var) < 0)
		return "Make the index an unsigned variable, or compare it with 0, too: if (i < 0 || i >= N) return 0;";
	return "Compare the very variable that is the index, after its last change and on every path: if (i >= N) return 0; for powers of two i &= N - 1 does as well.";
}

/* The sum is refused before there is an access. */
static const char *cause_offset(struct bpf_verifier_env *env, const struct trace *p, u32 regno)
{
	const struct bpf_insn *insn = &env->prog->insnsi[env->reject_insn];
	const struct bpf_reg *num;

	if (!insn_is_alu(insn) || !insn_is_src_reg(insn))
		return NULL;
	num = walk_reg(env, insn->src_reg);
	if (!reg_is_scalar(num) || reg_is_const(num))
		return NULL;
	vlog(env, "note: R%u may be as small as %lld\n", insn->src_reg, scalar_smin(&num->var));
	return "Make the index an unsigned variable, or compare it with 0, too: if (i < 0 || i >= N) return 0;";
}

/* ------------------------------------------------------------------ packets */

static const char *cause_packet(struct bpf_verifier_env *env, const struct trace *p, u32 regno)
{
	const struct bpf_insn *insn = &env->prog->insnsi[env->reject_insn];
	const struct bpf_reg *reg = walk_reg(env, regno);
	s64 end = (s64)reg->off + insn->off + access_size(insn);

	if (!reg_is_packet(reg) || insn_is_call(insn))
		return NULL;
	if (!reg_off_const(reg) && !reg->range) {
		vlog(env, "note: a number that is not a constant was added to R%u, and no comparison with data_end came after that\n",
		     regno);
		return "Compare the pointer as it is accessed, after the addition: if (ptr + size > data_end) return ...; the number itself must be bounded as well (at most 0xffff).";
	}
	if (!reg->range)
		vlog(env, "note: no comparison with data_end on this path says that the packet has the %lld bytes that are needed\n",
		     end);
	else
		vlog(env, "note: comparisons on this path show %u bytes%s, and the access ends at byte %lld\n",
		     reg->range, reg_off_const(reg) ? " of the packet" : " from the start of the header",
		     end);
	return "Before the access: if ((void *)(header + 1) > data_end) return ...; in one function with the access, and after the last change of the pointer.";
}

/* ------------------------------------------------------------------ arithmetic */

static const char *cause_arith(struct bpf_verifier_env *env, const struct trace *p, u32 regno)
{
	const struct bpf_insn *insn = &env->prog->insnsi[env->reject_insn];

	if (regno < BPF_REG_10 && type_may_be_null(walk_reg(env, regno)->type))
		return cause_null(env, p, regno) ?: "Check the pointer before it is moved.";
	if (insn_class(insn) == BPF_ALU)
		return "Pointers have 64 bits: compute with (long) or (char *), not with int.";
	if (insn_op(insn) != BPF_ADD && insn_op(insn) != BPF_SUB)
		return "Only additions and subtractions keep a pointer; do such things with the offset, before it is added.";
	return env->bpf_capable ?
	       "This kind of pointer stays as it is: copy what it points to, or move another pointer." : NULL;
}

/* ------------------------------------------------------------------ by rejection */

static const struct {
	u32 id;
	const char *(*cause)(struct bpf_verifier_env *env, const struct trace *p, u32 regno);
} causes[] = {
	{ REJECT_SCALAR_AS_PTR, cause_scalar },
	{ REJECT_MAYBE_NULL, cause_null },
	{ REJECT_ARG_NULL, cause_null },
	{ REJECT_MAX_RANGE, cause_range },
	{ REJECT_MIN_RANGE, cause_range },
	{ REJECT_NEG_OFFSET, cause_range },
	{ REJECT_UNBOUND, cause_range },
	{ REJECT_PTR_OFFSET, cause_offset },
	{ REJECT_PACKET, cause_packet },
	{ REJECT_PTR_ARITH, cause_arith },
};

/**
 * explain_cause - notes on what is wrong on this path
 * @env: environment; the walk's state is that at the refused instruction
 * @p: the path; without steps nothing is said
 *
 * Context: process. Return: what to do about it; NULL: what the table says.
 */
const char *explain_cause(struct bpf_verifier_env *env, const struct trace *p)
{
	int regno;
	u32 i;

	if (!p->cnt)
		return NULL;
	regno = explain_fault_reg(env);
	if (regno < 0)
		regno = env->prog->insnsi[env->reject_insn].dst_reg;
	for (i = 0; i < ARRAY_SIZE(causes); i++)
		if (causes[i].id == env->rejection && regno <= BPF_REG_10)
			return causes[i].cause(env, p, regno);
	return NULL;
}
