#include "tests/unit/ot/notation.h"

#include "ot/undo.h"

struct desk {
	struct text *text;
	struct undo *undo;
};

static struct desk open_desk(const char *utf8)
{
	return (struct desk){.text = text_of(utf8), .undo = undo_create()};
}

static void close_desk(struct desk *d)
{
	text_destroy(d->text);
	undo_destroy(d->undo);
}

static void own(struct desk *d, const char *notation, bool join)
{
	struct op op = op_of(notation), inverse;

	assert_int_equal(op_invert(&op, d->text, &inverse), ERR_NONE);
	undo_record(d->undo, &inverse, join);
	assert_int_equal(op_apply(&op, d->text), ERR_NONE);
	op_fini(&op);
}

static void others(struct desk *d, const char *notation)
{
	struct op op = op_of(notation);

	assert_int_equal(op_apply(&op, d->text), ERR_NONE);
	undo_remote(d->undo, &op);
	op_fini(&op);
}

static void assert_undo(struct desk *d, bool redo, const char *text)
{
	struct op op;

	assert_true((redo ? undo_redo : undo_undo)(d->undo, d->text, &op));
	assert_int_equal(op_apply(&op, d->text), ERR_NONE);
	assert_text(d->text, text);
	op_fini(&op);
}

static void assert_nothing_to(struct desk *d, bool redo)
{
	struct op op;

	assert_false((redo ? undo_redo : undo_undo)(d->undo, d->text, &op));
	assert_true(op_is_identity(&op));
}

static void test_there_and_back(void **state)
{
	struct desk d = open_desk("");

	(void)state;
	assert_nothing_to(&d, false);
	assert_nothing_to(&d, true);
	own(&d, "+one", false);
	own(&d, "3 +_two", false);
	own(&d, "1 -2", false);
	assert_text(d.text, "o_two");
	assert_undo(&d, false, "one_two");
	assert_undo(&d, false, "one");
	assert_undo(&d, true, "one_two");
	assert_undo(&d, true, "o_two");
	assert_nothing_to(&d, true);
	assert_undo(&d, false, "one_two");
	own(&d, "7 +!", false);
	assert_nothing_to(&d, true); /* a new edit: there is no going forward any more */
	assert_undo(&d, false, "one_two");
	assert_undo(&d, false, "one");
	assert_undo(&d, false, "");
	assert_nothing_to(&d, false);
	close_desk(&d);
}

static void test_joined(void **state)
{
	struct desk d = open_desk("");

	(void)state;
	own(&d, "+w", true); /* nothing to join: begins a step */
	own(&d, "1 +o", true);
	others(&d, "+>");
	own(&d, "3 +r", true);
	own(&d, "4 +d", true);
	others(&d, "5 +<");
	own(&d, "5 +_next", false);
	assert_text(d.text, ">word_next<");
	assert_undo(&d, false, ">word<");
	assert_undo(&d, false, "><");
	assert_nothing_to(&d, false);
	assert_undo(&d, true, ">word<");
	close_desk(&d);
}

static void test_among_others(void **state)
{
	struct desk d = open_desk("base");

	(void)state;
	own(&d, "4 +mine", false);
	others(&d, "6 +THEIRS");
	assert_text(d.text, "basemiTHEIRSne");
	others(&d, "13 -1");
	own(&d, "-4", false);
	assert_text(d.text, "miTHEIRSn");
	others(&d, "9 +!");
	assert_undo(&d, false, "basemiTHEIRSn!");
	assert_undo(&d, false, "baseTHEIRS!");
	others(&d, "4 -2");
	assert_undo(&d, true, "basemiEIRSn!"); /* what they deleted of ours stays deleted */
	close_desk(&d);
}

/* What comes back stands before what others wrote where it was. */
static void test_tie(void **state)
{
	struct desk d = open_desk("[gone]");

	(void)state;
	own(&d, "1 -4", false);
	others(&d, "1 +new");
	assert_undo(&d, false, "[gonenew]");
	assert_undo(&d, true, "[new]");
	close_desk(&d);
}

/* A step of which nothing is left is passed over. */
static void test_hollow_steps(void **state)
{
	struct desk d = open_desk("");

	(void)state;
	own(&d, "+first", false);
	own(&d, "5 +second", false);
	others(&d, "5 -6");
	own(&d, "5", false); /* changes nothing, is no step */
	assert_undo(&d, false, "");
	assert_nothing_to(&d, false);
	assert_undo(&d, true, "first");
	assert_nothing_to(&d, true);
	close_desk(&d);
}

static void test_most_steps(void **state)
{
	struct desk d = open_desk("");
	struct op op;
	size_t steps = 0;

	(void)state;
	for (size_t i = 0; i < 2 * UNDO_STEPS + 100; i++)
		own(&d, "+x", false);
	while (undo_undo(d.undo, d.text, &op)) {
		assert_int_equal(op_apply(&op, d.text), ERR_NONE);
		op_fini(&op);
		steps++;
	}
	assert_in_range(steps, UNDO_STEPS, 2 * UNDO_STEPS);
	assert_int_equal(text_size(d.text).points + steps, 2 * UNDO_STEPS + 100);
	close_desk(&d);
}

static void assert_peek(
	struct desk *d, size_t i, size_t typed, size_t deleted, const char *text, uint64_t mark)
{
	struct undo_step step;

	assert_true(undo_peek(d->undo, i, &step));
	assert_int_equal(step.typed, typed);
	assert_int_equal(step.deleted, deleted);
	assert_int_equal(step.bytes, strlen(text));
	assert_memory_equal(step.bytes ? step.text : "", text, step.bytes);
	assert_int_equal(step.mark, mark);
}

static void test_peek(void **state)
{
	struct desk d = open_desk("one_two_three");
	struct undo_step step;

	(void)state;
	assert_false(undo_peek(d.undo, 0, &step));
	own(&d, "-4", false); /* two_three */
	undo_mark(d.undo, 41);
	own(&d, "3 +abcde", false);  /* twoabcde_three */
	own(&d, "1 -1 5 -2", false); /* in two places */
	others(&d, "+theirs");
	own(&d, "6 +x -1", false);
	assert_peek(&d, 0, 1, 1, "t", 0);
	assert_peek(&d, 1, 0, 3, "w", 0);
	assert_peek(&d, 2, 5, 0, "", 0);
	assert_peek(&d, 3, 0, 4, "one_", 41);
	assert_false(undo_peek(d.undo, 4, &step));
	assert_int_equal(undo_count(d.undo), 4);
	close_desk(&d);
}

static void test_excerpts_are_whole_characters(void **state)
{
	char text[2 * UNDO_EXCERPT + 2] = "x";
	struct undo_step step;

	(void)state;
	for (size_t i = 0; i < UNDO_EXCERPT; i++)
		strcat(text, "\xc3\xa9");
	struct desk d = open_desk(text);
	own(&d, "-60", false);
	assert_true(undo_peek(d.undo, 0, &step));
	assert_int_equal(step.deleted, 60);
	assert_int_equal(step.bytes, UNDO_EXCERPT - 1); /* x and 31 of two bytes */
	assert_memory_equal(step.text, text, step.bytes);
	close_desk(&d);
}

/* A step of which others left nothing is not made up for by one that was to stay. */
static void test_down_to(void **state)
{
	struct desk d = open_desk("");
	struct op op;

	(void)state;
	own(&d, "+a", false);
	own(&d, "1 +b", false);
	others(&d, "1 -1");
	assert_false(undo_down_to(d.undo, 1, d.text, &op));
	assert_int_equal(undo_count(d.undo), 1);
	assert_undo(&d, false, "");
	close_desk(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_joined),
		cmocka_unit_test(test_among_others),
		cmocka_unit_test(test_tie),
		cmocka_unit_test(test_hollow_steps),
		cmocka_unit_test(test_most_steps),
		cmocka_unit_test(test_peek),
		cmocka_unit_test(test_excerpts_are_whole_characters),
		cmocka_unit_test(test_down_to),
	};
	return cmocka_run_group_tests_name("undo", tests, NULL, NULL);
}
