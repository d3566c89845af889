// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_MAP_TYPE_XSKMAP: AF_XDP sockets as targets of XDP_REDIRECT.
 *
 * A socket knows the slots it stands in, by nodes on its map_list, so that it can be taken out of
 * them when it closes. Lock order: the map's, then the socket's.
 */
#include <linux/sched/signal.h>
#include <net/xdp_sock.h>

#include "../xdp/xsk.h"
#include "maps/array.h"
#include "maps/maps.h"
#include "net_bpf.h"
#include "xdp.h"
#include "xdp_map.h"

static struct xsk_map *xsk_map_of(const struct bpf_map *map)
{
	return container_of(map, struct xsk_map, map);
}

static struct xsk_map_node *node_new(struct xsk_map *m, struct xdp_sock __rcu **slot)
{
	struct xsk_map_node *node;

	node = bpf_map_kzalloc(&m->map, sizeof(*node), GFP_ATOMIC | __GFP_NOWARN);
	if (!node)
		return NULL;
	bpf_map_inc(&m->map);
	atomic_inc(&m->count);
	node->map = m;
	node->map_entry = slot;
	return node;
}

static void node_free(struct xsk_map_node *node)
{
	struct xsk_map *m = node->map;

	kfree(node);
	atomic_dec(&m->count);
	bpf_map_put(&m->map);
}

static void sock_add(struct xdp_sock *xs, struct xsk_map_node *node)
{
	spin_lock_bh(&xs->map_list_lock);
	list_add_tail(&node->node, &xs->map_list);
	spin_unlock_bh(&xs->map_list_lock);
}

/* The socket leaves a slot. */
static void sock_del(struct xdp_sock *xs, struct xdp_sock __rcu **slot)
{
	struct xsk_map_node *node, *next;

	spin_lock_bh(&xs->map_list_lock);
	list_for_each_entry_safe(node, next, &xs->map_list, node) {
		if (node->map_entry == slot) {
			list_del(&node->node);
			node_free(node);
		}
	}
	spin_unlock_bh(&xs->map_list_lock);
}

/**
 * xsk_map_try_sock_delete - a socket closes: take it out of a slot, if it still is there
 * @map: the map; the caller has a reference
 * @xs: the socket
 * @map_entry: the slot
 *
 * Context: process.
 */
void xsk_map_try_sock_delete(struct xsk_map *map, struct xdp_sock *xs,
			     struct xdp_sock __rcu **map_entry)
{
	spin_lock_bh(&map->lock);
	if (rcu_access_pointer(*map_entry) == xs) {
		rcu_assign_pointer(*map_entry, NULL);
		sock_del(xs, map_entry);
	}
	spin_unlock_bh(&map->lock);
}

static int xskmap_alloc_check(const union bpf_attr *attr)
{
	return xdp_map_alloc_check(attr, false);
}

static struct bpf_map *xskmap_alloc(const union bpf_attr *attr)
{
	struct xsk_map *m;
	int node = attr->map_flags & BPF_F_NUMA_NODE ? attr->numa_node : NUMA_NO_NODE;

	m = bpf_map_area_alloc(struct_size(m, xsk_map, attr->max_entries), node);
	if (!m)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&m->map, attr);
	spin_lock_init(&m->lock);
	return &m->map;
}

/* Elements hold references on the map, so there are none left. */
static void xskmap_free(struct bpf_map *map)
{
	bpf_map_area_free(xsk_map_of(map));
}

static void *xskmap_target(struct bpf_map *map, u32 key)
{
	struct xsk_map *m = xsk_map_of(map);

	return key < map->max_entries ?
	       rcu_dereference_check(m->xsk_map[key], rcu_read_lock_bh_held()) : NULL;
}

static void *xskmap_lookup(struct bpf_map *map, void *key)
{
	return xskmap_target(map, *(u32 *)key);
}

/* User space has no use for the socket's address. */
static int xskmap_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	return -EOPNOTSUPP;
}

static long xskmap_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct xsk_map *m = xsk_map_of(map);
	struct xdp_sock __rcu **slot;
	struct xsk_map_node *node;
	struct xdp_sock *xs, *old;
	u32 index = *(u32 *)key;
	struct socket *sock;
	int err;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;

	sock = sockfd_lookup(*(u32 *)value, &err);
	if (!sock)
		return err;
	err = -EOPNOTSUPP;
	if (sock->sk->sk_family != PF_XDP)
		goto put_sock;

	xs = xdp_sk(sock->sk);
	slot = &m->xsk_map[index];
	err = -ENOMEM;
	node = node_new(m, slot);
	if (!node)
		goto put_sock;

	spin_lock_bh(&m->lock);
	old = rcu_dereference_protected(*slot, lockdep_is_held(&m->lock));
	err = 0;
	if (old && flags == BPF_NOEXIST)
		err = -EEXIST;
	else if (!old && flags == BPF_EXIST)
		err = -ENOENT;
	if (!err && old != xs) {
		sock_add(xs, node);
		rcu_assign_pointer(*slot, xs);
		if (old)
			sock_del(old, slot);
		node = NULL;
	}
	spin_unlock_bh(&m->lock);
	if (node)
		node_free(node);
put_sock:
	sockfd_put(sock);
	return err;
}

static long xskmap_delete(struct bpf_map *map, void *key)
{
	struct xsk_map *m = xsk_map_of(map);
	u32 index = *(u32 *)key;
	struct xdp_sock *old;

	if (index >= map->max_entries)
		return -EINVAL;
	spin_lock_bh(&m->lock);
	old = rcu_replace_pointer(m->xsk_map[index], NULL, lockdep_is_held(&m->lock));
	if (old)
		sock_del(old, &m->xsk_map[index]);
	spin_unlock_bh(&m->lock);
	return 0;
}

static long xskmap_redirect(struct bpf_map *map, u64 key, u64 flags)
{
	return xdp_redirect_map(map, key, flags, 0, xskmap_target);
}

static u64 xskmap_mem_usage(const struct bpf_map *map)
{
	struct xsk_map *m = xsk_map_of(map);

	return struct_size(m, xsk_map, map->max_entries) +
	       (u64)atomic_read(&m->count) * sizeof(struct xsk_map_node);
}

static bool xskmap_meta_equal(const struct bpf_map *meta, const struct bpf_map *inner)
{
	return meta->max_entries == inner->max_entries && bpf_map_meta_equal(meta, inner);
}

const struct bpf_map_ops bpf_xskmap_ops = {
	.alloc_check	= xskmap_alloc_check,
	.alloc		= xskmap_alloc,
	.free		= xskmap_free,
	.get_next_key	= bpf_array_get_next_key,
	.lookup_elem	= xskmap_lookup,
	.copy_value	= xskmap_copy_value,
	.update_elem	= xskmap_update,
	.delete_elem	= xskmap_delete,
	.check_btf	= map_check_no_btf,
	.meta_equal	= xskmap_meta_equal,
	.redirect	= xskmap_redirect,
	.mem_usage	= xskmap_mem_usage,
};
