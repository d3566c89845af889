// SPDX-License-Identifier: GPL-2.0
/* BTF that compilers made, whole and damaged: nothing crashes, and all of it ends. */
#include <sys/time.h>
#include "btftest.h"

/* A struct too deep, members without size: sums of work that double with each level. */
#define WALKS_MAX 200

static u64 rng = 0x9e3779b97f4a7c15ULL;

static u32 rnd(u32 below)
{
	rng ^= rng << 13;
	rng ^= rng >> 7;
	rng ^= rng << 17;
	return below ? (rng >> 16) % below : 0;
}

void lay_out_sections(void *data)
{
	struct btf_header *hdr = data;
	u32 off = 0, i, bytes;
	struct btf_type *t;

	while (off < hdr->type_len) {
		t = data + hdr->hdr_len + hdr->type_off + off;
		bytes = btf_type_bytes(t);
		if (btf_kind(t) == BTF_KIND_DATASEC) {
			struct btf_var_secinfo *v = (void *)(t + 1);
			u32 at = 0;

			for (i = 0; i < btf_vlen(t); i++, v++) {
				v->offset = at;
				at += v->size;
			}
			t->size = at;
		}
		off += bytes;
	}
}

/* All that reads types, on each type; values come from zeroed or random memory. */
static void use_all(const struct btf *btf)
{
	u32 nr = btf_nr_types(btf), id, size, elem, n, i, step = nr > 4000 ? nr / 4000 : 1;
	static u8 value[1 << 16];
	struct btf_access res;
	const struct btf_type *t;
	char msg[128], text[256];

	for (id = 1; id < nr; id += step) {
		t = btf_type_by_id(btf, id);
		if (IS_ERR(btf_resolve_size_elem(btf, t, &size, &elem, &n)))
			continue;
		for (i = 0; btf_type_is_struct(t) && i < WALKS_MAX; i++)
			btf_struct_walk(btf, id, rnd(t->size + 9) - 4, 1 << rnd(4), &res, msg,
					sizeof(msg));
		if (btf_type_is_struct(t))
			btf_struct_ids_match(btf, id, rnd(t->size + 1), btf, 1 + rnd(nr), false);
		if (size > sizeof(value))
			continue;
		btf_type_snprintf_show(btf, id, value, text, sizeof(text),
				       rnd(16) | (rnd(2) ? BTF_F_ZERO : 0));
		btf_find_by_name_kind(btf, btf_type_name(btf, t) ?: "", btf_kind(t));
		value[rnd(sizeof(value))] = rnd(256);
	}
}

static void damage(u8 *data, u32 size)
{
	struct btf_header *hdr = (void *)data;
	u32 n = 1 + rnd(4), *word, hdr_len = hdr->hdr_len, type_len = hdr->type_len;

	while (n--) {
		u32 at = rnd(8) ? hdr_len + rnd(type_len) : rnd(size);

		switch (rnd(5)) {
		case 0:
			data[at] ^= 1 << rnd(8);
			break;
		case 1:
			data[at] = rnd(256);
			break;
		case 2:
			word = (u32 *)(data + at / 4 * 4);
			if ((u8 *)(word + 1) <= data + size)
				*word = rnd(2) ? rnd(type_len / 12 + 2) : rnd(~0U);
			break;
		case 3:
			word = (u32 *)(data + at / 4 * 4);
			if ((u8 *)(word + 1) <= data + size)
				*word += rnd(3) - 1;
			break;
		default:
			word = (u32 *)(data + at / 4 * 4);
			if ((u8 *)(word + 2) <= data + size)
				swap(word[0], word[1]);
			break;
		}
	}
}

static void fuzz(const u8 *good, u32 size, u32 rounds, const char *path)
{
	u32 i, ok = 0, bad = 0, worst = 0, ms;
	struct timeval a, b;
	struct btf *btf;
	u8 *data;
	int err;

	for (i = 0; i < rounds; i++) {
		data = malloc(size);
		memcpy(data, good, size);
		damage(data, size);
		gettimeofday(&a, NULL);
		err = load(data, size, rnd(3), &btf);
		free(data);
		if (!err) {
			ok++;
			use_all(btf);
			btf_put(btf);
		} else if (err == -EINVAL || err == -E2BIG || err == -ENOTSUPP) {
			bad++;
		} else {
			check(false, path, "round %u: %d", i, err);
		}
		gettimeofday(&b, NULL);
		ms = (b.tv_sec - a.tv_sec) * 1000 + (b.tv_usec - a.tv_usec) / 1000;
		worst = max(worst, ms);
	}
	check(bad, path, "no damage was noticed in %u", rounds);
	check(worst < 20000, path, "%u ms for one", worst);
	printf("%s: %u rounds, %u accepted, %u refused, worst %u ms\n", path, rounds, ok, bad,
	       worst);
}

void test_real(const char *path)
{
	struct btf *btf;
	u32 size;
	u8 *data = read_file(path, &size);
	int err;

	check(data && size > sizeof(struct btf_header), path, "cannot be read");
	if (!data)
		return;
	lay_out_sections(data);
	err = load(data, size, 1, &btf);
	check(!err, path, "%d %s", err, load_log);
	if (!err) {
		use_all(btf);
		if (strstr(path, "layout"))
			test_layout(btf);
		btf_put(btf);
		fuzz(data, size, size > 1 << 20 ? 12 : 2000, path);
	}
	free(data);
}
