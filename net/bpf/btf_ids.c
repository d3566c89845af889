// SPDX-License-Identifier: GPL-2.0
/* Type ids of the structs of sockets, as iterators and helpers hand them out. */
#include <linux/btf_ids.h>

BTF_ID_LIST_GLOBAL(btf_sock_ids, MAX_BTF_SOCK_TYPE)
#define BTF_SOCK_TYPE(name, type) BTF_ID(struct, type)
BTF_SOCK_TYPE_xxx
#undef BTF_SOCK_TYPE
