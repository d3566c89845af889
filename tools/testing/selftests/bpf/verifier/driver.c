// SPDX-License-Identifier: GPL-2.0
/* One verification in a process; passes that need the rest of the kernel are done here. */
#include "vshim.h"
#include "btf/btf.h"
#include "btf/record.h"
#include "maps/maps.h"
#include "verifier/verify.h"
#include "driver.h"

const struct bpf_prog_type_info *driver_type(const char *name);
void driver_set_fields(void);

static const struct driver_prog *cur;
static struct bpf_verifier_env *last_env;
static struct driver_result *result;

/* ------------------------------------------------------------------ the kernel's part */

bool bpf_token_capable(const struct bpf_token *token, int cap)
{
	return !cur->unprivileged;
}

void bpf_map_put(struct bpf_map *map)
{
}

bool bpf_map_write_active(const struct bpf_map *map)
{
	return false;
}

void btf_put(struct btf *btf)
{
}

struct btf *bpf_get_btf_vmlinux(void)
{
	return NULL;
}

s32 btf_find_by_name_kind(const struct btf *btf, const char *name, u8 kind)
{
	return -ENOENT;
}

bool btf_is_kernel(const struct btf *btf)
{
	return true;
}

bool btf_types_are_same(const struct btf *btf1, u32 id1, const struct btf *btf2, u32 id2)
{
	return btf1 == btf2 && id1 == id2;
}

bool btf_struct_ids_match(const struct btf *btf, u32 id, int off, const struct btf *want_btf,
			  u32 want_id, bool strict)
{
	return false;
}

int btf_struct_walk(const struct btf *btf, u32 id, int off, int size, struct btf_access *res,
		    char *msg, size_t msg_size)
{
	return -EACCES;
}

bool btf_ctx_access(int off, int size, const struct bpf_prog *prog, struct btf_ctx_arg *res,
		    char *msg, size_t msg_size)
{
	return false;
}

struct btf_field *btf_record_find(const struct btf_record *rec, u32 offset, u32 types)
{
	u32 i;

	for (i = 0; rec && i < rec->cnt; i++)
		if (rec->fields[i].offset <= offset && rec->fields[i].type & types &&
		    offset < rec->fields[i].offset + rec->fields[i].size)
			return (struct btf_field *)&rec->fields[i];
	return NULL;
}

/* ------------------------------------------------------------------ passes done here */

int bpf_pass_btf_info(struct bpf_verifier_env *env)
{
	return 0;
}

int bpf_subprog_prepare_args(struct bpf_verifier_env *env, u32 subprog)
{
	return 0;
}

int bpf_pass_resolve(struct bpf_verifier_env *env)
{
	u32 i, fd;

	for (i = 0; i < env->prog->len; i++) {
		struct bpf_insn *insn = env_insn(env, i);

		if (env->aux[i].second || !insn_is_ld_imm64(insn) ||
		    (insn->src_reg != BPF_PSEUDO_MAP_FD && insn->src_reg != BPF_PSEUDO_MAP_VALUE))
			continue;
		fd = insn->imm;
		env->insn_idx = i;
		if (fd >= DRIVER_MAX_MAPS || !cur->maps[fd])
			return bpf_reject(env, REJECT_BAD_MAP,
					  "fd %d is not pointing to valid bpf_map", insn->imm);
		env->aux[i].map = cur->maps[fd];
		env->aux[i].map_off = insn[1].imm;
	}
	return 0;
}

/* The last pass: what is left of the environment is looked at here. */
int bpf_pass_rewrite(struct bpf_verifier_env *env)
{
	last_env = env;
	return 0;
}

void bpf_edits_free(struct bpf_edits *edits)
{
}

/* ------------------------------------------------------------------ running */

void driver_verify(const struct driver_prog *p, struct driver_result *res)
{
	struct bpf_prog_aux *aux = calloc(1, sizeof(*aux));
	struct bpf_prog *prog = calloc(1, sizeof(*prog) + p->cnt * sizeof(struct bpf_insn));
	union bpf_attr attr = {};
	const char *line;

	cur = p;
	result = res;
	driver_set_fields();
	prog->aux = aux;
	aux->prog = prog;
	aux->info = driver_type(p->type);
	prog->type = aux->info ? aux->info->type : 0;
	prog->gpl_compatible = p->gpl;
	prog->sleepable = !!(p->flags & BPF_F_SLEEPABLE);
	prog->len = p->cnt;
	memcpy(prog->insnsi, p->insns, p->cnt * sizeof(struct bpf_insn));
	attr.insn_cnt = p->cnt;
	attr.prog_flags = p->flags;
	attr.log_level = p->log_level;
	attr.log_buf = (unsigned long)res->log;
	attr.log_size = res->log_size;
	res->log[0] = 0;
	res->err = bpf_verify(&prog, &attr, NULL, 0, true);
	res->insns = aux->verified_insns;
	line = strstr(res->log, "processed ");
	while (line && strstr(line + 1, "processed "))
		line = strstr(line + 1, "processed ");
	if (line)
		sscanf(line,
		       "processed %u insns (limit %*u) max_states_per_insn %*u total_states %u",
		       &res->insns, &res->states);
	free(aux->used_maps);
	free(aux);
	free(prog);
}
