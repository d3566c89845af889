// SPDX-License-Identifier: GPL-2.0
/*
 * Descriptors. What the client gets is one end of a pair of sockets, so that close(2), dup(2) and
 * fork(2) do with it what they do with any descriptor. The library keeps the other end, which
 * hangs up when the last copy of the client's is gone, and knows an object by the inode of the
 * client's end.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/os.h"

/* The library's own descriptors stay out of the way of the client's. */
#define FIRST_OWN 512

struct entry {
	struct entry *next;
	ino_t ino;
	int fd;			/* the client's first one; it may have closed it since */
	int peer;
	int ready;
	void *object;
};

#define BUCKETS 256

static struct entry *table[BUCKETS];
static int nr_entries;
static int epfd = -1;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static void watch(struct entry *e)
{
	struct epoll_event ev = { .events = EPOLLRDHUP | EPOLLHUP, .data.ptr = e };

	epoll_ctl(epfd, EPOLL_CTL_ADD, e->peer, &ev);
}

static int own_fd(int fd)
{
	int high = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_OWN), err = errno;

	if (high < 0 && err == EINVAL)	/* the limit is lower than that */
		return fd;
	close(fd);
	return high;
}

static void open_epoll(void)
{
	int fd = epoll_create1(EPOLL_CLOEXEC);

	epfd = fd < 0 ? fd : own_fd(fd);
}

/* The child's objects are its own copies: it watches for itself. */
static void after_fork(void)
{
	struct entry *e;
	int i;

	pthread_mutex_init(&lock, NULL);
	close(epfd);
	open_epoll();
	for (i = 0; i < BUCKETS; i++) {
		for (e = table[i]; e; e = e->next)
			watch(e);
	}
}

static void __attribute__((constructor(103))) fds_init(void)
{
	struct rlimit lim;

	/* Each object takes two descriptors. */
	if (!getrlimit(RLIMIT_NOFILE, &lim) && lim.rlim_cur < 65536 &&
	    lim.rlim_max > lim.rlim_cur) {
		lim.rlim_cur = lim.rlim_max < 65536 ? lim.rlim_max : 65536;
		setrlimit(RLIMIT_NOFILE, &lim);
	}
	open_epoll();
	pthread_atfork(NULL, NULL, after_fork);
}

/* Under @lock: the entry of a descriptor. */
static struct entry **find(int fd)
{
	static struct entry *none;
	struct entry **link;
	struct stat st;

	none = NULL;
	if (fstat(fd, &st) || !S_ISSOCK(st.st_mode))
		return &none;
	for (link = &table[st.st_ino % BUCKETS]; *link; link = &(*link)->next) {
		if ((*link)->ino == st.st_ino)
			break;
	}
	return link;
}

int os_fd_new(int cloexec)
{
	struct entry *e = calloc(1, sizeof(*e));
	int pair[2], err;
	struct stat st;

	if (!e)
		return -ENOMEM;
	if (epfd < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair)) {
		err = epfd < 0 ? EMFILE : errno;
		free(e);
		return -err;
	}
	if (!cloexec)
		fcntl(pair[0], F_SETFD, 0);
	e->fd = pair[0];
	e->peer = own_fd(pair[1]);
	if (e->peer < 0 || fstat(e->fd, &st)) {
		close(e->fd);
		free(e);
		return -EMFILE;
	}
	e->ino = st.st_ino;
	pthread_mutex_lock(&lock);
	e->next = table[e->ino % BUCKETS];
	table[e->ino % BUCKETS] = e;
	nr_entries++;
	pthread_mutex_unlock(&lock);
	return e->fd;
}

/* Under @lock, taken out of the table. */
static void entry_free(struct entry *e)
{
	nr_entries--;
	epoll_ctl(epfd, EPOLL_CTL_DEL, e->peer, NULL);
	close(e->peer);
	free(e);
}

void os_fd_close(int fd)
{
	struct entry **link, *e;

	pthread_mutex_lock(&lock);
	link = find(fd);
	e = *link;
	if (e) {
		*link = e->next;
		entry_free(e);
	}
	pthread_mutex_unlock(&lock);
	close(fd);
}

int os_fd_attach(int fd, void *object)
{
	struct entry *e;

	pthread_mutex_lock(&lock);
	e = *find(fd);
	if (e) {
		e->object = object;
		watch(e);
	}
	pthread_mutex_unlock(&lock);
	return e ? 0 : -EBADF;
}

/*
 * The table's own reference keeps the object while @lock is held; @get takes one that outlasts it.
 */
void *os_fd_object(int fd, int (*get)(void *object))
{
	void *object = NULL;
	struct entry *e;

	pthread_mutex_lock(&lock);
	e = *find(fd);
	if (e && e->object && get(e->object))
		object = e->object;
	pthread_mutex_unlock(&lock);
	return object;
}

void *os_fd_reap(void)
{
	struct epoll_event ev;
	struct entry **link, *e;
	void *object = NULL;
	int saved = errno;

	pthread_mutex_lock(&lock);
	if (epfd >= 0 && epoll_wait(epfd, &ev, 1, 0) == 1) {
		e = ev.data.ptr;
		for (link = &table[e->ino % BUCKETS]; *link && *link != e; link = &(*link)->next)
			;
		if (*link) {
			*link = e->next;
			object = e->object;
			entry_free(e);
		}
	}
	pthread_mutex_unlock(&lock);
	errno = saved;
	return object;
}

/* Is the client's first descriptor still this object's? */
static int still_open(const struct entry *e)
{
	struct stat st;

	return !fstat(e->fd, &st) && S_ISSOCK(st.st_mode) && st.st_ino == e->ino;
}

void os_fd_ready(void *object, int ready)
{
	struct entry *e;
	char byte = 0;
	int i;

	pthread_mutex_lock(&lock);
	for (i = 0; i < BUCKETS; i++) {
		for (e = table[i]; e; e = e->next) {
			if (e->object != object || e->ready == ready)
				continue;
			if (ready) {
				if (send(e->peer, &byte, 1, MSG_DONTWAIT | MSG_NOSIGNAL) == 1)
					e->ready = 1;
			} else if (still_open(e) && recv(e->fd, &byte, 1, MSG_DONTWAIT) == 1) {
				e->ready = 0;
			}
		}
	}
	pthread_mutex_unlock(&lock);
}

void os_fd_each(int (*get)(void *object), void (*fn)(void *object))
{
	void **objects = NULL;
	struct entry *e;
	int i, n = 0;

	pthread_mutex_lock(&lock);
	objects = malloc(nr_entries * sizeof(*objects) + 1);
	for (i = 0; objects && i < BUCKETS; i++) {
		for (e = table[i]; e; e = e->next) {
			if (e->object && get(e->object))
				objects[n++] = e->object;
		}
	}
	pthread_mutex_unlock(&lock);
	for (i = 0; i < n; i++)
		fn(objects[i]);
	free(objects);
}

int os_fd_is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}
