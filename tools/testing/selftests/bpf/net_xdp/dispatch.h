/* SPDX-License-Identifier: GPL-2.0 */
#ifndef DISPATCH_H
#define DISPATCH_H

/* What a dispatcher takes at most, and a little of what follows it. */
#define TEXT_MAX	2048

/**
 * struct piece - a piece of the kernel's text
 * @from: where it is
 * @text: what stands there
 */
struct piece {
	__u64 from;
	__u8 text[TEXT_MAX];
};

#endif /* DISPATCH_H */
