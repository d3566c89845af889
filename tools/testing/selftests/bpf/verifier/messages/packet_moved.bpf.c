// SPDX-License-Identifier: GPL-2.0
/* Pointers into the packet are used after a helper that may move it. */
// EXPECT: invalid mem access 'scalar'
// EXPECT: until bpf_skb_pull_data() at insn
// EXPECT: hint: Read data and data_end from the context again after the call
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("tc")
int look(struct __sk_buff *skb)
{
	unsigned char *data = (void *)(long)skb->data;
	void *end = (void *)(long)skb->data_end;

	if ((void *)(data + 20) > end)
		return 0;
	if (bpf_skb_pull_data(skb, 20))
		return 0;
	return data[10];
}

char LICENSE[] SEC("license") = "GPL";
