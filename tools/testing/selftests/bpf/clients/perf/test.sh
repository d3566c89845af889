#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# perf as Debian ships it, where it meets this subsystem: BPF symbols and events, and tracepoint
# filters beside programs.
cd "$(dirname "$0")" && . ../tap.sh
export HOME=$T PERF_CONFIG=/dev/null

command -v perf >/dev/null || { skip "perf" "it is not installed"; finish; }
trace_o=$O/trace.bpf.o

check "programs attached" hold "$trace_o"
expect "stat of a tracepoint" '[1-9][0-9,]* +raw_syscalls:sys_enter' perf stat -e raw_syscalls:sys_enter -- cat /etc/hostname
record() { perf record -q -e raw_syscalls:sys_enter -a -o "$T/data" -- cat /etc/hostname && perf script -i "$T/data"; }
expect "record beside the program" 'cat .*raw_syscalls:sys_enter: NR [0-9]+' record
if [[ $(</proc/sys/net/core/bpf_jit_enable) != 0 ]]; then
	# Hardening hides where code is, from everybody.
	if [[ $(</proc/sys/net/core/bpf_jit_harden) = 0 ]]; then
		expect "BPF programs have symbols" 'bpf_prog_[0-9a-f]{16}_count_calls' \
			grep bpf_prog_ /proc/kallsyms
	else
		never "BPF programs have no symbols" 'bpf_prog_[0-9a-f]{16}' cat /proc/kallsyms
	fi
	bpf_events() {
		perf record -q -e dummy -a -o "$T/data" -- bpftool prog loadall "$trace_o" "$PIN" &&
			perf script -i "$T/data" --show-bpf-events
	}
	expect "loads are events" 'PERF_RECORD_BPF_EVENT|type 1, flags 0, id [0-9]+' bpf_events
	cp "$T/out" "$T/events"
	expect "loads are symbols" 'PERF_RECORD_KSYMBOL.*bpf_prog_|addr [0-9a-f]+ len [0-9]+ type 1' cat "$T/events"
	headers() { perf report -i "$T/data" --header-only; }
	expect "the header has the programs" 'bpf_prog_info of id|bpf_prog_info' headers
else
	skip "BPF programs have symbols" "the JIT is off"
fi
expect "trace summary" 'openat|read' perf trace -s -- cat /etc/hostname
rm -rf "$PIN"
check "programs released" release
never "nothing is left" 'count_calls' bpftool prog show
finish
