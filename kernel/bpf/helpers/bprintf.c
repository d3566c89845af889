// SPDX-License-Identifier: GPL-2.0
/*
 * The format engine of the printing helpers. A format is taken apart into literal text and
 * conversions; each conversion is checked, its argument is cast to the type that it names, and
 * memory behind addresses is read in a way that survives any address. No conversion ever sees an
 * argument of another size, or an address that is read without such care.
 */
#include <linux/bpf.h>
#include <linux/ctype.h>
#include <linux/kernel.h>
#include <linux/string.h>
#include <linux/uaccess.h>
#include "helpers/bprintf.h"

/* Longest conversion: "%", flags, width, "ll", letters, terminator. */
#define SPEC_MAX	24
/* Longest text of a conversion other than a string. */
#define TEXT_MAX	128
/* Widest field that may be asked for. */
#define WIDTH_MAX	512

enum conv {
	CONV_PERCENT,
	CONV_CHAR,
	CONV_INT,	/* 32 bits */
	CONV_LONG,	/* 64 bits */
	CONV_KSTR,
	CONV_USTR,
	CONV_PTR,	/* printed as an address or a symbol */
	CONV_MEM,	/* printed from a copy of the memory: IP addresses */
};

/**
 * struct spec - one conversion
 * @text: as snprintf() takes it
 * @len: characters in the format
 * @conv: what it is
 * @mem: CONV_MEM: bytes
 * @width: of the field; 0: as wide as it gets
 * @left: padded on the right
 */
struct spec {
	char text[SPEC_MAX];
	u32 len;
	enum conv conv;
	u32 mem;
	u32 width;
	bool left;
};

/* Where output goes; counts on when the room is used up. */
struct sink {
	char *buf;
	u32 size;
	u32 len;
};

static char fmt_at(const char *fmt, u32 len, u32 pos)
{
	return pos < len ? fmt[pos] : 0;
}

/* The letters behind "%p"; number of them or -EINVAL. */
static int parse_pointer(const char *fmt, u32 len, u32 pos, struct spec *spec)
{
	char c = fmt_at(fmt, len, pos), d = fmt_at(fmt, len, pos + 1);

	spec->conv = CONV_PTR;
	if ((c == 'k' || c == 'u') && d == 's') {
		spec->conv = c == 'k' ? CONV_KSTR : CONV_USTR;
		return 2;
	}
	if (c == 'i' || c == 'I') {
		if (d != '4' && d != '6')
			return -EINVAL;
		spec->conv = CONV_MEM;
		spec->mem = d == '4' ? 4 : 16;
		return 2;
	}
	if (c == 'x' || c == 'K' || c == 'B' || c == 's' || c == 'S')
		return 1;
	/* Further letters would mean something to snprintf(). */
	return c && !isspace(c) && !ispunct(c) ? -EINVAL : 0;
}

static int parse_letters(const char *fmt, u32 len, u32 pos, struct spec *spec)
{
	u32 start = pos;
	int n;

	if (fmt_at(fmt, len, pos) == 'l') {
		spec->conv = CONV_LONG;
		pos++;
		if (fmt_at(fmt, len, pos) == 'l')
			pos++;
	} else {
		spec->conv = CONV_INT;
	}
	switch (fmt_at(fmt, len, pos++)) {
	case 'd':
	case 'i':
	case 'u':
	case 'x':
	case 'X':
		return pos - start;
	case 'c':
		if (spec->conv != CONV_INT)
			return -EINVAL;
		spec->conv = CONV_CHAR;
		return 1;
	case 's':
		if (spec->conv != CONV_INT)
			return -EINVAL;
		spec->conv = CONV_KSTR;
		return 1;
	case 'p':
		if (spec->conv != CONV_INT)
			return -EINVAL;
		n = parse_pointer(fmt, len, pos, spec);
		return n < 0 ? n : n + 1;
	default:
		return -EINVAL;
	}
}

/* The conversion at the '%' at @pos. */
static int parse_spec(const char *fmt, u32 len, u32 pos, struct spec *spec)
{
	u32 start = pos++;
	int n;

	memset(spec, 0, sizeof(*spec));
	if (fmt_at(fmt, len, pos) == '%') {
		spec->conv = CONV_PERCENT;
		spec->len = 2;
		return 0;
	}
	while (fmt_at(fmt, len, pos) && strchr("-+ 0#", fmt[pos]))
		spec->left |= fmt[pos++] == '-';
	while (isdigit(fmt_at(fmt, len, pos))) {
		spec->width = spec->width * 10 + (fmt[pos++] - '0');
		if (spec->width > WIDTH_MAX)
			return -EINVAL;
	}
	n = parse_letters(fmt, len, pos, spec);
	if (n < 0)
		return n;
	spec->len = pos + n - start;
	if (spec->len >= SPEC_MAX)
		return -EINVAL;
	memcpy(spec->text, fmt + start, spec->len);
	return 0;
}

static void put_text(struct sink *out, const char *text, u32 len)
{
	u32 room = out->len < out->size ? out->size - out->len : 0;

	if (room)
		memcpy(out->buf + out->len, text, min(len, room));
	out->len += len;
}

static void put_blanks(struct sink *out, u32 n)
{
	while (n--)
		put_text(out, " ", 1);
}

/* A string may be as long as the room: it is read where it is going to stand. */
static void put_string(struct sink *out, const struct spec *spec, u64 addr)
{
	u32 room = out->len < out->size ? out->size - out->len : 0, len, pad;
	char probe[2], *to = room > 1 ? out->buf + out->len : probe;
	u32 n = room > 1 ? room : sizeof(probe);
	long ret;

	if (spec->conv == CONV_USTR)
		ret = strncpy_from_user_nofault(to, (const void __user *)(unsigned long)addr, n);
	else
		ret = strncpy_from_kernel_nofault(to, (const void *)(unsigned long)addr, n);
	/* Both count the terminator; what cannot be read is empty. */
	len = ret > 0 ? ret - 1 : 0;
	pad = spec->width > len ? spec->width - len : 0;
	if (pad && !spec->left && to != probe) {
		u32 shift = min(pad, room);

		memmove(to + shift, to, min(len, room - shift));
		memset(to, ' ', shift);
		out->len += pad + len;
		return;
	}
	out->len += len;
	put_blanks(out, pad);
}

/* A conversion that snprintf() does; @spec->text is a checked one for one argument of that size. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"
static void put_value(struct sink *out, const struct spec *spec, u64 arg)
{
	char text[TEXT_MAX];
	u8 mem[16] = {};
	int n = 0;

	switch (spec->conv) {
	case CONV_INT:
	case CONV_CHAR:
		n = snprintf(text, sizeof(text), spec->text, (int)arg);
		break;
	case CONV_LONG:
		n = snprintf(text, sizeof(text), spec->text, (long)arg);
		break;
	case CONV_PTR:
		n = snprintf(text, sizeof(text), spec->text, (void *)(unsigned long)arg);
		break;
	case CONV_MEM:
		if (copy_from_kernel_nofault(mem, (const void *)(unsigned long)arg, spec->mem))
			memset(mem, 0, sizeof(mem));
		n = snprintf(text, sizeof(text), spec->text, mem);
		break;
	default:
		break;
	}
	/* A field wider than the buffer is blanks on one side. */
	if (n >= (int)sizeof(text))
		n = sizeof(text) - 1;
	put_text(out, text, n);
}

#pragma GCC diagnostic pop

static void put_conv(struct sink *out, const struct spec *spec, u64 arg)
{
	if (spec->conv == CONV_PERCENT)
		put_text(out, "%", 1);
	else if (spec->conv == CONV_KSTR || spec->conv == CONV_USTR)
		put_string(out, spec, arg);
	else
		put_value(out, spec, arg);
}

/* Literal characters from @pos on, or -EINVAL at one that is not text. */
static int literal_len(const char *fmt, u32 len, u32 pos)
{
	u32 start = pos;

	for (; pos < len && fmt[pos] != '%'; pos++) {
		if (!isascii(fmt[pos]) || (!isprint(fmt[pos]) && !isspace(fmt[pos])))
			return -EINVAL;
	}
	return pos - start;
}

static int format_walk(struct sink *out, const char *fmt, u32 len, const u64 *args, u32 nr_args)
{
	struct spec spec;
	u32 pos = 0, arg = 0;
	int n;

	while (pos < len) {
		n = literal_len(fmt, len, pos);
		if (n < 0)
			return n;
		if (out)
			put_text(out, fmt + pos, n);
		pos += n;
		if (pos == len)
			break;
		n = parse_spec(fmt, len, pos, &spec);
		if (n)
			return n;
		if (spec.conv != CONV_PERCENT && arg == nr_args)
			return -EINVAL;
		if (out)
			put_conv(out, &spec, spec.conv == CONV_PERCENT ? 0 : args[arg]);
		arg += spec.conv != CONV_PERCENT;
		pos += spec.len;
	}
	return 0;
}

/**
 * bpf_format_check - check a format
 * @fmt: the format
 * @len: bytes that may be read; the format ends there or at a terminator
 * @nr_args: arguments there are
 *
 * Context: any.
 * Return: 0, or -EINVAL.
 */
int bpf_format_check(const char *fmt, u32 len, u32 nr_args)
{
	return format_walk(NULL, fmt, strnlen(fmt, len), NULL, nr_args);
}

/**
 * bpf_format - print by a format that is not trusted
 * @buf: output, always terminated where @size is not 0
 * @size: bytes of it
 * @fmt: the format
 * @len: bytes that may be read; the format ends there or at a terminator
 * @args: arguments, 64 bits each
 * @nr_args: number of them, at most BPF_PRINTF_MAX_ARGS
 *
 * Context: any, NMI included.
 * Return: characters that the whole text has without the terminator (strings count up to the end of
 * the room), or -EINVAL with an empty text.
 */
int bpf_format(char *buf, u32 size, const char *fmt, u32 len, const u64 *args, u32 nr_args)
{
	struct sink out = { .buf = buf, .size = size };
	int err;

	err = format_walk(&out, fmt, strnlen(fmt, len), args, nr_args);
	if (err)
		out.len = 0;
	if (size)
		buf[min(out.len, size - 1)] = 0;
	return err ?: out.len;
}
