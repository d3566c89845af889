#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Build and run the test suites, and sum them up.

A suite is a directory with a file suite.conf; tools/testing/selftests/bpf/README.rst says what
may stand in it. Suites of the host home run here; those of the kernel home run in a guest, all
in one boot unless one of them ends it.
"""

import argparse
import concurrent.futures
import os
import pathlib
import re
import shlex
import subprocess
import sys
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import guest as qemu  # noqa: E402

ROOT = qemu.ROOT
BUILD = qemu.BUILD
FLAVOR = os.environ.get("FLAVOR", "")
JIT = os.environ.get("JIT") or "on"
WHERE = ["tools/testing/selftests/bpf", "tools/bpf", "samples/bpf"]
KEYS = {"title": "", "home": "host", "build": "make -s", "run": "", "timeout": "120",
        "append": "", "flavours": "", "reason": "", "needs": "", "pace": "", "seconds": "10"}
# How much longer everything may take than in the default flavour: TCG under KASAN and lockdep.
SLOW = {"debug": 8}.get(FLAVOR, 1)
# And how much longer a suite: an interpreter in an emulator.
PACE = {"off": 3}.get(JIT, 1)
MARK = "@@kbpf-suite"

# What the suites of the guest find; net.core.bpf_jit_enable and net.core.bpf_jit_harden.
JIT_MODES = {"on": (1, 0), "off": (0, 0), "hardened": (1, 2)}

COUNTS = re.compile(r"^(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$")
TOTALS = re.compile(r"^# Totals: pass:(\d+) fail:(\d+) xfail:(\d+) xpass:(\d+) skip:(\d+) error:(\d+)")
SKIP = re.compile(r"(?:# SKIP|^SKIP:?)\s*(.*)")


class Suite:
    """One directory of tests and what became of it."""

    def __init__(self, conf):
        self.dir = conf.parent
        self.name = str(self.dir.relative_to(ROOT))
        for prefix in WHERE:
            self.name = self.name.removeprefix(prefix + "/")
        self.keys = dict(KEYS)
        for number, line in enumerate(conf.read_text().splitlines(), 1):
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            key, equals, value = line.partition("=")
            key = key.strip()
            if not equals or key not in KEYS:
                sys.exit(f"error: {conf}:{number}: not a setting: {line}")
            self.keys[key] = value.strip()
        if self.keys["home"] not in ("host", "guest"):
            sys.exit(f"error: {conf}: home is host or guest")
        if self.keys["flavours"] and not self.keys["reason"]:
            sys.exit(f"error: {conf}: a suite that is not for all flavours says why: reason=")
        if not self.keys["run"]:
            self.keys["run"] = "make -s run" if self.home == "host" else "$TOP/run_tests.sh"
        self.timeout = float(self.keys["timeout"]) * SLOW * PACE
        self.cost = float(self.keys["seconds"])
        self.obj = BUILD / f"tests{'-' + FLAVOR if FLAVOR else ''}" / self.name
        self.log = BUILD / "log" / f"test-{self.name.replace('/', '-')}.log"
        self.seconds = 0.0
        self.lines = []
        self.focus = []
        self.passed = self.failed = self.skipped = 0
        self.why = ""
        self.done = False

    @property
    def home(self):
        return self.keys["home"]

    @property
    def applies(self):
        return not self.keys["flavours"] or (FLAVOR or "default") in self.keys["flavours"].split()

    def environment(self):
        """What a suite's commands may rely on."""
        return {"KBPF": str(ROOT), "TOP": str(ROOT / "tools/testing/selftests/bpf"),
                "O": str(self.obj), "KSRC": str(BUILD / "src"), "KUSR": str(BUILD / "usr"),
                "KOUT": str(BUILD / f"out{'-' + FLAVOR if FLAVOR else ''}"),
                "FLAVOR": FLAVOR, "SLOW": str(SLOW), "JIT": JIT, "PATH": os.environ["PATH"] + ":/usr/local/sbin:/usr/sbin:/sbin",
                "CI": os.environ.get("CI", "")}

    def fail(self, why):
        """Count a failure of the suite as a whole."""
        self.failed += 1
        self.why = self.why or why
        self.done = True

    def finish(self, status):
        """Read the counts out of what the suite printed: its own last line, or TAP totals."""
        self.done = True
        own = None
        totals = [0, 0, 0]
        seen = False
        for line in self.lines:
            match = COUNTS.match(line)
            if match:
                own = [int(n or 0) for n in match.groups()]
            match = TOTALS.match(line)
            if match:
                ok, bad, xfail, xpass, skip, error = (int(n) for n in match.groups())
                totals = [totals[0] + ok + xfail, totals[1] + bad + xpass + error, totals[2] + skip]
                seen = True
        if own or seen:
            self.passed, self.failed, self.skipped = own or totals
        if self.failed:
            self.why = f"{self.failed} failed"
        if status == 124:
            self.fail(f"not done after {self.timeout:.0f} s")
        elif status and not self.failed:
            self.fail(f"exit status {status}")
        elif not own and not seen:
            self.fail("printed no counts")
        elif not (self.passed or self.failed or self.skipped):
            self.fail("ran no test")

    def tail(self, count=25):
        """The lines that tell most about a failure."""
        if self.focus:
            return self.focus
        bad = [l for l in self.lines if re.match(r"\s*(not ok|FAIL|#.*(Expected|Test terminated)|error:)", l)]
        if bad:
            return bad[:count]
        return self.lines[-count:]


def discover(names):
    """All suites, those of the host first; NAMES picks some by the start of their names."""
    suites = []
    for where in WHERE:
        for conf in sorted((ROOT / where).glob("**/suite.conf")):
            suites.append(Suite(conf))
    for name in names:
        if not any(s.name == name or s.name.startswith(name + "/") for s in suites):
            sys.exit(f"error: no suite {name}; there are: {' '.join(s.name for s in suites)}")
    if names:
        suites = [s for s in suites if any(s.name == n or s.name.startswith(n + "/") for n in names)]
    return sorted(suites, key=lambda s: s.home != "host")


def run_here(suite, command, timeout, log):
    """Run a command of a suite on the host; its output goes to the log and is kept."""
    suite.obj.mkdir(parents=True, exist_ok=True)
    with open(log, "w", encoding="utf-8", errors="replace") as out:
        process = subprocess.Popen(["bash", "-c", command], cwd=suite.dir, text=True,
                                   errors="replace", stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**os.environ, **suite.environment()},
                                   start_new_session=True)
        late = threading.Event()

        def kill():
            late.set()
            os.killpg(process.pid, 9)

        timer = threading.Timer(timeout, kill)
        timer.start()
        lines = []
        for line in process.stdout:
            out.write(line)
            lines.append(line.rstrip("\n"))
        status = process.wait()
        timer.cancel()
    return (124 if late.is_set() else status), lines


SHOWING = threading.Lock()


def show(suite):
    """One line a suite, as soon as it is done, and what matters of a failure."""
    with SHOWING:
        show_locked(suite)


def show_failure(suite):
    """Why a suite failed, where its log is, and the lines that tell most."""
    print(f"    {suite.why}; log: {suite.log}")
    for line in suite.tail():
        print(f"    | {line}")


def show_locked(suite):
    """Print what show() says; SHOWING is held."""
    word = "FAILED" if suite.failed else "ok"
    print(f"  {suite.name:<28} {suite.home:<6} {word:<7} {suite.passed:>6} passed {suite.failed:>4} failed"
          f" {suite.skipped:>4} skipped  {suite.seconds:>5.0f} s", flush=True)
    if suite.failed:
        show_failure(suite)
    for line in suite.lines:
        match = SKIP.search(line)
        if match:
            print(f"    skipped: {line.strip()}")


def leave_out(suite):
    """A suite that is not for this flavour is skipped, and says why."""
    suite.lines = [f"SKIP not in flavour {FLAVOR or 'default'}: {suite.keys['reason']}"]
    suite.skipped = 1
    suite.done = True
    show(suite)


def build(suite):
    """Compile a suite on the host; whether that worked."""
    log = suite.log.with_name(suite.log.name.replace("test-", "build-", 1))
    start = time.monotonic()
    status, lines = run_here(suite, suite.keys["build"], 900, log)
    if status:
        suite.lines = lines
        suite.log = log
        suite.fail("does not build")
        suite.seconds = time.monotonic() - start
        show(suite)
    return not status


def run_host(suite):
    """A suite of the host home."""
    start = time.monotonic()
    status, suite.lines = run_here(suite, suite.keys["run"], suite.timeout, suite.log)
    suite.seconds = time.monotonic() - start
    suite.finish(status)
    show(suite)


def run_hosts(suites, count):
    """So many at a time, those that take longest first where it is more than one."""
    order = sorted(suites, key=lambda s: -s.cost) if count > 1 else suites
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        list(pool.map(run_host, order))


# Where the kernel can look for leaked memory, it does so after each suite: what is found and is
# older than the five seconds that kmemleak gives goes to the console. So does it when one of the
# kernel's checkers has given up: what ran since then was not checked.
CHECKERS = """
kmemleak=/sys/kernel/debug/kmemleak
forget_leaks() {
	[ ! -w $kmemleak ] || echo clear >$kmemleak
}
look_for_leaks() {
	[ -w $kmemleak ] || return 0
	sleep 6
	for scan in 1 2; do
		echo scan >$kmemleak || echo "kbpf-guest: kmemleak is off" >/dev/kmsg
	done
	head -n 60 $kmemleak >/tmp/leaks
	while IFS= read -r line; do echo "$line" >/dev/kmsg; done </tmp/leaks
}
# What is said once is said once a suite.
look_at_checkers() {
	[ ! -w /sys/kernel/debug/clear_warn_once ] || echo 1 >/sys/kernel/debug/clear_warn_once
	[ -r /proc/lockdep_stats ] || return 0
	grep -q "debug_locks: *1$" /proc/lockdep_stats ||
		echo "kbpf-guest: lockdep is off" >/dev/kmsg
}
# Nobody looks at other times: that takes minutes, in which no grace period of RCU tasks ends.
if [ -w $kmemleak ]; then
	echo scan=off >$kmemleak
	echo scan >$kmemleak
fi
forget_leaks
"""


def guest_script(suites):
    """What the guest runs: each suite between marks, which go to the console as well."""
    script = [CHECKERS]
    jit = "; ".join(f"echo {value} >/proc/sys/net/core/bpf_jit_{name}"
                    for name, value in zip(("enable", "harden"), JIT_MODES[JIT]))
    for suite in suites:
        settings = " ".join(f"{k}={shlex.quote(v)}" for k, v in suite.environment().items())
        script += [jit, f"echo {MARK} begin {suite.name}; echo {MARK} begin {suite.name} >/dev/kmsg",
                   f"(cd {shlex.quote(str(suite.dir))} && {settings} {ROOT}/series/in_time.sh {suite.timeout:.0f}"
                   f" bash -c {shlex.quote(suite.keys['run'])}) 2>&1; status=$?",
                   "look_for_leaks; look_at_checkers",
                   f"echo; echo {MARK} end {suite.name} $status;"
                   f" echo {MARK} end {suite.name} >/dev/kmsg; forget_leaks"]
    return "\n".join(script)


class Boot:
    """One boot of the guest with the suites that still have to run."""

    def __init__(self, suites, options):
        self.suites = {s.name: s for s in suites}
        self.options = options
        self.current = None
        self.started = 0.0
        self.partial = b""
        self.file = None

    def feed(self, data):
        """Sort what comes out of the guest to the suites."""
        *lines, self.partial = (self.partial + data).split(b"\n")
        for raw in lines:
            line = raw.decode(errors="replace").rstrip("\r")
            if line.startswith(MARK):
                self.mark(line.split()[1:])
            elif self.current:
                self.current.lines.append(line)
                self.file.write(line + "\n")
                self.file.flush()

    def mark(self, words):
        """A suite begins or ends."""
        if words[0] == "begin":
            self.current = self.suites[words[1]]
            self.current.lines = []
            self.started = time.monotonic()
            self.file = open(self.current.log, "w", encoding="utf-8")
            return
        suite, self.current = self.current, None
        self.file.close()
        suite.seconds = time.monotonic() - self.started
        suite.finish(int(words[2]))
        show(suite)

    def run(self):
        """Boot; afterwards every suite that was begun has its result."""
        o = self.options
        o.script = guest_script(self.suites.values())
        o.timeout = 120 + sum(s.timeout for s in self.suites.values())
        machine = qemu.Guest(o, qemu.choose_accel(o), output=self.feed)
        status = machine.run()
        if self.current:
            suite = self.current
            self.file.close()
            suite.seconds = time.monotonic() - self.started
            suite.why = "the guest hung in it" if machine.timed_out else "the guest died in it"
            suite.failed += 1
            suite.done = True
            suite.focus = suite.lines[-5:] + ["--- console"] + machine.last_words(40)
            show(suite)
            console = machine.console_lines()
            ends = [i for i, l in enumerate(console) if l.endswith(f"{MARK} begin {suite.name}")]
            self.blame(console[:ends[0] if ends else None])
            return
        self.blame(machine.console_lines())
        for suite in self.suites.values():
            if not suite.done and status:
                suite.focus = machine.last_words(40)
                suite.fail("the guest did not get to it")
                show(suite)

    def blame(self, console):
        """Complaints of the kernel fail the suite during which they came, or the last before them;
        those of its boot fail the first."""
        now = next((s for s in self.suites.values() if s.done), None)
        for number, line in enumerate(console):
            if MARK in line:
                words = line[line.index(MARK):].split()
                now = self.suites.get(words[2]) if words[1] == "begin" else now
            elif now and qemu.complaint(line) and not now.why.startswith("the kernel"):
                now.focus = ["--- console"] + console[number:number + 30]
                now.failed += 1
                now.why = f"the kernel complained: {line.strip()}"
                show(now)


def lanes(suites, count):
    """Share suites out between COUNT guests, so that these end at about the same time."""
    shares = [[] for _ in range(count)]
    for suite in sorted(suites, key=lambda s: -s.cost):
        min(shares, key=lambda share: sum(s.cost for s in share)).append(suite)
    return [sorted(share, key=suites.index) for share in shares if share]


def run_lane(suites, append, number):
    """As few boots as can be, one after the other: one more after each suite that died."""
    while left := [s for s in suites if not s.done]:
        options = qemu.options()
        options.append = append.split()
        options.tolerate = options.quiet_failure = True
        options.console = str(BUILD / "log" / f"console{number or ''}.log")
        Boot(left, options).run()
        if len([s for s in suites if not s.done]) == len(left):
            for suite in left:
                suite.fail("the guest did not get to it")


def run_guest(suites):
    """Suites of the kernel home. An emulated guest keeps one processor of the host busy: there
    are as many at a time as that has processors, but no more than three, or as GUESTS says."""
    count = int(os.environ.get("GUESTS") or 0)
    if not count:
        count = 1 if qemu.choose_accel(qemu.options()) == "kvm" else min(os.cpu_count() or 1, 3)
    for append in sorted({s.keys["append"] for s in suites}):
        group = [s for s in suites if s.keys["append"] == append]
        threads = [threading.Thread(target=run_lane, args=(share, append, number))
                   for number, share in enumerate(lanes(group, count))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


def main():
    """Build all, run all, sum up."""
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--home", choices=["host", "guest"], help="only the suites of one home")
    p.add_argument("--quick", action="store_true", help="without the suites that say pace=long")
    p.add_argument("--list", action="store_true")
    p.add_argument("suites", nargs="*", help="names, or the directories above several")
    args = p.parse_args()
    if JIT not in JIT_MODES:
        sys.exit(f"error: JIT is one of {', '.join(JIT_MODES)}")
    suites = discover(args.suites)
    if args.home:
        suites = [s for s in suites if s.home == args.home]
    if args.quick:
        print("Left out, as they take long:", *(s.name for s in suites if s.keys["pace"] == "long"))
        suites = [s for s in suites if s.keys["pace"] != "long"]
    if args.list:
        for suite in suites:
            print(f"{suite.name:<28} {suite.home:<6} {suite.keys['title']}")
        return 0
    (BUILD / "log").mkdir(parents=True, exist_ok=True)
    start = time.monotonic()
    print(f"Building {len(suites)} suites{' for flavour ' + FLAVOR if FLAVOR else ''}", flush=True)
    for suite in suites:
        if not suite.applies:
            leave_out(suite)
    ready = [s for s in suites if s.applies and build(s)]
    here = [s for s in ready if s.home == "host"]
    there = [s for s in ready if s.home == "guest"]
    if here:
        print("Host home", flush=True)
    run_hosts(here, min(os.cpu_count() or 1, 4) if args.quick else 1)
    if there:
        print(f"Kernel home, JIT {JIT} (console: build/log/console.log)", flush=True)
        run_guest(there)
    return summary(suites, time.monotonic() - start)


def summary(suites, seconds):
    """The table and the last line."""
    print(f"\n{'suite':<28} {'home':<6} {'passed':>7} {'failed':>7} {'skipped':>7} {'seconds':>7}")
    for s in suites:
        print(f"{s.name:<28} {s.home:<6} {s.passed:>7} {s.failed:>7} {s.skipped:>7} {s.seconds:>7.0f}"
              + (f"  {s.why}" if s.failed else ""))
    passed, failed, skipped = (sum(getattr(s, k) for s in suites)
                               for k in ("passed", "failed", "skipped"))
    print(f"all of it in {seconds:.0f} s\n")
    for s in suites:
        if s.failed:
            print(f"  {s.name}:")
            show_failure(s)
    if not suites:
        failed = 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
