// SPDX-License-Identifier: GPL-2.0
/* Program types, helpers and maps as the cases see them: contracts without functions behind. */
#include "vshim.h"
#include "helpers/helpers.h"
#include "maps/maps.h"
#include "prog/prog_type.h"
#include "verifier/fields.h"
#include "btf/record.h"
#include "driver.h"

/* ------------------------------------------------------------------ contexts */

#define F(s, m, fl) { .name = #m, .off = offsetof(struct s, m), \
	.size = sizeof(((struct s *)0)->m), .len = sizeof(((struct s *)0)->m), \
	.flags = fl, .reg_type = SCALAR_VALUE }
#define A(s, m, fl) { .name = #m, .off = offsetof(struct s, m), \
	.size = sizeof(((struct s *)0)->m[0]), .len = sizeof(((struct s *)0)->m), \
	.flags = fl, .reg_type = SCALAR_VALUE }
#define P(s, m, fl, kind) { .name = #m, .off = offsetof(struct s, m), \
	.size = sizeof(((struct s *)0)->m), .len = sizeof(((struct s *)0)->m), \
	.flags = fl, .reg_type = kind }
#define RN (CTX_READ | CTX_NARROW)

static bool has_packet(const struct bpf_prog *prog, const struct bpf_ctx_access *acc)
{
	return prog->type != BPF_PROG_TYPE_SOCKET_FILTER;
}

#define SKB_FIELDS(rw)									\
	F(__sk_buff, len, RN), F(__sk_buff, pkt_type, RN), F(__sk_buff, mark, RN | (rw)),	\
	F(__sk_buff, queue_mapping, RN), F(__sk_buff, protocol, RN),			\
	F(__sk_buff, vlan_present, RN), F(__sk_buff, vlan_tci, RN),			\
	F(__sk_buff, vlan_proto, RN), F(__sk_buff, priority, RN | (rw)),			\
	F(__sk_buff, ingress_ifindex, RN), F(__sk_buff, ifindex, RN),			\
	F(__sk_buff, tc_index, RN | CTX_WRITE), A(__sk_buff, cb, RN | CTX_WRITE | CTX_WIDE),	\
	F(__sk_buff, hash, RN)

static const struct bpf_ctx_field filter_fields[] = {
	SKB_FIELDS(0),
	{ .name = "sk", .off = offsetof(struct __sk_buff, sk), .size = 8, .len = 8,
	  .flags = CTX_READ, .reg_type = PTR_TO_SOCK_COMMON_OR_NULL },
};

static const struct bpf_ctx_field cls_fields[] = {
	SKB_FIELDS(CTX_WRITE),
	F(__sk_buff, tc_classid, RN | CTX_WRITE),
	P(__sk_buff, data, CTX_READ, PTR_TO_PACKET),
	P(__sk_buff, data_end, CTX_READ, PTR_TO_PACKET_END),
	P(__sk_buff, data_meta, CTX_READ, PTR_TO_PACKET_META),
	{ .name = "sk", .off = offsetof(struct __sk_buff, sk), .size = 8, .len = 8,
	  .flags = CTX_READ, .reg_type = PTR_TO_SOCK_COMMON_OR_NULL, .allowed = has_packet },
};

static const struct bpf_ctx_field xdp_fields[] = {
	P(xdp_md, data, CTX_READ, PTR_TO_PACKET), P(xdp_md, data_end, CTX_READ, PTR_TO_PACKET_END),
	P(xdp_md, data_meta, CTX_READ, PTR_TO_PACKET_META),
	F(xdp_md, ingress_ifindex, CTX_READ), F(xdp_md, rx_queue_index, CTX_READ),
};

static const struct bpf_ctx_field sock_fields[] = {
	F(bpf_sock, bound_dev_if, RN), F(bpf_sock, family, RN), F(bpf_sock, type, RN),
	F(bpf_sock, protocol, RN), F(bpf_sock, mark, RN), F(bpf_sock, priority, RN),
	F(bpf_sock, src_ip4, RN),
};

static const struct bpf_field_table socket_table = {
	sizeof(struct bpf_sock), sock_fields, ARRAY_SIZE(sock_fields),
};

static const struct bpf_field_table common_table = { sizeof(struct bpf_sock), sock_fields, 2 };

void driver_set_fields(void);
void driver_set_fields(void)
{
	bpf_fields_set(PTR_TO_SOCKET, &socket_table);
	bpf_fields_set(PTR_TO_SOCK_COMMON, &common_table);
}

/* ------------------------------------------------------------------ helpers */

static u64 nothing(u64 a, u64 b, u64 c, u64 d, u64 e)
{
	return 0;
}

#define H(n, ret, ...) \
	static const struct bpf_func_proto n##_proto = { .func = nothing, .ret_type = ret, __VA_ARGS__ }
#define A1(t) .arg1_type = t
#define A2(t) .arg2_type = t
#define A3(t) .arg3_type = t
#define A4(t) .arg4_type = t
#define A5(t) .arg5_type = t

H(map_lookup_elem, RET_PTR_TO_MAP_VALUE_OR_NULL, .pkt_access = true, A1(ARG_CONST_MAP_PTR),
	A2(ARG_PTR_TO_MAP_KEY));
H(map_update_elem, RET_INTEGER, .pkt_access = true, A1(ARG_CONST_MAP_PTR), A2(ARG_PTR_TO_MAP_KEY),
	A3(ARG_PTR_TO_MAP_VALUE), A4(ARG_ANYTHING));
H(map_delete_elem, RET_INTEGER, .pkt_access = true, A1(ARG_CONST_MAP_PTR),
	A2(ARG_PTR_TO_MAP_KEY));
H(probe_read_kernel, RET_INTEGER, .gpl_only = true, A1(ARG_PTR_TO_UNINIT_MEM),
	A2(ARG_CONST_SIZE_OR_ZERO), A3(ARG_ANYTHING));
H(probe_read_kernel_str, RET_INTEGER, .gpl_only = true, A1(ARG_PTR_TO_UNINIT_MEM),
	A2(ARG_CONST_SIZE_OR_ZERO), A3(ARG_ANYTHING));
H(ktime_get_ns, RET_INTEGER);
H(get_prandom_u32, RET_INTEGER);
H(get_smp_processor_id, RET_INTEGER);
H(trace_printk, RET_INTEGER, .gpl_only = true, A1(ARG_PTR_TO_MEM | MEM_RDONLY), A2(ARG_CONST_SIZE));
H(tail_call, RET_VOID, A1(ARG_PTR_TO_CTX), A2(ARG_CONST_MAP_PTR), A3(ARG_ANYTHING));
H(get_current_pid_tgid, RET_INTEGER);
H(get_current_comm, RET_INTEGER, A1(ARG_PTR_TO_UNINIT_MEM), A2(ARG_CONST_SIZE));
H(perf_event_output, RET_INTEGER, .gpl_only = true, A1(ARG_PTR_TO_CTX), A2(ARG_CONST_MAP_PTR),
	A3(ARG_ANYTHING), A4(ARG_PTR_TO_MEM | MEM_RDONLY), A5(ARG_CONST_SIZE_OR_ZERO));
H(skb_load_bytes, RET_INTEGER, A1(ARG_PTR_TO_CTX), A2(ARG_ANYTHING), A3(ARG_PTR_TO_UNINIT_MEM),
	A4(ARG_CONST_SIZE));
H(skb_store_bytes, RET_INTEGER, .changes_pkt_data = true, A1(ARG_PTR_TO_CTX), A2(ARG_ANYTHING),
	A3(ARG_PTR_TO_MEM | MEM_RDONLY), A4(ARG_CONST_SIZE), A5(ARG_ANYTHING));
H(skb_pull_data, RET_INTEGER, .changes_pkt_data = true, A1(ARG_PTR_TO_CTX), A2(ARG_ANYTHING));
H(csum_diff, RET_INTEGER, .pkt_access = true, A1(ARG_PTR_TO_MEM_OR_NULL | MEM_RDONLY),
	A2(ARG_CONST_SIZE_OR_ZERO), A3(ARG_PTR_TO_MEM_OR_NULL | MEM_RDONLY),
	A4(ARG_CONST_SIZE_OR_ZERO), A5(ARG_ANYTHING));
H(spin_lock, RET_VOID, A1(ARG_PTR_TO_SPIN_LOCK));
H(spin_unlock, RET_VOID, A1(ARG_PTR_TO_SPIN_LOCK));
H(ringbuf_reserve, RET_PTR_TO_RINGBUF_MEM_OR_NULL, A1(ARG_CONST_MAP_PTR),
	A2(ARG_CONST_ALLOC_SIZE_OR_ZERO), A3(ARG_ANYTHING));
H(ringbuf_submit, RET_VOID, A1(ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE), A2(ARG_ANYTHING));
H(ringbuf_discard, RET_VOID, A1(ARG_PTR_TO_RINGBUF_MEM | OBJ_RELEASE), A2(ARG_ANYTHING));
H(ringbuf_output, RET_INTEGER, A1(ARG_CONST_MAP_PTR), A2(ARG_PTR_TO_MEM | MEM_RDONLY),
	A3(ARG_CONST_SIZE_OR_ZERO), A4(ARG_ANYTHING));
H(for_each_map_elem, RET_INTEGER, A1(ARG_CONST_MAP_PTR), A2(ARG_PTR_TO_FUNC),
	A3(PTR_MAYBE_NULL | ARG_PTR_TO_STACK), A4(ARG_ANYTHING));
H(loop, RET_INTEGER, A1(ARG_ANYTHING), A2(ARG_PTR_TO_FUNC), A3(PTR_MAYBE_NULL | ARG_PTR_TO_STACK),
	A4(ARG_ANYTHING));
H(sk_lookup_tcp, RET_PTR_TO_SOCKET_OR_NULL, .pkt_access = true, A1(ARG_PTR_TO_CTX),
	A2(ARG_PTR_TO_MEM | MEM_RDONLY), A3(ARG_CONST_SIZE), A4(ARG_ANYTHING), A5(ARG_ANYTHING));
H(sk_release, RET_INTEGER, A1(ARG_PTR_TO_BTF_ID_SOCK_COMMON | OBJ_RELEASE));
H(sk_fullsock, RET_PTR_TO_SOCKET_OR_NULL, A1(ARG_PTR_TO_SOCK_COMMON));
H(get_stack, RET_INTEGER, .gpl_only = true, A1(ARG_PTR_TO_CTX), A2(ARG_PTR_TO_UNINIT_MEM),
	A3(ARG_CONST_SIZE_OR_ZERO), A4(ARG_ANYTHING));
H(copy_from_user, RET_INTEGER, .might_sleep = true, A1(ARG_PTR_TO_UNINIT_MEM),
	A2(ARG_CONST_SIZE_OR_ZERO), A3(ARG_ANYTHING));
H(timer_init, RET_INTEGER, A1(ARG_PTR_TO_TIMER), A2(ARG_CONST_MAP_PTR), A3(ARG_ANYTHING));
H(timer_set_callback, RET_INTEGER, A1(ARG_PTR_TO_TIMER), A2(ARG_PTR_TO_FUNC));
H(timer_start, RET_INTEGER, A1(ARG_PTR_TO_TIMER), A2(ARG_ANYTHING), A3(ARG_ANYTHING));
H(dynptr_from_mem, RET_INTEGER, A1(ARG_PTR_TO_UNINIT_MEM), A2(ARG_CONST_SIZE_OR_ZERO),
	A3(ARG_ANYTHING), A4(ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_LOCAL | MEM_UNINIT | MEM_WRITE));
H(dynptr_read, RET_INTEGER, A1(ARG_PTR_TO_UNINIT_MEM), A2(ARG_CONST_SIZE_OR_ZERO),
	A3(ARG_PTR_TO_DYNPTR | MEM_RDONLY), A4(ARG_ANYTHING), A5(ARG_ANYTHING));
H(dynptr_data, RET_PTR_TO_DYNPTR_MEM_OR_NULL, A1(ARG_PTR_TO_DYNPTR), A2(ARG_ANYTHING),
	A3(ARG_CONST_ALLOC_SIZE_OR_ZERO));
H(ringbuf_reserve_dynptr, RET_INTEGER, A1(ARG_CONST_MAP_PTR), A2(ARG_ANYTHING), A3(ARG_ANYTHING),
	A4(ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_RINGBUF | MEM_UNINIT | MEM_WRITE));
H(ringbuf_submit_dynptr, RET_VOID, A1(ARG_PTR_TO_DYNPTR | DYNPTR_TYPE_RINGBUF | OBJ_RELEASE),
	A2(ARG_ANYTHING));

#define R(n) { BPF_FUNC_##n, &n##_proto, 0 }

static const struct bpf_helper_row common_rows[] = {
	R(map_lookup_elem), R(map_update_elem), R(map_delete_elem), R(ktime_get_ns),
	R(get_prandom_u32), R(get_smp_processor_id), R(tail_call), R(spin_lock), R(spin_unlock),
	R(ringbuf_reserve), R(ringbuf_submit), R(ringbuf_discard), R(ringbuf_output), R(loop),
	R(for_each_map_elem), R(trace_printk), R(timer_init), R(timer_set_callback),
	R(timer_start), R(dynptr_from_mem), R(dynptr_read), R(dynptr_data),
	R(ringbuf_reserve_dynptr), R(ringbuf_submit_dynptr),
};

static const struct bpf_helper_row net_rows[] = {
	R(skb_load_bytes), R(csum_diff), R(sk_lookup_tcp), R(sk_release), R(sk_fullsock),
	R(perf_event_output), R(skb_store_bytes), R(skb_pull_data),
};

static const struct bpf_helper_row trace_rows[] = {
	R(probe_read_kernel), R(probe_read_kernel_str), R(get_current_pid_tgid),
	R(get_current_comm), R(perf_event_output), R(get_stack), R(copy_from_user),
};

static const BPF_HELPER_SET(common_set, common_rows);
static const BPF_HELPER_SET(net_set, net_rows);
static const BPF_HELPER_SET(trace_set, trace_rows);
static const struct bpf_helper_set *const net_sets[] = { &common_set, &net_set, NULL };
static const struct bpf_helper_set *const trace_sets[] = { &common_set, &trace_set, NULL };
static const struct bpf_helper_set *const filter_sets[] = { &common_set, &net_set, NULL };

/* ------------------------------------------------------------------ program types */

static int ld_abs(const struct bpf_insn *orig, struct bpf_insn_buf *out)
{
	return 0;
}

static void ret01(const struct bpf_prog *prog, struct bpf_retval_range *range)
{
	*range = (struct bpf_retval_range){ .min = 0, .max = 1 };
}

static const struct bpf_prog_type_info types[] = {
	{ .type = BPF_PROG_TYPE_SOCKET_FILTER, .name = "socket_filter", .fields = filter_fields,
	  .nr_fields = ARRAY_SIZE(filter_fields), .ctx_size = sizeof(struct __sk_buff),
	  .helpers = filter_sets, .unprivileged = true, .gen_ld_abs = ld_abs },
	{ .type = BPF_PROG_TYPE_SCHED_CLS, .name = "sched_cls", .fields = cls_fields,
	  .nr_fields = ARRAY_SIZE(cls_fields), .ctx_size = sizeof(struct __sk_buff),
	  .pkt_access = CTX_READ | CTX_WRITE, .helpers = net_sets, .gen_ld_abs = ld_abs },
	{ .type = BPF_PROG_TYPE_XDP, .name = "xdp", .fields = xdp_fields,
	  .nr_fields = ARRAY_SIZE(xdp_fields), .ctx_size = sizeof(struct xdp_md),
	  .pkt_access = CTX_READ | CTX_WRITE, .helpers = net_sets },
	{ .type = BPF_PROG_TYPE_CGROUP_SKB, .name = "cgroup_skb", .fields = cls_fields,
	  .nr_fields = ARRAY_SIZE(cls_fields), .ctx_size = sizeof(struct __sk_buff),
	  .pkt_access = CTX_READ, .helpers = net_sets, .retval = ret01 },
	{ .type = BPF_PROG_TYPE_KPROBE, .name = "kprobe", .ctx_kind = BPF_CTX_PLAIN,
	  .ctx_size = 168, .helpers = trace_sets },
	{ .type = BPF_PROG_TYPE_RAW_TRACEPOINT, .name = "raw_tracepoint",
	  .ctx_kind = BPF_CTX_RAW_ARGS, .ctx_size = 96, .helpers = trace_sets },
	{ .type = BPF_PROG_TYPE_SYSCALL, .name = "syscall", .ctx_kind = BPF_CTX_PLAIN_RW,
	  .ctx_size = 64, .helpers = trace_sets, .can_sleep = true },
};

const struct bpf_prog_type_info *driver_type(const char *name);
const struct bpf_prog_type_info *driver_type(const char *name)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(types); i++)
		if (!strcmp(types[i].name, name))
			return &types[i];
	return NULL;
}

/* ------------------------------------------------------------------ maps */

static const struct {
	const char *name;
	enum bpf_map_type type;
} map_names[] = {
	{ "hash", BPF_MAP_TYPE_HASH }, { "array", BPF_MAP_TYPE_ARRAY },
	{ "prog_array", BPF_MAP_TYPE_PROG_ARRAY },
	{ "perf_event_array", BPF_MAP_TYPE_PERF_EVENT_ARRAY },
	{ "percpu_array", BPF_MAP_TYPE_PERCPU_ARRAY }, { "ringbuf", BPF_MAP_TYPE_RINGBUF },
	{ "array_of_maps", BPF_MAP_TYPE_ARRAY_OF_MAPS }, { "sockmap", BPF_MAP_TYPE_SOCKMAP },
};

/* Which helpers take which maps; those with none listed take the plain ones. */
static const struct {
	u32 func;
	enum bpf_map_type type;
} only[] = {
	{ BPF_FUNC_tail_call, BPF_MAP_TYPE_PROG_ARRAY },
	{ BPF_FUNC_perf_event_output, BPF_MAP_TYPE_PERF_EVENT_ARRAY },
	{ BPF_FUNC_ringbuf_reserve, BPF_MAP_TYPE_RINGBUF },
	{ BPF_FUNC_ringbuf_output, BPF_MAP_TYPE_RINGBUF },
	{ BPF_FUNC_ringbuf_reserve_dynptr, BPF_MAP_TYPE_RINGBUF },
};

bool bpf_map_helper_ok(enum bpf_map_type type, u32 func_id)
{
	bool special = false;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(only); i++) {
		if (only[i].func == func_id)
			return only[i].type == type;
		special |= only[i].type == type;
	}
	return !special;
}

static int value_addr(const struct bpf_map *map, u64 *addr, u32 off)
{
	static const u8 bytes[64] = { 1, 2, 3, 4, 5, 6, 7, 8, 'h', 'i', 0 };

	if (off >= sizeof(bytes))
		return -EINVAL;
	*addr = (u64)(unsigned long)bytes + off;
	return 0;
}

static const struct bpf_map_ops array_ops = { .direct_value_addr = value_addr };
static const struct bpf_map_ops other_ops = { };

struct bpf_map *driver_map(const char *type, u32 key, u32 value, u32 max, u32 flags)
{
	struct bpf_map *map = calloc(1, sizeof(*map));
	u32 i;

	for (i = 0; i < ARRAY_SIZE(map_names) && strcmp(map_names[i].name, type); i++)
		;
	if (i == ARRAY_SIZE(map_names) || !map) {
		free(map);
		return NULL;
	}
	map->map_type = map_names[i].type;
	map->ops = map->map_type == BPF_MAP_TYPE_ARRAY ? &array_ops : &other_ops;
	map->key_size = key;
	map->value_size = value;
	map->max_entries = max;
	map->map_flags = flags;
	map->frozen = flags & BPF_F_RDONLY_PROG;
	strcpy(map->name, "m");
	if (map->map_type == BPF_MAP_TYPE_ARRAY_OF_MAPS)
		map->inner_map_meta = driver_map("array", 4, 8, 1, 0);
	return map;
}

/* Gives the value a special field. */
bool driver_map_lock(struct bpf_map *map, u32 off, u32 type)
{
	struct btf_record *rec = calloc(1, sizeof(*rec) + sizeof(rec->fields[0]));

	if (!rec)
		return false;
	rec->cnt = 1;
	rec->field_mask = type;
	rec->fields[0].offset = off;
	rec->fields[0].size = type == BPF_SPIN_LOCK ? 4 : 16;
	rec->fields[0].type = type;
	rec->spin_lock_off = type == BPF_SPIN_LOCK ? (int)off : -EINVAL;
	map->record = rec;
	map->btf = (struct btf *)rec;
	return true;
}

void driver_map_free(struct bpf_map *map)
{
	if (!map)
		return;
	driver_map_free(map->inner_map_meta);
	free(map->record);
	free(map);
}
