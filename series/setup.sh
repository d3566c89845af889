#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Install the Debian packages of the groups named (default: base) that are not there yet.
. "$(dirname "$0")/common.sh"

groups=${*:-base}
missing=()
group=
while read -r line; do
	case $line in
	''|'#'*) continue ;;
	'['*) group=${line//[\[\]]/}; continue ;;
	esac
	[[ " $groups " == *" $group "* ]] || continue
	dpkg-query -W -f '${db:Status-Status}' "$line" 2>/dev/null | grep -qx installed || missing+=("$line")
done <"$ROOT/series/packages.txt"

((${#missing[@]})) || exit 0

command -v apt-get >/dev/null || die "needs Debian 12, or these by hand: ${missing[*]}"
say "Installing Debian packages: ${missing[*]}"
as_root=()
if ((EUID)); then
	command -v sudo >/dev/null || die "run as root once, or: apt-get install ${missing[*]}"
	as_root=(sudo)
fi
apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"; }
step apt-update "Updating package lists" apt_get update
step apt-install "Installing ${#missing[@]} packages" apt_get install --no-install-recommends "${missing[@]}"
