// SPDX-License-Identifier: GPL-2.0
/*
 * A program at each security hook of paths and sockets: it counts, and answers what the test says.
 * Those that run for a process mind the test's alone; those that run for packets, one port.
 */
#include "vmlinux.h"
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#include "hooks.h"

char _license[] SEC("license") = "GPL";

__u32 pid;
__u32 port;
int answer;
__u64 seen[NR_HOOKS];

/* What some hooks were told. */
int told_family, told_type, told_len, told_backlog, told_level, told_name, told_kern = 1;
__u32 told_port, told_mode, told_optlen, told_uid, told_gid;
char told_dentry[32];

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, int);
	__type(value, __u64);
} marks SEC(".maps");

__u64 marked;

static int say(enum hook hook)
{
	__sync_fetch_and_add(&seen[hook], 1);
	return answer < -4095 ? -4095 : answer > 0 ? 0 : answer;
}

static bool mine(void)
{
	return bpf_get_current_pid_tgid() >> 32 == pid;
}

static bool our_port(const struct sock *sk)
{
	return sk->__sk_common.skc_num == port;
}

#define TASK(_hook, ...)						\
SEC("lsm/" #_hook)							\
int BPF_PROG(at_##_hook, ##__VA_ARGS__)					\
{									\
	return mine() ? say(_hook) : 0;					\
}

#define PACKET(_hook, _sk, ...)						\
SEC("lsm/" #_hook)							\
int BPF_PROG(at_##_hook, ##__VA_ARGS__)					\
{									\
	return our_port(_sk) ? say(_hook) : 0;				\
}

/* Hooks without an answer. */
#define LOOK(_hook, _cond, ...)						\
SEC("lsm/" #_hook)							\
void BPF_PROG(at_##_hook, ##__VA_ARGS__)				\
{									\
	if (_cond)							\
		__sync_fetch_and_add(&seen[_hook], 1);			\
}

SEC("lsm/path_unlink")
int BPF_PROG(at_path_unlink, const struct path *dir, struct dentry *dentry)
{
	if (!mine())
		return 0;
	bpf_probe_read_kernel_str(told_dentry, sizeof(told_dentry), dentry->d_name.name);
	return say(path_unlink);
}

SEC("lsm/path_mkdir")
int BPF_PROG(at_path_mkdir, const struct path *dir, struct dentry *dentry, umode_t mode)
{
	if (!mine())
		return 0;
	told_mode = mode;
	return say(path_mkdir);
}

TASK(path_rmdir, const struct path *dir, struct dentry *dentry)
TASK(path_mknod, const struct path *dir, struct dentry *dentry, umode_t mode, unsigned int dev)
LOOK(path_post_mknod, mine(), struct mnt_idmap *idmap, struct dentry *dentry)
TASK(path_truncate, const struct path *path)
TASK(path_symlink, const struct path *dir, struct dentry *dentry, const char *old_name)
TASK(path_link, struct dentry *old_dentry, const struct path *new_dir, struct dentry *new_dentry)
TASK(path_rename, const struct path *from, struct dentry *dentry, const struct path *to)
TASK(path_chmod, const struct path *path, umode_t mode)

/* Its ids are structs of one number each. */
SEC("lsm/path_chown")
int at_path_chown(unsigned long long *ctx)
{
	if (!mine())
		return 0;
	told_uid = ctx[1];
	told_gid = ctx[2];
	return say(path_chown);
}

TASK(path_chroot, const struct path *path)

SEC("lsm/socket_create")
int BPF_PROG(at_socket_create, int family, int type, int protocol, int kern)
{
	if (!mine())
		return 0;
	told_family = family;
	told_type = type;
	told_kern = kern;
	return say(socket_create);
}

/* Its storage lets the others know the socket again. */
SEC("lsm/socket_post_create")
int BPF_PROG(at_socket_post_create, struct socket *sock, int family, int type, int protocol,
	     int kern)
{
	struct sock *sk = sock->sk;
	__u64 *mark;

	if (!mine() || !sk)
		return 0;
	mark = bpf_sk_storage_get(&marks, sk, 0, BPF_SK_STORAGE_GET_F_CREATE);
	if (mark)
		*mark = 77;
	return say(socket_post_create);
}

TASK(socket_socketpair, struct socket *a, struct socket *b)

SEC("lsm/socket_bind")
int BPF_PROG(at_socket_bind, struct socket *sock, struct sockaddr *address, int addrlen)
{
	struct sockaddr_in *in = (void *)address;
	struct sock *sk = sock->sk;
	__u64 *mark;

	if (!mine() || !sk)
		return 0;
	told_family = address->sa_family;
	told_port = __builtin_bswap16(BPF_CORE_READ(in, sin_port));
	told_len = addrlen;
	mark = bpf_sk_storage_get(&marks, sk, 0, 0);
	marked = mark ? *mark : 0;
	return say(socket_bind);
}

TASK(socket_connect, struct socket *sock, struct sockaddr *address, int addrlen)

SEC("lsm/socket_listen")
int BPF_PROG(at_socket_listen, struct socket *sock, int backlog)
{
	if (!mine())
		return 0;
	told_backlog = backlog;
	return say(socket_listen);
}

TASK(socket_accept, struct socket *sock, struct socket *newsock)
TASK(socket_sendmsg, struct socket *sock, struct msghdr *msg, int size)
TASK(socket_recvmsg, struct socket *sock, struct msghdr *msg, int size, int flags)
TASK(socket_getsockname, struct socket *sock)
TASK(socket_getpeername, struct socket *sock)
TASK(socket_getsockopt, struct socket *sock, int level, int optname)

SEC("lsm/socket_setsockopt")
int BPF_PROG(at_socket_setsockopt, struct socket *sock, int level, int optname)
{
	if (!mine())
		return 0;
	told_level = level;
	told_name = optname;
	return say(socket_setsockopt);
}

TASK(socket_shutdown, struct socket *sock, int how)

/* Two of its arguments are structs of two words each: the number behind them is in the sixth. */
SEC("lsm/socket_getpeersec_stream")
int at_socket_getpeersec_stream(unsigned long long *ctx)
{
	if (!mine())
		return 0;
	told_optlen = ctx[5];
	return say(socket_getpeersec_stream);
}

TASK(socket_getpeersec_dgram, struct socket *sock, struct sk_buff *skb, __u32 *secid)
TASK(unix_stream_connect, struct sock *sock, struct sock *other, struct sock *newsk)
TASK(unix_may_send, struct socket *sock, struct socket *other)
TASK(netlink_send, struct sock *sk, struct sk_buff *skb)
TASK(tun_dev_create)

PACKET(socket_sock_rcv_skb, sk, struct sock *sk, struct sk_buff *skb)
TASK(sk_alloc_security, struct sock *sk, int family, gfp_t priority)
/* it has no port any more */
LOOK(sk_free_security, sk->sk_protocol == IPPROTO_TCP, struct sock *sk)
LOOK(sk_clone_security, our_port(sk), const struct sock *sk, struct sock *newsk)
LOOK(sock_graft, our_port(sk), struct sock *sk, struct socket *parent)
PACKET(inet_conn_request, sk, const struct sock *sk, struct sk_buff *skb, struct request_sock *req)
LOOK(inet_csk_clone, our_port(newsk), struct sock *newsk, const struct request_sock *req)
LOOK(inet_conn_established, __builtin_bswap16(sk->__sk_common.skc_dport) == port, struct sock *sk)
LOOK(req_classify_flow, req->__req_common.skc_num == port, const struct request_sock *req)
