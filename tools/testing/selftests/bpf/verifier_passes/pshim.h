/* SPDX-License-Identifier: GPL-2.0 */
/* What the passes around the walk need of the kernel beside what vshim.h has. */
#ifndef _PASSES_SHIM_H
#define _PASSES_SHIM_H

#include "vshim.h"

#ifndef __GFP_ACCOUNT
#define __GFP_ACCOUNT		0
#endif

unsigned long kallsyms_lookup_name(const char *name);

#endif /* _PASSES_SHIM_H */
