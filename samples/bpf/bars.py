#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
"""Draws `bpftool -j map dump` of a map from comm to count as a bar chart."""
import json
import sys

WIDTH = 48


def name_of(key):
    raw = key["name"] if isinstance(key, dict) else key
    if isinstance(raw, str):
        return raw
    chars = [int(c, 0) if isinstance(c, str) and c.startswith("0x") else c for c in raw]
    text = "".join(c if isinstance(c, str) else chr(c & 0xff) for c in chars)
    return text.split("\0", 1)[0]


def main():
    rows = []
    for elem in json.load(sys.stdin):
        elem = elem.get("formatted", elem)
        rows.append((elem["value"], name_of(elem["key"])))
    if not rows:
        sys.exit("no entries")
    rows.sort(reverse=True)
    top = rows[0][0]
    for count, name in rows[:12]:
        print(f"  {name:16} {count:8}  {'#' * max(1, count * WIDTH // top)}")


main()
