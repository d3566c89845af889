// SPDX-License-Identifier: GPL-2.0
/*
 * Operations on maps in any order, against models: an array of values for tables, one of prefixes
 * for the trie, a list for queues and stacks. Every result and errno is foreseen, but for what a
 * table may evict and for what a filter may take for something else.
 */
#include "fuzz.h"

#define KEYS 32

static void check(int ok)
{
	if (!ok)
		abort();
}

/*
 * struct model - a map and what should be in it
 * @fd: map
 * @max: of its entries
 * @n: entries that there are
 * @have, @val: by key; queues: @val in order of arrival
 */
struct model {
	int fd, type, max, n;
	uint8_t have[KEYS];
	uint64_t val[KEYS];
	union bpf_attr attr;
	uint32_t key[2];
	uint64_t value;
};

static long op(struct model *m, int cmd, uint64_t flags)
{
	m->attr = (union bpf_attr) { .map_fd = m->fd, .key = PTR(m->key), .flags = flags };
	if (cmd != BPF_MAP_DELETE_ELEM)
		m->attr.value = PTR(&m->value);
	return sys(cmd, &m->attr);
}

static int is_array(const struct model *m)
{
	return m->type == BPF_MAP_TYPE_ARRAY;
}

/* ------------------------------------------------------------------ tables */

/* What an update has to say: 0 or -errno. */
static int table_foresee(const struct model *m, uint32_t key, uint64_t flags)
{
	if (flags > BPF_EXIST)
		return -EINVAL;
	if (is_array(m))
		return key >= (uint32_t)m->max ? -E2BIG : flags == BPF_NOEXIST ? -EEXIST : 0;
	if (flags == BPF_NOEXIST && m->have[key])
		return -EEXIST;
	if (flags == BPF_EXIST && !m->have[key])
		return -ENOENT;
	return !m->have[key] && m->n == m->max ? -E2BIG : 0;
}

static void table_put(struct model *m, uint32_t key, uint64_t value)
{
	m->n += !m->have[key];
	m->have[key] = 1;
	m->val[key] = value;
}

static void table_drop(struct model *m, uint32_t key)
{
	m->n -= m->have[key];
	m->have[key] = 0;
}

static void table_update(struct model *m, uint32_t key, uint64_t flags, uint32_t value)
{
	int want = table_foresee(m, key, flags);
	long ret;

	m->value = value;
	ret = op(m, BPF_MAP_UPDATE_ELEM, flags);
	check(want ? ret && errno == -want : !ret);
	if (!ret)
		table_put(m, key, value);
}

static void table_delete(struct model *m, uint32_t key)
{
	long ret = op(m, BPF_MAP_DELETE_ELEM, 0);

	if (is_array(m)) {
		check(ret && errno == EINVAL);
		return;
	}
	check(m->have[key] ? !ret : ret && errno == ENOENT);
	table_drop(m, key);
}

static void table_lookup(struct model *m, uint32_t key, int delete)
{
	long ret;

	if (delete && is_array(m))
		return;
	ret = op(m, delete ? BPF_MAP_LOOKUP_AND_DELETE_ELEM : BPF_MAP_LOOKUP_ELEM, 0);
	check(m->have[key] ? !ret && m->value == m->val[key] : ret && errno == ENOENT);
	if (delete)
		table_drop(m, key);
}

/* Every key once, and no other. */
static void table_walk(struct model *m)
{
	uint8_t seen[KEYS] = { 0 };
	uint32_t key, next;
	int n = 0, first = 1;

	for (;;) {
		union bpf_attr attr = { .map_fd = m->fd, .key = first ? 0 : PTR(&key),
					.next_key = PTR(&next) };

		if (sys(BPF_MAP_GET_NEXT_KEY, &attr)) {
			check(errno == ENOENT);
			break;
		}
		first = 0;
		key = next;
		check(key < KEYS && m->have[key] && !seen[key]);
		seen[key] = 1;
		n++;
	}
	check(n == m->n);
}

static void table_batch(struct model *m)
{
	uint32_t keys[2 * KEYS], out = 0, i;
	uint64_t vals[2 * KEYS];
	union bpf_attr attr = { .batch = { .out_batch = PTR(&out), .keys = PTR(keys),
					   .values = PTR(vals), .count = 2 * KEYS,
					   .map_fd = m->fd } };

	check(sys(BPF_MAP_LOOKUP_BATCH, &attr) && errno == ENOENT);
	check(attr.batch.count == (uint32_t)m->n);
	for (i = 0; i < attr.batch.count; i++)
		check(keys[i] < KEYS && m->have[keys[i]] && vals[i] == m->val[keys[i]]);
}

/* Some keys at once: one after the other, up to the first that fails. */
static void table_batch_update(struct model *m, struct input *in, uint64_t flags)
{
	uint32_t keys[8], n = 1 + take8(in) % 8, i, ok;
	uint64_t vals[8];
	union bpf_attr attr = { .batch = { .keys = PTR(keys), .values = PTR(vals), .count = n,
					   .map_fd = m->fd, .elem_flags = flags } };
	int want = 0;
	long ret;

	for (i = 0; i < n; i++) {
		keys[i] = take8(in) % KEYS;
		vals[i] = take32(in);
	}
	ret = sys(BPF_MAP_UPDATE_BATCH, &attr);
	for (ok = 0; ok < n; ok++) {
		want = table_foresee(m, keys[ok], flags);
		if (want)
			break;
		table_put(m, keys[ok], vals[ok]);
	}
	check(want ? ret && errno == -want : !ret);
	/* flags that there are not are refused as a whole */
	check(want == -EINVAL || attr.batch.count == ok);
}

static void table_batch_delete(struct model *m, struct input *in)
{
	uint32_t keys[8], n = 1 + take8(in) % 8, i, ok;
	union bpf_attr attr = { .batch = { .keys = PTR(keys), .count = n, .map_fd = m->fd } };
	long ret;

	for (i = 0; i < n; i++)
		keys[i] = take8(in) % KEYS;
	if (is_array(m))
		return;
	ret = sys(BPF_MAP_DELETE_BATCH, &attr);
	for (ok = 0; ok < n && m->have[keys[ok]]; ok++)
		table_drop(m, keys[ok]);
	check(ok < n ? ret && errno == ENOENT : !ret);
	check(attr.batch.count == ok);
}

static void table_many(struct model *m, struct input *in, uint8_t how)
{
	if (how & 1)
		table_batch_update(m, in, how >> 1 & 3);
	else if (how & 2)
		table_batch_delete(m, in);
	else
		table_batch(m);
}

static void table_step(struct model *m, struct input *in)
{
	uint8_t what = take8(in);
	uint32_t key = take8(in) % KEYS;

	m->key[0] = key;
	switch (what % 8) {
	case 0:
	case 1:
	case 2:
		table_update(m, key, what >> 6, take32(in));
		break;
	case 3:
		table_delete(m, key);
		break;
	case 4:
	case 5:
		table_lookup(m, key, what % 8 == 5);
		break;
	case 6:
		table_walk(m);
		break;
	default:
		table_many(m, in, what >> 3);
	}
}

/* ------------------------------------------------------------------ tables that evict */

/* @have: unless it was evicted since. */
static void lru_lookup(struct model *m, uint32_t key, int cmd)
{
	long ret = op(m, cmd, 0);

	if (ret) {
		check(errno == ENOENT);
		m->have[key] = 0;
		return;
	}
	check(m->have[key]);
	if (cmd != BPF_MAP_DELETE_ELEM)
		check(m->value == m->val[key]);
	if (cmd != BPF_MAP_LOOKUP_ELEM)
		m->have[key] = 0;
}

static void lru_update(struct model *m, uint32_t key, uint64_t flags, uint32_t value)
{
	long ret;

	m->value = value;
	ret = op(m, BPF_MAP_UPDATE_ELEM, flags);
	if (flags > BPF_EXIST) {
		check(ret && errno == EINVAL);
		return;
	}
	if (ret) {
		check(flags == BPF_NOEXIST ? m->have[key] && errno == EEXIST :
		      flags == BPF_EXIST && errno == ENOENT);
		return;
	}
	check(flags != BPF_EXIST || m->have[key]);
	m->have[key] = 1;
	m->val[key] = value;
	/* what was put in last is there */
	check(!op(m, BPF_MAP_LOOKUP_ELEM, 0) && m->value == value);
}

static void lru_walk(struct model *m)
{
	uint8_t seen[KEYS] = { 0 };
	uint32_t key = 0, next;
	int n = 0;

	for (;; key = next, n++) {
		union bpf_attr attr = { .map_fd = m->fd, .key = n ? PTR(&key) : 0,
					.next_key = PTR(&next) };

		if (sys(BPF_MAP_GET_NEXT_KEY, &attr)) {
			check(errno == ENOENT);
			break;
		}
		check(next < KEYS && m->have[next] && !seen[next]);
		seen[next] = 1;
	}
	check(n <= m->max);
	memcpy(m->have, seen, sizeof(seen));
}

static void lru_step(struct model *m, struct input *in)
{
	static const uint8_t cmds[] = { BPF_MAP_LOOKUP_ELEM, BPF_MAP_LOOKUP_ELEM,
		BPF_MAP_DELETE_ELEM, BPF_MAP_LOOKUP_AND_DELETE_ELEM };
	uint8_t what = take8(in);
	uint32_t key = take8(in) % KEYS;

	m->key[0] = key;
	if (what % 8 < 3)
		lru_update(m, key, what >> 6, take32(in));
	else if (what % 8 < 7)
		lru_lookup(m, key, cmds[what % 8 - 3]);
	else
		lru_walk(m);
}

/* ------------------------------------------------------------------ the filter */

static void bloom_step(struct model *m, struct input *in)
{
	uint8_t what = take8(in);
	uint32_t nr = take8(in) % KEYS;
	uint64_t flags = what >> 6;
	long ret;

	m->value = nr * 0x9e3779b97f4a7c15ULL;
	m->attr = (union bpf_attr) { .map_fd = m->fd, .value = PTR(&m->value) };
	if (what & 1) {
		ret = sys(BPF_MAP_LOOKUP_ELEM, &m->attr);
		check(!ret || (errno == ENOENT && !m->have[nr]));
		return;
	}
	m->attr.flags = flags;
	ret = sys(BPF_MAP_UPDATE_ELEM, &m->attr);
	check(flags ? ret && errno == EINVAL : !ret);
	m->have[nr] |= !ret;
}

/*
 * ------------------------------------------------------------------ the trie: prefixes of one byte
 */

/* Numbers the prefixes of up to 4 bits: 1, 2..3, 4..7, 8..15, 16..31. */
static uint32_t trie_prefix(struct model *m, uint32_t nr)
{
	uint32_t len = 0;

	while (nr >> (len + 1))
		len++;
	m->key[0] = len;
	m->key[1] = (nr << (4 - len) & 15) << 4;
	return nr;
}

static void trie_lookup(struct model *m, uint32_t bits)
{
	int len;
	long ret;

	m->key[0] = 8;
	m->key[1] = bits << 4;
	ret = op(m, BPF_MAP_LOOKUP_ELEM, 0);
	for (len = 4; len >= 0; len--) {
		uint32_t nr = 1 << len | bits >> (4 - len);

		if (!m->have[nr])
			continue;
		check(!ret && m->value == m->val[nr]);
		return;
	}
	check(ret && errno == ENOENT);
}

static void trie_step(struct model *m, struct input *in)
{
	uint8_t what = take8(in);
	uint32_t nr = trie_prefix(m, 1 + take8(in) % (KEYS - 1));
	uint64_t flags = what >> 6;
	long ret;

	switch (what % 4) {
	case 0:
	case 1:
		m->value = take32(in);
		ret = op(m, BPF_MAP_UPDATE_ELEM, flags);
		if (flags > BPF_EXIST) {
			check(ret && errno == EINVAL);
		} else if (flags == BPF_NOEXIST && m->have[nr]) {
			check(ret && errno == EEXIST);
		} else if (flags == BPF_EXIST && !m->have[nr]) {
			check(ret && errno == ENOENT);
		} else if (!m->have[nr] && m->n == m->max) {
			check(ret && errno == ENOSPC);
		} else {
			check(!ret);
			m->n += !m->have[nr];
			m->have[nr] = 1;
			m->val[nr] = m->value;
		}
		break;
	case 2:
		ret = op(m, BPF_MAP_DELETE_ELEM, 0);
		check(m->have[nr] ? !ret : ret && errno == ENOENT);
		m->n -= m->have[nr];
		m->have[nr] = 0;
		break;
	default:
		trie_lookup(m, nr & 15);
	}
}

/* ------------------------------------------------------------------ queues and stacks */

static void list_take(struct model *m, int delete)
{
	int first = m->type == BPF_MAP_TYPE_QUEUE ? 0 : m->n - 1;
	long ret;

	m->attr = (union bpf_attr) { .map_fd = m->fd, .value = PTR(&m->value) };
	ret = sys(delete ? BPF_MAP_LOOKUP_AND_DELETE_ELEM : BPF_MAP_LOOKUP_ELEM, &m->attr);
	if (!m->n) {
		check(ret && errno == ENOENT);
		return;
	}
	check(!ret && m->value == m->val[first]);
	if (!delete)
		return;
	m->n--;
	if (!first)
		memmove(m->val, m->val + 1, m->n * sizeof(m->val[0]));
}

static void list_step(struct model *m, struct input *in)
{
	uint8_t what = take8(in);
	uint64_t flags = what >> 6;
	long ret;

	if (what % 4 > 1) {
		list_take(m, what % 4 == 3);
		return;
	}
	m->value = take32(in);
	m->attr = (union bpf_attr) { .map_fd = m->fd, .value = PTR(&m->value), .flags = flags };
	ret = sys(BPF_MAP_UPDATE_ELEM, &m->attr);
	if (flags == BPF_NOEXIST || flags > BPF_EXIST) {
		check(ret && errno == EINVAL);
		return;
	}
	if (m->n == m->max && flags != BPF_EXIST) {
		check(ret && errno == E2BIG);
		return;
	}
	check(!ret);
	if (m->n == m->max)	/* BPF_EXIST: the oldest makes room */
		memmove(m->val, m->val + 1, --m->n * sizeof(m->val[0]));
	m->val[m->n++] = m->value;
}

/* ------------------------------------------------------------------ */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct {
		int type, flags, key_size;
		void (*step)(struct model *m, struct input *in);
	} kinds[] = {
		{ BPF_MAP_TYPE_HASH, 0, 4, table_step },
		{ BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, 4, table_step },
		{ BPF_MAP_TYPE_ARRAY, 0, 4, table_step },
		{ BPF_MAP_TYPE_LPM_TRIE, BPF_F_NO_PREALLOC, 5, trie_step },
		{ BPF_MAP_TYPE_QUEUE, 0, 0, list_step },
		{ BPF_MAP_TYPE_STACK, 0, 0, list_step },
		{ BPF_MAP_TYPE_LRU_HASH, 0, 4, lru_step },
		{ BPF_MAP_TYPE_BLOOM_FILTER, 0, 0, bloom_step },
	};
	struct input in = { data, size };
	int kind = take8(&in) % (sizeof(kinds) / sizeof(kinds[0])), i;
	struct model m = { .type = kinds[kind].type, .max = take8(&in) % KEYS + 1 };
	union bpf_attr attr = { .map_type = m.type, .key_size = kinds[kind].key_size,
				.value_size = 8, .max_entries = m.max,
				.map_flags = kinds[kind].flags };

	m.fd = sys(BPF_MAP_CREATE, &attr);
	check(m.fd >= 0);
	for (i = 0; is_array(&m) && i < m.max; i++) {
		m.have[i] = 1;
		m.n++;
	}
	while (in.left)
		kinds[kind].step(&m, &in);
	close(m.fd);
	finish();
	return 0;
}
