#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build and link a small kernel for each configuration of corners.txt, or for those named.
. "$(dirname "$0")/common.sh"

flock "$BUILD/.lock" "$ROOT/series/sync.sh"
unset FLAVOR

# option NAME: its value in the configuration at hand, n when there is none.
option() { sed -n "s/^CONFIG_$1=//p" "$OUT/.config" | grep . || echo n; }

configure() {
	local o
	mkdir -p "$OUT"
	{
		cat "$ROOT/series/corners.config"
		printf 'CONFIG_%s\n' "$@"
	} | sed -nE 's/^(CONFIG_\w+)=(.*)$/\1 \2/p' |
		awk '{ v[$1] = $2 } END { for (k in v) print k "=" v[k] }' | sort >"$OUT/.wanted"
	kbuild KCONFIG_ALLCONFIG="$OUT/.wanted" allnoconfig
	for o; do
		[[ $(option "${o%%=*}") == "${o#*=}" ]] ||
			die "$o was asked for and is $(option "${o%%=*}")"
	done
}

corner() {
	configure "$@"
	kbuild -j"$JOBS" vmlinux
}

good=0 bad=()
while read -r name options; do
	[[ $name && $name != '#'* ]] || continue
	(($# == 0)) || [[ " $* " == *" $name "* ]] || continue
	OUT=$BUILD/corners/$name
	# shellcheck disable=SC2086 # words
	if step "corner-$name" "$name: ${options:-all of it}" corner $options; then
		good=$((good + 1))
		warned=$(grep -cE '^[^ ]+: warning: ' "$LOG/corner-$name.log" || true)
		((warned == 0)) || say "  $warned warnings, in build/log/corner-$name.log"
	else
		bad+=("$name")
	fi
done <"$ROOT/series/corners.txt"

say "corners: $good build, ${#bad[@]} do not${bad:+: ${bad[*]}}"
((good && ${#bad[@]} == 0))
