#include "tests/bench/pty.h"

#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vterm.h>

#include "ot/mem.h"
#include "tests/bench/bench.h"

#define READ_BYTES 65536
#define SEEN_BYTES (PTY_COLS * 4) /* of a row */
#define REPEAT_MAX 1000

/* A repetition (CSI count b) that comes in: how much of it. */
enum repeating { REPEAT_NONE, REPEAT_ESC, REPEAT_COUNT };

struct pty {
	pid_t pid;
	int fd;
	bool ended, brackets;
	double started_ms, last_ms;
	size_t bytes; /* since the last was asked for */
	VTerm *vt;
	VTermScreen *screen;
	enum repeating repeating;
	char last; /* character drawn */
	char held[8];
	size_t held_len;
};

static void answer(const char *at, size_t len, void *user)
{
	struct pty *p = user;

	if (write(p->fd, at, len) != (ssize_t)len)
		p->ended = true;
}

static void become(const char *const argv[], const char *home)
{
	char *const *args = (char *const *)(size_t)argv;
	int null = open("/dev/null", O_WRONLY | O_CLOEXEC);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	setenv("TERM", "xterm-256color", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLORTERM");
	unsetenv("TMUX");
	if (home) {
		setenv("HOME", home, 1);
		setenv("XDG_STATE_HOME", home, 1);
		setenv("XDG_CONFIG_HOME", home, 1);
	}
	dup2(null, STDERR_FILENO);
	execvp(args[0], args);
	_exit(127);
}

struct pty *pty_start(const char *const argv[], const char *home)
{
	struct winsize size = {.ws_row = PTY_ROWS, .ws_col = PTY_COLS};
	struct pty *p = mem_alloc(sizeof(*p));

	p->vt = vterm_new(PTY_ROWS, PTY_COLS);
	vterm_set_utf8(p->vt, 1);
	vterm_output_set_callback(p->vt, answer, p);
	p->screen = vterm_obtain_screen(p->vt);
	vterm_screen_enable_altscreen(p->screen, 1);
	vterm_screen_reset(p->screen, 1);
	p->started_ms = p->last_ms = bench_now_ms();
	p->pid = forkpty(&p->fd, NULL, NULL, &size);
	if (p->pid == 0)
		become(argv, home);
	fcntl(p->fd, F_SETFL, fcntl(p->fd, F_GETFL) | O_NONBLOCK);
	fcntl(p->fd, F_SETFD, FD_CLOEXEC);
	return p;
}

void pty_end(struct pty *p)
{
	if (!p)
		return;
	kill(p->pid, SIGKILL);
	waitpid(p->pid, NULL, 0);
	close(p->fd);
	vterm_free(p->vt);
	free(p);
}

double pty_started_ms(const struct pty *p)
{
	return p->started_ms;
}

double pty_last_ms(const struct pty *p)
{
	return p->last_ms;
}

bool pty_brackets(const struct pty *p)
{
	return p->brackets;
}

/* ---- what it draws ---- */

static void draw(struct pty *p, const char *at, size_t len)
{
	vterm_input_write(p->vt, at, len);
}

static void repeat(struct pty *p)
{
	long count = strtol(p->held + 2, NULL, 10);

	for (long i = 0; i < count && i < REPEAT_MAX; i++)
		draw(p, &p->last, 1);
}

/* Whether this byte is kept back, for it may be part of a repetition. */
static bool hold(struct pty *p, char c)
{
	bool digit = c >= '0' && c <= '9';
	bool fits = (!p->held_len && c == '\033') || (p->held_len == 1 && c == '[') ||
		    (p->held_len > 1 && digit && p->held_len < sizeof(p->held) - 1);

	if (fits)
		p->held[p->held_len++] = c;
	return fits;
}

static void draw_byte(struct pty *p, char c)
{
	if (hold(p, c))
		return;
	p->held[p->held_len] = '\0';
	if (p->held_len > 2 && c == 'b') {
		repeat(p);
		p->held_len = 0;
		return;
	}
	draw(p, p->held, p->held_len);
	p->held_len = 0;
	if (!hold(p, c))
		draw(p, &c, 1);
	p->last = c;
}

static void draw_all(struct pty *p, const char *at, size_t len)
{
	const char *esc;

	/* Only around escapes a byte needs a look. */
	while (len) {
		esc = p->held_len ? at : memchr(at, '\033', len);
		size_t plain = esc ? (size_t)(esc - at) : len;
		if (plain) {
			draw(p, at, plain);
			p->last = at[plain - 1];
		}
		at += plain;
		len -= plain;
		for (bool first = true; len && (first || p->held_len); first = false, at++, len--)
			draw_byte(p, *at);
	}
}

/* One read. False: nothing is there. */
static bool take(struct pty *p)
{
	static char bytes[READ_BYTES];
	ssize_t n = read(p->fd, bytes, sizeof(bytes));

	if (n <= 0)
		return false;
	p->last_ms = bench_now_ms();
	p->bytes += (size_t)n;
	if (memmem(bytes, (size_t)n, "\033[?2004h", 8))
		p->brackets = true;
	draw_all(p, bytes, (size_t)n);
	return true;
}

/* Until there is something to do, or so long. */
static short wait_for(struct pty *p, short events, double ms)
{
	struct pollfd pollfd = {.fd = p->fd, .events = events};
	struct timespec time = {.tv_sec = (time_t)(ms / 1e3)};

	time.tv_nsec = (long)((ms - (double)time.tv_sec * 1e3) * 1e6);
	if (ms <= 0 || ppoll(&pollfd, 1, &time, NULL) <= 0)
		return 0;
	if (pollfd.revents & (POLLHUP | POLLERR) && !(pollfd.revents & POLLIN))
		p->ended = true;
	return pollfd.revents;
}

bool pty_send(struct pty *p, const char *at, size_t len, double deadline_ms)
{
	double until = bench_now_ms() + deadline_ms;

	while (take(p))
		;
	p->bytes = 0;
	while (len && !p->ended && bench_now_ms() < until) {
		ssize_t n = write(p->fd, at, len);
		if (n > 0) {
			at += n;
			len -= (size_t)n;
			continue;
		}
		wait_for(p, POLLIN | POLLOUT, until - bench_now_ms());
		take(p);
	}
	return !len;
}

bool pty_shows_now(struct pty *p, const char *text)
{
	char row[SEEN_BYTES + 1];

	for (int i = 0; i < PTY_ROWS; i++) {
		VTermRect rect = {i, i + 1, 0, PTY_COLS};
		size_t len = vterm_screen_get_text(p->screen, row, sizeof(row) - 1, rect);
		row[len < sizeof(row) ? len : sizeof(row) - 1] = '\0';
		if (strstr(row, text))
			return true;
	}
	return false;
}

bool pty_shows(struct pty *p, const char *text, double deadline_ms, double *at_ms)
{
	double until = bench_now_ms() + deadline_ms;

	while (!p->ended && bench_now_ms() < until) {
		if (!take(p)) {
			wait_for(p, POLLIN, until - bench_now_ms());
			continue;
		}
		*at_ms = p->last_ms;
		if (pty_shows_now(p, text))
			return true;
	}
	return false;
}

size_t pty_settle(struct pty *p, double silence_ms)
{
	size_t bytes;

	while (!p->ended && (take(p) || wait_for(p, POLLIN, silence_ms)))
		;
	bytes = p->bytes;
	p->bytes = 0;
	return bytes;
}

double pty_memory_mb(const struct pty *p)
{
	char path[64], line[256];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)p->pid);
	file = fopen(path, "r");
	while (file && fgets(line, sizeof(line), file) && sscanf(line, "VmRSS: %lu", &kib) != 1)
		;
	if (file)
		fclose(file);
	return (double)kib * 1024 / 1e6;
}
