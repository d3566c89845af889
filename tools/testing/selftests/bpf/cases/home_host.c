// SPDX-License-Identifier: GPL-2.0
#include "home.h"
#include "host/kbpf.h"

long home_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return bpf_host(cmd, attr, size);
}

bool home_begin(void)
{
	bpf_host_set_unprivileged_disabled(0);
	return true;
}

void home_end(void)
{
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
