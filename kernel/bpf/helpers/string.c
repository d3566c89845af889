// SPDX-License-Identifier: GPL-2.0
/* Helpers on text. */
#include <linux/bpf.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/limits.h>
#include <linux/overflow.h>
#include <linux/string.h>
#include "helpers/base.h"
#include "helpers/bprintf.h"

/* Low bits of the flags: the base. */
#define STRTOX_BASE_MASK	0x1fULL

/**
 * struct number - what stands at the start of a text
 * @val: its magnitude
 * @negative: it has a minus sign
 * @len: characters that it takes, blanks before it included
 */
struct number {
	u64 val;
	bool negative;
	u32 len;
};

/* Position after a base's prefix at @pos; @base becomes definite. */
static u32 skip_prefix(const char *buf, u32 len, u32 pos, u32 *base)
{
	bool zero = pos < len && buf[pos] == '0';
	bool hex = zero && pos + 2 < len && (buf[pos + 1] | 0x20) == 'x' && isxdigit(buf[pos + 2]);

	if (hex && (*base == 0 || *base == 16)) {
		*base = 16;
		return pos + 2;
	}
	if (!*base)
		*base = zero ? 8 : 10;
	return pos;
}

static int parse_number(const char *buf, u32 len, u64 flags, struct number *num)
{
	u32 base = flags & STRTOX_BASE_MASK, pos = 0, first;
	int digit;

	if (!buf || !len || flags & ~STRTOX_BASE_MASK)
		return -EINVAL;
	if (base != 0 && base != 8 && base != 10 && base != 16)
		return -EINVAL;

	while (pos < len && isspace(buf[pos]))
		pos++;
	num->negative = pos < len && buf[pos] == '-';
	pos += num->negative;
	pos = skip_prefix(buf, len, pos, &base);

	num->val = 0;
	for (first = pos; pos < len; pos++) {
		digit = isxdigit(buf[pos]) ? hex_to_bin(buf[pos]) : 16;
		if (digit >= base)
			break;
		if (check_mul_overflow(num->val, (u64)base, &num->val) ||
		    check_add_overflow(num->val, (u64)digit, &num->val))
			return -ERANGE;
	}
	if (pos == first)
		return -EINVAL;
	num->len = pos;
	return 0;
}

BPF_CALL_4(bpf_strtol, const char *, buf, u32, len, u64, flags, s64 *, res)
{
	struct number num;
	int err;

	*res = 0;
	err = parse_number(buf, len, flags, &num);
	if (err)
		return err;
	if (num.val > (u64)S64_MAX + num.negative)
		return -ERANGE;
	*res = num.negative ? (s64)(0 - num.val) : (s64)num.val;
	return num.len;
}

const struct bpf_func_proto bpf_strtol_proto = {
	.func = bpf_strtol,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_FIXED_SIZE_MEM | MEM_UNINIT | MEM_WRITE | MEM_ALIGNED,
	.arg_size[3] = sizeof(s64),
};

BPF_CALL_4(bpf_strtoul, const char *, buf, u32, len, u64, flags, u64 *, res)
{
	struct number num;
	int err;

	*res = 0;
	err = parse_number(buf, len, flags, &num);
	if (err)
		return err;
	if (num.negative)
		return -EINVAL;
	*res = num.val;
	return num.len;
}

const struct bpf_func_proto bpf_strtoul_proto = {
	.func = bpf_strtoul,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE,
	.arg3_type = ARG_ANYTHING,
	.arg4_type = ARG_PTR_TO_FIXED_SIZE_MEM | MEM_UNINIT | MEM_WRITE | MEM_ALIGNED,
	.arg_size[3] = sizeof(u64),
};

BPF_CALL_3(bpf_strncmp, const char *, s1, u32, s1_size, const char *, s2)
{
	return strncmp(s1, s2, s1_size);
}

const struct bpf_func_proto bpf_strncmp_proto = {
	.func = bpf_strncmp,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM | MEM_RDONLY,
	.arg2_type = ARG_CONST_SIZE,
	.arg3_type = ARG_PTR_TO_CONST_STR,
};

BPF_CALL_5(bpf_snprintf, char *, str, u32, size, const char *, fmt, const u64 *, data,
	   u32, data_len)
{
	int len;

	if (data_len % 8 || data_len > BPF_PRINTF_MAX_ARGS * 8 || (data_len && !data))
		return -EINVAL;
	/* The format ends inside its map's value: the verifier has looked. */
	len = bpf_format(str, size, fmt, strlen(fmt), data, data_len / 8);
	return len < 0 ? len : len + 1;
}

const struct bpf_func_proto bpf_snprintf_proto = {
	.func = bpf_snprintf,
	.gpl_only = true,
	.ret_type = RET_INTEGER,
	.arg1_type = ARG_PTR_TO_MEM_OR_NULL | MEM_UNINIT | MEM_WRITE,
	.arg2_type = ARG_CONST_SIZE_OR_ZERO,
	.arg3_type = ARG_PTR_TO_CONST_STR,
	.arg4_type = ARG_PTR_TO_MEM | PTR_MAYBE_NULL | MEM_RDONLY,
	.arg5_type = ARG_CONST_SIZE_OR_ZERO,
};
