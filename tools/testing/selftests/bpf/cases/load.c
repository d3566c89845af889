// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>
#include <linux/capability.h>
#include "isa/insn.h"
#include "load.h"
#include "types.h"

#define CASE_TYPES 16	/* structs of a case and of the fields in them */

static char log_buf[LOAD_LOG];

/* libbpf's names; -1: none such. */
static int type_by_name(const char *name, const char *(*str)(unsigned int), int last)
{
	int i;

	for (i = 0; i <= last; i++)
		if (str(i) && !strcmp(str(i), name))
			return i;
	return -1;
}

static const char *prog_str(unsigned int t)
{
	return libbpf_bpf_prog_type_str(t);
}

static const char *map_str(unsigned int t)
{
	return libbpf_bpf_map_type_str(t);
}

static const char *attach_str(unsigned int t)
{
	return libbpf_bpf_attach_type_str(t);
}

/* ------------------------------------------------------------------ maps */

static int load_btf(struct btf *btf)
{
	union bpf_attr attr = { 0 };
	unsigned int size;
	const void *raw;
	int fd;

	raw = btf ? btf__raw_data(btf, &size) : NULL;
	if (!raw)
		return -1;
	attr.btf = (unsigned long)raw;
	attr.btf_size = size;
	fd = home_bpf(BPF_BTF_LOAD, &attr, sizeof(attr));
	btf__free(btf);
	return fd;
}

/* What the structs of the case came to be. */
static struct {
	unsigned int key, nr;
	struct {
		char name[32];
		unsigned int id;
	} of[CASE_TYPES];
} type_numbers;

static void note_types(struct btf *btf)
{
	unsigned int i;

	memset(&type_numbers, 0, sizeof(type_numbers));
	type_numbers.key = btf__add_int(btf, "int", 4, BTF_INT_SIGNED);
	for (i = 1; i < btf__type_cnt(btf) && type_numbers.nr < CASE_TYPES; i++) {
		const struct btf_type *t = btf__type_by_id(btf, i);

		if (!btf_is_struct(t))
			continue;
		snprintf(type_numbers.of[type_numbers.nr].name, 32, "%s",
			 btf__name_by_offset(btf, t->name_off));
		type_numbers.of[type_numbers.nr++].id = i;
	}
}

static unsigned int local_type(const char *name)
{
	unsigned int i;

	for (i = 0; i < type_numbers.nr; i++)
		if (!strcmp(type_numbers.of[i].name, name))
			return type_numbers.of[i].id;
	return 0;
}

/* The element 0 of a map: 1, 2, 3, ... */
static int fill_map(int fd, const struct case_map *m)
{
	static unsigned char value[65536 + 8];
	unsigned char key[64] = { 0 };
	union bpf_attr attr = { 0 };
	unsigned int i;

	if (m->value > 65536)
		return -1;
	for (i = 0; i < sizeof(value); i++)
		value[i] = i + 1;
	attr.map_fd = fd;
	attr.key = (unsigned long)key;
	attr.value = (unsigned long)value;
	if (home_bpf(BPF_MAP_UPDATE_ELEM, &attr, sizeof(attr)))
		return -1;
	if (!(m->flags & BPF_F_RDONLY_PROG))
		return 0;
	memset(&attr, 0, sizeof(attr));
	attr.map_fd = fd;
	return home_bpf(BPF_MAP_FREEZE, &attr, sizeof(attr));
}

static int make_inner(void)
{
	union bpf_attr attr = { 0 };

	attr.map_type = BPF_MAP_TYPE_ARRAY;
	attr.key_size = 4;
	attr.value_size = 8;
	attr.max_entries = 1;
	return home_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
}

/* Types of a map whose values are a struct of the case. */
static void local_types(const struct loaded *l, const struct case_map *m, union bpf_attr *attr)
{
	attr->btf_fd = l->btf;
	attr->btf_key_type_id = type_numbers.key;
	attr->btf_value_type_id = local_type(m->value_type);
}

static int make_map(const struct loaded *l, const struct case_map *m, int *inner)
{
	int type = type_by_name(m->type, map_str, 64), fd;
	union bpf_attr attr = { 0 };
	unsigned int key, value;

	attr.map_type = type;
	attr.key_size = m->key;
	attr.value_size = m->value;
	attr.max_entries = m->max;
	attr.map_flags = m->flags;
	strcpy(attr.map_name, "m");
	if (m->lock >= 0 || m->timer >= 0 || m->wq >= 0 || m->kptr >= 0 || m->kptr_untrusted >= 0) {
		attr.btf_fd = load_btf(types_map(m, &key, &value));
		attr.btf_key_type_id = key;
		attr.btf_value_type_id = value;
		if ((int)attr.btf_fd < 0)
			return -1;
	}
	if (m->value_type[0])
		local_types(l, m, &attr);
	if (m->inner) {
		*inner = make_inner();
		attr.inner_map_fd = *inner;
	}
	fd = home_bpf(BPF_MAP_CREATE, &attr, sizeof(attr));
	if (attr.btf_fd && !m->value_type[0])
		close(attr.btf_fd);
	if (fd >= 0 && (m->fill || m->flags & BPF_F_RDONLY_PROG) && fill_map(fd, m)) {
		close(fd);
		fd = -1;
	}
	return fd;
}

/* Map n of the case is the file descriptor maps[n - 1]. */
static void place_maps(struct bpf_insn *insn, int cnt, const int *maps, int nr)
{
	int i;

	for (i = 0; i < cnt; i++) {
		if (insn[i].code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if ((insn[i].src_reg == BPF_PSEUDO_MAP_FD ||
		     insn[i].src_reg == BPF_PSEUDO_MAP_VALUE) &&
		    insn[i].imm >= 1 && insn[i].imm <= nr)
			insn[i].imm = maps[insn[i].imm - 1];
		i++;
	}
}

static const char *place_names(struct bpf_insn *insn, const struct asm_refs *refs)
{
	unsigned int i;
	int id;

	for (i = 0; i < refs->nr; i++) {
		struct bpf_insn *at = &insn[refs->ref[i].at];

		if (refs->ref[i].name[0] == ':')
			continue;
		id = types_of_kernel(refs->ref[i].name, insn_is_call(at));
		if (!id)
			return refs->ref[i].name;
		at->imm = id;
	}
	return NULL;
}

/* ------------------------------------------------------------------ the program */

static bool set_attach(const struct test_case *c, union bpf_attr *attr)
{
	int type;

	if (!c->attach[0])
		return true;
	type = type_by_name(c->attach, attach_str, 64);
	if (type < 0 && sscanf(c->attach, "%d", &type) != 1)
		return false;
	attr->expected_attach_type = type;
	return true;
}

/* Is a program type built? A program that cannot be wrong tells: other refusals say why. */
static bool type_is_here(int type, const union bpf_attr *like)
{
	struct bpf_insn insn[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K },
				   { .code = BPF_JMP | BPF_EXIT } };
	union bpf_attr attr = { 0 };
	char text[256] = "";
	int fd;

	attr.prog_type = type;
	attr.expected_attach_type = like->expected_attach_type;
	attr.insns = (unsigned long)insn;
	attr.insn_cnt = 2;
	attr.license = (unsigned long)"GPL";
	attr.log_buf = (unsigned long)text;
	attr.log_size = sizeof(text);
	attr.log_level = 1;
	fd = home_bpf(BPF_PROG_LOAD, &attr, sizeof(attr));
	if (fd >= 0)
		close(fd);
	return fd >= 0 || errno != EINVAL || text[0];
}

static void load(const struct test_case *c, struct loaded *l, union bpf_attr *attr)
{
	const char *p;

	log_buf[0] = 0;
	l->log = log_buf;
	l->insns = 0;
	if (c->unprivileged)
		home_caps(0);
	else if (c->only_bpf)
		home_caps(1ULL << CAP_BPF);
	l->prog = home_bpf(BPF_PROG_LOAD, attr, sizeof(*attr));
	l->err = l->prog < 0 ? errno : 0;
	home_caps(~0ULL);
	for (p = strstr(log_buf, "\nprocessed "); p; p = strstr(p + 1, "\nprocessed "))
		sscanf(p, "\nprocessed %u", &l->insns);
	if (!strncmp(log_buf, "processed ", 10))
		sscanf(log_buf, "processed %u", &l->insns);
}

static bool make_maps(const struct test_case *c, struct loaded *l, char *why, unsigned int size)
{
	unsigned int i;

	for (i = 0; i < c->nr_maps; i++) {
		l->maps[i] = make_map(l, &c->maps[i], &l->inner[i]);
		if (l->maps[i] >= 0)
			continue;
		snprintf(why, size, "%smap %s cannot be made: %s", errno == EOPNOTSUPP ? "SKIP " : "",
			 c->maps[i].type, strerror(errno));
		return false;
	}
	return true;
}

/* Structs of the case by their names. */
static void place_locals(struct bpf_insn *insn, const struct asm_refs *refs)
{
	unsigned int i;

	for (i = 0; i < refs->nr; i++)
		if (refs->ref[i].name[0] == ':')
			insn[refs->ref[i].at].imm = local_type(refs->ref[i].name + 1);
}

static bool make_types(const struct test_case *c, struct loaded *l,
		       const struct asm_labels *labels, union bpf_attr *attr, char *why,
		       unsigned int size)
{
	static struct bpf_func_info info[CASE_FUNCS];
	struct btf *btf;
	unsigned int nr;

	if (!c->nr_funcs && !c->nr_structs)
		return true;
	btf = types_program(c, labels, info, &nr, why, size);
	if (!btf)
		return false;
	note_types(btf);
	l->btf = load_btf(btf);
	if (l->btf < 0) {
		snprintf(why, size, "types of functions: %s", strerror(errno));
		return false;
	}
	attr->prog_btf_fd = l->btf;
	if (!nr)
		return true;
	attr->func_info = (unsigned long)info;
	attr->func_info_cnt = nr;
	attr->func_info_rec_size = sizeof(info[0]);
	return true;
}

bool case_load(const struct test_case *c, struct loaded *l, char *why, unsigned int size)
{
	static struct bpf_insn insn[LOAD_INSNS];
	static struct asm_labels labels;
	static struct asm_refs refs;
	int type = type_by_name(c->type, prog_str, 64), cnt;
	union bpf_attr attr = { 0 };
	struct asm_error err = { 0 };
	const char *name;

	memset(l, -1, sizeof(*l));
	cnt = asm_program(c->text, insn, LOAD_INSNS, &refs, &labels, &err);
	if (cnt < 0) {
		snprintf(why, size, "line %d: %s", c->line + err.line, err.text);
		return false;
	}
	if (type < 0 || !set_attach(c, &attr)) {
		snprintf(why, size, "unknown type of program or attachment");
		return false;
	}
	name = place_names(insn, &refs);
	if (name || !type_is_here(type, &attr)) {
		snprintf(why, size, "SKIP %s is not here", name ?: c->type);
		return false;
	}
	if (!make_types(c, l, &labels, &attr, why, size) || !make_maps(c, l, why, size))
		return false;
	place_locals(insn, &refs);
	place_maps(insn, cnt, l->maps, c->nr_maps);
	attr.prog_type = type;
	attr.insns = (unsigned long)insn;
	attr.insn_cnt = cnt;
	attr.license = (unsigned long)(c->nogpl ? "Proprietary" : "GPL");
	attr.log_buf = (unsigned long)log_buf;
	attr.log_size = c->level ? sizeof(log_buf) : 0;
	attr.log_level = c->level;
	attr.prog_flags = c->prog_flags;
	strcpy(attr.prog_name, "case");
	if (!c->level)
		attr.log_buf = 0;
	load(c, l, &attr);
	return true;
}

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

void case_unload(struct loaded *l, const struct test_case *c)
{
	unsigned int i;

	close_fd(l->prog);
	close_fd(l->btf);
	for (i = 0; i < c->nr_maps; i++) {
		close_fd(l->maps[i]);
		close_fd(l->inner[i]);
	}
}

int case_run(const struct test_case *c, const struct loaded *l, unsigned int *ret)
{
	union bpf_attr attr = { 0 };
	unsigned char data[256], ctx[256];

	memset(data, 0, sizeof(data));
	memcpy(data, c->data, c->data_len);
	memcpy(ctx, c->ctx, c->ctx_len);
	attr.test.prog_fd = l->prog;
	if (c->ctx_len) {
		attr.test.ctx_in = (unsigned long)ctx;
		attr.test.ctx_size_in = c->ctx_len;
	}
	if (strcmp(c->type, "raw_tracepoint") && strcmp(c->type, "syscall")) {
		attr.test.data_in = (unsigned long)data;
		attr.test.data_size_in = c->data_len < 64 ? 64 : c->data_len;
	}
	if (home_bpf(BPF_PROG_TEST_RUN, &attr, sizeof(attr)))
		return errno;
	*ret = attr.test.retval;
	return 0;
}

const char *case_xlated(const struct loaded *l)
{
	static struct bpf_insn insn[LOAD_INSNS];
	static char text[1 << 20];
	struct bpf_prog_info info = { 0 };
	union bpf_attr attr = { 0 };
	unsigned int i, len = 0;

	info.xlated_prog_insns = (unsigned long)insn;
	info.xlated_prog_len = sizeof(insn);
	attr.info.bpf_fd = l->prog;
	attr.info.info_len = sizeof(info);
	attr.info.info = (unsigned long)&info;
	if (home_bpf(BPF_OBJ_GET_INFO_BY_FD, &attr, sizeof(attr)))
		return NULL;
	for (i = 0; i < info.xlated_prog_len / sizeof(insn[0]) && len < sizeof(text) - 256;) {
		insn_text(text + len, 192, &insn[i], NULL);
		len += strlen(text + len);
		text[len++] = '\n';
		i += insn_slots(&insn[i]);
	}
	text[len] = 0;
	return text;
}
