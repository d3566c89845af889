#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Puts the bugs of mutants.py back, one by one: each has to make its cases fail.

usage: mutate.py [--every N] [--jobs N] [part of a name]

--every N: only each Nth. --jobs N: so many at a time. The library is built as tools/bpf/host does it, with only the changed
files compiled again. What does not compile, and a text that is not found once, are failures of
this test. Environment: ROOT, KSRC, KOUT, HO (a library that is up to date), O, CASES.
"""
import argparse
import itertools
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

from mutants import MUTANTS

ROOT = os.environ["ROOT"]
HO = os.environ["HO"]
WORK = os.path.join(os.environ["O"], "mutant")
SKIP = "not here"
LINKED = ("core1.o", "core2.o", "core.o", "absent.o", "kbpf.o")


def sh(cmd, **kw):
    return subprocess.run(cmd, shell=True, check=True, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True, **kw)


def make_says(target, changed):
    """The commands that make would run if a file had been changed."""
    path = os.path.join(ROOT, "kernel/bpf", changed)
    out = subprocess.run(["make", "-n", "-C", os.path.join(ROOT, "tools/bpf/host"), "-W", path,
                          "KSRC=" + os.environ["KSRC"], "KOUT=" + os.environ["KOUT"], "HO=" + HO,
                          target], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                         text=True).stdout.replace("\\\n", " ")
    lines = [line.strip().lstrip("@") for line in out.splitlines()]
    return [line for line in lines if line and not line.startswith(("make", "mkdir"))]


class Library:
    """A copy of the library's objects; each worker has one."""

    made = itertools.count(1)

    def __init__(self):
        self.dir = os.path.join(WORK, str(next(Library.made)))
        self.lib = os.path.join(self.dir, "lib")
        self.exe = os.path.join(self.dir, "cases")
        os.makedirs(self.lib)
        for name in os.listdir(HO):
            # what is linked is written anew, which must not reach the original by a hard link
            if name.endswith(".o") and name not in LINKED:
                os.link(os.path.join(HO, name), os.path.join(self.lib, name))
        self.compile_cmd = {}
        cmds = make_says(HO + "/libkbpf.a", "verifier/alu.c")
        self.link_cmds = [c.replace(HO + "/", self.lib + "/") for c in cmds if " -c -o " not in c or
                          "absent" in c]
        self.changed = []

    def object_of(self, file):
        return "kernel_bpf_" + file.replace("/", "_")[:-2] + ".o"

    def compile(self, file, text):
        path = os.path.join(ROOT, "kernel/bpf", file)
        copy = os.path.join(self.dir, "src", file)
        obj = self.object_of(file)
        if file not in self.compile_cmd:
            cmds = make_says(os.path.join(HO, obj), file)
            self.compile_cmd[file] = [c for c in cmds if c.endswith(path)][0].replace(" -MMD -MP ", " ")
        os.makedirs(os.path.dirname(copy), exist_ok=True)
        with open(copy, "w") as out:
            out.write(text)
        os.unlink(os.path.join(self.lib, obj))
        self.changed.append(obj)
        sh(self.compile_cmd[file].replace(os.path.join(HO, obj), os.path.join(self.lib, obj))
           .replace(" " + path, " -I" + os.path.dirname(path) + " " + copy))

    def link(self):
        for cmd in self.link_cmds:
            sh(cmd)

    def restore(self):
        for obj in self.changed:
            path = os.path.join(self.lib, obj)
            if os.path.exists(path):
                os.unlink(path)
            os.link(os.path.join(HO, obj), path)
        self.changed = []


def in_c(case):
    """Is it DIRECTORY/FILE:TEST, and not the title of a case?"""
    return re.fullmatch(r"\w+/\w+:[\w.]+", case)


def build(case, lib, exe):
    """What runs the test: cases, or the program in C that the test is part of."""
    if not in_c(case):
        return sh(f"{os.environ['LINK']} {lib}/libkbpf.a -lbpf -lelf -lz -lpthread -o {exe}")
    tests = os.path.join(ROOT, "tools/testing/selftests/bpf")
    where, _, name = case.split(":")[0].partition("/")
    return sh(f"gcc -DHOST_HOME -I{tests}/{where} -I{tests} -I{ROOT}/tools/bpf/host/include "
              f"-isystem {ROOT}/build/usr/include -I{os.environ['KSRC']}/tools/testing/selftests "
              f"-D_GNU_SOURCE -O1 -std=gnu11 -w -o {exe} {tests}/{where}/{name}.c {lib}/libkbpf.a "
              "-lpthread -ldl")


def mutate(case, lib, changes):
    texts = {}
    for file, text, to in changes:
        body = texts.get(file) or open(os.path.join(ROOT, "kernel/bpf", file)).read()
        if body.count(text) != 1:
            return f"its text occurs {body.count(text)} times in {file}"
        texts[file] = body.replace(text, to)
    try:
        for file, body in texts.items():
            lib.compile(file, body)
        lib.link()
        build(case, lib.lib, lib.exe)
    except subprocess.CalledProcessError as e:
        return "does not compile: " + (e.stderr or "")[-600:]
    return None


def run(exe, case):
    """Whether some case failed, or the program itself came to grief; cases passed, and skipped."""
    what = ["-t", case.split(":")[1]] if in_c(case) else ["-n", case] + shlex.split(os.environ["CASES"])
    try:
        done = subprocess.run([exe] + what, timeout=120, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL, text=True)
    except subprocess.TimeoutExpired:
        return True, 0, 0
    if in_c(case):
        return done.returncode != 0, done.stdout.count("\nok "), 0
    last = re.match(r"(\d+) passed, \d+ failed, (\d+) skipped", (done.stdout.splitlines() or [""])[-1])
    return done.returncode != 0, int(last[1]) if last else 0, int(last[2]) if last else 0


worker = threading.local()


def judge(mutant):
    """Puts one bug back; what is wrong with that, None, or SKIP where the home has not what it takes."""
    case, _, changes = mutant
    if not hasattr(worker, "lib"):
        worker.lib = Library()
    plain = os.environ["PLAIN"]
    if in_c(case):
        plain = os.path.join(worker.lib.dir, "plain")
        build(case, HO, plain)
    bad, count, skipped = run(plain, case)
    if skipped and not count and not bad:
        return SKIP
    why = "no such case, or it fails without the change" if bad or not count else None
    why = why or mutate(case, worker.lib, changes)
    if not why and not run(worker.lib.exe, case)[0]:
        why = "survived"
    worker.lib.restore()
    return why


def main():
    args = argparse.ArgumentParser()
    args.add_argument("--every", type=int, default=1)
    args.add_argument("--jobs", type=int, default=min(2, os.cpu_count() or 1))
    args.add_argument("part", nargs="?", default="")
    args = args.parse_args()
    shutil.rmtree(WORK, ignore_errors=True)
    passed = failed = skipped = 0
    todo = [m for m in MUTANTS[::args.every] if args.part in m[0]]
    with ThreadPoolExecutor(args.jobs) as pool:
        for (case, what, _), why in zip(todo, pool.map(judge, todo)):
            word = "SKIP" if why == SKIP else "not ok" if why else "ok"
            print(f"{word} {case}: {what}{': ' + why if why else ''}", flush=True)
            passed += not why
            skipped += why == SKIP
            failed += bool(why) and why != SKIP
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    sys.exit(failed != 0)


main()
