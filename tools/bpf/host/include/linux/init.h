/* SPDX-License-Identifier: GPL-2.0 */
/* Twin: initcalls are listed by level for host_init(). */
#ifndef _HOST_LINUX_INIT_H
#define _HOST_LINUX_INIT_H

#include_next <linux/init.h>

#undef __init
#undef __exit
#undef __initdata
#undef __initconst
#undef __ref
#undef __refdata
#define __init
#define __exit
#define __initdata
#define __initconst
#define __ref
#define __refdata

#undef ___define_initcall
#define ___define_initcall(fn, id, sec)						\
	static initcall_t const __initcall_##fn##_##id __used __attribute__((retain))	\
		__attribute__((section("host_initcall_" #id))) = fn;
#undef __define_initcall
#define __define_initcall(fn, id)	___define_initcall(fn, id, )

/* The levels whose names are not words share those of their numbers. */
#undef pure_initcall
#undef early_initcall
#undef rootfs_initcall
#define pure_initcall(fn)	__define_initcall(fn, 0)
#define early_initcall(fn)	__define_initcall(fn, 0)
#define rootfs_initcall(fn)	__define_initcall(fn, 5)
#undef core_initcall_sync
#undef late_initcall_sync
#define core_initcall_sync(fn)	__define_initcall(fn, 1)
#define late_initcall_sync(fn)	__define_initcall(fn, 7)

#endif
