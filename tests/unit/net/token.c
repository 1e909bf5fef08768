/*
 * Tokens against two that were made elsewhere, and against every way of getting one wrong. Bad tokens are signed here, by
 * OpenSSL and not by token.c, with the right key: what refuses them is never only the MAC.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "net/base64url.h"
#include "net/token.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define EXPIRES      1700003600
#define NOW          1700000000

/* Key 00 01 02 … 1f; made with Python's hmac and base64. */
static const char full[] =
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCIsImtpZCI6ImsxIn0."
	"eyJhdWQiOiJjb2RlY29sbGFiIiwicm9vbSI6InF1aWV0LW90dGVyIiwicm9sZSI6ImVkaXRvciIsInN1YiI6ImFkYU"
	"BleGFtcGxlLm9yZyIsIm5hbWUiOiJBZGEiLCJleHAiOjE3MDAwMDM2MDAsIm5iZiI6MTcwMDAwMDAwMCwiaWF0Ijox"
	"NzAwMDAwMDAwLCJqdGkiOiIwMTIzNDU2Nzg5YWJjZGVmIn0."
	"LEUvp-qtWLpPjA7Hkgb5XTyFX65RjYnc_Pcc1dgyqD0";
static const char small[] =
	"eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
	"eyJhdWQiOiJjb2RlY29sbGFiIiwicm9vbSI6IioiLCJyb2xlIjoib3duZXIiLCJleHAiOjE3MDAwMDM2MDB9."
	"xzrM9Elr-YVQPxeHncrYgwoZITpgLHxavRkjVNJApdk";

static struct token_key key_of(const char *kid)
{
	struct token_key key = {0};

	for (size_t i = 0; i < TOKEN_KEY_BYTES; i++)
		key.bytes[i] = (unsigned char)i;
	strcpy(key.kid, kid);
	return key;
}

/* A signed token of these two JSON texts, in which ' stands for ". */
static char *forge(const char *header, const char *claims)
{
	struct token_key key = key_of("");
	unsigned char mac[32];
	struct buf out = {0};
	const char *parts[] = {header, claims};

	for (int i = 0; i < 2; i++) {
		struct buf json = {0};
		for (const char *c = parts[i]; *c; c++)
			buf_add_byte(&json, (unsigned char)(*c == '\'' ? '"' : *c));
		if (i)
			buf_add_byte(&out, '.');
		base64url_encode(json.at, json.len, &out);
		buf_fini(&json);
	}
	HMAC(EVP_sha256(), key.bytes, 32, (const unsigned char *)out.at, out.len, mac, NULL);
	buf_add_byte(&out, '.');
	base64url_encode(mac, sizeof(mac), &out);
	return buf_take(&out);
}

static enum token_fault verify(const char *token, const char *room, int64_t now)
{
	struct token_key key = key_of("k1");
	struct claims claims;
	/* Exactly the token's bytes, so that a sanitizer sees a read behind the end. */
	char *copy = malloc(strlen(token) + 1);

	memcpy(copy, token, strlen(token));
	enum token_fault fault = token_verify(&key, copy, strlen(token), room, now, &claims);
	free(copy);
	return fault;
}

/* ---- good ones ---- */

static void reads_a_token_made_elsewhere(void **state)
{
	struct token_key key = key_of("k1");
	struct claims c;

	(void)state;
	assert_int_equal(
		token_verify(&key, full, strlen(full), "quiet-otter", NOW, &c), TOKEN_GOOD);
	assert_string_equal(c.room, "quiet-otter");
	assert_int_equal(c.role, ROLE_EDITOR);
	assert_string_equal(c.sub, "ada@example.org");
	assert_string_equal(c.name, "Ada");
	assert_string_equal(c.jti, "0123456789abcdef");
	assert_int_equal(c.expires, EXPIRES);
	assert_int_equal(c.not_before, NOW);
	assert_int_equal(c.issued, NOW);
	assert_int_equal(token_verify(&key, small, strlen(small), "any", NOW, &c), TOKEN_GOOD);
	assert_string_equal(c.room, "*");
	assert_int_equal(c.role, ROLE_OWNER);
	assert_string_equal(c.sub, "");
	assert_string_equal(c.name, "");
	assert_string_equal(c.jti, "");
	assert_int_equal(c.not_before, 0);
	assert_int_equal(c.issued, 0);
}

static void mints_the_same_bytes(void **state)
{
	struct token_key key = key_of("k1");
	struct claims c = {.room = "quiet-otter",
		.role = ROLE_EDITOR,
		.sub = "ada@example.org",
		.name = "Ada",
		.jti = "0123456789abcdef",
		.expires = EXPIRES,
		.not_before = NOW,
		.issued = NOW};

	(void)state;
	char *token = token_mint(&key, &c);
	assert_string_equal(token, full);
	free(token);
	key = key_of("");
	token = token_mint(
		&key, &(struct claims){.room = "*", .role = ROLE_OWNER, .expires = EXPIRES});
	assert_string_equal(token, small);
	free(token);
}

static void keys_are_random_and_told_apart(void **state)
{
	struct token_key a, b;
	struct claims c = {.room = "r", .role = ROLE_VIEWER, .name = "\"Zoë\"\n", .expires = 10},
		      got;

	(void)state;
	token_key_make(&a);
	token_key_make(&b);
	assert_memory_not_equal(a.bytes, b.bytes, TOKEN_KEY_BYTES);
	assert_string_not_equal(a.kid, b.kid);
	char *token = token_mint(&a, &c);
	assert_int_equal(token_verify(&a, token, strlen(token), "r", 9, &got), TOKEN_GOOD);
	assert_string_equal(got.name, c.name);
	assert_int_equal(token_verify(&b, token, strlen(token), "r", 9, &got), TOKEN_FORGED);
	struct token_key turned = a; /* the same secret under another name */
	strcpy(turned.kid, "other");
	assert_int_equal(token_verify(&turned, token, strlen(token), "r", 9, &got), TOKEN_FORGED);
	turned.kid[0] = '\0';
	assert_int_equal(token_verify(&turned, token, strlen(token), "r", 9, &got), TOKEN_GOOD);
	free(token);
}

/* ---- bad ones ---- */

#define HEAD   "{'alg':'HS256','typ':'JWT'}"
#define CLAIMS "'aud':'codecollab','room':'den','role':'editor'"
#define BODY   "{" CLAIMS ",'exp':1700003600}"

/* clang-format off */
static const struct {
	const char *header, *claims;
	enum token_fault fault;
} signed_tokens[] = {
	{HEAD, BODY, TOKEN_GOOD},
	/* header */
	{"{'alg':'HS256'}", BODY, TOKEN_GOOD},
	{"{'typ':'JWT','kid':'k1','alg':'HS256','x':[1]}", BODY, TOKEN_GOOD},
	{"{'alg':'none'}", BODY, TOKEN_FORGED},
	{"{'alg':'hs256'}", BODY, TOKEN_FORGED},
	{"{'alg':'HS512'}", BODY, TOKEN_FORGED},
	{"{'alg':'ES256'}", BODY, TOKEN_FORGED},
	{"{'alg':['HS256']}", BODY, TOKEN_FORGED},
	{"{'typ':'JWT'}", BODY, TOKEN_FORGED},
	{"{'alg':'HS256','kid':'k2'}", BODY, TOKEN_FORGED},
	{"{'alg':'HS256','kid':1}", BODY, TOKEN_FORGED},
	{"{'alg':'HS256','crit':['exp']}", BODY, TOKEN_MALFORMED},
	{"{'alg':'HS256','typ':'at+jwt'}", BODY, TOKEN_MALFORMED},
	{"{'alg':'HS256','alg':'HS256'}", BODY, TOKEN_MALFORMED},
	{"{'alg':'HS256','alg':'none'}", BODY, TOKEN_MALFORMED},
	{"{'alg':'HS256','x':1,'x':2}", BODY, TOKEN_MALFORMED},
	{"['HS256']", BODY, TOKEN_MALFORMED},
	{"{'alg':'HS256'} x", BODY, TOKEN_MALFORMED},
	{"{'alg':'HS256\\u0000'}", BODY, TOKEN_MALFORMED},
	{"", BODY, TOKEN_MALFORMED},
	/* claims: form */
	{HEAD, "", TOKEN_MALFORMED},
	{HEAD, "[]", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600}{}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS "}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':'1700003600'}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':null}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':-1}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1e999}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':9007199254740992}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':9007199254740991}", TOKEN_GOOD},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'exp':1}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'role':'owner'}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'nbf':'0'}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'iat':-1}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'sub':1}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'name':null}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'name':'\xff'}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'jti':'0123456789012345678901234567890123456789'}", TOKEN_MALFORMED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'jti':'012345678901234567890123456789012345678'}", TOKEN_GOOD},
	{HEAD, "{'aud':'codecollab','role':'editor','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':1,'role':'editor','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':'','role':'editor','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':'Den','role':'editor','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':'**','role':'editor','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':'den','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':'den','role':'root','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':'codecollab','room':'den','role':2,'exp':1700003600}", TOKEN_MALFORMED},
	/* audience */
	{HEAD, "{'room':'den','role':'editor','exp':1700003600}", TOKEN_FOREIGN},
	{HEAD, "{'aud':'other','room':'den','role':'editor','exp':1700003600}", TOKEN_FOREIGN},
	{HEAD, "{'aud':'Codecollab','room':'den','role':'editor','exp':1700003600}", TOKEN_FOREIGN},
	{HEAD, "{'aud':[],'room':'den','role':'editor','exp':1700003600}", TOKEN_FOREIGN},
	{HEAD, "{'aud':['other'],'room':'den','role':'editor','exp':1700003600}", TOKEN_FOREIGN},
	{HEAD, "{'aud':['other','codecollab'],'room':'den','role':'editor','exp':1700003600}", TOKEN_GOOD},
	{HEAD, "{'aud':['codecollab',1],'room':'den','role':'editor','exp':1700003600}", TOKEN_MALFORMED},
	{HEAD, "{'aud':1,'room':'den','role':'editor','exp':1700003600}", TOKEN_FOREIGN},
	/* room, then times; the first fault is told */
	{HEAD, "{'aud':'codecollab','room':'lair','role':'editor','exp':1}", TOKEN_OTHER_ROOM},
	{HEAD, "{'aud':'other','room':'lair','role':'editor','exp':1}", TOKEN_FOREIGN},
	{HEAD, "{'aud':'codecollab','room':'*','role':'editor','exp':1700003600}", TOKEN_GOOD},
	{HEAD, "{" CLAIMS ",'exp':1,'nbf':1800000000}", TOKEN_EARLY},
	{HEAD, "{" CLAIMS ",'exp':1700000000}", TOKEN_EXPIRED},
	{HEAD, "{" CLAIMS ",'exp':1700000001}", TOKEN_GOOD},
	{HEAD, "{" CLAIMS ",'exp':1700000000.9}", TOKEN_EXPIRED},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'nbf':1700000060}", TOKEN_GOOD},
	{HEAD, "{" CLAIMS ",'exp':1700003600,'nbf':1700000061}", TOKEN_EARLY},
};
/* clang-format on */

static void signed_tokens_are_judged(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(signed_tokens); i++) {
		char *token = forge(signed_tokens[i].header, signed_tokens[i].claims);
		enum token_fault fault = verify(token, "den", NOW);
		if (fault != signed_tokens[i].fault)
			print_error("%s\n%s\n", signed_tokens[i].header, signed_tokens[i].claims);
		assert_int_equal(fault, signed_tokens[i].fault);
		free(token);
	}
}

static void any_room_is_asked_for_with_null(void **state)
{
	(void)state;
	assert_int_equal(verify(full, NULL, NOW), TOKEN_GOOD);
	assert_int_equal(verify(full, "den", NOW), TOKEN_OTHER_ROOM);
}

static void times_come_from_the_caller(void **state)
{
	(void)state;
	assert_int_equal(verify(full, NULL, EXPIRES - 1), TOKEN_GOOD);
	assert_int_equal(verify(full, NULL, EXPIRES), TOKEN_EXPIRED);
	assert_int_equal(verify(full, NULL, NOW - 60), TOKEN_GOOD);
	assert_int_equal(verify(full, NULL, NOW - 61), TOKEN_EARLY);
}

/* Every character of every part counts: change one, and it is refused. */
static void every_character_counts(void **state)
{
	char token[sizeof(full)];

	(void)state;
	for (size_t i = 0; i < sizeof(full) - 1; i++)
		for (const char *c = "AQgw_.= \n+"; *c; c++) {
			strcpy(token, full);
			if (token[i] == *c)
				continue;
			token[i] = *c;
			enum token_fault fault = verify(token, "quiet-otter", NOW);
			assert_true(fault == TOKEN_FORGED || fault == TOKEN_MALFORMED);
		}
}

static void other_shapes_are_refused(void **state)
{
	static const struct {
		const char *token;
		enum token_fault fault;
	} shapes[] = {
		{"", TOKEN_MALFORMED},
		{".", TOKEN_MALFORMED},
		{"a", TOKEN_MALFORMED},
		{"e30", TOKEN_MALFORMED},
		{"e30.e30", TOKEN_MALFORMED},
		{"e30.e30.e30.e30", TOKEN_MALFORMED},
		{"e30.e30.", TOKEN_FORGED},
		{"..", TOKEN_FORGED},
		{"e30.e30.AAAA", TOKEN_FORGED},
		{"e30=.e30.AAAA", TOKEN_MALFORMED},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(shapes); i++)
		assert_int_equal(verify(shapes[i].token, NULL, NOW), shapes[i].fault);
	char cut[sizeof(full)];
	for (size_t n = 1; n < sizeof(full) - 1; n++) {
		memcpy(cut, full, n);
		cut[n] = '\0';
		assert_int_not_equal(verify(cut, "quiet-otter", NOW), TOKEN_GOOD);
	}
}

/* alg none, and the MAC of another algorithm, though the claims are all in order. */
static void unsigned_tokens_are_forged(void **state)
{
	char *token = forge("{'alg':'none'}", BODY);

	(void)state;
	strrchr(token, '.')[1] = '\0';
	assert_int_equal(verify(token, "den", NOW), TOKEN_FORGED);
	free(token);
}

/* 2048 bytes pass, one more does not, though both are signed. */
static void length_has_a_limit(void **state)
{
	struct buf claims = {0};
	size_t longest = 0;

	(void)state;
	buf_add_str(&claims, "{" CLAIMS ",'exp':1700003600,'x':'");
	for (int i = 0; i < 1600; i++) {
		struct buf copy = {0};
		buf_add_byte(&claims, 'x');
		buf_add(&copy, claims.at, claims.len);
		buf_add_str(&copy, "'}");
		char *json = buf_take(&copy), *token = forge(HEAD, json);
		size_t len = strlen(token);
		assert_int_equal(verify(token, "den", NOW),
			len > TOKEN_MAX_BYTES ? TOKEN_MALFORMED : TOKEN_GOOD);
		longest = len;
		free(json);
		free(token);
	}
	assert_true(longest > TOKEN_MAX_BYTES);
	buf_fini(&claims);
}

/* Names are cut to what fits, at a character: here 31 of two bytes, 62 of 63. */
static void long_names_are_cut_at_a_character(void **state)
{
	struct token_key key = key_of("");
	struct buf claims = {0};
	struct claims got;

	(void)state;
	buf_add_str(&claims, "{" CLAIMS ",'exp':1700003600,'name':'");
	for (int i = 0; i < 40; i++)
		buf_add_str(&claims, "é");
	buf_add_str(&claims, "','sub':'");
	for (int i = 0; i < 70; i++)
		buf_add_byte(&claims, 's');
	buf_add_str(&claims, "'}");
	char *json = buf_take(&claims), *token = forge(HEAD, json);
	assert_int_equal(token_verify(&key, token, strlen(token), "den", NOW, &got), TOKEN_GOOD);
	assert_int_equal(strlen(got.name), 62);
	assert_memory_equal(got.name + 60, "é", 3);
	assert_int_equal(strlen(got.sub), 63);
	free(json);
	free(token);
}

static void claims_are_untouched_when_refused(void **state)
{
	struct token_key key = key_of("k1");
	struct claims got = {.room = "before"};

	(void)state;
	assert_int_equal(token_verify(&key, full, strlen(full), "quiet-otter", EXPIRES, &got),
		TOKEN_EXPIRED);
	assert_string_equal(got.room, "before");
}

static void room_names(void **state)
{
	static const char *const good[] = {"a", "0", "a-", "quiet-otter-jumps", "9lives",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
	static const char *const bad[] = {"", "-", "-a", "A", "a_b", "a b", "a/b", "a.b",
		"\xc3\xa9", "*",
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		assert_true(room_name_valid(good[i], strlen(good[i])));
	for (size_t i = 0; i < COUNT(bad); i++)
		assert_false(room_name_valid(bad[i], strlen(bad[i])));
	assert_false(room_name_valid("a\0b", 3));
}

static void every_fault_has_its_own_words(void **state)
{
	(void)state;
	for (int a = TOKEN_GOOD; a <= TOKEN_OTHER_ROOM; a++)
		for (int b = a + 1; b <= TOKEN_OTHER_ROOM; b++)
			assert_string_not_equal(token_fault_text((enum token_fault)a),
				token_fault_text((enum token_fault)b));
	assert_string_equal(token_fault_text(TOKEN_EXPIRED), "the token has expired");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_token_made_elsewhere),
		cmocka_unit_test(mints_the_same_bytes),
		cmocka_unit_test(keys_are_random_and_told_apart),
		cmocka_unit_test(signed_tokens_are_judged),
		cmocka_unit_test(any_room_is_asked_for_with_null),
		cmocka_unit_test(times_come_from_the_caller),
		cmocka_unit_test(every_character_counts),
		cmocka_unit_test(other_shapes_are_refused),
		cmocka_unit_test(unsigned_tokens_are_forged),
		cmocka_unit_test(length_has_a_limit),
		cmocka_unit_test(long_names_are_cut_at_a_character),
		cmocka_unit_test(claims_are_untouched_when_refused),
		cmocka_unit_test(room_names),
		cmocka_unit_test(every_fault_has_its_own_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
