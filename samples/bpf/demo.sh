#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# The samples at work, with the tools as Debian ships them. Runs in the guest as root:
#	O=<directory of the built samples> demo.sh
set -eu -o pipefail

here=$(dirname "$(readlink -f "$0")")
O=${O:-$here/build}
pins=/sys/fs/bpf/demo
failed=0

bold() { printf '%s%s%s\n' "${FORCE_COLOR:+$'\e[1m'}" "$*" "${FORCE_COLOR:+$'\e[0m'}"; }
step() { echo; bold "== $*"; }
run() { bold "\$ $*"; "$@"; }
check() { if "$@"; then return 0; fi; failed=$((failed + 1)); bold "!! expected: $*"; }

cleanup() {
	ip netns del demo 2>/dev/null || true
	rm -rf "$pins"
}
trap cleanup EXIT
mkdir -p "$pins"

step "1. System calls per command: a raw tracepoint and a hash map"
run "$O/attach" "$O/syscalls.bpf.o" "$here/calls.sh" /tmp/calls.json
"$here/bars.py" </tmp/calls.json
check test "$("$here/bars.py" </tmp/calls.json | wc -l)" -ge 3

step "2. An XDP program that drops ICMP on a veth pair"
ip netns add demo
ip link add veth0 type veth peer name veth1 netns demo
ip addr add 10.99.0.1/24 dev veth0
ip link set veth0 up
ip -n demo addr add 10.99.0.2/24 dev veth1
ip -n demo link set veth1 up
ip -n demo link set lo up
check run ping -c 2 -i 0.2 -W 2 -q 10.99.0.2
run ip link set dev veth0 xdp obj "$O/xdpdrop.bpf.o" sec xdp
run ip link show dev veth0
if run ping -c 2 -i 0.2 -W 1 -q 10.99.0.2; then
	failed=$((failed + 1))
	bold "!! the replies should have been dropped"
fi
run bpftool map dump name packets
run ip link set dev veth0 xdp off
check run ping -c 1 -W 2 -q 10.99.0.2

step "3. Files being opened, live: a kprobe and a ring buffer"
# However long it takes until the probe is there: some of these come after it.
while sleep 1; do cat /etc/hostname; head -1 /etc/os-release; wc -l /etc/passwd; done >/dev/null 2>&1 &
opener=$!
run "$O/opens" "$O/opens.bpf.o" 3 | tee /tmp/opens.out | grep -v '/lib/\|ld.so' | sed -n 1,20p
kill "$opener"
wait "$opener" 2>/dev/null || true
check grep -q /etc/os-release /tmp/opens.out

step "4. A program with a bug, and what the kernel says about it"
sed -n '/^SEC/,/^}/p' "$here/bug.bpf.c"
if run bpftool prog load "$O/bug.bpf.o" "$pins/bug" 2>/tmp/bug.log; then
	failed=$((failed + 1))
	bold "!! it was accepted"
fi
grep -v '^libbpf: \(prog\|failed\|-- BEGIN\|-- END\)' /tmp/bug.log || true
check grep -q 'bug.bpf.c' /tmp/bug.log

echo
if [ "$failed" -ne 0 ]; then
	bold "$failed steps did not do what they should"
	exit 1
fi
bold "All four did what they should."
cat <<'END'
Next: `make shell` is a root shell in this guest, with bpftool, bpftrace, tc and ip as on the host.
Documentation/bpf/ is the guide; samples/bpf/ holds the programs that you have just seen.
END
