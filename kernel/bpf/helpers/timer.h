/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_HELPERS_TIMER_H
#define _KBPF_HELPERS_TIMER_H

#include <linux/bpf.h>

/*
 * Ends the timer in a map value: no callback starts any more, and its memory is freed once one that
 * runs has ended. Any context that map updates may run in; an unused (zero) timer is fine.
 */
void bpf_timer_cancel_and_free(void *timer);
/* The same for work (wq.c). */
void bpf_wq_cancel_and_free(void *wq);

#endif /* _KBPF_HELPERS_TIMER_H */
