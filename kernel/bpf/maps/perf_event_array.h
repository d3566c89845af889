/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_MAPS_PERF_EVENT_ARRAY_H
#define _KBPF_MAPS_PERF_EVENT_ARRAY_H

#include <linux/rcupdate.h>

struct file;
struct perf_event;

/*
 * struct bpf_event_entry - what a slot of a perf event array holds
 * @event: the event
 * @perf_file: holds it
 * @map_file: the file of the map through which it was put in; its close takes it out again
 */
struct bpf_event_entry {
	struct perf_event *event;
	struct file *perf_file;
	struct file *map_file;
	struct rcu_head rcu;
};

#endif /* _KBPF_MAPS_PERF_EVENT_ARRAY_H */
