// SPDX-License-Identifier: GPL-2.0
/*
 * What the JIT needs of a running kernel: processor features, thunks, text
 * poking, the exception handler.
 */
#include <linux/cache.h>
#include <linux/errno.h>
#include <linux/extable.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/memory.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/string.h>
#include <asm/alternative.h>
#include <asm/cpufeature.h>
#include <asm/current.h>
#include <asm/extable.h>
#include <asm/ibt.h>
#include <asm/nospec-branch.h>
#include <asm/percpu.h>
#include <asm/ptrace.h>
#include <asm/text-patching.h>
#include <uapi/asm/vsyscall.h>

#include "exec/arch.h"
#include "exec/tramp.h"
#include "jit.h"

static struct jit_env jit_env __ro_after_init;

#ifdef CONFIG_MITIGATION_RETPOLINE
static u64 indirect_thunk(u8 reg)
{
	if (cpu_feature_enabled(X86_FEATURE_INDIRECT_THUNK_ITS))
		return (u64)its_static_thunk(reg);
	if (cpu_feature_enabled(X86_FEATURE_RETPOLINE_LFENCE) ||
	    !cpu_feature_enabled(X86_FEATURE_RETPOLINE))
		return 0;
	/*
	 * Calls of images are not counted, so that the predictor is refilled early. Thunks that
	 * count would count jumps, too, and it might be refilled late.
	 */
	if (cpu_feature_enabled(X86_FEATURE_CALL_DEPTH))
		return (u64)__x86_indirect_jump_thunk_array[reg];
	return (u64)__x86_indirect_thunk_array[reg];
}
#else
static u64 indirect_thunk(u8 reg)
{
	return 0;
}
#endif

#ifdef CONFIG_MITIGATION_RETHUNK
static u64 return_thunk(void)
{
	return cpu_feature_enabled(X86_FEATURE_RETHUNK) ? (u64)x86_return_thunk : 0;
}
#else
static u64 return_thunk(void)
{
	return 0;
}
#endif

/* Alternatives are patched by now: features and thunks do not change any more. */
static int __init jit_env_setup(void)
{
	struct jit_env *env = &jit_env;
	u8 reg;

	env->bmi2 = boot_cpu_has(X86_FEATURE_BMI2);
	env->movbe = boot_cpu_has(X86_FEATURE_MOVBE);
	env->endbr = IS_ENABLED(CONFIG_X86_KERNEL_IBT);
	env->poke = true;
	env->check = IS_ENABLED(CONFIG_BPF_DEBUG);
	env->lfence_indirect = cpu_feature_enabled(X86_FEATURE_RETPOLINE_LFENCE);
	/* Type hashes in front of entries are not generated. */
	env->unusable = IS_ENABLED(CONFIG_CFI_CLANG);
	env->stack_align = 8;
	env->rules = JIT_ALL_RULES;
	env->probe_limit = (s32)(s64)VSYSCALL_ADDR;
	env->reach_lo = 0xffffffff80000000;
	env->reach_hi = U64_MAX;
	env->return_thunk = return_thunk();
	for (reg = 0; reg < 16; reg++)
		env->indirect_thunk[reg] = reg == X86_RSP ? 0 : indirect_thunk(reg);
#ifdef CONFIG_SMP
	env->percpu_gs = (u64)(__force unsigned long)&this_cpu_off;
#endif
	return 0;
}
early_initcall(jit_env_setup);

/**
 * jit_env_get - the machine that images are for
 *
 * Context: Any, after early_initcall().
 * Return: The description of this machine.
 */
const struct jit_env *jit_env_get(void)
{
	return &jit_env;
}

#ifdef CONFIG_SMP
static u64 percpu_addr(const void __percpu *var)
{
	u64 addr = (__force unsigned long)var;

	return x86_is_s32(addr) ? addr : 0;
}
#else
static u64 percpu_addr(const void __percpu *var)
{
	return 0;
}
#endif

/**
 * bpf_arch_inline_addr - where a variable stands that helpers return
 * @var: which one
 *
 * Context: Any.
 * Return: Its address, sign-extended from 32 bits; 0 when it has none such.
 */
u64 bpf_arch_inline_addr(enum bpf_inline_var var)
{
	u64 addr;

	switch (var) {
	case BPF_INLINE_VAR_SMP_ID:
		return percpu_addr(&pcpu_hot.cpu_number);
	case BPF_INLINE_VAR_CURRENT:
		return percpu_addr(&pcpu_hot.current_task);
	case BPF_INLINE_VAR_JIFFIES:
		addr = (unsigned long)&jiffies_64;
		return x86_is_s32(addr) ? addr : 0;
	default:
		return 0;
	}
}

/* ------------------------------------------------------------------ faults */

static const u16 jit_pt_regs[16] = {
	[X86_RAX] = offsetof(struct pt_regs, ax),
	[X86_RCX] = offsetof(struct pt_regs, cx),
	[X86_RDX] = offsetof(struct pt_regs, dx),
	[X86_RBX] = offsetof(struct pt_regs, bx),
	[X86_RSP] = offsetof(struct pt_regs, sp),
	[X86_RBP] = offsetof(struct pt_regs, bp),
	[X86_RSI] = offsetof(struct pt_regs, si),
	[X86_RDI] = offsetof(struct pt_regs, di),
	[X86_R8] = offsetof(struct pt_regs, r8),
	[X86_R9] = offsetof(struct pt_regs, r9),
	[X86_R10] = offsetof(struct pt_regs, r10),
	[X86_R11] = offsetof(struct pt_regs, r11),
	[X86_R12] = offsetof(struct pt_regs, r12),
	[X86_R13] = offsetof(struct pt_regs, r13),
	[X86_R14] = offsetof(struct pt_regs, r14),
	[X86_R15] = offsetof(struct pt_regs, r15),
};

/* Set in the entry's data when there is no register to clear. */
#define JIT_EX_NO_REG	EX_DATA_FLAG(1)

/**
 * jit_ex_size - size of an exception table entry
 *
 * Context: Any.
 * Return: Bytes.
 */
u32 jit_ex_size(void)
{
	return sizeof(struct exception_table_entry);
}

/**
 * jit_ex_entry - write an exception table entry
 * @ex: where it is written
 * @ex_addr: where it will stand
 * @insn: address of the instruction that may fault
 * @fixup: address where execution goes on
 * @reg: register that becomes 0, or X86_NOREG
 *
 * Context: Any.
 * Return: 0, -ERANGE when an address is out of reach.
 */
int jit_ex_entry(struct exception_table_entry *ex, u64 ex_addr, u64 insn, u64 fixup, u8 reg)
{
	s64 to_insn = insn - (ex_addr + offsetof(struct exception_table_entry, insn));
	s64 to_fixup = fixup - (ex_addr + offsetof(struct exception_table_entry, fixup));

	if (!x86_is_s32(to_insn) || !x86_is_s32(to_fixup))
		return -ERANGE;
	ex->insn = to_insn;
	ex->fixup = to_fixup;
	ex->data = EX_TYPE_BPF | (reg == X86_NOREG ? JIT_EX_NO_REG : EX_DATA_REG(reg));
	return 0;
}

/**
 * ex_handler_bpf - a probing load faulted
 * @x: the exception table entry
 * @regs: registers at the fault
 *
 * Context: Exception.
 * Return: True; the load's destination is 0 and execution goes on after it.
 */
bool ex_handler_bpf(const struct exception_table_entry *x, struct pt_regs *regs)
{
	u32 reg = (x->data & EX_DATA_REG_MASK) >> EX_DATA_REG_SHIFT;

	if (!(x->data & JIT_EX_NO_REG))
		*(unsigned long *)((void *)regs + jit_pt_regs[reg]) = 0;
	regs->ip = (unsigned long)&x->fixup + x->fixup;
	return true;
}

/* ------------------------------------------------------------------ text */

/**
 * bpf_arch_text_copy - write text without ever mapping it writable and executable
 * @dst: where it runs
 * @src: what to write
 * @len: bytes
 *
 * Context: Process, may sleep.
 * Return: 0 or -EINVAL.
 */
int bpf_arch_text_copy(void *dst, const void *src, size_t len)
{
	return text_poke_copy(dst, src, len) ? 0 : -EINVAL;
}

/**
 * bpf_arch_text_invalidate - make text trap
 * @dst: where it ran
 * @len: bytes
 *
 * Context: Process, may sleep.
 * Return: 0 or -EINVAL.
 */
int bpf_arch_text_invalidate(void *dst, size_t len)
{
	return IS_ERR_OR_NULL(text_poke_set(dst, INT3_INSN_OPCODE, len)) ? -EINVAL : 0;
}

/**
 * bpf_arch_fill_hole - fill memory that is going to be text with traps
 * @area: writable memory
 * @len: bytes
 *
 * Context: Any.
 */
void bpf_arch_fill_hole(void *area, size_t len)
{
	memset(area, INT3_INSN_OPCODE, len);
}

/* The five bytes of a jump or call from @ip to @to, or a no-operation. */
static int poke_insn(u8 *buf, u8 opcode, u8 *ip, const u8 *to)
{
	s64 disp = to - (ip + JIT_PATCH_SIZE);

	if (!to) {
		x86_fill_nops(buf, JIT_PATCH_SIZE);
		return 0;
	}
	if (!x86_is_s32(disp))
		return -ERANGE;
	buf[0] = opcode;
	memcpy(buf + 1, &(s32){ disp }, 4);
	return 0;
}

static int text_poke_site(u8 *ip, u8 opcode, void *old_addr, void *new_addr)
{
	u8 old_insn[JIT_PATCH_SIZE], new_insn[JIT_PATCH_SIZE];
	int err = 0;

	if (poke_insn(old_insn, opcode, ip, old_addr) || poke_insn(new_insn, opcode, ip, new_addr))
		return -ERANGE;
	mutex_lock(&text_mutex);
	if (memcmp(ip, old_insn, JIT_PATCH_SIZE))
		err = -EBUSY;
	else if (!memcmp(ip, new_insn, JIT_PATCH_SIZE))
		err = 1;
	else
		text_poke_bp(ip, new_insn, JIT_PATCH_SIZE, NULL);
	mutex_unlock(&text_mutex);
	return err;
}

/**
 * bpf_arch_text_poke - change the patchable instruction at an entry
 * @ip: entry of an image or of a kernel function with a patch site
 * @t: whether the instruction is a call or a jump
 * @old_addr: where it goes now, NULL for a no-operation
 * @new_addr: where it shall go, NULL for a no-operation
 *
 * Context: Process, may sleep.
 * Return: 0, 1 when the new instruction is there already, -EBUSY when the old
 * one is not what is there, -EINVAL, -ERANGE.
 */
int bpf_arch_text_poke(void *ip, enum bpf_text_poke_type t, void *old_addr, void *new_addr)
{
	if (!core_kernel_text((unsigned long)ip) && !is_bpf_text_address((unsigned long)ip))
		return -EINVAL;
	if (is_endbr(*(u32 *)ip))
		ip += 4;
	return text_poke_site(ip, t == BPF_MOD_CALL ? CALL_INSN_OPCODE : JMP32_INSN_OPCODE,
			      old_addr, new_addr);
}

/**
 * bpf_arch_image_poke - change a jump of an image
 * @ip: the jump, or a no-operation of its size; the caller keeps the image from being freed,
 *	which nobody may know by its symbol any more
 * @old_addr: where it goes now, NULL for a no-operation
 * @new_addr: where it shall go, NULL for a no-operation
 *
 * Context: Process, may sleep.
 * Return: As bpf_arch_text_poke().
 */
int bpf_arch_image_poke(void *ip, void *old_addr, void *new_addr)
{
	return text_poke_site(ip, JMP32_INSN_OPCODE, old_addr, new_addr);
}

/**
 * bpf_arch_text_skip - jump over a piece of text in use
 * @from: an instruction of five bytes or more, where the piece begins
 * @to: what follows the piece
 *
 * Context: Process, may sleep; allocates nothing.
 * Return: 0 or -ERANGE.
 */
int bpf_arch_text_skip(u8 *from, const u8 *to)
{
	u8 jump[JIT_PATCH_SIZE];

	if (poke_insn(jump, JMP32_INSN_OPCODE, from, to))
		return -ERANGE;
	mutex_lock(&text_mutex);
	text_poke_bp(from, jump, JIT_PATCH_SIZE, NULL);
	mutex_unlock(&text_mutex);
	return 0;
}

/**
 * bpf_arch_patch_end - where an entry goes on behind its patch site
 * @entry: entry of an image
 *
 * Context: Any.
 * Return: Bytes from the entry.
 */
u32 bpf_arch_patch_end(const void *entry)
{
	return (is_endbr(*(const u32 *)entry) ? 4 : 0) + JIT_PATCH_SIZE;
}
