#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# ip, tc and the XDP tools as Debian ships them, on a veth pair with a second network namespace.
cd "$(dirname "$0")" && . ../tap.sh
mkdir -p "$PIN"
ns=peer$$ dev=nt$$

cleanup() {
	ip link del $dev
	ip netns del $ns
}

ip netns add $ns
ip link add $dev type veth peer name eth9 netns $ns
ip addr add 10.98.0.1/24 dev $dev && ip link set $dev up
ip -n $ns addr add 10.98.0.2/24 dev eth9 && ip -n $ns link set eth9 up && ip -n $ns link set lo up

pings() { ping -n -q -c "${1:-2}" -i 0.2 -W 2 10.98.0.2; }
no_pings() { ! ping -n -q -c 2 -i 0.2 -W 1 10.98.0.2; }
value() { bpftool -j map dump name "$1" | tr -d ' \n'; }

check "the peer answers" pings

echo "# tc"
check "clsact" tc qdisc add dev $dev clsact
check "ingress: direct action" tc filter add dev $dev ingress bpf da obj "$O/classify.bpf.o" sec classifier/count
expect "ingress: shown" 'direct-action .*id [0-9]+ (name cls_count )?tag [0-9a-f]{16}' tc filter show dev $dev ingress
expect "ingress: shown as JSON" '"name":"cls_count"' tc -j filter show dev $dev ingress
check "ingress: packets pass" pings 3
counted() { [[ $(value marks) =~ \"key\":0,\"value\":3\} ]] || { value marks; false; }; }
check "ingress: three were counted" counted
check "ingress: replaced by a drop" tc filter replace dev $dev ingress pref 49152 handle 1 bpf da obj "$O/classify.bpf.o" sec classifier/drop
check "ingress: packets are dropped" no_pings
check "ingress: deleted" tc filter del dev $dev ingress
check "ingress: packets pass again" pings
never "ingress: nothing is left" 'cls_(count|drop)' bpftool prog show
check "egress: drop" tc filter add dev $dev egress bpf da obj "$O/classify.bpf.o" sec classifier/drop
check "egress: packets are dropped" no_pings
check "egress: deleted" tc filter del dev $dev egress
check "two filters: a mark" tc filter add dev $dev egress pref 1 bpf da obj "$O/classify.bpf.o" sec classifier/mark
check "two filters: a counter" tc filter add dev $dev egress pref 2 bpf da obj "$O/classify.bpf.o" sec classifier/count
check "two filters: packets pass" pings 2
marked() { [[ $(value marks) =~ \"key\":42,\"value\":2 ]] || { value marks; false; }; }
check "two filters: the mark was seen" marked
check "two filters: deleted" tc filter del dev $dev egress
check "a filter with an action" tc filter add dev $dev ingress bpf obj "$O/classify.bpf.o" sec classifier/match \
	action bpf obj "$O/classify.bpf.o" sec action/shot
expect "the action is shown" 'action order 1: +bpf .*act' tc filter show dev $dev ingress
check "the action drops what matches" no_pings
check "the filter and its action go" tc filter del dev $dev ingress
check "packets pass without it" pings
check "bytecode: all match, action ok" tc filter add dev $dev ingress bpf bytecode '1,6 0 0 4294967295,' flowid 1:1 action ok
expect "bytecode: shown" "bytecode '1,6 0 0 4294967295'" tc filter show dev $dev ingress
check "bytecode: packets pass" pings
tc filter del dev $dev ingress
# ldh [12]; jeq 0x800; ldb [23]; jeq 1; ret -1; ret 0
check "bytecode: ICMP to drop" tc filter add dev $dev ingress bpf bytecode \
	'6,40 0 0 12,21 0 3 2048,48 0 0 23,21 0 1 1,6 0 0 4294967295,6 0 0 0,' action drop
check "bytecode: packets are dropped" no_pings
tc filter del dev $dev ingress
refuse "bytecode: a jump out of it is refused" 'Invalid argument' tc filter add dev $dev ingress bpf bytecode '1,5 0 0 7,' action ok
check "pinned: load" bpftool prog load "$O/classify.bpf.o" "$PIN/count" type classifier
check "pinned: attach" tc filter add dev $dev ingress bpf da pinned "$PIN/count"
expect "pinned: shown" 'direct-action' tc filter show dev $dev ingress
check "pinned: packets pass" pings
check "the qdisc takes its filters along" tc qdisc del dev $dev clsact
rm -f "$PIN/count"
never "no program is left" 'cls_' bpftool prog show
refuse "a section that is not there" '.' tc filter add dev $dev ingress bpf da obj "$O/classify.bpf.o" sec nowhere

echo "# ip link xdp"
for mode in xdpgeneric xdpdrv; do
	check "$mode: attach" ip link set dev $dev $mode obj "$O/xdp.bpf.o" program xdp_drop_icmp
	expect "$mode: shown" "prog/xdp id [0-9]+ (name xdp_drop_icmp )?tag [0-9a-f]{16}" ip -d link show dev $dev
	check "$mode: packets are dropped" no_pings
	check "$mode: off" ip link set dev $dev $mode off
	never "$mode: shown no more" 'prog/xdp' ip -d link show dev $dev
	check "$mode: packets pass" pings
done
check "xdp: attach, the mode left to the kernel" ip link set dev $dev xdp obj "$O/xdp.bpf.o" program xdp_pass
refuse "xdp: a second one without force" 'busy|File exists|already|at the same time' ip link set dev $dev xdpgeneric obj "$O/xdp.bpf.o" program xdp_pass
check "xdp: forced" ip -force link set dev $dev xdp obj "$O/xdp.bpf.o" program xdp_drop_icmp
check "xdp: the new one acts" no_pings
check "xdp: off" ip link set dev $dev xdp off
refuse "xdpoffload is not for this device" 'not support|Invalid argument' ip link set dev $dev xdpoffload obj "$O/xdp.bpf.o" program xdp_pass
check "xdp: pinned" bpftool prog load "$O/xdp.bpf.o" "$PIN/xdp" type xdp
check "xdp: attach pinned" ip link set dev $dev xdp pinned "$PIN/xdp"
check "xdp: packets pass" pings
ip link set dev $dev xdp off

echo "# xdp-tools"
if command -v xdp-loader >/dev/null; then
	TAP_TIMEOUT=90
	check "xdp-loader load" xdp-loader load -m skb -n xdp_drop_icmp $dev "$O/xdp.bpf.o"
	expect "xdp-loader status" "^$dev .*(xdp_drop_icmp|xdp_dispatcher)" xdp-loader status
	check "xdp-loader: packets are dropped" no_pings
	check "xdp-loader unload" xdp-loader unload $dev --all
	check "xdp-loader: packets pass" pings
	expect "xdp-loader features" 'SKB|NETDEV|[Ff]eature|not supported|no' bash -c 'xdp-loader features lo 2>&1 || true'
	if [[ -e /usr/lib/bpf/xdpfilt_alw_all.o || -e /usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o ]]; then
		check "xdp-filter load" xdp-filter load -m skb -p allow -f ipv4 $dev
		check "xdp-filter: denies an address" xdp-filter ip 10.98.0.2 -m src
		check "xdp-filter: it is dropped" no_pings
		expect "xdp-filter status" '10.98.0.2' xdp-filter status
		check "xdp-filter unload" xdp-filter unload $dev
		check "xdp-filter: packets pass" pings
	else
		skip "xdp-filter" "its programs are not installed"
	fi
else
	skip "xdp-loader" "xdp-tools is not installed"
fi
rm -rf "$PIN"
never "nothing is left" 'name (xdp_|cls_|act_)' bpftool prog show
finish
