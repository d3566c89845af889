# SPDX-License-Identifier: GPL-2.0
"""Bugs of the table of hazards, put back: the case, and what is changed where.

A change is a file below kernel/bpf, a text that occurs in it once, and what stands there instead.
The cases with this in their names must all pass without the change, and one of them must fail with
it. "maps/types:name" is a test of a program in C instead, of those that run in a process as well.
"""

ALU = "verifier/alu.c"
CALC = "\tscalar_alu(alu_op(insn), insn_is_64(insn), &val, &src->var);\n"
PTR = "verifier/ptr_arith.c"
STACK = "verifier/mem_stack.c"
MEM = "verifier/mem.c"
ARGS = "verifier/call_args.c"
COVER = "verifier/cover.c"
OWNED = "verifier/owned.c"
MEMO = "verifier/memo.c"

MUTANTS = [
    ("hazard_2017_16995", "immediates of 32-bit moves are sign-extended", [
        (ALU, "insn_is_64(insn) ? (u64)(s64)insn->imm : (u32)insn->imm", "(u64)(s64)insn->imm")]),
    ("hazard_2017_16996", "32-bit operations are done in 64 bits", [
        (ALU, CALC, CALC.replace("insn_is_64(insn)", "true"))]),
    ("hazard_2017_17852", "a sum's ends are cut without looking for a wrap", [
        ("domain/arith.c", "split_arc(a.lo + b.lo, (a.hi - a.lo) + (b.hi - b.lo), bits)",
         "split_unsigned(min((a.lo + b.lo) & bits_mask(bits), (a.hi + b.hi) & bits_mask(bits)), "
         "max((a.lo + b.lo) & bits_mask(bits), (a.hi + b.hi) & bits_mask(bits)), bits)")]),
    ("hazard_2017_17853", "logical shifts keep the sign", [
        ("domain/alu.c", "shift_span(v, tnum_rsh(v->t, by), by, bits, span_rsh)",
         "shift_span(v, tnum_arsh(v->t, by, bits), by, bits, span_arsh)")]),
    ("hazard_2018_18445", "32-bit shifts shift the upper half in", [
        (ALU, CALC, CALC.replace("insn_is_64(insn)", "insn_is_64(insn) || insn_op(insn) == BPF_RSH"))]),
    ("hazard_2020_8835", "32-bit comparisons speak of the whole register", [
        ("verifier/jump.c", "scalar_refine(jump_cmp(c->insn), jump_is32(c->insn), taken",
         "scalar_refine(jump_cmp(c->insn), false, taken")]),
    ("hazard_2020_27194", "a 32-bit or takes the least of 64 bits", [
        (ALU, CALC, CALC + "\tif (insn_op(insn) == BPF_OR && !insn_is_64(insn))\n"
         "\t\tval = scalar_const((u32)scalar_umin(&dst->var));\n")]),
    ("hazard_2021_3490", "the low half of an and is taken for known", [
        (ALU, CALC, CALC + "\tif (insn_op(insn) == BPF_AND && insn_is_64(insn))\n"
         "\t\tval = scalar_const(scalar_tnum(&val).value);\n")]),
    ("hazard_2021_3490", "the low half of an xor is taken for known", [
        (ALU, CALC, CALC + "\tif (insn_op(insn) == BPF_XOR && insn_is_64(insn))\n"
         "\t\tval = scalar_const((u32)scalar_umin(&src->var) & 1);\n")]),
    ("hazard_2021_31440", "the low half is at least what the whole is at least", [
        ("domain/deduce.c", "split_truncate(&full->r, SCALAR_HALF)",
         "split_unsigned((u32)split_umin(&full->r), bits_mask(SCALAR_HALF), SCALAR_HALF)")]),
    ("hazard_2021_3444", "a remainder is always below the divisor", [
        ("domain/arith.c",
         "split_unsigned(a.lo, a.hi, bits) : SPLIT_EMPTY;\n\tstruct span m;\n\n"
         "\tif (!divisor_nonzero(&b))\n\t\treturn r;\n\tm = magnitude_mod(a, b);",
         "SPLIT_EMPTY : SPLIT_EMPTY;\n\tstruct span m;\n\n"
         "\tif (!divisor_nonzero(&b))\n\t\treturn r;\n\tm = magnitude_mod(a, b);")]),
    ("hazard_2021_45402", "a 32-bit move keeps the bounds", [
        (ALU, "\tif (!insn_is_64(insn))\n\t\treg_cut_to(dst, 4, false);\n\treturn 0;\n}\n\n/**\n"
         " * walk_movsx", "\treturn 0;\n}\n\n/**\n * walk_movsx")]),
    ("hazard_2021_4159", "carries are forgotten", [
        ("domain/tnum.c", "a.mask | b.mask | (c_least ^ c_most)", "a.mask | b.mask"),
        ("domain/arith.c", "split_arc(a.lo + b.lo, (a.hi - a.lo) + (b.hi - b.lo), bits)",
         "split_unknown(bits)")]),
    ("hazard_2024_41003", "a register is above itself", [
        ("verifier/jump.c", "\tdefault:\n\t\treturn SCALAR_NEVER;", "\tdefault:\n\t\treturn SCALAR_ALWAYS;")]),
    ("hazard_audit_2024", "32-bit sums keep links", [
        (ALU, "if (!old->id || !insn_is_64(insn) || insn_op", "if (!old->id || insn_op")]),
    ("hazard_2023_2163", "numbers are never compared when states are", [
        (COVER, "c->how == COVER_RELEVANT && !relevant && !(old->id && group_relevant(c, old->id))",
         "c->how == COVER_RELEVANT")]),
    ("hazard_2017_17855", "a number stands for a pointer", [
        (COVER, "\tif (old->type != new->type)\n\t\treturn false;\n\tif (old->type == SCALAR_VALUE)",
         "\tif (old->type != new->type && old->type != SCALAR_VALUE)\n\t\treturn false;\n"
         "\tif (old->type == SCALAR_VALUE)"),
        ("verifier/prune.c", "hash = jhash_1word(state_reg(st, __ffs(live))->type, hash);",
         "hash = jhash_1word(0, hash);")]),
    ("hazard_2017_17862", "code that was not walked stays", [
        ("verifier/rewrite_flow.c", "int rewrite_dead_code(struct bpf_verifier_env *env)\n{\n"
         "\tu32 i;\n\tint err = 0;\n\n\tif (removes_code(env)) {",
         "int rewrite_dead_code(struct bpf_verifier_env *env)\n{\n\tu32 i;\n\tint err = 0;\n\n"
         "\tif (env->prog->len)\n\t\treturn 0;\n\tif (removes_code(env)) {")]),
    ("hazard_2016_2383", "backward jumps stay as long as they were", [
        ("verifier/edit.c", "return set_dist(insn, ap->pos, ap->map->jump[insn_jump_target(old, idx)]);",
         "return old->off < 0 ? (insn->off = old->off, 0) : set_dist(insn, ap->pos, "
         "ap->map->jump[insn_jump_target(old, idx)]);")]),
    ("hazard_2017_17854", "offsets are added as 32-bit numbers", [
        (PTR, "off = sub ? dst->off - off : dst->off + off;\n\tif (off >= MAX_OFF || off <= -MAX_OFF)\n"
         "\t\treturn false;", "off = sub ? dst->off - off : dst->off + off;"),
        (PTR, "ptr->off >= MAX_OFF || ptr->off <= -MAX_OFF", "false"),
        (PTR, "reg_is_const(num) && (min >= MAX_OFF || min <= -MAX_OFF)", "false")]),
    ("hazard_2017_17856", "alignment looks at the instruction's offset only", [
        (MEM, "s64 off = base + acc->reg->off + acc->off;", "s64 off = base + acc->off;")]),
    ("hazard_2017_17857", "the end of a variable access is not looked at", [
        (STACK, "|| max > 0 ||", "||")]),
    ("hazard_2017_17863", "the difference of two frame pointers is a small number", [
        (ALU, "\treg_set_unknown(dst);\n\tif (!insn_is_64(insn))\n\t\treg_cut_to(dst, 4, false);\n"
         "\treturn 0;\n}\n\nstatic int pointer_arith",
         "\treg_set_const(dst, -16);\n\tif (!insn_is_64(insn))\n\t\treg_cut_to(dst, 4, false);\n"
         "\treturn 0;\n}\n\nstatic int pointer_arith")]),
    ("hazard_2023_52676", "ends in the stack are 32-bit numbers", [
        (STACK, "s64 off = (s64)reg->off + acc->off, min, max;", "s32 off = reg->off + acc->off, min, max;"),
        (STACK, "invalid variable-offset%s stack R%u var_off=(0x%llx; 0x%llx) off=%lld size=%u",
         "invalid variable-offset%s stack R%u var_off=(0x%llx; 0x%llx) off=%d size=%u"),
        (STACK, "prohibited for !root, var_off=(0x%llx; 0x%llx) off=%lld",
         "prohibited for !root, var_off=(0x%llx; 0x%llx) off=%d"),
        (STACK, "\"invalid%s stack R%u off=%lld size=%u\"", "\"invalid%s stack R%u off=%d size=%u\"")]),
    ("hazard_2022_23222", "null plus 8 may be checked for null", [
        (PTR, "if (type_may_be_null(ptr->type))", "if (false)")]),
    ("hazard_2023_39191", "dynptrs are bytes when written over", [
        (STACK, "if (byte == BYTE_DYNPTR || byte == BYTE_ITER", "if (byte == BYTE_ITER")]),
    ("hazard_2021_34866", "helpers take any map", [
        ("verifier/call.c", "if (!bpf_map_helper_ok(map->map_type, call->id))", "if (false)")]),
    ("hazard_2021_4204", "records may be given back from anywhere", [
        (ARGS, "if (reg->off || !reg_off_const(reg) || scalar_const_value(&reg->var))", "if (false)"),
        (ARGS, "\t\tcall->ref_id = reg->ref_id;\n\tif (reg_off_const(reg) && !reg_const_off(reg))",
         "\t\tcall->ref_id = reg->ref_id;\n\tif (true)")]),
    ("hazard_2021_3489", "records may be larger than the ring", [
        ("maps/ringbuf.c", "if (bytes > rb->mask + 1)", "if (false)"),
        ("maps/ringbuf.c", "if (new_prod - cons > rb->mask + 1 || new_prod - advance_pending(rb) > "
         "rb->mask + 1)", "if (false)")]),
    ("hazard_2022_2905", "constant indexes of tail calls are trusted", [
        ("verifier/call_special.c", "known &= val < call->map.map->max_entries;\n", ""),
        ("exec/interp.c", "if (unlikely(idx >= map->map.max_entries) || st->tail_calls >= MAX_TAIL_CALL_CNT)",
         "if (st->tail_calls >= MAX_TAIL_CALL_CNT)")]),
    ("hazard_2024_49861", "helpers may write what programs may not", [
        ("verifier/mem_map.c", "u32 refused = acc->write ?", "u32 refused = !acc->insn ? 0 : acc->write ?")]),
    ("hazard_2017_17864", "stores of pointers are not looked at", [
        (MEM, "base_type(acc.reg->type) != PTR_TO_STACK && reg_is_pointer(value) &&", "false &&")]),
    ("hazard_2022_0264", "what is fetched is a number, whatever it was", [
        (MEM, "if (reg_is_pointer(val))\n\t\treturn bpf_reject", "if (false)\n\t\treturn bpf_reject"),
        (MEM, "if (!err && reg_is_pointer(walk_reg(env, regno)))", "if (false)")]),
    ("hazard_2017_9150", "the log says where a map is", [
        ("verifier/print.c", "attr_add(at, \"map=%.*s\", BPF_OBJ_NAME_LEN, map->name);",
         "attr_add(at, \"map=%px\", map);")]),
    ("hazard_leaks_1", "bytes never written are read", [
        (STACK, "byte == BYTE_MISC || (byte == BYTE_NONE && env->allow_uninit_stack)",
         "byte == BYTE_MISC || byte == BYTE_NONE")]),
    ("hazard_leaks_2", "bytes never written are read by helpers", [
        (STACK, "byte == BYTE_MISC || (byte == BYTE_NONE && env->allow_uninit_stack)",
         "byte == BYTE_MISC || (byte == BYTE_NONE && !acc->insn)")]),
    ("hazard_leaks_3", "pointers are returned", [
        ("verifier/exit.c", "if (reg_is_pointer(r0) && (!env->allow_ptr_leaks || !range.any))",
         "if (false)")]),
    ("hazard_leaks_4", "pointers are compared", [
        ("verifier/jump.c", "if (!pointer || env->allow_ptr_leaks ||", "if (true ||")]),
    ("hazard_2019_7308", "indexes are not masked", [
        (PTR, "if (!err && !env->bypass_spec_v1)", "if (false)")]),
    ("hazard_2019_7308", "the mask lets one more through", [
        (PTR, "*after = (s64)ptr->map->value_size - max - 1;", "*after = (s64)ptr->map->value_size - max;")]),
    ("hazard_2020_27170", "subtractions are not masked", [
        (PTR, "if (num_regno == U32_MAX || reg_is_const(num))", "if (sub || num_regno == U32_MAX || "
         "reg_is_const(num))")]),
    ("hazard_2020_27171", "a pointer behind the last byte is inside", [
        (PTR, "*after = (s64)ptr->map->value_size - max - 1;", "*after = (s64)ptr->map->value_size - max;")]),
    ("hazard_2021_29155", "pointers may leave their object in between", [
        (PTR, "if (before >= 0 && after >= 0)", "if (true)")]),
    ("hazard_2021_33200", "numbers of mixed sign are masked", [
        (PTR, "if (negative && scalar_smax(&num->var) > 0)", "if (false)")]),
    ("hazard_2021_33624", "branches never taken are not followed", [
        ("verifier/walk.c", "if (env->bypass_spec_v1 || env->aux[target].nospec)", "if (true)")]),
    ("hazard_2021_31829", "variable offsets into the stack for everybody", [
        (STACK, "if (!span->fixed && !env->allow_ptr_leaks)", "if (false)"),
        (PTR, "if (base_type(ptr->type) == PTR_TO_STACK && !reg_off_const(ptr))", "if (false)")]),
    ("hazard_2021_34556", "no barrier behind a store over a pointer", [
        (STACK, "if (byte == BYTE_NONE ||\n\t\t    (byte == BYTE_SPILL &&", "if (false &&\n"
         "\t\t    (byte == BYTE_SPILL &&")]),
    ("hazard_2021_35477", "no barrier behind a store of a pointer", [
        (STACK, "if (acc->value && reg_is_pointer(acc->value))\n\t\twalk_aux(env)->nospec_after = true;\n", "")]),
    # static functions that are not walked again
    ("memo, a larger argument in the third place", "any argument is like those before", [
        (COVER, "if (!cover_reg(c, &old[i - 1], &regs[i], relevant & (1 << i)))", "if (false)")]),
    ("memo, two arguments that are linked in the first places only", "links of arguments do not matter", [
        (MEMO, "if (n > 1 || (!reg_is_scalar", "if ((!reg_is_scalar")]),
    ("memo, one exit of several is bad", "the first exit is the only one", [
        (MEMO, "return memo->nr_exits - next;", "return !next;")]),
    ("memo, what was looked up in the last place", "what is returned is never null", [
        (MEMO, "\t*r0 = memo->exits[next];\n",
         "\t*r0 = memo->exits[next];\n\tr0->type &= ~PTR_MAYBE_NULL;\n")]),
    ("memo, one pointer of two is checked", "what two calls return is one pointer", [
        (MEMO, "if (reg_is_pointer(r0) && r0->id)\n\t\tr0->id = walk_new_id(env);",
         "if (reg_is_pointer(r0) && r0->id)\n\t\tr0->id = 1;")]),
    ("memo, the result of the last place is too large", "what is returned is never needed exactly", [
        (MEMO, "reg_set_unknown(&val);", "reg_set_const(&val, 0);")]),
    ("memo, a record is returned and forgotten", "what a function leaves held is not looked at", [
        (MEMO, "st->preempt_depth != memo->preempt_depth || val.ref_id)",
         "st->preempt_depth != memo->preempt_depth)\n\t\treturn give_up(env, memo->sub);\n\tval.ref_id = 0;\n\tif (false)"),
        (MEMO, "if (st->nr_refs || st->nr_locks || st->rcu_depth != memo->rcu_depth ||",
         "if (st->rcu_depth != memo->rcu_depth ||")]),
    ("memo, a stack of the caller is written", "the caller's stack stays as it is", [
        (MEMO, "\tcase PTR_TO_STACK:\n\tcase PTR_TO_PACKET_END:", "\tcase PTR_TO_PACKET_END:")]),
    # maps
    ("maps/types:hazard_2024_26884_bucket_counts", "numbers of buckets are 32-bit numbers", [
        ("maps/hash.c", "u64 n = roundup_pow_of_two((u64)htab->map.max_entries);",
         "u32 n = roundup_pow_of_two((u64)htab->map.max_entries);")]),
    # objects of programs, and what outlives what
    ("list: borrowed pointer used after the lock", "what is borrowed outlives the lock", [
        ("verifier/call_special.c", "\tstate_forget_borrowed(env);\n", "")]),
    ("list: pushed twice", "who inserts an object keeps it", [
        (OWNED, "\treg->ref_id = 0;\n\treg->id = lend->ref_id;\n\treg->type |= NON_OWN_REF;\n", "")]),
    ("list: the lock of another map is held", "any lock will do", [
        (OWNED, "st->refs[i].ptr == (void *)reg->map &&\n\t\t    st->refs[i].id == reg_lock_id(reg))",
         "true)")]),
    ("list: of another element of a hash", "the lock of any element will do", [
        (OWNED, "st->refs[i].id == reg_lock_id(reg))", "true)")]),
    ("list: the wrong member of an object", "nodes are anywhere in an object", [
        (OWNED, "reg_const_off(reg) == graph->node_offset)", "true)")]),
    ("kptr: read in place and dropped", "what is read in a map is owned", [
        (OWNED, "if (walk_reg(env, regno)->ref_id)", "if (true)")]),
    ("tree: less removes", "a tree changes while it is compared with", [
        (OWNED, "if (!state_in_less(env))", "if (true)")]),
    ("per CPU: dropped as another object", "all objects are of one kind", [
        (OWNED, "reg_is_allocated(reg) && !(reg->type & MEM_PERCPU) == !percpu", "reg_is_allocated(reg)")]),
    ("node of an object written", "nodes are bytes", [
        ("verifier/mem_ctx.c", "\tif (field)\n\t\treturn access_field(env, acc, field, dst);\n", "")]),
    ("clone used after the record was submitted", "clones outlive their record", [
        ("verifier/objects.c", "f->slots[slot].reg.ref_id != ref)", "slot != 1)")]),
    ("a timer's function may not sleep", "functions are looked at once", [
        ("verifier/callback.c", "walk->async[i].map == map &&\n\t\t    walk->async[i].sleepable == sleepable)",
         "walk->async[i].map == map)")]),
]
