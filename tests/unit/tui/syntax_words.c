/* Words of a description: found as they are, or in any case; nothing else is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <cmocka.h>

#include "tests/laws/choice.h"
#include "tui/syntax_memory.h"
#include "tui/syntax_words.h"

#define WORDS 600

/* Few letters, so that many differ in one only, and some only by case. */
static size_t random_word(struct choice *choice, char *at)
{
	size_t bytes = 1 + pick(choice, pick(choice, 3) ? 9 : SYNTAX_WORD);

	for (size_t i = 0; i < bytes; i++)
		at[i] = "abAB_\xc3"[pick(choice, 6)];
	at[bytes] = '\0';
	return bytes;
}

struct model {
	char words[WORDS][SYNTAX_WORD + 1];
	uint16_t actions[WORDS];
	size_t count;
};

static uint16_t *model_find(struct model *model, const char *word, bool any_case)
{
	for (size_t i = 0; i < model->count; i++)
		if (any_case ? strcasecmp(model->words[i], word) == 0
			     : strcmp(model->words[i], word) == 0)
			return &model->actions[i];
	return NULL;
}

static void model_add(struct model *model, const char *word, uint16_t action, bool any_case)
{
	uint16_t *there = model_find(model, word, any_case);

	if (!there) {
		strcpy(model->words[model->count], word);
		there = &model->actions[model->count++];
	}
	*there = action;
}

static void must_find_what_the_list_has(bool any_case)
{
	static struct model model;
	struct choice choice = choice_of_seed(any_case + 1);
	struct syntax_words words = {.any_case = any_case, .saved = SYNTAX_NONE};
	char word[SYNTAX_WORD + 1];

	model.count = 0;
	for (uint16_t i = 0; i < WORDS; i++) {
		size_t bytes = random_word(&choice, word);
		syntax_words_add(&words, word, bytes, i);
		model_add(&model, word, i, any_case);
	}
	assert_int_equal(words.count, model.count);
	for (size_t i = 0; i < 20 * WORDS; i++) {
		size_t bytes = random_word(&choice, word);
		uint16_t *there = model_find(&model, word, any_case);
		assert_int_equal(
			syntax_words_find(&words, word, bytes), there ? *there : SYNTAX_NONE);
	}
	for (size_t i = 0; i < model.count; i++)
		assert_int_equal(syntax_words_find(&words, model.words[i], strlen(model.words[i])),
			model.actions[i]);
	syntax_words_fini(&words);
}

static void words_as_they_are(void **state)
{
	(void)state;
	must_find_what_the_list_has(false);
}

static void words_in_any_case(void **state)
{
	(void)state;
	must_find_what_the_list_has(true);
}

static void an_empty_list_has_nothing(void **state)
{
	struct syntax_words words = {.saved = SYNTAX_NONE};

	(void)state;
	assert_int_equal(syntax_words_find(&words, "a", 1), SYNTAX_NONE);
	assert_int_equal(syntax_words_find(&words, "", 0), SYNTAX_NONE);
	assert_int_equal(syntax_words_find(&words,
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
				 76),
		SYNTAX_NONE);
	syntax_words_fini(&words);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_as_they_are),
		cmocka_unit_test(words_in_any_case),
		cmocka_unit_test(an_empty_list_has_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
