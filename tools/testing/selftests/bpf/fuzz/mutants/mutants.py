#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Put known kinds of verifier bugs back: the containment oracle has to see each.

usage: mutants.py DIRECTORY [PART OF A NAME]

DIRECTORY is where the host home was built with ORACLE=1. Only the changed file is compiled again. A mutant
that does not compile, or whose text is not found exactly once, is a failure of this test and no kill;
so is one that is noticed in another way than by the oracle.
"""

import concurrent.futures
import os
import pathlib
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[6]
HOST = ROOT / "tools/bpf/host"
FUZZ = ROOT / "tools/testing/selftests/bpf/fuzz"
INPUTS = 3000

# name, file, text, replacement, and which input to begin with where it is a rare one that programs with
# objects show; for the others those without do, which take less time. The names say which class of bug it is.
MUTANTS = [
    ("a jump bounds its other way off by one", "domain/jump.c",
     '"JGT", relation_ult, true, SCALAR_JLE', '"JGT", relation_ult, true, SCALAR_JLT'),
    ("a signed jump taken for an unsigned one", "domain/jump.c",
     '"JSLT", relation_slt,', '"JSLT", relation_ult,'),
    ("a 32-bit jump refines 64-bit bounds", "verifier/jump.c",
     "return insn_class(insn) == BPF_JMP32;", "return false;"),
    ("32-bit arithmetic taken for 64-bit", "verifier/alu.c",
     "return insn_class(insn) == BPF_ALU64;", "return true;"),
    ("a division taken for a signed one", "verifier/alu.c",
     "if (insn->off == 1 && op == BPF_DIV)", "if (op == BPF_DIV)"),
    ("a sign extension forgotten", "verifier/alu.c",
     "scalar_alu(sign_extend ? sext[bytes] : zext[bytes]", "scalar_alu(zext[bytes]"),
    ("a 32-bit move keeps the upper half", "verifier/alu.c",
     "		*dst = *src;\n	if (!insn_is_64(insn))\n		reg_cut_to(dst, 4, false);\n	return 0;\n}\n\n/**\n * walk_movsx",
     "		*dst = *src;\n	return 0;\n}\n\n/**\n * walk_movsx"),
    ("a logical shift taken for an arithmetic one", "domain/alu.c",
     "SHIFT(RSH, view_rsh, false)", "SHIFT(RSH, view_arsh, false)"),
    ("linked numbers at a distance taken for equal", "verifier/jump.c",
     "if (reg->off != known->off) {", "if (0) {"),
    ("a link kept across a 32-bit addition", "verifier/alu.c",
     "if (!old->id || !insn_is_64(insn) || ", "if (!old->id || "),
    ("a narrow spill keeps the whole number", "verifier/mem_stack.c",
     "	if (size < 8)\n		reg_cut_to(&spilled, size, false);\n", ""),
    ("a fill of upper bytes without the shift", "verifier/mem_stack.c",
     "	if (first != slot->spill_off) {", "	if (0) {"),
    ("a store into a spilled number forgotten", "verifier/mem_stack.c",
     "		spill_break(&frame->slots[slot_of(off)]);\n", ""),
    ("a store at a variable offset forgotten", "verifier/mem_stack.c",
     "		spill_break(&span->frame->slots[slot_of(off)]);\n		if ((*byte", "		if ((*byte"),
    ("packet bytes proved one too many", "verifier/jump.c",
     "mark.range = ptr->off + below;", "mark.range = ptr->off + below + 1;"),
    ("a path pruned although a number matters", "verifier/relevance.c",
     "		if (s->regs & dst && insn_is_src_reg(insn))\n			s->regs |= src;\n", ""),
    ("a path pruned whatever a jump depends on", "verifier/cover.c",
     " &&\n	       number_in(c, &old->var, &new->var);\n}\n\n/*\n * What counts",
     ";\n}\n\n/*\n * What counts"),
    ("a jump's other operand forgotten", "verifier/relevance.c",
     "		rel_jump(rel, insn, i, s);\n", "", 1002300),
    ("a pointer minus a number taken for plus", "verifier/ptr_arith.c",
     "	if (!add_constant(dst, num, sub))", "	if (!add_constant(dst, num, false))"),
]


def recipe(directory, name, source):
    """The command that compiles an object of the host home."""
    out = subprocess.run(["make", "-s", "-n", "-W", source, "-C", HOST, "ORACLE=1", f"HO={directory}",
                          f"{directory}/{name}.o"], capture_output=True, text=True, check=True).stdout
    lines = [l for l in out.replace("\\\n", " ").splitlines() if f"/{name}.o" in l]
    return shlex.split(lines[-1])


def mutate(base, scratch, file, old, new):
    """A library in SCRATCH with one file changed. An error text, or None."""
    source = ROOT / "kernel/bpf" / file
    text = source.read_text()
    if text.count(old) != 1:
        return f"{file}: text found {text.count(old)} times"
    name = "kernel_bpf_" + file[:-2].replace("/", "_")
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    for path in [*base.glob("*.o"), *base.glob("kernel.h*")]:
        if not path.name.startswith(("core", "kbpf", "absent")) and path.stem != name:
            os.link(path, scratch / path.name)
    changed = scratch / source.name
    changed.write_text(text.replace(old, new))
    command = recipe(base, name, source)
    command[command.index(str(source))] = str(changed)
    command[command.index(f"{base}/{name}.o")] = str(scratch / f"{name}.o")
    done = subprocess.run(command + ["-w", "-I", str(source.parent)], cwd=HOST, capture_output=True,
                          text=True)
    if done.returncode:
        return "does not compile: " + done.stderr[:300]
    done = subprocess.run(["make", "-s", "-C", HOST, "ORACLE=1", f"HO={scratch}", "-o", "FORCE",
                           f"{scratch}/libkbpf.a"], capture_output=True, text=True)
    return "does not link: " + done.stderr[:300] if done.returncode else None


def link(directory, exe):
    """The driver with the library of a directory."""
    subprocess.run([os.environ.get("CC", "gcc"), "-O1", "-g", "-w", f"-I{HOST}/include", "-isystem",
                    f"{ROOT}/include/uapi", "-o", exe, FUZZ / "random_main.c", FUZZ / "fuzz_exec.c",
                    f"{directory}/libkbpf.a", "-lpthread", "-lbpf"], check=True)


def run(exe, first=None):
    """Whether the oracle said something, and what."""
    objects, first = ("0", 0) if first is None else ("1", first)
    done = subprocess.run([exe, str(first), str(INPUTS)], capture_output=True, text=True, errors="replace",
                          env={**os.environ, "KBPF_LOG": "1", "KBPF_FUZZ_OBJECTS": objects})
    lines = (done.stdout + done.stderr).splitlines()
    if any("oracle: not contained" in l for l in lines):
        first = next(l for l in lines if "oracle: instruction" in l)
        return "seen", first.split("oracle: ")[1]
    if done.returncode:
        return "other", " / ".join(lines[-3:])
    return "nothing", lines[-1] if lines else ""


def shipped(base, scratch):
    """The verifier as it is: the oracle has nothing to say."""
    scratch.mkdir(parents=True, exist_ok=True)
    link(base, scratch / "shipped")
    how, what = run(scratch / "shipped")
    return how == "nothing", f"the shipped verifier: {what}"


def try_mutant(base, scratch, name, file, old, new, *first):
    """A bug put back."""
    error = mutate(base, scratch, file, old, new)
    if error:
        how, what = "broken", error
    else:
        link(scratch, scratch / "exec")
        how, what = run(scratch / "exec", *first)
    shutil.rmtree(scratch, ignore_errors=True)
    return how == "seen", f"{name}: {how}: {what}"


def main():
    base = pathlib.Path(sys.argv[1]).resolve()
    part = sys.argv[2] if len(sys.argv) > 2 else ""
    scratch = base.parent / (base.name + "-mutants")
    passed = failed = 0

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        todo = [] if part else [pool.submit(shipped, base, scratch / "shipped")]
        todo += [pool.submit(try_mutant, base, scratch / str(number), *mutant)
                 for number, mutant in enumerate(MUTANTS) if part in mutant[0]]
        for one in todo:
            ok, what = one.result()
            passed, failed = passed + ok, failed + (not ok)
            print(f"{'ok' if ok else 'not ok'} - {what}", flush=True)
    shutil.rmtree(scratch, ignore_errors=True)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
