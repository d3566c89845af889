/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_MAPS_PROG_ARRAY_H
#define _KBPF_MAPS_PROG_ARRAY_H

#include <linux/types.h>

struct bpf_map;
struct bpf_prog;

bool bpf_prog_array_accepts(struct bpf_map *map, const struct bpf_prog *prog);

#endif /* _KBPF_MAPS_PROG_ARRAY_H */
