#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Runs the library's tests; those of absent.txt that fail are skipped with the reason that stands there.
# shellcheck source=../tap.sh
. "$TOP/clients/tap.sh"

lib=/usr/share/gocode/src/github.com/cilium/ebpf
here=$PWD

# Why a test cannot pass here, or nothing.
reason() {
	if [[ $JIT == off && $1 == TestFreplace/* ]]; then
		echo "without the JIT nothing is attached to programs"
		return
	fi
	awk -v name="$1" '!/^#/ && NF { if (name ~ "^(" $1 ")$") { sub(/^[^ ]+ +/, ""); print; exit } }' "$here/absent.txt"
}

for program in "$O"/*.test; do
	package=$(basename "$program" .test)
	dir=$lib
	[[ $package == ebpf ]] || dir=$lib/${package//_//}
	(cd "$dir" && timeout 170 "$program" -test.timeout 160s -test.v) >"$T/said" 2>&1
	status=$?
	# "    --- PASS: Test/case (0.01s)"; a test whose cases fail fails with them
	grep -E '^ *--- (PASS|FAIL|SKIP): ' "$T/said" | sed -E 's/^ *--- ([A-Z]+): ([^ ]+).*/\1 \2/' >"$T/results"
	while read -r result name; do
		what="$package: $name"
		case $result in
		PASS) check "$what" true ;;
		SKIP) skip "$what" "the library leaves it out itself" ;;
		FAIL)
			if grep -qE "^FAIL $name/" "$T/results"; then
				continue
			elif [[ -n $(reason "$name") ]]; then
				skip "$what" "$(reason "$name")"
			else
				grep -B 8 -F -- "--- FAIL: $name " "$T/said" | sed 's/^/# /'
				check "$what" false
			fi ;;
		esac
	done <"$T/results"
	if ((status > 1)) || ! [[ -s $T/results ]]; then
		tail -n 20 "$T/said" | sed 's/^/# /'
		check "$package: ends (status $status)" false
	fi
done
finish
