// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_MAP_TYPE_DEVMAP and BPF_MAP_TYPE_DEVMAP_HASH: devices as targets of XDP_REDIRECT.
 *
 * Both are a table of buckets. The array has one bucket a key, and so none with two elements; the
 * hash has as many as it may have elements, rounded up. Readers walk buckets under RCU, writers
 * hold the map's lock. A device that goes away is taken out of all maps.
 */
#include <linux/jhash.h>
#include <linux/netdevice.h>
#include <linux/nsproxy.h>
#include <linux/rculist.h>

#include "devmap.h"
#include "maps/array.h"
#include "maps/maps.h"
#include "net_bpf.h"
#include "xdp.h"
#include "xdp_map.h"

/**
 * struct devmap - a map
 * @map: common part
 * @node: in devmaps
 * @lock: taken by writers, of buckets and @items
 * @buckets: @nr_buckets of them
 * @nr_buckets: number of buckets; a power of 2 for the hash
 * @items: elements there are
 */
struct devmap {
	struct bpf_map map;
	struct list_head node;
	spinlock_t lock; /* writers */
	struct hlist_head *buckets;
	u32 nr_buckets;
	u32 items;
};

/* All maps, for devices that go away. */
static LIST_HEAD(devmaps);
static DEFINE_SPINLOCK(devmaps_lock);

static struct devmap *devmap_of(const struct bpf_map *map)
{
	return container_of(map, struct devmap, map);
}

static bool is_hash(const struct bpf_map *map)
{
	return map->map_type == BPF_MAP_TYPE_DEVMAP_HASH;
}

/* Bucket of a key, or NULL beyond the end of the array. */
static struct hlist_head *bucket_of(struct devmap *dm, u32 key)
{
	if (is_hash(&dm->map))
		return &dm->buckets[key & (dm->nr_buckets - 1)];
	return key < dm->nr_buckets ? &dm->buckets[key] : NULL;
}

static struct bpf_dtab_netdev *find(struct devmap *dm, u32 key)
{
	struct hlist_head *bucket = bucket_of(dm, key);
	struct bpf_dtab_netdev *entry;

	if (!bucket)
		return NULL;
	hlist_for_each_entry_rcu(entry, bucket, node, lockdep_is_held(&dm->lock)) {
		if (entry->key == key)
			return entry;
	}
	return NULL;
}

/* ------------------------------------------------------------------ elements */

static void entry_free(struct bpf_dtab_netdev *entry)
{
	if (entry->prog)
		bpf_prog_put(entry->prog);
	dev_put(entry->dev);
	kfree(entry);
}

static void entry_free_rcu(struct rcu_head *rcu)
{
	entry_free(container_of(rcu, struct bpf_dtab_netdev, rcu));
}

static void entry_remove(struct devmap *dm, struct bpf_dtab_netdev *entry)
{
	lockdep_assert_held(&dm->lock);
	hlist_del_rcu(&entry->node);
	dm->items--;
	call_rcu(&entry->rcu, entry_free_rcu);
}

static struct bpf_dtab_netdev *entry_new(struct devmap *dm, u32 key,
					 const struct bpf_devmap_val *val)
{
	struct bpf_dtab_netdev *entry;
	struct bpf_prog *prog;
	int err = -ENOMEM;

	entry = bpf_map_kmalloc_node(&dm->map, sizeof(*entry),
				     GFP_NOWAIT | __GFP_NOWARN | __GFP_ZERO, dm->map.numa_node);
	if (!entry)
		return ERR_PTR(err);

	err = -EINVAL;
	entry->key = key;
	entry->val.ifindex = val->ifindex;
	entry->dev = dev_get_by_index(current->nsproxy->net_ns, val->ifindex);
	if (!entry->dev)
		goto free_entry;

	if (val->bpf_prog.fd > 0) {
		prog = xdp_map_prog_get(&dm->map, val->bpf_prog.fd, BPF_XDP_DEVMAP);
		if (IS_ERR(prog)) {
			err = PTR_ERR(prog);
			goto put_dev;
		}
		entry->prog = prog;
		entry->val.bpf_prog.id = prog->aux->id;
	}
	return entry;

put_dev:
	dev_put(entry->dev);
free_entry:
	kfree(entry);
	return ERR_PTR(err);
}

/* ------------------------------------------------------------------ the map */

static int devmap_alloc_check(const union bpf_attr *attr)
{
	if (attr->map_type == BPF_MAP_TYPE_DEVMAP_HASH && attr->max_entries > BIT(31))
		return -EINVAL;
	return xdp_map_alloc_check(attr, true);
}

static struct bpf_map *devmap_alloc(const union bpf_attr *attr)
{
	struct devmap *dm;
	u64 bytes;

	dm = bpf_map_area_alloc(sizeof(*dm), NUMA_NO_NODE);
	if (!dm)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&dm->map, attr);
	/* Programs may look at elements, but not change them. */
	dm->map.map_flags |= BPF_F_RDONLY_PROG;
	spin_lock_init(&dm->lock);
	spin_lock_init(&dm->map.owner.lock);

	dm->nr_buckets = dm->map.max_entries;
	if (is_hash(&dm->map))
		dm->nr_buckets = roundup_pow_of_two(dm->nr_buckets);
	bytes = array_size(dm->nr_buckets, sizeof(*dm->buckets));
	dm->buckets = bpf_map_area_alloc(bytes, dm->map.numa_node);
	if (!dm->buckets) {
		bpf_map_area_free(dm);
		return ERR_PTR(-ENOMEM);
	}

	spin_lock(&devmaps_lock);
	list_add_tail_rcu(&dm->node, &devmaps);
	spin_unlock(&devmaps_lock);
	return &dm->map;
}

static void devmap_free(struct bpf_map *map)
{
	struct devmap *dm = devmap_of(map);
	struct bpf_dtab_netdev *entry;
	struct hlist_node *next;
	u32 i;

	spin_lock(&devmaps_lock);
	list_del_rcu(&dm->node);
	spin_unlock(&devmaps_lock);
	/* A device that goes away may be looking at the map. */
	synchronize_rcu();

	for (i = 0; i < dm->nr_buckets; i++) {
		hlist_for_each_entry_safe(entry, next, &dm->buckets[i], node)
			entry_free(entry);
	}
	bpf_map_area_free(dm->buckets);
	bpf_map_area_free(dm);
}

struct bpf_dtab_netdev *devmap_next(struct bpf_map *map, u64 *pos)
{
	struct devmap *dm = devmap_of(map);
	u32 bucket = *pos >> 32, skip = *pos;
	struct bpf_dtab_netdev *entry;

	for (; bucket < dm->nr_buckets; bucket++, skip = 0) {
		u32 seen = 0;

		hlist_for_each_entry_rcu(entry, &dm->buckets[bucket], node) {
			if (seen++ < skip)
				continue;
			*pos = (u64)bucket << 32 | seen;
			return entry;
		}
	}
	*pos = (u64)bucket << 32;
	return NULL;
}

static struct bpf_dtab_netdev *first_of(struct hlist_head *bucket)
{
	return hlist_entry_safe(rcu_dereference_raw(hlist_first_rcu(bucket)),
				struct bpf_dtab_netdev, node);
}

static int hash_next_key(struct devmap *dm, const u32 *key, u32 *next)
{
	struct bpf_dtab_netdev *entry = key ? find(dm, *key) : NULL;
	u32 bucket = 0;

	if (entry) {
		entry = hlist_entry_safe(rcu_dereference_raw(hlist_next_rcu(&entry->node)),
					 struct bpf_dtab_netdev, node);
		bucket = (*key & (dm->nr_buckets - 1)) + 1;
	}
	while (!entry && bucket < dm->nr_buckets)
		entry = first_of(&dm->buckets[bucket++]);
	if (!entry)
		return -ENOENT;
	*next = entry->key;
	return 0;
}

static int devmap_get_next_key(struct bpf_map *map, void *key, void *next_key)
{
	return is_hash(map) ? hash_next_key(devmap_of(map), key, next_key) :
	       bpf_array_get_next_key(map, key, next_key);
}

static void *devmap_lookup(struct bpf_map *map, void *key)
{
	struct bpf_dtab_netdev *entry = find(devmap_of(map), *(u32 *)key);

	return entry ? &entry->val : NULL;
}

static void *devmap_target(struct bpf_map *map, u32 key)
{
	return find(devmap_of(map), key);
}

static long devmap_redirect(struct bpf_map *map, u64 key, u64 flags)
{
	return xdp_redirect_map(map, key, flags, BPF_F_BROADCAST | BPF_F_EXCLUDE_INGRESS,
				devmap_target);
}

static long devmap_delete(struct bpf_map *map, void *key)
{
	struct devmap *dm = devmap_of(map);
	struct bpf_dtab_netdev *entry;
	unsigned long flags;

	if (!is_hash(map) && *(u32 *)key >= map->max_entries)
		return -EINVAL;
	spin_lock_irqsave(&dm->lock, flags);
	entry = find(dm, *(u32 *)key);
	if (entry)
		entry_remove(dm, entry);
	spin_unlock_irqrestore(&dm->lock, flags);
	/* An empty slot of an array is there all the same. */
	return entry || !is_hash(map) ? 0 : -ENOENT;
}

/* Puts @entry into the map in place of one with its key. */
static int devmap_insert(struct devmap *dm, struct bpf_dtab_netdev *entry, u64 map_flags)
{
	struct bpf_dtab_netdev *old;
	unsigned long flags;
	int err = 0;

	spin_lock_irqsave(&dm->lock, flags);
	old = find(dm, entry->key);
	if (is_hash(&dm->map)) {
		if (old && map_flags & BPF_NOEXIST)
			err = -EEXIST;
		else if (!old && map_flags & BPF_EXIST)
			err = -ENOENT;
		else if (!old && dm->items >= dm->map.max_entries)
			err = -E2BIG;
	}
	if (!err) {
		hlist_add_head_rcu(&entry->node, bucket_of(dm, entry->key));
		dm->items++;
		if (old)
			entry_remove(dm, old);
	}
	spin_unlock_irqrestore(&dm->lock, flags);
	return err;
}

static long devmap_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct devmap *dm = devmap_of(map);
	struct bpf_devmap_val val = { .bpf_prog.fd = -1 };
	struct bpf_dtab_netdev *entry;
	u32 index = *(u32 *)key;
	int err;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (!is_hash(map)) {
		if (index >= map->max_entries)
			return -E2BIG;
		if (flags == BPF_NOEXIST)
			return -EEXIST;
	}

	memcpy(&val, value, map->value_size);
	if (!val.ifindex && !is_hash(map))
		return val.bpf_prog.fd > 0 ? -EINVAL : devmap_delete(map, key);

	entry = entry_new(dm, index, &val);
	if (IS_ERR(entry))
		return PTR_ERR(entry);
	err = devmap_insert(dm, entry, flags);
	if (err)
		entry_free(entry);
	return err;
}

static u64 devmap_mem_usage(const struct bpf_map *map)
{
	const struct devmap *dm = devmap_of(map);

	return sizeof(*dm) + array_size(dm->nr_buckets, sizeof(*dm->buckets)) +
	       (u64)READ_ONCE(dm->items) * sizeof(struct bpf_dtab_netdev);
}

#define DEVMAP_OPS {					\
	.alloc_check	= devmap_alloc_check,		\
	.alloc		= devmap_alloc,			\
	.free		= devmap_free,			\
	.get_next_key	= devmap_get_next_key,		\
	.lookup_elem	= devmap_lookup,		\
	.update_elem	= devmap_update,		\
	.delete_elem	= devmap_delete,		\
	.check_btf	= map_check_no_btf,		\
	.meta_equal	= bpf_map_meta_equal,		\
	.redirect	= devmap_redirect,		\
	.mem_usage	= devmap_mem_usage,		\
}

const struct bpf_map_ops bpf_devmap_ops = DEVMAP_OPS;
const struct bpf_map_ops bpf_devmap_hash_ops = DEVMAP_OPS;

/* ------------------------------------------------------------------ devices that come and go */

static void devmap_forget(struct devmap *dm, const struct net_device *dev)
{
	struct bpf_dtab_netdev *entry;
	struct hlist_node *next;
	unsigned long flags;
	u32 i;

	for (i = 0; i < dm->nr_buckets; i++) {
		if (hlist_empty(&dm->buckets[i]))
			continue;
		spin_lock_irqsave(&dm->lock, flags);
		hlist_for_each_entry_safe(entry, next, &dm->buckets[i], node) {
			if (entry->dev == dev)
				entry_remove(dm, entry);
		}
		spin_unlock_irqrestore(&dm->lock, flags);
	}
}

static int devmap_notify(struct notifier_block *nb, unsigned long event, void *ptr)
{
	struct net_device *dev = netdev_notifier_info_to_dev(ptr);
	struct devmap *dm;

	if (event == NETDEV_REGISTER)
		return notifier_from_errno(devmap_dev_init(dev));
	if (event == NETDEV_UNREGISTER) {
		rcu_read_lock();
		list_for_each_entry_rcu(dm, &devmaps, node)
			devmap_forget(dm, dev);
		rcu_read_unlock();
	}
	return NOTIFY_OK;
}

static struct notifier_block devmap_notifier = {
	.notifier_call = devmap_notify,
};

static int __init devmap_init(void)
{
	/* Trace points read elements through a struct of their own. */
	BUILD_BUG_ON(offsetof(struct bpf_dtab_netdev, dev));
	return register_netdevice_notifier(&devmap_notifier);
}
subsys_initcall(devmap_init);
