#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# tcpdump as Debian ships it: filters that the kernel runs. The traffic is the same each time and
# the expected numbers are those of the kernel ("received by filter"), so that a filter which
# passes too much fails as well as one which passes too little.
cd "$(dirname "$0")" && . ../tap.sh
a=td$$ ns=tdn$$

cleanup() {
	ip link del $a
	ip netns del $ns
	sysctl -qw net.ipv6.conf.default.disable_ipv6="$ipv6" 2>/dev/null
}

ip netns add $ns
ipv6=$(sysctl -n net.ipv6.conf.default.disable_ipv6 2>/dev/null)
sysctl -qw net.ipv6.conf.default.disable_ipv6=1 2>/dev/null
# at the other end, too, or it looks for routers when it pleases
ip netns exec $ns sysctl -qw net.ipv6.conf.{all,default}.disable_ipv6=1 2>/dev/null
ip link add $a type veth peer name b9 netns $ns
ip addr add 10.97.0.1/24 dev $a && ip link set $a up
ip -n $ns addr add 10.97.0.2/24 dev b9 && ip -n $ns link set b9 up
mac=$(ip -n $ns -o link show b9 | sed 's/.*ether \([^ ]*\).*/\1/')
ip neigh replace 10.97.0.2 lladdr "$mac" dev $a nud permanent
own=$(ip -o link show $a | sed 's/.*ether \([^ ]*\).*/\1/')
ip -n $ns neigh replace 10.97.0.1 lladdr "$own" dev b9 nud permanent

# Five packets out, three back: three echo requests (one large), their replies, two datagrams.
traffic() {
	ping -n -q -c 2 -i 0.1 -W 2 10.97.0.2
	ping -n -q -c 1 -s 700 -W 2 10.97.0.2
	echo one >/dev/udp/10.97.0.2/5353
	echo another >/dev/udp/10.97.0.2/9
}

# capture OPTIONS... -- FILTER: what tcpdump says of the traffic
capture() {
	local pid
	tcpdump -i $a -n -p -U --immediate-mode -w "$T/pcap" "$@" 2>"$T/said" &
	pid=$!
	for _ in {1..60}; do
		grep -q 'listening on' "$T/said" && break
		sleep 0.1
	done
	traffic >/dev/null 2>&1
	sleep 1
	kill -INT $pid
	wait $pid
	cat "$T/said"
	tcpdump -n -r "$T/pcap" 2>/dev/null
}

# The datagrams meet closed ports: two ICMP errors more come back.
sees() { # COUNT FILTER
	local n=$1
	shift
	expect "$* -> $n" "^$n packets? received by filter" capture "$@"
	expect "$* -> $n captured" "^$n packets? captured" cat "$T/said"
}

sees 10 ip
sees 8 icmp
sees 2 udp
sees 0 tcp
sees 0 ip6
sees 0 arp
sees 1 udp port 5353
sees 1 udp dst port 9
sees 3 'icmp[icmptype] == icmp-echo'
sees 3 'icmp[icmptype] == icmp-echoreply'
sees 2 'icmp[icmptype] == icmp-unreach'
sees 2 greater 600
sees 8 less 600
sees 5 src host 10.97.0.1
sees 5 src host 10.97.0.2
sees 0 host 10.97.0.3
sees 10 net 10.97.0.0/24
sees 7 'icmp and not greater 600 or udp dst port 5353'
sees 2 'ip[8] == 64 and udp'
sees 1 '(udp[4:2] == 12 and udp[8:4] = 0x6f6e650a) or (udp[8:4] = 0x616e6f74 and len > 1000)'
sees 0 vlan 7
sees 10 "ether host $mac"
sees 5 "ether dst $mac"
# Directions are looked at by the library, behind the filter.
expect "only out" '^5 packets captured' capture -Q out ip
expect "only in" '^5 packets captured' capture -Q in ip
expect "a filter that is compiled only" '^\(000\) ldh +\[12\]' tcpdump -i $a -d ip
expect "snap length 60" 'length 708' capture -s 60 'greater 600'
finish
