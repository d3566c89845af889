# SPDX-License-Identifier: GPL-2.0
# Completion for bpfcheck(1).
_bpfcheck()
{
	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}

	case $prev in
	-b | --btf | --html | --target)
		COMPREPLY=($(compgen -f -- "$cur"))
		return
		;;
	-f | --features)
		COMPREPLY=($(compgen -W "all unprivileged bpf perfmon net-admin" -- "$cur"))
		return
		;;
	-t | --type)
		COMPREPLY=($(compgen -W "socket_filter kprobe sched_cls sched_act tracepoint xdp
			perf_event cgroup_skb cgroup_sock lwt_in lwt_out lwt_xmit sock_ops sk_skb
			cgroup_device sk_msg raw_tracepoint cgroup_sock_addr lwt_seg6local
			sk_reuseport flow_dissector cgroup_sysctl cgroup_sockopt tracing struct_ops
			ext lsm sk_lookup syscall netfilter" -- "$cur"))
		return
		;;
	-j | --jobs)
		return
		;;
	esac
	if [[ $cur == -* ]]; then
		COMPREPLY=($(compgen -W "--btf --features --kernel --type --target --jobs --stats --verbose --quiet --json
			--html --help --version" -- "$cur"))
	else
		COMPREPLY=($(compgen -f -X '!*.o' -- "$cur") $(compgen -d -- "$cur"))
	fi
}
complete -o filenames -F _bpfcheck bpfcheck
