// SPDX-License-Identifier: GPL-2.0
/*
 * Symbols of generated code: what stack traces, /proc/kallsyms, perf and the
 * fault handler ask about an address.
 *
 * Look-ups by address come from any context, NMI included, hence the latch
 * tree; the list serves readers of /proc/kallsyms.
 */
#include <linux/cache.h>
#include <linux/extable.h>
#include <linux/hex.h>
#include <linux/kallsyms.h>
#include <linux/kernel.h>
#include <linux/poison.h>
#include <linux/rbtree_latch.h>
#include <linux/rculist.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "exec/exec.h"

static DEFINE_SPINLOCK(ksym_lock);	/* writers of ksyms and ksym_tree */
static LIST_HEAD(ksyms);
static struct latch_tree_root ksym_tree __cacheline_aligned;

static struct bpf_ksym *ksym_of(struct latch_tree_node *node)
{
	return container_of(node, struct bpf_ksym, tnode);
}

static bool ksym_less(struct latch_tree_node *a, struct latch_tree_node *b)
{
	return ksym_of(a)->start < ksym_of(b)->start;
}

static int ksym_comp(void *key, struct latch_tree_node *node)
{
	const struct bpf_ksym *ksym = ksym_of(node);
	unsigned long addr = (unsigned long)key;

	if (addr < ksym->start)
		return -1;
	return addr >= ksym->end;
}

static const struct latch_tree_ops ksym_tree_ops = {
	.less = ksym_less,
	.comp = ksym_comp,
};

/* Valid as long as RCU says so. */
static struct bpf_ksym *ksym_find(unsigned long addr)
{
	struct latch_tree_node *node;

	node = latch_tree_find((void *)addr, &ksym_tree, &ksym_tree_ops);
	return node ? ksym_of(node) : NULL;
}

static struct bpf_prog *ksym_prog(struct bpf_ksym *ksym)
{
	return ksym && ksym->prog ? container_of(ksym, struct bpf_prog_aux, ksym)->prog : NULL;
}

/**
 * bpf_ksym_add - make a piece of generated code known
 * @ksym: start, end, name and prog set; lnode initialised
 *
 * Does nothing when it is known already, or has been.
 *
 * Context: Any but hard interrupt and NMI.
 */
void bpf_ksym_add(struct bpf_ksym *ksym)
{
	spin_lock_bh(&ksym_lock);
	if (list_empty(&ksym->lnode)) {
		list_add_tail_rcu(&ksym->lnode, &ksyms);
		latch_tree_insert(&ksym->tnode, &ksym_tree, &ksym_tree_ops);
	}
	spin_unlock_bh(&ksym_lock);
}

/**
 * bpf_ksym_del - forget a piece of generated code
 * @ksym: not to be freed before a grace period has passed
 *
 * Does nothing when it is not known.
 *
 * Context: Any but hard interrupt and NMI.
 */
void bpf_ksym_del(struct bpf_ksym *ksym)
{
	spin_lock_bh(&ksym_lock);
	/* list_del_rcu() keeps next, for readers, and marks prev */
	if (!list_empty(&ksym->lnode) && ksym->lnode.prev != LIST_POISON2) {
		latch_tree_erase(&ksym->tnode, &ksym_tree, &ksym_tree_ops);
		list_del_rcu(&ksym->lnode);
	}
	spin_unlock_bh(&ksym_lock);
}

/* "bpf_prog_<tag>_<name>"; the full name of the function if the verifier left it here */
static void ksym_name(const struct bpf_prog *prog, struct bpf_ksym *ksym)
{
	char tag[2 * BPF_TAG_SIZE + 1] = {};
	char full[KSYM_NAME_LEN - sizeof(tag) - sizeof("bpf_prog_")];

	strscpy(full, ksym->name[0] ? ksym->name : prog->aux->name, sizeof(full));
	bin2hex(tag, prog->tag, sizeof(prog->tag));
	if (full[0])
		snprintf(ksym->name, sizeof(ksym->name), "bpf_prog_%s_%s", tag, full);
	else
		snprintf(ksym->name, sizeof(ksym->name), "bpf_prog_%s", tag);
}

static void prog_ksym_add(struct bpf_prog *prog)
{
	struct bpf_ksym *ksym = &prog->aux->ksym;

	if (!prog->jited || !list_empty(&ksym->lnode))
		return;
	ksym_name(prog, ksym);
	ksym->prog = true;
	bpf_ksym_add(ksym);
}

/**
 * bpf_prog_kallsyms_add - make a program's images known
 * @prog: main program, compiled or not, about to be published
 *
 * Context: Process context.
 */
void bpf_prog_kallsyms_add(struct bpf_prog *prog)
{
	u32 i;

	for (i = 1; i < prog->aux->func_cnt; i++)
		prog_ksym_add(prog->aux->func[i]);
	prog_ksym_add(prog);
}

/**
 * bpf_prog_kallsyms_del_all - forget a program's images
 * @prog: main program; may be called again
 *
 * Context: Any but hard interrupt and NMI.
 */
void bpf_prog_kallsyms_del_all(struct bpf_prog *prog)
{
	u32 i;

	for (i = 1; i < prog->aux->func_cnt; i++)
		bpf_ksym_del(&prog->aux->func[i]->aux->ksym);
	bpf_ksym_del(&prog->aux->ksym);
}

/**
 * bpf_prog_find_by_addr - the function that an address is in
 * @addr: address in an image
 *
 * Context: Any, under RCU, which keeps the result.
 * Return: program or function, NULL where it is none's.
 */
struct bpf_prog *bpf_prog_find_by_addr(unsigned long addr)
{
	return ksym_prog(ksym_find(addr));
}

/**
 * __bpf_address_lookup - name of the generated code at an address
 * @addr: any address
 * @size: bytes of the code found
 * @off: offset of @addr in it
 * @sym: KSYM_NAME_LEN bytes for its name
 *
 * Context: Any.
 * Return: length of the name, 0 where there is no such code.
 */
int __bpf_address_lookup(unsigned long addr, unsigned long *size, unsigned long *off, char *sym)
{
	struct bpf_ksym *ksym;
	int ret = 0;

	rcu_read_lock();
	ksym = ksym_find(addr);
	if (ksym) {
		ret = strscpy(sym, ksym->name, KSYM_NAME_LEN);
		if (size)
			*size = ksym->end - ksym->start;
		if (off)
			*off = addr - ksym->start;
	}
	rcu_read_unlock();
	return ret;
}

/**
 * is_bpf_text_address - is there generated code at an address
 * @addr: any address
 *
 * Context: Any.
 * Return: true if so.
 */
bool is_bpf_text_address(unsigned long addr)
{
	bool ret;

	rcu_read_lock();
	ret = ksym_find(addr);
	rcu_read_unlock();
	return ret;
}

/**
 * search_bpf_extables - what to do about a fault in generated code
 * @addr: address of the faulting instruction
 *
 * Context: Any.
 * Return: entry of the program's exception table, or NULL.
 */
const struct exception_table_entry *search_bpf_extables(unsigned long addr)
{
	const struct exception_table_entry *entry = NULL;
	const struct bpf_prog *prog;

	rcu_read_lock();
	prog = ksym_prog(ksym_find(addr));
	if (prog && prog->aux->num_exentries)
		entry = search_extable(prog->aux->extable, prog->aux->num_exentries, addr);
	rcu_read_unlock();
	return entry;
}

/**
 * bpf_get_kallsym - the nth piece of generated code
 * @symnum: n
 * @value: its address
 * @type: its type letter
 * @sym: KSYM_NAME_LEN bytes for its name
 *
 * Context: Process context.
 * Return: 0, or -ERANGE when there are not as many or they are not to be seen.
 */
int bpf_get_kallsym(unsigned int symnum, unsigned long *value, char *type, char *sym)
{
	const struct bpf_ksym *ksym;
	unsigned int n = 0;
	int ret = -ERANGE;

	/* names and addresses help whom constants are hidden from */
	if (!READ_ONCE(bpf_jit_kallsyms) || READ_ONCE(bpf_jit_harden))
		return ret;
	rcu_read_lock();
	list_for_each_entry_rcu(ksym, &ksyms, lnode) {
		if (n++ != symnum)
			continue;
		strscpy(sym, ksym->name, KSYM_NAME_LEN);
		*value = ksym->start;
		*type = 't';
		ret = 0;
		break;
	}
	rcu_read_unlock();
	return ret;
}
