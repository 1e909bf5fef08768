#include "src/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ot/mem.h"
#include "src/report.h"

#define SAID_BYTES 4096

struct child {
	const struct child_handler *handler;
	void *ctx;
	pid_t pid;
	int fd, words, life; /* its socket, its standard error, its pidfd */
	struct watch *words_watch, *life_watch;
	bool ended;
};

struct ends { /* ours is [0], the child's [1] */
	int talk[2], words[2], started[2];
};

/* ---- the other side of fork(): only what is safe there ---- */

static void be_child(const struct ends *ends, const char *const argv[], bool has_terminal)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	if (!has_terminal)
		setsid();
	if (dup2(ends->talk[1], 0) == 0 && dup2(ends->talk[1], 1) == 1 &&
		dup2(ends->words[1], 2) == 2)
		execvp(argv[0], (char *const *)argv);
	int error = errno;
	if (write(ends->started[1], &error, sizeof(error)) < 0)
		_exit(126);
	_exit(127);
}

/* ---- what it says and how it ends ---- */

static void read_words(struct child *child)
{
	char said[SAID_BYTES];
	ssize_t n;

	while ((n = read(child->words, said, sizeof(said))) > 0)
		child->handler->said(child->ctx, said, (size_t)n);
	if (n == 0 || errno != EAGAIN)
		watch_set(child->words_watch, false, false);
}

static void on_words(void *ctx, bool readable, bool writable)
{
	(void)readable, (void)writable;
	read_words(ctx);
}

static int status_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void on_life(void *ctx, bool readable, bool writable)
{
	struct child *child = ctx;
	int status = 0;

	(void)readable, (void)writable;
	if (child->ended || waitpid(child->pid, &status, WNOHANG) != child->pid)
		return;
	child->ended = true;
	watch_set(child->life_watch, false, false);
	read_words(child);
	child->handler->ended(child->ctx, status_of(status));
}

/* ---- starting ---- */

static void close_pair(const int pair[2])
{
	for (int i = 0; i < 2; i++)
		if (pair[i] >= 0)
			close(pair[i]);
}

static bool open_ends(struct ends *ends)
{
	*ends = (struct ends){{-1, -1}, {-1, -1}, {-1, -1}};
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends->talk) == 0 &&
	       pipe2(ends->words, O_CLOEXEC) == 0 && pipe2(ends->started, O_CLOEXEC) == 0;
}

/* Returns when the program runs, or cannot: 0 or an errno. */
static int run(struct child *child, struct ends *ends, const char *const argv[], bool has_terminal)
{
	int error = 0;

	child->pid = fork();
	if (child->pid < 0)
		return errno;
	if (!child->pid)
		be_child(ends, argv, has_terminal);
	close(ends->started[1]);
	ends->started[1] = -1;
	if (read(ends->started[0], &error, sizeof(error)) == sizeof(error))
		waitpid(child->pid, NULL, 0);
	else
		error = 0;
	return error;
}

static void attend(struct child *child, struct loop *loop, struct ends *ends)
{
	child->fd = ends->talk[0];
	child->words = ends->words[0];
	ends->talk[0] = ends->words[0] = -1;
	child->life = pidfd_open(child->pid, 0);
	child->words_watch = watch_create(loop, child->words, on_words, child);
	child->life_watch =
		child->life >= 0 ? watch_create(loop, child->life, on_life, child) : NULL;
	fcntl(child->fd, F_SETFL, O_NONBLOCK);
	watch_set(child->words_watch, true, false);
	if (child->life_watch)
		watch_set(child->life_watch, true, false);
}

struct child *child_start(struct loop *loop, const char *const argv[], bool has_terminal,
	const struct child_handler *handler, void *ctx, char **why)
{
	struct child *child = mem_alloc(sizeof(*child));
	struct ends ends;
	int error = open_ends(&ends) ? 0 : errno;

	child->handler = handler;
	child->ctx = ctx;
	if (!error)
		error = run(child, &ends, argv, has_terminal);
	if (!error)
		attend(child, loop, &ends);
	close_pair(ends.talk);
	close_pair(ends.words);
	close_pair(ends.started);
	if (!error)
		return child;
	*why = report_sentence("cannot run %s: %s", argv[0], strerror(error));
	free(child);
	return NULL;
}

int child_fd(const struct child *child)
{
	return child->fd;
}

/* ---- its end ---- */

static void end_it(struct child *child)
{
	struct pollfd life = {.fd = child->life, .events = POLLIN};

	kill(child->pid, SIGTERM);
	kill(child->pid, SIGCONT);
	if (child->life < 0 || poll(&life, 1, CHILD_PATIENCE_MS) != 1)
		kill(child->pid, SIGKILL);
	waitpid(child->pid, NULL, 0);
}

void child_destroy(struct child *child)
{
	if (!child)
		return;
	watch_destroy(child->words_watch);
	watch_destroy(child->life_watch);
	close(child->fd);
	if (!child->ended)
		end_it(child);
	close(child->words);
	if (child->life >= 0)
		close(child->life);
	free(child);
}
