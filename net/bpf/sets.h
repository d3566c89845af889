/* SPDX-License-Identifier: GPL-2.0 */
/* Helpers of packet programs by program type, and their test runs. */
#ifndef _NET_BPF_SETS_H
#define _NET_BPF_SETS_H

#include "helpers/helpers.h"
#include "prog/prog_type.h"

extern const struct bpf_helper_set bpf_skb_filter_helpers;
extern const struct bpf_helper_set bpf_skb_tc_helpers;
extern const struct bpf_helper_set bpf_dissector_helpers;
extern const struct bpf_helper_set bpf_xdp_helpers;
extern const struct bpf_helper_set bpf_sk_reuseport_helpers;
extern const struct bpf_helper_set bpf_sk_lookup_helpers;

/* Of programs that find sockets; where there is INET. */
extern const struct bpf_helper_set bpf_sock_cast_helpers;
extern const struct bpf_helper_set bpf_syncookie_helpers;

int bpf_skb_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
		     union bpf_attr __user *uattr);
int bpf_xdp_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
		     union bpf_attr __user *uattr);
int bpf_dissector_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			   union bpf_attr __user *uattr);
int bpf_sk_lookup_test_run(struct bpf_prog *prog, const union bpf_attr *kattr,
			   union bpf_attr __user *uattr);

#endif /* _NET_BPF_SETS_H */
