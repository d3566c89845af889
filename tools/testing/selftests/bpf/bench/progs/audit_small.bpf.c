// SPDX-License-Identifier: GPL-2.0
/* The auditor with 30 functions of 16 rules. */
#define TENS(X)		X(1) X(2) X(3)
#define RULES(n)	RULES16(n, 0)
#include "audit.h"
