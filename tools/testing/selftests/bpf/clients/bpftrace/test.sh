#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bpftrace as Debian ships it: one-liners of every kind of probe, map and function. Each ends by
# itself, and what it prints is known beforehand.
cd "$(dirname "$0")" && . ../tap.sh
TAP_TIMEOUT=90
export BPFTRACE_STRLEN=64

# trace NAME REGEX PROGRAM [COMMAND]: with COMMAND run as its child (-c).
trace() {
	if [[ ${4:-} ]]; then
		expect "$1" "$2" bpftrace -e "$3" -c "$4"
	else
		expect "$1" "$2" bpftrace -e "$3"
	fi
}

trace "BEGIN" '^hello 42$' 'BEGIN { printf("hello %d\n", 6 * 7); exit(); }'
trace "tracepoint, map, count" '^@opens: [1-9]' 'tracepoint:syscalls:sys_enter_openat { @opens = count(); }' '/bin/cat /etc/hostname'
trace "tracepoint arguments and str()" '^file /etc/hostname$' \
	'tracepoint:syscalls:sys_enter_openat /comm == "cat"/ { printf("file %s\n", str(args->filename)); }' '/bin/cat /etc/hostname'
trace "raw_syscalls by name" '^@\[cat\]: [1-9]' 'tracepoint:raw_syscalls:sys_enter { @[comm] = count(); }' '/bin/cat /etc/hostname'
trace "kprobe and arguments" '^@bytes: [1-9]' 'kprobe:vfs_read /comm == "cat"/ { @bytes = sum(arg2); }' '/bin/cat /etc/hostname'
trace "kretprobe and retval" '^@ret\[[0-9]+\]: [1-9]' 'kretprobe:vfs_read /comm == "cat" && retval >= 0/ { @ret[retval] = count(); }' '/bin/cat /etc/hostname'
trace "kprobe pair: latency histogram" '^\[[0-9]+[KM]?, [0-9]+[KM]?\) +[1-9]' \
	'kprobe:vfs_read { @s[tid] = nsecs; } kretprobe:vfs_read /@s[tid]/ { @ns = hist(nsecs - @s[tid]); delete(@s[tid]); } END { clear(@s); }' '/bin/cat /etc/hostname'
trace "lhist" '^\[[0-9]+, [0-9]+\) +[1-9]|^\(\.\.\.|^\[[0-9]+, \.\.\.\)' 'kretprobe:vfs_read { @ = lhist(retval, 0, 1000, 100); }' '/bin/cat /etc/hostname'
trace "avg, min, max, stats" 'count [1-9][0-9]*, average [0-9]+, total [0-9]+' 'kprobe:vfs_read { @a = avg(arg2); @i = min(arg2); @m = max(arg2); @st = stats(arg2); }' '/bin/cat /etc/hostname'
trace "kstack" 'vfs_read\+0|ksys_read' 'kprobe:vfs_read { @[kstack] = count(); }' '/bin/cat /etc/hostname'
trace "kstack with a limit, printed" 'vfs_read' 'kprobe:vfs_read { printf("%s\n", kstack(3)); exit(); }' '/bin/cat /etc/hostname'
trace "ustack" '(0x)?[0-9a-f]{6,}|read\+|main' 'kprobe:vfs_read /comm == "cat"/ { @[ustack] = count(); }' '/bin/cat /etc/hostname'
trace "uprobe" '^@reads: [1-9]' 'uprobe:/lib/x86_64-linux-gnu/libc.so.6:read { @reads = count(); }' '/bin/cat /etc/hostname'
trace "uretprobe" '^@got: [1-9]' 'uretprobe:/lib/x86_64-linux-gnu/libc.so.6:read /comm == "cat"/ { @got = max(retval); }' '/bin/cat /etc/hostname'
trace "interval" '^tick 3$' 'interval:ms:100 { @n = @n + 1; if (@n == 3) { printf("tick %d\n", @n); exit(); } }'
trace "profile" '^@hits: [1-9]' 'profile:hz:99 { @hits = count(); } interval:s:1 { exit(); }' 
trace "software event" '^@sw: [1-9]|^Attaching' 'software:context-switches:1 { @sw = count(); } interval:s:1 { exit(); }'
trace "tracepoint sched, per processor" '^@\[[01]\]: [1-9]' 'tracepoint:sched:sched_switch { @[cpu] = count(); } interval:s:1 { exit(); }'
trace "tuple keys and delete" '^@k\[1, a\]: 5$' 'BEGIN { @k[1, "a"] = 5; @k[2, "b"] = 6; delete(@k[2, "b"]); exit(); }'
trace "pid, tid, uid, nsecs, elapsed, rand" '^ok [0-9]+ 0$' 'BEGIN { if (nsecs > 0 && elapsed >= 0) { printf("ok %d %d\n", pid, uid); } exit(); }'
trace "strings: comparison and substrings" '^same$' 'tracepoint:syscalls:sys_enter_openat /strncmp(comm, "cat", 3) == 0/ { printf("same\n"); exit(); }' '/bin/cat /etc/hostname'
trace "unroll and while" '^sum 55$' 'BEGIN { $i = 1; $s = 0; while ($i <= 10) { $s += $i; $i++; } printf("sum %d\n", $s); exit(); }'
trace "ternary, bit operations" '^17$' 'BEGIN { $x = 0x10; printf("%d\n", $x == 16 ? $x | 1 : 0); exit(); }'
trace "time() and strftime()" '^[0-9]{2}:[0-9]{2}' 'BEGIN { time("%H:%M\n"); exit(); }'
trace "ntop" '^127\.0\.0\.1$' 'BEGIN { printf("%s\n", ntop(0x0100007f)); exit(); }'
trace "kaddr and ksym" '^vfs_read$' 'BEGIN { printf("%s\n", ksym(kaddr("vfs_read"))); exit(); }'
trace "struct members by BTF" '^cat cat$' 'kprobe:vfs_read /comm == "cat"/ { $t = (struct task_struct *)curtask; printf("%s %s\n", comm, $t->comm); exit(); }' '/bin/cat /etc/hostname'
trace "print of a map" '^@m\[7\]: 1$' 'BEGIN { @m[7] = 1; print(@m); clear(@m); exit(); }'
trace "top of a map" '^@m\[3\]: 30$' 'BEGIN { @m[1] = 10; @m[2] = 20; @m[3] = 30; print(@m, 1); clear(@m); exit(); }'
trace "signal-free exit code" '^$|Attaching' 'BEGIN { exit(); }'
printf '#!/bin/sh\n/bin/echo one two\ntrue\n' >"$T/echo"
trace "join" '^/bin/echo one two' 'tracepoint:syscalls:sys_enter_execve { join(args->argv); }' "/bin/sh $T/echo"
expect "lists probes" '^kprobe:vfs_read$' bpftrace -l 'kprobe:vfs_read'
expect "lists tracepoints" '^tracepoint:sched:sched_switch$' bpftrace -l 'tracepoint:sched:sched_switch'
expect "--info: maps and probes" 'hash: yes' bpftrace --info
cp "$T/out" "$T/info"
expect "--info: BTF" 'btf.*: yes|vmlinux.*yes' cat "$T/info"
expect "--info: helpers" 'get_current_cgroup_id: (yes|no)' cat "$T/info"
if grep -qE '(kfunc|fentry): yes' "$T/info"; then
	trace "kfunc (fentry)" '^@f: [1-9]' 'kfunc:vfs_read /comm == "cat"/ { @f = count(); }' '/bin/cat /etc/hostname'
	trace "kretfunc (fexit)" '^@r: [1-9]' 'kretfunc:vfs_read /comm == "cat"/ { @r = max(retval); }' '/bin/cat /etc/hostname'
else
	skip "kfunc (fentry)" "bpftrace does not find it"
	skip "kretfunc (fexit)" "bpftrace does not find it"
fi
refuse "an unknown probe" 'not (traceable|found)|No probes|ERROR' bpftrace -e 'kprobe:no_such_function_here { exit(); }'
never "nothing is left attached" 'kprobe|uprobe' bpftool perf show
finish
