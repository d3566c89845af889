#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Count the instructions of the host home with callgrind, and print tables.

usage: bench.py BENCH BPFCHECK VMLINUX OBJECTS

Verification: everything below bpf_verify(), with the memory that bpfcheck reports. Operations: the
difference of two counts of runs, so that start and set-up cancel out. The last column is the ratio of
processor times, which the machine has a say in.
"""

import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile

PROGS = "tools.testing.selftests.bpf.bench.progs."
OBJECTS = ["samples.bpf.opens", "samples.bpf.xdpdrop", "samples.bpf.syscalls"] + [PROGS + n for n in (
    "counters", "execsnoop", "tcptrace", "forward", "l4lb", "conntrack", "tc_nat", "firewall", "dissect",
    "syncookie", "sni")]
FEW, MANY = 200, 1200
LONG = 1000000


def callgrind(command, *options):
    """Instructions of a command and its children, and what it printed."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run(["valgrind", "--tool=callgrind", "-q",
                               f"--callgrind-out-file={scratch}/%p", *options, *command],
                              capture_output=True, text=True)
        total = 0
        for path in pathlib.Path(scratch).iterdir():
            # what a child inherited is in the parent's file
            found = re.findall(r"^(?:summary|totals): (\d+)", path.read_text(), re.M)
            total += int(found[-1]) if found else 0
    return total, done


def verification(bpfcheck, vmlinux, objects):
    """One line an object."""
    print(f"{'object':<18} {'programs':>8} {'insns':>8} {'states':>7} {'KiB':>6} {'Mi instr.':>10} {'per insn':>9}")
    for name in OBJECTS:
        path = objects / (name + ".bpf.o")
        if not path.exists():
            continue
        command = [bpfcheck, "-q", "--json"] + (["-b", vmlinux] if vmlinux else []) + [path]
        spent, done = callgrind(command, "--toggle-collect=bpf_verify")
        programs = json.loads(done.stdout)["files"][0]["programs"]
        programs = [p for p in programs if p["verdict"] != "unchecked"]
        insns = sum(p["insns"] for p in programs)
        states = sum(p["states"] for p in programs)
        memory = max((p["memory"] for p in programs), default=0) // 1024
        print(f"{name.split('.')[-1]:<18} {len(programs):>8} {insns:>8} {states:>7} {memory:>6} "
              f"{spent / 1e6:>10.2f} {spent // max(insns, 1):>9}", flush=True)


def operation(bench, what):
    """Instructions of one time."""
    few, done = callgrind([bench, what, str(FEW)])
    if done.returncode:
        return None
    many, done = callgrind([bench, what, str(MANY)])
    return (many - few) / (MANY - FEW)


def seconds(bench, what, count):
    """Processor time of one time, in seconds."""
    def spent(times):
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        subprocess.run([bench, what, str(times)], check=True)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return max(spent(count) - spent(1), 1e-9) / count


def operations(bench):
    """Maps through bpf(2), and programs in both modes."""
    print(f"\n{'update and look-up by bpf(2)':<30} {'instructions':>12}")
    for kind in "array", "hash", "lru", "lpm":
        print(f"{kind:<30} {operation(bench, 'syscall-' + kind):>12.0f}", flush=True)
    print(f"\n{'one run of a program':<30} {'interpreter':>12} {'JIT':>8} {'ratio':>6} {'of time':>8}")
    for kind in "arithmetic", "lookup-array", "lookup-hash":
        slow, fast = operation(bench, kind + "-interpreter"), operation(bench, kind + "-jit")
        ratio = (seconds(bench, kind + "-interpreter", LONG) / seconds(bench, kind + "-jit", LONG))
        print(f"{kind:<30} {slow:>12.0f} {fast:>8.0f} {slow / fast:>6.2f} {ratio:>8.2f}", flush=True)


def main():
    bench, bpfcheck, *vmlinux, objects = sys.argv[1:]
    os.environ.setdefault("KBPF_BTF", vmlinux[0] if vmlinux else "")
    verification(bpfcheck, vmlinux[0] if vmlinux else "", pathlib.Path(objects))
    operations(bench)
    return 0


if __name__ == "__main__":
    sys.exit(main())
