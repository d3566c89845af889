// SPDX-License-Identifier: GPL-2.0
/*
 * Links to perf events: kprobes, uprobes, tracepoints and samples, whatever perf_event_open() gave.
 */
#include <linux/bpf.h>
#include <linux/file.h>
#include <linux/perf_event.h>
#include <linux/slab.h>
#include <linux/trace_events.h>
#include "attach/attach.h"
#include "attach/info_str.h"

/**
 * struct bpf_perf_link - an attachment to an event
 * @link: common part
 * @perf_file: the event's; held, so that the event outlives the attachment
 *
 * Clients walk it by these names, from a link to the cookie of its event.
 */
struct bpf_perf_link {
	struct bpf_link link;
	struct file *perf_file;
};

static struct perf_event *perf_link_event(const struct bpf_link *link)
{
	return container_of(link, struct bpf_perf_link, link)->perf_file->private_data;
}

static void perf_link_release(struct bpf_link *link)
{
	struct bpf_perf_link *plink = container_of(link, struct bpf_perf_link, link);

	perf_event_free_bpf_prog(plink->perf_file->private_data);
	fput(plink->perf_file);
}

static void perf_link_dealloc(struct bpf_link *link)
{
	kfree(container_of(link, struct bpf_perf_link, link));
}

/* What the event is about, as text where there is some. */
struct event_text {
	u32 fd_type;
	const char *name;
	u64 offset;
	u64 addr;
	unsigned long missed;
};

static int event_text(const struct perf_event *event, struct event_text *text)
{
	u32 prog_id;

	return bpf_get_perf_event_info(event, &prog_id, &text->fd_type, &text->name, &text->offset,
				       &text->addr, &text->missed);
}

static int fill_probe(const struct perf_event *event, const struct event_text *text,
		      struct bpf_link_info *info)
{
	bool ret, uprobe;

	uprobe = text->fd_type == BPF_FD_TYPE_UPROBE || text->fd_type == BPF_FD_TYPE_URETPROBE;
	ret = text->fd_type == BPF_FD_TYPE_KRETPROBE || text->fd_type == BPF_FD_TYPE_URETPROBE;
	if (uprobe) {
		info->perf_event.type = ret ? BPF_PERF_EVENT_URETPROBE : BPF_PERF_EVENT_UPROBE;
		info->perf_event.uprobe.offset = text->offset;
		info->perf_event.uprobe.cookie = event->bpf_cookie;
		return bpf_info_copy_str(info->perf_event.uprobe.file_name,
					 &info->perf_event.uprobe.name_len, text->name);
	}
	info->perf_event.type = ret ? BPF_PERF_EVENT_KRETPROBE : BPF_PERF_EVENT_KPROBE;
	info->perf_event.kprobe.offset = text->offset;
	info->perf_event.kprobe.missed = text->missed;
	info->perf_event.kprobe.cookie = event->bpf_cookie;
	info->perf_event.kprobe.addr = kallsyms_show_value(current_cred()) ? text->addr : 0;
	return bpf_info_copy_str(info->perf_event.kprobe.func_name,
				 &info->perf_event.kprobe.name_len, text->name);
}

static int perf_link_fill_info(const struct bpf_link *link, struct bpf_link_info *info)
{
	struct perf_event *event = perf_link_event(link);
	struct event_text text = {};
	int err;

	if (!event->tp_event) {
		info->perf_event.type = BPF_PERF_EVENT_EVENT;
		info->perf_event.event.type = event->attr.type;
		info->perf_event.event.config = event->attr.config;
		info->perf_event.event.cookie = event->bpf_cookie;
		return 0;
	}
	err = event_text(event, &text);
	if (err)
		return err;
	if (text.fd_type != BPF_FD_TYPE_TRACEPOINT && text.fd_type != BPF_FD_TYPE_RAW_TRACEPOINT)
		return fill_probe(event, &text, info);
	info->perf_event.type = BPF_PERF_EVENT_TRACEPOINT;
	info->perf_event.tracepoint.cookie = event->bpf_cookie;
	return bpf_info_copy_str(info->perf_event.tracepoint.tp_name,
				 &info->perf_event.tracepoint.name_len, text.name);
}

static const struct bpf_link_ops perf_link_ops = {
	.release = perf_link_release,
	.dealloc_deferred = perf_link_dealloc,
	.fill_link_info = perf_link_fill_info,
};

static int perf_link_create(const union bpf_attr *attr, struct bpf_prog *prog)
{
	struct bpf_link_primer primer;
	struct bpf_perf_link *plink;
	struct file *file;
	int err;

	if (attr->link_create.flags)
		return -EINVAL;
	file = perf_event_get(attr->link_create.target_fd);
	if (IS_ERR(file))
		return PTR_ERR(file);

	plink = kzalloc(sizeof(*plink), GFP_USER | __GFP_ACCOUNT);
	if (!plink) {
		err = -ENOMEM;
		goto put_file;
	}
	bpf_link_init(&plink->link, BPF_LINK_TYPE_PERF_EVENT, &perf_link_ops, prog);
	plink->perf_file = file;
	err = bpf_link_prime(&plink->link, &primer);
	if (err) {
		kfree(plink);
		goto put_file;
	}
	/* The event has a reference of its own, dropped by perf_event_free_bpf_prog(). */
	bpf_prog_inc(prog);
	err = perf_event_set_bpf_prog(file->private_data, prog,
				      attr->link_create.perf_event.bpf_cookie);
	if (err) {
		bpf_prog_put(prog);
		bpf_link_cleanup(&primer);
		goto put_file;
	}
	return bpf_link_settle(&primer);

put_file:
	fput(file);
	return err;
}

const struct bpf_attach_ops bpf_perf_attach_ops = {
	.link_create = perf_link_create,
};
