/* SPDX-License-Identifier: GPL-2.0 */
/* Where the cases are run: bpf(2) of the running kernel, or of the host home. */
#ifndef _BPF_CASES_HOME_H
#define _BPF_CASES_HOME_H

#include <stdbool.h>
#include <linux/bpf.h>

long home_bpf(int cmd, union bpf_attr *attr, unsigned int size);
/* Lets the unprivileged load; false: not possible. home_end() puts back what it found. */
bool home_begin(void);
void home_end(void);
/* Capabilities of the calls that follow, 1 << CAP_*; all of them: ~0ULL. */
void home_caps(unsigned long long caps);
/* false: this home has no such choice */
bool home_jit(int enable, int harden);
bool home_pruning(bool on);
/* Raw BTF or ELF file with the kernel's types. */
const char *home_btf(void);
/* Memory and warnings; -1: not known here. */
long home_live(void);
long home_warnings(void);

#endif
