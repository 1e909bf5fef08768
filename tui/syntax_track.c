#include "tui/syntax_track.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/syntax_way.h"

struct leap {
	uint16_t next;   /* a state: the one whose action it is, or without one where it leads */
	uint16_t action; /* or SYNTAX_NONE */
	uint8_t links;   /* states that gave the byte on, with the action's */
	bool begins, holds;
	bool eats;     /* does the action? */
	bool steps;    /* nothing is known beforehand */
	bool guarded;  /* nor is it here, if the byte is the delimiter of `from` */
	uint16_t from; /* where one stands */
};

struct syntax_track {
	size_t states, kinds;
	uint8_t kind[256];
	/*
	 * By state and kind: where the next state's row begins. Each has a second row like it, `begin` behind the first, for those who
	 * get there by beginning a word. From 2 * `begin` on: leaps. Places are in bytes: each byte of a text waits for the entry of
	 * the one before it, so nothing is left to be done in between.
	 */
	uint32_t *rows;
	const char *columns[256]; /* where the first row has the entry for this byte */
	size_t row_bytes, begin;
	struct leap *leaps;
	size_t leap_count, leap_cap;
	int longest; /* links of the longest way or leap */
};

struct tracker {
	const struct syntax_machine *m;
	struct syntax_track *track;
	unsigned char *bytes;    /* one of each kind */
	struct syntax_way *ways; /* by state and kind */
	bool *wants;       /* by state: the word behind it is looked up, or saved, from here on */
	bool callers_want; /* some state that a subroutine returns to does */
};

/* ---- kinds of bytes ---- */

/* Do two bytes lead from every state by the same rules? */
static bool same_rules(const struct syntax_machine *m, size_t a, size_t b)
{
	size_t s = 0;

	while (s < m->state_count && m->rows[s][a] == m->rows[s][b])
		s++;
	return s == m->state_count;
}

/* A line's end is of its own kind: words are forgotten there. */
static void find_kinds(struct tracker *t)
{
	struct syntax_track *track = t->track;

	for (size_t c = 0; c < 256; c++) {
		size_t k = 0;
		while (k < track->kinds &&
			(c == '\n' || t->bytes[k] == '\n' || !same_rules(t->m, t->bytes[k], c)))
			k++;
		if (k == track->kinds)
			t->bytes[track->kinds++] = (unsigned char)c;
		track->kind[c] = (uint8_t)k;
	}
}

static void find_ways(struct tracker *t)
{
	size_t kinds = t->track->kinds;

	for (size_t s = 0; s < t->m->state_count; s++)
		for (size_t k = 0; k < kinds; k++)
			t->ways[s * kinds + k] = syntax_way(t->m, (uint16_t)s, t->bytes[k]);
}

/* ---- whose word is wanted ---- */

/* Does an action want the word that was begun before it? */
static bool action_wants(const struct tracker *t, const struct syntax_action *a)
{
	if (a->words != SYNTAX_NONE || a->flags & SYNTAX_SAVE_S)
		return true;
	if (a->flags & SYNTAX_BUFFER)
		return false;
	if (a->flags & SYNTAX_RETURN && t->callers_want)
		return true;
	return t->wants[a->call == SYNTAX_NONE ? a->next : a->call];
}

static bool state_wants(const struct tracker *t, uint16_t state)
{
	size_t kinds = t->track->kinds;

	for (size_t k = 0; k < kinds; k++) {
		struct syntax_way way = t->ways[state * kinds + k];
		bool kept = !way.begins && t->bytes[k] != '\n'; /* the word behind us */
		if (way.simple ? kept && t->wants[way.next]
			       : action_wants(t, syntax_way_action(t->m, state, t->bytes[k])))
			return true;
	}
	return syntax_way_delimited(t->m, state);
}

/* To the fixed point: wants only grows. */
static void find_wants(struct tracker *t)
{
	for (bool more = true; more;) {
		more = false;
		for (size_t s = 0; s < t->m->state_count; s++)
			if (!t->wants[s] && state_wants(t, (uint16_t)s))
				more = t->wants[s] = true;
		for (size_t i = 0; i < t->m->action_count && !t->callers_want; i++)
			if (t->m->actions[i].call != SYNTAX_NONE && t->wants[t->m->actions[i].next])
				more = t->callers_want = true;
	}
}

/* ---- tables ---- */

static uint16_t paint_entry(const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	const struct syntax_action *a = syntax_way_action(m, state, byte);
	bool plain = a->call == SYNTAX_NONE && a->words == SYNTAX_NONE && !a->flags &&
		     !a->recolor && byte != '\n' && !syntax_way_delimited(m, state);

	return plain ? a->next : (uint16_t)(m->state_count + m->rows[state][byte]);
}

void syntax_track_paint(struct syntax_machine *machine)
{
	size_t states = machine->state_count;

	machine->paint = mem_alloc(states * sizeof(*machine->paint));
	for (size_t s = 0; s < states; s++)
		for (unsigned c = 0; c < 256; c++)
			machine->paint[s][c] = paint_entry(machine, (uint16_t)s, (unsigned char)c);
}

static bool depends(const struct syntax_action *a)
{
	return a->call != SYNTAX_NONE || a->words != SYNTAX_NONE ||
	       a->flags & ~(unsigned)SYNTAX_WAY_FLAGS;
}

static struct leap no_leap(uint16_t state)
{
	return (struct leap){.from = state, .next = state, .action = SYNTAX_NONE, .steps = true};
}

/* By the state's own rule, which is not for its delimiter. */
static struct leap guarded_leap(const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	const struct syntax_action *a = syntax_way_action(m, state, byte);
	struct leap leap = {
		.from = state, .next = a->next, .action = SYNTAX_NONE, .links = 1, .guarded = true};

	if (depends(a) || a->flags & SYNTAX_NOEAT)
		return no_leap(state);
	syntax_way_word(a, &leap.begins, &leap.holds);
	return leap;
}

/* Up to the first rule that depends on more than the byte. */
static struct leap leap_from(const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	struct leap leap = {.from = state, .next = state, .action = SYNTAX_NONE};

	if (syntax_way_delimited(m, state))
		return guarded_leap(m, state, byte);
	while (leap.links < SYNTAX_CHAIN && !syntax_way_delimited(m, leap.next)) {
		const struct syntax_action *a = syntax_way_action(m, leap.next, byte);
		leap.links++;
		if (depends(a)) {
			leap.action = m->rows[leap.next][byte];
			leap.eats = !(a->flags & SYNTAX_NOEAT);
			return leap;
		}
		syntax_way_word(a, &leap.begins, &leap.holds);
		leap.next = a->next;
	}
	return no_leap(state);
}

static bool same_leap(const struct leap *a, const struct leap *b)
{
	return a->next == b->next && a->action == b->action && a->links == b->links &&
	       a->begins == b->begins && a->holds == b->holds && a->eats == b->eats &&
	       a->steps == b->steps && a->guarded == b->guarded && a->from == b->from;
}

/* Its number; one row's leaps, which begin at `first`, are mostly alike. */
static size_t leap_number(struct syntax_track *track, size_t first, const struct leap *leap)
{
	size_t i = first;

	while (i < track->leap_count && !same_leap(&track->leaps[i], leap))
		i++;
	if (i == track->leap_count) {
		track->leaps =
			mem_grow(track->leaps, &track->leap_cap, i + 1, sizeof(*track->leaps));
		track->leaps[track->leap_count++] = *leap;
		track->longest = leap->links > track->longest ? leap->links : track->longest;
	}
	return i;
}

static size_t entry_of(struct tracker *t, uint16_t state, size_t kind, size_t first)
{
	struct syntax_track *track = t->track;
	struct syntax_way way = t->ways[state * track->kinds + kind];
	bool newline = t->bytes[kind] == '\n';
	bool wanted = way.simple && (way.begins || way.holds || newline) && t->wants[way.next];
	struct leap leap;

	if (way.simple && !wanted)
		return way.next * track->row_bytes;
	if (way.simple && way.begins && !way.holds && !newline)
		return track->begin + way.next * track->row_bytes;
	if (way.simple)
		leap = (struct leap){.from = state,
			.next = way.next,
			.action = SYNTAX_NONE,
			.links = way.links,
			.begins = way.begins,
			.holds = way.holds,
			.eats = true};
	else
		leap = leap_from(t->m, state, t->bytes[kind]);
	return 2 * track->begin + leap_number(track, first, &leap);
}

static void fill(struct tracker *t)
{
	struct syntax_track *track = t->track;
	size_t first = 0;

	track->row_bytes = track->kinds * sizeof(*track->rows);
	track->begin = track->states * track->row_bytes;
	track->rows = mem_alloc(2 * track->begin);
	for (size_t c = 0; c < 256; c++)
		track->columns[c] = (const char *)(track->rows + track->kind[c]);
	for (size_t i = 0; i < track->states * track->kinds; i++) {
		first = i % track->kinds ? first : track->leap_count;
		track->rows[i] = (uint32_t)entry_of(
			t, (uint16_t)(i / track->kinds), i % track->kinds, first);
		if (t->ways[i].simple && t->ways[i].links > track->longest)
			track->longest = t->ways[i].links;
	}
	memcpy(track->rows + track->states * track->kinds, track->rows, track->begin);
}

struct syntax_track *syntax_track_create(const struct syntax_machine *machine)
{
	struct syntax_track *track = mem_alloc(sizeof(*track));
	unsigned char bytes[256];
	struct tracker t = {.m = machine, .track = track, .bytes = bytes};

	track->states = machine->state_count;
	find_kinds(&t);
	t.ways = mem_alloc(track->states * track->kinds * sizeof(*t.ways));
	t.wants = mem_alloc(track->states);
	find_ways(&t);
	find_wants(&t);
	fill(&t);
	free(t.ways);
	free(t.wants);
	return track;
}

void syntax_track_destroy(struct syntax_track *track)
{
	if (!track)
		return;
	free(track->rows);
	free(track->leaps);
	free(track);
}

/* ---- running ---- */

static void begin_word(struct syntax_run *r)
{
	r->word = r->at;
	r->word_end = NULL;
}

static void touch_word(struct syntax_run *r, const struct leap *leap)
{
	if (leap->begins)
		begin_word(r);
	if (leap->holds && r->word && !r->word_end)
		r->word_end = r->at;
}

static void eat(struct syntax_run *r)
{
	if (*r->at++ == '\n')
		r->word = r->word_end = NULL;
}

/* The rule at the leap's end. true: it ate the byte. */
static bool do_action(struct syntax_run *r, const struct leap *leap)
{
	const struct syntax_action *a = &r->m->actions[leap->action];
	const struct syntax_action *found = syntax_run_found(r, a);

	syntax_run_do(r, found);
	return found == a && leap->eats;
}

/* true: the byte is eaten. */
static bool leap_on(
	const struct syntax_track *track, struct syntax_run *r, const struct leap *leap, int *links)
{
	r->place.state = leap->from;
	if (!leap->steps && !(leap->guarded && syntax_run_delimiter(r) != SYNTAX_NONE)) {
		touch_word(r, leap);
		r->place.state = leap->next;
		if (leap->action == SYNTAX_NONE || do_action(r, leap)) {
			eat(r);
			return true;
		}
		*links += leap->links;
		if (*links + track->longest <= SYNTAX_CHAIN)
			return false;
	}
	syntax_run_step(r, *links);
	return true;
}

static inline size_t entry_at(const struct syntax_track *track, size_t row, char byte)
{
	uint32_t entry;

	memcpy(&entry, track->columns[(unsigned char)byte] + row, sizeof(entry));
	return entry;
}

/* Leaps, until the byte is eaten; gives the row of the state that is next. */
static size_t leaps(const struct syntax_track *track, struct syntax_run *r, size_t entry)
{
	int links = 0;

	while (entry >= 2 * track->begin) {
		if (leap_on(track, r, &track->leaps[entry - 2 * track->begin], &links))
			return r->place.state * track->row_bytes;
		entry = entry_at(track, r->place.state * track->row_bytes, *r->at);
	}
	if (entry >= track->begin)
		begin_word(r);
	eat(r);
	return entry;
}

/* Through what is in the table, to the end or to a leap; gives the newest entry. */
static size_t stroll(
	const struct syntax_track *track, struct syntax_run *r, size_t *row, const char *end)
{
	size_t entry = *row, begin = track->begin;
	const char *at = r->at, *word = r->word;

	while (at < end && (entry = entry_at(track, *row, *at)) < 2 * begin) {
		word = entry >= begin ? at : word;
		*row = entry;
		at++;
	}
	if (word != r->word)
		r->word_end = NULL;
	r->word = word;
	r->at = at;
	return entry;
}

void syntax_track_run(const struct syntax_track *track, struct syntax_run *r, const char *end)
{
	size_t row = r->place.state * track->row_bytes, entry;

	for (;;) {
		entry = stroll(track, r, &row, end);
		if (r->at == end)
			break;
		row = leaps(track, r, entry);
	}
	r->place.state = (uint16_t)(row % track->begin / track->row_bytes);
}
