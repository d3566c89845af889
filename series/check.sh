#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Style and static analysis of this tree's own files. Arguments pick from: license checkpatch
# patches kernel-doc sparse coccicheck. What a file cannot avoid is in check.allow, with the reason.
# Each check looks at what changed since it last passed there. The compiler's part has a flavour of
# its own, with every option on, so that the kernel's objects stay as they are.
export FLAVOR=check
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

checks=(${*:-license checkpatch patches kernel-doc sparse coccicheck})
found=0
"$ROOT/series/sync.sh"
cd "$ROOT"

# The rooms of the kernel that this tree has.
rooms=()
for dir in kernel/bpf arch/x86/net net/bpf kernel/trace/bpf security/bpf; do
	[[ -e $dir/Makefile ]] && rooms+=("$dir/")
done

# verdict TITLE COMPLAINTS: a line each.
verdict() {
	local n
	n=$(wc -l <"$2")
	if ((n)); then
		printf '%-44s %d complaints, in %s\n' "$1" "$n" "${2#"$ROOT"/}"
		head -n 40 "$2" | sed 's/^/  | /'
		found=$((found + n))
	else
		printf '%-44s clean\n' "$1"
	fi
}

# lint NAME TITLE: a tool that looks at one file at a time.
lint() {
	step "$1" "$2" "$ROOT/series/lint.py" "$1" "$LOG/$1.bad" || die "$1 could not be run"
	verdict "$2" "$LOG/$1.bad"
}

check_license() {
	git ls-files -co --exclude-standard | grep -vE '^(COPYING|.*\.(md|json|patch|png)|series/replaced\.txt)$' |
		while IFS= read -r f; do
			[[ ! -f $f ]] || head -n 3 "$f" | grep -q 'SPDX-License-Identifier: ' ||
				echo "$f: does not say its license"
		done >"$LOG/license.bad"
	verdict "SPDX lines" "$LOG/license.bad"
}

check_patches() {
	# Copies: what git tracks is read as a file, not as a patch.
	rm -rf "$BUILD/patches"
	cp -r series/patches "$BUILD/patches"
	"$SRC/scripts/checkpatch.pl" --strict --terse --no-summary --no-tree --no-signoff --root="$SRC" \
		--show-types build/patches/*.patch |
		grep -E ': (ERROR|WARNING|CHECK)' >"$LOG/patches.bad" || true
	verdict "patches to the base" "$LOG/patches.bad"
}

# A complaint is an error here, and the object is not made: nothing is forgotten until it is mended.
# kernel-doc takes its -Werror from KCFLAGS.
compile() {
	export KBPF_OURS=$BUILD/manifest
	rm -f "$LOG/sparse.failed"
	kbuild -k -j"$JOBS" W=1 C=1 CHECK="$ROOT/series/sparse.sh" \
		KCFLAGS="-ffile-prefix-map=${SRC%/*}=/kbpf -Werror" "${rooms[@]}" ||
		touch "$LOG/sparse.failed"
}

# Warnings in this tree's files, whether the compiler's, sparse's or kernel-doc's.
# Sparse names the place of an imbalance, which may be in a header of the base.
ours() {
	sed "s#^$SRC/##; s#^\(\.\./\)*src/##" "$1" | grep -E '^[^ ]+: (fatal )?(warning|error):' |
		grep -F -e 'context imbalance' -f <(sed 's/$/:/; s/\.c:$/./' "$BUILD/manifest") | sort -u || true
}

check_sparse() {
	"$ROOT/series/configure.sh"
	step sparse "W=1 and sparse" compile
	ours "$LOG/sparse.log" >"$LOG/sparse.bad"
	if [[ -e $LOG/sparse.failed && ! -s $LOG/sparse.bad ]]; then
		tail -n 25 "$LOG/sparse.log" >"$LOG/sparse.bad"
	fi
	verdict "W=1 and sparse" "$LOG/sparse.bad"
}

for what in "${checks[@]}"; do
	case $what in
	license) check_license ;;
	checkpatch) lint checkpatch "checkpatch --strict" ;;
	kernel-doc) lint kernel-doc "kernel-doc in headers" ;;
	coccicheck) lint coccicheck "coccicheck" ;;
	patches) check_patches ;;
	sparse) check_sparse ;;
	*) die "no such check: $what" ;;
	esac
done
if ((found)); then
	say "check: $found complaints (${checks[*]}), $SECONDS s"
	exit 1
fi
say "check: clean (${checks[*]}), $SECONDS s"
