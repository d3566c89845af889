// SPDX-License-Identifier: GPL-2.0
/* The format engine and the number parser against what they promise. */

#define _KBPF_HELPERS_BASE_H	/* prototypes of the whole set */
#include "helpers/string.c"
#include "helpers/bprintf.c"

static int passed, failed;

static void check(bool ok, const char *what, int line)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("text.c:%d: %s\n", line, what);
}

#define CHECK(cond) check(cond, #cond, __LINE__)

static char out[64];

/* Formats into @size bytes of a poisoned buffer; the byte behind them must survive. */
static int format(u32 size, const char *fmt, const u64 *args, u32 nr)
{
	int len;

	memset(out, 0x5a, sizeof(out));
	len = bpf_format(out, size, fmt, strlen(fmt) + 1, args, nr);
	CHECK(out[size] == 0x5a);
	if (size)
		CHECK(memchr(out, 0, size));
	return len;
}

#define FORMAT(size, fmt, ...)	({						\
	u64 __args[] = { 0, ##__VA_ARGS__ };					\
	format(size, fmt, __args + 1, sizeof(__args) / 8 - 1);			\
})

static bool gives(int len, const char *text)
{
	return len == (int)strlen(text) && !strcmp(out, text);
}

#define STR(s)	((u64)(unsigned long)(s))

static void test_formats(void)
{
	CHECK(gives(FORMAT(32, "plain\ttext\n"), "plain\ttext\n"));
	CHECK(gives(FORMAT(32, "100%%"), "100%"));
	CHECK(gives(FORMAT(32, "%d %i %u", -1ULL, 0x100000005, -1ULL), "-1 5 4294967295"));
	CHECK(gives(FORMAT(32, "%x %X %#x", 255, 255, 255), "ff FF 0xff"));
	CHECK(gives(FORMAT(32, "%ld %lld", -2ULL, 1ULL << 40), "-2 1099511627776"));
	CHECK(gives(FORMAT(48, "%llu", -1ULL), "18446744073709551615"));
	CHECK(gives(FORMAT(32, "%lx %llX", -1ULL, 16), "ffffffffffffffff 10"));
	CHECK(gives(FORMAT(32, "%5d|%-5d|%05d|%+d", 42, 42, 42, 42), "   42|42   |00042|+42"));
	CHECK(gives(FORMAT(32, "%c%c", 'o', 'k'), "ok"));
	CHECK(gives(FORMAT(32, "[%s]", STR("text")), "[text]"));
	CHECK(gives(FORMAT(32, "[%6s|%-6s]", STR("abc"), STR("abc")), "[   abc|abc   ]"));
	CHECK(gives(FORMAT(32, "[%pks%pus]", STR("k"), STR("u")), "[ku]"));
	/* What cannot be read is empty. */
	CHECK(gives(FORMAT(32, "[%s]", 8), "[]"));
	CHECK(gives(FORMAT(32, "[%3s]", 0), "[   ]"));
}

static void test_room(void)
{
	/* The length is that of the whole text, the text is cut. */
	CHECK(FORMAT(4, "123456") == 6 && !strcmp(out, "123"));
	CHECK(FORMAT(1, "123456") == 6 && !strcmp(out, ""));
	CHECK(FORMAT(0, "123456") == 6);
	CHECK(FORMAT(4, "%d", 123456) == 6 && !strcmp(out, "123"));
	CHECK(FORMAT(4, "%10d", 7) == 10 && !strcmp(out, "   "));
	/* Strings count as far as there is room. */
	CHECK(FORMAT(4, "%s", STR("abcdef")) >= 3 && !strcmp(out, "abc"));
	CHECK(FORMAT(4, "%8s", STR("ab")) == 8 && !strcmp(out, "   "));
	CHECK(FORMAT(4, "%-8s", STR("ab")) == 8 && !strcmp(out, "ab "));
	CHECK(FORMAT(3, "abc%s", STR("def")) >= 3 && !strcmp(out, "ab"));
	CHECK(FORMAT(60, "%500d", 1) == 127 && strlen(out) == 59);
}

static void test_refused(void)
{
	static const char *const formats[] = {
		"%", "%5", "%l", "%ll", "%lll", "%n", "%f", "%lc", "%ls", "%lp", "%hd", "%hhd",
		"%zd", "%*d", "%.3d", "%.*s", "%1000d", "%99999999999d", "%q", "%pX", "%pid",
		"%pI5", "%pV", "%pf", "%ph", "%pE", "%pU", "%pk", "%pu",
		"\x01", "caf\xc3\xa9", "\x7f",
	};
	static const u64 args[12];
	u32 i;

	for (i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		memset(out, 0x5a, sizeof(out));
		check(bpf_format(out, 32, formats[i], strlen(formats[i]), args, 12) == -EINVAL &&
		      !out[0], formats[i], __LINE__);
		check(bpf_format_check(formats[i], strlen(formats[i]), 12) == -EINVAL, formats[i],
		      __LINE__);
	}
	/* More conversions than arguments; fewer are fine. */
	CHECK(FORMAT(32, "%d %d", 1) == -EINVAL);
	CHECK(FORMAT(32, "%d", 1, 2) == 1);
	CHECK(bpf_format_check("%d %s", 5, 2) == 0);
	CHECK(bpf_format_check("%d %s", 5, 1) == -EINVAL);
	/* The size bounds the format, whatever stands behind. */
	CHECK(bpf_format_check("%d%n", 2, 1) == 0);
	CHECK(bpf_format_check("ab%n", 2, 0) == 0);
}

static s64 num;

static long to_long(const char *text, u64 flags)
{
	num = 77;
	return bpf_strtol(STR(text), strlen(text), flags, STR(&num), 0);
}

static long to_ulong(const char *text, u64 flags)
{
	num = 77;
	return bpf_strtoul(STR(text), strlen(text), flags, STR(&num), 0);
}

static void test_numbers(void)
{
	CHECK(to_long("123", 0) == 3 && num == 123);
	CHECK(to_long("  -42x", 0) == 5 && num == -42);
	CHECK(to_long("0x1f", 0) == 4 && num == 0x1f);
	CHECK(to_long("0x1f", 16) == 4 && num == 0x1f);
	CHECK(to_long("1f", 16) == 2 && num == 0x1f);
	CHECK(to_long("017", 0) == 3 && num == 15);
	CHECK(to_long("017", 10) == 3 && num == 17);
	CHECK(to_long("0", 0) == 1 && num == 0);
	CHECK(to_long("0x", 0) == 1 && num == 0);
	CHECK(to_long("0xg", 16) == 1 && num == 0);
	CHECK(to_long("89", 8) == -EINVAL && num == 0);
	CHECK(to_long("9223372036854775807", 0) == 19 && num == INT64_MAX);
	CHECK(to_long("9223372036854775808", 0) == -ERANGE);
	CHECK(to_long("-9223372036854775808", 0) == 20 && num == INT64_MIN);
	CHECK(to_long("-9223372036854775809", 0) == -ERANGE);
	CHECK(to_long("99999999999999999999999", 0) == -ERANGE);
	CHECK(to_long("", 0) == -EINVAL);
	CHECK(to_long("-", 0) == -EINVAL);
	CHECK(to_long("   ", 0) == -EINVAL);
	CHECK(to_long("--1", 0) == -EINVAL);
	CHECK(to_long("x", 0) == -EINVAL);
	CHECK(to_long("1", 2) == -EINVAL);
	CHECK(to_long("1", 1ULL << 32) == -EINVAL);
	CHECK(to_ulong("18446744073709551615", 0) == 20 && num == -1);
	CHECK(to_ulong("18446744073709551616", 0) == -ERANGE);
	CHECK(to_ulong("-1", 0) == -EINVAL && num == 0);
	CHECK(to_ulong("12", 0) == 2 && num == 12);
}

static void test_snprintf(void)
{
	static const u64 args[13] = { 7 };

	memset(out, 0x5a, sizeof(out));
	/* With the terminator, as bpf-helpers(7) says. */
	CHECK((int)bpf_snprintf(STR(out), 16, STR("a%d"), STR(args), 8) == 3 && !strcmp(out, "a7"));
	CHECK((int)bpf_snprintf(0, 0, STR("a%d"), STR(args), 8) == 3);
	CHECK((int)bpf_snprintf(STR(out), 16, STR("a"), STR(args), 7) == -EINVAL);
	CHECK((int)bpf_snprintf(STR(out), 16, STR("a"), STR(args), 13 * 8) == -EINVAL);
	CHECK((int)bpf_snprintf(STR(out), 16, STR("a"), 0, 8) == -EINVAL);
	CHECK((int)bpf_strncmp(STR("abc"), 3, STR("abc"), 0, 0) == 0);
	CHECK((int)bpf_strncmp(STR("abd"), 3, STR("abc"), 0, 0) > 0);
	CHECK((int)bpf_strncmp(STR("abd"), 2, STR("abc"), 0, 0) == 0);
}

int main(void)
{
	test_formats();
	test_room();
	test_refused();
	test_numbers();
	test_snprintf();
	printf("%d passed, %d failed\n", passed, failed);
	return !!failed;
}
