#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# iptables as Debian ships it: what its match "bpf" is given decides which packets a rule is for.
# Everything happens on the loopback device of a network namespace.
cd "$(dirname "$0")" && . ../tap.sh
ns=ipt$$

cleanup() {
	ip netns del $ns
}

inside() { ip netns exec $ns "$@"; }
# ip netns gives its commands a /sys of their own, without the pins
rule() { nsenter --net=/run/netns/$ns iptables-legacy -w "$@"; }
answers() { inside ping -n -q -c 2 -i 0.1 -W 1 127.0.0.1; }
count() { bpftool map lookup pinned "$PIN/maps/seen" key 0 0 0 0; }
packets() { rule -L INPUT -v -x -n; }

ip netns add $ns
ip -n $ns link set lo up
mkdir -p "$PIN"

check "the loopback device answers" answers
check "programs are loaded and pinned" \
	bpftool prog loadall "$O/match.bpf.o" "$PIN/progs" pinmaps "$PIN/maps"

# 9: the protocol; 1: ICMP
check "a rule with a classic program" \
	rule -A INPUT -m bpf --bytecode '4,48 0 0 9,21 0 1 1,6 0 0 1,6 0 0 0' -j DROP
refuse "what it matches is dropped" '100% packet loss' answers
expect "what it does not match is not" . \
	inside bash -c 'exec 3<>/dev/udp/127.0.0.1/9 && echo x >&3 && echo sent'
# the third says that nobody reads the datagram
expect "the rule counts both requests, and one more" '^ +3 .* DROP ' packets
check "the rule goes" rule -F INPUT
check "the loopback device answers again" answers
refuse "a classic program that does not end is refused" 'Invalid argument' \
	rule -A INPUT -m bpf --bytecode '1,48 0 0 9' -j DROP

check "a rule with a pinned program" \
	rule -A INPUT -m bpf --object-pinned "$PIN/progs/icmp" -j DROP
check "the pin may go, the rule holds the program" rm "$PIN/progs/icmp"
refuse "what the program matches is dropped" '100% packet loss' answers
expect "the program has seen both requests" '"value": 2|02 00 00 00 00 00 00 00' count
expect "the rule is listed with its pin" 'match bpf pinned .*/progs/icmp' rule -L INPUT -n
check "the rule goes, too" rule -F INPUT
check "the loopback device answers at last" answers
never "the program is gone" 'name icmp' bpftool prog list

refuse "a program of another type is refused" 'Invalid argument' \
	rule -A INPUT -m bpf --object-pinned "$PIN/progs/other" -j DROP
refuse "so is a map" 'Invalid argument' \
	rule -A INPUT -m bpf --object-pinned "$PIN/maps/seen" -j DROP
refuse "a path that leads nowhere" 'failed to get bpf object' \
	rule -A INPUT -m bpf --object-pinned "$PIN/progs/none" -j DROP
refuse "a file that is no pin" 'failed to get bpf object' \
	rule -A INPUT -m bpf --object-pinned /proc/self/status -j DROP
finish
