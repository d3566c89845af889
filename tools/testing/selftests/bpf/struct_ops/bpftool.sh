#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bpftool struct_ops: registers, lists, shows, dumps and unregisters a congestion control.
# shellcheck source=../clients/tap.sh
. "$TOP/clients/tap.sh"

cleanup() {
	bpftool struct_ops unregister name kbpf_one
}

gone() {
	local i
	for i in {1..50}; do
		bpftool map show | grep -q kbpf_one || return 0
		sleep 0.1
	done
	bpftool map show
	return 1
}

available=/proc/sys/net/ipv4/tcp_available_congestion_control

never "nothing is registered" 'kbpf_one' bpftool struct_ops list
expect "register" 'Registered tcp_congestion_ops kbpf_one id [0-9]+' \
	bpftool struct_ops register "$O/one.bpf.o"
expect "list" '^[0-9]+: kbpf_one +tcp_congestion_ops *$' bpftool struct_ops list
expect "the kernel has it" '\<kbpf_one\>' cat $available
expect "show" '^[0-9]+: struct_ops +name kbpf_one' bpftool map show name kbpf_one
expect "show says how many bytes" 'key 4B +value [0-9]+B +max_entries 1 ' \
	bpftool map show name kbpf_one
expect "dump: state" 'BPF_STRUCT_OPS_STATE_INUSE' bpftool struct_ops dump name kbpf_one
expect "dump: programs" '"cong_avoid": .*one_cong_avoid/prog_id:[0-9]+' \
	bpftool struct_ops dump name kbpf_one
expect "dump: name" '"name": "kbpf_one"' bpftool struct_ops dump name kbpf_one
expect "as the default of a namespace" 'kbpf_one' unshare -n bash -c \
	'echo kbpf_one >/proc/sys/net/ipv4/tcp_congestion_control &&
	 cat /proc/sys/net/ipv4/tcp_congestion_control'
refuse "twice" "can't register struct_ops kbpf_one" bpftool struct_ops register "$O/one.bpf.o"
# Hardening hides where code is, from everybody.
harden=$(</proc/sys/net/core/bpf_jit_harden)
if [[ $harden = 0 ]]; then
	expect "code has a name" 'bpf__tcp_congestion_ops_ssthresh' \
		grep bpf__tcp_congestion_ops /proc/kallsyms
else
	never "code has no name" 'bpf__tcp_congestion_ops' cat /proc/kallsyms
fi
expect "unregister" 'Unregistered tcp_congestion_ops kbpf_one' \
	bpftool struct_ops unregister name kbpf_one
never "the kernel has it no more" '\<kbpf_one\>' cat $available
check "nothing is left" gone
finish
