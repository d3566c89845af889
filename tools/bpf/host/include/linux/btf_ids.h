/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Twin: what tools/bpf/resolve_btfids does to vmlinux after linking, btf.c does here when the BTF
 * is known. Each symbol that the tool would read is listed with its address and its end.
 */
#ifndef _HOST_LINUX_BTF_IDS_H
#define _HOST_LINUX_BTF_IDS_H

#include_next <linux/btf_ids.h>

#undef __BTF_IDS_ASM
#define __BTF_IDS_ASM(text)				\
	asm(".pushsection host_btf_ids, \"awR\"\n"	\
	    text					\
	    ".popsection\n")

/* Local names in the list's order of appearance. */
#undef __BTF_ID_WORD
#define __BTF_ID_WORD(symbol)				\
	symbol ":\n"					\
	".long 0\n"					\
	".pushsection host_btf_strs, \"aR\"\n"		\
	"9: .asciz \"" symbol "\"\n"			\
	".popsection\n"					\
	".pushsection host_btf_syms, \"awR\"\n"		\
	".quad 9b, " symbol ", " symbol " + 4\n"	\
	".popsection\n"

/* A kernel function that programs may call: also where it is, 0 where it is not built. */
#undef __BTF_ID_PAIR
#define __BTF_ID_PAIR(kind, name, flags, ...)						\
	__BTF_IDS_ASM(__BTF_ID_WORD(__BTF_ID_SYMBOL(kind, name, __LINE__, __COUNTER__))	\
		      ".long " __stringify(flags) "\n"					\
		      ".pushsection host_btf_strs, \"aR\"\n"				\
		      "7: .asciz \"" #name "\"\n"					\
		      ".popsection\n"							\
		      ".weakref host_kfunc_" #name "_" __stringify(__LINE__) ", " #name "\n" \
		      ".pushsection host_kfuncs, \"awR\"\n"				\
		      ".quad 7b, host_kfunc_" #name "_" __stringify(__LINE__) "\n"	\
		      ".popsection\n");

#undef __BTF_SET_BEGIN
#define __BTF_SET_BEGIN(name, scope, kind, head)		\
	__BTF_IDS_ASM("." #scope " " #name "\n"			\
		      ".balign 4\n"				\
		      #name ":\n"				\
		      "__BTF_ID__" #kind "__" #name ":\n"	\
		      head)

#undef __BTF_SET_END
#define __BTF_SET_END(name, kind)				\
	__BTF_IDS_ASM("8:\n"					\
		".pushsection host_btf_strs, \"aR\"\n"		\
		"9: .asciz \"__BTF_ID__" #kind "__" #name "\"\n" \
		".popsection\n"					\
		".pushsection host_btf_syms, \"awR\"\n"		\
		".quad 9b, __BTF_ID__" #kind "__" #name ", 8b\n" \
		".popsection\n")

#endif
