// SPDX-License-Identifier: GPL-2.0
/*
 * bpfcheck: the kernel's verifier without the kernel. Each object is checked in a process of its
 * own, so that many run at once and none takes the others with it.
 */
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bpfcheck.h"
#include "host/kbpf.h"

#define CAP_NET_ADMIN	12
#define CAP_PERFMON	38
#define CAP_BPF		39

struct options opt = { .jobs = 1 };

/* One object and the process that checks it. */
struct job {
	const char *path;
	pid_t pid;
	struct outputs out;
	int counts[2];		/* pipe */
	bool done;
	enum verdict verdict;
	struct totals totals;
};

static const struct option longs[] = {
	{ "json", no_argument, NULL, 'J' },
	{ "html", required_argument, NULL, 'H' },
	{ "jobs", required_argument, NULL, 'j' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "stats", no_argument, NULL, 's' },
	{ "features", required_argument, NULL, 'f' },
	{ "kernel", no_argument, NULL, 'k' },
	{ "type", required_argument, NULL, 't' },
	{ "target", required_argument, NULL, 'T' },
	{ "btf", required_argument, NULL, 'b' },
	{ "quiet", no_argument, NULL, 'q' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ }
};

static void usage(FILE *out)
{
	fputs("usage: bpfcheck [options] FILE.o...\n"
	      "Checks the programs of BPF objects with the kernel's verifier, as an ordinary user.\n\n"
	      "  -b, --btf FILE        types of the kernel: raw BTF or a vmlinux (default: this kernel's)\n"
	      "  -f, --features LIST   rights of who loads: all (default), unprivileged, bpf, perfmon,\n"
	      "                        net-admin (bpf, perfmon and net-admin may be joined by commas)\n"
	      "  -k, --kernel          ask the running kernel (wants its privileges), not the library\n"
	      "  -t, --type TYPE       of programs whose section does not name it: xdp, sched_cls, ...\n"
	      "      --target FILE     object with the functions that fentry, fexit and freplace name\n"
	      "  -j, --jobs N          check N objects at once\n"
	      "  -s, --stats           memory of the verifier's states, and totals at the end\n"
	      "  -v, --verbose         the whole log of each program\n"
	      "  -q, --quiet           no progress\n"
	      "      --json            results as JSON instead of text\n"
	      "      --html FILE       also a page with source, instructions and registers; -: instead\n\n"
	      "Exit status: 0 all accepted, 1 some rejected, 2 something could not be checked.\n",
	      out);
}

static int set_features(char *list)
{
	unsigned long long caps = 0;
	char *word;

	if (!*list) {
		fprintf(stderr, "bpfcheck: -f: all, unprivileged, bpf, perfmon or net-admin\n");
		return -1;
	}
	for (word = strtok(list, ","); word; word = strtok(NULL, ",")) {
		if (!strcmp(word, "all")) {
			caps = ~0ULL;
		} else if (!strcmp(word, "unprivileged")) {
			bpf_host_set_unprivileged_disabled(0);
		} else if (!strcmp(word, "bpf")) {
			caps |= 1ULL << CAP_BPF;
		} else if (!strcmp(word, "perfmon")) {
			caps |= 1ULL << CAP_PERFMON | 1ULL << CAP_BPF;
		} else if (!strcmp(word, "net-admin")) {
			caps |= 1ULL << CAP_NET_ADMIN | 1ULL << CAP_BPF;
		} else {
			fprintf(stderr, "bpfcheck: no such feature: %s\n", word);
			return -1;
		}
	}
	bpf_host_set_caps(caps);
	return 0;
}

static int parse(int argc, char **argv)
{
	char *end;
	int c;

	while ((c = getopt_long(argc, argv, "b:f:kt:j:svqhV", longs, NULL)) != -1) {
		switch (c) {
		case 'J':
			opt.format = JSON;
			break;
		case 'H':
			opt.html = optarg;
			break;
		case 'j':
			opt.jobs = strtoul(optarg, &end, 10);
			if (*end || opt.jobs < 1 || opt.jobs > 256) {
				fprintf(stderr, "bpfcheck: -j wants a number from 1 to 256\n");
				return 2;
			}
			break;
		case 'v':
			opt.verbose = true;
			break;
		case 's':
			opt.stats = true;
			break;
		case 'q':
			opt.quiet = true;
			break;
		case 'f':
			if (set_features(optarg))
				return 2;
			break;
		case 'b':
			opt.btf = optarg;
			break;
		case 'k':
			opt.kernel = true;
			break;
		case 't':
			opt.type = type_by_name(optarg);
			if (!opt.type) {
				fprintf(stderr, "bpfcheck: no such type of programs: %s\n", optarg);
				return 2;
			}
			break;
		case 'T':
			opt.target = optarg;
			break;
		case 'h':
			usage(stdout);
			exit(0);
		case 'V':
			puts("bpfcheck 1 (kernel 6.12)");
			exit(0);
		default:
			usage(stderr);
			return 2;
		}
	}
	if (opt.html && !strcmp(opt.html, "-")) {
		if (opt.format == JSON) {
			fprintf(stderr, "bpfcheck: --json and --html -: one standard output\n");
			return 2;
		}
		opt.format = NO_FORMAT;
	}
	return 0;
}

static int start(struct job *job, bool first)
{
	struct totals totals = { };
	enum verdict v;

	job->out.text = tmpfile();
	job->out.page = opt.html ? tmpfile() : NULL;
	if (!job->out.text || (opt.html && !job->out.page) || pipe(job->counts))
		return -1;
	job->pid = fork();
	if (job->pid < 0)
		return -1;
	if (job->pid)
		return 0;
	v = check_file(&job->out, job->path, first, &totals);
	/* on a full disk the answer would be half of one */
	if (fflush(job->out.text) || (job->out.page && fflush(job->out.page)))
		_exit(3);
	if (write(job->counts[1], &totals, sizeof(totals)) != sizeof(totals))
		_exit(2);
	_exit(v);
}

static int forget(FILE *out)
{
	if (!out)
		return 0;
	rewind(out);
	return ftruncate(fileno(out), 0);
}

/* The process that checks died: its half of an answer is not shown. */
static void died(struct job *job, int status, bool first)
{
	char why[64];

	snprintf(why, sizeof(why), "the check itself ended with %s %d",
		 WIFSIGNALED(status) ? "signal" : "status",
		 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
	fprintf(stderr, "bpfcheck: %s: %s\n", job->path, why);
	job->verdict = UNCHECKED;
	memset(&job->totals, 0, sizeof(job->totals));
	if (forget(job->out.text) || forget(job->out.page))
		return;
	print_file_start(&job->out, job->path, first);
	print_file_end(&job->out, why, false);
}

static void finish(struct job *job, int status, bool first)
{
	close(job->counts[1]);
	if (WIFEXITED(status) && WEXITSTATUS(status) <= UNCHECKED &&
	    read(job->counts[0], &job->totals, sizeof(job->totals)) == sizeof(job->totals)) {
		job->verdict = WEXITSTATUS(status);
	} else {
		died(job, status, first);
	}
	/* a file that cannot be looked into counts as one program */
	if (job->verdict == UNCHECKED && !job->totals.n[UNCHECKED])
		job->totals.n[UNCHECKED] = 1;
	close(job->counts[0]);
	job->done = true;
}

static void copy_out(FILE *to, FILE *from)
{
	char buf[65536];
	size_t n;

	if (!from)
		return;
	rewind(from);
	while ((n = fread(buf, 1, sizeof(buf), from)) > 0)
		fwrite(buf, 1, n, to);
	fclose(from);
}

static void add_totals(struct totals *sum, const struct totals *t)
{
	int i;

	for (i = 0; i < 3; i++)
		sum->n[i] += t->n[i];
	sum->insns += t->insns;
	sum->states += t->states;
	sum->state_bytes += t->state_bytes;
	if (sum->peak_bytes < t->peak_bytes)
		sum->peak_bytes = t->peak_bytes;
}

static void wait_one(struct job *jobs, int nr)
{
	int status, i;
	pid_t pid = wait(&status);

	for (i = 0; i < nr; i++) {
		if (jobs[i].pid == pid && !jobs[i].done)
			finish(&jobs[i], status, !i);
	}
}

void clear_progress(void)
{
	if (opt.progress)
		fputs("\r\033[K", stderr);
}

static int run(const struct outputs *out, struct job *jobs, int nr)
{
	struct totals totals = { };
	int started = 0, running = 0, printed = 0, worst = 0;

	opt.progress = nr > 3 && !opt.quiet && isatty(2);
	print_start(out);
	while (printed < nr) {
		while (started < nr && running < (int)opt.jobs) {
			if (start(&jobs[started], !started)) {
				fprintf(stderr, "bpfcheck: %s: %s\n", jobs[started].path,
					strerror(errno));
				return 2;
			}
			started++;
			running++;
		}
		wait_one(jobs, started);
		running--;
		clear_progress();
		for (; printed < started && jobs[printed].done; printed++) {
			copy_out(out->text, jobs[printed].out.text);
			copy_out(out->page, jobs[printed].out.page);
			add_totals(&totals, &jobs[printed].totals);
			if ((int)jobs[printed].verdict > worst)
				worst = jobs[printed].verdict;
		}
		fflush(out->text);
		if (opt.progress && printed < nr)
			fprintf(stderr, "%d of %d", printed, nr);
	}
	print_end(out, &totals);
	return worst;
}

/* The types of the kernel that is checked for. */
static int find_types(void)
{
	if (opt.kernel)
		return 0;	/* its own */
	if (opt.btf) {
		bpf_host_set_btf(opt.btf);
		if (!*bpf_host_btf()) {
			fprintf(stderr, "bpfcheck: %s: no BTF that can be read\n", opt.btf);
			return 2;
		}
	} else if (!*bpf_host_btf() && !opt.quiet) {
		fprintf(stderr, "bpfcheck: no types of a kernel (see --btf): programs that need them cannot be checked\n");
	}
	return 0;
}

static int open_page(struct outputs *out)
{
	if (!opt.html)
		return 0;
	out->page = opt.format == NO_FORMAT ? stdout : fopen(opt.html, "we");
	if (out->page)
		return 0;
	fprintf(stderr, "bpfcheck: %s: %s\n", opt.html, strerror(errno));
	return 2;
}

/* A full disk is not found out before it is closed. */
static int close_output(FILE *out, const char *name)
{
	if (!out)
		return 0;
	if (!ferror(out) && !fclose(out))
		return 0;
	fprintf(stderr, "bpfcheck: writing %s: %s\n", name, strerror(errno));
	return 2;
}

int main(int argc, char **argv)
{
	struct outputs out = { .text = stdout };
	struct job *jobs;
	int i, ret;

	ret = parse(argc, argv);
	if (ret)
		return ret;
	if (optind == argc) {
		usage(stderr);
		return 2;
	}
	if (find_types() || open_page(&out))
		return 2;
	jobs = calloc(argc - optind, sizeof(*jobs));
	if (!jobs)
		return 2;
	for (i = optind; i < argc; i++)
		jobs[i - optind].path = argv[i];
	ret = run(&out, jobs, argc - optind);
	if ((out.page != stdout && close_output(out.page, opt.html)) ||
	    close_output(stdout, "standard output"))
		ret = 2;
	free(jobs);
	return ret;
}
