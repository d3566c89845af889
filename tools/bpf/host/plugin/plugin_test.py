#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the conformance plugin on small programs, in both modes.

What arithmetic and jumps yield is computed here from RFC 9669; the rest is written down by hand.
"""

import concurrent.futures
import os
import struct
import subprocess
import sys

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1
NUMBERS = [0, 1, 5, 0x7F, 0x80, 0xFF, 0x8000, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x100000000,
           0x123456789ABCDEF0, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, M64, M64 - 4]


def insn(code, dst=0, src=0, off=0, imm=0):
    return struct.pack("<BBhi", code, dst | src << 4, off,
                       imm - (1 << 32) if imm & 0xFFFFFFFF and imm > 0x7FFFFFFF else imm)


def imm64(dst, value):
    return insn(0x18, dst, imm=value & M32) + insn(0, imm=value >> 32)


EXIT = insn(0x95)


def signed(x, bits):
    x &= (1 << bits) - 1
    return x - (1 << bits) if x >> (bits - 1) else x


def quotient(a, b):
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def alu(op, a, b, bits, off=0):
    """RFC 9669, 4.1."""
    mask = (1 << bits) - 1
    a, b = a & mask, b & mask
    sa, sb = signed(a, bits), signed(b, bits)
    shift = b & (bits - 1)
    if op == 0x30 and off:
        r = quotient(sa, sb) if b else 0
    elif op == 0x90 and off:
        r = sa - sb * quotient(sa, sb) if b else a
    elif op == 0xB0 and off:
        r = signed(b, off)
    else:
        r = {0x00: a + b, 0x10: a - b, 0x20: a * b, 0x30: a // b if b else 0, 0x40: a | b,
             0x50: a & b, 0x60: a << shift, 0x70: a >> shift, 0x80: -a, 0x90: a % b if b else a,
             0xA0: a ^ b, 0xB0: b, 0xC0: sa >> shift}[op]
    return r & mask


def jump(op, a, b, bits):
    mask = (1 << bits) - 1
    a, b = a & mask, b & mask
    sa, sb = signed(a, bits), signed(b, bits)
    return {0x10: a == b, 0x20: a > b, 0x30: a >= b, 0x40: bool(a & b), 0x50: a != b, 0x60: sa > sb,
            0x70: sa >= sb, 0xA0: a < b, 0xB0: a <= b, 0xC0: sa < sb, 0xD0: sa <= sb}[op]


def swap(x, bits):
    return int.from_bytes((x & ((1 << bits) - 1)).to_bytes(bits // 8, "little"), "big")


def arithmetic():
    ops = [0x00, 0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x90, 0xA0, 0xB0, 0xC0]
    for bits, cls in (64, 7), (32, 4):
        for op in ops:
            offs = {0x30: [0, 1], 0x90: [0, 1], 0xB0: [0, 8, 16] + ([32] if bits == 64 else [])}
            for off in offs.get(op, [0]):
                # several pairs a program: results are mixed so that none hides another
                for part in range(4):
                    code, want = imm64(0, 0), 0
                    for i, a in enumerate(NUMBERS):
                        b = NUMBERS[(i * 7 + part * 5 + 3) % len(NUMBERS)]
                        code += imm64(3, a) + imm64(4, b) + insn(cls | op | 8, 3, 4, off)
                        code += insn(0x27, 0, imm=31) + insn(0x0F, 0, 3)
                        want = (want * 31 + alu(op, a, b, bits, off)) & M64
                    yield f"alu{bits} {op:#x} off {off} part {part}", code + EXIT, "", want
            if op == 0xB0:
                continue
            code, want = imm64(0, 0), 0
            for i, a in enumerate(NUMBERS):
                b = [0, 1, 3, 31, 33, 63, 64, 100, -1, -7, 0x7FFFFFFF, -0x80000000][i % 12]
                code += imm64(3, a) + insn(cls | op, 3, imm=b)
                code += insn(0x27, 0, imm=31) + insn(0x0F, 0, 3)
                want = (want * 31 + alu(op, a, b & M64, bits)) & M64
            yield f"alu{bits} {op:#x} immediate", code + EXIT, "", want
        for i, a in enumerate(NUMBERS):
            yield (f"neg{bits} {i}", imm64(0, a) + insn(cls | 0x80, 0) + EXIT, "",
                   alu(0x80, a, 0, bits))
    for bits in 16, 32, 64:
        for i, a in enumerate(NUMBERS[8:]):
            cut = a & ((1 << bits) - 1)
            yield f"le{bits} {i}", imm64(0, a) + insn(0xD4, 0, imm=bits) + EXIT, "", cut
            yield f"be{bits} {i}", imm64(0, a) + insn(0xDC, 0, imm=bits) + EXIT, "", swap(a, bits)
            yield f"bswap{bits} {i}", imm64(0, a) + insn(0xD7, 0, imm=bits) + EXIT, "", swap(a, bits)


def jumps():
    ops = [0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0xA0, 0xB0, 0xC0, 0xD0]
    for bits, cls in (64, 5), (32, 6):
        for op in ops:
            code, want = imm64(0, 0), 0
            for a in NUMBERS:
                for b in NUMBERS[::3]:
                    code += imm64(3, a) + imm64(4, b) + insn(0x67, 0, imm=1)
                    code += insn(cls | op | 8, 3, 4, 1) + insn(0x07, 0, imm=1)
                    want = (want * 2 + (not jump(op, a, b, bits))) & M64
            yield f"jmp{bits} {op:#x}", code + EXIT, "", want
            code, want = imm64(0, 0), 0
            for a in NUMBERS:
                for b in 0, 5, -5, 0x7FFFFFFF, -0x80000000:
                    code += imm64(3, a) + insn(0x67, 0, imm=1)
                    code += insn(cls | op, 3, 0, 1, b) + insn(0x07, 0, imm=1)
                    want = (want * 2 + (not jump(op, a, b & M64, bits))) & M64
            yield f"jmp{bits} {op:#x} immediate", code + EXIT, "", want
    yield "ja", insn(0xB7, 0, imm=1) + insn(0x05, off=1) + insn(0xB7, 0, imm=2) + EXIT, "", 1
    yield "gotol", insn(0xB7, 0, imm=1) + insn(0x06, imm=1) + insn(0xB7, 0, imm=2) + EXIT, "", 1
    yield ("loop", insn(0xB7, 0) + insn(0xB7, 3, imm=1000) + insn(0x0F, 0, 3) + insn(0x17, 3, imm=1) +
           insn(0x55, 3, 0, -3) + EXIT, "", 500500)


def memory():
    bytes_ = bytes(range(0xF0, 0x100)) + bytes(range(16))
    mem = bytes_.hex()
    for size, code in (1, 0x71), (2, 0x69), (4, 0x61), (8, 0x79):
        for off in 0, 3, 12, 24:
            part = bytes_[off:off + size]
            yield (f"ldx{size} +{off}", insn(code, 0, 1, off) + EXIT, mem,
                   int.from_bytes(part, "little"))
            if size < 8:
                yield (f"ldsx{size} +{off}", insn((code & 0x1F) | 0x80, 0, 1, off) + EXIT, mem,
                       int.from_bytes(part, "little", signed=True) & M64)
        yield (f"stx{size}", imm64(3, 0x1122334455667788) + insn(0x7A, 10, 0, -8, 0) +
               insn((code & 0x1F) | 0x63 & 0xE3, 10, 3, -8) + insn(0x79, 0, 10, -8) + EXIT, "",
               0x1122334455667788 & ((1 << 8 * size) - 1))
        yield (f"st{size}", insn(0x7A, 10, 0, -8, 0) + insn((code & 0x18) | 0x62, 10, 0, -8, -2) +
               insn(0x79, 0, 10, -8) + EXIT, "", -2 & ((1 << 8 * size) - 1))
    yield "r2 is the length", insn(0xBF, 0, 2) + EXIT, mem, len(bytes_)
    yield "no memory", insn(0xBF, 0, 2) + EXIT, "", 0
    yield "no memory, no pointer", insn(0xBF, 0, 1) + EXIT, "", 0
    yield "the stack's ends", insn(0x7A, 10, 0, -512, 7) + insn(0x7A, 10, 0, -8, 9) + \
        insn(0x79, 0, 10, -512) + insn(0x79, 3, 10, -8) + insn(0x0F, 0, 3) + EXIT, "", 16


def atomics():
    a, b = 0x8899AABBCCDDEEFF, 0x123456780F0F0F0F
    results = {0x00: lambda x, y: x + y, 0x40: lambda x, y: x | y, 0x50: lambda x, y: x & y,
               0xA0: lambda x, y: x ^ y, 0xE0: lambda x, y: y}
    for code, bits in (0xDB, 64), (0xC3, 32):
        mask = (1 << bits) - 1
        setup = imm64(3, a) + insn(0x7B, 10, 3, -8) + imm64(4, b)
        for op, result in results.items():
            new = a & ~mask & M64 | result(a & mask, b & mask) & mask
            for fetch in [1] if op == 0xE0 else [0, 1]:
                name = f"atomic{bits} {op | fetch:#x}"
                body = setup + insn(code, 10, 4, -8, op | fetch)
                yield name + " memory", body + insn(0x79, 0, 10, -8) + EXIT, "", new
                yield (name + " register", body + insn(0xBF, 0, 4) + EXIT, "",
                       a & mask if fetch else b)
        for hit in True, False:
            body = imm64(0, a if hit else a ^ 1) + setup + insn(code, 10, 4, -8, 0xF1)
            name = f"cmpxchg{bits} {hit}"
            yield name + " r0", body + EXIT, "", a & mask
            yield (name + " memory", body + insn(0x79, 0, 10, -8) + EXIT, "",
                   a & ~mask & M64 | b & mask if hit else a)


def calls():
    callee = insn(0xBF, 0, 1) + insn(0x07, 0, imm=5) + EXIT
    yield "call local", insn(0xB7, 1, imm=10) + insn(0x85, 0, 1, 0, 1) + EXIT + callee, "", 15
    yield ("callee-saved registers", insn(0xB7, 6, imm=3) + insn(0x85, 0, 1, 0, 2) + insn(0x0F, 0, 6) +
           EXIT + insn(0xB7, 6, imm=100) + insn(0xB7, 0, imm=1) + EXIT, "", 4)
    yield ("a stack of its own", insn(0x7A, 10, 0, -8, 7) + insn(0x85, 0, 1, 0, 2) +
           insn(0x79, 0, 10, -8) + EXIT + insn(0x7A, 10, 0, -8, 9) + insn(0xB7, 0) + EXIT, "", 7)
    yield ("through the caller's stack", insn(0xBF, 1, 10) + insn(0x07, 1, imm=-8) +
           insn(0x85, 0, 1, 0, 2) + insn(0x79, 0, 10, -8) + EXIT + insn(0x7A, 1, 0, 0, 42) +
           insn(0xB7, 0) + EXIT, "", 42)
    nested = b"".join(insn(0x85, 0, 1, 0, 1) + EXIT for _ in range(6)) + insn(0xB7, 0, imm=6) + EXIT
    yield "six deep", nested, "", 6


def refused():
    yield "helper", insn(0x85, imm=5) + EXIT, "", "no helpers"
    yield "map", insn(0x18, 1, 1) + insn(0) + EXIT, "", "object"
    yield "no end", insn(0xB7, 0), "", "does not end"
    yield "jump out", insn(0x05, off=5) + EXIT, "", "jumps out"
    yield "jump into an immediate", insn(0x05, off=1) + imm64(0, 1) + EXIT, "", "jumps out"
    yield "opcode", insn(0xFF) + EXIT, "", "instruction 0"
    yield "register 11", insn(0xB7, 11) + EXIT, "", "instruction 0"
    yield "write to r10", insn(0xB7, 10) + EXIT, "", "instruction 0"
    yield "half an instruction", b"\x95\x00\x00", "", "whole number"
    yield "nothing", b"", "", "whole number"
    yield "recursion", insn(0x85, 0, 1, 0, -1) + EXIT, "", ""
    yield "null", insn(0xB7, 1) + insn(0x79, 0, 1) + EXIT, "", "signal"
    yield "wild", imm64(1, 0xDEAD00000000) + insn(0x7B, 1, 1) + EXIT, "", "signal"


def plugin(exe, mode, code, mem):
    text = code.hex()
    args = [exe, mem] if mem else [exe]
    if len(code) % 16:      # spaces between the bytes, the mode before the memory
        text = " ".join(text[i:i + 2] for i in range(0, len(text), 2)) + "\n"
        args.insert(1, mode)
    else:
        args.append(mode)
    return subprocess.run(args, input=text, capture_output=True, text=True)


def check(exe, mode, name, code, mem, want):
    done = plugin(exe, mode, code, mem)
    if isinstance(want, int):
        ok = done.returncode == 0 and done.stdout.strip() == f"{want:x}"
    else:
        ok = done.returncode == 1 and not done.stdout and want in done.stderr and done.stderr
    return ok, f"{name} {mode}: wanted {want if isinstance(want, str) else hex(want)}, got " \
               f"{done.returncode} {done.stdout.strip()} {done.stderr.strip()}"


def others(exe):
    """What is not about a program."""
    def sh(*args, text=""):
        return subprocess.run([exe, *args], input=text, capture_output=True, text=True)

    code = (insn(0xB7, 0, imm=7) + EXIT).hex()
    done = sh("--program", code)
    yield "--program", done.stdout == "7\n"
    done = sh("--program", code, "")
    yield "empty memory", done.stdout == "7\n"
    yield "bad hex", sh(text="zz").returncode == 1
    yield "bad memory", sh("0g", text=code).returncode == 1
    yield "--help", sh("--help").returncode == 0
    yield "bad option", sh("--no-such").returncode == 1
    yield "generated code by default", sh(text=code).stdout == "7\n"
    for mode in "--jit", "--interpret":
        done = sh(mode, text=insn(0x05, off=-1).hex() + EXIT.hex())
        yield f"endless {mode}", done.returncode == 1 and "did not end" in done.stderr


def main():
    exe = sys.argv[1]
    passed = failed = 0
    cases = [(m, *c) for make in (arithmetic, jumps, memory, atomics, calls, refused)
             for c in make() for m in ("--interpret", "--jit")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda c: check(exe, *c), cases))
    results += [(ok, name) for name, ok in others(exe)]
    for ok, text in results:
        passed += bool(ok)
        failed += not ok
        if not ok:
            print("not ok -", text)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
