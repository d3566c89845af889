/* SPDX-License-Identifier: GPL-2.0 */
/* Hooks that have a program in hooks.bpf.c, and where it counts that it ran. */
#ifndef _LSM_HOOKS_H
#define _LSM_HOOKS_H

enum hook {
	path_unlink, path_mkdir, path_rmdir, path_mknod, path_post_mknod, path_truncate,
	path_symlink, path_link, path_rename, path_chmod, path_chown, path_chroot,
	socket_create, socket_post_create, socket_socketpair, socket_bind, socket_connect,
	socket_listen, socket_accept, socket_sendmsg, socket_recvmsg, socket_getsockname,
	socket_getpeername, socket_getsockopt, socket_setsockopt, socket_shutdown,
	socket_sock_rcv_skb, socket_getpeersec_stream, socket_getpeersec_dgram,
	unix_stream_connect, unix_may_send, netlink_send, tun_dev_create,
	sk_alloc_security, sk_free_security, sk_clone_security, sock_graft,
	inet_conn_request, inet_csk_clone, inet_conn_established, req_classify_flow,
	NR_HOOKS,
};

#endif /* _LSM_HOOKS_H */
