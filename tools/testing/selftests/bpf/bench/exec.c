// SPDX-License-Identifier: GPL-2.0
/*
 * Runs programs with BPF_PROG_TEST_RUN and prints one line of JSON for each: what it returned and
 * what a run took.
 *
 *	exec [-s] DIRECTORY [OBJECT/PROGRAM...]
 *
 * What a run took is what BPF_PROG_TEST_RUN says of many runs, their average: what is done once a
 * system call is not in it, and the same client works on any kernel. What is done once a run stays
 * in; the reader subtracts the figure of the empty program.
 *
 * "time" is in nanoseconds, the smallest of several. In a guest that counts instructions it is
 * instructions. -s is for a process that has bpf(2) as a library: "steps" are the instructions
 * that were executed one by one.
 */
#include <signal.h>
#include <stdbool.h>
#include "bench.h"
#include "packets.h"

/* Runs of a call, and how often it is repeated. */
#define RUNS	60
#define TRIES	5

#define PACKETS(X)	X(http) X(syn) X(dns) X(deep) X(vxlan)

enum packet_kind {
#define KIND(name)	P_##name,
	PACKETS(KIND)
#undef KIND
};

static const char *const packet_names[] = {
#define NAME(name)	#name,
	PACKETS(NAME)
#undef NAME
};

struct job {
	const char *object, *prog;
	enum packet_kind packet;
};

static const struct job jobs[] = {
	{ "micro_alu", "empty", P_http },
	{ "micro_alu", "alu64", P_http },
	{ "micro_alu", "alu32", P_http },
	{ "micro_alu", "divide", P_http },
	{ "micro_alu", "gcd", P_http },
	{ "micro_alu", "popcount", P_http },
	{ "micro_alu", "minmax", P_http },
	{ "micro_alu", "fibonacci", P_http },
	{ "micro_alu", "matrix", P_http },
	{ "micro_alu", "swaps", P_http },
	{ "micro_alu", "bytewise", P_http },
	{ "micro_alu", "calls", P_http },
	{ "micro_hash", "fnv1a", P_http },
	{ "micro_hash", "adler", P_http },
	{ "micro_hash", "crc32_bits", P_http },
	{ "micro_hash", "crc32_map", P_http },
	{ "micro_hash", "lookup3", P_http },
	{ "micro_hash", "siphash", P_http },
	{ "micro_hash", "chacha", P_http },
	{ "micro_hash", "internet_sum", P_http },
	{ "micro_hash", "toeplitz", P_http },
	{ "micro_text", "string_compare", P_http },
	{ "micro_text", "memory_compare", P_http },
	{ "micro_text", "find_byte", P_http },
	{ "micro_text", "lower_case", P_http },
	{ "micro_text", "parse_number", P_http },
	{ "micro_text", "base64", P_http },
	{ "micro_text", "words", P_http },
	{ "micro_maps", "array_16", P_http },
	{ "micro_maps", "percpu_array_16", P_http },
	{ "micro_maps", "hash4_16", P_http },
	{ "micro_maps", "hash8_16", P_http },
	{ "micro_maps", "hash32_16", P_http },
	{ "micro_maps", "percpu_hash_16", P_http },
	{ "micro_maps", "lru_16", P_http },
	{ "micro_maps", "lpm_16", P_http },
	{ "micro_maps", "churn", P_http },
	{ "micro_maps", "ring_16", P_http },
	{ "micro_maps", "helpers", P_http },
	{ "micro_maps", "callback_64", P_http },
	{ "l4lb", "l4lb", P_http },
	{ "csum", "verify_ip", P_http },
	{ "csum", "verify_udp", P_dns },
	{ "conntrack", "track", P_http },
	{ "policy", "policy_in", P_http },
	{ "counters", "count_all", P_http },
	{ "ratelimit", "limit", P_http },
	{ "sni", "sni", P_http },
	{ "globals", "with_globals", P_http },
	{ "tailchain", "entry", P_http },
	{ "dissect_tail", "start", P_deep },
	{ "dissect", "dissect", P_deep },
	{ "dissect", "dissect", P_vxlan },
	{ "firewall", "firewall", P_syn },
	{ "firewall", "firewall", P_http },
	{ "dns", "dns_filter", P_dns },
	{ "micro_alu", "sieve", P_http },
	/* last: not every kernel's interpreter survives them */
	{ "callbacks", "loops", P_http },
	{ "micro_maps", "for_each_64", P_http },
};

static struct packet packets[] = {
#define ZERO(name)	{},
	PACKETS(ZERO)
#undef ZERO
};

static int silent(enum libbpf_print_level level, const char *format, va_list args)
{
	return 0;
}

long __real_syscall(long nr, long a, long b, long c, long d, long e, long f);

long __wrap_syscall(long nr, long a, long b, long c, long d, long e, long f)
{
	return __real_syscall(nr, a, b, c, d, e, f);
}

/* Objects whose programs call each other: fill the program array, in the order of the object. */
static int fill_chain(struct bpf_object *obj, const char *array, const char *const *names)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, array);
	__u32 i;

	for (i = 0; names[i]; i++) {
		struct bpf_program *p = bpf_object__find_program_by_name(obj, names[i]);
		int fd = p ? bpf_program__fd(p) : -1;

		if (fd < 0 || bpf_map_update_elem(bpf_map__fd(map), &i, &fd, BPF_ANY))
			return -1;
	}
	return 0;
}

static int prepare(struct bpf_object *obj, const char *name)
{
	static const char *const chain[] = { "link0", "link1", "link2", "link3", "link4", NULL };
	static const char *const steps[] = { "vlan", "ipv4", "ipv6", "ports", "ports", "gre", "done",
					     NULL };

	if (!strcmp(name, "tailchain"))
		return fill_chain(obj, "chain", chain);
	if (!strcmp(name, "dissect_tail"))
		return fill_chain(obj, "steps", steps);
	return 0;
}

#define IMAGE_MAX	65536

/* Sizes of a program, and its image for who wants to disassemble it. */
static void print_image(int fd)
{
	static unsigned char image[IMAGE_MAX];
	struct bpf_prog_info info = {
		.jited_prog_insns = (unsigned long)image,
		.jited_prog_len = sizeof(image),
	};
	__u32 len = sizeof(info), i;

	if (bpf_obj_get_info_by_fd(fd, &info, &len))
		return;
	printf(",\"jited\":%u,\"xlated\":%u,\"image\":\"", info.jited_prog_len,
	       info.xlated_prog_len);
	for (i = 0; i < info.jited_prog_len && i < sizeof(image); i++)
		printf("%02x", image[i]);
	printf("\"");
}

static struct ring_buffer *ring;

static int ignore(void *ctx, void *data, size_t size)
{
	return 0;
}

/* What an object's programs write to its ring is read before each call, so that there is room. */
static int read_ring(struct bpf_object *obj)
{
	struct bpf_map *map = bpf_object__find_map_by_name(obj, "ring");

	ring = map ? ring_buffer__new(bpf_map__fd(map), ignore, NULL, NULL) : NULL;
	return map && !ring ? -1 : 0;
}

static int test_run(const struct job *job, int fd, unsigned int repeat, unsigned int *ret,
		    unsigned int *duration)
{
	static unsigned char out[2048];
	LIBBPF_OPTS(bpf_test_run_opts, opts, .data_in = packets[job->packet].data,
		    .data_size_in = packets[job->packet].len, .data_out = out,
		    .data_size_out = sizeof(out), .repeat = repeat);
	int err;

	if (ring)
		ring_buffer__consume(ring);
	err = bpf_prog_test_run_opts(fd, &opts);
	*ret = opts.retval;
	*duration = opts.duration;
	return err;
}

/* ------------------------------------------------------------------ counting */

static bool by_steps;
static uint64_t steps;

static void on_step(int sig)
{
	__atomic_fetch_add(&steps, 1, __ATOMIC_RELAXED);
}

/* Instructions of the process between the two instructions that set the trap flag. */
static int count_steps(const struct job *job, int fd, unsigned int repeat, uint64_t *cost,
		       unsigned int *ret)
{
	unsigned int duration;
	int err;

	signal(SIGTRAP, on_step);
	__atomic_store_n(&steps, 0, __ATOMIC_RELAXED);
	__asm__ volatile("pushfq; orl $0x100, (%%rsp); popfq" ::: "cc", "memory");
	err = test_run(job, fd, repeat, ret, &duration);
	__asm__ volatile("pushfq; andl $~0x100, (%%rsp); popfq" ::: "cc", "memory");
	*cost = __atomic_load_n(&steps, __ATOMIC_RELAXED);
	return err;
}

/* Instructions of a run: what more runs take than one. */
static int cost_steps(const struct job *job, int fd, double *one, unsigned int *ret)
{
	uint64_t low, high;
	int err = count_steps(job, fd, 1, &low, ret);

	if (!err)
		err = count_steps(job, fd, 4, &high, ret);
	if (!err)
		*one = high > low ? (high - low) / 3.0 : 0;
	return err;
}

static int cost_time(const struct job *job, int fd, double *one, unsigned int *ret)
{
	unsigned int duration, least = -1;
	int i, err = 0;

	for (i = 0; i < TRIES && !err; i++) {
		err = test_run(job, fd, RUNS, ret, &duration);
		if (duration < least)
			least = duration;
	}
	*one = least;
	return err;
}

static int measure(const struct job *job, int fd)
{
	unsigned int ret = 0, duration;
	double one = 0;
	int err;

	/* the first run may still set something up */
	err = test_run(job, fd, 1, &ret, &duration);
	if (!err)
		err = (by_steps ? cost_steps : cost_time)(job, fd, &one, &ret);
	if (err) {
		printf("{\"object\":\"%s\",\"prog\":\"%s\",\"packet\":\"%s\",\"errno\":%d}\n",
		       job->object, job->prog, packet_names[job->packet], -err);
		return -1;
	}
	printf("{\"object\":\"%s\",\"prog\":\"%s\",\"packet\":\"%s\",\"ret\":%u,\"%s\":%.1f",
	       job->object, job->prog, packet_names[job->packet], ret,
	       by_steps ? "steps" : "time", one);
	print_image(fd);
	printf("}\n");
	fflush(stdout);
	return 0;
}

static int run_job(const char *dir, const struct job *job)
{
	static const struct job *refused;
	static char log[256];
	struct bpf_object *obj;
	struct bpf_program *p;
	char path[4096];
	int ret = -1;
	int chained = !strcmp(job->object, "tailchain") || !strcmp(job->object, "dissect_tail");

	/* What was refused with one packet will be with another, and may have taken long. */
	if (refused && !strcmp(refused->object, job->object) && !strcmp(refused->prog, job->prog))
		return -1;
	snprintf(path, sizeof(path), "%s/%s.bpf.o", dir, job->object);
	obj = bpf_object__open_file(path, NULL);
	if (!obj) {
		fprintf(stderr, "%s: %s\n", path, strerror(errno));
		return -1;
	}
	if (!chained)
		bpf_object__for_each_program(p, obj)
			bpf_program__set_autoload(p, !strcmp(bpf_program__name(p), job->prog));
	/* With a log of its own a program is not loaded a second time to get one. */
	bpf_object__for_each_program(p, obj) {
		bpf_program__set_log_buf(p, log, sizeof(log));
		bpf_program__set_log_level(p, 4);
	}
	if (bpf_object__load(obj) || prepare(obj, job->object) || read_ring(obj)) {
		printf("{\"object\":\"%s\",\"prog\":\"%s\",\"packet\":\"%s\",\"errno\":%d}\n",
		       job->object, job->prog, packet_names[job->packet], errno);
		refused = job;
	} else {
		p = bpf_object__find_program_by_name(obj, job->prog);
		ret = p ? measure(job, bpf_program__fd(p)) : -1;
	}
	ring_buffer__free(ring);
	ring = NULL;
	bpf_object__close(obj);
	return ret;
}

/* All where none is named. */
static bool is_wanted(const struct job *job, char **names)
{
	char name[128];

	if (!*names)
		return true;
	snprintf(name, sizeof(name), "%s/%s", job->object, job->prog);
	for (; *names; names++)
		if (!strcmp(*names, name))
			return true;
	return false;
}

int main(int argc, char **argv)
{
	unsigned int bad = 0;
	const char *dir;
	size_t i;

	by_steps = argc > 1 && !strcmp(argv[1], "-s");
	dir = argv[1 + by_steps];
	if (argc < 2 + by_steps) {
		fprintf(stderr, "usage: %s [-s] DIRECTORY [OBJECT/PROGRAM...]\n", argv[0]);
		return 2;
	}
#define MAKE(name)	packets[P_##name] = make_##name();
	PACKETS(MAKE)
	lift_limits();
	libbpf_set_strict_mode(LIBBPF_STRICT_ALL);
	libbpf_set_print(silent);
	for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++)
		if (is_wanted(&jobs[i], argv + 2 + by_steps) && run_job(dir, &jobs[i]))
			bad++;
	return bad ? 1 : 0;
}
