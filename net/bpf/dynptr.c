// SPDX-License-Identifier: GPL-2.0
/* Dynptrs of packets. */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/cfi.h>
#include <linux/init.h>
#include <linux/module.h>
#include <linux/skbuff.h>
#include <net/xdp.h>

#include "helpers/dynptr.h"
#include "net_bpf.h"
#include "protos.h"

/* ------------------------------------------------------------------ socket buffers */

static int skb_read(void *obj, u32 offset, void *dst, u32 len)
{
	return skb_copy_bits(obj, offset, dst, len);
}

static int skb_write(void *obj, u32 offset, const void *src, u32 len, u64 flags)
{
	return bpf_skb_store_bytes_proto.func((unsigned long)obj, offset, (unsigned long)src, len,
					      flags);
}

/* Bytes that a clone shows too are not written. */
static void *skb_slice(void *obj, u32 offset, u32 len, bool write)
{
	struct sk_buff *skb = obj;

	if (offset > skb_headlen(skb) || len > skb_headlen(skb) - offset)
		return NULL;
	if (write && skb_cloned(skb) && !skb_clone_writable(skb, offset + len))
		return NULL;
	return skb->data + offset;
}

const struct bpf_dynptr_ops bpf_dynptr_skb_ops = {
	.read = skb_read,
	.write = skb_write,
	.slice = skb_slice,
};

/* ------------------------------------------------------------------ XDP */

static int xdp_read(void *obj, u32 offset, void *dst, u32 len)
{
	return bpf_xdp_load_bytes_proto.func((unsigned long)obj, offset, (unsigned long)dst, len,
					     0);
}

static int xdp_write(void *obj, u32 offset, const void *src, u32 len, u64 flags)
{
	if (flags)
		return -EINVAL;
	return bpf_xdp_store_bytes_proto.func((unsigned long)obj, offset, (unsigned long)src, len,
					      0);
}

static void *xdp_slice(void *obj, u32 offset, u32 len, bool write)
{
	struct xdp_buff *xdp = obj;
	u32 size = xdp->data_end - xdp->data, i;
	struct skb_shared_info *sinfo;

	if (offset < size)
		return len <= size - offset ? xdp->data + offset : NULL;
	if (!xdp_buff_has_frags(xdp))
		return NULL;
	offset -= size;
	sinfo = xdp_get_shared_info_from_buff(xdp);
	for (i = 0; i < sinfo->nr_frags; i++) {
		skb_frag_t *frag = &sinfo->frags[i];

		size = skb_frag_size(frag);
		if (offset < size)
			return len <= size - offset ? skb_frag_address(frag) + offset : NULL;
		offset -= size;
	}
	return NULL;
}

const struct bpf_dynptr_ops bpf_dynptr_xdp_ops = {
	.read = xdp_read,
	.write = xdp_write,
	.slice = xdp_slice,
};

/* ------------------------------------------------------------------ making them */

static int make(struct bpf_dynptr *ptr, void *obj, enum bpf_dynptr_kind kind, u32 size, u64 flags)
{
	struct bpf_dynptr_kern *p = (struct bpf_dynptr_kern *)ptr;

	if (flags || size > BPF_DYNPTR_SIZE_MAX) {
		bpf_dynptr_set_null(p);
		return flags ? -EINVAL : -E2BIG;
	}
	bpf_dynptr_init(p, obj, kind, size);
	return 0;
}

__bpf_kfunc_start_defs();

/**
 * bpf_dynptr_from_skb - dynptr of a packet
 * @s: the program's context
 * @flags: 0
 * @ptr__uninit: the dynptr
 *
 * Context: programs. Return: 0, -EINVAL, -E2BIG: the dynptr has no memory then.
 */
__bpf_kfunc int bpf_dynptr_from_skb(struct __sk_buff *s, u64 flags, struct bpf_dynptr *ptr__uninit)
{
	struct sk_buff *skb = (struct sk_buff *)s;

	return make(ptr__uninit, skb, BPF_DYNPTR_SKB, skb->len, flags);
}

/**
 * bpf_dynptr_from_skb_rdonly - what programs that may not write packets call in its place
 * @s: the program's context
 * @flags: 0
 * @ptr__uninit: the dynptr
 *
 * Context: programs, by the verifier's choice alone. Return: as bpf_dynptr_from_skb().
 */
__bpf_kfunc int bpf_dynptr_from_skb_rdonly(struct __sk_buff *s, u64 flags,
					   struct bpf_dynptr *ptr__uninit)
{
	int err = bpf_dynptr_from_skb(s, flags, ptr__uninit);

	if (!err)
		((struct bpf_dynptr_kern *)ptr__uninit)->size |= BPF_DYNPTR_RDONLY;
	return err;
}

CFI_NOSEAL(bpf_dynptr_from_skb_rdonly);

/**
 * bpf_dynptr_from_xdp - dynptr of a packet
 * @x: the program's context
 * @flags: 0
 * @ptr__uninit: the dynptr
 *
 * Context: programs. Return: 0, -EINVAL, -E2BIG: the dynptr has no memory then.
 */
__bpf_kfunc int bpf_dynptr_from_xdp(struct xdp_md *x, u64 flags, struct bpf_dynptr *ptr__uninit)
{
	struct xdp_buff *xdp = (struct xdp_buff *)x;

	return make(ptr__uninit, xdp, BPF_DYNPTR_XDP, xdp_get_buff_len(xdp), flags);
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(skb_dynptr_ids)
BTF_ID_FLAGS(func, bpf_dynptr_from_skb)
BTF_KFUNCS_END(skb_dynptr_ids)

BTF_KFUNCS_START(xdp_dynptr_ids)
BTF_ID_FLAGS(func, bpf_dynptr_from_xdp)
BTF_KFUNCS_END(xdp_dynptr_ids)

static const struct btf_kfunc_id_set skb_dynptr_set = {
	.owner = THIS_MODULE,
	.set = &skb_dynptr_ids,
};

static const struct btf_kfunc_id_set xdp_dynptr_set = {
	.owner = THIS_MODULE,
	.set = &xdp_dynptr_ids,
};

static int __init dynptr_packet_init(void)
{
	static const enum bpf_prog_type types[] = {
		BPF_PROG_TYPE_SCHED_CLS, BPF_PROG_TYPE_SCHED_ACT, BPF_PROG_TYPE_SK_SKB,
		BPF_PROG_TYPE_SOCKET_FILTER, BPF_PROG_TYPE_CGROUP_SKB, BPF_PROG_TYPE_LWT_OUT,
	};
	int err;
	u32 i;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_XDP, &xdp_dynptr_set);
	for (i = 0; !err && i < ARRAY_SIZE(types); i++)
		err = register_btf_kfunc_id_set(types[i], &skb_dynptr_set);
	return err;
}
late_initcall(dynptr_packet_init);
