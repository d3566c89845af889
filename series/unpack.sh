#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bring build/src to: the base release without the replaced files, with series/patches/ applied.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

tarball=/usr/src/$BASE.tar.xz
[[ -e $tarball ]] || die "$tarball is missing: run series/setup.sh"

unpack() {
	rm -rf "$SRC" "$SRC.new" "$BUILD/pristine"
	mkdir -p "$SRC.new"
	# The replaced files never reach the disk. Anchored: tools/include has files of the same names.
	sed "s#^#$BASE/#" "$ROOT/series/replaced.txt" |
		tar -xJf "$tarball" -C "$SRC.new" --strip-components=1 --anchored --exclude-from=-
	(cd "$SRC.new" && find . -type f -o -type l | sed 's#^\./##' | sort) >"$BUILD/base-files"
	mv "$SRC.new" "$SRC"
}

# Files that patches name, each once.
touched() { sed -n 's#^+++ b/\([^[:space:]]*\).*#\1#p' "$@" | sort -u; }

# Patched files are made anew from pristine copies, so that a changed patch costs only what it changes.
apply_patches() {
	local scratch=$BUILD/patched f p
	shopt -s nullglob
	local patches=("$ROOT"/series/patches/*.patch)
	if ((${#patches[@]})); then
		touched "${patches[@]}" | while read -r f; do
			[[ -e $BUILD/pristine/$f ]] && continue
			[[ -e $SRC/$f ]] || { echo "a patch names $f, which the base does not have"; exit 1; }
			mkdir -p "$(dirname "$BUILD/pristine/$f")"
			cp -p "$SRC/$f" "$BUILD/pristine/$f"
		done
	fi
	[[ -d $BUILD/pristine ]] || return 0
	rm -rf "$scratch"
	cp -a "$BUILD/pristine" "$scratch"
	for p in "${patches[@]}"; do
		echo "applying ${p##*/}"
		patch -d "$scratch" -p1 --no-backup-if-mismatch -F0 -s <"$p"
	done
	rsync -rlpc "$scratch/" "$SRC/"
	rm -rf "$scratch"
}

base_id=$(stat -Lc '%s %Y' "$tarball"; sha256sum <"$ROOT/series/replaced.txt")
if [[ $(cat "$BUILD/base.id" 2>/dev/null) != "$base_id" || ! -d $SRC ]]; then
	rm -f "$BUILD/base.id" "$BUILD/patches.id" "$BUILD/manifest"
	step unpack "Unpacking the base" unpack
	echo "$base_id" >"$BUILD/base.id"
fi

patches_id=$(cat "$ROOT"/series/patches/*.patch 2>/dev/null | sha256sum)
if [[ $(cat "$BUILD/patches.id" 2>/dev/null) != "$patches_id" ]]; then
	rm -f "$BUILD/patches.id"
	step patch "Patching the base" apply_patches
	echo "$patches_id" >"$BUILD/patches.id"
fi
