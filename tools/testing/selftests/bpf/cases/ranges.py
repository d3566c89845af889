#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes cases about ranges: what arithmetic and comparisons leave of a number.

A row names an operation and the sets that its operands come from. All results are worked out here,
one by one, as RFC 9669 defines them; the verifier must find a map value of just that many bytes
large enough, must refuse it with one byte less at either end, and a run must return the result.
Where a row names bounds of its own, it says why the exact ones are not asked for.
"""

M64 = (1 << 64) - 1
M32 = (1 << 32) - 1


def signed(x, bits):
    x &= (1 << bits) - 1
    return x - (1 << bits) if x >> (bits - 1) else x


def div_towards_0(a, b):
    q = abs(a) // abs(b)
    return q if (a < 0) == (b < 0) else -q


def bswap(x, size):
    return int.from_bytes((x & ((1 << 8 * size) - 1)).to_bytes(size, "little"), "big")


def alu(op, a, b, bits):
    """Result of an ALU instruction: a 64-bit pattern."""
    mask = (1 << bits) - 1
    a, b = a & mask, b & mask
    sa, sb = signed(a, bits), signed(b, bits)
    table = {
        "+=": lambda: a + b,
        "-=": lambda: a - b,
        "*=": lambda: a * b,
        "/=": lambda: a // b if b else 0,
        "%=": lambda: a % b if b else a,
        "s/=": lambda: div_towards_0(sa, sb) if sb else 0,
        "s%=": lambda: sa - sb * div_towards_0(sa, sb) if sb else sa,
        "&=": lambda: a & b,
        "|=": lambda: a | b,
        "^=": lambda: a ^ b,
        "<<=": lambda: a << (b % bits),
        ">>=": lambda: a >> (b % bits),
        "s>>=": lambda: sa >> (b % bits),
        "=": lambda: b,
    }
    return table[op]() & mask


def compare(op, a, b, bits):
    mask = (1 << bits) - 1
    a, b = a & mask, b & mask
    sa, sb = signed(a, bits), signed(b, bits)
    return {"==": a == b, "!=": a != b, ">": a > b, ">=": a >= b, "<": a < b, "<=": a <= b,
            "s>": sa > sb, "s>=": sa >= sb, "s<": sa < sb, "s<=": sa <= sb, "&": bool(a & b)}[op]


def byte_in(reg, lo, hi, at):
    """Loads a byte of which only lo..hi goes on; a run finds @at in it. @lo may be negative."""
    lines = [f"r{reg} = *(u8 *)(r9 {at - lo - 1:+d})" if at > lo else f"r{reg} = *(u8 *)(r9 +255)",
             f"if r{reg} > {hi - lo} goto out"]
    return lines + ([f"r{reg} += {lo}"] if lo else [])


def wide(x):
    return f"0x{x & M64:x}"


def access(reg, lo):
    """Shifts @lo..hi down to 0.. and takes the byte there."""
    lines = ["r7 = r%d" % reg]
    if -2**31 <= -lo < 2**31:
        lines += [f"r7 += {-lo}"] if lo else []
    else:
        lines += [f"r8 = {wide(lo)}", "r7 -= r8"]
    return lines + ["r8 = map_value[1]", "r8 += r7", "r8 = *(u8 *)(r8 +0)"]


def case(name, why, size, verdict, lines, returns=None):
    print(f"== {name}\n# {why}")
    print(f"map: array key=4 value={size} max=1\nmap: array key=4 value=256 max=1 fill")
    print(verdict)
    if returns is not None:
        print(f"returns: {returns & M32}")
    print("--\nr9 = map_value[2]\nr0 = 0")
    print("\n".join(lines))
    print("out: exit\n")


def both(name, why, body, reg, values, at, bounds=None):
    """The case that fits, and those that are a byte short at either end."""
    lo, hi = bounds or (min(values), max(values))
    exact_lo, exact_hi = min(values), max(values)
    size = hi - lo + 1
    end = [f"r0 = r{reg}"]
    case(name, f"{why}: {lo} to {hi}", size, "accept", body + access(reg, lo) + end, at)
    if exact_hi > exact_lo:
        case(f"{name}, a byte short", f"{why}: {exact_hi} does occur", exact_hi - lo,
             "reject: R8", body + access(reg, lo) + end)
        case(f"{name}, from a byte further on", f"{why}: {exact_lo} does occur", size,
             "reject: R8", body + access(reg, exact_lo + 1) + end)
    else:
        case(f"{name}, a byte short", f"{why}: nothing else occurs", 1,
             "reject: R8", body + access(reg, exact_lo - 1) + end)


# operation, left, right (a range or one immediate), why; bounds where they are not the exact ones
ALU = [
    ("+=", (0, 10), (0, 20), "sums of the ends"),
    ("+=", (3, 10), 5, "both ends move"),
    ("+=", (-8, 7), (-4, 4), "signed ends add up"),
    ("-=", (20, 30), (0, 20), "least minus most, most minus least"),
    ("-=", (0, 10), (0, 10), "may be below 0"),
    ("*=", (0, 10), (2, 5), "products of the ends"),
    ("*=", (1, 9), 3, "products of the ends"),
    ("*=", (-5, 4), (-3, 6), "the extreme products are among those of the ends"),
    ("/=", (10, 200), (2, 5), "least by most, most by least"),
    ("/=", (0, 255), 16, "quotients of the ends"),
    ("/=", (0, 9), (0, 1), "by 0 gives 0"),
    ("%=", (0, 255), 10, "below the divisor"),
    ("%=", (0, 5), (7, 9), "less than any divisor: stays as it is"),
    ("%=", (0, 20), (0, 3), "by 0 leaves the dividend"),
    ("s/=", (-100, 100), 7, "towards 0"),
    ("s/=", (-100, 50), (-3, -2), "the sign turns"),
    ("s%=", (-100, 100), 7, "has the sign of the dividend, and is below the divisor"),
    ("s%=", (0, 100), -7, "the divisor's sign does not matter"),
    ("&=", (0, 255), 15, "no bits but those of the mask"),
    ("&=", (0, 100), (0, 5), "at most the smaller one"),
    ("|=", (0, 7), 8, "the bit is always set"),
    ("|=", (0, 3), (0, 12), "no bit above the highest of both", (0, 15)),
    ("^=", (0, 7), 8, "bits that do not overlap"),
    ("^=", (0, 15), (0, 15), "no bit above the highest of both"),
    ("<<=", (0, 15), 3, "times 8; every eighth"),
    ("<<=", (1, 3), (0, 4), "least by least, most by most"),
    (">>=", (0, 255), 4, "by 16"),
    (">>=", (64, 255), (0, 3), "least by most, most by least"),
    ("s>>=", (-128, 127), 3, "rounds down"),
    ("s>>=", (-16, -1), (0, 3), "stays negative"),
]


def members(spec):
    return [spec] if isinstance(spec, int) else list(range(spec[0], spec[1] + 1))


def alu_rows():
    for row in ALU:
        op, left, right, why = row[:4]
        for bits in (64, 32):
            kind = "r" if bits == 64 else "w"
            results = {}
            for a in members(left):
                for b in members(right):
                    results[(a, b)] = alu(op, a, b, bits)
            values = {signed(v, 64) for v in results.values()}
            what = "number" if isinstance(right, int) else "register"
            note = why
            bounds = row[4] if len(row) > 4 else None
            body = byte_in(2, *left, at=left[1])
            if bits == 32 and min(signed(v, 32) for v in results.values()) < 0:
                # patterns on both sides of 2^31: as a signed number it is one range again
                values = {signed(v, 32) for v in results.values()}
                tail = ["r2 = (s32)r2"]
                note += ", seen as a signed number"
            else:
                tail = []
            if isinstance(right, int):
                body += [f"{kind}2 {op} {right}"] + tail
                at = results[(left[1], right)]
            else:
                body += byte_in(3, *right, at=right[0]) + [f"{kind}2 {op} {kind}3"] + tail
                at = results[(left[1], right[0])]
            if not bounds and 0 in members(right) and op == "%=":
                pass
            both(f"{op} {bits} bits, {what}, {left} {right}", note, body, 2, values,
                 at, bounds)


UNARY = [
    ("negation", ["r2 = -r2"], (0, 20), lambda x: -x & M64, "ends change places"),
    ("32-bit negation", ["w2 = -w2", "r2 = (s32)r2"], (0, 20), lambda x: -x & M64,
     "ends change places"),
    ("move of 32 bits", ["w2 = w2"], (0, 99), lambda x: x, "small numbers stay"),
    ("move of signed 8 bits", ["r2 = (s8)r2"], (0, 255), lambda x: signed(x, 8) & M64,
     "from 128 on negative"),
    ("move of signed 8 bits of small ones", ["r2 = (s8)r2"], (0, 100), lambda x: x,
     "bit 7 is never set"),
    ("move of signed 16 bits", ["r2 = (s16)r2"], (0, 255), lambda x: x, "bit 15 is never set"),
    ("move of signed 32 bits", ["r2 = (s32)r2"], (-5, 5), lambda x: x & M64, "fits in 32 bits"),
    ("32-bit move of signed 8 bits", ["w2 = (s8)w2", "r2 = (s32)r2"], (0, 255),
     lambda x: signed(x, 8) & M64, "from 128 on negative, upper half 0 in between"),
    ("32-bit move of signed 16 bits", ["w2 = (s16)w2"], (0, 255), lambda x: x,
     "bit 15 is never set"),
    ("swap of 16 bits", ["r2 = be16 r2"], (0, 7), lambda x: bswap(x, 2), "multiples of 256"),
    ("unconditional swap of 16 bits", ["r2 = bswap16 r2"], (0, 7), lambda x: bswap(x, 2),
     "multiples of 256"),
    ("order that is there already, 16 bits", ["r2 = le16 r2"], (0, 200), lambda x: x,
     "cut to 16 bits"),
    ("order that is there already, 32 bits", ["r2 = le32 r2"], (0, 200), lambda x: x,
     "cut to 32 bits"),
]


def unary_rows():
    for name, text, left, fn, why in UNARY:
        values = {signed(fn(x), 64) for x in members(left)}
        body = byte_in(2, *left, at=left[1]) + text
        bounds = None
        if "swap" in name:
            bounds = (0, 0xffff)
            why += "; a swap may be known as 16 bits and no more"
        both(name, why, body, 2, values, fn(left[1]), bounds)


# left, right, operators: ranges on which every branch leaves an unbroken range
JUMPS = [
    ((0, 100), 40, [">", ">=", "<", "<=", "s>", "s>=", "s<", "s<="]),
    ((0, 100), 100, ["!=", "=="]),
    ((0, 255), 0xf0, ["&"]),
    ((-50, 50), -10, ["s>", "s>=", "s<", "s<="]),
    ((-50, 50), 0, ["s>", "s<"]),
    ((0, 100), (20, 40), [">", ">=", "<", "<=", "s>", "s>=", "s<", "s<=", "=="]),
    ((-50, 50), (-10, 10), ["s>", "s<="]),
]


def jump_rows():
    for left, right, ops in JUMPS:
        for op in ops:
            for bits in (64, 32):
                for taken in (True, False):
                    jump_case(left, right, op, bits, taken)


def jump_case(left, right, op, bits, taken):
    kind = "r" if bits == 64 else "w"
    pairs = [(a, b) for a in members(left) for b in members(right)
             if compare(op, a, b, bits) == taken]
    values = {a for a, _ in pairs}
    if len(values) in (0, len(members(left))) and isinstance(right, int):
        return
    if op == "&" and taken:
        # what is left has some bit of the mask, which is at least its lowest
        pass
    at_a, at_b = max(pairs)
    body = byte_in(2, *left, at=at_a)
    text = f"{kind}2 {op} {right}"
    if not isinstance(right, int):
        body += byte_in(3, *right, at=at_b)
        text = f"{kind}2 {op} {kind}3"
    body += [f"if {text} goto yes"]
    body += ["goto out", "yes: r0 = 0"] if taken else ["goto no", "yes: goto out", "no: r0 = 0"]
    way = "taken" if taken else "not taken"
    bounds = None
    if op == "&" and taken:
        bounds = (0, 255)
    both(f"if {text} {way}, {left} {right}", f"{len(pairs)} pairs take this way", body, 2,
         values, at_a, bounds)


def main():
    print("# Written by ranges.py.\n@type: socket_filter")
    alu_rows()
    unary_rows()
    jump_rows()


main()
