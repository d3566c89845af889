#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bring build/src up to date, configure, and build the image.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/sync.sh"
"$ROOT/series/configure.sh"

# The uapi for the tests' programs, when it changed.
id=$(cat "$BUILD/base.id" "$BUILD/patches.id"; cat "$ROOT"/include/uapi/linux/* | sha256sum)
if [[ $(cat "$BUILD/usr/id" 2>/dev/null) != "$id" ]]; then
	rm -rf "$BUILD/usr"
	step headers "Installing the user headers" kbuild headers_install INSTALL_HDR_PATH="$BUILD/usr"
	printf '%s\n' "$id" >"$BUILD/usr/id"
fi

[[ ${1:-} == headers ]] && exit 0
step "kernel${FLAVOR:+-$FLAVOR}" "Building the kernel${FLAVOR:+ (flavour $FLAVOR)}" \
	kbuild -j"$JOBS" bzImage
