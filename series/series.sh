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

# A patch builds if a kernel without BPF does, and so does all that the rooms have by then.
one() {
	local rooms=() dir
	git -C "$SRC" checkout -q "$1"
	OUT=$BUILD/each/tiny
	mkdir -p "$OUT"
	[[ -e $OUT/.config ]] || kbuild allnoconfig
	kbuild olddefconfig
	kbuild -j"$JOBS" vmlinux
	for dir in kernel/bpf arch/x86/net net/bpf kernel/trace/bpf; do
		[[ -e $SRC/$dir/Makefile ]] && rooms+=("$dir/")
	done
	((${#rooms[@]})) || return 0
	OUT=$BUILD/each/full
	mkdir -p "$OUT"
	kbuild KCONFIG_ALLCONFIG="$main_out/.config.wanted" allnoconfig
	kbuild -j"$JOBS" prepare "${rooms[@]}"
}

case ${1:-} in
--build)
	step series-build "Building the result" build
	cmp "$BUILD/each/out/vmlinux" "$main_out/vmlinux"
	say "its vmlinux is that of $main_out"
	;;
--each)
	for commit in $(git -C "$SRC" rev-list --reverse HEAD | tail -n +2); do
		step series-each "$(git -C "$SRC" log -1 --format=%s "$commit")" one "$commit"
	done
	git -C "$SRC" checkout -q base
	;;
esac
