// SPDX-License-Identifier: GPL-2.0
/* Ids of types that helpers and maps hand out, with and without tracing. */
#include <linux/btf_ids.h>

BTF_ID_LIST_GLOBAL(btf_tracing_ids, MAX_BTF_TRACING_TYPE)
#define BTF_TRACING_TYPE(name, type) BTF_ID(struct, type)
BTF_TRACING_TYPE_xxx
#undef BTF_TRACING_TYPE
