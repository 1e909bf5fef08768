/*
 * Keys and signatures from RFC 7515 (A.3, ES256) and RFC 8037 (A.4, EdDSA), and whole tokens signed here by OpenSSL, not by the
 * code under test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>

#include "net/base64url.h"
#include "net/issuer.h"
#include "net/token.h"

#define NOW 1700000000

static const char p256_jwk[] =
	"{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
	"\"y\":\"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0\"}";
static const char p256_input[] =
	"eyJhbGciOiJFUzI1NiJ9."
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0"
	"cnVlfQ";
static const char p256_signature[] =
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

static const char ed25519_jwk[] = "{\"kty\":\"OKP\",\"crv\":\"Ed25519\","
				  "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}";
static const char ed25519_input[] = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc";
static const char ed25519_signature[] =
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

static struct issuer *read_good(const char *text)
{
	const char *why;
	struct issuer *issuer = issuer_read(text, strlen(text), &why);

	if (!issuer)
		fail_msg("%s", why);
	assert_null(why);
	return issuer;
}

static void check_vector(const char *jwk, const char *alg, const char *input, const char *signature)
{
	struct issuer *issuer = read_good(jwk);
	struct buf raw = {0};

	assert_string_equal(issuer_alg(issuer), alg);
	assert_string_equal(issuer_kid(issuer), "");
	assert_true(base64url_decode(signature, strlen(signature), &raw));
	assert_true(issuer_signed(issuer, input, strlen(input), raw.at, raw.len));
	assert_false(issuer_signed(issuer, input, strlen(input) - 1, raw.at, raw.len));
	assert_false(issuer_signed(issuer, input, strlen(input), raw.at, raw.len - 1));
	for (size_t i = 0; i < raw.len; i++) {
		raw.at[i] = (char)(raw.at[i] ^ 1);
		assert_false(issuer_signed(issuer, input, strlen(input), raw.at, raw.len));
		raw.at[i] = (char)(raw.at[i] ^ 1);
	}
	memset(raw.at, 0, raw.len); /* r and s of 0: CVE-2022-21449 */
	assert_false(issuer_signed(issuer, input, strlen(input), raw.at, raw.len));
	buf_fini(&raw);
	issuer_destroy(issuer);
}

static void agrees_with_the_standards(void **state)
{
	(void)state;
	check_vector(p256_jwk, "ES256", p256_input, p256_signature);
	check_vector(ed25519_jwk, "EdDSA", ed25519_input, ed25519_signature);
}

static void one_does_not_stand_for_the_other(void **state)
{
	struct issuer *issuer = read_good(ed25519_jwk);
	struct buf raw = {0};

	(void)state;
	assert_true(base64url_decode(p256_signature, strlen(p256_signature), &raw));
	assert_false(issuer_signed(issuer, p256_input, strlen(p256_input), raw.at, raw.len));
	buf_fini(&raw);
	issuer_destroy(issuer);
}

static void refuses_what_is_no_public_key(void **state)
{
	static const struct {
		const char *text, *word;
	} cases[] = {
		{"", "neither"},
		{"hello", "neither"},
		{"[]", "neither"},
		{"{}", "no key"},
		{"{\"keys\":[]}", "set"},
		{"{\"kty\":\"RSA\",\"crv\":\"P-256\",\"n\":\"AQAB\",\"e\":\"AQAB\"}", "no key"},
		{"{\"kty\":\"oct\",\"k\":\"AQAB\"}", "no key"},
		{"{\"kty\":\"OKP\",\"crv\":\"X25519\","
		 "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
			"no key"},
		{"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg\"}",
			"no key"},
		{"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"d\":\"AQAB\","
		 "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
			"private"},
		{"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"alg\":\"HS256\","
		 "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
			"alg or use"},
		{"{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"use\":\"enc\","
		 "\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\"}",
			"alg or use"},
		/* (x, x) is not on the curve. */
		{"{\"kty\":\"EC\",\"crv\":\"P-256\","
		 "\"x\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\","
		 "\"y\":\"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU\"}",
			"no key"},
		{"-----BEGIN PRIVATE KEY-----\nMC4CAQAw\n-----END PRIVATE KEY-----\n", "private"},
		{"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n", "neither"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *why;
		assert_null(issuer_read(cases[i].text, strlen(cases[i].text), &why));
		if (!strstr(why, cases[i].word))
			fail_msg("%s: %s", cases[i].text, why);
	}
}

static void refuses_a_key_too_long(void **state)
{
	char *text = malloc(ISSUER_MAX_BYTES + 1);
	const char *why;

	(void)state;
	memset(text, ' ', ISSUER_MAX_BYTES + 1);
	assert_null(issuer_read(text, ISSUER_MAX_BYTES + 1, &why));
	assert_non_null(strstr(why, "too long"));
	free(text);
}

/* ---- tokens ---- */

static char *pem_of(EVP_PKEY *key)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *at;

	assert_int_equal(PEM_write_bio_PUBKEY(bio, key), 1);
	long len = BIO_get_mem_data(bio, &at);
	char *pem = strndup(at, (size_t)len);
	BIO_free(bio);
	return pem;
}

/* Of JSON texts in which ' stands for ". */
static void add_part(struct buf *out, const char *json)
{
	struct buf text = {0};

	for (; *json; json++)
		buf_add_byte(&text, (unsigned char)(*json == '\'' ? '"' : *json));
	base64url_encode(text.at, text.len, out);
	buf_fini(&text);
}

/* The key NULL: HMAC with `secret`. */
static char *forge(EVP_PKEY *key, const char *secret, const char *header, const char *claims)
{
	unsigned char signature[128], mac[32];
	size_t len = sizeof(signature);
	struct buf out = {0};

	add_part(&out, header);
	buf_add_byte(&out, '.');
	add_part(&out, claims);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	if (!key) {
		HMAC(EVP_sha256(), secret, (int)strlen(secret), (unsigned char *)out.at, out.len,
			mac, NULL);
		memcpy(signature, mac, len = sizeof(mac));
	} else {
		assert_int_equal(EVP_DigestSignInit(ctx, NULL, NULL, NULL, key), 1);
		assert_int_equal(
			EVP_DigestSign(ctx, signature, &len, (unsigned char *)out.at, out.len), 1);
	}
	EVP_MD_CTX_free(ctx);
	buf_add_byte(&out, '.');
	base64url_encode(signature, len, &out);
	return buf_take(&out);
}

static const char good_claims[] =
	"{'aud':'codecollab','room':'den','role':'viewer','exp':1700000060,'name':'Ada'}";

static void check_token(const struct issuer *issuer, char *token, enum token_fault expected)
{
	struct claims claims;

	assert_int_equal(
		token_verify_issued(issuer, token, strlen(token), "den", NOW, &claims), expected);
	if (!expected) {
		assert_string_equal(claims.name, "Ada");
		assert_int_equal(claims.role, ROLE_VIEWER);
	}
	free(token);
}

static void tokens_of_an_issuer(void **state)
{
	static const char eddsa[] = "{'alg':'EdDSA'}";
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	EVP_PKEY *other = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	char *pem = pem_of(key);
	struct issuer *issuer = read_good(pem);

	(void)state;
	check_token(issuer, forge(key, NULL, eddsa, good_claims), TOKEN_GOOD);
	check_token(
		issuer, forge(key, NULL, "{'alg':'EdDSA','kid':'any'}", good_claims), TOKEN_GOOD);
	check_token(issuer, forge(other, NULL, eddsa, good_claims), TOKEN_FORGED);
	check_token(issuer, forge(NULL, pem, "{'alg':'HS256'}", good_claims), TOKEN_FORGED);
	check_token(issuer, forge(NULL, pem, eddsa, good_claims), TOKEN_FORGED);
	check_token(issuer, forge(key, NULL, "{'alg':'HS256'}", good_claims), TOKEN_FORGED);
	check_token(issuer, forge(key, NULL, "{'alg':'ES256'}", good_claims), TOKEN_FORGED);
	check_token(issuer, forge(key, NULL, "{'alg':'none'}", good_claims), TOKEN_FORGED);
	check_token(issuer, forge(key, NULL, "{}", good_claims), TOKEN_FORGED);
	check_token(issuer, forge(key, NULL, "{'alg':'EdDSA','crit':['exp']}", good_claims),
		TOKEN_MALFORMED);
	check_token(issuer,
		forge(key, NULL, eddsa,
			"{'aud':'codecollab','room':'den','role':'viewer','exp':1700000000}"),
		TOKEN_EXPIRED);
	check_token(issuer,
		forge(key, NULL, eddsa,
			"{'aud':'codecollab','room':'den','role':'viewer','role':'owner','exp':1700000060}"),
		TOKEN_MALFORMED);
	issuer_destroy(issuer);
	free(pem);
	EVP_PKEY_free(key);
	EVP_PKEY_free(other);
}

static void a_kid_must_fit_where_both_have_one(void **state)
{
	EVP_PKEY *key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	unsigned char raw[32];
	size_t len = sizeof(raw);
	struct buf jwk = {0};

	(void)state;
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, raw, &len), 1);
	buf_add_str(&jwk, "{\"kid\":\"school\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"");
	base64url_encode(raw, len, &jwk);
	buf_add_str(&jwk, "\"}");
	char *text = buf_take(&jwk);
	struct issuer *issuer = read_good(text);
	assert_string_equal(issuer_kid(issuer), "school");
	check_token(issuer, forge(key, NULL, "{'alg':'EdDSA','kid':'school'}", good_claims),
		TOKEN_GOOD);
	check_token(issuer, forge(key, NULL, "{'alg':'EdDSA'}", good_claims), TOKEN_GOOD);
	check_token(issuer, forge(key, NULL, "{'alg':'EdDSA','kid':'club'}", good_claims),
		TOKEN_FORGED);
	issuer_destroy(issuer);
	free(text);
	EVP_PKEY_free(key);
}

/* ---- names of tokens ---- */

static void a_token_without_jti_has_a_name_too(void **state)
{
	static const char token[] = "header.claims.signature", other[] = "header.claims.tampered";
	struct claims claims = {.jti = ""}, named = {.jti = "abc"};
	char a[TOKEN_ID_BYTES], b[TOKEN_ID_BYTES];

	(void)state;
	token_id(token, strlen(token), &named, a);
	assert_string_equal(a, "abc");
	token_id(token, strlen(token), &claims, a);
	token_id(other, strlen(other), &claims, b);
	assert_string_equal(a, b);
	assert_string_equal(a, "~1b34d5dd5a7736d494041db9622ef798");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_the_standards),
		cmocka_unit_test(one_does_not_stand_for_the_other),
		cmocka_unit_test(refuses_what_is_no_public_key),
		cmocka_unit_test(refuses_a_key_too_long),
		cmocka_unit_test(tokens_of_an_issuer),
		cmocka_unit_test(a_kid_must_fit_where_both_have_one),
		cmocka_unit_test(a_token_without_jti_has_a_name_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
