// SPDX-License-Identifier: GPL-2.0
/* BPF_PROG_TEST_RUN of socket look-ups. */
#include <linux/slab.h>
#include <linux/sock_diag.h>
#include <linux/uaccess.h>
#include <net/sock.h>

#include "net_bpf.h"
#include "sets.h"
#include "test_run.h"

/* The context, and the cookie of the socket that the last run chose. */
struct lookup_run {
	struct bpf_sk_lookup_kern ctx;
	u64 cookie;
};

static u32 lookup_once(const struct bpf_prog *prog, void *arg)
{
	struct lookup_run *run = arg;
	u32 ret;

	run->ctx.selected_sk = NULL;
	run->ctx.no_reuseport = false;
	ret = bpf_prog_run(prog, &run->ctx);
	/* The socket is good for this RCU section only. */
	run->cookie = run->ctx.selected_sk ? __sock_gen_cookie(run->ctx.selected_sk) : 0;
	return ret;
}

static int lookup_ctx(const struct bpf_sk_lookup *user, struct bpf_sk_lookup_kern *ctx)
{
	if (user->sk)
		return -EINVAL;
	if (!test_is_zero(user, offsetofend(struct bpf_sk_lookup, ingress_ifindex), sizeof(*user)))
		return -EINVAL;
	if (user->local_port > U16_MAX)
		return -ERANGE;

	*ctx = (struct bpf_sk_lookup_kern) {
		.family = user->family,
		.protocol = user->protocol,
		.sport = user->remote_port,
		.dport = user->local_port,
		.ingress_ifindex = user->ingress_ifindex,
	};
	switch (user->family) {
	case AF_INET:
		ctx->v4.saddr = (__force __be32)user->remote_ip4;
		ctx->v4.daddr = (__force __be32)user->local_ip4;
		return 0;
#if IS_ENABLED(CONFIG_IPV6)
	case AF_INET6:
		ctx->v6.saddr = (const struct in6_addr *)user->remote_ip6;
		ctx->v6.daddr = (const struct in6_addr *)user->local_ip6;
		return 0;
#endif
	default:
		return -EAFNOSUPPORT;
	}
}

/**
 * bpf_sk_lookup_test_run - BPF_PROG_TEST_RUN of a socket look-up
 * @prog: the program
 * @kattr: attributes: a context, no data
 * @uattr: user space's; the context that comes out has the cookie of the socket chosen
 *
 * Context: process; may sleep. Return: 0, -EINVAL, -ERANGE, -EAFNOSUPPORT, -E2BIG, -EFAULT,
 * -ENOSPC.
 */
int bpf_sk_lookup_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			   union bpf_attr __user *uattr)
{
	struct lookup_run run = {};
	struct bpf_sk_lookup *user;
	u32 retval, duration;
	int err;

	if (kattr->test.flags || kattr->test.cpu || kattr->test.batch_size)
		return -EINVAL;
	if (kattr->test.data_in || kattr->test.data_size_in || kattr->test.data_out ||
	    kattr->test.data_size_out)
		return -EINVAL;
	user = test_ctx_in(kattr, sizeof(*user));
	if (IS_ERR_OR_NULL(user))
		return user ? PTR_ERR(user) : -EINVAL;

	err = lookup_ctx(user, &run.ctx);
	if (!err)
		err = test_repeat(prog, kattr->test.repeat, lookup_once, &run, &retval, &duration);
	if (err)
		goto free;

	user->cookie = run.cookie;
	err = test_ctx_out(kattr, uattr, user, sizeof(*user));
	if (!err || err == -ENOSPC)
		err = test_result(uattr, 0, retval, duration) ?: err;
free:
	kfree(user);
	return err;
}
