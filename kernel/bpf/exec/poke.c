// SPDX-License-Identifier: GPL-2.0
/*
 * Direct tail calls: those whose array and index the verifier knows. The image
 * does not look at the array; it is patched when the slot changes.
 *
 * Such a call is two patchable jumps. The first one leads past the call as long
 * as the slot is empty; the second one, behind the end of the frame, leads to
 * the program. A slot is filled by setting the second, then opening the first;
 * it is emptied by closing the first alone: who is between the two goes to the
 * old program, which lives until they are through.
 */
#include <linux/bug.h>
#include <linux/kernel.h>
#include <linux/list.h>
#include <linux/log2.h>
#include <linux/mutex.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "exec/arch.h"
#include "exec/exec.h"

/* Direct tail calls that a program gets room for with its first. */
#define POKE_ROOM_MIN	4

/* Machines that cannot patch images have no JIT that asks for it. */
int __weak bpf_arch_image_poke(void *ip, void *old_addr, void *new_addr)
{
	return -EOPNOTSUPP;
}

/* All lists of all arrays, and what their images jump to. */
static DEFINE_MUTEX(poke_lock);

static struct bpf_tail_map *tail_map(struct bpf_map *map)
{
	return container_of(map, struct bpf_tail_map, map);
}

/* Descriptors that there is room for where there are @n: the number itself tells. */
static u32 poke_room(u32 n)
{
	return n ? max_t(u32, roundup_pow_of_two(n), POKE_ROOM_MIN) : 0;
}

/**
 * bpf_poke_new - note a tail call that may be direct
 * @prog: main program, not compiled yet
 * @map: prog array that @prog holds
 * @key: index, below max_entries
 *
 * Context: Process; allocates.
 * Return: its number in aux->poke_tab, or -ENOMEM.
 */
int bpf_poke_new(struct bpf_prog *prog, struct bpf_map *map, u32 key)
{
	struct bpf_prog_aux *aux = prog->aux;
	u32 nr = aux->size_poke_tab;
	struct bpf_jit_poke_descriptor *tab = aux->poke_tab;

	if (nr == poke_room(nr)) {
		tab = kvcalloc(poke_room(nr + 1), sizeof(*tab), GFP_KERNEL_ACCOUNT);
		if (!tab)
			return -ENOMEM;
		if (nr)
			memcpy(tab, aux->poke_tab, array_size(nr, sizeof(*tab)));
		kvfree(aux->poke_tab);
		aux->poke_tab = tab;
	}
	tab[nr] = (struct bpf_jit_poke_descriptor){ .map = map, .key = key };
	return aux->size_poke_tab++;
}

static void poke_open(struct bpf_jit_poke_descriptor *d, bool open)
{
	void *closed = d->out;

	if (d->open == open)
		return;
	if (WARN_ON_ONCE(bpf_arch_image_poke(d->bypass, open ? closed : NULL,
					     open ? NULL : closed)))
		return;
	d->open = open;
}

static void poke_set(struct bpf_jit_poke_descriptor *d, const struct bpf_prog *to)
{
	void *entry = to ? (u8 *)to->bpf_func + bpf_arch_tail_entry() : NULL;

	if (!entry) {
		poke_open(d, false);
		return;
	}
	if (d->to != entry) {
		if (WARN_ON_ONCE(bpf_arch_image_poke(d->target, d->to, entry))) {
			poke_open(d, false);
			return;
		}
		d->to = entry;
	}
	poke_open(d, true);
}

/**
 * bpf_poke_track - direct tail calls of a program follow an array from now on
 * @map: prog array
 * @aux: of the main program, compiled or not
 *
 * Context: Process, may sleep.
 */
void bpf_poke_track(struct bpf_map *map, struct bpf_prog_aux *aux)
{
	struct bpf_jit_poke_descriptor *d;
	u32 i;

	mutex_lock(&poke_lock);
	for (i = 0; i < aux->size_poke_tab; i++) {
		d = &aux->poke_tab[i];
		if (d->map != map || !d->bypass)
			continue;
		list_add_tail(&d->node, &tail_map(map)->pokes);
		poke_set(d, READ_ONCE(tail_map(map)->progs[d->key]));
	}
	mutex_unlock(&poke_lock);
}

/**
 * bpf_poke_untrack - a program's images are about to be freed
 * @map: prog array
 * @aux: of the main program, tracked or not
 *
 * Context: Process, may sleep.
 */
void bpf_poke_untrack(struct bpf_map *map, struct bpf_prog_aux *aux)
{
	struct bpf_jit_poke_descriptor *d;
	u32 i;

	mutex_lock(&poke_lock);
	for (i = 0; i < aux->size_poke_tab; i++) {
		d = &aux->poke_tab[i];
		if (d->map == map && d->node.next)
			list_del(&d->node);
		d->node.next = NULL;
	}
	mutex_unlock(&poke_lock);
}

/**
 * bpf_poke_swap - change a slot of a prog array and all that jumps by it
 * @map: prog array
 * @key: index, below max_entries
 * @new: what shall stand there, or NULL
 *
 * Context: Process, may sleep.
 * Return: what stood there; may be in use until a grace period has passed.
 */
struct bpf_prog *bpf_poke_swap(struct bpf_map *map, u32 key, struct bpf_prog *new)
{
	struct bpf_tail_map *tail = tail_map(map);
	struct bpf_jit_poke_descriptor *d;
	struct bpf_prog *old;

	mutex_lock(&poke_lock);
	old = xchg(&tail->progs[key], new);
	if (old != new) {
		list_for_each_entry(d, &tail->pokes, node) {
			if (d->key == key)
				poke_set(d, new);
		}
	}
	mutex_unlock(&poke_lock);
	return old;
}
