#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes cases for every kind of pointer and every operation.

A kind says how R6 comes to hold one, and what may be done with it; an operation says what is done
and what that takes. The verdict follows from the two.
"""

LOOKUP = ["*(u32 *)(r10 -4) = 0", "r2 = r10", "r2 += -4", "r1 = map[1]", "call map_lookup_elem"]
SOCKET = ["*(u64 *)(r10 -64) = 0", "*(u64 *)(r10 -56) = 0", "r2 = r10", "r2 += -64", "r3 = 12", "r4 = -1",
          "r5 = 0", "r1 = r8", "call sk_lookup_tcp"]
RELEASE = ["r1 = r0", "call sk_release"]


class Kind:
    """@name: in logs; @get: brings one into R6; @give: gives it back at the end; flags of what is
    allowed: c(onstant added) v(ariable added) l(oad) s(tore) a(tomic) n(ull compared)
    d(istance of two)."""

    def __init__(self, name, get, can, give=(), log=None):
        self.name, self.get, self.can, self.give, self.log = name, list(get), can, list(give), log or name


def sock(extra):
    return SOCKET + ["r6 = r0"] + extra


KINDS = [
    Kind("ctx", ["r6 = r8"], "cvln"),
    Kind("map_ptr", ["r6 = map[1]"], "ln"),
    Kind("map_value", ["r6 = map_value[2]"], "cvlsan"),
    Kind("map_value_or_null", LOOKUP + ["r6 = r0"], "n"),
    Kind("fp", ["*(u64 *)(r10 -8) = 1", "*(u64 *)(r10 -16) = 1", "r6 = r10", "r6 += -16"], "cvlsan"),
    Kind("pkt", ["r6 = *(u32 *)(r8 +76)", "r2 = *(u32 *)(r8 +80)", "r3 = r6", "r3 += 64",
                 "if r3 > r2 goto out"], "cvlsd"),
    Kind("pkt_meta", ["r6 = *(u32 *)(r8 +140)", "r2 = *(u32 *)(r8 +76)", "r3 = r6", "r3 += 64",
                      "if r3 > r2 goto out"], "cvlsd"),
    Kind("pkt_end", ["r6 = *(u32 *)(r8 +80)"], "d"),
    Kind("ringbuf_mem", ["r1 = map[3]", "r2 = 64", "r3 = 0", "call ringbuf_reserve",
                         "if r0 == 0 goto out", "r6 = r0", "*(u64 *)(r10 -72) = r6"], "cvlsn",
         ["r1 = *(u64 *)(r10 -72)", "r2 = 0", "call ringbuf_discard"]),
    Kind("ringbuf_mem_or_null", ["r1 = map[3]", "r2 = 64", "r3 = 0", "call ringbuf_reserve",
                                 "r6 = r0", "*(u64 *)(r10 -72) = r6"], "n",
         ["r1 = *(u64 *)(r10 -72)", "if r1 == 0 goto out", "r2 = 0", "call ringbuf_discard"]),
    Kind("sock", sock(["if r0 == 0 goto out", "*(u64 *)(r10 -72) = r6"]), "ln",
         ["r1 = *(u64 *)(r10 -72)", "call sk_release"]),
    Kind("sock_or_null", sock(["*(u64 *)(r10 -72) = r6"]), "n",
         ["r1 = *(u64 *)(r10 -72)", "if r1 == 0 goto out", "call sk_release"]),
    Kind("func", ["r6 = func cb"], ""),
    Kind("scalar", ["r6 = *(u32 *)(r8 +0)", "r6 &= 7"], "cvnb"),
]

# what it takes ("" nothing: always refused), the operation, the classic words of the refusal
OPS = [
    ("a constant added", "c", ["r6 += 8"], "R6 pointer arithmetic on"),
    ("a constant subtracted", "c", ["r6 -= -8"], "R6 pointer arithmetic on"),
    ("an unknown number added", "v", ["r7 = *(u32 *)(r8 +0)", "r7 &= 7", "r6 += r7"],
     "R6 pointer arithmetic on"),
    ("added to an unknown number", "v", ["r7 = *(u32 *)(r8 +0)", "r7 &= 7", "r7 += r6"],
     "R7 pointer arithmetic on"),
    ("subtracted from a number", "b", ["r7 = 8", "r7 -= r6"], "R7 tried to subtract pointer from scalar"),
    ("added to itself", "b", ["r6 += r6"], "R6 pointer += pointer prohibited"),
    ("multiplied", "b", ["r6 *= 2"], "R6 pointer arithmetic with *= operator prohibited"),
    ("divided", "b", ["r6 /= 2"], "R6 pointer arithmetic with /= operator prohibited"),
    ("modulo", "b", ["r6 %= 8"], "R6 pointer arithmetic with %= operator prohibited"),
    ("masked", "b", ["r6 &= -8"], "R6 bitwise operator &= on pointer prohibited"),
    ("bits set", "b", ["r6 |= 1"], "R6 bitwise operator |= on pointer prohibited"),
    ("bits turned", "b", ["r6 ^= 1"], "R6 bitwise operator ^= on pointer prohibited"),
    ("shifted left", "b", ["r6 <<= 1"], "R6 pointer arithmetic with <<= operator prohibited"),
    ("shifted right", "b", ["r6 >>= 1"], "R6 pointer arithmetic with >>= operator prohibited"),
    ("32-bit addition", "b", ["w6 += 8"], "32-bit pointer arithmetic prohibited"),
    ("bytes swapped", "b", ["r6 = be64 r6"], "R6 pointer arithmetic"),
    ("negated", "b", ["r6 = -r6"], "R6 pointer arithmetic"),
    ("loaded through", "l", ["r7 = *(u32 *)(r6 +0)"], "R6"),
    ("stored through", "s", ["*(u32 *)(r6 +0) = 7"], ""),
    ("added to atomically", "a", ["r7 = 1", "lock *(u32 *)(r6 +0) += r7"], "R6"),
]

# kind, operation: verdict and reason that do not follow from the flags
SPECIAL = {
    ("map_ptr", "a constant added"): (False, "maps are not memory of the program"),
    ("ctx", "loaded through"): (True, "len is a field"),
    ("map_ptr", "loaded through"): (True, "the map's struct can be read by the privileged"),
    ("pkt", "stored through"): (True, "tc programs may write packets"),
    ("scalar", "loaded through"): (False, "a number is no address"),
    ("scalar", "stored through"): (False, "a number is no address"),
    ("pkt", "added to atomically"): (False, "packets are not for atomic operations"),
    ("scalar", "a constant added"): (True, "an ordinary sum"),
    ("map_value_or_null", "a constant added"): (False, "null and 8 would not be known as null"),
    ("sock", "added to atomically"): (False, "sockets are only read"),
    ("ctx", "added to atomically"): (False, "contexts have no atomic operations"),
}

WHY = {
    "c": ("has a constant offset", "offsets have no meaning there"),
    "v": ("has room for an offset that is checked at the access", "it is not an array"),
    "b": ("a number: anything goes", "what comes out would be neither address nor number"),
    "l": ("can be read", "cannot be read through"),
    "s": ("can be written", "cannot be written through"),
    "a": ("memory of the program's own", "not memory of the program's own"),
}


def case(kind, op):
    what, need, text, words = op
    if kind.name == "map_ptr" and need == "l":
        text = ["r7 = *(u64 *)(r6 +0)"]  # its first member is a pointer
    allowed = need in kind.can
    why = WHY[need][0 if allowed else 1]
    if (kind.name, what) in SPECIAL:
        allowed, why = SPECIAL[(kind.name, what)]
    print(f"== {kind.name}, {what}\n# {why}\ntype: sched_cls")
    print("map: hash key=4 value=64 max=4\nmap: array key=4 value=64 max=1\nmap: ringbuf max=4096")
    if allowed:
        print("accept")
    else:
        print(f"reject: {words}")
        if "_or_null" in kind.name and need in "cv":
            print("says: null-check it first")
        if "R6 invalid mem" in words:
            print(f"says: invalid mem access '{kind.log}'")
    print("--\nr8 = r1")
    give = kind.give if allowed else []
    print("\n".join(kind.get + text + give))
    print("out: r0 = 0\nexit")
    print("cb: r0 = 0\nexit\n" if kind.name == "func" else "")


def compare_cases():
    """Comparisons never fail for the privileged; what they teach is checked by a load after them."""
    for kind in KINDS:
        for op in ("==", "!=", ">", "s<"):
            print(f"== {kind.name} compared with 0 by {op}\n# addresses may be compared by the privileged\n"
                  "type: sched_cls\nmap: hash key=4 value=64 max=4\nmap: array key=4 value=64 max=1\n"
                  "map: ringbuf max=4096\naccept\n--\nr8 = r1")
            print("\n".join(kind.get + [f"if r6 {op} 0 goto on", "on: r9 = 1"] + kind.give))
            print("out: r0 = 0\nexit")
            print("cb: r0 = 0\nexit\n" if kind.name == "func" else "")
    for kind in KINDS:
        if "s" in kind.can and kind.name not in ("pkt", "pkt_meta"):
            store_load(kind)


def store_load(kind):
    for size, bits in (("u8", 0xa5), ("u16", 0xa5a5), ("u32", 0x75a5a5a5), ("u64", 0x75a5a5a5)):
        print(f"== {kind.name} holds what was stored, {size}\n# memory of the program's own\n"
              "type: sched_cls\nmap: hash key=4 value=64 max=4\nmap: array key=4 value=64 max=1\n"
              f"map: ringbuf max=4096\naccept\nreturns: {bits}\n--\nr8 = r1\nr0 = 0")
        lines = kind.get + [f"r7 = {bits}", f"*({size} *)(r6 +0) = r7", f"r9 = *({size} *)(r6 +0)"]
        print("\n".join(lines + kind.give + ["r0 = r9"]))
        print("exit\nout: r0 = 0\nexit\n")


def main():
    print("# Written by kinds.py.")
    for kind in KINDS:
        for op in OPS:
            case(kind, op)
    compare_cases()


if __name__ == "__main__":
    main()
