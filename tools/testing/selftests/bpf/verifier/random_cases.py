#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Write random programs as cases, for `verifier_test -p`: pruning must not change a verdict.

Programs of numbers in registers and on the stack, with branches that join again, calls of
functions, bounded loops, and accesses that need a number to be small, or a pointer to be one.
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


FUNCTIONS = 2


class Program:
    def __init__(self, rng, calls=False):
        self.rng, self.lines, self.labels, self.calls = rng, [], 0, calls

    def label(self):
        self.labels += 1
        return f"l{self.labels}"

    def block(self, depth):
        rng = self.rng
        for _ in range(rng.randrange(1, 5)):
            kind = rng.randrange(12)
            if self.calls and rng.random() < 0.35:
                self.call()
            elif kind < 4:
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

    def call(self):
        rng = self.rng
        for arg in (1, 2):
            self.lines.append(f"r{arg} = r{rng.choice(REGS)}" if rng.random() < 0.6 else
                              f"r{arg} = {rng.choice([0, 1, 2, 7, 15])}")
        self.lines.append(f"call f{rng.randrange(FUNCTIONS)}")
        if rng.random() < 0.6:
            self.lines.append(f"r{rng.choice(REGS)} = r0")

    def function(self, number):
        """Of two numbers; the second function may call the first."""
        rng = self.rng
        self.calls = number > 0 and rng.random() < 0.5
        self.lines += [f"f{number}: r6 = r1", "r7 = r2", f"r8 = {rng.choice([0, 3, 16])}", "r9 = 0",
                       "*(u64 *)(r10 -8) = 0", "*(u64 *)(r10 -16) = 1", "*(u64 *)(r10 -24) = 2",
                       "*(u64 *)(r10 -32) = 3"]
        self.block(2)
        if rng.random() < 0.3:
            self.guarded()
        self.lines += [f"r0 = r{rng.choice(REGS)}", "exit"]

    def guarded(self):
        over, reg = self.label(), self.rng.choice(REGS)
        self.lines += [f"if r{reg} > 15 goto {over}", "r1 = map_value[1]", f"r1 += r{reg}",
                       "r0 = *(u8 *)(r1 +0)", f"{over}: r0 = 0"]


def program(seed):
    rng = random.Random(seed)
    calls = seed % 2 == 0
    p = Program(rng, calls)
    p.lines = ["r5 = 0", "*(u64 *)(r10 -8) = 0", "*(u64 *)(r10 -16) = 1", "*(u64 *)(r10 -24) = 2",
               "*(u64 *)(r10 -32) = 3"]
    for reg in REGS:
        p.lines.append(f"r{reg} = {number(rng)}")
    # the scratch register that memory() stores is lost in calls: a constant stands for it
    for _ in range(rng.randrange(1, 4)):
        p.block(3)
    if rng.random() < 0.6:
        p.lines += access(rng)
    functions = range(FUNCTIONS if calls else 0)
    for n in functions:
        p.lines += [f"r1 = {number(rng)}", "r2 = 1", f"call f{n}"]
    p.lines += ["r0 = 0", "exit"]
    for n in functions:
        p.function(n)
    return [line.replace(" = r5", " = r10") if "r5" in line and "(r10" in line else line
            for line in p.lines]


def main():
    first, count = int(sys.argv[1]), int(sys.argv[2])
    for seed in range(first, first + count):
        # what is known of functions is used where states are not compared everywhere
        flags = "" if seed % 4 == 0 else "flags: freq\n"
        print(f"== random {seed}\n{flags}map: array key=4 value=16 max=1\naccept\n--")
        print("\n".join(program(seed)) + "\n")


main()
