/* SPDX-License-Identifier: GPL-2.0 */
/* Ids of BTF objects, and their fds. */
#ifndef _KBPF_BTF_IDS_H
#define _KBPF_BTF_IDS_H

struct btf;

int btf_id_add(struct btf *btf);
void btf_id_remove(struct btf *btf);

#endif /* _KBPF_BTF_IDS_H */
