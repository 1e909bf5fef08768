/* Where patterns match, and what replaces them: what PCRE2's manual and plain reading say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/pattern.h"

#define A_UML  "\xC3\x84"
#define A_uml  "\xC3\xA4"
#define SIGMA  "\xCE\xA3"
#define sigma  "\xCF\x83"
#define last_s "\xCF\x82"

static struct pattern *make(const char *what, unsigned flags)
{
	char why[128];
	struct pattern *p = pattern_make(what, strlen(what), flags, why, sizeof(why));

	if (!p)
		fail_msg("%s: %s", what, why);
	return p;
}

struct row {
	const char *what;
	unsigned flags;
	const char *text, *marked; /* the text with each match in [ ] */
};

static const struct row rows[] = {
	/* clang-format off: a table is read by its columns */
	{"ab", 0, "xabyab", "x[ab]y[ab]"}, {"ab", 0, "aB AB", "[aB] [AB]"},
	{"aB", 0, "ab aB", "ab [aB]"}, {"ab", PATTERN_CASE, "aB ab", "aB [ab]"},
	{"aa", 0, "aaaaa", "[aa][aa]a"}, {"a", 0, "", ""}, {"abc", 0, "ab", "ab"},
	{"@", 0, "@`", "[@]`"}, {"[", 0, "{[", "{[[]"}, {".*", 0, "a.*b", "a[.*]b"},
	/* folded as Unicode folds */
	{A_uml "x", 0, A_UML "X", "[" A_UML "X]"}, {A_UML, 0, A_uml A_UML, A_uml "[" A_UML "]"},
	{sigma, 0, SIGMA sigma last_s, "[" SIGMA "][" sigma "][" last_s "]"},
	/* whole words */
	{"in", PATTERN_WORD, "in inn _in in-in", "[in] inn _in [in]-[in]"},
	{"in", PATTERN_WORD, A_uml "in in" A_uml " in1 in", A_uml "in in" A_uml " in1 [in]"},
	{"(x", PATTERN_WORD, "a(x b(xy", "a[(x] b(xy"},
	{A_uml, PATTERN_WORD, A_uml " " A_uml "b", "[" A_uml "] " A_uml "b"},
	/* expressions */
	{"a+", PATTERN_REGEX, "baab", "b[aa]b"}, {"^a", PATTERN_REGEX, "a\nba\na", "[a]\nba\n[a]"},
	{"a$", PATTERN_REGEX, "ab\na\na", "ab\n[a]\n[a]"},
	{"x*", PATTERN_REGEX, "axxb", "[]a[xx][]b[]"},
	{"a.b", PATTERN_REGEX, "a\nb a" A_uml "b", "a\nb [a" A_uml "b]"},
	{"(?<=a)b", PATTERN_REGEX, "ab bb", "a[b] bb"},
	{"\\bin\\b", PATTERN_REGEX, "in inn", "[in] inn"},
	{"in|out", PATTERN_REGEX | PATTERN_WORD, "in inn out", "[in] inn [out]"},
	{"\\w+", PATTERN_REGEX, A_uml "b-c", "[" A_uml "b]-[c]"},
	{"\\Wa", PATTERN_REGEX, "-A", "[-A]"}, {"\\p{Lu}b", PATTERN_REGEX, "XB", "[XB]"},
	{"A", PATTERN_REGEX, "aA", "a[A]"}, {"a\\n+b", PATTERN_REGEX, "a\n\nb", "[a\n\nb]"},
	/* clang-format on */
};

static size_t mark(struct pattern *p, const char *text, char *out)
{
	struct pattern_window window = {text, strlen(text), true, true};
	struct pattern_match match;
	size_t from = 0, done = 0, length = 0;

	while (pattern_next(p, &window, from, window.bytes + 1, &match) == PATTERN_FOUND) {
		length += (size_t)sprintf(out + length, "%.*s[%.*s]", (int)(match.start - done),
			text + done, (int)(match.end - match.start), text + match.start);
		done = match.end;
		from = match.end > match.start ? match.end : match.end + 1;
	}
	return length + (size_t)sprintf(out + length, "%s", text + done);
}

static void patterns_match_what_they_say(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct pattern *p = make(rows[i].what, rows[i].flags);
		char out[256];
		mark(p, rows[i].text, out);
		if (strcmp(out, rows[i].marked) != 0)
			fail_msg("%s in \"%s\": \"%s\", wanted \"%s\"", rows[i].what, rows[i].text,
				out, rows[i].marked);
		pattern_free(p);
	}
}

/* Many blocks, and a match at each place of one. */
static void a_match_is_found_wherever_it_is(void **state)
{
	char text[400];
	(void)state;

	for (size_t length = 1; length < 140; length += 23)
		for (size_t at = 0; at + length < sizeof(text); at++) {
			char what[140];
			struct pattern_match match;
			struct pattern_window window = {text, sizeof(text), true, true};
			memset(what, 'q', length);
			what[length - 1] = 'z';
			what[length] = '\0';
			struct pattern *p = make(what, 0);
			memset(text, 'q', sizeof(text));
			text[at + length - 1] = 'Z';
			assert_int_equal(
				pattern_next(p, &window, 0, sizeof(text), &match), PATTERN_FOUND);
			assert_int_equal(match.start, at);
			assert_int_equal(match.end, at + length);
			assert_int_equal(pattern_next(p, &window, at + 1, sizeof(text), &match),
				PATTERN_NONE);
			assert_int_equal(pattern_next(p, &window, 0, at, &match), PATTERN_NONE);
			pattern_free(p);
		}
}

static const struct {
	const char *what;
	unsigned flags;
	const char *text, *template, *result; /* NULL: refused */
} results[] = {
	/* clang-format off: a table is read by its columns */
	{"b", 0, "abc", "$1\\n", "$1\\n"}, {"b", 0, "abc", "", ""},
	{"(b)(c)", PATTERN_REGEX, "abc", "$2$1", "cb"},
	{"(b)(c)", PATTERN_REGEX, "abc", "\\2-\\1", "c-b"},
	{"(?<x>b)", PATTERN_REGEX, "abc", "<${x}>", "<b>"},
	{"b", PATTERN_REGEX, "abc", "$0$0", "bb"},
	{"b", PATTERN_REGEX, "abc", "\\n\\t\\\\1", "\n\t\\1"},
	{"(b)", PATTERN_REGEX, "abc", "\\U$1x\\Ey", "BXy"},
	{"(z)?b", PATTERN_REGEX, "abc", "[$1]", "[]"}, {"b", PATTERN_REGEX, "abc", "$1", NULL},
	{"b", PATTERN_REGEX, "abc", "${", NULL}, {"b", PATTERN_REGEX, "abc", "\\x{0}", NULL},
	{"b", PATTERN_REGEX, "abc", "$$", "$"},
	/* clang-format on */
};

static void templates_are_filled_in(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		struct pattern *p = make(results[i].what, results[i].flags);
		struct pattern_window window = {
			results[i].text, strlen(results[i].text), true, true};
		struct pattern_match match;
		struct buf out = {0};
		char why[128] = "";
		assert_int_equal(pattern_next(p, &window, 0, window.bytes, &match), PATTERN_FOUND);
		bool right = pattern_replacement(p, &window, results[i].template,
			strlen(results[i].template), &out, why, sizeof(why));
		assert_int_equal(right, results[i].result != NULL);
		if (right && (out.len != strlen(results[i].result) ||
				     (out.len && memcmp(out.at, results[i].result, out.len) != 0)))
			fail_msg("%s: \"%.*s\"", results[i].template, (int)out.len, out.at);
		assert_int_equal(right, *why == '\0');
		buf_fini(&out);
		pattern_free(p);
	}
}

static void bad_patterns_are_refused_in_words(void **state)
{
	static const char *const bad[] = {
		"(", "[a", "a{2,1}", "*", "\\C", "(?<n>a)(?<n>b)", "\xFF"};
	char why[128], large[PATTERN_MAX + 2];
	(void)state;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		*why = '\0';
		assert_null(pattern_make(bad[i], strlen(bad[i]), PATTERN_REGEX, why, sizeof(why)));
		assert_true(*why != '\0');
	}
	memset(large, 'a', sizeof(large));
	assert_null(pattern_make(large, PATTERN_MAX + 1, 0, why, sizeof(why)));
	struct pattern *p = pattern_make(large, PATTERN_MAX, 0, why, sizeof(why));
	assert_non_null(p);
	pattern_free(p);
}

/* Expressions that would run for ages give up: by PCRE2's counters, not by the clock. */
static void no_expression_runs_for_ages(void **state)
{
	static char text[40000];
	struct pattern_window window = {text, sizeof(text), true, true};
	struct pattern_match match;
	(void)state;

	memset(text, 'a', sizeof(text));
	struct pattern *p = make("(a+)+[bd]", PATTERN_REGEX);
	assert_int_equal(pattern_next(p, &window, 0, sizeof(text), &match), PATTERN_HARD);
	pattern_free(p);
	p = make("(a|a)*[bd]", PATTERN_REGEX);
	assert_int_equal(pattern_next(p, &window, 0, sizeof(text), &match), PATTERN_HARD);
	pattern_free(p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns_match_what_they_say),
		cmocka_unit_test(a_match_is_found_wherever_it_is),
		cmocka_unit_test(templates_are_filled_in),
		cmocka_unit_test(bad_patterns_are_refused_in_words),
		cmocka_unit_test(no_expression_runs_for_ages),
	};

	return cmocka_run_group_tests_name("pattern", tests, NULL, NULL);
}
