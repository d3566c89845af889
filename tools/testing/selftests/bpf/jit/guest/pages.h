/* SPDX-License-Identifier: GPL-2.0 */
/* What pages.bpf.c is asked, and its answer. */
#ifndef _JIT_GUEST_PAGES_H
#define _JIT_GUEST_PAGES_H

/**
 * struct page_walk - a walk of the kernel's page tables
 * @table: the topmost one
 * @levels: how many there are
 * @direct: where all memory is mapped
 * @addr: what is looked for
 * @physical: where that is in memory
 * @present: whether it is mapped; the rest counts only then
 * @writable: all levels let it be written
 * @executable: all levels let it run
 */
struct page_walk {
	__u64 table, levels, direct, addr;
	__u64 physical;
	bool present, writable, executable;
};

#endif /* _JIT_GUEST_PAGES_H */
