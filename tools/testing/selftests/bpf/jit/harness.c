// SPDX-License-Identifier: GPL-2.0
/*
 * Runs the JIT on functions made by tests: stands in for the image allocator
 * and the program objects of exec.
 */
#include <linux/types.h>
#include <linux/string.h>
#include <linux/slab.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "exec/arch.h"
#include "jit_user.h"
#include "jittest.h"

unsigned int t_passed, t_failed;

bool t_check(bool ok, const char *fmt, ...)
{
	va_list ap;

	if (ok) {
		t_passed++;
		return true;
	}
	t_failed++;
	if (t_failed > 50)
		return false;
	va_start(ap, fmt);
	printf("FAILED: ");
	vprintf(fmt, ap);
	printf("\n");
	va_end(ap);
	return false;
}

/* ------------------------------------------------------------------ services */

struct jit_env t_env_default(void)
{
	struct jit_env e = {
		.bmi2 = __builtin_cpu_supports("bmi2"),
		.movbe = true,
		.check = true,
		.stack_align = 16,
		.rules = JIT_ALL_RULES,
	};

	return e;
}

void t_env_use(const struct jit_env *e)
{
	*jit_user_env() = *e;
}

#define ARENA_SIZE	(256 * 4096)

static u8 *arena;
static u32 arena_used;

int bpf_image_alloc(struct bpf_image *image, u32 size)
{
	if (!arena) {
		arena = mmap(NULL, ARENA_SIZE, PROT_READ | PROT_EXEC,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (arena == MAP_FAILED)
			abort();
	}
	if (size > ARENA_SIZE - arena_used)
		return -ENOMEM;
	image->text = arena + arena_used;
	image->rw = malloc(size);
	image->size = size;
	memset(image->rw, 0xcc, size);
	arena_used += (size + 63) & ~63u;
	return 0;
}

int bpf_image_publish(struct bpf_image *image)
{
	int err = bpf_arch_text_copy(image->text, image->rw, image->size);

	free(image->rw);
	image->rw = NULL;
	return err;
}

void bpf_image_discard(struct bpf_image *image)
{
	free(image->rw);
	image->rw = NULL;
}

void bpf_prog_set_image(struct bpf_prog *prog, const struct bpf_image *image, u32 entry, u32 len)
{
	prog->bpf_func = (bpf_func_t)(void *)(image->text + entry);
	prog->jited_len = len;
}

void bpf_jit_set_linfo(const struct bpf_jit_source *src, const u8 *text, const u32 *offs)
{
	u32 i;

	for (i = 1; i < src->len; i++)
		if (offs[i] < offs[i - 1])
			t_check(false, "line info goes backwards at %u", i);
}

/* ------------------------------------------------------------------ patching */

struct t_pokes t_pokes;

/* As the kernel's, for a process with one thread: what is there has to be what was said. */
int bpf_arch_image_poke(void *ip, void *old_addr, void *new_addr)
{
	void *addr[2] = { old_addr, new_addr };
	u8 insn[2][5];
	s32 disp;
	int k;

	for (k = 0; k < 2; k++) {
		disp = (u8 *)addr[k] - ((u8 *)ip + 5);
		insn[k][0] = 0xe9;
		memcpy(&insn[k][1], &disp, 4);
		if (!addr[k])
			x86_fill_nops(insn[k], 5);
	}
	if (memcmp(ip, insn[0], 5))
		return -EBUSY;
	return bpf_arch_text_copy(ip, insn[1], 5);
}

static int pokes_init(struct bpf_prog *prog)
{
	u32 i;
	int ret;

	for (i = 0; i < t_pokes.cnt; i++) {
		ret = bpf_poke_new(prog, &t_pokes.map->map, t_pokes.keys[i]);
		if (ret != i)
			return ret < 0 ? ret : -EINVAL;
	}
	return 0;
}

/* ------------------------------------------------------------------ arenas */

struct bpf_map *t_arena;
u64 t_arena_window;

u64 bpf_arena_window(const struct bpf_map *map)
{
	return t_arena_window;
}

/* ------------------------------------------------------------------ programs */

static void prog_init(struct t_image *img, struct t_prog *progs, u32 i)
{
	struct bpf_prog *prog = calloc(1, sizeof(*prog));
	struct bpf_prog_aux *aux = calloc(1, sizeof(*aux));

	prog->aux = aux;
	prog->is_func = i > 0;
	aux->prog = prog;
	aux->func = img->func;
	aux->func_cnt = img->cnt;
	aux->func_idx = i;
	aux->stack_depth = progs[i].stack;
	aux->tail_call_reachable = progs[i].tail_reachable;
	img->prog[i] = prog;
	img->func[i] = prog;
	img->aux[i] = aux;
	aux->main_prog_aux = img->aux[0];
	if (t_arena) {
		aux->used_maps = &t_arena;
		aux->used_map_cnt = 1;
	}
	img->src[i] = (struct bpf_jit_source){
		.prog = prog, .insns = progs[i].insns, .len = progs[i].len,
	};
}

static int source_blind(struct bpf_jit_source *src)
{
	struct bpf_insn *out;
	int err = bpf_blind(src->insns, src->len, &out, &src->len, &src->orig);

	if (!err)
		src->insns = out;
	return err;
}

int t_compile(struct t_image *img, struct t_prog *progs, u32 cnt,
	      const struct bpf_insn_fact *facts, bool blind)
{
	u32 i, done;
	int err = 0;

	memset(img, 0, sizeof(*img));
	img->cnt = cnt;
	arena_used = 0;
	for (i = 0; i < cnt; i++) {
		prog_init(img, progs, i);
		img->src[i].facts = i ? NULL : facts;
		if (blind && !err)
			err = source_blind(&img->src[i]);
	}
	if (!err)
		err = pokes_init(img->prog[0]);
	for (done = 0; done < cnt && !err; done++) {
		err = bpf_jit_prepare(&img->src[done]);
		if (err)
			break;
	}
	for (i = 0; i < cnt && !err; i++) {
		err = bpf_jit_finish(&img->src[i]);
		if (err)
			break;
	}
	if (err) {
		for (; i < done; i++)
			bpf_jit_cancel(&img->src[i]);
		return err;
	}
	for (i = 0; i < cnt; i++)
		img->bytes += img->prog[i]->jited_len;
	if (t_pokes.cnt)
		bpf_poke_track(&t_pokes.map->map, img->aux[0]);
	return 0;
}

void t_release(struct t_image *img)
{
	u32 i;

	if (t_pokes.cnt)
		bpf_poke_untrack(&t_pokes.map->map, img->aux[0]);
	kvfree(img->aux[0]->poke_tab);
	for (i = 0; i < img->cnt; i++) {
		if (img->src[i].orig) {
			kvfree((void *)img->src[i].insns);
			kvfree(img->src[i].orig);
		}
		free(img->aux[i]);
		free(img->prog[i]);
	}
}

u64 t_run(const struct t_image *img, void *ctx)
{
	u64 (*fn)(void *ctx, void *insns) = (void *)img->prog[0]->bpf_func;

	return fn(ctx, NULL);
}

/* ------------------------------------------------------------------ faults, counting */

static struct bpf_prog *fault_prog;

struct bpf_prog *bpf_prog_find_by_addr(unsigned long addr)
{
	return fault_prog;
}

static void on_fault(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;

	if (jit_user_fault(ucv))
		return;
	printf("signal %d at %#llx, image at %p\n", sig,
	       (unsigned long long)uc->uc_mcontext.gregs[REG_RIP], arena);
	_exit(1);
}

void t_catch_faults(const struct t_image *img)
{
	struct sigaction sa = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };

	fault_prog = img ? img->prog[0] : NULL;
	sigaction(SIGSEGV, &sa, NULL);
	sigaction(SIGBUS, &sa, NULL);
	sigaction(SIGTRAP, &sa, NULL);
	sigaction(SIGFPE, &sa, NULL);
	sigaction(SIGILL, &sa, NULL);
}

static u64 steps;
bool t_count_all;

static void on_step(int sig, siginfo_t *info, void *ucv)
{
	ucontext_t *uc = ucv;
	u64 ip = uc->uc_mcontext.gregs[REG_RIP];

	if (t_count_all || (ip >= (u64)arena && ip < (u64)arena + ARENA_SIZE))
		steps++;
}

/* Machine instructions executed inside of images, by single steps. */
u64 t_count_insns(const struct t_image *img, void *ctx, u64 *ret)
{
	struct sigaction sa = { .sa_sigaction = on_step, .sa_flags = SA_SIGINFO }, old;
	u64 (*fn)(void *ctx, void *insns) = (void *)img->prog[0]->bpf_func;

	sigaction(SIGTRAP, &sa, &old);
	steps = 0;
	asm volatile("pushfq; orl $0x100, (%%rsp); popfq" ::: "cc", "memory");
	*ret = fn(ctx, NULL);
	asm volatile("pushfq; andl $~0x100, (%%rsp); popfq" ::: "cc", "memory");
	sigaction(SIGTRAP, &old, NULL);
	return steps;
}

/* ------------------------------------------------------------------ helpers */

u64 __bpf_call_base(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	abort();
}

u64 t_helper_mix(u64 r1, u64 r2, u64 r3, u64 r4, u64 r5)
{
	u64 args[5] = { r1, r2, r3, r4, r5 }, h = 0xcbf29ce484222325ULL;
	int k;

	for (k = 0; k < 5; k++)
		h = (h ^ args[k]) * 0x100000001b3ULL;
	/* Nothing of the caller's scratch registers survives. */
	asm volatile("mov $0x1111, %%ecx; mov $0x2222, %%edx; mov $0x3333, %%esi;"
		     "mov $0x4444, %%edi; mov $0x5555, %%r8d; mov $0x6666, %%r9d;"
		     "mov $0x7777, %%r10d; mov $0x8888, %%r11d"
		     ::: "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11");
	return h;
}

u64 t_helper_callback(u64 fn, u64 a, u64 r3, u64 r4, u64 r5)
{
	u64 (*cb)(u64 a, u64 b, u64 c, u64 d, u64 e) = (void *)fn;
	u64 r = 0;
	int k;

	for (k = 0; k < 3; k++)
		r = cb(a, k, r, 7, 9);
	return r;
}

/* ------------------------------------------------------------------ what rules are worth */

struct t_effect t_effects[JIT_NR_RULES];

static u64 count_with(u64 rules, struct t_prog *progs, u32 cnt, const struct bpf_insn_fact *facts,
		      void *ctx, u64 *bytes)
{
	struct jit_env e = t_env_default();
	struct t_image img;
	u64 n = 0, ret;

	e.rules = rules;
	e.poke = t_pokes.cnt;
	t_env_use(&e);
	if (t_check(!t_compile(&img, progs, cnt, facts, false), "not compiled")) {
		n = t_count_insns(&img, ctx, &ret);
		*bytes += img.bytes;
	}
	t_release(&img);
	return n;
}

void t_note_effect(enum jit_rule rule, struct t_prog *progs, u32 cnt,
		   const struct bpf_insn_fact *facts, void *ctx)
{
	struct t_effect *f = &t_effects[rule];

	f->with += count_with(JIT_ALL_RULES, progs, cnt, facts, ctx, &f->bytes_with);
	f->without += count_with(JIT_ALL_RULES & ~(1ULL << rule), progs, cnt, facts, ctx,
				 &f->bytes_without);
}
