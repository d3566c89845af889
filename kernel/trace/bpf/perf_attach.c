// SPDX-License-Identifier: GPL-2.0
/* Programs on events of perf that are trace events: attaching, detaching, asking. */
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/perf_event.h>
#include <linux/rcupdate_trace.h>
#include <linux/slab.h>
#include <linux/syscalls.h>
#include <linux/trace_events.h>
#include <linux/uaccess.h>

#include "../trace.h"
#include "../trace_probe.h"

/* Programs that one event may have. */
#define PROGS_MAX 64

/* Arrays of events and their content. */
static DEFINE_MUTEX(attach_lock);

static struct bpf_prog_array *event_progs(const struct perf_event *event)
{
	return rcu_dereference_protected(event->tp_event->prog_array,
					 lockdep_is_held(&attach_lock));
}

/* Only functions that may fail, at their entry, can be made to fail. */
static bool override_ok(const struct perf_event *event, const struct bpf_prog *prog)
{
	return !prog->kprobe_override || (trace_kprobe_on_func_entry(event->tp_event) &&
					  trace_kprobe_error_injectable(event->tp_event));
}

/**
 * perf_event_attach_bpf_prog - attach a program to an event
 * @event: an event whose kind suits the program (perf checked that)
 * @prog: the program; the caller's reference becomes the event's when it succeeds
 * @bpf_cookie: what bpf_get_attach_cookie() says
 *
 * Context: process context, may sleep.
 * Return: 0, -EINVAL, -EEXIST where the event has one, -E2BIG, -ENOMEM.
 */
int perf_event_attach_bpf_prog(struct perf_event *event, struct bpf_prog *prog, u64 bpf_cookie)
{
	struct bpf_prog_array *old, *new;
	int err = -EEXIST;

	if (!override_ok(event, prog))
		return -EINVAL;

	mutex_lock(&attach_lock);
	if (event->prog)
		goto unlock;
	old = event_progs(event);
	err = -E2BIG;
	if (old && bpf_prog_array_length(old) >= PROGS_MAX)
		goto unlock;
	err = bpf_prog_array_copy(old, NULL, prog, bpf_cookie, &new);
	if (err < 0)
		goto unlock;

	event->prog = prog;
	event->bpf_cookie = bpf_cookie;
	rcu_assign_pointer(event->tp_event->prog_array, new);
	/* user-space probes run sleepable programs, whose readers take longer */
	bpf_prog_array_free_sleepable(old);
	err = 0;
unlock:
	mutex_unlock(&attach_lock);
	return err;
}

/**
 * perf_event_detach_bpf_prog - detach an event's program
 * @event: the event; one without a program is fine
 *
 * Cannot fail: without memory for a smaller array the program's place becomes a gap.
 *
 * Context: process context, may sleep.
 */
void perf_event_detach_bpf_prog(struct perf_event *event)
{
	struct bpf_prog_array *old, *new;
	struct bpf_prog *prog;
	int err;

	mutex_lock(&attach_lock);
	prog = event->prog;
	if (!prog)
		goto unlock;
	old = event_progs(event);
	if (old) {
		err = bpf_prog_array_copy(old, prog, NULL, 0, &new);
		if (err < 0) {
			bpf_prog_array_delete_safe(old, prog);
		} else {
			rcu_assign_pointer(event->tp_event->prog_array, new);
			bpf_prog_array_free_sleepable(old);
		}
	}
	event->prog = NULL;
	/*
	 * Readers at probes of user space come to a program under this lock alone, whichever kind
	 * it is: one before it in the array may have slept meanwhile.
	 */
	if (event->tp_event->flags & TRACE_EVENT_FL_UPROBE)
		synchronize_rcu_tasks_trace();
	bpf_prog_put(prog);
unlock:
	mutex_unlock(&attach_lock);
}

/**
 * perf_event_query_prog_array - PERF_EVENT_IOC_QUERY_BPF
 * @event: a tracepoint's event
 * @info: struct perf_event_query_bpf of user space
 *
 * Context: process context, may sleep.
 * Return: 0, -EPERM, -EINVAL, -EFAULT, -E2BIG, -ENOMEM, -ENOSPC where not all ids fit.
 */
int perf_event_query_prog_array(struct perf_event *event, void __user *info)
{
	struct perf_event_query_bpf __user *uquery = info;
	struct perf_event_query_bpf query = {};
	u32 *ids, cnt;
	int err;

	if (!perfmon_capable())
		return -EPERM;
	if (event->attr.type != PERF_TYPE_TRACEPOINT)
		return -EINVAL;
	if (copy_from_user(&query, uquery, sizeof(query)))
		return -EFAULT;
	if (query.ids_len > PROGS_MAX)
		return -E2BIG;
	ids = kcalloc(query.ids_len, sizeof(u32), GFP_USER | __GFP_NOWARN);
	if (!ids)
		return -ENOMEM;

	mutex_lock(&attach_lock);
	err = bpf_prog_array_copy_info(event_progs(event), ids, query.ids_len, &cnt);
	mutex_unlock(&attach_lock);

	if (copy_to_user(&uquery->prog_cnt, &cnt, sizeof(cnt)) ||
	    copy_to_user(uquery->ids, ids, query.ids_len * sizeof(u32)))
		err = -EFAULT;
	kfree(ids);
	return err;
}

/**
 * bpf_get_perf_event_info - what an event is, for BPF_TASK_FD_QUERY and link info
 * @event: the event
 * @prog_id: gets its program's id
 * @fd_type: gets enum bpf_task_fd_type
 * @buf: gets the name: of the tracepoint, symbol or file
 * @probe_offset: gets the offset behind it
 * @probe_addr: gets the address, where there is no symbol
 * @missed: gets hits that were missed; may be NULL
 *
 * Context: process context. Return: 0, -ENOENT without a program, -EOPNOTSUPP.
 */
int bpf_get_perf_event_info(const struct perf_event *event, u32 *prog_id, u32 *fd_type,
			    const char **buf, u64 *probe_offset, u64 *probe_addr,
			    unsigned long *missed)
{
	bool is_syscall, by_type = event->attr.type == PERF_TYPE_TRACEPOINT;
	struct bpf_prog *prog = event->prog;
	int flags, err = -EOPNOTSUPP;

	if (!prog)
		return -ENOENT;
	/* overflow handlers have no event to name */
	if (prog->type == BPF_PROG_TYPE_PERF_EVENT)
		return -EOPNOTSUPP;

	*prog_id = prog->aux->id;
	flags = event->tp_event->flags;
	is_syscall = is_syscall_trace_event(event->tp_event);
	if (flags & TRACE_EVENT_FL_TRACEPOINT || is_syscall) {
		*buf = is_syscall ? event->tp_event->name : event->tp_event->tp->name;
		if (probe_offset)
			*probe_offset = 0;
		if (probe_addr)
			*probe_addr = 0;
		*fd_type = BPF_FD_TYPE_TRACEPOINT;
		return 0;
	}
#ifdef CONFIG_KPROBE_EVENTS
	if (flags & TRACE_EVENT_FL_KPROBE)
		err = bpf_get_kprobe_info(event, fd_type, buf, probe_offset, probe_addr, missed,
					  by_type);
#endif
#ifdef CONFIG_UPROBE_EVENTS
	if (flags & TRACE_EVENT_FL_UPROBE)
		err = bpf_get_uprobe_info(event, fd_type, buf, probe_offset, probe_addr, by_type);
#endif
	return err;
}
