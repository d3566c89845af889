#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Bring build/src up to date, configure, and build the image; "headers" stops after the user
# headers that the tests' programs need, "prepared" before them and after the headers that the kernel's
# build generates early.
. "$(dirname "$0")/common.sh"
lock_or_reexec "$@"

"$ROOT/series/sync.sh"
"$ROOT/series/configure.sh"

# All that the image depends on. Nothing changed: nothing to ask make for.
fingerprint() {
	cat "$BUILD/base.id" "$BUILD/patches.id" "$OUT/.config.id" "$ROOT/series/common.sh"
	(cd "$SRC" && grep -E '^(include|kernel|arch|net)/' "$BUILD/manifest" | xargs -d '\n' sha256sum)
}

if [[ ${1:-} == prepared ]]; then
	[[ -e $OUT/include/generated/asm-offsets.h ]] ||
		step prepare "Generating headers" kbuild -j"$JOBS" prepare0
	exit 0
fi

id=$(cat "$BUILD/base.id" "$BUILD/patches.id"; cat "$ROOT"/include/uapi/linux/* | sha256sum)
if [[ $(cat "$BUILD/usr/id" 2>/dev/null) != "$id" ]]; then
	rm -rf "$BUILD/usr"
	step headers "Installing the user headers" kbuild headers_install INSTALL_HDR_PATH="$BUILD/usr"
	printf '%s\n' "$id" >"$BUILD/usr/id"
fi
[[ ${1:-} == headers ]] && exit 0

id=$(fingerprint | sha256sum)
if [[ -e $OUT/arch/x86/boot/bzImage && $(cat "$OUT/.image.id" 2>/dev/null) == "$id" ]]; then
	say "The kernel${FLAVOR:+ (flavour $FLAVOR)} is up to date"
	exit 0
fi
rm -f "$OUT/.image.id"
step "kernel${FLAVOR:+-$FLAVOR}" "Building the kernel${FLAVOR:+ (flavour $FLAVOR)}" \
	kbuild -j"$JOBS" bzImage modules_prepare

# The kernel's types for BPF programs, as C.
mkdir -p "$OUT/bpf"
bpftool btf dump file "$OUT/vmlinux" format c >"$OUT/bpf/vmlinux.h.new"
cmp -s "$OUT/bpf/vmlinux.h.new" "$OUT/bpf/vmlinux.h" ||
	mv "$OUT/bpf/vmlinux.h.new" "$OUT/bpf/vmlinux.h"
rm -f "$OUT/bpf/vmlinux.h.new"
printf '%s\n' "$id" >"$OUT/.image.id"
