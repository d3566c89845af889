#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Write the patches for git am, and try them on the base.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/sync.sh"
step series "Writing the series and trying it" python3 "$ROOT/series/series.py" "$@"
grep -vE '^(Applying|warning)' "$LOG/series.log"
