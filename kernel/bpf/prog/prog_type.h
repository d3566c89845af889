/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The table of program types: one row a type says what its programs get (context, helpers), give
 * back, and where they attach. Rows stand with the hooks that run such programs; prog_types.c
 * lists them.
 */
#ifndef _KBPF_PROG_TYPE_H
#define _KBPF_PROG_TYPE_H

#include <linux/bpf.h>
#include <linux/btf.h>

struct bpf_ctx_access;
struct bpf_helper_set;
struct bpf_insn_buf;
struct bpf_verifier_log;

/* Room for the instructions that one context access or prologue becomes. */
#define BPF_CONVERT_MAX 32

/**
 * struct bpf_insn_buf - a short sequence of instructions being written
 * @insn: the instructions
 * @cnt: how many
 */
struct bpf_insn_buf {
	struct bpf_insn insn[BPF_CONVERT_MAX];
	u32 cnt;
};

/* Appends; writing past the end is a bug in the caller and leaves the buffer full. */
static inline void insn_buf_add(struct bpf_insn_buf *buf, struct bpf_insn insn)
{
	if (!WARN_ON_ONCE(buf->cnt >= BPF_CONVERT_MAX))
		buf->insn[buf->cnt++] = insn;
}

/**
 * struct bpf_ctx_access - one access to a context, asked of a field row
 * @off: byte offset in the program's view
 * @size: bytes
 * @write: store (else load)
 */
struct bpf_ctx_access {
	int off;
	int size;
	bool write;
};

/*
 * struct bpf_ctx_result - what a permitted load from a context yields
 * @reg_type: enum bpf_reg_type and flags
 * @btf: for PTR_TO_BTF_ID
 * @btf_id: for PTR_TO_BTF_ID
 * @ret_zero_extended: a 32-bit field whose upper half reads as 0 (else unknown 64 bits)
 * @mem_size: for PTR_TO_MEM and PTR_TO_BUF: bytes
 */
struct bpf_ctx_result {
	u32 reg_type;
	struct btf *btf;
	u32 btf_id;
	u32 mem_size;
	bool is_ldsx;
};

#define CTX_READ	BIT(0)
#define CTX_WRITE	BIT(1)
#define CTX_NARROW	BIT(2)	/* loads of fewer bytes at any aligned offset inside the field */
#define CTX_WIDE	BIT(3)	/* aligned 8-byte accesses cover two 4-byte fields of an array */
#define CTX_PRIV	BIT(4)	/* only with CAP_PERFMON (or a token for it) */
#define CTX_WRITE_PRIV	BIT(5)	/* writes only with CAP_PERFMON / CAP_BPF */
#define CTX_BYTES	BIT(6)	/* stores of fewer bytes, too: memory that stands there as it is */

struct bpf_ctx_field;

/**
 * typedef bpf_ctx_convert_t - writes the instructions of one access
 * @field: the row
 * @acc: the (aligned, full-size) access; for loads @insn->dst_reg gets the value, for stores
 *	@insn->src_reg or @insn->imm is it
 * @insn: the access as the program wrote it, registers valid, size already the field's own
 * @prog: the program; may set flags such as cb_access
 * @out: the instructions
 *
 * Return: bytes that the last load really read where fewer than the field's size (0: all).
 */
typedef u32 (*bpf_ctx_convert_t)(const struct bpf_ctx_field *field,
				 const struct bpf_ctx_access *acc, const struct bpf_insn *insn,
				 struct bpf_prog *prog, struct bpf_insn_buf *out);

/**
 * struct bpf_ctx_field - one field of a context
 * @name: member name in the program's struct
 * @off: first byte in the program's view
 * @size: bytes of one access in full width (an array's element size)
 * @len: bytes of the whole field (== @size unless an array)
 * @flags: CTX_*
 * @reg_type: what a load yields: SCALAR_VALUE or a pointer kind (then only full-width loads)
 * @btf_id: for PTR_TO_BTF_ID: where its vmlinux type id stands
 * @kern_off: offset in the kernel's context for plain fields (convert NULL)
 * @kern_size: bytes there: 1, 2, 4 or 8
 * @convert: for all others
 * @allowed: further condition (attach type, access), or NULL
 */
struct bpf_ctx_field {
	const char *name;
	u16 off;
	u16 size;
	u16 len;
	u16 flags;
	u32 reg_type;
	u32 *btf_id;
	u32 kern_off;
	u16 kern_size;
	bpf_ctx_convert_t convert;
	bool (*allowed)(const struct bpf_prog *prog, const struct bpf_ctx_access *acc);
};

/* Range that R0 must be in at exit: signed, 32 bits unless @is64. @any: no limit. */
struct bpf_retval_range {
	s64 min;
	s64 max;
	bool any;
	bool is64;
};

/* Kinds of whole contexts that are not field tables. */
enum bpf_ctx_kind {
	BPF_CTX_FIELDS,		/* the field table */
	/* @ctx_size bytes, readable as they are (pt_regs, tracepoint records) */
	BPF_CTX_PLAIN,
	BPF_CTX_BTF,		/* array of u64 arguments typed by the attach target's prototype */
	BPF_CTX_RAW_ARGS,	/* array of u64, scalars */
	BPF_CTX_NONE,		/* no access at all */
	BPF_CTX_PLAIN_RW,	/* @ctx_size bytes, also writable (syscall programs) */
};

/*
 * struct bpf_prog_type_info - one row
 * @type: enum bpf_prog_type
 * @name: as in logs and documentation: "socket_filter"
 * @uctx_name: struct of the program's view in BTF ("__sk_buff"); NULL: none
 * @kctx_name: struct of the kernel's view ("sk_buff")
 * @ctx_kind: how @fields is to be read
 * @ctx_size: bytes of the program's view
 * @fields: rows sorted by offset; @nr_fields of them
 * @pkt_access: direct packet reads: 0 never, else MEM flags CTX_READ | CTX_WRITE for all programs
 * @helpers: NULL-terminated list of sets
 * @helper: finds a helper where sets do not say it; asked before @helpers; NULL: the sets alone
 * @btf_store: may a program store to [off, off + size) of a live object of a BTF type; NULL: none
 * @needs_net_admin: CAP_NET_ADMIN to load
 * @needs_perfmon: CAP_PERFMON to load
 * @unprivileged: may be loaded without CAP_BPF where the sysctl allows it
 * @can_sleep: BPF_F_SLEEPABLE allowed
 * @attach_types: bit set of expected_attach_type values that loading accepts; 0: any is taken as
 *	is and not checked (0 or legacy values)
 * @attach_type_required: expected_attach_type is checked against @attach_types at load
 * @check_load: further check of attributes and program at load; NULL: none
 * @check_target: finds what a program attaches to by BTF id, before it is verified, and types its
 *	context; on failure one line of reason in @msg; NULL: such programs attach otherwise
 * @arg_flags: flags of pointers among the arguments of BPF_CTX_BTF: PTR_TRUSTED: valid, and their
 *	objects alive; 0: valid; PTR_UNTRUSTED: neither; NULL: as for the program's type
 * @retval: range of R0 at exit for this program
 * @ctx_result: refines what a permitted load yields (or refuses: false); NULL: the row says it.
 *	For BPF_CTX_PLAIN and others also the whole access check
 * @gen_prologue: instructions put before the first one; NULL: none
 * @gen_ld_abs: instructions of a legacy BPF_LD | BPF_ABS/IND load; NULL: not allowed
 * @test_run: BPF_PROG_TEST_RUN; NULL: -ENOTSUPP
 * @changes_pkt: helpers may move the packet
 */
struct bpf_prog_type_info {
	enum bpf_prog_type type;
	const char *name;
	const char *uctx_name;
	const char *kctx_name;
	enum bpf_ctx_kind ctx_kind;
	u32 ctx_size;
	const struct bpf_ctx_field *fields;
	u32 nr_fields;
	u32 pkt_access;
	const struct bpf_helper_set *const *helpers;
	const struct bpf_func_proto *(*helper)(const struct bpf_prog *prog, u32 id);
	bool (*btf_store)(const struct bpf_prog *prog, struct bpf_verifier_log *log,
			  struct btf *btf, u32 btf_id, int off, int size);
	bool needs_net_admin;
	bool needs_perfmon;
	bool unprivileged;
	bool can_sleep;
	bool attach_type_required;
	u64 attach_types;
	int (*check_load)(const union bpf_attr *attr, struct bpf_prog *prog);
	int (*check_target)(struct bpf_prog *prog, char *msg, size_t msg_size);
	bool (*pkt_allowed)(const struct bpf_prog *prog, bool write);
	u32 (*arg_flags)(const struct bpf_prog *prog);
	void (*retval)(const struct bpf_prog *prog, struct bpf_retval_range *range);
	bool (*ctx_result)(const struct bpf_prog *prog, const struct bpf_ctx_access *acc,
			   struct bpf_ctx_result *res);
	int (*gen_prologue)(struct bpf_insn_buf *out, bool direct_write,
			    const struct bpf_prog *prog);
	int (*gen_ld_abs)(const struct bpf_insn *orig, struct bpf_insn_buf *out);
	int (*test_run)(struct bpf_prog *prog, const union bpf_attr *kattr,
			union bpf_attr __user *uattr);
};

/**
 * bpf_prog_type_find - row of a program type
 * @type: any number
 *
 * Context: any. Return: the row, or NULL for an unknown type or one that is not built in.
 */
const struct bpf_prog_type_info *bpf_prog_type_find(u32 type);

/* Rows, each in the file of its hook. */
extern const struct bpf_prog_type_info bpf_socket_filter_type;
extern const struct bpf_prog_type_info bpf_sched_cls_type;
extern const struct bpf_prog_type_info bpf_sched_act_type;
extern const struct bpf_prog_type_info bpf_xdp_type;
extern const struct bpf_prog_type_info bpf_lwt_in_type;
extern const struct bpf_prog_type_info bpf_lwt_out_type;
extern const struct bpf_prog_type_info bpf_lwt_xmit_type;
extern const struct bpf_prog_type_info bpf_lwt_seg6local_type;
extern const struct bpf_prog_type_info bpf_sk_reuseport_type;
extern const struct bpf_prog_type_info bpf_sk_lookup_type;
extern const struct bpf_prog_type_info bpf_flow_dissector_type;
extern const struct bpf_prog_type_info bpf_cgroup_skb_type;
extern const struct bpf_prog_type_info bpf_cgroup_sock_type;
extern const struct bpf_prog_type_info bpf_cgroup_sock_addr_type;
extern const struct bpf_prog_type_info bpf_cgroup_device_type;
extern const struct bpf_prog_type_info bpf_cgroup_sysctl_type;
extern const struct bpf_prog_type_info bpf_cgroup_sockopt_type;
extern const struct bpf_prog_type_info bpf_sock_ops_type;
extern const struct bpf_prog_type_info bpf_sk_skb_type;
extern const struct bpf_prog_type_info bpf_sk_msg_type;
extern const struct bpf_prog_type_info bpf_netfilter_type;
extern const struct bpf_prog_type_info bpf_kprobe_type;
extern const struct bpf_prog_type_info bpf_tracepoint_type;
extern const struct bpf_prog_type_info bpf_raw_tracepoint_type;
extern const struct bpf_prog_type_info bpf_raw_tracepoint_writable_type;
extern const struct bpf_prog_type_info bpf_perf_event_type;
extern const struct bpf_prog_type_info bpf_tracing_type;
extern const struct bpf_prog_type_info bpf_ext_type;
extern const struct bpf_prog_type_info bpf_lsm_type;
extern const struct bpf_prog_type_info bpf_struct_ops_type;
extern const struct bpf_prog_type_info bpf_syscall_type;

#endif /* _KBPF_PROG_TYPE_H */
