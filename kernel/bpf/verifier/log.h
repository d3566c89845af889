/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A log that ends in a user's buffer: the verifier's, and BTF's. Knows neither. The text is
 * gathered in kernel memory and copied out by log_finish() and, in the fixed form, whenever it
 * grows past a chunk. See the rules: fixed buffer keeps the beginning, rotating keeps the end.
 */
#ifndef _KBPF_VERIFIER_LOG_H
#define _KBPF_VERIFIER_LOG_H

#include <linux/types.h>
#include <linux/compiler_attributes.h>
#include <linux/stdarg.h>

/* Bits of log_level. */
#define BPF_LOG_LEVEL1	1	/* the path that failed */
#define BPF_LOG_LEVEL2	2	/* every instruction of every path */
#define BPF_LOG_STATS	4
#define BPF_LOG_FIXED	8	/* keep the beginning, fail with -ENOSPC */
#define BPF_LOG_LEVEL	(BPF_LOG_LEVEL1 | BPF_LOG_LEVEL2)
#define BPF_LOG_MASK	(BPF_LOG_LEVEL | BPF_LOG_STATS | BPF_LOG_FIXED)

/**
 * struct bpf_verifier_log - a log being written
 * @level: BPF_LOG_* as the user asked
 * @ubuf: the user's buffer (or NULL: only the size is wanted)
 * @size: its bytes
 * @start: position of the first byte still held (rotating form)
 * @base: position of the first byte in @kbuf
 * @end: position one past the last byte written, NUL not counted
 * @max: highest @end ever, for log_true_size
 * @kbuf: kernel side chunk; owned by log.c
 * @ksize: its bytes
 * @error: sticky -EFAULT
 */
struct bpf_verifier_log {
	u32 level;
	char __user *ubuf;
	u32 size;
	u64 start;
	u64 base;
	u64 end;
	u64 max;
	char *kbuf;
	u32 ksize;
	int error;
};

/* -EINVAL for level/buffer/size combinations that bpf(2) does not allow, -ENOMEM. */
int bpf_vlog_init(struct bpf_verifier_log *log, u32 level, char __user *ubuf, u32 size);
void bpf_vlog_free(struct bpf_verifier_log *log);
__printf(2, 0)
void bpf_vlog_vprintf(struct bpf_verifier_log *log, const char *fmt, va_list args);
__printf(2, 3) void bpf_vlog_printf(struct bpf_verifier_log *log, const char *fmt, ...);
/* Position to come back to: what was written after it is forgotten (paths that went well). */
u64 bpf_vlog_pos(const struct bpf_verifier_log *log);
void bpf_vlog_rewind(struct bpf_verifier_log *log, u64 pos);
/* Copies what is left. @true_size: bytes incl. NUL. 0, -ENOSPC (fixed form), -EFAULT. */
int bpf_vlog_finish(struct bpf_verifier_log *log, u32 *true_size);

static inline bool bpf_vlog_on(const struct bpf_verifier_log *log)
{
	return log->level;
}

#endif /* _KBPF_VERIFIER_LOG_H */
