/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_MAPS_BATCH_H
#define _KBPF_MAPS_BATCH_H

#include <linux/bpf.h>

/* The batch commands as a loop over single elements, in syscall/map_batch.c. */
int bpf_map_batch_generic(struct bpf_map *map, struct file *map_file, enum bpf_map_batch_op op,
			  const union bpf_attr *attr, union bpf_attr __user *uattr);

#endif /* _KBPF_MAPS_BATCH_H */
