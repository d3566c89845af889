// SPDX-License-Identifier: GPL-2.0
/* The auditor with 100 functions of 24 rules: some 50,000 instructions. */
#define TENS(X)		X(1) X(2) X(3) X(4) X(5) X(6) X(7) X(8) X(9) X(10)
#define RULES(n)	RULES16(n, 0) RULES4(n, 16) RULES4(n, 20)
#define DECIDE		if (r->pid == 1) return 0;
#include "audit.h"
