#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Boot a kernel image under QEMU on the host's own root and run a command in it.

The guest sees the host's file systems read-only, this tree at its own path, tmpfs on /tmp,
/root, /run and /mnt, and a directory of the host that it may write as /mnt/out ($OUT).
The exit status is the command's; a guest that hangs, panics or complains on its console fails.
"""

import argparse
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build"

# Exit statuses beyond the command's own.
STATUS_TIMEOUT = 124
STATUS_GUEST = 125

# What a healthy kernel never prints.
COMPLAINTS = re.compile(
    r"Kernel panic|\bOops\b|\bBUG:|WARNING: |KASAN:|UBSAN:|ODEBUG:|kernel BUG at"
    r"|general protection fault|self-detected stall|detected stalls on|blocked for more than"
    r"|possible recursive locking|possible circular locking|inconsistent lock state"
    r"|suspicious RCU usage|non-static key|lockdep is turned off|scheduling while atomic"
    r"|sleeping function called|unregister_netdevice: waiting|ref_tracker:|refcount_t:"
    r"|unreferenced object|suspected memory leak|kbpf-guest:")


def complaint(line):
    """Whether a line of the console says that the kernel is unwell."""
    return COMPLAINTS.search(line) is not None


def cpio_entry(name, mode, data=b"", rdev=(0, 0)):
    """One entry of an archive in the format 'newc'."""
    fields = [0, mode, 0, 0, 1, 0, len(data), 0, 0, rdev[0], rdev[1], len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name.encode() + b"\0"
    return head + b"\0" * (-len(head) % 4) + data + b"\0" * (-len(data) % 4)


def initramfs(path):
    """Write the archive that the guest starts from: busybox and series/init."""
    busybox = next((p for p in ("/bin/busybox", "/usr/bin/busybox") if os.path.exists(p)), None)
    if not busybox:
        sys.exit("error: busybox is missing: run series/setup.sh")
    out = b"".join([
        cpio_entry("dev", stat.S_IFDIR | 0o755),
        cpio_entry("dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1)),
        cpio_entry("bin", stat.S_IFDIR | 0o755),
        cpio_entry("bin/busybox", stat.S_IFREG | 0o755, pathlib.Path(busybox).read_bytes()),
        cpio_entry("init", stat.S_IFREG | 0o755, (ROOT / "series/init").read_bytes()),
        cpio_entry("TRAILER!!!", 0),
    ])
    path.write_bytes(out)


class Guest:
    """One boot: a scratch directory, a QEMU process, and what came out of it."""

    def __init__(self, args, accel, output=None):
        self.args = args
        self.output = output or self.print
        self.accel = accel
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="kbpf-guest-"))
        self.out = pathlib.Path(args.out).resolve() if args.out else self.dir / "out"
        self.out.mkdir(parents=True, exist_ok=True)
        (self.out / "status").unlink(missing_ok=True)
        # Guests may run side by side: the console gets its name when the guest has ended.
        self.final = pathlib.Path(args.console).resolve()
        self.final.parent.mkdir(parents=True, exist_ok=True)
        self.console = self.final.with_name(f"{self.final.name}.{os.getpid()}")
        self.said = None
        self.process = None
        self.timed_out = False

    def command_line(self):
        """The arguments of QEMU."""
        args = self.args
        append = ["console=ttyS0", "panic=-1", "oops=panic", "unknown_nmi_panic=1", "panic_print=72",
                  "printk.devkmsg=on", f"kbpf.root={ROOT}"]
        # A host that is busy may leave a processor of the guest without time for seconds: timer
        # interrupts that come late at boot are not missing, and a stall has to be longer.
        append += ["no_timer_check", "rcupdate.rcu_cpu_stall_timeout=60"]
        # What the firmware says of interrupts is a program; the sanitizers make its loops so slow
        # that the kernel gives up on it. The tables of the older way say the same, of the first
        # processor in each socket: so each has its own. And of all that it finds, the address
        # sanitizer reports the first only, unless it is asked for more.
        debug = os.environ.get("FLAVOR") == "debug"
        if debug:
            append += ["pci=noacpi", "kasan_multi_shot"]
        # No emulated processor needs what this flavour is for.
        if os.environ.get("FLAVOR") == "ibt":
            append += ["spectre_v2=retpoline", "indirect_target_selection=force"]
        append += ["kbpf.mode=shell", "quiet"] if args.shell else ["kbpf.mode=run"]
        if args.shell and sys.stdin.isatty():
            size = os.get_terminal_size()
            append.append(f"kbpf.size={size.lines}x{size.columns}")
        append += args.append
        # One thread of the emulator takes turns between the processors. With a thread for each,
        # one may go on with a translation of code that another has just patched, and meets an
        # int3 that is no longer there: the base's function tracer is enough to see that.
        threads = os.environ.get("TCG_THREADS", "single")
        accel = {"kvm": ["-accel", "kvm", "-cpu", "host"],
                 "tcg": ["-accel", f"tcg,thread={threads}", "-cpu", "max"],
                 "icount": ["-accel", "tcg,thread=single", "-cpu", "max",
                            "-icount", "shift=0,sleep=off"]}[self.accel]
        cpus = 1 if self.accel == "icount" else args.cpus
        append.append(f"kbpf.cpus={cpus}")

        def share(tag, path, readonly):
            flags = ",readonly=on" if readonly else ""
            return ["-virtfs", f"local,path={path},mount_tag={tag},security_model=none,"
                    f"multidevs=remap{flags}"]

        # However the thread that waits for it ends, the emulator ends with it.
        line = ["setpriv", "--pdeathsig", "KILL", "qemu-system-x86_64", *accel,
                "-smp", f"{cpus},sockets={cpus}" if debug else str(cpus), "-m", args.memory,
                "-nographic", "-no-reboot", "-nodefaults", "-kernel", args.image,
                "-initrd", str(self.dir / "initramfs"), "-append", " ".join(append),
                "-monitor", f"unix:{self.dir}/monitor,server=on,wait=off",
                *share("root", "/", True), *share("kbpf", ROOT, True), *share("out", self.out, False)]
        # Two network cards, each the other's peer.
        for i in range(2):
            line += ["-netdev", f"hubport,hubid=0,id=net{i}",
                     "-device", f"virtio-net-pci,netdev=net{i},romfile=,mac=52:54:00:00:00:0{i + 1}"]
        if args.shell:
            return line + ["-serial", "stdio"]
        return line + ["-serial", f"file:{self.console}",
                       "-device", "virtio-serial-pci", "-device", "virtserialport,chardev=port,name=kbpf",
                       "-chardev", f"socket,id=port,path={self.dir}/port"]

    def print(self, data):
        """What becomes of the command's output unless somebody wants it."""
        if not self.args.silent:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()

    def console_lines(self):
        """All that the kernel said."""
        if self.said is not None:
            return self.said
        text = self.console.read_bytes().decode(errors="replace")
        return text.replace("\r", "").splitlines()

    def last_words(self, count):
        """The lines of the console that matter: from the first complaint on, or the last ones."""
        lines = self.console_lines()
        bad = [i for i, line in enumerate(lines) if complaint(line)]
        return lines[max(bad[0] - 2, 0):][:count] if bad else lines[-count:]

    def relay(self, server):
        """Pass on what the command prints, as it comes."""
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            while True:
                data = connection.recv(65536)
                if not data:
                    return
                self.output(data)

    def stop(self):
        """A guest that is too late: let its processors say where they are, then end it."""
        self.timed_out = True
        try:
            with socket.socket(socket.AF_UNIX) as monitor:
                monitor.connect(f"{self.dir}/monitor")
                monitor.sendall(b"nmi\n")
                self.process.wait(timeout=8)
        except (OSError, subprocess.TimeoutExpired):
            pass
        self.process.kill()

    def run(self):
        """Boot, wait, and return the status."""
        initramfs(self.dir / "initramfs")
        (self.out / "command").write_text(self.args.script + "\n")
        server = None
        reader = None
        if not self.args.shell:
            self.console.write_bytes(b"")
            server = socket.socket(socket.AF_UNIX)
            server.bind(f"{self.dir}/port")
            server.listen(1)
            reader = threading.Thread(target=self.relay, args=(server,), daemon=True)
            reader.start()
        try:
            with open(self.dir / "qemu", "wb") as errors:
                self.process = subprocess.Popen(
                    self.command_line(), stderr=errors,
                    stdin=None if self.args.shell else subprocess.DEVNULL,
                    stdout=None if self.args.shell else errors)
            try:
                self.process.wait(timeout=None if self.args.shell else self.args.timeout)
            except subprocess.TimeoutExpired:
                self.stop()
                self.process.wait()
            if reader:
                server.shutdown(socket.SHUT_RDWR)
                reader.join(timeout=5)
                self.said = self.console_lines()
                self.console.replace(self.final)
            return self.verdict()
        finally:
            if self.process and self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if server:
                server.close()
            self.console.unlink(missing_ok=True)
            shutil.rmtree(self.dir, ignore_errors=True)

    def verdict(self):
        """The status of the run: the command's, unless the guest itself was unwell."""
        try:
            status = int((self.out / "status").read_text())
        except (OSError, ValueError):
            status = None
        if self.args.shell:
            return status if status is not None else STATUS_GUEST
        if self.timed_out:
            self.report(f"the guest did not end within {self.args.timeout} s", self.last_words(60))
            return STATUS_TIMEOUT
        if status is None:
            errors = (self.dir / "qemu").read_text(errors="replace").splitlines()
            self.report("the guest ended without a word", self.last_words(60) + errors)
            return STATUS_GUEST
        if not self.args.tolerate and any(map(complaint, self.console_lines())):
            self.report("the guest's kernel complained", self.last_words(60))
            return STATUS_GUEST
        return status

    def report(self, what, lines):
        """Say on stderr what went wrong, with the end of the console."""
        if self.args.quiet_failure:
            return
        sys.stdout.flush()
        print(f"error: {what}; its console ({self.final}):", file=sys.stderr)
        for line in lines:
            print(f"  | {line}", file=sys.stderr)


def kvm_boots(args):
    """Whether a guest reaches user space with KVM within seconds: opening /dev/kvm proves nothing."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    probe = argparse.Namespace(**vars(args))
    with tempfile.TemporaryDirectory() as scratch:
        probe.out = scratch
        probe.console = f"{scratch}/console"
        probe.script = "true"
        probe.timeout = 15
        probe.shell = probe.tolerate = False
        probe.silent = probe.quiet_failure = True
        return Guest(probe, "kvm").run() == 0


def choose_accel(args):
    """The accelerator asked for, or the one that was seen to work on this boot of the host."""
    if args.accel != "auto":
        return args.accel
    boot = pathlib.Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    cache = BUILD / "accel"
    try:
        known, accel = cache.read_text().split()
        if known == boot:
            return accel
    except (OSError, ValueError):
        pass
    start = time.monotonic()
    accel = "kvm" if kvm_boots(args) else "tcg"
    print(f"Accelerator: {accel} (probed in {time.monotonic() - start:.0f} s)", file=sys.stderr)
    cache.write_text(f"{boot} {accel}\n")
    return accel


def parser():
    """What can be said on the command line."""
    flavor = os.environ.get("FLAVOR", "")
    image = BUILD / f"out{'-' + flavor if flavor else ''}" / "arch/x86/boot/bzImage"
    p = argparse.ArgumentParser(description=__doc__,
                                formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--image", default=str(image), help="kernel image (default: the built one)")
    p.add_argument("--accel", default=os.environ.get("ACCEL", "auto"),
                   choices=["auto", "kvm", "tcg", "icount"],
                   help="icount: one processor, time counts instructions")
    p.add_argument("--cpus", type=int, default=2)
    p.add_argument("--memory", default="3G")
    p.add_argument("--timeout", type=float, default=600, metavar="SECONDS")
    p.add_argument("--out", help="directory that is /mnt/out inside (default: one for the boot)")
    p.add_argument("--console", default=str(BUILD / "log/console.log"),
                   help="file for the console; has the process's number appended while it runs")
    p.add_argument("--append", action="append", default=[], help="words for the kernel command line")
    p.add_argument("--tolerate", action="store_true", help="do not fail on warnings on the console")
    p.add_argument("--shell", action="store_true", help="interactive, on the console")
    p.add_argument("command", nargs=argparse.REMAINDER, help="what to run (as root, in /root)")
    return p


def options():
    """The defaults, for a boot by another script."""
    args = parser().parse_args([])
    args.silent = args.quiet_failure = False
    return checked(args)


def checked(args):
    """Refuse what cannot be booted."""
    if not os.path.exists(args.image):
        sys.exit(f"error: {args.image} is missing: run make kernel")
    return args


def parse():
    """The command line."""
    p = parser()
    args = p.parse_args()
    words = args.command[1:] if args.command[:1] == ["--"] else args.command
    args.script = shlex.join(words) if words else "bash -l"
    if not words and not args.shell:
        p.error("nothing to run")
    args.silent = args.quiet_failure = False
    return checked(args)


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    args = parse()
    try:
        return Guest(args, choose_accel(args)).run()
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
