#include "tui/syntax_run.h"

#include <string.h>

#include "ot/utf8.h"

static const char *word_end(const struct syntax_run *r)
{
	return r->word_end ? r->word_end : r->at;
}

static uint16_t look_up(const struct syntax_run *r, const struct syntax_words *words)
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

const struct syntax_action *syntax_run_found(
	const struct syntax_run *r, const struct syntax_action *a)
{
	uint16_t found = a->words == SYNTAX_NONE ? SYNTAX_NONE : look_up(r, &r->m->words[a->words]);

	return found == SYNTAX_NONE ? a : &r->m->actions[found];
}

static char mirrored(char c)
{
	static const char closing[256] = {
		['('] = ')', ['['] = ']', ['{'] = '}', ['<'] = '>', ['`'] = '\''};
	char close = closing[(unsigned char)c];

	return close ? close : c;
}

uint16_t syntax_run_delimiter(const struct syntax_run *r)
{
	const struct syntax_state *state = &r->m->states[r->place.state];
	size_t bytes;

	if (state->same == SYNTAX_NONE && state->mirror == SYNTAX_NONE)
		return SYNTAX_NONE;
	const char *saved = syntax_memory_saved(r->memory, r->place.saved, &bytes);
	if (bytes && state->same != SYNTAX_NONE && saved[0] == *r->at)
		return state->same;
	return bytes && state->mirror != SYNTAX_NONE && mirrored(saved[0]) == *r->at ? state->mirror
										     : SYNTAX_NONE;
}

static const struct syntax_action *action_at(const struct syntax_run *r)
{
	uint16_t action = syntax_run_delimiter(r);

	if (action == SYNTAX_NONE)
		action = r->m->rows[r->place.state][(unsigned char)*r->at];
	return &r->m->actions[action];
}

void syntax_run_color(struct syntax_run *r, const char *from, const char *to)
{
	if (r->classes && from && to > from)
		memset(r->classes + (from - r->start), r->m->states[r->place.state].class,
			(size_t)(to - from));
}

static void color_back(struct syntax_run *r, size_t characters)
{
	const char *from = r->at + 1;

	while (characters && from > r->line) {
		from--;
		characters -= !utf8_is_rest(*from);
	}
	syntax_run_color(r, from, r->at + 1);
}

static void remember(struct syntax_run *r, uint16_t flags)
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

static void follow(struct syntax_run *r, const struct syntax_action *a)
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

void syntax_run_do(struct syntax_run *r, const struct syntax_action *a)
{
	if (a->flags & SYNTAX_REMEMBERS)
		remember(r, a->flags);
	follow(r, a);
}

static void do_and_color(struct syntax_run *r, const struct syntax_action *a)
{
	syntax_run_do(r, a);
	if (a->recolor)
		color_back(r, a->recolor);
	if (a->flags & SYNTAX_RECOLORMARK)
		syntax_run_color(r, r->mark, r->mark_end ? r->mark_end : r->at);
}

static void end_line(struct syntax_run *r)
{
	r->word = r->word_end = r->mark = r->mark_end = NULL;
	r->line = r->at;
}

void syntax_run_step(struct syntax_run *r, int links)
{
	for (; links < SYNTAX_CHAIN; links++) {
		const struct syntax_action *a = action_at(r), *found = syntax_run_found(r, a);
		const char *word = r->word, *end = word_end(r);

		syntax_run_color(r, r->at, r->at + 1);
		do_and_color(r, found);
		if (found != a)
			syntax_run_color(r, word, end);
		else if (!(a->flags & SYNTAX_NOEAT))
			break;
	}
	if (*r->at++ == '\n')
		end_line(r);
}
