// SPDX-License-Identifier: GPL-2.0
/*
 * BPF_MAP_TYPE_CPUMAP: other CPUs as targets of XDP_REDIRECT.
 *
 * Each element has a thread bound to its CPU, and a ring that carries packets there: frames of
 * native XDP, and socket buffers of generic XDP, told apart by the pointer's lowest bit. Frames
 * are collected per sending CPU and put into the ring at the end of the driver's poll. The thread
 * makes socket buffers of them and passes them up.
 */
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/kthread.h>
#include <linux/netdevice.h>
#include <linux/ptr_ring.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include <net/hotdata.h>
#include <net/xdp.h>
#include <trace/events/xdp.h>

#include "maps/array.h"
#include "maps/maps.h"
#include "net_bpf.h"
#include "xdp.h"
#include "xdp_map.h"

#define BULK_SIZE	8
#define RING_MAX	16384	/* packets */
#define IS_SKB		BIT(0)

/* Frames on their way to the ring, on one CPU. */
struct bulk {
	struct xdp_frame *q[BULK_SIZE];
	struct list_head flush_node;
	struct bpf_cpu_entry *entry;
	unsigned int count;
};

/**
 * struct bpf_cpu_entry - an element
 * @cpu: its CPU
 * @map_id: id of the map, for trace points
 * @bulks: per sending CPU
 * @ring: packets for the thread
 * @thread: runs on @cpu until the element goes
 * @prog: program that runs there first, or NULL
 * @val: as user space reads it
 * @free_work: stops the thread and frees, after readers
 * @started: the thread runs, and so will see that it is to stop
 */
struct bpf_cpu_entry {
	u32 cpu;
	u32 map_id;
	struct bulk __percpu *bulks;
	struct ptr_ring ring;
	struct task_struct *thread;
	struct bpf_prog *prog;
	struct bpf_cpumap_val val;
	struct rcu_work free_work;
	struct completion started;
};

struct cpumap {
	struct bpf_map map;
	struct bpf_cpu_entry __rcu **entries;
};

static struct cpumap *cpumap_of(const struct bpf_map *map)
{
	return container_of(map, struct cpumap, map);
}

/* ------------------------------------------------------------------ the thread */

/* Packets taken out of the ring at once. */
struct batch {
	void *packets[BULK_SIZE];
	struct xdp_frame *frames[BULK_SIZE];
	void *skbs[BULK_SIZE];
	unsigned int nr_frames;
	struct list_head list;
	struct xdp_cpumap_stats stats;
	unsigned int drops;
};

/* Runs the element's program on a frame; false: it is gone, or went elsewhere. */
static bool frame_pass(struct bpf_cpu_entry *entry, struct xdp_frame *frame, struct batch *b)
{
	struct xdp_rxq_info rxq = { .dev = frame->dev_rx, .mem = frame->mem };
	struct xdp_buff xdp;
	u32 act;

	xdp_convert_frame_to_buff(frame, &xdp);
	xdp.rxq = &rxq;
	act = bpf_prog_run_xdp(entry->prog, &xdp);
	switch (act) {
	case XDP_PASS:
		if (!xdp_update_frame_from_buff(&xdp, frame)) {
			b->stats.pass++;
			return true;
		}
		break;
	case XDP_REDIRECT:
		if (!xdp_do_redirect(rxq.dev, &xdp, entry->prog)) {
			b->stats.redirect++;
			return false;
		}
		break;
	case XDP_DROP:
		break;
	default:
		bpf_warn_invalid_xdp_action(NULL, entry->prog, act);
		break;
	}
	b->stats.drop++;
	xdp_return_frame(frame);
	return false;
}

static void run_frames(struct bpf_cpu_entry *entry, struct batch *b)
{
	struct bpf_net_context __ctx, *ctx;
	unsigned int kept = 0, i;

	if (!entry->prog || !b->nr_frames)
		return;

	local_bh_disable();
	rcu_read_lock();
	ctx = bpf_net_ctx_set(&__ctx);
	xdp_set_return_frame_no_direct();
	for (i = 0; i < b->nr_frames; i++) {
		if (frame_pass(entry, b->frames[i], b))
			b->frames[kept++] = b->frames[i];
	}
	if (b->stats.redirect)
		xdp_do_flush();
	xdp_clear_return_frame_no_direct();
	bpf_net_ctx_clear(ctx);
	rcu_read_unlock();
	local_bh_enable();
	b->nr_frames = kept;
}

/* The same for the packets of generic XDP, already on the list. */
static void run_skbs(struct bpf_cpu_entry *entry, struct batch *b)
{
	struct bpf_net_context __ctx, *ctx;
	struct sk_buff *skb, *next;
	struct xdp_buff xdp;
	u32 act;

	if (!entry->prog || list_empty(&b->list))
		return;

	local_bh_disable();
	rcu_read_lock();
	ctx = bpf_net_ctx_set(&__ctx);
	list_for_each_entry_safe(skb, next, &b->list, list) {
		act = bpf_prog_run_generic_xdp(skb, &xdp, entry->prog);
		if (act == XDP_PASS) {
			b->stats.pass++;
			continue;
		}
		skb_list_del_init(skb);
		if (act == XDP_REDIRECT &&
		    !xdp_do_generic_redirect(skb->dev, skb, &xdp, entry->prog)) {
			b->stats.redirect++;
			continue;
		}
		if (act != XDP_DROP && act != XDP_REDIRECT)
			bpf_warn_invalid_xdp_action(NULL, entry->prog, act);
		b->stats.drop++;
		kfree_skb(skb);
	}
	bpf_net_ctx_clear(ctx);
	rcu_read_unlock();
	local_bh_enable();
}

/* Makes socket buffers of the frames that are left. */
static void build_skbs(struct batch *b)
{
	unsigned int i;

	if (!b->nr_frames)
		return;
	if (xdp_alloc_skb_bulk(b->skbs, b->nr_frames, GFP_ATOMIC | __GFP_ZERO))
		memset(b->skbs, 0, sizeof(b->skbs));

	for (i = 0; i < b->nr_frames; i++) {
		struct xdp_frame *frame = b->frames[i];
		struct sk_buff *skb = b->skbs[i];

		if (skb && __xdp_build_skb_from_frame(frame, skb, frame->dev_rx)) {
			list_add_tail(&skb->list, &b->list);
			continue;
		}
		if (skb)
			kmem_cache_free(net_hotdata.skbuff_cache, skb);
		xdp_return_frame(frame);
		b->drops++;
	}
}

static unsigned int run_batch(struct bpf_cpu_entry *entry, bool sched)
{
	struct batch b = {};
	unsigned int cnt, i;

	INIT_LIST_HEAD(&b.list);
	cnt = __ptr_ring_consume_batched(&entry->ring, b.packets, BULK_SIZE);
	for (i = 0; i < cnt; i++) {
		unsigned long packet = (unsigned long)b.packets[i];

		if (packet & IS_SKB)
			list_add_tail(&((struct sk_buff *)(packet & ~IS_SKB))->list, &b.list);
		else
			b.frames[b.nr_frames++] = b.packets[i];
	}

	run_skbs(entry, &b);
	run_frames(entry, &b);
	local_bh_disable();
	build_skbs(&b);
	netif_receive_skb_list(&b.list);
	local_bh_enable();
	trace_xdp_cpumap_kthread(entry->map_id, cnt, b.drops, sched, &b.stats);
	return cnt;
}

static int entry_thread(void *data)
{
	struct bpf_cpu_entry *entry = data;
	unsigned long last_qs = jiffies;
	bool sched;

	complete(&entry->started);
	for (;;) {
		set_current_state(TASK_INTERRUPTIBLE);
		sched = __ptr_ring_empty(&entry->ring);
		if (sched) {
			/* What came in before the stop is still passed on. */
			if (kthread_should_stop())
				break;
			schedule();
			last_qs = jiffies;
		} else {
			rcu_softirq_qs_periodic(last_qs);
			sched = cond_resched();
		}
		__set_current_state(TASK_RUNNING);
		while (run_batch(entry, sched) == BULK_SIZE && !need_resched())
			sched = false;
	}
	__set_current_state(TASK_RUNNING);
	return 0;
}

/* ------------------------------------------------------------------ the sending side */

static void bulk_send(struct bulk *bulk)
{
	struct bpf_cpu_entry *entry = bulk->entry;
	unsigned int drops = 0, i;

	if (!bulk->count)
		return;
	spin_lock(&entry->ring.producer_lock);
	for (i = 0; i < bulk->count; i++) {
		if (__ptr_ring_produce(&entry->ring, bulk->q[i])) {
			xdp_return_frame_rx_napi(bulk->q[i]);
			drops++;
		}
	}
	spin_unlock(&entry->ring.producer_lock);
	trace_xdp_cpumap_enqueue(entry->map_id, bulk->count - drops, drops, entry->cpu);
	bulk->count = 0;
}

int cpumap_enqueue(struct bpf_cpu_entry *entry, struct xdp_frame *frame, struct net_device *from)
{
	struct bulk *bulk = this_cpu_ptr(entry->bulks);

	/* The receive queue's memory model went along with the frame, its device did not. */
	frame->dev_rx = from;
	if (bulk->count == BULK_SIZE)
		bulk_send(bulk);
	if (!bulk->flush_node.prev)
		list_add(&bulk->flush_node, bpf_net_ctx_get_cpu_map_flush_list());
	bulk->q[bulk->count++] = frame;
	return 0;
}

int cpumap_generic(struct bpf_cpu_entry *entry, struct sk_buff *skb)
{
	int err;

	/* Receive processing goes on where it stopped, behind the link-layer header. */
	__skb_pull(skb, skb->mac_len);
	skb_set_redirected(skb, false);
	err = ptr_ring_produce(&entry->ring, (void *)((unsigned long)skb | IS_SKB));
	if (err) {
		__skb_push(skb, skb->mac_len);
		skb_reset_redirect(skb);
	} else {
		wake_up_process(entry->thread);
	}
	trace_xdp_cpumap_enqueue(entry->map_id, !err, !!err, entry->cpu);
	return err;
}

void cpumap_flush(struct list_head *list)
{
	struct bulk *bulk, *next;

	list_for_each_entry_safe(bulk, next, list, flush_node) {
		bulk_send(bulk);
		__list_del_clearprev(&bulk->flush_node);
		wake_up_process(bulk->entry->thread);
	}
}

/* ------------------------------------------------------------------ elements */

static void packet_free(void *ptr)
{
	unsigned long packet = (unsigned long)ptr;

	if (packet & IS_SKB)
		kfree_skb((struct sk_buff *)(packet & ~IS_SKB));
	else
		xdp_return_frame(ptr);
}

static void entry_free(struct bpf_cpu_entry *entry)
{
	if (entry->thread) {
		kthread_stop(entry->thread);
		ptr_ring_cleanup(&entry->ring, packet_free);
	}
	if (entry->prog)
		bpf_prog_put(entry->prog);
	free_percpu(entry->bulks);
	kfree(entry);
}

static void entry_free_work(struct work_struct *work)
{
	entry_free(container_of(to_rcu_work(work), struct bpf_cpu_entry, free_work));
}

static void entry_retire(struct bpf_cpu_entry *entry)
{
	if (!entry)
		return;
	INIT_RCU_WORK(&entry->free_work, entry_free_work);
	queue_rcu_work(system_wq, &entry->free_work);
}

static int entry_start(struct bpf_cpu_entry *entry, struct bpf_map *map)
{
	int err;

	err = ptr_ring_init(&entry->ring, entry->val.qsize, GFP_KERNEL | __GFP_NOWARN);
	if (err)
		return err;
	entry->thread = kthread_create_on_node(entry_thread, entry, cpu_to_node(entry->cpu),
					       "cpumap/%d/map:%u", entry->cpu, map->id);
	if (IS_ERR(entry->thread)) {
		err = PTR_ERR(entry->thread);
		entry->thread = NULL;
		ptr_ring_cleanup(&entry->ring, NULL);
		return err;
	}
	kthread_bind(entry->thread, entry->cpu);
	wake_up_process(entry->thread);
	/* A thread that is stopped before it began would leave its ring full. */
	wait_for_completion(&entry->started);
	return 0;
}

static struct bpf_cpu_entry *entry_new(struct bpf_map *map, u32 cpu,
				       const struct bpf_cpumap_val *val)
{
	struct bpf_cpu_entry *entry;
	struct bpf_prog *prog;
	int err = -ENOMEM, i;

	entry = bpf_map_kzalloc(map, sizeof(*entry), GFP_KERNEL | __GFP_NOWARN);
	if (!entry)
		return ERR_PTR(-ENOMEM);
	entry->cpu = cpu;
	entry->map_id = map->id;
	entry->val.qsize = val->qsize;
	init_completion(&entry->started);

	entry->bulks = bpf_map_alloc_percpu(map, sizeof(*entry->bulks), __alignof__(struct bulk),
					    GFP_KERNEL | __GFP_NOWARN);
	if (!entry->bulks)
		goto free_entry;
	for_each_possible_cpu(i)
		per_cpu_ptr(entry->bulks, i)->entry = entry;

	if (val->bpf_prog.fd > 0) {
		prog = xdp_map_prog_get(map, val->bpf_prog.fd, BPF_XDP_CPUMAP);
		err = PTR_ERR_OR_ZERO(prog);
		if (err)
			goto free_entry;
		entry->prog = prog;
		entry->val.bpf_prog.id = prog->aux->id;
	}
	err = entry_start(entry, map);
	if (!err)
		return entry;
free_entry:
	entry_free(entry);
	return ERR_PTR(err);
}

/* ------------------------------------------------------------------ the map */

static int cpumap_alloc_check(const union bpf_attr *attr)
{
	int err = xdp_map_alloc_check(attr, true);

	if (!err && attr->map_flags & ~BPF_F_NUMA_NODE)
		err = -EINVAL;
	if (!err && attr->max_entries > CONFIG_NR_CPUS)
		err = -E2BIG;
	return err;
}

static struct bpf_map *cpumap_alloc(const union bpf_attr *attr)
{
	struct cpumap *cm = bpf_map_area_alloc(sizeof(*cm), NUMA_NO_NODE);

	if (!cm)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&cm->map, attr);
	spin_lock_init(&cm->map.owner.lock);
	cm->entries = bpf_map_area_alloc(array_size(cm->map.max_entries, sizeof(*cm->entries)),
					 cm->map.numa_node);
	if (!cm->entries) {
		bpf_map_area_free(cm);
		return ERR_PTR(-ENOMEM);
	}
	return &cm->map;
}

static void cpumap_free(struct bpf_map *map)
{
	struct cpumap *cm = cpumap_of(map);
	struct bpf_cpu_entry *entry;
	u32 i;

	for (i = 0; i < map->max_entries; i++) {
		entry = rcu_dereference_raw(cm->entries[i]);
		if (entry)
			entry_free(entry);
	}
	bpf_map_area_free(cm->entries);
	bpf_map_area_free(cm);
}

static void *cpumap_target(struct bpf_map *map, u32 key)
{
	struct cpumap *cm = cpumap_of(map);

	return key < map->max_entries ?
	       rcu_dereference_check(cm->entries[key], rcu_read_lock_bh_held()) : NULL;
}

static void *cpumap_lookup(struct bpf_map *map, void *key)
{
	struct bpf_cpu_entry *entry = cpumap_target(map, *(u32 *)key);

	return entry ? &entry->val : NULL;
}

static long cpumap_put(struct bpf_map *map, u32 cpu, struct bpf_cpu_entry *entry)
{
	struct bpf_cpu_entry *old;

	old = unrcu_pointer(xchg(&cpumap_of(map)->entries[cpu], RCU_INITIALIZER(entry)));
	entry_retire(old);
	return 0;
}

/* Starts a thread, and so sleeps: from user space only. */
static int cpumap_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			     u64 flags)
{
	struct bpf_cpumap_val val = {};
	struct bpf_cpu_entry *entry;
	u32 cpu = *(u32 *)key;

	if (flags > BPF_EXIST)
		return -EINVAL;
	if (cpu >= map->max_entries)
		return -E2BIG;
	if (flags == BPF_NOEXIST)
		return -EEXIST;

	memcpy(&val, value, map->value_size);
	if (val.qsize > RING_MAX)
		return -EOVERFLOW;
	if (cpu >= nr_cpumask_bits || !cpu_possible(cpu))
		return -ENODEV;
	if (!val.qsize)
		return cpumap_put(map, cpu, NULL);

	entry = entry_new(map, cpu, &val);
	return IS_ERR(entry) ? PTR_ERR(entry) : cpumap_put(map, cpu, entry);
}

static long cpumap_delete(struct bpf_map *map, void *key)
{
	u32 cpu = *(u32 *)key;

	return cpu < map->max_entries ? cpumap_put(map, cpu, NULL) : -EINVAL;
}

static long cpumap_redirect(struct bpf_map *map, u64 key, u64 flags)
{
	return xdp_redirect_map(map, key, flags, 0, cpumap_target);
}

static u64 cpumap_mem_usage(const struct bpf_map *map)
{
	return sizeof(struct cpumap) + array_size(map->max_entries, sizeof(void *));
}

const struct bpf_map_ops bpf_cpumap_ops = {
	.alloc_check	= cpumap_alloc_check,
	.alloc		= cpumap_alloc,
	.free		= cpumap_free,
	.get_next_key	= bpf_array_get_next_key,
	.lookup_elem	= cpumap_lookup,
	.sys_update	= cpumap_sys_update,
	.delete_elem	= cpumap_delete,
	.check_btf	= map_check_no_btf,
	.meta_equal	= bpf_map_meta_equal,
	.redirect	= cpumap_redirect,
	.mem_usage	= cpumap_mem_usage,
};
