// SPDX-License-Identifier: GPL-2.0
/* Helpers by program type. */
#include <linux/array_size.h>
#include <linux/capability.h>

#include "maps/local_storage.h"
#include "protos.h"
#include "sets.h"

#ifdef CONFIG_BPF_EVENTS
#define ROW_SKB_OUTPUT	{ BPF_FUNC_perf_event_output, &bpf_skb_event_output_proto },
#define ROW_XDP_OUTPUT	{ BPF_FUNC_perf_event_output, &bpf_xdp_event_output_proto },
#else
#define ROW_SKB_OUTPUT
#define ROW_XDP_OUTPUT
#endif

#ifdef CONFIG_INET
/* Sockets as the kernel's own structs, whose fields tracing may see. */
static const struct bpf_helper_row cast_rows[] = {
	{ BPF_FUNC_skc_to_tcp_sock, &bpf_skc_to_tcp_sock_proto, CAP_PERFMON },
	{ BPF_FUNC_skc_to_tcp6_sock, &bpf_skc_to_tcp6_sock_proto, CAP_PERFMON },
	{ BPF_FUNC_skc_to_tcp_timewait_sock, &bpf_skc_to_tcp_timewait_sock_proto, CAP_PERFMON },
	{ BPF_FUNC_skc_to_tcp_request_sock, &bpf_skc_to_tcp_request_sock_proto, CAP_PERFMON },
	{ BPF_FUNC_skc_to_udp6_sock, &bpf_skc_to_udp6_sock_proto, CAP_PERFMON },
	{ BPF_FUNC_skc_to_unix_sock, &bpf_skc_to_unix_sock_proto, CAP_PERFMON },
};

BPF_HELPER_SET(bpf_sock_cast_helpers, cast_rows);

static const struct bpf_helper_row cookie_rows[] = {
	{ BPF_FUNC_tcp_check_syncookie, &bpf_tcp_check_syncookie_proto },
	{ BPF_FUNC_tcp_gen_syncookie, &bpf_tcp_gen_syncookie_proto },
#ifdef CONFIG_SYN_COOKIES
	{ BPF_FUNC_tcp_raw_gen_syncookie_ipv4, &bpf_tcp_raw_gen_syncookie_ipv4_proto },
	{ BPF_FUNC_tcp_raw_gen_syncookie_ipv6, &bpf_tcp_raw_gen_syncookie_ipv6_proto },
	{ BPF_FUNC_tcp_raw_check_syncookie_ipv4, &bpf_tcp_raw_check_syncookie_ipv4_proto },
	{ BPF_FUNC_tcp_raw_check_syncookie_ipv6, &bpf_tcp_raw_check_syncookie_ipv6_proto },
#endif
};

BPF_HELPER_SET(bpf_syncookie_helpers, cookie_rows);
#endif

static const struct bpf_helper_row filter_rows[] = {
	{ BPF_FUNC_skb_load_bytes, &bpf_skb_load_bytes_proto },
	{ BPF_FUNC_skb_load_bytes_relative, &bpf_skb_load_bytes_relative_proto },
	{ BPF_FUNC_get_socket_cookie, &bpf_get_socket_cookie_proto },
	{ BPF_FUNC_get_socket_uid, &bpf_get_socket_uid_proto },
	{ BPF_FUNC_get_netns_cookie, &bpf_get_netns_cookie_skb_proto },
	ROW_SKB_OUTPUT
};

BPF_HELPER_SET(bpf_skb_filter_helpers, filter_rows);

static const struct bpf_helper_row tc_rows[] = {
	{ BPF_FUNC_skb_load_bytes, &bpf_skb_load_bytes_proto },
	{ BPF_FUNC_skb_load_bytes_relative, &bpf_skb_load_bytes_relative_proto },
	{ BPF_FUNC_skb_store_bytes, &bpf_skb_store_bytes_proto },
	{ BPF_FUNC_skb_pull_data, &bpf_skb_pull_data_proto },
	{ BPF_FUNC_csum_diff, &bpf_csum_diff_proto },
	{ BPF_FUNC_sk_storage_get, &bpf_sk_storage_get_proto },
	{ BPF_FUNC_sk_storage_delete, &bpf_sk_storage_delete_proto },
	{ BPF_FUNC_csum_update, &bpf_csum_update_proto },
	{ BPF_FUNC_csum_level, &bpf_csum_level_proto },
	{ BPF_FUNC_l3_csum_replace, &bpf_l3_csum_replace_proto },
	{ BPF_FUNC_l4_csum_replace, &bpf_l4_csum_replace_proto },
	{ BPF_FUNC_clone_redirect, &bpf_skb_clone_redirect_proto },
	{ BPF_FUNC_redirect, &bpf_skb_redirect_proto },
	{ BPF_FUNC_redirect_peer, &bpf_skb_redirect_peer_proto },
	{ BPF_FUNC_redirect_neigh, &bpf_skb_redirect_neigh_proto },
	{ BPF_FUNC_skb_vlan_push, &bpf_skb_vlan_push_proto },
	{ BPF_FUNC_skb_vlan_pop, &bpf_skb_vlan_pop_proto },
	{ BPF_FUNC_skb_change_proto, &bpf_skb_change_proto_proto },
	{ BPF_FUNC_skb_change_type, &bpf_skb_change_type_proto },
	{ BPF_FUNC_skb_change_tail, &bpf_skb_change_tail_proto },
	{ BPF_FUNC_skb_change_head, &bpf_skb_change_head_proto },
	{ BPF_FUNC_skb_adjust_room, &bpf_skb_adjust_room_proto },
	{ BPF_FUNC_get_route_realm, &bpf_get_route_realm_proto },
	{ BPF_FUNC_get_hash_recalc, &bpf_get_hash_recalc_proto },
	{ BPF_FUNC_set_hash_invalid, &bpf_set_hash_invalid_proto },
	{ BPF_FUNC_set_hash, &bpf_set_hash_proto },
	{ BPF_FUNC_skb_set_tstamp, &bpf_skb_set_tstamp_proto },
	{ BPF_FUNC_skb_ecn_set_ce, &bpf_skb_ecn_set_ce_proto },
	{ BPF_FUNC_get_socket_cookie, &bpf_get_socket_cookie_proto },
	{ BPF_FUNC_get_socket_uid, &bpf_get_socket_uid_proto },
	{ BPF_FUNC_get_netns_cookie, &bpf_get_netns_cookie_skb_proto },
	{ BPF_FUNC_fib_lookup, &bpf_skb_fib_lookup_proto },
	{ BPF_FUNC_check_mtu, &bpf_skb_check_mtu_proto },
	{ BPF_FUNC_sk_fullsock, &bpf_sk_fullsock_proto },
	ROW_SKB_OUTPUT
#ifdef CONFIG_CGROUP_NET_CLASSID
	{ BPF_FUNC_get_cgroup_classid, &bpf_get_cgroup_classid_proto },
	{ BPF_FUNC_skb_cgroup_classid, &bpf_skb_cgroup_classid_proto },
#endif
#ifdef CONFIG_SOCK_CGROUP_DATA
	{ BPF_FUNC_skb_under_cgroup, &bpf_skb_under_cgroup_proto },
	{ BPF_FUNC_skb_cgroup_id, &bpf_skb_cgroup_id_proto },
	{ BPF_FUNC_skb_ancestor_cgroup_id, &bpf_skb_ancestor_cgroup_id_proto },
	{ BPF_FUNC_sk_cgroup_id, &bpf_sk_cgroup_id_proto },
	{ BPF_FUNC_sk_ancestor_cgroup_id, &bpf_sk_ancestor_cgroup_id_proto },
#endif
#ifdef CONFIG_INET
	{ BPF_FUNC_skb_get_tunnel_key, &bpf_skb_get_tunnel_key_proto },
	{ BPF_FUNC_skb_set_tunnel_key, &bpf_skb_set_tunnel_key_proto },
	{ BPF_FUNC_skb_get_tunnel_opt, &bpf_skb_get_tunnel_opt_proto },
	{ BPF_FUNC_skb_set_tunnel_opt, &bpf_skb_set_tunnel_opt_proto },
	{ BPF_FUNC_sk_lookup_tcp, &bpf_skb_sk_lookup_tcp_proto },
	{ BPF_FUNC_sk_lookup_udp, &bpf_skb_sk_lookup_udp_proto },
	{ BPF_FUNC_skc_lookup_tcp, &bpf_skb_skc_lookup_tcp_proto },
	{ BPF_FUNC_sk_release, &bpf_sk_release_proto },
	{ BPF_FUNC_sk_assign, &bpf_skb_sk_assign_proto },
	{ BPF_FUNC_tcp_sock, &bpf_tcp_sock_proto },
	{ BPF_FUNC_get_listener_sock, &bpf_get_listener_sock_proto },
#endif
};

BPF_HELPER_SET(bpf_skb_tc_helpers, tc_rows);

static const struct bpf_helper_row dissector_rows[] = {
	{ BPF_FUNC_skb_load_bytes, &bpf_dissector_load_bytes_proto },
};

BPF_HELPER_SET(bpf_dissector_helpers, dissector_rows);

static const struct bpf_helper_row xdp_rows[] = {
	{ BPF_FUNC_xdp_adjust_head, &bpf_xdp_adjust_head_proto },
	{ BPF_FUNC_xdp_adjust_meta, &bpf_xdp_adjust_meta_proto },
	{ BPF_FUNC_xdp_adjust_tail, &bpf_xdp_adjust_tail_proto },
	{ BPF_FUNC_xdp_get_buff_len, &bpf_xdp_get_buff_len_proto },
	{ BPF_FUNC_xdp_load_bytes, &bpf_xdp_load_bytes_proto },
	{ BPF_FUNC_xdp_store_bytes, &bpf_xdp_store_bytes_proto },
	{ BPF_FUNC_redirect, &bpf_xdp_redirect_proto },
	{ BPF_FUNC_redirect_map, &bpf_xdp_redirect_map_proto },
	{ BPF_FUNC_csum_diff, &bpf_csum_diff_proto },
	{ BPF_FUNC_fib_lookup, &bpf_xdp_fib_lookup_proto },
	{ BPF_FUNC_check_mtu, &bpf_xdp_check_mtu_proto },
	ROW_XDP_OUTPUT
#ifdef CONFIG_INET
	{ BPF_FUNC_sk_lookup_tcp, &bpf_xdp_sk_lookup_tcp_proto },
	{ BPF_FUNC_sk_lookup_udp, &bpf_xdp_sk_lookup_udp_proto },
	{ BPF_FUNC_skc_lookup_tcp, &bpf_xdp_skc_lookup_tcp_proto },
	{ BPF_FUNC_sk_release, &bpf_sk_release_proto },
#endif
};

BPF_HELPER_SET(bpf_xdp_helpers, xdp_rows);

#ifdef CONFIG_INET
static const struct bpf_helper_row reuseport_rows[] = {
	{ BPF_FUNC_sk_select_reuseport, &bpf_sk_select_reuseport_proto },
	{ BPF_FUNC_skb_load_bytes, &bpf_reuseport_load_bytes_proto },
	{ BPF_FUNC_skb_load_bytes_relative, &bpf_reuseport_load_bytes_relative_proto },
	{ BPF_FUNC_get_socket_cookie, &bpf_get_socket_cookie_sock_proto },
};

BPF_HELPER_SET(bpf_sk_reuseport_helpers, reuseport_rows);

static const struct bpf_helper_row lookup_rows[] = {
	{ BPF_FUNC_sk_assign, &bpf_sk_lookup_assign_proto },
	{ BPF_FUNC_sk_release, &bpf_sk_release_proto },
#ifdef CONFIG_BPF_EVENTS
	{ BPF_FUNC_perf_event_output, &bpf_ctx_event_output_proto },
#endif
};

BPF_HELPER_SET(bpf_sk_lookup_helpers, lookup_rows);
#endif
