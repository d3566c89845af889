#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Tools of bpfcc-tools: each compiles its program in the guest, with the headers that the kernel
# carries, attaches it, and shows what is made to happen meanwhile.
cd "$(dirname "$0")" && . ../tap.sh
TAP_TIMEOUT=240

command -v opensnoop-bpfcc >/dev/null || {
	skip "bpfcc-tools" "not installed"
	finish
}

# during NAME REGEX WORK TOOL...: WORK again and again until the tool ends by itself.
during() {
	local name=$1 regex=$2 work=$3 pid
	shift 3
	(while :; do eval "$work"; sleep 0.5; done) >/dev/null 2>&1 &
	pid=$!
	expect "$name" "$regex" "$@"
	kill $pid
	wait $pid 2>/dev/null
}

check "the kernel carries its headers" test -s /sys/kernel/kheaders.tar.xz
during "opensnoop" '^[0-9]+ +cat +[0-9]+ +0 /etc/hostname' 'cat /etc/hostname' \
	timeout -s INT 120 opensnoop-bpfcc -n cat -d 4
during "execsnoop" '^true .* /bin/true' '/bin/true' \
	bash -c 'timeout -s INT 60 execsnoop-bpfcc -n true; true'
during "funccount" '^vfs_read +[1-9]' 'cat /etc/hostname' funccount-bpfcc -d 3 vfs_read
during "argdist" 'vfs_read' 'cat /etc/hostname' \
	argdist-bpfcc -i 1 -n 3 -C 'p::vfs_read(struct file *f, char *b, size_t c):size_t:c'
during "stackcount" 'vfs_read' 'cat /etc/hostname' stackcount-bpfcc -D 3 vfs_read
finish
