#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tools that look at one file at a time, run on the files of this tree that changed since.

    lint.py checkpatch|kernel-doc|coccicheck COMPLAINTS

What a tool said of a file is kept by the content of both, so that a run costs what changed.
Complaints go to the file named, progress to standard output.
"""

import concurrent.futures
import fnmatch
import hashlib
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SRC = BUILD / "src"
JOBS = int(os.environ.get("JOBS", os.cpu_count() or 1))
ALLOW = ROOT / "series/checkpatch.allow"
ROOMS = ("kernel/bpf/", "kernel/trace/bpf/", "net/bpf/", "arch/x86/net/", "security/bpf/", "fs/")


def digest(*parts):
    """A name for a content."""
    h = hashlib.sha256()
    for part in parts:
        h.update(part if isinstance(part, bytes) else part.encode())
        h.update(b"\0")
    return h.hexdigest()


def ours(pattern):
    """The files that are laid over the base and match, as series/sync.sh listed them."""
    names = (BUILD / "manifest").read_text().splitlines()
    return [n for n in names if re.search(pattern, n) and (ROOT / n).is_file()]


def run(*words):
    """What a command prints; its status is not asked for: these tools fail when they find something."""
    return subprocess.run(words, cwd=ROOT, text=True, errors="replace", check=False,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT).stdout


class Kept:
    """What a tool said of each file, by the content of the file and of the tool."""

    def __init__(self, name, tool, files):
        self.dir = BUILD / "lint" / name
        self.dir.mkdir(parents=True, exist_ok=True)
        self.files = files
        self.path = {f: self.dir / digest(tool, f, (ROOT / f).read_bytes()) for f in files}

    def missing(self):
        """Files of which nothing is known yet."""
        return [f for f in self.files if not self.path[f].exists()]

    def put(self, name, text):
        """What was said of a file."""
        scratch = self.path[name].with_suffix(f".{os.getpid()}")
        scratch.write_text(text)
        scratch.replace(self.path[name])

    def lines(self):
        """All that was said; what is kept of older contents goes."""
        current = set(self.path.values())
        for old in self.dir.iterdir():
            if old not in current:
                old.unlink()
        return [line for f in self.files for line in self.path[f].read_text().splitlines()]


def in_batches(kept, size, command, wanted):
    """Run COMMAND on files that are new, SIZE at a time, and sort the lines WANTED to their files."""
    todo = kept.missing()
    batches = [todo[i:i + size] for i in range(0, len(todo), size)]
    print(f"{len(kept.files)} files, {len(todo)} to look at", flush=True)
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        done = 0
        for batch, said in zip(batches, pool.map(lambda b: run(*command, *b), batches)):
            found = {name: "" for name in batch}
            for line in said.splitlines():
                match = re.match(wanted, line)
                if match and match[1] in found:
                    found[match[1]] += line + "\n"
            for name, text in found.items():
                kept.put(name, text)
            done += len(batch)
            print(f"{done} of {len(todo)} files", flush=True)


def allowed(lines):
    """Drop what checkpatch.allow names; a row that nothing needs is a complaint of its own."""
    rows = []
    for number, line in enumerate(ALLOW.read_text().splitlines(), 1):
        if line and not line.startswith("#"):
            kind, name, *reason = line.split(None, 2)
            if not reason:
                yield f"{ALLOW.relative_to(ROOT)}:{number}: no reason is given"
            rows.append([number, kind, name, 0])
    for line in lines:
        name, _, _, kind = re.match(r"([^:]+):(\d+): (\w+):(\w+):", line).groups()
        hits = [r for r in rows if r[1] == kind and fnmatch.fnmatchcase(name, r[2])]
        for row in hits:
            row[3] += 1
        if not hits:
            yield line
    for number, kind, name, uses in rows:
        if not uses:
            yield f"{ALLOW.relative_to(ROOT)}:{number}: nothing needs {kind} {name}"


def checkpatch():
    """checkpatch --strict, but for what checkpatch.allow gives a reason for."""
    scripts = SRC / "scripts"
    tool = digest(*((scripts / n).read_bytes() for n in
                    ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")))
    kept = Kept("checkpatch", tool, ours(r"\.([chS]|lds)$|(^|/)(Makefile|Kconfig)[^/]*$"))
    in_batches(kept, 10, [str(scripts / "checkpatch.pl"), "--strict", "--terse", "--no-summary",
                          "--show-types", f"--root={SRC}", "--no-tree", "-f"],
               r"([^:]+):\d+: (?:ERROR|WARNING|CHECK):")
    return list(allowed(kept.lines()))


def kernel_doc():
    """The comments that are documentation; the compiler's run looks at .c files, this at headers."""
    tool = SRC / "scripts/kernel-doc"
    kept = Kept("kernel-doc", tool.read_bytes(),
                ours(r"^(include|kernel|net|arch|security|fs)/.*\.h$"))
    in_batches(kept, 20, [str(tool), "-none"], r"([^:]+):\d+: (?:warning|error):")
    return kept.lines()


def options_of(script):
    """What a semantic patch wants on the command line of spatch."""
    return re.findall(r"^// Options:[ \t]*(.*)$", script.read_text(errors="replace"), re.M)


def coccicheck():
    """The base's semantic patches that report, as scripts/coccicheck runs them."""
    scripts = [s for s in sorted((SRC / "scripts/coccinelle").glob("*/*.cocci"))
               if re.search(r"^virtual report\b|^virtual .*\breport\b", s.read_text(errors="replace"), re.M)]
    tool = digest(*(s.read_bytes() for s in scripts), run("spatch", "--version"))
    kept = Kept("coccicheck", tool, [f for f in ours(r"\.[ch]$") if f.startswith(ROOMS)])
    todo = kept.missing()
    print(f"{len(kept.files)} files, {len(todo)} to look at with {len(scripts)} scripts", flush=True)
    if not todo:
        return kept.lines()

    def one(script):
        words = " ".join(options_of(script)).split()
        return script, run("spatch", "-D", "report", "--no-show-diff", "--very-quiet",
                           "--timeout", "900", "--cocci-file", str(script), *words,
                           "-I", str(SRC / "include"), "-I", "kernel/bpf", *todo)

    found = {name: "" for name in todo}
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for number, (script, said) in enumerate(pool.map(one, scripts), 1):
            print(f"{number} of {len(scripts)}: {script.parent.name}/{script.stem}", flush=True)
            for line in said.splitlines():
                match = re.match(r"(?:\./)?([^:]+):\d+:\d+", line)
                if match and match[1] in found:
                    found[match[1]] += f"{line} ({script.parent.name}/{script.stem})\n"
                elif re.search(r"error|exception|Fatal", line, re.I):
                    sys.exit(f"{script.relative_to(SRC)}: {line}")
    for name, text in found.items():
        kept.put(name, text)
    return kept.lines()


def main():
    """Run one tool."""
    tool, where = sys.argv[1:]
    complaints = {"checkpatch": checkpatch, "kernel-doc": kernel_doc, "coccicheck": coccicheck}[tool]()
    pathlib.Path(where).write_text("".join(line + "\n" for line in complaints))


if __name__ == "__main__":
    main()
