// SPDX-License-Identifier: GPL-2.0
/*
 * What a module has for programs: functions to attach to and to call, a tracepoint, a variable, a
 * kind of kernel objects. Writing a line to its file in debugfs makes things happen.
 */
#include <linux/bpf.h>
#include <linux/bpf_struct_ops.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include <linux/debugfs.h>
#include <linux/delay.h>
#include <linux/ftrace.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include "kbpf_test.h"

#define CREATE_TRACE_POINTS
#include "kbpf_test_event.h"

int kbpf_test_variable = 4711;

/* ------------------------------------------------------------------ to be attached to */

__bpf_hook_start();

#define HOOK(_ret, _name, ...)	noinline _ret kbpf_test_##_name(__VA_ARGS__); \
				noinline _ret kbpf_test_##_name(__VA_ARGS__)

HOOK(u64, args0, void) { barrier(); return 100; }
HOOK(u64, args1, u64 a) { barrier(); return a; }
HOOK(u64, args2, u64 a, u32 b) { barrier(); return a + b; }
HOOK(u64, args3, u64 a, u32 b, u16 c) { barrier(); return a + b + c; }
HOOK(u64, args4, u64 a, u32 b, u16 c, u8 d) { barrier(); return a + b + c + d; }
HOOK(u64, args5, u64 a, u64 b, u64 c, u64 d, u64 e) { barrier(); return a + b + c + d + e; }

HOOK(u64, args6, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	barrier();
	return a + b + c + d + e + f;
}

HOOK(u64, args7, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u8 g)
{
	barrier();
	return a + b + c + d + e + f + g;
}

HOOK(u64, args8, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u32 h)
{
	barrier();
	return a + b + c + d + e + f + g + h;
}

HOOK(u64, args9, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u32 h, u64 i)
{
	barrier();
	return a + b + c + d + e + f + g + h + i;
}

HOOK(u64, args10, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u32 h, u64 i, u64 j)
{
	barrier();
	return a + b + c + d + e + f + g + h + i + j;
}

HOOK(u64, args11, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u32 h, u64 i, u64 j, u64 k)
{
	barrier();
	return a + b + c + d + e + f + g + h + i + j + k;
}

HOOK(u64, args12, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u32 h, u64 i, u64 j, u64 k,
     u64 l)
{
	barrier();
	return a + b + c + d + e + f + g + h + i + j + k + l;
}

HOOK(u64, args13, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u32 h, u64 i, u64 j, u64 k,
     u64 l, u64 m)
{
	barrier();
	return a + m;
}

/* A struct in one register, in two, and one that has to go to the stack as a whole. */
HOOK(u64, struct1, struct kbpf_test_small s, int b) { barrier(); return s.a + b; }
HOOK(u64, struct2, int a, struct kbpf_test_pair s, int c) { barrier(); return a + s.a + s.b + c; }

HOOK(u64, struct_split, u64 a, u64 b, u64 c, u64 d, u64 e, struct kbpf_test_pair s, u64 g)
{
	barrier();
	return a + b + c + d + e + s.a + s.b + g;
}

HOOK(u8, ret8, u64 a) { barrier(); return a; }
HOOK(s8, rets8, u64 a) { barrier(); return a; }
HOOK(u16, ret16, u64 a) { barrier(); return a; }
HOOK(u32, ret32, u64 a) { barrier(); return a; }
HOOK(s32, rets32, u64 a) { barrier(); return a; }
HOOK(bool, retbool, u64 a) { barrier(); return a; }
HOOK(void, retvoid, u64 a) { barrier(); }
HOOK(struct kbpf_test_obj *, retptr, struct kbpf_test_obj *o) { barrier(); return o; }
HOOK(int, modify, int a) { barrier(); return a; }
HOOK(int, sleeps, int ms) { msleep(ms); return ms; }

__bpf_hook_end();

/* The sum over a function of each kind: what programs may not change. */
static u64 call_hooks(void)
{
	struct kbpf_test_obj obj = { .number = 7, .task = current };
	struct kbpf_test_pair pair = { 1000, 2000 };
	struct kbpf_test_small small = { 3000 };
	u64 sum;

	sum = kbpf_test_args0() + kbpf_test_args1(1) + kbpf_test_args2(1, 2) +
	      kbpf_test_args3(1, 2, 3) + kbpf_test_args4(1, 2, 3, 4) +
	      kbpf_test_args5(1, 2, 3, 4, 5) + kbpf_test_args6(1, 2, 3, 4, 5, 6) +
	      kbpf_test_args7(1, 2, 3, 4, 5, 6, 7) + kbpf_test_args8(1, 2, 3, 4, 5, 6, 7, 8) +
	      kbpf_test_args9(1, 2, 3, 4, 5, 6, 7, 8, 9) +
	      kbpf_test_args10(1, 2, 3, 4, 5, 6, 7, 8, 9, 10) +
	      kbpf_test_args11(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) +
	      kbpf_test_args12(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12) +
	      kbpf_test_args13(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13) +
	      kbpf_test_struct1(small, 1) + kbpf_test_struct2(1, pair, 2) +
	      kbpf_test_struct_split(1, 2, 3, 4, 5, pair, 6);
	sum += kbpf_test_ret8(0x1ff) + kbpf_test_rets8(0x180) + kbpf_test_ret16(0x1fffe) +
	       kbpf_test_ret32(0x1fffffffcULL) + kbpf_test_rets32(-5) + kbpf_test_retbool(256);
	kbpf_test_retvoid(1);
	/* programs read it, which the compiler does not see */
	barrier_data(&obj);
	sum += kbpf_test_retptr(&obj) == &obj;
	return sum;
}

/* ------------------------------------------------------------------ patching itself */

/* What stands in the place of kbpf_test_args1(), as a live patch would put it there. */
static noinline u64 patched_args1(u64 a)
{
	return a + 1000;
}

static void notrace patch(unsigned long ip, unsigned long parent_ip, struct ftrace_ops *ops,
			  struct ftrace_regs *fregs)
{
	ftrace_regs_set_instruction_pointer(fregs, (unsigned long)patched_args1);
}

static struct ftrace_ops patch_ops = {
	.func = patch,
	.flags = FTRACE_OPS_FL_SAVE_REGS | FTRACE_OPS_FL_DYNAMIC | FTRACE_OPS_FL_IPMODIFY,
};

static bool is_patched;

static int set_patched(bool on)
{
	unsigned long ip = (unsigned long)kbpf_test_args1;
	int err;

	if (on == is_patched)
		return 0;
	if (!on) {
		err = unregister_ftrace_function(&patch_ops);
		ftrace_set_filter_ip(&patch_ops, ip, 1, 0);
		is_patched = false;
		return err;
	}
	err = ftrace_set_filter_ip(&patch_ops, ip, 0, 0);
	if (!err)
		err = register_ftrace_function(&patch_ops);
	if (err)
		ftrace_set_filter_ip(&patch_ops, ip, 1, 0);
	is_patched = !err;
	return err;
}

/* ------------------------------------------------------------------ to be called */

static atomic_t nr_acquired = ATOMIC_INIT(0);

__bpf_kfunc_start_defs();

__bpf_kfunc u64 kbpf_test_add(u64 a, u64 b)
{
	return a + b;
}

__bpf_kfunc int kbpf_test_number(struct kbpf_test_obj *obj)
{
	return obj->number;
}

__bpf_kfunc struct kbpf_test_obj *kbpf_test_acquire(int number)
{
	struct kbpf_test_obj *obj = number ? kzalloc(sizeof(*obj), GFP_ATOMIC) : NULL;

	if (obj) {
		obj->number = number;
		atomic_inc(&nr_acquired);
	}
	return obj;
}

__bpf_kfunc void kbpf_test_release(struct kbpf_test_obj *obj)
{
	atomic_dec(&nr_acquired);
	kfree(obj);
}

__bpf_kfunc void kbpf_test_sleep(void)
{
	might_sleep();
}

/* In no set: not for programs. */
__bpf_kfunc u64 kbpf_test_private(u64 a)
{
	return a;
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(kfunc_ids)
BTF_ID_FLAGS(func, kbpf_test_add)
BTF_ID_FLAGS(func, kbpf_test_number, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, kbpf_test_acquire, KF_ACQUIRE | KF_RET_NULL)
BTF_ID_FLAGS(func, kbpf_test_release, KF_RELEASE)
BTF_ID_FLAGS(func, kbpf_test_sleep, KF_SLEEPABLE)
BTF_KFUNCS_END(kfunc_ids)

static const struct btf_kfunc_id_set kfunc_set = {
	.owner = THIS_MODULE,
	.set = &kfunc_ids,
};

BTF_KFUNCS_START(modify_ids)
BTF_ID_FLAGS(func, kbpf_test_modify)
BTF_ID_FLAGS(func, kbpf_test_sleeps, KF_SLEEPABLE)
BTF_KFUNCS_END(modify_ids)

static const struct btf_kfunc_id_set modify_set = {
	.owner = THIS_MODULE,
	.set = &modify_ids,
};

/* ------------------------------------------------------------------ to be made of programs */

static DEFINE_MUTEX(ops_lock);
static struct kbpf_test_ops *ops;

static int kbpf_test_ops__plain(int a, long b)
{
	return 0;
}

static int kbpf_test_ops__nullable(int dummy, struct task_struct *task__nullable)
{
	return 0;
}

static int kbpf_test_ops__sleeps(int a)
{
	return 0;
}

static void kbpf_test_ops__nothing(struct kbpf_test_obj *obj)
{
}

static u64 kbpf_test_ops__many(u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u64 g, u64 h)
{
	return 0;
}

static struct kbpf_test_ops ops_stubs = {
	.plain = kbpf_test_ops__plain,
	.nullable = kbpf_test_ops__nullable,
	.sleeps = kbpf_test_ops__sleeps,
	.nothing = kbpf_test_ops__nothing,
	.many = kbpf_test_ops__many,
};

static int ops_check_member(const struct btf_type *t, const struct btf_member *m,
			    const struct bpf_prog *prog)
{
	u32 at = __btf_member_bit_offset(t, m) / 8;

	return prog->sleepable && at != offsetof(struct kbpf_test_ops, sleeps) ? -EINVAL : 0;
}

static int ops_init_member(const struct btf_type *t, const struct btf_member *m, void *kdata,
			   const void *udata)
{
	struct kbpf_test_ops *to = kdata;
	const struct kbpf_test_ops *from = udata;

	switch (__btf_member_bit_offset(t, m) / 8) {
	case offsetof(struct kbpf_test_ops, number):
		if (from->number < 0)
			return -ERANGE;
		to->number = from->number;
		return 1;
	case offsetof(struct kbpf_test_ops, name):
		strscpy(to->name, from->name, sizeof(to->name));
		return 1;
	}
	return 0;
}

static int ops_reg(void *kdata, struct bpf_link *link)
{
	int err = 0;

	mutex_lock(&ops_lock);
	if (ops)
		err = -EEXIST;
	else
		ops = kdata;
	mutex_unlock(&ops_lock);
	return err;
}

static void ops_unreg(void *kdata, struct bpf_link *link)
{
	mutex_lock(&ops_lock);
	if (ops == kdata)
		ops = NULL;
	mutex_unlock(&ops_lock);
}

static struct bpf_struct_ops test_struct_ops = {
	.check_member = ops_check_member,
	.init_member = ops_init_member,
	.reg = ops_reg,
	.unreg = ops_unreg,
	.cfi_stubs = &ops_stubs,
	.owner = THIS_MODULE,
	.name = "kbpf_test_ops",
};

static s64 call_ops(int which)
{
	struct kbpf_test_obj obj = { .number = 77 };
	s64 ret = -ENOENT;

	mutex_lock(&ops_lock);
	if (!ops)
		goto unlock;
	ret = -ENOSYS;
	if (which == 0 && ops->plain)
		ret = ops->plain(5, -6);
	else if (which == 1 && ops->nullable)
		ret = ops->nullable(1, NULL);
	else if (which == 2 && ops->nullable)
		ret = ops->nullable(2, current);
	else if (which == 3 && ops->sleeps)
		ret = ops->sleeps(9);
	else if (which == 4 && ops->nothing)
		ops->nothing(&obj), ret = obj.number;
	else if (which == 5 && ops->many)
		ret = ops->many(1, 2, 3, 4, 5, 6, 7, 8);
	else if (which == 6)
		ret = ops->number;
unlock:
	mutex_unlock(&ops_lock);
	return ret;
}

/* ------------------------------------------------------------------ the file */

static s64 result;

static s64 act(char what, long arg)
{
	struct kbpf_test_obj obj = { .number = arg, .task = current };

	switch (what) {
	case 'h':
		return call_hooks();
	case 'e':
		trace_kbpf_test_event(&obj, arg);
		return 0;
	case 'm':
		return kbpf_test_modify(arg);
	case 's':
		return kbpf_test_sleeps(arg);
	case 'o':
		return call_ops(arg);
	case 'n':
		return atomic_read(&nr_acquired);
	case 'c':
		return kbpf_test_args1(arg);
	case 'p':
		return set_patched(arg);
	case 'r':
		while (arg-- > 0)
			kbpf_test_args1(arg);
		return 0;
	}
	return -EINVAL;
}

static ssize_t trigger_write(struct file *file, const char __user *buf, size_t len, loff_t *pos)
{
	char line[32] = "";
	long arg = 0;

	if (len >= sizeof(line) || copy_from_user(line, buf, len))
		return -EINVAL;
	if (kstrtol(strim(line + 1), 0, &arg) && line[1])
		return -EINVAL;
	result = act(line[0], arg);
	return len;
}

static ssize_t trigger_read(struct file *file, char __user *buf, size_t len, loff_t *pos)
{
	char line[32];

	return simple_read_from_buffer(buf, len, pos, line,
				       scnprintf(line, sizeof(line), "%lld\n", result));
}

static const struct file_operations trigger_fops = {
	.owner = THIS_MODULE,
	.write = trigger_write,
	.read = trigger_read,
};

static struct dentry *trigger;

static int __init kbpf_test_init(void)
{
	int err;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_TRACING, &kfunc_set);
	if (!err)
		err = register_btf_kfunc_id_set(BPF_PROG_TYPE_SYSCALL, &kfunc_set);
	if (!err)
		err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &kfunc_set);
	if (!err)
		err = register_btf_fmodret_id_set(&modify_set);
	if (!err)
		err = register_bpf_struct_ops(&test_struct_ops, kbpf_test_ops);
	if (err)
		return err;
	trigger = debugfs_create_file("kbpf_test", 0600, NULL, NULL, &trigger_fops);
	return PTR_ERR_OR_ZERO(trigger);
}
module_init(kbpf_test_init);

static void __exit kbpf_test_exit(void)
{
	debugfs_remove(trigger);
	set_patched(false);
}
module_exit(kbpf_test_exit);

MODULE_DESCRIPTION("What programs find in a module, for tests");
MODULE_LICENSE("GPL");
