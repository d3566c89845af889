#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Tests of what runs suites: which lines of a guest's console fail which suite, and their time."""

import os
import pathlib
import subprocess
import sys
import tempfile
import traceback

ROOT = pathlib.Path(__file__).resolve().parents[5]
sys.path.insert(0, str(ROOT / "series"))
import guest  # noqa: E402
import suites  # noqa: E402

# One of each kind, as the kernel words them.
REPORTS = [
    "[    9.1] BUG: KASAN: slab-use-after-free in bpf_link_put+0x20/0x40",
    "[    9.1] BUG: KASAN: vmalloc-out-of-bounds in bpf_int_jit_compile+0x20/0x40",
    "[    9.1] UBSAN: shift-out-of-bounds in kernel/bpf/domain/alu.c:10:2",
    "[    9.1] WARNING: possible circular locking dependency detected",
    "[    9.1] WARNING: possible recursive locking detected",
    "[    9.1] WARNING: inconsistent lock state",
    "[    9.1] WARNING: suspicious RCU usage",
    "[    9.1] WARNING: SOFTIRQ-safe -> SOFTIRQ-unsafe lock order detected",
    "[    9.1] WARNING: bad unlock balance detected!",
    "[    9.1] WARNING: held lock freed!",
    "[    9.1] [ BUG: Invalid wait context ]",
    "[    9.1] BUG: sleeping function called from invalid context at mm/vmalloc.c:10",
    "[    9.1] BUG: scheduling while atomic: a.out/1/0x00000002",
    "[    9.1] BUG: using smp_processor_id() in preemptible [00000000] code: a.out/1",
    "[    9.1] BUG: workqueue leaked atomic, lock or RCU: kworker/0:1[10]",
    "[    9.1] BUG: MAX_LOCKDEP_CHAINS too low!",
    "[    9.1] BUG: kernel NULL pointer dereference, address: 0000000000000008",
    "[    9.1] Oops: general protection fault, probably for non-canonical address 0x8",
    "[    9.1] ODEBUG: free active (active state 0) object: 000 object type: timer_list",
    "[    9.1] WARNING: CPU: 0 PID: 1 at kernel/bpf/maps/hash.c:10 hash_free+0x1/0x2",
    "[    9.1] kernel BUG at kernel/bpf/maps/hash.c:10!",
    "[    9.1] rcu: INFO: rcu_preempt self-detected stall on CPU",
    "[    9.1] INFO: task bpftool:10 blocked for more than 240 seconds.",
    "[    9.1] refcount_t: underflow; use-after-free.",
    "[    9.1] unregister_netdevice: waiting for veth0 to become free. Usage count = 2",
    "[    9.1] Kernel panic - not syncing: Fatal exception",
    "[    9.1] unreferenced object 0xffff888000000000 (size 64):",
    "[    9.1] kmemleak: 2 new suspected memory leaks (see /sys/kernel/debug/kmemleak)",
    "[    9.1] kbpf-guest: kmemleak is off",
    "[    9.1] kbpf-guest: lockdep is off",
]

HEALTHY = [
    "[    0.1] Lock dependency validator: Copyright (c) 2006 Red Hat, Inc., Ingo Molnar",
    "[    0.1] kmemleak: Kernel memory leak detector initialized (mem pool available: 1)",
    "[    0.1] kasan: KernelAddressSanitizer initialized",
    "[    0.1] FAULT_INJECTION: forcing a failure.",
    "[    0.1] traps: PANIC: double fault, or not",
    "[    0.1] eth0: renamed from veth1",
]

TAP = ["# Totals: pass:1 fail:0 xfail:0 xpass:0 skip:0 error:0"]


def boot(directory, *names):
    """Suites of these names that have passed, in one boot."""
    made = []
    for name in names:
        conf = directory / name / "suite.conf"
        conf.parent.mkdir(exist_ok=True)
        conf.write_text("home=guest\n")
        suite = suites.Suite.__new__(suites.Suite)
        suite.name, suite.why, suite.lines, suite.focus = name, "", list(TAP), []
        suite.log, suite.seconds, suite.done = directory / name, 0.0, False
        suite.passed = suite.failed = suite.skipped = 0
        suite.keys = {"home": "guest"}
        suite.finish(0)
        made.append(suite)
    return suites.Boot(made, None)


def console(*parts):
    """Marks of suites are written as their names, all else as it is."""
    lines = []
    for part in parts:
        words = part.split()
        if words[0] in ("begin", "end"):
            part = f"[    5.0] {suites.MARK} {part}"
        lines.append(part)
    return lines


def failures(directory, *parts):
    """Names of the suites that a console like this fails, of a, b and c."""
    it = boot(directory, "a", "b", "c")
    it.blame(console(*parts))
    assert all(s.passed == 1 for s in it.suites.values())
    return "".join(s.name for s in it.suites.values() if s.failed)


def test_reports(directory):
    """Each kind of report is one, in the suite during which it came."""
    for line in REPORTS:
        assert guest.complaint(line), line
        got = failures(directory, "begin a", "end a", "begin b", line, "end b", "begin c", "end c")
        assert got == "b", (line, got)


def test_healthy(directory):
    """What a kernel says that is well fails nothing."""
    for line in HEALTHY:
        assert not guest.complaint(line), line
    assert failures(directory, "begin a", *HEALTHY, "end a") == ""


def test_late(directory):
    """What comes between two suites is of the first of them, and after the last of the last."""
    bad = REPORTS[0]
    assert failures(directory, "begin a", "end a", bad, "begin b", "end b") == "a"
    assert failures(directory, "begin a", "end a", "begin b", "end b", bad) == "b"


def test_at_boot(directory):
    """What comes before all suites is not lost."""
    assert failures(directory, REPORTS[0], "begin a", "end a", "begin b", "end b") == "a"


def test_once(directory):
    """A report has many lines and is one failure; its first lines are shown."""
    it = boot(directory, "a")
    it.blame(console("begin a", "fine", REPORTS[0], REPORTS[3], "end a"))
    suite = it.suites["a"]
    assert suite.failed == 1, suite.failed
    assert suite.why.endswith(REPORTS[0].strip()), suite.why
    assert suite.focus[1] == REPORTS[0], suite.focus


def test_checkers(_directory):
    """The guest's script looks for leaks and at the checkers after each suite, not only once."""
    class One:
        """As much of a suite as the script needs."""
        name, dir, timeout, keys = "a", pathlib.Path("/a"), 1.0, {"run": "true"}

        def environment(self):
            """None is needed."""
            return {}

    script = suites.guest_script([One(), One()]).splitlines()
    ends = [i for i, l in enumerate(script) if f"{suites.MARK} end a" in l and "/dev/kmsg" in l]
    looks = [i for i, l in enumerate(script) if l == "look_for_leaks; look_at_checkers"]
    assert len(ends) == len(looks) == 2, (ends, looks)
    assert all(look < end for look, end in zip(looks, ends))


def in_time(seconds, command):
    """Status and output of a command that has so many seconds."""
    done = subprocess.run([ROOT / "series/in_time.sh", str(seconds), "sh", "-c", command],
                          check=False, capture_output=True, text=True)
    return done.returncode, done.stdout


def test_status(_directory):
    """A command that ends by itself keeps its status."""
    assert in_time(1000, "echo x; exit 3") == (3, "x\n")


def test_hangs(_directory):
    """One that does not is ended with its children, whose names are said."""
    status, said = in_time(5, "sleep 4321 & sleep 1234; true")
    assert status == 124, status
    assert "sleep 1234" in said and "sleep 4321" in said, said
    left = subprocess.run(["pgrep", "-f", "^sleep (1234|4321)$"], check=False, capture_output=True)
    assert left.returncode == 1, left.stdout


def main():
    """Run each test; TAP, and totals."""
    tests = [(n, f) for n, f in sorted(globals().items()) if n.startswith("test_")]
    passed = 0
    said = suites.show
    suites.show = lambda suite: None
    for number, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as directory:
            try:
                test(pathlib.Path(directory))
                passed += 1
                print(f"ok {number} {name}")
            except AssertionError:
                print(f"not ok {number} {name}")
                print("# " + traceback.format_exc().replace("\n", "\n# "))
    suites.show = said
    print(f"{passed} passed, {len(tests) - passed} failed")
    return passed != len(tests)


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
