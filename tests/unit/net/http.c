/* Heads of requests: what RFC 9112 says is one, and what is refused though some servers forgive it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "net/http.h"

static bool parse(struct http_head *head, const char *text)
{
	size_t len = http_head_end(text, strlen(text));
	assert_int_equal(len, strlen(text));
	return http_parse(head, text, len);
}

static void assert_str(struct str s, const char *expected)
{
	assert_int_equal(s.len, strlen(expected));
	assert_memory_equal(s.at, expected, s.len);
}

static void finds_the_end(void **state)
{
	(void)state;
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nmore";
	size_t whole = strlen(text) - strlen("more");
	for (size_t len = 0; len < sizeof(text); len++)
		assert_int_equal(http_head_end(text, len), len < whole ? 0 : whole);
}

static void reads_a_request(void **state)
{
	(void)state;
	struct http_head head;
	struct str value;
	assert_true(
		parse(&head, "GET /quiet-otter?x=1 HTTP/1.1\r\nHost: example.org\r\nX-Empty:\r\n"
			     "x-spaced: \t in the middle  \r\n\r\n"));
	assert_str(head.method, "GET");
	assert_str(head.path, "/quiet-otter");
	assert_true(http_field_one(&head, "HOST", &value));
	assert_str(value, "example.org");
	assert_true(http_field_one(&head, "X-Empty", &value));
	assert_str(value, "");
	assert_true(http_field_one(&head, "X-Spaced", &value));
	assert_str(value, "in the middle");
	assert_false(http_field_one(&head, "X-Absent", &value));
}

static void walks_lists_over_several_fields(void **state)
{
	(void)state;
	struct http_head head;
	assert_true(parse(&head,
		"GET / HTTP/1.1\r\nHost: a\r\nAccept: one,two , ,\r\nOther: no\r\naccept:three\r\nAccept: \r\n\r\n"));
	static const char *const expected[] = {"one", "two", "three"};
	size_t from = 0, count = 0;
	struct str rest = {0}, item;
	while (http_item(&head, "Accept", &from, &rest, &item)) {
		assert_true(count < 3);
		assert_str(item, expected[count++]);
	}
	assert_int_equal(count, 3);
	assert_true(http_field_has(&head, "accept", "THREE"));
	assert_false(http_field_has(&head, "accept", "thre"));
	assert_false(http_field_has(&head, "other", "yes"));
	assert_false(http_field_one(&head, "Accept", &item));
}

static void refuses_what_is_no_request(void **state)
{
	(void)state;
	static const char *const heads[] = {
		"\r\n\r\n",
		"GET\r\n\r\n",
		"GET / HTTP/1.0\r\nHost: a\r\n\r\n",
		"GET / http/1.1\r\nHost: a\r\n\r\n",
		"GET  / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1 \r\nHost: a\r\n\r\n",
		"G(T / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET * HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET /\x7f HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nfolded: a\r\n b\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\n: no name\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nbare: line\nfeed\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: a\r\nctl: \x01\r\n\r\n",
	};
	struct http_head head;
	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++)
		if (parse(&head, heads[i]))
			fail_msg("taken: %s", heads[i]);
}

static void refuses_nul(void **state)
{
	(void)state;
	static const char text[] = "GET / HTTP/1.1\r\nHost: a\0b\r\n\r\n";
	struct http_head head;
	assert_false(http_parse(&head, text, sizeof(text) - 1));
}

static void answers(void **state)
{
	(void)state;
	struct buf out = {0};
	http_answer(&out, 200, "ok\n", 3);
	buf_add(&out, "", 1);
	assert_ptr_equal(strstr(out.at, "HTTP/1.1 200 OK\r\n"), out.at);
	assert_non_null(strstr(out.at, "\r\nContent-Length: 3\r\n"));
	assert_non_null(strstr(out.at, "\r\nConnection: close\r\n"));
	assert_string_equal(strstr(out.at, "\r\n\r\n"), "\r\n\r\nok\n");
	buf_clear(&out);
	http_answer(&out, 426, NULL, 0);
	buf_add(&out, "", 1);
	assert_non_null(strstr(out.at, "\r\nUpgrade: websocket\r\n"));
	assert_non_null(strstr(out.at, "\r\nConnection: close, Upgrade\r\n"));
	assert_string_equal(strstr(out.at, "\r\n\r\n"), "\r\n\r\nUpgrade Required\n");
	buf_clear(&out);
	http_answer(&out, 401, NULL, 0);
	buf_add(&out, "", 1);
	assert_non_null(strstr(out.at, "\r\nWWW-Authenticate: Bearer\r\n\r\n"));
	buf_clear(&out);
	http_answer(&out, 429, NULL, 0);
	buf_add(&out, "", 1);
	assert_non_null(strstr(out.at, "\r\nRetry-After: "));
	buf_clear(&out);
	http_answer(&out, 403, "revoked\n", 8);
	buf_add(&out, "", 1);
	assert_string_equal(strstr(out.at, "\r\n\r\n"), "\r\n\r\nrevoked\n");
	assert_non_null(strstr(out.at, "\r\nWWW-Authenticate: Bearer error=\"invalid_token\", "
				       "error_description=\"revoked\"\r\n\r\n"));
	buf_fini(&out);
	assert_string_equal(http_reason(404), "Not Found");
	assert_string_equal(http_reason(299), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_the_end),
		cmocka_unit_test(reads_a_request),
		cmocka_unit_test(walks_lists_over_several_fields),
		cmocka_unit_test(refuses_what_is_no_request),
		cmocka_unit_test(refuses_nul),
		cmocka_unit_test(answers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
