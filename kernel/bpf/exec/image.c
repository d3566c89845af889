// SPDX-License-Identifier: GPL-2.0
/*
 * Executable memory for images.
 *
 * Images share packs of memory that is read-only and executable from the
 * start to the end of its life; unused parts hold trapping instructions. A
 * pack hands out chunks; one bit a chunk says that it is taken, another that
 * an image ends with it. An image is written in ordinary memory and copied
 * into its place once, by the architecture's way of writing to text.
 */
#include <linux/bitmap.h>
#include <linux/capability.h>
#include <linux/execmem.h>
#include <linux/init.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/moduleloader.h>
#include <linux/mutex.h>
#include <linux/set_memory.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/vmalloc.h>
#include "exec/exec.h"

#define PACK_SIZE	max_t(u32, SZ_256K, PAGE_SIZE)
#define CHUNK_SHIFT	6
#define CHUNK_SIZE	((u32)BIT(CHUNK_SHIFT))
/* Far above what a million instructions become. */
#define IMAGE_MAX	SZ_256M

/**
 * struct image_pack - executable memory that images share
 * @node: in packs
 * @text: the memory
 * @chunks: chunks in it
 * @used: chunks taken
 * @taken: a bit a chunk: belongs to an image
 * @last: a bit a chunk: an image ends here
 */
struct image_pack {
	struct list_head node;
	u8 *text;
	u32 chunks;
	u32 used;
	unsigned long *taken;
	unsigned long *last;
};

static LIST_HEAD(packs);
static DEFINE_MUTEX(pack_lock);		/* packs and all that is in them */

long bpf_jit_limit __read_mostly;
long bpf_jit_limit_max __read_mostly;
static atomic_long_t image_bytes;

static int __init image_limit_init(void)
{
#ifdef MODULES_VADDR
	bpf_jit_limit_max = MODULES_END - MODULES_VADDR;
#else
	bpf_jit_limit_max = VMALLOC_END - VMALLOC_START;
#endif
	bpf_jit_limit = round_down(bpf_jit_limit_max / 2, PAGE_SIZE);
	return 0;
}
pure_initcall(image_limit_init);

static int image_charge(u32 size)
{
	long limit = READ_ONCE(bpf_jit_limit);

	if (atomic_long_add_return(size, &image_bytes) > limit &&
	    !bpf_token_capable(NULL, CAP_BPF)) {
		atomic_long_sub(size, &image_bytes);
		return -EPERM;
	}
	return 0;
}

static void image_uncharge(u32 size)
{
	atomic_long_sub(size, &image_bytes);
}

int __weak bpf_arch_text_copy(void *dst, const void *src, size_t len)
{
	return -EOPNOTSUPP;
}

int __weak bpf_arch_text_invalidate(void *dst, size_t len)
{
	return -EOPNOTSUPP;
}

void __weak bpf_arch_fill_hole(void *area, size_t len)
{
	memset(area, 0, len);
}

static void pack_free(struct image_pack *pack)
{
	if (pack->text)
		execmem_free(pack->text);
	bitmap_free(pack->taken);
	bitmap_free(pack->last);
	kfree(pack);
}

static struct image_pack *pack_new(u32 size)
{
	struct image_pack *pack = kzalloc(sizeof(*pack), GFP_KERNEL);

	if (!pack)
		return NULL;
	pack->chunks = size >> CHUNK_SHIFT;
	pack->taken = bitmap_zalloc(pack->chunks, GFP_KERNEL);
	pack->last = bitmap_zalloc(pack->chunks, GFP_KERNEL);
	if (pack->taken && pack->last)
		pack->text = execmem_alloc(EXECMEM_BPF, size);
	if (!pack->text)
		goto free;
	bpf_arch_fill_hole(pack->text, size);
	set_vm_flush_reset_perms(pack->text);
	if (set_memory_rox((unsigned long)pack->text, size >> PAGE_SHIFT))
		goto free;
	return pack;
free:
	pack_free(pack);
	return NULL;
}

/* Takes @chunks chunks of @pack, NULL where it has no such room. */
static u8 *pack_take(struct image_pack *pack, u32 chunks)
{
	unsigned long start;

	if (chunks > pack->chunks - pack->used)
		return NULL;
	start = bitmap_find_next_zero_area(pack->taken, pack->chunks, 0, chunks, 0);
	if (start >= pack->chunks)
		return NULL;
	bitmap_set(pack->taken, start, chunks);
	__set_bit(start + chunks - 1, pack->last);
	pack->used += chunks;
	return pack->text + (start << CHUNK_SHIFT);
}

static struct image_pack *pack_find(const void *text)
{
	struct image_pack *pack;

	list_for_each_entry(pack, &packs, node) {
		if ((const u8 *)text >= pack->text &&
		    (const u8 *)text < pack->text + ((size_t)pack->chunks << CHUNK_SHIFT))
			return pack;
	}
	return NULL;
}

/* Chunks of the image that begins at chunk @start */
static u32 pack_image_chunks(const struct image_pack *pack, u32 start)
{
	return find_next_bit(pack->last, pack->chunks, start) - start + 1;
}

static u8 *image_take(u32 size)
{
	u32 chunks = DIV_ROUND_UP(size, CHUNK_SIZE);
	struct image_pack *pack;
	u8 *text = NULL;

	mutex_lock(&pack_lock);
	list_for_each_entry(pack, &packs, node) {
		text = pack_take(pack, chunks);
		if (text)
			goto out;
	}
	pack = pack_new(max_t(u32, PACK_SIZE, PAGE_ALIGN(size)));
	if (pack) {
		list_add_tail(&pack->node, &packs);
		text = pack_take(pack, chunks);
	}
out:
	mutex_unlock(&pack_lock);
	return text;
}

/**
 * bpf_image_alloc - get room for an image
 * @image: filled in: where the image will run, and where to write it
 * @size: bytes
 *
 * The place is aligned to 64 bytes; the copy to write to is filled with
 * trapping instructions.
 *
 * Context: Process context, may sleep.
 * Return: 0; -ENOMEM; -EPERM when bpf_jit_limit is reached and the caller has
 * no CAP_BPF; -EINVAL for a size of 0; -E2BIG.
 */
int bpf_image_alloc(struct bpf_image *image, u32 size)
{
	u32 charged = round_up(size, CHUNK_SIZE);
	int err;

	if (!size)
		return -EINVAL;
	if (size > IMAGE_MAX)
		return -E2BIG;
	err = image_charge(charged);
	if (err)
		return err;
	image->size = size;
	image->rw = kvmalloc(size, GFP_KERNEL);
	if (!image->rw)
		goto uncharge;
	image->text = image_take(size);
	if (!image->text)
		goto free;
	bpf_arch_fill_hole(image->rw, size);
	return 0;
free:
	kvfree(image->rw);
	image->rw = NULL;
uncharge:
	image_uncharge(charged);
	return -ENOMEM;
}

/**
 * bpf_image_publish - copy an image to where it runs
 * @image: written image; its writable copy is gone afterwards
 *
 * Context: Process context, may sleep.
 * Return: 0 or the architecture's error; then the image is still to be
 * discarded.
 */
int bpf_image_publish(struct bpf_image *image)
{
	int err = bpf_arch_text_copy(image->text, image->rw, image->size);

	if (err)
		return err;
	kvfree(image->rw);
	image->rw = NULL;
	return 0;
}

/**
 * bpf_image_discard - free an image that never ran
 * @image: from bpf_image_alloc(), published or not; taken as well when empty
 *
 * Context: Process context, may sleep.
 */
void bpf_image_discard(struct bpf_image *image)
{
	kvfree(image->rw);
	bpf_image_free(image->text);
	image->rw = NULL;
	image->text = NULL;
}

/**
 * bpf_image_free - free an image
 * @text: start of it, NULL is taken; nobody runs it any more
 *
 * Context: Process context, may sleep.
 */
void bpf_image_free(void *text)
{
	struct image_pack *pack;
	u32 start, chunks;

	if (!text)
		return;
	mutex_lock(&pack_lock);
	pack = pack_find(text);
	if (WARN_ON_ONCE(!pack))
		goto out;
	start = ((u8 *)text - pack->text) >> CHUNK_SHIFT;
	chunks = pack_image_chunks(pack, start);
	WARN_ON_ONCE(bpf_arch_text_invalidate(text, (size_t)chunks << CHUNK_SHIFT));
	bitmap_clear(pack->taken, start, chunks);
	__clear_bit(start + chunks - 1, pack->last);
	pack->used -= chunks;
	image_uncharge(chunks << CHUNK_SHIFT);
	if (!pack->used && !list_is_singular(&packs)) {
		list_del(&pack->node);
		pack_free(pack);
	}
out:
	mutex_unlock(&pack_lock);
}

/**
 * bpf_image_size - room that an image takes
 * @text: start of it
 *
 * Context: Process context, may sleep.
 * Return: bytes, a multiple of 64; 0 where no image begins.
 */
u32 bpf_image_size(const void *text)
{
	struct image_pack *pack;
	u32 size = 0;

	mutex_lock(&pack_lock);
	pack = pack_find(text);
	if (pack)
		size = pack_image_chunks(pack, ((u8 *)text - pack->text) >> CHUNK_SHIFT)
		       << CHUNK_SHIFT;
	mutex_unlock(&pack_lock);
	return size;
}
