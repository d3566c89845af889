// SPDX-License-Identifier: GPL-2.0
/* Walks the kernel's page tables, as the processor does. */
#include <stdbool.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#include "pages.h"

#define PRESENT		(1ULL << 0)
#define WRITABLE	(1ULL << 1)
#define LARGE		(1ULL << 7)
#define NO_EXEC		(1ULL << 63)
#define FRAME		0x000ffffffffff000ULL

struct page_walk w;

SEC("raw_tp/sched_switch")
int walk(void *ctx)
{
	__u64 at = w.table, entry, mask;
	int level;

	w.present = false;
	w.writable = true;
	w.executable = true;
	for (level = 4; level >= 0; level--) {
		if (level >= w.levels)
			continue;
		mask = (1ULL << (12 + 9 * level)) - 1;
		if (bpf_probe_read_kernel(&entry, sizeof(entry),
					  (void *)(at + (w.addr >> (12 + 9 * level) & 511) * 8)))
			return 1;
		if (!(entry & PRESENT))
			return 0;
		w.writable = w.writable && entry & WRITABLE;
		w.executable = w.executable && !(entry & NO_EXEC);
		if (!level || (level < 3 && entry & LARGE)) {
			w.physical = (entry & FRAME & ~mask) | (w.addr & mask);
			w.present = true;
			return 0;
		}
		at = w.direct + (entry & FRAME);
	}
	return 2;
}

char _license[] SEC("license") = "GPL";
