// SPDX-License-Identifier: GPL-2.0
/*
 * What registers and stack held at a place of the log. The log has whole states where a path is
 * taken up, and what changed behind each instruction; put together they say what was there before
 * each instruction of the path.
 */
#include <stdlib.h>
#include <string.h>

#include "bpfcheck.h"

static void frame_clear(struct log_frame *f)
{
	size_t i;

	for (i = 0; i < f->nr; i++) {
		free(f->held[i].name);
		free(f->held[i].value);
	}
	free(f->held);
	memset(f, 0, sizeof(*f));
}

static void frame_drop(struct log_frame *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->nr; i++) {
		if (strcmp(f->held[i].name, name))
			continue;
		free(f->held[i].name);
		free(f->held[i].value);
		memmove(f->held + i, f->held + i + 1, (f->nr - i - 1) * sizeof(*f->held));
		f->nr--;
		return;
	}
}

/* Registers by number, then slots from the frame's top down. */
static long place(const char *name)
{
	return *name == 'R' ? atol(name + 1) : 16 - atol(name + 2);
}

/* "R1_w" of @len bytes is R1. */
static void frame_set(struct log_frame *f, const char *name, size_t len, const char *value,
		      size_t size)
{
	struct held_value *more;
	char *copy;
	size_t i;

	if (len > 2 && name[len - 2] == '_')
		len -= 2;
	copy = strndup(name, len);
	if (!copy)
		return;
	frame_drop(f, copy);
	more = realloc(f->held, (f->nr + 1) * sizeof(*more));
	if (!more) {
		free(copy);
		return;
	}
	f->held = more;
	for (i = 0; i < f->nr && place(more[i].name) < place(copy); i++)
		;
	memmove(more + i + 1, more + i, (f->nr - i) * sizeof(*more));
	more[i].name = copy;
	more[i].value = strndup(value, size);
	f->nr++;
}

/* Bytes up to the next space outside of brackets. */
static size_t word(const char *s)
{
	size_t n;
	int depth = 0;

	for (n = 0; s[n] && (s[n] != ' ' || depth); n++)
		depth += (s[n] == '(') - (s[n] == ')');
	return n;
}

/* " frame1: R1=... fp-8=...": what it says is so from here on; @all: and nothing else. */
void state_read(struct log_state *st, const char *text, bool all)
{
	const char *equals;
	unsigned int n = 0;
	size_t len;
	int used = 0;

	while (*text == ' ')
		text++;
	if (sscanf(text, "frame%u:%n", &n, &used) == 1 && used)
		text += used;
	st->cur = n < LOG_FRAMES ? n : LOG_FRAMES - 1;
	if (all)
		frame_clear(&st->frame[st->cur]);
	for (; *text; text += len) {
		while (*text == ' ')
			text++;
		len = word(text);
		equals = memchr(text, '=', len);
		if (equals && (*text == 'R' || !strncmp(text, "fp-", 3)))
			frame_set(&st->frame[st->cur], text, equals - text, equals + 1,
				  text + len - equals - 1);
	}
}

/* An instruction, without what it changed: calls take the registers of arguments away. */
void state_step(struct log_state *st, const char *insn)
{
	static const char *const args[] = { "R0", "R1", "R2", "R3", "R4", "R5" };
	size_t i;

	if (strncmp(insn, "(85) call", 9))
		return;
	for (i = 0; i < sizeof(args) / sizeof(args[0]); i++)
		frame_drop(&st->frame[st->cur], args[i]);
}

/* As in the log: "R1=ctx() R10=fp0 fp-8=0". */
char *state_text(const struct log_state *st)
{
	const struct log_frame *f = &st->frame[st->cur];
	size_t size = 0, i;
	char *text = NULL;
	FILE *out = open_memstream(&text, &size);

	if (!out)
		return NULL;
	for (i = 0; i < f->nr; i++)
		fprintf(out, "%s%s=%s", i ? " " : "", f->held[i].name,
			f->held[i].value ?: "?");
	fclose(out);
	return text;
}

void state_clear(struct log_state *st)
{
	int i;

	for (i = 0; i < LOG_FRAMES; i++)
		frame_clear(&st->frame[i]);
	st->cur = 0;
}
