#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""What a program costs at each kind of hook, on this kernel and on another one, as a table.

    table.py [--stock IMAGE]

Runs the measuring client in a guest that counts instructions, once a kernel, and prints the table
that Documentation/bpf/trampolines.rst has. Without --stock: of this kernel alone.
"""

import argparse
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[5]
BUILT = ROOT / "build/tests/bench/trigger"
HOOKS = [
    ("fentry", "fentry"), ("fexit", "fexit"), ("fmod_ret", "fmod_ret"),
    ("raw tracepoint", "raw_tp"), ("tracepoint", "tp"), ("kprobe", "kprobe"),
    ("kretprobe", "kretprobe"),
]
LINE = re.compile(r"^(\w+) +([0-9.]+)(?: +([+-][0-9.]+))?$", re.MULTILINE)


def measure(image):
    """Instructions that each program adds to a call, by the program's name; "none": of the call."""
    cmd = [str(ROOT / "series/guest.py"), "--accel", "icount", "--timeout", "900"]
    if image:
        cmd += ["--image", image]
    cmd += ["--", "env", f"O={BUILT}", str(BUILT / "trigger")]
    done = subprocess.run(cmd, stdout=subprocess.PIPE, text=True, check=False)
    found = {m[1]: float(m[3] or m[2]) for m in LINE.finditer(done.stdout.replace("\r", ""))}
    if "none" not in found:
        sys.exit(f"error: {' '.join(cmd)}: no figures in:\n{done.stdout}")
    return found


def rows(ours, stock):
    """Cells of the table's lines."""
    for title, name in HOOKS:
        cells = [title]
        for prog in (name, name + "_call"):
            mine = ours.get(prog)
            cells.append("-" if mine is None else f"{mine:.0f}")
            if stock is None:
                continue
            theirs = stock.get(prog)
            cells.append("-" if theirs is None else f"{theirs:.0f}")
            cells.append("-" if None in (mine, theirs) else f"{mine / theirs:.2f}")
        yield cells


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--stock", help="bzImage of the kernel to compare with")
    args = parser.parse_args()
    subprocess.run(["make", "-s", "-C", str(HERE)], check=True)
    ours = measure(None)
    stock = measure(args.stock) if args.stock else None
    heads = ["hook"]
    for what in ("counts", "calls"):
        heads += [what] + ([f"{what}, stock", "ratio"] if stock else [])
    table = [heads] + list(rows(ours, stock))
    widths = [max(len(line[i]) for line in table) for i in range(len(heads))]
    rule = "  ".join("=" * w for w in widths)
    lines = ["  ".join(c.ljust(w) for c, w in zip(line, widths)).rstrip() for line in table]
    print(f"system call alone: {ours['none']:.0f}" +
          (f", stock {stock['none']:.0f}" if stock else ""))
    print("\n".join([rule, lines[0], rule] + lines[1:] + [rule]))


if __name__ == "__main__":
    main()
