/* SPDX-License-Identifier: GPL-2.0 */
/* Security hooks of programs, as helpers ask about them. */
#ifndef _KBPF_ATTACH_LSM_H
#define _KBPF_ATTACH_LSM_H

#include <linux/types.h>

struct bpf_helper_set;

/* lsm_helpers.c */
extern const struct bpf_helper_set bpf_lsm_helpers;

#ifdef CONFIG_BPF_LSM
bool bpf_lsm_hook_may_sleep(const char *name);
/* Are programs at hooks ever called: was the module chosen at boot (lsm=)? */
bool bpf_lsm_is_active(void);
#else
static inline bool bpf_lsm_hook_may_sleep(const char *name)
{
	return false;
}

static inline bool bpf_lsm_is_active(void)
{
	return false;
}
#endif

#endif /* _KBPF_ATTACH_LSM_H */
