/* SPDX-License-Identifier: GPL-2.0 */
/* Arithmetic on intervals that lie within one half of the words. */
#ifndef BPF_DOMAIN_ARITH_H
#define BPF_DOMAIN_ARITH_H

#include "domain/split.h"

struct split span_add(struct span a, struct span b, unsigned int bits);
struct split span_sub(struct span a, struct span b, unsigned int bits);
struct split span_mul(struct span a, struct span b, unsigned int bits);
struct split span_udiv(struct span a, struct span b, unsigned int bits);
struct split span_sdiv(struct span a, struct span b, unsigned int bits);
struct split span_umod(struct span a, struct span b, unsigned int bits);
struct split span_smod(struct span a, struct span b, unsigned int bits);
struct split span_and(struct span a, struct span b, unsigned int bits);
struct split span_or(struct span a, struct span b, unsigned int bits);
struct split span_xor(struct span a, struct span b, unsigned int bits);
struct split span_lsh(struct span a, unsigned int by, unsigned int bits);
struct split span_rsh(struct span a, unsigned int by, unsigned int bits);
struct split span_arsh(struct span a, unsigned int by, unsigned int bits);

#endif
