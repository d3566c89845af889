/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The seam between code that is compiled as kernel code (the kernel's files, and the twins in
 * src/) and code that is compiled against the C library (src/os_*.c). Plain C types only; errors
 * are -errno in the numbers of Linux, which both sides share.
 */
#ifndef _HOST_OS_H
#define _HOST_OS_H

typedef unsigned long os_size;

/* ------------------------------------------------------------------ os_mem.c */

/* Zeroed or not; NULL where there is none, or a failure was asked for. */
void *os_alloc(os_size size, int zero);
void *os_alloc_aligned(os_size size, os_size align, int zero);
void *os_realloc(void *p, os_size size, int zero);
void os_free(void *p);
os_size os_alloc_size(const void *p);
int os_alloc_fails(os_size size);

/* Whole pages of their own, readable and writable, with a page after them that is neither. */
void *os_map(os_size size);
void *os_map_exec(os_size size);
void os_unmap(void *p);
os_size os_map_size(const void *p);
enum os_prot { OS_RW, OS_RO, OS_ROX };
int os_protect(void *p, os_size size, enum os_prot prot);

/* Pages that can be mapped twice; contiguous where several are asked for. */
void *os_pages_base(void);
os_size os_pages_max(void);
long os_pages_take(os_size nr);
void os_pages_give(os_size first, os_size nr);
void *os_pages_map(const os_size *index, os_size nr);
int os_pages_map_at(void *where, os_size index, int write);
void os_pages_unmap(void *p);
long os_pages_index(const void *p);

/* Reserves address space that is zero and costs nothing until it is touched. */
void *os_reserve(os_size size);
/* Addresses that nothing can access until a part of them is mapped, zeroed. */
void *os_reserve_none(os_size size);
void os_unreserve(void *p, os_size size);
int os_window_map(void *p, os_size size);
void os_window_unmap(void *p, os_size size);

/* ------------------------------------------------------------------ os_copy.c */

/* Bytes that could not be copied; neither side is touched where it is not mapped. */
os_size os_copy_in(void *to, const void *from, os_size n);
os_size os_copy_out(void *to, const void *from, os_size n);

/* ------------------------------------------------------------------ os_thread.c */

struct host_thread;
void os_futex_wait(unsigned int *word, unsigned int val);
void os_futex_wake(unsigned int *word, int all);
int os_cpus(void);
int os_pid(void);
int os_tid(void);
void os_comm(char *buf, os_size size);
void os_yield(void);

/* Readers: sections of threads against grace periods, of each kind. */
enum os_rcu { OS_RCU, OS_RCU_SLEEPABLE, OS_RCU_KINDS };
void os_rcu_synchronize(enum os_rcu kind);

/* ------------------------------------------------------------------ os_misc.c */

enum os_clock { OS_MONOTONIC, OS_BOOT, OS_REAL, OS_TAI, OS_COARSE };
unsigned long long os_clock(enum os_clock clock);
void os_random(void *buf, os_size n);
void os_log(const char *text);
__attribute__((noreturn)) void os_abort(void);
int os_read_btf(const char *path, void **data, os_size *size);
const char *os_env(const char *name);

/* The absolute path without links, "." and "..", as far as it is there. */
int os_path(const char *path, char *out, os_size size);
void os_uname(char *release, os_size size);

/* ------------------------------------------------------------------ os_fd.c */

/*
 * A descriptor of the client's, one end of a pair of sockets; the library holds the other and sees
 * when the last copy of the client's is closed.
 */
int os_fd_new(int cloexec);
void os_fd_close(int fd);
int os_fd_attach(int fd, void *object);
/*
 * The object behind a descriptor, NULL: none. @get is called while it cannot go away and takes a
 * reference; 0 from it: as if there were none.
 */
void *os_fd_object(int fd, int (*get)(void *object));
int os_fd_is_open(int fd);
/* An object whose descriptors are all closed, detached from them; NULL when there is no more. */
void *os_fd_reap(void);
/* Whether poll(2) finds the descriptor readable. */
void os_fd_ready(void *object, int ready);
/* @fn for every object, on a reference that @get took and @fn gives back. */
void os_fd_each(int (*get)(void *object), void (*fn)(void *object));

/* ------------------------------------------------------------------ os_exec.c */

void os_cpu_features(int *bmi2, int *movbe);
int os_poke(void *dst, const void *src, os_size len);
void os_catch_faults(void);

/* ------------------------------------------------------------------ offered to src/os_*.c */

unsigned long host_fault(unsigned long ip, int *clear);
long host_bpf(int cmd, void *attr, unsigned int size);
void host_settle(void);
void *host_mmap(void *addr, os_size len, int write, int shared, int fd, os_size off, int *known);
int host_munmap(void *addr, os_size len);
const char *host_fd_name(int fd);
int host_known_fd(int fd);
void host_fdinfo(int fd, char *buf, os_size size);

#endif /* _HOST_OS_H */
