#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Prove the lemmas of lemmas.c: LLVM IR of the shipped source, to bit vectors, to z3.

usage: prove.py lemmas.ll lemmas.so [part of a name]

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

# Products and quotients of unknowns are out of reach of bit-blasting. In these lemmas they are words of
# which no more is known than some facts, see class Arithmetic. Which ones suffice:
ARITHMETIC = {"span_mul": "order", "span_udiv": "same", "span_umod": "same", "span_sdiv": "same",
              "span_smod": "same", "product": "signs"}

# What the proof of a claim may take, in the solver's own unit: about a minute on a machine that has
# nothing else to do, and the same on each.
EFFORT = 500000000

# A shift by each amount is easy where a shift by an unknown one is not: the
# argument and the number of its values.
CASES = {"span_lsh_64": (2, 64), "span_lsh_32": (2, 32)}

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


class Arithmetic:
    """Products, quotients and remainders of unsigned words of 64 bits, known by facts alone.

    facts() says the same of all integers. "Fits" means that a product is below 2^64. Quotients and
    remainders have theirs always; those of products are chosen by KIND:
      order   ab <= cd where a <= c and b <= d, and what "same" says
      same    ab = cd where a = c and b = d
      signs   (-a)b = -ab, modulo 2^32 and 2^64
    Where words of 32 bits are multiplied, compilers leave out what cuts the operands to them, and
    the low half of a product is that of the low halves' product.
    """

    BITS = 64

    def __init__(self, kind, bits=64):
        self.kind = kind
        self.bits = bits
        self.products = {}
        self.quotients = {}
        self.facts = []
        self.born = []  # how to compute what the new names stand for, in order

    def fact(self, *conditions, then):
        self.facts.append(z3.Implies(z3.And(*conditions), z3.And(*then)))

    def fresh(self, what):
        return z3.FreshConst(z3.BitVecSort(self.BITS), what)

    def extend(self, *words):
        return [z3.simplify(z3.ZeroExt(self.BITS - w.size(), w)) for w in words]

    def product(self, a, b, w=None):
        """The word, and whether the product fits into it."""
        a, b = self.extend(a, b)
        key = frozenset((a.get_id(), b.get_id()))
        if key not in self.products:
            fits = z3.FreshConst(z3.BoolSort(), "fits")
            self.born.append((lambda a, b: [a * b >> self.BITS == 0], a, b, [fits]))
            if w is None:
                w = self.fresh("product")
                self.born.append((lambda a, b: [a * b], a, b, [w]))
            for x, y in (a, b), (b, a):
                self.fact(x == 0, then=[w == 0, fits])
                self.fact(x == 1, then=[w == y, fits])
            if self.kind == "order":
                half = self.half()
                self.order((a, b, w, fits), (half, half, half * half, z3.BoolVal(True)))
            for c, d, v, too in self.products.values():
                for x, y in (c, d), (d, c):
                    getattr(self, self.kind)((a, b, w, fits), (x, y, v, too))
                    if self.kind == "order":
                        # one product written in two ways, which need not fit
                        self.same((a, b, w, fits), (x, y, v, too))
            self.products[key] = (a, b, w, fits)
            self.low_half(a, b, w)
        return self.products[key][2:]

    def low_half(self, a, b, w):
        low = [z3.simplify(z3.ZeroExt(32, z3.Extract(31, 0, x))) for x in (a, b)]
        if self.bits == 32 and self.kind == "order" and not (low[0].eq(a) and low[1].eq(b)):
            v = self.product(*low)[0]
            self.fact(then=[z3.Extract(31, 0, w) == z3.Extract(31, 0, v)])

    def half(self):
        """The greatest word whose square fits."""
        return z3.BitVecVal((1 << self.BITS // 2) - 1, self.BITS)

    def order(self, one, two):
        for (a, b, w, fits), (x, y, v, too) in (one, two), (two, one):
            self.fact(z3.ULE(a, x), z3.ULE(b, y), too, then=[fits, z3.ULE(w, v)])

    def same(self, one, two):
        (a, b, w, fits), (x, y, v, too) = one, two
        self.fact(a == x, b == y, then=[fits == too, w == v])

    def signs(self, one, two):
        for n in 32, 64:
            a, b, w, x, y, v = (z3.Extract(n - 1, 0, word) for word in one[:3] + two[:3])
            self.fact(a == x, b == y, then=[w == v])
            self.fact(a == -x, b == y, then=[w == -v])
            self.fact(a == x, b == -y, then=[w == -v])
            self.fact(a == -x, b == -y, then=[w == v])

    def divide(self, a, b):
        """Quotient and remainder; of a division by 0 nothing is known."""
        a, b = self.extend(a, b)
        key = (a.get_id(), b.get_id())
        if key not in self.quotients:
            q, r = self.fresh("quotient"), self.fresh("remainder")
            self.born.append((lambda a, b: (a // b, a % b) if b else (0, a), a, b, [q, r]))
            fits = self.product(q, b, a - r)[1]
            self.fact(b != 0, then=[fits, z3.ULT(r, b), z3.ULE(r, a), z3.ULE(q, a)])
            for other in self.quotients.values():
                self.quotient_order((a, b, q, r), other)
                self.quotient_order(other, (a, b, q, r))
            self.quotients[key] = (a, b, q, r)
        return self.quotients[key][2:]

    def quotient_order(self, one, two):
        (a, b, q, r), (c, d, p, t) = one, two
        self.fact(z3.ULE(a, c), z3.ULE(d, b), d != 0,
                  then=[z3.ULE(q, p), z3.Implies(p == q, z3.ULE(r, t))])

    def signed(self, a, b):
        """Quotient and remainder of magnitudes, and signs: what SMT-LIB says that they are."""
        n = a.size()
        q, r = (z3.Extract(n - 1, 0, w) for w in
                self.divide(z3.If(a < 0, -a, a), z3.If(b < 0, -b, b)))
        return z3.If((a < 0) != (b < 0), -q, q), z3.If(a < 0, -r, r)

    def binary(self, op, a, b):
        word = {"mul": lambda: self.product(a, b)[0], "udiv": lambda: self.divide(a, b)[0],
                "urem": lambda: self.divide(a, b)[1], "sdiv": lambda: self.signed(a, b)[0],
                "srem": lambda: self.signed(a, b)[1]}[op]()
        return z3.Extract(a.size() - 1, 0, word)

    def truth(self, values):
        """VALUES of the arguments, and what products, quotients and remainders of them really are."""
        values = list(values)
        for make, a, b, names in self.born:
            a, b = (z3.simplify(z3.substitute(word, *values)).as_long() for word in (a, b))
            for name, value in zip(names, make(a, b)):
                values.append((name, z3.BoolVal(value) if z3.is_bool(name) else
                               z3.BitVecVal(value, self.BITS)))
        return values

    def mul_overflows(self, a, b):
        if a.size() != self.BITS:
            raise Unsupported("overflow of %d bits" % a.size())
        return z3.Not(self.product(a, b)[1])


def facts():
    """What Arithmetic takes for granted, for all integers."""
    a, b, c, d, q, r, p, t, m = z3.Ints("a b c d q r p t m")
    words = z3.And(a >= 0, b >= 0, c >= 0, d >= 0)
    divided = z3.And(words, a == q * b + r, 0 <= r, r < b, c == p * d + t, 0 <= t, t < d)
    yield "the order of products", z3.Implies(z3.And(words, a <= c, b <= d), a * b <= c * d)
    yield "the signs of products", (m - a) * b == m * b - a * b
    yield "the size of quotients", z3.Implies(divided, z3.And(0 <= q, q <= a, r <= a, q * b <= a))
    yield "the order of quotients", z3.Implies(z3.And(divided, a <= c, d <= b), q <= p)
    yield "the order of remainders", z3.Implies(z3.And(divided, a <= c, d <= b, q == p), r <= t)


class Function:
    """One function of the module, as text and then as a formula."""

    def __init__(self, name, params, body):
        self.name = name
        self.params = []
        self.values = {}
        self.arithmetic = None
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

    def formula(self, arithmetic=None, args=None):
        """Arguments and claim; with ARITHMETIC, under its facts, and with arguments of a form."""
        sys.setrecursionlimit(10000)
        self.arithmetic = arithmetic
        args = args or [z3.BitVec(self.name + name, bits) for name, bits in self.params]
        self.values = {name: arg for (name, _), arg in zip(self.params, args)}
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
        if arithmetic:
            return args, z3.Implies(z3.And(*arithmetic.facts), result == 1)
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
            a, b = (self.operand(x, width(kind)) for x in split_args(pair))
            if self.arithmetic and op in ("mul", "udiv", "urem", "sdiv", "srem"):
                return self.arithmetic.binary(op, a, b)
            return BINARY[op](a, b)
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
            if self.arithmetic:
                return (self.arithmetic.binary("mul", a, b),
                        bit(self.arithmetic.mul_overflows(a, b)))
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


def agrees(lib, function, args, claim, arithmetic=None, rounds=40):
    """The formula and the machine code say the same; facts are true of words."""
    for _ in range(rounds):
        words = [corner(b) for _, b in function.params]
        values = [(a, z3.BitVecVal(w, a.size())) for a, w in zip(args, words)]
        if arithmetic:
            values = arithmetic.truth(values)
            if not z3.is_true(z3.simplify(z3.substitute(z3.And(*arithmetic.facts), *values))):
                return False
        got = z3.simplify(z3.substitute(claim, *values))
        if not (z3.is_true(got) or z3.is_false(got)):
            return False
        if z3.is_true(got) != native(lib, function, words):
            return False
    return True


def bit_blaster():
    return z3.Then("simplify", "propagate-values", "solve-eqs", "max-bv-sharing", "bit-blast",
                   "sat").solver()


def prove(claim, *solvers):
    """The answer of the first solver that has one; bit-blasting, if none is named."""
    for make in solvers or [bit_blaster]:
        solver = make()
        solver.set("rlimit", EFFORT)
        solver.add(z3.Not(claim))
        answer = solver.check()
        if answer != z3.unknown:
            break
    return answer, solver


def prove_cases(label, args, claim):
    """Prove a claim, or each case of it."""
    if label not in CASES:
        return prove(claim)
    index, count = CASES[label]
    for i in range(count):
        case = z3.substitute(claim, (args[index], z3.BitVecVal(i, args[index].size())))
        answer, solver = prove(case)
        if answer != z3.unsat:
            break
    return answer, solver


def signed_word(name, sign, bits):
    """A word of 64 bits below 2^BITS, and whether it has a sign there."""
    parts = [z3.BitVecVal(sign, 1), z3.BitVec(name, bits - 1)]
    return z3.Concat(*([z3.BitVecVal(0, 64 - bits)] if bits < 64 else []), *parts)


def arithmetic_cases(function, label):
    """Cases of a lemma about intervals that leave none out, each with what is supposed in it."""
    op, bits = label.rsplit("_", 1)
    bits, kind = int(bits), ARITHMETIC[op]
    if not op.startswith("span_"):
        yield "all", function.formula(Arithmetic(kind, bits))[1]
        return
    args, claim = function.formula(Arithmetic(kind, bits))
    top = [z3.Extract(63, bits - 1, word) for word in args]
    formed = z3.Or(*[z3.And(*[top[i] == (a, a, b, b, a, b)[i] for i in range(6)])
                     for a in (0, 1) for b in (0, 1)])
    yield "operands not within one half", z3.Or(formed, claim)
    for a, b in (0, 0), (0, 1), (1, 0), (1, 1):
        arithmetic = Arithmetic(kind, bits)
        args, claim = function.formula(arithmetic, [
            signed_word("word%d" % i, (a, a, b, b, a, b)[i], bits) for i in range(6)])
        what = "signs %d %d" % (a, b)
        if kind == "order":
            yield what, claim
            continue
        yield what + ", divisor 0", z3.Or(args[5] != 0, claim)
        least, greatest = [q for _, _, q, _ in arithmetic.quotients.values()][:2]
        yield what + ", one quotient", z3.Or(args[5] == 0, z3.substitute(claim, (least, greatest)))
        yield what + ", more quotients", z3.Or(args[5] == 0, least == greatest, claim)


def prove_arithmetic(function, label):
    """Each case, and whether it is proved."""
    for what, claim in arithmetic_cases(function, label):
        answer, _ = prove(claim, bit_blaster, lambda: z3.SolverFor("QF_BV"))
        yield what, answer == z3.unsat


class Tally:
    """What was said, and how often."""

    def __init__(self):
        self.passed = self.failed = 0

    def say(self, ok, text):
        self.passed, self.failed = self.passed + bool(ok), self.failed + (not ok)
        print("ok" if ok else "not ok", "solver", text, flush=True)


def arithmetic_lemma(lib, function, label, kind):
    """Whether a lemma about products or quotients holds, and what is to be said."""
    arithmetic = Arithmetic(kind, int(label.rsplit("_", 1)[1]))
    args, claim = function.formula(arithmetic)
    if not agrees(lib, function, args, claim, arithmetic):
        return False, "facts that are not true"
    bad = [what for what, ok in prove_arithmetic(function, label) if not ok]
    return not bad, "not proved: " + "; ".join(bad) if bad else \
        "holds for all words, by the facts above"


def lemma(lib, function, label):
    """The same for any lemma."""
    try:
        args, claim = function.formula()
    except Unsupported as why:
        return False, "not translated: %s" % why
    if not agrees(lib, function, args, claim):
        return False, "formula and code differ"
    kind = ARITHMETIC.get(label.rsplit("_", 1)[0])
    if kind:
        return arithmetic_lemma(lib, function, label, kind)
    answer, solver = prove_cases(label, args, claim)
    if answer == z3.unknown:
        return False, "undecided"
    false = label.startswith("false_")
    if answer == z3.unsat:
        return not false, "holds for all words"
    model = solver.model()
    words = [model.eval(a, True).as_long() for a in args]
    return false and not native(lib, function, words), \
        "refuted by " + " ".join(hex(w) for w in words)


def main():
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    lib = ctypes.CDLL(sys.argv[2])
    random.seed(1)
    tally = Tally()

    for what, claim in facts():
        tally.say(prove(claim, lambda: z3.SolverFor("QF_NIA"))[0] == z3.unsat, "fact: " + what)
    lemmas = 0
    for function in read_module(sys.argv[1]):
        if only in function.name:
            start = time.time()
            label = function.name[len("lemma_"):]
            ok, what = lemma(lib, function, label)
            tally.say(ok, "%s: %s, %.1f s" % (label, what, time.time() - start))
            lemmas += 1
    if not lemmas:
        tally.say(False, "no lemmas")
    print("%d passed, %d failed" % (tally.passed, tally.failed))
    return tally.failed != 0


if __name__ == "__main__":
    sys.exit(main())
