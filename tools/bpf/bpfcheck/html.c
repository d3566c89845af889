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

void html_start(FILE *out)
{
	fputs("<!DOCTYPE html>\n<html lang=en><meta charset=utf-8><title>bpfcheck</title>\n<style>\n"
	      "body{font:14px/1.4 sans-serif;margin:1em;max-width:110em}\n"
	      "summary{cursor:pointer;padding:.3em;background:#eef;margin:.3em 0}\n"
	      ".bad{color:#a00}.ok{color:#060}\n"
	      ".cols{display:grid;grid-template-columns:minmax(0,3fr) minmax(0,4fr);gap:1em}\n"
	      ".box{max-height:70vh;overflow:auto;border:1px solid #ccc;font:12px/1.5 monospace;white-space:pre}\n"
	      ".box div{padding:0 .5em;cursor:pointer;content-visibility:auto}\n"
	      ".box div:hover{outline:1px solid #88f}\n"
	      ".path{border-left:4px solid #c00}.at{background:#fcc!important;font-weight:bold}\n"
	      ".sel{outline:2px solid #00f!important}.hot{background:#ffd}\n"
	      ".state{font:12px monospace;min-height:3em;background:#f4f4f4;padding:.5em;white-space:pre-wrap}\n"
	      "pre{background:#f4f4f4;padding:.5em;overflow:auto}\n"
	      "</style>\n<h1>bpfcheck</h1>\n", out);
}

static void rejection(FILE *out, const struct report *rep)
{
	fputs("<p class=bad><b>", out);
	escape(out, rep->message);
	fputs("</b><br>[", out);
	escape(out, rep->id);
	fputs("] ", out);
	escape(out, rep->why);
	if (rep->note) {
		fputs("<br>Note: ", out);
		escape(out, rep->note);
	}
	if (rep->hint) {
		fputs("<br>Hint: ", out);
		escape(out, rep->hint);
	}
	fputs("</p>\n", out);
}

/* Lightness by powers of two of how often an instruction was walked. */
static unsigned int heat(unsigned long walked)
{
	unsigned int level = 0;

	while (walked > 1 && level < 12) {
		walked >>= 1;
		level++;
	}
	return 100 - level * 4;
}

static void instructions(FILE *out, const struct report *rep)
{
	size_t i;

	fputs("<div class=box>", out);
	for (i = 0; i < rep->nr_insn; i++) {
		const struct log_insn *insn = &rep->insn[i];

		if (!insn->text)
			continue;
		fprintf(out,
			"<div class=\"i%s%s\" style=\"background:hsl(40,90%%,%u%%)\" data-l=\"",
			insn->on_path ? " path" : "", (long)i == rep->at_insn ? " at" : "",
			heat(insn->walked));
		escape(out, insn->source ? strrchr(insn->source, '@') ?: "" : "");
		fputs("\" data-s=\"", out);
		escape(out, insn->state ? insn->state : "");
		fprintf(out, "\" title=\"walked %lu times\">%5zu: ", insn->walked, i);
		escape(out, insn->text);
		fputs("</div>", out);
	}
	fputs("</div>", out);
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

	fputs("<div class=box>", out);
	for (i = 0; lines && i < src->nr; i++)
		lines[i] = &src->lines[i];
	if (lines)
		qsort(lines, src->nr, sizeof(*lines), by_place);
	for (i = 0; lines && i < src->nr; i++) {
		if (last && !by_place(&last, &lines[i]))
			continue;
		if (!last || strcmp(last->file, lines[i]->file)) {
			fputs("<b>", out);
			escape(out, lines[i]->file);
			fputs("</b>\n", out);
		}
		last = lines[i];
		fputs("<div class=s data-l=\"@ ", out);
		escape(out, base(last->file));
		fprintf(out, ":%u\">%5u | ", last->line, last->line);
		escape(out, last->text);
		fputs("</div>", out);
	}
	fputs("</div>", out);
	free(lines);
}

void html_result(FILE *out, const struct result *r, const struct source *src)
{
	const struct report *rep = &r->rep;

	fprintf(out, "<details%s><summary><b>", r->verdict == ACCEPTED ? "" : " open");
	escape(out, r->name);
	fputs("</b> (", out);
	escape(out, r->type);
	fprintf(out, ") <span class=%s>%s</span>: %lu instructions walked, %lu states (peak %lu), stack %s</summary>\n",
		r->verdict == ACCEPTED ? "ok" : "bad",
		r->verdict == ACCEPTED ? "accepted" : r->verdict == REJECTED ? "rejected" : "unchecked",
		rep->insns, rep->states, rep->peak, rep->stack ? rep->stack : "?");
	if (r->verdict == REJECTED)
		rejection(out, rep);
	if (r->trouble) {
		fputs("<p class=bad>", out);
		escape(out, r->trouble);
		fputs("</p>", out);
	}
	fputs("<div class=prog><div class=state>Choose an instruction.</div><div class=cols>", out);
	sources(out, src);
	instructions(out, rep);
	fputs("</div></div></details>\n", out);
}

void html_end(FILE *out)
{
	fputs("<script>\n"
	      "document.addEventListener('click',e=>{const d=e.target.closest('.i,.s');if(!d)return;"
	      "const p=d.closest('.prog'),l=d.dataset.l;"
	      "p.querySelectorAll('.sel,.hot').forEach(x=>x.classList.remove('sel','hot'));"
	      "d.classList.add('sel');"
	      "if(d.classList.contains('i'))p.querySelector('.state').textContent=d.textContent.trim()+'\\n'+(d.dataset.s||'no register changed')+'\\n'+d.title;"
	      "if(l){let f=0;p.querySelectorAll(d.classList.contains('i')?'.s':'.i').forEach(x=>{"
	      "if(x.dataset.l===l){x.classList.add('hot');if(!f++)x.scrollIntoView({block:'nearest'});}});}});\n"
	      "document.querySelectorAll('.at').forEach(x=>{x.click();x.scrollIntoView({block:'center'});});scrollTo(0,0);\n"
	      "</script>\n", out);
}
