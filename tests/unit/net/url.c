/* Join URLs: what each part of one means, and what is wrong with those that are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "net/url.h"
#include "ot/buf.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* The SHA-256 of "abc" (FIPS 180-2, appendix B.1). */
#define PIN "ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0"

/* clang-format off */
static const struct {
	const char *text;
	struct url url;
} good[] = {
	{"wss://example.org:7000/quiet-otter#t=a.b.c&fp=" PIN, {true, "example.org", 7000, "quiet-otter", "a.b.c", PIN, ""}},
	{"wss://example.org:7000/quiet-otter#fp=" PIN "&t=a.b.c", {true, "example.org", 7000, "quiet-otter", "a.b.c", PIN, ""}},
	{"wss://example.org/r", {true, "example.org", 8443, "r", "", "", ""}},
	{"wss://example.org/r#", {true, "example.org", 8443, "r", "", "", ""}},
	{"wss://example.org/r#t=", {true, "example.org", 8443, "r", "", "", ""}},
	{"wss://example.org/r#t=A-z_9.b.", {true, "example.org", 8443, "r", "A-z_9.b.", "", ""}},
	{"wss://example.org/r#fp=" PIN, {true, "example.org", 8443, "r", "", PIN, ""}},
	{"wss://example.org/r#new=%20?/&t=x&&y", {true, "example.org", 8443, "r", "x", "", ""}},
	{"WSS://Example.ORG/r", {true, "example.org", 8443, "r", "", "", ""}},
	{"wss://my_host-1/r", {true, "my_host-1", 8443, "r", "", "", ""}},
	{"wss://9lives.example/r", {true, "9lives.example", 8443, "r", "", "", ""}},
	{"wss://192.0.2.1:1/r", {true, "192.0.2.1", 1, "r", "", "", ""}},
	{"wss://[2001:DB8::1]:65535/r#t=x", {true, "2001:db8::1", 65535, "r", "x", "", ""}},
	{"wss://[::ffff:192.0.2.1]/r", {true, "::ffff:192.0.2.1", 8443, "r", "", "", ""}},
	{"ws://localhost:80/r", {false, "localhost", 80, "r", "", "", ""}},
	{"ws://127.0.0.1/r", {false, "127.0.0.1", 8443, "r", "", "", ""}},
	{"ws://127.255.3.4/r", {false, "127.255.3.4", 8443, "r", "", "", ""}},
	{"ws://[::1]/r", {false, "::1", 8443, "r", "", "", ""}},
	{"ws://[0:0:0:0:0:0:0:1]/r", {false, "0:0:0:0:0:0:0:1", 8443, "r", "", "", ""}},
};

#define SCHEME   "it does not begin with wss://"
#define CHAR     "it has a space, or a character that does not belong in a URL"
#define USER     "a user name or password does not belong in it"
#define QUERY    "a query (?) does not belong in it"
#define NO_HOST  "the host is missing"
#define HOST     "the host is not a name or an address"
#define IPV4     "the host is a number, but not an IPv4 address"
#define IPV6     "the IPv6 address in brackets is not one"
#define PORT     "the port is not a number from 1 to 65535"
#define NO_ROOM  "the room is missing"
#define ROOM     "the room is not 1 to 64 lower-case letters, digits and dashes"
#define BAD_T    "the token (t=) has characters that no token has"
#define BAD_FP   "the fingerprint (fp=) is not 43 characters of base64url"
#define LOOPBACK "ws:// is for this machine only; use wss://"

static const struct {
	const char *text, *why;
} bad[] = {
	{"", SCHEME},
	{"wss", SCHEME},
	{"wss:", SCHEME},
	{"wss:/h/r", SCHEME},
	{"//h/r", SCHEME},
	{"https://h/r", SCHEME},
	{"wsss://h/r", SCHEME},
	{"w://h/r", SCHEME},
	{"example.org/r", SCHEME},
	{"example.org:7000/r", SCHEME},
	{" wss://h/r", CHAR},
	{"wss://h/r ", CHAR},
	{"wss://h/r\n", CHAR},
	{"wss://h\t/r", CHAR},
	{"wss://h/r\x7f", CHAR},
	{"wss://h\xc3\xa9/r", CHAR},
	{"wss://u@h/r", USER},
	{"wss://u:p@h/r", USER},
	{"wss://u:p@[::1]/r", USER},
	{"wss://h:1@evil/r", USER},
	{"wss://", NO_HOST},
	{"wss:///r", NO_HOST},
	{"wss://:80/r", NO_HOST},
	{"wss://a..b/r", HOST},
	{"wss://.a/r", HOST},
	{"wss://a./r", HOST},
	{"wss://-a/r", HOST},
	{"wss://a-/r", HOST},
	{"wss://a%41/r", HOST},
	{"wss://a\\b/r", HOST},
	{"wss://a]/r", HOST},
	{"wss://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/r", HOST},
	{"wss://[::1]x/r", HOST},
	{"wss://1.2.3/r", IPV4},
	{"wss://1.2.3.256/r", IPV4},
	{"wss://2130706433/r", IPV4},
	{"wss://0x7f.1/r", IPV4},
	{"wss://127.0.0.01/r", IPV4},
	{"wss://[::1/r", IPV6},
	{"wss://[]/r", IPV6},
	{"wss://[1.2.3.4]/r", IPV6},
	{"wss://[::1%25eth0]/r", IPV6},
	{"wss://[g::1]/r", IPV6},
	{"wss://::1/r", NO_HOST},
	{"wss://[1:2:3:4:5:6:7:8:9]/r", IPV6},
	{"wss://[1111:1111:1111:1111:1111:1111:1111:1111:1111:1111]/r", IPV6},
	{"wss://h:/r", PORT},
	{"wss://h:0/r", PORT},
	{"wss://h:65536/r", PORT},
	{"wss://h:99999/r", PORT},
	{"wss://h:4294967376/r", PORT},
	{"wss://h:080/r", PORT},
	{"wss://h:-1/r", PORT},
	{"wss://h:8o/r", PORT},
	{"wss://h:80:80/r", PORT},
	{"wss://h", NO_ROOM},
	{"wss://h/", NO_ROOM},
	{"wss://h:80", NO_ROOM},
	{"wss://h#t=x", NO_ROOM},
	{"wss://h/#t=x", NO_ROOM},
	{"wss://h?x", NO_ROOM},
	{"wss://h/r?t=x", QUERY},
	{"wss://h/?", QUERY},
	{"wss://h/R", ROOM},
	{"wss://h/r/", ROOM},
	{"wss://h/a/b", ROOM},
	{"wss://h/../r", ROOM},
	{"wss://h/-r", ROOM},
	{"wss://h/%72", ROOM},
	{"wss://h/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ROOM},
	{"wss://h/r#t=a%41", BAD_T},
	{"wss://h/r#t=a=b", BAD_T},
	{"wss://h/r#t=a#fp=", BAD_T},
	{"wss://h/r#t=a&t=b", "it has two tokens (t=)"},
	{"wss://h/r#fp=" PIN "&fp=" PIN, "it has two fingerprints (fp=)"},
	{"wss://h/r#fp=", BAD_FP},
	{"wss://h/r#fp=abc", BAD_FP},
	{"wss://h/r#fp=" PIN "A", BAD_FP},
	{"wss://h/r#fp=ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0", BAD_FP},
	{"wss://h/r#fp=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa1", BAD_FP},
	{"ws://example.org/r", LOOPBACK},
	{"ws://localhost.example/r", LOOPBACK},
	{"ws://128.0.0.1/r", LOOPBACK},
	{"ws://[::2]/r", LOOPBACK},
	{"ws://[::ffff:127.0.0.1]/r", LOOPBACK},
};
/* clang-format on */

static void assert_url(const struct url *got, const struct url *want)
{
	assert_int_equal(got->tls, want->tls);
	assert_string_equal(got->host, want->host);
	assert_int_equal(got->port, want->port);
	assert_string_equal(got->room, want->room);
	assert_string_equal(got->token, want->token);
	assert_string_equal(got->pin, want->pin);
}

static void good_ones_have_their_parts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct url url;
		assert_null(url_parse(good[i].text, &url));
		assert_url(&url, &good[i].url);
	}
}

static void formatted_ones_mean_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct url url;
		char *text = url_format(&good[i].url);
		assert_null(url_parse(text, &url));
		assert_url(&url, &good[i].url);
		free(text);
	}
	char *text = url_format(&good[0].url);
	assert_string_equal(text, good[0].text);
	free(text);
	text = url_format(&good[12].url);
	assert_string_equal(text, "wss://[2001:db8::1]:65535/r#t=x");
	free(text);
}

static void bad_ones_are_told_why(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct url url = {.room = "before"};
		const char *why = url_parse(bad[i].text, &url);
		if (!why)
			fail_msg("%s was taken", bad[i].text);
		if (strcmp(why, bad[i].why) != 0)
			print_error("%s\n", bad[i].text);
		assert_string_equal(why, bad[i].why);
		assert_string_equal(url.room, "before");
	}
}

/* head, n times 'a', tail */
static const char *parse_long(const char *head, size_t n, const char *tail, struct url *url)
{
	struct buf text = {0};

	buf_add_str(&text, head);
	for (size_t i = 0; i < n; i++)
		buf_add_byte(&text, 'a');
	buf_add_str(&text, tail);
	char *at = buf_take(&text);
	const char *why = url_parse(at, url);
	free(at);
	return why;
}

static void lengths_have_limits(void **state)
{
	struct url url;

	(void)state;
	assert_null(parse_long("wss://h/", 64, "", &url));
	assert_int_equal(strlen(url.room), 64);
	assert_null(parse_long("wss://h/r#t=", TOKEN_MAX_BYTES, "", &url));
	assert_int_equal(strlen(url.token), TOKEN_MAX_BYTES);
	assert_string_equal(parse_long("wss://h/r#t=", TOKEN_MAX_BYTES + 1, "", &url),
		"the token (t=) is too long");
	assert_null(parse_long("wss://h/r#x=", URL_MAX_BYTES - 12, "", &url));
	assert_string_equal(
		parse_long("wss://h/r#x=", URL_MAX_BYTES - 11, "", &url), "it is too long");
	assert_string_equal(
		parse_long("wss://", 254, "/r", &url), "the host is longer than 253 characters");
	assert_null(parse_long("wss://", 63, ".b/r", &url));
	assert_string_equal(parse_long("wss://[", 300, "]/r", &url), IPV6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_ones_have_their_parts),
		cmocka_unit_test(formatted_ones_mean_the_same),
		cmocka_unit_test(bad_ones_are_told_why),
		cmocka_unit_test(lengths_have_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
