// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers on maps. The verifier has matched keys and values with the map's sizes, and the map's
 * type with the helper; a map without the operation is refused there, so the operations are not
 * NULL.
 */
#include <linux/bpf.h>
#include <linux/rcupdate.h>
#include <linux/rcupdate_trace.h>
#include "helpers/base.h"

static void assert_map_reader(void)
{
	WARN_ON_ONCE(!rcu_read_lock_held() && !rcu_read_lock_trace_held() &&
		     !rcu_read_lock_bh_held());
}

BPF_CALL_2(bpf_map_lookup_elem, struct bpf_map *, map, void *, key)
{
	assert_map_reader();
	return (unsigned long)map->ops->lookup_elem(map, key);
}

const struct bpf_func_proto bpf_map_lookup_elem_proto = {
	.func = bpf_map_lookup_elem,
	.pkt_access = true,
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_MAP_KEY,
};

BPF_CALL_4(bpf_map_update_elem, struct bpf_map *, map, void *, key, void *, value, u64, flags)
{
	assert_map_reader();
	return map->ops->update_elem(map, key, value, flags);
}

const struct bpf_func_proto bpf_map_update_elem_proto = {
	.func = bpf_map_update_elem,
	.pkt_access = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_MAP_KEY,
	.arg3_type = ARG_PTR_TO_MAP_VALUE,
	.arg4_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_map_delete_elem, struct bpf_map *, map, void *, key)
{
	assert_map_reader();
	return map->ops->delete_elem(map, key);
}

const struct bpf_func_proto bpf_map_delete_elem_proto = {
	.func = bpf_map_delete_elem,
	.pkt_access = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_MAP_KEY,
};

BPF_CALL_3(bpf_map_push_elem, struct bpf_map *, map, void *, value, u64, flags)
{
	return map->ops->push_elem(map, value, flags);
}

const struct bpf_func_proto bpf_map_push_elem_proto = {
	.func = bpf_map_push_elem,
	.pkt_access = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_MAP_VALUE,
	.arg3_type = ARG_ANYTHING,
};

BPF_CALL_2(bpf_map_pop_elem, struct bpf_map *, map, void *, value)
{
	return map->ops->pop_elem(map, value);
}

const struct bpf_func_proto bpf_map_pop_elem_proto = {
	.func = bpf_map_pop_elem,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_UNINIT_MAP_VALUE,
};

BPF_CALL_2(bpf_map_peek_elem, struct bpf_map *, map, void *, value)
{
	return map->ops->peek_elem(map, value);
}

const struct bpf_func_proto bpf_map_peek_elem_proto = {
	.func = bpf_map_peek_elem,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_UNINIT_MAP_VALUE,
};

BPF_CALL_3(bpf_map_lookup_percpu_elem, struct bpf_map *, map, void *, key, u32, cpu)
{
	assert_map_reader();
	return (unsigned long)map->ops->lookup_percpu_elem(map, key, cpu);
}

const struct bpf_func_proto bpf_map_lookup_percpu_elem_proto = {
	.func = bpf_map_lookup_percpu_elem,
	.pkt_access = true,
	.ret_type = RET_PTR_TO_MAP_VALUE_OR_NULL,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_MAP_KEY,
	.arg3_type = ARG_ANYTHING,
};

BPF_CALL_4(bpf_for_each_map_elem, struct bpf_map *, map, void *, callback, void *, ctx, u64, flags)
{
	if (flags)
		return -EINVAL;
	return map->ops->for_each(map, (bpf_callback_t)callback, ctx, flags);
}

const struct bpf_func_proto bpf_for_each_map_elem_proto = {
	.func = bpf_for_each_map_elem,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_CONST_MAP_PTR,
	.arg2_type = ARG_PTR_TO_FUNC,
	.arg3_type = ARG_PTR_TO_STACK_OR_NULL,
	.arg4_type = ARG_ANYTHING,
};

/* Calls become an instruction of their own: there is no function. */
const struct bpf_func_proto bpf_tail_call_proto = {
	.ret_type = RET_VOID,
	.arg1_type = ARG_PTR_TO_CTX,
	.arg2_type = ARG_CONST_MAP_PTR,
	.arg3_type = ARG_ANYTHING,
};
