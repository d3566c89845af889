#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Run targets of the Makefile and add up their "N passed, N failed" lines. A
# target that fails without such a line counts as one failure.
passed=0
failed=0
mkdir -p "$OUT" || exit 1
for target in "$@"; do
	log="$OUT/$target.log"
	{ ${MAKE:-make} --no-print-directory "$target" 2>&1; echo "status $?"; } | tee "$log" |
		grep -v '^status '
	p=$(sed -n 's/^\([0-9]*\) passed, [0-9]* failed$/\1/p' "$log" | paste -sd+ -)
	f=$(sed -n 's/^[0-9]* passed, \([0-9]*\) failed$/\1/p' "$log" | paste -sd+ -)
	p=$((${p:-0}))
	f=$((${f:-0}))
	if ! grep -q '^status 0$' "$log" && [ "$f" -eq 0 ]; then
		f=1
	fi
	if [ "$p" -eq 0 ] && [ "$f" -eq 0 ]; then
		f=1
	fi
	passed=$((passed + p))
	failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
