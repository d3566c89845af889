// SPDX-License-Identifier: GPL-2.0
/*
 * Arrays: keys are the indices 0 to max_entries - 1, all elements exist from the start and none can
 * be deleted. Values are zero at first. A look-up by index never takes a lock; whoever needs a
 * value to change as a whole uses a spin lock in the value with BPF_F_LOCK.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/percpu.h>
#include <linux/rcupdate.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>

#include "btf/btf.h"
#include "btf/record.h"
#include "exec/arch.h"
#include "isa/insn.h"
#include "maps/array.h"
#include "maps/maps.h"

static bool array_is_percpu(const struct bpf_map *map)
{
	return map->map_type == BPF_MAP_TYPE_PERCPU_ARRAY;
}

/**
 * bpf_array_alloc_check - what all arrays ask of their creation attributes
 * @attr: attributes; flags have been checked against the type's row
 *
 * Context: any.
 * Return: 0, -EINVAL, or -E2BIG for values above KMALLOC_MAX_SIZE.
 */
int bpf_array_alloc_check(const union bpf_attr *attr)
{
	if (!attr->max_entries || attr->key_size != sizeof(u32) || !attr->value_size)
		return -EINVAL;
	/* user space reads and writes elements through one kmalloc()ed copy */
	if (attr->value_size > KMALLOC_MAX_SIZE)
		return -E2BIG;
	return 0;
}

static int array_alloc_check(const union bpf_attr *attr)
{
	bool percpu = attr->map_type == BPF_MAP_TYPE_PERCPU_ARRAY;

	if (percpu && attr->map_flags & (BPF_F_MMAPABLE | BPF_F_INNER_MAP | BPF_F_NUMA_NODE))
		return -EINVAL;
	if (percpu && round_up(attr->value_size, 8) > PCPU_MIN_UNIT_SIZE)
		return -E2BIG;
	return bpf_array_alloc_check(attr);
}

/**
 * bpf_array_alloc_head - an array without its elements
 * @attr: checked attributes
 * @slot_size: bytes an element takes in the table
 *
 * Sets elem_size, index_mask and, for programs that may speculate, makes sure that the table can be
 * sized for index_mask + 1 slots.
 *
 * Context: process context, may sleep.
 * Return: the array with the common part set, or ERR_PTR: -E2BIG where the size overflows, -ENOMEM.
 */
struct bpf_array *bpf_array_alloc_head(const union bpf_attr *attr, u64 slot_size)
{
	bool bypass_spec_v1 = bpf_token_capable(NULL, CAP_PERFMON);
	struct bpf_array *array;
	u64 slots;

	/* Above 2^31 entries the power of two does not fit; 2^32 entries never fit in memory. */
	slots = bypass_spec_v1 ? attr->max_entries : roundup_pow_of_two((u64)attr->max_entries);
	if (slots > U32_MAX || check_mul_overflow(slots, slot_size, &slot_size))
		return ERR_PTR(-E2BIG);

	array = bpf_map_area_alloc(sizeof(*array), NUMA_NO_NODE);
	if (!array)
		return ERR_PTR(-ENOMEM);
	bpf_map_init_from_attr(&array->map, attr);
	INIT_LIST_HEAD(&array->pokes);
	array->map.bypass_spec_v1 = bypass_spec_v1;
	array->index_mask = bypass_spec_v1 ? U32_MAX : (u32)slots - 1;
	return array;
}

static u64 array_slots(const struct bpf_array *array)
{
	return array->map.bypass_spec_v1 ? array->map.max_entries : (u64)array->index_mask + 1;
}

static void percpu_free_elems(struct bpf_array *array)
{
	u32 i;

	for (i = 0; array->pptrs && i < array->map.max_entries; i++) {
		free_percpu(array->pptrs[i]);
		cond_resched();
	}
	bpf_map_area_free(array->pptrs);
}

static int percpu_alloc_elems(struct bpf_array *array)
{
	u32 i;

	array->pptrs = bpf_map_area_alloc(array_slots(array) * sizeof(*array->pptrs),
					  array->map.numa_node);
	if (!array->pptrs)
		return -ENOMEM;

	for (i = 0; i < array->map.max_entries; i++) {
		array->pptrs[i] = bpf_map_alloc_percpu(&array->map, array->elem_size, 8,
						       GFP_USER | __GFP_NOWARN);
		if (!array->pptrs[i]) {
			percpu_free_elems(array);
			return -ENOMEM;
		}
		cond_resched();
	}
	return 0;
}

static int array_alloc_elems(struct bpf_array *array)
{
	u64 size;

	if (check_mul_overflow(array_slots(array), (u64)array->elem_size, &size))
		return -E2BIG;
	if (array->map.map_flags & BPF_F_MMAPABLE) {
		if (size > U64_MAX - PAGE_SIZE)
			return -E2BIG;
		array->data = bpf_map_area_mmapable_alloc(PAGE_ALIGN(size), array->map.numa_node);
	} else {
		array->data = bpf_map_area_alloc(size, array->map.numa_node);
	}
	return array->data ? 0 : -ENOMEM;
}

static struct bpf_map *array_alloc(const union bpf_attr *attr)
{
	bool percpu = attr->map_type == BPF_MAP_TYPE_PERCPU_ARRAY;
	u32 elem_size = round_up(attr->value_size, 8);
	struct bpf_array *array;
	int err;

	array = bpf_array_alloc_head(attr, percpu ? sizeof(void *) : elem_size);
	if (IS_ERR(array))
		return ERR_CAST(array);

	array->elem_size = elem_size;
	err = percpu ? percpu_alloc_elems(array) : array_alloc_elems(array);
	if (err) {
		bpf_map_area_free(array);
		return ERR_PTR(err);
	}
	return &array->map;
}

static void *array_elem(const struct bpf_array *array, u32 index)
{
	return array->data + (u64)array->elem_size * index;
}

static void array_free_fields(struct bpf_array *array)
{
	struct btf_record *rec = array->map.record;
	u32 i;
	int cpu;

	if (!rec)
		return;
	for (i = 0; i < array->map.max_entries; i++) {
		if (!array_is_percpu(&array->map)) {
			bpf_value_free_fields(rec, array_elem(array, i));
			continue;
		}
		for_each_possible_cpu(cpu)
			bpf_value_free_fields(rec, per_cpu_ptr(array->pptrs[i], cpu));
		cond_resched();
	}
}

static void array_free(struct bpf_map *map)
{
	struct bpf_array *array = to_bpf_array(map);

	array_free_fields(array);
	if (array_is_percpu(map))
		percpu_free_elems(array);
	else
		bpf_map_area_free(array->data);
	bpf_map_area_free(array);
}

/* Timers and work of a value must not outlive the last user of the map. */
static void array_release_uref(struct bpf_map *map)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 i;

	if (!btf_record_has(map->record, BPF_TIMER | BPF_WORKQUEUE) || array_is_percpu(map))
		return;
	for (i = 0; i < map->max_entries; i++)
		bpf_value_cancel_async(map->record, array_elem(array, i));
}

static void *array_lookup(struct bpf_map *map, void *key)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;

	if (unlikely(index >= map->max_entries))
		return NULL;
	return array_elem(array, index & array->index_mask);
}

static void *percpu_lookup(struct bpf_map *map, void *key)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;

	if (unlikely(index >= map->max_entries))
		return NULL;
	return this_cpu_ptr(array->pptrs[index & array->index_mask]);
}

static void *percpu_lookup_cpu(struct bpf_map *map, void *key, u32 cpu)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;

	if (unlikely(index >= map->max_entries || cpu >= nr_cpu_ids || !cpu_possible(cpu)))
		return NULL;
	return per_cpu_ptr(array->pptrs[index & array->index_mask], cpu);
}

/**
 * bpf_array_get_next_key - walk the indices in order
 * @map: any map whose keys are indices below max_entries
 * @key: u32 index, NULL or one out of bounds: from the start
 * @next_key: u32 index
 *
 * Context: any. Return: 0, or -ENOENT after the last.
 */
int bpf_array_get_next_key(struct bpf_map *map, void *key, void *next_key)
{
	u32 index = key ? *(u32 *)key : U32_MAX;

	if (index >= map->max_entries) {
		*(u32 *)next_key = 0;
		return 0;
	}
	if (index == map->max_entries - 1)
		return -ENOENT;
	*(u32 *)next_key = index + 1;
	return 0;
}

static int array_check_update(const struct bpf_map *map, u32 index, u64 flags)
{
	if (unlikely((flags & ~BPF_F_LOCK) > BPF_EXIST))
		return -EINVAL;
	if (unlikely(index >= map->max_entries))
		return -E2BIG;
	if (unlikely((flags & ~BPF_F_LOCK) == BPF_NOEXIST))
		return -EEXIST;
	if (unlikely(flags & BPF_F_LOCK && !btf_record_has(map->record, BPF_SPIN_LOCK)))
		return -EINVAL;
	return 0;
}

static long array_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;
	void *elem;
	int err;

	err = array_check_update(map, index, flags);
	if (unlikely(err))
		return err;

	elem = array_elem(array, index & array->index_mask);
	if (flags & BPF_F_LOCK)
		bpf_value_copy_locked(map->record, elem, value, map->value_size, false);
	else
		bpf_value_copy(map->record, elem, value, map->value_size);
	bpf_value_free_fields(map->record, elem);
	return 0;
}

/* A program's update: this CPU's value only. */
static long percpu_update(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;
	void *elem;
	int err;

	err = flags & BPF_F_LOCK ? -EINVAL : array_check_update(map, index, flags);
	if (unlikely(err))
		return err;

	elem = this_cpu_ptr(array->pptrs[index & array->index_mask]);
	bpf_value_copy(map->record, elem, value, map->value_size);
	bpf_value_free_fields(map->record, elem);
	return 0;
}

/* User space's update: @value has a stride for each possible CPU. */
static int percpu_sys_update(struct bpf_map *map, struct file *map_file, void *key, void *value,
			     u64 flags)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key, stride = bpf_map_value_stride(map);
	void __percpu *pptr;
	void *elem;
	int cpu, err;

	err = flags & BPF_F_LOCK ? -EINVAL : array_check_update(map, index, flags);
	if (err)
		return err;

	pptr = array->pptrs[index & array->index_mask];
	for_each_possible_cpu(cpu) {
		elem = per_cpu_ptr(pptr, cpu);
		bpf_value_copy(map->record, elem, value, map->value_size);
		bpf_value_free_fields(map->record, elem);
		value += stride;
	}
	return 0;
}

static int percpu_copy_value(struct bpf_map *map, void *key, void *value, u64 flags)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key, stride = bpf_map_value_stride(map);
	void __percpu *pptr;
	int cpu;

	if (flags & BPF_F_LOCK)
		return -EINVAL;
	if (index >= map->max_entries)
		return -ENOENT;

	pptr = array->pptrs[index & array->index_mask];
	for_each_possible_cpu(cpu) {
		bpf_value_copy(map->record, value, per_cpu_ptr(pptr, cpu), map->value_size);
		bpf_value_clear_fields(map->record, value);
		value += stride;
	}
	return 0;
}

static u32 percpu_sys_value_size(const struct bpf_map *map)
{
	return bpf_map_value_stride(map) * num_possible_cpus();
}

static long array_delete(struct bpf_map *map, void *key)
{
	return -EINVAL;
}

static int array_direct_value_addr(const struct bpf_map *map, u64 *addr, u32 off)
{
	struct bpf_array *array = to_bpf_array(map);

	if (map->max_entries != 1)
		return -EOPNOTSUPP;
	if (off >= map->value_size)
		return -EINVAL;
	*addr = (unsigned long)array->data + off;
	return 0;
}

static int array_direct_value_meta(const struct bpf_map *map, u64 addr, u32 *off)
{
	u64 base = (unsigned long)to_bpf_array(map)->data;

	if (map->max_entries != 1)
		return -EOPNOTSUPP;
	if (addr < base || addr - base >= map->value_size)
		return -ENOENT;
	*off = addr - base;
	return 0;
}

static int array_mmap(struct bpf_map *map, struct vm_area_struct *vma)
{
	struct bpf_array *array = to_bpf_array(map);
	u64 pages = PAGE_ALIGN(array_slots(array) * array->elem_size) >> PAGE_SHIFT;

	if (!(map->map_flags & BPF_F_MMAPABLE))
		return -EINVAL;
	/* in pages: the offset in bytes may come from anywhere in 64 bits */
	if (vma->vm_pgoff > pages || vma_pages(vma) > pages - vma->vm_pgoff)
		return -EINVAL;
	return remap_vmalloc_range(vma, array->data, vma->vm_pgoff);
}

static long array_for_each(struct bpf_map *map, bpf_callback_t cb, void *ctx, u64 flags)
{
	struct bpf_array *array = to_bpf_array(map);
	bool percpu = array_is_percpu(map);
	u32 i, key;
	void *elem;

	if (flags)
		return -EINVAL;

	/* a per-CPU value must stay this CPU's from one element to the next */
	if (percpu)
		migrate_disable();
	for (i = 0; i < map->max_entries; i++) {
		key = i;
		elem = percpu ? this_cpu_ptr(array->pptrs[i]) : array_elem(array, i);
		if (cb((unsigned long)map, (unsigned long)&key, (unsigned long)elem,
		       (unsigned long)ctx, 0)) {
			i++;
			break;
		}
	}
	if (percpu)
		migrate_enable();
	return i;
}

/*
 * Begins a look-up of the array whose elements stand at @base: R1 = @base, R0 = index, and if
 * that is out of bounds @skip instructions and the end that gen_end() makes are skipped to NULL.
 */
static struct bpf_insn *gen_begin(const struct bpf_map *map, struct bpf_insn *insn,
				  const void *base, u32 skip)
{
	insn_ld_imm64(insn, BPF_REG_1, BPF_PSEUDO_MAP_VALUE, (unsigned long)base);
	insn += 2;
	*insn++ = insn_load(BPF_W, BPF_REG_0, BPF_REG_2, 0);
	if (map->bypass_spec_v1) {
		*insn++ = insn_jump32_imm(BPF_JGE, BPF_REG_0, map->max_entries, skip + 1);
	} else {
		*insn++ = insn_jump32_imm(BPF_JGE, BPF_REG_0, map->max_entries, skip + 2);
		*insn++ = insn_alu32_imm(BPF_AND, BPF_REG_0, to_bpf_array(map)->index_mask);
	}
	return insn;
}

/* The element's address is never NULL, and whoever compiles may rely on that. */
static struct bpf_insn *gen_end(struct bpf_insn *insn)
{
	*insn++ = insn_goto_nonzero(BPF_REG_0, 1);
	*insn++ = insn_mov64_imm(BPF_REG_0, 0);
	return insn;
}

#define GEN_MAX	12

/* R0 = index < max_entries ? address of the element : NULL, without a call. */
static int array_gen_lookup(struct bpf_map *map, struct bpf_insn *buf, u32 cap)
{
	u32 elem_size = round_up(map->value_size, 8);
	struct bpf_insn *insn;

	/* inner maps of another length may stand in for this one */
	if (cap < GEN_MAX || map->map_flags & BPF_F_INNER_MAP)
		return 0;
	insn = gen_begin(map, buf, to_bpf_array(map)->data, 2);
	if (is_power_of_2(elem_size))
		*insn++ = insn_alu64_imm(BPF_LSH, BPF_REG_0, ilog2(elem_size));
	else
		*insn++ = insn_alu64_imm(BPF_MUL, BPF_REG_0, elem_size);
	*insn++ = insn_alu64_reg(BPF_ADD, BPF_REG_0, BPF_REG_1);
	return gen_end(insn) - buf;
}

#ifdef CONFIG_BPF_JIT
/* R0 = index < max_entries ? address of this CPU's element : NULL. */
static int percpu_gen_lookup(struct bpf_map *map, struct bpf_insn *buf, u32 cap)
{
	struct bpf_insn *insn;

	if (cap < GEN_MAX || !bpf_jit_supports_percpu_insn())
		return 0;
	insn = gen_begin(map, buf, to_bpf_array(map)->pptrs, 4);
	*insn++ = insn_alu64_imm(BPF_LSH, BPF_REG_0, ilog2(sizeof(void *)));
	*insn++ = insn_alu64_reg(BPF_ADD, BPF_REG_0, BPF_REG_1);
	*insn++ = insn_load(BPF_DW, BPF_REG_0, BPF_REG_0, 0);
	*insn++ = insn_mov_percpu(BPF_REG_0, BPF_REG_0);
	return gen_end(insn) - buf;
}
#endif

static int array_check_btf(const struct bpf_map *map, const struct btf *btf,
			   const struct btf_type *key_type, const struct btf_type *value_type)
{
	/* an array of one may have no key type: it is a section of global variables */
	if (btf_type_is_void(key_type))
		return map->map_type == BPF_MAP_TYPE_ARRAY && map->max_entries == 1 ? 0 : -EINVAL;
	/* key: a 32-bit integer */
	return btf_type_is_u32_key(btf, key_type) ? 0 : -EINVAL;
}

static bool array_meta_equal(const struct bpf_map *meta, const struct bpf_map *inner)
{
	if (!bpf_map_meta_equal(meta, inner))
		return false;
	/* inlined look-ups compare with the size that was verified */
	return meta->map_flags & BPF_F_INNER_MAP || meta->max_entries == inner->max_entries;
}

static void array_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	void *value;

	rcu_read_lock();
	value = array_lookup(map, key);
	if (value) {
		if (map->btf_key_type_id)
			seq_printf(m, "%u: ", *(u32 *)key);
		btf_type_seq_show(map->btf, map->btf_value_type_id, value, m);
		seq_putc(m, '\n');
	}
	rcu_read_unlock();
}

static void percpu_show_elem(struct bpf_map *map, void *key, struct seq_file *m)
{
	struct bpf_array *array = to_bpf_array(map);
	u32 index = *(u32 *)key;
	int cpu;

	if (index >= map->max_entries)
		return;
	seq_printf(m, "%u: {\n", index);
	for_each_possible_cpu(cpu) {
		seq_printf(m, "\tcpu%d: ", cpu);
		btf_type_seq_show(map->btf, map->btf_value_type_id,
				  per_cpu_ptr(array->pptrs[index], cpu), m);
		seq_putc(m, '\n');
	}
	seq_puts(m, "}\n");
}

static u64 array_mem_usage(const struct bpf_map *map)
{
	struct bpf_array *array = to_bpf_array(map);
	u64 size = sizeof(*array);

	if (!array_is_percpu(map))
		return size + array_slots(array) * array->elem_size;
	size += array_slots(array) * sizeof(*array->pptrs);
	return size + (u64)array->elem_size * num_possible_cpus() * map->max_entries;
}

const struct bpf_map_ops bpf_array_ops = {
	.alloc_check = array_alloc_check,
	.alloc = array_alloc,
	.free = array_free,
	.release_uref = array_release_uref,
	.get_next_key = bpf_array_get_next_key,
	.lookup_elem = array_lookup,
	.update_elem = array_update,
	.delete_elem = array_delete,
	.direct_value_addr = array_direct_value_addr,
	.direct_value_meta = array_direct_value_meta,
	.mmap = array_mmap,
	.for_each = array_for_each,
	.gen_lookup = array_gen_lookup,
	.check_btf = array_check_btf,
	.meta_equal = array_meta_equal,
	.show_elem = array_show_elem,
	.mem_usage = array_mem_usage,
};

const struct bpf_map_ops bpf_percpu_array_ops = {
	.alloc_check = array_alloc_check,
	.alloc = array_alloc,
	.free = array_free,
	.get_next_key = bpf_array_get_next_key,
	.lookup_elem = percpu_lookup,
#ifdef CONFIG_BPF_JIT
	.gen_lookup = percpu_gen_lookup,
#endif
	.lookup_percpu_elem = percpu_lookup_cpu,
	.update_elem = percpu_update,
	.delete_elem = array_delete,
	.copy_value = percpu_copy_value,
	.sys_update = percpu_sys_update,
	.sys_value_size = percpu_sys_value_size,
	.for_each = array_for_each,
	.check_btf = array_check_btf,
	.meta_equal = bpf_map_meta_equal,
	.show_elem = percpu_show_elem,
	.mem_usage = array_mem_usage,
};
