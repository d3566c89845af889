// SPDX-License-Identifier: GPL-2.0
/* What the maps of redirect targets have in common. */
#include "net_bpf.h"
#include "xdp_map.h"

/* All programs of a map treat packets in several pieces alike. */
static bool prog_fits(struct bpf_map *map, const struct bpf_prog *prog)
{
	bool ok = true;

	spin_lock(&map->owner.lock);
	if (!map->owner.set) {
		map->owner.set = true;
		map->owner.type = prog->type;
		map->owner.jited = prog->jited;
		map->owner.xdp_has_frags = prog->aux->xdp_has_frags;
	} else {
		ok = map->owner.type == prog->type &&
		     map->owner.xdp_has_frags == prog->aux->xdp_has_frags;
	}
	spin_unlock(&map->owner.lock);
	return ok;
}

/**
 * xdp_map_prog_get - program of an element
 * @map: the map
 * @fd: fd of the program
 * @attach_type: what it has to be loaded for
 *
 * Context: process. Return: the program with a reference, or ERR_PTR.
 */
struct bpf_prog *xdp_map_prog_get(struct bpf_map *map, int fd, enum bpf_attach_type attach_type)
{
	struct bpf_prog *prog = bpf_prog_get_type_dev(fd, BPF_PROG_TYPE_XDP, false);

	if (IS_ERR(prog))
		return prog;
	if (prog->expected_attach_type != attach_type || !prog_fits(map, prog)) {
		bpf_prog_put(prog);
		return ERR_PTR(-EINVAL);
	}
	return prog;
}

/**
 * xdp_map_alloc_check - check the attributes of a new map of targets
 * @attr: the attributes
 * @may_have_prog: values of 8 bytes, with a program's fd, are allowed
 *
 * Context: any. Return: 0 or -EINVAL.
 */
int xdp_map_alloc_check(const union bpf_attr *attr, bool may_have_prog)
{
	if (!attr->max_entries || attr->key_size != sizeof(u32))
		return -EINVAL;
	if (attr->value_size != sizeof(u32) &&
	    !(may_have_prog && attr->value_size == 2 * sizeof(u32)))
		return -EINVAL;
	if (attr->map_flags & ~(BPF_F_NUMA_NODE | BPF_F_RDONLY | BPF_F_WRONLY))
		return -EINVAL;
	return 0;
}
