#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Lay this tree over build/src by content: files that did not change keep their times, files
# that were deleted here vanish there.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/unpack.sh"
cd "$ROOT"

# Tracked files and new ones, without what .gitignore names.
list() {
	local f
	if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
		git ls-files -co --exclude-standard -- "${LAYERS[@]}"
	else
		for f in "${LAYERS[@]}"; do
			[[ -d $f ]] && find "$f" -type f -o -type l
		done
	fi | sort -u | while IFS= read -r f; do
		if [[ -e $f || -L $f ]]; then printf '%s\n' "$f"; fi
	done
}

list >"$BUILD/manifest.new"
clash=$(comm -12 "$BUILD/manifest.new" "$BUILD/base-files")
[[ -z $clash ]] || die "these are files of the base; change them by series/patches/: $clash"

if [[ -e $BUILD/manifest ]]; then
	comm -13 "$BUILD/manifest.new" "$BUILD/manifest" | while IFS= read -r f; do
		rm -f "$SRC/$f"
		rmdir -p --ignore-fail-on-non-empty "$(dirname "$SRC/$f")" 2>/dev/null || true
	done
fi
rsync -lpc --files-from="$BUILD/manifest.new" ./ "$SRC/"
mv "$BUILD/manifest.new" "$BUILD/manifest"
