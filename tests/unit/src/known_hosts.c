/*
 * A file of servers and pins, as it is written and as others may have left it.
 */
#include "tests/unit/src/scratch.h"

#include "src/client/known_hosts.h"

#define PIN_A "lDV2dKwhZIfT0urBVbACu_F52DLzDl-gNV6XnmtQcvw"
#define PIN_B "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU"

static char *top, *file;

static int setup(void **state)
{
	(void)state;
	top = scratch_make();
	file = report_sentence("%s/known_hosts", top);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(file);
	scratch_remove(top);
	return 0;
}

static struct url at(const char *host, unsigned port)
{
	struct url url = {.tls = true, .port = port};

	strcpy(url.host, host);
	return url;
}

static void assert_found(const char *host, unsigned port, const char *expected)
{
	struct url url = at(host, port);
	char pin[TLS_PIN_BYTES + 1] = "";

	assert_int_equal(known_hosts_find(file, &url, pin), expected != NULL);
	if (expected)
		assert_string_equal(pin, expected);
}

static void add(const char *host, unsigned port, const char *pin)
{
	struct url url = at(host, port);
	char *why;

	if (!known_hosts_add(file, &url, pin, &why))
		fail_msg("%s", why);
}

static void what_is_added_is_found(void **state)
{
	(void)state;
	assert_found("example.org", 8443, NULL);
	add("example.org", 8443, PIN_A);
	add("2001:db8::7", 8443, PIN_B);
	assert_found("example.org", 8443, PIN_A);
	assert_found("2001:db8::7", 8443, PIN_B);
	assert_found("example.org", 8444, NULL);
	assert_found("example.or", 8443, NULL);
	assert_found("1example.org", 8443, NULL);
	assert_int_equal(scratch_mode(file), 0600);
}

static void the_last_line_counts(void **state)
{
	(void)state;
	add("example.org", 8443, PIN_A);
	add("other.org", 8443, PIN_A);
	add("example.org", 8443, PIN_B);
	assert_found("example.org", 8443, PIN_B);
	assert_found("other.org", 8443, PIN_A);
}

static void other_lines_are_skipped(void **state)
{
	static const char text[] =
		"# mine\nexample.org:8443 short\nexample.org:8443 " PIN_A
		" \n\nexample.org:8443\t" PIN_A "\nb.org:1 " PIN_B "\nexample.org:8443 " PIN_A;

	(void)state;
	scratch_write(file, text, strlen(text));
	assert_found("example.org", 8443, NULL); /* the last one is not ended */
	assert_found("b.org", 1, PIN_B);
	add("c.org", 2, PIN_A);
	assert_found("c.org", 2, PIN_A);
	assert_found("example.org", 8443, PIN_A);
}

static void what_cannot_be_written_is_told(void **state)
{
	struct url url = at("example.org", 8443);
	char *why;

	(void)state;
	free(file);
	file = report_sentence("%s/no/known_hosts", top);
	assert_false(known_hosts_add(file, &url, PIN_A, &why));
	assert_non_null(strstr(why, file));
	free(why);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
		TEST(what_is_added_is_found),
		TEST(the_last_line_counts),
		TEST(other_lines_are_skipped),
		TEST(what_cannot_be_written_is_told),
#undef TEST
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
