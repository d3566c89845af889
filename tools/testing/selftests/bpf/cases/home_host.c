// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <stdlib.h>
#include "home.h"
#include "host/kbpf.h"

long home_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return bpf_host(cmd, attr, size);
}

/* KBPF_ORACLE=1: what programs do is held against what was proved of them; a difference warns. */
bool home_begin(void)
{
	const char *oracle = getenv("KBPF_ORACLE");

	if (oracle && *oracle && bpf_host_oracle(1))
		return false;
	bpf_host_set_unprivileged_disabled(0);
	return true;
}

void home_end(void)
{
	const char *oracle = getenv("KBPF_ORACLE");

	if (oracle && *oracle)
		printf("# the oracle looked at %ld instructions\n", bpf_host_oracle_checks());
}

void home_caps(unsigned long long caps)
{
	bpf_host_set_caps(caps);
}

bool home_jit(int enable, int harden)
{
	bpf_host_set_jit(enable, harden);
	return true;
}

bool home_pruning(bool on)
{
	bpf_host_set_pruning(on);
	return true;
}

const char *home_btf(void)
{
	return bpf_host_btf();
}

long home_live(void)
{
	bpf_host_settle();
	return bpf_host_live();
}

long home_warnings(void)
{
	return bpf_host_warnings();
}
