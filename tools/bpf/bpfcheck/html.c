// SPDX-License-Identifier: GPL-2.0
/*
 * One self-contained page: source and instructions side by side, a click on an instruction shows
 * what the registers held, the failing path is marked, and colour says how often an instruction was
 * walked.
 */
#include <stdlib.h>
#include <string.h>

#include "bpfcheck.h"

static void escape(FILE *out, const char *s)
{
	for (; s && *s; s++) {
		switch (*s) {
		case '<':
			fputs("&lt;", out);
			break;
		case '>':
			fputs("&gt;", out);
			break;
		case '&':
			fputs("&amp;", out);
			break;
		case '"':
			fputs("&quot;", out);
			break;
		default:
			fputc(*s, out);
		}
	}
}

static const char css[] =
#include "page_css.inc"
;

static const char js[] =
#include "page_js.inc"
;

void html_start(FILE *out)
{
	fprintf(out,
		"<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><title>bpfcheck</title>\n"
		"<meta name=viewport content=\"width=device-width\">\n<style>\n%s</style>\n"
		"<header><h1>bpfcheck</h1><span>what the verifier of the kernel says</span></header>\n<main>\n",
		css);
}

/* Text with what has a meaning in HTML escaped; nothing for NULL. */
void html_element(FILE *out, const char *before, const char *text, const char *after)
{
	if (!text)
		return;
	fputs(before, out);
	escape(out, text);
	fputs(after, out);
}

static void rejection(FILE *out, const struct report *rep)
{
	size_t i;

	fputs("<div class=why>", out);
	html_element(out, "<span class=id>", rep->id, "</span>");
	html_element(out, "<code>", rep->message, "</code>");
	html_element(out, "<p>", rep->why, "</p>");
	html_element(out, "<p>", rep->note, "</p>");
	html_element(out, "<p><b>What to do:</b> ", rep->hint, "</p>");
	if (rep->nr_path)
		fputs("<p><b>The path that leads there:</b></p><ol>", out);
	for (i = 0; i < rep->nr_path; i++)
		html_element(out, "<li>", rep->path[i], "</li>\n");
	fputs(rep->nr_path ? "</ol></div>\n" : "</div>\n", out);
}

/* Lightness by powers of four of how often an instruction was walked. */
#define HEAT_STEPS	7

static unsigned int heat(unsigned long walked)
{
	unsigned int level = 0;

	while (walked > 1 && level < HEAT_STEPS - 1) {
		walked >>= 2;
		level++;
	}
	return 100 - level * 7;
}

static void bar(FILE *out, const struct report *rep)
{
	unsigned long walked = 1;
	int i;

	fputs("<div class=bar><span>walked</span><span>1</span><span class=scale>", out);
	for (i = 0; i < HEAT_STEPS; i++, walked *= 4)
		fprintf(out, "<i style=\"background:hsl(40,90%%,%u%%)\" title=\"%lu or more\"></i>",
			heat(walked), walked);
	fprintf(out, "</span><span>%lu and more</span>", walked / 4);
	if (rep->at_insn >= 0)
		fputs("<label><input type=checkbox class=onlybox> only the failing path</label>",
		      out);
	fputs("<input type=search placeholder=\"find in instructions\">", out);
	fputs("<span>j, k: next, previous</span></div>\n", out);
}

/* So many instructions after one whose registers stand there in full only what changed is said. */
#define FULL_EVERY	64

static bool is_ascii(const char *s)
{
	while (*s && !(*s & 0x80))
		s++;
	return !*s;
}

/* What registers and stack hold; or how much of the text before is kept at both ends. */
static void held(FILE *out, const char *text, const char *before)
{
	size_t len = strlen(text), old, front = 0, back = 0;

	if (!before || !is_ascii(text) || !is_ascii(before)) {
		html_element(out, "\" data-b=\"", text, "");
		return;
	}
	old = strlen(before);
	while (front < len && front < old && text[front] == before[front])
		front++;
	while (back < len - front && back < old - front &&
	       text[len - 1 - back] == before[old - 1 - back])
		back++;
	fprintf(out, "\" data-d=\"%zu %zu ", front, back);
	for (text += front, len -= front + back; len; text++, len--)
		escape(out, (char []){ *text, 0 });
}

static void instructions(FILE *out, const struct report *rep)
{
	const char *before = NULL;
	unsigned int since = 0;
	size_t i;

	fputs("<div><h3>Instructions</h3><div class=box>", out);
	for (i = 0; i < rep->nr_insn; i++) {
		const struct log_insn *insn = &rep->insn[i];

		if (!insn->text)
			continue;
		fprintf(out,
			"<div class=\"row i%s%s\" style=\"background:hsl(40,90%%,%u%%)\" data-l=\"",
			insn->on_path ? " path" : "", (long)i == rep->at_insn ? " at" : "",
			heat(insn->walked));
		escape(out, insn->source ? strrchr(insn->source, '@') ?: "" : "");
		held(out, insn->before ?: "", since++ % FULL_EVERY ? before : NULL);
		before = insn->before ?: "";
		fputs("\" data-s=\"", out);
		escape(out, insn->state ? insn->state : "");
		fprintf(out,
			"\" title=\"walked %lu %s\"><span class=n>%zu</span><span class=c>%lu</span><span class=t>",
			insn->walked, insn->walked == 1 ? "time" : "times", i, insn->walked);
		escape(out, insn->text);
		fputs("</span></div>\n", out);
	}
	fputs("</div></div>", out);
}

static int by_place(const void *a, const void *b)
{
	const struct source_line *const *x = a, *const *y = b;
	int c = strcmp((*x)->file, (*y)->file);

	return c ? c : (int)(*x)->line - (int)(*y)->line;
}

static const char *base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static void sources(FILE *out, const struct source *src)
{
	const struct source_line **lines = calloc(src->nr + 1, sizeof(*lines)), *last = NULL;
	size_t i;

	fputs("<div><h3>Source</h3><div class=box>", out);
	for (i = 0; lines && i < src->nr; i++)
		lines[i] = &src->lines[i];
	if (lines)
		qsort(lines, src->nr, sizeof(*lines), by_place);
	for (i = 0; lines && i < src->nr; i++) {
		if (last && !by_place(&last, &lines[i]))
			continue;
		if (!last || strcmp(last->file, lines[i]->file))
			html_element(out, "<div class=file>", lines[i]->file, "</div>\n");
		last = lines[i];
		fputs("<div class=\"row s\" data-l=\"@ ", out);
		escape(out, base(last->file));
		fprintf(out, ":%u\"><span class=n>%u</span><span>", last->line, last->line);
		escape(out, last->text);
		fputs("</span></div>\n", out);
	}
	if (!src->nr)
		fputs("<p>&nbsp;The object has no line information (clang -g).</p>", out);
	fputs("</div></div>", out);
	free(lines);
}

void html_result(FILE *out, const struct result *r, const struct source *src)
{
	static const char *const verdicts[] = { "accepted", "rejected", "unchecked" };
	const struct report *rep = &r->rep;

	fprintf(out, "<details%s><summary>", r->verdict == ACCEPTED ? "" : " open");
	html_element(out, "<b>", r->name, "</b>");
	html_element(out, "<span class=type>", r->type, "</span>");
	fprintf(out,
		"<span class=\"verdict %s\">%s</span><span class=figures>%lu instructions walked, %lu states (peak %lu), stack %s, %lu \302\265s</span></summary>\n<div class=prog>",
		verdicts[r->verdict], verdicts[r->verdict], rep->insns, rep->states, rep->peak,
		rep->stack ? rep->stack : "?", rep->usec ? rep->usec : r->usec);
	if (r->verdict == REJECTED)
		rejection(out, rep);
	html_element(out, "<div class=why><code>", r->trouble, "</code></div>");
	if (rep->nr_insn) {
		bar(out, rep);
		fputs("<div class=cols>", out);
		sources(out, src);
		instructions(out, rep);
		fputs("<div><h3>Registers and stack</h3><div class=state></div></div></div>", out);
	}
	fputs("</div></details>\n", out);
}

void html_end(FILE *out)
{
	fprintf(out, "</main>\n<script>\n%s</script>\n</html>\n", js);
}
