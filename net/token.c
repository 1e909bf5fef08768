#include "net/token.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>

#include "net/base64url.h"
#include "net/json.h"
#include "ot/buf.h"
#include "ot/utf8.h"

#define AUDIENCE      "codecollab"
#define MAC_BYTES     32
#define KID_BYTES     12 /* random; 16 characters */
#define ID_HASH_BYTES 16
#define EARLY_OK      60 /* seconds that nbf may be ahead of our clock */

/* ---- keys and names ---- */

void token_key_make(struct token_key *key)
{
	unsigned char kid[KID_BYTES];
	struct buf text = {0};

	if (RAND_bytes(key->bytes, sizeof(key->bytes)) != 1 || RAND_bytes(kid, sizeof(kid)) != 1)
		abort(); /* a machine without random bytes can keep no secret */
	base64url_encode(kid, sizeof(kid), &text);
	memcpy(key->kid, text.at, sizeof(key->kid) - 1);
	key->kid[sizeof(key->kid) - 1] = '\0';
	buf_fini(&text);
}

bool room_name_valid(const char *name, size_t len)
{
	if (len == 0 || len >= ROOM_NAME_BYTES || name[0] == '-')
		return false;
	for (size_t i = 0; i < len; i++) {
		char c = name[i];
		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '-')
			return false;
	}
	return true;
}

static void sign(const struct token_key *key, const char *at, size_t len, unsigned char *mac)
{
	if (!HMAC(EVP_sha256(), key->bytes, sizeof(key->bytes), (const unsigned char *)at, len, mac,
		    NULL))
		abort(); /* SHA-256 is always there */
}

/* ---- minting ---- */

static void put_name(struct buf *json, const char *name)
{
	if (json->at[json->len - 1] != '{')
		buf_add_byte(json, ',');
	json_put_str(json, str(name));
	buf_add_byte(json, ':');
}

/* An empty claim is left out. */
static void put_text(struct buf *json, const char *name, const char *value)
{
	if (!*value)
		return;
	put_name(json, name);
	json_put_str(json, str(value));
}

static void put_time(struct buf *json, const char *name, int64_t value)
{
	if (value <= 0)
		return;
	put_name(json, name);
	json_put_uint(json, (uint64_t)value);
}

static void put_header(struct buf *json, const struct token_key *key)
{
	buf_add_byte(json, '{');
	put_text(json, "alg", "HS256");
	put_text(json, "typ", "JWT");
	put_text(json, "kid", key->kid);
	buf_add_byte(json, '}');
}

static void put_claims(struct buf *json, const struct claims *claims)
{
	buf_add_byte(json, '{');
	put_text(json, "aud", AUDIENCE);
	put_text(json, "room", claims->room);
	put_text(json, "role", role_name[claims->role]);
	put_text(json, "sub", claims->sub);
	put_text(json, "name", claims->name);
	put_time(json, "exp", claims->expires);
	put_time(json, "nbf", claims->not_before);
	put_time(json, "iat", claims->issued);
	put_text(json, "jti", claims->jti);
	buf_add_byte(json, '}');
}

/* Appends json as base64url and empties it. */
static void put_part(struct buf *token, struct buf *json)
{
	base64url_encode(json->at, json->len, token);
	buf_clear(json);
}

char *token_mint(const struct token_key *key, const struct claims *claims)
{
	unsigned char mac[MAC_BYTES];
	struct buf json = {0}, token = {0};

	put_header(&json, key);
	put_part(&token, &json);
	buf_add_byte(&token, '.');
	put_claims(&json, claims);
	put_part(&token, &json);
	sign(key, token.at, token.len, mac);
	buf_add_byte(&token, '.');
	base64url_encode(mac, sizeof(mac), &token);
	buf_fini(&json);
	return buf_take(&token);
}

/* ---- verifying: each step gives TOKEN_GOOD or why not ---- */

struct verify {
	const struct token_key *key; /* NULL: the issuer signed */
	const struct issuer *issuer;
	const char *room; /* NULL: any */
	int64_t now;
	size_t signed_bytes;
	struct buf parts[3]; /* header, claims, MAC */
	cJSON *header, *body;
	struct claims claims;
};

static enum token_fault split(struct verify *v, const char *token, size_t len)
{
	const char *end = token + len;

	if (len == 0 || len > TOKEN_MAX_BYTES)
		return TOKEN_MALFORMED;
	for (int i = 0; i < 3; i++) {
		const char *dot = memchr(token, '.', (size_t)(end - token));
		if (!dot != (i == 2))
			return TOKEN_MALFORMED;
		const char *stop = dot ? dot : end;
		if (!base64url_decode(token, (size_t)(stop - token), &v->parts[i]))
			return TOKEN_MALFORMED;
		v->signed_bytes = i == 1 ? len - (size_t)(end - stop) : v->signed_bytes;
		token = dot ? dot + 1 : end;
	}
	return TOKEN_GOOD;
}

static bool has_mac(const struct verify *v, const char *token)
{
	unsigned char mac[MAC_BYTES];

	sign(v->key, token, v->signed_bytes, mac);
	return v->parts[2].len == MAC_BYTES && CRYPTO_memcmp(mac, v->parts[2].at, MAC_BYTES) == 0;
}

static enum token_fault check_signature(const struct verify *v, const char *token)
{
	bool good = v->key ? has_mac(v, token)
			   : issuer_signed(v->issuer, token, v->signed_bytes, v->parts[2].at,
				     v->parts[2].len);

	return good ? TOKEN_GOOD : TOKEN_FORGED;
}

/* Quadratic, on the few members that fit in a token. */
static bool has_doubles(const cJSON *object)
{
	for (const cJSON *a = object->child; a; a = a->next)
		for (const cJSON *b = a->next; b; b = b->next)
			if (strcmp(a->string, b->string) == 0)
				return true;
	return false;
}

static enum token_fault parse_object(const struct buf *part, cJSON **out)
{
	if (json_parse(part->at, part->len, out))
		return TOKEN_MALFORMED;
	return cJSON_IsObject(*out) && !has_doubles(*out) ? TOKEN_GOOD : TOKEN_MALFORMED;
}

static const cJSON *member(const cJSON *object, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(object, name);
}

/* Absent, or exactly this text? */
static bool absent_or(const cJSON *item, const char *text)
{
	return !item || (cJSON_IsString(item) && strcmp(item->valuestring, text) == 0);
}

static enum token_fault check_header(struct verify *v)
{
	enum token_fault fault = parse_object(&v->parts[0], &v->header);
	const cJSON *alg = fault ? NULL : member(v->header, "alg");
	const char *kid = v->key ? v->key->kid : issuer_kid(v->issuer);

	if (fault)
		return fault;
	if (!alg || !absent_or(alg, v->key ? "HS256" : issuer_alg(v->issuer)))
		return TOKEN_FORGED;
	if (*kid && !absent_or(member(v->header, "kid"), kid))
		return TOKEN_FORGED;
	if (member(v->header, "crit") || !absent_or(member(v->header, "typ"), "JWT"))
		return TOKEN_MALFORMED;
	return TOKEN_GOOD;
}

/* A text claim; cut at a character when it may be, refused otherwise. Absent is empty. */
static bool take_text(const cJSON *item, char *out, size_t cap, bool cuts)
{
	if (!item)
		return true;
	if (!cJSON_IsString(item))
		return false;
	size_t len = strlen(item->valuestring);
	if (len >= cap && !cuts)
		return false;
	size_t fits = 0;
	while (fits < len && fits + utf8_width(item->valuestring[fits]) < cap)
		fits += utf8_width(item->valuestring[fits]);
	memcpy(out, item->valuestring, fits);
	out[fits] = '\0';
	return true;
}

/* RFC 7519's NumericDate: seconds, with a fraction allowed. Absent is 0. */
static bool take_time(const cJSON *item, int64_t *out)
{
	if (!item)
		return true;
	if (!cJSON_IsNumber(item))
		return false;
	double value = item->valuedouble;
	if (!(value >= 0 && value <= (double)MESSAGE_MAX_UINT))
		return false;
	*out = (int64_t)value;
	return true;
}

static bool take_role(const cJSON *item, enum role *out)
{
	return cJSON_IsString(item) && role_parse(str(item->valuestring), out);
}

static bool room_valid(const char *room)
{
	return strcmp(room, "*") == 0 || room_name_valid(room, strlen(room));
}

static enum token_fault read_claims(struct verify *v)
{
	enum token_fault fault = parse_object(&v->parts[1], &v->body);
	struct claims *c = &v->claims;

	if (fault)
		return fault;
	bool good = take_text(member(v->body, "room"), c->room, sizeof(c->room), false) &&
		    room_valid(c->room) && take_role(member(v->body, "role"), &c->role) &&
		    take_text(member(v->body, "sub"), c->sub, sizeof(c->sub), true) &&
		    take_text(member(v->body, "name"), c->name, sizeof(c->name), true) &&
		    take_text(member(v->body, "jti"), c->jti, sizeof(c->jti), false) &&
		    member(v->body, "exp") && take_time(member(v->body, "exp"), &c->expires) &&
		    take_time(member(v->body, "nbf"), &c->not_before) &&
		    take_time(member(v->body, "iat"), &c->issued);
	return good ? TOKEN_GOOD : TOKEN_MALFORMED;
}

/* One audience, or a list that we are in (RFC 7519, 4.1.3). */
static enum token_fault check_audience(const struct verify *v)
{
	const cJSON *aud = member(v->body, "aud");
	bool ours = false;

	if (cJSON_IsString(aud))
		return strcmp(aud->valuestring, AUDIENCE) == 0 ? TOKEN_GOOD : TOKEN_FOREIGN;
	if (!cJSON_IsArray(aud))
		return TOKEN_FOREIGN;
	for (const cJSON *item = aud->child; item; item = item->next) {
		if (!cJSON_IsString(item))
			return TOKEN_MALFORMED;
		ours = ours || strcmp(item->valuestring, AUDIENCE) == 0;
	}
	return ours ? TOKEN_GOOD : TOKEN_FOREIGN;
}

static enum token_fault check_claims(const struct verify *v)
{
	const struct claims *c = &v->claims;
	enum token_fault fault = check_audience(v);

	if (fault)
		return fault;
	if (v->room && strcmp(c->room, "*") != 0 && strcmp(c->room, v->room) != 0)
		return TOKEN_OTHER_ROOM;
	if (c->not_before - EARLY_OK > v->now)
		return TOKEN_EARLY;
	return v->now >= c->expires ? TOKEN_EXPIRED : TOKEN_GOOD;
}

static enum token_fault verify(struct verify *v, const char *token, size_t len)
{
	enum token_fault fault = split(v, token, len);

	if (!fault)
		fault = check_signature(v, token);
	if (!fault)
		fault = check_header(v);
	if (!fault)
		fault = read_claims(v);
	return fault ? fault : check_claims(v);
}

static enum token_fault verify_and_drop(
	struct verify *v, const char *token, size_t len, struct claims *out)
{
	enum token_fault fault = verify(v, token, len);

	if (!fault)
		*out = v->claims;
	for (int i = 0; i < 3; i++)
		buf_fini(&v->parts[i]);
	cJSON_Delete(v->header);
	cJSON_Delete(v->body);
	return fault;
}

enum token_fault token_verify(const struct token_key *key, const char *token, size_t len,
	const char *room, int64_t now, struct claims *out)
{
	struct verify v = {.key = key, .room = room, .now = now};

	return verify_and_drop(&v, token, len, out);
}

enum token_fault token_verify_issued(const struct issuer *issuer, const char *token, size_t len,
	const char *room, int64_t now, struct claims *out)
{
	struct verify v = {.issuer = issuer, .room = room, .now = now};

	return verify_and_drop(&v, token, len, out);
}

void token_id(const char *token, size_t len, const struct claims *claims, char out[TOKEN_ID_BYTES])
{
	unsigned char hash[SHA256_DIGEST_LENGTH];

	memcpy(out, claims->jti, TOKEN_ID_BYTES);
	if (*out)
		return;
	while (len && token[len - 1] != '.')
		len--;
	SHA256((const unsigned char *)token, len, hash);
	*out++ = '~';
	for (size_t i = 0; i < ID_HASH_BYTES; i++)
		snprintf(out + 2 * i, 3, "%02x", hash[i]);
}

const char *token_fault_text(enum token_fault fault)
{
	static const char *const texts[] = {
		[TOKEN_GOOD] = "the token is good",
		[TOKEN_MALFORMED] = "the token is malformed",
		[TOKEN_FORGED] = "the token was not made by this server",
		[TOKEN_EXPIRED] = "the token has expired",
		[TOKEN_EARLY] = "the token is not valid yet",
		[TOKEN_FOREIGN] = "the token is not meant for codecollab",
		[TOKEN_OTHER_ROOM] = "the token is for another room",
	};

	return texts[fault];
}
