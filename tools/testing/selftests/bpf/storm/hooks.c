// SPDX-License-Identifier: GPL-2.0
/*
 * Hooks under storms: programs are attached, detached and replaced by some threads while others
 * make what they are attached to happen. Nothing that is attached all the time misses a call, and
 * everything is gone afterwards.
 */
#include <arpa/inet.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <net/if.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>

#include "../syscall/sys.h"
#include "hooks.h"
#include "kselftest_harness.h"

#define SECONDS	6
#define LIMIT	120

FIXTURE(hooks) {
	struct bpf_object *obj;
	int maps, progs, links;
};

static int quiet(enum libbpf_print_level level, const char *fmt, va_list args)
{
	return level == LIBBPF_WARN && getenv("VERBOSE") ? vfprintf(stderr, fmt, args) : 0;
}

FIXTURE_SETUP(hooks)
{
	char path[512];

	libbpf_set_print(quiet);
	self->maps = ids_count(BPF_MAP_GET_NEXT_ID);
	self->progs = ids_count(BPF_PROG_GET_NEXT_ID);
	self->links = ids_count(BPF_LINK_GET_NEXT_ID);
	snprintf(path, sizeof(path), "%s/hooks.bpf.o", getenv("O") ?: ".");
	self->obj = bpf_object__open_file(path, NULL);
	ASSERT_NE(NULL, self->obj);
	ASSERT_EQ(0, bpf_object__load(self->obj));
}

/* What the kernel frees behind a grace period, or several, in a guest that is not fast. */
static int settle(int cmd, int want)
{
	int i, n;

	for (i = 0; i < 8; i++) {
		n = ids_settle(cmd, want);
		if (n <= want)
			break;
	}
	return n;
}

FIXTURE_TEARDOWN(hooks)
{
	bpf_object__close(self->obj);
	EXPECT_GE(self->links, settle(BPF_LINK_GET_NEXT_ID, self->links));
	EXPECT_GE(self->progs, settle(BPF_PROG_GET_NEXT_ID, self->progs));
	EXPECT_GE(self->maps, settle(BPF_MAP_GET_NEXT_ID, self->maps));
}

static struct bpf_program *prog_of(struct bpf_object *obj, const char *name)
{
	return bpf_object__find_program_by_name(obj, name);
}

static int prog_fd(struct bpf_object *obj, const char *name)
{
	return bpf_program__fd(prog_of(obj, name));
}

/* ------------------------------------------------------------------ threads */

static atomic_bool stop;

struct thread {
	pthread_t thread;
	struct bpf_object *obj;
	const char *const *names;
	unsigned long done;
	int wrong;
};

static void start(struct thread *t, void *(*fn)(void *), struct bpf_object *obj,
		  const char *const *names)
{
	*t = (struct thread){ .obj = obj, .names = names };
	pthread_create(&t->thread, NULL, fn, t);
}

static void join_all(struct __test_metadata *_metadata, struct thread *threads, int n)
{
	int i;

	sleep(SECONDS);
	/* However slow the kernel is: none is idle all the time. */
	for (i = 0; i < n; i++) {
		while (!__atomic_load_n(&threads[i].done, __ATOMIC_RELAXED) && !threads[i].wrong)
			usleep(10000);
	}
	atomic_store(&stop, true);
	for (i = 0; i < n; i++) {
		pthread_join(threads[i].thread, NULL);
		EXPECT_EQ(0, threads[i].wrong) TH_LOG("thread %d", i);
		EXPECT_LT(0, threads[i].done) TH_LOG("thread %d did nothing", i);
	}
	atomic_store(&stop, false);
}

/* Attaches each of its programs, and detaches them again. */
static void *attacher(void *arg)
{
	struct thread *t = arg;
	struct bpf_link *links[8];
	int i;

	while (!atomic_load(&stop)) {
		for (i = 0; t->names[i]; i++) {
			links[i] = bpf_program__attach(prog_of(t->obj, t->names[i]));
			/* a child just forked holds the links of before, too */
			if (!links[i] && errno != EEXIST && errno != EBUSY)
				t->wrong = errno;
		}
		sched_yield();
		while (i--)
			if (links[i] && !bpf_link__destroy(links[i]))
				t->done++;
	}
	return NULL;
}

/* Calls bpf_fentry_test1(), with what is attached to it. */
static void *caller(void *arg)
{
	struct thread *t = arg;

	while (!atomic_load(&stop)) {
		DECLARE_LIBBPF_OPTS(bpf_test_run_opts, opts);

		if (bpf_prog_test_run_opts(prog_fd(t->obj, "always"), &opts))
			t->wrong = errno;
		t->done++;
	}
	return NULL;
}

static __u64 counter(struct bpf_object *obj, enum counter what)
{
	__u64 values[COUNTERS];
	struct bpf_map *map;
	__u32 zero = 0;

	bpf_object__for_each_map(map, obj)
		if (strstr(bpf_map__name(map), ".bss"))
			break;
	if (!map || bpf_map__value_size(map) != sizeof(values) ||
	    bpf_map_lookup_elem(bpf_map__fd(map), &zero, values))
		return -1;
	return values[what];
}

TEST_F_TIMEOUT(hooks, functions, LIMIT)
{
	/* a program is attached once at a time: each has one thread */
	static const char *const mixes[][3] = {
		{ "entry", "leave" }, { "leave_asleep" }, { "probe", "back" }, { "many" },
	};
	struct bpf_link *always = bpf_program__attach(prog_of(self->obj, "always"));
	struct thread t[6];
	int i;

	ASSERT_NE(NULL, always);
	for (i = 0; i < 4; i++)
		start(&t[i], attacher, self->obj, mixes[i]);
	start(&t[4], caller, self->obj, NULL);
	start(&t[5], caller, self->obj, NULL);
	join_all(_metadata, t, 6);
	/* nothing lost: each test run calls the function once */
	EXPECT_EQ(t[4].done + t[5].done, counter(self->obj, STEADY));
	EXPECT_LT(0, counter(self->obj, CALLS));
	bpf_link__destroy(always);
}

/* ------------------------------------------------------------------ below programs */

/* Puts new inner maps in the place of old ones that programs are using. */
static void *exchanger(void *arg)
{
	struct thread *t = arg;
	int outer = bpf_object__find_map_fd_by_name(t->obj, "outer"), fd;
	__u32 zero = 0;

	while (!atomic_load(&stop)) {
		fd = map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 0);
		if (fd < 0 || map_update(outer, &zero, &fd, 0))
			t->wrong = errno ?: 1;
		close(fd);
		t->done++;
	}
	return NULL;
}

/* Tasks come and go, with what programs store with them. */
static void *forker(void *arg)
{
	struct thread *t = arg;
	pid_t pid;

	while (!atomic_load(&stop)) {
		pid = fork();
		if (!pid)
			_exit(0);
		waitpid(pid, NULL, 0);
		t->done++;
	}
	return NULL;
}

/* Looks at what programs store with this task, and deletes it. */
static void *looker(void *arg)
{
	struct thread *t = arg;
	int tasks = bpf_object__find_map_fd_by_name(t->obj, "tasks");
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	__u64 value;

	while (!atomic_load(&stop)) {
		map_lookup(tasks, &pidfd, &value);
		map_delete(tasks, &pidfd);
		t->done++;
	}
	close(pidfd);
	return NULL;
}

TEST_F_TIMEOUT(hooks, lifetimes, LIMIT)
{
	static const char *const tps[] = { "enter", "switched", NULL };
	static const char *const more[] = { "switched_too", NULL };
	struct thread t[6];

	start(&t[0], attacher, self->obj, tps);
	start(&t[1], attacher, self->obj, more);
	start(&t[2], exchanger, self->obj, NULL);
	start(&t[3], forker, self->obj, NULL);
	start(&t[4], looker, self->obj, NULL);
	start(&t[5], forker, self->obj, NULL);
	join_all(_metadata, t, 6);
	EXPECT_LT(0, counter(self->obj, INNER));
}

/* ------------------------------------------------------------------ devices */

static void *sender(void *arg)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	int sock = socket(AF_INET, SOCK_DGRAM, 0);
	struct thread *t = arg;
	char data[100] = {};

	inet_pton(AF_INET, "10.77.0.2", &to.sin_addr);
	while (!atomic_load(&stop)) {
		sendto(sock, data, sizeof(data), 0, (void *)&to, sizeof(to));
		t->done++;
	}
	close(sock);
	return NULL;
}

static int device_link(int prog, const char *name, int type)
{
	return BPF(BPF_LINK_CREATE, .link_create = { .prog_fd = prog,
						     .target_ifindex = if_nametoindex(name),
						     .attach_type = type });
}

/* One link to a device, whose program is replaced by the other one again and again. */
static void replace(struct thread *t, const char *dev, int type, const char *a, const char *b)
{
	int fds[2] = { prog_fd(t->obj, a), prog_fd(t->obj, b) }, link, i;

	link = device_link(fds[0], dev, type);
	if (link < 0) {
		t->wrong = -link;
		return;
	}
	for (i = 0; i < 20; i++) {
		int err = BPF(BPF_LINK_UPDATE, .link_update = { .link_fd = link,
								.new_prog_fd = fds[~i & 1] });

		if (err)
			t->wrong = -err;
		/* packets come by while each of them is attached */
		usleep(300);
	}
	/* the attachment is to be gone when the next one comes */
	BPF(BPF_LINK_DETACH, .link_detach = { .link_fd = link });
	close(link);
	t->done++;
}

static void *xdp_replacer(void *arg)
{
	struct thread *t = arg;

	while (!atomic_load(&stop))
		replace(t, "storm1", BPF_XDP, "frame", "frame_too");
	return NULL;
}

static void *tcx_replacer(void *arg)
{
	struct thread *t = arg;

	while (!atomic_load(&stop))
		replace(t, "storm1", BPF_TCX_INGRESS, "packet", "packet_too");
	return NULL;
}

/* The program that the others jump to comes and goes. */
static void *jumper(void *arg)
{
	struct thread *t = arg;
	int jumps = bpf_object__find_map_fd_by_name(t->obj, "jumps");
	int target = prog_fd(t->obj, "target");
	__u32 zero = 0;

	while (!atomic_load(&stop)) {
		if (map_update(jumps, &zero, &target, 0) || map_delete(jumps, &zero))
			t->wrong = 1;
		t->done++;
	}
	return NULL;
}

static int veth_up(void)
{
	static const char *const steps[] = {
		"ip netns add storm",
		"ip link add storm1 up type veth peer name storm0 netns storm",
		"ip addr add 10.77.0.2/24 dev storm1",
		"ip -n storm addr add 10.77.0.1/24 dev storm0",
		"ip -n storm link set storm0 up",
	};
	unsigned int i;

	for (i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if (system(steps[i]))
			return -1;
	return 0;
}

static void veth_down(void)
{
	system("ip -n storm link del storm0 2>/dev/null; ip netns del storm");
}

/* Packets come from another network namespace, where this process's sockets are made. */
static int enter_netns(int *home)
{
	int fd = open("/run/netns/storm", O_RDONLY), err;

	*home = open("/proc/self/ns/net", O_RDONLY);
	err = fd < 0 || *home < 0 ? -1 : setns(fd, CLONE_NEWNET);
	close(fd);
	return err;
}

TEST_F_TIMEOUT(hooks, devices, LIMIT)
{
	struct thread t[5];
	int home;

	ASSERT_EQ(0, veth_up());
	ASSERT_EQ(0, enter_netns(&home));
	start(&t[0], sender, self->obj, NULL);
	start(&t[1], sender, self->obj, NULL);
	while (t[0].done < 10 || t[1].done < 10)
		usleep(10000);
	ASSERT_EQ(0, setns(home, CLONE_NEWNET));
	start(&t[2], xdp_replacer, self->obj, NULL);
	start(&t[3], tcx_replacer, self->obj, NULL);
	start(&t[4], jumper, self->obj, NULL);
	join_all(_metadata, t, 5);
	EXPECT_LT(0, counter(self->obj, FRAMES));
	EXPECT_LT(0, counter(self->obj, PACKETS));
	close(home);
	veth_down();
}

/* The device goes while programs are attached to it and packets are on their way. */
TEST_F_TIMEOUT(hooks, device_goes, LIMIT)
{
	int i, xdp, tcx, home;
	struct thread t;

	for (i = 0; i < 3; i++) {
		ASSERT_EQ(0, veth_up());
		ASSERT_EQ(0, enter_netns(&home));
		start(&t, sender, self->obj, NULL);
		ASSERT_EQ(0, setns(home, CLONE_NEWNET));
		close(home);
		xdp = device_link(prog_fd(self->obj, "frame"), "storm1", BPF_XDP);
		tcx = device_link(prog_fd(self->obj, "packet"), "storm1", BPF_TCX_INGRESS);
		EXPECT_LE(0, xdp);
		EXPECT_LE(0, tcx);
		usleep(200000);
		EXPECT_EQ(0, system("ip link del storm1"));
		usleep(100000);
		atomic_store(&stop, true);
		pthread_join(t.thread, NULL);
		atomic_store(&stop, false);
		/* links without a device are nobody's error */
		EXPECT_EQ(-ENOLINK, BPF(BPF_LINK_UPDATE, .link_update = {
			.link_fd = xdp, .new_prog_fd = prog_fd(self->obj, "frame_too") }));
		close(xdp);
		close(tcx);
		veth_down();
	}
}

TEST_HARNESS_MAIN
