/* Writes that went through bytes are those that were meant, all of them or none. */
#include "tests/unit/src/scratch.h"

#include <sqlite3.h>

#include "src/server/pack.h"
#include "src/server/script.h"

enum { PUT, PACK, CLEAR };

static const struct sql table[] = {
	[PUT] = {"itb", "INSERT INTO thing VALUES (?, ?, ?)"},
	[PACK] = {"iz", "INSERT INTO packed VALUES (?, ?)"},
	[CLEAR] = {"", "DELETE FROM thing"},
};

struct world {
	sqlite3 *db;
	struct script script;
	struct buf bytes;
};

static int setup(void **state)
{
	struct world *w = mem_alloc(sizeof(*w));

	assert_int_equal(sqlite3_open(":memory:", &w->db), SQLITE_OK);
	assert_int_equal(
		sqlite3_exec(w->db,
			"CREATE TABLE thing (id INTEGER PRIMARY KEY, words TEXT, bytes BLOB);"
			"CREATE TABLE packed (id INTEGER PRIMARY KEY, bytes BLOB)",
			NULL, NULL, NULL),
		SQLITE_OK);
	assert_true(script_init(&w->script, w->db, table, sizeof(table) / sizeof(table[0])));
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	script_fini(&w->script);
	buf_fini(&w->bytes);
	assert_int_equal(sqlite3_close(w->db), SQLITE_OK);
	free(w);
	return 0;
}

static void put(struct world *w, uint64_t id, struct str words, struct str bytes)
{
	script_add(&w->bytes, table, PUT,
		SQL_VALUES(SQL_NUMBER(id), SQL_BYTES(words), SQL_BYTES(bytes)));
}

static bool run(struct world *w)
{
	return script_run(&w->script, w->bytes.at, w->bytes.len);
}

static uint64_t ask(struct world *w, const char *query)
{
	uint64_t number;

	assert_true(sql_ask_number(w->db, &(struct sql){"", query}, NULL, &number));
	return number;
}

static void all_is_as_it_was_meant(void **state)
{
	struct world *w = *state;

	put(w, 7, str("caf\xc3\xa9"), (struct str){"a\0b", 3});
	put(w, INT64_MAX, str(""), (struct str){"", 0});
	assert_true(run(w));
	assert_int_equal(ask(w, "SELECT count(*) FROM thing"), 2);
	assert_int_equal(ask(w, "SELECT id = 7 AND words = 'caf\xc3\xa9' AND bytes = x'610062'"
				" AND typeof(bytes) = 'blob' FROM thing ORDER BY id"),
		1);
	assert_int_equal(ask(w, "SELECT id = 9223372036854775807 AND words = '' AND"
				" bytes = x'' FROM thing ORDER BY id DESC"),
		1);
}

/* What was made later is run later, also where it was put behind in another string. */
static void scripts_may_be_joined(void **state)
{
	struct world *w = *state;
	struct buf more = {0};

	put(w, 1, str("gone"), str(""));
	script_add(&more, table, CLEAR, NULL);
	script_add(&more, table, PUT,
		SQL_VALUES(SQL_NUMBER(2), SQL_BYTES(str("stays")), SQL_BYTES(str(""))));
	buf_add(&w->bytes, more.at, more.len);
	assert_true(run(w));
	assert_int_equal(ask(w, "SELECT group_concat(id) = '2' FROM thing"), 1);
	buf_fini(&more);
}

static void all_or_nothing(void **state)
{
	struct world *w = *state;

	put(w, 1, str("a"), str(""));
	put(w, 1, str("the same number"), str(""));
	assert_false(run(w));
	assert_non_null(strstr(sqlite3_errmsg(w->db), "UNIQUE"));
	script_undo(&w->script);
	assert_int_equal(ask(w, "SELECT count(*) FROM thing"), 0);
	buf_clear(&w->bytes);
	put(w, 1, str("a"), str(""));
	assert_true(run(w));
	script_undo(&w->script); /* of what was run it undoes nothing */
	assert_int_equal(ask(w, "SELECT count(*) FROM thing"), 1);
}

static void large_values_are_packed(void **state)
{
	struct world *w = *state;
	size_t len = (size_t)3 << 20;
	char *words = mem_alloc(len + 1);
	struct buf out = {0};

	memset(words, 'x', len);
	for (uint64_t id = 1; id <= 2; id++)
		script_add(&w->bytes, table, PACK,
			SQL_VALUES(SQL_NUMBER(id), SQL_BYTES(((struct str){words, len}))));
	assert_true(run(w));
	sqlite3_stmt *row =
		sql_ask(w->db, &(struct sql){"", "SELECT bytes FROM packed WHERE id = 2"}, NULL);
	assert_true(sql_next(row));
	assert_true(sql_bytes(row, 0).len < len / 100);
	assert_true(unpack(sql_bytes(row, 0), len, &out));
	assert_int_equal(out.len, len);
	assert_memory_equal(out.at, words, len);
	sqlite3_finalize(row);
	buf_fini(&out);
	free(words);
}

static void what_does_not_fit_is_refused(void **state)
{
	static const struct sql wrong[] = {{"i", "INSERT INTO nothing VALUES (?)"}};
	struct world *w = *state;
	struct script script;

	assert_false(script_init(&script, w->db, wrong, 1));
	script_fini(&script);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	static const struct CMUnitTest tests[] = {
		TEST(all_is_as_it_was_meant),
		TEST(scripts_may_be_joined),
		TEST(all_or_nothing),
		TEST(large_values_are_packed),
		TEST(what_does_not_fit_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
