// SPDX-License-Identifier: GPL-2.0
/*
 * The auditor with 30 functions of 16 rules. A sum of bits decides at the end: exact values of it
 * are 2^16 states a function, though nothing unsafe depends on them.
 */
#define TENS(X)		X(1) X(2) X(3)
#define RULES(n)	RULES16(n, 0)
#define DECIDE		if (!hits) return 0;
#include "audit.h"
