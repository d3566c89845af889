#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Run the programs that a suite's Makefile listed in $O/tests. Each prints TAP with totals; one
# that ends without them counts as a failure.

status=0
while read -r name; do
	[[ $name ]] || continue
	echo "# running $name"
	"$O/$name" </dev/null 2>&1 | tee "/tmp/run_tests.$$"
	code=${PIPESTATUS[0]}
	((code == 0 || code == 4)) || status=1
	grep -q '^# Totals:' "/tmp/run_tests.$$" ||
		echo "# Totals: pass:0 fail:1 xfail:0 xpass:0 skip:0 error:0 ($name: exit status $code, no totals)"
	rm -f "/tmp/run_tests.$$"
done <"$O/tests"
exit $status
