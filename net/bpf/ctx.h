/* SPDX-License-Identifier: GPL-2.0 */
/* Rows of context fields: shorthands, and what converters have in common. */
#ifndef _NET_BPF_CTX_H
#define _NET_BPF_CTX_H

#include "net_bpf.h"

#define CTX_RN	(CTX_READ | CTX_NARROW)
#define CTX_RWN	(CTX_READ | CTX_WRITE | CTX_NARROW)

/* A number that stands in the kernel's struct as it is. */
#define FIELD_PLAIN(_uctx, _name, _flags, _kern, _member)			\
	{									\
		.name = #_name,							\
		.off = offsetof(_uctx, _name),					\
		.size = sizeof_field(_uctx, _name),				\
		.len = sizeof_field(_uctx, _name),				\
		.flags = _flags,						\
		.reg_type = SCALAR_VALUE,					\
		.kern_off = offsetof(_kern, _member),				\
		.kern_size = sizeof_field(_kern, _member),			\
	}

/* Any other; @_kern_off and @_kern_size are for the converter. */
#define FIELD_CONV(_uctx, _name, _flags, _type, _conv, ...)			\
	{									\
		.name = #_name,							\
		.off = offsetof(_uctx, _name),					\
		.size = sizeof_field(_uctx, _name),				\
		.len = sizeof_field(_uctx, _name),				\
		.flags = _flags,						\
		.reg_type = _type,						\
		.convert = _conv,						\
		__VA_ARGS__							\
	}

static inline bool ctx_is_store(const struct bpf_insn *insn)
{
	u8 class = insn_class(insn);

	return class == BPF_ST || class == BPF_STX;
}

/* Stores what the program stores, a register or a constant, at @off of the context. */
static inline void ctx_emit_store(struct bpf_insn_buf *out, const struct bpf_insn *insn, u8 size,
				  s16 off)
{
	if (insn_class(insn) == BPF_ST)
		insn_buf_add(out, insn_store_imm(size, insn->dst_reg, off, insn->imm));
	else
		insn_buf_add(out, insn_store(size, insn->dst_reg, insn->src_reg, off));
}

/* Loads a pointer that the context holds at the row's kern_off. */
static inline u32 ctx_convert_ptr(const struct bpf_ctx_field *field,
				  const struct bpf_ctx_access *acc, const struct bpf_insn *insn,
				  struct bpf_prog *prog, struct bpf_insn_buf *out)
{
	insn_buf_add(out, insn_load(BPF_DW, insn->dst_reg, insn->src_reg, field->kern_off));
	return 0;
}

#endif /* _NET_BPF_CTX_H */
