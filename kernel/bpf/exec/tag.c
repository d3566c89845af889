// SPDX-License-Identifier: GPL-2.0
/* Tags: a short digest of a program's instructions. */
#include <linux/minmax.h>
#include <linux/string.h>
#include <linux/unaligned.h>
#include <crypto/sha1.h>
#include "exec/exec.h"

#define TAG_BLOCK	64

/**
 * struct tag_state - a digest being computed
 * @digest: SHA-1 so far
 * @work: space for the compression function
 * @block: bytes not yet compressed
 * @fill: number of them
 */
struct tag_state {
	u32 digest[SHA1_DIGEST_WORDS];
	u32 work[SHA1_WORKSPACE_WORDS];
	u8 block[TAG_BLOCK];
	u32 fill;
};

static void tag_add(struct tag_state *tag, const struct bpf_insn *insn)
{
	memcpy(tag->block + tag->fill, insn, sizeof(*insn));
	tag->fill += sizeof(*insn);
	if (tag->fill == TAG_BLOCK) {
		sha1_transform(tag->digest, tag->block, tag->work);
		tag->fill = 0;
	}
}

/* SHA-1's padding: a bit, zeros, the length in bits */
static void tag_end(struct tag_state *tag, u64 bytes)
{
	memset(tag->block + tag->fill, 0, TAG_BLOCK - tag->fill);
	tag->block[tag->fill] = 0x80;
	if (tag->fill >= TAG_BLOCK - sizeof(u64)) {
		sha1_transform(tag->digest, tag->block, tag->work);
		memset(tag->block, 0, TAG_BLOCK);
	}
	put_unaligned_be64(bytes * 8, tag->block + TAG_BLOCK - sizeof(u64));
	sha1_transform(tag->digest, tag->block, tag->work);
}

/* Does the instruction name a map, by a number that differs from load to load? */
static bool tag_is_map(const struct bpf_insn *insn)
{
	switch (bpf_insn_decode(insn)) {
	case INSN_LD_MAP_FD:
	case INSN_LD_MAP_VALUE:
	case INSN_LD_MAP_IDX:
	case INSN_LD_MAP_IDX_VALUE:
		return true;
	default:
		return false;
	}
}

/**
 * bpf_prog_calc_tag - compute a program's tag from its instructions
 * @prog: program as it was loaded, before map fds become addresses
 *
 * The first 8 bytes of the SHA-1 of the instructions, immediates that name
 * maps taken as 0: the same program has the same tag at every load.
 *
 * Context: Any.
 */
void bpf_prog_calc_tag(struct bpf_prog *prog)
{
	struct tag_state tag = {};
	struct bpf_insn insn;
	u32 i, slot, slots;
	bool map;

	sha1_init(tag.digest);
	for (i = 0; i < prog->len; i += slots) {
		slots = min(insn_slots(&prog->insnsi[i]), prog->len - i);
		map = tag_is_map(&prog->insnsi[i]);
		for (slot = 0; slot < slots; slot++) {
			insn = prog->insnsi[i + slot];
			if (map)
				insn.imm = 0;
			tag_add(&tag, &insn);
		}
	}
	tag_end(&tag, (u64)prog->len * sizeof(insn));
	for (i = 0; i < BPF_TAG_SIZE / sizeof(u32); i++)
		put_unaligned_be32(tag.digest[i], prog->tag + i * sizeof(u32));
}
