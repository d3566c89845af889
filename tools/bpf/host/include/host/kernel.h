/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What most of the kernel's files include, compiled once: headers take more than half of the time
 * that a file takes. Each file includes what it needs all the same, since the kernel's build does
 * not read this one.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/capability.h>
#include <linux/file.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/sched/signal.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>
