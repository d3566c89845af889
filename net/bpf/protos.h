/* SPDX-License-Identifier: GPL-2.0 */
/* Prototypes of the helpers of packet programs, for the sets that offer them. */
#ifndef _NET_BPF_PROTOS_H
#define _NET_BPF_PROTOS_H

#include <linux/bpf.h>

/* skb_data.c */
u64 bpf_skb_load_bytes_relative(u64 skb, u64 offset, u64 to, u64 len, u64 start_header);
extern const struct bpf_func_proto bpf_skb_load_bytes_proto;
extern const struct bpf_func_proto bpf_skb_load_bytes_relative_proto;
extern const struct bpf_func_proto bpf_dissector_load_bytes_proto;
extern const struct bpf_func_proto bpf_skb_store_bytes_proto;
extern const struct bpf_func_proto bpf_skb_pull_data_proto;

/* skb_csum.c */
extern const struct bpf_func_proto bpf_l3_csum_replace_proto;
extern const struct bpf_func_proto bpf_l4_csum_replace_proto;
extern const struct bpf_func_proto bpf_csum_diff_proto;
extern const struct bpf_func_proto bpf_csum_update_proto;
extern const struct bpf_func_proto bpf_csum_level_proto;

/* skb_meta.c */
extern const struct bpf_func_proto bpf_get_hash_recalc_proto;
extern const struct bpf_func_proto bpf_set_hash_invalid_proto;
extern const struct bpf_func_proto bpf_set_hash_proto;
extern const struct bpf_func_proto bpf_skb_change_type_proto;
extern const struct bpf_func_proto bpf_skb_set_tstamp_proto;
extern const struct bpf_func_proto bpf_skb_ecn_set_ce_proto;
extern const struct bpf_func_proto bpf_get_route_realm_proto;
extern const struct bpf_func_proto bpf_get_socket_cookie_proto;
extern const struct bpf_func_proto bpf_get_socket_cookie_sock_proto;
extern const struct bpf_func_proto bpf_get_socket_uid_proto;
extern const struct bpf_func_proto bpf_get_netns_cookie_skb_proto;
extern const struct bpf_func_proto bpf_get_cgroup_classid_proto;
extern const struct bpf_func_proto bpf_skb_cgroup_classid_proto;
extern const struct bpf_func_proto bpf_skb_cgroup_id_proto;
extern const struct bpf_func_proto bpf_skb_ancestor_cgroup_id_proto;
extern const struct bpf_func_proto bpf_sk_cgroup_id_proto;
extern const struct bpf_func_proto bpf_sk_ancestor_cgroup_id_proto;
extern const struct bpf_func_proto bpf_skb_under_cgroup_proto;

/* skb_head.c */
extern const struct bpf_func_proto bpf_skb_vlan_push_proto;
extern const struct bpf_func_proto bpf_skb_vlan_pop_proto;
extern const struct bpf_func_proto bpf_skb_change_proto_proto;
extern const struct bpf_func_proto bpf_skb_change_tail_proto;
extern const struct bpf_func_proto bpf_skb_change_head_proto;
extern const struct bpf_func_proto bpf_skb_adjust_room_proto;

/* skb_tunnel.c */
extern const struct bpf_func_proto bpf_skb_get_tunnel_key_proto;
extern const struct bpf_func_proto bpf_skb_set_tunnel_key_proto;
extern const struct bpf_func_proto bpf_skb_get_tunnel_opt_proto;
extern const struct bpf_func_proto bpf_skb_set_tunnel_opt_proto;

/* redirect.c */
extern const struct bpf_func_proto bpf_skb_redirect_proto;
extern const struct bpf_func_proto bpf_skb_redirect_peer_proto;
extern const struct bpf_func_proto bpf_skb_redirect_neigh_proto;
extern const struct bpf_func_proto bpf_skb_clone_redirect_proto;

/* fib.c */
extern const struct bpf_func_proto bpf_skb_fib_lookup_proto;
extern const struct bpf_func_proto bpf_xdp_fib_lookup_proto;
extern const struct bpf_func_proto bpf_skb_check_mtu_proto;
extern const struct bpf_func_proto bpf_xdp_check_mtu_proto;

/* xdp_helpers.c */
unsigned long xdp_copy_out(void *dst, const void *ctx, unsigned long off, unsigned long len);
extern const struct bpf_func_proto bpf_xdp_adjust_head_proto;
extern const struct bpf_func_proto bpf_xdp_adjust_meta_proto;
extern const struct bpf_func_proto bpf_xdp_adjust_tail_proto;
extern const struct bpf_func_proto bpf_xdp_get_buff_len_proto;
extern const struct bpf_func_proto bpf_xdp_load_bytes_proto;
extern const struct bpf_func_proto bpf_xdp_store_bytes_proto;

/* xdp_redirect.c */
extern const struct bpf_func_proto bpf_xdp_redirect_proto;
extern const struct bpf_func_proto bpf_xdp_redirect_map_proto;

/* output.c */
extern const struct bpf_func_proto bpf_skb_event_output_proto;
extern const struct bpf_func_proto bpf_xdp_event_output_proto;
extern const struct bpf_func_proto bpf_ctx_event_output_proto;

/* sock_lookup.c */
extern const struct bpf_func_proto bpf_skb_sk_lookup_tcp_proto;
extern const struct bpf_func_proto bpf_skb_sk_lookup_udp_proto;
extern const struct bpf_func_proto bpf_skb_skc_lookup_tcp_proto;
extern const struct bpf_func_proto bpf_xdp_sk_lookup_tcp_proto;
extern const struct bpf_func_proto bpf_xdp_sk_lookup_udp_proto;
extern const struct bpf_func_proto bpf_xdp_skc_lookup_tcp_proto;
extern const struct bpf_func_proto bpf_sk_release_proto;
extern const struct bpf_func_proto bpf_sk_fullsock_proto;
extern const struct bpf_func_proto bpf_tcp_sock_proto;
extern const struct bpf_func_proto bpf_get_listener_sock_proto;
extern const struct bpf_func_proto bpf_skb_sk_assign_proto;
extern const struct bpf_func_proto bpf_sk_lookup_assign_proto;
extern const struct bpf_func_proto bpf_sk_select_reuseport_proto;
extern const struct bpf_func_proto bpf_reuseport_load_bytes_proto;
extern const struct bpf_func_proto bpf_reuseport_load_bytes_relative_proto;

/* syncookie.c */
extern const struct bpf_func_proto bpf_tcp_check_syncookie_proto;
extern const struct bpf_func_proto bpf_tcp_gen_syncookie_proto;
extern const struct bpf_func_proto bpf_tcp_raw_gen_syncookie_ipv4_proto;
extern const struct bpf_func_proto bpf_tcp_raw_gen_syncookie_ipv6_proto;
extern const struct bpf_func_proto bpf_tcp_raw_check_syncookie_ipv4_proto;
extern const struct bpf_func_proto bpf_tcp_raw_check_syncookie_ipv6_proto;

/* sock_cast.c */
extern const struct bpf_func_proto bpf_skc_to_tcp_sock_proto;
extern const struct bpf_func_proto bpf_skc_to_tcp6_sock_proto;
extern const struct bpf_func_proto bpf_skc_to_tcp_timewait_sock_proto;
extern const struct bpf_func_proto bpf_skc_to_tcp_request_sock_proto;
extern const struct bpf_func_proto bpf_skc_to_udp6_sock_proto;
extern const struct bpf_func_proto bpf_skc_to_unix_sock_proto;

#endif /* _NET_BPF_PROTOS_H */
