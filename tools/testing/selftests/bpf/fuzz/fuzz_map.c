// SPDX-License-Identifier: GPL-2.0
/* Operations on a hash or array map in any order, against a model of it. */
#include "fuzz.h"

#define KEYS 32

static void check(int ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct { int type, flags, array; } kinds[] = {
		{ BPF_MAP_TYPE_HASH, 0, 0 },
		{ BPF_MAP_TYPE_HASH, BPF_F_NO_PREALLOC, 0 },
		{ BPF_MAP_TYPE_ARRAY, 0, 1 },
	};
	struct input in = { data, size };
	int kind = take8(&in) % 3, max = take8(&in) % KEYS + 1, have[256] = { 0 }, n = 0, fd;
	uint64_t model[256] = { 0 }, value;
	union bpf_attr attr = { .map_type = kinds[kind].type, .key_size = 4, .value_size = 8,
				.max_entries = max, .map_flags = kinds[kind].flags };
	uint32_t key, i;
	long ret;

	fd = sys(BPF_MAP_CREATE, &attr);
	check(fd >= 0);
	for (i = 0; kinds[kind].array && i < (uint32_t)max; i++) {
		have[i] = 1;
		n++;
	}
	while (in.left) {
		uint8_t op = take8(&in);
		uint64_t flags = op >> 6;

		key = take8(&in) % KEYS;
		attr = (union bpf_attr) { .map_fd = fd, .key = PTR(&key), .value = PTR(&value) };
		switch (op % 4) {
		case 0:
			value = take32(&in);
			attr.flags = flags;
			ret = sys(BPF_MAP_UPDATE_ELEM, &attr);
			if (flags > 2) {
				check(ret && errno == EINVAL);
			} else if (kinds[kind].array && key >= (uint32_t)max) {
				check(ret && (errno == E2BIG ||
					      (flags == BPF_NOEXIST && errno == EEXIST)));
			} else if (flags == BPF_NOEXIST && have[key]) {
				check(ret && errno == EEXIST);
			} else if (flags == BPF_EXIST && !have[key]) {
				check(ret && errno == ENOENT);
			} else if (!have[key] && n == max) {
				check(ret && errno == E2BIG);
			} else {
				check(!ret);
				n += !have[key];
				have[key] = 1;
				model[key] = value;
			}
			break;
		case 1:
			ret = sys(BPF_MAP_DELETE_ELEM, &attr);
			if (kinds[kind].array) {
				check(ret && errno == EINVAL);
			} else {
				check(have[key] ? !ret : ret && errno == ENOENT);
				n -= have[key];
				have[key] = 0;
			}
			break;
		case 2:
			ret = sys(BPF_MAP_LOOKUP_ELEM, &attr);
			check(have[key] ? !ret && value == model[key] : ret && errno == ENOENT);
			break;
		default:
			if (kinds[kind].array)
				break;
			ret = sys(BPF_MAP_LOOKUP_AND_DELETE_ELEM, &attr);
			check(have[key] ? !ret && value == model[key] : ret && errno == ENOENT);
			n -= have[key];
			have[key] = 0;
		}
	}
	close(fd);
	finish();
	return 0;
}
