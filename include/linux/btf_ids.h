/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Type ids of vmlinux BTF as constants: lists and sets in the .BTF_ids section, filled in by
 * tools/bpf/resolve_btfids after linking. Without CONFIG_DEBUG_INFO_BTF they are all zero.
 */
#ifndef _LINUX_BTF_IDS_H
#define _LINUX_BTF_IDS_H

#include <linux/types.h>

/* Sorted by id once the tool has run. */
struct btf_id_set {
	u32 cnt;
	u32 ids[];
};

/* The set lists kernel functions that programs may call; KF_* in the flags of each. */
#define BTF_SET8_KFUNCS 0x1

/* Sorted by id once the tool has run. The tool's own copy has the same layout. */
struct btf_id_set8 {
	u32 cnt;
	u32 flags;
	struct {
		u32 id;
		u32 flags;
	} pairs[];
};

/**
 * btf_id_set_find - index of an id in a set
 * @set: the set
 * @id: type id in vmlinux BTF
 *
 * Return: the index, or -1.
 */
static inline int btf_id_set_find(const struct btf_id_set *set, u32 id)
{
	u32 low = 0, high = set->cnt;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (set->ids[mid] == id)
			return mid;
		if (set->ids[mid] < id)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}

static inline bool btf_id_set_contains(const struct btf_id_set *set, u32 id)
{
	return btf_id_set_find(set, id) >= 0;
}

/**
 * btf_id_set8_find - index of an id in a set with flags
 * @set: the set
 * @id: type id in vmlinux BTF
 *
 * Return: the index, or -1.
 */
static inline int btf_id_set8_find(const struct btf_id_set8 *set, u32 id)
{
	u32 low = 0, high = set->cnt;

	while (low < high) {
		u32 mid = low + (high - low) / 2;

		if (set->pairs[mid].id == id)
			return mid;
		if (set->pairs[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return -1;
}

static inline bool btf_id_set8_contains(const struct btf_id_set8 *set, u32 id)
{
	return btf_id_set8_find(set, id) >= 0;
}

#ifdef CONFIG_DEBUG_INFO_BTF

#include <linux/compiler.h>
#include <linux/stringify.h>

/*
 * All of this goes to one section in source order, so what a macro emits continues the list or set
 * that was opened before it.
 */
#define __BTF_IDS_ASM(text)			\
	asm(".pushsection .BTF_ids, \"a\"\n"	\
	    text				\
	    ".popsection\n")

/* A word that the tool overwrites; the symbol says with which type's id. */
#define __BTF_ID_WORD(symbol)			\
	".local " symbol "\n"			\
	".type " symbol ", %object\n"		\
	".size " symbol ", 4\n"			\
	symbol ":\n"				\
	".long 0\n"

/* Unique in the file, however often a line or a macro names the same type. */
#define __BTF_ID_SYMBOL(kind, name, line, count)	\
	"__BTF_ID__" #kind "__" #name "__" __stringify(line) __stringify(count)

/**
 * BTF_ID - append the id of a type to the open list or set
 * @kind: struct, union, typedef or func, as a word
 * @name: the type's name
 */
#define BTF_ID(kind, name) \
	__BTF_IDS_ASM(__BTF_ID_WORD(__BTF_ID_SYMBOL(kind, name, __LINE__, __COUNTER__)));

/* One entry of a set8: id and flags (none: 0). */
#define __BTF_ID_PAIR(kind, name, flags, ...)						\
	__BTF_IDS_ASM(__BTF_ID_WORD(__BTF_ID_SYMBOL(kind, name, __LINE__, __COUNTER__))	\
		      ".long " __stringify(flags) "\n"); __BTF_ID_KEEP_##kind(name)
#define BTF_ID_FLAGS(kind, name, ...) __BTF_ID_PAIR(kind, name, ##__VA_ARGS__, 0)

/* An entry that stays zero, to keep the indices of a list. */
#define BTF_ID_UNUSED __BTF_IDS_ASM(".long 0\n");

#define __BTF_ID_LIST(name, scope)		\
	__BTF_IDS_ASM("." #scope " " #name "\n"	\
		      ".balign 4\n"		\
		      #name ":\n")

/* BTF_ID_LIST(name) BTF_ID(...) ...: an array of u32 in the order given. */
#define BTF_ID_LIST(name)		\
	__BTF_ID_LIST(name, local);	\
	extern u32 name[];

/* The same with external linkage; n is what other configurations reserve. */
#define BTF_ID_LIST_GLOBAL(name, n)	\
	__BTF_ID_LIST(name, globl);

#define BTF_ID_LIST_SINGLE(name, kind, type)	\
	BTF_ID_LIST(name)			\
	BTF_ID(kind, type)

#define BTF_ID_LIST_GLOBAL_SINGLE(name, kind, type)	\
	BTF_ID_LIST_GLOBAL(name, 1)			\
	BTF_ID(kind, type)

/*
 * The set's own symbol spans all of it: the tool computes the count from its size and writes it to
 * the first word.
 */
#define __BTF_SET_BEGIN(name, scope, kind, head)		\
	__BTF_IDS_ASM("." #scope " " #name "\n"			\
		      ".local __BTF_ID__" #kind "__" #name "\n"	\
		      ".type __BTF_ID__" #kind "__" #name ", %object\n" \
		      ".balign 4\n"				\
		      #name ":\n"				\
		      "__BTF_ID__" #kind "__" #name ":\n"	\
		      head)

#define __BTF_SET_END(name, kind)						\
	__BTF_IDS_ASM(".size __BTF_ID__" #kind "__" #name			\
		      ", . - __BTF_ID__" #kind "__" #name "\n")

/* BTF_SET_START(name) BTF_ID(...) ... BTF_SET_END(name): a struct btf_id_set. */
#define BTF_SET_START(name)					\
	__BTF_SET_BEGIN(name, local, set, ".long 0\n");	\
	extern struct btf_id_set name;

#define BTF_SET_START_GLOBAL(name)				\
	__BTF_SET_BEGIN(name, globl, set, ".long 0\n");	\
	extern struct btf_id_set name;

#define BTF_SET_END(name) __BTF_SET_END(name, set);

/* BTF_SET8_START(name) BTF_ID_FLAGS(...) ... BTF_SET8_END(name): a struct btf_id_set8. */
#define __BTF_SET8_START(name, flags)							\
	__BTF_SET_BEGIN(name, local, set8, ".long 0\n.long " __stringify(flags) "\n");	\
	extern struct btf_id_set8 name;

#define BTF_SET8_START(name) __BTF_SET8_START(name, 0)
#define BTF_SET8_END(name) __BTF_SET_END(name, set8);

#define BTF_KFUNCS_START(name) __BTF_SET8_START(name, BTF_SET8_KFUNCS)
#define BTF_KFUNCS_END(name) BTF_SET8_END(name)

#else /* !CONFIG_DEBUG_INFO_BTF */

/* Lists of unknown length: as many zeros as the longest list has entries. */
#define __BTF_ID_LIST_MAX 64

#define BTF_ID_LIST(name) static u32 __maybe_unused name[__BTF_ID_LIST_MAX];
#define BTF_ID(kind, name)
#define BTF_ID_FLAGS(kind, name, ...)
#define BTF_ID_UNUSED
#define BTF_ID_LIST_GLOBAL(name, n) u32 __maybe_unused name[n];
#define BTF_ID_LIST_SINGLE(name, kind, type) static u32 __maybe_unused name[1];
#define BTF_ID_LIST_GLOBAL_SINGLE(name, kind, type) u32 __maybe_unused name[1];
#define BTF_SET_START(name) static struct btf_id_set __maybe_unused name = { 0 };
#define BTF_SET_START_GLOBAL(name) struct btf_id_set __maybe_unused name = { 0 };
#define BTF_SET_END(name)
#define BTF_SET8_START(name) static struct btf_id_set8 __maybe_unused name = { 0 };
#define BTF_SET8_END(name)
#define BTF_KFUNCS_START(name) \
	static struct btf_id_set8 __maybe_unused name = { .flags = BTF_SET8_KFUNCS };
#define BTF_KFUNCS_END(name)

#endif /* CONFIG_DEBUG_INFO_BTF */

#ifdef CONFIG_NET
/* Socket types that helpers and iterators hand out: index in btf_sock_ids[], struct. */
#define BTF_SOCK_TYPE_xxx						\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_INET, inet_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_INET_CONN, inet_connection_sock)	\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_INET_REQ, inet_request_sock)	\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_INET_TW, inet_timewait_sock)	\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_REQ, request_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_SOCK, sock)				\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_SOCK_COMMON, sock_common)		\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_TCP, tcp_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_TCP_REQ, tcp_request_sock)		\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_TCP_TW, tcp_timewait_sock)		\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_TCP6, tcp6_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_UDP, udp_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_UDP6, udp6_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_UNIX, unix_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_MPTCP, mptcp_sock)			\
	BTF_SOCK_TYPE(BTF_SOCK_TYPE_SOCKET, socket)

enum {
#define BTF_SOCK_TYPE(name, type) name,
BTF_SOCK_TYPE_xxx
#undef BTF_SOCK_TYPE
MAX_BTF_SOCK_TYPE,
};

extern u32 btf_sock_ids[];
#endif

/* Types that tracing helpers hand out: index in btf_tracing_ids[], struct. */
#define BTF_TRACING_TYPE_xxx					\
	BTF_TRACING_TYPE(BTF_TRACING_TYPE_TASK, task_struct)	\
	BTF_TRACING_TYPE(BTF_TRACING_TYPE_FILE, file)		\
	BTF_TRACING_TYPE(BTF_TRACING_TYPE_VMA, vm_area_struct)

enum {
#define BTF_TRACING_TYPE(name, type) name,
BTF_TRACING_TYPE_xxx
#undef BTF_TRACING_TYPE
MAX_BTF_TRACING_TYPE,
};

extern u32 btf_tracing_ids[];

/*
 * The interpreter calls functions of sets by their addresses, which nothing else may have taken:
 * their ENDBR is kept. Nobody jumps to a type.
 */
#if defined(CONFIG_X86_KERNEL_IBT) && !defined(CONFIG_BPF_JIT_ALWAYS_ON)
#define __BTF_ID_KEEP_func(name)				\
	asm(".pushsection .discard.ibt_endbr_noseal\n"		\
	    ".quad " #name "\n"					\
	    ".popsection\n");
#else
#define __BTF_ID_KEEP_func(name)
#endif
#define __BTF_ID_KEEP_struct(name)
#define __BTF_ID_KEEP_union(name)
#define __BTF_ID_KEEP_typedef(name)

#endif /* _LINUX_BTF_IDS_H */
