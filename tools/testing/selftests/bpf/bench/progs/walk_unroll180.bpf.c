// SPDX-License-Identifier: GPL-2.0
/* The stack walker, 180 frames unrolled. */
#define FRAMES	180
#define UNROLL	_Pragma("clang loop unroll(full)")
#include "walker.h"
