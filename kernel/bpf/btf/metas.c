// SPDX-License-Identifier: GPL-2.0
/*
 * Structs that programs allocate: records of their special fields, found when the BTF is loaded,
 * and what lists and trees hold, which tags say ("contains:TYPE:MEMBER").
 *
 * What an object holds is freed with it, by following records. Two rules keep that finite: a list
 * or tree needs a lock beside it, and what can be in a list or tree and has one of its own holds
 * nothing that has one in turn.
 */
#include <linux/bpf.h>
#include <linux/bsearch.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/sort.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/internal.h"
#include "btf/record.h"

#define CONTAINS	"contains:"

/* Fields of objects that matter; in maps others do, see record.c. */
#define META_FIELDS (BPF_SPIN_LOCK | BPF_LIST_HEAD | BPF_LIST_NODE | BPF_RB_ROOT | BPF_RB_NODE | \
		     BPF_REFCOUNT | BPF_KPTR)

/* Types looked at for all structs of an object: many structs may have many in them. */
#define META_STEPS_MAX (1U << 22)

/* A tag: @text behind "contains:" on member @comp (-1: all) of type @type. */
struct btf_contains {
	u32 type;
	int comp;
	const char *text;
};

struct btf_meta {
	u32 id;
	struct btf_record *rec;
};

/*
 * struct btf_metas - what programs' BTF says about objects
 * @tags: sorted by type and member; @nr_tags of them
 * @metas: sorted by id; @nr_metas of them
 */
struct btf_metas {
	struct btf_contains *tags;
	struct btf_meta *metas;
	u32 nr_tags;
	u32 nr_metas;
};

/* ------------------------------------------------------------------ tags */

static int cmp_contains(const void *a, const void *b)
{
	const struct btf_contains *x = a, *y = b;

	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return x->comp < y->comp ? -1 : x->comp > y->comp;
}

static const char *contains_text(const struct btf *btf, const struct btf_type *t)
{
	const char *name = btf_type_is_decl_tag(t) ? btf_type_name(btf, t) : NULL;

	return name && !strncmp(name, CONTAINS, strlen(CONTAINS)) ? name + strlen(CONTAINS) : NULL;
}

static int collect_tags(const struct btf *btf, struct btf_metas *m)
{
	struct btf_contains *tag;
	const char *text;
	u32 i;

	for (i = 0; i < btf->nr_types; i++)
		m->nr_tags += !!contains_text(btf, btf->types[i]);
	if (!m->nr_tags)
		return 0;
	m->tags = kvcalloc(m->nr_tags, sizeof(*m->tags), GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
	if (!m->tags)
		return -ENOMEM;
	for (i = 0, tag = m->tags; i < btf->nr_types; i++) {
		text = contains_text(btf, btf->types[i]);
		if (!text)
			continue;
		tag->type = btf->types[i]->type;
		tag->comp = btf_type_decl_tag(btf->types[i])->component_idx;
		tag->text = text;
		tag++;
	}
	sort(m->tags, m->nr_tags, sizeof(*m->tags), cmp_contains, NULL);
	return 0;
}

/* What a member holds; the same tag twice is -EEXIST. */
static const char *find_contains(const struct btf *btf, u32 type, int comp)
{
	const struct btf_contains key = { .type = type, .comp = comp }, *tag, *end;

	if (!btf->metas || !btf->metas->nr_tags)
		return ERR_PTR(-EINVAL);
	tag = bsearch(&key, btf->metas->tags, btf->metas->nr_tags, sizeof(key), cmp_contains);
	if (!tag)
		return ERR_PTR(-EINVAL);
	end = btf->metas->tags + btf->metas->nr_tags;
	if ((tag > btf->metas->tags && !cmp_contains(tag - 1, tag)) ||
	    (tag + 1 < end && !cmp_contains(tag + 1, tag)))
		return ERR_PTR(-EEXIST);
	return tag->text;
}

/* The member of a struct that is a node of the right kind: its offset in bytes, or -errno. */
static int find_node(const struct btf *btf, const struct btf_type *t, const char *member,
		     const char *node_type)
{
	const struct btf_type *mt;
	const struct btf_member *m;
	u32 i, off;

	for_each_member(i, t, m) {
		if (strcmp(btf_name_by_offset(btf, m->name_off) ?: "", member))
			continue;
		mt = btf_type_skip_modifiers(btf, m->type, NULL);
		off = __btf_member_bit_offset(t, m);
		if (!mt || !__btf_type_is_struct(mt) || off % BITS_PER_BYTE ||
		    strcmp(btf_type_name(btf, mt), node_type))
			return -EINVAL;
		return off / BITS_PER_BYTE;
	}
	return -ENOENT;
}

/**
 * btf_graph_resolve - what a list head or tree root holds
 * @btf: BTF that it stands in
 * @type: struct or variable that it is a member of
 * @comp: member, -1: the variable itself
 * @f: gets the type and place of the nodes; its type is set
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL without a tag, -EEXIST with two, -ENOENT where the type or member is not
 * there.
 */
int btf_graph_resolve(const struct btf *btf, u32 type, int comp, struct btf_field *f)
{
	const char *text = find_contains(btf, type, comp), *member;
	char name[128];
	int id, off;

	if (IS_ERR(text))
		return PTR_ERR(text);
	member = strchr(text, ':');
	if (!member || member - text >= sizeof(name))
		return -EINVAL;
	strscpy(name, text, member - text + 1);
	id = btf_find_by_name_kind(btf, name, BTF_KIND_STRUCT);
	if (id < 0)
		return id;
	off = find_node(btf, btf_type_by_id(btf, id), member + 1,
			f->type == BPF_LIST_HEAD ? "bpf_list_node" : "bpf_rb_node");
	if (off < 0)
		return off;
	f->graph.btf = (struct btf *)btf;
	f->graph.value_btf_id = id;
	f->graph.node_offset = off;
	return 0;
}

/* ------------------------------------------------------------------ records */

static int cmp_meta(const void *key, const void *elem)
{
	u32 id = *(const u32 *)key, have = ((const struct btf_meta *)elem)->id;

	return id < have ? -1 : id > have;
}

/**
 * btf_struct_record - special fields of a struct that programs allocate
 * @btf: a program's BTF
 * @id: the struct
 *
 * Context: any. Return: the record, which lives as long as @btf; NULL where it has none.
 */
const struct btf_record *btf_struct_record(const struct btf *btf, u32 id)
{
	const struct btf_meta *meta;

	if (!btf->metas || !btf->metas->nr_metas)
		return NULL;
	meta = bsearch(&id, btf->metas->metas, btf->metas->nr_metas, sizeof(*meta), cmp_meta);
	return meta ? meta->rec : NULL;
}

/**
 * btf_record_link - tell fields what the objects that they hold have in turn
 * @rec: a record; may be NULL
 *
 * Context: process context. Return: 0, -EINVAL: a list or tree without a lock, or of objects
 * without a node.
 */
int btf_record_link(struct btf_record *rec)
{
	u32 i;

	if (btf_record_has(rec, BPF_GRAPH_ROOT) && rec->spin_lock_off < 0)
		return -EINVAL;
	for (i = 0; rec && i < rec->cnt; i++) {
		struct btf_field *f = &rec->fields[i];

		if (!(f->type & BPF_GRAPH_ROOT))
			continue;
		f->graph.value_rec = btf_struct_record(f->graph.btf, f->graph.value_btf_id);
		if (!f->graph.value_rec)
			return -EINVAL;
	}
	return 0;
}

/* See at the top: what is held and holds, holds nothing that holds. */
static int check_cycles(const struct btf_metas *m)
{
	const struct btf_record *rec;
	u32 i, k;

	for (i = 0; i < m->nr_metas; i++) {
		rec = m->metas[i].rec;
		if (!btf_record_has(rec, BPF_GRAPH_NODE))
			continue;
		for (k = 0; k < rec->cnt; k++)
			if (rec->fields[k].type & BPF_GRAPH_ROOT &&
			    btf_record_has(rec->fields[k].graph.value_rec, BPF_GRAPH_ROOT))
				return -ELOOP;
	}
	return 0;
}

static const char * const field_structs[] = {
	"bpf_spin_lock", "bpf_list_head", "bpf_list_node", "bpf_rb_root", "bpf_rb_node",
	"bpf_refcount",
};

/* May it have special fields? It is none itself. */
static bool may_be_special(const struct btf *btf, const struct btf_type *t)
{
	const struct btf_member *m;
	const struct btf_type *mt;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(field_structs); i++)
		if (!strcmp(btf_type_name(btf, t), field_structs[i]))
			return false;
	for_each_member(i, t, m) {
		mt = btf_type_skip_modifiers(btf, m->type, NULL);
		if (mt && (btf_type_is_ptr(mt) || btf_type_is_struct(mt) || btf_type_is_array(mt)))
			return true;
	}
	return false;
}

/*
 * What a struct holds. Pointers of the kernel that nobody can hold here concern who makes a map of
 * it; to programs that allocate such a struct they are bytes.
 */
static struct btf_record *scan_one(struct btf *btf, u32 id, u32 *steps)
{
	struct btf_record *rec = btf_record_scan(btf, id, META_FIELDS, steps), *rest;

	if (!IS_ERR(rec) || PTR_ERR(rec) == -ENOMEM)
		return rec;
	rest = btf_record_scan(btf, id, META_FIELDS & ~BPF_KPTR, steps);
	if (!rest)
		return NULL;
	if (!IS_ERR(rest))
		btf_record_free(rest);
	return rec;
}

static int add_metas(struct btf *btf, struct btf_metas *m)
{
	struct btf_record *rec;
	struct btf_meta *bigger;
	u32 i, cap = 0, steps = META_STEPS_MAX;

	for (i = 0; i < btf->nr_types; i++) {
		if (!__btf_type_is_struct(btf->types[i]) || !may_be_special(btf, btf->types[i]))
			continue;
		rec = scan_one(btf, btf->start_id + i, &steps);
		if (IS_ERR(rec))
			return PTR_ERR(rec);
		cond_resched();
		if (!rec)
			continue;
		if (m->nr_metas == cap) {
			cap = cap ? cap * 2 : 16;
			bigger = kvmalloc_array(cap, sizeof(*bigger),
						GFP_KERNEL_ACCOUNT | __GFP_NOWARN);
			if (!bigger) {
				btf_record_free(rec);
				return -ENOMEM;
			}
			if (m->nr_metas)
				memcpy(bigger, m->metas, m->nr_metas * sizeof(*bigger));
			kvfree(m->metas);
			m->metas = bigger;
		}
		m->metas[m->nr_metas++] = (struct btf_meta){ btf->start_id + i, rec };
	}
	return 0;
}

/* Can any struct be special? The names of what makes it so have to be there. */
static bool has_fields(const struct btf *btf)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(field_structs); i++)
		if (btf_find_own(btf, field_structs[i], BTF_KIND_STRUCT) > 0)
			return true;
	for (i = 0; i < btf->nr_types; i++)
		if (btf_type_is_type_tag(btf->types[i]) &&
		    strstr(btf_type_name(btf, btf->types[i]) ?: "", "kptr"))
			return true;
	return false;
}

/**
 * btf_metas_make - find the special structs of a program's BTF
 * @btf: checked, names indexed, not yet published
 *
 * Context: process context, may sleep.
 * Return: 0; -EINVAL, -ENOENT, -EEXIST, -E2BIG, -ELOOP for what cannot be; -ENOMEM.
 */
int btf_metas_make(struct btf *btf)
{
	struct btf_metas *m;
	u32 i;
	int err;

	if (!has_fields(btf))
		return 0;
	m = kzalloc(sizeof(*m), GFP_KERNEL_ACCOUNT);
	if (!m)
		return -ENOMEM;
	btf->metas = m;
	err = collect_tags(btf, m);
	if (!err)
		err = add_metas(btf, m);
	for (i = 0; i < m->nr_metas && !err; i++)
		err = btf_record_link(m->metas[i].rec);
	return err ?: check_cycles(m);
}

/**
 * btf_metas_free - the end of the object
 * @btf: the object
 *
 * Context: any.
 */
void btf_metas_free(struct btf *btf)
{
	struct btf_metas *m = btf->metas;
	u32 i;

	if (!m)
		return;
	for (i = 0; i < m->nr_metas; i++)
		btf_record_free(m->metas[i].rec);
	kvfree(m->metas);
	kvfree(m->tags);
	kfree(m);
}
