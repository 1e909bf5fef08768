/*
 * Tokens that another implementation made, and forgeries of them: tests/vectors/tokens.jsonl.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <cmocka.h>

#include "net/base64url.h"
#include "net/issuer.h"
#include "net/token.h"

#define NOW INT64_C(1750000000)

static const struct {
	const char *name;
	enum token_fault fault;
} verdicts[] = {
	{"good", TOKEN_GOOD},
	{"malformed", TOKEN_MALFORMED},
	{"forged", TOKEN_FORGED},
	{"expired", TOKEN_EXPIRED},
	{"early", TOKEN_EARLY},
	{"foreign", TOKEN_FOREIGN},
	{"other-room", TOKEN_OTHER_ROOM},
};
#define VERDICTS (sizeof(verdicts) / sizeof(verdicts[0]))

struct judge {
	struct issuer *issuer; /* NULL: the key */
	struct token_key key;
	char room[ROOM_NAME_BYTES];
	size_t seen[VERDICTS], keys;
};

static const char *text(const cJSON *row, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(row, name));
}

static void take_secret(struct judge *judge, const char *k)
{
	struct buf bytes = {0};

	assert_true(base64url_decode(k, strlen(k), &bytes));
	assert_int_equal(bytes.len, TOKEN_KEY_BYTES);
	memcpy(judge->key.bytes, bytes.at, bytes.len);
	buf_fini(&bytes);
}

/* The PEM and the JWK are one key. */
static void take_public(struct judge *judge, const cJSON *row)
{
	char *jwk = cJSON_PrintUnformatted(cJSON_GetObjectItemCaseSensitive(row, "jwk"));
	const char *spki = text(row, "spki"), *why;
	struct issuer *other = issuer_read(spki, strlen(spki), &why);

	judge->issuer = issuer_read(jwk, strlen(jwk), &why);
	assert_non_null(judge->issuer);
	assert_non_null(other);
	assert_string_equal(issuer_alg(judge->issuer), text(row, "key"));
	assert_string_equal(issuer_alg(other), text(row, "key"));
	issuer_destroy(other);
	free(jwk);
}

static void take_key(struct judge *judge, const cJSON *row)
{
	issuer_destroy(judge->issuer);
	judge->issuer = NULL;
	judge->keys++;
	snprintf(judge->room, sizeof(judge->room), "%s", text(row, "room"));
	if (strcmp(text(row, "key"), "HS256") == 0)
		take_secret(judge, text(cJSON_GetObjectItemCaseSensitive(row, "jwk"), "k"));
	else
		take_public(judge, row);
}

static size_t verdict_of(const cJSON *row)
{
	for (size_t i = 0; i < VERDICTS; i++)
		if (strcmp(verdicts[i].name, text(row, "verdict")) == 0)
			return i;
	fail_msg("no verdict: %s", text(row, "verdict"));
	return 0;
}

static void judge_token(struct judge *judge, const cJSON *row)
{
	const char *token = text(row, "token");
	size_t len = strlen(token), expected = verdict_of(row);
	struct claims claims;
	enum token_fault fault =
		judge->issuer
			? token_verify_issued(judge->issuer, token, len, judge->room, NOW, &claims)
			: token_verify(&judge->key, token, len, judge->room, NOW, &claims);

	if (fault != verdicts[expected].fault)
		fail_msg(
			"%s, %s: %s", text(row, "alg"), text(row, "what"), token_fault_text(fault));
	judge->seen[expected]++;
	if (fault)
		return;
	assert_string_equal(claims.name, "Zo\u00eb \u5b57");
	assert_string_equal(claims.sub, "zoe@example.org");
	assert_string_equal(claims.jti, "from-elsewhere");
	assert_int_equal(claims.role, ROLE_VIEWER);
	assert_int_equal(claims.issued, 1700000000);
	assert_int_equal(claims.expires, INT64_C(4102444800));
}

static void agrees_with_jose(void **state)
{
	struct judge judge = {0};
	FILE *file = fopen(TESTS_DIR "/vectors/tokens.jsonl", "r");
	char *line = NULL;
	size_t cap = 0;

	(void)state;
	assert_non_null(file);
	while (getline(&line, &cap, file) > 0) {
		cJSON *row = cJSON_Parse(line);
		assert_non_null(row);
		if (text(row, "key"))
			take_key(&judge, row);
		else
			judge_token(&judge, row);
		cJSON_Delete(row);
	}
	free(line);
	fclose(file);
	issuer_destroy(judge.issuer);
	assert_int_equal(judge.keys, 3);
	for (size_t i = 0; i < VERDICTS; i++)
		if (judge.seen[i] < judge.keys)
			fail_msg("only %zu are %s", judge.seen[i], verdicts[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(agrees_with_jose)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
