#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Put deliberate errors into copies of the domain: each has to be found.

usage: mutate.py <directory of the domain> <scratch directory> [part of a name]

Only the changed file is compiled again. A mutant that does not compile, or whose
text is not found exactly once, is a failure of this test and no kill.
"""

import os
import subprocess
import sys

from mutants import MUTANTS

HERE = os.path.dirname(os.path.abspath(__file__))
CC = os.environ.get("CC", "gcc")
CHECKS = {
    "small": (["-DSCALAR_WIDTH=4"], "exhaust.c", ["-first", "-g", "29", "-s", "23"]),
    "plain": (["-DSCALAR_WIDTH=5"], "exhaust.c", ["-first", "-plain", "-whole", "-s", "7"]),
    "random": ([], "random64.c", ["300000"]),
    "hazards": ([], "hazards.c", []),
}


class Check:
    """One of the checks with the objects of the unchanged domain."""

    def __init__(self, kind, source, scratch):
        flags, self.test, self.args = CHECKS[kind]
        self.flags = [CC, "-std=gnu11", "-O1", "-w", "-pipe", "-I" + os.path.dirname(source),
                      "-I" + os.path.join(HERE, "include"), "-I" + HERE] + flags
        self.dir = os.path.join(scratch, kind)
        os.makedirs(self.dir, exist_ok=True)
        self.objects = {}
        for name in sorted(os.listdir(source)):
            if name.endswith(".c"):
                self.objects[name] = self.compile(os.path.join(source, name), name)
        self.main = self.compile(os.path.join(HERE, self.test), self.test)

    def compile(self, path, name):
        out = os.path.join(self.dir, name[:-2] + ".o")
        subprocess.run(self.flags + ["-c", path, "-o", out], check=True)
        return out

    def run(self, changed=None, path=None):
        """True if the check finds nothing wrong."""
        objects = dict(self.objects)
        exe = os.path.join(self.dir, "check")
        if changed:
            objects[changed] = self.compile(path, "mutant.c")
        subprocess.run([CC, "-o", exe, self.main] + list(objects.values()), check=True)
        try:
            done = subprocess.run([exe] + self.args, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=30)
        except subprocess.TimeoutExpired:
            return False
        return done.returncode == 0


def mutate(check, source, scratch, file, text, to):
    body = open(os.path.join(source, file)).read()
    if body.count(text) != 1:
        return "its text occurs %d times" % body.count(text)
    path = os.path.join(scratch, "mutant.c")
    with open(path, "w") as out:
        out.write(body.replace(text, to))
    try:
        return "survived" if check.run(file, path) else None
    except subprocess.CalledProcessError:
        return "does not compile"


def main():
    source, scratch = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    only = sys.argv[3] if len(sys.argv) > 3 else ""
    os.makedirs(scratch, exist_ok=True)
    checks = {kind: Check(kind, source, scratch) for kind in CHECKS}
    passed = failed = 0
    for kind, check in checks.items():
        if not check.run():
            print("not ok mutants: the unchanged domain fails %s" % kind)
            failed += 1
    for name, file, text, to, kind in MUTANTS:
        if only not in name:
            continue
        why = mutate(checks[kind], source, scratch, file, text, to)
        if why:
            failed += 1
            print("not ok mutant %s (%s, %s): %s" % (name, file, kind, why), flush=True)
        else:
            passed += 1
            print("ok mutant %s (%s): killed" % (name, file), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
