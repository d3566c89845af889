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

# see NAME REGEX WORK TOOL...: WORK again and again until a tool that does not end by itself shows it.
see() {
	local name=$1 regex=$2 work=$3 limit=$((90 * ${SLOW:-1})) worker pid i
	shift 3
	tap_command=$*
	(while :; do eval "$work"; sleep 0.3; done) >/dev/null 2>&1 &
	worker=$!
	stdbuf -oL timeout $limit "$@" >"$T/out" 2>&1 </dev/null &
	pid=$!
	for ((i = 0; i < limit * 5; i++)); do
		if grep -qE -- "$regex" "$T/out" || ! kill -0 $pid 2>/dev/null; then break; fi
		sleep 0.2
	done
	kill $worker $pid 2>/dev/null
	wait $worker $pid 2>/dev/null
	grep -qE -- "$regex" "$T/out"
	tap_result $? "$name"
}

tool() {
	command -v "$1" >/dev/null || {
		skip "$1" "not installed"
		return 1
	}
}

tool opensnoop && see "opensnoop" 'cat +[0-9]+ +0 /etc/hostname' 'cat /etc/hostname' \
	opensnoop -n cat
tool execsnoop && see "execsnoop" 'true +[0-9]+ +[0-9]+ +0 .*/bin/true' '/bin/true' \
	execsnoop
tool exitsnoop && see "exitsnoop" 'true +[0-9]+ +[0-9]+' '/bin/true' \
	exitsnoop
tool vfsstat && during "vfsstat" '[0-9:]+: +[0-9]+ +[0-9]+' 'cat /etc/hostname' vfsstat 1 2
tool runqlat && during "runqlat" 'usecs +: count' ':' runqlat 1 1
tool cpudist && during "cpudist" 'usecs +: count' ':' cpudist 1 1
tool syscount && during "syscount" '^[a-z_0-9]+ +[0-9]+' 'cat /etc/hostname' syscount -d 2
# Asks for the type struct bpf_ringbuf, and sends its events through such a buffer.
tool mountsnoop && see "mountsnoop" 'mount\("tmpfs", "/tmp/mounted", "tmpfs", .* = 0' \
	'mkdir -p /tmp/mounted; mount -t tmpfs tmpfs /tmp/mounted && umount /tmp/mounted' \
	mountsnoop
tool sigsnoop && see "sigsnoop" '[0-9]+ +bash +10 +[0-9]+ +0' "bash -c 'kill -USR1 \$\$'" \
	sigsnoop
tool funclatency && during "funclatency" 'nsec +: count' 'cat /etc/hostname' \
	funclatency -d 2 vfs_read
tool gethostlatency && see "gethostlatency" 'getent +[0-9.]+ +localhost' 'getent hosts localhost' \
	gethostlatency
tool klockstat && during "klockstat" '\+0x[0-9a-f]+ +[0-9.]+ [mun]s' 'ls /proc' klockstat -d 2
tool softirqs && during "softirqs" '^(timer|sched|rcu) +[0-9]+' ':' softirqs 1 1

tool tcpconnect && see "tcpconnect" '127\.0\.0\.1' \
	'timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/9"' \
	tcpconnect
tool tcplife && see "tcplife" 'bash +127\.0\.0\.1 +[0-9]+ +127\.0\.0\.1 +9 ' \
	'timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/9"' \
	tcplife
tool tcpstates && see "tcpstates" 'CLOSE|SYN_SENT' \
	'timeout 1 bash -c "exec 3<>/dev/tcp/127.0.0.1/9"' \
	tcpstates
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
