// SPDX-License-Identifier: GPL-2.0
/*
 * BTF load: a header that is right where the input does not say otherwise, then types and
 * strings.
 */
#include "fuzz.h"
#include <linux/btf.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char log[1 << 16];
	struct btf_header *h;
	union bpf_attr attr = { 0 };
	uint8_t *blob, split;
	int fd;

	if (size < 4)
		return 0;
	split = data[0];
	size -= 1;
	data += 1;
	blob = calloc(1, sizeof(*h) + size + 1);
	if (!blob)
		return 0;
	h = (void *)blob;
	memcpy(blob + sizeof(*h), data, size);
	h->magic = BTF_MAGIC;
	h->version = BTF_VERSION;
	h->hdr_len = sizeof(*h);
	h->type_len = (size * split / 256) & ~3U;
	h->str_off = h->type_len;
	h->str_len = size - h->str_off;
	if (h->str_len) {
		blob[sizeof(*h) + h->str_off] = 0;
		blob[sizeof(*h) + size - 1] = 0;
	}
	if (split == 255 && size >= sizeof(*h))
		memcpy(blob, data, sizeof(*h));
	attr.btf = PTR(blob);
	attr.btf_size = sizeof(*h) + size;
	attr.btf_log_buf = PTR(log);
	attr.btf_log_size = sizeof(log);
	attr.btf_log_level = 1;
	fd = sys(BPF_BTF_LOAD, &attr);
	if (fd >= 0)
		close(fd);
	free(blob);
	finish();
	return 0;
}
