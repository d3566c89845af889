// SPDX-License-Identifier: GPL-2.0
/*
 * What helpers return.
 */
#include <linux/cpumask.h>
#include <linux/numa.h>
#include "btf/btf.h"
#include "verifier/call.h"

/* Helpers whose result has to be given back; @release is in the prototypes' OBJ_RELEASE. */
static bool is_acquire(const struct bpf_call *call)
{
	switch (call->id) {
	case BPF_FUNC_sk_lookup_tcp:
	case BPF_FUNC_sk_lookup_udp:
	case BPF_FUNC_skc_lookup_tcp:
	case BPF_FUNC_ringbuf_reserve:
	case BPF_FUNC_kptr_xchg:
		return true;
	case BPF_FUNC_map_lookup_elem:
		return call->map.map->map_type == BPF_MAP_TYPE_SOCKMAP ||
		       call->map.map->map_type == BPF_MAP_TYPE_SOCKHASH;
	default:
		return false;
	}
}

/* The same object in another guise: lives as long as the argument does. */
static bool is_cast(u32 id)
{
	switch (id) {
	case BPF_FUNC_tcp_sock:
	case BPF_FUNC_sk_fullsock:
	case BPF_FUNC_skc_to_tcp_sock:
	case BPF_FUNC_skc_to_tcp6_sock:
	case BPF_FUNC_skc_to_udp6_sock:
	case BPF_FUNC_skc_to_tcp_timewait_sock:
	case BPF_FUNC_skc_to_tcp_request_sock:
	case BPF_FUNC_skc_to_mptcp_sock:
	case BPF_FUNC_skc_to_unix_sock:
		return true;
	default:
		return false;
	}
}

static void set_integer(const struct bpf_call *call, struct bpf_reg *r0)
{
	reg_set_unknown(r0);
	switch (call->id) {
	case BPF_FUNC_get_stack:
	case BPF_FUNC_get_task_stack:
	case BPF_FUNC_probe_read_str:
	case BPF_FUNC_probe_read_kernel_str:
	case BPF_FUNC_probe_read_user_str:
		/* bytes written, or -errno */
		reg_set_scalar(r0, scalar_range_s(-MAX_ERRNO, call->max_size));
		break;
	case BPF_FUNC_get_numa_node_id:
		reg_set_scalar(r0, scalar_range_u(0, MAX_NUMNODES - 1));
		break;
	case BPF_FUNC_get_smp_processor_id:
		reg_set_scalar(r0, scalar_range_u(0, nr_cpu_ids - 1));
		break;
	default:
		break;
	}
}

static int set_map_value(struct bpf_verifier_env *env, const struct bpf_call *call,
			 struct bpf_reg *r0, u32 flags)
{
	if (call->map.type != CONST_PTR_TO_MAP)
		return bpf_reject(env, REJECT_INTERNAL, "value of no map returned");
	reg_set_pointer(r0, PTR_TO_MAP_VALUE | flags);
	r0->map = call->map.map;
	r0->map_uid = call->map.map_uid;
	if (!type_may_be_null(flags) &&
	    btf_record_has(r0->map->record, BPF_SPIN_LOCK | BPF_TIMER | BPF_WORKQUEUE))
		r0->id = walk_new_id(env);
	return 0;
}

/*
 * One CPU's instance of an object that programs allocate: nothing says that it is still owned when
 * it is used, but its memory stays as long as the section lasts.
 */
static u32 allocated_instance(const struct bpf_verifier_env *env)
{
	if (state_in_rcu(env))
		return MEM_ALLOC | MEM_RCU;
	return PTR_UNTRUSTED;
}

/* What a per-CPU pointer points to on this CPU: a struct as itself, other types as bytes. */
static int set_percpu(struct bpf_verifier_env *env, const struct bpf_call *call,
		      struct bpf_reg *r0, u32 flags)
{
	const struct btf_type *t;
	u32 size;

	t = btf_type_skip_modifiers(call->arg_btf, call->arg_btf_id, NULL);
	if (btf_type_is_struct(t)) {
		if (call->arg_flags & MEM_ALLOC)
			flags = (flags & ~PTR_TRUSTED) | allocated_instance(env);
		else if (call->arg_flags & PTR_UNTRUSTED)
			flags = (flags & ~PTR_TRUSTED) | PTR_UNTRUSTED;
		reg_set_pointer(r0, PTR_TO_BTF_ID | flags);
		r0->btf = call->arg_btf;
		r0->btf_id = call->arg_btf_id;
		return 0;
	}
	t = btf_resolve_size(call->arg_btf, t, &size);
	if (IS_ERR(t))
		return bpf_reject(env, REJECT_BAD_TYPE_ID, "unable to resolve the size of type");
	reg_set_pointer(r0, PTR_TO_MEM | flags | MEM_RDONLY);
	r0->mem_size = size;
	return 0;
}

static int set_btf(struct bpf_verifier_env *env, const struct bpf_call *call, struct bpf_reg *r0,
		   u32 flags)
{
	if (call->id == BPF_FUNC_kptr_xchg) {
		reg_set_pointer(r0, PTR_TO_BTF_ID | flags | kptr_flags(call->field));
		r0->btf = call->field->kptr.btf;
		r0->btf_id = call->field->kptr.btf_id;
		return 0;
	}
	reg_set_pointer(r0, PTR_TO_BTF_ID | flags);
	r0->btf = bpf_get_btf_vmlinux();
	r0->btf_id = call->proto->ret_btf_id ? *call->proto->ret_btf_id : 0;
	if (IS_ERR_OR_NULL(r0->btf) || !r0->btf_id)
		return bpf_reject(env, REJECT_UNSUPPORTED,
				  "invalid return type of helper: kernel has no BTF for it");
	return 0;
}

static int set_by_type(struct bpf_verifier_env *env, const struct bpf_call *call,
		       struct bpf_reg *r0)
{
	u32 type = call->proto->ret_type, flags = type_flag(type);

	switch (base_type(type)) {
	case RET_INTEGER:
		set_integer(call, r0);
		return 0;
	case RET_VOID:
		reg_clear(r0);
		return 0;
	case RET_PTR_TO_MAP_VALUE:
		return set_map_value(env, call, r0, flags);
	case RET_PTR_TO_SOCKET:
		reg_set_pointer(r0, PTR_TO_SOCKET | flags);
		return 0;
	case RET_PTR_TO_TCP_SOCK:
		reg_set_pointer(r0, PTR_TO_TCP_SOCK | flags);
		return 0;
	case RET_PTR_TO_SOCK_COMMON:
		reg_set_pointer(r0, PTR_TO_SOCK_COMMON | flags);
		return 0;
	case RET_PTR_TO_MEM:
		reg_set_pointer(r0, PTR_TO_MEM | flags);
		r0->mem_size = call->mem_size;
		return 0;
	case RET_PTR_TO_MEM_OR_BTF_ID:
		return set_percpu(env, call, r0, flags);
	case RET_PTR_TO_BTF_ID:
		return set_btf(env, call, r0, flags);
	default:
		return bpf_reject(env, REJECT_INTERNAL, "unknown return type %u", type);
	}
}

/**
 * call_set_result - R0 after a call
 * @env: environment
 * @call: the call
 *
 * Context: calls. Return: 0 or -errno.
 */
int call_set_result(struct bpf_verifier_env *env, const struct bpf_call *call)
{
	struct bpf_reg *r0 = walk_reg(env, BPF_REG_0);
	int err;

	err = set_by_type(env, call, r0);
	if (err)
		return err;
	if (is_acquire(call)) {
		err = state_acquire_ref(env, REF_PTR, NULL, &r0->ref_id);
		r0->id = r0->ref_id;
		return err;
	}
	if (type_may_be_null(r0->type))
		r0->id = walk_new_id(env);
	if (is_cast(call->id))
		r0->ref_id = call->ref_id;
	if (call->id == BPF_FUNC_dynptr_data) {
		r0->dyn_id = call->dyn_id;
		r0->ref_id = call->dyn_ref;
	}
	return 0;
}
