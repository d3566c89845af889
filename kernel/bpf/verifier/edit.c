// SPDX-License-Identifier: GPL-2.0
/*
 * Edits of a program, collected and applied at once.
 *
 * Applying is two passes over the old program: the first finds out where everything will stand,
 * the second writes it, jumps with their new distances. Nothing is moved twice, so the work is that
 * of sorting the edits and copying the program. Where a condition's 16 bits do not reach any more,
 * it jumps to a gotol behind it; as that takes room, the first pass is then done again.
 */
#include <linux/errno.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>
#include "verifier/verifier.h"

/* Instructions of a rewritten program, what its pages can hold is checked by who allocates them. */
#define NEW_LEN_MAX	(16U << 20)

/* One edit; its instructions are @cnt of the pool, from @first on. */
struct edit {
	u32 idx;
	u32 place;
	u32 seq;
	u32 first;
	u32 cnt;
};

/*
 * struct bpf_edits - a collection
 * @nr_insns: of the program that they are for
 * @edits: @nr of them, room for @cap
 * @pool: their instructions, @nr_pool, room for @cap_pool
 */
struct bpf_edits {
	u32 nr_insns;
	struct edit *edits;
	u32 nr;
	u32 cap;
	struct bpf_insn *pool;
	u32 nr_pool;
	u32 cap_pool;
};

/**
 * bpf_edits_new - an empty collection
 * @nr_insns: length of the program
 *
 * Context: process, may sleep. Return: the collection, or NULL.
 */
struct bpf_edits *bpf_edits_new(u32 nr_insns)
{
	struct bpf_edits *edits = kzalloc(sizeof(*edits), GFP_KERNEL);

	if (edits)
		edits->nr_insns = nr_insns;
	return edits;
}

/**
 * bpf_edits_free - drop a collection
 * @edits: may be NULL
 *
 * Context: process.
 */
void bpf_edits_free(struct bpf_edits *edits)
{
	if (!edits)
		return;
	kvfree(edits->edits);
	kvfree(edits->pool);
	kfree(edits);
}

/* Room for @more elements of @size behind @nr in an array that has room for *@cap. */
static int grow(void **array, u32 nr, u32 more, u32 *cap, size_t size)
{
	u32 want, bigger;
	void *p;

	if (check_add_overflow(nr, more, &want) || want > NEW_LEN_MAX)
		return -E2BIG;
	if (want <= *cap)
		return 0;
	bigger = max(want, max(*cap * 2, 64U));
	p = kvmalloc_array(bigger, size, GFP_KERNEL_ACCOUNT);
	if (!p)
		return -ENOMEM;
	if (nr)
		memcpy(p, *array, array_size(nr, size));
	kvfree(*array);
	*array = p;
	*cap = bigger;
	return 0;
}

/**
 * bpf_edit_add - add an edit
 * @edits: collection
 * @place: where, seen from the instruction
 * @idx: the instruction
 * @insns: copied
 * @cnt: how many
 *
 * Context: process, may sleep. Return: 0, -ENOMEM, -E2BIG, -EINVAL for no such instruction.
 */
int bpf_edit_add(struct bpf_edits *edits, enum bpf_edit_place place, u32 idx,
		 const struct bpf_insn *insns, u32 cnt)
{
	struct edit *edit;
	int err;

	if (idx >= edits->nr_insns)
		return -EINVAL;
	if (!cnt && place != BPF_EDIT_REPLACE)
		return 0;
	err = grow((void **)&edits->edits, edits->nr, 1, &edits->cap, sizeof(*edits->edits));
	if (!err)
		err = grow((void **)&edits->pool, edits->nr_pool, cnt, &edits->cap_pool,
			   sizeof(*edits->pool));
	if (err)
		return err;
	edit = &edits->edits[edits->nr];
	*edit = (struct edit) {
		.idx = idx, .place = place, .seq = edits->nr++, .first = edits->nr_pool,
		.cnt = cnt,
	};
	if (cnt)
		memcpy(edits->pool + edits->nr_pool, insns, array_size(cnt, sizeof(*insns)));
	edits->nr_pool += cnt;
	return 0;
}

static int edit_cmp(const void *a, const void *b)
{
	const struct edit *x = a, *y = b;

	if (x->idx != y->idx)
		return x->idx < y->idx ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	return x->seq < y->seq ? -1 : 1;
}

/**
 * bpf_edit_map_free - free the arrays of a map
 * @map: filled in by bpf_edits_apply(), or all NULL
 *
 * Context: process.
 */
void bpf_edit_map_free(struct bpf_edit_map *map)
{
	kvfree(map->first);
	kvfree(map->jump);
	kvfree(map->core);
	kvfree(map->survived);
	memset(map, 0, sizeof(*map));
}

static int map_alloc(struct bpf_edit_map *map, u32 len)
{
	map->first = kvcalloc(len + 1, sizeof(*map->first), GFP_KERNEL_ACCOUNT);
	map->jump = kvcalloc(len + 1, sizeof(*map->jump), GFP_KERNEL_ACCOUNT);
	map->core = kvcalloc(len + 1, sizeof(*map->core), GFP_KERNEL_ACCOUNT);
	map->survived = kvcalloc(len + 1, sizeof(*map->survived), GFP_KERNEL_ACCOUNT);
	return map->first && map->jump && map->core && map->survived ? 0 : -ENOMEM;
}

/*
 * struct apply - edits being applied
 * @far: per instruction: a condition that jumps by way of a gotol
 * @at: next edit
 * @pos: where the next instruction goes
 */
struct apply {
	const struct bpf_edits *edits;
	const struct bpf_insn *old;
	u32 old_len;
	struct bpf_insn *new;
	struct bpf_edit_map *map;
	bool *far;
	u32 at;
	u32 pos;
};

/* Instructions that a far jump takes beside itself: goto +1, gotol target. */
#define FAR_MORE 2

/* The next edit if it is for @idx at @place. */
static const struct edit *next_edit(struct apply *ap, u32 idx, u32 place)
{
	const struct edit *edit = &ap->edits->edits[ap->at];

	if (ap->at == ap->edits->nr || edit->idx != idx || edit->place != place)
		return NULL;
	ap->at++;
	return edit;
}

/* ------------------------------------------------------------------ first pass: places */

static void place_insn(struct apply *ap, u32 idx)
{
	struct bpf_edit_map *map = ap->map;
	const struct edit *edit;
	u32 slots = insn_slots(&ap->old[idx]);

	map->first[idx] = ap->pos;
	while ((edit = next_edit(ap, idx, BPF_EDIT_ENTRY)))
		ap->pos += edit->cnt;
	map->jump[idx] = ap->pos;
	while ((edit = next_edit(ap, idx, BPF_EDIT_BEFORE)))
		ap->pos += edit->cnt;
	map->core[idx] = ap->pos;
	map->survived[idx] = true;
	edit = next_edit(ap, idx, BPF_EDIT_REPLACE);
	if (edit)
		map->survived[idx] = false;
	ap->pos += edit ? edit->cnt : slots + (ap->far[idx] ? FAR_MORE : 0);
	while ((edit = next_edit(ap, idx, BPF_EDIT_AFTER)))
		ap->pos += edit->cnt;
	if (slots == 2) {
		map->first[idx + 1] = map->first[idx];
		map->jump[idx + 1] = map->jump[idx];
		map->core[idx + 1] = map->core[idx];
		map->survived[idx + 1] = map->survived[idx];
	}
}

static void place_all(struct apply *ap)
{
	struct bpf_edit_map *map = ap->map;
	u32 i;

	ap->at = 0;
	ap->pos = 0;
	for (i = 0; i < ap->old_len; i += insn_slots(&ap->old[i]))
		place_insn(ap, i);
	map->first[i] = ap->pos;
	map->jump[i] = ap->pos;
	map->core[i] = ap->pos;
}

static bool fits(s64 dist)
{
	return dist == (s16)dist && dist != BPF_EDIT_TARGET;
}

/* Conditions that do not reach. Once far they stay so: every round but the last adds some. */
static bool mark_far(struct apply *ap)
{
	const struct bpf_insn *insn;
	bool more = false;
	s64 dist;
	u32 i;

	for (i = 0; i < ap->old_len; i += insn_slots(insn)) {
		insn = &ap->old[i];
		if (!insn_is_jump(insn) || insn_is_goto(insn) || !ap->map->survived[i] ||
		    ap->far[i])
			continue;
		dist = (s64)ap->map->jump[insn_jump_target(insn, i)] - ap->map->core[i] - 1;
		if (!fits(dist)) {
			ap->far[i] = true;
			more = true;
		}
	}
	return more;
}

/* ------------------------------------------------------------------ second pass: writing */

/* Calls of functions of the program that were not there before. */
static void aim_calls(const struct apply *ap, struct bpf_insn *insn, u32 cnt)
{
	u32 i;

	for (i = 0; i < cnt; i += insn_slots(&insn[i])) {
		if (!insn_is_sub_call(&insn[i]) || insn[i].off != BPF_EDIT_TARGET)
			continue;
		insn[i].off = 0;
		insn[i].imm = (s64)ap->map->first[insn[i].imm] - (ap->pos + i) - 1;
	}
}

static void write_edits(struct apply *ap, u32 idx, u32 place)
{
	const struct edit *edit;

	while ((edit = next_edit(ap, idx, place))) {
		if (!edit->cnt)
			continue;
		memcpy(ap->new + ap->pos, ap->edits->pool + edit->first,
		       array_size(edit->cnt, sizeof(*ap->new)));
		aim_calls(ap, ap->new + ap->pos, edit->cnt);
		ap->pos += edit->cnt;
	}
}

/* Writes the distance from @pos to @to into a jump. */
static int set_dist(struct bpf_insn *insn, u32 pos, u32 to)
{
	s64 dist = (s64)to - pos - 1;

	if (insn_is_gotol(insn))
		insn->imm = dist;
	else if (fits(dist))
		insn->off = dist;
	else if (insn_is_goto(insn))
		*insn = insn_gotol(dist);
	else
		return -ERANGE;
	return 0;
}

static int relocate(struct apply *ap, u32 idx)
{
	const struct bpf_insn *old = &ap->old[idx];
	struct bpf_insn *insn = &ap->new[ap->pos];

	if (insn_is_jump(old))
		return set_dist(insn, ap->pos, ap->map->jump[insn_jump_target(old, idx)]);
	if (insn_is_sub_call(old) || insn_is_sub_addr(old))
		insn->imm = (s64)ap->map->first[idx + 1 + old->imm] - ap->pos - 1;
	return 0;
}

/* Jumps of a replacement that go where the old instruction went. */
static int retarget(struct apply *ap, u32 idx, struct bpf_insn *insn, u32 cnt)
{
	const struct bpf_insn *old = &ap->old[idx];
	u32 i, slots;
	int err = 0;

	for (i = 0; i < cnt && !err; i += slots) {
		slots = insn_slots(&insn[i]);
		if (insn_is_jump(&insn[i]) && !insn_is_gotol(&insn[i]) &&
		    insn[i].off == BPF_EDIT_TARGET)
			err = set_dist(&insn[i], ap->pos + i,
				       ap->map->jump[insn_jump_target(old, idx)]);
	}
	return err;
}

static int write_far(struct apply *ap, u32 idx)
{
	struct bpf_insn *insn = ap->new + ap->pos;

	insn[0] = ap->old[idx];
	insn[0].off = 1;
	insn[1] = insn_goto(1);
	insn[2] = insn_gotol(0);
	ap->pos += 1 + FAR_MORE;
	return set_dist(&insn[2], ap->pos - 1,
			ap->map->jump[insn_jump_target(&ap->old[idx], idx)]);
}

static int write_core(struct apply *ap, u32 idx)
{
	u32 slots = insn_slots(&ap->old[idx]), pos = ap->pos, at = ap->at;
	int err;

	write_edits(ap, idx, BPF_EDIT_REPLACE);
	if (ap->at != at) {
		u32 end = ap->pos;

		ap->pos = pos;
		err = insn_is_jump(&ap->old[idx]) ?
		      retarget(ap, idx, ap->new + pos, end - pos) : 0;
		ap->pos = end;
		return err;
	}
	if (ap->far[idx])
		return write_far(ap, idx);
	memcpy(ap->new + pos, &ap->old[idx], array_size(slots, sizeof(*ap->new)));
	err = relocate(ap, idx);
	ap->pos += slots;
	return err;
}

static int write_insn(struct apply *ap, u32 idx)
{
	int err;

	write_edits(ap, idx, BPF_EDIT_ENTRY);
	write_edits(ap, idx, BPF_EDIT_BEFORE);
	err = write_core(ap, idx);
	write_edits(ap, idx, BPF_EDIT_AFTER);
	return err;
}

/* Two replacements of one instruction contradict each other. */
static int check_edits(const struct bpf_edits *edits)
{
	u32 i;

	for (i = 1; i < edits->nr; i++) {
		if (edits->edits[i].place == BPF_EDIT_REPLACE &&
		    edits->edits[i - 1].place == BPF_EDIT_REPLACE &&
		    edits->edits[i].idx == edits->edits[i - 1].idx)
			return -EINVAL;
	}
	return 0;
}

/**
 * bpf_edits_apply - write the edited program
 * @edits: collection
 * @old: the program
 * @old_len: its instructions
 * @new: gets the new program
 * @new_len: gets its length
 * @map: gets where everything went
 *
 * The caller frees @new with kvfree() and @map; on failure there is nothing to be freed.
 *
 * Context: process, may sleep. Return: 0, -ENOMEM, -E2BIG, -ERANGE, -EINVAL.
 */
int bpf_edits_apply(struct bpf_edits *edits, const struct bpf_insn *old, u32 old_len,
		    struct bpf_insn **new, u32 *new_len, struct bpf_edit_map *map)
{
	struct apply ap = { .edits = edits, .old = old, .old_len = old_len, .map = map };
	u32 i;
	int err;

	memset(map, 0, sizeof(*map));
	if (edits->nr)
		sort(edits->edits, edits->nr, sizeof(*edits->edits), edit_cmp, NULL);
	ap.far = kvcalloc(old_len, sizeof(*ap.far), GFP_KERNEL_ACCOUNT);
	err = ap.far ? check_edits(edits) : -ENOMEM;
	if (!err)
		err = map_alloc(map, old_len);
	if (err)
		goto fail;
	do
		place_all(&ap);
	while (mark_far(&ap));
	*new_len = ap.pos;
	err = -ENOMEM;
	ap.new = kvmalloc_array(ap.pos ?: 1, sizeof(*ap.new), GFP_KERNEL_ACCOUNT);
	if (!ap.new)
		goto fail;
	ap.at = 0;
	ap.pos = 0;
	err = 0;
	for (i = 0; i < old_len && !err; i += insn_slots(&old[i]))
		err = write_insn(&ap, i);
	if (err)
		goto fail;
	kvfree(ap.far);
	*new = ap.new;
	return 0;
fail:
	kvfree(ap.far);
	kvfree(ap.new);
	bpf_edit_map_free(map);
	return err;
}
