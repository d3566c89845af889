/* SPDX-License-Identifier: GPL-2.0 */
/* Where an arena is, for those who make instructions that access it. */
#ifndef _KBPF_MAPS_ARENA_VIEW_H
#define _KBPF_MAPS_ARENA_VIEW_H

#include <linux/types.h>

struct bpf_map;

#if defined(CONFIG_MMU) && defined(CONFIG_64BIT)
u64 bpf_arena_window(const struct bpf_map *map);
u64 bpf_arena_user_start(const struct bpf_map *map);
#else
static inline u64 bpf_arena_window(const struct bpf_map *map)
{
	return 0;
}

static inline u64 bpf_arena_user_start(const struct bpf_map *map)
{
	return 0;
}
#endif

#endif /* _KBPF_MAPS_ARENA_VIEW_H */
