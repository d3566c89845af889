#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Write random programs as cases, for `verifier_test -p`: pruning must not change a verdict.

Programs of numbers in registers and on the stack, with branches that join again, calls of a
function that may write its caller's stack, bounded loops, and accesses that need a number
to be small, or a pointer to be one.
"""
import random
import sys

REGS = [6, 7, 8, 9]
SLOTS = [-8, -16, -24, -32]


def number(rng):
    return rng.choice([0, 1, 2, 3, 4, 7, 8, 15, 16, 63, 64, 100, -1, -8, 1000])


def alu(rng):
    dst = rng.choice(REGS)
    op = rng.choice(["+=", "-=", "&=", "|=", "^=", "*=", "=", "<<=", ">>=", "s>>=", "%=", "/="])
    kind = rng.choice("rrw")
    if op in ("<<=", ">>=", "s>>="):
        return f"{kind}{dst} {op} {rng.randrange(32)}"
    if op in ("%=", "/="):
        return f"{kind}{dst} {op} {rng.choice([1, 3, 8, 10])}"
    if rng.random() < 0.5:
        return f"{kind}{dst} {op} {kind}{rng.choice(REGS)}"
    return f"{kind}{dst} {op} {number(rng)}"


def memory(rng):
    reg, off = rng.choice(REGS), rng.choice(SLOTS)
    size = rng.choice(["u64", "u64", "u32", "u8"])
    off += rng.choice([0, 0, 4]) if size != "u64" else 0
    kind = rng.randrange(5)
    if kind == 0:
        return [f"*({size} *)(r10 {off:+d}) = r{reg}"]
    if kind == 1:
        return [f"r{reg} = *({size} *)(r10 {off:+d})"]
    if kind == 2:
        return ["r3 = r10", f"r3 += {off}", f"*({size} *)(r3 +0) = r{reg}"]
    if kind == 3:
        return ["r3 = r10", f"r3 += {off}", f"r{reg} = *({size} *)(r3 +0)"]
    return [f"*(u64 *)(r10 {rng.choice(SLOTS):+d}) = r5"]


def source(rng):
    reg = rng.choice(REGS)
    return ["call get_prandom_u32", f"r{reg} = r0"] + (
        [f"r{reg} &= {rng.choice([1, 7, 15, 255])}"] if rng.random() < 0.6 else [])


def access(rng):
    return ["r1 = map_value[1]", f"r1 += r{rng.choice(REGS)}", "r0 = *(u8 *)(r1 +0)"]


class Program:
    def __init__(self, rng):
        self.rng, self.lines, self.labels = rng, [], 0

    def label(self):
        self.labels += 1
        return f"l{self.labels}"

    def block(self, depth):
        rng = self.rng
        for _ in range(rng.randrange(1, 5)):
            kind = rng.randrange(12)
            if kind < 4:
                self.lines.append(alu(rng))
            elif kind < 6:
                self.lines += memory(rng)
            elif kind < 7:
                self.lines += source(rng)
            elif kind < 8 and rng.random() < 0.4:
                self.guarded()
            elif kind < 11 and depth:
                self.branch(depth)
            elif kind == 11 and depth:
                self.loop(depth)

    def condition(self):
        rng = self.rng
        op = rng.choice(["==", "!=", ">", "<", ">=", "<=", "s>", "s<", "&"])
        kind = rng.choice("rrw")
        right = f"{kind}{rng.choice(REGS)}" if rng.random() < 0.3 else number(rng)
        return f"if {kind}{rng.choice(REGS)} {op} {right}"

    def branch(self, depth):
        other, end = self.label(), self.label()
        self.lines.append(f"{self.condition()} goto {other}")
        self.block(depth - 1)
        self.lines += [f"goto {end}", f"{other}: r0 = 0"]
        self.block(depth - 1)
        self.lines.append(f"{end}: r0 = 0")

    def loop(self, depth):
        head, slot = self.label(), -40 - 8 * depth
        self.lines += [f"*(u64 *)(r10 {slot}) = 0", f"{head}: r0 = 0"]
        self.block(depth - 1)
        self.lines += [f"r4 = *(u64 *)(r10 {slot})", "r4 += 1", f"*(u64 *)(r10 {slot}) = r4",
                       f"if r4 < {self.rng.randrange(2, 5)} goto {head}"]

    def guarded(self):
        over, reg = self.label(), self.rng.choice(REGS)
        self.lines += [f"if r{reg} > 15 goto {over}", "r1 = map_value[1]", f"r1 += r{reg}",
                       "r0 = *(u8 *)(r1 +0)", f"{over}: r0 = 0"]


def program(seed):
    rng = random.Random(seed)
    p = Program(rng)
    p.lines = ["r5 = 0", "*(u64 *)(r10 -8) = 0", "*(u64 *)(r10 -16) = 1", "*(u64 *)(r10 -24) = 2",
               "*(u64 *)(r10 -32) = 3"]
    for reg in REGS:
        p.lines.append(f"r{reg} = {number(rng)}")
    # the scratch register that memory() stores is lost in calls: a constant stands for it
    for _ in range(rng.randrange(1, 4)):
        p.block(3)
    if rng.random() < 0.6:
        p.lines += access(rng)
    p.lines += ["r0 = 0", "exit"]
    return [line.replace(" = r5", " = r10") if "r5" in line and "(r10" in line else line
            for line in p.lines]


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(first, first + count):
        print(f"== random {seed}\nflags: freq\nmap: array key=4 value=16 max=1\naccept\n--")
        print("\n".join(program(seed)) + "\n")


main()
