/* Whom a balancer comes for. The headers are the specification's, and what HAProxy 2.6 and nginx 1.22 send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "net/origin.h"

#define SIGNATURE   "\r\n\r\n\0\r\nQUIT\n"
#define BYTES(text) (text), sizeof(text) - 1

/* "" when it names nobody. */
static void name(const struct sockaddr_storage *from, char out[INET6_ADDRSTRLEN])
{
	*out = '\0';
	if (from->ss_family == AF_INET)
		inet_ntop(AF_INET, &((const struct sockaddr_in *)from)->sin_addr, out,
			INET6_ADDRSTRLEN);
	else if (from->ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)from)->sin6_addr, out,
			INET6_ADDRSTRLEN);
}

static const struct {
	const char *at;
	size_t len;
	const char *from;
} good[] = {
	{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 56324 8443\r\n"), "192.0.2.7"},
	{BYTES("PROXY TCP6 2001:db8::7 2001:db8::1 65535 0\r\n"), "2001:db8::7"},
	{BYTES("PROXY TCP6 ::ffff:192.0.2.7 ::ffff:10.0.0.1 1 2\r\n"), "::ffff:192.0.2.7"},
	{BYTES("PROXY UNKNOWN\r\n"), ""},
	{BYTES("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
	       "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
		""},
	{BYTES(SIGNATURE "\x21\x11\0\x0c\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x20\xfb"), "192.0.2.7"},
	{BYTES(SIGNATURE "\x21\x21\0\x24"
			 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x07"
			 "\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\xdc\x04\x20\xfb"),
		"2001:db8::7"},
	{BYTES(SIGNATURE "\x21\x11\0\x14\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x20\xfb"
			 "\x05\0\x05quiet"),
		"192.0.2.7"},                /* with a unique id behind */
	{BYTES(SIGNATURE "\x20\0\0\0"), ""}, /* the balancer's own look */
	{BYTES(SIGNATURE "\x20\x11\0\x0c\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x20\xfb"), ""},
	{BYTES(SIGNATURE "\x21\0\0\0"), ""},
	{BYTES(SIGNATURE "\x21\x12\0\x0c\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x20\xfb"), ""}, /* UDP */
};

/* However much of it came, and whatever stands behind. */
static void test_headers(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char bytes[256], from[INET6_ADDRSTRLEN];
		struct sockaddr_storage address;
		size_t used = 0;
		for (size_t len = 0; len < good[i].len; len++)
			if (origin_read(good[i].at, len, &used, &address) != ORIGIN_PART)
				fail_msg("header %zu, %zu bytes of it", i, len);
		memcpy(bytes, good[i].at, good[i].len);
		memcpy(bytes + good[i].len, "\x16\x03\x01\r\n", 5);
		for (size_t more = 0; more <= 5; more++) {
			assert_int_equal(origin_read(bytes, good[i].len + more, &used, &address),
				ORIGIN_ALL);
			assert_int_equal(used, good[i].len);
			name(&address, from);
			assert_string_equal(from, good[i].from);
		}
	}
}

static void test_what_is_none(void **state)
{
	static const struct {
		const char *at;
		size_t len;
	} bad[] = {
		{BYTES("\x16\x03\x01")},
		{BYTES("GET / HTTP/1.1\r\n")},
		{BYTES("PROXY\r\n")},
		{BYTES("PROXY \r\n")},
		{BYTES("PROXY TCP4\r\n")},
		{BYTES("PROXY TCP5 192.0.2.7 10.0.0.1 1 2\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 1\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 1 2 3\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7  10.0.0.1 1 2\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 1 2 \r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 1 65536\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 -1 2\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.1 x 2\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7 10.0.0.256 1 2\r\n")},
		{BYTES("PROXY TCP4 2001:db8::7 10.0.0.1 1 2\r\n")},
		{BYTES("PROXY TCP6 192.0.2.7 10.0.0.1 1 2\r\n")},
		{BYTES("PROXY TCP4 192.0.2.7\0 10.0.0.1 1 2\r\n")},
		{BYTES("PROXY UNKNOWNS\r\n")},
		{BYTES("PROXY UNKNOWN 012345678901234567890123456789012345678901234567890123456789"
		       "0123456789012345678901234567890123")}, /* no end in 107 bytes */
		{BYTES(SIGNATURE "\x31\x11\0\x0c")},           /* version 3 */
		{BYTES(SIGNATURE "\x22\x11\0\x0c")},           /* no such command */
		{BYTES(SIGNATURE "\x21\x11\x03\xf1")},         /* too long */
		{BYTES(SIGNATURE "\x21\x11\0\x0b\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x20")},
		{BYTES(SIGNATURE "\x21\x21\0\x0c\xc0\0\x02\x07\x0a\0\0\x01\xdc\x04\x20\xfb")},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct sockaddr_storage address;
		size_t used;
		if (origin_read(bad[i].at, bad[i].len, &used, &address) != ORIGIN_NONE)
			fail_msg("bytes %zu were taken", i);
	}
}

static void test_forwarded(void **state)
{
	static const struct {
		const char *fields, *peer;
	} rows[] = {
		{"", "10.0.0.9"},
		{"X-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"},
		{"x-forwarded-for:192.0.2.7\r\n", "192.0.2.7"},
		{"X-Forwarded-For: 2001:db8::7\r\n", "2001:db8::7"},
		{"X-Forwarded-For: 192.0.2.7:1234\r\n", "192.0.2.7"},
		{"X-Forwarded-For: [2001:db8::7]:1234\r\n", "2001:db8::7"},
		{"X-Forwarded-For: [2001:db8::7]\r\n", "2001:db8::7"},
		/* what a client wrote itself stands before what the balancer adds */
		{"X-Forwarded-For: 127.0.0.1, 192.0.2.7\r\n", "192.0.2.7"},
		{"X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-For: 192.0.2.7\r\n", "192.0.2.7"},
		/* one balancer behind another */
		{"X-Forwarded-For: 192.0.2.7, 10.0.0.5, 10.0.0.6\r\n", "192.0.2.7"},
		{"X-Forwarded-For: 10.0.0.5\r\n", "10.0.0.9"},
		/* what is no address ends what can be believed */
		{"X-Forwarded-For: unknown\r\n", "10.0.0.9"},
		{"X-Forwarded-For: 192.0.2.7, unknown\r\n", "10.0.0.9"},
		{"X-Forwarded-For: unknown, 192.0.2.7\r\n", "192.0.2.7"},
		{"X-Forwarded-For: 192.0.2.7, 10.0.0.5x\r\n", "10.0.0.9"},
		{"X-Forwarded-For: ,,\r\n", "10.0.0.9"},
		{"X-Forwarded-For: 192.0.2.777777777777777777777777777777777777777777777777\r\n",
			"10.0.0.9"},
	};
	struct networks balancers;

	(void)state;
	assert_null(networks_parse("10.0.0.0/8", &balancers));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[512], peer[INET6_ADDRSTRLEN] = "10.0.0.9";
		struct http_head head;
		int len = snprintf(
			text, sizeof(text), "GET / HTTP/1.1\r\nHost: h\r\n%s\r\n", rows[i].fields);
		assert_true(http_parse(&head, text, (size_t)len));
		origin_forwarded(&head, &balancers, peer);
		if (strcmp(peer, rows[i].peer) != 0)
			fail_msg("%s gives %s", rows[i].fields, peer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_headers),
		cmocka_unit_test(test_what_is_none),
		cmocka_unit_test(test_forwarded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
