/* SPDX-License-Identifier: GPL-2.0 */
/* Extension programs: a program in the place of a function of another one. */
#ifndef _KBPF_ATTACH_EXT_H
#define _KBPF_ATTACH_EXT_H

#include <linux/bpf.h>

struct bpf_attach_target;

int bpf_ext_check_pair(const struct bpf_prog *prog, const struct bpf_prog *dst, char *msg,
		       size_t msg_size);
int bpf_ext_check_types(const struct bpf_prog *prog, const struct bpf_attach_target *target,
			char *msg, size_t msg_size);
void bpf_ext_take_over(struct bpf_prog *prog, const struct bpf_prog *dst);

#endif /* _KBPF_ATTACH_EXT_H */
