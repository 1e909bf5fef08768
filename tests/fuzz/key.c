/*
 * Any bytes, in any pieces, give the same keys, and only keys that can be: characters of Unicode, pastes of valid UTF-8.
 * The first byte says into how long pieces the rest is cut.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "ot/utf8.h"
#include "tui/key.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool so, const char *what)
{
	if (so)
		return;
	fprintf(stderr, "not so: %s\n", what);
	abort();
}

static uint64_t mix(uint64_t sum, uint64_t value)
{
	return (sum ^ value) * 1099511628211u; /* FNV-1a's prime */
}

static uint64_t check_key(const struct key *key)
{
	uint64_t sum = mix(mix(mix(1, key->code), key->mods), key->bytes);

	require(key->code > 0 && key->code < KEY_CODES, "a key has a code");
	require(key->code < 0xD800 || key->code > 0xDFFF, "a surrogate is no character");
	require(key->mods < 8, "three modifiers");
	require(key->row >= 0 && key->col >= 0, "cells count from 0");
	require(key->bytes <= 3 * KEY_PASTE_MAX &&
			utf8_check(key->text ? key->text : "", key->bytes, NULL),
		"a paste is text");
	for (size_t i = 0; i < key->bytes; i++)
		sum = mix(sum, (unsigned char)key->text[i]);
	return mix(mix(sum, (uint64_t)key->row), (uint64_t)key->col);
}

static uint64_t decode(const uint8_t *data, size_t size, size_t piece)
{
	struct keys *keys = keys_create();
	uint64_t sum = 14695981039346656037u;
	struct key key;

	for (size_t i = 0; i < size; i += piece) {
		keys_feed(keys, (const char *)data + i, size - i < piece ? size - i : piece);
		while (keys_next(keys, &key))
			sum = mix(sum, check_key(&key));
	}
	for (int pauses = 0; keys_waiting(keys); pauses++) {
		require(pauses < 100, "waiting ends");
		keys_flush(keys);
		while (keys_next(keys, &key))
			check_key(&key);
	}
	keys_destroy(keys);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t piece =
		size ? data[0] % 16 + 2u : 2; /* a ^C alone ends a paste: not in pieces of one */

	if (size < 2)
		return 0;
	uint64_t sum = decode(data + 1, size - 1, piece);
	/* Pieces whose last is one byte long may be such a ^C. */
	if ((size - 1) % piece != 1 && size > 2)
		require(sum == decode(data + 1, size - 1, size), "pieces do not matter");
	return 0;
}
