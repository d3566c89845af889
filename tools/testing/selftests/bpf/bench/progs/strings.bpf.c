// SPDX-License-Identifier: GPL-2.0
/*
 * String work as tracing tools do it: compare, find, hash, numbers, and a glob with its own
 * stack.
 */
#include "trace.h"

#define MAX 128

struct text {
	char s[MAX];
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, struct text);
} texts SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 16);
	__type(key, __u32);
	__type(value, struct text);
} patterns SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, __u64);
} hits SEC(".maps");

static __sub int compare(const struct text *a, const struct text *b)
{
	if (!a || !b)
		return -1;
	for (int i = 0; i < MAX; i++) {
		if (a->s[i] != b->s[i])
			return a->s[i] < b->s[i] ? -1 : 1;
		if (!a->s[i])
			return 0;
	}
	return 0;
}

static __sub int find(const struct text *hay, const struct text *needle)
{
	if (!hay || !needle)
		return -1;
	for (int i = 0; i < MAX; i++) {
		int j;

		if (!hay->s[i])
			return -1;
		for (j = 0; j < 8; j++) {
			if (!needle->s[j])
				return i;
			if (i + j >= MAX || hay->s[i + j] != needle->s[j])
				break;
		}
	}
	return -1;
}

/* '*' and '?'; one level of going back. */
static __sub int glob(const struct text *t, const struct text *pat)
{
	__u32 i = 0, j = 0, star = MAX, from = 0;

	if (!t || !pat)
		return 0;
	for (int step = 0; step < 2 * MAX; step++) {
		char c, p;

		if (i >= MAX || j >= MAX)
			return 0;
		c = t->s[i];
		p = pat->s[j];
		if (!c) {
			if (p != '*')
				return !p;
			j++;
			continue;
		}
		if (p == '*') {
			star = j++;
			from = i;
		} else if (p == '?' || p == c) {
			i++;
			j++;
		} else if (star < MAX) {
			j = star + 1;
			i = ++from;
		} else {
			return 0;
		}
	}
	return 0;
}

static __sub __s64 number(const struct text *t)
{
	__u64 v = 0;
	int base = 10, i = 0, neg = 0;

	if (!t)
		return 0;
	if (t->s[0] == '-') {
		neg = 1;
		i = 1;
	}
	if (t->s[i] == '0' && (t->s[i + 1] | 0x20) == 'x') {
		base = 16;
		i += 2;
	}
	for (int k = 0; k < 20; k++, i++) {
		char c = t->s[i];
		int d;

		if (c >= '0' && c <= '9')
			d = c - '0';
		else if (base == 16 && (c | 0x20) >= 'a' && (c | 0x20) <= 'f')
			d = (c | 0x20) - 'a' + 10;
		else
			break;
		v = v * base + d;
	}
	return neg ? -v : v;
}

SEC("kprobe/do_sys_openat2")
int BPF_KPROBE(on_open, int dfd, const char *name)
{
	__u32 zero = 0, one = 1, hash = 5381, key;
	struct text *t = bpf_map_lookup_elem(&texts, &zero);
	struct text *base = bpf_map_lookup_elem(&texts, &one);
	__u32 last = 0;
	__u64 *n;
	long len;

	if (!t || !base)
		return 0;
	len = bpf_probe_read_user_str(t->s, MAX, name);
	if (len <= 1 || len > MAX)
		return 0;
	for (__u32 i = 0; i < MAX; i++) {
		if (i >= len - 1)
			break;
		hash = hash * 33 + t->s[i];
		if (t->s[i] == '/')
			last = i + 1;
	}
	bpf_probe_read_kernel_str(base->s, MAX, &t->s[last & (MAX - 1)]);
	for (key = 0; key < 2; key++) {
		__u32 slot = key;
		struct text *p = bpf_map_lookup_elem(&patterns, &slot);

		if (!p)
			break;
		if (!compare(base, p) || find(t, p) >= 0 || glob(t, p)) {
			n = bpf_map_lookup_elem(&hits, &slot);
			if (n)
				*n += number(base);
		}
	}
	n = bpf_map_lookup_elem(&hits, &hash);
	if (n)
		*n += 1;
	return 0;
}

char _license[] SEC("license") = "GPL";
