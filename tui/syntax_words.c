#include "tui/syntax_words.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/mem.h"
#include "tui/syntax_memory.h"

void syntax_words_fini(struct syntax_words *words)
{
	for (size_t i = 0; i < words->slot_count; i++)
		free(words->slots[i].text);
	free(words->slots);
}

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

/* Four letters; case makes no difference. */
static uint32_t four(const char *at)
{
	uint32_t letters;

	memcpy(&letters, at, sizeof(letters));
	return letters | 0x20202020;
}

static uint32_t few(const char *at, size_t bytes)
{
	uint32_t letters = 0;

	for (size_t i = 0; i < bytes; i++)
		letters = letters << 8 | (unsigned char)at[i];
	return letters | 0x20202020;
}

/* Of the first, middle and last letters: a multiplication for each letter would take longer than all the rest. */
static size_t hash_word(const char *at, size_t bytes)
{
	uint32_t h = (uint32_t)bytes * 0x9e3779b1u;

	h = (h ^ (bytes < 4 ? few(at, bytes) : four(at))) * 0x85ebca6bu;
	if (bytes > 4)
		h = (h ^ h >> 15 ^ four(at + bytes - 4)) * 0xc2b2ae35u;
	if (bytes > 8)
		h = (h ^ h >> 13 ^ four(at + bytes / 2 - 2)) * 0x27d4eb2fu;
	return h ^ h >> 15;
}

static bool same_word(const struct syntax_words *words, const struct syntax_word *word,
	const char *at, size_t bytes)
{
	return word->bytes == bytes && (words->any_case ? strncasecmp(word->text, at, bytes) == 0
							: memcmp(word->text, at, bytes) == 0);
}

static struct syntax_word *word_slot(const struct syntax_words *words, const char *at, size_t bytes)
{
	size_t mask = words->slot_count - 1, slot = hash_word(at, bytes) & mask;

	while (words->slots[slot].text && !same_word(words, &words->slots[slot], at, bytes))
		slot = (slot + 1) & mask;
	return &words->slots[slot];
}

static bool may_be_one(const struct syntax_words *words, const char *at, size_t bytes)
{
	unsigned char first = bytes ? lower((unsigned char)*at) : 0;

	return bytes <= SYNTAX_WORD && words->lengths >> bytes & 1 &&
	       words->firsts[first / 32] >> first % 32 & 1;
}

uint16_t syntax_words_find(const struct syntax_words *words, const char *at, size_t bytes)
{
	const struct syntax_word *word =
		may_be_one(words, at, bytes) ? word_slot(words, at, bytes) : NULL;

	return word && word->text ? word->action : SYNTAX_NONE;
}

static void spread(struct syntax_words *words)
{
	struct syntax_words grown = *words;

	grown.slot_count = words->slot_count ? words->slot_count * 2 : 16;
	grown.slots = mem_alloc(grown.slot_count * sizeof(*grown.slots));
	for (size_t i = 0; i < words->slot_count; i++)
		if (words->slots[i].text)
			*word_slot(&grown, words->slots[i].text, words->slots[i].bytes) =
				words->slots[i];
	free(words->slots);
	*words = grown;
}

void syntax_words_add(struct syntax_words *words, const char *at, size_t bytes, uint16_t action)
{
	if (words->count * 2 >= words->slot_count)
		spread(words);
	struct syntax_word *word = word_slot(words, at, bytes);
	unsigned char first = bytes ? lower((unsigned char)*at) : 0;
	words->lengths |= (uint64_t)1 << bytes;
	words->firsts[first / 32] |= (uint32_t)1 << first % 32;
	if (!word->text) {
		word->text = mem_dup(at, bytes);
		words->count++;
	}
	word->bytes = (uint8_t)bytes;
	word->action = action;
}
