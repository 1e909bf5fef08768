/* The page that codecollab status draws, from what servers say, kind ones and others. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "src/client/status.h"

#define PULSE60(last)                                                                              \
	"0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0," last

/* Owned. */
static char *page_of(struct told *servers, size_t count, int cols, int rows)
{
	struct status_view view = {.cols = cols, .rows = rows, .utf8 = true, .clock = "12:00:00"};
	struct page page = {0};
	char *out = NULL;
	size_t len;
	FILE *file = open_memstream(&out, &len);

	status_page(servers, count, &view, &page);
	page_print(&page, file);
	fclose(file);
	page_fini(&page);
	return out;
}

static struct told told(const char *label, const char *now)
{
	struct told one = {.now = cJSON_Parse(now)};

	assert_non_null(one.now);
	snprintf(one.label, sizeof(one.label), "%s", label);
	return one;
}

static size_t count_of(const char *text, const char *word)
{
	size_t count = 0;

	while ((text = strstr(text, word))) {
		count++;
		text += strlen(word);
	}
	return count;
}

/* 5 edits in each of the last five seconds; of 100 commits 90 took up to 1 ms, 9 up to 2.5, one up to 5. */
static const char busy[] =
	"{\"version\":\"9\",\"uptime\":7200,\"people\":3,\"rooms\":2,\"cpu_seconds\":72,"
	"\"memory_bytes\":52428800,\"draining\":false,\"pulse\":[" PULSE60(
		"5,5,5,5,5") "],"
			     "\"commit\":{\"bounds\":[0.001,0.0025,0.005],\"counts\":[90,9,1,0]},\"list\":["
			     "{\"room\":\"kernel\",\"files\":4,\"stored\":true,\"here\":2,\"pulse\":[" PULSE60(
				     "5,5,5,5,5") "],"
						  "\"people\":[{\"user\":1,\"name\":\"Ada\",\"color\":\"#ff8700\",\"state\":\"typing\",\"file\":\"a.c\"},"
						  "{\"user\":2,\"name\":\"Ben\",\"color\":\"\",\"state\":\"offline\",\"file\":\"\"}]},"
						  "{\"room\":\"docs\",\"files\":1,\"stored\":true,\"here\":1,\"pulse\":[],\"people\":[]}],\"more\":7}";

static void what_a_server_tells(void **state)
{
	struct told one = told("10.0.0.1:8443", busy);
	char *page = page_of(&one, 1, 140, 0), line[600];

	(void)state;
	/* half within 50/90 of the first millisecond; 99 % at the end of the second bucket; 72 s of 7200 are 1 % */
	snprintf(line, sizeof(line), "\n ● %-23s%8s%9s%7s%19s%7s%8s%8s\n", one.label, "3", "5.0",
		"2", "0.6 ms / 2.5 ms", "1 %", "50 M", "2 h");
	assert_non_null(strstr(page, line));
	assert_non_null(strstr(page, "5.0 edits/s"));
	assert_non_null(strstr(page, "at most 5"));
	assert_non_null(strstr(page, " kernel                  2      4      5.0  "));
	assert_non_null(strstr(page, "Ada typing a.c, Ben offline\n"));
	assert_non_null(strstr(page, "and 7 more\n"));
	free(page);
	told_forget(&one);
}

static void what_has_no_room_is_left_out(void **state)
{
	struct told one = told("10.0.0.1:8443", busy);

	(void)state;
	for (int cols = 20; cols < 200; cols += 7)
		for (int rows = 4; rows < 40; rows += 5) {
			char *page = page_of(&one, 1, cols, rows);
			assert_true(count_of(page, "\n") <= (size_t)(rows > 8 ? rows : 8));
			free(page);
		}
	told_forget(&one);
}

static void a_room_of_several_servers_is_one(void **state)
{
	struct told two[2] = {told("10.0.0.1:8443", busy), told("10.0.0.2:8443", busy)};
	char *page = page_of(two, 2, 140, 0);

	(void)state;
	assert_int_equal(count_of(page, " kernel "), 1);
	assert_int_equal(count_of(page, "●"), 2);
	assert_non_null(strstr(page, "10.0 edits/s"));
	free(page);
	told_forget(&two[0]);
	told_forget(&two[1]);
}

static void one_that_does_not_answer(void **state)
{
	struct told one = {.label = "10.0.0.1:8443", .why = "Connection refused"};
	char *page = page_of(&one, 1, 80, 0), line[600];

	(void)state;
	snprintf(line, sizeof(line), "\n ● %-25s%s\n", one.label, one.why);
	assert_non_null(strstr(page, line));
	assert_non_null(strstr(page, "Nobody is in a room.\n"));
	free(page);
}

static void nonsense_does_no_harm(void **state)
{
	static const char *const answers[] = {"{}",
		"{\"people\":-3,\"list\":{},\"pulse\":7,\"commit\":[]}",
		"{\"people\":1e300,\"rooms\":\"x\",\"uptime\":-1,\"memory_bytes\":1e30,\"pulse\":[1e300,-1,\"a\",null]}",
		"{\"list\":[1,\"x\",null,{\"room\":5,\"people\":{}},{\"room\":\"\\u001b[2J\\u202e\",\"here\":\"many\","
		"\"people\":[7,{\"name\":[]},{\"name\":\"\\u001b]0;x\\u0007\"}]}],\"more\":1e99}",
		"{\"commit\":{\"bounds\":[\"a\"],\"counts\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,"
		"25,26,27,28,29,30,31,32,33,34,35]}}"};

	(void)state;
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct told one = told("server", answers[i]);
		char *page = page_of(&one, 1, 100, 24);
		assert_null(strchr(page, 0x1b));
		assert_null(strstr(page, "\u202e"));
		free(page);
		told_forget(&one);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_server_tells),
		cmocka_unit_test(what_has_no_room_is_left_out),
		cmocka_unit_test(a_room_of_several_servers_is_one),
		cmocka_unit_test(one_that_does_not_answer),
		cmocka_unit_test(nonsense_does_no_harm),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
