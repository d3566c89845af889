# SPDX-License-Identifier: GPL-2.0
# Completion for bpfcheck(1).
_bpfcheck()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}

	case $prev in
	-b | --btf | --html)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	-f | --features)
		COMPREPLY=($(compgen -W "all unprivileged bpf perfmon net-admin" -- "$cur"))
		return
		;;
	-j | --jobs)
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "--btf --features --jobs --stats --verbose --quiet --json
			--html --help --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -X '!*.o' -- "$cur") $(compgen -d -- "$cur"))
	fi
}
complete -o filenames -F _bpfcheck bpfcheck
