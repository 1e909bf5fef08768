/*
 * The editor on a real terminal: a child draws it on a pty of its own, libvterm understands what it writes, and the tests look
 * at the cells. They wait for what they want to see, and fail when it has not come after a long while.
 *
 * In the child F12 lets three seconds pass, and F11 crashes it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "ot/buf.h"
#include "ot/utf8.h"
#include "tui/chat.h"
#include "tui/editor.h"
#include "tui/key.h"
#include "tui/term.h"

#define DEADLINE_MS 20000
#define HIGH_USER   7 /* oneself */
#define ORANGE      208

#define F1     "\033OP"
#define F2     "\033OQ"
#define F4     "\033OS"
#define F9     "\033[20~"
#define F11    "\033[23~"
#define F12    "\033[24~"
#define CTRL_C "\x03"
#define CTRL_F "\x06"
#define CTRL_Q "\x11"
#define CTRL_T "\x14"
#define ALT_R  "\033r"

/* ---- the child ---- */

struct stage {
	struct editor *ed;
	struct term *term;
	struct replica *replica;
	struct keys *keys;
	uint64_t now;
};

typedef void scene_fn(struct stage *stage);

static volatile sig_atomic_t resized;

static void on_resize(int number)
{
	(void)number;
	resized = 1;
}

static void stage_open(struct stage *stage, const char *text, bool read_only)
{
	struct text *t;

	if (text_load(&t, text, strlen(text)) != ERR_NONE)
		_exit(3);
	stage->replica = replica_create(t, 0, HIGH_USER);
	editor_open(
		stage->ed, stage->replica, &(struct editor_document){"main.c", read_only, false});
	editor_status(
		stage->ed, &(struct editor_status){
				   .link = EDITOR_ONLINE, .rtt_ms = 12, .room = "quiet-otter"});
}

static void stage_person(struct stage *stage, uint64_t user, const char *name, const char *role,
	size_t anchor, size_t head)
{
	struct editor_person person = {user, name, "#ff8700", role, "active", user == HIGH_USER};

	editor_person(stage->ed, &person);
	if (user != HIGH_USER)
		editor_person_sels(stage->ed, user, &(struct sel){anchor, head}, 1);
}

static void stage_size(struct stage *stage)
{
	int cols, rows;

	term_size(stage->term, &cols, &rows);
	editor_resize(stage->ed, cols, rows);
}

static void stage_flush(struct stage *stage)
{
	while (!term_flush(stage->term)) {
		struct pollfd room = {.fd = term_fd(stage->term), .events = POLLOUT};
		poll(&room, 1, -1);
	}
}

static void stage_draw(struct stage *stage)
{
	stage_flush(stage);
	editor_draw(stage->ed, stage->term, stage->now);
	stage_flush(stage);
}

/* false: time to go */
static bool stage_keys(struct stage *stage)
{
	char bytes[4096];
	struct key key;
	ptrdiff_t len = term_read(stage->term, bytes, sizeof(bytes));

	if (len < 0)
		return false;
	keys_feed(stage->keys, bytes, (size_t)len);
	while (keys_next(stage->keys, &key)) {
		if (key.code == KEY_F11)
			abort();
		stage->now += key.code == KEY_F12 ? 3000 : 1;
		if (key.code == KEY_SYNCHRONIZES)
			term_synchronize(stage->term);
		else if (key.code != KEY_F12)
			editor_key(stage->ed, &key, stage->now);
	}
	return !(editor_wants(stage->ed) & EDITOR_WANT_QUIT);
}

/* SIGWINCH comes while waiting and at no other time, so none is missed. */
static void stage_play(struct stage *stage)
{
	bool more = true;
	sigset_t none;

	sigemptyset(&none);
	while (more) {
		struct pollfd input = {.fd = term_fd(stage->term), .events = POLLIN};
		if (resized && (resized = 0, term_resized(stage->term)))
			stage_size(stage);
		stage_draw(stage);
		if (ppoll(&input, 1, NULL, &none) > 0)
			more = stage_keys(stage);
	}
}

static int child(scene_fn *scene)
{
	struct stage stage = {.now = 1000};
	const char *why;

	if (!(stage.term = term_open(&why))) {
		printf("refused: %s\n", why);
		return 2;
	}
	stage.ed = editor_create();
	stage.keys = keys_create();
	stage_size(&stage);
	scene(&stage);
	stage_play(&stage);
	term_close(stage.term);
	editor_destroy(stage.ed);
	keys_destroy(stage.keys);
	replica_destroy(stage.replica);
	return 0;
}

/* ---- the terminal ---- */

struct glass {
	VTerm *vt;
	VTermScreen *screen;
	int master, slave; /* the slave is kept open to look at its modes */
	pid_t pid;
	struct termios before;
	struct buf bytes; /* all that came */
	bool alternate;
};

static int on_prop(VTermProp prop, VTermValue *value, void *user)
{
	struct glass *glass = user;

	if (prop == VTERM_PROP_ALTSCREEN)
		glass->alternate = value->boolean;
	return 1;
}

static const VTermScreenCallbacks callbacks = {.settermprop = on_prop};

static void glass_vterm(struct glass *glass, int cols, int rows)
{
	glass->vt = vterm_new(rows, cols);
	vterm_set_utf8(glass->vt, 1);
	glass->screen = vterm_obtain_screen(glass->vt);
	vterm_screen_set_callbacks(glass->screen, &callbacks, glass);
	vterm_screen_enable_altscreen(glass->screen, 1);
	vterm_screen_reset(glass->screen, 1);
}

static void become_child(struct glass *glass, const char *const env[], scene_fn *scene)
{
	struct sigaction resize = {.sa_handler = on_resize};
	struct rlimit no_core = {0, 0};
	sigset_t block;

	close(glass->master);
	if (setsid() < 0 || ioctl(glass->slave, TIOCSCTTY, 0) != 0)
		_exit(4);
	for (int fd = 0; fd < 3; fd++)
		dup2(glass->slave, fd);
	close(glass->slave);
	for (size_t i = 0; env[i]; i += 2)
		setenv(env[i], env[i + 1], 1);
	setrlimit(RLIMIT_CORE, &no_core);
	sigaction(SIGWINCH, &resize, NULL);
	sigemptyset(&block);
	sigaddset(&block, SIGWINCH);
	sigprocmask(SIG_BLOCK, &block, NULL);
	/* As at a program's start: cmocka's own handlers are not wanted here. */
	for (int number = 1; number < 16; number++)
		if (number != SIGKILL)
			signal(number, SIG_DFL);
	int status = child(scene);
	fflush(stdout);
	_exit(status); /* curses keeps what it once allocated, and so does the copy of the parent's test */
}

static struct glass *glass_open(int cols, int rows, const char *const env[], scene_fn *scene)
{
	struct glass *glass = calloc(1, sizeof(*glass));
	struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols};

	glass_vterm(glass, cols, rows);
	glass->master = posix_openpt(O_RDWR | O_NOCTTY);
	assert_true(
		glass->master >= 0 && grantpt(glass->master) == 0 && unlockpt(glass->master) == 0);
	glass->slave = open(ptsname(glass->master), O_RDWR | O_NOCTTY);
	assert_true(glass->slave >= 0);
	ioctl(glass->slave, TIOCSWINSZ, &size);
	tcgetattr(glass->slave, &glass->before);
	fflush(stdout);
	glass->pid = fork();
	if (glass->pid == 0)
		become_child(glass, env, scene);
	assert_true(glass->pid > 0);
	return glass;
}

static bool glass_read(struct glass *glass, int wait_ms)
{
	struct pollfd input = {.fd = glass->master, .events = POLLIN};
	char bytes[65536];

	if (poll(&input, 1, wait_ms) <= 0)
		return false;
	ssize_t len = read(glass->master, bytes, sizeof(bytes));
	if (len <= 0)
		return false;
	vterm_input_write(glass->vt, bytes, (size_t)len);
	buf_add(&glass->bytes, bytes, (size_t)len);
	return true;
}

static VTermScreenCell cell_at(const struct glass *glass, int row, int col)
{
	VTermScreenCell cell = {.width = 0};

	vterm_screen_get_cell(glass->screen, (VTermPos){row, col}, &cell);
	return cell;
}

/* A row as text; what is blank is a space, and there are none at the end. */
static const char *row_text(const struct glass *glass, int row)
{
	static char text[4096];
	int rows, cols;
	size_t len = 0, end = 0;

	vterm_get_size(glass->vt, &rows, &cols);
	for (int col = 0; col < cols; col++) {
		VTermScreenCell cell = cell_at(glass, row, col);
		if (cell.chars[0] == (uint32_t)-1)
			continue;
		for (int i = 0; i < VTERM_MAX_CHARS_PER_CELL && (i == 0 || cell.chars[i]); i++)
			len += utf8_encode(cell.chars[i] ? cell.chars[i] : ' ', text + len);
		end = text[len - 1] == ' ' ? end : len;
	}
	text[end] = '\0';
	return text;
}

static void glass_dump(const struct glass *glass)
{
	int rows, cols;

	vterm_get_size(glass->vt, &rows, &cols);
	for (int row = 0; row < rows; row++)
		print_message("%3d |%s\n", row, row_text(glass, row));
}

static bool has(const struct glass *glass, int row, const char *text)
{
	int rows, cols;

	vterm_get_size(glass->vt, &rows, &cols);
	return row < rows && strstr(row_text(glass, row), text);
}

static bool cursor_is(const struct glass *glass, int row, int col)
{
	VTermPos pos;

	vterm_state_get_cursorpos(vterm_obtain_state(glass->vt), &pos);
	return pos.row == row && pos.col == col;
}

/* Reads on until it is so. */
#define WAIT(glass, so)                                                                            \
	do {                                                                                       \
		int left = DEADLINE_MS;                                                            \
		while (!(so) && left > 0)                                                          \
			left -= glass_read((glass), 50) ? 0 : 50;                                  \
		if (!(so)) {                                                                       \
			glass_dump(glass);                                                         \
			fail_msg("not seen: %s", #so);                                             \
		}                                                                                  \
	} while (0)

static void glass_press(struct glass *glass, const char *bytes)
{
	assert_int_equal(write(glass->master, bytes, strlen(bytes)), strlen(bytes));
}

static int glass_wait_end(struct glass *glass)
{
	int status = 0;

	while (waitpid(glass->pid, &status, WNOHANG) == 0)
		glass_read(glass, 10);
	while (glass_read(glass, 0))
		;
	return status;
}

/* The terminal is as it was before. */
static void assert_restored(struct glass *glass)
{
	struct termios now;

	tcgetattr(glass->slave, &now);
	assert_int_equal(now.c_lflag, glass->before.c_lflag);
	assert_int_equal(now.c_iflag, glass->before.c_iflag);
	assert_int_equal(now.c_oflag, glass->before.c_oflag);
	assert_false(glass->alternate);
	*buf_room(&glass->bytes, 1) = '\0';
	static const char *const off[] = {
		"\033[?2004l", "\033[?1002l", "\033[?1006l", "\033[?1004l", "\033[23;2t"};
	for (size_t i = 0; i < sizeof(off) / sizeof(off[0]); i++)
		assert_non_null(strstr(glass->bytes.at, off[i]));
}

static void glass_drop(struct glass *glass)
{
	close(glass->master);
	close(glass->slave);
	vterm_free(glass->vt);
	buf_fini(&glass->bytes);
	free(glass);
}

static void glass_close(struct glass *glass)
{
	glass_press(glass, CTRL_Q);
	int status = glass_wait_end(glass);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
		glass_dump(glass);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	assert_restored(glass);
	glass_drop(glass);
}

/* libvterm 0.1.4 knows what tmux does; terminals differ in little else that matters here. */
static const char *const plain[] = {
	"TERM", "tmux-256color", "LC_ALL", "C.UTF-8", "NO_COLOR", "", NULL};
static const char *const colorless[] = {
	"TERM", "tmux-256color", "LC_ALL", "C.UTF-8", "NO_COLOR", "1", NULL};

/* ---- scenes ---- */

/*                                0         1         2
 *                                012345678901234567890 */
static const char program[] = "int main(void)\n{\n\tputs(\"hello\");\n}\n";

static void three_people(struct stage *stage)
{
	stage_open(stage, program, false);
	stage_person(stage, HIGH_USER, "Ada", "owner", 0, 0);
	stage_person(stage, 3, "Linus", "editor", 4, 4);
	stage_person(stage, 9, "Grace", "viewer", 18, 22);
}

static void alone(struct stage *stage)
{
	stage_open(stage, program, false);
	stage_person(stage, HIGH_USER, "Ada", "owner", 0, 0);
}

static void odd_characters(struct stage *stage)
{
	stage_open(stage,
		"a\x01"
		"b\xE2\x80\xAE"
		"c\n\xE6\x97\xA5\xE6\x9C\xAC|\ne\xCC\x81|\n\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9|\n"
		"\xE2\x9D\xA4\xEF\xB8\x8F|\n\t|\n",
		false);
	stage_person(stage, HIGH_USER, "Ada\033[31m", "owner", 0, 0);
}

static void offline(struct stage *stage)
{
	three_people(stage);
	editor_status(stage->ed,
		&(struct editor_status){
			.link = EDITOR_OFFLINE, .retry_s = 4, .unsent = 3, .room = "quiet-otter"});
}

static void viewer(struct stage *stage)
{
	stage_open(stage, program, true);
	stage_person(stage, HIGH_USER, "Ada", "viewer", 0, 0);
}

static void typing(struct stage *stage)
{
	three_people(stage);
	editor_person_state(stage->ed, 3, "typing", 0);
}

static void host(struct stage *stage)
{
	alone(stage);
	editor_share_urls(stage->ed,
		"wss://example.org:8443/quiet-otter#t=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa&fp=bbbbbbbbbbbb",
		"wss://example.org/v");
}

#define LINES 200

/* Lines of `cells` characters each, and people far down in them. */
static void many_lines(struct stage *stage, size_t cells)
{
	struct buf text = {0};

	for (int i = 0; i < LINES; i++)
		buf_printf(&text, "%.*s\n", (int)cells,
			"0123456789012345678901234567890123456789012345678901234567890123456789");
	*buf_room(&text, 1) = '\0';
	stage_open(stage, text.at, false);
	buf_fini(&text);
	stage_person(stage, HIGH_USER, "Ada", "owner", 0, 0);
	stage_person(stage, 3, "Linus", "editor", 119 * (cells + 1), 119 * (cells + 1));
	stage_person(stage, 9, "Grace", "viewer", 30 * (cells + 1), 30 * (cells + 1));
	stage_person(stage, 10, "Eve", "editor", 190 * (cells + 1), 190 * (cells + 1));
}

static void short_lines(struct stage *stage)
{
	many_lines(stage, 10);
}

static void full_lines(struct stage *stage)
{
	many_lines(stage, 70);
}

static void long_lines(struct stage *stage)
{
	struct buf text = {0};

	for (int i = 0; i < 100; i++)
		buf_printf(&text, "%09d.", i);
	*buf_room(&text, 1) = '\0';
	stage_open(stage, text.at, false);
	buf_fini(&text);
}

#define NOON ((uint64_t)1772366400000) /* 2026-03-01 12:00:00 UTC */

/* Three people who have talked, and written: Linus "int", Grace "puts". */
static void together(struct stage *stage)
{
	static const struct chat_line lines[] = {
		{1, 3, NOON, "Linus", "see main.c:3"},
		{2, 9, NOON + 60000, "Grace", "@Ada the whole of it is wrong, I think"},
		{3, HIGH_USER, NOON + 120000, "Ada", "no"},
	};
	struct op op = {0};
	struct authors *authors;

	typing(stage);
	editor_person_state(stage->ed, 3, "typing", 40);
	editor_person_follows(stage->ed, 9, 3, stage->now);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		editor_said(stage->ed, &lines[i], true, stage->now);
	editor_person_seen(stage->ed, 3, 3);
	editor_clock(stage->ed, stage->now, NOON + 180000);
	op_insert(&op, "int", 3);
	authors = authors_create(strlen(program) - 3);
	assert_true(authors_apply(authors, &op, 3, NOON));
	op_fini(&op);
	editor_key(stage->ed, &(struct key){.code = KEY_F9}, stage->now);
	editor_authors(stage->ed, authors);
}

static void nothing_yet(struct stage *stage)
{
	editor_status(stage->ed,
		&(struct editor_status){.link = EDITOR_CONNECTING, .room = "quiet-otter"});
}

/* ---- tests ---- */

static void everything_has_its_place_at_80_by_24(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, three_people);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_true(has(glass, 0, " main.c"));
	assert_true(has(glass, 0, "quiet-otter · 3 here · 12 ms"));
	assert_false(has(glass, 0, "●"));
	assert_string_equal(row_text(glass, 1), "  1▌int main(void) Linus");
	assert_string_equal(row_text(glass, 2), "  2 {");
	assert_string_equal(row_text(glass, 3), "  3▌        puts(\"hello\"); Grace");
	assert_string_equal(row_text(glass, 5), "  5");
	assert_string_equal(row_text(glass, 6), "");
	assert_string_equal(row_text(glass, 22), " main.c  1:1  c  LF  saved");
	assert_true(has(glass, 23, "^Q Quit"));
	assert_false(has(glass, 1, "PEOPLE"));
	assert_true(cursor_is(glass, 1, 4));
	glass_close(glass);
}

static void people_have_their_colours(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, three_people);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	VTermScreenCell caret = cell_at(glass, 1, 4 + 4), name = cell_at(glass, 1, 19),
			text = cell_at(glass, 1, 4);
	assert_true(VTERM_COLOR_IS_INDEXED(&caret.bg));
	assert_int_equal(caret.bg.indexed.idx, ORANGE);
	assert_int_equal(caret.chars[0], 'm');
	assert_int_equal(name.bg.indexed.idx, ORANGE);
	assert_int_equal(name.chars[0], 'L');
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&text.bg));
	/* Grace selected puts: another shade; her caret is hers again */
	VTermScreenCell before = cell_at(glass, 3, 4 + 7), chosen = cell_at(glass, 3, 4 + 8),
			end = cell_at(glass, 3, 4 + 12);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&before.bg));
	assert_int_equal(chosen.chars[0], 'p');
	assert_false(VTERM_COLOR_IS_DEFAULT_BG(&chosen.bg));
	assert_int_not_equal(chosen.bg.indexed.idx, ORANGE);
	assert_int_equal(end.bg.indexed.idx, ORANGE);
	/* who is in a line is marked beside its number */
	VTermScreenCell badge = cell_at(glass, 1, 3);
	assert_int_equal(badge.fg.indexed.idx, ORANGE);
	assert_int_equal(cell_at(glass, 2, 3).chars[0] | ' ', ' ');
	/* after a while the names go, the carets stay */
	glass_press(glass, F12);
	WAIT(glass, !has(glass, 1, "Linus") && !has(glass, 3, "Grace"));
	caret = cell_at(glass, 1, 4 + 4);
	assert_int_equal(caret.bg.indexed.idx, ORANGE);
	glass_close(glass);
}

static void without_colour_the_same_is_told(void **state)
{
	struct glass *glass = glass_open(120, 24, colorless, three_people);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	VTermScreenCell caret = cell_at(glass, 1, 4 + 4), chosen = cell_at(glass, 3, 4 + 9),
			mark = cell_at(glass, 3, 94), badge = cell_at(glass, 1, 3);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&caret.bg));
	assert_true(caret.attrs.reverse);
	assert_int_equal(caret.attrs.underline, 1);
	assert_int_equal(chosen.attrs.underline, 1);
	assert_false(chosen.attrs.reverse);
	assert_int_equal(mark.chars[0], 'L');
	assert_int_equal(badge.chars[0], 'L');
	assert_true(badge.attrs.reverse);
	for (int row = 0; row < 24; row++)
		for (int col = 0; col < 120; col++) {
			VTermScreenCell cell = cell_at(glass, row, col);
			assert_true(VTERM_COLOR_IS_DEFAULT_BG(&cell.bg) &&
				    VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
		}
	glass_close(glass);
}

#define CTRL_END "\033[1;5F"

static void people_off_the_screen_are_told_at_its_edges(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, short_lines);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_string_equal(row_text(glass, 21),
		" 21 0123456789                                         ↓ Grace 31  Linus 120 +1");
	VTermScreenCell arrow = cell_at(glass, 21, 55), before = cell_at(glass, 21, 54);
	assert_int_equal(arrow.bg.indexed.idx, ORANGE);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&before.bg));
	glass_press(glass, CTRL_END);
	WAIT(glass, has(glass, 1, "↑ Linus 120  Grace 31") && !has(glass, 21, "↓") &&
			    has(glass, 1, "191▌0123456789")); /* Eve is here */
	glass_close(glass);
}

/* Where there is no room, or hardly any. */
static void the_edges_leave_the_text_alone(void **state)
{
	struct glass *glass = glass_open(70, 24, plain, full_lines);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_true(has(glass, 21, "01234567890123↓3"));
	glass_press(glass, CTRL_END);
	WAIT(glass, has(glass, 1, "↑2"));
	glass_close(glass);
	glass = glass_open(20, 5, plain, short_lines);
	WAIT(glass, has(glass, 3, "0123456789        ↓3"));
	glass_press(glass, "\033[B\033[B\033[B\033[F");
	WAIT(glass, cursor_is(glass, 3, 10));
	glass_close(glass);
}

static const char *const noon[] = {
	"TERM", "tmux-256color", "LC_ALL", "C.UTF-8", "NO_COLOR", "", "TZ", "UTC", NULL};
static const char *const colorless_noon[] = {
	"TERM", "tmux-256color", "LC_ALL", "C.UTF-8", "NO_COLOR", "1", "TZ", "UTC", NULL};

static const struct {
	int row;
	const char *text;
} together_rows[] = {
	/* clang-format off: a screen */
	{0, " main.c                                                                quiet-otter · 3 here · 12 ms"},
	{1, "L   1▌int main(void) Linus                                              │ PEOPLE"},
	{2, "    2 {                                                                 │ ▌Ada (you)        main.c:1"},
	{3, "    3▌        puts(\"hello\"); Grace                                      │ ▌Linus typing…    main.c:1"},
	{4, "    4 }                                                                 │ ▌Grace viewer → Linus   :3"},
	{5, "    5                                                                   │ CHAT"},
	{6, "                                                                        │"},
	{18, "                                                                        │ 12:00 Linus see main.c:3"},
	{19, "                                                                        │ 12:01 Grace @Ada the whole"},
	{20, "                                                                        │ of it is wrong, I think"},
	{21, "                                                                        │ 12:02 Ada no ✓ Linus"},
	{22, " main.c  1:1  c  LF  saved                                                  Linus wrote this, 12:00"},
	/* clang-format on */
};

static void working_together_looks_like_this(void **state)
{
	struct glass *glass = glass_open(100, 24, noon, together);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	for (size_t i = 0; i < sizeof(together_rows) / sizeof(together_rows[0]); i++)
		assert_string_equal(row_text(glass, together_rows[i].row), together_rows[i].text);
	assert_int_equal(cell_at(glass, 1, 0).fg.indexed.idx, ORANGE);   /* Linus, by his letter */
	assert_int_equal(cell_at(glass, 1, 4).fg.indexed.idx, ORANGE);   /* and the number */
	assert_int_equal(cell_at(glass, 18, 80).fg.indexed.idx, ORANGE); /* his name */
	assert_int_equal(cell_at(glass, 18, 90).attrs.underline, 1);     /* a place to go to */
	assert_true(cell_at(glass, 19, 86).attrs.bold);                  /* said to Ada */
	assert_false(cell_at(glass, 18, 86).attrs.bold);
	glass_close(glass);
	glass = glass_open(100, 24, colorless_noon, together);
	WAIT(glass, has(glass, 23, "^S Save"));
	assert_true(has(glass, 1, "L   1Lint main(void)"));
	assert_true(has(glass, 4, "GGrace viewer → Linus"));
	for (int row = 0; row < 24; row++)
		for (int col = 0; col < 100; col++) {
			VTermScreenCell cell = cell_at(glass, row, col);
			assert_true(VTERM_COLOR_IS_DEFAULT_BG(&cell.bg) &&
				    VTERM_COLOR_IS_DEFAULT_FG(&cell.fg));
		}
	glass_close(glass);
}

/* A wide window has room for roles and round trips. */
static void a_wide_panel_tells_more(void **state)
{
	struct glass *glass = glass_open(200, 24, noon, together);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_true(has(glass, 3, "▌Linus editor typing…        40 ms  main.c:1"));
	assert_true(has(glass, 2, "▌Ada (you) owner"));
	glass_close(glass);
}

static void it_works_at_20_by_5(void **state)
{
	struct glass *glass = glass_open(20, 5, plain, three_people);
	(void)state;

	WAIT(glass, has(glass, 4, "1:1"));
	assert_true(has(glass, 0, "int main(void)"));
	assert_true(has(glass, 2, "        puts("));
	glass_press(glass, "xy");
	WAIT(glass, has(glass, 0, "xyint main(void)") && has(glass, 4, "1:3"));
	assert_true(cursor_is(glass, 0, 2));
	glass_close(glass);
}

/* A question that is cut cannot be answered. */
static void questions_are_whole_at_20_by_5(void **state)
{
	struct glass *glass = glass_open(20, 5, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 4, "1:1"));
	glass_press(glass, "\007"
			   "12");
	WAIT(glass, has(glass, 4, "12"));
	assert_string_equal(row_text(glass, 1), "Go to line (N,");
	assert_string_equal(row_text(glass, 2), "N:column, -N from");
	assert_string_equal(row_text(glass, 3), "the end, N%):");
	assert_true(cursor_is(glass, 4, 2));
	glass_press(glass, "\033[27u");
	WAIT(glass, has(glass, 4, "1:1") && !has(glass, 3, "the end"));
	glass_press(glass, "\022int\rx\r");
	WAIT(glass, has(glass, 3, "Replace this? y yes,") && has(glass, 4, "n no, a all, Esc"));
	glass_press(glass, "\033[27u");
	glass_close(glass);
}

/* Nor is a notice understood that is; the next key makes room for the text again. */
static void notices_are_whole_at_20_by_5(void **state)
{
	struct glass *glass = glass_open(20, 5, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 4, "1:1"));
	glass_press(glass, "\007x\r");
	WAIT(glass, has(glass, 4, "like 12 or 12:5."));
	assert_string_equal(row_text(glass, 2), " That is no line:");
	assert_string_equal(row_text(glass, 3), " type a number,");
	assert_true(has(glass, 0, "int main(void)"));
	glass_press(glass, "y");
	WAIT(glass, has(glass, 4, "That is no line: ty…"));
	assert_true(has(glass, 2, "puts("));
	glass_close(glass);
}

static void it_works_at_no_size_at_all(void **state)
{
	static const int sizes[][2] = {
		{1, 1}, {2, 2}, {5, 1}, {1, 30}, {3, 7}, {39, 11}, {300, 100}};
	(void)state;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		struct glass *glass = glass_open(
			sizes[i][0], sizes[i][1], plain, i % 2 ? together : three_people);
		WAIT(glass, glass->alternate);
		glass_press(glass,
			F4 "\033[B\033[27u" CTRL_T "said\r\033[A\033[A\033[6~\033[27u" F9 F9);
		glass_press(glass, F4 F1 "\033[B\033[27u" F2 "\033[27u" CTRL_F "main\r\033[27u"
					 "xyz\r\033[A\033[B");
		glass_close(glass);
	}
}

static void people_are_listed_where_there_is_room(void **state)
{
	struct glass *glass = glass_open(100, 24, plain, typing);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_true(has(glass, 1, "PEOPLE"));
	assert_true(has(glass, 2, "▌Ada (you)"));
	assert_true(has(glass, 2, "main.c:1"));
	assert_true(has(glass, 3, "▌Linus typing…"));
	assert_true(has(glass, 4, "▌Grace viewer"));
	assert_true(has(glass, 4, "main.c:3"));
	assert_true(has(glass, 22, "Linus is typing…"));
	VTermScreenCell mark = cell_at(glass, 3, 74);
	assert_int_equal(mark.fg.indexed.idx, ORANGE);
	glass_press(glass, F4);
	WAIT(glass, has(glass, 23, "Enter Go there") && cursor_is(glass, 3, 74));
	assert_true(cell_at(glass, 3, 80).attrs.reverse);
	assert_true(has(glass, 22, "Linus · editor · typing · main.c:1"));
	glass_press(glass, "\033[B");
	WAIT(glass, has(glass, 22, "Grace · viewer") && cursor_is(glass, 4, 74));
	glass_press(glass, F4);
	WAIT(glass, !has(glass, 1, "PEOPLE") && has(glass, 23, "^S Save"));
	glass_press(glass, F4);
	WAIT(glass, has(glass, 1, "PEOPLE"));
	glass_press(glass, "x\033[27u");
	WAIT(glass, has(glass, 1, "  1▌int main") && has(glass, 23, "^S Save"));
	glass_close(glass);
}

static void a_new_size_is_taken(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, three_people);
	struct winsize size = {.ws_row = 12, .ws_col = 110};
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	vterm_set_size(glass->vt, 12, 110);
	ioctl(glass->master, TIOCSWINSZ, &size);
	WAIT(glass, has(glass, 11, "^S Save") && has(glass, 1, "PEOPLE") && has(glass, 10, "1:1"));
	assert_true(has(glass, 0, "12 ms"));
	glass_close(glass);
}

static void what_is_found_is_marked(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	glass_press(glass, CTRL_F "N"
				  "\x7f"
				  "n");
	WAIT(glass, has(glass, 22, "Find: n") && has(glass, 22, "1 of 2"));
	assert_true(has(glass, 23, "Alt-R Regex"));
	assert_true(cell_at(glass, 1, 5).attrs.reverse); /* the one that is selected */
	VTermScreenCell other = cell_at(glass, 1, 11), beside = cell_at(glass, 1, 10);
	assert_int_equal(other.chars[0], 'n');
	assert_int_equal(other.bg.indexed.idx, 3);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&beside.bg));
	glass_press(glass, "\r\r");
	WAIT(glass, has(glass, 22, "1 of 2, from the top"));
	glass_press(glass, ALT_R "(");
	WAIT(glass, has(glass, 22, "Find (regex): n(") && has(glass, 22, "missing"));
	glass_press(glass, "\033[27u");
	WAIT(glass, has(glass, 22, " main.c  1:1"));
	other = cell_at(glass, 1, 11);
	assert_true(VTERM_COLOR_IS_DEFAULT_BG(&other.bg));
	glass_close(glass);
}

static void typing_shows(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	glass_press(glass, "a\xE6\x97\xA5\xC3\xA9");
	WAIT(glass, has(glass, 1, "  1 a\xE6\x97\xA5\xC3\xA9int main"));
	assert_true(cursor_is(glass, 1, 8));
	assert_true(has(glass, 0, "main.c ●"));
	assert_true(has(glass, 22, "1:5"));
	assert_true(has(glass, 22, "not saved"));
	glass_press(glass, "\033[1;2C\033[1;2C");
	WAIT(glass, has(glass, 22, "(2 selected)"));
	VTermScreenCell chosen = cell_at(glass, 1, 9), after = cell_at(glass, 1, 10);
	assert_true(chosen.attrs.reverse);
	assert_false(after.attrs.reverse);
	glass_close(glass);
}

static void odd_characters_are_shown(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, odd_characters);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_string_equal(row_text(glass, 1), "  1 a<01>b<U+202E>c");
	assert_true(cell_at(glass, 1, 5).attrs.reverse);
	assert_false(cell_at(glass, 1, 4).attrs.reverse);
	assert_int_equal(cell_at(glass, 2, 4).width, 2);
	assert_int_equal(cell_at(glass, 2, 8).chars[0], '|');
	assert_int_equal(cell_at(glass, 3, 4).chars[1], 0x301);
	assert_int_equal(cell_at(glass, 3, 5).chars[0], '|');
	assert_int_equal(cell_at(glass, 4, 6).chars[0], 0x1F469);
	assert_int_equal(cell_at(glass, 4, 8).chars[0], '|');
	assert_int_equal(cell_at(glass, 5, 5).chars[0], '|');
	assert_int_equal(cell_at(glass, 6, 12).chars[0], '|');
	glass_press(glass, F4);
	WAIT(glass, has(glass, 2, "Ada<1B>[31m"));
	glass_close(glass);
}

static void long_lines_scroll_sideways(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, long_lines);
	(void)state;

	WAIT(glass, has(glass, 1, "000000000.000000001."));
	glass_press(glass, "\033[F");
	WAIT(glass, has(glass, 1, "000000099.") && has(glass, 22, "1:1001"));
	glass_press(glass, "x");
	WAIT(glass, has(glass, 1, "000000099.x"));
	glass_press(glass, "\033[H");
	WAIT(glass, has(glass, 1, "  1 000000000."));
	glass_close(glass);
}

static void a_hundred_columns(struct stage *stage)
{
	stage_open(stage,
		"0123456789012345678901234567890123456789012345678901234567890123456789"
		"01234567890123456789012345678X",
		false);
}

static void a_wider_window_shows_the_whole_line(void **state)
{
	struct winsize size = {.ws_row = 24, .ws_col = 150};
	struct glass *glass = glass_open(80, 24, plain, a_hundred_columns);
	(void)state;

	WAIT(glass, has(glass, 1, "  1 0123456789"));
	glass_press(glass, "\033[F");
	WAIT(glass, has(glass, 1, "8X") &&
			    !has(glass, 1, "  1 0123456789012345678901234567890123456789"));
	vterm_set_size(glass->vt, 24, 150);
	ioctl(glass->master, TIOCSWINSZ, &size);
	WAIT(glass, has(glass, 1, "  1 0123456789012345678901234567890123456789") &&
			    has(glass, 1, "8X"));
	glass_close(glass);
}

static void the_link_is_told(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, offline);
	(void)state;

	WAIT(glass, has(glass, 22, "offline: 3 edits unsent, trying again in 4 s  F5: try now"));
	glass_close(glass);
	glass = glass_open(30, 24, plain, offline);
	WAIT(glass, has(glass, 22, "offline") && !has(glass, 22, "offline:"));
	glass_close(glass);
	glass = glass_open(80, 24, plain, nothing_yet);
	WAIT(glass, has(glass, 22, "connecting…"));
	glass_close(glass);
}

static void a_viewer_is_told(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, viewer);
	(void)state;

	WAIT(glass, has(glass, 22, "read only"));
	glass_press(glass, "x");
	WAIT(glass, has(glass, 22, "You are a viewer: you can read, point and chat, not write."));
	assert_string_equal(row_text(glass, 1), "  1 int main(void)");
	glass_press(glass, F12);
	WAIT(glass, !has(glass, 22, "You are") || (glass_press(glass, F12), false));
	glass_close(glass);
}

static bool anywhere(struct glass *glass, const char *what)
{
	int row = 0, rows, cols;

	vterm_get_size(glass->vt, &rows, &cols);
	while (row < rows && !has(glass, row, what))
		row++;
	return row < rows;
}

static void help_lists_the_keys(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	glass_press(glass, F1);
	WAIT(glass, has(glass, 1, "Help") && has(glass, 2, "FIRST OF ALL"));
	assert_true(anywhere(glass, "Save the file"));
	glass_press(glass, "\033[F");
	WAIT(glass, anywhere(glass, "codecollab.conf(5)"));
	glass_press(glass, "\033[H");
	WAIT(glass, has(glass, 2, "FIRST OF ALL"));
	glass_press(glass, "\033[27u");
	WAIT(glass, has(glass, 1, "int main"));
	glass_close(glass);
}

/* What people ask for, in their words, and the key or the line that does it. */
static const char *const questions[][2] = {
	{"copy", "Ctrl-C"},
	{"paste before", "Alt-V"},
	{"double line", "Ctrl-D"},
	{"move line up", "Alt-Up"},
	{"join", "Alt-J"},
	{"delete line", "Alt-K"},
	{"indent", "Alt-I"},
	{"comment", "Alt-/"},
	{"bracket", "Ctrl-]"},
	{"caret below", "Alt-Shift-Down"},
	{"caret next", "Alt-N"},
	{"go line", "120:8"},
	{"wrap", "Alt-W"},
	{"line numbers", "Alt-G"},
	{"show blanks", "^P blanks"},
	{"count words", "^P count"},
	{"select shift", "Shift-Left"},
	{"select mark", "Alt-A"},
	{"regular expression", "Alt-R"},
	{"within selection", "Alt-S"},
	{"replace all", "y n a"},
	{"undo before", "^P undo to"},
	{"crash", "offers it"},
	{"UTF-8", "^P to-utf8"},
	{"suspend", "Alt-Z"},
	{"share", "F2"},
	{"jump", "Enter"},
	{"follow", "f "},
	{"wrote", "F9"},
	{"mention", "@Ada"},
	{"place chat", "Alt-T"},
	{"read newest", "check mark"},
	{"theme", "NAME.theme"},
	{"nano", "^P keymap nano"},
	{"bind", "bind ^B page-up"},
	{"what key called", "^P show-key"},
	{"role", "F6"},
	{"mouse terminal", "Shift with"},
	{"CRLF", "^P to-crlf"},
	{"zebra", "Nothing here"},
};

static void help_is_asked(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	for (size_t i = 0; i < sizeof(questions) / sizeof(questions[0]); i++) {
		glass_press(glass, F1);
		WAIT(glass, has(glass, 1, "type what you look for"));
		glass_press(glass, questions[i][0]);
		WAIT(glass, has(glass, 1, questions[i][0]));
		if (!anywhere(glass, questions[i][1]))
			fail_msg("asked for \"%s\", the help does not say %s", questions[i][0],
				questions[i][1]);
		assert_false(anywhere(glass, "FIRST OF ALL"));
		glass_press(glass, "\033[27u");
		WAIT(glass, has(glass, 1, "int main"));
	}
	glass_press(glass, F1 "zebra"
			      "\x7F\x7F\x7F\x7F\x7F");
	WAIT(glass, has(glass, 2, "FIRST OF ALL"));
	glass_press(glass, "\033[27u");
	glass_close(glass);
}

/* Where there is no room for two columns the words stand below, whole. */
static void help_is_whole_on_a_small_screen(void **state)
{
	struct glass *glass = glass_open(20, 5, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 0, "int main"));
	glass_press(glass, F1 "comment");
	WAIT(glass, has(glass, 2, "Alt-/ Ctrl-_"));
	assert_string_equal(row_text(glass, 1), " WRITING");
	assert_string_equal(row_text(glass, 3), "   Make the line a");
	glass_press(glass, "\033[B");
	WAIT(glass, has(glass, 3, "comment, or text"));
	glass_press(glass, "\033[27u");
	glass_close(glass);
}

/* base64("codecollab join 'wss://example.org/v'"), of RFC 4648: what a shell takes, '&' and '#' and all */
static void links_are_shown_and_copied(void **state)
{
	struct glass *glass = glass_open(60, 24, plain, host);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	glass_press(glass, F2);
	WAIT(glass, has(glass, 9, "codecollab join 'wss://example.org/v'"));
	assert_true(has(glass, 4, "codecollab join 'wss://example.org:8443/quiet-otter#t=aaaa"));
	assert_true(has(glass, 5, "&fp=bbbbbbbbbbbb"));
	glass_press(glass, "v");
	WAIT(glass, has(glass, 21, "Copied. Who runs it") && has(glass, 22, "out."));
	*buf_room(&glass->bytes, 1) = '\0';
	assert_non_null(strstr(glass->bytes.at,
		"\033]52;c;Y29kZWNvbGxhYiBqb2luICd3c3M6Ly9leGFtcGxlLm9yZy92Jw==\033\\"));
	glass_press(glass, "\033[27u");
	WAIT(glass, has(glass, 1, "int main"));
	glass_close(glass);
}

static void the_title_tells_the_file(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	*buf_room(&glass->bytes, 1) = '\0';
	assert_non_null(strstr(glass->bytes.at, "\033]2;main.c — quiet-otter\033\\"));
	glass_close(glass);
}

static size_t count_of(struct glass *glass, const char *what)
{
	size_t count = 0;

	*buf_room(&glass->bytes, 1) = '\0';
	for (const char *at = glass->bytes.at; (at = strstr(at, what)); at++)
		count++;
	return count;
}

/* Only once the terminal has said that it can, and not what a key costs. */
static void large_frames_show_at_once(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_int_equal(count_of(glass, "\033[?2026$p"), 1);
	assert_int_equal(count_of(glass, "\033[?2026h"), 0);
	glass_press(glass, "\033[?2026;2$y" F1);
	WAIT(glass, has(glass, 8, "Ctrl-S"));
	assert_int_equal(count_of(glass, "\033[?2026h"), 1);
	assert_int_equal(count_of(glass, "\033[?2026l"), 1);
	glass_press(glass, "\033[27u");
	WAIT(glass, has(glass, 1, "int main"));
	size_t before = count_of(glass, "\033[?2026h");
	glass_press(glass, "xyz");
	WAIT(glass, has(glass, 1, "xyzint main"));
	assert_int_equal(count_of(glass, "\033[?2026h"), before);
	glass_close(glass);
}

static void a_crash_gives_the_terminal_back(void **state)
{
	struct glass *glass = glass_open(80, 24, plain, alone);
	(void)state;

	WAIT(glass, has(glass, 23, "^S Save"));
	assert_true(glass->alternate);
	glass_press(glass, F11);
	int status = glass_wait_end(glass);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
	assert_restored(glass);
	glass_drop(glass);
}

static void a_termination_gives_the_terminal_back(void **state)
{
	static const int numbers[] = {SIGTERM, SIGHUP, SIGSEGV};
	(void)state;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		struct glass *glass = glass_open(80, 24, plain, alone);
		WAIT(glass, has(glass, 23, "^S Save"));
		kill(glass->pid, numbers[i]);
		glass_wait_end(glass);
		assert_restored(glass);
		glass_drop(glass);
	}
}

static void unusable_terminals_are_refused(void **state)
{
	static const char *const names[] = {"no-such-terminal", "dumb"};
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *env[] = {"TERM", names[i], "LC_ALL", "C.UTF-8", NULL};
		struct glass *glass = glass_open(80, 24, env, alone);
		int status = glass_wait_end(glass);
		*buf_room(&glass->bytes, 1) = '\0';
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 2);
		assert_non_null(strstr(glass->bytes.at, "refused: This "));
		assert_null(strchr(glass->bytes.at, '\033'));
		glass_drop(glass);
	}
}

static void other_terminals_show_the_text(void **state)
{
	static const char *const names[] = {"xterm", "xterm-256color", "screen", "linux", "vt100"};
	(void)state;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		const char *env[] = {"TERM", names[i], "LC_ALL", "C", "NO_COLOR", "", NULL};
		struct glass *glass = glass_open(80, 24, env, three_people);
		WAIT(glass, has(glass, 23, "^S Save") && has(glass, 1, "int main(void)"));
		assert_true(has(glass, 0, "3 here"));
		glass_press(glass, CTRL_Q);
		assert_int_equal(glass_wait_end(glass), 0);
		glass_drop(glass);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(everything_has_its_place_at_80_by_24),
		cmocka_unit_test(people_have_their_colours),
		cmocka_unit_test(without_colour_the_same_is_told),
		cmocka_unit_test(people_off_the_screen_are_told_at_its_edges),
		cmocka_unit_test(the_edges_leave_the_text_alone),
		cmocka_unit_test(working_together_looks_like_this),
		cmocka_unit_test(a_wide_panel_tells_more),
		cmocka_unit_test(it_works_at_20_by_5),
		cmocka_unit_test(questions_are_whole_at_20_by_5),
		cmocka_unit_test(notices_are_whole_at_20_by_5),
		cmocka_unit_test(it_works_at_no_size_at_all),
		cmocka_unit_test(people_are_listed_where_there_is_room),
		cmocka_unit_test(a_new_size_is_taken),
		cmocka_unit_test(typing_shows),
		cmocka_unit_test(what_is_found_is_marked),
		cmocka_unit_test(odd_characters_are_shown),
		cmocka_unit_test(long_lines_scroll_sideways),
		cmocka_unit_test(a_wider_window_shows_the_whole_line),
		cmocka_unit_test(the_link_is_told),
		cmocka_unit_test(a_viewer_is_told),
		cmocka_unit_test(help_lists_the_keys),
		cmocka_unit_test(help_is_asked),
		cmocka_unit_test(help_is_whole_on_a_small_screen),
		cmocka_unit_test(links_are_shown_and_copied),
		cmocka_unit_test(the_title_tells_the_file),
		cmocka_unit_test(large_frames_show_at_once),
		cmocka_unit_test(a_crash_gives_the_terminal_back),
		cmocka_unit_test(a_termination_gives_the_terminal_back),
		cmocka_unit_test(unusable_terminals_are_refused),
		cmocka_unit_test(other_terminals_show_the_text),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("screen", tests, NULL, NULL);
}
