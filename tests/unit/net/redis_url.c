/* What a Redis may be called. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "net/redis.h"

static void test_shapes(void **state)
{
	static const struct {
		const char *url, *hosts, *master, *user, *password, *prefix, *ca;
		unsigned db;
		bool tls;
	} rows[] = {
		{"redis://localhost", "localhost", "", "", "", "codecollab:", "", 0, false},
		{"redis://10.0.0.5:7000/3", "10.0.0.5:7000", "", "", "", "codecollab:", "", 3,
			false},
		{"redis://:s%40cret@h/", "h", "", "", "s@cret", "codecollab:", "", 0, false},
		{"redis://s3cret@h", "h", "", "", "s3cret", "codecollab:", "", 0, false},
		{"rediss://ada:a:b@[::1]:6380?prefix=x%3a&ca=/etc/ca.pem", "[::1]:6380", "", "ada",
			"a:b", "x:", "/etc/ca.pem", 0, true},
		{"redis+sentinel://a:1,b,c:3/main/2?prefix=", "a:1,b,c:3", "main", "", "", "", "",
			2, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct redis_options options;
		assert_null(redis_url(rows[i].url, &options));
		assert_string_equal(options.hosts, rows[i].hosts);
		assert_string_equal(options.master, rows[i].master);
		assert_string_equal(options.user, rows[i].user);
		assert_string_equal(options.password, rows[i].password);
		assert_string_equal(options.prefix, rows[i].prefix);
		assert_string_equal(options.ca, rows[i].ca);
		assert_int_equal(options.db, rows[i].db);
		assert_int_equal(options.tls, rows[i].tls);
	}
}

static void test_refusals(void **state)
{
	static const char *const urls[] = {"", "redis:", "redis://", "redis://a:b@", "http://h",
		"redis://h/x", "redis://h/99999999", "redis://h/1x", "redis://h?what=1",
		"redis://h?prefix={x}", "redis://a%0@h", "redis://a%zz@h", "redis://%00@h",
		"redis+sentinel://h", "redis+sentinel://h/", "redis+sentinel://h/n/x"};
	char longer[2000] = "redis://";
	struct redis_options options;

	(void)state;
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++)
		assert_non_null(redis_url(urls[i], &options));
	memset(longer + strlen(longer), 'h', sizeof(longer) - strlen(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	assert_non_null(redis_url(longer, &options));
	longer[1000] = '@';
	assert_non_null(redis_url(longer, &options));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shapes),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
