// SPDX-License-Identifier: GPL-2.0
#include "iter.h"

SEC("iter/bpf_map")
int walk(struct bpf_iter__bpf_map *ctx)
{
	struct bpf_map *map = ctx->map;

	if (!map)
		SAY(ctx, "end");
	else
		SAY(ctx, "map %u %s %u", map->id, map->name, map->max_entries);
	return 0;
}
