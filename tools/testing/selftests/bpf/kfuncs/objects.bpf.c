// SPDX-License-Identifier: GPL-2.0
/* Objects that programs allocate: lists, trees, references, pointers in maps, one a CPU. */
#include "vmlinux.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#include "kfuncs.h"
#include "objects.h"

#define container(node, type, member) \
	((type *)((void *)(node) - __builtin_offsetof(type, member)))

char LICENSE[] SEC("license") = "GPL";

struct item {
	__u64 key;
	struct bpf_list_node link;
	__u64 value;
};

struct entry {
	__u64 key;
	struct bpf_list_node link;
	struct bpf_rb_node branch;
	struct bpf_refcount refs;
	__u64 hits;
};

struct counters {
	__u64 packets, bytes;
};

struct parcel {
	__u64 number;
	struct item __kptr *inside;
};

struct owner {
	struct bpf_spin_lock lock;
	struct bpf_list_head items holds(item, link);
	struct bpf_rb_root tree holds(entry, branch);
};

together(queue) struct bpf_spin_lock queue_lock;
together(queue) struct bpf_list_head queue holds(item, link);

together(index) struct bpf_spin_lock index_lock;
together(index) struct bpf_rb_root index_tree holds(entry, branch);
together(index) struct bpf_list_head index_list holds(entry, link);

struct slot {
	__u64 uses;
	struct item __kptr *item;
	struct parcel __kptr *parcel;
	struct counters __percpu_kptr *counters;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct slot);
} slots SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u32);
	__type(value, struct owner);
} owners SEC(".maps");

struct job {
	__u64 runs;
	struct bpf_wq wq;
	__u64 key;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct job);
} jobs SEC(".maps");

/* Only their types: programs allocate them. */
struct item *unused_item;
struct entry *unused_entry;
struct counters *unused_counters;
struct parcel *unused_parcel;

static bool entry_less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container(a, struct entry, branch)->key < container(b, struct entry, branch)->key;
}

/* in[0] items through a queue: how many came out, whether in order, what they carried. */
SEC("?syscall")
int fifo(struct call *c)
{
	struct bpf_list_node *node;
	__u64 i, sum = 0, out = 0, last = 0, disorder = 0;
	struct item *it;

	for (i = 0; i < 1000 && i < c->in[0]; i++) {
		it = obj_new(struct item);
		if (!it)
			break;
		it->key = i + 1;
		bpf_spin_lock(&queue_lock);
		push_back(&queue, &it->link);
		it->value = 2 * (i + 1);
		bpf_spin_unlock(&queue_lock);
	}
	for (i = 0; i < 1000; i++) {
		bpf_spin_lock(&queue_lock);
		node = bpf_list_pop_front(&queue);
		bpf_spin_unlock(&queue_lock);
		if (!node)
			break;
		it = container(node, struct item, link);
		disorder += it->key <= last;
		last = it->key;
		sum += it->value;
		out++;
		obj_drop(it);
	}
	c->out[0] = out;
	c->out[1] = disorder;
	c->out[2] = sum;
	return 0;
}

/* in[0] keys into a tree in a scattered order, out again from the least. */
SEC("?syscall")
int sorted(struct call *c)
{
	__u64 i, out = 0, last = 0, disorder = 0;
	struct bpf_rb_node *node;
	struct entry *e;

	for (i = 0; i < 500 && i < c->in[0]; i++) {
		e = obj_new(struct entry);
		if (!e)
			break;
		e->key = (i * 197 + 31) % 499 + 1;
		bpf_spin_lock(&index_lock);
		tree_add(&index_tree, &e->branch, entry_less);
		bpf_spin_unlock(&index_lock);
	}
	for (i = 0; i < 500; i++) {
		bpf_spin_lock(&index_lock);
		node = bpf_rbtree_first(&index_tree);
		if (!node) {
			bpf_spin_unlock(&index_lock);
			break;
		}
		node = bpf_rbtree_remove(&index_tree, node);
		bpf_spin_unlock(&index_lock);
		if (!node)
			return 1;
		e = container(node, struct entry, branch);
		disorder += e->key < last;
		last = e->key;
		out++;
		obj_drop(e);
	}
	c->out[0] = out;
	c->out[1] = disorder;
	c->out[2] = last;
	return 0;
}

/* One object in a list and in a tree: found in one, it is still there in the other. */
SEC("?syscall")
int shared(struct call *c)
{
	struct bpf_list_node *link;
	struct bpf_rb_node *branch;
	struct entry *e, *again;

	e = obj_new(struct entry);
	if (!e)
		return 1;
	e->key = c->in[0];
	again = ref_acquire(e);
	bpf_spin_lock(&index_lock);
	push_front(&index_list, &e->link);
	tree_add(&index_tree, &again->branch, entry_less);
	branch = bpf_rbtree_first(&index_tree);
	if (branch)
		container(branch, struct entry, branch)->hits += 5;
	bpf_spin_unlock(&index_lock);

	bpf_spin_lock(&index_lock);
	link = bpf_list_pop_back(&index_list);
	bpf_spin_unlock(&index_lock);
	if (!link)
		return 2;
	e = container(link, struct entry, link);
	c->out[0] = e->hits;
	obj_drop(e);

	bpf_spin_lock(&index_lock);
	branch = bpf_rbtree_first(&index_tree);
	if (branch)
		branch = bpf_rbtree_remove(&index_tree, branch);
	bpf_spin_unlock(&index_lock);
	if (!branch)
		return 3;
	e = container(branch, struct entry, branch);
	c->out[1] = e->key;
	obj_drop(e);
	return 0;
}

/* A node that is in a list already is not inserted again: its reference is dropped. */
SEC("?syscall")
int twice(struct call *c)
{
	struct bpf_list_node *link;
	struct entry *e, *again;

	e = obj_new(struct entry);
	if (!e)
		return 1;
	again = ref_acquire(e);
	bpf_spin_lock(&index_lock);
	c->out[0] = push_front(&index_list, &e->link);
	c->out[1] = push_front(&index_list, &again->link);
	bpf_spin_unlock(&index_lock);
	bpf_spin_lock(&index_lock);
	link = bpf_list_pop_back(&index_list);
	bpf_spin_unlock(&index_lock);
	if (!link)
		return 2;
	obj_drop(container(link, struct entry, link));
	bpf_spin_lock(&index_lock);
	link = bpf_list_pop_back(&index_list);
	bpf_spin_unlock(&index_lock);
	if (link) {
		obj_drop(container(link, struct entry, link));
		return 3;
	}
	return 0;
}

/* Puts an item with in[0] into slot in[1], and says what was there. */
SEC("?syscall")
int stash(struct call *c)
{
	__u32 key = c->in[1];
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct item *it;

	if (!slot)
		return 1;
	it = obj_new(struct item);
	if (!it)
		return 2;
	it->value = c->in[0];
	it = bpf_kptr_xchg(&slot->item, it);
	c->out[0] = -1;
	if (it) {
		c->out[0] = it->value;
		obj_drop(it);
	}
	return 0;
}

/* Reads and changes it in place. */
SEC("?syscall")
int peek(struct call *c)
{
	__u32 key = c->in[1];
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct item *it;

	if (!slot)
		return 1;
	c->out[0] = -1;
	bpf_rcu_read_lock();
	it = slot->item;
	if (it) {
		c->out[0] = it->value;
		it->value++;
	}
	bpf_rcu_read_unlock();
	return 0;
}

/* An object that holds an object, left in the map. */
SEC("?syscall")
int nested(struct call *c)
{
	__u32 key = c->in[1];
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);
	struct parcel *p, *old;
	struct item *it;

	if (!slot)
		return 1;
	p = obj_new(struct parcel);
	if (!p)
		return 2;
	p->number = c->in[0];
	it = obj_new(struct item);
	if (!it) {
		obj_drop(p);
		return 3;
	}
	it->value = c->in[0] + 1;
	it = bpf_kptr_xchg(&p->inside, it);
	if (it)
		obj_drop(it);
	old = bpf_kptr_xchg(&slot->parcel, p);
	c->out[0] = -1;
	if (!old)
		return 0;
	c->out[0] = old->number;
	it = bpf_kptr_xchg(&old->inside, NULL);
	if (it) {
		c->out[1] = it->value;
		obj_drop(it);
	}
	obj_drop(old);
	return 0;
}

/* Counters of each CPU, made by the first who comes; the sum over all CPUs. */
SEC("?syscall")
int count(struct call *c)
{
	struct counters __percpu_kptr *fresh, *all;
	struct counters *mine, *of;
	__u32 key = c->in[1], cpu;
	struct slot *slot = bpf_map_lookup_elem(&slots, &key);

	if (!slot)
		return 1;
	bpf_rcu_read_lock();
	all = slot->counters;
	if (!all) {
		bpf_rcu_read_unlock();
		fresh = percpu_new(struct counters);
		if (!fresh)
			return 2;
		fresh = bpf_kptr_xchg(&slot->counters, fresh);
		if (fresh)
			percpu_drop(fresh);
		bpf_rcu_read_lock();
		all = slot->counters;
	}
	if (all) {
		mine = bpf_this_cpu_ptr(all);
		mine->packets++;
		mine->bytes += c->in[0];
		for (cpu = 0; cpu < 64; cpu++) {
			of = bpf_per_cpu_ptr(all, cpu);
			if (!of)
				break;
			c->out[0] += of->packets;
			c->out[1] += of->bytes;
		}
	}
	bpf_rcu_read_unlock();
	return 0;
}

static int job_run(void *map, int *key, void *value)
{
	struct job *job = value;

	job->key = *key + 100;
	__sync_fetch_and_add(&job->runs, 1);
	return 0;
}

/* Has job_run() run for element in[0]. */
SEC("?syscall")
int job(struct call *c)
{
	__u32 key = c->in[0];
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job)
		return 1;
	c->out[0] = bpf_wq_init(&job->wq, &jobs, 0);
	c->out[1] = bpf_wq_set_callback_impl(&job->wq, job_run, 0, NULL);
	c->out[2] = bpf_wq_start(&job->wq, 0);
	return 0;
}

SEC("?syscall")
int job_unset(struct call *c)
{
	__u32 key = 0;
	struct job *job = bpf_map_lookup_elem(&jobs, &key);

	if (!job)
		return 1;
	c->out[0] = bpf_wq_start(&job->wq, 0);
	return 0;
}

/* Lists and trees of elements of a hash, left for who deletes the element. */
SEC("?syscall")
int owned(struct call *c)
{
	struct owner zero = {}, *o;
	__u32 key = c->in[0], i;
	struct entry *e;
	struct item *it;

	bpf_map_update_elem(&owners, &key, &zero, BPF_NOEXIST);
	o = bpf_map_lookup_elem(&owners, &key);
	if (!o)
		return 1;
	for (i = 0; i < 20; i++) {
		it = obj_new(struct item);
		if (!it)
			return 2;
		e = obj_new(struct entry);
		if (!e) {
			obj_drop(it);
			return 3;
		}
		e->key = bpf_get_prandom_u32();
		bpf_spin_lock(&o->lock);
		push_back(&o->items, &it->link);
		tree_add(&o->tree, &e->branch, entry_less);
		bpf_spin_unlock(&o->lock);
		c->out[0]++;
	}
	if (c->in[1])
		bpf_map_delete_elem(&owners, &key);
	return 0;
}
