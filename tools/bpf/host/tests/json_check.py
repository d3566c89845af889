#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Is what bpfcheck --json writes what bpfcheck.1 promises? Reads standard input, prints the verdicts."""

import json
import sys

TEXT, NUMBER, MAYBE = (str,), (int,), (str, type(None))
FIGURES = {"time_usec": NUMBER, "insns": NUMBER, "states": NUMBER, "peak_states": NUMBER,
           "max_states_per_insn": NUMBER, "memory": NUMBER, "bytes_per_state": NUMBER,
           "peak_bytes": NUMBER}
PROGRAM = {"name": TEXT, "section": TEXT, "type": TEXT, "verdict": TEXT, "errno": NUMBER,
           "stack": MAYBE}
REJECTION = {"id": MAYBE, "message": MAYBE, "reason": MAYBE, "note": MAYBE, "hint": MAYBE, "at": MAYBE,
             "insn": NUMBER, "source": (dict, type(None)), "path": (list,)}


def check(thing, fields, where):
    """All fields, of their types, and no other."""
    assert set(thing) == set(fields), f"{where}: {sorted(set(thing) ^ set(fields))}"
    for name, kinds in fields.items():
        assert isinstance(thing[name], kinds), f"{where}: {name} is {thing[name]!r}"


def program(p):
    """Which fields there are depends on the verdict."""
    fields = dict(PROGRAM)
    assert p["verdict"] in ("accepted", "rejected", "unchecked"), p["verdict"]
    assert (p["errno"] == 0) == (p["verdict"] == "accepted") or p["verdict"] == "unchecked", p
    if p["verdict"] == "unchecked":
        fields["trouble"] = TEXT
    else:
        fields |= FIGURES
    if p["verdict"] == "rejected":
        fields["rejection"] = (dict,)
    check(p, fields, p["name"])
    if p["verdict"] == "rejected":
        check(p["rejection"], REJECTION, p["name"])
        source = p["rejection"]["source"]
        if source:
            check(source, {"file": TEXT, "line": NUMBER, "context": (list,)}, "source")
            for line in source["context"]:
                check(line, {"line": NUMBER, "text": TEXT}, "line")
    return p["verdict"]


def main():
    top = json.load(sys.stdin)
    check(top, {"version": NUMBER, "files": (list,), "accepted": NUMBER, "rejected": NUMBER,
                "unchecked": NUMBER}, "the whole")
    verdicts = []
    for f in top["files"]:
        check(f, {"file": TEXT, "programs": (list,), "trouble": MAYBE}, "a file")
        verdicts += [f"{p['name']}:{program(p)}" for p in f["programs"]]
    print(" ".join(verdicts), top["accepted"], top["rejected"], top["unchecked"])


if __name__ == "__main__":
    main()
