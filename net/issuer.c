#include "net/issuer.h"

#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/pem.h>

#include "net/base64url.h"
#include "net/json.h"
#include "ot/mem.h"

#define FIELD_BYTES     32 /* of a coordinate, and of r and s */
#define SIGNATURE_BYTES 64 /* of both algorithms */

enum issuer_kind { ISSUER_P256, ISSUER_ED25519 };

struct issuer {
	EVP_PKEY *key;
	enum issuer_kind kind;
	char kid[ISSUER_KID_BYTES];
};

static const char *const algs[] = {[ISSUER_P256] = "ES256", [ISSUER_ED25519] = "EdDSA"};

static bool kind_of(const EVP_PKEY *key, enum issuer_kind *out)
{
	char group[32] = "";

	if (EVP_PKEY_is_a(key, "ED25519")) {
		*out = ISSUER_ED25519;
		return true;
	}
	*out = ISSUER_P256;
	return EVP_PKEY_is_a(key, "EC") &&
	       EVP_PKEY_get_group_name(key, group, sizeof(group), NULL) == 1 &&
	       strcmp(group, SN_X9_62_prime256v1) == 0;
}

/* ---- PEM ---- */

static EVP_PKEY *read_pem(const char *text, size_t len)
{
	BIO *bio = BIO_new_mem_buf(text, (int)len);
	EVP_PKEY *key = bio ? PEM_read_bio_PUBKEY(bio, NULL, NULL, NULL) : NULL;

	BIO_free(bio);
	return key;
}

/* ---- JWK ---- */

static const char *member(const cJSON *jwk, const char *name)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(jwk, name));
}

/* Absent, or this text? */
static bool fits(const cJSON *jwk, const char *name, const char *text)
{
	const char *value = member(jwk, name);

	return !cJSON_HasObjectItem(jwk, name) || (value && strcmp(value, text) == 0);
}

static bool add_field(const cJSON *jwk, const char *name, struct buf *out)
{
	const char *value = member(jwk, name);
	size_t before = out->len;

	return value && base64url_decode(value, strlen(value), out) &&
	       out->len - before == FIELD_BYTES;
}

static EVP_PKEY *make_p256(struct buf *point)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	char group[] = "P-256";
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point->at, point->len),
		OSSL_PARAM_construct_end()};
	EVP_PKEY *key = NULL;

	if (!ctx || EVP_PKEY_fromdata_init(ctx) != 1 ||
		EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
		key = NULL;
	EVP_PKEY_CTX_free(ctx);
	return key;
}

static EVP_PKEY *key_of_jwk(const cJSON *jwk)
{
	const char *kty = member(jwk, "kty"), *crv = member(jwk, "crv");
	struct buf bytes = {0};
	EVP_PKEY *key = NULL;

	if (!kty || !crv)
		return NULL;
	if (strcmp(kty, "EC") == 0 && strcmp(crv, "P-256") == 0) {
		buf_add_byte(&bytes, POINT_CONVERSION_UNCOMPRESSED);
		if (add_field(jwk, "x", &bytes) && add_field(jwk, "y", &bytes))
			key = make_p256(&bytes);
	} else if (strcmp(kty, "OKP") == 0 && strcmp(crv, "Ed25519") == 0) {
		if (add_field(jwk, "x", &bytes))
			key = EVP_PKEY_new_raw_public_key(
				EVP_PKEY_ED25519, NULL, (const unsigned char *)bytes.at, bytes.len);
	}
	buf_fini(&bytes);
	return key;
}

static const char *read_jwk(const cJSON *jwk, struct issuer *out)
{
	const char *kid = member(jwk, "kid");

	if (!cJSON_IsObject(jwk))
		return "it is neither a PEM public key nor a JSON Web Key";
	if (cJSON_HasObjectItem(jwk, "keys"))
		return "it is a set of keys; give one of them";
	if (cJSON_HasObjectItem(jwk, "d"))
		return "it is a private key; give the public one";
	if (kid && strlen(kid) >= sizeof(out->kid))
		return "its kid is too long";
	out->key = key_of_jwk(jwk);
	if (!out->key || !kind_of(out->key, &out->kind))
		return "it is no key on P-256 or Ed25519";
	if (!fits(jwk, "alg", algs[out->kind]) || !fits(jwk, "use", "sig"))
		return "its alg or use says that it is for something else";
	if (kid)
		memcpy(out->kid, kid, strlen(kid));
	return NULL;
}

/* ---- the whole ---- */

/* The text is NUL-terminated. */
static const char *read_key(const char *text, size_t len, struct issuer *out)
{
	cJSON *jwk;
	const char *why;

	if (strstr(text, "PRIVATE KEY-----"))
		return "it is a private key; give the public one";
	out->key = read_pem(text, len);
	if (out->key)
		return kind_of(out->key, &out->kind) ? NULL : "it is no key on P-256 or Ed25519";
	if (json_parse(text, len, &jwk) != ERR_NONE)
		return "it is neither a PEM public key nor a JSON Web Key";
	why = read_jwk(jwk, out);
	cJSON_Delete(jwk);
	return why;
}

struct issuer *issuer_read(const char *text, size_t len, const char **why)
{
	struct issuer *issuer = mem_alloc(sizeof(*issuer));
	char *copy = len <= ISSUER_MAX_BYTES ? mem_dup(text, len) : NULL;

	*why = copy ? read_key(copy, len, issuer) : "it is too long for a key";
	free(copy);
	ERR_clear_error();
	if (!*why)
		return issuer;
	issuer_destroy(issuer);
	return NULL;
}

void issuer_destroy(struct issuer *issuer)
{
	if (!issuer)
		return;
	EVP_PKEY_free(issuer->key);
	free(issuer);
}

const char *issuer_alg(const struct issuer *issuer)
{
	return algs[issuer->kind];
}

const char *issuer_kid(const struct issuer *issuer)
{
	return issuer->kid;
}

/* What OpenSSL wants is DER: owned, OPENSSL_free() it. 0: there is none. */
static int der_of(const unsigned char *raw, unsigned char **out)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	BIGNUM *r = BN_bin2bn(raw, FIELD_BYTES, NULL);
	BIGNUM *s = BN_bin2bn(raw + FIELD_BYTES, FIELD_BYTES, NULL);
	int len = 0;

	if (sig && r && s && ECDSA_SIG_set0(sig, r, s)) {
		r = s = NULL;
		len = i2d_ECDSA_SIG(sig, out);
	}
	BN_free(r);
	BN_free(s);
	ECDSA_SIG_free(sig);
	return len > 0 ? len : 0;
}

static bool verify(const struct issuer *issuer, const char *at, size_t len,
	const unsigned char *signature, size_t signature_bytes)
{
	const EVP_MD *digest = issuer->kind == ISSUER_P256 ? EVP_sha256() : NULL;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool good = ctx && EVP_DigestVerifyInit(ctx, NULL, digest, NULL, issuer->key) == 1 &&
		    EVP_DigestVerify(
			    ctx, signature, signature_bytes, (const unsigned char *)at, len) == 1;

	EVP_MD_CTX_free(ctx);
	return good;
}

bool issuer_signed(const struct issuer *issuer, const char *at, size_t len, const void *signature,
	size_t signature_bytes)
{
	unsigned char *der = NULL;
	bool good;

	if (signature_bytes != SIGNATURE_BYTES)
		return false;
	if (issuer->kind == ISSUER_ED25519) {
		good = verify(issuer, at, len, signature, signature_bytes);
	} else {
		int der_bytes = der_of(signature, &der);
		good = der_bytes && verify(issuer, at, len, der, (size_t)der_bytes);
		OPENSSL_free(der);
	}
	ERR_clear_error(); /* libraries that share this thread's queue must not find ours */
	return good;
}
