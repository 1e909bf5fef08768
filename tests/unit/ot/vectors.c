/* What other engines answered: tests/vectors/README.md says whose, and what a line means. */
#include "tests/unit/ot/notation.h"

#include <stdbool.h>

/* A value of one line's object: behind its key, up to whatever ends it. */
static const char *field(const char *line, const char *key)
{
	char quoted[16];

	snprintf(quoted, sizeof(quoted), "\"%s\":", key);
	const char *at = strstr(line, quoted);
	return at ? at + strlen(quoted) : NULL;
}

static bool field_is(const char *line, const char *key, const char *word)
{
	const char *at = field(line, key);

	return at && at[0] == '"' && strncmp(at + 1, word, strlen(word)) == 0 &&
	       at[1 + strlen(word)] == '"';
}

static char *field_string(const char *line, const char *key)
{
	const char *at = field(line, key);

	assert_non_null(at);
	assert_int_equal(at[0], '"');
	return strndup(at + 1, strcspn(at + 1, "\""));
}

static size_t field_number(const char *line, const char *key)
{
	const char *at = field(line, key);

	assert_non_null(at);
	return strtoul(at, NULL, 10);
}

static const char *read_component(const char *at, struct op *op)
{
	if (*at == '"') {
		size_t bytes = strcspn(at + 1, "\"");
		op_insert(op, at + 1, bytes);
		return at + bytes + 2;
	}
	char *end;
	long n = strtol(at, &end, 10);
	assert_true(end > at && n != 0);
	if (n > 0)
		op_retain(op, (size_t)n);
	else
		op_delete(op, (size_t)-n);
	return end;
}

static struct op field_op(const char *line, const char *key)
{
	const char *at = field(line, key);
	struct op op = {0};

	assert_non_null(at);
	assert_int_equal(*at++, '[');
	while (*at != ']') {
		at = read_component(at, &op);
		at += *at == ',';
	}
	return op;
}

static char *applied(const char *doc, const struct op *first, const struct op *then)
{
	struct text *text = text_of(doc);

	assert_int_equal(op_apply(first, text), ERR_NONE);
	if (then)
		assert_int_equal(op_apply(then, text), ERR_NONE);
	text_verify(text);
	char *all = text_slice(text, 0, text_size(text).points, NULL);
	text_destroy(text);
	return all;
}

static void assert_same_op(const struct op *got, const struct op *want)
{
	if (!op_equal(got, want)) {
		print_error("got  %s\n", op_written(got));
		print_error("want %s\n", op_written(want));
	}
	assert_true(op_equal(got, want));
}

struct tally {
	size_t lines, reordered;
};

static void check_apply(const char *line, struct tally *tally)
{
	char *doc = field_string(line, "doc"), *out = field_string(line, "out");
	struct op op = field_op(line, "op");
	char *got = applied(doc, &op, NULL);

	assert_string_equal(got, out);
	free(got);
	free(doc);
	free(out);
	op_fini(&op);
	(void)tally;
}

static void check_compose(const char *line, struct tally *tally)
{
	char *doc = field_string(line, "doc"), *out = field_string(line, "out");
	struct op a = field_op(line, "a"), b = field_op(line, "b"), want = field_op(line, "ab");
	struct op ab = op_compose(&a, &b);
	char *once = applied(doc, &ab, NULL), *twice = applied(doc, &a, &b);

	if (!field(line, "di"))
		assert_same_op(&ab, &want);
	assert_string_equal(once, twice);
	assert_string_equal(once, out);
	struct op *all[] = {&a, &b, &want, &ab};
	for (size_t i = 0; i < 4; i++)
		op_fini(all[i]);
	free(once);
	free(twice);
	free(doc);
	free(out);
	(void)tally;
}

static void check_transform(const char *line, struct tally *tally)
{
	char *doc = field_string(line, "doc"), *out = field_string(line, "out");
	struct op a = field_op(line, "a"), b = field_op(line, "b");
	struct op want_a = field_op(line, "a2"), want_b = field_op(line, "b2"), a2, b2;

	op_transform(&a, &b, field_is(line, "side", "left"), &a2, &b2);
	char *a_first = applied(doc, &a, &b2), *b_first = applied(doc, &b, &a2);
	assert_string_equal(a_first, b_first);
	if (!field(line, "di")) {
		assert_same_op(&a2, &want_a);
		assert_same_op(&b2, &want_b);
		assert_string_equal(a_first, out);
	}
	tally->reordered += strcmp(a_first, out) != 0;
	struct op *all[] = {&a, &b, &want_a, &want_b, &a2, &b2};
	for (size_t i = 0; i < 6; i++)
		op_fini(all[i]);
	free(a_first);
	free(b_first);
	free(doc);
	free(out);
}

static void check_cursor(const char *line, struct tally *tally)
{
	struct op op = field_op(line, "op");
	bool push = field_is(line, "bias", "push");
	size_t moved = op_transform_pos(&op, field_number(line, "pos"), push);

	if (moved != field_number(line, "out"))
		print_error("%s", line);
	assert_int_equal(moved, field_number(line, "out"));
	op_fini(&op);
	(void)tally;
}

static const struct {
	const char *name;
	void (*check)(const char *line, struct tally *tally);
} checks[] = {
	{"apply", check_apply},
	{"compose", check_compose},
	{"transform", check_transform},
	{"cursor", check_cursor},
};

static void check_line(const char *line, struct tally *tally)
{
	for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
		if (field_is(line, "t", checks[i].name)) {
			checks[i].check(line, tally);
			tally->lines++;
			return;
		}
	}
	fail_msg("unknown vector: %s", line);
}

static struct tally check_file(const char *name)
{
	char path[4096], *line = NULL;
	struct tally tally = {0};
	size_t cap = 0;

	snprintf(path, sizeof(path), "%s/vectors/%s.jsonl", TESTS_DIR, name);
	FILE *file = fopen(path, "r");
	assert_non_null(file);
	while (getline(&line, &cap, file) > 0)
		check_line(line, &tally);
	free(line);
	fclose(file);
	return tally;
}

static void test_ottypes(void **state)
{
	(void)state;
	assert_int_equal(check_file("ottypes-apply").lines, 2878);
	assert_int_equal(check_file("ottypes-compose").lines, 944);
	struct tally tally = check_file("ottypes-transform");
	assert_int_equal(tally.lines, 3006);
	print_message("%zu of %zu come out in another order\n", tally.reordered, tally.lines);
	assert_int_equal(
		tally.reordered, 343); /* as many as a model of the gaps between characters */
}

static void test_sharejs(void **state)
{
	(void)state;
	struct tally tally = check_file("sharejs-transform");
	assert_int_equal(tally.lines, 46);
	assert_int_equal(tally.reordered, 0);
}

static void test_cursor(void **state)
{
	(void)state;
	assert_int_equal(check_file("cursor").lines, 69);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ottypes),
		cmocka_unit_test(test_sharejs),
		cmocka_unit_test(test_cursor),
	};
	return cmocka_run_group_tests_name("vectors", tests, NULL, NULL);
}
