#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the benchmark in a guest that counts instructions, print tables, and compare with last time.

  bench.py verify   load every program: what the verifier spent
  bench.py run      run programs: interpreter against JIT
  bench.py show     print what was measured last
  bench.py diff     differences in verdicts between this kernel and another one's results

--image boots another kernel; --name files its results apart, --against compares with those.
"""

import argparse
import json
import math
import os
import pathlib
import shlex
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[4]
BUILD = ROOT / "build"
OBJECTS = pathlib.Path(os.environ.get("O", BUILD / "tests/bench"))
RESULTS = BUILD / "bench"
MODES = {"interp": 0, "jit": 1}


def guest(args, script, timeout):
    """Run a script in the guest; its output as a list of JSON objects."""
    with tempfile.TemporaryDirectory(prefix="kbpf-bench-") as out:
        line = [str(ROOT / "series/guest.py"), "--accel", args.accel, "--out", out,
                "--timeout", str(timeout), "--memory", args.memory,
                "--console", str(BUILD / "log" / f"bench-{args.name}.log")]
        if args.image:
            line += ["--image", args.image]
        done = subprocess.run([*line, "--", "bash", "-c", script], text=True, errors="replace",
                              stdout=subprocess.PIPE, check=False)
    rows = []
    for text in done.stdout.splitlines():
        if text.startswith("{"):
            try:
                rows.append(json.loads(text))
            except ValueError:
                print(f"warning: a line that was cut short: {text}", file=sys.stderr)
        elif text:
            print(text, file=sys.stderr)
    if not rows:
        sys.exit(f"error: the guest printed no figures (status {done.returncode})")
    if done.returncode > 1:
        print(f"warning: the guest ended with status {done.returncode}", file=sys.stderr)
    return rows


def table(head, rows):
    """Lines of columns; the first is flush left."""
    cells = [[str(c) for c in row] for row in [head, *rows]]
    width = [max(len(row[i]) for row in cells) for i in range(len(head))]
    for row in cells:
        print("  ".join(c.ljust(w) if i == 0 else c.rjust(w)
                        for i, (c, w) in enumerate(zip(row, width))).rstrip())


def change(new, old):
    """How much a figure moved, in percent, or nothing."""
    if not old or not new:
        return ""
    percent = (new - old) * 100 / old
    return f"{percent:+.0f}%" if abs(percent) >= 1 else ""


def file_of(name, kind):
    return RESULTS / f"{kind}-{name}.json"


def load(name, kind, old=False):
    path = file_of(name, kind)
    if old:
        path = path.with_suffix(".old.json")
    try:
        return {key(r): r for r in json.loads(path.read_text())}
    except (OSError, ValueError):
        return {}


def save(name, kind, rows):
    """Keep the figures, and those before them."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = file_of(name, kind)
    if path.exists():
        path.replace(path.with_suffix(".old.json"))
    path.write_text(json.dumps(rows, indent=1) + "\n")


def key(row):
    """What a row is about."""
    return "/".join(str(row[k]) for k in ("object", "prog", "packet") if k in row)


def geomean(values):
    values = [v for v in values if v > 0]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else 0


def show_verify(args):
    """One line a program, totals, and what was refused."""
    rows = load(args.name, "verify")
    other = load(args.against, "verify") if args.against else load(args.name, "verify", old=True)
    lines = []
    for k, r in rows.items():
        o = other.get(k, {})
        lines.append([k, r["insns"], "ok" if r["ok"] else f"errno {r['errno']}", r["processed"],
                      change(r["processed"], o.get("processed")), r["states"], r["peak"],
                      r["memory"] // 1024 if r["memory"] else "-",
                      r["time"], change(r["time"], o.get("time"))])
    table(["program", "insns", "verdict", "processed", "", "states", "peak", "KiB", "guest insns", ""],
          lines)
    good = [r for r in rows.values() if r["ok"]]
    print(f"\n{len(good)} of {len(rows)} programs accepted; {sum(r['processed'] for r in good)} "
          f"instructions processed, {sum(r['time'] for r in good)} guest instructions")
    both = [(r, other[k]) for k, r in rows.items() if r["ok"] and other.get(k, {}).get("ok")]
    if both:
        print(f"against {args.against or 'the run before'} ({len(both)} programs): processed x"
              f"{geomean([r['processed'] / o['processed'] for r, o in both if o['processed']]):.2f}, "
              f"time x{geomean([r['time'] / o['time'] for r, o in both if o['time']]):.2f}")
    for k, r in rows.items():
        if not r["ok"]:
            print(f"refused: {k}: {r.get('why') or 'errno ' + str(r['errno'])}")


def show_run(args):
    """One line a program: instructions of a run, without those of the empty program."""
    rows = load(args.name, "run")
    other = load(args.against, "run") if args.against else load(args.name, "run", old=True)

    def spent(all_rows, k, mode):
        r = all_rows.get(k, {}).get(mode)
        base = all_rows.get("micro_alu/empty/http", {}).get(mode)
        if not r or "time" not in r or not base:
            return 0
        return max(r["time"] - base["time"], 0) if k != "micro_alu/empty/http" else r["time"]

    lines = []
    ratios = {m: [] for m in MODES}
    for k, r in rows.items():
        cells = [k]
        for mode in MODES:
            new, old = spent(rows, k, mode), spent(other, k, mode)
            cells += [new if "time" in r.get(mode, {}) else f"errno {r.get(mode, {}).get('errno')}",
                      change(new, old)]
            if new and old and not k.startswith("micro_alu/empty"):
                ratios[mode].append(new / old)
        interp, jit = spent(rows, k, "interp"), spent(rows, k, "jit")
        size = r.get("jit", {})
        cells += [f"{interp / jit:.1f}" if interp and jit else "", size.get("xlated", 0) // 8,
                  size.get("jited", 0)]
        lines.append(cells)
    table(["program/packet", "interpreter", "", "JIT", "", "ratio", "insns", "image bytes"], lines)
    for mode in MODES:
        if ratios[mode]:
            print(f"{mode} against {args.against or 'the run before'}: x{geomean(ratios[mode]):.2f} "
                  f"(worst x{max(ratios[mode]):.2f}, {len(ratios[mode])} programs)")
    strange = [k for k, r in rows.items()
               if "ret" in r.get("interp", {}) and "ret" in r.get("jit", {})
               and r["interp"]["ret"] != r["jit"]["ret"]]
    for k in strange:
        print(f"error: {k}: the interpreter returned {rows[k]['interp']['ret']}, "
              f"the JIT {rows[k]['jit']['ret']}")
    return bool(strange)


def verify(args):
    names = [OBJECTS / f"{n}.bpf.o" for n in args.objects] or sorted(OBJECTS.glob("*.bpf.o"))
    flag = "-v " if args.verbose else ""
    rows = guest(args, f"{OBJECTS}/load {flag}" + " ".join(shlex.quote(str(n)) for n in names), args.timeout)
    save(args.name, "verify", rows)
    show_verify(args)
    return 0


def run(args):
    script = "; ".join(f"echo {value} >/proc/sys/net/core/bpf_jit_enable && {OBJECTS}/exec {OBJECTS} "
                       f"{args.repeat} | sed -u 's/^{{/{{\"mode\":\"{mode}\",/'"
                       for mode, value in MODES.items())
    rows = {}
    for row in guest(args, script, args.timeout):
        mode = row.pop("mode")
        rows.setdefault(key(row), {"object": row["object"], "prog": row["prog"],
                                   "packet": row["packet"]})[mode] = row
    save(args.name, "run", list(rows.values()))
    return show_run(args)


def diff(args):
    """Programs on whose verdict two kernels differ."""
    mine, other = load(args.name, "verify"), load(args.against, "verify")
    count = 0
    for k, r in mine.items():
        if k in other and r["ok"] != other[k]["ok"]:
            count += 1
            who, why = (args.name, r) if not r["ok"] else (args.against, other[k])
            print(f"{k}: refused by {who}: {why.get('why') or why['errno']}")
    print(f"{count} verdicts differ, of {len(mine)}")
    return 0


def main():
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=["verify", "run", "show", "diff"])
    p.add_argument("objects", nargs="*", help="names of objects (default: all)")
    p.add_argument("--image", help="another kernel image")
    p.add_argument("--name", default="kbpf", help="under which the results are kept")
    p.add_argument("--against", default="", help="a name to compare with")
    p.add_argument("--accel", default="icount")
    p.add_argument("--memory", default="3G")
    p.add_argument("--repeat", type=int, default=20)
    p.add_argument("--timeout", type=int, default=1800)
    p.add_argument("--verbose", action="store_true", help="whole logs of what is refused")
    args = p.parse_args()
    if args.what == "verify":
        return verify(args)
    if args.what == "run":
        return run(args)
    if args.what == "diff":
        return diff(args)
    show_verify(args)
    return show_run(args)


if __name__ == "__main__":
    sys.exit(main())
