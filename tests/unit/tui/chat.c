/* What was said, what was read, and what is in it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tui/chat.h"

static bool put(struct chat *chat, uint64_t id, uint64_t user, bool old)
{
	struct chat_line line = {.id = id, .user = user, .name = "Ada", .text = "hi"};

	return chat_put(chat, &line, old);
}

static void messages_come_once_and_the_oldest_go(void **state)
{
	struct chat chat = {0};
	(void)state;

	for (uint64_t id = 1; id <= CHAT_KEPT + 10; id++)
		assert_true(put(&chat, id, 1, false));
	assert_false(put(&chat, CHAT_KEPT + 10, 1, false));
	assert_false(put(&chat, 3, 1, false));
	assert_int_equal(chat.count, CHAT_KEPT);
	assert_int_equal(chat.at[0].id, 11);
	assert_int_equal(chat.at[CHAT_KEPT - 1].id, CHAT_KEPT + 10);
	chat_fini(&chat);
}

static void what_is_read_is_told_once(void **state)
{
	struct chat chat = {0};
	uint64_t id;
	(void)state;

	put(&chat, 4, 1, true);
	assert_int_equal(chat_unread(&chat, 2), 0); /* from before one came */
	assert_false(chat_take_seen(&chat, &id));
	put(&chat, 5, 1, false);
	put(&chat, 6, 2, false);
	put(&chat, 7, 1, false);
	assert_int_equal(chat_unread(&chat, 2), 2); /* not one's own */
	chat_read(&chat);
	assert_int_equal(chat_unread(&chat, 2), 0);
	assert_true(chat_take_seen(&chat, &id));
	assert_int_equal(id, 7);
	assert_false(chat_take_seen(&chat, &id));
	chat_fini(&chat);
}

static void somebody_is_spoken_to(void **state)
{
	static const struct {
		const char *text;
		bool mentions;
	} rows[] = {
		{"@Ada", true},
		{"well, @ada!", true},
		{"(@ADA)", true},
		{"@Adam, @Ada", true},
		{"@Adam", false},
		{"Ada", false},
		{"mail to x@ada", false},
		{"@Ada\xC3\xA9", false},
		{"@", false},
		{"", false},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (chat_mentions(rows[i].text, "Ada") != rows[i].mentions)
			fail_msg("\"%s\"", rows[i].text);
	assert_false(chat_mentions("@", ""));
}

static void places_are_found(void **state)
{
	static const struct {
		const char *text, *path; /* NULL: none */
		size_t line, col;
	} rows[] = {
		{"see main.c:5", "main.c", 5, 1},
		{"main.c:5:12 is wrong", "main.c", 5, 12},
		{"(src/a-b.h:120).", "src/a-b.h", 120, 1},
		{"at 12:30 see a.c:7", "12", 30, 1},
		{"note: a.c:7, b.c:8", "a.c", 7, 1},
		{"\xC3\xA9.txt:2", "\xC3\xA9.txt", 2, 1},
		{"a.c:0 a.c:1", "a.c", 1, 1},
		{"a.c:5x", NULL, 0, 0},
		{"a.c: 5", NULL, 0, 0},
		{":5", NULL, 0, 0},
		{"a.c:5:0", "a.c", 5, 1},
		{"a.c:9999999999", NULL, 0, 0},
		{"", NULL, 0, 0},
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct chat_place place;
		bool found = chat_place(rows[i].text, &place);
		if (found != (rows[i].path != NULL))
			fail_msg("\"%s\": %d", rows[i].text, found);
		if (!found)
			continue;
		assert_int_equal(place.bytes, strlen(rows[i].path));
		assert_memory_equal(place.path, rows[i].path, place.bytes);
		assert_int_equal(place.line, rows[i].line);
		assert_int_equal(place.col, rows[i].col);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_come_once_and_the_oldest_go),
		cmocka_unit_test(what_is_read_is_told_once),
		cmocka_unit_test(somebody_is_spoken_to),
		cmocka_unit_test(places_are_found),
	};

	return cmocka_run_group_tests_name("chat", tests, NULL, NULL);
}
