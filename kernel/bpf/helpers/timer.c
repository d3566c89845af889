// SPDX-License-Identifier: GPL-2.0
/*
 * Timers in map values. The bpf_timer_*() helpers are not offered: programs that call them are
 * refused, and the field, which neither user space nor programs can write, stays zero.
 */
#include <linux/bpf.h>
#include <linux/string.h>
#include "helpers/timer.h"

/* See timer.h. */
void bpf_timer_cancel_and_free(void *timer)
{
	WARN_ON_ONCE(memchr_inv(timer, 0, sizeof(struct bpf_timer)));
}
