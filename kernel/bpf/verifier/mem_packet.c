// SPDX-License-Identifier: GPL-2.0
/*
 * Packet data and metadata: only as far as comparisons with the end have shown.
 */
#include "verifier/walk.h"

static int reject_packet(struct bpf_verifier_env *env, const struct bpf_access *acc, s64 off)
{
	const struct bpf_reg *reg = acc->reg;

	return bpf_reject(env, REJECT_PACKET,
			  "invalid access to packet, off=%lld size=%u, R%u(id=%u,off=%d,r=%u)\nR%u offset is outside of the packet",
			  off, acc->size, acc->regno, reg->id, reg->off, reg->range, acc->regno);
}

/* The range is counted from offset 0, the variable part included. */
static int check_range(struct bpf_verifier_env *env, const struct bpf_access *acc)
{
	const struct bpf_reg *reg = acc->reg;
	s64 off = (s64)reg->off + acc->off, last;

	if (scalar_smin(&reg->var) < 0)
		return bpf_reject(env, REJECT_NEG_OFFSET,
				  "R%u min value is negative, either use unsigned index or do a if (index >=0) check.",
				  acc->regno);
	if (off < 0 || off + acc->size > reg->range)
		return reject_packet(env, acc, off);
	last = off + scalar_umax(&reg->var) + acc->size - 1;
	if (env->prog->aux->max_pkt_offset < last)
		env->prog->aux->max_pkt_offset = last;
	return 0;
}

/**
 * access_packet - load from or store to packet data or metadata
 * @env: environment
 * @acc: the access
 * @dst: loads: what is read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_packet(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	int err;

	if (acc->write && !packet_allowed(env, true))
		return bpf_reject(env, REJECT_PACKET_WRITE, "cannot write into packet");
	err = check_range(env, acc);
	/* the headers behind the link layer's are what is aligned */
	if (!err && acc->insn)
		err = mem_check_align(env, acc, 2, env->strict_alignment);
	if (err)
		return err;
	if (acc->write) {
		env->seen_direct_write = true;
		return 0;
	}
	reg_set_unknown(dst);
	reg_cut_to(dst, acc->size, false);
	return 0;
}

/**
 * packet_check_range - a function is handed bytes of a packet
 * @env: environment
 * @regno: the argument
 * @size: bytes
 * @how: MEM_*
 *
 * Context: calls. Return: 0 or -errno.
 */
int packet_check_range(struct bpf_verifier_env *env, u32 regno, u32 size, u32 how)
{
	struct bpf_access acc = { .regno = regno, .reg = walk_reg(env, regno), .size = size,
				  .write = how & MEM_WRITE_BYTES };
	struct bpf_reg val;

	return access_packet(env, &acc, &val);
}
