// SPDX-License-Identifier: GPL-2.0
/* Classic filters: any instructions; what is accepted runs on a packet. */
#include "fuzz.h"
#include <linux/filter.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	struct sock_filter insns[64];
	uint8_t packet[80];
	unsigned int n = 0, i, result;

	for (i = 0; i < sizeof(packet); i++)
		packet[i] = take8(&in);
	while (in.left && n < 63) {
		insns[n].code = take8(&in);
		insns[n].jt = take8(&in) % 8;
		insns[n].jf = take8(&in) % 8;
		insns[n].k = take8(&in);
		if (insns[n].k >= 250)
			insns[n].k = take32(&in);
		n++;
	}
	insns[n++] = (struct sock_filter) { .code = BPF_RET | BPF_K, .k = 1 };
	bpf_host_classic(insns, n, packet, sizeof(packet), &result);
	finish();
	return 0;
}
