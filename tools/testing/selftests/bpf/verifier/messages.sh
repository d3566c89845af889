#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Mistakes that everybody makes, compiled as everybody compiles, loaded with bpftool: the log has to
# say each text behind "EXPECT:" (alternatives with "|"), and that within so many lines of report.
# usage: messages.sh <scratch directory> <directory of the host library> <user headers>
here=$(dirname "$(realpath "$0")")
out=$1/messages
mkdir -p "$out"
passed=0 failed=0

fail() {
	printf 'not ok message %s: %s\n' "$name" "$1"
	failed=$((failed + 1))
}

check() {
	local line found text

	"${CLANG:-clang-19}" -O2 -g -target bpf -mcpu=v3 -isystem "$3/include" \
		-idirafter /usr/include/x86_64-linux-gnu -c "$1" -o "$out/$name.o" ||
		{ fail "does not compile"; return; }
	LD_PRELOAD=$2/libkbpf_preload.so ${BPFTOOL:-/usr/sbin/bpftool} prog load "$out/$name.o" \
		"/tmp/bpffs/$name" >"$out/$name.log" 2>&1 && { fail "was accepted"; return; }
	while IFS= read -r line; do
		found=
		while IFS= read -r text; do
			grep -qF -- "$text" "$out/$name.log" && found=1
		done < <(tr '|' '\n' <<<"$line")
		[[ -n $found ]] || { fail "does not say '$line'"; return; }
	done < <(sed -n 's,^// EXPECT: ,,p' "$1")
	# what a person reads is behind the classic line
	(($(sed -n '/^reason: /,/^processed /p' "$out/$name.log" | wc -l) <= 40)) ||
		{ fail "the report is too long"; return; }
	passed=$((passed + 1))
}

for src in "$here"/messages/*.bpf.c; do
	name=$(basename "$src" .bpf.c)
	check "$src" "$2" "$3"
done
printf '%d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
