/* What a document's file asks for: who is told of it, and when; and what form the file takes. */
#include "tests/unit/src/world.h"

#include "src/server/manner.h"

static void ask(struct world *w, const char *name, const char *value)
{
	asks_add(&w->asks, str(name), str(value));
}

static void save(struct world *w, struct person *person)
{
	say(w, person, "{\"t\":\"file\",\"do\":\"save\",\"path\":\"a.c\"}");
}

static void who_opens_it_is_told(void **state)
{
	struct world *w = world_create("abc");

	(void)state;
	ask(w, "indent_style", "tab");
	ask(w, "tab_width", "4");
	enter(w, &w->ada, ROLE_OWNER, "Ada");
	enter(w, &w->ben, ROLE_VIEWER, "Ben");
	const char *told = strstr(heard(&w->ben), "\"t\":\"opened\"");
	assert_non_null(told);
	assert_non_null(strstr(told, /* behind it */
		"{\"t\":\"style\",\"doc\":7,\"asks\":[{\"name\":\"indent_style\",\"value\":"
		"\"tab\"},{\"name\":\"tab_width\",\"value\":\"4\"}]}"));
	assert_heard(&w->ada, "\"t\":\"style\"");
	world_destroy(w);
}

static void nothing_is_said_of_what_asks_for_nothing(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");

	(void)state;
	w->now_ms += MANNER_LOOK_MS;
	save(w, ada);
	assert_not_heard(&w->ada, "\"t\":\"style\"");
	world_destroy(w);
}

static void what_changes_is_told_to_all_once(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada = enter(w, &w->ada, ROLE_OWNER, "Ada");

	(void)state;
	enter(w, &w->ben, ROLE_VIEWER, "Ben");
	ask(w, "tab_width", "4");
	save(w, ada); /* it was looked at just now */
	assert_not_heard(&w->ben, "\"t\":\"style\"");
	w->now_ms += MANNER_LOOK_MS;
	save(w, ada);
	assert_heard(&w->ada, "\"value\":\"4\"");
	assert_heard(&w->ben, "\"value\":\"4\"");
	forget(&w->ben);
	w->now_ms += MANNER_LOOK_MS;
	save(w, ada);
	assert_not_heard(&w->ben, "\"t\":\"style\"");
	w->asks.count = 0;
	w->now_ms += MANNER_LOOK_MS;
	save(w, ada);
	assert_heard(&w->ben, "{\"t\":\"style\",\"doc\":7,\"asks\":[]}");
	world_destroy(w);
}

static void who_comes_back_is_told_again(void **state)
{
	struct world *w = world_create("abc");
	struct person *ada;
	char hello[300];

	(void)state;
	ask(w, "tab_width", "4");
	ada = enter(w, &w->ada, ROLE_OWNER, "Ada");
	room_lost(w->room, ada);
	forget(&w->ada);
	snprintf(hello, sizeof(hello),
		"{\"t\":\"hello\",\"v\":1,\"name\":\"x\",\"session\":\"%s\","
		"\"docs\":[{\"path\":\"a.c\",\"rev\":0,\"seq\":0}]}",
		ada->session);
	say_hello(w, &w->ada, ROLE_OWNER, hello);
	assert_heard(&w->ada, "\"t\":\"resumed\"");
	assert_heard(&w->ada, "\"t\":\"style\"");
	world_destroy(w);
}

static struct workspace_file formed(
	const char *name, const char *value, struct workspace_file file, const char *content)
{
	struct asks asks = {0};
	struct doc doc = {.asks = &asks};
	struct text *text;

	asks_add(&asks, str(name), str(value));
	assert_int_equal(text_load(&text, content, strlen(content)), ERR_NONE);
	manner_form(&doc, &file, text);
	text_destroy(text);
	return file;
}

static void the_file_takes_the_form(void **state)
{
	const struct workspace_file plain = {.exists = true},
				    mixed = {.exists = true, .form.mixed = true};

	(void)state;
	assert_true(formed("end_of_line", "crlf", plain, "a\n").form.crlf);
	assert_false(formed("end_of_line", "lf", (struct workspace_file){.form.crlf = true}, "a\n")
			     .form.crlf);
	assert_true(formed("end_of_line", "crlf", mixed, "a\n").form.crlf);
	/* a carriage return in the text would be written twice */
	assert_false(formed("end_of_line", "crlf", mixed, "a\r\nb\n").form.crlf);
	assert_true(formed("charset", "utf-8-bom", plain, "a\n").form.bom);
	/* in a room it stays what can be shared */
	assert_int_equal(formed("charset", "utf-16le", plain, "a\n").form.charset, CHARSET_UTF8);
	assert_false(formed("charset", "utf-16le", plain, "a\n").form.bom);
}

static void what_is_not_known_is_left_out(void **state)
{
	struct asks asks = {0}, others;

	(void)state;
	asks_add(&asks, str("spelling_language"), str("en"));
	asks_add(&asks, str("tab_width"), str(""));
	asks_add(&asks, str("tab_width"), str("0123456789abcdef"));
	assert_int_equal(asks.count, 0);
	for (int i = 0; i < 100; i++)
		asks_add(&asks, str("tab_width"), str("4"));
	asks_add(&asks, (struct str){"tab_width=", 9}, (struct str){"8;", 1});
	assert_int_equal(asks.count, 1);
	assert_string_equal(asks.at[0].value, "8");
	others = asks;
	assert_true(asks_same(&asks, &others));
	asks_add(&others, str("tab_width"), str("4"));
	assert_false(asks_same(&asks, &others));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_opens_it_is_told),
		cmocka_unit_test(nothing_is_said_of_what_asks_for_nothing),
		cmocka_unit_test(what_changes_is_told_to_all_once),
		cmocka_unit_test(who_comes_back_is_told_again),
		cmocka_unit_test(the_file_takes_the_form),
		cmocka_unit_test(what_is_not_known_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
