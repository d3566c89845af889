// SPDX-License-Identifier: GPL-2.0
/*
 * Who is told that programs come and go: perf, which records code for its reports, and audit.
 */
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/irqflags.h>
#include <linux/perf_event.h>
#include "syscall/prog.h"

static void prog_audit(const struct bpf_prog *prog, bool loaded)
{
	struct audit_context *ctx = NULL;
	struct audit_buffer *ab;
	gfp_t gfp;

	if (audit_enabled == AUDIT_OFF)
		return;
	/* The last reference may be dropped anywhere. */
	gfp = in_interrupt() || irqs_disabled() ? GFP_ATOMIC : GFP_KERNEL;
	if (gfp == GFP_KERNEL)
		ctx = audit_context();
	ab = audit_log_start(ctx, gfp, AUDIT_BPF);
	if (unlikely(!ab))
		return;
	audit_log_format(ab, "prog-id=%u op=%s", prog->aux->id, loaded ? "LOAD" : "UNLOAD");
	audit_log_end(ab);
}

/**
 * bpf_prog_notify - tell perf and audit
 * @prog: the program; its id is still its own
 * @loaded: it came, else it goes
 *
 * Context: any but NMI and hard interrupts.
 */
void bpf_prog_notify(struct bpf_prog *prog, bool loaded)
{
	perf_event_bpf_event(prog, loaded ? PERF_BPF_EVENT_PROG_LOAD : PERF_BPF_EVENT_PROG_UNLOAD,
			     0);
	prog_audit(prog, loaded);
}
