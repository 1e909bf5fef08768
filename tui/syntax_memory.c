#include "tui/syntax_memory.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"

#define NONE 0xffff

/* Keys, numbered in the order they came. */
struct intern {
	uint64_t *keys;
	uint16_t *slots; /* a number and one, by hash; 0: free */
	size_t count, cap, slot_count;
};

struct syntax_memory {
	struct intern places; /* saved, frame, state: 16 bits each */
	struct intern frames; /* depth, the caller's frame, the state to return to */
	char (*saved)[SYNTAX_WORD + 1];
	uint8_t *saved_bytes;
	size_t saved_count, saved_cap, bytes_cap;
};

static size_t slot_of(const struct intern *in, uint64_t key)
{
	size_t slot = (size_t)(key * 0x9e3779b97f4a7c15u >> 32) & (in->slot_count - 1);

	while (in->slots[slot] && in->keys[in->slots[slot] - 1] != key)
		slot = (slot + 1) & (in->slot_count - 1);
	return slot;
}

static void spread(struct intern *in)
{
	free(in->slots);
	in->slot_count = in->slot_count ? in->slot_count * 2 : 64;
	in->slots = mem_alloc(in->slot_count * sizeof(*in->slots));
	for (size_t i = 0; i < in->count; i++)
		in->slots[slot_of(in, in->keys[i])] = (uint16_t)(i + 1);
}

/* NONE when it is new and there are `limit` already. */
static uint16_t number_of(struct intern *in, uint64_t key, size_t limit)
{
	if (in->count * 2 >= in->slot_count)
		spread(in);
	size_t slot = slot_of(in, key);
	if (in->slots[slot])
		return (uint16_t)(in->slots[slot] - 1);
	if (in->count == limit)
		return NONE;
	in->keys = mem_grow(in->keys, &in->cap, in->count + 1, sizeof(*in->keys));
	in->keys[in->count++] = key;
	in->slots[slot] = (uint16_t)in->count;
	return (uint16_t)(in->count - 1);
}

struct syntax_memory *syntax_memory_create(void)
{
	struct syntax_memory *memory = mem_alloc(sizeof(*memory));

	number_of(&memory->places, 0, SYNTAX_PLACES);
	number_of(&memory->frames, 0, SYNTAX_FRAMES);
	syntax_memory_save(memory, "", 0);
	return memory;
}

void syntax_memory_destroy(struct syntax_memory *memory)
{
	if (!memory)
		return;
	free(memory->places.keys);
	free(memory->places.slots);
	free(memory->frames.keys);
	free(memory->frames.slots);
	free(memory->saved);
	free(memory->saved_bytes);
	free(memory);
}

struct syntax_place syntax_memory_place(const struct syntax_memory *memory, uint16_t number)
{
	uint64_t key = memory->places.keys[number];

	return (struct syntax_place){(uint16_t)key, (uint16_t)(key >> 16), (uint16_t)(key >> 32)};
}

uint16_t syntax_memory_number(struct syntax_memory *memory, struct syntax_place place)
{
	uint64_t key = (uint64_t)place.saved << 32 | (uint32_t)place.frame << 16 | place.state;
	uint16_t number = number_of(&memory->places, key, SYNTAX_PLACES);

	if (number == NONE)
		number = number_of(&memory->places, place.state, SYNTAX_PLACES);
	return number == NONE ? 0 : number;
}

uint16_t syntax_memory_push(struct syntax_memory *memory, uint16_t frame, uint16_t back)
{
	uint64_t depth = (memory->frames.keys[frame] >> 32) + 1;
	uint64_t key = depth << 32 | (uint32_t)frame << 16 | back;
	uint16_t pushed =
		depth > SYNTAX_DEPTH ? NONE : number_of(&memory->frames, key, SYNTAX_FRAMES);

	return pushed == NONE ? frame : pushed;
}

bool syntax_memory_pop(const struct syntax_memory *memory, uint16_t *frame, uint16_t *back)
{
	uint64_t key = memory->frames.keys[*frame];

	if (!*frame)
		return false;
	*back = (uint16_t)key;
	*frame = (uint16_t)(key >> 16);
	return true;
}

uint16_t syntax_memory_save(struct syntax_memory *memory, const char *at, size_t bytes)
{
	size_t n = memory->saved_count, len = bytes < SYNTAX_WORD ? bytes : SYNTAX_WORD;

	for (size_t i = 0; i < n; i++)
		if (memory->saved_bytes[i] == len && memcmp(memory->saved[i], at, len) == 0)
			return (uint16_t)i;
	if (n == SYNTAX_SAVED)
		return 0;
	memory->saved = mem_grow(memory->saved, &memory->saved_cap, n + 1, sizeof(*memory->saved));
	memory->saved_bytes = mem_grow(memory->saved_bytes, &memory->bytes_cap, n + 1, 1);
	memcpy(memory->saved[n], at, len);
	memory->saved_bytes[n] = (uint8_t)len;
	memory->saved_count++;
	return (uint16_t)n;
}

const char *syntax_memory_saved(const struct syntax_memory *memory, uint16_t saved, size_t *bytes)
{
	*bytes = memory->saved_bytes[saved];
	return memory->saved[saved];
}
