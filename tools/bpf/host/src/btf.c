// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's types come from a file; the constants that tools/bpf/resolve_btfids would put into
 * the image are put into ours.
 */
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/ctype.h>
#include <linux/sort.h>
#include <linux/string.h>
#include <host/os.h>
#include "host.h"
#include "btf/btf.h"

/* Written by the macros of linux/btf_ids.h. */
struct btf_ids_symbol {
	const char *name;
	u32 *start;
	u32 *end;
};

extern struct btf_ids_symbol __start_host_btf_syms[], __stop_host_btf_syms[];

static char no_btf[1];
/* What vmlinux.c takes for the linker's symbols. */
char (*host_btf_start)[] = (void *)no_btf;
char (*host_btf_stop)[] = (void *)no_btf;

static char btf_path[256];
static bool path_given;

const char *host_btf_path(void);
int host_btf_set_path(const char *path);

const char *host_btf_path(void)
{
	return btf_path;
}

int host_btf_set_path(const char *path)
{
	path_given = true;
	return strscpy(btf_path, path, sizeof(btf_path)) < 0 ? -ENAMETOOLONG : 0;
}

#ifndef HOST_VMLINUX
#define HOST_VMLINUX ""
#endif

static bool load(const char *path)
{
	os_size size;
	void *data;

	if (!path || !*path || os_read_btf(path, &data, &size))
		return false;
	if (path != btf_path)
		strscpy(btf_path, path, sizeof(btf_path));
	host_btf_start = data;
	host_btf_stop = data + size;
	return true;
}

/* "__BTF_ID__struct__task_struct__12": kind and name, without the number at the end. */
static bool parse(const char *sym, char *kind, char *name)
{
	const char *p = sym + strlen("__BTF_ID__"), *sep = strstr(p, "__");
	size_t len;

	if (!sep || sep - p >= 16)
		return false;
	memcpy(kind, p, sep - p);
	kind[sep - p] = 0;
	p = sep + 2;
	len = strlen(p);
	if (len >= 128)
		return false;
	memcpy(name, p, len + 1);
	while (len && isdigit(name[len - 1]))
		len--;
	if (len > 2 && name[len - 1] == '_' && name[len - 2] == '_' && name[len])
		name[len - 2] = 0;
	return true;
}

static u32 kind_of(const char *kind)
{
	if (!strcmp(kind, "struct"))
		return BTF_KIND_STRUCT;
	if (!strcmp(kind, "union"))
		return BTF_KIND_UNION;
	if (!strcmp(kind, "typedef"))
		return BTF_KIND_TYPEDEF;
	if (!strcmp(kind, "func"))
		return BTF_KIND_FUNC;
	return BTF_KIND_UNKN;
}

static int cmp_id(const void *a, const void *b)
{
	u32 x = *(const u32 *)a, y = *(const u32 *)b;

	return x < y ? -1 : x > y;
}

static void resolve_word(const struct btf *btf, const struct btf_ids_symbol *s)
{
	char kind[16], name[128];
	s32 id;

	if (!parse(s->name, kind, name))
		return;
	if (!kind_of(kind))
		return;
	id = btf_find_by_name_kind(btf, name, kind_of(kind));
	*s->start = id > 0 ? id : 0;
}

static void sort_set(const struct btf_ids_symbol *s)
{
	u32 words = s->end - s->start;

	if (!strncmp(s->name, "__BTF_ID__set8__", 16)) {
		s->start[0] = (words - 2) / 2;
		sort(s->start + 2, s->start[0], 2 * sizeof(u32), cmp_id, NULL);
	} else if (!strncmp(s->name, "__BTF_ID__set__", 15)) {
		s->start[0] = words - 1;
		sort(s->start + 1, s->start[0], sizeof(u32), cmp_id, NULL);
	}
}

void host_btf_init(void)
{
	const struct btf_ids_symbol *s;
	struct btf *btf;

	if (path_given)
		load(btf_path);
	else if (!load(os_env("KBPF_BTF")) && !load("/sys/kernel/btf/vmlinux"))
		load(HOST_VMLINUX);
	if ((void *)host_btf_start == no_btf)
		btf_path[0] = 0;
	btf = bpf_get_btf_vmlinux();
	if (IS_ERR_OR_NULL(btf))
		return;
	for (s = __start_host_btf_syms; s < __stop_host_btf_syms; s++)
		resolve_word(btf, s);
	for (s = __start_host_btf_syms; s < __stop_host_btf_syms; s++)
		sort_set(s);
}
