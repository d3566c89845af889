// SPDX-License-Identifier: GPL-2.0
/* XDP: trace points, warnings, what devices ask about programs bound to them. */
#include <linux/netdevice.h>
#include <net/xdp.h>

#define CREATE_TRACE_POINTS
#include <trace/events/xdp.h>

#include "attach/attach.h"
#include "net_bpf.h"

EXPORT_TRACEPOINT_SYMBOL_GPL(xdp_exception);
EXPORT_TRACEPOINT_SYMBOL_GPL(xdp_bulk_tx);

/**
 * bpf_warn_invalid_xdp_action - say once that a program returns nonsense
 * @dev: device it is attached to
 * @prog: the program
 * @act: what it returned
 *
 * Context: any.
 */
void bpf_warn_invalid_xdp_action(struct net_device *dev, struct bpf_prog *prog, u32 act)
{
	pr_warn_once("%s XDP return value %u on prog %s (id %d) dev %s, expect packet loss!\n",
		     act > XDP_REDIRECT ? "Illegal" : "Driver unsupported", act, prog->aux->name,
		     prog->aux->id, dev ? dev->name : "N/A");
}
EXPORT_SYMBOL_GPL(bpf_warn_invalid_xdp_action);

/**
 * bpf_offload_dev_match - was a program loaded for this device
 * @prog: program bound to a device
 * @netdev: the device
 *
 * Context: any. Return: false: loading refuses to bind programs to devices, so none was.
 */
bool bpf_offload_dev_match(struct bpf_prog *prog, struct net_device *netdev)
{
	return false;
}
EXPORT_SYMBOL_GPL(bpf_offload_dev_match);

#ifdef CONFIG_BPF_SYSCALL
/**
 * bpf_dev_bound_netdev_unregister - a device goes away
 * @dev: the device; no program is bound to it
 *
 * Context: RTNL held.
 */
void bpf_dev_bound_netdev_unregister(struct net_device *dev)
{
	ASSERT_RTNL();
}

/* Links to XDP are the device layer's own. */
const struct bpf_attach_ops bpf_xdp_attach_ops = {
	.link_create = bpf_xdp_link_attach,
};
#endif
