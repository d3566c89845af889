// SPDX-License-Identifier: GPL-2.0
/*
 * Loads all programs of an object, attaches each where its section says, and waits.
 *
 *	attach OBJECT COMMAND [ARGUMENT...]	until the command has ended
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <bpf/libbpf.h>

static struct bpf_object *load(const char *file)
{
	struct bpf_object *obj = bpf_object__open_file(file, NULL);
	struct bpf_program *prog;

	if (!obj || bpf_object__load(obj))
		return NULL;
	bpf_object__for_each_program(prog, obj) {
		if (!bpf_program__attach(prog))
			return NULL;
		printf("attached %s (%s)\n", bpf_program__name(prog),
		       bpf_program__section_name(prog));
	}
	fflush(stdout);
	return obj;
}

int main(int argc, char **argv)
{
	int status = 0;
	pid_t pid;

	if (argc < 3) {
		fprintf(stderr, "usage: %s OBJECT COMMAND [ARGUMENT...]\n", argv[0]);
		return 2;
	}
	if (!load(argv[1])) {
		fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
		return 1;
	}
	pid = fork();
	if (!pid) {
		execvp(argv[2], argv + 2);
		perror(argv[2]);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0) {
		perror("fork");
		return 1;
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}
