/* SPDX-License-Identifier: GPL-2.0 */
/* What programs of events.bpf.c are told, and what they saw. */
#ifndef EVENTS_H
#define EVENTS_H

struct globals {
	int pid;		/* of the process that is looked at */
	int ret;		/* what the program is to return */
	unsigned long long runs;
	long long value;	/* the argument, or the result at a return */
	unsigned long long cookie;
	unsigned long long period, addr, counter, enabled;
};

#endif /* EVENTS_H */
