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
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SRC = BUILD / "src"
JOBS = int(os.environ.get("JOBS", os.cpu_count() or 1))
ALLOW = ROOT / "series/check.allow"
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


def allowed(lines, complaint, mine):
    """Drop what check.allow names; a row that nothing needs is a complaint of its own.

    COMPLAINT finds the name of the file and the kind in a line, MINE tells this tool's kinds.
    """
    rows = []
    for number, line in enumerate(ALLOW.read_text().splitlines(), 1):
        if line and not line.startswith("#") and mine(line.split()[0]):
            kind, name, *reason = line.split(None, 2)
            if not reason:
                yield f"{ALLOW.relative_to(ROOT)}:{number}: no reason is given"
            rows.append([number, kind, name, 0])
    for line in lines:
        found = re.match(complaint, line)
        hits = [r for r in rows if r[1] == found["kind"] and fnmatch.fnmatchcase(found["file"], r[2])]
        for row in hits:
            row[3] += 1
        if not hits:
            yield line
    for number, kind, name, uses in rows:
        if not uses:
            yield f"{ALLOW.relative_to(ROOT)}:{number}: nothing needs {kind} {name}"


def checkpatch():
    """checkpatch --strict, but for what check.allow gives a reason for."""
    scripts = SRC / "scripts"
    tool = digest(*((scripts / n).read_bytes() for n in
                    ("checkpatch.pl", "spelling.txt", "const_structs.checkpatch")))
    kept = Kept("checkpatch", tool, ours(r"\.([chS]|lds)$|(^|/)(Makefile|Kconfig)[^/]*$"))
    in_batches(kept, 10, [str(scripts / "checkpatch.pl"), "--strict", "--terse", "--no-summary",
                          "--show-types", f"--root={SRC}", "--no-tree", "-f"],
               r"([^:]+):\d+: (?:ERROR|WARNING|CHECK):")
    return list(allowed(kept.lines(), r"(?P<file>[^:]+):\d+: \w+:(?P<kind>\w+):",
                        lambda kind: "/" not in kind))


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

    # A directory, so that each file is looked at by itself: files named one by one are one program to
    # spatch, and what it keeps of that grows without bound.
    if todo:
        with tempfile.TemporaryDirectory(dir=kept.dir.parent) as tree:
            for name in todo:
                (pathlib.Path(tree) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(ROOT / name, pathlib.Path(tree) / name)
            found = semantic_patches(scripts, tree, todo)
        for name, text in found.items():
            kept.put(name, text)
    return list(allowed(kept.lines(), r"(?P<file>[^:]+):.*\((?P<kind>[a-z]+/\w+)\)$",
                        lambda kind: "/" in kind))


def semantic_patches(scripts, tree, names):
    """What the scripts report of the files NAMES in TREE, by file; each line ends with its script."""
    def one(script):
        words = " ".join(options_of(script)).split()
        return script, run("spatch", "-D", "report", "--no-show-diff", "--very-quiet",
                           "--timeout", "120", "--cocci-file", str(script), *words,
                           "-I", str(SRC / "include"), "-I", str(ROOT / "kernel/bpf"),
                           "--include-headers", "--dir", tree)

    found = {name: "" for name in names}
    with concurrent.futures.ThreadPoolExecutor(JOBS) as pool:
        for number, (script, said) in enumerate(pool.map(one, scripts), 1):
            kind = f"{script.parent.name}/{script.stem}"
            print(f"{number} of {len(scripts)}: {kind}", flush=True)
            for line in said.splitlines():
                line = line.removeprefix(tree + "/")
                match = re.match(r"([^:]+):\d+:\d+", line)
                if match and match[1] in found:
                    found[match[1]] += f"{line} ({kind})\n"
                elif re.search(r"error|exception|Fatal|timeout", line, re.I):
                    sys.exit(f"{script.relative_to(SRC)}: {line}")
    return found


def main():
    """Run one tool."""
    tool, where = sys.argv[1:]
    complaints = {"checkpatch": checkpatch, "kernel-doc": kernel_doc, "coccicheck": coccicheck}[tool]()
    pathlib.Path(where).write_text("".join(line + "\n" for line in complaints))


if __name__ == "__main__":
    main()
