// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include "home.h"
#include "types.h"

/* ------------------------------------------------------------------ of the kernel */

int types_of_kernel(const char *name, bool func)
{
	static struct btf *btf;
	int id;

	if (!btf)
		btf = btf__parse(home_btf(), NULL);
	if (!btf)
		return 0;
	id = btf__find_by_name_kind(btf, name, func ? BTF_KIND_FUNC : BTF_KIND_VAR);
	return id > 0 ? id : 0;
}

/* ------------------------------------------------------------------ of values */

static int add_opaque(struct btf *btf, const char *name, unsigned int words, unsigned int bytes)
{
	int word = btf__add_int(btf, bytes == 4 ? "unsigned int" : "unsigned long", bytes, 0);
	int id, array = words > 1 ? btf__add_array(btf, word, word, words) : word;

	id = btf__add_struct(btf, name, words * bytes);
	btf__add_field(btf, "opaque", array, 0, 0);
	return id;
}

static int add_kptr(struct btf *btf, const char *type, const char *tag)
{
	int id = btf__add_fwd(btf, type, BTF_FWD_STRUCT);

	return btf__add_ptr(btf, btf__add_type_tag(btf, tag, id));
}

struct btf *types_map(const struct case_map *m, unsigned int *key, unsigned int *value)
{
	struct btf *btf = btf__new_empty();
	int fields[5][2], nr = 0, i, k, chr;

	if (!btf)
		return NULL;
	*key = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	chr = btf__add_int(btf, "char", 1, 0);
	if (m->key != 4)
		*key = btf__add_array(btf, chr, *key, m->key);
#define FIELD(at, id)			\
do {					\
	if ((at) >= 0) {		\
		fields[nr][0] = at;	\
		fields[nr++][1] = id;	\
	}				\
} while (0)
	FIELD(m->lock, add_opaque(btf, "bpf_spin_lock", 1, 4));
	FIELD(m->timer, add_opaque(btf, "bpf_timer", 2, 8));
	FIELD(m->wq, add_opaque(btf, "bpf_wq", 2, 8));
	FIELD(m->kptr, add_kptr(btf, m->kptr_type, "kptr"));
	FIELD(m->kptr_untrusted, add_kptr(btf, m->kptr_type, "kptr_untrusted"));
	/* members are in the order of their places */
	for (i = 0; i < nr; i++) {
		for (k = i; k && fields[k][0] < fields[k - 1][0]; k--) {
			int at = fields[k][0], id = fields[k][1];

			fields[k][0] = fields[k - 1][0];
			fields[k][1] = fields[k - 1][1];
			fields[k - 1][0] = at;
			fields[k - 1][1] = id;
		}
	}
	*value = btf__add_struct(btf, "value", m->value);
	for (i = 0; i < nr; i++) {
		static const char *const names[] = { "a", "b", "c", "d", "e" };

		btf__add_field(btf, names[i], fields[i][1], fields[i][0] * 8, 0);
	}
	return btf;
}

/* ------------------------------------------------------------------ of structs */

#define MAX_FIELDS 12

static const struct {
	const char *name, *type;	/* of the case, of BTF */
	unsigned int words, bytes;
} field_types[] = {
	{ "u64", NULL, 1, 8 }, { "u32", NULL, 1, 4 }, { "lock", "bpf_spin_lock", 1, 4 },
	{ "refcount", "bpf_refcount", 1, 4 }, { "list_node", "bpf_list_node", 3, 8 },
	{ "rb_node", "bpf_rb_node", 4, 8 }, { "list_head", "bpf_list_head", 2, 8 },
	{ "rb_root", "bpf_rb_root", 2, 8 }, { "wq", "bpf_wq", 2, 8 },
};

/* A pointer to a struct of the case, or to one of the kernel. */
static int add_tagged(struct btf *btf, const char *type, const char *tag)
{
	int id = btf__find_by_name_kind(btf, type, BTF_KIND_STRUCT);

	if (id <= 0)
		id = btf__add_struct(btf, type, 8);
	return btf__add_ptr(btf, btf__add_type_tag(btf, tag, id));
}

static int add_field_type(struct btf *btf, const char *name, const char *held)
{
	unsigned int i;
	int id;

	if (!strcmp(name, "kptr") || !strcmp(name, "percpu_kptr"))
		return held ? add_tagged(btf, held, name) : -1;
	for (i = 0; i < sizeof(field_types) / sizeof(field_types[0]); i++) {
		if (strcmp(name, field_types[i].name))
			continue;
		if (!field_types[i].type)
			return btf__add_int(btf, name, field_types[i].bytes, 0);
		id = btf__find_by_name_kind(btf, field_types[i].type, BTF_KIND_STRUCT);
		return id > 0 ? id : add_opaque(btf, field_types[i].type, field_types[i].words,
						field_types[i].bytes);
	}
	return -1;
}

/* "node 48 list_node@8 list_head:other:16@32" */
static bool add_struct(struct btf *btf, const char *line)
{
	char text[160], tags[MAX_FIELDS][80], *word, *save, *name, *held, *at;
	int type[MAX_FIELDS], off[MAX_FIELDS], nr = 0, id, i, of;
	unsigned int size;

	snprintf(text, sizeof(text), "%s", line);
	name = strtok_r(text, " ", &save);
	word = strtok_r(NULL, " ", &save);
	if (!name || !word || sscanf(word, "%u", &size) != 1)
		return false;
	while ((word = strtok_r(NULL, " ", &save))) {
		at = strchr(word, '@');
		if (nr == MAX_FIELDS || !at || sscanf(at + 1, "%d", &off[nr]) != 1)
			return false;
		*at = 0;
		held = strchr(word, ':');
		if (held)
			*held++ = 0;
		tags[nr][0] = 0;
		at = held ? strchr(held, ':') : NULL;
		if (at && sscanf(at + 1, "%d", &of) == 1)
			snprintf(tags[nr], sizeof(tags[nr]), "contains:%.*s:f%d",
				 (int)(at - held), held, of);
		type[nr] = add_field_type(btf, word, held);
		if (type[nr++] < 0)
			return false;
	}
	id = btf__add_struct(btf, name, size);
	for (i = 0; i < nr; i++) {
		char member[16];

		snprintf(member, sizeof(member), "f%d", off[i]);
		btf__add_field(btf, member, type[i], off[i] * 8, 0);
	}
	for (i = 0; i < nr; i++)
		if (tags[i][0])
			btf__add_decl_tag(btf, tags[i], id, i);
	return id > 0;
}

/* ------------------------------------------------------------------ of functions */

static const struct {
	const char *type, *ctx;
} contexts[] = {
	{ "xdp", "xdp_md" }, { "raw_tracepoint", "bpf_raw_tracepoint_args" },
	{ "kprobe", "pt_regs" }, { "tracepoint", "trace_entry" },
	{ "perf_event", "bpf_perf_event_data" }, { "sk_msg", "sk_msg_md" },
	{ "sock_ops", "bpf_sock_ops" }, { "sk_lookup", "bpf_sk_lookup" },
	{ "cgroup_sock", "bpf_sock" }, { "cgroup_sock_addr", "bpf_sock_addr" },
};

static const char *context_of(const char *type)
{
	unsigned int i;

	for (i = 0; i < sizeof(contexts) / sizeof(contexts[0]); i++)
		if (!strcmp(contexts[i].type, type))
			return contexts[i].ctx;
	return "__sk_buff";
}

static const struct {
	const char *name;
	unsigned int size, encoding;
} ints[] = {
	{ "char", 1, BTF_INT_CHAR | BTF_INT_SIGNED }, { "u8", 1, 0 }, { "u16", 2, 0 },
	{ "u32", 4, 0 }, { "u64", 8, 0 }, { "int", 4, BTF_INT_SIGNED },
	{ "s64", 8, BTF_INT_SIGNED }, { "bool", 1, BTF_INT_BOOL },
};

static int add_sized(struct btf *btf, unsigned int size)
{
	int chr = btf__add_int(btf, "char", 1, 0);
	int idx = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	int array = btf__add_array(btf, idx, chr, size), id;

	id = btf__add_struct(btf, "mem", size);
	btf__add_field(btf, "bytes", array, 0, 0);
	return id;
}

/* Number of a type by its name in case files; -1: none such. */
static int add_type(struct btf *btf, const char *name, const char *ctx)
{
	unsigned int i, n;

	if (!strcmp(name, "void"))
		return 0;
	if (!strcmp(name, "ptr"))
		return btf__add_ptr(btf, 0);
	if (!strcmp(name, "ctx"))
		return btf__add_ptr(btf, btf__add_fwd(btf, context_of(ctx), BTF_FWD_STRUCT));
	if (!strcmp(name, "char*"))
		return btf__add_ptr(btf, btf__add_int(btf, "char", 1, BTF_INT_SIGNED));
	if (sscanf(name, "mem:%u", &n) == 1)
		return btf__add_ptr(btf, add_sized(btf, n));
	if (!strncmp(name, "struct:", 7))
		return btf__add_ptr(btf, btf__add_struct(btf, name + 7, 8));
	for (i = 0; i < sizeof(ints) / sizeof(ints[0]); i++)
		if (!strcmp(name, ints[i].name))
			return btf__add_int(btf, name, ints[i].size, ints[i].encoding);
	return -1;
}

struct arg {
	int type;
	const char *tags;
};

/* "int(ctx, mem:8/nonnull)" -> the number of its FUNC; -1: unreadable */
static int add_func(struct btf *btf, char *text, const char *name, bool global, const char *ctx)
{
	static const char *const names[] = { "a", "b", "c", "d", "e" };
	char *open = strchr(text, '('), *word, *save;
	struct arg arg[5];
	int ret, nr = 0, proto, func, i;

	if (!open || !strchr(open, ')'))
		return -1;
	*open++ = 0;
	*strchr(open, ')') = 0;
	ret = add_type(btf, text, ctx);
	for (word = strtok_r(open, ", ", &save); word && nr < 5;
	     word = strtok_r(NULL, ", ", &save)) {
		char *tags = strchr(word, '/');

		if (tags)
			*tags++ = 0;
		arg[nr].tags = tags;
		arg[nr].type = add_type(btf, word, ctx);
		if (arg[nr++].type < 0)
			return -1;
	}
	if (ret < 0)
		return -1;
	proto = btf__add_func_proto(btf, ret);
	for (i = 0; i < nr; i++)
		btf__add_func_param(btf, names[i], arg[i].type);
	func = btf__add_func(btf, name, global ? BTF_FUNC_GLOBAL : BTF_FUNC_STATIC, proto);
	for (i = 0; i < nr; i++) {
		char tag[64];

		if (!arg[i].tags)
			continue;
		snprintf(tag, sizeof(tag), "arg:%s", arg[i].tags);
		btf__add_decl_tag(btf, tag, func, i);
	}
	return func;
}

/* "main exception_callback:handler" */
static bool add_tag(struct btf *btf, const char *line)
{
	const char *text = strchr(line, ' ');
	char func[128];
	int id;

	if (!text)
		return false;
	snprintf(func, sizeof(func), "%.*s", (int)(text - line), line);
	id = btf__find_by_name_kind(btf, func, BTF_KIND_FUNC);
	return id > 0 && btf__add_decl_tag(btf, text + 1, id, -1) > 0;
}

static int by_insn(const void *a, const void *b)
{
	const struct bpf_func_info *x = a, *y = b;

	return x->insn_off < y->insn_off ? -1 : x->insn_off > y->insn_off;
}

struct btf *types_program(const struct test_case *c, const struct asm_labels *labels,
			  struct bpf_func_info *out, unsigned int *nr, char *why, unsigned int size)
{
	struct btf *btf = btf__new_empty();
	char buf[128], *label, *kind, *type;
	unsigned int i;
	int at, id;

	for (i = 0; btf && i < c->nr_structs; i++) {
		if (add_struct(btf, c->structs[i]))
			continue;
		snprintf(why, size, "cannot read \"struct: %s\"", c->structs[i]);
		btf__free(btf);
		return NULL;
	}
	for (i = 0; btf && i < c->nr_funcs; i++) {
		snprintf(buf, sizeof(buf), "%s", c->funcs[i]);
		type = strchr(buf, ' ');
		if (!type)
			goto bad;
		*type++ = 0;
		label = strtok_r(buf, ":", &kind);
		at = strcmp(label, "main") ? asm_label(labels, label) : 0;
		id = -1;
		if (at >= 0)
			id = add_func(btf, type, label, !kind || strcmp(kind, "static"), c->type);
		if (id < 0)
			goto bad;
		out[i] = (struct bpf_func_info){ .insn_off = at, .type_id = id };
	}
	for (i = 0; btf && i < c->nr_tags; i++) {
		if (add_tag(btf, c->tags[i]))
			continue;
		snprintf(why, size, "cannot read \"tag: %s\"", c->tags[i]);
		btf__free(btf);
		return NULL;
	}
	*nr = c->nr_funcs;
	qsort(out, *nr, sizeof(*out), by_insn);
	return btf;
bad:
	snprintf(why, size, "cannot read \"func: %s\"", c->funcs[i]);
	btf__free(btf);
	return NULL;
}
