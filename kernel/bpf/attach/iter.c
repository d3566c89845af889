// SPDX-License-Identifier: GPL-2.0
/*
 * Iterators: the targets, and programs for them.
 *
 * A target registers itself with the walk over its objects. A program names it by the BTF id of the
 * function bpf_iter_<target>, whose prototype is the program's context.
 */
#include <linux/bpf.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/slab.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "attach/iter.h"
#include "attach/iter_int.h"

#define ITER_PREFIX	"bpf_iter_"

static LIST_HEAD(targets);
static DEFINE_MUTEX(targets_lock);

/**
 * bpf_iter_reg_target - make a target known
 * @reg_info: the target; stays in place
 *
 * Context: process; may sleep. Return: 0 or -ENOMEM.
 */
int bpf_iter_reg_target(const struct bpf_iter_reg *reg_info)
{
	struct bpf_iter_target *target = kzalloc(sizeof(*target), GFP_KERNEL);

	if (!target)
		return -ENOMEM;
	target->reg = reg_info;
	mutex_lock(&targets_lock);
	list_add(&target->list, &targets);
	mutex_unlock(&targets_lock);
	return 0;
}

/**
 * bpf_iter_unreg_target - forget a target
 * @reg_info: as registered; no program for it is loaded
 *
 * Context: process; may sleep.
 */
void bpf_iter_unreg_target(const struct bpf_iter_reg *reg_info)
{
	struct bpf_iter_target *target, *tmp;

	mutex_lock(&targets_lock);
	list_for_each_entry_safe(target, tmp, &targets, list) {
		if (target->reg == reg_info) {
			list_del(&target->list);
			kfree(target);
			break;
		}
	}
	mutex_unlock(&targets_lock);
}

/**
 * bpf_iter_target_find - target of a function that stands for it
 * @func: "bpf_iter_<target>"
 *
 * Context: process; may sleep. Return: the target, or NULL.
 */
const struct bpf_iter_target *bpf_iter_target_find(const char *func)
{
	struct bpf_iter_target *target, *found = NULL;

	if (!func || !strstarts(func, ITER_PREFIX))
		return NULL;
	func += sizeof(ITER_PREFIX) - 1;
	mutex_lock(&targets_lock);
	list_for_each_entry(target, &targets, list) {
		if (!strcmp(target->reg->target, func)) {
			found = target;
			break;
		}
	}
	mutex_unlock(&targets_lock);
	return found;
}

/**
 * bpf_iter_check_target - may a program be run on the objects of a target
 * @prog: program being loaded
 * @func: function that it attaches to
 * @msg: on failure one line of reason
 * @msg_size: bytes of @msg
 *
 * Context: process; may sleep. Return: 0 or -EINVAL.
 */
int bpf_iter_check_target(const struct bpf_prog *prog, const char *func, char *msg,
			  size_t msg_size)
{
	const struct bpf_iter_target *target = bpf_iter_target_find(func);

	if (!target) {
		snprintf(msg, msg_size, "%s is not the function of an iterator", func);
		return -EINVAL;
	}
	if (prog->sleepable && !(target->reg->feature & BPF_ITER_RESCHED)) {
		snprintf(msg, msg_size, "%s is not sleepable", func);
		return -EINVAL;
	}
	return 0;
}

/**
 * bpf_iter_type_ctx - type the context of an iterator's program
 * @prog: program being loaded
 * @func: function that it attaches to
 *
 * Context: process; may sleep. Return: 0, -EINVAL, -ENOMEM.
 */
int bpf_iter_type_ctx(struct bpf_prog *prog, const char *func)
{
	const struct bpf_iter_target *target = bpf_iter_target_find(func);
	const struct bpf_iter_reg *reg;
	struct bpf_ctx_arg_aux *info;

	if (!target)
		return -EINVAL;
	reg = target->reg;
	if (!reg->ctx_arg_info_size)
		return 0;
	info = kmemdup_array(reg->ctx_arg_info, reg->ctx_arg_info_size, sizeof(*info), GFP_KERNEL);
	if (!info)
		return -ENOMEM;
	prog->aux->ctx_arg_info = info;
	prog->aux->ctx_arg_info_size = reg->ctx_arg_info_size;
	return 0;
}

/**
 * bpf_iter_func_proto - a helper that a target's programs have besides
 * @func_id: enum bpf_func_id
 * @prog: iterator's program, its target resolved
 *
 * Context: process; may sleep. Return: the prototype, or NULL.
 */
const struct bpf_func_proto *bpf_iter_func_proto(u32 func_id, const struct bpf_prog *prog)
{
	const struct bpf_iter_target *target = bpf_iter_target_find(prog->aux->attach_func_name);

	if (!target || !target->reg->get_func_proto)
		return NULL;
	return target->reg->get_func_proto(func_id, prog);
}
