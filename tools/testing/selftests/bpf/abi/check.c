// SPDX-License-Identifier: GPL-2.0
/*
 * Compares the headers under include/uapi/linux with the facts of the ABI:
 * every name, value, offset and size is one check. The tables come out of
 * generate.awk.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#define __user

#include <linux/bpf.h>
#include <linux/bpf_perf_event.h>
#include <linux/btf.h>
#include <linux/filter.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#define BITS_BUF	512

struct value_check {
	const char *what;
	long long is;
	long long expected;
	bool wrong_kind;	/* a macro where an enumerator is due, or no macro */
};

struct bits_check {
	const char *what;
	void (*fill)(void *obj);
	unsigned int first;	/* bit number in the object, little endian */
	unsigned int width;
};

struct helper_fact {
	const char *name;
	int id;
};

#define STRING_(x)	#x
#define STRING(x)	STRING_(x)

/* An enumerator does not expand, or expands to itself: the strings agree. */
#define ENUMERATOR(name, value) \
	{ #name, (long long)(name), value, sizeof(STRING(name)) != sizeof(#name) }
#define MACRO(name, value)	{ #name, (long long)(name), value, MISSING_##name }
#define EXPR(expr, value)	{ #expr, (long long)(expr), value, false }
#define SIZE(type, bytes)	{ "sizeof(" #type ")", sizeof(type), bytes, false }
#define OFFSET(type, path, bytes) \
	{ "offsetof(" #type ", " #path ")", offsetof(type, path), bytes, false }
#define MEMBER_SIZE(type, path, bytes) \
	{ "sizeof(" #type "." #path ")", sizeof((*(type *)0).path), bytes, false }

/* Sets all bits of the field, in an otherwise zeroed object. */
#define BITFIELD(fn, type, path)					\
static void fn(void *obj)						\
{									\
	_Static_assert(sizeof(type) <= BITS_BUF, "buffer of check_bits() is too small");	\
	(*(type *)obj).path = ~0;					\
}

#include "tables.h"

#define HELPER_ROW(name, id, which)	{ #name, id },
static const struct helper_fact mapper[] = {
	___BPF_FUNC_MAPPER(HELPER_ROW, unused)
};

#define HELPER_NAME(name)	#name
static const char * const mapper_names[] = {
	__BPF_FUNC_MAPPER(HELPER_NAME)
};

static unsigned int passed, failed;

static void check(bool ok, const char *what, long long is, long long expected)
{
	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("not ok: %s is %lld, expected %lld\n", what, is, expected);
}

static void check_values(void)
{
	/* not static: compound literals are no constant expressions */
	const struct value_check values[] = {
#include "values.h"
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(values); i++) {
		const struct value_check *v = &values[i];

		if (v->wrong_kind)
			printf("%s: macro and enumerator mixed up\n", v->what);
		check(v->is == v->expected && !v->wrong_kind, v->what, v->is, v->expected);
	}
}

static void check_bits(void)
{
	unsigned char buf[BITS_BUF] __attribute__((aligned(16)));
	size_t i;

	for (i = 0; i < ARRAY_SIZE(bits); i++) {
		unsigned int bit, set = 0, first = 0;

		memset(buf, 0, sizeof(buf));
		bits[i].fill(buf);
		for (bit = 0; bit < sizeof(buf) * 8; bit++) {
			if (!(buf[bit / 8] & (1 << bit % 8)))
				continue;
			if (!set++)
				first = bit;
		}
		check(first == bits[i].first, bits[i].what, first, bits[i].first);
		check(set == bits[i].width, bits[i].what, set, bits[i].width);
	}
}

/* The list of helpers by name, in both of its forms. */
static void check_helpers(void)
{
	size_t i;

	check(ARRAY_SIZE(mapper) == ARRAY_SIZE(helper_facts), "helpers in ___BPF_FUNC_MAPPER",
	      ARRAY_SIZE(mapper), ARRAY_SIZE(helper_facts));
	check(ARRAY_SIZE(mapper_names) == ARRAY_SIZE(helper_facts),
	      "helpers in __BPF_FUNC_MAPPER", ARRAY_SIZE(mapper_names), ARRAY_SIZE(helper_facts));
	for (i = 0; i < ARRAY_SIZE(mapper) && i < ARRAY_SIZE(helper_facts); i++) {
		const struct helper_fact *f = &helper_facts[i];

		check(mapper[i].id == f->id && !strcmp(mapper[i].name, f->name), f->name,
		      mapper[i].id, f->id);
		check(!strcmp(mapper_names[i], f->name), f->name, i, f->id);
	}
}

int main(void)
{
	check_values();
	check_bits();
	check_helpers();
	printf("%u passed, %u failed\n", passed, failed);
	return failed ? 1 : 0;
}
