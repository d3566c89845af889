// SPDX-License-Identifier: GPL-2.0
/*
 * Programs as objects: references, fds to programs, the end.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/cred.h>
#include <linux/filter.h>
#include <linux/irqflags.h>
#include <linux/module.h>
#ifdef CONFIG_PERF_EVENTS
#include <linux/perf_event.h>
#endif
#include <linux/rcupdate_trace.h>
#include <linux/sched/user.h>
#include <linux/security.h>
#include <linux/workqueue.h>
#include "exec/exec.h"
#include "syscall/fd.h"
#include "syscall/ids.h"
#include "syscall/prog.h"

static void prog_put_maps(struct bpf_prog_aux *aux, bool counted)
{
	u32 i;

	for (i = 0; i < aux->used_map_cnt; i++) {
		struct bpf_map *map = aux->used_maps[i];

		if (map->ops->poke_untrack)
			map->ops->poke_untrack(map, aux);
		if (counted)
			atomic64_dec(&map->sleepable_refcnt);
		bpf_map_put(map);
	}
	kfree(aux->used_maps);
	aux->used_maps = NULL;
	aux->used_map_cnt = 0;
}

static void prog_put_btfs(struct bpf_prog_aux *aux)
{
	u32 i;

	for (i = 0; i < aux->used_btf_cnt; i++) {
		module_put(aux->used_btfs[i].module);
		btf_put(aux->used_btfs[i].btf);
	}
	kfree(aux->used_btfs);
	aux->used_btfs = NULL;
	aux->used_btf_cnt = 0;
	btf_put(aux->btf);
	btf_put(aux->attach_btf);
}

#ifdef CONFIG_PERF_EVENTS
static int stacks_get(void)
{
	return get_callchain_buffers(sysctl_perf_event_max_stack);
}

static void stacks_put(void)
{
	put_callchain_buffers();
}
#else
static int stacks_get(void)
{
	return 0;
}

static void stacks_put(void)
{
}
#endif

/**
 * bpf_prog_hold_stacks - buffers for call stacks, if a program walks some
 * @prog: a verified program; has_callchain_buf says what it does, and then what it holds
 *
 * They are there only as long as somebody holds them: a program that asks for the stack of a task
 * may be the only one.
 *
 * Context: process; may sleep.
 * Return: 0, -ENOMEM.
 */
int bpf_prog_hold_stacks(struct bpf_prog *prog)
{
	int err = prog->has_callchain_buf ? stacks_get() : 0;

	if (err)
		prog->has_callchain_buf = false;
	return err;
}

/**
 * bpf_prog_release_resources - drop all that a program holds beside its own memory
 * @prog: a program that nobody runs, loaded or on its way
 * @counted: its maps count it as a sleepable reader
 *
 * Context: process; may sleep.
 */
void bpf_prog_release_resources(struct bpf_prog *prog, bool counted)
{
	struct bpf_prog_aux *aux = prog->aux;

	if (prog->has_callchain_buf)
		stacks_put();
	prog_put_maps(aux, counted);
	prog_put_btfs(aux);
	kvfree(aux->func_info);
	kfree(aux->func_info_aux);
	kvfree(aux->linfo);
	kfree(aux->ctx_arg_info);
	aux->func_info = NULL;
	aux->func_info_aux = NULL;
	aux->linfo = NULL;
	aux->ctx_arg_info = NULL;
	if (aux->dst_prog)
		bpf_prog_put(aux->dst_prog);
	module_put(aux->mod);
	security_bpf_prog_free(prog);
	bpf_token_put(aux->token);
	free_uid(aux->user);
}

static void prog_free_work(struct work_struct *work)
{
	struct bpf_prog *prog = container_of(work, struct bpf_prog_aux, work)->prog;

	bpf_prog_release_resources(prog, prog->sleepable);
	bpf_prog_free_unlinked(prog);
}

static void prog_free_rcu(struct rcu_head *rcu)
{
	struct bpf_prog_aux *aux = container_of(rcu, struct bpf_prog_aux, rcu);

	INIT_WORK(&aux->work, prog_free_work);
	queue_work(system_unbound_wq, &aux->work);
}

static void prog_free_rcu_trace(struct rcu_head *rcu)
{
	/* Maps' readers wait for an ordinary grace period too. */
	if (rcu_trace_implies_rcu_gp())
		prog_free_rcu(rcu);
	else
		call_rcu(rcu, prog_free_rcu);
}

static void prog_unpublish(struct bpf_prog *prog)
{
	bpf_prog_notify(prog, false);
	bpf_id_remove(&bpf_prog_ids, prog->aux->id);
	bpf_prog_kallsyms_del_all(prog);

	if (prog->sleepable)
		call_rcu_tasks_trace(&prog->aux->rcu, prog_free_rcu_trace);
	else
		call_rcu(&prog->aux->rcu, prog_free_rcu);
}

static void prog_unpublish_work(struct work_struct *work)
{
	prog_unpublish(container_of(work, struct bpf_prog_aux, work)->prog);
}

/**
 * bpf_prog_put - drop a reference
 * @prog: the program; freed after a grace period when it was the last one
 *
 * Context: any but NMI.
 */
void bpf_prog_put(struct bpf_prog *prog)
{
	struct bpf_prog_aux *aux = prog->aux;

	if (!atomic64_dec_and_test(&aux->refcnt))
		return;
	if (in_hardirq() || irqs_disabled()) {
		INIT_WORK(&aux->work, prog_unpublish_work);
		queue_work(system_unbound_wq, &aux->work);
	} else {
		prog_unpublish(prog);
	}
}
EXPORT_SYMBOL_GPL(bpf_prog_put);

/**
 * bpf_prog_add - take references
 * @prog: a program that the caller has a reference of
 * @i: how many
 *
 * Context: any.
 */
void bpf_prog_add(struct bpf_prog *prog, int i)
{
	atomic64_add(i, &prog->aux->refcnt);
}
EXPORT_SYMBOL_GPL(bpf_prog_add);

/**
 * bpf_prog_sub - drop references that are not the last ones
 * @prog: the program
 * @i: how many
 *
 * Context: any.
 */
void bpf_prog_sub(struct bpf_prog *prog, int i)
{
	WARN_ON(atomic64_sub_return(i, &prog->aux->refcnt) <= 0);
}
EXPORT_SYMBOL_GPL(bpf_prog_sub);

/**
 * bpf_prog_inc - take a reference
 * @prog: a program that the caller has a reference of
 *
 * Context: any.
 */
void bpf_prog_inc(struct bpf_prog *prog)
{
	atomic64_inc(&prog->aux->refcnt);
}
EXPORT_SYMBOL_GPL(bpf_prog_inc);

/**
 * bpf_prog_inc_not_zero - take a reference of a program that may be on its way out
 * @prog: found under the lock of the ids, or under RCU
 *
 * Context: any.
 * Return: @prog, or ERR_PTR(-ENOENT).
 */
struct bpf_prog *bpf_prog_inc_not_zero(struct bpf_prog *prog)
{
	return atomic64_inc_not_zero(&prog->aux->refcnt) ? prog : ERR_PTR(-ENOENT);
}
EXPORT_SYMBOL_GPL(bpf_prog_inc_not_zero);

/**
 * bpf_prog_get - the program behind an fd
 * @ufd: fd
 *
 * Context: process.
 * Return: the program with a reference; ERR_PTR: -EBADF not open, -EINVAL not a program.
 */
struct bpf_prog *bpf_prog_get(u32 ufd)
{
	struct bpf_prog *prog;
	struct fd f = fdget(ufd);

	if (fd_empty(f))
		return ERR_PTR(-EBADF);
	prog = bpf_fd_object(fd_file(f), BPF_FD_PROG);
	if (prog)
		bpf_prog_inc(prog);
	fdput(f);
	return prog ?: ERR_PTR(-EINVAL);
}
EXPORT_SYMBOL_GPL(bpf_prog_get);

/**
 * bpf_prog_get_type_dev - the program of a type behind an fd
 * @ufd: fd
 * @type: program type
 * @attach_drv: the caller is a driver that can run programs bound to its device
 *
 * Context: process.
 * Return: as bpf_prog_get(); -EINVAL also for other types, and for programs bound to a device that
 * the caller does not know of.
 */
struct bpf_prog *bpf_prog_get_type_dev(u32 ufd, enum bpf_prog_type type, bool attach_drv)
{
	struct bpf_prog *prog = bpf_prog_get(ufd);

	if (IS_ERR(prog))
		return prog;
	if (prog->type == type && (attach_drv || !bpf_prog_is_offloaded(prog->aux)))
		return prog;
	bpf_prog_put(prog);
	return ERR_PTR(-EINVAL);
}
EXPORT_SYMBOL_GPL(bpf_prog_get_type_dev);

static void *prog_id_get(void *obj)
{
	return bpf_prog_inc_not_zero(obj);
}

/**
 * bpf_prog_by_id - program of an id
 * @id: any number
 *
 * Context: any but NMI.
 * Return: the program with a reference, or ERR_PTR(-ENOENT).
 */
struct bpf_prog *bpf_prog_by_id(u32 id)
{
	return bpf_id_find(&bpf_prog_ids, id, prog_id_get);
}

/**
 * bpf_prog_first_from - first program whose id is at least a number
 * @id: in: the number; out: the id
 *
 * Context: any but NMI.
 * Return: the program with a reference, or NULL.
 */
struct bpf_prog *bpf_prog_first_from(u32 *id)
{
	return bpf_id_first_from(&bpf_prog_ids, id, prog_id_get);
}

/**
 * bpf_prog_new_fd - an fd for a program
 * @prog: a reference of the caller's goes into the fd when it succeeds
 *
 * Context: process; may sleep.
 * Return: the fd; what the security module says, -EMFILE, -ENFILE, -ENOMEM.
 */
int bpf_prog_new_fd(struct bpf_prog *prog)
{
	int err = security_bpf_prog(prog);

	return err ?: bpf_fd_new(BPF_FD_PROG, prog, O_RDWR | O_CLOEXEC);
}
