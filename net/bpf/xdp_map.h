/* SPDX-License-Identifier: GPL-2.0 */
/* What the maps of redirect targets have in common. */
#ifndef _NET_BPF_XDP_MAP_H
#define _NET_BPF_XDP_MAP_H

#include <linux/filter.h>

/*
 * An element may have a program of its own, which runs where the packet arrives. Gets it by fd for
 * @map; @attach_type is what it has to be loaded for. ERR_PTR(-EINVAL) where it does not fit.
 */
struct bpf_prog *xdp_map_prog_get(struct bpf_map *map, int fd, enum bpf_attach_type attach_type);

/* Sizes of keys and values, and flags, as all of these maps have them. */
int xdp_map_alloc_check(const union bpf_attr *attr, bool may_have_prog);

#endif /* _NET_BPF_XDP_MAP_H */
