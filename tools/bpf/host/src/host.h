/* SPDX-License-Identifier: GPL-2.0 */
/* What the twins that are compiled as kernel code share. */
#ifndef _HOST_SRC_HOST_H
#define _HOST_SRC_HOST_H

#include <linux/types.h>

struct file;
struct task_struct;

void host_pages_init(void);
void host_percpu_init(void);
void host_btf_init(void);
void host_net_init(void);
void host_run_later(void);
void host_run_timers(void);
void host_release_files(void);
void host_update_ready(void);

struct task_struct *host_task_new(int cpu);
void host_task_free(struct task_struct *task);

#endif
