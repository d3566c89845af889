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

enum part { WALK, AT, PATH };

/*
 * struct reader - where in the log we are
 * @source: line of the program's source that the instructions belong to
 * @last: what may be the terse line of a rejection
 * @insn: instruction that was shown last, -1: none
 */
struct reader {
	struct report *rep;
	enum part part;
	char *source;
	char *last;
	long insn;
	struct log_state state;
};

/* What an instruction read and wrote. */
static void take_changes(struct reader *r, const char *text)
{
	struct log_insn *insn = insn_at(r->rep, r->insn);

	state_read(&r->state, text, false);
	if (insn)
		replace(&insn->state, strdup(text));
}

/* An instruction's line; what it changed stands behind " ; ". */
static void take_insn(struct reader *r, const char *line, long n)
{
	struct log_insn *insn = insn_at(r->rep, n);
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
	if (r->source && !insn->source)
		insn->source = strdup(r->source);
	if (opt.html)
		replace(&insn->before, state_text(&r->state));
	r->insn = n;
	state_step(&r->state, text);
	if (state)
		take_changes(r, state + 3);
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

static void take_reason(struct report *rep, const char *line)
{
	const char *id = line + strlen("reason: "), *colon = strstr(id, ": ");

	replace(&rep->id, colon ? strndup(id, colon - id) : strdup(id));
	replace(&rep->why, colon ? strdup(colon + 2) : NULL);
}

/* Lines that say what registers hold where a path is taken up, a function entered or left. */
static bool take_state(struct reader *r, const char *line)
{
	const char *colon = strchr(line, ':');
	bool start = insn_number(line) < 0 && line[strspn(line, "0123456789")] == ':' &&
		     colon != line;

	if (!start && !starts(line, "from ") && !starts(line, "caller:") &&
	    !starts(line, "callee:") && !starts(line, "returning from "))
		return false;
	if (colon)
		state_read(&r->state, colon + 1, true);
	return true;
}

/* What is neither of the walk nor of a rejection's report: figures. */
static bool take_figures(struct report *rep, const char *line)
{
	if (starts(line, "verification time "))
		rep->usec = strtoul(line + 18, NULL, 10);
	else if (starts(line, "stack depth "))
		replace(&rep->stack, rest(line, "stack depth "));
	else if (starts(line, "state_bytes "))
		sscanf(line, "state_bytes %lu average %*u peak_bytes %lu", &rep->state_bytes,
		       &rep->peak_bytes);
	else if (starts(line, "attempts "))
		return true;
	else if (starts(line, "processed "))
		rep->processed = sscanf(line, "processed %lu insns (limit %*u) max_states_per_insn %lu total_states %lu peak_states %lu",
					&rep->insns, &rep->per_insn, &rep->states, &rep->peak) == 4;
	else
		return false;
	return true;
}

static void take_walk(struct reader *r, char *line)
{
	long n = insn_number(line);

	if (starts(line, "; ")) {
		replace(&r->source, rest(line, "; "));
	} else if (n >= 0) {
		r->last = NULL;
		take_insn(r, line, n);
	} else if (take_state(r, line)) {
		r->last = NULL;
	} else if (*line == ' ' && line[strspn(line, " ")] == ';') {
		take_changes(r, strchr(line, ';') + 1);
	} else if (!r->rep->id && *line && !r->last) {
		/* The terse line comes first; a clarification may follow it. */
		r->last = line;
	}
}

static void take_line(struct reader *r, char *line)
{
	struct report *rep = r->rep;

	if (starts(line, "reason: ")) {
		take_reason(rep, line);
		replace(&rep->message, r->last ? strdup(r->last) : NULL);
	} else if (starts(line, "at: insn ")) {
		replace(&rep->at, rest(line, "at: insn "));
		rep->at_insn = insn_number(rep->at);
		r->part = AT;
	} else if (!strcmp(line, "path:")) {
		r->part = PATH;
	} else if (starts(line, "note: ")) {
		note_add(rep, line + strlen("note: "));
		r->part = WALK;
	} else if (starts(line, "hint: ")) {
		replace(&rep->hint, rest(line, "hint: "));
		r->part = WALK;
	} else if (starts(line, "rejected: ")) {
		r->part = WALK;		/* the message, once more */
	} else if (take_figures(rep, line)) {
		r->part = WALK;
	} else if (r->part == PATH) {
		path_add(rep, line);
	} else if (r->part == AT) {
		if (starts(line, "; "))
			replace(&rep->at_source, rest(line, "; "));
	} else {
		take_walk(r, line);
	}
}

void report_parse(struct report *rep, const char *log)
{
	char *copy = strdup(log), *line, *next;
	struct reader r = { .rep = rep, .insn = -1 };

	memset(rep, 0, sizeof(*rep));
	rep->at_insn = -1;
	for (line = copy; line && *line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = 0;
		take_line(&r, line);
	}
	state_clear(&r.state);
	free(r.source);
	free(copy);
}

void report_free(struct report *rep)
{
	size_t i;

	for (i = 0; i < rep->nr_insn; i++) {
		free(rep->insn[i].text);
		free(rep->insn[i].before);
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
