/* Every way in which a join can fail says what happened, and what to do about it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/client/refusal.h"

static const struct url far = {
	.tls = true, .host = "example.org", .port = 8443, .room = "quiet-otter", .pin = "AAAA"};
static const struct url near = {.room = "quiet-otter", .socket = "/run/quiet-otter.sock"};

static const struct {
	const struct url *url;
	enum ws_end end;
	unsigned code;
	const char *reason, *error, *what, *advice;
} ends[] = {
	{&far, WS_END_LOST, 0, "", "", "example.org port 8443", "Is it running"},
	{&far, WS_END_NAME, 0, "", "", "example.org is not known", "Is the URL complete"},
	{&far, WS_END_PIN, 0, "", "", "does not hold the key", "Ask for a new URL"},
	{&far, WS_END_REFUSED, 401, "missing", "", "no token", "in quotes"},
	{&far, WS_END_REFUSED, 401, "invalid", "", "does not accept", "Ask for a new URL"},
	{&far, WS_END_REFUSED, 401, "early", "", "is for later", "Try again later"},
	{&far, WS_END_REFUSED, 401, "expired", "", "has expired", "Ask for a new one"},
	{&far, WS_END_REFUSED, 403, "revoked", "", "was revoked", "Ask for a new URL"},
	{&far, WS_END_REFUSED, 403, "other-room", "", "another room", "Ask for a new URL"},
	{&far, WS_END_REFUSED, 404, "", "", "no room \"quiet-otter\"", "still being hosted"},
	{&far, WS_END_REFUSED, 426, "", "", "does not speak as", "Install the newer version"},
	{&far, WS_END_REFUSED, 429, "", "", "too many attempts from your address", "Wait a minute"},
	{&far, WS_END_REFUSED, 502, "", "", "no codecollab server behind it", "Try again later"},
	{&far, WS_END_REFUSED, 503, "", "", "full or shutting down", "Try again later"},
	{&far, WS_END_REFUSED, 504, "", "", "no codecollab server behind it", "Try again later"},
	{&far, WS_END_REFUSED, 200, "", "", "HTTP status 200", "Is it a codecollab server"},
	{&far, WS_END_CLOSED, 1008, "forbidden", "the room is locked. Ask an owner", "is locked",
		"Ask an owner"},
	{&far, WS_END_CLOSED, 1011, "oh", "", "closed the connection", "1011 oh"},
	{&near, WS_END_LOST, 0, "", "", "quiet-otter", "still being hosted"},
	{&near, WS_END_REFUSED, 403, "", "", "quiet-otter", "does not let you in"},
	{&near, WS_END_REFUSED, 503, "", "", "full or shutting down", "Try again later"},
};

static void sentences(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
		char *said = refusal_sentence(
			ends[i].url, ends[i].end, ends[i].code, ends[i].reason, ends[i].error);
		if (!strstr(said, ends[i].what) || !strstr(said, ends[i].advice))
			fail_msg("%zu: %s", i, said);
		free(said);
	}
}

/* Who has the text already: only what a later try could not change ends their tries. */
static void for_good(void **state)
{
	static const struct {
		enum ws_end end;
		unsigned code;
		const char *reason;
		bool good;
	} tries[] = {
		{WS_END_LOST, 0, "", false},
		{WS_END_NAME, 0, "", false},
		{WS_END_PIN, 0, "", true},
		{WS_END_REFUSED, 401, "expired", true},
		{WS_END_REFUSED, 403, "revoked", true},
		{WS_END_REFUSED, 404, "", false},
		{WS_END_REFUSED, 429, "", false},
		{WS_END_REFUSED, 503, "", false},
		{WS_END_CLOSED, 1013, "too-fast", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(tries) / sizeof(tries[0]); i++) {
		char *said = refusal_for_good(tries[i].end, tries[i].code, tries[i].reason);
		assert_int_equal(said != NULL, tries[i].good);
		if (said)
			assert_non_null(strstr(said, "Your text is still here"));
		free(said);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sentences),
		cmocka_unit_test(for_good),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
