#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bring build/src up to date, configure, and build the image.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/sync.sh"
"$ROOT/series/configure.sh"
start=$SECONDS
step "kernel${FLAVOR:+-$FLAVOR}" "Building the kernel${FLAVOR:+ (flavour $FLAVOR)}" \
	kbuild -j"$JOBS" bzImage
