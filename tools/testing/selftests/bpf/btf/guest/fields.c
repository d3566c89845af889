// SPDX-License-Identifier: GPL-2.0
/*
 * Special fields of map values: found in every place that they may stand in, refused in others.
 *
 * What was found shows: writing a value of all ones and reading it gives zeroes where fields are.
 */
#include "kselftest_harness.h"
#include "raw.h"

#define VALUE_MAX 128

/* What a value is made of; the types of the fields themselves. */
enum what {
	INT, LOCK, TIMER, WQ, HEAD, ROOT, LIST_NODE, RB_NODE, REFCOUNT, KPTR, KPTR_UNTRUSTED,
	KPTR_NO_DTOR, KPTR_UNKNOWN, KPTR_PERCPU, KPTR_INT, PLAIN_PTR, SMALL_TIMER, WHATS
};

/* Around the field: nothing, a struct, an array of one, of two, a union, constness. */
enum in { DIRECT, STRUCT, ARRAY1, ARRAY2, UNION, CONST, DEEP };

struct place {
	enum what what;
	unsigned int off;
	enum in in;
	const char *tag;	/* of the member */
};

struct value {
	const char *name;
	struct place places[3];
	int err;
	unsigned int nr;	/* bytes that read as zero */
	int map_type;
};

#define LIST "contains:obj:list"
#define TREE "contains:obj:tree"

static const struct value values[] = {
	{ "nothing", { { INT, 0 } }, 0, 0 },
	{ "lock", { { LOCK, 0 } }, 0, 4 },
	{ "lock further on", { { LOCK, 60 } }, 0, 4 },
	{ "lock not aligned", { { LOCK, 2 } }, EINVAL },
	{ "two locks", { { LOCK, 0 }, { LOCK, 4 } }, E2BIG },
	{ "two locks in an array", { { LOCK, 0, ARRAY2 } }, E2BIG },
	{ "lock in an array of one", { { LOCK, 8, ARRAY1 } }, 0, 4 },
	{ "lock in a struct", { { LOCK, 8, STRUCT } }, 0, 4 },
	{ "lock in structs in a struct", { { LOCK, 8, DEEP } }, 0, 4 },
	{ "lock in a union is none", { { LOCK, 8, UNION } }, 0, 0 },
	{ "const lock", { { LOCK, 4, CONST } }, 0, 4 },
	{ "timer", { { TIMER, 8 } }, 0, 16 },
	{ "timer not aligned", { { TIMER, 4 } }, EINVAL },
	{ "two timers", { { TIMER, 0 }, { TIMER, 16 } }, E2BIG },
	{ "timer of another size", { { SMALL_TIMER, 0 } }, EINVAL },
	{ "lock and timer", { { LOCK, 0 }, { TIMER, 8 } }, 0, 20 },
	{ "timer in front of a lock", { { TIMER, 0 }, { LOCK, 16 } }, 0, 20 },
	{ "work queue", { { WQ, 8 } }, 0, 16 },
	{ "two work queues", { { WQ, 0 }, { WQ, 16 } }, E2BIG },
	{ "reference count, of objects alone", { { REFCOUNT, 4 } }, EOPNOTSUPP },
	{ "two reference counts", { { REFCOUNT, 4 }, { REFCOUNT, 8 } }, E2BIG },
	{ "kptr", { { KPTR, 8 } }, 0, 8 },
	{ "kptr not aligned", { { KPTR, 4 } }, EINVAL },
	{ "three kptrs", { { KPTR, 0 }, { KPTR, 16 }, { KPTR_UNTRUSTED, 32 } }, 0, 24 },
	{ "array of kptrs", { { KPTR, 8, ARRAY2 } }, 0, 16 },
	{ "kptr in a struct", { { KPTR, 8, STRUCT } }, 0, 8 },
	{ "untrusted kptr of any type", { { KPTR_UNTRUSTED, 8 } }, 0, 8 },
	{ "kptr that nothing can release", { { KPTR_NO_DTOR, 8 } }, EINVAL },
	{ "kptr to an object of programs", { { KPTR_UNKNOWN, 8 } }, 0, 8 },
	{ "per-CPU kptr", { { KPTR_PERCPU, 8 } }, 0, 8 },
	{ "kptr to no struct", { { KPTR_INT, 8 } }, EINVAL },
	{ "pointer without a tag", { { PLAIN_PTR, 8 } }, 0, 0 },
	{ "list", { { LOCK, 0 }, { HEAD, 8, DIRECT, LIST } }, 0, 20 },
	{ "tree", { { LOCK, 0 }, { ROOT, 8, DIRECT, TREE } }, 0, 20 },
	{ "list and tree", { { LOCK, 0 }, { HEAD, 8, DIRECT, LIST }, { ROOT, 24, DIRECT, TREE } },
	  0, 36 },
	{ "list in a struct without a lock", { { LOCK, 0 }, { HEAD, 8, STRUCT, LIST } }, EINVAL },
	{ "lists in an array", { { LOCK, 0 }, { HEAD, 8, ARRAY2, LIST } }, 0, 36 },
	{ "list without a lock", { { HEAD, 8, DIRECT, LIST } }, EINVAL },
	{ "list of what", { { LOCK, 0 }, { HEAD, 8 } }, EINVAL },
	{ "list of nothing", { { LOCK, 0 }, { HEAD, 8, DIRECT, "contains:obj" } }, EINVAL },
	{ "list of unknown", { { LOCK, 0 }, { HEAD, 8, DIRECT, "contains:nil:list" } }, ENOENT },
	{ "list by no node", { { LOCK, 0 }, { HEAD, 8, DIRECT, "contains:obj:nil" } }, ENOENT },
	{ "list by a tree's node", { { LOCK, 0 }, { HEAD, 8, DIRECT, TREE } }, EINVAL },
	{ "tree by a list's node", { { LOCK, 0 }, { ROOT, 8, DIRECT, LIST } }, EINVAL },
	{ "another tag", { { LOCK, 0 }, { HEAD, 8, DIRECT, "holds:obj:list" } }, EINVAL },
	{ "list not aligned", { { LOCK, 0 }, { HEAD, 4, DIRECT, LIST } }, EINVAL },
	{ "nodes are nothing special", { { LIST_NODE, 0 }, { RB_NODE, 24 } }, 0, 0 },
	{ "hash with a lock", { { LOCK, 0 } }, 0, 4, BPF_MAP_TYPE_HASH },
	{ "hash with a timer and a kptr", { { TIMER, 0 }, { KPTR, 16 } }, 0, 24,
	  BPF_MAP_TYPE_HASH },
	{ "hash with a list", { { LOCK, 0 }, { HEAD, 8, DIRECT, LIST } }, 0, 20,
	  BPF_MAP_TYPE_HASH },
	{ "LRU hash with a lock", { { LOCK, 0 } }, EOPNOTSUPP, 0, BPF_MAP_TYPE_LRU_HASH },
	{ "LRU hash with a timer", { { TIMER, 0 } }, 0, 16, BPF_MAP_TYPE_LRU_HASH },
	{ "per-CPU array with a timer", { { TIMER, 0 } }, EOPNOTSUPP, 0,
	  BPF_MAP_TYPE_PERCPU_ARRAY },
	{ "trie with a kptr", { { KPTR, 0 } }, EINVAL, 0, BPF_MAP_TYPE_LPM_TRIE },
};

struct types {
	struct blob b;
	__u32 nr;
	__u32 id[WHATS];
	__u32 size[WHATS];
	__u32 name;		/* of all members */
};

static __u32 add_struct(struct types *t, const char *name, __u32 size, __u32 member, __u32 bits)
{
	__u32 name_off = name ? blob_name(&t->b, name) : 0;

	ADD(&t->b, name_off, INFO(STRUCT, 1), size, t->name, member, bits);
	return ++t->nr;
}

/* Structs of longs with the names that mean something. */
static void add_opaque(struct types *t, enum what kind, const char *name, __u32 size, __u32 array)
{
	t->id[kind] = add_struct(t, name, size, size < 8 ? t->id[INT] : array, 0);
	t->size[kind] = size;
}

static __u32 add_array(struct types *t, __u32 elem, __u32 nelems)
{
	ADD(&t->b, 0, INFO(ARRAY, 0), 0, elem, t->id[INT], nelems);
	return ++t->nr;
}

static void add_ptr(struct types *t, enum what kind, const char *tag, __u32 to)
{
	if (tag) {
		ADD(&t->b, blob_name(&t->b, tag), INFO(TYPE_TAG, 0), to);
		to = ++t->nr;
	}
	ADD(&t->b, 0, INFO(PTR, 0), to);
	t->id[kind] = ++t->nr;
	t->size[kind] = 8;
}

static __u32 add_fwd(struct types *t, const char *name)
{
	return add_struct(t, name, 4, t->id[INT], 0);
}

static void add_types(struct types *t)
{
	__u32 longs, ll;

	ADD_INT(&t->b);
	t->id[INT] = ++t->nr;
	t->size[INT] = 4;
	t->name = blob_name(&t->b, "m");
	ADD(&t->b, blob_name(&t->b, "ll"), INFO(INT, 0), 8, 64);
	ll = ++t->nr;
	add_opaque(t, LOCK, "bpf_spin_lock", 4, 0);
	add_opaque(t, REFCOUNT, "bpf_refcount", 4, 0);
	longs = add_array(t, ll, 2);
	add_opaque(t, TIMER, "bpf_timer", 16, longs);
	add_opaque(t, SMALL_TIMER, "bpf_timer", 8, add_array(t, ll, 1));
	add_opaque(t, WQ, "bpf_wq", 16, longs);
	add_opaque(t, HEAD, "bpf_list_head", 16, longs);
	add_opaque(t, ROOT, "bpf_rb_root", 16, longs);
	add_opaque(t, LIST_NODE, "bpf_list_node", 24, add_array(t, ll, 3));
	add_opaque(t, RB_NODE, "bpf_rb_node", 32, add_array(t, ll, 4));
	ADD(&t->b, blob_name(&t->b, "obj"), INFO(STRUCT, 2), 56, blob_name(&t->b, "list"),
	    t->id[LIST_NODE], 0, blob_name(&t->b, "tree"), t->id[RB_NODE], 24 * 8);
	t->nr++;
	add_ptr(t, KPTR, "kptr", add_fwd(t, "task_struct"));
	add_ptr(t, KPTR_UNTRUSTED, "kptr_untrusted", add_fwd(t, "sk_buff"));
	add_ptr(t, KPTR_NO_DTOR, "kptr", add_fwd(t, "net_device"));
	add_ptr(t, KPTR_UNKNOWN, "kptr", add_fwd(t, "nothing_that_the_kernel_has"));
	add_ptr(t, KPTR_PERCPU, "percpu_kptr", add_fwd(t, "cgroup"));
	add_ptr(t, KPTR_INT, "kptr", t->id[INT]);
	add_ptr(t, PLAIN_PTR, NULL, add_fwd(t, "mm_struct"));
}

static void add_tag(struct types *t, const char *tag, __u32 type, int member)
{
	if (!tag)
		return;
	ADD(&t->b, blob_name(&t->b, tag), INFO(DECL_TAG, 0), type, member);
	t->nr++;
}

/* The type that stands in the value; a tag belongs to the member that the field itself is. */
static __u32 add_place(struct types *t, const struct place *p)
{
	__u32 id = t->id[p->what], size = t->size[p->what];

	switch (p->in) {
	case STRUCT:
		id = add_struct(t, NULL, size, id, 0);
		add_tag(t, p->tag, id, 0);
		return id;
	case DEEP:
		id = add_struct(t, NULL, size, id, 0);
		id = add_struct(t, NULL, size + 8, id, 64);
		return add_struct(t, NULL, size + 8, id, 0);
	case ARRAY1:
		return add_array(t, id, 1);
	case ARRAY2:
		return add_array(t, id, 2);
	case UNION:
		ADD(&t->b, 0, INFO(UNION, 1), size, t->name, id, 0);
		return ++t->nr;
	case CONST:
		ADD(&t->b, 0, INFO(CONST, 0), id);
		return ++t->nr;
	default:
		return id;
	}
}

/* BTF whose last struct is the value; gives its id. */
static __u32 make_types(struct types *t, const struct value *v)
{
	__u32 ids[3], id, i, nr = 0;

	memset(t, 0, sizeof(*t));
	add_types(t);
	/* INT at 0 is what is not there */
	for (i = 0; i < 3 && (v->places[i].what || !i); i++)
		ids[nr++] = add_place(t, &v->places[i]);
	ADD(&t->b, blob_name(&t->b, "value"), INFO(STRUCT, nr), VALUE_MAX);
	for (i = 0; i < nr; i++)
		ADD(&t->b, t->name, ids[i], v->places[i].off * 8);
	id = ++t->nr;
	for (i = 0; i < nr; i++) {
		if (v->places[i].in != STRUCT)
			add_tag(t, v->places[i].tag, id, i);
	}
	return id;
}

static int make_map(const struct value *v, int btf, __u32 type)
{
	union bpf_attr attr = {
		.map_type = v->map_type ?: BPF_MAP_TYPE_ARRAY, .key_size = 4,
		.value_size = VALUE_MAX, .max_entries = 1, .btf_fd = btf, .btf_key_type_id = 1,
		.btf_value_type_id = type,
	};

	if (v->map_type == BPF_MAP_TYPE_LPM_TRIE) {
		attr.map_flags = BPF_F_NO_PREALLOC;
		attr.key_size = 8;
	}
	return sys_bpf(BPF_MAP_CREATE, &attr);
}

/* How many bytes of a value of all ones read as zero; -1 where one reads as something else. */
static int zeroes(int map)
{
	unsigned char value[VALUE_MAX];
	int key = 0, i, nr = 0;
	union bpf_attr attr = { .map_fd = map, .key = (unsigned long)&key,
				.value = (unsigned long)value };

	memset(value, 0xff, sizeof(value));
	if (sys_bpf(BPF_MAP_UPDATE_ELEM, &attr))
		return -2;
	memset(value, 0x55, sizeof(value));
	if (sys_bpf(BPF_MAP_LOOKUP_ELEM, &attr))
		return -3;
	for (i = 0; i < VALUE_MAX; i++) {
		if (value[i] && value[i] != 0xff)
			return -1;
		nr += !value[i];
	}
	return nr;
}

TEST(found)
{
	static struct types t;
	unsigned int i;
	__u32 type;
	int btf, map;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
		type = make_types(&t, &values[i]);
		btf = blob_load(&t.b);
		/* what programs could not have either is told when the types are loaded */
		map = btf < 0 ? btf : make_map(&values[i], btf, type);
		if (values[i].err) {
			EXPECT_EQ(-values[i].err, map) TH_LOG("%s", values[i].name);
		} else {
			EXPECT_LE(0, map) TH_LOG("%s: %d", values[i].name, map);
			if (map >= 0)
				EXPECT_EQ(values[i].nr, zeroes(map)) TH_LOG("%s", values[i].name);
		}
		if (map >= 0)
			close(map);
		if (btf >= 0)
			close(btf);
	}
}

/* Two tags that say what a list holds: it cannot be told which of them is meant. */
TEST(two_tags)
{
	static const struct value v = { "", { { LOCK, 0 }, { HEAD, 8, DIRECT, LIST } } };
	static struct types t;
	__u32 type = make_types(&t, &v);

	add_tag(&t, LIST, type, 1);
	EXPECT_EQ(-EEXIST, blob_load(&t.b));
}

/* Only so many: the record of a value is bounded. */
TEST(too_many)
{
	static struct types t;
	union bpf_attr attr = {
		.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 12 * 8,
		.max_entries = 1, .btf_key_type_id = 1,
	};
	int nelems, btf, map;

	for (nelems = 11; nelems <= 12; nelems++) {
		memset(&t, 0, sizeof(t));
		add_types(&t);
		attr.btf_value_type_id = add_struct(&t, "value", 12 * 8,
						    add_array(&t, t.id[KPTR], nelems), 0);
		btf = blob_load(&t.b);
		attr.btf_fd = btf;
		map = btf < 0 ? btf : sys_bpf(BPF_MAP_CREATE, &attr);
		EXPECT_EQ(nelems == 11 ? 0 : -E2BIG, map < 0 ? map : 0);
		if (map >= 0)
			close(map);
		if (btf >= 0)
			close(btf);
	}
}

TEST_HARNESS_MAIN
