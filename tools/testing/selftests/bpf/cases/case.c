// SPDX-License-Identifier: GPL-2.0
#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <linux/bpf.h>
#include "case.h"

static int bad(const struct case_file *cf, const char *what)
{
	fprintf(stderr, "%s:%d: %s\n", cf->path, cf->line, what);
	return -1;
}

bool case_open(struct case_file *cf, const char *path)
{
	memset(cf, 0, sizeof(*cf));
	cf->path = path;
	strcpy(cf->type, "socket_filter");
	cf->f = fopen(path, "r");
	return cf->f;
}

void case_close(struct case_file *cf)
{
	fclose(cf->f);
}

static bool get_line(struct case_file *cf, char *line, size_t size)
{
	size_t len;

	if (!fgets(line, size, cf->f))
		return false;
	cf->line++;
	len = strlen(line);
	while (len && (line[len - 1] == '\n' || line[len - 1] == ' '))
		line[--len] = 0;
	return true;
}

/* "key: value" -> value */
static const char *value_of(const char *line, const char *key)
{
	size_t len = strlen(key);

	if (strncmp(line, key, len) || line[len] != ':')
		return NULL;
	line += len + 1;
	while (*line == ' ')
		line++;
	return line;
}

static void copy(char *to, const char *from, size_t size)
{
	snprintf(to, size, "%s", from);
}

static bool offset_of(const char *word, const char *key, int *off)
{
	size_t len = strlen(key);

	if (strncmp(word, key, len) || word[len] != '=')
		return false;
	return sscanf(word + len + 1, "%d", off) == 1;
}

static bool map_word(struct case_map *m, const char *word)
{
	unsigned int n;

	if (!strcmp(word, "rdonly"))
		m->flags |= BPF_F_RDONLY_PROG;
	else if (!strcmp(word, "wronly"))
		m->flags |= BPF_F_WRONLY_PROG;
	else if (!strcmp(word, "fill"))
		m->fill = true;
	else if (!strcmp(word, "inner"))
		m->inner = true;
	else if (sscanf(word, "key=%u", &n) == 1)
		m->key = n;
	else if (sscanf(word, "value=%u", &n) == 1)
		m->value = n;
	else if (sscanf(word, "max=%u", &n) == 1)
		m->max = n;
	else if (sscanf(word, "flags=%u", &n) == 1)
		m->flags |= n;
	else if (!strncmp(word, "type=", 5))
		copy(m->value_type, word + 5, sizeof(m->value_type));
	else if (offset_of(word, "kptr", &m->kptr) ||
		 offset_of(word, "kptr_untrusted", &m->kptr_untrusted))
		copy(m->kptr_type, strchr(word, ':') ? strchr(word, ':') + 1 : "",
		     sizeof(m->kptr_type));
	else
		return offset_of(word, "lock", &m->lock) || offset_of(word, "timer", &m->timer) ||
		       offset_of(word, "wq", &m->wq);
	return true;
}

static int parse_map(const struct case_file *cf, struct test_case *c, const char *s)
{
	struct case_map *m = &c->maps[c->nr_maps];
	char buf[192], *word, *save;

	if (c->nr_maps++ == CASE_MAPS)
		return bad(cf, "too many maps");
	memset(m, 0, sizeof(*m));
	m->lock = -1;
	m->timer = -1;
	m->wq = -1;
	m->kptr = -1;
	m->kptr_untrusted = -1;
	copy(buf, s, sizeof(buf));
	word = strtok_r(buf, " ", &save);
	if (!word)
		return bad(cf, "map type expected");
	copy(m->type, word, sizeof(m->type));
	while ((word = strtok_r(NULL, " ", &save)))
		if (!map_word(m, word))
			return bad(cf, "unknown map attribute");
	return 0;
}

static const struct {
	const char *name;
	unsigned int flag;
} prog_flags[] = {
	{ "strict", BPF_F_STRICT_ALIGNMENT },
	{ "any_alignment", BPF_F_ANY_ALIGNMENT },
	{ "rnd_hi32", BPF_F_TEST_RND_HI32 },
	{ "freq", BPF_F_TEST_STATE_FREQ },
	{ "sleepable", BPF_F_SLEEPABLE },
	{ "invariants", BPF_F_TEST_REG_INVARIANTS },
	{ "frags", BPF_F_XDP_HAS_FRAGS },
};

static bool flag_word(struct test_case *c, const char *word)
{
	unsigned int i;

	if (!strcmp(word, "unpriv")) {
		c->unprivileged = true;
	} else if (!strcmp(word, "bpf")) {
		c->only_bpf = true;
	} else if (!strcmp(word, "nogpl")) {
		c->nogpl = true;
	} else {
		for (i = 0; i < sizeof(prog_flags) / sizeof(prog_flags[0]); i++) {
			if (strcmp(word, prog_flags[i].name))
				continue;
			c->prog_flags |= prog_flags[i].flag;
			return true;
		}
		return false;
	}
	return true;
}

static int parse_flags(const struct case_file *cf, struct test_case *c, const char *s)
{
	char buf[192], *word, *save;

	copy(buf, s, sizeof(buf));
	for (word = strtok_r(buf, " ", &save); word; word = strtok_r(NULL, " ", &save))
		if (!flag_word(c, word))
			return bad(cf, "unknown flag");
	return 0;
}

static int parse_bytes(const struct case_file *cf, unsigned char *to, unsigned int *len,
		       const char *s)
{
	char *end;

	while (*s) {
		if (*len == 256)
			return bad(cf, "too much data");
		to[(*len)++] = strtoul(s, &end, 16);
		if (end == s)
			return bad(cf, "bytes in hex expected");
		s = end;
		while (*s == ' ')
			s++;
	}
	return 0;
}

static int parse_errno(const struct case_file *cf, struct test_case *c, const char *s)
{
	static const struct {
		const char *name;
		int err;
	} names[] = {
		{ "EACCES", EACCES }, { "EINVAL", EINVAL }, { "EPERM", EPERM }, { "E2BIG", E2BIG },
		{ "EOPNOTSUPP", EOPNOTSUPP }, { "EFAULT", EFAULT }, { "EPROTO", EPROTO },
		{ "ENOENT", ENOENT }, { "EBADF", EBADF }, { "ENOTSUPP", 524 },
		{ "ENOSPC", ENOSPC }, { "EBUSY", EBUSY },
	};
	unsigned int i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(names[i].name, s))
			continue;
		c->err = names[i].err;
		return 0;
	}
	return bad(cf, "unknown errno");
}

static int parse_number(unsigned int *to, const char *s)
{
	*to = strtoul(s, NULL, 0);
	return 0;
}

static int parse_data(const struct case_file *cf, struct test_case *c, const char *s)
{
	c->has_run = true;
	return parse_bytes(cf, c->data, &c->data_len, s);
}

static int parse_ctx(const struct case_file *cf, struct test_case *c, const char *s)
{
	return parse_bytes(cf, c->ctx, &c->ctx_len, s);
}

static int parse_returns(const struct case_file *cf, struct test_case *c, const char *s)
{
	c->has_run = true;
	return parse_number(&c->ret, s);
}

static int parse_insns(const struct case_file *cf, struct test_case *c, const char *s)
{
	return parse_number(&c->max_insns, s);
}

static int parse_barriers(const struct case_file *cf, struct test_case *c, const char *s)
{
	unsigned int n;

	parse_number(&n, s);
	c->barriers = n + 1;
	return 0;
}

static int parse_level(const struct case_file *cf, struct test_case *c, const char *s)
{
	return parse_number(&c->level, s);
}

#define sizeof_field(member) sizeof(((struct test_case *)0)->member)
#define TEXT(member) \
	.text = offsetof(struct test_case, member), .size = sizeof_field(member)
#define LIST(member, count, most) \
	.text = offsetof(struct test_case, member), .size = sizeof_field(member[0]), \
	.nr = offsetof(struct test_case, count), .max = most

/* A header line: what reads its value, or where its text goes: one place, or the next of a list. */
static const struct header {
	const char *key;
	int (*parse)(const struct case_file *cf, struct test_case *c, const char *s);
	size_t text, size, nr;
	unsigned int max;
} headers[] = {
	{ "type", TEXT(type) },
	{ "attach", TEXT(attach) },
	{ "flags", parse_flags },
	{ "map", parse_map },
	{ "struct", LIST(structs, nr_structs, CASE_STRUCTS) },
	{ "func", LIST(funcs, nr_funcs, CASE_FUNCS) },
	{ "tag", LIST(tags, nr_tags, CASE_TAGS) },
	{ "errno", parse_errno },
	{ "insns", parse_insns },
	{ "level", parse_level },
	{ "barriers", parse_barriers },
	{ "reject", LIST(says, nr_says, CASE_SAYS) },
	{ "says", LIST(says, nr_says, CASE_SAYS) },
	{ "silent", LIST(silent, nr_silent, CASE_SAYS) },
	{ "xlated", LIST(xlated, nr_xlated, CASE_SAYS) },
	{ "gone", LIST(gone, nr_gone, CASE_SAYS) },
	{ "data", parse_data },
	{ "ctx", parse_ctx },
	{ "returns", parse_returns },
};

static int parse_header(const struct case_file *cf, struct test_case *c, const struct header *h,
			const char *s)
{
	unsigned int *nr = (unsigned int *)((char *)c + h->nr), at = 0;

	if (h->parse)
		return h->parse(cf, c, s);
	if (h->max) {
		at = *nr;
		if (at == h->max)
			return bad(cf, "too much of this");
		++*nr;
	}
	copy((char *)c + h->text + at * h->size, s, h->size);
	return 0;
}

static int header_line(const struct case_file *cf, struct test_case *c, const char *line,
		       bool *verdict)
{
	const char *s;
	unsigned int i;

	if (!*line)
		return 0;
	if (*line == '#') {
		c->has_reason = true;
		return 0;
	}
	if (!strcmp(line, "accept")) {
		*verdict = true;
		c->accept = true;
		return 0;
	}
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		s = value_of(line, headers[i].key);
		if (!s)
			continue;
		if (!strcmp(headers[i].key, "reject"))
			*verdict = true;
		return parse_header(cf, c, &headers[i], s);
	}
	return bad(cf, "unknown header line");
}

static int read_text(struct case_file *cf, struct test_case *c)
{
	char line[256];
	size_t len = 0;

	c->line = cf->line;
	c->text[0] = 0;
	while (get_line(cf, line, sizeof(line))) {
		if (!strncmp(line, "== ", 3)) {
			copy(cf->pending, line + 3, sizeof(cf->pending));
			return 1;
		}
		if (len + strlen(line) + 2 > sizeof(c->text))
			return bad(cf, "program text too long");
		len += sprintf(c->text + len, "%s\n", line);
	}
	return 1;
}

int case_next(struct case_file *cf, struct test_case *c)
{
	bool verdict = false;
	char line[256];
	const char *s;

	while (!cf->pending[0]) {
		if (!get_line(cf, line, sizeof(line)))
			return 0;
		s = value_of(line, "@type");
		if (s)
			copy(cf->type, s, sizeof(cf->type));
		else if (!strncmp(line, "== ", 3))
			copy(cf->pending, line + 3, sizeof(cf->pending));
		else if (*line && *line != '#')
			return bad(cf, "a case begins with ==");
	}
	memset(c, 0, offsetof(struct test_case, text));
	copy(c->name, cf->pending, sizeof(c->name));
	copy(c->type, cf->type, sizeof(c->type));
	c->level = 2;
	cf->pending[0] = 0;
	while (get_line(cf, line, sizeof(line))) {
		if (!strcmp(line, "--"))
			return verdict ? read_text(cf, c) : bad(cf, "no verdict");
		if (header_line(cf, c, line, &verdict))
			return -1;
	}
	return bad(cf, "case without a program");
}
