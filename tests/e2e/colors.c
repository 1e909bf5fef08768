/* A text in the colours of its language, on everybody's screen, while they edit it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/e2e/stage.h"

/* What the default theme gives each class: theme.c. */
static const struct {
	char letter;
	int color; /* -1: the terminal's own */
	bool bold;
} looks[] = {
	{'.', -1, false},
	{'c', 6, false},
	{'s', 2, false},
	{'n', 1, false},
	{'k', 5, false},
	{'t', 2, true},
	{'p', 5, true},
	{'e', 1, true},
};

static char letter_of(const VTermScreenCell *cell)
{
	bool own = VTERM_COLOR_IS_DEFAULT_FG(&cell->fg);
	int color = own ? -1 : VTERM_COLOR_IS_INDEXED(&cell->fg) ? cell->fg.indexed.idx : 999;

	for (size_t i = 0; i < sizeof(looks) / sizeof(looks[0]); i++)
		if (looks[i].color == color && looks[i].bold == (cell->attrs.bold != 0))
			return looks[i].letter;
	return '?';
}

/* A row of the screen with its colours: "text|classes". */
struct wanted {
	const char *text, *classes;
};

static bool shown_at(struct terminal *t, const struct wanted *wanted, struct terminal_place at)
{
	for (size_t i = 0; wanted->classes[i]; i++) {
		VTermScreenCell cell = terminal_cell(t, at.row, at.col + (int)i);
		if (wanted->text[i] != ' ' && letter_of(&cell) != wanted->classes[i])
			return false;
	}
	return true;
}

static bool shown(struct terminal *t, const void *arg)
{
	const struct wanted *wanted = arg;
	struct terminal_place at;

	return terminal_find(t, wanted->text, &at) && shown_at(t, wanted, at);
}

static void see(struct terminal *t, const char *text, const char *classes)
{
	struct wanted wanted = {text, classes};

	assert_int_equal(strlen(text), strlen(classes));
	terminal_until(t, shown, &wanted, classes);
}

static void leave(struct terminal *t)
{
	terminal_press(t, "C-q");
	assert_int_equal(terminal_exit(t), 0);
	assert_null(terminal_left_behind(t));
	terminal_end(t);
}

static void a_text_is_colored_and_edits_change_that(void **state)
{
	static const char text[] = "#include <a.h>\n"
				   "static int x = 10; /* one\n"
				   "two */ return \"a\\n\";\n"
				   "while (y) z;\n";
	struct stage *stage = *state;

	stage_write(stage, "main.c", text, strlen(text));
	struct server *server = server_start(stage, "main.c", NULL);
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");
	struct terminal *bea = stage_join(stage, server_url(server, "editor"), "Bea");
	terminal_see(ada, "2 here");
	terminal_press(ada, "C-End"); /* carets have colours of their own */
	see(bea, "#include <a.h>", "pppppppp.sssss");
	see(bea, "static int x = 10; /* one", "kkkkkk.ttt.....nn..cccccc");
	see(bea, "two */ return \"a\\n\";", "cccccc.kkkkkk.ssees.");
	/* Another's edit: the comment does not end any more. */
	terminal_press(ada, "Up");
	terminal_type(ada, "/*");
	terminal_press(ada, "C-End");
	see(bea, "/*while (y) z;", "cccccccccccccc");
	see(ada, "/*while (y) z;", "cccccccccccccc");
	terminal_press(ada, "C-z C-End");
	see(bea, "while (y) z;", "kkkkk.......");
	leave(ada);
	leave(bea);
}

/* What is far down is shown from a guess at first, and then as it is. */
static void the_end_of_a_long_text_is_right_in_the_end(void **state)
{
	struct stage *stage = *state;
	size_t bytes = 0, lines = 40000;
	char *text = malloc(lines * 16 + 16);

	bytes += (size_t)sprintf(text, "'''\n");
	for (size_t i = 0; i < lines; i++)
		bytes += (size_t)sprintf(text + bytes, "return 1\n");
	bytes += (size_t)sprintf(text + bytes, "last = 2\n");
	stage_write(stage, "long.py", text, bytes);
	free(text);
	struct server *server = server_start(stage, "long.py", NULL);
	struct terminal *ada = stage_join(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "1 here");
	terminal_press(ada, "C-End");
	see(ada, "last = 2", "ssssssss");
	terminal_press(ada, "C-Home Delete");
	terminal_press(ada, "C-End");
	see(ada, "last = 2", ".......n"); /* two quotes are an empty string */
	leave(ada);
}

static void without_colors_there_are_none(void **state)
{
	struct stage *stage = *state;

	stage_write(stage, "main.c", "int x = 10;\n", 12);
	struct server *server = server_start(stage, "main.c", NULL);
	struct terminal *ada = stage_join_plain(stage, server_url(server, "editor"), "Ada");
	terminal_see(ada, "1 here");
	see(ada, "int x = 10;", "...........");
	leave(ada);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_text_is_colored_and_edits_change_that, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(
			the_end_of_a_long_text_is_right_in_the_end, stage_setup, stage_teardown),
		cmocka_unit_test_setup_teardown(
			without_colors_there_are_none, stage_setup, stage_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
