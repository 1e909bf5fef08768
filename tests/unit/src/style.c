/* What .editorconfig asks for, and what becomes of a text and its file by it. */
#include "tests/unit/src/scratch.h"

#include "src/server/workspace.h"
#include "src/style.h"

static char *home;

static struct style asked(const char *rules)
{
	char *path = report_sentence("%s/.editorconfig", home),
	     *file = report_sentence("%s/a.txt", home);
	FILE *out = fopen(path, "we");

	assert_non_null(out);
	fprintf(out, "root = true\n[*]\n%s", rules);
	fclose(out);
	struct style style = style_of(file);
	free(path);
	free(file);
	return style;
}

static void assert_spared(const char *rules, const char *text, const char *becomes,
	const size_t *spared, size_t count)
{
	struct style style = asked(rules);
	struct text *t;

	assert_int_equal(text_load(&t, text, strlen(text)), ERR_NONE);
	struct op op = style_tidy(&style, t, spared, count);
	assert_int_equal(op_apply(&op, t), ERR_NONE);
	char *is = text_slice(t, 0, SIZE_MAX / 2, NULL);
	assert_string_equal(is, becomes);
	free(is);
	op_fini(&op);
	text_destroy(t);
}

static void assert_tidied(const char *rules, const char *text, const char *becomes)
{
	assert_spared(rules, text, becomes, NULL, 0);
}

static struct workspace_file formed(const char *rules, struct workspace_file file)
{
	struct style style = asked(rules);

	style_form(&style, &file);
	return file;
}

static void columns(void **state)
{
	struct style style = asked(
		"indent_style = space\nindent_size = 3\ntab_width = 5\nmax_line_length = 72\n");

	(void)state;
	assert_int_equal(style.by, STYLE_BY_BLANKS);
	assert_int_equal(style.indent, 3);
	assert_int_equal(style.tab_width, 5);
	assert_int_equal(style.line_max, 72);
	assert_int_equal(asked("max_line_length = off\n").line_max, 0);
	assert_int_equal(asked("max_line_length = 1000000\n").line_max, 0);
	assert_int_equal(asked("indent_size = 999\n").indent, 0);
}

static void line_ends(void **state)
{
	(void)state;
	assert_true(formed("end_of_line = crlf\n", (struct workspace_file){.form.mixed = true})
			    .form.crlf);
	assert_false(formed("end_of_line = crlf\n", (struct workspace_file){.form.mixed = true})
			     .form.mixed);
	assert_false(
		formed("end_of_line = lf\n", (struct workspace_file){.form.crlf = true}).form.crlf);
	assert_true(formed("end_of_line = cr\n", (struct workspace_file){.form.crlf = true})
			    .form.crlf); /* nobody has that */
	assert_tidied("end_of_line = lf\n", "a \r\nb\n", "a \nb\n");
	assert_tidied(
		"end_of_line = lf\ntrim_trailing_whitespace = true\n", "a \r\nb\t\n", "a\nb\n");
	assert_tidied("trim_trailing_whitespace = true\n", "a\r\nb \n", "a\r\nb\n");
	assert_tidied("insert_final_newline = true\n", "a", "a\n");
}

/* Somebody is behind the blanks of one line, or in them; in front of them nobody minds. */
static void spared(void **state)
{
	static const char rules[] = "trim_trailing_whitespace = true\n", text[] = "a  \nb  \nc  ";
	static const size_t at[] = {0, 1, 6, 6, 10}, first[] = {3}, last[] = {11}, none[] = {4, 8},
			    end[] = {0, 1};

	(void)state;
	assert_spared(rules, text, "a\nb  \nc  ", at, 5);
	assert_spared(rules, text, "a  \nb\nc", first, 1);
	assert_spared(rules, text, "a\nb\nc  ", last, 1);
	assert_spared(rules, text, "a\nb\nc", none, 2);
	assert_spared("insert_final_newline = true\n", "a", "a", end, 2);
	assert_spared("insert_final_newline = true\n", "a", "a\n", end, 1);
}

static void charsets(void **state)
{
	const struct workspace_file old = {.exists = true, .form.charset = CHARSET_WINDOWS};

	(void)state;
	assert_int_equal(formed("charset = utf-8\n", old).form.charset, CHARSET_UTF8);
	assert_true(formed("charset = utf-8-bom\n", old).form.bom);
	assert_int_equal(formed("charset = utf-16be\n", old).form.charset, CHARSET_UTF16BE);
	assert_true(formed("charset = utf-16be\n", old).form.bom);
	assert_int_equal(formed("charset = latin1\n", old).form.charset,
		CHARSET_WINDOWS); /* it may hold more than that */
	assert_int_equal(formed("charset = latin1\n", (struct workspace_file){0}).form.charset,
		CHARSET_LATIN1);
	assert_int_equal(formed("charset = ebcdic\n", old).form.charset, CHARSET_WINDOWS);
}

static int setup(void **state)
{
	(void)state;
	home = scratch_make();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	scratch_remove(home);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns),
		cmocka_unit_test(line_ends),
		cmocka_unit_test(spared),
		cmocka_unit_test(charsets),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
