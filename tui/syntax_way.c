#include "tui/syntax_way.h"

void syntax_way_word(const struct syntax_action *a, bool *begins, bool *holds)
{
	if (a->flags & SYNTAX_BUFFER) {
		*begins = true;
		*holds = false;
	} else if (a->flags & SYNTAX_HOLD) {
		*holds = true;
	}
}

static bool same_way(struct syntax_way a, struct syntax_way b)
{
	return a.simple && b.simple && a.next == b.next && a.begins == b.begins &&
	       a.holds == b.holds;
}

static struct syntax_way way_from(const struct syntax_machine *m, uint16_t state,
	unsigned char byte, struct syntax_way so_far, int chain);

/* On from an action that may or may not eat the byte. */
static struct syntax_way way_on(const struct syntax_machine *m, const struct syntax_action *a,
	bool eats, unsigned char byte, struct syntax_way so_far, int chain)
{
	if (a->call != SYNTAX_NONE || (a->flags & ~(unsigned)SYNTAX_WAY_FLAGS) ||
		chain == SYNTAX_CHAIN)
		return (struct syntax_way){.simple = false};
	syntax_way_word(a, &so_far.begins, &so_far.holds);
	so_far.next = a->next;
	so_far.links = (uint8_t)(chain + 1);
	so_far.simple = true;
	return eats ? so_far : way_from(m, a->next, byte, so_far, chain + 1);
}

/* What is found must lead where `none` leads. */
static void agree(struct syntax_way *none, struct syntax_way found)
{
	none->simple = same_way(*none, found);
	none->links = found.links > none->links ? found.links : none->links;
}

/* All words that could be found must lead the same way as when none is. */
static struct syntax_way words_agree(const struct syntax_machine *m,
	const struct syntax_words *words, unsigned char byte, struct syntax_way so_far,
	struct syntax_way none, int chain)
{
	if (words->saved != SYNTAX_NONE)
		agree(&none, way_on(m, &m->actions[words->saved], false, byte, so_far, chain));
	for (size_t i = 0; i < words->slot_count && none.simple; i++)
		if (words->slots[i].text)
			agree(&none, way_on(m, &m->actions[words->slots[i].action], false, byte,
					     so_far, chain));
	return none;
}

static struct syntax_way way_from(const struct syntax_machine *m, uint16_t state,
	unsigned char byte, struct syntax_way so_far, int chain)
{
	const struct syntax_action *a = syntax_way_action(m, state, byte);
	struct syntax_way way;

	if (syntax_way_delimited(m, state) || (a->words != SYNTAX_NONE && so_far.listed))
		return (struct syntax_way){.simple = false};
	so_far.listed |= a->words != SYNTAX_NONE;
	way = way_on(m, a, !(a->flags & SYNTAX_NOEAT), byte, so_far, chain);
	if (way.simple && a->words != SYNTAX_NONE)
		way = words_agree(m, &m->words[a->words], byte, so_far, way, chain);
	return way;
}

struct syntax_way syntax_way(const struct syntax_machine *m, uint16_t state, unsigned char byte)
{
	return way_from(m, state, byte, (struct syntax_way){.next = state}, 0);
}
