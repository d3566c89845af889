// SPDX-License-Identifier: GPL-2.0
/* A scanner of JSON in write(2) buffers: a table of states in .rodata, depth and keys counted. */
#include "trace.h"

#define BUF 512

enum { S_VALUE, S_STRING, S_ESCAPE, S_NUMBER, S_WORD, S_AFTER, S_BAD, STATES };
enum {
	C_SPACE, C_QUOTE, C_OPEN, C_CLOSE, C_COLON, C_COMMA, C_DIGIT, C_SLASH, C_LETTER, C_OTHER,
	CLASSES
};

static const __u8 next_state[STATES][CLASSES] = {
	[S_VALUE] = {
		S_VALUE, S_STRING, S_VALUE, S_AFTER, S_BAD,
		S_BAD, S_NUMBER, S_BAD, S_WORD, S_BAD,
	},
	[S_STRING] = {
		S_STRING, S_AFTER, S_STRING, S_STRING, S_STRING,
		S_STRING, S_STRING, S_ESCAPE, S_STRING, S_STRING,
	},
	[S_ESCAPE] = {
		S_STRING, S_STRING, S_STRING, S_STRING, S_STRING,
		S_STRING, S_STRING, S_STRING, S_STRING, S_STRING,
	},
	[S_NUMBER] = {
		S_AFTER, S_BAD, S_BAD, S_AFTER, S_BAD,
		S_VALUE, S_NUMBER, S_BAD, S_NUMBER, S_NUMBER,
	},
	[S_WORD] = {
		S_AFTER, S_BAD, S_BAD, S_AFTER, S_BAD,
		S_VALUE, S_BAD, S_BAD, S_WORD, S_BAD,
	},
	[S_AFTER] = {
		S_AFTER, S_BAD, S_BAD, S_AFTER, S_VALUE,
		S_VALUE, S_BAD, S_BAD, S_BAD, S_BAD,
	},
	[S_BAD] = {
		S_BAD, S_BAD, S_BAD, S_BAD, S_BAD,
		S_BAD, S_BAD, S_BAD, S_BAD, S_BAD,
	},
};

struct result {
	__u32 strings, keys, depth, deepest, numbers;
};

struct {
	__uint(type, BPF_MAP_TYPE_PERCPU_ARRAY);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u8[BUF]);
} bufs SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_LRU_HASH);
	__uint(max_entries, 1024);
	__type(key, __u32);
	__type(value, struct result);
} results SEC(".maps");

static __fast __u32 class_of(__u8 c)
{
	if (c == ' ' || c == '\n' || c == '\t' || c == '\r')
		return C_SPACE;
	if (c == '"')
		return C_QUOTE;
	if (c == '{' || c == '[')
		return C_OPEN;
	if (c == '}' || c == ']')
		return C_CLOSE;
	if (c == ':')
		return C_COLON;
	if (c == ',')
		return C_COMMA;
	if ((c >= '0' && c <= '9') || c == '-')
		return C_DIGIT;
	if (c == '\\')
		return C_SLASH;
	return (c | 0x20) >= 'a' && (c | 0x20) <= 'z' ? C_LETTER : C_OTHER;
}

SEC("kprobe/ksys_write")
int BPF_KPROBE(on_write, unsigned int fd, const char *buf, size_t count)
{
	__u32 zero = 0, state = S_VALUE, pid = bpf_get_current_pid_tgid() >> 32;
	__u8 *b = bpf_map_lookup_elem(&bufs, &zero);
	struct result r = {};

	if (!b)
		return 0;
	if (count > BUF)
		count = BUF;
	if (count < 2 || bpf_probe_read_user(b, count, buf))
		return 0;
	if (b[0] != '{' && b[0] != '[')
		return 0;
	for (__u32 i = 0; i < BUF; i++) {
		__u32 class, was = state;

		if (i >= count)
			break;
		class = class_of(b[i]);
		state = next_state[state % STATES][class];
		if (state == S_BAD)
			return 0;
		if (was == S_STRING || was == S_ESCAPE)
			continue;
		if (class == C_OPEN) {
			r.depth++;
			if (r.depth > r.deepest)
				r.deepest = r.depth;
		} else if (class == C_CLOSE) {
			r.depth--;
		} else if (class == C_QUOTE) {
			r.strings++;
		} else if (class == C_COLON) {
			r.keys++;
		} else if (class == C_DIGIT && was != S_NUMBER) {
			r.numbers++;
		}
	}
	bpf_map_update_elem(&results, &pid, &r, BPF_ANY);
	return 0;
}

char _license[] SEC("license") = "GPL";
