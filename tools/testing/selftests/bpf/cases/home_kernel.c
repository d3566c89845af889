// SPDX-License-Identifier: GPL-2.0
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>
#include <linux/capability.h>
#include "home.h"

#define UNPRIV	"/proc/sys/kernel/unprivileged_bpf_disabled"
#define JIT	"/proc/sys/net/core/bpf_jit_enable"
#define HARDEN	"/proc/sys/net/core/bpf_jit_harden"

static int old_unpriv, old_jit, old_harden;

static int read_value(const char *path)
{
	FILE *f = fopen(path, "r");
	int val = -1;

	if (f && fscanf(f, "%d", &val) != 1)
		val = -1;
	if (f)
		fclose(f);
	return val;
}

static bool write_value(const char *path, int val)
{
	FILE *f = fopen(path, "w");
	bool ok;

	if (!f)
		return false;
	ok = fprintf(f, "%d\n", val) > 0;
	return !fclose(f) && ok;
}

long home_bpf(int cmd, union bpf_attr *attr, unsigned int size)
{
	return syscall(__NR_bpf, cmd, attr, size);
}

bool home_begin(void)
{
	old_unpriv = read_value(UNPRIV);
	old_jit = read_value(JIT);
	old_harden = read_value(HARDEN);
	return write_value(UNPRIV, 0);
}

void home_end(void)
{
	write_value(UNPRIV, old_unpriv);
	write_value(JIT, old_jit);
	write_value(HARDEN, old_harden);
}

/* The effective ones; what is permitted stays, so that they can be had again. */
void home_caps(unsigned long long caps)
{
	struct __user_cap_header_struct head = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2];

	memset(data, 0, sizeof(data));
	if (syscall(__NR_capget, &head, data))
		return;
	data[0].effective = data[0].permitted & (unsigned int)caps;
	data[1].effective = data[1].permitted & (unsigned int)(caps >> 32);
	if (syscall(__NR_capset, &head, data))
		perror("capset");
}

bool home_jit(int enable, int harden)
{
	return write_value(JIT, enable) && write_value(HARDEN, harden);
}

bool home_pruning(bool on)
{
	return on;
}

const char *home_btf(void)
{
	return "/sys/kernel/btf/vmlinux";
}

long home_live(void)
{
	return -1;
}

long home_warnings(void)
{
	return -1;
}
