// SPDX-License-Identifier: GPL-2.0
/*
 * The XDP dispatcher: code that compares with the entries of those programs that devices run, and
 * goes on there directly; none where there are none, or without the JIT.
 */
#include <pthread.h>
#include <stdatomic.h>
#include <sys/mman.h>
#include <time.h>

#include "kselftest_harness.h"
#include "net/net.h"
#include "dispatch.h"
#include "link.h"

#define DEVICES		50
#define KNOWN		48	/* programs that the code compares with at most */
#define SWAPS		200
/* For what a grace period and a work item come before; far above what that takes. */
#define DEADLINE	60

/* There may be several for a grace period. */
static __u64 dispatcher_addr(int *nr)
{
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long addr, found = 0;
	char line[512], word[128];

	*nr = 0;
	while (f && fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %*c %127s", &addr, word) == 2 &&
		    !strcmp(word, "bpf_dispatcher_xdp")) {
			found = addr;
			++*nr;
		}
	}
	if (f)
		fclose(f);
	return found;
}

/* Waits until those have gone that nothing leads to any more; the address of what is left. */
static __u64 settled(void)
{
	time_t end = time(NULL) + DEADLINE;
	__u64 addr;
	int nr;

	do {
		addr = dispatcher_addr(&nr);
		if (nr <= 1)
			return addr;
		usleep(20000);
	} while (time(NULL) < end);
	return 1;
}

static __u64 entry_of(int fd)
{
	__u64 addr = 0;
	struct bpf_prog_info info = { .nr_jited_ksyms = 1, .jited_ksyms = (unsigned long)&addr };
	__u32 len = sizeof(info);

	return bpf_obj_get_info_by_fd(fd, &info, &len) ? 0 : addr;
}

/* An XDP program that passes all; each has an entry of its own. */
static int load_pass(void)
{
	struct bpf_insn insns[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_PASS },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, NULL, "GPL", insns, 2, NULL);
}

FIXTURE(dispatch)
{
	struct bpf_object *obj;
	struct piece *piece;
	int home;		/* namespace, the only one with switches of the JIT */
	int interpreted;	/* a program */
	int others;		/* programs that devices had before: no more come */
	long enable, harden;
};

/* A switch of the JIT; @value: what it shall be, NULL to ask. */
static long jit_switch(const char *name, const char *value)
{
	char path[64];
	long now = -1;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/sys/net/core/bpf_jit_%s", name);
	f = fopen(path, value ? "w" : "r");
	if (!f)
		return -1;
	if (value)
		now = fputs(value, f) < 0 ? -1 : 0;
	else if (fscanf(f, "%ld", &now) != 1)
		now = -1;
	return fclose(f) ? -1 : now;
}

static void jit_switch_back(const char *name, long old)
{
	char text[16];

	snprintf(text, sizeof(text), "%ld", old);
	jit_switch(name, text);
}

/*
 * How many entries the code compares with; @mine: how many of these are in a list. Each comparison
 * has a jump to what it compares with. Below 0: no such code.
 */
static int known(FIXTURE_DATA(dispatch) *self, const __u64 *entries, int nr, int *mine)
{
	static const __u8 cmp[] = { 0x48, 0x81, 0xfa }, je[] = { 0x0f, 0x84 };
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	const __u8 *text = self->piece->text;
	__u64 addr = settled();
	int i, k, all = 0;

	*mine = 0;
	if (!addr)
		return 0;
	self->piece->from = addr;
	if (bpf_prog_test_run_opts(net_prog(self->obj, "peek"), &opts) || opts.retval)
		return -2;
	/* cmp rdx, imm32; je rel32 */
	for (i = 0; i + 13 <= TEXT_MAX; i++) {
		__s32 imm, rel;

		if (text[i] == 0xcc && text[i + 1] == 0xcc)
			break;
		if (memcmp(text + i, cmp, sizeof(cmp)) || memcmp(text + i + 7, je, sizeof(je)))
			continue;
		memcpy(&imm, text + i + 3, sizeof(imm));
		memcpy(&rel, text + i + 9, sizeof(rel));
		if (addr + i + 13 + rel != (__u64)imm)
			return -1;
		for (k = 0; k < nr && entries[k] != (__u64)imm; k++)
			;
		*mine += k < nr;
		all++;
	}
	return all;
}

FIXTURE_SETUP(dispatch)
{
	int mine;

	self->home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	ASSERT_LE(0, self->home);
	self->enable = jit_switch("enable", NULL);
	self->harden = jit_switch("harden", NULL);
	ASSERT_EQ(0, jit_switch("enable", "0"));
	self->interpreted = load_pass();
	ASSERT_LE(0, self->interpreted);
	ASSERT_EQ(0, jit_switch("enable", "1"));
	/* hidden symbols tell nothing */
	ASSERT_EQ(0, jit_switch("harden", "0"));
	self->obj = net_open("dispatch");
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
	self->piece = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED,
			   bpf_map__fd(bpf_object__find_map_by_name(self->obj, ".bss")), 0);
	ASSERT_NE(MAP_FAILED, self->piece);
	ASSERT_LT(0, ns_new());
	self->others = known(self, NULL, 0, &mine);
	ASSERT_LE(0, self->others);
}

FIXTURE_TEARDOWN(dispatch)
{
	ns_go(self->home);
	jit_switch_back("enable", self->enable);
	jit_switch_back("harden", self->harden);
	bpf_object__close(self->obj);
}

/* Others may be there: devices of earlier tests go when they go. */
static int known_of(FIXTURE_DATA(dispatch) *self, const __u64 *entries, int nr)
{
	int mine, all = known(self, entries, nr, &mine);

	return all < mine ? -1 : mine;
}

TEST_F(dispatch, knows_what_devices_run)
{
	int progs[2] = { load_pass(), load_pass() };
	__u64 entries[2] = { entry_of(progs[0]), entry_of(progs[1]) };

	ASSERT_LE(0, progs[0]);
	ASSERT_LE(0, progs[1]);
	ASSERT_NE(0, entries[0]);
	ASSERT_EQ(0, sh("ip link add x0 type veth peer name x1"));
	ASSERT_EQ(0, bpf_xdp_attach(if_nametoindex("x0"), progs[0], XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(1, known_of(self, entries, 2));
	ASSERT_EQ(0, bpf_xdp_attach(if_nametoindex("x1"), progs[0], XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(1, known_of(self, entries, 2));
	ASSERT_EQ(0, bpf_xdp_attach(if_nametoindex("x1"), progs[1], XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(2, known_of(self, entries, 2));
	ASSERT_EQ(0, bpf_xdp_detach(if_nametoindex("x0"), XDP_FLAGS_SKB_MODE, NULL));
	EXPECT_EQ(0, known_of(self, entries, 1));
	EXPECT_EQ(1, known_of(self, entries + 1, 1));
	/* a device that goes */
	ASSERT_EQ(0, sh("ip link del x1"));
	EXPECT_EQ(0, known_of(self, entries, 2));
	close(progs[0]);
	close(progs[1]);
}

TEST_F(dispatch, knows_no_interpreted_ones)
{
	int mine;

	ASSERT_EQ(0, entry_of(self->interpreted));
	ASSERT_EQ(0, sh("ip link add x0 type veth peer name x1"));
	ASSERT_EQ(0, bpf_xdp_attach(if_nametoindex("x0"), self->interpreted, XDP_FLAGS_SKB_MODE,
				    NULL));
	/* neither its entry, which it has none of, nor the interpreter's */
	EXPECT_GE(self->others, known(self, NULL, 0, &mine));
}

TEST_F_TIMEOUT(dispatch, is_bounded, 300)
{
	__u64 entries[DEVICES];
	int i, progs[DEVICES];
	char name[16];

	for (i = 0; i < DEVICES; i++) {
		progs[i] = load_pass();
		ASSERT_LE(0, progs[i]);
		entries[i] = entry_of(progs[i]);
		snprintf(name, sizeof(name), "x%d", i);
		if (i % 2 == 0)
			ASSERT_EQ(0, sh("ip link add x%d type veth peer name x%d", i, i + 1));
		ASSERT_EQ(0, bpf_xdp_attach(if_nametoindex(name), progs[i], XDP_FLAGS_SKB_MODE,
					    NULL));
	}
	EXPECT_GE(KNOWN, known_of(self, entries, DEVICES));
	EXPECT_LE(KNOWN - self->others, known_of(self, entries, DEVICES));
	for (i = 0; i < DEVICES; i++) {
		snprintf(name, sizeof(name), "x%d", i);
		ASSERT_EQ(0, bpf_xdp_detach(if_nametoindex(name), XDP_FLAGS_SKB_MODE, NULL));
		close(progs[i]);
	}
	EXPECT_EQ(0, known_of(self, entries, DEVICES));
}

/* ------------------------------------------------------------------ packets meanwhile */

static atomic_bool enough;

static void *send_all(void *arg)
{
	struct sockaddr_in to = addr4("10.1.0.2", PORT);
	int sock = *(int *)arg;

	while (!enough)
		sendto(sock, "x", 1, 0, (void *)&to, sizeof(to));
	return NULL;
}

/* One program and another on the device that packets come to; each of them has seen some. */
TEST_F_TIMEOUT(dispatch, changes_under_traffic, 300)
{
	struct bpf_object *obj = net_open("link");
	time_t end = time(NULL) + DEADLINE;
	int far, sock, pass, drop, i = 0;
	pthread_t sender;

	ASSERT_NE(NULL, obj);
	ASSERT_NE(NULL, net_load(obj));
	pass = net_prog(obj, "xdp_pass");
	drop = net_prog(obj, "xdp_drop");
	far = ns_new();
	ASSERT_LT(0, far);
	ASSERT_LT(0, ns_new());
	ASSERT_EQ(0, veth_pair("v0", V0, "v1", V1, far, 1));
	ASSERT_EQ(0, sh("ip neigh add 10.1.0.2 lladdr 02:00:00:00:00:%02d dev v0", V1));
	sock = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ASSERT_LE(0, sock);
	ns_go(far);
	enough = false;
	ASSERT_EQ(0, pthread_create(&sender, NULL, send_all, &sock));
	do {
		if (bpf_xdp_attach(V1, i++ % 2 ? pass : drop, XDP_FLAGS_SKB_MODE, NULL))
			break;
	} while (i < SWAPS || ((!seen(obj, BY_PASS, PORT) || !seen(obj, BY_DROP, PORT)) &&
			       time(NULL) < end));
	enough = true;
	pthread_join(sender, NULL);
	EXPECT_LE(SWAPS, i);
	EXPECT_LT(0, seen(obj, BY_PASS, PORT));
	EXPECT_LT(0, seen(obj, BY_DROP, PORT));
	EXPECT_EQ(0, bpf_xdp_detach(V1, XDP_FLAGS_SKB_MODE, NULL));
	bpf_object__close(obj);
	close(sock);
}

TEST_HARNESS_MAIN
