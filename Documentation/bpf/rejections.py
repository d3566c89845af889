#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Writes rejections.rst from the verifier's table; --check: compares instead."""
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
TABLE = HERE.parents[1] / "kernel/bpf/verifier/rejections.def"
PAGE = HERE / "rejections.rst"

HEAD = """.. SPDX-License-Identifier: GPL-2.0

=====================
Why programs are refused
=====================

Each rejection has a name that never changes. The log prints the short line that tools and search
engines know, then ``reason:`` with the name and the rule that is broken, the place, the way the
verifier got there, and what can be done about it. This page is made from the table that the verifier
itself uses, ``kernel/bpf/verifier/rejections.def``, by ``rejections.py``.

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


def page():
    title = "Why programs are refused"
    out = [HEAD.replace("=====================", "=" * len(title))]
    for ident, errno, classic, rule, hint in rows():
        out.append(f"{ident}\n{'-' * len(ident)}\n\n``{classic}`` (-{errno})\n\n")
        if rule:
            out.append(f"{rule}\n\n")
        if hint:
            out.append(f"*What to do:* {hint}\n\n")
    return "".join(out).rstrip("\n") + "\n"


def main():
    if "--check" in sys.argv[1:]:
        same = PAGE.exists() and PAGE.read_text() == page()
        if not same:
            print("rejections.rst is not what rejections.py writes: run it")
        print(f"{int(same)} passed, {int(not same)} failed")
        sys.exit(not same)
    PAGE.write_text(page())


main()
