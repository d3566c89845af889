#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh: the parts of the suite, one after the other; the last line counts all of them.
# "under the oracle": what programs do when they are run is held against what was proved of them.
# Environment: BIN (runs case files), CASES, O, HO, KUSR, KBPF_BTF; PLAIN=1: with sanitizers, without
# the parts that need a library that can be preloaded.
set -u
cd "$(dirname "$0")"
passed=0 failed=0 skipped=0

part() {
	local title=$1 out counts
	shift
	out=$("$@" 2>&1)
	printf '%s\n' "$out" | grep -vE '^[0-9]+ passed, '
	counts=$(printf '%s\n' "$out" | grep -E '^[0-9]+ passed, [0-9]+ failed' | tail -1)
	if [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed(,\ ([0-9]+)\ skipped)? ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
		skipped=$((skipped + ${BASH_REMATCH[4]:-0}))
		printf '# %s: %s\n' "$title" "$counts"
	else
		failed=$((failed + 1))
		printf 'not ok %s: came to no end\n' "$title"
	fi
}

part "cases" $BIN -c $CASES
part "cases, pruned and not" $BIN -p $CASES
python3 -B random_cases.py 1 2000 >"$O/random.case"
part "random programs, pruned and not" $BIN -p "$O/random.case"
if [[ -z ${PLAIN:-} ]]; then
	KBPF_ORACLE=1 part "cases under the oracle" "$O/cases_oracle" $CASES
	part "steps of programs of one size and of twice that size" "$O/growth"
	part "messages" ./messages.sh "$O" "$HO" "$KUSR"
fi
printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
((failed == 0))
