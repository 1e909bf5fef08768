#include "tui/syntax_machine.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ot/mem.h"
#include "ot/utf8.h"
#include "tui/syntax_track.h"

/* Where a run is. */
struct run {
	const struct syntax_machine *m;
	struct syntax_memory *memory;
	struct syntax_place place;
	const char *at, *line;       /* now; where this line, or what we see of it, begins */
	const char *word, *word_end; /* NULL: no word; it goes on */
	const char *mark, *mark_end;
	const char *start;
	uint8_t *classes;
};

void syntax_machine_destroy(struct syntax_machine *machine)
{
	if (!machine)
		return;
	for (size_t i = 0; i < machine->words_count; i++) {
		for (size_t k = 0; k < machine->words[i].slot_count; k++)
			free(machine->words[i].slots[k].text);
		free(machine->words[i].slots);
	}
	free(machine->words);
	free(machine->states);
	free(machine->actions);
	free(machine->rows);
	free(machine->paint);
	free(machine->track);
	free(machine->newline);
	free(machine);
}

/* ---- words ---- */

static unsigned char lower(unsigned char c)
{
	return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 32) : c;
}

static size_t hash_word(const char *at, size_t bytes)
{
	uint32_t h = (uint32_t)bytes;

	for (size_t i = 0; i < bytes; i++)
		h = (h ^ lower((unsigned char)at[i])) * 0x01000193u;
	return h ^ h >> 15;
}

static struct syntax_word *word_slot(const struct syntax_words *words, const char *at, size_t bytes)
{
	int (*compare)(const char *, const char *, size_t) =
		words->any_case ? strncasecmp : strncmp;
	size_t mask = words->slot_count - 1, slot = hash_word(at, bytes) & mask;

	for (; words->slots[slot].text; slot = (slot + 1) & mask)
		if (words->slots[slot].bytes == bytes &&
			compare(words->slots[slot].text, at, bytes) == 0)
			break;
	return &words->slots[slot];
}

/* Most that is looked up is no such word, which mostly shows at a glance. */
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

/* ---- one byte that does more than lead to a state ---- */

static const char *word_end(const struct run *r)
{
	return r->word_end ? r->word_end : r->at;
}

static uint16_t look_up(const struct run *r, const struct syntax_words *words)
{
	size_t saved_bytes, bytes = r->word ? (size_t)(word_end(r) - r->word) : 0;

	if (!r->word)
		return SYNTAX_NONE;
	if (words->saved != SYNTAX_NONE) {
		const char *saved = syntax_memory_saved(r->memory, r->place.saved, &saved_bytes);
		if (bytes == saved_bytes && memcmp(saved, r->word, bytes) == 0)
			return words->saved;
	}
	return syntax_words_find(words, r->word, bytes);
}

static char mirrored(char c)
{
	static const char pairs[] = "()[]{}<>`'";
	const char *at = c ? strchr(pairs, c) : NULL;

	return at && (at - pairs) % 2 == 0 ? at[1] : c;
}

static const struct syntax_action *action_at(const struct run *r)
{
	const struct syntax_state *state = &r->m->states[r->place.state];
	uint16_t action = r->m->rows[r->place.state][(unsigned char)*r->at];
	size_t bytes;

	if (state->same == SYNTAX_NONE && state->mirror == SYNTAX_NONE)
		return &r->m->actions[action];
	const char *saved = syntax_memory_saved(r->memory, r->place.saved, &bytes);
	if (bytes && state->same != SYNTAX_NONE && saved[0] == *r->at)
		action = state->same;
	else if (bytes && state->mirror != SYNTAX_NONE && mirrored(saved[0]) == *r->at)
		action = state->mirror;
	return &r->m->actions[action];
}

static void color(struct run *r, const char *from, const char *to)
{
	if (r->classes && from && to > from)
		memset(r->classes + (from - r->start), r->m->states[r->place.state].class,
			(size_t)(to - from));
}

static void color_back(struct run *r, size_t characters)
{
	const char *from = r->at + 1;

	while (characters && from > r->line) {
		from--;
		characters -= !utf8_is_rest(*from);
	}
	color(r, from, r->at + 1);
}

static void remember(struct run *r, uint16_t flags)
{
	if (flags & SYNTAX_SAVE_C)
		r->place.saved = syntax_memory_save(r->memory, r->at, 1);
	if (flags & SYNTAX_SAVE_S && r->word)
		r->place.saved =
			syntax_memory_save(r->memory, r->word, (size_t)(word_end(r) - r->word));
	if (flags & SYNTAX_HOLD && r->word && !r->word_end)
		r->word_end = r->at;
	if (flags & SYNTAX_BUFFER) {
		r->word = r->at;
		r->word_end = NULL;
	}
	if (flags & SYNTAX_MARK) {
		r->mark = r->at;
		r->mark_end = NULL;
	}
	if (flags & SYNTAX_MARKEND)
		r->mark_end = r->at;
}

static void follow(struct run *r, const struct syntax_action *a)
{
	if (a->flags & SYNTAX_RESET)
		r->place.frame = 0;
	if (a->call != SYNTAX_NONE) {
		r->place.frame = syntax_memory_push(r->memory, r->place.frame, a->next);
		r->place.state = a->call;
	} else if (!(a->flags & SYNTAX_RETURN) ||
		   !syntax_memory_pop(r->memory, &r->place.frame, &r->place.state)) {
		r->place.state = a->next;
	}
}

static void do_action(struct run *r, const struct syntax_action *a)
{
	remember(r, a->flags);
	follow(r, a);
	if (a->recolor)
		color_back(r, a->recolor);
	if (a->flags & SYNTAX_RECOLORMARK)
		color(r, r->mark, r->mark_end ? r->mark_end : r->at);
}

static void end_line(struct run *r)
{
	r->word = r->word_end = r->mark = r->mark_end = NULL;
	r->line = r->at;
}

/* Through the states that give this byte on, until one eats it. */
static void step(struct run *r)
{
	for (int chain = 0; chain < SYNTAX_CHAIN; chain++) {
		const struct syntax_action *a = action_at(r);
		uint16_t found =
			a->words == SYNTAX_NONE ? SYNTAX_NONE : look_up(r, &r->m->words[a->words]);

		color(r, r->at, r->at + 1);
		const char *word = r->word, *end = word_end(r);
		if (found != SYNTAX_NONE)
			a = &r->m->actions[found];
		do_action(r, a);
		if (found != SYNTAX_NONE)
			color(r, word, end);
		if (found == SYNTAX_NONE && !(a->flags & SYNTAX_NOEAT))
			break;
	}
	if (*r->at++ == '\n')
		end_line(r);
}

/* ---- many ---- */

/* The rest of a stretch of one state, which ends before the byte that leads elsewhere. */
static const char *same(const uint16_t *row, size_t state, const char *at)
{
	while (row[(unsigned char)*at] == state)
		at++;
	return at;
}

/* Every row has an action for '\n', so the one behind the end stops what skips. */
static void paint(struct run *r, const char *end)
{
	for (;;) {
		uint16_t state = r->place.state;
		const uint16_t *row = r->m->paint[state];
		const char *at = same(row, state, r->at);
		size_t entry = row[(unsigned char)*at];

		color(r, r->at, at);
		r->at = at;
		if (at == end)
			return;
		if (entry >= r->m->state_count) {
			step(r);
			continue;
		}
		r->classes[at - r->start] = r->m->states[state].class;
		r->place.state = (uint16_t)entry;
		r->at++;
	}
}

/* What is more than to go to a state; gives the next. */
static size_t track_more(struct run *r, size_t state, size_t entry)
{
	size_t states = r->m->state_count, begin = syntax_begin_base(states);

	if (entry >= begin) {
		r->word = r->at++;
		r->word_end = NULL;
		return entry - begin;
	}
	if (entry >= begin - states) {
		if (r->word && !r->word_end)
			r->word_end = r->at;
		r->at++;
		return entry - (begin - states);
	}
	if (*r->at == '\n' && r->m->newline[state] != SYNTAX_NONE) {
		r->at++;
		end_line(r);
		return r->m->newline[state];
	}
	r->place.state = (uint16_t)state;
	step(r);
	return r->place.state;
}

static void track(struct run *r, const char *end)
{
	size_t states = r->m->state_count, state = r->place.state, entry;
	uint16_t(*rows)[256] = r->m->track;

	for (;;) {
		const char *at = r->at;
		while ((entry = rows[state][(unsigned char)*at]) < states) {
			state = entry;
			at++;
		}
		r->at = at;
		if (at == end)
			break;
		state = track_more(r, state, entry);
	}
	r->place.state = (uint16_t)state;
}

uint16_t syntax_machine_run(struct syntax_machine *machine, struct syntax_memory *memory,
	uint16_t number, const char *at, size_t bytes, uint8_t *classes)
{
	struct run r = {
		.m = machine,
		.memory = memory,
		.place = syntax_memory_place(memory, number),
		.at = at,
		.line = at,
		.start = at,
		.classes = classes,
	};

	if (!classes && !machine->track)
		syntax_track(machine);
	if (classes)
		paint(&r, at + bytes);
	else
		track(&r, at + bytes);
	return syntax_memory_number(memory, r.place);
}
