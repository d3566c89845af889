// SPDX-License-Identifier: GPL-2.0
/*
 * Helpers of XDP programs: moving the ends of a packet, and its bytes wherever they lie.
 *
 * Below the headers a packet has room for struct xdp_frame, which never may be overwritten; a
 * packet in several pieces keeps those behind the first in the shared info at the end of its
 * buffer.
 */
#include <linux/if_ether.h>
#include <linux/skbuff.h>
#include <net/xdp.h>
#include <net/xdp_sock_drv.h>

#include "net_bpf.h"
#include "protos.h"

#define PROTO_DELTA(_fn)				\
const struct bpf_func_proto _fn##_proto = {		\
	.func		= _fn,				\
	.changes_pkt_data = true,			\
	.ret_type	= RET_INTEGER,			\
	.arg1_type	= ARG_PTR_TO_CTX,		\
	.arg2_type	= ARG_ANYTHING,			\
}

static void *lowest_data(const struct xdp_buff *xdp)
{
	return xdp->data_hard_start + sizeof(struct xdp_frame);
}

static unsigned long meta_len(const struct xdp_buff *xdp)
{
	return xdp_data_meta_unsupported(xdp) ? 0 : xdp->data - xdp->data_meta;
}

BPF_CALL_2(bpf_xdp_adjust_head, struct xdp_buff *, xdp, int, delta)
{
	unsigned long meta = meta_len(xdp);
	void *data = xdp->data + delta;

	if (unlikely(data < lowest_data(xdp) + meta || data > xdp->data_end - ETH_HLEN))
		return -EINVAL;
	/* Metadata stays in front of the packet. */
	if (meta)
		memmove(xdp->data_meta + delta, xdp->data_meta, meta);
	xdp->data_meta += delta;
	xdp->data = data;
	return 0;
}

PROTO_DELTA(bpf_xdp_adjust_head);

BPF_CALL_2(bpf_xdp_adjust_meta, struct xdp_buff *, xdp, int, delta)
{
	void *meta = xdp->data_meta + delta;

	if (xdp_data_meta_unsupported(xdp))
		return -ENOTSUPP;
	if (unlikely(meta < lowest_data(xdp) || meta > xdp->data))
		return -EINVAL;
	if (unlikely(xdp_metalen_invalid(xdp->data - meta)))
		return -EACCES;
	xdp->data_meta = meta;
	return 0;
}

PROTO_DELTA(bpf_xdp_adjust_meta);

/* The last piece grows in its own buffer, as far as the driver says that it may. */
static int frags_grow(struct xdp_buff *xdp, u32 bytes)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	skb_frag_t *frag = &sinfo->frags[sinfo->nr_frags - 1];
	struct xdp_rxq_info *rxq = xdp->rxq;
	u32 used;

	if (!rxq->frag_size || rxq->frag_size > xdp->frame_sz)
		return -EOPNOTSUPP;
	used = skb_frag_size(frag) + skb_frag_off(frag) % rxq->frag_size;
	if (used > rxq->frag_size || bytes > rxq->frag_size - used)
		return -EINVAL;
	memset(skb_frag_address(frag) + skb_frag_size(frag), 0, bytes);
	skb_frag_size_add(frag, bytes);
	sinfo->xdp_frags_size += bytes;
	return 0;
}

/* Gives a piece back, of which nothing is left. */
static void frag_release(struct xdp_buff *xdp, skb_frag_t *frag)
{
	struct xdp_mem_info *mem = &xdp->rxq->mem;
	struct xdp_buff *zc = NULL;

	if (mem->type == MEM_TYPE_XSK_BUFF_POOL) {
		zc = xsk_buff_get_tail(xdp);
		xsk_buff_del_tail(zc);
		__xdp_return(NULL, mem, false, zc);
	} else {
		__xdp_return(skb_frag_address(frag), mem, false, NULL);
	}
}

static int frags_shrink(struct xdp_buff *xdp, u32 bytes)
{
	struct skb_shared_info *sinfo = xdp_get_shared_info_from_buff(xdp);
	u32 size, cut;

	if (bytes > xdp_get_buff_len(xdp) - ETH_HLEN)
		return -EINVAL;
	while (bytes && sinfo->nr_frags) {
		skb_frag_t *frag = &sinfo->frags[sinfo->nr_frags - 1];

		size = skb_frag_size(frag);
		cut = min(size, bytes);
		bytes -= cut;
		sinfo->xdp_frags_size -= cut;
		if (cut < size) {
			if (xdp->rxq->mem.type == MEM_TYPE_XSK_BUFF_POOL)
				xsk_buff_get_tail(xdp)->data_end -= cut;
			skb_frag_size_sub(frag, cut);
		} else {
			frag_release(xdp, frag);
			sinfo->nr_frags--;
		}
	}
	if (!sinfo->nr_frags) {
		xdp_buff_clear_frags_flag(xdp);
		xdp->data_end -= bytes;
	}
	return 0;
}

BPF_CALL_2(bpf_xdp_adjust_tail, struct xdp_buff *, xdp, int, delta)
{
	void *data_end = xdp->data_end + delta;

	if (unlikely(xdp_buff_has_frags(xdp)))
		return delta < 0 ? frags_shrink(xdp, -(s64)delta) : frags_grow(xdp, delta);

	if (unlikely(data_end > xdp_data_hard_end(xdp) || data_end < xdp->data + ETH_HLEN))
		return -EINVAL;
	/* What stood there before is nobody's business. */
	if (delta > 0)
		memset(xdp->data_end, 0, delta);
	xdp->data_end = data_end;
	return 0;
}

PROTO_DELTA(bpf_xdp_adjust_tail);

/* ------------------------------------------------------------------ bytes */

BPF_CALL_1(bpf_xdp_get_buff_len, struct xdp_buff *, xdp)
{
	return xdp_get_buff_len(xdp);
}

const struct bpf_func_proto bpf_xdp_get_buff_len_proto = {
	.func		= bpf_xdp_get_buff_len,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
};

/* Copies the part of [off, off + len) that lies in a piece of @size bytes at @at; bytes copied. */
static u32 copy_piece(u8 *piece, u32 at, u32 size, u32 off, u8 *buf, u32 len, bool write)
{
	u32 from, n;

	if (off >= at + size || off + len <= at)
		return 0;
	from = max(off, at);
	n = min(off + len, at + size) - from;
	if (write)
		memcpy(piece + (from - at), buf + (from - off), n);
	else
		memcpy(buf + (from - off), piece + (from - at), n);
	return n;
}

/* @off + @len is inside the packet. */
static void copy_bytes(struct xdp_buff *xdp, u32 off, u8 *buf, u32 len, bool write)
{
	u32 at = xdp->data_end - xdp->data, done, i;
	struct skb_shared_info *sinfo;

	done = copy_piece(xdp->data, 0, at, off, buf, len, write);
	if (!xdp_buff_has_frags(xdp))
		return;
	sinfo = xdp_get_shared_info_from_buff(xdp);
	for (i = 0; i < sinfo->nr_frags && done < len; i++) {
		skb_frag_t *frag = &sinfo->frags[i];

		done += copy_piece(skb_frag_address(frag), at, skb_frag_size(frag), off, buf, len,
				   write);
		at += skb_frag_size(frag);
	}
}

static int copy_checked(struct xdp_buff *xdp, u32 off, void *buf, u32 len, bool write)
{
	if (unlikely(off > 0xffff || len > 0xffff))
		return -EFAULT;
	if (unlikely(off + len > xdp_get_buff_len(xdp)))
		return -EINVAL;
	copy_bytes(xdp, off, buf, len, write);
	return 0;
}

/* For samples of packets; see bpf_xdp_event_output(). */
unsigned long xdp_copy_out(void *dst, const void *ctx, unsigned long off, unsigned long len)
{
	copy_bytes((struct xdp_buff *)ctx, off, dst, len, false);
	return 0;
}

BPF_CALL_4(bpf_xdp_load_bytes, struct xdp_buff *, xdp, u32, offset, void *, buf, u32, len)
{
	int err = copy_checked(xdp, offset, buf, len, false);

	if (unlikely(err))
		memset(buf, 0, len);
	return err;
}

const struct bpf_func_proto bpf_xdp_load_bytes_proto = {
	.func		= bpf_xdp_load_bytes,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_UNINIT_MEM,
	.arg4_type	= ARG_CONST_SIZE,
};

BPF_CALL_4(bpf_xdp_store_bytes, struct xdp_buff *, xdp, u32, offset, void *, buf, u32, len)
{
	return copy_checked(xdp, offset, buf, len, true);
}

const struct bpf_func_proto bpf_xdp_store_bytes_proto = {
	.func		= bpf_xdp_store_bytes,
	.ret_type	= RET_INTEGER,
	.arg1_type	= ARG_PTR_TO_CTX,
	.arg2_type	= ARG_ANYTHING,
	.arg3_type	= ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg4_type	= ARG_CONST_SIZE,
};
