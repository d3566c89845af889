// SPDX-License-Identifier: GPL-2.0
/* Arguments: the directory of what was built, files of raw BTF that compilers made. */
#include "btftest.h"

#include "syscall/fd.h"
#include "btf/ids.h"

int passed, failed;
char load_log[LOG_SIZE];

static struct btf *loaded;
static u32 last_id;

void check(bool ok, const char *what, const char *fmt, ...)
{
	va_list args;

	if (ok) {
		passed++;
		return;
	}
	failed++;
	printf("FAIL %s: ", what);
	va_start(args, fmt);
	vprintf(fmt, args);
	va_end(args);
	printf("\n");
}

/* ------------------------------------------------------------------ fds and ids */

int bpf_fd_new(enum bpf_fd_kind kind, void *obj, int flags)
{
	loaded = obj;
	return 3;
}

int btf_id_add(struct btf *btf)
{
	btf->id = ++last_id;
	return 0;
}

void btf_id_remove(struct btf *btf)
{
	btf->id = 0;
}

void btf_kfuncs_free(struct btf *btf)
{
}

/* Special structs are tested where there are programs that allocate them. */
int btf_metas_make(struct btf *btf)
{
	return 0;
}

void btf_metas_free(struct btf *btf)
{
}

/* ------------------------------------------------------------------ loading */

int load(const void *data, u32 size, u32 level, struct btf **btf)
{
	union bpf_attr attr = {
		.btf = (unsigned long)data, .btf_size = size, .btf_log_level = level,
		.btf_log_buf = level ? (unsigned long)load_log : 0,
		.btf_log_size = level ? LOG_SIZE : 0,
	};
	int fd;

	load_log[0] = 0;
	loaded = NULL;
	fd = btf_new_fd(&attr, &attr, sizeof(attr), false);
	if (fd < 0) {
		if (btf)
			*btf = NULL;
		return fd;
	}
	if (btf)
		*btf = loaded;
	else
		btf_put(loaded);
	return 0;
}

static u32 nth_string(const char *strs, u32 len, u32 n)
{
	u32 off = 1;

	while (--n && off <= len)
		off += strlen(strs + off - 1) + 1;
	return off;
}

void *build(const u32 *types, u32 words, const char *strs, u32 str_len, u32 *size)
{
	struct btf_header hdr = {
		.magic = BTF_MAGIC, .version = BTF_VERSION, .hdr_len = sizeof(hdr),
		.type_len = words * 4, .str_off = words * 4, .str_len = str_len + 1,
	};
	char *data;
	u32 *out, i;

	*size = sizeof(hdr) + hdr.type_len + hdr.str_len;
	data = calloc(1, *size);
	memcpy(data, &hdr, sizeof(hdr));
	out = (u32 *)(data + sizeof(hdr));
	for (i = 0; i < words; i++)
		out[i] = types[i] >= N(0) && types[i] < N(1000) ?
			 nth_string(strs, str_len, types[i] - N(0)) : types[i];
	memcpy((char *)(out + words) + 1, strs, str_len);
	return data;
}

int load_raw(const u32 *types, u32 words, const char *strs, u32 str_len, u32 level,
	     struct btf **btf)
{
	u32 size;
	void *data = build(types, words, strs, str_len, &size);
	int err = load(data, size, level, btf);

	free(data);
	return err;
}

void *read_file(const char *path, u32 *size)
{
	FILE *f = fopen(path, "r");
	char *data;
	long len;

	if (!f || fseek(f, 0, SEEK_END))
		return NULL;
	len = ftell(f);
	if (len < 0)
		return NULL;
	rewind(f);
	data = malloc(len ?: 1);
	*size = fread(data, 1, len, f);
	fclose(f);
	return data;
}

int main(int argc, char **argv)
{
	int i;

	setlinebuf(stdout);
	test_kinds();
	test_header();
	test_lookup();
	test_memory();
	test_core(argc > 1 ? argv[1] : ".");
	for (i = 2; i < argc; i++)
		test_real(argv[i]);
	check(!shim_live, "memory", "%ld allocations left", shim_live);
	check(!shim_warnings, "warnings", "%d", shim_warnings);
	printf("%d passed, %d failed\n", passed, failed);
	return !!failed;
}
