/* SPDX-License-Identifier: GPL-2.0 */
/* What the files of net/bpf/ share. */
#ifndef _NET_BPF_H
#define _NET_BPF_H

#include <linux/filter.h>
#include <linux/skbuff.h>

#include "exec/exec.h"
#include "helpers/helpers.h"
#include "isa/insn.h"
#include "prog/prog_type.h"

#define CTX_OFF(type, member)	((s16)offsetof(type, member))

/* Calls @fn with what stands in R1 to R5. */
static inline void emit_call(struct bpf_insn_buf *buf, bpf_helper_t fn)
{
	insn_buf_add(buf, insn_call(bpf_call_imm(fn)));
}

/* ------------------------------------------------------------------ packet bytes */

/*
 * struct skb_load - a load of a packet word by emitted code
 * @size: BPF_B, BPF_H or BPF_W; the result is in host order
 * @ctx: register that holds the skb
 * @data: register that holds skb->data
 * @hlen: register that holds the bytes there, 64 bits
 * @off: constant offset, unless @in_r2: the offset is in R2, 32 bits zero-extended
 */
struct skb_load {
	u8 size;
	u8 ctx;
	u8 data;
	u8 hlen;
	bool in_r2;
	s32 off;
};

/* Instructions that skb_emit_load() writes at most. */
#define SKB_LOAD_MAX 13

void skb_emit_data(struct bpf_insn_buf *buf, u8 ctx, u8 data, u8 hlen, u8 tmp);
void skb_emit_load(struct bpf_insn_buf *buf, const struct skb_load *load);
int skb_gen_ld_abs(const struct bpf_insn *orig, struct bpf_insn_buf *out);

/* ------------------------------------------------------------------ sockets */

void sk_reuseport_prog_put(struct bpf_prog *prog);

#endif /* _NET_BPF_H */
