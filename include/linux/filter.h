/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Programs on sockets and packets: classic filters, the kernel side of contexts, redirection,
 * and what the base asks about generated code.
 */
#ifndef __LINUX_FILTER_H__
#define __LINUX_FILTER_H__

#include <crypto/sha1.h>
#include <linux/bpf.h>
#include <linux/bpf_run.h>
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/cred.h>
#include <linux/if_vlan.h>
#include <linux/jump_label.h>
#include <linux/kallsyms.h>
#include <linux/linkage.h>
#include <linux/printk.h>
#include <linux/refcount.h>
#include <linux/set_memory.h>
#include <linux/skbuff.h>
#include <linux/sockptr.h>
#include <linux/static_call.h>
#include <linux/vmalloc.h>
#include <linux/workqueue.h>
#include <net/sch_generic.h>
#include <uapi/linux/filter.h>

struct ctl_table;
struct ctl_table_header;
struct net;
struct net_device;
struct sk_buff;
struct sock;
struct sock_reuseport;
struct xdp_buff;
struct xdp_frame;
struct xdp_rxq_info;

/* ------------------------------------------------------------------ classic filters */

/* A classic program in kernel memory. */
struct sock_fprog_kern {
	u16 len;		/* instructions */
	struct sock_filter *filter;
};

#ifdef CONFIG_COMPAT
struct compat_sock_fprog {
	u16 len;
	compat_uptr_t filter;
};
#endif

#define bpf_classic_proglen(fprog) ((fprog)->len * sizeof((fprog)->filter[0]))

/* A program attached to sockets, shared by clones. */
struct sk_filter {
	refcount_t refcnt;
	struct rcu_head rcu;
	struct bpf_prog *prog;
};

/* A hook's own check or change of a classic program before it is translated. */
typedef int (*bpf_aux_classic_check_t)(struct sock_filter *filter, unsigned int flen);

int bpf_prog_create(struct bpf_prog **pfp, struct sock_fprog_kern *fprog);
int bpf_prog_create_from_user(struct bpf_prog **pfp, struct sock_fprog *fprog,
			      bpf_aux_classic_check_t trans, bool save_orig);
void bpf_prog_destroy(struct bpf_prog *fp);
int copy_bpf_fprog_from_user(struct sock_fprog *dst, sockptr_t src, int len);

int sk_attach_filter(struct sock_fprog *fprog, struct sock *sk);
int sk_attach_bpf(u32 ufd, struct sock *sk);
int sk_detach_filter(struct sock *sk);
int sk_get_filter(struct sock *sk, sockptr_t optval, unsigned int len);
bool sk_filter_charge(struct sock *sk, struct sk_filter *fp);
void sk_filter_uncharge(struct sock *sk, struct sk_filter *fp);
int sk_filter_trim_cap(struct sock *sk, struct sk_buff *skb, unsigned int cap);
int sk_reuseport_attach_filter(struct sock_fprog *fprog, struct sock *sk);
int sk_reuseport_attach_bpf(u32 ufd, struct sock *sk);
void sk_reuseport_prog_free(struct bpf_prog *prog);

static inline int sk_filter(struct sock *sk, struct sk_buff *skb)
{
	return sk_filter_trim_cap(sk, skb, 1);
}

/* SO_BPF_EXTENSIONS: how many SKF_AD_* loads a classic filter may use. */
static inline int bpf_tell_extensions(void)
{
	return SKF_AD_MAX;
}

/* ------------------------------------------------------------------ sk_buff programs */

/* skb->cb while a program with direct packet access runs. */
struct bpf_skb_data_end {
	struct qdisc_skb_cb qdisc_cb;
	void *data_meta;
	void *data_end;
};

/* Bytes of skb->cb that programs see as __sk_buff::cb[]. */
#define BPF_SKB_CB_LEN QDISC_CB_PRIV_LEN

static inline u8 *bpf_skb_cb(const struct sk_buff *skb)
{
	return qdisc_skb_cb(skb)->data;
}

/**
 * bpf_compute_data_pointers - set what programs read as data_meta and data_end
 * @skb: the packet; its cb[] is in the hook's hands
 *
 * Context: before each run of a program with direct access, and after any change of the head.
 */
static inline void bpf_compute_data_pointers(struct sk_buff *skb)
{
	struct bpf_skb_data_end *cb = (struct bpf_skb_data_end *)skb->cb;

	BUILD_BUG_ON(sizeof(*cb) > sizeof_field(struct sk_buff, cb));
	cb->data_meta = skb->data - skb_metadata_len(skb);
	cb->data_end = skb->data + skb_headlen(skb);
}

/*
 * Runs a program over an skb whose cb[] belongs to someone else: the part that programs see is
 * handed over clean and given back as it was.
 */
static inline u32 __bpf_prog_run_save_cb(const struct bpf_prog *prog, const struct sk_buff *skb)
{
	u8 saved[BPF_SKB_CB_LEN];
	u32 ret;

	if (!unlikely(prog->cb_access))
		return bpf_prog_run(prog, skb);

	memcpy(saved, bpf_skb_cb(skb), sizeof(saved));
	memset(bpf_skb_cb(skb), 0, sizeof(saved));
	ret = bpf_prog_run(prog, skb);
	memcpy(bpf_skb_cb(skb), saved, sizeof(saved));
	return ret;
}

static inline u32 bpf_prog_run_save_cb(const struct bpf_prog *prog, struct sk_buff *skb)
{
	u32 ret;

	migrate_disable();
	ret = __bpf_prog_run_save_cb(prog, skb);
	migrate_enable();
	return ret;
}

static inline u32 bpf_prog_run_clear_cb(const struct bpf_prog *prog, struct sk_buff *skb)
{
	if (unlikely(prog->cb_access))
		memset(bpf_skb_cb(skb), 0, BPF_SKB_CB_LEN);
	return bpf_prog_run_pin_on_cpu(prog, skb);
}

/* ------------------------------------------------------------------ redirection */

/* Target that bpf_redirect*() chose, for the hook to carry out. */
struct bpf_nh_params {
	u32 nh_family;
	union {
		u32 ipv4_nh;
		struct in6_addr ipv6_nh;
	};
};

struct bpf_redirect_info {
	u64 tgt_index;
	void *tgt_value;
	struct bpf_map *map;
	u32 flags;
	u32 map_id;
	enum bpf_map_type map_type;
	struct bpf_nh_params nh;
	u32 kern_flags;
};

enum {
	BPF_RI_F_RF_NO_DIRECT	= BIT(0),	/* frames may not go straight to the page pool */
	BPF_RI_F_RI_INIT	= BIT(1),
	BPF_RI_F_CPU_MAP_INIT	= BIT(2),
	BPF_RI_F_DEV_MAP_INIT	= BIT(3),
	BPF_RI_F_XSK_MAP_INIT	= BIT(4),
};

/* Per-task state of a run of packet programs; on the stack of the hook, parts set up when used. */
struct bpf_net_context {
	struct bpf_redirect_info ri;
	struct list_head cpu_map_flush_list;
	struct list_head dev_map_flush_list;
	struct list_head xskmap_map_flush_list;
};

/* Returns NULL where an outer hook has set a context already: then there is nothing to clear. */
static inline struct bpf_net_context *bpf_net_ctx_set(struct bpf_net_context *ctx)
{
	if (current->bpf_net_context)
		return NULL;
	ctx->ri.kern_flags = 0;
	current->bpf_net_context = ctx;
	return ctx;
}

static inline void bpf_net_ctx_clear(struct bpf_net_context *ctx)
{
	if (ctx)
		current->bpf_net_context = NULL;
}

static inline struct bpf_net_context *bpf_net_ctx_get(void)
{
	return current->bpf_net_context;
}

static inline struct bpf_redirect_info *bpf_net_ctx_get_ri(void)
{
	struct bpf_net_context *ctx = bpf_net_ctx_get();

	if (!(ctx->ri.kern_flags & BPF_RI_F_RI_INIT)) {
		memset(&ctx->ri, 0, offsetof(struct bpf_redirect_info, nh));
		ctx->ri.kern_flags |= BPF_RI_F_RI_INIT;
	}
	return &ctx->ri;
}

static inline struct list_head *bpf_net_ctx_list(struct list_head *list, u32 flag)
{
	struct bpf_net_context *ctx = bpf_net_ctx_get();

	if (!(ctx->ri.kern_flags & flag)) {
		INIT_LIST_HEAD(list);
		ctx->ri.kern_flags |= flag;
	}
	return list;
}

static inline struct list_head *bpf_net_ctx_get_cpu_map_flush_list(void)
{
	return bpf_net_ctx_list(&bpf_net_ctx_get()->cpu_map_flush_list, BPF_RI_F_CPU_MAP_INIT);
}

static inline struct list_head *bpf_net_ctx_get_dev_flush_list(void)
{
	return bpf_net_ctx_list(&bpf_net_ctx_get()->dev_map_flush_list, BPF_RI_F_DEV_MAP_INIT);
}

static inline struct list_head *bpf_net_ctx_get_xskmap_flush_list(void)
{
	return bpf_net_ctx_list(&bpf_net_ctx_get()->xskmap_map_flush_list, BPF_RI_F_XSK_MAP_INIT);
}

int skb_do_redirect(struct sk_buff *skb);

/* ------------------------------------------------------------------ XDP */

DECLARE_STATIC_KEY_FALSE(bpf_master_redirect_enabled_key);

int xdp_do_redirect(struct net_device *dev, struct xdp_buff *xdp, struct bpf_prog *prog);
int xdp_do_redirect_frame(struct net_device *dev, struct xdp_buff *xdp, struct xdp_frame *xdpf,
			  struct bpf_prog *prog);
int xdp_do_generic_redirect(struct net_device *dev, struct sk_buff *skb, struct xdp_buff *xdp,
			    struct bpf_prog *prog);
void xdp_do_flush(void);
u32 xdp_master_redirect(struct xdp_buff *xdp);
void bpf_warn_invalid_xdp_action(struct net_device *dev, struct bpf_prog *prog, u32 act);
void bpf_prog_change_xdp(struct bpf_prog *prev_prog, struct bpf_prog *prog);

static inline bool xdp_return_frame_no_direct(void)
{
	struct bpf_net_context *ctx = bpf_net_ctx_get();

	return ctx && (ctx->ri.kern_flags & BPF_RI_F_RF_NO_DIRECT);
}

static inline void xdp_set_return_frame_no_direct(void)
{
	bpf_net_ctx_get_ri()->kern_flags |= BPF_RI_F_RF_NO_DIRECT;
}

static inline void xdp_clear_return_frame_no_direct(void)
{
	bpf_net_ctx_get_ri()->kern_flags &= ~BPF_RI_F_RF_NO_DIRECT;
}

/* ------------------------------------------------------------------ contexts of socket programs */

struct bpf_sock_addr_kern {
	struct sock *sk;
	struct sockaddr *uaddr;
	u64 tmp_reg;		/* scratch of converted context accesses */
	void *t_ctx;
	u32 uaddrlen;
};

/* Hooks clear the part before @temp only. */
struct bpf_sock_ops_kern {
	struct sock *sk;
	union {
		u32 args[4];
		u32 reply;
		u32 replylong[4];
	};
	struct sk_buff *syn_skb;
	struct sk_buff *skb;
	void *skb_data_end;
	u8 op;
	u8 is_fullsock;
	u8 remaining_opt_len;
	u64 temp;		/* scratch of converted context accesses */
};

struct bpf_sysctl_kern {
	struct ctl_table_header *head;
	const struct ctl_table *table;
	void *cur_val;
	size_t cur_len;
	void *new_val;
	size_t new_len;
	int new_updated;
	int write;
	loff_t *ppos;
	u64 tmp_reg;
};

struct bpf_sockopt_kern {
	struct sock *sk;
	u8 *optval;
	u8 *optval_end;
	s32 level;
	s32 optname;
	s32 optlen;
	struct task_struct *current_task;
	u64 tmp_reg;
};

struct bpf_sk_lookup_kern {
	u16 family;
	u16 protocol;
	__be16 sport;
	u16 dport;
	struct {
		__be32 saddr;
		__be32 daddr;
	} v4;
	struct {
		const struct in6_addr *saddr;
		const struct in6_addr *daddr;
	} v6;
	struct sock *selected_sk;
	u32 ingress_ifindex;
	bool no_reuseport;
};

#if IS_ENABLED(CONFIG_INET)
struct sock *bpf_run_sk_reuseport(struct sock_reuseport *reuse, struct sock *sk,
				  struct bpf_prog *prog, struct sk_buff *skb,
				  struct sock *migrating_sk, u32 hash);
#else
static inline struct sock *bpf_run_sk_reuseport(struct sock_reuseport *reuse, struct sock *sk,
						struct bpf_prog *prog, struct sk_buff *skb,
						struct sock *migrating_sk, u32 hash)
{
	return NULL;
}
#endif

/* A program is attached to BPF_SK_LOOKUP in some network namespace. */
DECLARE_STATIC_KEY_FALSE(bpf_sk_lookup_enabled);

/*
 * Ask a namespace's programs for the socket of an incoming packet. @psk: NULL (no choice), a
 * socket, or ERR_PTR(-ECONNREFUSED) when a program dropped it; true: skip the reuseport selection.
 */
bool bpf_sk_lookup_run_v4(const struct net *net, int protocol, const __be32 saddr,
			  const __be16 sport, const __be32 daddr, const u16 dport,
			  const int ifindex, struct sock **psk);
#if IS_ENABLED(CONFIG_IPV6)
bool bpf_sk_lookup_run_v6(const struct net *net, int protocol, const struct in6_addr *saddr,
			  const __be16 sport, const struct in6_addr *daddr, const u16 dport,
			  const int ifindex, struct sock **psk);
#endif

/* ------------------------------------------------------------------ generated code */

extern int bpf_jit_enable;
extern int bpf_jit_harden;
extern int bpf_jit_kallsyms;
extern long bpf_jit_limit;
extern long bpf_jit_limit_max;

void bpf_prog_free(struct bpf_prog *fp);

#ifdef CONFIG_BPF_JIT
int __bpf_address_lookup(unsigned long addr, unsigned long *size, unsigned long *off, char *sym);
bool is_bpf_text_address(unsigned long addr);
int bpf_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *sym);

/* Flushes branch predictors before a classic (unprivileged) program may first run. */
void bpf_arch_pred_flush_nop(void);
DECLARE_STATIC_CALL(bpf_arch_pred_flush, bpf_arch_pred_flush_nop);
DECLARE_STATIC_KEY_FALSE(bpf_pred_flush_enabled);

static inline int bpf_address_lookup(unsigned long addr, unsigned long *size, unsigned long *off,
				     char **modname, char *sym)
{
	int ret = __bpf_address_lookup(addr, size, off, sym);

	if (ret && modname)
		*modname = NULL;
	return ret;
}
#else
static inline int __bpf_address_lookup(unsigned long addr, unsigned long *size,
				       unsigned long *off, char *sym)
{
	return 0;
}

static inline bool is_bpf_text_address(unsigned long addr)
{
	return false;
}

static inline int bpf_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *sym)
{
	return -ERANGE;
}

static inline int bpf_address_lookup(unsigned long addr, unsigned long *size, unsigned long *off,
				     char **modname, char *sym)
{
	return 0;
}
#endif

/* May this reader see kernel addresses? */
static inline bool bpf_dump_raw_ok(const struct cred *cred)
{
	return kallsyms_show_value(cred);
}

#endif /* __LINUX_FILTER_H__ */
