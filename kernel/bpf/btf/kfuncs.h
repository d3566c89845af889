/* SPDX-License-Identifier: GPL-2.0 */
#ifndef _KBPF_BTF_KFUNCS_H
#define _KBPF_BTF_KFUNCS_H

#include <linux/types.h>

struct btf;
struct module;

/* BTF of a module, live or coming, with a reference; NULL where it has none. */
struct btf *btf_of_module(const struct module *mod);
bool btf_is_fmodret(const struct btf *btf, u32 id);
bool btf_is_fmodret_sleepable(const struct btf *btf, u32 id);

#endif /* _KBPF_BTF_KFUNCS_H */
