// SPDX-License-Identifier: GPL-2.0
/*
 * Logs in a user's buffer.
 *
 * Text is gathered in a chunk of kernel memory that stands for the positions [base, end). What is
 * before it has been copied out. In the fixed form position p of the text is byte p of the buffer,
 * and what does not fit is only counted. In the rotating form the buffer is a ring, and is turned
 * at the end so that the oldest byte that is left comes first.
 */
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/minmax.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "verifier/log.h"

/* Bytes of the chunk, and the longest piece that one call writes. */
#define LOG_CHUNK	8192
#define LOG_HALF	(LOG_CHUNK / 2)

/* Bytes of text that the user's buffer has room for. */
static u32 log_room(const struct bpf_verifier_log *log)
{
	return log->size ? log->size - 1 : 0;
}

static bool log_fixed(const struct bpf_verifier_log *log)
{
	return log->level & BPF_LOG_FIXED;
}

/**
 * bpf_vlog_init - begin a log
 * @log: the log
 * @level: BPF_LOG_* bits, 0: no log
 * @ubuf: the user's buffer, NULL: only the size is asked for
 * @size: bytes of @ubuf
 *
 * Context: process, may sleep. Return: 0, -EINVAL for what bpf(2) does not allow, -ENOMEM.
 */
int bpf_vlog_init(struct bpf_verifier_log *log, u32 level, char __user *ubuf, u32 size)
{
	memset(log, 0, sizeof(*log));
	if (level & ~BPF_LOG_MASK || !!ubuf != !!size || size > U32_MAX >> 2)
		return -EINVAL;
	if (!level)
		return ubuf ? -EINVAL : 0;
	log->kbuf = kmalloc(LOG_CHUNK, GFP_KERNEL);
	if (!log->kbuf)
		return -ENOMEM;
	log->ksize = LOG_CHUNK;
	log->level = level;
	log->ubuf = ubuf;
	log->size = size;
	return 0;
}

/**
 * bpf_vlog_free - free a log's memory
 * @log: the log, begun or all zero
 *
 * Context: any that may free memory.
 */
void bpf_vlog_free(struct bpf_verifier_log *log)
{
	kfree(log->kbuf);
	log->kbuf = NULL;
	log->ksize = 0;
}

static void put_user_bytes(struct bpf_verifier_log *log, u32 at, const char *text, u32 len)
{
	if (!log->error && len && copy_to_user(log->ubuf + at, text, len))
		log->error = -EFAULT;
}

static void flush_fixed(struct bpf_verifier_log *log)
{
	u32 room = log_room(log);

	if (log->base < room)
		put_user_bytes(log, log->base, log->kbuf,
			       min_t(u64, log->end, room) - log->base);
}

static void flush_ring(struct bpf_verifier_log *log)
{
	u32 room = log_room(log), skip = 0, len = log->end - log->base, at, first;

	if (!room)
		return;
	if (len > room) {
		skip = len - room;
		len = room;
	}
	at = (log->base + skip) % room;
	first = min(len, room - at);
	put_user_bytes(log, at, log->kbuf + skip, first);
	put_user_bytes(log, 0, log->kbuf + skip + first, len - first);
	if (log->end > room)
		log->start = max_t(u64, log->start, log->end - room);
}

static void flush(struct bpf_verifier_log *log)
{
	if (log->ubuf) {
		if (log_fixed(log))
			flush_fixed(log);
		else
			flush_ring(log);
	}
	log->base = log->end;
}

/**
 * bpf_vlog_vprintf - write to a log
 * @log: the log; nothing happens where it is off
 * @fmt: format
 * @args: arguments
 *
 * Context: process, may sleep.
 */
void bpf_vlog_vprintf(struct bpf_verifier_log *log, const char *fmt, va_list args)
{
	u32 used = log->end - log->base;
	va_list again;
	int len;

	if (!log->kbuf)
		return;
	va_copy(again, args);
	len = vsnprintf(log->kbuf + used, log->ksize - used, fmt, args);
	if (len >= (int)(log->ksize - used)) {
		flush(log);
		len = vscnprintf(log->kbuf, log->ksize, fmt, again);
	}
	va_end(again);
	if (len > 0)
		log->end += len;
	log->max = max(log->max, log->end);
}

/**
 * bpf_vlog_printf - write to a log
 * @log: the log; nothing happens where it is off
 * @fmt: format
 *
 * Context: process, may sleep.
 */
void bpf_vlog_printf(struct bpf_verifier_log *log, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	bpf_vlog_vprintf(log, fmt, args);
	va_end(args);
}

/**
 * bpf_vlog_pos - where the log stands
 * @log: the log
 *
 * Context: any. Return: position for bpf_vlog_rewind().
 */
u64 bpf_vlog_pos(const struct bpf_verifier_log *log)
{
	return log->end;
}

/**
 * bpf_vlog_rewind - forget what was written after a position
 * @log: the log
 * @pos: from bpf_vlog_pos(); positions beyond the end are ignored
 *
 * Context: any.
 */
void bpf_vlog_rewind(struct bpf_verifier_log *log, u64 pos)
{
	if (pos >= log->end)
		return;
	log->end = pos;
	log->base = min(log->base, pos);
	log->start = min(log->start, pos);
}

/* ------------------------------------------------------------------ turning the ring */

static void get_bytes(struct bpf_verifier_log *log, char *to, u32 at, u32 len)
{
	if (!log->error && copy_from_user(to, log->ubuf + at, len))
		log->error = -EFAULT;
}

/* Exchanges two stretches of @len bytes that do not overlap. */
static void swap_bytes(struct bpf_verifier_log *log, u32 a, u32 b, u32 len)
{
	u32 n;

	for (; len && !log->error; a += n, b += n, len -= n) {
		n = min(len, LOG_HALF);
		get_bytes(log, log->kbuf, a, n);
		get_bytes(log, log->kbuf + LOG_HALF, b, n);
		put_user_bytes(log, a, log->kbuf + LOG_HALF, n);
		put_user_bytes(log, b, log->kbuf, n);
	}
}

/* Exchanges neighbours of @left and @right bytes at @at; @left is at most half a chunk. */
static void move_left_over(struct bpf_verifier_log *log, u32 at, u32 left, u32 right)
{
	u32 done, n;

	get_bytes(log, log->kbuf, at, left);
	for (done = 0; done < right && !log->error; done += n) {
		n = min(right - done, LOG_HALF);
		get_bytes(log, log->kbuf + LOG_HALF, at + left + done, n);
		put_user_bytes(log, at + done, log->kbuf + LOG_HALF, n);
	}
	put_user_bytes(log, at + right, log->kbuf, left);
}

/* The same where @right is at most half a chunk. */
static void move_right_over(struct bpf_verifier_log *log, u32 at, u32 left, u32 right)
{
	u32 rest, n;

	get_bytes(log, log->kbuf, at + left, right);
	for (rest = left; rest && !log->error; rest -= n) {
		n = min(rest, LOG_HALF);
		get_bytes(log, log->kbuf + LOG_HALF, at + rest - n, n);
		put_user_bytes(log, at + rest - n + right, log->kbuf + LOG_HALF, n);
	}
	put_user_bytes(log, at, log->kbuf, right);
}

/*
 * Turns the first @len bytes of the buffer so that byte @left becomes the first. The shorter of
 * the two parts goes to its place and is done with, until one is short enough to be held here:
 * no byte is moved more often than the parts shrink, so the work grows with @len only.
 */
static void rotate(struct bpf_verifier_log *log, u32 left, u32 len)
{
	u32 at = 0, right = len - left;

	while (left > LOG_HALF && right > LOG_HALF && !log->error) {
		if (left <= right) {
			/* left goes to the end, the end of right comes to the front */
			swap_bytes(log, at, at + right, left);
			right -= left;
		} else {
			swap_bytes(log, at, at + left, right);
			at += right;
			left -= right;
		}
	}
	if (!left || !right)
		return;
	if (left <= LOG_HALF)
		move_left_over(log, at, left, right);
	else
		move_right_over(log, at, left, right);
}

/**
 * bpf_vlog_finish - hand the log over
 * @log: the log; nothing can be written afterwards that the user would see
 * @true_size: gets the size of buffer, NUL included, that would have held everything; 0 if off
 *
 * Context: process, may sleep. Return: 0, -ENOSPC if it did not fit (fixed form), -EFAULT.
 */
int bpf_vlog_finish(struct bpf_verifier_log *log, u32 *true_size)
{
	u32 room = log_room(log), len;
	char nul = 0;

	*true_size = 0;
	if (!log->kbuf)
		return 0;
	flush(log);
	*true_size = min_t(u64, log->max + 1, U32_MAX);
	if (!log->ubuf)
		return 0;
	if (!log_fixed(log) && log->start && room)
		rotate(log, log->start % room, room);
	len = min_t(u64, log->end - log->start, room);
	put_user_bytes(log, len, &nul, 1);
	if (log->error)
		return log->error;
	return log_fixed(log) && log->end > room ? -ENOSPC : 0;
}
