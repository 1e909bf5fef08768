#include "tests/unit/ot/notation.h"

#include "ot/history.h"

static void add(struct history *h, const char *notation)
{
	struct op op = op_of(notation);

	history_add(h, &op);
	op_fini(&op);
}

static void assert_replays(struct history *h, const char *from, const char *to)
{
	struct text *text = text_of(from);
	struct buf out = {0};

	history_save(h, &out);
	assert_int_equal(history_replay(out.at, out.len, text), ERR_NONE);
	assert_text(text, to);
	text_destroy(text);
	buf_fini(&out);
}

static void test_empty(void **state)
{
	struct history h = {0};

	(void)state;
	assert_replays(&h, "as it was", "as it was");
	add(&h, "3");
	assert_replays(&h, "as it was", "as it was");
	history_fini(&h);
}

static void test_runs(void **state)
{
	struct history h = {0};

	(void)state;
	add(&h, "3 +d");
	add(&h, "4 +é");
	add(&h, "5 +f"); /* abcdéf */
	add(&h, "5 -1");
	add(&h, "4 -1");
	add(&h, "3 -1"); /* abc, backwards */
	add(&h, "-1");
	add(&h, "-1"); /* c, forwards */
	assert_replays(&h, "abc", "c");
	add(&h, "+x 1 +y");
	assert_replays(&h, "abc", "xcy");
	add(&h, "+1 1 -1 1 +2");
	assert_replays(&h, "abc", "1xy2");
	history_fini(&h);
}

/* The format, to the byte: what is stored today is read tomorrow. */
static void test_bytes(void **state)
{
	/* 3 inserted at 5; 2 deleted backwards from 8, where the caret is, and 1 from 5, nearer to 6 than 4 is */
	static const char want[] = {3, 3, 3 << 2, 2 << 2 | 2, 1 << 2 | 2, 10, 0, 1, 'a', 'b', 'c'};
	struct history h = {0};
	struct buf out = {0};

	(void)state;
	add(&h, "5 +a");
	add(&h, "6 +bc");
	add(&h, "7 -1");
	add(&h, "6 -1");
	add(&h, "4 -1");
	history_save(&h, &out);
	assert_int_equal(out.len, sizeof(want));
	assert_memory_equal(out.at, want, sizeof(want));
	buf_fini(&out);
	history_fini(&h);
}

static enum err replay(const char *bytes, size_t len)
{
	struct text *text = text_of("text");
	enum err e = history_replay(bytes, len, text);

	text_verify(text);
	text_destroy(text);
	return e;
}

static void test_refusals(void **state)
{
	(void)state;
	assert_int_equal(replay(NULL, 0), ERR_FORM);
	assert_int_equal(replay("\0", 1), ERR_FORM);
	assert_int_equal(replay("\0\0", 2), ERR_NONE);
	assert_int_equal(replay("\0\0x", 3), ERR_FORM);             /* text of no run */
	assert_int_equal(replay("\1\1\4\0", 4), ERR_FORM);          /* a run without its text */
	assert_int_equal(replay("\1\1\10\0\xc3\xa9", 6), ERR_FORM); /* two letters, there is one */
	assert_int_equal(replay("\1\1\4\0\xc3", 5), ERR_UTF8);
	assert_int_equal(replay("\1\1\4\12x", 5), ERR_RANGE); /* at 5 */
	assert_int_equal(replay("\1\1\4\1x", 5), ERR_RANGE);  /* at -1 */
	assert_int_equal(replay("\1\1\25\0", 4), ERR_RANGE);  /* 5 deleted */
	assert_int_equal(replay("\1\1\12\2", 4), ERR_RANGE);  /* 2 deleted before 1 */
	assert_int_equal(replay("\1\1\7\0", 4), ERR_FORM);    /* of no kind */
	assert_int_equal(replay("\1\1\1\0", 4), ERR_FORM);    /* of no length */
	assert_int_equal(replay("\1\2\5\0\0", 5), ERR_FORM);  /* a place of no run */
	assert_int_equal(replay("\1\x7f\5\0", 4), ERR_FORM);
	assert_int_equal(replay("\1\1\x80\0", 4), ERR_FORM);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_runs),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_refusals),
	};
	return cmocka_run_group_tests_name("history", tests, NULL, NULL);
}
