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
# However a path is spelt, it is below the same directory, and the same name.
cat >"$T/paths" <<END
map create m2 type array key 4 value 8 entries 4 name two
map show pinned $T/m2
map show pinned $T/./sub/../m2
map show pinned $T/link/m2
END
ln -s . "$T/link"
check relative '^(.*name two.*){3}$' bash -c "cd $T && $(declare -p as HO T); $(declare -f client); client bpftool batch file paths | tr '\n' ' '"
check types "STRUCT 'xdp_md'" client bpftool btf dump file "$O/obj.bpf.o"
printf 'prog loadall %s %s\nbtf show\nprog show\n' "$O/obj.bpf.o" "$T/q" >"$T/shown"
check 'types of programs' 'prog_ids [0-9,]+ .*xdp  name count' bash -c "$(declare -p as HO T); $(declare -f client); client bpftool batch file $T/shown | tr '\n' ' '"
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
exits 'two on standard output' 2 "$CHECK" --json --html - "$O/obj.bpf.o"
check 'JSON and a page' 'unchecked:rejected .*2 1 0$' schema --html "$T/both" "$O/bad.bpf.o"
check 'a page besides' '</html>' cat "$T/both"
check 'text and a page' 'count +xdp +accepted' "$CHECK" --html "$T/both" "$O/obj.bpf.o"
check 'a page alone' '^<!DOCTYPE html>' "$CHECK" --html - "$O/obj.bpf.o"
check 'nothing from elsewhere' '^0$' grep -cE 'https?://|<link|src=' "$T/both"
exits 'a full disk' 2 bash -c "$CHECK $O/obj.bpf.o >/dev/full"
exits 'a full disk for the page' 2 "$CHECK" --html /dev/full "$O/obj.bpf.o"
exits 'no such place for the page' 2 "$CHECK" --html "$T/none/page" "$O/obj.bpf.o"
# What cannot be checked is said on standard error, with the file and the reason.
: >"$T/empty.o"; echo text >"$T/text.o"; head -c 700 "$O/obj.bpf.o" >"$T/cut.o"; cp "$CHECK" "$T/x86.o"
cp "$O/obj.bpf.o" "$T/secret.o"; chmod 000 "$T/secret.o"; chmod 644 "$T"/{empty,text,cut,x86}.o
complains() { "${as[@]}" "$CHECK" -q "$@" 2>&1 >/dev/null; }
check empty 'bpfcheck: .*empty.o: .*not a proper ELF' complains "$T/empty.o"
check text 'bpfcheck: .*text.o: .*not a proper ELF' complains "$T/text.o"
check 'cut off' 'bpfcheck: .*cut.o: elf: ' complains "$T/cut.o"
check 'another machine' 'bpfcheck: .*x86.o: .*not a valid eBPF object' complains "$T/x86.o"
[[ -n ${as[*]} ]] && check unreadable 'bpfcheck: .*secret.o: Permission denied' complains "$T/secret.o"
check 'one program of several' 'bpfcheck: .*odd.bpf.o: unheard: .*missing BPF prog type' complains "$O/odd.bpf.o"
check 'no such types' 'bpfcheck: .*none: no BTF' complains --btf "$T/none" "$O/obj.bpf.o"
exits 'no such types' 2 "$CHECK" --btf "$T/none" "$O/obj.bpf.o"
check 'without rights' "could not be checked: map 'events': .*not permitted" "$CHECK" -f unprivileged "$O/obj.bpf.o"
check 'rights of a type' 'rejected.*Operation not permitted.*hint: .*rights' "$CHECK" -f bpf "$O/obj.bpf.o"
exits 'no features' 2 "$CHECK" -f '' "$O/obj.bpf.o"
exits 'jobs in words' 2 "$CHECK" -j 4x "$O/obj.bpf.o"
exits 'no jobs' 2 "$CHECK" -j 0 "$O/obj.bpf.o"
check 'a folder' 'is a directory' "$CHECK" "$T"
exits 'no such type' 2 "$CHECK" --type nonsense "$O/obj.bpf.o"
exits 'no such feature' 2 "$CHECK" -f nonsense "$O/obj.bpf.o"
exits 'no such option' 2 "$CHECK" --nonsense
exits 'no files' 2 "$CHECK"
exits help 0 "$CHECK" --help
exits unprivileged 2 "$CHECK" -f unprivileged "$O/obj.bpf.o"
check 'many, one missing' 'none.o  *could.*No such file' bash -c "$CHECK -j 4 $O/obj.bpf.o $O/none.o $O/bad.bpf.o 2>&1 | tr '\n' ' '"
four=("$O/obj.bpf.o" "$O/obj.bpf.o" "$O/bad.bpf.o" "$O/obj.bpf.o")
check progress '1 of 4.*2 of 4.*3 of 4' bash -c "script -qc '$CHECK ${four[*]}' /dev/null </dev/null"
check 'no progress' '^of 0$' bash -c "echo of \$(script -qc '$CHECK -q ${four[*]}' /dev/null </dev/null | grep -c 'of 4')"
check 'html: what registers held' 'data-b="R1=ctx\(\) R10=fp0"' bash -c "$CHECK --html $T/page $O/bad.bpf.o >/dev/null; cat $T/page"
check 'html: what changed' 'data-d="[0-9]+ [0-9]+ ' bash -c "cat $T/page"
check html '<script>.*</html>' bash -c "$CHECK --html $T/page $O/bad.bpf.o >/dev/null; cat $T/page"
echo "$pass passed, $fail failed"
((!fail))
