#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Style and static analysis of this tree's own files: checkpatch, sparse, W=1, coccinelle.
# Built apart, so that the kernel's objects stay as they are. Arguments pick from: checkpatch
# sparse coccicheck patches.
export KBPF_OUT=${KBPF_OUT:-$(cd "$(dirname "$0")/.." && pwd -P)/build/out-check}
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/sync.sh"
cd "$ROOT"
which=${*:-checkpatch patches sparse coccicheck}
failed=0

# The rooms of the kernel that this tree has.
rooms=()
for dir in kernel/bpf arch/x86/net net/bpf kernel/trace/bpf; do
	[[ -e $dir/Makefile ]] && rooms+=("$dir/")
done

# verdict TITLE LOG: what is left in the log is complaints.
verdict() {
	if [[ -s $2 ]]; then
		printf '%-44s %s complaints, in %s\n' "$1" "$(wc -l <"$2")" "$2"
		head -n 40 "$2" | sed 's/^/  | /'
		failed=1
	else
		printf '%-44s clean\n' "$1"
	fi
}

style() {
	grep -E '\.([chS]|lds)$|(^|/)(Makefile|Kconfig)[^/]*$' "$BUILD/manifest" |
		xargs -r -P "$JOBS" -n 10 "$SRC/scripts/checkpatch.pl" --strict --terse --no-summary \
			--show-types --root="$SRC" --no-tree -f || true
}

# Drop what checkpatch.allow names: a type and a file, with the reason.
allowed() {
	awk -F'[: ]+' 'NR == FNR { if (!/^#/) ok[$1 " " $2] = 1; next }
		!(($4 " " $1) in ok)' "$ROOT/series/checkpatch.allow" - || true
}

if [[ $which == *checkpatch* ]]; then
	step checkpatch "checkpatch --strict" style
	grep -E '^[^ ]+:[0-9]+: (ERROR|WARNING|CHECK)' "$LOG/checkpatch.log" |
		allowed >"$LOG/checkpatch.bad"
	verdict "checkpatch --strict" "$LOG/checkpatch.bad"
fi

# Each patch to the base: one line of context, and a change of a build file or of few lines.
if [[ $which == *patches* ]]; then
	# Copies: what git tracks is read as a file, not as a patch.
	rm -rf "$BUILD/patches"
	cp -r series/patches "$BUILD/patches"
	"$SRC/scripts/checkpatch.pl" --strict --terse --no-summary --no-tree --no-signoff --root="$SRC" \
		--show-types build/patches/*.patch |
		grep -E ': (ERROR|WARNING|CHECK)' >"$LOG/patches.bad" || true
	verdict "patches to the base" "$LOG/patches.bad"
fi

# Warnings in this tree's files, whether the compiler's or sparse's.
ours() {
	grep -E '(warning|error):|^(.*: )?(warning|error) ' "$1" |
		sed "s#^$SRC/##; s#^\.\./src/##" | grep -F -f <(sed 's/$/:/' "$BUILD/manifest") | sort -u || true
}

if [[ $which == *sparse* ]]; then
	"$ROOT/series/configure.sh"
	step prepare-check "Preparing build/out-check" kbuild -j"$JOBS" prepare
	plain_rooms() { kbuild -k -j"$JOBS" W=1 C=2 "${rooms[@]}"; }
	if step sparse "W=1 and sparse on ${rooms[*]}" plain_rooms; then
		ours "$LOG/sparse.log" >"$LOG/sparse.bad"
		verdict "W=1 and sparse" "$LOG/sparse.bad"
	else
		failed=1
	fi
fi

cocci() {
	local dir
	for dir in "${rooms[@]}"; do
		echo "== $dir"
		kbuild coccicheck MODE=report M="$SRC/${dir%/}" J="$JOBS" DEBUG_FILE="$LOG/cocci.err"
	done
}

if [[ $which == *coccicheck* ]]; then
	rm -f "$LOG/cocci.err"
	step coccicheck "coccicheck on ${rooms[*]}" cocci
	sed "s#^$SRC/##" "$LOG/coccicheck.log" |
		grep -E '^[a-z].*:[0-9]+:[0-9]+' >"$LOG/coccicheck.bad" || true
	verdict "coccicheck" "$LOG/coccicheck.bad"
fi

exit $failed
