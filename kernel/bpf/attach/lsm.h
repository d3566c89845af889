/* SPDX-License-Identifier: GPL-2.0 */
/* Security hooks of programs, as helpers ask about them. */
#ifndef _KBPF_ATTACH_LSM_H
#define _KBPF_ATTACH_LSM_H

#include <linux/types.h>

#ifdef CONFIG_BPF_LSM
bool bpf_lsm_hook_may_sleep(const char *name);
#else
static inline bool bpf_lsm_hook_may_sleep(const char *name)
{
	return false;
}
#endif

#endif /* _KBPF_ATTACH_LSM_H */
