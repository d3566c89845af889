// SPDX-License-Identifier: GPL-2.0
/* The stack walker, 600 frames in a bounded loop. */
#define FRAMES	600
#define UNROLL	_Pragma("clang loop unroll(disable)")
#include "walker.h"
