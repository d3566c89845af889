#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# run.sh: the pages that are made from tables; the last line counts all of them.
passed=0 failed=0
for page in rejections hazards; do
	out=$("$KBPF/Documentation/bpf/$page.py" --check)
	printf '%s\n' "$out" | grep -vE '^[0-9]+ passed, '
	if [[ $(tail -n 1 <<<"$out") =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]]; then
		passed=$((passed + BASH_REMATCH[1]))
		failed=$((failed + BASH_REMATCH[2]))
	else
		failed=$((failed + 1))
		echo "not ok $page.py came to no end"
	fi
done
echo "$passed passed, $failed failed"
((failed == 0))
