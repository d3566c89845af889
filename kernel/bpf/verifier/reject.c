// SPDX-License-Identifier: GPL-2.0
/*
 * The one way out: the table of reasons, and saying why a program was rejected.
 */
#include <linux/errno.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "verifier/explain.h"

const struct bpf_rejection_row bpf_rejections[REJECT_NR] = {
	[REJECT_NONE] = { "NONE", 0, "", "", "" },
#define REJECTION(id, err, classic, why, hint) \
	[REJECT_##id] = { #id, err, classic, why, hint },
#include "verifier/rejections.def"
#undef REJECTION
};

/* Classic lines that are about a register begin with it: its number is the first argument. */
static int register_of(const char *fmt, va_list args)
{
	return !strncmp(fmt, "R%u", 3) || !strncmp(fmt, "R%d", 3) ? va_arg(args, int) : -1;
}

int bpf_reject(struct bpf_verifier_env *env, enum bpf_rejection id, const char *fmt, ...)
{
	va_list args;

	if (!env->quiet && !env->rejection) {
		env->rejection = id;
		env->reject_insn = env->insn_idx;
		va_start(args, fmt);
		env->reject_reg = register_of(fmt, args);
		va_end(args);
		va_start(args, fmt);
		vscnprintf(env->reject_text, sizeof(env->reject_text), fmt, args);
		va_end(args);
		va_start(args, fmt);
		bpf_vlog_vprintf(&env->log, fmt, args);
		va_end(args);
		vlog(env, "\n");
	}
	return -bpf_rejections[id].err;
}

static void explain_place(struct bpf_verifier_env *env)
{
	u32 idx = env->reject_insn;

	if (idx >= env->prog->len)
		return;
	vlog(env, "at: insn ");
	vlog_insn(env, idx);
	vlog(env, "\n");
	env->prev_linfo = U32_MAX;
	vlog_source_line(env, idx);
}

/**
 * bpf_reject_explain - reason, place, path and hint, and the classic line once more
 * @env: environment
 *
 * Context: process. Does nothing where nothing was rejected or it has been said.
 */
void bpf_reject_explain(struct bpf_verifier_env *env)
{
	const struct bpf_rejection_row *row = &bpf_rejections[env->rejection];
	struct trace p = {};
	const char *hint;
	char *end;

	if (!env->rejection || env->explained || !bpf_vlog_on(&env->log))
		return;
	env->explained = true;
	vlog(env, "reason: %s%s%s\n", row->name, row->why[0] ? ": " : "", row->why);
	explain_place(env);
	explain_path(env, &p);
	hint = explain_cause(env, &p) ?: row->hint;
	kvfree(p.step);
	if (hint[0])
		vlog(env, "hint: %s\n", hint);
	/* Some clients show the last line alone. */
	for (end = env->reject_text; (end = strchr(end, '\n'));)
		*end = ' ';
	vlog(env, "rejected: %s\n", env->reject_text);
}
