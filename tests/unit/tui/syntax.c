/* Colours kept up while a text is edited: what is shown must be what lexing the whole text anew gives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"
#include "tests/laws/choice.h"
#include "tui/syntax.h"
#include "tui/syntax_file.h"

static const char *const folders[] = {TESTS_DIR "/../syntax", NULL};

static struct syntax_machine *machine(const char *name)
{
	char *why = NULL;
	struct syntax_machine *m = syntax_file_load(folders, name, &why);

	if (!m || why)
		fail_msg("%s: %s", name, why ? why : "not found");
	return m;
}

struct scene {
	struct text *text;
	struct syntax *syntax;
	struct syntax_machine *anew; /* the same language, for the reference */
};

static void scene_open(struct scene *scene, const char *language, const char *at, size_t bytes)
{
	assert_int_equal(text_load(&scene->text, at, bytes), ERR_NONE);
	scene->syntax = syntax_create(machine(language));
	scene->anew = machine(language);
	syntax_reset(scene->syntax, scene->text);
}

static void scene_close(struct scene *scene)
{
	syntax_destroy(scene->syntax);
	syntax_machine_destroy(scene->anew);
	text_destroy(scene->text);
}

static void edit(struct scene *scene, size_t pos, size_t drop, const char *insert)
{
	struct op op = {0};

	op_retain(&op, pos);
	op_insert(&op, insert, strlen(insert));
	op_delete(&op, drop);
	assert_int_equal(op_apply(&op, scene->text), ERR_NONE);
	syntax_changed(scene->syntax, &op);
	op_fini(&op);
}

/* How often it told that what was shown was not right. */
static size_t settle(struct scene *scene)
{
	size_t told = 0;
	bool seen, more = true;

	while (more) {
		more = syntax_idle(scene->syntax, scene->text, 1, &seen);
		told += seen;
	}
	assert_false(syntax_unsure(scene->syntax));
	return told;
}

static uint8_t class_at(struct scene *scene, size_t line, size_t col)
{
	size_t start = text_line_start(scene->text, line);
	uint8_t class;

	syntax_line(scene->syntax, scene->text, start, start + col, 1, &class);
	return class;
}

/* The whole text at once, from its start: a class each character. */
static uint8_t *reference(struct scene *scene)
{
	size_t bytes, points = text_size(scene->text).points, n = 0;
	char *slice = text_slice(scene->text, 0, points, &bytes);
	char *all = mem_realloc(slice, bytes + 2, 1);
	uint8_t *classes = mem_alloc(bytes + 1);
	struct syntax_memory *memory = syntax_memory_create();

	all[bytes] = all[bytes + 1] = '\n'; /* a last line ends too */
	syntax_machine_run(scene->anew, memory, 0, all, bytes + 1, classes);
	for (size_t i = 0; i < bytes; i++)
		if (!utf8_is_rest(all[i]))
			classes[n++] = classes[i];
	assert_int_equal(n, points);
	syntax_memory_destroy(memory);
	free(all);
	return classes;
}

static void must_be_right(struct scene *scene)
{
	uint8_t *right = reference(scene);
	size_t lines = text_size(scene->text).lines;

	for (size_t line = 0; line <= lines; line++) {
		size_t start = text_line_start(scene->text, line);
		size_t count = text_line_end(scene->text, line) - start;
		uint8_t *got = mem_alloc(count + 1);
		syntax_line(scene->syntax, scene->text, start, start, count, got);
		if (memcmp(got, right + start, count) != 0)
			fail_msg("line %zu of %zu is not as it should be", line, lines);
		free(got);
	}
	free(right);
}

static const char *const snippets[] = {
	"int x = 1;\n",
	"/* a\n",
	" b */\n",
	"\"str\\n\"",
	"#define A \\\n",
	"// größe \\\n",
	"\n",
	"R\"x(\n",
	")x\"\n",
	"return 'a';\n",
	"static void f(void)\n{\n\tputs(\"hello\");\n}\n",
};

#define SNIPPETS (sizeof(snippets) / sizeof(snippets[0]))

static void random_text(struct buf *text, struct choice *choice, size_t bytes)
{
	/* Mostly whole lines, so that not all of it is in one comment. */
	while (text->len < bytes)
		buf_add_str(
			text, snippets[pick(choice, 12) ? SNIPPETS - 1 : pick(choice, SNIPPETS)]);
}

static void random_edit(struct scene *scene, struct choice *choice)
{
	size_t points = text_size(scene->text).points, pos = pick(choice, points + 1);
	size_t drop = pick(choice, 3) ? 0 : pick(choice, pick(choice, 8) ? 40 : 9000);

	drop = drop < points - pos ? drop : points - pos;
	edit(scene, pos, drop, pick(choice, 4) ? snippets[pick(choice, SNIPPETS)] : "");
}

static void edits_leave_what_lexing_anew_gives(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 3; seed++) {
		struct choice choice = choice_of_seed(seed);
		struct buf text = {0};
		struct scene scene;

		random_text(&text, &choice, 60000);
		scene_open(&scene, "cpp", text.at, text.len);
		for (int round = 0; round < 8; round++) {
			for (int i = 0; i < 6; i++)
				random_edit(&scene, &choice);
			if (pick(&choice, 2))
				class_at(&scene, text_size(scene.text).lines / 2, 0);
			settle(&scene);
			must_be_right(&scene);
		}
		scene_close(&scene);
		buf_fini(&text);
	}
}

static void a_short_text_is_right_at_once(void **state)
{
	const char *text = "/* a\nb */ int x;\nr\"\"\n";
	struct scene scene;

	(void)state;
	scene_open(&scene, "c", text, strlen(text));
	must_be_right(&scene);
	edit(&scene, 0, 2, "");
	must_be_right(&scene);
	scene_close(&scene);
}

static void fill(struct buf *text, const char *line, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_add_str(text, line);
}

/* Far down nobody knows yet that all of this is a comment. */
static void a_guess_is_put_right(void **state)
{
	struct buf text = {0};
	struct scene scene;

	(void)state;
	buf_add_str(&text, "/*\n");
	fill(&text, "return 1;\n", 20000);
	scene_open(&scene, "c", text.at, text.len);
	assert_int_equal(class_at(&scene, 0, 0), SYNTAX_COMMENT);
	assert_int_equal(class_at(&scene, 15000, 0), SYNTAX_KEYWORD);
	assert_int_equal(settle(&scene), 1);
	assert_int_equal(class_at(&scene, 15000, 0), SYNTAX_COMMENT);
	assert_int_equal(settle(&scene), 0);
	scene_close(&scene);
	buf_fini(&text);
}

/* A comment opened far above the screen reaches it. */
static void an_edit_above_is_told(void **state)
{
	struct buf text = {0};
	struct scene scene;

	(void)state;
	fill(&text, "return 1;\n", 20000);
	scene_open(&scene, "c", text.at, text.len);
	settle(&scene);
	assert_int_equal(class_at(&scene, 15000, 0), SYNTAX_KEYWORD);
	edit(&scene, 0, 0, "/*");
	assert_true(settle(&scene) > 0);
	assert_int_equal(class_at(&scene, 15000, 0), SYNTAX_COMMENT);
	edit(&scene, 0, 2, "");
	assert_true(settle(&scene) > 0);
	assert_int_equal(class_at(&scene, 15000, 0), SYNTAX_KEYWORD);
	scene_close(&scene);
	buf_fini(&text);
}

/* A letter typed changes nothing behind its line: one stretch is lexed, and nothing is drawn twice. */
static void typing_costs_one_stretch(void **state)
{
	struct buf text = {0};
	struct scene scene;
	bool seen;

	(void)state;
	fill(&text, "return 1;\n", 20000);
	scene_open(&scene, "c", text.at, text.len);
	settle(&scene);
	edit(&scene, 100000, 0, "x");
	assert_true(syntax_unsure(scene.syntax));
	class_at(&scene, 10000, 0);
	assert_false(syntax_idle(scene.syntax, scene.text, 1, &seen));
	assert_false(seen);
	scene_close(&scene);
	buf_fini(&text);
}

static void idle_work_is_in_slices(void **state)
{
	struct buf text = {0};
	struct scene scene;
	bool seen;
	size_t slices = 1;

	(void)state;
	fill(&text, "return 1;\n", 20000);
	scene_open(&scene, "c", text.at, text.len);
	while (syntax_idle(scene.syntax, scene.text, 2 * SYNTAX_STRETCH, &seen))
		slices++;
	assert_in_range(slices, text.len / SYNTAX_STRETCH / 4, text.len / SYNTAX_STRETCH);
	scene_close(&scene);
	buf_fini(&text);
}

/* A megabyte without a newline: the string in it is known where it is looked at. */
static void a_long_line_is_lexed_in_stretches(void **state)
{
	struct buf text = {0};
	struct scene scene;
	size_t quote;

	(void)state;
	fill(&text, "a+1;", 1000);
	quote = text.len;
	buf_add_str(&text, "`");
	fill(&text, "b c ", 250000);
	buf_add_str(&text, "`\nreturn\n");
	scene_open(&scene, "js", text.at, text.len);
	settle(&scene);
	assert_int_equal(class_at(&scene, 0, 2), SYNTAX_NUMBER);
	assert_int_equal(class_at(&scene, 0, quote + 4), SYNTAX_STRING);
	assert_int_equal(class_at(&scene, 0, quote + 900001), SYNTAX_STRING);
	assert_int_equal(class_at(&scene, 1, 0), SYNTAX_KEYWORD);
	edit(&scene, quote, 1, "");
	settle(&scene);
	assert_int_equal(class_at(&scene, 0, quote + 900001), SYNTAX_TEXT);
	assert_int_equal(class_at(&scene, 1, 0), SYNTAX_STRING);
	scene_close(&scene);
	buf_fini(&text);
}

static void nothing_is_text(void **state)
{
	struct scene scene;
	uint8_t classes[4] = {9, 9, 9, 9};
	bool seen;

	(void)state;
	scene_open(&scene, "c", "", 0);
	syntax_line(scene.syntax, scene.text, 0, 0, 4, classes);
	assert_memory_equal(classes, "\0\0\0\0", 4);
	edit(&scene, 0, 0, "int");
	syntax_line(scene.syntax, scene.text, 0, 0, 4, classes);
	assert_int_equal(classes[2], SYNTAX_TYPE);
	assert_int_equal(classes[3], SYNTAX_TEXT);
	edit(&scene, 0, 3, "");
	settle(&scene);
	scene_close(&scene);
	/* Without a language nothing has a colour. */
	assert_int_equal(text_load(&scene.text, "int", 3), ERR_NONE);
	syntax_line(NULL, scene.text, 0, 0, 3, classes);
	assert_memory_equal(classes, "\0\0\0", 3);
	assert_false(syntax_idle(NULL, scene.text, 1, &seen));
	text_destroy(scene.text);
}

/* Characters of several bytes: classes are by character. */
static void classes_are_of_characters(void **state)
{
	const char *text = "\"größe 世界\" int\n";
	struct scene scene;

	(void)state;
	scene_open(&scene, "c", text, strlen(text));
	assert_int_equal(class_at(&scene, 0, 9), SYNTAX_STRING);
	assert_int_equal(class_at(&scene, 0, 10), SYNTAX_TEXT);
	assert_int_equal(class_at(&scene, 0, 11), SYNTAX_TYPE);
	scene_close(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_leave_what_lexing_anew_gives),
		cmocka_unit_test(a_short_text_is_right_at_once),
		cmocka_unit_test(a_guess_is_put_right),
		cmocka_unit_test(an_edit_above_is_told),
		cmocka_unit_test(typing_costs_one_stretch),
		cmocka_unit_test(idle_work_is_in_slices),
		cmocka_unit_test(a_long_line_is_lexed_in_stretches),
		cmocka_unit_test(nothing_is_text),
		cmocka_unit_test(classes_are_of_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
