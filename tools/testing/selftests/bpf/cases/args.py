#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes cases for every kind of helper's argument and every kind of register passed as one."""
import kinds
from kinds import Kind, LOOKUP

EXTRA = [
    Kind("null", ["r6 = 0"], "", log="scalar"),
    Kind("4", ["r6 = 4"], "", log="scalar"),
    Kind("unknown", ["r6 = *(u32 *)(r8 +0)"], "", log="scalar"),
    Kind("at most 8", ["r6 = *(u32 *)(r8 +0)", "r6 &= 7", "r6 += 1"], "", log="scalar"),
    Kind("negative", ["r6 = -4"], "", log="scalar"),
    Kind("bytes never written", ["r6 = r10", "r6 += -48"], "", log="fp"),
    Kind("below the frame", ["r6 = r10", "r6 += -520"], "", log="fp"),
    Kind("end of a map value", ["r6 = map_value[2] +62"], "", log="map_value"),
]
MAPS = ["map: hash key=4 value=64 max=4", "map: array key=4 value=64 max=1", "map: ringbuf max=4096",
        "map: hash key=4 value=8 max=4", "map: prog_array key=4 value=4 max=4",
        "map: array key=4 value=64 max=1 lock=0"]

MEM = {"fp", "map_value", "ringbuf_mem", "pkt", "pkt_meta"}
ALL = {k.name for k in kinds.KINDS} | {k.name for k in EXTRA}
UNINIT = {"bytes never written"}


class Arg:
    """@args: of the others by register; @good: kinds that are taken; @words: by kind, else @otherwise"""

    def __init__(self, what, func, reg, args, good, otherwise, words=None, why="", after=()):
        self.what, self.func, self.reg, self.args, self.good = what, func, reg, args, good
        self.otherwise, self.words, self.why, self.after = otherwise, words or {}, why, list(after)


KEY = ["*(u32 *)(r10 -4) = 0", "r2 = r10", "r2 += -4"]

ARGS = [
    Arg("map", "map_lookup_elem", 1, KEY, {"map_ptr"}, "R1 type={log} expected=map_ptr",
        why="a map itself, checked when the program is loaded"),
    Arg("key", "map_lookup_elem", 2, ["r1 = map[4]"], MEM | UNINIT | {"map_value_or_null"},
        "R2 type={log} expected=", {
            "below the frame": "invalid",
            "end of a map value": "invalid access to map value, value_size=64 off=62 size=4"},
        why="4 bytes that can be read"),
    Arg("value", "map_update_elem", 3, KEY + ["r1 = map[4]", "r4 = 0"], MEM | UNINIT,
        "R3 type={log} expected=", {
            "below the frame": "invalid",
            "end of a map value": "invalid access to map value, value_size=64 off=62 size=8"},
        why="8 bytes that can be read"),
    Arg("context", "skb_load_bytes", 1, ["r2 = 0", "r3 = r10", "r3 += -8", "r4 = 8"], {"ctx"},
        "R1 type={log} expected=ctx", why="the context and nothing else"),
    Arg("buffer to be filled", "skb_load_bytes", 3, ["r1 = r8", "r2 = 0", "r4 = 8"],
        {"fp", "map_value", "ringbuf_mem"} | UNINIT, "R3 type={log} expected=fp", {
            "pkt": "helper access to the packet is not allowed",
            "pkt_meta": "helper access to the packet is not allowed",
            "below the frame": "invalid", "null": "R3 type=scalar expected=fp",
            "end of a map value": "invalid access to map value, value_size=64 off=62 size=8"},
        why="8 bytes that can be written; what was in them does not matter"),
    Arg("buffer to be read, or none", "csum_diff", 1, ["r2 = 4", "r3 = 0", "r4 = 0", "r5 = 0"],
        MEM | UNINIT, "R1 type={log} expected=fp", {
            "below the frame": "invalid", "null": "R1",
            "end of a map value": "invalid access to map value, value_size=64 off=62 size=4"},
        why="4 bytes that can be read"),
    Arg("size", "csum_diff", 2, ["r1 = map_value[2]", "r3 = 0", "r4 = 0", "r5 = 0"],
        {"4", "at most 8", "scalar", "null"}, "R2 type={log} expected=scalar", {
            "unknown": "R2 unbounded memory access", "negative": "R2 min value is negative"},
        why="a number that is at most what is behind the pointer; 0 is allowed here"),
    Arg("size above 0", "skb_load_bytes", 4, ["r1 = r8", "r2 = 0", "r3 = r10", "r3 += -8"],
        {"4", "at most 8"}, "R4 type={log} expected=scalar", {
            "unknown": "R4 invalid zero-sized read", "negative": "R4 min value is negative",
            "null": "R4 invalid zero-sized read", "scalar": "R4 invalid zero-sized read"},
        why="a number that is at most what is behind the pointer, and not 0"),
    Arg("constant", "ringbuf_reserve", 2, ["r1 = map[3]", "r3 = 0"], {"4"},
        "R2", {"unknown": "R2 is not a known constant", "at most 8": "R2 is not a known constant",
               "scalar": "R2 is not a known constant", "null": None},
        why="its memory is as large as the number says, which has to be known",
        after=["if r0 == 0 goto out", "r1 = r0", "r2 = 0", "call ringbuf_discard"]),
    Arg("record", "ringbuf_submit", 1, ["r2 = 0"], {"ringbuf_mem"}, "R1",
        why="a record that was reserved"),
    Arg("socket given back", "sk_release", 1, [], {"sock"}, "R1", why="a socket that is held"),
    Arg("function", "bpf_loop", 2, ["r1 = 4", "r3 = 0", "r4 = 0"], {"func"},
        "R2 type={log} expected=func", why="the address of a function of the program"),
    Arg("callback's context", "bpf_loop", 3, ["r1 = 4", "r2 = func cb", "r4 = 0"],
        {"fp", "null"} | UNINIT | {"below the frame"}, "R3 type={log} expected=fp",
        why="stack of the caller, or nothing"),
    Arg("context of a tail call", "tail_call", 1, ["r2 = map[5]", "r3 = 0"], {"ctx"},
        "R1 type={log} expected=ctx", why="the next program gets the same context"),
    Arg("programs", "tail_call", 2, ["r1 = r8", "r3 = 0"], set(), "R2", {
        "map_ptr": "cannot pass map_type 1 into func bpf_tail_call#12"},
        why="a map of programs and no other"),
    Arg("lock", "spin_lock", 1, [], set(), "R1", {
        "map_value": "has no valid bpf_spin_lock"}, why="a lock in a map's value"),
    Arg("memory of a dynptr", "dynptr_from_mem", 1, ["r2 = 4", "r3 = 0", "r4 = r10", "r4 += -40"],
        {"map_value"}, "R1", {
            "fp": "Unsupported reg type fp for bpf_dynptr_from_mem data",
            "end of a map value": "invalid access to map value, value_size=64 off=62 size=4"},
        why="memory that lives as long as the dynptr"),
]

ANY = Arg("anything", "map_update_elem", 4, KEY + ["r1 = map[4]", "r3 = map_value[2]"], ALL, "",
          why="any number, and for the privileged any pointer")


def uses_frame(arg):
    """The key's place is the frame's; records of kinds are elsewhere."""
    return "r2 = r10" in arg.args


def case(arg, kind):
    good = kind.name in arg.good
    words = arg.words.get(kind.name, arg.otherwise)
    if words is None:
        return
    if arg.what == "key" and kind.name == "map_value_or_null":
        good = False
    if arg.what == "callback's context" and kind.name == "below the frame":
        good = True
    print(f"== argument {arg.what}: {kind.name}\n# {arg.why}\ntype: sched_cls")
    print("\n".join(MAPS))
    print("accept" if good else "reject: " + words.format(log=kind.log))
    print("--\nr8 = r1")
    give = list(kind.give) if good else []
    if arg.func in ("ringbuf_submit", "sk_release"):
        give = []
    print("\n".join(kind.get + arg.args + [f"r{arg.reg} = r6", f"call {arg.func}"] + arg.after + give))
    print("out: r0 = 0\nexit\ncb: r0 = 0\nexit\n")


def main():
    print("# Written by args.py.")
    for arg in ARGS + [ANY]:
        for kind in kinds.KINDS + EXTRA:
            case(arg, kind)


main()
