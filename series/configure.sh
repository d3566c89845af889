#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Configure build/out from allnoconfig, kernel.config and the flavour's fragment.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

fragments=("$ROOT/series/kernel.config")
if [[ $FLAVOR ]]; then
	[[ -e $ROOT/series/flavours/$FLAVOR.config ]] ||
		die "no such flavour: $FLAVOR (there is: $(cd "$ROOT/series/flavours" && echo *))"
	fragments+=("$ROOT/series/flavours/$FLAVOR.config")
fi

id=$(cat "${fragments[@]}" "$BUILD/base.id" "$BUILD/patches.id" \
	$(find "$ROOT/kernel" "$ROOT/net" -name 'Kconfig*' 2>/dev/null | sort) | sha256sum)
[[ -e $OUT/.config && $(cat "$OUT/.config.id" 2>/dev/null) == "$id" ]] && exit 0

# Later lines win, as the fragments are ordered.
wanted() {
	sed -nE 's/^(CONFIG_[A-Za-z0-9_]+)=(.*)$/\1 \2/p' "${fragments[@]}" |
		awk '{ v[$1] = $2 } END { for (k in v) print k, v[k] }' | sort
}

configure() {
	local bad=0 k v is
	mkdir -p "$OUT"
	wanted | sed 's/ /=/' >"$OUT/.config.wanted"
	kbuild KCONFIG_ALLCONFIG="$OUT/.config.wanted" allnoconfig
	while read -r k v; do
		is=$(sed -n "s/^$k=//p" "$OUT/.config")
		[[ ${is:-n} == "$v" ]] && continue
		echo "error: $k=$v was asked for and is ${is:-n}"
		bad=1
	done < <(wanted)
	return $bad
}

rm -f "$OUT/.config.id"
mkdir -p "$OUT"
step "configure${FLAVOR:+-$FLAVOR}" "Configuring${FLAVOR:+ (flavour $FLAVOR)}" configure
echo "$id" >"$OUT/.config.id"
