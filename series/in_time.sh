#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# in_time.sh SECONDS COMMAND...: run a command and exit with its status. One that is not done by
# then is ended, after it was said where each of its threads waits; the status is 124.

where() {
	local task=$1
	printf '# %s %s, %s, in %s\n' "${task##*/}" "$(tr '\0' ' ' <"$task/cmdline" | cut -c1-100)" \
		"$(sed -n 's/^State:\t*//p' "$task/status")" "$(cat "$task/wchan")"
	sed 's/^/#     /' "$task/stack"
}

report() {
	local pid task
	echo "# not done after $seconds s:"
	for pid in $(pgrep --session "$command"); do
		for task in "/proc/$pid/task/"*; do
			where "$task" 2>/dev/null
		done
	done
	echo "# tasks that nothing interrupts:"
	for pid in $(ps -eo pid=,stat= | awk '$2 ~ /^D/ { print $1 }'); do
		where "/proc/$pid" 2>/dev/null
	done
}

seconds=$1
shift
setsid "$@" &
command=$!
sleep "$seconds" &
timer=$!
wait -n -p first "$command" "$timer"
status=$?
if [[ $first == "$command" ]]; then
	kill "$timer"
	exit $status
fi
report
kill -TERM -- "-$command"
sleep 2
kill -KILL -- "-$command" 2>/dev/null
exit 124
