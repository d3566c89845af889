// SPDX-License-Identifier: GPL-2.0
/*
 * Images that are no programs (trampolines, dispatchers): their symbols, and
 * the events by which perf learns of them. perf hears of programs through
 * perf_event_bpf_event().
 */
#include <linux/perf_event.h>
#include "exec/exec.h"

/**
 * bpf_image_ksym_add - make an image known, to perf too
 * @ksym: start, end and name set, prog false, lnode initialised
 *
 * Context: Process context.
 */
void bpf_image_ksym_add(struct bpf_ksym *ksym)
{
	bpf_ksym_add(ksym);
	perf_event_ksymbol(PERF_RECORD_KSYMBOL_TYPE_BPF, ksym->start, ksym->end - ksym->start,
			   false, ksym->name);
}

/**
 * bpf_image_ksym_del - forget an image
 * @ksym: from bpf_image_ksym_add(); not to be freed before a grace period has
 *	passed
 *
 * Context: Process context.
 */
void bpf_image_ksym_del(struct bpf_ksym *ksym)
{
	bpf_ksym_del(ksym);
	perf_event_ksymbol(PERF_RECORD_KSYMBOL_TYPE_BPF, ksym->start, ksym->end - ksym->start,
			   true, ksym->name);
}
