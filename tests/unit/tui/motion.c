/*
 * Where carets go, against a model that walks each line from its start, cluster by cluster; and what a step costs where there is only
 * one word, or none, for megabytes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tests/laws/choice.h"
#include "tui/motion.h"
#include "tui/width.h"

enum kind { BLANK, END, WORD, SIGN };

static const struct {
	const char *bytes;
	enum kind kind;
} pieces[] = {
	{"a", WORD},
	{"b7_", WORD},
	{"!", SIGN},
	{"+=", SIGN},
	{" ", BLANK},
	{"\t", BLANK},
	{"\n", END},
	{"\xC3\xA9", WORD},
	{"e\xCC\x81", WORD},
	{"!\xCC\x81", SIGN},
	{"\xE6\x97\xA5\xE6\x9C\xAC", WORD},
	{"\xE3\x80\x80", BLANK},
	{"\xF0\x9F\x98\x80", WORD},
	{"\xF0\x9F\x91\xA8\xE2\x80\x8D\xF0\x9F\x91\xA9", WORD},
	{"\xF0\x9F\x87\xA9\xF0\x9F\x87\xAA", WORD},
	{"\xE0\xA4\x95\xE0\xA5\x8D\xE0\xA4\xB7\xE0\xA4\xBF", WORD},
	{"\xE2\x80\xA6", SIGN},
};

#define PIECES (sizeof(pieces) / sizeof(pieces[0]))

struct model {
	struct text *text;
	size_t *at;       /* boundaries, rising; the last is the end */
	enum kind *kinds; /* of the cluster behind each */
	size_t count;
};

static enum kind kind_of(uint32_t first)
{
	char is[4] = {(char)first};

	if (first == '\n')
		return END;
	if (first == 0x3000 || (first < 0x80 && strchr(" \t", *is)))
		return BLANK;
	return first == 0x2026 || (first < 0x80 && strchr("!+=", *is)) ? SIGN : WORD;
}

static struct model model_make(struct choice *choice, size_t length)
{
	struct buf bytes = {0};
	struct model model = {0};
	struct cluster c;

	/* Mostly runs of one kind. */
	for (size_t piece = 0; bytes.len < length;) {
		piece = pick(choice, 4) ? piece : pick(choice, PIECES);
		buf_add_str(&bytes, pieces[piece].bytes);
	}
	assert_int_equal(text_load(&model.text, bytes.at, bytes.len), ERR_NONE);
	model.at = mem_alloc((bytes.len + 1) * sizeof(*model.at));
	model.kinds = mem_alloc((bytes.len + 1) * sizeof(*model.kinds));
	struct text_iter it = text_iter(model.text, 0);
	while (model.at[model.count] = it.pos, width_next(&it, 0, &c))
		model.kinds[model.count++] = kind_of(c.first);
	model.kinds[model.count] = END;
	buf_fini(&bytes);
	return model;
}

static void model_drop(struct model *model)
{
	text_destroy(model->text);
	free(model->at);
	free(model->kinds);
}

static size_t model_word_right(const struct model *m, size_t i)
{
	while (i < m->count) {
		enum kind kind = m->kinds[i];
		while (i < m->count && m->kinds[i] == kind)
			i++;
		if (kind == WORD || kind == SIGN)
			break;
	}
	return m->at[i];
}

static size_t model_word_left(const struct model *m, size_t i)
{
	while (i) {
		enum kind kind = m->kinds[i - 1];
		while (i && m->kinds[i - 1] == kind)
			i--;
		if (kind == WORD || kind == SIGN)
			break;
	}
	return m->at[i];
}

static void check(const struct model *m, size_t i)
{
	size_t pos = m->at[i];

	assert_int_equal(motion_left(m->text, pos), m->at[i ? i - 1 : 0]);
	assert_int_equal(motion_right(m->text, pos), m->at[i < m->count ? i + 1 : i]);
	assert_int_equal(motion_word_right(m->text, pos), model_word_right(m, i));
	assert_int_equal(motion_word_left(m->text, pos), model_word_left(m, i));
	for (size_t between = pos; i < m->count && between < m->at[i + 1]; between++)
		assert_int_equal(motion_snap(m->text, between), pos);
}

static void steps_are_those_of_one_who_walks_from_the_start(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++) {
		struct choice choice = choice_of_seed(seed);
		struct model m = model_make(&choice, 1500);
		for (size_t i = 0; i <= m.count; i++)
			check(&m, i);
		model_drop(&m);
	}
}

/* Runs longer than what is gone back at once. */
static void long_words_are_one_step(void **state)
{
	static const char *const letters[] = {"a", "\xF0\x9F\x98\x80", "e\xCC\x81", " ", "!"};

	(void)state;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		struct buf bytes = {0};
		struct text *t;
		buf_add_str(&bytes, "x\n");
		for (size_t k = 0; k < 5000; k++)
			buf_add_str(&bytes, letters[i]);
		buf_add_str(&bytes, "\n");
		assert_int_equal(text_load(&t, bytes.at, bytes.len), ERR_NONE);
		size_t start = 2, end = text_size(t).points - 1;
		bool blank = *letters[i] == ' ';
		assert_int_equal(motion_word_left(t, end), blank ? 0 : start);
		assert_int_equal(motion_word_right(t, start), blank ? end + 1 : end);
		struct sel word = motion_word_at(t, end - 700);
		assert_int_equal(word.anchor, start);
		assert_int_equal(word.head, end);
		assert_int_equal(motion_indent_end(t, end), blank ? end : start);
		text_destroy(t);
		buf_fini(&bytes);
	}
}

/* A word of 200,000 letters is left in steps of MOTION_FAR, on either side of which there may be a little more. */
static void a_step_is_not_endless(void **state)
{
	static const char *const letters[] = {"a", "\xF0\x9F\x98\x80", " "};

	(void)state;
	for (size_t i = 0; i < sizeof(letters) / sizeof(letters[0]); i++) {
		struct buf bytes = {0};
		struct text *t;
		for (size_t k = 0; k < 200000; k++)
			buf_add_str(&bytes, letters[i]);
		assert_int_equal(text_load(&t, bytes.at, bytes.len), ERR_NONE);
		size_t left = 200000 - motion_word_left(t, 200000);
		assert_int_equal(motion_word_right(t, 0), MOTION_FAR);
		assert_in_range(left, MOTION_FAR, MOTION_FAR + 2048);
		assert_int_equal(motion_indent_end(t, 0), *letters[i] == ' ' ? MOTION_FAR : 0);
		text_destroy(t);
		buf_fini(&bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_are_those_of_one_who_walks_from_the_start),
		cmocka_unit_test(long_words_are_one_step),
		cmocka_unit_test(a_step_is_not_endless),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("motion", tests, NULL, NULL);
}
