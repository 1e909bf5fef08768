/*
 * The cells that we count for what we draw are those that terminals move their cursors by: libvterm in this process, and tmux, whose inside
 * is this program once more: it draws each row of the table and asks where the cursor is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>
#include <vterm.h>

#include "tests/unit/tui/widths.h"

#define COUNT     (sizeof(width_rows) / sizeof(width_rows[0]))
#define ANSWER_MS 20000 /* only a hang reaches it */

static const char *self;

static void assert_cells(const char *emulator, size_t i, int cells)
{
	if (cells != width_rows[i].cells)
		fail_msg("row %zu, \"%s\": %d cells, %s has %d", i, width_rows[i].draw,
			width_rows[i].cells, emulator, cells);
}

static void libvterm_agrees(void **state)
{
	VTerm *vt = vterm_new(24, 80);
	VTermPos at;
	(void)state;

	vterm_set_utf8(vt, 1);
	vterm_screen_reset(vterm_obtain_screen(vt), 1);
	for (size_t i = 0; i < COUNT; i++) {
		vterm_input_write(vt, "\r", 1);
		vterm_input_write(vt, width_rows[i].draw, strlen(width_rows[i].draw));
		vterm_state_get_cursorpos(vterm_obtain_state(vt), &at);
		assert_cells("libvterm", i, at.col);
	}
	vterm_free(vt);
}

/* ---- inside of tmux ---- */

/* The column in "ESC [ row ; column R", from 0; -1: there was no answer. */
static int where(void)
{
	struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
	char answer[32];
	size_t len = 0;
	int row, col;

	while (len < sizeof(answer) - 1 && poll(&in, 1, ANSWER_MS) > 0 &&
		read(STDIN_FILENO, answer + len, 1) == 1)
		if (answer[len++] == 'R')
			break;
	answer[len] = '\0';
	return sscanf(answer, "\033[%d;%dR", &row, &col) == 2 ? col - 1 : -1;
}

static int inside(const char *path)
{
	FILE *out = fopen(path, "we");
	struct termios raw;

	if (!out || tcgetattr(STDIN_FILENO, &raw))
		return 1;
	cfmakeraw(&raw);
	tcsetattr(STDIN_FILENO, TCSANOW, &raw);
	for (size_t i = 0; i < COUNT; i++) {
		dprintf(STDOUT_FILENO, "\r\033[K%s\033[6n", width_rows[i].draw);
		fprintf(out, "%d\n", where());
	}
	return fclose(out);
}

static void tmux_agrees(void **state)
{
	char path[] = "/tmp/codecollab-widths-XXXXXX", command[1024];
	int made = mkstemp(path), cells;
	FILE *told;
	(void)state;

	assert_true(made >= 0);
	close(made);
	if (system("command -v tmux >/dev/null") != 0)
		skip();
	/* It signals the channel when it is done. */
	snprintf(command, sizeof(command),
		"T='tmux -u -L codecollab-%d -f /dev/null'; $T new-session -d -x 80 -y 24 \"'%s' --inside %s; $T "
		"wait-for -S done\" && timeout %d $T wait-for done; $T kill-server 2>/dev/null; true",
		(int)getpid(), self, path, ANSWER_MS / 1000);
	assert_int_equal(system(command), 0);
	told = fopen(path, "re");
	assert_non_null(told);
	for (size_t i = 0; i < COUNT; i++) {
		assert_int_equal(fscanf(told, "%d", &cells), 1);
		assert_cells("tmux", i, cells);
	}
	fclose(told);
	remove(path);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(libvterm_agrees),
		cmocka_unit_test(tmux_agrees),
	};

	self = argv[0];
	if (argc == 3 && strcmp(argv[1], "--inside") == 0)
		return inside(argv[2]);
	if (!setlocale(LC_ALL, "C.UTF-8") || setenv("LC_ALL", "C.UTF-8", 1))
		return 1;
	return cmocka_run_group_tests_name("emulators", tests, NULL, NULL);
}
