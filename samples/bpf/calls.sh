#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Some work for the system-call counter, then the counts: calls.sh FILE
bpftool prog show name count_calls
ls -lR /etc >/dev/null
find /usr/share/doc -maxdepth 1 >/dev/null
grep -c . /proc/kallsyms >/dev/null
bpftool -j map dump name calls >"$1"
