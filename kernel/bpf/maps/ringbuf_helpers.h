/* SPDX-License-Identifier: GPL-2.0 */
/* What programs call on ring buffers; there where the maps are built. */
#ifndef _KBPF_MAPS_RINGBUF_HELPERS_H
#define _KBPF_MAPS_RINGBUF_HELPERS_H

#include <linux/bpf.h>

extern const struct bpf_func_proto bpf_ringbuf_output_proto;
extern const struct bpf_func_proto bpf_ringbuf_reserve_proto;
extern const struct bpf_func_proto bpf_ringbuf_submit_proto;
extern const struct bpf_func_proto bpf_ringbuf_discard_proto;
extern const struct bpf_func_proto bpf_ringbuf_query_proto;
extern const struct bpf_func_proto bpf_ringbuf_reserve_dynptr_proto;
extern const struct bpf_func_proto bpf_ringbuf_submit_dynptr_proto;
extern const struct bpf_func_proto bpf_ringbuf_discard_dynptr_proto;
extern const struct bpf_func_proto bpf_user_ringbuf_drain_proto;

#endif /* _KBPF_MAPS_RINGBUF_HELPERS_H */
