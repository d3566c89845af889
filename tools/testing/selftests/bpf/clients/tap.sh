# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
# Sourced by the clients' tests: commands of unmodified tools as test cases, printed as TAP.
#
#	check NAME COMMAND...		ends with status 0
#	expect NAME REGEX COMMAND...	ends with status 0 and prints a line that matches
#	refuse NAME REGEX COMMAND...	fails, and says something that matches
#	never NAME REGEX COMMAND...	ends with status 0 and prints no line that matches
#	skip NAME REASON
#	hold OBJECT; release		attach an object's programs, and let them go
#	finish				prints the totals and ends the script

T=$(mktemp -d /tmp/clients.XXXXXX)
PIN=/sys/fs/bpf/clients_$$
tap_number=0 tap_passed=0 tap_failed=0 tap_skipped=0
trap tap_cleanup EXIT

tap_cleanup() {
	if declare -F cleanup >/dev/null; then cleanup >/dev/null 2>&1; fi
	rm -rf "$PIN" "$T"
}

tap_result() { # STATUS NAME
	tap_number=$((tap_number + 1))
	if (($1 == 0)); then
		tap_passed=$((tap_passed + 1))
		echo "ok $tap_number $2"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_number $2"
		[[ $tap_command ]] && echo "# command: $tap_command"
		tail -n "${TAP_LINES:-12}" "$T/out" 2>/dev/null | cut -c1-240 | sed 's/^/# | /'
	fi
}

tap_run() {
	local status
	tap_command=$*
	# Never longer than this: a client that hangs is a failure, not the end of the suite.
	if declare -F "$1" >/dev/null; then
		"$@" >"$T/out" 2>&1 </dev/null
	else
		timeout $((${TAP_TIMEOUT:-60} * ${SLOW:-1})) "$@" >"$T/out" 2>&1 </dev/null
	fi
	status=$?
	((status == 0)) || echo "(status $status)" >>"$T/out"
	return $status
}

check() {
	local name=$1 status=0
	shift
	tap_run "$@" || status=1
	tap_result $status "$name"
}

expect() {
	local name=$1 regex=$2 status=0
	shift 2
	tap_run "$@" || status=1
	if ((status == 0)) && ! grep -qE -- "$regex" "$T/out"; then
		echo "(no line matches: $regex)" >>"$T/out"
		status=1
	fi
	tap_result $status "$name"
}

refuse() {
	local name=$1 regex=$2 status=0
	shift 2
	if tap_run "$@"; then
		status=1
	elif ! grep -qE -- "$regex" "$T/out"; then
		echo "(no line matches: $regex)" >>"$T/out"
		status=1
	fi
	tap_result $status "$name"
}

never() {
	local name=$1 regex=$2 status=0
	shift 2
	tap_run "$@" || status=1
	if grep -qE -- "$regex" "$T/out"; then
		echo "(a line matches: $regex)" >>"$T/out"
		status=1
	fi
	tap_result $status "$name"
}

# Attach what is in an object until release; both fail loudly.
hold() { # OBJECT
	coproc HOLD { exec "$O/attach" "$1" 2>&1; }
	local said
	read -r -t 60 said <&"${HOLD[0]}" || said="nothing"
	[[ $said == attached ]] || { echo "attach: $said"; return 1; }
}

release() {
	local pid=$HOLD_PID
	eval "exec ${HOLD[1]}>&-"
	wait "$pid"
}

skip() {
	tap_number=$((tap_number + 1))
	tap_skipped=$((tap_skipped + 1))
	echo "ok $tap_number $1 # SKIP $2"
}

finish() {
	echo "1..$tap_number"
	echo "# Totals: pass:$tap_passed fail:$tap_failed xfail:0 xpass:0 skip:$tap_skipped error:0"
	exit $((tap_failed != 0))
}
