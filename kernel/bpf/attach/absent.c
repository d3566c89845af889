// SPDX-License-Identifier: GPL-2.0
/*
 * What the rest of the kernel asks of parts that are not built: kernel objects made of programs.
 * None of these can exist, so none is found or freed.
 */
#include <linux/bpf.h>

#if defined(CONFIG_BPF_JIT) && defined(CONFIG_DEBUG_INFO_BTF)
/**
 * bpf_struct_ops_get - take a reference to the map that a kernel object of programs lives in
 * @kdata: the object
 *
 * Context: any.
 * Return: false: there is no such map.
 */
bool bpf_struct_ops_get(const void *kdata)
{
	return false;
}

/**
 * bpf_struct_ops_put - drop what bpf_struct_ops_get() took
 * @kdata: the object
 *
 * Context: any.
 */
void bpf_struct_ops_put(const void *kdata)
{
}
#endif
