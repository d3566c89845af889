# SPDX-License-Identifier: GPL-2.0
# Sourced by the scripts beside it: where things are, progress, the lock.

set -euo pipefail
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
FLAVOR=${FLAVOR:-}
BUILD=$ROOT/build
SRC=$BUILD/src
OUT=${KBPF_OUT:-$BUILD/out${FLAVOR:+-$FLAVOR}}
LOG=$BUILD/log
BASE=linux-source-6.12
JOBS=${JOBS:-$(nproc)}

# What of this tree is laid over the base.
LAYERS=(include kernel arch net security fs tools/bpf tools/testing/selftests/bpf samples Documentation)

mkdir -p "$LOG"
touch "$BUILD/.lock"

say() { printf '%s\n' "$*"; }
die() { printf 'error: %s\n' "$*" >&2; exit 1; }

# The tools of the kernel's build, quiet about where and when it ran: ccache hits and equal images.
kbuild() {
	KBUILD_BUILD_TIMESTAMP='2024-11-17 00:00:00 UTC' KBUILD_BUILD_VERSION=1 \
	KBUILD_BUILD_USER=kbpf KBUILD_BUILD_HOST=kbpf CCACHE_BASEDIR=$BUILD \
	CCACHE_SLOPPINESS=time_macros,include_file_mtime,include_file_ctime \
	make -C "$SRC" O="$OUT" ARCH=x86_64 CC="ccache gcc" HOSTCC="ccache gcc" \
		KCFLAGS="-ffile-prefix-map=${SRC%/*}=/kbpf" "$@"
}

# step LOGNAME TITLE COMMAND...: run with the output in a log; say what, how long and where.
step() {
	local log=$LOG/$1.log title=$2 start=$SECONDS last=$SECONDS pid rc=0
	shift 2
	printf '%-44s log: %s\n' "$title ..." "${log#"$ROOT"/}"
	("$@") >"$log" 2>&1 </dev/null &
	pid=$!
	trap 'kill $pid 2>/dev/null' INT TERM
	while kill -0 $pid 2>/dev/null; do
		sleep 0.2
		if ((SECONDS - last >= 30)); then
			last=$SECONDS
			printf '  %3d s, %d lines, now: %.90s\n' $((SECONDS - start)) \
				"$(wc -l <"$log")" "$(tail -n 1 "$log" | tr -d '\r\t')"
		fi
	done
	wait $pid || rc=$?
	trap - INT TERM
	if ((rc)); then
		printf '%-44s FAILED after %d s; from %s:\n' "$title" $((SECONDS - start)) "$log"
		grep -nE '(error|Error|undefined reference|No rule to make)' "$log" | head -n 15 || true
		printf -- '--- last lines\n'
		tail -n 25 "$log"
		return $rc
	fi
	printf '%-44s %d s\n' "$title" $((SECONDS - start))
}

# Whether an ancestor of this process holds the lock of the build tree: its descriptor came down to us.
lock_held() {
	local fd
	for fd in /proc/self/fd/*; do
		[[ $(readlink "$fd") == "$BUILD/.lock" ]] && return 0
	done
	return 1
}

# Run the calling script again under the lock, unless that is already so.
lock_or_reexec() {
	lock_held || exec flock "$BUILD/.lock" "$0" "$@"
}
