#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The tools of Debian's libbpf-tools that use fentry, fexit or BTF tracepoints, and what bpftool makes
# of the kernel's types.
cd "$(dirname "$0")" && . ../tap.sh
TAP_TIMEOUT=120

# during NAME REGEX WORK TOOL...: WORK again and again while the tool runs.
during() {
	local name=$1 regex=$2 work=$3 pid
	shift 3
	(while :; do eval "$work"; sleep 0.3; done) >/dev/null 2>&1 &
	pid=$!
	expect "$name" "$regex" "$@"
	kill $pid
	wait $pid 2>/dev/null
}

tool() {
	command -v "$1" >/dev/null || {
		skip "$1" "not installed"
		return 1
	}
}

tool opensnoop && during "opensnoop" 'cat +[0-9]+ +0 /etc/hostname' 'cat /etc/hostname' \
	bash -c 'timeout -s INT 8 opensnoop -n cat; true'
tool execsnoop && during "execsnoop" 'true +[0-9]+ +[0-9]+ +0 .*/bin/true' '/bin/true' \
	bash -c 'timeout -s INT 8 execsnoop; true'
tool exitsnoop && during "exitsnoop" 'true +[0-9]+ +[0-9]+' '/bin/true' \
	bash -c 'timeout -s INT 8 exitsnoop; true'
tool vfsstat && during "vfsstat" '[0-9:]+: +[0-9]+ +[0-9]+' 'cat /etc/hostname' vfsstat 1 2
tool runqlat && during "runqlat" 'usecs +: count' ':' runqlat 1 1
tool cpudist && during "cpudist" 'usecs +: count' ':' cpudist 1 1
tool syscount && during "syscount" '^[a-z_0-9]+ +[0-9]+' 'cat /etc/hostname' syscount -d 2
tool filelife && during "filelife" 'touch|sh|bash' 'touch /tmp/life; rm /tmp/life' \
	bash -c 'timeout -s INT 8 filelife; true'
tool tcpconnect && during "tcpconnect" '127\.0\.0\.1' \
	'timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/9"' \
	bash -c 'ip link set lo up; timeout -s INT 8 tcpconnect; true'
tool tcpstates && during "tcpstates" 'CLOSE|SYN_SENT' \
	'timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/9"' \
	bash -c 'timeout -s INT 8 tcpstates; true'
tool biolatency && expect "biolatency says what it lacks, or runs" '.' \
	bash -c 'timeout -s INT 8 biolatency 1 1 2>&1; true'

# Types of the running kernel as C that a compiler takes.
expect "types as C" 'struct task_struct \{' \
	bash -c "bpftool btf dump file /sys/kernel/btf/vmlinux format c >$T/vmlinux.h; \
		 cat $T/vmlinux.h"
printf '#include "vmlinux.h"\nint f(struct task_struct *t) { return t->pid; }\n' >"$T/use.c"
check "a compiler takes them" timeout 110 clang-19 -target bpf -O1 -g -Wall -Werror -I"$T" \
	-c "$T/use.c" -o "$T/use.o"
finish
