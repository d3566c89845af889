/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the rooms of the eBPF subsystem share with each other and with the rest of the kernel.
 *
 * About 1,500 files of the base include this header, so it holds only what several rooms or the
 * base need; everything else stands in the rooms' own headers below kernel/bpf/.
 */
#ifndef _LINUX_BPF_H
#define _LINUX_BPF_H

#include <uapi/linux/bpf.h>
#include <uapi/linux/filter.h>

#include <linux/atomic.h>
#include <linux/capability.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/kallsyms.h>
#include <linux/list.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/numa.h>
#include <linux/percpu.h>
#include <linux/poll.h>
#include <linux/rbtree_latch.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/u64_stats_sync.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct bpf_array_aux;
struct bpf_attach_target;
struct bpf_dtab_netdev;
struct bpf_func_info_aux;
struct bpf_insn_fact;
struct bpf_jit_poke_descriptor;
struct bpf_link;
struct bpf_local_storage;
struct bpf_local_storage_map;
struct bpf_map;
struct bpf_offloaded_map;
struct bpf_prog;
struct bpf_prog_aux;
struct bpf_prog_offload;
struct bpf_prog_offload_ops;
struct bpf_prog_type_info;
struct bpf_token;
struct bpf_trampoline;
struct bpf_verifier_env;
struct btf;
struct btf_record;
struct btf_type;
struct cgroup;
struct exception_table_entry;
struct mem_cgroup;
struct module;
struct net_device;
struct obj_cgroup;
struct pid;
struct seq_file;
struct seq_operations;
struct sk_buff;
struct sock;
struct sock_fprog_kern;
struct sock_reuseport;
struct task_struct;
struct user_struct;
struct vm_area_struct;

typedef unsigned int (*bpf_func_t)(const void *ctx, const struct bpf_insn *insn);
/* Any helper, as generated code calls it: five scalar registers in, R0 out. */
typedef u64 (*bpf_helper_t)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);
/* A program's subprogram called back by a helper or a map walk. */
typedef u64 (*bpf_callback_t)(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5);

#ifndef __bpfcall
#define __bpfcall
#endif

/* ------------------------------------------------------------------ types of values */

/*
 * A type of a register, an argument or a return value is a base kind in the low
 * BPF_BASE_TYPE_BITS bits and flags above them; the flags mean the same in all three.
 */
#define BPF_BASE_TYPE_BITS	8
#define BPF_BASE_TYPE_MASK	((1U << BPF_BASE_TYPE_BITS) - 1)
#define BPF_TYPE_FLAG(n)	(1U << (BPF_BASE_TYPE_BITS + (n)))

enum bpf_type_flag {
	PTR_MAYBE_NULL		= BPF_TYPE_FLAG(0),	/* has to be compared with 0 first */
	MEM_RDONLY		= BPF_TYPE_FLAG(1),
	MEM_WRITE		= BPF_TYPE_FLAG(2),	/* callee writes it */
	MEM_UNINIT		= BPF_TYPE_FLAG(3),	/* callee initialises it */
	MEM_FIXED_SIZE		= BPF_TYPE_FLAG(4),	/* size stands in the prototype */
	MEM_ALIGNED		= BPF_TYPE_FLAG(5),	/* aligned on any platform */
	MEM_RINGBUF		= BPF_TYPE_FLAG(6),	/* reserved ring buffer record */
	MEM_USER		= BPF_TYPE_FLAG(7),	/* user address space */
	MEM_PERCPU		= BPF_TYPE_FLAG(8),	/* per-CPU address */
	MEM_ALLOC		= BPF_TYPE_FLAG(9),	/* bpf_obj_new() memory */
	MEM_RCU			= BPF_TYPE_FLAG(10),	/* valid inside an RCU section */
	PTR_TRUSTED		= BPF_TYPE_FLAG(11),	/* kernel object known to be alive */
	PTR_UNTRUSTED		= BPF_TYPE_FLAG(12),	/* only probing loads */
	OBJ_RELEASE		= BPF_TYPE_FLAG(13),	/* callee takes the reference over */
	NON_OWN_REF		= BPF_TYPE_FLAG(14),	/* borrowed under a lock */
	DYNPTR_TYPE_LOCAL	= BPF_TYPE_FLAG(15),
	DYNPTR_TYPE_RINGBUF	= BPF_TYPE_FLAG(16),
	DYNPTR_TYPE_SKB		= BPF_TYPE_FLAG(17),
	DYNPTR_TYPE_XDP		= BPF_TYPE_FLAG(18),
};

#define DYNPTR_TYPE_FLAG_MASK \
	(DYNPTR_TYPE_LOCAL | DYNPTR_TYPE_RINGBUF | DYNPTR_TYPE_SKB | DYNPTR_TYPE_XDP)

static inline u32 base_type(u32 type)
{
	return type & BPF_BASE_TYPE_MASK;
}

static inline u32 type_flag(u32 type)
{
	return type & ~BPF_BASE_TYPE_MASK;
}

static inline bool type_may_be_null(u32 type)
{
	return type & PTR_MAYBE_NULL;
}

/* What a register holds. Names as logs print them stand in the verifier's pointer-kind table. */
enum bpf_reg_type {
	NOT_INIT = 0,
	SCALAR_VALUE,
	PTR_TO_CTX,
	CONST_PTR_TO_MAP,
	PTR_TO_MAP_VALUE,
	PTR_TO_MAP_KEY,
	PTR_TO_STACK,
	PTR_TO_PACKET_META,
	PTR_TO_PACKET,
	PTR_TO_PACKET_END,
	PTR_TO_FLOW_KEYS,
	PTR_TO_SOCKET,
	PTR_TO_SOCK_COMMON,
	PTR_TO_TCP_SOCK,
	PTR_TO_TP_BUFFER,
	PTR_TO_XDP_SOCK,
	PTR_TO_BTF_ID,
	PTR_TO_MEM,
	PTR_TO_ARENA,
	PTR_TO_BUF,
	PTR_TO_FUNC,
	CONST_PTR_TO_DYNPTR,
	__BPF_REG_TYPE_MAX,

	PTR_TO_MAP_VALUE_OR_NULL	= PTR_MAYBE_NULL | PTR_TO_MAP_VALUE,
	PTR_TO_SOCKET_OR_NULL		= PTR_MAYBE_NULL | PTR_TO_SOCKET,
	PTR_TO_SOCK_COMMON_OR_NULL	= PTR_MAYBE_NULL | PTR_TO_SOCK_COMMON,
	PTR_TO_TCP_SOCK_OR_NULL		= PTR_MAYBE_NULL | PTR_TO_TCP_SOCK,
	PTR_TO_BTF_ID_OR_NULL		= PTR_MAYBE_NULL | PTR_TO_BTF_ID,
};

/* What a helper wants in an argument register. */
enum bpf_arg_type {
	ARG_DONTCARE = 0,		/* not an argument */
	ARG_CONST_MAP_PTR,		/* a map known at load time */
	ARG_PTR_TO_MAP_KEY,		/* key_size initialised bytes for the map argument */
	ARG_PTR_TO_MAP_VALUE,		/* value_size bytes for the map argument */
	ARG_PTR_TO_MEM,			/* bytes; the next argument is the size */
	ARG_PTR_TO_ARENA,
	ARG_CONST_SIZE,			/* bytes, provably above 0 */
	ARG_CONST_SIZE_OR_ZERO,
	ARG_CONST_ALLOC_SIZE_OR_ZERO,	/* a constant; sizes the memory returned */
	ARG_PTR_TO_CTX,
	ARG_ANYTHING,			/* any initialised value */
	ARG_PTR_TO_SPIN_LOCK,
	ARG_PTR_TO_SOCK_COMMON,
	ARG_PTR_TO_SOCKET,		/* full socket */
	ARG_PTR_TO_BTF_ID,		/* type in arg_btf_id[] */
	ARG_PTR_TO_BTF_ID_SOCK_COMMON,
	ARG_PTR_TO_RINGBUF_MEM,		/* start of a reserved record */
	ARG_PTR_TO_PERCPU_BTF_ID,
	ARG_PTR_TO_FUNC,		/* a static subprogram */
	ARG_PTR_TO_STACK,
	ARG_PTR_TO_CONST_STR,		/* NUL-terminated, in a frozen read-only map */
	ARG_PTR_TO_TIMER,
	ARG_KPTR_XCHG_DEST,
	ARG_PTR_TO_DYNPTR,
	__BPF_ARG_TYPE_MAX,

	ARG_PTR_TO_MAP_VALUE_OR_NULL	= PTR_MAYBE_NULL | ARG_PTR_TO_MAP_VALUE,
	ARG_PTR_TO_MEM_OR_NULL		= PTR_MAYBE_NULL | ARG_PTR_TO_MEM,
	ARG_PTR_TO_CTX_OR_NULL		= PTR_MAYBE_NULL | ARG_PTR_TO_CTX,
	ARG_PTR_TO_SOCKET_OR_NULL	= PTR_MAYBE_NULL | ARG_PTR_TO_SOCKET,
	ARG_PTR_TO_STACK_OR_NULL	= PTR_MAYBE_NULL | ARG_PTR_TO_STACK,
	ARG_PTR_TO_BTF_ID_OR_NULL	= PTR_MAYBE_NULL | ARG_PTR_TO_BTF_ID,
	ARG_PTR_TO_UNINIT_MAP_VALUE	= MEM_UNINIT | MEM_WRITE | ARG_PTR_TO_MAP_VALUE,
	ARG_PTR_TO_UNINIT_MEM		= MEM_UNINIT | MEM_WRITE | ARG_PTR_TO_MEM,
	ARG_PTR_TO_FIXED_SIZE_MEM	= MEM_FIXED_SIZE | ARG_PTR_TO_MEM,
};

/* What a helper leaves in R0. */
enum bpf_return_type {
	RET_INTEGER = 0,
	RET_VOID,
	RET_PTR_TO_MAP_VALUE,
	RET_PTR_TO_SOCKET,
	RET_PTR_TO_TCP_SOCK,
	RET_PTR_TO_SOCK_COMMON,
	RET_PTR_TO_MEM,			/* sized by ARG_CONST_ALLOC_SIZE_OR_ZERO */
	RET_PTR_TO_MEM_OR_BTF_ID,	/* what the per-CPU argument points to */
	RET_PTR_TO_BTF_ID,		/* type in ret_btf_id */
	__BPF_RET_TYPE_MAX,

	RET_PTR_TO_MAP_VALUE_OR_NULL	= PTR_MAYBE_NULL | RET_PTR_TO_MAP_VALUE,
	RET_PTR_TO_SOCKET_OR_NULL	= PTR_MAYBE_NULL | RET_PTR_TO_SOCKET,
	RET_PTR_TO_TCP_SOCK_OR_NULL	= PTR_MAYBE_NULL | RET_PTR_TO_TCP_SOCK,
	RET_PTR_TO_SOCK_COMMON_OR_NULL	= PTR_MAYBE_NULL | RET_PTR_TO_SOCK_COMMON,
	RET_PTR_TO_RINGBUF_MEM_OR_NULL	= PTR_MAYBE_NULL | MEM_RINGBUF | RET_PTR_TO_MEM,
	RET_PTR_TO_DYNPTR_MEM_OR_NULL	= PTR_MAYBE_NULL | RET_PTR_TO_MEM,
	RET_PTR_TO_BTF_ID_OR_NULL	= PTR_MAYBE_NULL | RET_PTR_TO_BTF_ID,
	RET_PTR_TO_BTF_ID_TRUSTED	= PTR_TRUSTED | RET_PTR_TO_BTF_ID,
};

/*
 * struct bpf_func_proto - a helper as the verifier sees it
 * @func: the function, BPF_CALL_n()
 * @name: name for logs; NULL means the name of its id
 * @gpl_only: only for programs under a GPL-compatible licence
 * @pkt_access: packet pointers may be passed as memory
 * @might_sleep: only for sleepable programs
 * @allow_fastcall: keeps R1 to R5; the JIT or the rewriter inlines it
 * @changes_pkt_data: may move the packet: packet pointers die with the call
 * @ret_type: enum bpf_return_type and flags
 * @arg_type: enum bpf_arg_type and flags of R1 to R5
 * @arg_btf_id: for ARG_PTR_TO_BTF_ID: where the type id in vmlinux BTF stands
 * @arg_size: for MEM_FIXED_SIZE: bytes
 * @ret_btf_id: for RET_PTR_TO_BTF_ID: where the type id in vmlinux BTF stands
 * @allowed: further condition on the program, or NULL
 */
struct bpf_func_proto {
	bpf_helper_t func;
	const char *name;
	bool gpl_only;
	bool pkt_access;
	bool might_sleep;
	bool allow_fastcall;
	bool changes_pkt_data;
	u32 ret_type;
	union {
		struct {
			u32 arg1_type;
			u32 arg2_type;
			u32 arg3_type;
			u32 arg4_type;
			u32 arg5_type;
		};
		u32 arg_type[5];
	};
	union {
		struct {
			u32 *arg1_btf_id;
			u32 *arg2_btf_id;
			u32 *arg3_btf_id;
			u32 *arg4_btf_id;
			u32 *arg5_btf_id;
		};
		u32 *arg_btf_id[5];
		size_t arg_size[5];
	};
	u32 *ret_btf_id;
	bool (*allowed)(const struct bpf_prog *prog);
};

/* ------------------------------------------------------------------ maps */

/* Counts of what a map holds: how many kernel references, of these from user space, writers. */
#define BPF_MAP_FLAGS_ACCESS (BPF_F_RDONLY | BPF_F_WRONLY)

enum bpf_cgroup_storage_type {
	BPF_CGROUP_STORAGE_SHARED,
	BPF_CGROUP_STORAGE_PERCPU,
	__BPF_CGROUP_STORAGE_MAX
#define MAX_BPF_CGROUP_STORAGE_TYPE __BPF_CGROUP_STORAGE_MAX
};

struct bpf_iter_aux_info;
struct bpf_iter_seq_info;

enum bpf_map_batch_op {
	BPF_BATCH_LOOKUP,
	BPF_BATCH_LOOKUP_DELETE,
	BPF_BATCH_UPDATE,
	BPF_BATCH_DELETE,
};

/*
 * struct bpf_map_ops - one type of map
 *
 * Element operations are called under rcu_read_lock() (or rcu_read_lock_trace() from sleepable
 * programs) with preemption possible; programs call them from any context, NMI included, unless the
 * map type's row says otherwise. Sizes come from the map. All may be NULL but @alloc_check, @alloc,
 * @free and @mem_usage: the caller then answers -EOPNOTSUPP (-ENOTSUPP where clients know it so).
 *
 * @alloc_check: checks the creation attributes; no side effects
 * @alloc: a new map with its common part unset, or ERR_PTR
 * @free: called from a work item once no reference is left and a grace period has passed
 * @release: a file that held the map is gone; @file may be NULL
 * @release_uref: the last user reference (fd or pin) is gone
 * @get_next_key: @key NULL or unknown: the first key; -ENOENT after the last
 * @lookup_elem: address of the value (for per-CPU maps: of this CPU's), or NULL
 * @lookup_percpu_elem: address of the value of @cpu, or NULL
 * @update_elem: @flags are BPF_ANY, BPF_NOEXIST, BPF_EXIST (| BPF_F_LOCK)
 * @push_elem: as update_elem for maps without keys
 * @copy_value: copies the value of @key as user space sees it (all CPUs, fd ids, ...) to @value;
 *	NULL: lookup_elem and a plain copy
 * @sys_update: update from user space where it differs (per-CPU values, fds); NULL: update_elem
 * @sys_value_size: bytes of a value as user space sees it; NULL: value_size
 * @lookup_and_delete: copies the value as copy_value does and deletes it in one step
 * @batch: see enum bpf_map_batch_op; NULL: the generic loop over the operations above
 * @direct_value_addr: address of byte @off of the only value, for BPF_PSEUDO_MAP_VALUE
 * @direct_value_meta: the reverse
 * @for_each: calls @cb(map, key, value, ctx, 0) on each element until it returns 1; number called
 * @gen_lookup: writes instructions that look an element up (R1 map, R2 key, R0 result) to @buf of
 *	@cap instructions; number written, or 0 where it is not worth it
 * @check_btf: checks key and value types; NULL: types are not allowed
 * @meta_equal: may a map like @inner stand where @meta was verified
 * @fd_get_ptr: turns a user's fd into the object that an element holds
 * @fd_put_ptr: drops such an object
 * @fd_ptr_id: the id that user space reads for it
 * @show_elem: writes one element in text for bpffs
 * @redirect: target of bpf_redirect_map()
 * @mem_usage: bytes held
 */
struct bpf_map_ops {
	int (*alloc_check)(const union bpf_attr *attr);
	struct bpf_map *(*alloc)(const union bpf_attr *attr);
	void (*free)(struct bpf_map *map);
	void (*release)(struct bpf_map *map, struct file *file);
	void (*release_uref)(struct bpf_map *map);

	int (*get_next_key)(struct bpf_map *map, void *key, void *next_key);
	void *(*lookup_elem)(struct bpf_map *map, void *key);
	void *(*lookup_percpu_elem)(struct bpf_map *map, void *key, u32 cpu);
	long (*update_elem)(struct bpf_map *map, void *key, void *value, u64 flags);
	long (*delete_elem)(struct bpf_map *map, void *key);
	long (*push_elem)(struct bpf_map *map, void *value, u64 flags);
	long (*pop_elem)(struct bpf_map *map, void *value);
	long (*peek_elem)(struct bpf_map *map, void *value);

	int (*copy_value)(struct bpf_map *map, void *key, void *value, u64 flags);
	int (*sys_update)(struct bpf_map *map, struct file *map_file, void *key, void *value,
			  u64 flags);
	u32 (*sys_value_size)(const struct bpf_map *map);
	int (*lookup_and_delete)(struct bpf_map *map, void *key, void *value, u64 flags);
	int (*batch)(struct bpf_map *map, struct file *map_file, enum bpf_map_batch_op op,
		     const union bpf_attr *attr, union bpf_attr __user *uattr);

	int (*direct_value_addr)(const struct bpf_map *map, u64 *addr, u32 off);
	int (*direct_value_meta)(const struct bpf_map *map, u64 addr, u32 *off);
	int (*mmap)(struct bpf_map *map, struct vm_area_struct *vma);
	unsigned long (*get_unmapped_area)(struct file *file, unsigned long addr,
					   unsigned long len, unsigned long pgoff,
					   unsigned long flags);
	__poll_t (*poll)(struct bpf_map *map, struct file *file, struct poll_table_struct *pts);
	long (*for_each)(struct bpf_map *map, bpf_callback_t cb, void *ctx, u64 flags);
	int (*gen_lookup)(struct bpf_map *map, struct bpf_insn *buf, u32 cap);

	int (*check_btf)(const struct bpf_map *map, const struct btf *btf,
			 const struct btf_type *key_type, const struct btf_type *value_type);
	bool (*meta_equal)(const struct bpf_map *meta, const struct bpf_map *inner);
	void *(*fd_get_ptr)(struct bpf_map *map, struct file *map_file, int fd);
	void (*fd_put_ptr)(struct bpf_map *map, void *ptr, bool need_defer);
	u32 (*fd_ptr_id)(void *ptr);
	void (*poke_track)(struct bpf_map *map, struct bpf_prog_aux *aux);
	void (*poke_untrack)(struct bpf_map *map, struct bpf_prog_aux *aux);
	void (*show_elem)(struct bpf_map *map, void *key, struct seq_file *m);

	long (*redirect)(struct bpf_map *map, u64 key, u64 flags);
	int (*local_storage_charge)(struct bpf_local_storage_map *smap, void *owner, u32 size);
	void (*local_storage_uncharge)(struct bpf_local_storage_map *smap, void *owner, u32 size);
	struct bpf_local_storage __rcu **(*owner_storage_ptr)(void *owner);

	u64 (*mem_usage)(const struct bpf_map *map);
	u32 *map_btf_id;		/* id of the struct in vmlinux BTF, for iterators */
	const struct bpf_iter_seq_info *iter_seq_info;
};

/*
 * struct bpf_map - the part that all types share; first member of each type's own struct
 * @frozen: no writes from user space any more; under @freeze_mutex
 * @writecnt: writable mappings and updates in flight from user space; negative: none may start
 * @owner: what the programs in a prog array have in common; set by the first one
 */
struct bpf_map {
	const struct bpf_map_ops *ops;
	struct bpf_map *inner_map_meta;
	void *security;
	enum bpf_map_type map_type;
	u32 key_size;
	u32 value_size;
	u32 max_entries;
	u64 map_extra;
	u32 map_flags;
	u32 id;
	struct btf_record *record;
	int numa_node;
	u32 btf_key_type_id;
	u32 btf_value_type_id;
	u32 btf_vmlinux_value_type_id;
	struct btf *btf;
	struct obj_cgroup *objcg;
	char name[BPF_OBJ_NAME_LEN];
	struct mutex freeze_mutex;	/* frozen, against mappings that may be written */
	atomic64_t refcnt;
	atomic64_t usercnt;
	union {
		struct work_struct work;
		struct rcu_head rcu;
	};
	atomic64_t writecnt;
	struct {
		spinlock_t lock;	/* of this struct: the first program decides */
		enum bpf_prog_type type;
		const struct btf_type *attach_func_proto;
		bool set;
		bool jited;
		bool xdp_has_frags;
	} owner;
	bool bypass_spec_v1;	/* programs need no index masking */
	bool frozen;
	bool free_after_mult_rcu_gp;
	bool free_after_rcu_gp;
	atomic64_t sleepable_refcnt;
	s64 __percpu *elem_count;
};

/* ------------------------------------------------------------------ programs */

struct bpf_prog_stats {
	u64_stats_t cnt;
	u64_stats_t nsecs;
	u64_stats_t misses;
	struct u64_stats_sync syncp;
} __aligned(2 * sizeof(u64));

/*
 * struct bpf_ksym - a piece of generated code with a name
 * @start: first byte
 * @end: one past the last
 */
struct bpf_ksym {
	unsigned long start;
	unsigned long end;
	char name[KSYM_NAME_LEN];
	struct list_head lnode;
	struct latch_tree_node tnode;
	bool prog;
};

/* An argument of a typed context: at byte @offset of it stands a @reg_type of type @btf_id. */
struct bpf_ctx_arg_aux {
	u32 offset;
	u32 reg_type;
	struct btf *btf;
	u32 btf_id;
};

struct btf_mod_pair {
	struct btf *btf;
	struct module *module;
};

/*
 * struct bpf_prog_aux - the half of a program that does not run
 *
 * Written while loading; afterwards only counters and attachments change.
 */
struct bpf_prog_aux {
	atomic64_t refcnt;
	struct bpf_prog *prog;
	const struct bpf_prog_type_info *info;	/* row of the program-type table */
	u32 id;
	char name[BPF_OBJ_NAME_LEN];
	u64 load_time;				/* ns since boot */
	u32 verified_insns;
	struct user_struct *user;
	struct bpf_token *token;
	void *security;

	/* resources, held until the program is freed */
	struct mutex used_maps_mutex;		/* used_maps, used_map_cnt */
	struct bpf_map **used_maps;
	u32 used_map_cnt;
	u32 used_btf_cnt;
	struct btf_mod_pair *used_btfs;
	struct module *mod;

	/* subprograms; func[0] is the program itself in the table's owner */
	struct bpf_prog **func;
	u32 func_cnt;
	u32 func_idx;
	u32 real_func_cnt;			/* without hidden ones */
	struct bpf_prog_aux *main_prog_aux;
	u32 stack_depth;			/* bytes, of this function alone */
	u32 max_ctx_offset;
	u32 max_pkt_offset;
	u32 max_tp_access;
	u32 max_rdonly_access;
	u32 max_rdwr_access;
	bool tail_call_reachable;
	bool exception_cb;
	bool changes_pkt_data;
	bool might_sleep;
	bool xdp_has_frags;
	bool dev_bound;
	bool offload_requested;
	bool attach_btf_trace;			/* a BTF raw tracepoint */
	bool attach_tracing_prog;
	bool priv_stack_requested;
	bool verifier_zext;			/* rewriter inserted all zero extensions */

	/* what it attaches to, from prog_load */
	struct mutex dst_mutex;			/* dst_prog, dst_trampoline */
	struct bpf_prog *dst_prog;
	struct bpf_trampoline *dst_trampoline;
	enum bpf_prog_type saved_dst_prog_type;
	enum bpf_attach_type saved_dst_attach_type;
	struct btf *attach_btf;
	u32 attach_btf_id;
	const struct btf_type *attach_func_proto;
	const char *attach_func_name;
	const struct bpf_ctx_arg_aux *ctx_arg_info;
	u32 ctx_arg_info_size;
	int cgroup_atype;			/* enum cgroup_bpf_attach_type of an LSM program */
	struct bpf_map *cgroup_storage[MAX_BPF_CGROUP_STORAGE_TYPE];
	struct bpf_prog_offload *offload;

	/* types and source lines */
	struct btf *btf;
	struct bpf_func_info *func_info;
	struct bpf_func_info_aux *func_info_aux;
	struct bpf_line_info *linfo;
	void **jited_linfo;
	u32 func_info_cnt;
	u32 nr_linfo;
	u32 linfo_idx;				/* first entry of this function in linfo */

	/* generated code */
	struct bpf_insn_fact *facts;		/* one an instruction, or NULL */
	void *jit_data;
	void *priv_stack_ptr;
	struct bpf_jit_poke_descriptor *poke_tab;
	u32 size_poke_tab;
	u32 num_exentries;
	struct exception_table_entry *extable;
	struct bpf_ksym ksym;
	u32 *subprog_off;			/* interpreter: start of each function */
	struct list_head poke_node;

	union {
		struct work_struct work;
		struct rcu_head rcu;
	};
};

/*
 * struct bpf_prog - a program (or one subprogram of a compiled one)
 * @len: instructions in @insnsi
 * @bpf_func: entry of the image, or of the interpreter for its stack size
 * @active: per-CPU recursion guard
 * @orig_prog: the classic filter it was made from, for SO_GET_FILTER
 */
struct bpf_prog {
	u16 pages;
	u16 jited:1,
	    jit_requested:1,
	    gpl_compatible:1,
	    cb_access:1,
	    dst_needed:1,
	    blinding_requested:1,
	    blinded:1,
	    is_func:1,
	    kprobe_override:1,
	    has_callchain_buf:1,
	    enforce_expected_attach_type:1,
	    call_get_stack:1,
	    call_get_func_ip:1,
	    tstamp_type_access:1,
	    sleepable:1,
	    was_classic:1;
	enum bpf_prog_type type;
	enum bpf_attach_type expected_attach_type;
	u32 len;
	u32 jited_len;
	u8 tag[BPF_TAG_SIZE];
	struct bpf_prog_stats __percpu *stats;
	int __percpu *active;
	bpf_func_t bpf_func;
	struct bpf_prog_aux *aux;
	struct sock_fprog_kern *orig_prog;
	struct bpf_insn insnsi[];
};

struct bpf_cgroup_storage;

struct bpf_prog_array_item {
	struct bpf_prog *prog;
	union {
		struct bpf_cgroup_storage *cgroup_storage[MAX_BPF_CGROUP_STORAGE_TYPE];
		u64 bpf_cookie;
	};
};

/* Programs that run one after another; ends with a NULL prog. Replaced whole under RCU. */
struct bpf_prog_array {
	struct rcu_head rcu;
	struct bpf_prog_array_item items[];
};

extern struct bpf_prog_array bpf_empty_prog_array;
extern struct bpf_prog bpf_dummy_prog;	/* holds a slot after a removal without memory */

/* What current->bpf_ctx points to while a program runs; embedded by each hook's own. */
struct bpf_run_ctx {};

struct bpf_cg_run_ctx {
	struct bpf_run_ctx run_ctx;
	const struct bpf_prog_array_item *prog_item;
	int retval;
};

struct bpf_trace_run_ctx {
	struct bpf_run_ctx run_ctx;
	u64 bpf_cookie;
	bool is_uprobe;
};

struct bpf_tramp_run_ctx {
	struct bpf_run_ctx run_ctx;
	u64 bpf_cookie;
	struct bpf_run_ctx *saved_run_ctx;
};

#ifdef CONFIG_BPF_SYSCALL
static inline struct bpf_run_ctx *bpf_set_run_ctx(struct bpf_run_ctx *new_ctx)
{
	struct bpf_run_ctx *old = current->bpf_ctx;

	current->bpf_ctx = new_ctx;
	return old;
}

static inline void bpf_reset_run_ctx(struct bpf_run_ctx *old_ctx)
{
	current->bpf_ctx = old_ctx;
}

static inline bool has_current_bpf_ctx(void)
{
	return !!current->bpf_ctx;
}
#else
/* No program asks for it. */
static inline struct bpf_run_ctx *bpf_set_run_ctx(struct bpf_run_ctx *new_ctx)
{
	return NULL;
}

static inline void bpf_reset_run_ctx(struct bpf_run_ctx *old_ctx) {}

static inline bool has_current_bpf_ctx(void)
{
	return false;
}
#endif

typedef u32 (*bpf_prog_run_fn)(const struct bpf_prog *prog, const void *ctx);

/* ------------------------------------------------------------------ links */

/*
 * struct bpf_link_ops - one kind of attachment
 * @release: undoes the attachment; called once, from process context, may sleep
 * @dealloc: frees the link; no program of it runs or will run
 * @dealloc_deferred: as @dealloc, called after a grace period; a link has one of the two
 * @detach: undoes the attachment on behalf of BPF_LINK_DETACH; the link stays, defunct
 * @update_prog: @old_prog NULL: whatever stands there
 * @fill_link_info: may copy strings to user space
 */
struct bpf_link_ops {
	void (*release)(struct bpf_link *link);
	void (*dealloc)(struct bpf_link *link);
	void (*dealloc_deferred)(struct bpf_link *link);
	int (*detach)(struct bpf_link *link);
	int (*update_prog)(struct bpf_link *link, struct bpf_prog *new_prog,
			   struct bpf_prog *old_prog);
	void (*show_fdinfo)(const struct bpf_link *link, struct seq_file *seq);
	int (*fill_link_info)(const struct bpf_link *link, struct bpf_link_info *info);
	int (*update_map)(struct bpf_link *link, struct bpf_map *new_map,
			  struct bpf_map *old_map);
	__poll_t (*poll)(struct file *file, struct poll_table_struct *pts);
};

struct bpf_link {
	atomic64_t refcnt;
	u32 id;
	enum bpf_link_type type;
	const struct bpf_link_ops *ops;
	struct bpf_prog *prog;
	union {
		struct rcu_head rcu;
		struct work_struct work;
	};
	bool sleepable;
};

/* A link with fd and id reserved, not yet visible: settle it or clean it up. */
struct bpf_link_primer {
	struct bpf_link *link;
	struct file *file;
	int fd;
	u32 id;
};

struct bpf_raw_tp_link {
	struct bpf_link link;
	struct bpf_raw_event_map *btp;
	u64 cookie;
};

/* ------------------------------------------------------------------ iterators */

#define BPF_ITER_CTX_ARG_MAX 2

enum bpf_iter_feature {
	BPF_ITER_RESCHED = BIT(0),	/* the walk may give the CPU away between objects */
};

enum bpf_iter_task_type {
	BPF_TASK_ITER_ALL = 0,
	BPF_TASK_ITER_TID,
	BPF_TASK_ITER_TGID,
};

struct bpf_iter_aux_info {
	struct bpf_map *map;
	struct {
		struct cgroup *start;
		enum bpf_cgroup_iter_order order;
	} cgroup;
	struct {
		enum bpf_iter_task_type type;
		u32 pid;
	} task;
};

typedef int (*bpf_iter_init_seq_priv_t)(void *private_data, struct bpf_iter_aux_info *aux);
typedef void (*bpf_iter_fini_seq_priv_t)(void *private_data);

struct bpf_iter_seq_info {
	const struct seq_operations *seq_ops;
	bpf_iter_init_seq_priv_t init_seq_private;
	bpf_iter_fini_seq_priv_t fini_seq_private;
	u32 seq_priv_size;
};

struct bpf_iter_reg {
	const char *target;
	int (*attach_target)(struct bpf_prog *prog, union bpf_iter_link_info *linfo,
			     struct bpf_iter_aux_info *aux);
	void (*detach_target)(struct bpf_iter_aux_info *aux);
	void (*show_fdinfo)(const struct bpf_iter_aux_info *aux, struct seq_file *seq);
	int (*fill_link_info)(const struct bpf_iter_aux_info *aux, struct bpf_link_info *info);
	const struct bpf_func_proto *(*get_func_proto)(enum bpf_func_id func_id,
						       const struct bpf_prog *prog);
	u32 ctx_arg_info_size;
	u32 feature;
	struct bpf_ctx_arg_aux ctx_arg_info[BPF_ITER_CTX_ARG_MAX];
	const struct bpf_iter_seq_info *seq_info;
};

/* What a step of an iterator is about; the pointer sized as programs see it. */
struct bpf_iter_meta {
	__bpf_md_ptr(struct seq_file *, seq);
	u64 session_id;
	u64 seq_num;
};

/* The function whose BTF prototype types the context of an iterator's programs. */
#define DEFINE_BPF_ITER_FUNC(target, args...)			\
	extern int bpf_iter_ ## target(args);			\
	int __init bpf_iter_ ## target(args) { return 0; }

int bpf_iter_reg_target(const struct bpf_iter_reg *reg_info);
void bpf_iter_unreg_target(const struct bpf_iter_reg *reg_info);
struct bpf_prog *bpf_iter_get_info(struct bpf_iter_meta *meta, bool in_stop);
int bpf_iter_run_prog(struct bpf_prog *prog, void *ctx);

/* ------------------------------------------------------------------ XDP dispatcher */

/*
 * Stands in front of a hook's indirect call: code that compares the target with the few programs
 * in use and jumps directly.
 */
#define BPF_DISPATCHER_FUNC(name) bpf_dispatcher_##name##_func

static __always_inline unsigned int bpf_dispatcher_nop_func(const void *ctx,
							    const struct bpf_insn *insnsi,
							    bpf_func_t bpf_func)
{
	return bpf_func(ctx, insnsi);
}

#ifdef CONFIG_NET
unsigned int bpf_dispatcher_xdp_func(const void *ctx, const struct bpf_insn *insnsi,
				     bpf_func_t bpf_func);
#endif

/* ------------------------------------------------------------------ services */

DECLARE_PER_CPU(int, bpf_prog_active);
extern int sysctl_unprivileged_bpf_disabled;

/* Takes the recursion guard of a hook that must not be entered from inside map operations. */
static inline void bpf_disable_instrumentation(void)
{
	migrate_disable();
	this_cpu_inc(bpf_prog_active);
}

static inline void bpf_enable_instrumentation(void)
{
	this_cpu_dec(bpf_prog_active);
	migrate_enable();
}

#ifdef CONFIG_BPF_SYSCALL
struct bpf_prog *bpf_prog_get(u32 ufd);
struct bpf_prog *bpf_prog_get_type_dev(u32 ufd, enum bpf_prog_type type, bool attach_drv);
struct bpf_prog *bpf_prog_get_type_path(const char *name, enum bpf_prog_type type);
void bpf_prog_add(struct bpf_prog *prog, int i);
void bpf_prog_sub(struct bpf_prog *prog, int i);
void bpf_prog_inc(struct bpf_prog *prog);
struct bpf_prog *bpf_prog_inc_not_zero(struct bpf_prog *prog);
void bpf_prog_put(struct bpf_prog *prog);

struct bpf_map *bpf_map_get(u32 ufd);
struct bpf_map *bpf_map_get_with_uref(u32 ufd);
struct bpf_map *__bpf_map_get(struct fd f);
void bpf_map_inc(struct bpf_map *map);
void bpf_map_inc_with_uref(struct bpf_map *map);
struct bpf_map *bpf_map_inc_not_zero(struct bpf_map *map);
void bpf_map_put(struct bpf_map *map);
void bpf_map_put_with_uref(struct bpf_map *map);
bool bpf_map_write_active(const struct bpf_map *map);

void *bpf_map_area_alloc(u64 size, int numa_node);
void *bpf_map_area_mmapable_alloc(u64 size, int numa_node);
void bpf_map_area_free(void *base);
void *bpf_map_kzalloc(const struct bpf_map *map, size_t size, gfp_t flags);
void *bpf_map_kmalloc_node(const struct bpf_map *map, size_t size, gfp_t flags, int node);
void *bpf_map_kvcalloc(struct bpf_map *map, size_t n, size_t size, gfp_t flags);
void __percpu *bpf_map_alloc_percpu(const struct bpf_map *map, size_t size, size_t align,
				    gfp_t flags);
void bpf_map_init_from_attr(struct bpf_map *map, const union bpf_attr *attr);
bool bpf_map_meta_equal(const struct bpf_map *meta0, const struct bpf_map *meta1);
int map_check_no_btf(const struct bpf_map *map, const struct btf *btf,
		     const struct btf_type *key_type, const struct btf_type *value_type);

void bpf_link_init(struct bpf_link *link, enum bpf_link_type type, const struct bpf_link_ops *ops,
		   struct bpf_prog *prog);
void bpf_link_init_sleepable(struct bpf_link *link, enum bpf_link_type type,
			     const struct bpf_link_ops *ops, struct bpf_prog *prog,
			     bool sleepable);
int bpf_link_prime(struct bpf_link *link, struct bpf_link_primer *primer);
int bpf_link_settle(struct bpf_link_primer *primer);
void bpf_link_cleanup(struct bpf_link_primer *primer);
void bpf_link_inc(struct bpf_link *link);
struct bpf_link *bpf_link_inc_not_zero(struct bpf_link *link);
void bpf_link_put(struct bpf_link *link);
int bpf_link_new_fd(struct bpf_link *link);
struct bpf_link *bpf_link_get_from_fd(u32 ufd);
struct bpf_link *bpf_link_by_id(u32 id);

bool bpf_token_capable(const struct bpf_token *token, int cap);
void bpf_token_inc(struct bpf_token *token);
void bpf_token_put(struct bpf_token *token);
int bpf_token_create(union bpf_attr *attr);
struct bpf_token *bpf_token_get_from_fd(u32 ufd);
bool bpf_token_allow_cmd(const struct bpf_token *token, enum bpf_cmd cmd);
bool bpf_token_allow_map_type(const struct bpf_token *token, enum bpf_map_type type);
bool bpf_token_allow_prog_type(const struct bpf_token *token, enum bpf_prog_type prog_type,
			       enum bpf_attach_type attach_type);

void bpf_task_storage_free(struct task_struct *task);
void bpf_cgrp_storage_free(struct cgroup *cgroup);

static inline bool unprivileged_ebpf_enabled(void)
{
	return !sysctl_unprivileged_bpf_disabled;
}
#else /* !CONFIG_BPF_SYSCALL */
static inline struct bpf_prog *bpf_prog_get(u32 ufd)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline struct bpf_prog *bpf_prog_get_type_dev(u32 ufd, enum bpf_prog_type type,
						     bool attach_drv)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline struct bpf_prog *bpf_prog_get_type_path(const char *name, enum bpf_prog_type type)
{
	return ERR_PTR(-EOPNOTSUPP);
}

static inline void bpf_prog_add(struct bpf_prog *prog, int i) {}
static inline void bpf_prog_sub(struct bpf_prog *prog, int i) {}
static inline void bpf_prog_inc(struct bpf_prog *prog) {}
static inline void bpf_prog_put(struct bpf_prog *prog) {}
static inline void bpf_map_put(struct bpf_map *map) {}

static inline void bpf_link_init(struct bpf_link *link, enum bpf_link_type type,
				 const struct bpf_link_ops *ops, struct bpf_prog *prog) {}

static inline int bpf_link_prime(struct bpf_link *link, struct bpf_link_primer *primer)
{
	return -EOPNOTSUPP;
}

static inline int bpf_link_settle(struct bpf_link_primer *primer)
{
	return -EOPNOTSUPP;
}

static inline void bpf_link_cleanup(struct bpf_link_primer *primer) {}

static inline bool bpf_token_capable(const struct bpf_token *token, int cap)
{
	return capable(cap) || (cap != CAP_SYS_ADMIN && capable(CAP_SYS_ADMIN));
}

static inline void bpf_task_storage_free(struct task_struct *task) {}
static inline void bpf_cgrp_storage_free(struct cgroup *cgroup) {}

static inline bool unprivileged_ebpf_enabled(void)
{
	return false;
}
#endif /* CONFIG_BPF_SYSCALL */

void unpriv_ebpf_notify(int new_state);

static inline struct bpf_prog *bpf_prog_get_type(u32 ufd, enum bpf_prog_type type)
{
	return bpf_prog_get_type_dev(ufd, type, false);
}

static inline bool bpf_allow_ptr_leaks(const struct bpf_token *token)
{
	return bpf_token_capable(token, CAP_PERFMON);
}

/* Arrays of programs; writers hold their hook's own lock. */
struct bpf_prog_array *bpf_prog_array_alloc(u32 prog_cnt, gfp_t flags);
void bpf_prog_array_free(struct bpf_prog_array *progs);
void bpf_prog_array_free_sleepable(struct bpf_prog_array *progs);
int bpf_prog_array_length(struct bpf_prog_array *progs);
bool bpf_prog_array_is_empty(struct bpf_prog_array *array);
int bpf_prog_array_copy_to_user(struct bpf_prog_array *progs, __u32 __user *prog_ids, u32 cnt);
int bpf_prog_array_copy_info(struct bpf_prog_array *array, u32 *prog_ids, u32 request_cnt,
			     u32 *prog_cnt);
int bpf_prog_array_copy(struct bpf_prog_array *old_array, struct bpf_prog *exclude_prog,
			struct bpf_prog *include_prog, u64 bpf_cookie,
			struct bpf_prog_array **new_array);
void bpf_prog_array_delete_safe(struct bpf_prog_array *progs, struct bpf_prog *old_prog);

/* Copies @len bytes from @off of the object behind @src; the number that could not be copied. */
typedef unsigned long (*bpf_ctx_copy_t)(void *dst, const void *src, unsigned long off,
					unsigned long len);

/**
 * bpf_event_output - write a sample to a perf event array
 * @map: the array
 * @flags: index or BPF_F_CURRENT_CPU
 * @meta: bytes for the record
 * @meta_size: how many
 * @ctx: object whose bytes follow; NULL: none
 * @ctx_size: how many
 * @ctx_copy: reads them
 *
 * Context: any but NMI with @ctx. Return: 0 or a negative errno as a u64.
 */
u64 bpf_event_output(struct bpf_map *map, u64 flags, void *meta, u64 meta_size, void *ctx,
		     u64 ctx_size, bpf_ctx_copy_t ctx_copy);

/* Devices: programs bound to one, and hardware offload, which this kernel has not. */
static inline bool bpf_prog_is_dev_bound(const struct bpf_prog_aux *aux)
{
	return aux->dev_bound;
}

static inline bool bpf_prog_is_offloaded(const struct bpf_prog_aux *aux)
{
	return aux->offload_requested;
}

bool bpf_offload_dev_match(struct bpf_prog *prog, struct net_device *netdev);
#if defined(CONFIG_NET) && defined(CONFIG_BPF_SYSCALL)
void bpf_dev_bound_netdev_unregister(struct net_device *dev);
#else
static inline void bpf_dev_bound_netdev_unregister(struct net_device *dev) {}
#endif

/* struct_ops: kernel objects whose functions are programs. */
#if defined(CONFIG_BPF_JIT) && defined(CONFIG_BPF_SYSCALL) && defined(CONFIG_DEBUG_INFO_BTF)
#define BPF_MODULE_OWNER ((void *)((0xeB9FUL << 2) + POISON_POINTER_DELTA))
bool bpf_struct_ops_get(const void *kdata);
void bpf_struct_ops_put(const void *kdata);

static inline bool bpf_try_module_get(const void *data, struct module *owner)
{
	return owner == BPF_MODULE_OWNER ? bpf_struct_ops_get(data) : try_module_get(owner);
}

static inline void bpf_module_put(const void *data, struct module *owner)
{
	if (owner == BPF_MODULE_OWNER)
		bpf_struct_ops_put(data);
	else
		module_put(owner);
}
#else
static inline bool bpf_try_module_get(const void *data, struct module *owner)
{
	return try_module_get(owner);
}

static inline void bpf_module_put(const void *data, struct module *owner)
{
	module_put(owner);
}
#endif

/* Sockets' helpers that the base's iterators hand out. */
extern const struct bpf_func_proto bpf_sk_setsockopt_proto;
extern const struct bpf_func_proto bpf_sk_getsockopt_proto;

struct sk_reuseport_kern {
	struct sk_buff *skb;
	struct sock *sk;
	struct sock *selected_sk;
	struct sock *migrating_sk;
	void *data_end;
	u32 hash;
	u32 reuseport_id;
	bool bind_inany;
};

void bpf_sk_reuseport_detach(struct sock *sk);

/* ------------------------------------------------------------------ writing helpers */

/*
 * BPF_CALL_n(name, type1, arg1, ...): defines helper @name, callable by generated code with five
 * u64 registers, around a body with typed arguments.
 */
#define __BPF_REGS		u64 __r1, u64 __r2, u64 __r3, u64 __r4, u64 __r5
#define __BPF_ARG_CAST(t, r)	((t)(__builtin_choose_expr(sizeof(t) == sizeof(u64), (u64)(r), \
				 __builtin_choose_expr(sizeof(t) == sizeof(u32), (u32)(r), \
				 __builtin_choose_expr(sizeof(t) == sizeof(u16), (u16)(r), \
				 (u8)(r))))))

#define __BPF_CALL(name, proto, ...)						\
	static __always_inline u64 ____##name proto;				\
	u64 name(__BPF_REGS);							\
	u64 name(__BPF_REGS)							\
	{									\
		return ____##name(__VA_ARGS__);					\
	}									\
	static __always_inline u64 ____##name proto

#define BPF_CALL_0(name)						\
	__BPF_CALL(name, (void))
#define BPF_CALL_1(name, t1, a1)					\
	__BPF_CALL(name, (t1 a1), __BPF_ARG_CAST(t1, __r1))
#define BPF_CALL_2(name, t1, a1, t2, a2)				\
	__BPF_CALL(name, (t1 a1, t2 a2), __BPF_ARG_CAST(t1, __r1), __BPF_ARG_CAST(t2, __r2))
#define BPF_CALL_3(name, t1, a1, t2, a2, t3, a3)			\
	__BPF_CALL(name, (t1 a1, t2 a2, t3 a3), __BPF_ARG_CAST(t1, __r1),	\
		   __BPF_ARG_CAST(t2, __r2), __BPF_ARG_CAST(t3, __r3))
#define BPF_CALL_4(name, t1, a1, t2, a2, t3, a3, t4, a4)		\
	__BPF_CALL(name, (t1 a1, t2 a2, t3 a3, t4 a4), __BPF_ARG_CAST(t1, __r1),	\
		   __BPF_ARG_CAST(t2, __r2), __BPF_ARG_CAST(t3, __r3),	\
		   __BPF_ARG_CAST(t4, __r4))
#define BPF_CALL_5(name, t1, a1, t2, a2, t3, a3, t4, a4, t5, a5)	\
	__BPF_CALL(name, (t1 a1, t2 a2, t3 a3, t4 a4, t5 a5), __BPF_ARG_CAST(t1, __r1),	\
		   __BPF_ARG_CAST(t2, __r2), __BPF_ARG_CAST(t3, __r3),	\
		   __BPF_ARG_CAST(t4, __r4), __BPF_ARG_CAST(t5, __r5))

#endif /* _LINUX_BPF_H */
