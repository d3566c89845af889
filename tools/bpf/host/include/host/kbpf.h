/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The host home: bpf(2) as a function of a process. All functions may be called from any thread.
 */
#ifndef _HOST_KBPF_H
#define _HOST_KBPF_H

#ifdef __cplusplus
extern "C" {
#endif

union bpf_attr;

/**
 * bpf_host - bpf(2)
 * @cmd: enum bpf_cmd
 * @attr: attributes; the pointers in it are ordinary addresses of the process
 * @size: bytes of it
 *
 * What the call leaves to be done later (objects to be freed, work, wake-ups) is done when it
 * returns.
 *
 * Return: as bpf(2): a result or an fd of 0 or more; -1 with errno.
 */
long bpf_host(int cmd, union bpf_attr *attr, unsigned int size);

struct sock_filter;

/**
 * bpf_host_classic - a classic filter, checked and compiled as SO_ATTACH_FILTER does, run on a
 * packet
 * @insns: instructions
 * @len: how many
 * @packet: bytes
 * @size: how many
 * @result: what the filter returned
 *
 * Return: 0; -1 with errno.
 */
long bpf_host_classic(const struct sock_filter *insns, unsigned int len, const void *packet,
		      unsigned int size, unsigned int *result);

struct bpf_insn;

/**
 * bpf_host_raw - run instructions that nothing vouches for
 * @insns: instructions: no helpers, no objects
 * @cnt: how many
 * @mem: what R1 points to, NULL: nothing
 * @len: bytes of it, what R2 holds
 * @result: R0 at the exit, all 64 bits
 * @why: what is wrong with them; empty where errno says it
 * @size: bytes of @why
 *
 * There is no verifier between: a program that leaves its memory or does not end does so in this
 * process. By the interpreter or as generated code, see bpf_host_set_jit().
 *
 * Return: 0; -1 with errno.
 */
long bpf_host_raw(const struct bpf_insn *insns, unsigned int cnt, void *mem, unsigned long len,
		  unsigned long long *result, char *why, unsigned long size);

/* mmap(2), munmap(2), of maps' fds; others go to the C library. */
void *bpf_host_mmap(void *addr, unsigned long len, int prot, int flags, int fd, long off);
int bpf_host_munmap(void *addr, unsigned long len);

/* Frees what no open fd holds any more. bpf_host() does so before and after each command. */
void bpf_host_settle(void);

/* unlink(2) of a name that BPF_OBJ_PIN gave. Return: 0; -1 with ENOENT: there is none. */
int bpf_host_unpin(const char *path);

/* Name of the object behind an fd as /proc/PID/fd would show it ("bpf-map"); NULL: not ours. */
const char *bpf_host_fd_name(int fd);

/**
 * bpf_host_set_btf - where the kernel's types are read from, at the first use of any function here
 * @path: raw BTF or an ELF file with a .BTF section
 *
 * Without it: $KBPF_BTF, /sys/kernel/btf/vmlinux, the vmlinux that the build made.
 *
 * Return: 0; -EBUSY after the first use.
 */
int bpf_host_set_btf(const char *path);

/* Path that the types came from; "" where there were none. */
const char *bpf_host_btf(void);

/* Bit set of the capabilities (1 << CAP_*) that this process has here; all at the start. */
void bpf_host_set_caps(unsigned long long caps);

/* kernel.unprivileged_bpf_disabled, net.core.bpf_jit_enable, net.core.bpf_jit_harden */
void bpf_host_set_unprivileged_disabled(int value);
void bpf_host_set_jit(int enable, int harden);

/* ------------------------------------------------------------------ for tests */

/* The @nth allocation of this thread from now on fails (0: none); what is left to count. */
void bpf_host_fail_alloc(long nth);
long bpf_host_fail_left(void);
/* Allocations that are held. */
long bpf_host_live(void);
/*
 * The most bytes that were held since the last call with @reset, pages of maps and programs aside.
 */
long bpf_host_memory(int reset);
/* Warnings so far (WARN_ON and its kind). */
long bpf_host_warnings(void);
/* 0: the verifier follows every path to its end; a verdict does not depend on it. */
void bpf_host_set_pruning(int on);
/* 1: paths that meet are joined from the start, which else only large programs come to. */
void bpf_host_set_joining(int on);
/**
 * bpf_host_oracle - check interpreted programs against what the verifier proved of them
 * @on: programs that are loaded from now on are checked while they run
 *
 * What registers and stack hold before an instruction must be contained in a state in which the
 * verifier looked at it; a warning (bpf_host_warnings()) says where not.
 *
 * Return: 0; -EOPNOTSUPP in a library that was not built with ORACLE=1.
 */
int bpf_host_oracle(int on);
/* Instructions that were compared so. */
long bpf_host_oracle_checks(void);
/* No single allocation above @bytes; 4 GiB at the start. */
void bpf_host_set_memory_limit(unsigned long long bytes);

#ifdef __cplusplus
}
#endif

#endif /* _HOST_KBPF_H */
