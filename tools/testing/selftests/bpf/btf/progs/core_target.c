// SPDX-License-Identifier: GPL-2.0
#include "core_target.h"

struct shape target_shape;
shape_t target_typedef;
enum color target_color;
enum wide_color target_wide;
