#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# Unmodified clients against the library, as an ordinary user where the test may choose one.
# clients.sh DIRECTORY-OF-BUILT-THINGS DIRECTORY-OF-THE-LIBRARY BPFCHECK
O=$1 HO=$2 CHECK=$3
pass=0 fail=0
as=()
[[ $(id -u) == 0 ]] && as=(setpriv --reuid 65534 --regid 65534 --clear-groups)
T=$(mktemp -d); chmod 755 "$T"; trap 'rm -rf "$T"' EXIT
head -c 64 /dev/zero >"$T/packet"

client() { "${as[@]}" env LD_PRELOAD="$HO/libkbpf_preload.so" KBPF_BPFFS="$T" "$@"; }

# check NAME PATTERN COMMAND...: the command's output matches
check() {
	local name=$1 pattern=$2 out
	shift 2
	out=$("$@" 2>&1)
	if [[ $out =~ $pattern ]]; then
		((++pass))
	else
		((++fail))
		printf 'FAIL %s: %q not in:\n%s\n' "$name" "$pattern" "$out"
	fi
}

cat >"$T/load" <<END
prog loadall $O/obj.bpf.o $T/p
prog run pinned $T/p/count data_in $T/packet data_out $T/out repeat 3
prog run pinned $T/p/length data_in $T/packet
map dump name counts
prog dump xlated pinned $T/p/count
END
chmod 777 "$T"
check load '^$' client bpftool prog load "$O/obj.bpf.o" "$T/one"
check rejected 'reason: PACKET' client bpftool prog loadall "$O/bad.bpf.o" "$T/two"
check run 'Return value: 2' client bpftool batch file "$T/load"
check tc 'Return value: 64' client bpftool batch file "$T/load"
check counted '"value": 3' client bpftool batch file "$T/load"
check dump '[0-9]+: \(95\) exit' client bpftool batch file "$T/load"
check packet '^01$' bash -c "od -An -tx1 -N1 $T/out | tr -d ' '"
cat >"$T/maps" <<END
map create $T/m type array key 4 value 8 entries 4 name arr
map update pinned $T/m key 1 0 0 0 value 1 2 3 4 5 6 7 8
map dump pinned $T/m
map show
END
check map 'key: 01 00 00 00  value: 01 02 03 04 05 06 07 08' client bpftool batch file "$T/maps"
check show 'array  name arr' client bpftool batch file "$T/maps"
check skeleton '^bad 0 ' client "$O/skel_test"
check descriptors '^0 bad$' client "$O/preload_test"

exits() {
	local name=$1 want=$2
	shift 2
	"$@" >/dev/null 2>&1
	if [[ $? == "$want" ]]; then ((++pass)); else ((++fail)); echo "FAIL $name"; fi
}
exits accepted 0 "${as[@]}" "$CHECK" "$O/obj.bpf.o"
exits rejected 1 "${as[@]}" "$CHECK" "$O/bad.bpf.o"
exits unchecked 2 "${as[@]}" "$CHECK" "$T/packet"
exits absent 2 "${as[@]}" "$CHECK" "$T/none.o"
exits features 1 "${as[@]}" "$CHECK" -f bpf "$O/obj.bpf.o"
check report '\[PACKET\].*>.*return.*hint: ' "${as[@]}" "$CHECK" "$O/bad.bpf.o"
check json '^1 rejected unchecked PACKET$' bash -c "$CHECK --json $O/bad.bpf.o | python3 -c '
import json, sys
j = json.load(sys.stdin)
p = [p for p in j[\"files\"][0][\"programs\"] if p[\"verdict\"] != \"accepted\"]
print(j[\"rejected\"], p[0][\"verdict\"], p[0][\"name\"], p[0][\"rejection\"][\"id\"])'"
schema() { "$CHECK" -q --json "$@" 2>/dev/null | "$(dirname "$0")/json_check.py"; }
check schema '^count:accepted length:accepted 2 0 0$' schema "$O/obj.bpf.o"
check 'schema of a rejection' 'unchecked:rejected .*2 1 0$' schema "$O/bad.bpf.o"
check 'schema of many' 'count:accepted .*unchecked:rejected .*4 1 2$' schema -j 3 "$O/obj.bpf.o" "$O/bad.bpf.o" "$T/packet" "$O/none.o"
check sections 'mark:accepted act:accepted unheard:unchecked replaced:unchecked choose:accepted 3 0 2$' schema "$O/odd.bpf.o"
check type 'unheard:accepted replaced:unchecked choose:accepted 4 0 1$' schema --type xdp "$O/odd.bpf.o"
check target 'unheard:accepted replaced:accepted choose:accepted 5 0 0$' schema --type xdp --target "$O/obj.bpf.o" "$O/odd.bpf.o"
check 'an unknown map' 'map .m.: this kernel has no maps of type 250' "$CHECK" "$O/map250.bpf.o"
check 'the other byte order' 'endianness mismatch' "$CHECK" "$O/big.bpf.o"
check 'no types' 'BTF is required' "$CHECK" "$O/plain.bpf.o"
exits 'two formats' 2 "$CHECK" --json --html "$T/page" "$O/obj.bpf.o"
check 'a folder' 'is a directory' "$CHECK" "$T"
exits 'no such type' 2 "$CHECK" --type nonsense "$O/obj.bpf.o"
exits 'no such feature' 2 "$CHECK" -f nonsense "$O/obj.bpf.o"
exits 'no such option' 2 "$CHECK" --nonsense
exits 'no files' 2 "$CHECK"
exits help 0 "$CHECK" --help
exits unprivileged 2 "$CHECK" -f unprivileged "$O/obj.bpf.o"
check 'many, one missing' 'none.o  *could.*No such file' bash -c "$CHECK -j 4 $O/obj.bpf.o $O/none.o $O/bad.bpf.o 2>&1 | tr '\n' ' '"
check 'html: what registers held' 'data-b="R1=ctx\(\) R10=fp0"' bash -c "$CHECK --html $T/page $O/bad.bpf.o >/dev/null; cat $T/page"
check 'html: what changed' 'data-d="[0-9]+ [0-9]+ ' bash -c "cat $T/page"
check html '</html>|<script>' bash -c "$CHECK --html $T/page $O/bad.bpf.o >/dev/null; cat $T/page"
echo "$pass passed, $fail failed"
((!fail))
