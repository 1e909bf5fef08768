#include "tui/syntax_track.h"

#include <stdlib.h>

#include "ot/mem.h"

/* What a rule may do and still be nothing but a step to a state, as far as the ends of lines are concerned. */
#define ONLY_COLOR                                                                                 \
	(SYNTAX_NOEAT | SYNTAX_BUFFER | SYNTAX_HOLD | SYNTAX_MARK | SYNTAX_MARKEND |               \
		SYNTAX_RECOLORMARK)

/* Where a byte leads through states that give it on. */
struct way {
	bool simple; /* to a state, and nothing happens that matters later */
	bool begins; /* a word began last on the way */
	bool holds;  /* or ended */
	bool listed; /* words were looked up on it: once is as far as we look ahead */
	uint16_t next;
};

struct tracker {
	struct syntax_machine *m;
	struct way (*ways)[256];
	bool *wants;       /* by state: the word behind it is looked up, or saved, from here on */
	bool callers_want; /* some state that a subroutine returns to does */
};

static bool delimited(const struct syntax_machine *m, uint16_t state)
{
	return m->states[state].same != SYNTAX_NONE || m->states[state].mirror != SYNTAX_NONE;
}

static const struct syntax_action *action_of(
	const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	return &m->actions[m->rows[state][byte]];
}

static bool same_way(struct way a, struct way b)
{
	return a.simple && b.simple && a.next == b.next && a.begins == b.begins &&
	       a.holds == b.holds;
}

static struct way way_from(const struct syntax_machine *m, uint16_t state, unsigned char byte,
	struct way so_far, int chain);

/* On from an action that may or may not eat the byte. */
static struct way way_on(const struct syntax_machine *m, const struct syntax_action *a, bool eats,
	unsigned char byte, struct way so_far, int chain)
{
	if (a->call != SYNTAX_NONE || (a->flags & ~(unsigned)ONLY_COLOR) || chain == SYNTAX_CHAIN)
		return (struct way){.simple = false};
	so_far.begins |= (a->flags & SYNTAX_BUFFER) != 0;
	so_far.holds = (so_far.holds && !(a->flags & SYNTAX_BUFFER)) || a->flags & SYNTAX_HOLD;
	so_far.next = a->next;
	so_far.simple = true;
	return eats ? so_far : way_from(m, a->next, byte, so_far, chain + 1);
}

/* All words that could be found must lead the same way as when none is. */
static bool words_agree(const struct syntax_machine *m, const struct syntax_words *words,
	unsigned char byte, struct way so_far, struct way none, int chain)
{
	const struct syntax_action *saved =
		words->saved == SYNTAX_NONE ? NULL : &m->actions[words->saved];

	if (saved && !same_way(none, way_on(m, saved, false, byte, so_far, chain)))
		return false;
	for (size_t i = 0; i < words->slot_count; i++) {
		const struct syntax_word *word = &words->slots[i];
		if (word->text && !same_way(none, way_on(m, &m->actions[word->action], false, byte,
							  so_far, chain)))
			return false;
	}
	return true;
}

static struct way way_from(const struct syntax_machine *m, uint16_t state, unsigned char byte,
	struct way so_far, int chain)
{
	const struct syntax_action *a = action_of(m, state, byte);
	struct way way;

	if (delimited(m, state) || (a->words != SYNTAX_NONE && so_far.listed))
		return (struct way){.simple = false};
	so_far.listed |= a->words != SYNTAX_NONE;
	way = way_on(m, a, !(a->flags & SYNTAX_NOEAT), byte, so_far, chain);
	if (way.simple && a->words != SYNTAX_NONE &&
		!words_agree(m, &m->words[a->words], byte, so_far, way, chain))
		way.simple = false;
	return way;
}

static struct way way_of(const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	return way_from(m, state, byte, (struct way){.next = state}, 0);
}

/* Do two bytes lead from every state by the same rules? Then they lead the same way. */
static bool same_rules(const struct syntax_machine *m, size_t a, size_t b)
{
	size_t s = 0;

	while (s < m->state_count && m->rows[s][a] == m->rows[s][b])
		s++;
	return s == m->state_count;
}

/* Most bytes are like one before them, which saves most of the walking. */
static void find_ways(struct tracker *t)
{
	for (size_t c = 0; c < 256; c++) {
		size_t like = 0;
		while (like < c && !same_rules(t->m, like, c))
			like++;
		for (size_t s = 0; s < t->m->state_count; s++)
			t->ways[s][c] = like < c ? t->ways[s][like]
						 : way_of(t->m, (uint16_t)s, (unsigned char)c);
	}
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
	for (unsigned c = 0; c < 256; c++) {
		struct way way = t->ways[state][c];
		bool kept = !way.begins && c != '\n'; /* the word behind us */
		if (way.simple ? kept && t->wants[way.next]
			       : action_wants(t, action_of(t->m, state, (unsigned char)c)))
			return true;
	}
	return delimited(t->m, state);
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

/* ---- entries ---- */

static uint16_t paint_entry(const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	const struct syntax_action *a = action_of(m, state, byte);
	bool plain = a->call == SYNTAX_NONE && a->words == SYNTAX_NONE && !a->flags &&
		     !a->recolor && byte != '\n' && !delimited(m, state);

	return plain ? a->next : (uint16_t)(m->state_count + m->rows[state][byte]);
}

static uint16_t track_entry(const struct tracker *t, uint16_t state, unsigned char byte)
{
	struct way way = t->ways[state][byte];
	size_t states = t->m->state_count;
	bool wanted = (way.begins || way.holds) && t->wants[way.next];

	if (!way.simple || byte == '\n' || (wanted && way.begins && way.holds))
		return (uint16_t)(states + t->m->rows[state][byte]);
	if (!wanted)
		return way.next;
	return (uint16_t)(way.next +
			  (way.begins ? syntax_begin_base(states) : syntax_hold_base(states)));
}

void syntax_track_paint(struct syntax_machine *machine)
{
	size_t states = machine->state_count;

	machine->paint = mem_alloc(states * sizeof(*machine->paint));
	for (size_t s = 0; s < states; s++)
		for (unsigned c = 0; c < 256; c++)
			machine->paint[s][c] = paint_entry(machine, (uint16_t)s, (unsigned char)c);
}

void syntax_track(struct syntax_machine *machine)
{
	size_t states = machine->state_count;
	struct tracker t = {machine, mem_alloc(states * sizeof(*t.ways)), mem_alloc(states), false};

	find_ways(&t);
	machine->track = mem_alloc(states * sizeof(*machine->track));
	machine->newline = mem_alloc(states * sizeof(*machine->newline));
	find_wants(&t);
	for (size_t s = 0; s < states; s++) {
		struct way end = t.ways[s]['\n'];
		machine->newline[s] = end.simple ? end.next : SYNTAX_NONE;
		for (unsigned c = 0; c < 256; c++)
			machine->track[s][c] = track_entry(&t, (uint16_t)s, (unsigned char)c);
	}
	free(t.ways);
	free(t.wants);
}
