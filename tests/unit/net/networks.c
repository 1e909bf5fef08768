/* Lists of networks, as people write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "net/networks.h"

static void test_who_is_in(void **state)
{
	static const struct {
		const char *list, *address;
		bool in;
	} rows[] = {
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.2", false},
		{"10.0.0.0/8", "10.255.255.255", true},
		{"10.0.0.0/8", "11.0.0.0", false},
		{"192.0.2.128/25", "192.0.2.129", true},
		{"192.0.2.128/25", "192.0.2.127", false},
		{"192.0.2.4/31", "192.0.2.5", true},
		{"192.0.2.4/31", "192.0.2.6", false},
		{"0.0.0.0/0", "203.0.113.9", true},
		{"0.0.0.0/0", "2001:db8::1", false},
		{"::/0", "2001:db8::1", true},
		{"::/0", "203.0.113.9", true},
		{"::1", "::1", true},
		{"::1", "127.0.0.1", false},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"127.0.0.0/8", "::ffff:127.0.0.9", true},
		{"10.0.0.1,fd00::/8,192.0.2.7", "fd12::3", true},
		{"10.0.0.1,fd00::/8,192.0.2.7", "192.0.2.7", true},
		{"10.0.0.1,fd00::/8,192.0.2.7", "192.0.2.8", false},
		{"10.0.0.1", "", false},
		{"0.0.0.0/0", "local:1000", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct networks networks;
		assert_null(networks_parse(rows[i].list, &networks));
		if (networks_have(&networks, rows[i].address) != rows[i].in)
			fail_msg("%s in %s: not %d", rows[i].address, rows[i].list, rows[i].in);
	}
}

static void test_what_is_none(void **state)
{
	static const char *const lists[] = {"", ",", "10.0.0.1,", ",10.0.0.1", "10.0.0",
		"a.example", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/ 8", "10.0.0.0/+8",
		"10.0.0.0/", "10.0.0.0/0008", "::/129", "10.0.0.1/8", "10.0.0.128/24",
		"2001:db8::1/64", "10.0.0.1 ", "10.0.0.1, 10.0.0.2", "10.0.0.0/8/8"};

	(void)state;
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct networks networks;
		if (!networks_parse(lists[i], &networks))
			fail_msg("\"%s\" was taken", lists[i]);
		assert_int_equal(networks.count, 0);
	}
}

static void test_so_many_and_no_more(void **state)
{
	char list[NETWORKS_MOST * 16 + 16] = "";
	struct networks networks;

	(void)state;
	for (int i = 0; i < NETWORKS_MOST; i++)
		snprintf(list + strlen(list), sizeof(list) - strlen(list), "%s10.0.0.%d",
			i ? "," : "", i);
	assert_null(networks_parse(list, &networks));
	assert_int_equal(networks.count, NETWORKS_MOST);
	assert_true(networks_have(&networks, "10.0.0.63"));
	strcat(list, ",10.0.0.99");
	assert_non_null(networks_parse(list, &networks));
	assert_int_equal(networks.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_is_in),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_so_many_and_no_more),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
