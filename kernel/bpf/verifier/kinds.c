// SPDX-License-Identifier: GPL-2.0
/*
 * The table of pointer kinds: what may be done with each. Names in logs: print.c.
 */
#include "verifier/walk.h"

static int access_refused(struct bpf_verifier_env *env, const struct bpf_access *acc,
			  struct bpf_reg *dst)
{
	enum bpf_rejection id = REJECT_BAD_MEM;
	char name[64];

	if (type_may_be_null(acc->reg->type))
		id = REJECT_MAYBE_NULL;
	else if (acc->reg->type == SCALAR_VALUE)
		id = REJECT_SCALAR_AS_PTR;
	return bpf_reject(env, id, "R%u invalid mem access '%s'", acc->regno,
			  bpf_reg_type_str(name, acc->reg->type));
}

#define ANY_OFFSET (KIND_ARITH_VAR | KIND_ARITH_CONST)

static const struct bpf_ptr_kind kinds[__BPF_REG_TYPE_MAX] = {
	[NOT_INIT] = { 0, access_refused },
	[SCALAR_VALUE] = { 0, access_refused },
	[PTR_TO_CTX] = { ANY_OFFSET | KIND_NEVER_NULL, access_ctx, "context" },
	[CONST_PTR_TO_MAP] = { KIND_NEVER_NULL, access_map_ptr },
	[PTR_TO_MAP_VALUE] = { ANY_OFFSET | KIND_NEVER_NULL, access_map_value, "value" },
	[PTR_TO_MAP_KEY] = { ANY_OFFSET | KIND_NEVER_NULL, access_mem, "key" },
	[PTR_TO_STACK] = { ANY_OFFSET | KIND_NEVER_NULL, access_stack, "stack" },
	[PTR_TO_PACKET_META] = { ANY_OFFSET | KIND_HAS_RANGE, access_packet, "packet" },
	[PTR_TO_PACKET] = { ANY_OFFSET | KIND_HAS_RANGE, access_packet, "packet" },
	[PTR_TO_PACKET_END] = { 0, access_refused },
	[PTR_TO_FLOW_KEYS] = { KIND_ARITH_CONST, access_mem },
	[PTR_TO_SOCKET] = { KIND_NEVER_NULL, access_sock, "sock" },
	[PTR_TO_SOCK_COMMON] = { KIND_NEVER_NULL, access_sock, "sock" },
	[PTR_TO_TCP_SOCK] = { KIND_NEVER_NULL, access_sock, "sock" },
	[PTR_TO_TP_BUFFER] = { ANY_OFFSET, access_mem },
	[PTR_TO_XDP_SOCK] = { KIND_NEVER_NULL, access_sock, "sock" },
	[PTR_TO_BTF_ID] = { KIND_ARITH_CONST, access_btf },
	[PTR_TO_MEM] = { ANY_OFFSET | KIND_NEVER_NULL, access_mem },
	[PTR_TO_ARENA] = { ANY_OFFSET, access_arena },
	[PTR_TO_BUF] = { ANY_OFFSET, access_mem },
	[PTR_TO_FUNC] = { 0, access_refused },
	[CONST_PTR_TO_DYNPTR] = { 0, access_refused },
};

/**
 * ptr_kind - row of a pointer kind
 * @type: register type, flags are ignored
 *
 * Context: any. Return: the row.
 */
const struct bpf_ptr_kind *ptr_kind(u32 type)
{
	return &kinds[base_type(type)];
}

/**
 * access_any - access memory through whatever the register holds
 * @env: environment
 * @acc: the access; @acc->reg has been read-checked
 * @dst: loads: gets what was read
 *
 * Context: handlers. Return: 0 or -errno.
 */
int access_any(struct bpf_verifier_env *env, const struct bpf_access *acc, struct bpf_reg *dst)
{
	if (type_may_be_null(acc->reg->type))
		return access_refused(env, acc, dst);
	return ptr_kind(acc->reg->type)->access(env, acc, dst);
}
