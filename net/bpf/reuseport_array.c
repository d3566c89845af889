// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_MAP_TYPE_REUSEPORT_SOCKARRAY: sockets of SO_REUSEPORT groups, for bpf_sk_select_reuseport().
 *
 * A socket stands in one slot of one map at most: its sk_user_data points to the slot, and so it is
 * taken out when it leaves its group. Slots and that pointer change under reuseport_lock and the
 * socket's sk_callback_lock; readers look at slots under RCU.
 */
#include <linux/net.h>
#include <linux/sock_diag.h>
#include <net/sock.h>
#include <net/sock_reuseport.h>

#include "maps/array.h"
#include "maps/maps.h"
#include "net_bpf.h"

#define USER_DATA_FLAGS (SK_USER_DATA_NOCOPY | SK_USER_DATA_BPF)

struct reuseport_array {
	struct bpf_map map;
	struct sock __rcu *socks[];
};

static struct reuseport_array *array_of(const struct bpf_map *map)
{
	return container_of(map, struct reuseport_array, map);
}

/* Empties the slot that a socket stands in. Both locks held. */
static void sock_leave(struct sock *sk)
{
	struct sock __rcu **slot = __locked_read_sk_user_data_with_flags(sk, SK_USER_DATA_BPF);

	if (!slot)
		return;
	WRITE_ONCE(sk->sk_user_data, NULL);
	RCU_INIT_POINTER(*slot, NULL);
}

/**
 * bpf_sk_reuseport_detach - a socket leaves its SO_REUSEPORT group
 * @sk: the socket
 *
 * Context: reuseport_lock held, BHs disabled.
 */
void bpf_sk_reuseport_detach(struct sock *sk)
{
	lockdep_assert_held(&reuseport_lock);
	write_lock_bh(&sk->sk_callback_lock);
	sock_leave(sk);
	write_unlock_bh(&sk->sk_callback_lock);
}

static int array_alloc_check(const union bpf_attr *attr)
{
	if (!attr->max_entries || attr->key_size != sizeof(u32) ||
	    (attr->value_size != sizeof(u32) && attr->value_size != sizeof(u64)) ||
	    attr->map_flags & ~(BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY))
		return -EINVAL;
	return 0;
}

static struct bpf_map *array_alloc(const union bpf_attr *attr)
{
	int node = attr->map_flags & BPF_F_NUMA_NODE ? attr->numa_node : NUMA_NO_NODE;
	struct reuseport_array *array;

	array = bpf_map_area_alloc(struct_size(array, socks, attr->max_entries), node);
	if (!array)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&array->map, attr);
	return &array->map;
}

static void array_free(struct bpf_map *map)
{
	struct reuseport_array *array = array_of(map);
	struct sock *sk;
	u32 i;

	/* Sockets may leave their groups meanwhile. */
	for (i = 0; i < map->max_entries; i++) {
		spin_lock_bh(&reuseport_lock);
		sk = rcu_dereference_protected(array->socks[i], lockdep_is_held(&reuseport_lock));
		if (sk) {
			write_lock_bh(&sk->sk_callback_lock);
			sock_leave(sk);
			write_unlock_bh(&sk->sk_callback_lock);
		}
		spin_unlock_bh(&reuseport_lock);
	}
	bpf_map_area_free(array);
}

static void *array_lookup(struct bpf_map *map, void *key)
{
	u32 index = *(u32 *)key;

	return index < map->max_entries ? rcu_dereference(array_of(map)->socks[index]) : NULL;
}

/* User space reads a socket's cookie, where values have room for it. */
static int array_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct sock *sk;
	int err = -ENOENT;

	if (map->value_size != sizeof(u64))
		return -ENOSPC;
	rcu_read_lock();
	sk = array_lookup(map, key);
	if (sk) {
		*(u64 *)value = __sock_gen_cookie(sk);
		err = 0;
	}
	rcu_read_unlock();
	return err;
}

static int sock_check(const struct sock *sk)
{
	if (sk->sk_protocol != IPPROTO_UDP && sk->sk_protocol != IPPROTO_TCP)
		return -ENOTSUPP;
	if (sk->sk_family != AF_INET && sk->sk_family != AF_INET6)
		return -ENOTSUPP;
	if (sk->sk_type != SOCK_STREAM && sk->sk_type != SOCK_DGRAM)
		return -ENOTSUPP;
	/* Bound, listening where it has to, freed after readers. */
	if (!sock_flag(sk, SOCK_RCU_FREE) || !sk_hashed(sk) ||
	    !rcu_access_pointer(sk->sk_reuseport_cb))
		return -EINVAL;
	return READ_ONCE(sk->sk_user_data) ? -EBUSY : 0;
}

/* Both locks of @sk held. */
static int slot_put(struct reuseport_array *array, u32 index, struct sock *sk, u64 flags)
{
	struct sock __rcu **slot = &array->socks[index];
	struct sock *old = rcu_dereference_protected(*slot, lockdep_is_held(&reuseport_lock));
	int err = sock_check(sk);

	if (err)
		return err;
	if (old && flags == BPF_NOEXIST)
		return -EEXIST;
	if (!old && flags == BPF_EXIST)
		return -ENOENT;
	if (old) {
		write_lock_nested(&old->sk_callback_lock, SINGLE_DEPTH_NESTING);
		sock_leave(old);
		write_unlock(&old->sk_callback_lock);
	}
	WRITE_ONCE(sk->sk_user_data, (void *)((uintptr_t)slot | USER_DATA_FLAGS));
	rcu_assign_pointer(*slot, sk);
	return 0;
}

static int array_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			    u64 flags)
{
	u64 fd = map->value_size == sizeof(u64) ? *(u64 *)value : *(u32 *)value;
	u32 index = *(u32 *)key;
	struct socket *socket;
	struct sock *sk;
	int err;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (index >= map->max_entries)
		return -E2BIG;
	if (fd > S32_MAX)
		return -EINVAL;
	socket = sockfd_lookup(fd, &err);
	if (!socket)
		return err;

	sk = socket->sk;
	err = -EINVAL;
	if (sk) {
		spin_lock_bh(&reuseport_lock);
		write_lock_bh(&sk->sk_callback_lock);
		err = slot_put(array_of(map), index, sk, flags);
		write_unlock_bh(&sk->sk_callback_lock);
		spin_unlock_bh(&reuseport_lock);
	}
	sockfd_put(socket);
	return err;
}

static long array_delete(struct bpf_map *map, void *key)
{
	struct reuseport_array *array = array_of(map);
	u32 index = *(u32 *)key;
	struct sock *sk;

	if (index >= map->max_entries)
		return -E2BIG;
	spin_lock_bh(&reuseport_lock);
	sk = rcu_dereference_protected(array->socks[index], lockdep_is_held(&reuseport_lock));
	if (sk) {
		write_lock_bh(&sk->sk_callback_lock);
		sock_leave(sk);
		write_unlock_bh(&sk->sk_callback_lock);
	}
	spin_unlock_bh(&reuseport_lock);
	return sk ? 0 : -ENOENT;
}

static u64 array_mem_usage(const struct bpf_map *map)
{
	return struct_size(array_of(map), socks, map->max_entries);
}

const struct bpf_map_ops bpf_reuseport_array_ops = {
	.alloc_check	= array_alloc_check,
	.alloc		= array_alloc,
	.free		= array_free,
	.get_next_key	= bpf_array_get_next_key,
	.lookup_elem	= array_lookup,
	.copy_value	= array_copy_value,
	.sys_update	= array_sys_update,
	.delete_elem	= array_delete,
	.meta_equal	= bpf_map_meta_equal,
	.mem_usage	= array_mem_usage,
};
