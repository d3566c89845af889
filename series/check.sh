#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Style and static analysis of this tree's own files. Arguments pick from: checkpatch patches
# sparse coccicheck. What a file cannot avoid is in checkpatch.allow, with the reason.
# The compiler's part is built apart, so that the kernel's objects stay as they are.
export KBPF_OUT=${KBPF_OUT:-$(cd "$(dirname "$0")/.." && pwd -P)/build/out-check}
. "$(dirname "$0")/common.sh"

which=${*:-checkpatch patches sparse coccicheck}
checkpatch=$SRC/scripts/checkpatch.pl
failed=0
cd "$ROOT"
[[ -e $checkpatch ]] || "$ROOT/series/sync.sh"

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
	git ls-files -co --exclude-standard -- "${LAYERS[@]}" |
		grep -E '\.([chS]|lds)$|(^|/)(Makefile|Kconfig)[^/]*$' |
		while IFS= read -r f; do [[ -e $f ]] && printf '%s\n' "$f"; done |
		xargs -r -P "$JOBS" -n 10 "$checkpatch" --strict --terse --no-summary --show-types \
			--root="$SRC" --no-tree -f || true
}

# Drop what checkpatch.allow names: a type and a file, or the start of a name and an asterisk.
allowed() {
	awk -F'[: ]+' '
		NR == FNR {
			if (/^#/)
				next
			type[++n] = $1
			name[n] = $2
			next
		}
		{
			for (i = 1; i <= n; i++) {
				if ($4 != type[i])
					continue
				if ($1 == name[i])
					next
				stem = substr(name[i], 1, length(name[i]) - 1)
				if (name[i] ~ /\*$/ && index($1, stem) == 1)
					next
			}
			print
		}' "$ROOT/series/checkpatch.allow" -
}

check_files() {
	step checkpatch "checkpatch --strict" style
	grep -E '^[^ ]+:[0-9]+: (ERROR|WARNING|CHECK)' "$LOG/checkpatch.log" |
		allowed | sort >"$LOG/checkpatch.bad" || true
	verdict "checkpatch --strict" "$LOG/checkpatch.bad"
}

check_patches() {
	# Copies: what git tracks is read as a file, not as a patch.
	rm -rf "$BUILD/patches"
	cp -r series/patches "$BUILD/patches"
	"$checkpatch" --strict --terse --no-summary --no-tree --no-signoff --root="$SRC" \
		--show-types build/patches/*.patch |
		grep -E ': (ERROR|WARNING|CHECK)' >"$LOG/patches.bad" || true
	verdict "patches to the base" "$LOG/patches.bad"
}

# Warnings in this tree's files, whether the compiler's or sparse's.
ours() {
	grep -E '(warning|error):' "$1" | sed "s#^$SRC/##; s#^\.\./src/##" |
		grep -F -f <(sed 's/$/:/' "$BUILD/manifest") | sort -u || true
}

rooms_with_sparse() {
	kbuild -j"$JOBS" prepare
	kbuild -k -j"$JOBS" W=1 C=2 "${rooms[@]}"
}

check_sparse() {
	local ok=1
	"$ROOT/series/sync.sh"
	"$ROOT/series/configure.sh"
	step sparse "W=1 and sparse on ${rooms[*]}" rooms_with_sparse || ok=0
	ours "$LOG/sparse.log" >"$LOG/sparse.bad"
	verdict "W=1 and sparse" "$LOG/sparse.bad"
	((ok)) || failed=1
}

cocci() {
	local dir
	for dir in "${rooms[@]}"; do
		echo "== $dir"
		kbuild coccicheck MODE=report M="$SRC/${dir%/}" J="$JOBS" DEBUG_FILE="$LOG/cocci.err"
	done
}

check_coccicheck() {
	"$ROOT/series/sync.sh"
	"$ROOT/series/configure.sh"
	rm -f "$LOG/cocci.err"
	step coccicheck "coccicheck on ${rooms[*]}" cocci
	sed "s#^$SRC/##" "$LOG/coccicheck.log" |
		grep -E '^[a-z].*:[0-9]+:[0-9]+' >"$LOG/coccicheck.bad" || true
	verdict "coccicheck" "$LOG/coccicheck.bad"
}

for what in $which; do
	case $what in
	checkpatch) check_files ;;
	patches) check_patches ;;
	coccicheck) check_coccicheck ;;
	sparse)
		if lock_held; then
			check_sparse
		else
			flock "$BUILD/.lock" "$0" sparse || failed=1
		fi
		;;
	*) die "no such check: $what" ;;
	esac
done
exit $failed
