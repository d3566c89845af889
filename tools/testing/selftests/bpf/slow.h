/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before anything else where the kernel is slow (SLOW is then above 1): the harness ends a
 * test by alarm().
 */
#ifndef _SELFTESTS_SLOW_H
#define _SELFTESTS_SLOW_H

#include <unistd.h>

#define alarm(seconds) alarm((seconds) * SLOW)

#endif /* _SELFTESTS_SLOW_H */
