/* Letters and the names they mean: which of several names people want, and which are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tui/fuzzy.h"

static int score(const char *pattern, const char *name)
{
	return fuzzy_score(pattern, strlen(pattern), name);
}

static void the_wanted_name_is_first(void **state)
{
	static const char *const rows[][3] = {
		/* letters, wanted, not so much */
		{"gtl", "go-to-line: Go to a line", "toggle: Great tall letters"},
		{"sa", "save: Save the file", "select-all: Select everything"},
		{"fn", "find-next: Find the next place", "find: Find text"},
		{"undo", "undo: Undo your newest edit", "unbound: nothing done so far"},
		{"dl", "duplicate-line: Double the line", "delete: Delete the character after"},
		{"dark", "theme dark: The colours", "delete-word-right: Delete and mark"},
		{"line del", "delete-line: x", "duplicate-line: x"},
		{"QUIT", "quit: Leave", "query-italics: x"},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (score(rows[i][0], rows[i][1]) <= score(rows[i][0], rows[i][2]))
			fail_msg("%s: %s (%d) is not before %s (%d)", rows[i][0], rows[i][1],
				score(rows[i][0], rows[i][1]), rows[i][2],
				score(rows[i][0], rows[i][2]));
}

static void what_is_not_there_scores_nothing(void **state)
{
	static const char *const rows[][2] = {
		{"x", "save"}, {"as", "sa"}, {"savee", "save"}, {"save x", "save"}, {"aa", "a"}};
	char name[1000];
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (score(rows[i][0], rows[i][1]))
			fail_msg("%s means %s", rows[i][0], rows[i][1]);
	assert_true(score("", "save") > 0);
	assert_true(score(" ", "save") > 0);
	memset(name, 'a', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	assert_true(score("aaa", name) > 0);
	assert_int_equal(score("", ""), score("", ""));
}

/* Of a sentence whole beginnings of words count, not letters that happen to be in it. */
static void what_is_described_is_meant_by_its_words(void **state)
{
	static const char name[] = "people: People here: go to or follow one";
	(void)state;
#define SCORE(pattern) fuzzy_described(pattern, strlen(pattern), name)
	assert_true(SCORE("ppl"));
	assert_true(SCORE("follow"));
	assert_true(SCORE("FOL one"));
	assert_true(SCORE("people go"));
	assert_false(SCORE("spell"));
	assert_false(SCORE("llow"));
	assert_false(SCORE("flw"));
	assert_true(SCORE(""));
	assert_true(SCORE("people") > SCORE("follow"));
#undef SCORE
	assert_true(fuzzy_described("gtl", 3, "go-to-line"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_wanted_name_is_first),
		cmocka_unit_test(what_is_not_there_scores_nothing),
		cmocka_unit_test(what_is_described_is_meant_by_its_words),
	};

	return cmocka_run_group_tests_name("fuzzy", tests, NULL, NULL);
}
