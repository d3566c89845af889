#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Write the patches for git am, and try them on the base. Arguments:
#   (none)   the result must be the tree that is built
#   --write  only write them
#   --build  build the result as well: it must be the same kernel
#   --each   build after each patch: a kernel without BPF, and the objects of all rooms so far
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/sync.sh"
step series "Writing the series and trying it" python3 "$ROOT/series/series.py" "$@"
grep -vE '^(Applying|warning)' "$LOG/series.log"

main_out=$OUT
SRC=$BUILD/each/src

build() {
	OUT=$BUILD/each/out
	mkdir -p "$OUT"
	cp "$main_out/.config" "$OUT/.config"
	kbuild olddefconfig
	kbuild -j"$JOBS" bzImage
}

# The same configuration, the same code and data in the image, byte for byte.
same_kernel() {
	local f
	for f in .config vmlinux System.map; do
		cmp "$BUILD/each/out/$f" "$main_out/$f" || return 1
	done
}

# Whether a commit changes what a kernel is made of.
touches_kernel() {
	git -C "$SRC" diff-tree -r --name-only --no-commit-id "$1" |
		grep -qvE '^(Documentation|samples|tools)/'
}

# A patch builds if a kernel without BPF does, and so does all that the rooms have by then. The
# whole links when the last room is there: the network stack cannot do without a filter's run, and
# the rooms below it not without the verifier.
one() {
	local rooms=() dir
	git -C "$SRC" checkout -q "$1"
	OUT=$BUILD/each/tiny
	mkdir -p "$OUT"
	[[ -e $OUT/.config ]] || kbuild allnoconfig
	kbuild olddefconfig
	kbuild -j"$JOBS" vmlinux
	for dir in kernel/bpf arch/x86/net net/bpf kernel/trace/bpf security/bpf; do
		[[ -e $SRC/$dir/Makefile ]] && rooms+=("$dir/")
	done
	((${#rooms[@]})) || return 0
	OUT=$BUILD/each/full
	mkdir -p "$OUT"
	kbuild KCONFIG_ALLCONFIG="$main_out/.config.wanted" allnoconfig
	kbuild -j"$JOBS" prepare "${rooms[@]}"
}

each() {
	local commit n=0 built=0
	for commit in $(git -C "$SRC" rev-list --reverse HEAD | tail -n +2); do
		n=$((n + 1))
		touches_kernel "$commit" || continue
		built=$((built + 1))
		step series-each "$n: $(git -C "$SRC" log -1 --format=%s "$commit")" one "$commit"
	done
	git -C "$SRC" checkout -q base
	say "the kernel builds after each of $n patches ($built change it)"
}

case ${1:-} in
--build)
	[[ -e $main_out/vmlinux ]] || die "there is no kernel to compare with: make kernel first"
	step series-build "Building the result" build
	same_kernel || die "the result builds to another kernel than the one in $main_out"
	say "the result builds to the same kernel as $main_out"
	;;
--each) each ;;
esac
