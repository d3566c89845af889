/* SPDX-License-Identifier: GPL-2.0 */
/* What the two halves of the sample say to each other. */
#ifndef _SAMPLE_OPENS_H
#define _SAMPLE_OPENS_H

struct open_event {
	int pid;
	char comm[16];
	char path[96];
};

#endif /* _SAMPLE_OPENS_H */
