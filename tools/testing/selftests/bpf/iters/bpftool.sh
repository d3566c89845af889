#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bpftool iter pin: each target's program is pinned and read as a file, and its link is told of.
# shellcheck source=../clients/tap.sh
. "$TOP/clients/tap.sh"

mkdir -p "$PIN"
cleanup() {
	kill %1 %2 %3
	rm -rf "$PIN"
	ip link del iters0
}

ip link set lo up
ip link add iters0 type dummy && ip addr add fd77::1/64 dev iters0 nodad && ip link set iters0 up
bpftool map create "$PIN/hash" type hash key 4 value 8 entries 8 name iters_hash
bpftool map update pinned "$PIN/hash" key 7 0 0 0 value 99 0 0 0 0 0 0 0
bpftool map create "$PIN/sk" type sk_storage key 4 value 8 entries 0 name iters_sk flags 1 \
	>/dev/null 2>&1

# Something for each kind of socket.
python3 -c '
import socket, time
t = socket.socket(); t.bind(("127.0.0.1", 40404)); t.listen()
u = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); u.bind(("127.0.0.1", 40405))
a, b = socket.socketpair()
n = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0); n.bind((31337, 0))
time.sleep(300)' &
for _ in {1..100}; do ss -ltn 2>/dev/null | grep -q 40404 && break; sleep 0.1; done

# TARGET REGEX [map MAP]; END is what the program says when there is nothing left.
walk() {
	local target=$1 regex=$2 end=${END:-^end$}
	shift 2
	check "$target: pin" bpftool iter pin "$O/$target.bpf.o" "$PIN/$target" "$@"
	expect "$target: read" "$regex" cat "$PIN/$target"
	expect "$target: to the end" "$end" cat "$PIN/$target"
	expect "$target: in small pieces" "$end" dd if="$PIN/$target" bs=61 status=none
	# Tasks come and go with the tools; the rest is the same in whatever pieces.
	case $target in
	task*) ;;
	*)
		cat "$PIN/$target" >"$T/whole"
		dd if="$PIN/$target" of="$T/pieces" bs=61 status=none
		check "$target: the same in small pieces" cmp "$T/whole" "$T/pieces" ;;
	esac
	expect "$target: the link says so" "iter +prog [0-9]+ +target_name $target" \
		bpftool link show
	rm -f "$PIN/$target"
}

walk task "^task $$ $$ bpftool.sh"
walk task_file "^file $$ 255 "
walk task_vma "^vma $$ [0-9a-f]+-[0-9a-f]+ .*/bash$"
walk bpf_map '^map [0-9]+ iters_hash 8$'
walk bpf_prog '^prog [0-9]+ walk$'
walk bpf_link '^link [0-9]+ 4$'
walk bpf_map_elem '^elem 7 99$' map pinned "$PIN/hash"
# The kernel's own walk gives the last symbol, a program's, once more in the place of nothing. A program
# without an image has none, and hardening hides where images are.
jit=$(</proc/sys/net/core/bpf_jit_enable)
harden=$(</proc/sys/net/core/bpf_jit_harden)
last='^ksym t bpf_prog_[0-9a-f]+_walk$'
[[ $jit = 1 && $harden = 0 ]] || last='^ksym t '
END=$last walk ksym '^ksym T schedule$'
walk tcp '^tcp 2 state 10 port 40404$'
walk udp '^udp 2 port 40405$'
walk unix '^unix type 1$'
walk netlink '^netlink 0 port 31337$'
walk ipv6_route '^route fd770{6}'
refuse "bpf_map_elem: needs a map" 'Bad file descriptor|Invalid argument' \
	bpftool iter pin "$O/bpf_map_elem.bpf.o" "$PIN/no"
finish
