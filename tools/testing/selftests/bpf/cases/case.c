// SPDX-License-Identifier: GPL-2.0
#include <stdlib.h>
#include <string.h>
#include "case.h"

#define FLAG_RDONLY	(1U << 7)	/* BPF_F_RDONLY_PROG */
#define FLAG_WRONLY	(1U << 8)	/* BPF_F_WRONLY_PROG */

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

static int parse_map(const struct case_file *cf, struct test_case *c, const char *s)
{
	struct case_map *m = &c->maps[c->nr_maps];
	char buf[192], *word, *save;
	unsigned int n;

	if (c->nr_maps++ == CASE_MAPS)
		return bad(cf, "too many maps");
	memset(m, 0, sizeof(*m));
	m->lock = -1;
	m->timer = -1;
	copy(buf, s, sizeof(buf));
	word = strtok_r(buf, " ", &save);
	if (!word)
		return bad(cf, "map type expected");
	copy(m->type, word, sizeof(m->type));
	while ((word = strtok_r(NULL, " ", &save))) {
		if (!strcmp(word, "rdonly"))
			m->flags |= FLAG_RDONLY;
		else if (!strcmp(word, "wronly"))
			m->flags |= FLAG_WRONLY;
		else if (sscanf(word, "key=%u", &n) == 1)
			m->key = n;
		else if (sscanf(word, "value=%u", &n) == 1)
			m->value = n;
		else if (sscanf(word, "max=%u", &n) == 1)
			m->max = n;
		else if (sscanf(word, "lock=%u", &n) == 1)
			m->lock = n;
		else if (sscanf(word, "timer=%u", &n) == 1)
			m->timer = n;
		else
			return bad(cf, "unknown map attribute");
	}
	return 0;
}

static int parse_flags(const struct case_file *cf, struct test_case *c, const char *s)
{
	char buf[192], *word, *save;

	copy(buf, s, sizeof(buf));
	for (word = strtok_r(buf, " ", &save); word; word = strtok_r(NULL, " ", &save)) {
		if (!strcmp(word, "unpriv"))
			c->unprivileged = true;
		else if (!strcmp(word, "strict"))
			c->strict = true;
		else if (!strcmp(word, "sleepable"))
			c->sleepable = true;
		else if (!strcmp(word, "freq"))
			c->freq = true;
		else if (!strcmp(word, "nogpl"))
			c->nogpl = true;
		else
			return bad(cf, "unknown flag");
	}
	return 0;
}

static int parse_data(const struct case_file *cf, struct test_case *c, const char *s)
{
	char *end;

	while (*s) {
		if (c->data_len == sizeof(c->data))
			return bad(cf, "too much data");
		c->data[c->data_len++] = strtoul(s, &end, 16);
		if (end == s)
			return bad(cf, "bytes in hex expected");
		s = end;
		while (*s == ' ')
			s++;
	}
	c->has_run = true;
	return 0;
}

static int add_says(const struct case_file *cf, struct test_case *c, const char *s)
{
	if (c->nr_says == CASE_SAYS)
		return bad(cf, "too much is said");
	copy(c->says[c->nr_says++], s, sizeof(c->says[0]));
	return 0;
}

static int header_line(const struct case_file *cf, struct test_case *c, const char *line,
		       bool *verdict)
{
	const char *s;

	if (!*line || *line == '#')
		return 0;
	if (!strcmp(line, "accept")) {
		c->accept = true;
		*verdict = true;
		return 0;
	}
	s = value_of(line, "reject");
	if (s) {
		*verdict = true;
		return add_says(cf, c, s);
	}
	s = value_of(line, "says");
	if (s)
		return add_says(cf, c, s);
	s = value_of(line, "type");
	if (s) {
		copy(c->type, s, sizeof(c->type));
		return 0;
	}
	s = value_of(line, "flags");
	if (s)
		return parse_flags(cf, c, s);
	s = value_of(line, "map");
	if (s)
		return parse_map(cf, c, s);
	s = value_of(line, "data");
	if (s)
		return parse_data(cf, c, s);
	s = value_of(line, "returns");
	if (s) {
		c->ret = strtoul(s, NULL, 0);
		c->has_run = true;
		return 0;
	}
	s = value_of(line, "insns");
	if (s) {
		c->max_insns = strtoul(s, NULL, 0);
		return 0;
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
	cf->pending[0] = 0;
	while (get_line(cf, line, sizeof(line))) {
		if (!strcmp(line, "--"))
			return verdict ? read_text(cf, c) : bad(cf, "no verdict");
		if (header_line(cf, c, line, &verdict))
			return -1;
	}
	return bad(cf, "case without a program");
}
