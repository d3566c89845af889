/* SPDX-License-Identifier: GPL-2.0 */
/* What hooks.bpf.c and hooks.c agree on. */
#ifndef _SELFTESTS_STORM_HOOKS_H
#define _SELFTESTS_STORM_HOOKS_H

/* What the programs count. */
enum counter {
	CALLS,
	STEADY,		/* of the program that is attached all the time */
	FRAMES,
	PACKETS,
	TAILS,
	INNER,		/* updates of inner maps */
	COUNTERS,
};

#endif /* _SELFTESTS_STORM_HOOKS_H */
