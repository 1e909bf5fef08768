/*
 * A token as it comes; and, if there is a line end, the lines as header and claims of a token that is signed here with the
 * right key, so that what is behind the MAC is reached. A good one, minted again from its claims, has the same claims.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "net/base64url.h"
#include "net/token.h"

#define NOW 1700000000

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct token_key key = {.bytes = "0123456789abcdef0123456789abcde", .kid = "k1"};

static char *sign(const char *header, size_t header_bytes, const char *claims, size_t claims_bytes)
{
	unsigned char mac[32];
	struct buf out = {0};

	base64url_encode(header, header_bytes, &out);
	buf_add_byte(&out, '.');
	base64url_encode(claims, claims_bytes, &out);
	HMAC(EVP_sha256(), key.bytes, sizeof(key.bytes), (unsigned char *)out.at, out.len, mac,
		NULL);
	buf_add_byte(&out, '.');
	base64url_encode(mac, sizeof(mac), &out);
	return buf_take(&out);
}

static void must_agree(const struct claims *a, const struct claims *b)
{
	if (strcmp(a->room, b->room) != 0 || a->role != b->role || strcmp(a->sub, b->sub) != 0 ||
		strcmp(a->name, b->name) != 0 || strcmp(a->jti, b->jti) != 0 ||
		a->expires != b->expires || a->not_before != b->not_before ||
		a->issued != b->issued)
		abort();
}

static void run(const char *token, size_t len)
{
	struct claims claims, again;

	if (token_verify(&key, token, len, NULL, NOW, &claims))
		return;
	char *minted = token_mint(&key, &claims);
	if (token_verify(&key, minted, strlen(minted), NULL, NOW, &again))
		abort();
	must_agree(&claims, &again);
	free(minted);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	const char *line = size ? memchr(text, '\n', size) : NULL;

	run(text, size);
	if (line) {
		const char *claims = line + 1;
		char *token =
			sign(text, (size_t)(line - text), claims, size - (size_t)(claims - text));
		run(token, strlen(token));
		free(token);
	}
	return 0;
}
