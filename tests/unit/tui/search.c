/*
 * Searches in texts that change: the list of matches is that of a plain model after any edits. Words are looked for by comparing at each
 * place, expressions by the C library's regexec().
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <locale.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/search.h"

#define E_ACUTE_A                                                                                  \
	"\xC3\xA9"                                                                                 \
	"a"

static uint64_t seed;

static size_t roll(size_t below)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(seed >> 33) % below;
}

struct kind {
	const char *what;
	unsigned flags;
};

static const struct kind kinds[] = {
	{"aa", 0},
	{"ab", PATTERN_CASE},
	{"a\nb", 0},
	{"b", PATTERN_WORD},
	{"\xC3\xA9"
	 "a",
		PATTERN_CASE},
	{"a+b", PATTERN_REGEX},
	{"[ab]\xC3\xA9?b", PATTERN_REGEX},
	{"^a", PATTERN_REGEX},
	{"b$", PATTERN_REGEX},
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
}

static bool word_byte(const char *text, size_t bytes, size_t at)
{
	return at < bytes && text[at] != ' ' && text[at] != '\n';
}

/* At a byte: how long a match of words is, or 0. */
static size_t words_at(const struct kind *kind, const char *text, size_t bytes, size_t at)
{
	size_t n = strlen(kind->what);

	for (size_t i = 0; i < n; i++) {
		char c = at + i < bytes ? text[at + i] : '\0';
		if ((kind->flags & PATTERN_CASE ? c : lower(c)) != kind->what[i])
			return 0;
	}
	bool whole = (!at || !word_byte(text, bytes, at - 1)) && !word_byte(text, bytes, at + n);
	return kind->flags & PATTERN_WORD && !whole ? 0 : n;
}

/* The expressions here stay within a line, and regexec() takes as long as all that it is given. */
static bool regex_next(
	const regex_t *regex, char *text, size_t bytes, size_t from, size_t *start, size_t *end)
{
	for (size_t next; from < bytes; from = next + 1) {
		regmatch_t match;
		int flags = from && text[from - 1] != '\n' ? REG_NOTBOL : 0;
		next = from + strcspn(text + from, "\n");
		char kept = text[next];
		text[next] = '\0';
		int none = regexec(regex, text + from, 1, &match, flags);
		text[next] = kept;
		*start = from + (none ? 0 : (size_t)match.rm_so);
		*end = from + (none ? 0 : (size_t)match.rm_eo);
		if (!none)
			return true;
	}
	return false;
}

/* The next match from a byte on; false: none. */
static bool model_next(const struct kind *kind, const regex_t *regex, char *text, size_t bytes,
	size_t from, size_t *start, size_t *end)
{
	if (kind->flags & PATTERN_REGEX)
		return regex_next(regex, text, bytes, from, start, end);
	for (*start = from; *start < bytes; ++*start) {
		size_t n = words_at(kind, text, bytes, *start);
		*end = *start + n;
		if (n)
			return true;
	}
	return false;
}

static void assert_listed(
	const struct search *s, const struct text *t, const struct kind *kind, uint64_t first_seed)
{
	size_t bytes, from = 0, start, end, i = 0, first, last = 0;
	char *text = text_slice(t, 0, SIZE_MAX, &bytes);
	regex_t regex;

	if (kind->flags & PATTERN_REGEX)
		assert_int_equal(
			regcomp(&regex, kind->what, REG_EXTENDED | REG_NEWLINE | REG_ICASE), 0);
	for (; model_next(kind, &regex, text, bytes, from, &start, &end); i++) {
		first = last + utf8_count(text + from, start - from).points;
		last = first + utf8_count(text + start, end - start).points;
		if (i >= s->count || s->at[i].start != first || s->at[i].end != last)
			fail_msg("seed %llu, %s: match %zu of %zu is not %zu-%zu",
				(unsigned long long)first_seed, kind->what, i, s->count, first,
				last);
		from = end;
	}
	if (i != s->count)
		fail_msg("seed %llu, %s: %zu matches, not %zu", (unsigned long long)first_seed,
			kind->what, s->count, i);
	if (kind->flags & PATTERN_REGEX)
		regfree(&regex);
	free(text);
}

static void add_text(struct buf *out, size_t pieces)
{
	static const char *const words[] = {
		"a", "b", "aa", "ab", "AB", " ", "\n", "\xC3\xA9", E_ACUTE_A, "x"};

	buf_room(out, 1);
	while (pieces--)
		buf_add_str(out, words[roll(sizeof(words) / sizeof(words[0]))]);
}

static struct text *make_text(size_t pieces)
{
	struct buf text = {0};
	struct text *t;

	add_text(&text, pieces);
	assert_int_equal(text_load(&t, text.at, text.len), ERR_NONE);
	buf_fini(&text);
	return t;
}

/* One to three places at a time. */
static void edit(struct text *t, struct search *s)
{
	struct op op = {0};
	size_t left = text_size(t).points;

	for (size_t places = 1 + roll(3); places; places--) {
		struct buf text = {0};
		size_t keep = roll(left + 1), drop = roll(left - keep < 5 ? left - keep + 1 : 6);
		add_text(&text, roll(4));
		op_retain(&op, keep);
		op_insert(&op, text.at, text.len);
		op_delete(&op, drop);
		left -= keep + drop;
		buf_fini(&text);
	}
	assert_int_equal(op_apply(&op, t), ERR_NONE);
	search_changed(s, t, &op);
	op_fini(&op);
}

static void start(struct search *s, const struct kind *kind, const struct sel *within)
{
	char why[128];

	assert_true(search_start(
		s, kind->what, strlen(kind->what), kind->flags, within, why, sizeof(why)));
}

static void play(size_t pieces, size_t edits, const struct kind *kind, uint64_t first_seed)
{
	struct search s = {0};
	struct text *t = make_text(pieces);

	start(&s, kind, NULL);
	for (size_t i = 0; i < edits; i++) {
		for (size_t steps = roll(3); steps; steps--)
			search_idle(&s, t);
		edit(t, &s);
		if (roll(4) == 0) {
			while (search_idle(&s, t))
				;
			assert_listed(&s, t, kind, first_seed);
		}
	}
	while (search_idle(&s, t))
		;
	assert_listed(&s, t, kind, first_seed);
	search_stop(&s);
	text_destroy(t);
}

static void edits_keep_the_matches_right(void **state)
{
	(void)state;
	for (uint64_t first = 1; first <= 200; first++) {
		seed = first;
		play(roll(120), 30, &kinds[first % KINDS], first);
	}
}

/* Windows, and slices of them, end within matches. */
static void long_texts_are_searched_in_slices(void **state)
{
	(void)state;
	for (uint64_t first = 1; first <= KINDS; first++) {
		seed = first;
		play(90000, 5, &kinds[first % KINDS], first);
	}
}

/* The listed matches of a stretch, while nothing is listed yet and when all is. */
static void what_shows_is_what_is_listed(void **state)
{
	struct sel now[64], later[64];
	(void)state;

	for (uint64_t first = 1; first <= 60; first++) {
		seed = first;
		struct search s = {0};
		struct text *t = make_text(400);
		size_t from = text_line_start(t, roll(10)), to = from + roll(60);
		start(&s, &kinds[1 + first % 4], NULL); /* those that cannot overlap */
		size_t count = search_visible(&s, t, from, to, now, 64);
		while (search_idle(&s, t))
			;
		assert_int_equal(search_visible(&s, t, from, to, later, 64), count);
		assert_memory_equal(now, later, count * sizeof(now[0]));
		search_stop(&s);
		text_destroy(t);
	}
}

static void settle(struct search *s, const struct text *t)
{
	while (s->seek == SEARCH_SEEKING)
		search_idle(s, t);
}

/* From any place, both ways, while listing and after: the next in the list, around the ends. */
static void seeking_goes_to_the_next_one(void **state)
{
	(void)state;
	for (uint64_t first = 1; first <= 90; first++) {
		seed = first;
		struct search s = {0}, listed = {0};
		struct text *t = make_text(first % 9 == 0 ? 100000 : 300);
		const struct kind *kind = &kinds[1 + first % 4];
		start(&listed, kind, NULL);
		while (search_idle(&listed, t))
			;
		for (int i = 0; i < 10; i++) {
			size_t pos = roll(text_size(t).points + 1), at = 0;
			bool forward = roll(2);
			while (at < listed.count && listed.at[at].start < pos)
				at++;
			bool wraps = forward ? at == listed.count : at == 0;
			at = forward ? at % (listed.count + !listed.count)
				     : (at ? at : listed.count) - 1;
			start(&s, kind, NULL);
			search_seek(&s, t, pos, forward);
			settle(&s, t);
			assert_int_equal(s.seek, listed.count ? SEARCH_FOUND : SEARCH_NOWHERE);
			if (!listed.count)
				continue;
			assert_int_equal(s.found.anchor, listed.at[at].start);
			assert_int_equal(s.wrapped, wraps);
			while (search_idle(&s, t))
				;
			assert_int_equal(search_rank(&s, s.found), at + 1);
		}
		search_stop(&s);
		search_stop(&listed);
		text_destroy(t);
	}
}

static struct text *text_of(const char *string)
{
	struct text *t;

	assert_int_equal(text_load(&t, string, strlen(string)), ERR_NONE);
	return t;
}

static void a_selection_bounds_the_search(void **state)
{
	struct text *t = text_of("aa aa aa aa");
	struct search s = {0};
	struct op op = {0};
	(void)state;

	start(&s, &kinds[0], &(struct sel){7, 3}); /* "aa a" */
	search_seek(&s, t, 0, true);
	while (search_idle(&s, t))
		;
	assert_int_equal(s.count, 1);
	assert_int_equal(s.found.anchor, 3);
	op_insert(&op, "aa", 2);
	op_retain(&op, 4);
	op_insert(&op, "a a", 3);
	assert_int_equal(op_apply(&op, t), ERR_NONE); /* aaaa aa aa aa aa: [5, 12) */
	search_changed(&s, t, &op);
	while (search_idle(&s, t))
		;
	assert_int_equal(s.count, 2);
	assert_int_equal(s.at[0].start, 5);
	assert_int_equal(s.at[1].start, 8);
	op_fini(&op);
	search_stop(&s);
	text_destroy(t);
}

static void replace_all(
	const char *before, const struct kind *kind, const char *with, const char *after)
{
	struct text *t = text_of(before);
	struct search s = {0};
	struct search_with words = {.template = with, .bytes = strlen(with)};
	struct op op;

	start(&s, kind, NULL);
	while (search_idle(&s, t))
		;
	assert_int_equal(search_replace_all(&s, t, &words, 0, &op), !*with);
	op_fini(&op);
	assert_true(search_replace_all(&s, t, &words, 100, &op));
	assert_int_equal(op_apply(&op, t), ERR_NONE);
	char *is = text_slice(t, 0, SIZE_MAX, NULL);
	assert_string_equal(is, after);
	free(is);
	op_fini(&op);
	search_stop(&s);
	text_destroy(t);
}

static void all_are_replaced_by_one_op(void **state)
{
	(void)state;
	replace_all("aa b aa aaa", &kinds[0], "x", "x b x xa");
	replace_all("ab aab b", &kinds[5], "<$0>", "<ab> <aab> b");
	replace_all("a\nb\na", &kinds[7], "> $0", "> a\nb\n> a");
	replace_all("a\nb\na", &(struct kind){"^", PATTERN_REGEX}, "- ", "- a\n- b\n- a");
	replace_all("\xC3\xA9"
		    "a \xC3\xA9"
		    "a",
		&kinds[4], "", " ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(edits_keep_the_matches_right),
		cmocka_unit_test(long_texts_are_searched_in_slices),
		cmocka_unit_test(what_shows_is_what_is_listed),
		cmocka_unit_test(seeking_goes_to_the_next_one),
		cmocka_unit_test(a_selection_bounds_the_search),
		cmocka_unit_test(all_are_replaced_by_one_op),
	};

	if (!setlocale(LC_ALL, "C.UTF-8"))
		return 1;
	return cmocka_run_group_tests_name("search", tests, NULL, NULL);
}
