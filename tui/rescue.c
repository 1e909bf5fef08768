#include "tui/rescue.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a signal handler needs: plain data, set before the handlers are. */
static struct {
	volatile sig_atomic_t armed;
	int fd;
	struct termios before;
	char reset[RESCUE_BYTES];
	size_t reset_bytes;
} rescue;

static void rescue_write(void)
{
	size_t sent = 0;

	for (int tries = 0; sent < rescue.reset_bytes && tries < 10; tries++) {
		struct pollfd room = {.fd = rescue.fd, .events = POLLOUT};
		ssize_t n = write(rescue.fd, rescue.reset + sent, rescue.reset_bytes - sent);
		if (n > 0)
			sent += (size_t)n;
		else if (n < 0 && errno == EAGAIN)
			poll(&room, 1, 50);
		else if (errno != EINTR)
			break;
	}
}

void rescue_now(void)
{
	int kept = errno;
	sigset_t block, before;

	if (!rescue.armed)
		return;
	rescue.armed = 0;
	/* A process in the background may do this too, once told. */
	sigemptyset(&block);
	sigaddset(&block, SIGTTOU);
	sigprocmask(SIG_BLOCK, &block, &before);
	rescue_write();
	tcflush(rescue.fd, TCIFLUSH);
	tcsetattr(rescue.fd, TCSANOW, &rescue.before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	errno = kept;
}

static void on_deadly_signal(int number)
{
	rescue_now();
	raise(number); /* SA_RESETHAND: the default now */
}

/* For what nobody else handles: a crash, or an end from outside before the program's own handlers stand. */
static void install(void)
{
	static const int deadly[] = {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGTERM, SIGHUP};
	static char stack[32768];
	stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)}, current;
	struct sigaction ours = {.sa_handler = on_deadly_signal}, theirs;

	ours.sa_flags = SA_ONSTACK | SA_NODEFER;
	ours.sa_flags |= (int)SA_RESETHAND;
	sigemptyset(&ours.sa_mask);
	if (sigaltstack(NULL, &current) == 0 && current.ss_flags & SS_DISABLE)
		sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
		if (sigaction(deadly[i], NULL, &theirs) == 0 && !(theirs.sa_flags & SA_SIGINFO) &&
			theirs.sa_handler == SIG_DFL)
			sigaction(deadly[i], &ours, NULL);
}

bool rescue_note(int fd)
{
	rescue.fd = fd;
	return tcgetattr(fd, &rescue.before) == 0;
}

/* Whoever is killed meanwhile is so a moment later. */
static void take_reset(const char *reset, size_t bytes)
{
	sigset_t all, before;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	rescue.reset_bytes = bytes < sizeof(rescue.reset) ? bytes : sizeof(rescue.reset);
	memcpy(rescue.reset, reset, rescue.reset_bytes);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

void rescue_prepare(const char *reset, size_t bytes)
{
	static bool at_exit;

	take_reset(reset, bytes);
	if (!at_exit)
		atexit(rescue_now);
	at_exit = true;
	install();
}

bool rescue_is_armed(void)
{
	return rescue.armed;
}

const struct termios *rescue_arm(void)
{
	rescue.armed = 1;
	return &rescue.before;
}
