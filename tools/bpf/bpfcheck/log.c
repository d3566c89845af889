// SPDX-License-Identifier: GPL-2.0
/* Reading a verifier log: its stable lines only. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "bpfcheck.h"

static bool starts(const char *s, const char *with)
{
	return !strncmp(s, with, strlen(with));
}

static char *rest(const char *line, const char *with)
{
	return strdup(line + strlen(with));
}

static void replace(char **p, char *with)
{
	free(*p);
	*p = with;
}

/* "12: (61) r0 = ...": the number, or -1. */
static long insn_number(const char *line)
{
	char *end;
	long n;

	while (*line == ' ')
		line++;
	if (!isdigit((unsigned char)*line))
		return -1;
	n = strtol(line, &end, 10);
	return starts(end, ": (") ? n : -1;
}

static struct log_insn *insn_at(struct report *rep, long n)
{
	size_t cap;
	void *more;

	if (n < 0 || n > 10000000)
		return NULL;
	if ((size_t)n >= rep->nr_insn) {
		cap = (n + 1) * 2;
		more = realloc(rep->insn, cap * sizeof(*rep->insn));
		if (!more)
			return NULL;
		rep->insn = more;
		memset(rep->insn + rep->nr_insn, 0, (cap - rep->nr_insn) * sizeof(*rep->insn));
		rep->nr_insn = cap;
	}
	return &rep->insn[n];
}

/* An instruction's line; what it changed stands behind " ; ". */
static void take_insn(struct report *rep, const char *line, long n, const char *source)
{
	struct log_insn *insn = insn_at(rep, n);
	const char *text, *state;
	size_t len;

	if (!insn)
		return;
	insn->walked++;
	text = strchr(line, ':') + 2;
	state = strstr(text, " ; ");
	len = state ? (size_t)(state - text) : strlen(text);
	while (len && text[len - 1] == ' ')
		len--;
	if (!insn->text)
		insn->text = strndup(text, len);
	if (state)
		replace(&insn->state, strdup(state + 3));
	if (source && !insn->source)
		insn->source = strdup(source);
}

static void path_add(struct report *rep, const char *line)
{
	char **more = realloc(rep->path, (rep->nr_path + 1) * sizeof(*more));
	struct log_insn *insn;

	if (!more)
		return;
	rep->path = more;
	rep->path[rep->nr_path++] = strdup(line);
	insn = insn_at(rep, insn_number(line));
	if (insn) {
		insn->on_path = true;
		if (!insn->text) {
			while (*line == ' ')
				line++;
			insn->text = strdup(strchr(line, ':') + 2);
		}
	}
}

static void note_add(struct report *rep, const char *text)
{
	char *joined;

	if (asprintf(&joined, "%s%s%s", rep->note ?: "", rep->note ? "; " : "", text) >= 0)
		replace(&rep->note, joined);
}

enum part { WALK, AT, PATH };

static void take_reason(struct report *rep, const char *line)
{
	const char *id = line + strlen("reason: "), *colon = strstr(id, ": ");

	replace(&rep->id, colon ? strndup(id, colon - id) : strdup(id));
	replace(&rep->why, colon ? strdup(colon + 2) : NULL);
}

static void take_line(struct report *rep, char *line, enum part *part, char **source, char **last)
{
	long n = insn_number(line);

	if (starts(line, "reason: ")) {
		take_reason(rep, line);
		replace(&rep->message, *last ? strdup(*last) : NULL);
	} else if (starts(line, "at: insn ")) {
		replace(&rep->at, rest(line, "at: insn "));
		rep->at_insn = insn_number(rep->at);
		*part = AT;
	} else if (!strcmp(line, "path:")) {
		*part = PATH;
	} else if (starts(line, "note: ")) {
		note_add(rep, line + strlen("note: "));
		*part = WALK;
	} else if (starts(line, "hint: ")) {
		replace(&rep->hint, rest(line, "hint: "));
		*part = WALK;
	} else if (starts(line, "verification time ")) {
		rep->usec = strtoul(line + 18, NULL, 10);
	} else if (starts(line, "stack depth ")) {
		replace(&rep->stack, rest(line, "stack depth "));
	} else if (starts(line, "processed ")) {
		rep->processed = sscanf(line, "processed %lu insns (limit %*u) max_states_per_insn %lu total_states %lu peak_states %lu",
					&rep->insns, &rep->per_insn, &rep->states, &rep->peak) == 4;
		*part = WALK;
	} else if (*part == PATH) {
		path_add(rep, line);
	} else if (*part == AT) {
		if (starts(line, "; "))
			replace(&rep->at_source, rest(line, "; "));
	} else if (starts(line, "; ")) {
		replace(source, rest(line, "; "));
	} else if (n >= 0) {
		take_insn(rep, line, n, *source);
	} else if (!rep->id && *line) {
		/* The terse line comes first; a clarification may follow it. */
		if (!*last || insn_number(*last) >= 0 || starts(*last, "from ") ||
		    starts(*last, "0: R"))
			*last = line;
	}
}

void report_parse(struct report *rep, const char *log)
{
	char *copy = strdup(log), *line, *next, *source = NULL, *last = NULL;
	enum part part = WALK;

	memset(rep, 0, sizeof(*rep));
	rep->at_insn = -1;
	for (line = copy; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		/* A state's line, or a switch of paths: the terse line is none of them. */
		if (insn_number(line) >= 0)
			last = NULL;
		take_line(rep, line, &part, &source, &last);
	}
	free(source);
	free(copy);
}

void report_free(struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->nr_insn; i++) {
		free(rep->insn[i].text);
		free(rep->insn[i].state);
		free(rep->insn[i].source);
	}
	for (i = 0; i < rep->nr_path; i++)
		free(rep->path[i]);
	free(rep->insn);
	free(rep->path);
	free(rep->id);
	free(rep->why);
	free(rep->message);
	free(rep->hint);
	free(rep->note);
	free(rep->at);
	free(rep->at_source);
	free(rep->stack);
}
