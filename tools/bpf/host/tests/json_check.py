#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Is what bpfcheck --json writes what bpfcheck.schema.json promises? Reads standard input, prints the
verdicts. Stricter than the schema, for which fields may be added: no field may be that it does not name."""

import json
import pathlib
import sys

SCHEMA = json.loads((pathlib.Path(__file__).resolve().parents[2] /
                     "bpfcheck/bpfcheck.schema.json").read_text())
TYPES = {"object": dict, "array": list, "string": str, "integer": int, "null": type(None)}


def is_type(thing, name):
    return isinstance(thing, TYPES[name]) and not (name == "integer" and isinstance(thing, bool))


def complaints(thing, schema, where):
    """What is wrong with it, by the part of JSON Schema that the file uses."""
    if "$ref" in schema:
        yield from complaints(thing, SCHEMA["$defs"][schema["$ref"].rsplit("/", 1)[1]], where)
        return
    if "anyOf" in schema:
        tried = [list(complaints(thing, one, where)) for one in schema["anyOf"]]
        if all(tried):
            yield from tried[-1]
        return
    unknown = set(schema) - {"$schema", "$comment", "$defs", "type", "required", "properties", "items",
                             "const", "enum", "minimum"}
    if unknown:
        yield f"{where}: the schema uses {sorted(unknown)}"
    if "const" in schema and thing != schema["const"]:
        yield f"{where} is {thing!r}"
    if "enum" in schema and thing not in schema["enum"]:
        yield f"{where} is {thing!r}"
    kinds = schema.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(is_type(thing, kind) for kind in kinds):
        yield f"{where} is {thing!r}"
        return
    if "minimum" in schema and thing < schema["minimum"]:
        yield f"{where} is {thing}"
    if isinstance(thing, dict):
        names = schema["properties"]
        for name in set(schema["required"]) - set(thing):
            yield f"{where} has no {name}"
        for name, value in thing.items():
            if name not in names:
                yield f"{where} has {name}"
            else:
                yield from complaints(value, names[name], f"{where}.{name}")
    if isinstance(thing, list):
        for i, value in enumerate(thing):
            yield from complaints(value, schema["items"], f"{where}[{i}]")


def unlike_its_verdict(program):
    """What a schema does not say."""
    verdict = program["verdict"]
    return (verdict == "rejected") != bool(program["rejection"]) or \
        (verdict == "unchecked") != bool(program["trouble"]) or \
        verdict == "accepted" and program["errno"] or verdict == "rejected" and not program["errno"]


def main():
    top = json.load(sys.stdin)
    wrong = list(complaints(top, SCHEMA, "it"))
    if wrong:
        sys.exit("\n".join(wrong))
    programs = [p for f in top["files"] for p in f["programs"]]
    wrong = [p["name"] for p in programs if unlike_its_verdict(p)]
    if wrong:
        sys.exit(f"verdicts of {wrong}")
    print(" ".join(f"{p['name']}:{p['verdict']}" for p in programs), top["accepted"], top["rejected"],
          top["unchecked"])


if __name__ == "__main__":
    main()
