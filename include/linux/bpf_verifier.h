/* SPDX-License-Identifier: GPL-2.0 */
/* Kept for the base's includes; the verifier's own header is kernel/bpf/verifier/verifier.h. */
#ifndef _LINUX_BPF_VERIFIER_H
#define _LINUX_BPF_VERIFIER_H

#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/filter.h>

#endif /* _LINUX_BPF_VERIFIER_H */
