#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes hazards.rst: bugs that were exploited or crashed kernels elsewhere, the tests that would
see them here, and the changes to the source that put them back; --check: compares instead, and asks
for a test of each bug, and for a change that makes it fail or a reason why there is none.

Tests carry the name: a case "hazard_2021_4204 ...", a test function hazard_2021_4204_..., or the
name in the comment before. Changes are those of the suites "verifier", "domain" and "fuzz/mutants".
"""
import importlib.util
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TESTS = HERE.parents[1] / "tools/testing/selftests/bpf"
PAGE = HERE / "hazards.rst"

# Group, ids, class of the bug.
ROWS = [
    ("scalars", "2017-16995", "wrong sign extension of a 32-bit immediate"),
    ("scalars", "2017-16996", "register-size truncation not modelled"),
    ("scalars", "2017-17852 2017-17853", "32-bit ALU and right-shift bounds"),
    ("scalars", "2018-18445", "32-bit right shift computed from 64-bit bounds"),
    ("scalars", "2020-8835", "a 32-bit jump refines 64-bit bounds wrongly"),
    ("scalars", "2020-27194", "32-bit OR takes 64-bit bounds"),
    ("scalars", "2021-3490", "32-bit AND/OR/XOR leave min above max"),
    ("scalars", "2021-31440", "unsigned 32-bit bounds derived from 64-bit ones"),
    ("scalars", "2021-3600 2021-3444", "32-bit division and modulo: truncation, zero divisor"),
    ("scalars", "2021-45402", "a 32-bit move leaves stale bounds"),
    ("scalars", "2021-4159 2024-41003", "known bits wrong after arithmetic"),
    ("scalars", "audit-2024", "linked scalars: an offset kept across a 32-bit add that wraps"),
    ("pruning", "2023-2163", "an unsafe path pruned because a value was not marked precise"),
    ("pruning", "2017-17855", "pruned although a pointer took a scalar's place"),
    ("control flow", "2017-17862", "code judged unreachable still emitted"),
    ("control flow", "2016-2383", "backward jumps not adjusted after an instruction was expanded"),
    ("pointers", "2017-17854", "integer overflow in pointer arithmetic"),
    ("stack", "2017-17856 2017-17857 2017-17863",
     "alignment; variable-offset and indirect access; frame-pointer arithmetic"),
    ("stack", "2023-52676", "32-bit overflow in a stack bound"),
    ("pointers", "2022-23222", "arithmetic on a maybe-null pointer"),
    ("pointers", "2023-39191", "dynptr state not checked"),
    ("helpers", "2021-34866", "a map of the wrong type handed to a helper"),
    ("helpers", "2021-4204", "ring buffer submit or discard takes an adjusted pointer"),
    ("helpers", "2021-3489", "reserve larger than the ring"),
    ("helpers", "2022-2905", "tail call index constant at or above max_entries"),
    ("helpers", "2024-49861", "a helper writes into a read-only map"),
    ("leaks", "2017-17864 2022-0264",
     "a pointer reaches a map through a conditional or an atomic fetch"),
    ("leaks", "2017-9150", "the log prints kernel addresses"),
    ("leaks", "leaks-1 leaks-2 leaks-3 leaks-4",
     "uninitialised stack, map values or padding read back"),
    ("speculation", "2019-7308 2020-27170 2020-27171 2021-29155 2021-33200",
     "out-of-bounds pointer arithmetic under speculation"),
    ("speculation", "2021-33624", "a branch never taken architecturally, taken speculatively"),
    ("speculation", "2021-31829 2021-34556 2021-35477", "speculative loads and store bypass"),
    ("JIT", "2021-29154", "branch displacement of a shrinking image computed from a stale layout"),
    ("JIT", "jit-spray", "a branch that lands inside an instruction; an attacker's constants"),
    ("maps", "2021-41864 2021-47376 2024-26883 2024-26884",
     "size multiplication overflow; overflow checked after rounding; oversized allocation"),
    ("maps", "2021-4001", "a map made read-only while a writer is in flight"),
    ("maps", "2024-50262", "LPM next-key writes past its stack"),
    ("maps", "2024-56614 2024-56615", "signed index on delete"),
    ("maps", "2023-52447", "inner map freed while a program still reads it"),
    ("maps", "2021-20268", "allocation size of device and socket maps"),
    ("BTF", "2022-0500", "out-of-bounds write while loading BTF"),
    ("BTF", "2021-29648", "tables of resolved ids and sizes read before they were set"),
    ("lifetime", "2026-23319", "trampoline link used after free"),
    ("lifetime", "2026-43016 2023-0160", "socket map: psock used after free; lock order"),
]

# Bugs that no change puts back by itself, and why.
NO_CHANGE = {
    "2021-3600": "The operation takes the operand it is given: that of 2021-3444 is the bug.",
    "2021-29154": "The image is decoded again before it is published, which refuses it first.",
    "jit-spray": "Its test asks for the constant where nothing is blinded, too.",
    "2021-41864": "", "2021-47376": "", "2024-26883": "", "2021-4001": "",
    "2024-50262": "Keys are found without a stack.", "2024-56614": "", "2024-56615": "", "2023-52447": "", "2021-20268": "",
    "2022-0500": "", "2021-29648": "", "2026-23319": "",
    "2026-43016": "There are no socket maps.", "2023-0160": "There are no socket maps.",
}
BY_HAND = "Not put back by a suite."

HEAD = """.. SPDX-License-Identifier: GPL-2.0

=========================
Bugs known from elsewhere
=========================

Classes of bugs that were exploited or crashed kernels, the tests that see them here, and how the bug
is put back to show that they do. This page is made by ``hazards.py`` from the names of the tests and
from the lists of changes of the suites *verifier* and *domain*, which make each change, build, and ask
for a failure.

"""


def changes():
    """Name of the test -> what is changed."""
    found = {}
    for path in sorted(TESTS.glob("*/mutants.py")):
        spec = importlib.util.spec_from_file_location("m", path)
        module = importlib.util.module_from_spec(spec)
        sys.dont_write_bytecode = True
        spec.loader.exec_module(module)
        for row in module.MUTANTS:
            name = next((str(c) for c in row if "hazard_" in str(c)), "")
            if name:
                what = row[0] if len(row) == 5 else row[1]
                what = re.sub(r"hazard_\w+[:,]? *", "", what) or row[1]
                for one in re.findall(r"hazard_\w+", name):
                    found.setdefault(one, []).append((path.parent.name, what))
    return found


def tests():
    """Name of the bug -> files, and how many cases or functions of each are about it."""
    found = {}
    for path in sorted(TESTS.glob("**/*")):
        if path.suffix not in (".c", ".case") or not path.is_file():
            continue
        text = path.read_text(errors="replace")
        marks = re.findall(r"^== *(hazard_\w+)", text, re.M) if path.suffix == ".case" else \
            re.findall(r"\b(hazard_\w+)", text)
        where = str(path.relative_to(TESTS))
        for mark in marks:
            found.setdefault(mark, {}).setdefault(where, 0)
            found[mark][where] += 1
    return found


def matching(table, ident):
    want = "hazard_" + ident.replace("-", "_")
    return [value for name, value in table.items()
            if name == want or re.match(re.escape(want) + r"_(?!\d)", name)]


def page():
    """The page, and what is missing."""
    seen, made = tests(), changes()
    out, missing = [HEAD], []
    for group, idents, what in ROWS:
        title = f"{group}: {what}"
        out.append(f"{title}\n{'-' * len(title)}\n\n")
        for ident in idents.split():
            files = {}
            for hit in matching(seen, ident):
                for where, count in hit.items():
                    files[where] = files.get(where, 0) + count
            puts = sorted({w for hit in matching(made, ident) for w in hit})
            if not files:
                missing.append(f"{ident}: no test has hazard_{ident.replace('-', '_')} in its name")
            if not puts and ident not in NO_CHANGE:
                missing.append(f"{ident}: nothing puts the bug back")
            cases = [f"``{w}`` ({n} cases)" if w.endswith(".case") else f"``{w}``"
                     for w, n in sorted(files.items())]
            line = f"- {ident}: {', '.join(cases)}."
            line += "".join(f" {suite}: *{text}*." for suite, text in puts) or \
                " " + (NO_CHANGE.get(ident) or BY_HAND)
            out.append(line + "\n")
        out.append("\n")
    return "".join(out).rstrip("\n") + "\n", missing


def main():
    text, missing = page()
    for line in missing:
        print(f"not ok {line}")
    if "--check" not in sys.argv:
        PAGE.write_text(text)
        return bool(missing)
    same = PAGE.exists() and PAGE.read_text() == text
    print(f"{'ok' if same else 'not ok'} hazards.rst is what hazards.py makes")
    count = sum(len(idents.split()) for _, idents, _ in ROWS)
    print(f"{count - len(missing) + same} passed, {len(missing) + (not same)} failed")
    return bool(missing) or not same


if __name__ == "__main__":
    sys.exit(main())
