/* SPDX-License-Identifier: GPL-2.0 */
/* Iterators: what loading a program for one asks. */
#ifndef _KBPF_ATTACH_ITER_H
#define _KBPF_ATTACH_ITER_H

#include <linux/bpf.h>
#include <linux/fs.h>

#ifdef CONFIG_BPF_ITER
/* Is "bpf_iter_<target>" known, and may @prog be its program? 0 or -EINVAL with a reason. */
int bpf_iter_check_target(const struct bpf_prog *prog, const char *func, char *msg,
			  size_t msg_size);
/* Types the context of a program for "bpf_iter_<target>": 0 or -ENOMEM. */
int bpf_iter_type_ctx(struct bpf_prog *prog, const char *func);
/* Helpers that the target of an iterator's program adds, or NULL. */
const struct bpf_func_proto *bpf_iter_func_proto(u32 func_id, const struct bpf_prog *prog);

/* iter_obj.c: targets whose objects belong to a map. */
void bpf_iter_map_detach(struct bpf_iter_aux_info *aux);
void bpf_iter_map_show_fdinfo(const struct bpf_iter_aux_info *aux, struct seq_file *seq);
int bpf_iter_map_fill_info(const struct bpf_iter_aux_info *aux, struct bpf_link_info *info);
#else
static inline int bpf_iter_check_target(const struct bpf_prog *prog, const char *func, char *msg,
					size_t msg_size)
{
	return -EOPNOTSUPP;
}

static inline int bpf_iter_type_ctx(struct bpf_prog *prog, const char *func)
{
	return -EOPNOTSUPP;
}

static inline const struct bpf_func_proto *bpf_iter_func_proto(u32 func_id,
							       const struct bpf_prog *prog)
{
	return NULL;
}
#endif

struct file;

/* iter_link.c: files made of pinned links. */
bool bpf_link_is_iter(const struct bpf_link *link);
int bpf_iter_open_link(struct bpf_link *link, struct file *file);
extern const struct file_operations bpf_iter_fops;

#endif /* _KBPF_ATTACH_ITER_H */
