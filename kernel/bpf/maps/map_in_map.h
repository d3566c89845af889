/* SPDX-License-Identifier: GPL-2.0 */
/* Maps of maps: the template of what they hold, and the inner maps as elements. */
#ifndef _KBPF_MAPS_MAP_IN_MAP_H
#define _KBPF_MAPS_MAP_IN_MAP_H

#include <linux/bpf.h>

struct bpf_map *bpf_map_meta_alloc(int inner_fd);
void bpf_map_meta_free(struct bpf_map *meta);
void *bpf_inner_map_get(struct bpf_map *map, struct file *map_file, int fd);
void bpf_inner_map_put(struct bpf_map *map, void *ptr, bool need_defer);
u32 bpf_inner_map_id(void *ptr);

#endif /* _KBPF_MAPS_MAP_IN_MAP_H */
