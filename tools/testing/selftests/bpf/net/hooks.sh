#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Programs at the hooks of the network stack, attached by ip, tc, bpftool and tcpdump: each fires, its
# result acts, and after detaching all is as before.
#
# Two namespaces, near and far, and a pair of veth devices between them.

pass=0 fail=0 skip=0
# Not below /sys: ip gives each command in a namespace a /sys of its own.
PINS=/run/net_hooks_$$
LOG=/tmp/net_hooks_$$

ok() { pass=$((pass + 1)); echo "ok - $1"; }
not_ok() { fail=$((fail + 1)); echo "not ok - $1"; sed 's/^/# /' "$LOG" 2>/dev/null | tail -20; }
check() {	# check NAME COMMAND...: the command succeeds
	local name=$1
	shift
	if "$@" >"$LOG" 2>&1; then ok "$name"; else not_ok "$name"; fi
}
check_not() {	# the command fails
	local name=$1
	shift
	if "$@" >"$LOG" 2>&1; then not_ok "$name"; else ok "$name"; fi
}
skipped() { skip=$((skip + 1)); echo "SKIP $1: $2"; }

near() { ip netns exec near "$@"; }
far() { ip netns exec far "$@"; }
# Whether a packet comes back. In vain is waited for one; one that has to come may take its time.
reaches() {
	local i
	for ((i = 0; i < 10 * ${SLOW:-1}; i++)); do
		near ping -c 1 -W 1 10.9.0.2 && return
	done
	return 1
}
is_lost() { ! near ping -c 1 -W 1 10.9.0.2; }

cleanup() {
	ip netns del near 2>/dev/null
	ip netns del far 2>/dev/null
	umount "$PINS"
	rm -rf "$PINS" "$LOG"
}
trap cleanup EXIT

ip netns add near && ip netns add far || { echo "0 passed, 1 failed"; exit 1; }
ip -n near link add v0 type veth peer name v1 netns far
ip -n near addr add 10.9.0.1/24 dev v0
ip -n far addr add 10.9.0.2/24 dev v1
for dev in v0 lo; do ip -n near link set $dev up; done
for dev in v1 lo; do ip -n far link set $dev up; done
mkdir -p "$PINS" && mount -t bpf bpf "$PINS"
check "the devices are connected" reaches

# ------------------------------------------------------------------ XDP

count() {
	bpftool -j map dump pinned "$PINS/maps/seen" 2>/dev/null |
		sed 's/.*"formatted".*"value":\([0-9]*\).*/\1/'
}

mkdir -p "$PINS/xdp" "$PINS/maps"
check "bpftool loads XDP programs" bpftool prog loadall "$O/xdp.bpf.o" "$PINS/xdp" pinmaps "$PINS/maps"
for mode in xdpgeneric xdpdrv; do
	check "ip attaches, $mode" ip -n far link set dev v1 $mode pinned "$PINS/xdp/xdp_drop_icmp"
	check "ip shows it, $mode" sh -c "ip -n far link show dev v1 | grep -q 'prog/xdp id'"
	before=$(count)
	check "the program drops, $mode" is_lost
	after=$(count)
	if ((${after:-0} > ${before:-0})); then
		ok "the program counted, $mode"
	else
		echo "before '$before' after '$after'" >"$LOG"
		not_ok "the program counted, $mode"
	fi
	check "ip detaches, $mode" ip -n far link set dev v1 $mode off
	check "packets pass again, $mode" reaches
done

# A second pair: what comes in by v1 goes out by w1, and arrives at w0.
ip -n far link add w1 type veth peer name w0
for dev in w1 w0; do ip -n far link set $dev up; done
w1=$(far cat /sys/class/net/w1/ifindex)
hex=$(printf '%02x %02x 00 00' $((w1 & 255)) $((w1 >> 8)))
check "bpftool fills a devmap" far bpftool map update pinned "$PINS/maps/ports" key 0 0 0 0 value hex $hex
# The far end of the target has to take frames as well.
far ip link set dev w0 xdp pinned "$PINS/xdp/xdp_drop_icmp"
for mode in xdpdrv xdpgeneric; do
	far ip link set dev v1 $mode pinned "$PINS/xdp/xdp_redirect"
	before=$(far cat /sys/class/net/w0/statistics/rx_packets)
	check "redirected packets do not arrive here, $mode" is_lost
	after=$(far cat /sys/class/net/w0/statistics/rx_packets)
	echo "before $before after $after" >"$LOG"
	if ((after > before)); then ok "they arrive there, $mode"; else not_ok "they arrive there, $mode"; fi
	far ip link set dev v1 $mode off
done
check "packets pass again after redirection" reaches
ip -n far link del w1
check_not "a device that is gone leaves the devmap" \
	sh -c "bpftool map lookup pinned $PINS/maps/ports key 0 0 0 0 | grep -q value"

# ------------------------------------------------------------------ tc

mkdir -p "$PINS/tc"
check "bpftool loads classifiers" bpftool prog loadall "$O/skb.bpf.o" "$PINS/tc"
far tc qdisc add dev v1 clsact
for dir in ingress egress; do
	check "tc attaches, $dir" far tc filter add dev v1 $dir pref 1 bpf direct-action \
		object-pinned "$PINS/tc/tc_drop_icmp"
	check "tc shows it, $dir" sh -c "ip netns exec far tc filter show dev v1 $dir | grep -q direct-action"
	check "the classifier drops, $dir" is_lost
	check "tc replaces, $dir" far tc filter replace dev v1 $dir pref 1 handle 1 bpf direct-action \
		object-pinned "$PINS/tc/tc_pass"
	check "the new one passes, $dir" reaches
	check "tc detaches, $dir" far tc filter del dev v1 $dir pref 1
	check "packets pass again, $dir" reaches
done

# Classic instructions: all that has protocol ICMP at byte 9 of the network header.
code='4,48 0 0 4293918729,21 0 1 1,6 0 0 4294967295,6 0 0 0,'
check "tc attaches classic instructions" far tc filter add dev v1 ingress pref 2 bpf \
	bytecode "$code" flowid 1:1 action drop
check "they drop" is_lost
check "tc shows them" sh -c "ip netns exec far tc filter show dev v1 ingress | grep -q bytecode"
far tc filter del dev v1 ingress pref 2
check "packets pass again without them" reaches

# The action, behind a classifier that matches all.
check "tc attaches an action" far tc filter add dev v1 ingress pref 3 protocol ip bpf \
	bytecode '1,6 0 0 4294967295,' flowid 1:1 action bpf bytecode '1,6 0 0 2,'
check "the action drops" is_lost
check "tc shows the action" sh -c "ip netns exec far tc -s actions list action bpf | grep -q bytecode"
far tc filter del dev v1 ingress pref 3
check "packets pass again without the action" reaches

# The same with loaded programs: a verdict of their own, one that leaves it to the next, and another
# program in the place of one that is attached.
act_of() {	# act_of PROGRAM: a filter that matches all, with the program as its action
	far tc filter add dev v1 ingress pref 4 protocol ip handle 1 bpf bytecode '1,6 0 0 4294967295,' \
		flowid 1:1 action bpf object-pinned "$PINS/tc/$1" index 7
}
check "tc attaches a program as action" act_of act_drop_icmp
check "the action's program drops" is_lost
check "tc shows the program" sh -c "ip netns exec far tc -s actions list action bpf | grep -q 'act_drop_icmp.*id'"
check "tc counts what it dropped" sh -c \
	"ip netns exec far tc -s actions list action bpf | grep -q 'dropped [1-9]'"
check "tc replaces the action's program" far tc actions replace action bpf \
	object-pinned "$PINS/tc/act_pass" index 7
check "the new program passes" reaches
far tc filter del dev v1 ingress pref 4
check "nothing is left of the action" sh -c "! ip netns exec far tc actions list action bpf | grep -q index"
check "packets pass again without the action's program" reaches
check_not "tc refuses a classifier as action" act_of tc_pass
far tc qdisc del dev v1 clsact

# ------------------------------------------------------------------ tcx

if bpftool net help 2>&1 | grep -q tcx_ingress; then
	check "tcx attaches without clsact" \
		far bpftool net attach tcx_ingress pinned "$PINS/tc/tc_drop_icmp" dev v1
	check "tcx drops" is_lost
	check "bpftool shows it" sh -c "ip netns exec far bpftool net show dev v1 | grep -q tcx"
	check "tcx detaches" far bpftool net detach tcx_ingress dev v1
	check "packets pass again after tcx" reaches
else
	skipped "tcx by bpftool" "this one does not know it"
fi

# ------------------------------------------------------------------ clients with classic filters

ip netns exec near ping -i 0.2 10.9.0.2 >/dev/null 2>&1 &
pinger=$!
check "tcpdump with a filter sees packets" timeout $((20 * ${SLOW:-1})) \
	ip netns exec far tcpdump -nli v1 -c 2 'icmp and src 10.9.0.1'
check_not "tcpdump with another sees none" timeout 2 ip netns exec far tcpdump -nli v1 -c 1 'tcp port 7'
kill $pinger
wait

echo "$pass passed, $fail failed, $skip skipped"
exit $((fail != 0))
