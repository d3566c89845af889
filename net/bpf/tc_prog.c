// SPDX-License-Identifier: GPL-2.0
/* Programs of the tc classifier and action: from netlink and to netlink. */
#include <linux/slab.h>

#include "net_bpf.h"
#include "tc_prog.h"

static int parse_ops(struct tc_prog *p, const struct nlattr *ops, u16 num_ops)
{
	struct sock_fprog_kern fprog = { .len = num_ops };
	u32 bytes = num_ops * sizeof(*p->ops);
	int err;

	if (!num_ops || num_ops > BPF_MAXINSNS || bytes != nla_len(ops))
		return -EINVAL;
	p->ops = kmemdup(nla_data(ops), bytes, GFP_KERNEL);
	if (!p->ops)
		return -ENOMEM;

	fprog.filter = p->ops;
	err = bpf_prog_create(&p->prog, &fprog);
	if (err) {
		kfree(p->ops);
		p->ops = NULL;
		return err;
	}
	p->num_ops = num_ops;
	return 0;
}

static int parse_fd(struct tc_prog *p, u32 fd, const struct nlattr *name, enum bpf_prog_type type)
{
	struct bpf_prog *prog = bpf_prog_get_type_dev(fd, type, false);

	if (IS_ERR(prog))
		return PTR_ERR(prog);
	if (name) {
		p->name = nla_strdup(name, GFP_KERNEL);
		if (!p->name) {
			bpf_prog_put(prog);
			return -ENOMEM;
		}
	}
	p->prog = prog;
	return 0;
}

/**
 * tc_prog_parse - get the program that a request names
 * @p: gets it; zeroed
 * @tb: attributes of the request
 * @attrs: their numbers
 * @type: type of a program that comes by fd
 *
 * Context: process. Return: 0, -EINVAL where it is neither one of classic instructions and of an
 * fd, or another negative errno; then @p holds nothing.
 */
int tc_prog_parse(struct tc_prog *p, struct nlattr **tb, const struct tc_prog_attrs *attrs,
		  enum bpf_prog_type type)
{
	bool classic = tb[attrs->ops_len] && tb[attrs->ops];
	bool by_fd = tb[attrs->fd];

	if (classic == by_fd)
		return -EINVAL;
	if (classic)
		return parse_ops(p, tb[attrs->ops], nla_get_u16(tb[attrs->ops_len]));
	return parse_fd(p, nla_get_u32(tb[attrs->fd]), tb[attrs->name], type);
}

/**
 * tc_prog_dump - describe a program
 * @p: the program
 * @skb: message to append to
 * @attrs: numbers of the attributes
 *
 * Context: any. Return: 0 or -EMSGSIZE.
 */
int tc_prog_dump(const struct tc_prog *p, struct sk_buff *skb, const struct tc_prog_attrs *attrs)
{
	if (p->ops)
		return nla_put_u16(skb, attrs->ops_len, p->num_ops) ?:
		       nla_put(skb, attrs->ops, p->num_ops * sizeof(*p->ops), p->ops);

	if (p->name && nla_put_string(skb, attrs->name, p->name))
		return -EMSGSIZE;
	return nla_put_u32(skb, attrs->id, p->prog->aux->id) ?:
	       nla_put(skb, attrs->tag, sizeof(p->prog->tag), p->prog->tag);
}

/**
 * tc_prog_free - drop a program
 * @p: holds it, or nothing; no packet is in it any more
 *
 * Context: process.
 */
void tc_prog_free(struct tc_prog *p)
{
	if (p->prog)
		bpf_prog_destroy(p->prog);
	kfree(p->ops);
	kfree(p->name);
	*p = (struct tc_prog) {};
}
