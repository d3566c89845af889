#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Write this tree as numbered patches to build/series, and try them on the pristine base.

The base they apply to is the release as series/unpack.sh unpacks it: without the files of
series/replaced.txt. The order and the messages are in series/series.txt.
"""

import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"
SRC = BUILD / "src"
OUT = BUILD / "series"
WORK = BUILD / "each" / "src"

# Directories that the base's build enters whatever the configuration: there, if empty, from the
# section named on.
EARLY = {"kernel/bpf/*": ["arch/x86/net/Makefile"]}

# Directories whose subdirectories get a patch each even without a section of their own.
SPLIT = ["tools/testing/selftests/bpf", "tools/bpf", "Documentation/bpf", "kernel/bpf"]


def git(*args, cwd=WORK, **kwargs):
    """Run git in the scratch repository and return what it prints."""
    return subprocess.run(["git", *args], cwd=cwd, check=True, text=True,
                          stdout=subprocess.PIPE, **kwargs).stdout


def who_and_when(paths):
    """Author and date of the last commit here that touched any of PATHS."""
    shown = git("log", "-1", "--format=%an%n%ae%n%aI", "--", *paths, cwd=ROOT).splitlines()
    return shown if len(shown) == 3 else ["kbpf", "kbpf@localhost", "2024-11-17T00:00:00+00:00"]


def sections():
    """series.txt as a list of (what, subject, body)."""
    found = []
    for line in (ROOT / "series/series.txt").read_text().splitlines():
        match = re.match(r"^\[(.*)\]$", line)
        if match:
            found.append((match.group(1), []))
        elif found:
            found[-1][1].append(line)
    out = []
    for what, lines in found:
        text = "\n".join(lines).strip("\n").split("\n", 1)
        out.append((what, text[0], text[1].strip("\n") if len(text) > 1 else ""))
    return out


def title_of(directory):
    """Subject and body for a directory that series.txt does not name."""
    conf = ROOT / directory / "suite.conf"
    parts = pathlib.PurePath(directory).parts
    subject = f"{'selftests: bpf' if 'selftests' in parts else 'bpf'}: add {parts[-1]}"
    body = ""
    if conf.exists():
        match = re.search(r"^title=(.*)$", conf.read_text(), re.M)
        if match:
            body = f"A test suite: {match.group(1)}."
    return subject, body


def plan(files):
    """Which patch adds which files: a list of (what, subject, body, files or 'patches')."""
    named = sections()
    names = [what for what, _, _ in named]
    # New directories come right before the section of their parent's successor.
    extra = {}
    owner = {}
    for path in files:
        parent = str(pathlib.PurePath(path).parent)
        best = None
        for what in names:
            if what.endswith("/*"):
                if parent == what[:-2]:
                    best = what
                    break
            elif path.startswith(what + "/") and (best is None or len(what) > len(best)):
                best = what
        for top in SPLIT:
            if path.startswith(top + "/") and parent != top and (best is None or best == top):
                best = top + "/" + pathlib.PurePath(path).relative_to(top).parts[0]
                extra.setdefault(best, top)
        if best is None:
            sys.exit(f"error: series.txt has no place for {path}")
        owner[path] = best
    order = []
    for what, subject, body in named:
        if what == "patches":
            order.append((what, None, None))
            continue
        top = what[:-2] if what.endswith("/*") else what
        order.append((what, subject, body))
        for new in sorted(n for n, t in extra.items() if t == top):
            order.append((new, *title_of(new)))
    return [(w, s, b, w if w == "patches" else [f for f in files if owner[f] == w])
            for w, s, b in order]


def so_far(makefile, present):
    """The Makefile of a directory of rooms, with only the rooms that are there already."""
    base = makefile.parent
    out = []
    for line in makefile.read_text().splitlines():
        match = re.match(r"^((?:obj|subdir)-\S+\s*[+:]?=)(.*)$", line)
        if match:
            words = match.group(2).split()
            kept = [w for w in words if not w.endswith("/") or str(base / w.rstrip("/")) in present]
            if kept != words:
                if not kept:
                    continue
                line = f"{match.group(1)} {' '.join(kept)}"
        out.append(line)
    return "\n".join(out) + "\n"


def commit(subject, body, dates_of):
    """One patch."""
    name, mail, date = who_and_when(dates_of)
    git("add", "-A")
    environment = {"GIT_AUTHOR_NAME": name, "GIT_AUTHOR_EMAIL": mail, "GIT_AUTHOR_DATE": date,
                   "GIT_COMMITTER_NAME": name, "GIT_COMMITTER_EMAIL": mail,
                   "GIT_COMMITTER_DATE": date, "PATH": "/usr/bin:/bin", "HOME": str(WORK)}
    git("commit", "-q", "-m", subject + ("\n\n" + body if body else ""), env=environment)


def write():
    """Build the history in a repository of just the files that change; write it as patches."""
    shutil.rmtree(WORK, ignore_errors=True)
    shutil.rmtree(OUT, ignore_errors=True)
    WORK.mkdir(parents=True)
    git("init", "-q", "-b", "series")
    git("config", "core.autocrlf", "false")
    if (BUILD / "pristine").exists():
        shutil.copytree(BUILD / "pristine", WORK, dirs_exist_ok=True)
    commit("base", "", ["series"])
    start = git("rev-parse", "HEAD").strip()

    files = (BUILD / "manifest").read_text().splitlines()
    makefiles = {}
    present = set()
    for what, subject, body, paths in plan(files):
        if paths == "patches":
            for patch in sorted((ROOT / "series/patches").glob("*.patch")):
                head, _, _ = patch.read_text().partition("\n---\n")
                title, _, text = head.partition("\n\n")
                subprocess.run(["patch", "-p1", "-s", "-F0", "--no-backup-if-mismatch"], cwd=WORK,
                               input=patch.read_bytes(), check=True)
                commit(title.removeprefix("Subject: "), text.strip("\n"), [str(patch)])
            continue
        if not paths:
            continue
        for path in paths:
            target = WORK / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(SRC / path, target, follow_symlinks=False)
            present.update(str(SRC / p) for p in pathlib.PurePath(path).parents)
            if target.name == "Makefile":
                makefiles[SRC / path] = target
        for path in EARLY.get(what, []):
            target = WORK / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("# SPDX-License-Identifier: GPL-2.0\n")
        for source, target in makefiles.items():
            target.write_text(so_far(source, present))
        commit(subject, body, paths)
    git("format-patch", "-q", "--numbered", "--no-signature", "-o", str(OUT), f"{start}..HEAD")
    return len(list(OUT.glob("*.patch")))


def check():
    """git am on the whole base, and the result compared with the tree that is built."""
    shutil.rmtree(WORK, ignore_errors=True)
    WORK.mkdir(parents=True)
    base = (BUILD / "base-files").read_text()
    subprocess.run(["rsync", "-a", "--files-from=-", f"{SRC}/", f"{WORK}/"], input=base.encode(),
                   check=True)
    if (BUILD / "pristine").exists():
        shutil.copytree(BUILD / "pristine", WORK, dirs_exist_ok=True)
    git("init", "-q", "-b", "base")
    git("config", "user.name", "kbpf")
    git("config", "user.email", "kbpf@localhost")
    git("config", "gc.auto", "0")
    git("add", "-A", "-f")
    git("commit", "-q", "-m", "base")
    git("am", "-q", "--whitespace=nowarn", *sorted(str(p) for p in OUT.glob("*.patch")))
    return subprocess.run(["diff", "-rq", "--no-dereference", "--exclude=.git", str(WORK), str(SRC)],
                          check=False).returncode == 0


def main():
    """Write and try."""
    count = write()
    print(f"{count} patches in {OUT}")
    if "--write" in sys.argv:
        return 0
    same = check()
    print("they apply to the base, and the result is the tree that is built" if same else
          "error: what they make of the base differs from the tree that is built")
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
