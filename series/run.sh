#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Compile the samples in front of the user and show them at work in the guest.
. "$(dirname "$0")/common.sh"

demo=$ROOT/samples/bpf/demo.sh
[[ -x $demo ]] || die "samples/bpf/demo.sh is missing"
export O=$BUILD/samples KUSR=$BUILD/usr KOUT=$OUT
mkdir -p "$O"
make --no-print-directory -C "$ROOT/samples/bpf" O="$O"
exec "$ROOT/series/guest.py" --timeout "${TIMEOUT:-300}" -- \
	env O="$O" KBPF="$ROOT" FORCE_COLOR="$([[ -t 1 ]] && echo 1)" "$demo"
