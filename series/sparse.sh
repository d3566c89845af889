#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# What kbuild runs as CHECK: sparse. What it says of a file in the list $KBPF_OURS is an error: the
# object is not made, and so the file is checked again by the next run.

# A section that is opened and not closed shows up where an inline function of a header closes it.
blamed() {
	sed -nE 's/^([^ :]+):[0-9]+:[0-9]+: (warning|error): .*/\1:/p' <<<"$1" | grep -qF -f "$KBPF_OURS" ||
		sed -nE "s/.*: context imbalance in '(.*)' - .*/\1(/p" <<<"$1" | grep -qF -f - "$2"
}

# Functions between __bpf_kfunc_start_defs() and its end are called by programs alone and have no
# prototype. The compiler is told so by these macros, sparse by this.
without_kfuncs() {
	local line region
	while IFS= read -r line; do
		if [[ $line =~ ^([^ :]+):([0-9]+):[0-9]+:\ warning:\ symbol\ .*\ was\ not\ declared ]]; then
			region=$(head -n "${BASH_REMATCH[2]}" "${BASH_REMATCH[1]}" |
				grep -oE '^__bpf_(kfunc_(start|end)_defs|hook_(start|end))' | tail -n 1)
			[[ $region == *start* ]] && continue
		fi
		printf '%s\n' "$line"
	done
}

said=$(sparse "$@" 2>&1 | without_kfuncs)
[[ -z $said ]] && exit 0
printf '%s\n' "$said" >&2
! blamed "$said" "${!#}"
