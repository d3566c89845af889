// SPDX-License-Identifier: GPL-2.0
/*
 * How a function is called, from its BTF prototype: sizes of arguments and of what it returns.
 */
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/sprintf.h>
#include <linux/string.h>

#include "attach/target.h"
#include "btf/btf.h"

/* Numbers, pointers and enums travel in one register. */
static bool is_word(const struct btf_type *t)
{
	return btf_type_is_ptr(t) || (btf_type_is_scalar(t) && t->size <= sizeof(u64));
}

static u32 word_size(const struct btf_type *t)
{
	return btf_type_is_ptr(t) ? sizeof(u64) : t->size;
}

/* Bytes of an argument of type @id, 0 where trampolines cannot pass it on. */
static u32 arg_size(const struct btf *btf, u32 id, bool *by_value)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, id, NULL);

	*by_value = false;
	if (!t)
		return 0;
	if (is_word(t))
		return word_size(t);
	if (!btf_type_is_struct(t) || t->size > BPF_MODEL_ARG_SIZE)
		return 0;
	*by_value = true;
	return t->size;
}

static int set_ret(const struct btf *btf, u32 id, struct bpf_func_model *model)
{
	const struct btf_type *t = btf_type_skip_modifiers(btf, id, NULL);

	if (!t)
		return -EINVAL;
	if (btf_type_is_void(t))
		return 0;
	if (!is_word(t))
		return -EINVAL;
	model->ret_size = word_size(t);
	return 0;
}

/**
 * bpf_func_model_make - how a function is called
 * @btf: types
 * @proto: FUNC_PROTO
 * @name: the function's, for @msg
 * @model: the answer
 * @msg: reason of a failure
 * @msg_size: bytes of @msg
 *
 * Context: any.
 * Return: 0; -EINVAL for a prototype that trampolines cannot serve.
 */
int bpf_func_model_make(const struct btf *btf, const struct btf_type *proto, const char *name,
			struct bpf_func_model *model, char *msg, size_t msg_size)
{
	const struct btf_param *args = btf_params(proto);
	u32 i, nr = btf_vlen(proto), size;
	bool by_value;

	memset(model, 0, sizeof(*model));
	if (nr > BPF_MODEL_ARGS) {
		snprintf(msg, msg_size, "The function %s has %u arguments. Too many.", name, nr);
		return -EINVAL;
	}
	if (set_ret(btf, proto->type, model)) {
		snprintf(msg, msg_size, "The function %s return type is unsupported.", name);
		return -EINVAL;
	}
	for (i = 0; i < nr; i++) {
		if (!args[i].type) {
			snprintf(msg, msg_size,
				 "The function %s with variadic args is unsupported.", name);
			return -EINVAL;
		}
		size = arg_size(btf, args[i].type, &by_value);
		if (!size) {
			snprintf(msg, msg_size, "The function %s arg%u type is unsupported.", name,
				 i);
			return -EINVAL;
		}
		model->arg_size[i] = size;
		if (by_value)
			model->by_value |= BIT(i);
	}
	model->nr_args = nr;
	return 0;
}
