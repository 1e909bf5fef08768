/* URLs of rooms over ssh: what they mean, and what is not let through to ssh and to shells. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/client/ssh_url.h"

static const struct {
	const char *text;
	struct ssh_url url;
} good[] = {
	{"ssh://box/otter", {"", "box", 0, "", "otter"}},
	{"SSH://box/otter", {"", "box", 0, "", "otter"}},
	{"ssh://ada@box/otter", {"ada", "box", 0, "", "otter"}},
	{"ssh://ada@example.org:2222/quiet-otter-1",
		{"ada", "example.org", 2222, "", "quiet-otter-1"}},
	{"ssh://My_Box/9", {"", "My_Box", 0, "", "9"}},
	{"ssh://192.0.2.1:65535/r", {"", "192.0.2.1", 65535, "", "r"}},
	{"ssh://[2001:db8::1]/r", {"", "2001:db8::1", 0, "", "r"}},
	{"ssh://a.b-c+d@[::1]:1/r", {"a.b-c+d", "::1", 1, "", "r"}},
	{"ssh://ada@corp.example@box/r", {"ada@corp.example", "box", 0, "", "r"}},
	{"ssh://box/linus/otter", {"", "box", 0, "linus", "otter"}},
	{"ssh://box/www-data/otter", {"", "box", 0, "www-data", "otter"}},
};

/* Each would be an option, a command, a variable, another word, or nothing that ssh knows. */
static const char *const bad[] = {"", "ssh", "ssh:/", "ssh:", "ssh://", "ssh:///r", "ssh://box",
	"ssh://box/", "wss://box/r", "ssh://-oProxyCommand=id/r", "ssh://-box/r", "ssh://.box/r",
	"ssh://-l@box/r", "ssh://@box/r", "ssh://a b@box/r", "ssh://a;id@box/r",
	"ssh://$(id)@box/r", "ssh://`id`@box/r", "ssh://a'b@box/r", "ssh://a\"b@box/r",
	"ssh://a\\b@box/r", "ssh://a:pw@box/r", "ssh://a%h@box/r", "ssh://%h/r", "ssh://box;id/r",
	"ssh://box id/r", "ssh://box\n/r", "ssh://box\t/r", "ssh://bo\x01x/r", "ssh://b\xc3\xb6x/r",
	"ssh://box$/r", "ssh://box|id/r", "ssh://box&/r", "ssh://box>x/r", "ssh://box`id`/r",
	"ssh://box:/r", "ssh://box:0/r", "ssh://box:65536/r", "ssh://box:-1/r", "ssh://box:+1/r",
	"ssh://box: 1/r", "ssh://box:022/r", "ssh://box:22x/r", "ssh://[::1/r", "ssh://[]/r",
	"ssh://[::1%eth0]/r", "ssh://[::1]x/r", "ssh://[::1]:/r", "ssh://[192.0.2.1]/r",
	"ssh://::1/r", "ssh://box/-r", "ssh://box/R", "ssh://box/r;id", "ssh://box/r id",
	"ssh://box/$(id)", "ssh://box/r\n", "ssh://box/r'", "ssh://box/../r", "ssh://box//r",
	"ssh://box/-o/r", "ssh://box/a;b/r", "ssh://box/a/b/r", "ssh://box/r/", "ssh://box/r?x",
	"ssh://box/r#t=x"};

static void what_they_mean(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ssh_url url;
		const char *why = ssh_url_parse(good[i].text, &url);
		if (why)
			print_message("%s: %s\n", good[i].text, why);
		assert_null(why);
		assert_string_equal(url.user, good[i].url.user);
		assert_string_equal(url.host, good[i].url.host);
		assert_int_equal(url.port, good[i].url.port);
		assert_string_equal(url.owner, good[i].url.owner);
		assert_string_equal(url.room, good[i].url.room);
	}
}

/* What is printed for the guests leads to the same place. */
static void what_is_printed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		char *text = ssh_url_format(&good[i].url);
		if (strncmp(good[i].text, "SSH", 3) != 0)
			assert_string_equal(text, good[i].text);
		free(text);
	}
}

static void what_is_refused(void **state)
{
	struct ssh_url url = {.host = "as it was"};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (!ssh_url_parse(bad[i], &url))
			fail_msg("%s passed", bad[i]);
		assert_string_equal(url.host, "as it was");
	}
}

/* One byte more than each part may have. */
static void what_is_too_long(void **state)
{
	static const struct {
		const char *before, *behind;
		size_t most;
	} parts[] = {{"ssh://", "@box/r", SSH_URL_USER_BYTES - 1},
		{"ssh://", "/r", SSH_URL_HOST_BYTES - 1}, {"ssh://box/", "", ROOM_NAME_BYTES - 1},
		{"ssh://box/", "/r", SSH_URL_USER_BYTES - 1}};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		for (size_t more = 0; more < 2; more++) {
			char part[2000] = "", text[2100];
			struct ssh_url url;
			memset(part, 'a', parts[i].most + more);
			snprintf(text, sizeof(text), "%s%s%s", parts[i].before, part,
				parts[i].behind);
			assert_int_equal(ssh_url_parse(text, &url) != NULL, more);
		}
	char long_text[5000];
	struct ssh_url url;
	memset(long_text, 'a', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	memcpy(long_text, "ssh://", 6);
	assert_non_null(ssh_url_parse(long_text, &url));
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(what_they_mean),
		cmocka_unit_test(what_is_printed), cmocka_unit_test(what_is_refused),
		cmocka_unit_test(what_is_too_long)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
