#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes rejections.rst from the verifier's table and the cases that go with it; --check: compares
instead, and asks for a program that is refused and one that is right for each row.

The cases are loaded, in both homes, by the suites "verifier" and "cases": the one that is refused has
to name its row in the log.
"""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "kernel/bpf/verifier/rejections.def"
CASES = HERE.parents[1] / "tools/testing/selftests/bpf/cases/rejections.case"
PAGE = HERE / "rejections.rst"

# Rows without programs, and why.
NO_PROGRAM = {
    "BUFFER": "Iterators and writable raw tracepoints have such buffers.",
    "HELPER_PROBE": "Helpers with a condition of their own, such as those of sleepable programs.",
    "ARG_STR": "Helpers that take a constant string, such as bpf_strncmp().",
    "ARG_FMT": "Formats are checked by the helper when the program runs.",
    "INTERNAL": "Nothing that a program can do should lead here.",
    "MAP_PRIV": "Arenas need CAP_BPF and CAP_PERFMON.",
    "TOO_MANY_MAPS": "Needs 65 maps.",
    "TOO_MANY_BTFS": "Needs 65 modules.",
    "TOO_MANY_KFUNCS": "Needs 257 kernel functions.",
    "JUMP_FAR": "Needs a jump over more than 32,767 instructions after accesses were expanded.",
    "ATTACH_TARGET": "Programs of type tracing, lsm and ext name what they attach to when loaded.",
}
# Lines of a program that are shown.
MAX_LINES = 24

HEAD = """.. SPDX-License-Identifier: GPL-2.0

=====================
Why programs are refused
=====================

Each rejection has a name that never changes. The log prints the short line that tools and search
engines know, then ``reason:`` with the name and the rule that is broken, the place, the way the
verifier got there, notes on what is wrong on this very way, and what can be done about it. This page
is made by ``rejections.py`` from the table that the verifier itself uses,
``kernel/bpf/verifier/rejections.def``, and from the programs in
``tools/testing/selftests/bpf/cases/rejections.case``, which tests load: one that is refused for this
reason, and one that is right. They are written as logs print instructions; ``map[1]`` is a map,
``map_value[1]`` the address of its value.

"""


def rows():
    text = TABLE.read_text()
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for m in re.finditer(r"REJECTION\((.*?)\)\s*(?=REJECTION\(|\Z)", text, flags=re.S):
        body = m.group(1)
        ident, errno = re.match(r"\s*(\w+)\s*,\s*(\w+)\s*,", body).groups()
        parts, current, rest = [], "", body.split(",", 2)[2]
        # three arguments, each one or more adjacent string literals
        for tok in re.finditer(r'"((?:[^"\\]|\\.)*)"|(,)', rest):
            if tok.group(2):
                parts.append(current)
                current = ""
            else:
                current += tok.group(1)
        parts.append(current)
        classic, rule, hint = (parts + ["", "", ""])[:3]
        yield ident, errno, classic, rule, hint


def programs():
    """{(id, "wrong" or "right"): (reason, header lines, program lines)}"""
    found = {}
    for part in re.split(r"(?m)^== ", CASES.read_text())[1:]:
        head, text = part.split("\n--\n", 1)
        lines = head.split("\n")
        ident, kind = lines[0].split()
        why = " ".join(line[2:] for line in lines[1:] if line.startswith("# "))
        settings = [line for line in lines[1:] if re.match(r"(type|attach|flags|map|func):", line)]
        found[ident, kind] = (why, settings, text.strip().split("\n"))
    return found


def program(what, entry):
    why, settings, text = entry
    if len(text) > MAX_LINES:
        text = text[:MAX_LINES // 2] + ["..."] + text[-MAX_LINES // 2:]
    out = [f"{what}: {why}::\n\n"]
    out += [f"  # {line}\n" for line in settings] + [f"  {line}\n" for line in text]
    return "".join(out) + "\n"


def page(progs):
    title = "Why programs are refused"
    out = [HEAD.replace("=====================", "=" * len(title))]
    for ident, errno, classic, rule, hint in rows():
        out.append(f"{ident}\n{'-' * len(ident)}\n\n``{classic}`` (-{errno})\n\n")
        if rule:
            out.append(f"{rule}\n\n")
        if hint:
            out.append(f"*What to do:* {hint}\n\n")
        if (ident, "wrong") in progs:
            out.append(program("Refused", progs[ident, "wrong"]))
            out.append(program("Right", progs[ident, "right"]))
        elif ident in NO_PROGRAM:
            out.append(f"No program: {NO_PROGRAM[ident]}\n\n")
    return "".join(out).rstrip("\n") + "\n"


def check(progs):
    failed = passed = 0
    for ident, *_ in rows():
        kinds = [kind for kind in ("wrong", "right") if (ident, kind) in progs]
        if len(kinds) == 2 or (not kinds and ident in NO_PROGRAM):
            passed += 1
            continue
        failed += 1
        print(f"not ok {ident}: needs a program that is refused and one that is right in {CASES.name}")
    same = PAGE.exists() and PAGE.read_text() == page(progs)
    if not same:
        print("not ok rejections.rst is not what rejections.py writes: run it")
    print(f"{passed + same} passed, {failed + (not same)} failed")
    return failed or not same


def main():
    progs = programs()
    if "--check" in sys.argv[1:]:
        sys.exit(bool(check(progs)))
    PAGE.write_text(page(progs))


main()
