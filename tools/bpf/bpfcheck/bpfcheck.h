/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of bpfcheck share. */
#ifndef _BPFCHECK_H
#define _BPFCHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum verdict { ACCEPTED, REJECTED, UNCHECKED };
enum format { TEXT, JSON, NO_FORMAT };

struct options {
	enum format format;	/* on standard output */
	bool verbose;
	bool stats;
	bool quiet;
	bool progress;		/* a line of it may stand on standard error */
	bool kernel;		/* the running kernel's bpf(2), not the library */
	const char *html;	/* where the page goes, NULL: none */
	const char *btf;
	const char *target;	/* object that tracing programs and extensions attach to */
	int type;		/* of programs whose section names none; enum bpf_prog_type */
	unsigned int jobs;
};

extern struct options opt;

/* Where results go; the page only with --html. */
struct outputs {
	FILE *text;
	FILE *page;
};

/* A line of source that the object's line information names. */
struct source_line {
	const char *file;
	unsigned int line;
	const char *text;
};

struct source {
	struct source_line *lines;
	size_t nr;
};

/* An instruction as the log shows it. */
struct log_insn {
	char *text;
	char *before;		/* registers and stack before it, the last time */
	char *state;		/* what of them it read and wrote */
	char *source;		/* "text @ file:line" */
	unsigned long walked;
	bool on_path;
};

/* What a verifier log says. */
struct report {
	char *id;		/* rejection, NULL: none */
	char *why;
	char *message;		/* the terse line */
	char *hint;
	char *note;
	char *at;		/* "7: (61) r0 = ..." */
	char *at_source;
	char **path;
	size_t nr_path;
	unsigned long insns, states, peak, per_insn, usec;
	unsigned long state_bytes;	/* of all states */
	unsigned long peak_bytes;	/* of those in memory at once */
	char *stack;
	bool processed;
	struct log_insn *insn;
	size_t nr_insn;
	long at_insn;
};

/* Registers and stack slots as they are at a place of the log. */
#define LOG_FRAMES	16

struct held_value {
	char *name;
	char *value;
};

struct log_frame {
	struct held_value *held;
	size_t nr;
};

struct log_state {
	struct log_frame frame[LOG_FRAMES];
	unsigned int cur;
};

/* What --stats sums up. */
struct totals {
	unsigned int n[3];	/* by verdict */
	unsigned long insns, states, state_bytes;
	unsigned long peak_bytes;	/* the greatest */
};

struct result {
	const char *name, *section, *type;
	enum verdict verdict;
	int err;
	unsigned long usec;
	unsigned long memory;	/* most bytes at a time beyond those held before */
	char *log;
	char *trouble;		/* why it could not be checked */
	struct report rep;
};

void report_parse(struct report *rep, const char *log);
void report_free(struct report *rep);
void state_read(struct log_state *st, const char *text, bool all);
void state_step(struct log_state *st, const char *insn);
char *state_text(const struct log_state *st);
void state_clear(struct log_state *st);

void source_read(struct source *src, const char *path);

/* Lines of @file around @line, marked; NULL text where it is not known. */
const char *source_text(const struct source *src, const char *file, unsigned int line);
bool source_place(const char *at, char *file, size_t size, unsigned int *line);

/* One result, and what stands before and after those of a file. */
void print_result(const struct outputs *to, const struct result *r, const struct source *src,
		  bool first);
void print_file_start(const struct outputs *to, const char *path, bool first);
void print_file_end(const struct outputs *to, const char *trouble, bool programs);
void print_start(const struct outputs *to);
void print_end(const struct outputs *to, const struct totals *totals);
unsigned long report_average(const struct report *rep);

void json_string(FILE *out, const char *s);
void html_element(FILE *out, const char *before, const char *text, const char *after);
void html_start(FILE *out);
void html_result(FILE *out, const struct result *r, const struct source *src);
void html_end(FILE *out);

int type_by_name(const char *name);

/* Takes the line of progress away before something else is written. */
void clear_progress(void);

/* Checks every program of an object; the worst verdict. */
enum verdict check_file(const struct outputs *to, const char *path, bool first,
			struct totals *totals);

#endif
