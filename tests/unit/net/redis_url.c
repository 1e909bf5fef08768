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
		{"rediss+sentinel://ada:pw@a,b/main?ca=/ca&sentinel-password=p%26w", "a,b", "main",
			"ada", "pw", "codecollab:", "/ca", 0, true},
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

static void test_both_ends_of_sentinels(void **state)
{
	struct redis_options options;

	(void)state;
	assert_null(
		redis_url("rediss+sentinel://:pw@a/main?sentinel-user=eve&sentinel-password=p%26w"
			  "&cert=/c&key=/k",
			&options));
	assert_string_equal(options.password, "pw");
	assert_string_equal(options.sentinel_user, "eve");
	assert_string_equal(options.sentinel_password, "p&w");
	assert_string_equal(options.cert, "/c");
	assert_string_equal(options.key, "/k");
	assert_null(redis_url("redis+sentinel://:pw@a/main", &options));
	assert_string_equal(options.sentinel_password, ""); /* it is not the sentinels' business */
}

static void test_files(void **state)
{
	struct redis_options options;

	(void)state;
	assert_null(redis_url("redis://h", &options));
	assert_null(redis_tls_fault(&options));
	assert_null(redis_url("rediss://h", &options));
	assert_null(redis_tls_fault(&options));
	assert_null(redis_url("rediss://h?ca=/nowhere", &options));
	assert_non_null(strstr(redis_tls_fault(&options), "ca="));
	assert_null(redis_url("rediss://h?cert=/nowhere&key=/nowhere", &options));
	assert_non_null(strstr(redis_tls_fault(&options), "cert="));
}

static void test_refusals(void **state)
{
	static const char *const urls[] = {"", "redis:", "redis://", "redis://a:b@", "http://h",
		"redis://h/x", "redis://h/99999999", "redis://h/1x", "redis://h?what=1",
		"redis://h?prefix={x}", "redis://a%0@h", "redis://a%zz@h", "redis://%00@h",
		"redis+sentinel://h", "redis+sentinel://h/", "redis+sentinel://h/n/x",
		"rediss://h?cert=/c", "rediss://h?key=/k", "redis://h?ca=/c",
		"redis://h?cert=/c&key=/k", "redis://h?sentinel-password=p",
		"redis+sentinel://h/n?ca=/c", "rediss+sentinel://h", "rediss://h?prefix",
		"rediss://h?pre=x", "redis://h:port", "redis://::1",
		"redis+sentinel://a,b:99999/n"};
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
		cmocka_unit_test(test_both_ends_of_sentinels),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_refusals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
