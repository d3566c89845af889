// SPDX-License-Identifier: GPL-2.0
/* Results as text and as JSON. */
#include <stdlib.h>
#include <string.h>

#include "bpfcheck.h"

#define NEIGHBOURS 2

static const char *const verdicts[] = { "accepted", "rejected", "unchecked" };

/* Bytes of a state that the verifier kept, on average. */
unsigned long report_average(const struct report *rep)
{
	return rep->states ? rep->state_bytes / rep->states : 0;
}

/* ------------------------------------------------------------------ text */

static void text_source(FILE *out, const struct report *rep, const struct source *src)
{
	unsigned int line, l;
	char file[256];

	if (!rep->at_source)
		return;
	if (!source_place(rep->at_source, file, sizeof(file), &line)) {
		fprintf(out, "      %s\n", rep->at_source);
		return;
	}
	fprintf(out, "    %s:%u\n", file, line);
	for (l = line > NEIGHBOURS ? line - NEIGHBOURS : 1; l <= line + NEIGHBOURS; l++) {
		const char *text = source_text(src, file, l);

		if (text)
			fprintf(out, "    %c %5u | %s\n", l == line ? '>' : ' ', l, text);
	}
}

static void text_rejection(FILE *out, const struct result *r, const struct source *src)
{
	const struct report *rep = &r->rep;
	size_t i;

	if (rep->message)
		fprintf(out, "    %s\n", rep->message);
	if (rep->id)
		fprintf(out, "    [%s] %s\n", rep->id, rep->why ? rep->why : "");
	if (rep->at)
		fprintf(out, "    at instruction %s\n", rep->at);
	text_source(out, rep, src);
	if (rep->nr_path) {
		fprintf(out, "    path:\n");
		for (i = 0; i < rep->nr_path; i++)
			fprintf(out, "      %s\n", rep->path[i]);
	}
	if (rep->note)
		fprintf(out, "    note: %s\n", rep->note);
	if (rep->hint)
		fprintf(out, "    hint: %s\n", rep->hint);
}

static void text_result(FILE *out, const struct result *r, const struct source *src)
{
	const struct report *rep = &r->rep;

	fprintf(out, "  %-32s %-16s %s", r->name, r->type ? r->type : "?", verdicts[r->verdict]);
	if (r->verdict != UNCHECKED) {
		fprintf(out, "  %lu us, %lu insns, %lu states (peak %lu)",
			rep->usec ? rep->usec : r->usec, rep->insns, rep->states, rep->peak);
		if (rep->stack)
			fprintf(out, ", stack %s", rep->stack);
		if (opt.stats)
			fprintf(out, ", %lu bytes a state, at most %lu KiB", report_average(rep),
				(rep->peak_bytes + 1023) / 1024);
	}
	fputc('\n', out);
	if (r->verdict == REJECTED)
		text_rejection(out, r, src);
	else if (r->verdict == UNCHECKED)
		fprintf(out, "    could not be checked: %s\n", r->trouble ? r->trouble : "?");
	if (opt.verbose && r->log && *r->log)
		fprintf(out, "%s", r->log);
}

/* ------------------------------------------------------------------ JSON */

/* Bytes of the character of UTF-8 that begins here, 0: none does. */
static int utf8_length(const unsigned char *s)
{
	int n = *s < 0xc2 || *s > 0xf4 ? 0 : *s < 0xe0 ? 2 : *s < 0xf0 ? 3 : 4, i;

	for (i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((*s == 0xe0 && s[1] < 0xa0) || (*s == 0xed && s[1] > 0x9f) ||
	    (*s == 0xf0 && s[1] < 0x90) || (*s == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

static const char *json_char(FILE *out, const char *s)
{
	unsigned char c = *s;
	int n;

	if (c == '"' || c == '\\') {
		fprintf(out, "\\%c", c);
	} else if (c == '\n') {
		fputs("\\n", out);
	} else if (c == '\t') {
		fputs("\\t", out);
	} else if (c < 0x20 || c == 0x7f) {
		fprintf(out, "\\u%04x", c);
	} else if (c < 0x80) {
		fputc(c, out);
	} else {
		n = utf8_length((const unsigned char *)s);
		if (!n) {
			fputs("\\ufffd", out);
		} else {
			fwrite(s, 1, n, out);
			return s + n;
		}
	}
	return s + 1;
}

void json_string(FILE *out, const char *s)
{
	if (!s) {
		fputs("null", out);
		return;
	}
	fputc('"', out);
	while (*s)
		s = json_char(out, s);
	fputc('"', out);
}

static void json_field(FILE *out, const char *name, const char *value)
{
	fprintf(out, ", \"%s\": ", name);
	json_string(out, value);
}

static void json_source(FILE *out, const struct report *rep, const struct source *src)
{
	unsigned int line = 0, l;
	bool first = true;
	char file[256];

	fputs(", \"source\": ", out);
	if (!rep->at_source || !source_place(rep->at_source, file, sizeof(file), &line)) {
		fputs("null", out);
		return;
	}
	fputs("{\"file\": ", out);
	json_string(out, file);
	fprintf(out, ", \"line\": %u, \"context\": [", line);
	for (l = line > NEIGHBOURS ? line - NEIGHBOURS : 1; l <= line + NEIGHBOURS; l++) {
		const char *text = source_text(src, file, l);

		if (!text)
			continue;
		fprintf(out, "%s{\"line\": %u, \"text\": ", first ? "" : ", ", l);
		json_string(out, text);
		fputc('}', out);
		first = false;
	}
	fputs("]}", out);
}

static void json_rejection(FILE *out, const struct report *rep, const struct source *src)
{
	size_t i;

	fputs("{\"id\": ", out);
	json_string(out, rep->id);
	json_field(out, "message", rep->message);
	json_field(out, "reason", rep->why);
	json_field(out, "note", rep->note);
	json_field(out, "hint", rep->hint);
	json_field(out, "at", rep->at);
	fprintf(out, ", \"insn\": %ld", rep->at_insn);
	json_source(out, rep, src);
	fputs(", \"path\": [", out);
	for (i = 0; i < rep->nr_path; i++) {
		if (i)
			fputs(", ", out);
		json_string(out, rep->path[i]);
	}
	fputs("]}", out);
}

static void json_result(FILE *out, const struct result *r, const struct source *src, bool first)
{
	const struct report *rep = &r->rep;

	fprintf(out, "%s\n    {\"name\": ", first ? "" : ",");
	json_string(out, r->name);
	json_field(out, "section", r->section);
	json_field(out, "type", r->type);
	json_field(out, "verdict", verdicts[r->verdict]);
	fprintf(out, ", \"errno\": %d", -r->err);
	fprintf(out, ", \"time_usec\": %lu, \"insns\": %lu, \"states\": %lu, \"peak_states\": %lu, \"max_states_per_insn\": %lu, \"memory\": %lu, \"bytes_per_state\": %lu, \"peak_bytes\": %lu",
		rep->usec ? rep->usec : r->usec, rep->insns, rep->states, rep->peak, rep->per_insn,
		r->memory, report_average(rep), rep->peak_bytes);
	json_field(out, "stack", rep->stack);
	fputs(", \"rejection\": ", out);
	if (r->verdict == REJECTED)
		json_rejection(out, rep, src);
	else
		fputs("null", out);
	json_field(out, "trouble", r->trouble);
	if (opt.verbose)
		json_field(out, "log", r->log);
	fputc('}', out);
}

/* ------------------------------------------------------------------ both */

void print_result(const struct outputs *to, const struct result *r, const struct source *src,
		  bool first)
{
	if (opt.format == TEXT)
		text_result(to->text, r, src);
	else if (opt.format == JSON)
		json_result(to->text, r, src, first);
	if (to->page)
		html_result(to->page, r, src);
}

void print_file_start(const struct outputs *to, const char *path, bool first)
{
	if (opt.format == TEXT) {
		fprintf(to->text, "%s\n", path);
	} else if (opt.format == JSON) {
		fprintf(to->text, "%s\n  {\"file\": ", first ? "" : ",");
		json_string(to->text, path);
		fputs(", \"programs\": [", to->text);
	}
	if (to->page)
		html_element(to->page, "<h2>", path, "</h2>\n");
}

void print_file_end(const struct outputs *to, const char *trouble, bool programs)
{
	if (opt.format == JSON) {
		fputs(programs ? "\n  ]" : "]", to->text);
		json_field(to->text, "trouble", trouble);
		fputc('}', to->text);
	} else if (opt.format == TEXT && trouble) {
		fprintf(to->text, "  could not be checked: %s\n", trouble);
	}
	if (to->page)
		html_element(to->page, "<p class=bad>could not be checked: ", trouble, "</p>\n");
}

void print_start(const struct outputs *to)
{
	if (opt.format == JSON)
		fputs("{\"version\": 1, \"files\": [", to->text);
	if (to->page)
		html_start(to->page);
}

static void text_totals(FILE *out, const struct totals *t)
{
	fprintf(out, "%u accepted, %u rejected, %u unchecked\n", t->n[ACCEPTED], t->n[REJECTED],
		t->n[UNCHECKED]);
	fprintf(out, "%lu insns, %lu states, %lu bytes a state, at most %lu KiB\n", t->insns,
		t->states, t->states ? t->state_bytes / t->states : 0,
		(t->peak_bytes + 1023) / 1024);
}

void print_end(const struct outputs *to, const struct totals *totals)
{
	if (opt.format == JSON)
		fprintf(to->text,
			"\n], \"accepted\": %u, \"rejected\": %u, \"unchecked\": %u}\n",
			totals->n[ACCEPTED], totals->n[REJECTED], totals->n[UNCHECKED]);
	else if (opt.format == TEXT && opt.stats)
		text_totals(to->text, totals);
	if (to->page)
		html_end(to->page);
}
