// SPDX-License-Identifier: GPL-2.0
/*
 * CO-RE relocation at load time: programs that bring their relocations with them (light skeletons)
 * get field offsets, sizes and the like of the kernel that runs. What a relocation means is in
 * tools/lib/bpf/relo_core.c, which libbpf uses, too; finding the types that it may mean is here.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "btf/btf.h"
#include "btf/core.h"
#include "btf/internal.h"

/* Types of one name and kind in one object: the build's deduplication leaves few. */
#define CANDS_MAX 64

/**
 * struct core_cands - types that a relocation may mean
 * @name: the program's name of the type, without its flavour ("task_struct" of "task_struct___v2")
 * @kind: of the program's type
 * @cnt: how many there are
 * @cands: each with a reference to its object
 * @left: copy of @cands that relo_core.c thins out
 */
struct core_cands {
	char *name;
	u32 kind;
	u32 cnt;
	struct bpf_core_cand cands[CANDS_MAX];
	struct bpf_core_cand left[CANDS_MAX];
};

/* Adds the types of one object, its base's not. Returns 0, or -E2BIG. */
static int cands_add(struct btf *btf, void *arg)
{
	struct core_cands *c = arg;
	u32 id = 0;

	while ((id = btf_next_named(btf, c->name, id))) {
		if (!btf_core_kinds_agree(c->kind, btf_kind(btf_type_by_id(btf, id))))
			continue;
		if (c->cnt == CANDS_MAX)
			return -E2BIG;
		btf_get(btf);
		c->cands[c->cnt].btf = btf;
		c->cands[c->cnt++].id = id;
	}
	return 0;
}

/* vmlinux' types; only where it has none, those of modules. */
static int cands_find(struct core_cands *c, const struct btf *prog_btf,
		      const struct btf_type *local)
{
	const char *name = btf_type_name(prog_btf, local);
	struct btf *vmlinux = bpf_get_btf_vmlinux();
	int err;

	if (IS_ERR_OR_NULL(vmlinux))
		return vmlinux ? PTR_ERR(vmlinux) : -EINVAL;
	c->name = kmemdup_nul(name, bpf_core_essential_name_len(name), GFP_KERNEL);
	if (!c->name)
		return -ENOMEM;
	c->kind = btf_kind(local);
	if (!*c->name)
		return 0;
	err = cands_add(vmlinux, c);
	if (!err && !c->cnt)
		err = btf_each_module(cands_add, c);
	return err;
}

static void cands_free(struct core_cands *c)
{
	while (c->cnt)
		btf_put((struct btf *)c->cands[--c->cnt].btf);
	kfree(c->name);
	kfree(c);
}

static int core_relocate(struct core_cands *c, const struct btf *prog_btf,
			 const struct bpf_core_relo *relo, int relo_idx, struct bpf_insn *insn,
			 struct bpf_verifier_log *log)
{
	struct bpf_core_cand_list list = { .cands = c->left, .len = c->cnt };
	struct bpf_core_relo_res res = {};
	struct bpf_core_spec *specs;
	int err;

	specs = kcalloc(3, sizeof(*specs), GFP_KERNEL);
	if (!specs)
		return -ENOMEM;
	memcpy(c->left, c->cands, sizeof(c->left));
	err = bpf_core_calc_relo_insn((void *)log, relo, relo_idx, prog_btf, &list, specs, &res);
	if (!err)
		err = bpf_core_patch_insn((void *)log, insn, relo->insn_off / sizeof(*insn), relo,
					  relo_idx, &res);
	kfree(specs);
	return err;
}

int btf_core_apply(const struct btf *prog_btf, const struct bpf_core_relo *relo, int relo_idx,
		   struct bpf_insn *insn, struct bpf_verifier_log *log)
{
	const struct btf_type *local;
	struct core_cands *c;
	int err = 0;

	if (!prog_btf)
		return -EINVAL;
	local = btf_type_by_id(prog_btf, relo->type_id);
	if (!relo->type_id || !local || relo->kind > BPF_CORE_TYPE_MATCHES) {
		bpf_vlog_printf(log, "relo #%d: bad type id %u or kind %u\n", relo_idx,
				relo->type_id, relo->kind);
		return -EINVAL;
	}
	c = kzalloc(sizeof(*c), GFP_KERNEL);
	if (!c)
		return -ENOMEM;
	if (relo->kind != BPF_CORE_TYPE_ID_LOCAL)
		err = cands_find(c, prog_btf, local);
	if (!err)
		err = core_relocate(c, prog_btf, relo, relo_idx, insn, log);
	cands_free(c);
	return err;
}
