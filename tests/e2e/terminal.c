#include "tests/e2e/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>
#include <utmp.h>

#include <setjmp.h>
#include <stdarg.h>
#include <cmocka.h>

#define TERMINALS_MAX 8
#define WORDS_MAX     ((size_t)1 << 16)
#define MODES_MAX     2100
#define DEADLINE_MS   60000
#define LOOK_MS       10

struct terminal {
	pid_t pid;
	int pidfd; /* readable when the program has ended */
	int master, slave, err;
	bool ended;
	int status;
	struct termios before;
	VTerm *vt;
	VTermScreen *screen;
	bool alternate, cursor_shown;
	bool modes[MODES_MAX]; /* private modes that are on */
	char *out;             /* keys not yet taken by the program */
	size_t out_len;
	int64_t gave_ms;
	struct ability ability;
	char words[WORDS_MAX];
	size_t words_len;
	const char *name; /* for the dump */
};

static struct terminal *terminals[TERMINALS_MAX];

/* ---- time ---- */

static int64_t now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

/* ---- libvterm ---- */

static void keep_output(const char *at, size_t len, void *user)
{
	struct terminal *t = user;

	if (!len)
		return;
	t->out = realloc(t->out, t->out_len + len);
	assert_non_null(t->out);
	memcpy(t->out + t->out_len, at, len);
	t->out_len += len;
}

static int on_property(VTermProp prop, VTermValue *value, void *user)
{
	struct terminal *t = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		t->alternate = value->boolean;
	if (prop == VTERM_PROP_CURSORVISIBLE)
		t->cursor_shown = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_property};

/* libvterm does not tell which private modes are on, so the sequences that set them are read beside it. */
static void note_modes(struct terminal *t, const char *at, size_t len)
{
	const char *end = at + len;

	while ((at = memmem(at, (size_t)(end - at), "\033[?", 3))) {
		const char *last = at += 3;
		while (last < end && strchr("0123456789;", *last))
			last++;
		if (last == end || (*last != 'h' && *last != 'l'))
			continue;
		while (at < last) {
			char *next;
			unsigned long mode = strtoul(at, &next, 10);
			if (mode < MODES_MAX)
				t->modes[mode] = *last == 'h';
			at = next + 1;
		}
		at = last;
	}
}

static void make_screen(struct terminal *t, int rows, int cols)
{
	t->vt = vterm_new(rows, cols);
	t->cursor_shown = true;
	vterm_set_utf8(t->vt, 1);
	vterm_output_set_callback(t->vt, keep_output, t);
	t->screen = vterm_obtain_screen(t->vt);
	vterm_screen_set_callbacks(t->screen, &callbacks, t);
	vterm_screen_enable_altscreen(t->screen, 1);
	vterm_screen_reset(t->screen, 1);
}

/* ---- the program ---- */

static void become(const char *const argv[], int slave, int err)
{
	char *const *args = (char *const *)(uintptr_t)argv;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	login_tty(slave);
	dup2(err, STDERR_FILENO);
	setenv("TERM", "screen-256color", 1);
	setenv("LANG", "C.UTF-8", 1);
	setenv("LC_ALL", "C.UTF-8", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLORTERM");
	unsetenv("COLORFGBG");
	unsetenv("TMUX");
	execvp(args[0], args);
	dprintf(STDERR_FILENO, "%s: %s\n", args[0], strerror(errno));
	_exit(127);
}

static void keep_to_itself(int fd)
{
	fcntl(fd, F_SETFD, FD_CLOEXEC);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
}

static void spawn(struct terminal *t, const char *const argv[])
{
	int err[2];

	assert_int_equal(pipe2(err, O_CLOEXEC), 0);
	t->pid = fork();
	assert_true(t->pid >= 0);
	if (t->pid == 0)
		become(argv, t->slave, err[1]);
	close(err[1]);
	t->err = err[0];
	keep_to_itself(t->err);
	t->pidfd = pidfd_open(t->pid, 0);
	assert_true(t->pidfd >= 0);
}

static void enlist(struct terminal *t)
{
	for (size_t i = 0; i < TERMINALS_MAX; i++) {
		if (terminals[i])
			continue;
		terminals[i] = t;
		return;
	}
	fail_msg("more than %d terminals", TERMINALS_MAX);
}

struct terminal *terminal_start(const char *const argv[], int rows, int cols)
{
	struct terminal *t = calloc(1, sizeof(*t));
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	assert_non_null(t);
	assert_int_equal(openpty(&t->master, &t->slave, NULL, NULL, &size), 0);
	keep_to_itself(t->master);
	fcntl(t->slave, F_SETFD, FD_CLOEXEC);
	tcgetattr(t->slave, &t->before);
	make_screen(t, rows, cols);
	t->name = argv[0];
	for (size_t i = 0; argv[i]; i++)
		t->name = argv[i];
	enlist(t);
	spawn(t, argv);
	return t;
}

void terminal_end(struct terminal *t)
{
	if (!t)
		return;
	if (!t->ended) {
		kill(t->pid, SIGKILL);
		waitpid(t->pid, NULL, 0);
	}
	for (size_t i = 0; i < TERMINALS_MAX; i++)
		if (terminals[i] == t)
			terminals[i] = NULL;
	close(t->pidfd);
	close(t->master);
	close(t->slave);
	close(t->err);
	vterm_free(t->vt);
	free(t->out);
	free(t);
}

struct ability *terminal_ability(struct terminal *t)
{
	return &t->ability;
}

bool terminal_delivered(const struct terminal *t)
{
	return !t->out_len;
}

void terminal_hang_up(struct terminal *t)
{
	close(t->slave); /* ours, or the line would not be cut */
	close(t->master);
	t->slave = t->master = -1;
}

void terminal_end_all(void)
{
	for (size_t i = 0; i < TERMINALS_MAX; i++)
		terminal_end(terminals[i]);
}

/* ---- serving ---- */

static void take_screen(struct terminal *t)
{
	char bytes[65536], answer[ABILITY_ANSWER_BYTES];
	ssize_t n;

	while ((n = read(t->master, bytes, sizeof(bytes))) > 0) {
		note_modes(t, bytes, (size_t)n);
		keep_output(answer, ability_hear(&t->ability, bytes, (size_t)n, answer), t);
		vterm_input_write(t->vt, bytes, (size_t)n);
	}
}

static void take_words(struct terminal *t)
{
	ssize_t n;

	while ((n = read(t->err, t->words + t->words_len, WORDS_MAX - 1 - t->words_len)) > 0)
		t->words_len += (size_t)n;
}

static void give_keys(struct terminal *t)
{
	bool slow = t->ability.byte_ms > 0;
	ssize_t n;

	if (!t->out_len || (slow && now_ms() - t->gave_ms < t->ability.byte_ms))
		return;
	n = write(t->master, t->out, slow ? 1 : t->out_len);
	if (n <= 0)
		return;
	t->gave_ms = now_ms();
	t->out_len -= (size_t)n;
	memmove(t->out, t->out + n, t->out_len);
}

static void take_end(struct terminal *t)
{
	int status;

	if (t->ended || waitpid(t->pid, &status, WNOHANG) != t->pid)
		return;
	t->ended = true;
	t->status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	take_screen(t);
	take_words(t);
}

static void serve(int timeout_ms)
{
	struct pollfd fds[3 * TERMINALS_MAX];
	nfds_t count = 0;

	for (size_t i = 0; i < TERMINALS_MAX; i++) {
		struct terminal *t = terminals[i];
		if (!t || t->ended)
			continue;
		if (t->out_len && t->ability.byte_ms && timeout_ms > LOOK_MS)
			timeout_ms = LOOK_MS;
		bool gives = t->out_len && !t->ability.byte_ms;
		short events = (short)(POLLIN | (gives ? POLLOUT : 0));
		fds[count++] = (struct pollfd){.fd = t->master, .events = events};
		fds[count++] = (struct pollfd){.fd = t->pidfd, .events = POLLIN};
		fds[count++] = (struct pollfd){.fd = t->err, .events = POLLIN};
	}
	poll(fds, count, timeout_ms);
	for (size_t i = 0; i < TERMINALS_MAX; i++) {
		struct terminal *t = terminals[i];
		if (t && t->ended) { /* what is on its way to it arrives all the same */
			give_keys(t);
			take_screen(t);
		}
		if (!t || t->ended)
			continue;
		take_screen(t);
		take_words(t);
		give_keys(t);
		take_end(t);
	}
}

/* ---- hands ---- */

static const struct {
	const char *name;
	VTermKey key;
} named_keys[] = {
	{"Enter", VTERM_KEY_ENTER},
	{"Tab", VTERM_KEY_TAB},
	{"Backspace", VTERM_KEY_BACKSPACE},
	{"Esc", VTERM_KEY_ESCAPE},
	{"Up", VTERM_KEY_UP},
	{"Down", VTERM_KEY_DOWN},
	{"Left", VTERM_KEY_LEFT},
	{"Right", VTERM_KEY_RIGHT},
	{"Insert", VTERM_KEY_INS},
	{"Delete", VTERM_KEY_DEL},
	{"Home", VTERM_KEY_HOME},
	{"End", VTERM_KEY_END},
	{"PageUp", VTERM_KEY_PAGEUP},
	{"PageDown", VTERM_KEY_PAGEDOWN},
};

static const struct {
	char letter;
	VTermModifier mod;
} modifiers[] = {{'C', VTERM_MOD_CTRL}, {'M', VTERM_MOD_ALT}, {'S', VTERM_MOD_SHIFT}};

static size_t take_modifier(const char *name, VTermModifier *mods)
{
	for (size_t i = 0; i < sizeof(modifiers) / sizeof(modifiers[0]); i++) {
		if (name[0] != modifiers[i].letter || name[1] != '-' || !name[2])
			continue;
		*mods |= modifiers[i].mod;
		return 2;
	}
	return 0;
}

static bool press_named(struct terminal *t, const char *name, VTermModifier mods)
{
	for (size_t i = 0; i < sizeof(named_keys) / sizeof(named_keys[0]); i++) {
		if (strcmp(name, named_keys[i].name) != 0)
			continue;
		vterm_keyboard_key(t->vt, named_keys[i].key, mods);
		return true;
	}
	return false;
}

static bool press_apart(struct terminal *t, uint32_t key, VTermModifier mods)
{
	char bytes[32];
	unsigned numbered = (mods & VTERM_MOD_SHIFT ? 1 : 0) | (mods & VTERM_MOD_ALT ? 2 : 0) |
			    (mods & VTERM_MOD_CTRL ? 4 : 0);
	size_t len = ability_key(&t->ability, key, numbered, bytes);

	keep_output(bytes, len, t);
	return len > 0;
}

static void press_one(struct terminal *t, const char *name)
{
	VTermModifier mods = VTERM_MOD_NONE;
	size_t taken;

	while ((taken = take_modifier(name, &mods)))
		name += taken;
	if ((strcmp(name, "Esc") == 0 && press_apart(t, 27, mods)) || press_named(t, name, mods))
		return;
	if (name[0] == 'F' && name[1])
		vterm_keyboard_key(t->vt, (VTermKey)VTERM_KEY_FUNCTION(atoi(name + 1)), mods);
	else if (name[0] && !name[1] && !press_apart(t, (uint32_t)name[0], mods))
		vterm_keyboard_unichar(t->vt, (uint32_t)name[0], mods);
	else if (!name[0] || name[1])
		fail_msg("no key is called %s", name);
}

void terminal_press(struct terminal *t, const char *keys)
{
	char *copy = strdup(keys), *rest = copy;

	for (char *name; (name = strsep(&rest, " "));)
		press_one(t, name);
	free(copy);
	give_keys(t);
}

void terminal_type(struct terminal *t, const char *utf8)
{
	keep_output(utf8, strlen(utf8), t);
	give_keys(t);
}

void terminal_paste(struct terminal *t, const char *utf8)
{
	vterm_keyboard_start_paste(t->vt);
	terminal_type(t, utf8);
	vterm_keyboard_end_paste(t->vt);
	give_keys(t);
}

void terminal_signal(struct terminal *t, int signal)
{
	assert_int_equal(kill(t->pid, signal), 0);
}

void terminal_size(struct terminal *t, int *rows, int *cols)
{
	vterm_get_size(t->vt, rows, cols);
}

void terminal_resize(struct terminal *t, int rows, int cols)
{
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	vterm_set_size(t->vt, rows, cols);
	ioctl(t->master, TIOCSWINSZ, &size);
}

/* ---- eyes ---- */

static size_t put_utf8(char *at, uint32_t c)
{
	size_t more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0};

	at[0] = (char)(lead[more] | (c >> (6 * more)));
	for (size_t i = 1; i <= more; i++)
		at[i] = (char)(0x80 | ((c >> (6 * (more - i))) & 0x3f));
	return more + 1;
}

/* The row as text, and for each of its bytes the column it is drawn in. */
static size_t read_row(struct terminal *t, int row, char *text, int *cols_of)
{
	int rows, cols;
	size_t len = 0;

	vterm_get_size(t->vt, &rows, &cols);
	for (int col = 0; col < cols;) {
		VTermScreenCell cell = terminal_cell(t, row, col);
		size_t start = len;
		for (size_t i = 0; i < VTERM_MAX_CHARS_PER_CELL && cell.chars[i]; i++)
			len += put_utf8(text + len, cell.chars[i]);
		if (len == start)
			text[len++] = ' ';
		for (; start < len; start++)
			cols_of[start] = col;
		col += cell.width > 0 ? cell.width : 1;
	}
	text[len] = '\0';
	return len;
}

#define ROW_MAX (1024 * VTERM_MAX_CHARS_PER_CELL * 4)

char *terminal_row(struct terminal *t, int row)
{
	char *text = malloc(ROW_MAX);
	int *cols = malloc(ROW_MAX * sizeof(*cols));
	size_t len;

	assert_true(text && cols);
	len = read_row(t, row, text, cols);
	while (len && text[len - 1] == ' ')
		len--;
	text[len] = '\0';
	free(cols);
	return text;
}

bool terminal_find(struct terminal *t, const char *utf8, struct terminal_place *out)
{
	char *text = malloc(ROW_MAX);
	int *cols_of = malloc(ROW_MAX * sizeof(*cols_of));
	const char *found = NULL;
	int rows, cols;

	assert_true(text && cols_of);
	vterm_get_size(t->vt, &rows, &cols);
	for (int row = 0; row < rows && !found; row++) {
		read_row(t, row, text, cols_of);
		found = strstr(text, utf8);
		if (found && out)
			*out = (struct terminal_place){row, cols_of[found - text]};
	}
	free(text);
	free(cols_of);
	return found;
}

struct terminal_place terminal_cursor(struct terminal *t)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(t->vt), &pos);
	return (struct terminal_place){pos.row, pos.col};
}

VTermScreenCell terminal_cell(struct terminal *t, int row, int col)
{
	VTermScreenCell cell = {0};

	vterm_screen_get_cell(t->screen, (VTermPos){row, col}, &cell);
	return cell;
}

bool terminal_alternate(const struct terminal *t)
{
	return t->alternate;
}

bool terminal_mode(const struct terminal *t, unsigned mode)
{
	return mode < MODES_MAX && t->modes[mode];
}

const char *terminal_words(const struct terminal *t)
{
	return t->words;
}

/* ---- waiting ---- */

static int64_t deadline(void)
{
	const char *given = getenv("E2E_DEADLINE_MS");

	return now_ms() + (given ? atoll(given) : DEADLINE_MS);
}

static void dump(struct terminal *t)
{
	int rows, cols;

	vterm_get_size(t->vt, &rows, &cols);
	fprintf(stderr, "---- %s, %dx%d, cursor %d:%d%s\n", t->name, cols, rows,
		terminal_cursor(t).row, terminal_cursor(t).col, t->ended ? ", ended" : "");
	for (int row = 0; row < rows; row++) {
		char *text = terminal_row(t, row);
		fprintf(stderr, "%2d |%s\n", row, text);
		free(text);
	}
	if (t->words_len)
		fprintf(stderr, "standard error: %s\n", t->words);
}

static void give_up(const char *what)
{
	for (size_t i = 0; i < TERMINALS_MAX; i++)
		if (terminals[i])
			dump(terminals[i]);
	fail_msg("never: %s", what);
}

void terminal_until(
	struct terminal *t, terminal_condition *holds, const void *arg, const char *what)
{
	int64_t end = deadline();

	while (!holds(t, arg)) {
		int64_t left = end - now_ms();
		if (left <= 0 || (t->ended && !holds(t, arg)))
			give_up(what);
		serve((int)left);
	}
}

void terminal_until_true(bool (*holds)(const void *arg), const void *arg, const char *what)
{
	int64_t end = deadline();

	while (!holds(arg)) {
		if (now_ms() >= end)
			give_up(what);
		serve(LOOK_MS);
	}
}

static bool sees(struct terminal *t, const void *arg)
{
	return terminal_find(t, arg, NULL);
}

static bool sees_none(struct terminal *t, const void *arg)
{
	return !terminal_find(t, arg, NULL);
}

static bool cursor_is(struct terminal *t, const void *arg)
{
	const struct terminal_place *want = arg;
	struct terminal_place is = terminal_cursor(t);

	return is.row == want->row && is.col == want->col;
}

static bool has_ended(struct terminal *t, const void *arg)
{
	(void)arg;
	return t->ended;
}

void terminal_see(struct terminal *t, const char *utf8)
{
	terminal_until(t, sees, utf8, utf8);
}

void terminal_see_none(struct terminal *t, const char *utf8)
{
	terminal_until(t, sees_none, utf8, utf8);
}

void terminal_see_cursor(struct terminal *t, int row, int col)
{
	terminal_until(t, cursor_is, &(struct terminal_place){row, col}, "the cursor there");
}

int terminal_exit(struct terminal *t)
{
	terminal_until(t, has_ended, NULL, "its end");
	return t->status;
}

static bool line_as_before(struct terminal *t)
{
	struct termios is;
	const struct termios *was = &t->before;

	return tcgetattr(t->slave, &is) == 0 && is.c_iflag == was->c_iflag &&
	       is.c_oflag == was->c_oflag && is.c_cflag == was->c_cflag &&
	       is.c_lflag == was->c_lflag && memcmp(is.c_cc, was->c_cc, sizeof(is.c_cc)) == 0;
}

const char *terminal_left_behind(struct terminal *t)
{
	static const struct {
		unsigned mode;
		const char *what;
	} modes[] = {{1000, "mouse clicks"}, {1002, "mouse drags"}, {1003, "mouse moves"},
		{1006, "mouse form"}, {2004, "bracketed paste"}, {1004, "focus reports"},
		{2026, "an unfinished frame"}, {1049, "the other screen"}};

	if (!line_as_before(t))
		return "the modes of the line";
	if (t->alternate)
		return "the alternate screen";
	if (!t->cursor_shown)
		return "a hidden cursor";
	if (t->ability.pushed)
		return "the keyboard protocol";
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++)
		if (t->modes[modes[i].mode])
			return modes[i].what;
	return NULL;
}
