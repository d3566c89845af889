// SPDX-License-Identifier: GPL-2.0
/*
 * The stack walker, 600 frames unrolled; the way round them is more than 16 bits long.
 *
 * cpu: v4
 */
#define FRAMES	600
#define UNROLL	_Pragma("clang loop unroll(full)")
#include "walker.h"
