#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Build the base as Debian ships it, with this tree's configuration, to compare with. The sources
# are unpacked into a scratch directory that only the compiler reads and that is removed at the
# end, however that comes; what stays is build/bench/stock.bzImage.
#
#	stock.sh [-j N]		default: one job, at a low priority
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
root=$(cd "$here/../../../../.." && pwd -P)
jobs=1
while getopts j: option; do
	case $option in
	j) jobs=$OPTARG ;;
	*) echo "usage: $0 [-j N]" >&2; exit 2 ;;
	esac
done

base=linux-source-6.12
tarball=/usr/src/$base.tar.xz
result=$root/build/bench/stock.bzImage
log=$root/build/log/stock.log
[[ -e $tarball ]] || { echo "error: $tarball is missing: run make setup" >&2; exit 1; }
mkdir -p "${result%/*}" "${log%/*}"

id=$(stat -Lc '%s %Y' "$tarball"; sha256sum <"$root/series/kernel.config")
if [[ -e $result && $(cat "$result.id" 2>/dev/null) == "$id" ]]; then
	echo "$result is up to date"
	exit 0
fi

scratch=$(mktemp -d "$root/build/stock.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM

kbuild() {
	KBUILD_BUILD_TIMESTAMP='2024-11-17 00:00:00 UTC' KBUILD_BUILD_VERSION=1 \
	KBUILD_BUILD_USER=kbpf KBUILD_BUILD_HOST=stock CCACHE_BASEDIR=$scratch \
	CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime \
	nice -n 5 make -C "$scratch/src" O="$scratch/out" ARCH=x86_64 CC="ccache gcc" HOSTCC="ccache gcc" \
		KCFLAGS="-ffile-prefix-map=$scratch=/kbpf" "$@"
}

start=$SECONDS
mkdir "$scratch/src" "$scratch/out"
echo "Unpacking and building the stock kernel with $jobs job(s); log: ${log#"$root"/}"
{
	nice -n 5 tar -xJf "$tarball" -C "$scratch/src" --strip-components=1
	sed -n 's/^\(CONFIG_[A-Za-z0-9_]*=.*\)$/\1/p' "$root/series/kernel.config" >"$scratch/wanted"
	kbuild KCONFIG_ALLCONFIG="$scratch/wanted" allnoconfig
	kbuild -j"$jobs" bzImage
} >"$log" 2>&1 </dev/null || { tail -n 20 "$log"; exit 1; }
cp "$scratch/out/arch/x86/boot/bzImage" "$result"
echo "$id" >"$result.id"
echo "$result: built in $((SECONDS - start)) s"
