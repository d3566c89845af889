// SPDX-License-Identifier: GPL-2.0
/*
 * Services that a process has not, where a caller can be told so, and data of the base that its
 * inline functions look at. What can only be called by mistake is not here: absent.sh makes it end
 * the process.
 */
#include <linux/bpf_lsm.h>
#include <linux/cgroup.h>
#include <linux/error-injection.h>
#include <linux/ftrace.h>
#include <linux/inetdevice.h>
#include <linux/kasan.h>
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/netdevice.h>
#include <linux/perf_event.h>
#include <linux/pipe_fs_i.h>
#include <linux/rtnetlink.h>
#include <linux/time.h>
#include <linux/trace_events.h>
#include <net/act_api.h>
#include <net/arp.h>
#include <net/hotdata.h>
#include <net/ipv6_stubs.h>
#include <net/pkt_cls.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>
#include <net/tcp.h>
#include <net/transp_v6.h>

/* ------------------------------------------------------------------ data */

/* LSM programs are checked as they are where the module is active. */
bool bpf_lsm_active = true;
struct lsm_blob_sizes bpf_lsm_blob_sizes;
DEFINE_MUTEX(cgroup_mutex);
DEFINE_SPINLOCK(reuseport_lock);
struct proto tcp_prot;
struct proto tcpv6_prot;

/* No branch was recorded. */
DEFINE_STATIC_CALL_RET0(perf_snapshot_branch_stack, perf_snapshot_branch_stack_t);

struct neigh_table arp_tbl;
struct net_hotdata net_hotdata;
const struct ipv6_stub *ipv6_stub;
unsigned long phys_base;
char __start_rodata[1], __end_rodata[1];
pteval_t __default_kernel_pte_mask = ~0;
LIST_HEAD(net_namespace_list);
DEFINE_PER_CPU(struct kprobe *, current_kprobe);
int sysctl_perf_event_max_stack = PERF_MAX_STACK_DEPTH;
int sysctl_tstamp_allow_data = 1;
DEFINE_STATIC_KEY_FALSE(memalloc_socks_key);
const struct pipe_buf_operations nosteal_pipe_buf_ops;
/* Names of flags for %pG, which nothing here prints. */
const struct trace_print_flags pageflag_names[] = { { 0, NULL } };
const struct trace_print_flags gfpflag_names[] = { { 0, NULL } };
const struct trace_print_flags vmaflag_names[] = { { 0, NULL } };

/* ------------------------------------------------------------------ memory */

bool nmi_uaccess_okay(void)
{
	return true;
}

int is_vmalloc_or_module_addr(const void *x)
{
	return false;
}

void page_frag_free(void *addr)
{
	kfree(addr);
}

/* ------------------------------------------------------------- devices: nothing but loopback */

static struct mutex rtnl;

void rtnl_lock(void)
{
	mutex_lock(&rtnl);
}

void rtnl_unlock(void)
{
	mutex_unlock(&rtnl);
}

int rtnl_is_locked(void)
{
	return mutex_is_locked(&rtnl);
}

/* No device comes or goes, so there is nothing to be told. */
int register_netdevice_notifier(struct notifier_block *nb)
{
	return 0;
}

int register_pernet_subsys(struct pernet_operations *ops)
{
	return ops->init ? ops->init(&init_net) : 0;
}

int register_tcf_proto_ops(struct tcf_proto_ops *ops)
{
	return -EOPNOTSUPP;
}

int tcf_register_action(struct tc_action_ops *act, struct pernet_operations *ops)
{
	return -EOPNOTSUPP;
}

struct net_device *dev_get_by_index_rcu(struct net *net, int ifindex)
{
	return ifindex == 1 ? net->loopback_dev : NULL;
}

struct net_device *__dev_get_by_index(struct net *net, int ifindex)
{
	return dev_get_by_index_rcu(net, ifindex);
}

/* A reference would have to be put: a device to attach to is not given out. */
struct net_device *dev_get_by_index(struct net *net, int ifindex)
{
	return NULL;
}

struct net *get_net_ns_by_id(const struct net *net, int id)
{
	return NULL;
}

struct net *get_net_ns_by_fd(int fd)
{
	return ERR_PTR(-EOPNOTSUPP);
}

/* ------------------------------------------------------------------ sockets: those of test runs */

struct sock *sk_alloc(struct net *net, int family, gfp_t priority, struct proto *prot, int kern)
{
	struct sock *sk = kzalloc(prot->obj_size, priority);

	if (sk) {
		sk->sk_family = family;
		sk->sk_prot = prot;
		sk->sk_prot_creator = prot;
		sock_net_set(sk, net);
		refcount_set(&sk->sk_wmem_alloc, 1);
		refcount_set(&sk->sk_refcnt, 1);
	}
	return sk;
}

void sk_free(struct sock *sk)
{
	kfree(sk);
}

void sock_init_data(struct socket *sock, struct sock *sk)
{
	spin_lock_init(&sk->sk_lock.slock);
	refcount_set(&sk->sk_refcnt, 1);
	sk->sk_state = TCP_CLOSE;
	sk->sk_rcvbuf = 212992;
	sk->sk_sndbuf = 212992;
}

void sock_gen_put(struct sock *sk)
{
	if (refcount_dec_and_test(&sk->sk_refcnt))
		sk_free(sk);
}

void sock_pfree(struct sk_buff *skb)
{
	sock_gen_put(skb->sk);
}

struct socket *sockfd_lookup(int fd, int *err)
{
	*err = -ENOTSOCK;
	return NULL;
}

u64 __sock_gen_cookie(struct sock *sk)
{
	return 1;
}

struct sock *__inet_lookup_established(const struct net *net, struct inet_hashinfo *hashinfo,
				       const __be32 saddr, const __be16 sport,
				       const __be32 daddr, const u16 hnum,
				       const int dif, const int sdif)
{
	return NULL;
}

/* ------------------------------------------------------------------ probes and events */

unsigned long ftrace_location(unsigned long ip)
{
	return 0;
}

struct file *perf_event_get(unsigned int fd)
{
	return ERR_PTR(-EBADF);
}

void perf_event_ksymbol(u16 ksym_type, u64 addr, u32 len, bool unregister, const char *sym)
{
}

int trace_set_clr_event(const char *system, const char *event, int set)
{
	return -EOPNOTSUPP;
}

/* No kernel stacks are kept for anybody. */
int get_callchain_buffers(int max_stack)
{
	return 0;
}

void put_callchain_buffers(void)
{
}

struct perf_callchain_entry *get_perf_callchain(struct pt_regs *regs, bool kernel, bool user,
						u32 max_stack, bool crosstask,
						bool add_mark)
{
	return NULL;
}

struct cgroup *cgroup_get_from_fd(int fd)
{
	return ERR_PTR(-EBADF);
}

/* The map of physical memory has no sections. */
struct mem_section **mem_section;

void time64_to_tm(time64_t totalsecs, int offset, struct tm *result)
{
	memset(result, 0, sizeof(*result));
}

void put_pid(struct pid *pid)
{
}

int register_ftrace_direct(struct ftrace_ops *ops, unsigned long addr)
{
	return -EOPNOTSUPP;
}

#include <net/dst_metadata.h>

/* Programs fill them in; no device reads them. */
struct metadata_dst __percpu *metadata_dst_alloc_percpu(u8 optslen, enum metadata_type type,
							gfp_t flags)
{
	return __alloc_percpu_gfp(sizeof(struct metadata_dst) + optslen,
				  __alignof__(struct metadata_dst), flags);
}

/* No packets are received. */
void dev_add_offload(struct packet_offload *po)
{
}

/* There is no traffic for links to devices to see. */
int bpf_xdp_link_attach(const union bpf_attr *attr, struct bpf_prog *prog)
{
	return -EOPNOTSUPP;
}
