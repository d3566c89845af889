// SPDX-License-Identifier: GPL-2.0
/*
 * The shipped domain, built at a small width, against concrete semantics.
 *
 * A set of words of W bits is a word of 2^W bits, so that soundness is an
 * inclusion of two words. For a left operand A, image[y] is the set of results
 * for the words of A with y, and the set of results for a right operand B is the
 * union over y in B, looked up eight y at a time.
 *
 * Which values are tried: "all" is every value that deduction can leave; "plain"
 * every set of known bits, every unsigned and every signed range, and the same
 * for the low half. Pairs are all pairs of the set, or each -s'th of its values.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "concrete.h"
#include "domain/arith.h"
#include "sets.h"

struct item {
	struct scalar s;
	set_t set;
};

static struct item *items;
static size_t item_count;
static unsigned long passed, failed;
static bool stop_at_failure;

/* This process checks each @shares'th operation, and all else if it is the first. */
static unsigned int share, shares = 1;

static bool mine(unsigned int op)
{
	return op % shares == share;
}

/* Members of the three views, without help of the domain. */
static set_t scalar_set(const struct scalar *s)
{
	set_t low = interval_set(s->low[0].lo, s->low[0].hi) |
		    interval_set(s->low[1].lo, s->low[1].hi);
	set_t lows = 0;
	u64 high;

	for (high = 0; high < WORDS; high += LOWS)
		lows |= low << high;
	return tnum_sets[s->bits.value][s->bits.mask] & split_set(&s->full) & lows;
}

/* The best value for a set of words: what an optimal operation would give. */
static struct split best_split(set_t set, unsigned int bits)
{
	struct split r = SPLIT_EMPTY;
	unsigned int half = 1U << (bits - 1);
	set_t part[2] = { set & interval_set(0, half - 1), set & interval_set(half, 2 * half - 1) };
	int i;

	for (i = 0; i < 2; i++)
		if (part[i])
			r.half[i] = (struct span){ __builtin_ctzll(part[i]),
						   63 - __builtin_clzll(part[i]) };
	return r;
}

static struct scalar best(set_t set)
{
	struct scalar s = { .bits = { 0, WORDS - 1 } };
	struct split low;
	set_t lows = 0;
	u64 i;

	for (i = 0; i < SCALAR_WIDTH; i++) {
		set_t ones = tnum_sets[1ULL << i][(WORDS - 1) & ~(1ULL << i)];

		if ((set & ones) == 0) {
			s.bits.mask &= ~(1ULL << i);
		} else if ((set & ~ones) == 0) {
			s.bits.mask &= ~(1ULL << i);
			s.bits.value |= 1ULL << i;
		}
	}
	for (i = 0; i < WORDS; i += LOWS)
		lows |= (set >> i) & interval_set(0, LOWS - 1);
	low = best_split(lows, SCALAR_HALF);
	s.full = best_split(set, SCALAR_WIDTH);
	scalar_set_low(&s, &low);
	return s;
}

static void print_scalar(const char *what, const struct scalar *s)
{
	struct split low = scalar_low(s);

	printf("    %s: value %llx mask %llx set %llx\n", what, s->bits.value, s->bits.mask,
	       scalar_set(s));
	printf("      full [%llx,%llx][%llx,%llx] low [%llx,%llx][%llx,%llx]\n",
	       s->full.half[0].lo, s->full.half[0].hi, s->full.half[1].lo, s->full.half[1].hi,
	       low.half[0].lo, low.half[0].hi, low.half[1].lo, low.half[1].hi);
}

static double percent(unsigned long part, unsigned long whole)
{
	return whole ? 100.0 * part / whole : 100.0;
}

static void verdict(const char *name, bool ok, unsigned long cases, unsigned long optimal)
{
	if (ok)
		passed++;
	else
		failed++;
	if (!ok || !stop_at_failure)
		printf("%s %s w%d: %lu cases, %.2f%% optimal\n", ok ? "ok" : "not ok", name,
		       SCALAR_WIDTH, cases, percent(optimal, cases));
	if (!ok && stop_at_failure) {
		printf("%lu passed, %lu failed\n", passed, failed);
		exit(1);
	}
}

/* ---- which values are tried ---- */

#define HASH_SIZE (1U << 22)
static u32 *hash_slots;

static u64 hash_scalar(const struct scalar *s)
{
	const unsigned char *p = (const void *)s;
	u64 h = 1469598103934665603ULL;
	size_t i;

	for (i = 0; i < sizeof(*s); i++)
		h = (h ^ p[i]) * 1099511628211ULL;
	return h ^ (h >> 29);
}

static void add_item(struct scalar s)
{
	static size_t room;
	u64 h = hash_scalar(&s);
	set_t set = scalar_set(&s);

	if (!set)
		return;
	for (;; h++) {
		u32 *slot = &hash_slots[h % HASH_SIZE];

		if (*slot && memcmp(&items[*slot - 1].s, &s, sizeof(s)) == 0)
			return;
		if (*slot)
			continue;
		if (item_count == room) {
			room = room ? 2 * room : 4096;
			items = realloc(items, room * sizeof(*items));
			if (!items)
				exit(2);
		}
		items[item_count].s = s;
		items[item_count++].set = set;
		*slot = item_count;
		return;
	}
}

/* Deduction keeps every member, and refuses only what has none. */
static bool deduce_case(struct scalar s, unsigned long *optimal)
{
	set_t before = scalar_set(&s);
	struct scalar out = s, top;

	if (!scalar_deduce(&out)) {
		*optimal += 1;
		return before == 0;
	}
	if (!before)
		return true;
	top = best(before);
	*optimal += scalar_subset(&out, &top);
	add_item(out);
	return scalar_valid(&out) && (before & ~scalar_set(&out)) == 0;
}

static void check_deduce_all(unsigned long stride)
{
	unsigned long cases = 0, optimal = 0, n = 0;
	static struct split full[20000], low[20000];
	size_t fulls = all_splits(full, SCALAR_WIDTH), lows = all_splits(low, SCALAR_HALF), i, j;
	bool ok = true;
	u64 v, m;

	for (m = 0; m < WORDS && ok; m++)
		for (v = 0; v < WORDS && ok; v++)
			for (i = 0; i < fulls && !(v & m); i++)
				for (j = 0; j < lows; j++) {
					struct scalar s = { .bits = { v, m }, .full = full[i] };

					if (n++ % stride)
						continue;
					scalar_set_low(&s, &low[j]);
					ok &= deduce_case(s, &optimal);
					cases++;
				}
	verdict("deduce", ok, cases, optimal);
}

static void check_deduce_plain(void)
{
	unsigned long cases = 0, optimal = 0;
	bool ok = true;
	u64 a, b;

	for (a = 0; a < WORDS; a++)
		for (b = 0; b < WORDS; b++) {
			struct scalar s = scalar_unknown();
			struct split low;

			if (!(a & b)) {
				s.bits = (struct tnum){ a, b };
				ok &= deduce_case(s, &optimal);
				cases++;
			}
			s = scalar_unknown();
			s.full = split_unsigned(a, b, SCALAR_WIDTH);
			ok &= split_set(&s.full) == interval_set(a, b);
			ok &= deduce_case(s, &optimal);
			s.full = split_signed(a, b, SCALAR_WIDTH);
			ok &= deduce_case(s, &optimal);
			s.full = split_arc(a, b, SCALAR_WIDTH);
			ok &= deduce_case(s, &optimal);
			cases += 3;
			if (a >= LOWS || b >= LOWS)
				continue;
			s.full = split_unknown(SCALAR_WIDTH);
			low = split_arc(a, b, SCALAR_HALF);
			scalar_set_low(&s, &low);
			ok &= deduce_case(s, &optimal);
			cases++;
		}
	verdict("deduce plain", ok, cases, optimal);
}

/* ---- operations on values ---- */

struct unions {
	set_t of[CHUNKS][256];
};

static void unions_build(struct unions *u, const set_t *image)
{
	unsigned int chunk, m, b;

	for (chunk = 0; chunk < CHUNKS; chunk++)
		for (m = 0; m < 256; m++) {
			u->of[chunk][m] = 0;
			for (b = 0; b < 8; b++)
				if ((m >> b & 1) && chunk * 8 + b < WORDS)
					u->of[chunk][m] |= image[chunk * 8 + b];
		}
}

static set_t unions_get(const struct unions *u, set_t set)
{
	set_t out = 0;
	unsigned int chunk;

	for (chunk = 0; chunk < CHUNKS; chunk++)
		out |= u->of[chunk][set >> (8 * chunk) & 255];
	return out;
}

/* Constants are always tried on the right: they are what programs have there. */
static bool tried(size_t i, unsigned long stride)
{
	return i % stride == 0 || scalar_is_const(&items[i].s);
}

static bool result_ok(const struct scalar *out, set_t want, unsigned long *cases,
		      unsigned long *optimal)
{
	/* Precision is measured on a sample. */
	if (*cases % 16 == 0) {
		struct scalar top = best(want);

		*optimal += 16 * scalar_subset(out, &top);
	}
	*cases += 1;
	return scalar_valid(out) && (want & ~scalar_set(out)) == 0;
}

static bool alu_left(enum scalar_op op, bool is64, const struct item *a, unsigned long stride,
		     unsigned long *cases, unsigned long *optimal)
{
	static set_t image[WORDS];
	static struct unions u;
	size_t j;
	u64 x, y;

	for (y = 0; y < WORDS; y++) {
		image[y] = 0;
		for (x = 0; x < WORDS; x++)
			if (a->set >> x & 1)
				image[y] |= 1ULL << concrete_alu(op, is64, x, y);
	}
	unions_build(&u, image);
	for (j = 0; j < item_count; j++) {
		struct scalar out = a->s;

		if (!tried(j, stride))
			continue;
		scalar_alu(op, is64, &out, &items[j].s);
		if (!result_ok(&out, unions_get(&u, items[j].set), cases, optimal)) {
			printf("  %s%s: some result is lost\n", scalar_op_name(op),
			       is64 ? "" : "32");
			print_scalar("dst", &a->s);
			print_scalar("src", &items[j].s);
			print_scalar("out", &out);
			return false;
		}
	}
	return true;
}

static void check_alu(enum scalar_op op, bool is64, unsigned long stride)
{
	unsigned long cases = 0, optimal = 0;
	char name[32];
	bool ok = true;
	size_t i;

	for (i = 0; i < item_count && ok; i += stride) {
		ok = alu_left(op, is64, &items[i], scalar_op_is_unary(op) ? 1 : stride, &cases,
			      &optimal);
		if (scalar_op_is_unary(op))
			break;
	}
	snprintf(name, sizeof(name), "%s%s", scalar_op_name(op), is64 ? "" : "32");
	if (optimal > cases)
		optimal = cases;
	verdict(name, ok, cases, optimal);
}

static void check_eval(void)
{
	unsigned long cases = 0;
	bool ok = true;
	int op, is;
	u64 x, y;

	for (x = 0; x < WORDS; x++)
		for (y = 0; y < WORDS; y++)
			for (is = 0; is < 2; is++) {
				for (op = 0; op < SCALAR_OP_COUNT; op++, cases++)
					ok &= scalar_eval(op, is, x, y) ==
					      concrete_alu(op, is, x, y);
				for (op = 0; op < SCALAR_CMP_COUNT; op++, cases++)
					ok &= scalar_eval_cmp(op, is, x, y) ==
					      concrete_cmp(op, is, x, y);
			}
	verdict("eval", ok, cases, cases);
}

static bool refine_ok(enum scalar_cmp cmp, bool is32, bool taken, const struct item *a,
		      const struct item *b, set_t want_a, set_t want_b, unsigned long *optimal)
{
	struct scalar x = a->s, y = b->s, top_a, top_b;
	enum scalar_taken can;

	/* The verdict is "never" or "always" only if no pair goes the other way. */
	if (want_a) {
		can = scalar_branch_taken(cmp, is32, &a->s, &b->s);
		if (can == (taken ? SCALAR_NEVER : SCALAR_ALWAYS))
			return false;
	}
	if (!scalar_refine(cmp, is32, taken, &x, &y)) {
		*optimal += 1;
		return want_a == 0 && scalar_equal(&x, &a->s) && scalar_equal(&y, &b->s);
	}
	if (want_a) {
		top_a = best(want_a);
		top_b = best(want_b);
		*optimal += scalar_subset(&x, &top_a) && scalar_subset(&y, &top_b);
	}
	return scalar_valid(&x) && scalar_valid(&y) && (want_a & ~scalar_set(&x)) == 0 &&
	       (want_b & ~scalar_set(&y)) == 0 && scalar_subset(&x, &a->s) &&
	       scalar_subset(&y, &b->s);
}

static bool refine_left(enum scalar_cmp cmp, bool is32, bool taken, const struct item *a,
			unsigned long stride, unsigned long *cases, unsigned long *optimal)
{
	static set_t image[WORDS];
	static struct unions u;
	set_t some = 0;
	size_t j;
	u64 x, y;

	for (y = 0; y < WORDS; y++) {
		image[y] = 0;
		for (x = 0; x < WORDS; x++)
			if ((a->set >> x & 1) && concrete_cmp(cmp, is32, x, y) == taken)
				image[y] |= 1ULL << x;
		if (image[y])
			some |= 1ULL << y;
	}
	unions_build(&u, image);
	for (j = 0; j < item_count; j++) {
		set_t b = items[j].set;

		if (!tried(j, stride))
			continue;
		*cases += 1;
		if (!refine_ok(cmp, is32, taken, a, &items[j], unions_get(&u, b), b & some,
			       optimal)) {
			printf("  %s%s %s: some pair is lost\n", scalar_cmp_name(cmp),
			       is32 ? "32" : "", taken ? "taken" : "not taken");
			print_scalar("a", &a->s);
			print_scalar("b", &items[j].s);
			return false;
		}
	}
	return true;
}

static void check_refine(enum scalar_cmp cmp, bool is32, unsigned long stride)
{
	unsigned long cases = 0, optimal = 0;
	char name[32];
	bool ok = true;
	size_t i;
	int taken;

	for (taken = 0; taken < 2; taken++)
		for (i = 0; i < item_count && ok; i += stride)
			ok = refine_left(cmp, is32, taken, &items[i], stride, &cases, &optimal);
	snprintf(name, sizeof(name), "%s%s", scalar_cmp_name(cmp), is32 ? "32" : "");
	verdict(name, ok, cases, optimal);
}

static bool lattice_case(const struct item *a, const struct item *b, unsigned long *optimal)
{
	struct scalar join = scalar_join(&a->s, &b->s), wide = scalar_widen(&a->s, &b->s);
	struct scalar meet = a->s, top = best(a->set | b->set);
	bool subset = scalar_subset(&a->s, &b->s), met = scalar_intersect(&meet, &b->s);
	set_t either = a->set | b->set, both = a->set & b->set;

	*optimal += scalar_equal(&join, &top);
	if (!scalar_valid(&join) || !scalar_valid(&wide) || !scalar_valid(&meet))
		return false;
	if ((either & ~scalar_set(&join)) || (either & ~scalar_set(&wide)))
		return false;
	if (met ? (both & ~scalar_set(&meet)) != 0 : both != 0 || !scalar_equal(&meet, &a->s))
		return false;
	if (subset && ((a->set & ~b->set) || !scalar_equal(&join, &b->s)))
		return false;
	/* A subset that was overlooked is a loss of precision, not an error. */
	wide = scalar_widen(&b->s, &a->s);
	return !subset || scalar_equal(&wide, &b->s);
}

/* Any sequence of new values makes a widened one change only so often. */
static bool widen_ends(unsigned long start)
{
	struct scalar s = items[start % item_count].s;
	unsigned int changes = 0, i;

	for (i = 0; i < 200; i++) {
		const struct scalar *new = &items[(start + i * 7919UL) % item_count].s;
		struct scalar wide = scalar_widen(&s, new);

		changes += !scalar_equal(&wide, &s);
		s = wide;
	}
	return changes <= 8 * 6 + SCALAR_WIDTH;
}

static void check_lattice(unsigned long stride)
{
	unsigned long cases = 0, optimal = 0;
	bool ok = true;
	size_t i, j;

	for (i = 0; i < item_count && ok; i += stride) {
		for (j = 0; j < item_count && ok; j += stride, cases++)
			ok = lattice_case(&items[i], &items[j], &optimal);
		ok &= widen_ends(i);
	}
	verdict("join, intersect, subset, widen", ok, cases, optimal);
}

/* What callers read off a value bounds each of its members. */
static void check_derived(void)
{
	unsigned long cases = 0;
	bool ok = true;
	size_t i;
	u64 x;

	for (i = 0; i < item_count; i++) {
		const struct scalar *s = &items[i].s;

		for (x = 0; x < WORDS; x++) {
			s64 sx = as_signed(x, SCALAR_WIDTH), sl = as_signed(x, SCALAR_HALF);
			bool in = (items[i].set >> x) & 1;

			ok &= scalar_contains(s, x) == in;
			if (!in)
				continue;
			cases++;
			ok &= scalar_umin(s) <= x && x <= scalar_umax(s);
			ok &= scalar_smin(s) <= sx && sx <= scalar_smax(s);
			ok &= scalar_u32_min(s) <= x % LOWS && x % LOWS <= scalar_u32_max(s);
			ok &= scalar_s32_min(s) <= sl && sl <= scalar_s32_max(s);
			ok &= !scalar_is_const(s) || scalar_const_value(s) == x;
			ok &= scalar_is_unknown(s) == (items[i].set == ALL_WORDS) ||
			      !scalar_is_unknown(s);
		}
	}
	verdict("derived bounds", ok, cases, cases);
}

static void check_constructors(void)
{
	bool ok = true;
	u64 a, b;

	for (a = 0; a < WORDS; a++)
		for (b = 0; b < WORDS; b++) {
			s64 sa = as_signed(a, SCALAR_WIDTH), sb = as_signed(b, SCALAR_WIDTH);
			struct scalar u = scalar_range_u(a, b), s = scalar_range_s(sa, sb), t, c;
			bool made = scalar_from_tnum(&t, (struct tnum){ a, b });
			u64 x;

			c = scalar_const(a);
			ok &= scalar_set(&c) == 1ULL << a && scalar_is_const(&c);
			ok &= made == !(a & b) && scalar_valid(&u) && scalar_valid(&s);
			ok &= !made || (scalar_valid(&t) && scalar_set(&t) == tnum_sets[a][b]);
			for (x = 0; x < WORDS; x++) {
				s64 sx = as_signed(x, SCALAR_WIDTH);

				ok &= scalar_contains(&u, x) == (a > b || (a <= x && x <= b));
				ok &= scalar_contains(&s, x) == (sa > sb || (sa <= sx && sx <= sb));
			}
		}
	ok &= scalar_is_unknown(&(struct scalar){ 0 }) == false;
	verdict("constructors", ok, WORDS * WORDS, WORDS * WORDS);
}

/* ---- intervals and known bits by themselves, all pairs ---- */

typedef struct split (*span_fn)(struct span a, struct span b, unsigned int bits);
typedef struct tnum (*tnum_fn)(struct tnum a, struct tnum b);

static const struct part {
	enum scalar_op op;
	span_fn span;
	tnum_fn tnum;
} parts[] = {
	{ SCALAR_ADD, span_add, tnum_add }, { SCALAR_SUB, span_sub, tnum_sub },
	{ SCALAR_MUL, span_mul, tnum_mul }, { SCALAR_UDIV, span_udiv, tnum_div },
	{ SCALAR_UMOD, span_umod, tnum_mod }, { SCALAR_SDIV, span_sdiv, NULL },
	{ SCALAR_SMOD, span_smod, tnum_mod }, { SCALAR_AND, span_and, tnum_and },
	{ SCALAR_OR, span_or, tnum_or }, { SCALAR_XOR, span_xor, tnum_xor },
};

static bool same_half(u64 a, u64 b)
{
	return ((a ^ b) & bits_sign(SCALAR_WIDTH)) == 0;
}

static bool span_pair(const struct part *p, struct span a, struct span b, unsigned long *optimal)
{
	struct split r = p->span(a, b, SCALAR_WIDTH), top;
	set_t want = 0;
	u64 x, y;

	for (x = a.lo; x <= a.hi; x++)
		for (y = b.lo; y <= b.hi; y++)
			want |= 1ULL << concrete_alu(p->op, true, x, y);
	top = best_split(want, SCALAR_WIDTH);
	*optimal += split_subset(&r, &top);
	return split_valid(&r, SCALAR_WIDTH) && (want & ~split_set(&r)) == 0;
}

static bool span_pairs(const struct part *p, struct span a, unsigned long *cases,
		       unsigned long *optimal)
{
	struct span b;

	for (b.lo = 0; b.lo < WORDS; b.lo++)
		for (b.hi = b.lo; b.hi < WORDS && same_half(b.lo, b.hi); b.hi++, *cases += 1)
			if (!span_pair(p, a, b, optimal))
				return false;
	return true;
}

static void check_spans(const struct part *p)
{
	unsigned long cases = 0, optimal = 0;
	char name[40];
	struct span a;
	bool ok = true;

	for (a.lo = 0; a.lo < WORDS; a.lo++)
		for (a.hi = a.lo; a.hi < WORDS && same_half(a.lo, a.hi) && ok; a.hi++)
			ok = span_pairs(p, a, &cases, &optimal);
	snprintf(name, sizeof(name), "intervals %s", scalar_op_name(p->op));
	verdict(name, ok, cases, optimal);
}

static bool tnum_pair(const struct part *p, struct tnum a, struct tnum b, unsigned long *optimal)
{
	struct tnum t = tnum_cut(p->tnum(a, b), SCALAR_WIDTH);
	set_t want = 0;
	u64 x, y;

	for (x = 0; x < WORDS; x++) {
		if (!(tnum_sets[a.value][a.mask] >> x & 1))
			continue;
		for (y = 0; y < WORDS; y++)
			if (tnum_sets[b.value][b.mask] >> y & 1)
				want |= 1ULL << concrete_alu(p->op, true, x, y);
	}
	*optimal += tnum_subset(t, best(want).bits);
	return (t.value & t.mask) == 0 && (want & ~tnum_sets[t.value][t.mask]) == 0;
}

static void check_tnums(const struct part *p)
{
	unsigned long cases = 0, optimal = 0;
	struct tnum a, b;
	char name[40];
	bool ok = true;

	for (a.value = 0; a.value < WORDS; a.value++)
		for (a.mask = 0; a.mask < WORDS; a.mask++)
			for (b.value = 0; b.value < WORDS && !(a.value & a.mask); b.value++)
				for (b.mask = 0; b.mask < WORDS && ok; b.mask++)
					if (!(b.value & b.mask)) {
						ok = tnum_pair(p, a, b, &optimal);
						cases++;
					}
	snprintf(name, sizeof(name), "known bits %s", scalar_op_name(p->op));
	verdict(name, ok, cases, optimal);
}

static void setup(void)
{
	sets_setup();
	hash_slots = calloc(HASH_SIZE, sizeof(*hash_slots));
	if (!hash_slots)
		exit(2);
}

/* What there is of single values: the pairs are those of parts.c, and a sample. */
static void check_each(void)
{
	int op, is;

	check_deduce_all(1);
	check_deduce_plain();
	printf("# width %d/%d: %zu values, one by one\n", SCALAR_WIDTH, SCALAR_HALF, item_count);
	check_derived();
	for (op = 0; op < SCALAR_OP_COUNT; op++)
		for (is = 1; is >= 0 && scalar_op_is_unary(op); is--)
			check_alu(op, is, 1);
}

static void check_all(bool plain, unsigned long stride, unsigned long gather, bool components)
{
	size_t i;
	int op, is;

	if (mine(0)) {
		check_eval();
		check_constructors();
	}
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]) && components && mine(0); i++) {
		check_spans(&parts[i]);
		if (parts[i].tnum)
			check_tnums(&parts[i]);
	}
	if (!plain)
		check_deduce_all(gather);
	check_deduce_plain();
	printf("# width %d/%d: %zu values, every %lu tried in pairs\n", SCALAR_WIDTH, SCALAR_HALF,
	       item_count, stride);
	if (mine(0)) {
		check_derived();
		check_lattice(stride);
	}
	for (op = 0; op < SCALAR_OP_COUNT; op++)
		for (is = 1; is >= 0 && mine(op); is--)
			check_alu(op, is, stride);
	for (op = 0; op < SCALAR_CMP_COUNT; op++)
		for (is = 0; is < 2 && mine(op); is++)
			check_refine(op, is, stride);
}

int main(int argc, char **argv)
{
	unsigned long stride = 1, gather = 1;
	bool plain = false, each = false, components = true;
	int i;

	for (i = 1; i < argc; i++) {
		if (!strcmp(argv[i], "-plain")) {
			plain = true;
		} else if (!strcmp(argv[i], "-each")) {
			each = true;
		} else if (!strcmp(argv[i], "-whole")) {
			components = false;
		} else if (!strcmp(argv[i], "-first")) {
			stop_at_failure = true;
		} else if (!strcmp(argv[i], "-s") && i + 1 < argc) {
			stride = strtoul(argv[++i], NULL, 10);
		} else if (!strcmp(argv[i], "-share") && i + 2 < argc) {
			share = strtoul(argv[++i], NULL, 10);
			shares = strtoul(argv[++i], NULL, 10);
		} else if (!strcmp(argv[i], "-g") && i + 1 < argc) {
			gather = strtoul(argv[++i], NULL, 10);
		} else {
			return 2;
		}
	}
	if (!stride || !gather || share >= shares)
		return 2;
	setup();
	if (each)
		check_each();
	else
		check_all(plain, stride, gather, components);
	printf("%lu passed, %lu failed\n", passed, failed);
	return failed != 0;
}
