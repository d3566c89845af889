// SPDX-License-Identifier: GPL-2.0
/* Helpers that write to the file which an iterator is read from. */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/percpu.h>
#include <linux/seq_file.h>

#include "btf/btf.h"
#include "helpers/bprintf.h"
#include "protos.h"

BTF_ID_LIST_SINGLE(seq_file_ids, struct, seq_file)

/* The buffer of the file grows and the step is repeated when it overflows. */
static long seq_line(struct seq_file *m, const char *fmt, u32 fmt_size, const u64 *args, u32 nr)
{
	size_t room = m->size - m->count;
	int len;

	len = bpf_format(m->buf + m->count, min_t(size_t, room, INT_MAX), fmt, fmt_size, args, nr);
	if (len < 0)
		return len;
	if (len < room) {
		m->count += len;
		return 0;
	}
	m->count = m->size;
	return -EOVERFLOW;
}

BPF_CALL_5(bpf_seq_printf, struct seq_file *, m, char *, fmt, u32, fmt_size, const void *, data,
	   u32, data_size)
{
	if (unlikely(data_size % sizeof(u64) ||
		     data_size > BPF_PRINTF_MAX_ARGS * sizeof(u64) || (data_size && !data)))
		return -EINVAL;
	return seq_line(m, fmt, fmt_size, data, data_size / sizeof(u64));
}

BPF_CALL_3(bpf_seq_write, struct seq_file *, m, const void *, data, u32, len)
{
	return seq_write(m, data, len) ? -EOVERFLOW : 0;
}

/* What bpf_seq_printf_btf() is told about a value. */
static bool btf_ptr_ok(const struct btf_ptr *ptr, u32 size, u64 flags)
{
	return size == sizeof(*ptr) && !ptr->flags && ptr->type_id &&
	       !(flags & ~(BTF_F_COMPACT | BTF_F_NONAME | BTF_F_PTR_RAW | BTF_F_ZERO));
}

BPF_CALL_4(bpf_seq_printf_btf, struct seq_file *, m, struct btf_ptr *, ptr, u32, size, u64, flags)
{
	struct btf *btf;

	if (unlikely(!btf_ptr_ok(ptr, size, flags)))
		return -EINVAL;
	btf = bpf_get_btf_vmlinux();
	if (IS_ERR_OR_NULL(btf))
		return btf ? PTR_ERR(btf) : -EINVAL;
	return btf_type_seq_show_flags(btf, ptr->type_id, ptr->ptr, m, flags);
}

static bool in_iterator(const struct bpf_prog *prog)
{
	return prog->expected_attach_type == BPF_TRACE_ITER;
}

const struct bpf_func_proto bpf_seq_printf_proto = {
	.func = bpf_seq_printf,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &seq_file_ids[0],
	.arg2_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type = ARG_CONST_SIZE,
	.arg4_type = ARG_PTR_TO_MEM | PTR_MAYBE_NULL | MEM_RDONLY,
	.arg5_type = ARG_CONST_SIZE_OR_ZERO,
	.allowed = in_iterator,
};

const struct bpf_func_proto bpf_seq_write_proto = {
	.func = bpf_seq_write,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &seq_file_ids[0],
	.arg2_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,
	.allowed = in_iterator,
};

const struct bpf_func_proto bpf_seq_printf_btf_proto = {
	.func = bpf_seq_printf_btf,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_BTF_ID,
	.arg1_btf_id = &seq_file_ids[0],
	.arg2_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg3_type = ARG_CONST_SIZE_OR_ZERO,
	.arg4_type = ARG_ANYTHING,
	.allowed = in_iterator,
};
