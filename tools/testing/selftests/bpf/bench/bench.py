#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Run the benchmark in a guest that counts instructions, print tables, and compare with last time.

  bench.py verify   load every program: what the verifier spent
  bench.py count    the same in a process here, without guest instructions
  bench.py memory   load every program: what memory the system call took
  bench.py run      run programs in the guest: interpreter and JIT
  bench.py native   run programs in a process here: interpreter, JIT without its rules, JIT
  bench.py rules    what each rule of the JIT is worth: native, without it
  bench.py image    print the machine code of programs, as native last saw them
  bench.py show     print what was measured last
  bench.py diff     differences in verdicts between this kernel and another one's results
  bench.py tables   write what run (under the names kbpf and stock) and native found to jit.rst
  bench.py figures  write what verify and memory found (likewise) to verifier_bench.rst, and keep
                    it in figures.json, with which later runs are compared

--image boots another kernel; --name files its results apart, --against compares with those.
"""

import argparse
import json
import math
import os
import pathlib
import re
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
HOST = BUILD / "host"
# What each mode of a process is told.
NATIVE = {"interp": {"KBPF_JIT": "0"}, "simple": {"KBPF_JIT": "1", "KBPF_JIT_RULES": "0"},
          "jit": {"KBPF_JIT": "1"}}
JIT_RST = ROOT / "Documentation/bpf/jit.rst"
VERIFY_RST = ROOT / "Documentation/bpf/verifier_bench.rst"
FIGURES = HERE / "figures.json"
KEPT = ("processed", "states", "state", "memory", "time", "slab")
JIT_H = ROOT / "arch/x86/net/jit.h"
EMPTY = "micro_alu/empty/http"


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


def save(name, kind, rows, objects=()):
    """Keep the figures, and those before them; where only some objects were run, those of others."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    path = file_of(name, kind)
    if objects:
        rows = sorted([r for r in load(name, kind).values() if r["object"] not in objects] + rows,
                      key=lambda r: r["object"])
    if path.exists():
        path.replace(path.with_suffix(".old.json"))
    path.write_text(json.dumps(rows, indent=1) + "\n")


def key(row):
    """What a row is about."""
    return "/".join(str(row[k]) for k in ("object", "prog", "packet") if k in row)


def geomean(values):
    values = [v for v in values if v > 0]
    return math.exp(sum(map(math.log, values)) / len(values)) if values else 0


def kib(size):
    """Bytes as KiB, rounded up."""
    return -(-size // 1024)


def figures():
    """What is kept in the tree: the figures of the programs that were accepted."""
    try:
        kept = json.loads(FIGURES.read_text())
    except (OSError, ValueError):
        return {}
    return {k: dict(zip(KEPT, v), ok=True) for k, v in kept.items()}


def show_verify(args):
    """One line a program, totals, and what was refused."""
    rows = load(args.name, "verify")
    other = load(args.against, "verify") if args.against else figures()
    lines = []
    for k, r in rows.items():
        o = other.get(k, {})
        lines.append([k, r["insns"], "ok" if r["ok"] else f"errno {r['errno']}", r["processed"],
                      change(r["processed"], o.get("processed")), r["states"], r["peak"],
                      r.get("state") or "-", kib(r["memory"]) if r["memory"] else "-",
                      r["time"], change(r["time"], o.get("time"))])
    table(["program", "insns", "verdict", "processed", "", "states", "peak", "bytes", "KiB",
           "guest insns", ""],
          lines)
    good = [r for r in rows.values() if r["ok"]]
    print(f"\n{len(good)} of {len(rows)} programs accepted; {sum(r['processed'] for r in good)} "
          f"instructions processed, {sum(r['time'] for r in good)} guest instructions")
    both = [(r, other[k]) for k, r in rows.items() if r["ok"] and other.get(k, {}).get("ok")]
    if both:
        print(f"against {args.against or 'the figures in the tree'} ({len(both)} programs): processed x"
              f"{geomean([r['processed'] / o['processed'] for r, o in both if o['processed']]):.2f}, "
              f"time x{geomean([r['time'] / o['time'] for r, o in both if o['time']]):.2f}")
    for k, r in rows.items():
        if not r["ok"]:
            print(f"refused: {k}: {r.get('why') or 'errno ' + str(r['errno'])}")


def disassemble(image):
    """Machine instructions of an image in hex, one a line."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(bytes.fromhex(image))
        file.flush()
        done = subprocess.run(["objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel",
                               "--no-show-raw-insn", file.name], text=True, check=True,
                              stdout=subprocess.PIPE)
    return [line for line in done.stdout.splitlines() if re.match(r" +[0-9a-f]+:\t", line)]


def straight_length(image):
    """Instructions that an image without branches executes: up to its return."""
    for count, line in enumerate(disassemble(image), 1):
        if re.search(r"\t(ret|jmp)\b", line):
            return count
    return 0


def spent(rows, k, mode, what="time"):
    """What a program took, entry and exit included; None where it did not run.

    A run of the empty program less its own instructions is what a run costs beside the program.
    """
    field = "time" if what == "ns" else what
    r = rows.get(k, {}).get(mode, {})
    if field not in r:
        return None
    if what not in spent.known.setdefault(id(rows), {}):
        empty = rows.get(EMPTY, {}).get("jit", {})
        own = straight_length(empty["image"]) if what != "ns" and "image" in empty else 0
        spent.known[id(rows)][what] = empty.get(field, 0) - own
    return max(r[field] - spent.known[id(rows)][what], 0)


spent.known = {}


def ratio(new, old):
    """A quotient for people; nothing where there is none, or too little to divide."""
    return f"{new / old:.2f}" if new and old and old >= 2 else ""


def differing(rows):
    """Programs whose result depends on the mode: (key, results)."""
    for k, r in rows.items():
        results = {m: r[m]["ret"] for m in r if isinstance(r[m], dict) and "ret" in r[m]}
        if len(set(results.values())) > 1:
            yield k, results


def complain(rows):
    """Say which results differ, and whether any do."""
    bad = list(differing(rows))
    for k, results in bad:
        print(f"error: {k}: " + ", ".join(f"{m} returned {v}" for m, v in results.items()))
    return bool(bad)


def run_lines(rows, other):
    """Lines of the guest's table, and quotients by mode: {mode: {key: quotient}}."""
    lines, quotients = [], {m: {} for m in MODES}
    for k, r in rows.items():
        cells = [k]
        for mode in MODES:
            new, old = spent(rows, k, mode), spent(other, k, mode)
            cells.append(f"errno {r.get(mode, {}).get('errno')}" if new is None else f"{new:.0f}")
            cells.append(f"{old:.0f}" if old is not None else "")
            cells.append(ratio(new, old))
            if k != EMPTY and new and old and old >= 2:
                quotients[mode][k] = new / old
        cells += [r.get("jit", {}).get("jited", ""),
                  other.get(k, {}).get("jit", {}).get("jited", "")]
        lines.append(cells)
    return lines, quotients


RUN_HEAD = ["program/packet", "interpreter", "{0}", "ratio", "JIT", "{0}", "ratio", "bytes", "{0}"]


def run_sums(quotients, name):
    """One line a mode about all programs together."""
    for mode, q in quotients.items():
        if q:
            worst = max(q, key=q.get)
            yield (f"{'JIT' if mode == 'jit' else 'interpreter'} against {name}: geometric mean "
                   f"{geomean(q.values()):.2f} of {len(q)} programs, worst {q[worst]:.2f} ({worst})")


def show_run(args):
    """One line a program: instructions of a run, without those of the empty program."""
    rows = load(args.name, "run")
    name = args.against or "before"
    other = load(args.against, "run") if args.against else load(args.name, "run", old=True)
    lines, quotients = run_lines(rows, other)
    table([h.format(name) for h in RUN_HEAD], lines)
    for line in run_sums(quotients, name):
        print(line)
    return complain(rows)


NATIVE_HEAD = ["program/packet", "interpreter", "one-to-one", "JIT", "to one-to-one",
               "ns: interpreter", "one-to-one", "JIT", "bytes: one-to-one", "JIT"]

NATIVE_TIMES = range(5, 8)


def native_lines(rows):
    """Lines of the process's table, and what the JIT is of its own simple mode and interpreter."""
    lines, quotients = [], {"simple": [], "interp": [], "bytes": []}
    for k, r in rows.items():
        steps = {m: spent(rows, k, m, "steps") for m in NATIVE}
        ns = {m: spent(rows, k, m, "ns") for m in NATIVE}
        if None in steps.values():
            lines.append([k] + [f"errno {r.get(m, {}).get('errno')}" for m in NATIVE] + [""] * 6)
            continue
        sizes = [r[m]["jited"] for m in ("simple", "jit")]
        lines.append([k, *(f"{v:.0f}" for v in steps.values()), ratio(steps["jit"], steps["simple"]),
                      *("" if v is None else f"{v:.0f}" for v in ns.values()), *sizes])
        if k != EMPTY and steps["jit"]:
            quotients["simple"].append(steps["jit"] / steps["simple"])
            quotients["interp"].append(steps["jit"] / steps["interp"])
            quotients["bytes"].append(sizes[1] / sizes[0])
    return lines, quotients


def native_sums(q):
    """What all programs come to."""
    if q["simple"]:
        yield (f"{len(q['simple'])} programs; geometric means: {geomean(q['simple']):.2f} of the "
               f"instructions of one-to-one, {geomean(q['interp']):.2f} of the interpreter's, "
               f"{geomean(q['bytes']):.2f} of the bytes of one-to-one")


def show_native(args):
    """Instructions, nanoseconds and bytes in a process."""
    rows = load(args.name, "native")
    if not rows:
        return False
    lines, quotients = native_lines(rows)
    table(NATIVE_HEAD, lines)
    for line in native_sums(quotients):
        print(line)
    return complain(rows)


def object_files(args):
    return [OBJECTS / f"{n}.bpf.o" for n in args.objects] or sorted(OBJECTS.glob("*.bpf.o"))


def load_in_pieces(args, kind, flags):
    """Load objects, some in a guest; what one piece found is kept whatever comes of the next."""
    names = object_files(args)
    for first in range(0, len(names), args.piece):
        piece = names[first:first + args.piece]
        rows = guest(args, shlex.join([str(OBJECTS / "load"), *flags, *map(str, piece)]), args.timeout)
        save(args.name, kind, rows, {p.name.split(".")[0] for p in piece})


def verify(args):
    load_in_pieces(args, "verify", ["-v"] if args.verbose else [])
    show_verify(args)
    return 0


def count(args):
    """What does not depend on the kernel that runs: by bpfcheck."""
    done = subprocess.run([BUILD / "bpfcheck/bpfcheck", "-q", "--json", *object_files(args)], text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"error: bpfcheck ended with status {done.returncode}")
    rows = [{"object": pathlib.Path(f["file"]).name.split(".")[0], "prog": p["name"],
             "ok": p["verdict"] == "accepted", "errno": p["errno"], "insns": 0, "time": 0,
             "processed": p["insns"], "states": p["states"], "peak": p["peak_states"],
             "state": p["bytes_per_state"], "memory": p["peak_bytes"]}
            for f in json.loads(done.stdout)["files"] for p in f["programs"]]
    save(args.name, "verify", rows, args.objects)
    show_verify(args)
    return 0


def memory(args):
    """A run of its own: what traces allocations takes time."""
    load_in_pieces(args, "memory", ["-m"])
    other = load(args.against, "memory") if args.against else {}
    table(["program", "slab KiB", args.against],
          [[k, kib(r["slab"]), kib(other[k]["slab"]) if k in other else ""]
           for k, r in load(args.name, "memory").items()])
    return 0


def figure_lines(mine, other, slab, other_slab):
    """Lines of the table in the documentation: programs of a thousand instructions and more."""
    for k, r in sorted(mine.items(), key=lambda item: -item[1]["processed"]):
        o = other.get(k, {})
        if r["processed"] < 1000 or not r["ok"]:
            continue
        yield [k, f"{r['processed']:,}", f"{r['states']:,}", f"{r['state']:,}", f"{kib(r['memory']):,}",
               f"{r['time']:,}" if r["time"] else "",
               f"{o['processed']:,}" if o.get("ok") else "refused" if o else "",
               ratio(r["time"], o["time"]) if o.get("ok") else "",
               ratio(slab.get(k, {}).get("slab"), other_slab.get(k, {}).get("slab"))
               if o.get("ok") else ""]


def figure_sums(mine, other, slab, other_slab):
    """What all programs come to."""
    good = [r for r in mine.values() if r["ok"]]
    states = sum(r["states"] for r in good)
    yield (f"{len(good)} of {len(mine)} programs are accepted, in {len({r['object'] for r in good})} "
           f"objects: {sum(r['processed'] for r in good):,} instructions processed, {states:,} states "
           f"of {sum(r['states'] * r['state'] for r in good) // max(states, 1):,} bytes on average"
           + (f", {sum(r['time'] for r in good):,} guest instructions"
              if all(r["time"] for r in good) else ""))
    both = [k for k, r in mine.items() if r["ok"] and r["time"] and other.get(k, {}).get("ok")]
    if not both:
        return
    yield (f"the stock kernel accepts {sum(o['ok'] for o in other.values())}; of the {len(both)} that "
           "both accept, this one processes "
           f"{ratio(sum(mine[k]['processed'] for k in both), sum(other[k]['processed'] for k in both))} "
           "of its instructions and takes "
           f"{ratio(sum(mine[k]['time'] for k in both), sum(other[k]['time'] for k in both))} of its "
           "guest instructions; geometric mean of the quotients "
           f"{geomean([mine[k]['time'] / other[k]['time'] for k in both]):.2f}")
    held = [(slab[k]["slab"], other_slab[k]["slab"]) for k in both
            if slab.get(k, {}).get("slab", 0) > 0 and other_slab.get(k, {}).get("slab", 0) > 0]
    if held:
        yield (f"memory at the peak of the system call, {len(held)} programs: "
               f"{ratio(sum(a for a, _ in held), sum(b for _, b in held))} of the stock kernel's in sum, "
               f"geometric mean of the quotients {geomean([a / b for a, b in held]):.2f}")


def write_figures(args):
    """Replace the table of verifier_bench.rst, and keep the figures."""
    mine, other = load("kbpf", "verify"), load("stock", "verify")
    slab, other_slab = load("kbpf", "memory"), load("stock", "memory")
    if not mine:
        sys.exit("error: bench.py verify comes first")
    lines = [["program", "instructions", "states", "bytes", "peak KiB", "guest instructions",
              "stock: instructions", "time", "memory"],
             *figure_lines(mine, other, slab, other_slab)]
    # what was not measured has no column
    shown = [i for i in range(len(lines[0])) if any(line[i] for line in lines[1:])]
    lines = [[line[i] for i in shown] for line in lines]
    part = rst_table(lines[0], lines[1:])
    part += [""] + [f"- {line}" for line in figure_sums(mine, other, slab, other_slab)]
    replace_parts(VERIFY_RST, {"figures": part})
    kept = {k: [r.get(f) for f in KEPT[:-1]] + [slab.get(k, {}).get("slab")]
            for k, r in mine.items() if r["ok"]}
    FIGURES.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}"
                                          for k, v in kept.items()) + "\n}\n")
    return 0


def run(args):
    script = "; ".join(f"echo {value} >/proc/sys/net/core/bpf_jit_enable && {OBJECTS}/exec {OBJECTS} "
                       f"{' '.join(shlex.quote(n) for n in args.objects)} | sed -u 's/^{{/{{\"mode\":\"{mode}\",/'"
                       for mode, value in reversed(MODES.items()))
    rows = {}
    for row in guest(args, script, args.timeout):
        mode = row.pop("mode")
        rows.setdefault(key(row), {"object": row["object"], "prog": row["prog"],
                                   "packet": row["packet"]})[mode] = row
    save(args.name, "run", list(rows.values()))
    return show_run(args)


def run_native(args, rows, mode, settings, flags):
    """Run all programs in a process, once; what it says goes to the rows, under the mode."""
    env = {**os.environ, **settings, "LD_PRELOAD": str(HOST / "libkbpf_preload.so")}
    done = subprocess.run([OBJECTS / "exec", *flags, OBJECTS, *args.objects], env=env, text=True,
                          stdout=subprocess.PIPE, check=False)
    if done.returncode not in (0, 1):
        sys.exit(f"error: exec ended with status {done.returncode}")
    for line in done.stdout.splitlines():
        row = json.loads(line)
        about = {k: row[k] for k in ("object", "prog", "packet")}
        rows.setdefault(key(row), about).setdefault(mode, {}).update(row)


def native(args):
    """Every mode twice: one for the time, one step by step."""
    rows = {}
    for mode, settings in NATIVE.items():
        for flags in [], ["-s"]:
            run_native(args, rows, mode, settings, flags)
    save(args.name, "native", list(rows.values()))
    return show_native(args)


def rules(args):
    """All programs with all rules, and with all but one, for each."""
    names = re.findall(r'^\tX\(\w+, "([^"]+)"', JIT_H.read_text(), re.MULTILINE)
    rows = {}
    run_native(args, rows, "jit", NATIVE["jit"], ["-s"])
    for number, name in enumerate(names):
        mask = (1 << len(names)) - 1 & ~(1 << number)
        run_native(args, rows, name, {"KBPF_JIT": "1", "KBPF_JIT_RULES": f"{mask:#x}"}, ["-s"])
    save(args.name, "rules", list(rows.values()))
    return show_rules(args)


RULES_HEAD = ["without the rule", "programs that change", "instructions", "most", "bytes", "most"]


def rules_lines(rows):
    """One line a rule: what is more where it is off, of the programs whose code changes."""
    names = [m for m in next(iter(rows.values()), {}) if m not in ("object", "prog", "packet", "jit")]
    for name in names:
        steps, sizes = {}, {}
        for k, r in rows.items():
            new, old = spent(rows, k, name, "steps"), spent(rows, k, "jit", "steps")
            same = r[name].get("jited") == r["jit"].get("jited")
            # helpers do not always take the same way: less than that is none of the rule's
            if not new or not old or k == EMPTY or (same and abs(new / old - 1) < 0.005):
                continue
            steps[k] = new / old
            sizes[k] = r[name]["jited"] / r["jit"]["jited"]
        if steps:
            worst = max(steps, key=steps.get)
            yield [name, len(steps), f"{geomean(steps.values()):.3f}",
                   f"{steps[worst]:.2f} ({worst})", f"{geomean(sizes.values()):.3f}",
                   f"{max(sizes.values()):.2f}"]
        else:
            yield [name, 0, "", "", "", ""]


def show_rules(args):
    """What is gained by each rule."""
    rows = load(args.name, "rules")
    if not rows:
        return False
    table(RULES_HEAD, list(rules_lines(rows)))
    return complain(rows)


def image(args):
    """Machine code as the last run of native had it."""
    for k, r in load(args.name, "native").items():
        if args.objects and not any(k.startswith(name) for name in args.objects):
            continue
        for mode in NATIVE:
            if r.get(mode, {}).get("image"):
                print(f"{k}, {mode}:")
                print("\n".join(disassemble(r[mode]["image"])))
    return 0


def rst_table(head, lines):
    """Lines of a simple table; cells are never empty in the first column."""
    cells = [[str(c) for c in row] for row in [head, *lines]]
    width = [max(max(len(row[i]) for row in cells), 1) for i in range(len(head))]
    rule = "  ".join("=" * w for w in width)
    text = ["  ".join(c.ljust(w) for c, w in zip(row, width)).rstrip() for row in cells]
    return [rule, text[0], rule, *text[1:], rule]


def replace_parts(path, parts):
    """Put lines between the marks of each part of a page."""
    text = path.read_text()
    for name, part in parts.items():
        begin, end = f".. {name} begins\n", f".. {name} ends\n"
        if begin not in text or end not in text:
            sys.exit(f"error: {path} has no marks for {name}")
        head, rest = text.split(begin)
        text = head + begin + "\n" + "\n".join(part) + "\n\n" + end + rest.split(end)[1]
    path.write_text(text)


def tables(args):
    """Replace what stands between the marks of the two tables."""
    mine, other, here = load("kbpf", "run"), load("stock", "run"), load("kbpf", "native")
    if not (mine and other and here):
        sys.exit("error: bench.py run, run --image ... --name stock, and native come first")
    parts = {}
    lines, quotients = run_lines(mine, other)
    parts["guest"] = rst_table([h.format("stock") for h in RUN_HEAD], lines)
    parts["guest"] += [""] + [f"- {line}" for line in run_sums(quotients, "stock")]
    # without the times: these are one machine's, and one run's
    lines, quotients = native_lines(here)
    counted = [i for i, head in enumerate(NATIVE_HEAD) if i not in NATIVE_TIMES]
    parts["native"] = rst_table([NATIVE_HEAD[i] for i in counted],
                                [[line[i] for i in counted] for line in lines])
    parts["native"] += [""] + [f"- {line}" for line in native_sums(quotients)]
    replace_parts(JIT_RST, parts)
    return 0


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
    p.add_argument("what", choices=["verify", "run", "native", "rules", "image", "show", "diff",
                                       "tables", "memory", "figures", "count"])
    p.add_argument("objects", nargs="*", help="names of objects (default: all)")
    p.add_argument("--image", help="another kernel image")
    p.add_argument("--name", default="kbpf", help="under which the results are kept")
    p.add_argument("--against", default="", help="a name to compare with")
    p.add_argument("--accel", default="icount")
    p.add_argument("--memory", default="3G")
    p.add_argument("--timeout", type=int, default=1800)
    p.add_argument("--piece", type=int, default=13, help="objects that one guest loads")
    p.add_argument("--verbose", action="store_true", help="whole logs of what is refused")
    args = p.parse_intermixed_args()
    does = {"verify": verify, "run": run, "native": native, "rules": rules, "image": image,
            "diff": diff, "tables": tables, "memory": memory, "figures": write_figures, "count": count}
    if args.what in does:
        return does[args.what](args)
    show_verify(args)
    show_native(args)
    show_rules(args)
    return show_run(args)


if __name__ == "__main__":
    sys.exit(main())
