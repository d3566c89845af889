// SPDX-License-Identifier: GPL-2.0
/* The stack walker, 50 frames unrolled. */
#define FRAMES	50
#define UNROLL	_Pragma("clang loop unroll(full)")
#include "walker.h"
