#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prove the lemmas of lemmas.c: LLVM IR of the shipped source, to bit vectors, to z3.

usage: prove.py lemmas.ll lemmas.so [seconds for all] [seconds for one]

The IR has no loops and no memory (the compiler has inlined and unrolled all), so
each function is a formula: a block has a condition, a phi is a choice between
the conditions of the edges. Overflow flags of the compiler are ignored: they
only say what it proved itself.

The translation is tied to the machine code in two ways: each formula is compared
with the compiled function on words at the corners, and claims that are false
have to be refuted by words for which the compiled function returns false.
"""

import ctypes
import random
import re
import sys
import time

import z3

# Out of reach of bit-blasting, and what stands in their place.
HARD = {
    "mul": "products of 64-bit unknowns", "udiv": "quotients of unknowns",
    "umod": "remainders of unknowns", "sdiv": "quotients of unknowns",
    "smod": "remainders of unknowns",
}

# A shift by each amount is easy where a shift by an unknown one is not: the
# argument and the number of its values.
CASES = {"span_lsh_64": (2, 64), "span_lsh_32": (2, 32)}

# A slow or busy machine may leave some claims undecided; these are reported as
# such. More than this many: there is something wrong.
MAX_UNDECIDED = 6

BINARY = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "mul": lambda a, b: a * b,
    "and": lambda a, b: a & b, "or": lambda a, b: a | b, "xor": lambda a, b: a ^ b,
    "shl": lambda a, b: a << b, "lshr": z3.LShR, "ashr": lambda a, b: a >> b,
    "udiv": z3.UDiv, "urem": z3.URem, "sdiv": lambda a, b: a / b, "srem": z3.SRem,
}

COMPARE = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b,
    "ult": z3.ULT, "ule": z3.ULE, "ugt": z3.UGT, "uge": z3.UGE,
    "slt": lambda a, b: a < b, "sle": lambda a, b: a <= b,
    "sgt": lambda a, b: a > b, "sge": lambda a, b: a >= b,
}

FLAGS = {"nuw", "nsw", "exact", "disjoint", "nneg", "samesign", "noundef", "zeroext", "signext",
         "tail", "notail", "musttail", "range"}


class Unsupported(Exception):
    pass


def bit(cond):
    return z3.If(cond, z3.BitVecVal(1, 1), z3.BitVecVal(0, 1))


def width(text):
    m = re.fullmatch(r"i(\d+)", text)
    if not m:
        raise Unsupported("type " + text)
    return int(m.group(1))


def split_args(text):
    """Split at commas that are not within brackets."""
    out, depth, cur = [], 0, ""
    for c in text:
        depth += c in "([{<"
        depth -= c in ")]}>"
        if c == "," and depth == 0:
            out.append(cur.strip())
            cur = ""
        else:
            cur += c
    if cur.strip():
        out.append(cur.strip())
    return out


def strip_flags(text):
    text = re.sub(r"range\([^)]*\)", "", text)
    return " ".join(w for w in text.split() if w not in FLAGS)


class Function:
    """One function of the module, as text and then as a formula."""

    def __init__(self, name, params, body):
        self.name = name
        self.params = []
        self.values = {}
        for text in split_args(params):
            words = strip_flags(text).split()
            self.params.append((words[-1], width(words[0])))
        self.blocks = {}
        label = str(len(self.params))
        self.entry = label
        for line in body:
            line = re.sub(r"(, )?![\w.]+.*$", "", line.split(" ;")[0].split(", !")[0]).rstrip()
            m = re.match(r"([\w.$-]+):", line)
            if m:
                label = m.group(1)
            elif line.strip():
                self.blocks.setdefault(label, []).append(line.strip())

    def operand(self, text, bits):
        text = text.strip()
        if text in self.values:
            return self.values[text]
        if text in ("true", "false"):
            return z3.BitVecVal(text == "true", bits)
        if text in ("poison", "undef"):
            return z3.FreshConst(z3.BitVecSort(bits), "undef")
        if re.fullmatch(r"-?\d+", text):
            return z3.BitVecVal(int(text), bits)
        raise Unsupported("operand " + text)

    def typed(self, text):
        kind, value = strip_flags(text).split(None, 1)
        return self.operand(value, width(kind))

    def order(self):
        """Blocks, each after all that lead to it."""
        done, out = set(), []

        def visit(label, path):
            if label in path:
                raise Unsupported("loop")
            if label in done:
                return
            for target in re.findall(r"label %([\w.$-]+)", self.terminator(label)):
                visit(target, path | {label})
            done.add(label)
            out.append(label)

        visit(self.entry, frozenset())
        return reversed(out)

    def terminator(self, label):
        lines = self.blocks[label]
        for i, line in enumerate(lines):
            if line.startswith("switch"):
                return " ".join(lines[i:])
        return lines[-1]

    def formula(self):
        sys.setrecursionlimit(10000)
        args = []
        for name, bits in self.params:
            self.values[name] = z3.BitVec(self.name + name, bits)
            args.append(self.values[name])
        edges = {}
        result = z3.BitVecVal(0, 1)
        for label in self.order():
            incoming = edges.get(label, {})
            cond = z3.BoolVal(True) if label == self.entry else z3.Or(*incoming.values())
            for line in self.blocks[label]:
                if re.match(r"(br|ret|switch|unreachable)\b", line):
                    break
                self.instruction(line, incoming)
            result = self.end(label, cond, edges, result)
        return args, result == 1

    def end(self, label, cond, edges, result):
        line = self.terminator(label)

        def edge(target, c):
            old = edges.setdefault(target, {}).get(label)
            edges[target][label] = z3.Or(old, c) if old is not None else c

        if line.startswith("ret"):
            return z3.If(cond, self.typed(line[4:]), result)
        m = re.match(r"br label %([\w.$-]+)", line)
        if m:
            edge(m.group(1), cond)
            return result
        m = re.match(r"br i1 (\S+), label %([\w.$-]+), label %([\w.$-]+)", line)
        if m:
            test = self.operand(m.group(1), 1) == 1
            edge(m.group(2), z3.And(cond, test))
            edge(m.group(3), z3.And(cond, z3.Not(test)))
            return result
        m = re.match(r"switch (i\d+ \S+), label %([\w.$-]+) \[(.*)\]", line)
        if m:
            value = self.typed(m.group(1))
            other = cond
            for num, target in re.findall(r"i\d+ (-?\d+), label %([\w.$-]+)", m.group(3)):
                same = value == int(num)
                edge(target, z3.And(cond, same))
                other = z3.And(other, z3.Not(same))
            edge(m.group(2), other)
            return result
        if line.startswith("unreachable"):
            return result
        raise Unsupported(line)

    def instruction(self, line, incoming):
        m = re.match(r"(%[\w.$-]+) = (.*)", line)
        if not m:
            if re.match(r"(tail )?call void @llvm\.(assume|lifetime|experimental\.noalias)", line):
                return
            raise Unsupported(line)
        name, text = m.groups()
        op, rest = strip_flags(text).split(None, 1)
        self.values[name] = self.value(op, rest, incoming)

    def value(self, op, rest, incoming):
        if op in BINARY:
            kind, pair = rest.split(None, 1)
            a, b = split_args(pair)
            return BINARY[op](self.operand(a, width(kind)), self.operand(b, width(kind)))
        if op == "icmp":
            test, kind, pair = rest.split(None, 2)
            a, b = split_args(pair)
            return bit(COMPARE[test](self.operand(a, width(kind)), self.operand(b, width(kind))))
        if op == "select":
            c, a, b = (self.typed(t) for t in split_args(rest))
            return z3.If(c == 1, a, b)
        if op in ("zext", "sext", "trunc"):
            a, kind = rest.split(" to ")
            a, to = self.typed(a), width(kind)
            if op == "trunc":
                return z3.Extract(to - 1, 0, a)
            more = to - a.size()
            return z3.ZeroExt(more, a) if op == "zext" else z3.SignExt(more, a)
        if op == "freeze":
            return self.typed(rest)
        if op == "phi":
            return self.phi(rest, incoming)
        if op == "call":
            return self.call(rest)
        if op == "extractvalue":
            m = re.match(r"\{.*\} (%[\w.$-]+), (\d+)", rest)
            return self.values[m.group(1)][int(m.group(2))]
        raise Unsupported(op + " " + rest)

    def phi(self, rest, incoming):
        kind, pairs = rest.split(None, 1)
        out = None
        for value, label in re.findall(r"\[ (\S+), %([\w.$-]+) \]", pairs):
            if label not in incoming:
                continue
            v = self.operand(value, width(kind))
            out = v if out is None else z3.If(incoming[label], v, out)
        return out

    def call(self, rest):
        m = re.match(r".*@llvm\.([\w.]+)\((.*)\)", rest)
        if not m:
            raise Unsupported("call " + rest)
        name = m.group(1).rsplit(".", 1)[0]
        args = [self.typed(a) for a in split_args(m.group(2))]
        a, b = (args + [None])[:2]
        if name in ("umin", "umax", "smin", "smax"):
            test = {"umin": z3.ULE, "umax": z3.UGE, "smin": COMPARE["sle"],
                    "smax": COMPARE["sge"]}[name]
            return z3.If(test(a, b), a, b)
        if name == "ctpop":
            n = a.size()
            return sum((z3.ZeroExt(n - 1, z3.Extract(i, i, a)) for i in range(n)),
                       z3.BitVecVal(0, n))
        if name == "abs":
            return z3.If(a < 0, -a, a)
        if name == "usub.sat":
            return z3.If(z3.ULT(a, b), z3.BitVecVal(0, a.size()), a - b)
        if name == "uadd.sat":
            return z3.If(z3.ULT(a + b, a), z3.BitVecVal(-1, a.size()), a + b)
        if name == "uadd.with.overflow":
            return (a + b, bit(z3.ULT(a + b, a)))
        if name == "usub.with.overflow":
            return (a - b, bit(z3.ULT(a, b)))
        if name == "umul.with.overflow":
            n = a.size()
            wide = z3.ZeroExt(n, a) * z3.ZeroExt(n, b)
            return (a * b, bit(z3.Extract(2 * n - 1, n, wide) != 0))
        if name in ("fshl", "fshr"):
            n = a.size()
            by = z3.URem(args[2], z3.BitVecVal(n, n))
            wide = z3.Concat(a, b)
            by = z3.ZeroExt(n, by)
            if name == "fshl":
                return z3.Extract(2 * n - 1, n, wide << by)
            return z3.Extract(n - 1, 0, z3.LShR(wide, by))
        raise Unsupported("intrinsic " + name)


def read_module(path):
    name = None
    for line in open(path):
        m = re.match(r"define .*i1 @(\w+)\((.*?)\)(?: local_unnamed_addr)?[^()]*\{", line)
        if m and m.group(1).startswith("lemma_"):
            name, params, body = m.group(1), m.group(2), []
        elif line.startswith("}") and name:
            yield Function(name, params, body)
            name = None
        elif name:
            body.append(line.rstrip("\n"))


def corner(bits):
    base = random.choice([0, 1 << (bits - 1), (1 << bits) - 1, 1 << (bits // 2),
                          random.getrandbits(bits), random.getrandbits(bits // 4)])
    return (base + random.randint(-2, 2)) & ((1 << bits) - 1)


def native(lib, function, words):
    fn = getattr(lib, function.name)
    fn.restype = ctypes.c_bool
    fn.argtypes = [ctypes.c_uint64 if b == 64 else ctypes.c_uint32 for _, b in function.params]
    return fn(*words)


def agrees(lib, function, args, claim, rounds=40):
    """The formula and the machine code say the same."""
    for _ in range(rounds):
        words = [corner(b) for _, b in function.params]
        values = [(a, z3.BitVecVal(w, a.size())) for a, w in zip(args, words)]
        got = z3.simplify(z3.substitute(claim, *values))
        if not (z3.is_true(got) or z3.is_false(got)):
            return False
        if z3.is_true(got) != native(lib, function, words):
            return False
    return True


def prove_cases(label, args, claim, seconds):
    """Prove a claim, or each case of it."""
    if label not in CASES:
        return prove(claim, seconds)
    index, count = CASES[label]
    end = time.time() + seconds
    for i in range(count):
        case = z3.substitute(claim, (args[index], z3.BitVecVal(i, args[index].size())))
        answer, solver = prove(case, max(end - time.time(), 0.1))
        if answer != z3.unsat:
            break
    return answer, solver


def prove(claim, seconds):
    solver = z3.Then("simplify", "propagate-values", "solve-eqs", "max-bv-sharing", "bit-blast",
                     "sat").solver()
    solver.set("timeout", int(seconds * 1000))
    solver.add(z3.Not(claim))
    return solver.check(), solver


def main():
    total, one = float((sys.argv + ["", "", "150"])[3] or 150), 20.0
    if len(sys.argv) > 4:
        one = float(sys.argv[4])
    only = sys.argv[5] if len(sys.argv) > 5 else ""
    lib = ctypes.CDLL(sys.argv[2])
    random.seed(1)
    undecided = 0
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    deadline = time.time() + total

    def say(kind, text):
        counts[kind] += 1
        words = {"passed": "ok", "failed": "not ok", "skipped": "skip"}
        print(words[kind], text, flush=True)

    for function in read_module(sys.argv[1]):
        if only and only not in function.name:
            continue
        start = time.time()
        label = function.name[len("lemma_"):]
        op = label.split("_")[1]
        try:
            args, claim = function.formula()
        except Unsupported as why:
            say("failed", "solver %s: not translated: %s" % (label, why))
            continue
        if not agrees(lib, function, args, claim):
            say("failed", "solver %s: formula and code differ" % label)
            continue
        hard = op in HARD and label.startswith("span_")
        if hard and not only:
            say("skipped", "solver %s: %s are out of its reach; random at 64 bits, exhaustive "
                "at 4 to 6" % (label, HARD[op]))
            continue
        left = min(one, deadline - time.time())
        if left < 0.5:
            undecided += 1
            say("skipped" if undecided <= MAX_UNDECIDED else "failed",
                "solver %s: no time left" % label)
            continue
        answer, solver = prove_cases(label, args, claim, left)
        took = "%.1f s" % (time.time() - start)
        if answer == z3.unknown:
            undecided += 1
            say("skipped" if undecided <= MAX_UNDECIDED else "failed",
                "solver %s: undecided after %s" % (label, took))
        elif answer == z3.unsat:
            fine = not label.startswith("false_")
            say("passed" if fine else "failed", "solver %s: holds for all words, %s" %
                (label, took))
        else:
            model = solver.model()
            words = [model.eval(a, True).as_long() for a in args]
            fine = label.startswith("false_") and not native(lib, function, words)
            say("passed" if fine else "failed", "solver %s: refuted by %s, %s" %
                (label, " ".join(hex(w) for w in words), took))
    if not counts["passed"]:
        counts["failed"] += 1
    print("# solver: %(skipped)d skipped" % counts)
    print("%(passed)d passed, %(failed)d failed" % counts)
    return counts["failed"] != 0


if __name__ == "__main__":
    sys.exit(main())
