#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# bpftool as Debian ships it: every command that applies, with what it printed.
cd "$(dirname "$0")" && . ../tap.sh
mkdir -p "$PIN"
dev=bt$$

cleanup() { ip link del $dev; }

id_of() { bpftool -j prog show pinned "$1" | sed -n 's/.*"id":\([0-9]*\).*/\1/p'; }
link_id() { bpftool -j link show | tr '{' '\n' | sed -n "s/.*\"id\":\([0-9]*\),.*\"prog_id\":$1[,}].*/\1/p" | head -1; }

echo "# programs"
check "prog load" bpftool prog load "$O/many.bpf.o" "$PIN/third" type socket
check "prog loadall" bpftool prog loadall "$O/many.bpf.o" "$PIN/all" pinmaps "$PIN/maps"
check "loadall pins each program" test -e "$PIN/all/first" -a -e "$PIN/all/second" -a -e "$PIN/all/third"
check "loadall pins each map" test -e "$PIN/maps/records" -a -e "$PIN/maps/jumps" -a -e "$PIN/maps/ring"
first=$(id_of "$PIN/all/first")
expect "prog show: type and name" "^$first: sched_cls  name first  tag [0-9a-f]{16}  gpl" bpftool prog show id "$first"
expect "prog show: sizes" 'xlated [1-9][0-9]*B  (jited [1-9][0-9]*B|not jited)  memlock [1-9][0-9]*B' bpftool prog show id "$first"
expect "prog show: maps and BTF" 'map_ids [0-9,]+' bpftool prog show id "$first"
expect "prog show: BTF" 'btf_id [0-9]+' bpftool prog show id "$first"
expect "prog show by name" "^$first: sched_cls" bpftool prog show name first
expect "prog show by tag" "^$first: sched_cls" bpftool prog show tag "$(bpftool prog show id "$first" | sed -n 's/.*tag \([0-9a-f]*\).*/\1/p')"
expect "prog show all" ': socket_filter  name third' bpftool prog show
expect "prog show -j" '"type":"sched_cls","name":"first","tag":"[0-9a-f]{16}","gpl_compatible":true' bpftool -j prog show id "$first"
expect "prog show -f" "$PIN/all/second" bpftool -f prog show
expect "prog dump xlated" '^ +[0-9]+: \(95\) exit' bpftool prog dump xlated id "$first"
expect "prog dump xlated: map calls by name" 'call (bpf_map_lookup_elem|__htab_map_lookup_elem)#|r[0-9] = map\[id:[0-9]+\]' bpftool prog dump xlated id "$first"
expect "prog dump xlated: subprogram" '^int weigh\(|call pc\+[0-9]+#' bpftool prog dump xlated id "$first"
expect "prog dump xlated: source lines" '^; .*hits\+\+' bpftool prog dump xlated id "$first"
expect "prog dump xlated linum" '\[file:.*many.bpf.c line_num:[0-9]+' bpftool prog dump xlated id "$first" linum
expect "prog dump xlated opcodes" '^ +[0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2} [0-9a-f]{2}' bpftool prog dump xlated id "$first" opcodes
expect "prog dump xlated visual" '^digraph' bpftool prog dump xlated id "$first" visual
check "prog dump xlated file" bpftool prog dump xlated id "$first" file "$T/xlated"
check "the file holds whole instructions" test -s "$T/xlated" -a $(($(stat -c %s "$T/xlated" 2>/dev/null || echo 1) % 8)) = 0
if [[ $(</proc/sys/net/core/bpf_jit_enable) = 0 ]]; then
	skip "prog dump jited file" "the JIT is off"
elif bpftool prog dump jited id "$first" 2>&1 | grep -q 'No libbfd support'; then
	skip "prog dump jited file" "this bpftool was built without a disassembler"
else
	check "prog dump jited file" bpftool prog dump jited id "$first" file "$T/jited"
	check "the image is not empty" test -s "$T/jited"
fi
check "prog pin" bpftool prog pin id "$first" "$PIN/again"
check "both pins are one program" test "$(id_of "$PIN/again")" = "$first"
refuse "prog show of an id that is not there" 'Error.*(No such file|get prog by id)' bpftool prog show id 4000000
refuse "prog pin over a file" 'File exists' bpftool prog pin id "$first" "$PIN/again"
check "prog attach info: tail call map update" bpftool map update pinned "$PIN/maps/jumps" key 0 0 0 0 value pinned "$PIN/all/second"
head -c 64 /dev/zero >"$T/packet"
expect "prog run: tail call" 'Return value: 9, duration' bpftool prog run pinned "$PIN/all/first" data_in "$T/packet"
check "tail call map delete" bpftool map delete pinned "$PIN/maps/jumps" key 0 0 0 0
expect "prog run: no tail call" 'Return value: 7, duration' bpftool prog run pinned "$PIN/all/first" data_in "$T/packet"
expect "prog run repeat" 'Return value: 7, duration \(average\)' bpftool prog run pinned "$PIN/all/first" data_in "$T/packet" repeat 50
check "prog run data_out" bpftool prog run pinned "$PIN/all/first" data_in "$T/packet" data_out "$T/back"
check "data_out is the packet" cmp "$T/packet" "$T/back"

echo "# maps that a program defined"
check "map update of a struct" bpftool map update pinned "$PIN/maps/records" key 1 0 0 0 value \
	1 0 0 0 0 0 0 0 200 0 0 0 0 0 0 0 97 98 99 0 0 0 0 0 0 0 0 0 0 0 0 0 1 2 3 4 5 0 0 0 0x21 0 0 0 0 0 0 0
expect "map lookup with BTF" '"balance": 200' bpftool map lookup pinned "$PIN/maps/records" key 1 0 0 0
expect "map dump with BTF: names" '"name": \[?"?a?' bpftool map dump pinned "$PIN/maps/records"
expect "map dump with BTF: bitfields" '"low": 0x1' bpftool map dump pinned "$PIN/maps/records"
check "a run of the program" bpftool prog run pinned "$PIN/all/first" data_in "$T/packet"
never "the program wrote the value" '"balance": 200,' bpftool map dump pinned "$PIN/maps/records"
expect "global data" '"hits": [1-9]' bpftool map dump pinned "$PIN/maps/many_bss"
expect "read-only data is frozen" 'frozen' bpftool map show pinned "$PIN/maps/many_rodata"
refuse "read-only data cannot be written" 'Error: update failed: Operation not permitted' \
	bpftool map update pinned "$PIN/maps/many_rodata" key 0 0 0 0 value 1 0 0 0

echo "# maps of every kind"
make_map() { # KIND KEY VALUE ENTRIES [FLAGS...]
	local kind=$1
	check "map create $kind" bpftool map create "$PIN/m_$kind" type "$kind" key "$2" value "$3" entries "$4" \
		name "n_$kind" "${@:5}"
	expect "map show $kind" "^[0-9]+: $kind  name n_${kind:0:13}" bpftool map show pinned "$PIN/m_$kind"
}
for kind in hash array percpu_hash percpu_array lru_hash lru_percpu_hash; do
	make_map $kind 4 8 16
	m=$PIN/m_$kind
	check "map update $kind" bpftool map update pinned "$m" key 3 0 0 0 value 1 2 3 4 5 6 7 8
	expect "map lookup $kind" '01 02 03 04 05 06 07 08' bpftool map lookup pinned "$m" key 3 0 0 0
	expect "map dump $kind" 'Found [0-9]+ elements?|01 02 03 04' bpftool map dump pinned "$m"
	expect "map getnext $kind" 'next key' bpftool map getnext pinned "$m"
	if [[ $kind == *array ]]; then
		refuse "map delete $kind" 'Invalid argument' bpftool map delete pinned "$m" key 3 0 0 0
		refuse "map update noexist $kind" 'File exists' bpftool map update pinned "$m" key 3 0 0 0 value 0 0 0 0 0 0 0 0 noexist
	else
		refuse "map update noexist $kind" 'File exists' bpftool map update pinned "$m" key 3 0 0 0 value 0 0 0 0 0 0 0 0 noexist
		refuse "map update exist $kind" 'No such file' bpftool map update pinned "$m" key 9 0 0 0 value 0 0 0 0 0 0 0 0 exist
		check "map delete $kind" bpftool map delete pinned "$m" key 3 0 0 0
		refuse "map delete again $kind" 'No such file' bpftool map delete pinned "$m" key 3 0 0 0
		refuse "map lookup of nothing $kind" 'key:|No such|Not found' bpftool map lookup pinned "$m" key 3 0 0 0
	fi
done
make_map lpm_trie 8 4 16 flags 1
check "lpm: update" bpftool map update pinned "$PIN/m_lpm_trie" key 24 0 0 0 10 1 2 0 value 9 0 0 0
expect "lpm: a longer key finds it" 'value: ?09 00 00 00|09 00 00 00' bpftool map lookup pinned "$PIN/m_lpm_trie" key 32 0 0 0 10 1 2 77
refuse "lpm: another prefix does not" '.' bpftool map lookup pinned "$PIN/m_lpm_trie" key 32 0 0 0 10 1 3 77
for kind in queue stack; do
	make_map $kind 0 4 2
	m=$PIN/m_$kind put=push get=pop
	[[ $kind == queue ]] && put=enqueue get=dequeue
	check "$kind: $put" bpftool map $put pinned "$m" value 1 0 0 0
	check "$kind: $put 2" bpftool map $put pinned "$m" value 2 0 0 0
	refuse "$kind: full" 'Argument list too long' bpftool map $put pinned "$m" value 3 0 0 0
	order=(1 2)
	[[ $kind == stack ]] && order=(2 1)
	expect "$kind: peek" "value: 0${order[0]} 00" bpftool map peek pinned "$m"
	expect "$kind: $get" "value: 0${order[0]} 00" bpftool map $get pinned "$m"
	expect "$kind: $get 2" "value: 0${order[1]} 00" bpftool map $get pinned "$m"
	expect "$kind: empty" 'Error: empty map' bash -c "bpftool map $get pinned $m 2>&1 || true"
done
make_map perf_event_array 4 4 4
make_map prog_array 4 4 4
make_map stack_trace 4 1016 16
make_map cgroup_array 4 4 4
make_map ringbuf 0 0 4096
for kind in array_of_maps hash_of_maps; do
	check "map create $kind" bpftool map create "$PIN/m_$kind" type $kind key 4 value 4 entries 4 name n_$kind \
		inner_map pinned "$PIN/m_hash"
	check "$kind: put an inner map" bpftool map update pinned "$PIN/m_$kind" key 1 0 0 0 value pinned "$PIN/m_hash"
	inner=$(bpftool map show pinned "$PIN/m_hash" | sed -n 's/^\([0-9]*\):.*/\1/p')
	expect "$kind: its id" "value: $(printf '%02x' $((inner % 256))) " bpftool map lookup pinned "$PIN/m_$kind" key 1 0 0 0
	refuse "$kind: another shape" 'Invalid argument' bpftool map update pinned "$PIN/m_$kind" key 1 0 0 0 value pinned "$PIN/m_lpm_trie"
done
make_map bloom_filter 0 4 64
for kind in devmap devmap_hash cpumap xskmap reuseport_sockarray; do
	value=4
	[[ $kind == reuseport_sockarray ]] && value=8
	if bpftool map create "$PIN/m_$kind" type $kind key 4 value $value entries 4 name n_$kind >"$T/out" 2>&1; then
		expect "map show $kind" "^[0-9]+: $kind" bpftool map show pinned "$PIN/m_$kind"
	elif grep -q 'Invalid argument' "$T/out"; then
		skip "map create $kind" "this kind is not built"
	else
		tap_command="bpftool map create type $kind"
		tap_result 1 "map create $kind"
	fi
done
refuse "map create hash without room" 'Invalid argument' bpftool map create "$PIN/bad" type hash key 4 value 4 entries 0 name bad
refuse "map create hash with unknown flags" 'Invalid argument' bpftool map create "$PIN/bad" type hash key 4 value 4 entries 4 name bad flags 0x40000000
check "map pin" bpftool map pin pinned "$PIN/m_hash" "$PIN/m_hash2"
check "map freeze" bpftool map freeze pinned "$PIN/m_array"
refuse "a frozen map refuses" 'Operation not permitted' bpftool map update pinned "$PIN/m_array" key 0 0 0 0 value 0 0 0 0 0 0 0 0
expect "map show -j" '"type":"hash","name":"n_hash","flags":0,"bytes_key":4,"bytes_value":8,"max_entries":16' bpftool -j map show pinned "$PIN/m_hash"

echo "# links and perf"
check "programs attached" hold "$O/trace.bpf.o"
expect "link show: raw tracepoint" "raw_tracepoint  prog [0-9]+" bpftool link show
expect "link show: its name" "tp '?sys_enter" bpftool link show
expect "link show: perf event" 'perf_event  prog [0-9]+' bpftool link show
# The maps fill while they look.
for _ in 1 2 3; do ls /sys/fs/bpf >/dev/null; done
expect "the hash is filled" '"text": \[?"?|bpftool' bpftool map dump name calls
expect "the kprobe counts" '"opened": [1-9]' bpftool map dump name trace.bss
expect "perf show: kprobe" 'prog_id [0-9]+  kprobe  func do_sys_openat2  offset 0' bpftool perf show
expect "perf show: tracepoint" 'prog_id [0-9]+  tracepoint  sched_switch' bpftool perf show
tracelog() {
	timeout 4 bpftool prog tracelog >"$T/tracelog" &
	local pid=$!
	sleep 2
	cat /etc/hostname >/dev/null
	wait $pid
	cat "$T/tracelog"
}
expect "prog tracelog" 'bpf_trace_printk: clients: open number [0-9]+' tracelog
raw=$(bpftool -j link show | tr '{' '\n' | sed -n 's/.*"id":\([0-9]*\),"type":"raw_tracepoint".*/\1/p' | head -1)
check "link pin" bpftool link pin id "$raw" "$PIN/link"
expect "link show pinned" "^$raw: raw_tracepoint" bpftool link show pinned "$PIN/link"
refuse "link detach of a raw tracepoint" 'Operation not supported|Error' bpftool link detach id "$raw"
never "a pin keeps the link" 'perf_event' bash -c "kill $HOLD_PID; sleep 1; bpftool link show"
expect "the pinned one is there" '^[0-9]+: raw_tracepoint' bpftool link show
rm -rf "$PIN/link"
sleep 1
never "unpinned links are gone" "raw_tracepoint|perf_event" bpftool link show
never "perf show is empty" 'do_sys_openat2' bpftool perf show

echo "# net"
check "a device" ip link add $dev type veth peer name p$dev
ip link set $dev up && ip link set p$dev up
check "an XDP program" bpftool prog loadall "$O/xdp.bpf.o" "$PIN/xdp"
check "net attach xdpgeneric" bpftool net attach xdpgeneric pinned "$PIN/xdp/xdp_pass" dev $dev
expect "net show: generic" "$dev\([0-9]+\) generic id [0-9]+" bpftool net show
check "net detach xdpgeneric" bpftool net detach xdpgeneric dev $dev
never "net show: detached" "$dev\([0-9]+\) generic" bpftool net show
check "net attach xdpdrv" bpftool net attach xdpdrv pinned "$PIN/xdp/xdp_pass" dev $dev
expect "net show: driver" "$dev\([0-9]+\) driver id [0-9]+" bpftool net show
refuse "net attach over a program" 'File exists|Device or resource busy' bpftool net attach xdpdrv pinned "$PIN/xdp/xdp_drop_icmp" dev $dev
check "net attach overwrite" bpftool net attach xdpdrv pinned "$PIN/xdp/xdp_drop_icmp" dev $dev overwrite
check "net detach xdpdrv" bpftool net detach xdpdrv dev $dev
tc qdisc add dev $dev clsact && tc filter add dev $dev ingress bpf da obj "$O/classify.bpf.o" sec classifier/count
expect "net show: tc" "$dev\([0-9]+\) clsact/ingress .*id [0-9]+" bpftool net show

echo "# BTF"
expect "btf list" 'name \[vmlinux\]' bpftool btf list
expect "btf dump of the kernel" "STRUCT 'task_struct' size=" bpftool btf dump file /sys/kernel/btf/vmlinux
expect "btf dump by id" "STRUCT 'task_struct'" bpftool btf dump id 1
expect "btf dump of a program" "FUNC 'first' type_id" bpftool btf dump prog id "$first"
expect "btf dump of a program as C" 'struct record \{' bpftool btf dump prog id "$first" format c
expect "btf dump of a map" "STRUCT 'record'" bpftool btf dump map pinned "$PIN/maps/records" kv
expect "btf list names its users" 'prog_ids' bpftool btf list

echo "# features"
bpftool feature probe kernel >"$T/features" 2>&1
expect "feature probe: the system call" 'bpf\(\) syscall is available' cat "$T/features"
expect "feature probe: JIT" 'JIT compiler is (enabled|disabled)' cat "$T/features"
for type in socket_filter kprobe sched_cls sched_act tracepoint xdp perf_event raw_tracepoint; do
	expect "feature probe: program $type" "eBPF program_type $type is available" cat "$T/features"
done
for type in hash array prog_array perf_event_array percpu_hash percpu_array stack_trace lru_hash lru_percpu_hash \
	lpm_trie array_of_maps hash_of_maps queue stack ringbuf; do
	expect "feature probe: map $type" "eBPF map_type $type is available" cat "$T/features"
done
for helper in bpf_map_lookup_elem bpf_ktime_get_ns bpf_redirect_map bpf_xdp_adjust_head bpf_fib_lookup; do
	expect "feature probe: helper $helper for xdp" "^x$" awk -v h="$helper" \
		'/eBPF helpers supported for program type xdp:/ {on=1; next} /^eBPF helpers/ {on=0} on && $2==h {print "x"}' "$T/features"
done
never "feature probe: no packet helper for kprobe" '^x$' awk \
	'/program type kprobe:/ {on=1; next} /^eBPF helpers/ {on=0} on && $2=="bpf_skb_load_bytes" {print "x"}' "$T/features"
expect "feature probe: bounded loops" 'Bounded loop support is available' cat "$T/features"
expect "feature probe: large programs" 'Large program size limit is available' cat "$T/features"
expect "feature probe: ISA v3" 'ISA extension v3 is available' cat "$T/features"

echo "# batch and the rest"
printf 'prog show id %s\nmap show pinned %s\n' "$first" "$PIN/m_hash" >"$T/batch"
check "batch" bpftool batch file "$T/batch"
expect "gen skeleton" 'struct many_bpf \{' bpftool gen skeleton "$O/many.bpf.o"
expect "version" 'bpftool v' bpftool version
rm -rf "$PIN"
never "nothing is left" ' name (first|third|xdp_pass|count_calls)' bpftool prog show
finish
