// SPDX-License-Identifier: GPL-2.0
/*
 * Source lines: from the object's line information, and from the file itself where it can be
 * read.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "bpfcheck.h"

struct ext_header {
	uint16_t magic;
	uint8_t version;
	uint8_t flags;
	uint32_t hdr_len;
	uint32_t func_off, func_len;
	uint32_t line_off, line_len;
};

struct line_record {
	uint32_t insn_off;
	uint32_t file_off;
	uint32_t text_off;
	uint32_t line_col;
};

static void add(struct source *src, const struct btf *btf, const struct line_record *rec)
{
	struct source_line *more;

	more = realloc(src->lines, (src->nr + 1) * sizeof(*more));
	if (!more)
		return;
	src->lines = more;
	more += src->nr++;
	more->file = btf__name_by_offset(btf, rec->file_off);
	more->text = btf__name_by_offset(btf, rec->text_off);
	more->line = rec->line_col >> 10;
}

/* The names stay in the BTF object, which is kept as long as the process. */
void source_read(struct source *src, const char *path)
{
	const struct ext_header *h;
	struct btf_ext *ext = NULL;
	const uint8_t *p, *end;
	uint32_t rec_size, n;
	struct btf *btf;
	uint32_t size;

	memset(src, 0, sizeof(*src));
	btf = btf__parse_elf(path, &ext);
	if (!btf || !ext)
		return;
	h = btf_ext__get_raw_data(ext, &size);
	if (!h || size < sizeof(*h) || h->hdr_len > size || h->line_off > size - h->hdr_len ||
	    h->line_len > size - h->hdr_len - h->line_off || h->line_len < 4)
		return;
	p = (const uint8_t *)h + h->hdr_len + h->line_off;
	end = p + h->line_len;
	memcpy(&rec_size, p, 4);
	p += 4;
	if (rec_size < sizeof(struct line_record))
		return;
	while (end - p >= 8) {
		memcpy(&n, p + 4, 4);
		p += 8;
		while (n-- && end - p >= (long)rec_size) {
			struct line_record rec;

			memcpy(&rec, p, sizeof(rec));
			add(src, btf, &rec);
			p += rec_size;
		}
	}
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* From the file on disk, if it is there and still says what the object says. */
static const char *from_disk(const char *path, unsigned int line)
{
	static char text[512];
	unsigned int n = 0;
	FILE *f = fopen(path, "re");

	if (!f)
		return NULL;
	while (fgets(text, sizeof(text), f)) {
		if (++n == line) {
			text[strcspn(text, "\r\n")] = 0;
			fclose(f);
			return text;
		}
	}
	fclose(f);
	return NULL;
}

const char *source_text(const struct source *src, const char *file, unsigned int line)
{
	const char *full = NULL;
	size_t i;

	for (i = 0; i < src->nr; i++) {
		if (strcmp(base(src->lines[i].file), base(file)))
			continue;
		full = src->lines[i].file;
		if (src->lines[i].line == line && src->lines[i].text[0])
			return src->lines[i].text;
	}
	return full ? from_disk(full, line) : NULL;
}

/* "text @ file:line" */
bool source_place(const char *at, char *file, size_t size, unsigned int *line)
{
	const char *sep = NULL, *p, *colon;

	for (p = at; (p = strstr(p, " @ ")); p += 3)
		sep = p + 3;
	if (!sep)
		return false;
	colon = strrchr(sep, ':');
	if (!colon || (size_t)(colon - sep) >= size)
		return false;
	memcpy(file, sep, colon - sep);
	file[colon - sep] = 0;
	*line = strtoul(colon + 1, NULL, 10);
	return true;
}
