/* SPDX-License-Identifier: GPL-2.0 */
/* Maps as objects: what the commands on them share. */
#ifndef _KBPF_SYSCALL_MAP_H
#define _KBPF_SYSCALL_MAP_H

#include <linux/bpf.h>
#include <linux/fcntl.h>
#include <linux/fs.h>

bool bpf_map_write_start(struct bpf_map *map);
void bpf_map_write_end(struct bpf_map *map);
bool bpf_map_bar_writers(struct bpf_map *map);
void bpf_map_destroy(struct bpf_map *map);
struct bpf_map *bpf_map_by_id(u32 id);
struct bpf_map *bpf_map_first_from(u32 *id);
int bpf_map_new_fd(struct bpf_map *map, u32 flags);

/* O_* of the fd that creation flags ask for, or -EINVAL. */
static inline int bpf_map_open_mode(u32 flags)
{
	switch (flags & BPF_MAP_FLAGS_ACCESS) {
	case 0:
		return O_RDWR;
	case BPF_F_RDONLY:
		return O_RDONLY;
	case BPF_F_WRONLY:
		return O_WRONLY;
	default:
		return -EINVAL;
	}
}

/* map_elem.c: elements as user space sees them; keys and values are kernel copies. */
u32 bpf_map_user_value_size(const struct bpf_map *map);
int bpf_map_read_value(struct bpf_map *map, void *key, void *value, u64 flags);
int bpf_map_write_value(struct bpf_map *map, struct file *file, void *key, void *value, u64 flags);
int bpf_map_pop_value(struct bpf_map *map, void *key, void *value, u64 flags);
int bpf_map_delete_value(struct bpf_map *map, void *key);
int bpf_map_next_key(struct bpf_map *map, void *key, void *next_key);
int bpf_map_check_elem_flags(const struct bpf_map *map, u64 flags, u64 allowed);

#endif /* _KBPF_SYSCALL_MAP_H */
