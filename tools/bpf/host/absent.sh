#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
# absent.sh OBJECT OUT.c: a definition for each function that the object wants and the host home has
# not. Calling one is a bug of the host home, so it says which and ends the process. What is never called
# is data, which has to be defined (src/gone.c), but for these functions.
set -eu
taken='^(sock_edemux|delayed_work_timer_fn)$'
offered='^(host_.*|os_.*|__start_.*|__stop_.*|__asan.*|__ubsan.*|__tsan.*|__sanitizer.*|__sancov.*|_GLOBAL_OFFSET_TABLE_|__tls_get_addr|mem(cpy|set|move|cmp|chr|scan)|str(len|nlen|cmp|ncmp|casecmp|ncasecmp|chr|rchr|chrnul|str|cpy|ncpy|cat|ncat|spn|cspn|pbrk|sep|nstr)|__stack_chk_fail|__popcountdi2|_Unwind.*)$'
wanted() {
	nm -u "$1" | awk '$1 == "U" { print $2 }' | grep -vE "$offered" | sort
}

data=$(readelf -rW "$1" | awk '$3 ~ /^R_X86_64/ { seen[$5]; if ($3 ~ /PLT32/) called[$5] }
	END { for (s in seen) if (!(s in called)) print s }' | sort | comm -12 <(wanted "$1") - |
	grep -vE "$taken" || true)
if [[ $data ]]; then
	echo "error: data that the host home has not:" $data >&2
	exit 1
fi
{
	echo '#include <stdio.h>'
	echo '#include <stdlib.h>'
	echo 'static void absent(const char *name) { fprintf(stderr, "kbpf: %s() is not in the host home\n", name); abort(); }'
	wanted "$1" | while read -r s; do
		printf 'void %s(void); void %s(void) { absent("%s"); }\n' "$s" "$s" "$s"
	done
} >"$2"
