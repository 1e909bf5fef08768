#include "tui/syntax_build.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/syntax_class.h"

static char *copy(struct syntax_piece piece)
{
	return mem_dup(piece.at, piece.bytes);
}

/* ---- what went wrong ---- */

__attribute__((format(printf, 4, 0))) static char *say(
	const struct syntax_build *b, size_t source, size_t line, const char *format, va_list args)
{
	struct buf said = {0};
	char sentence[256];

	vsnprintf(sentence, sizeof(sentence), format, args);
	buf_printf(&said, "%s:%zu: %s", b->sources.at[source].path, line, sentence);
	return buf_take(&said);
}

bool syntax_build_fault(struct syntax_build *b, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!b->why)
		b->why = say(b, syntax_build_now(b)->source, b->line, format, args);
	va_end(args);
	return false;
}

/* A fault of whoever called this part. */
__attribute__((format(printf, 2, 3))) static bool caller_fault(
	struct syntax_build *b, const char *format, ...)
{
	const struct syntax_part *part = syntax_build_now(b);
	va_list args;

	va_start(args, format);
	if (!b->why)
		b->why = say(b, part->from, part->at_line, format, args);
	va_end(args);
	return false;
}

__attribute__((format(printf, 3, 4))) static void warn(
	struct syntax_build *b, size_t line, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!b->warning)
		b->warning = say(b, syntax_build_now(b)->source, line, format, args);
	va_end(args);
}

/* ---- states ---- */

static uint16_t state_add(struct syntax_build *b)
{
	struct syntax_machine *m = b->m;
	size_t n = m->state_count;

	if (n == SYNTAX_FILE_STATES) {
		syntax_build_fault(b, "there are more than %d states", SYNTAX_FILE_STATES);
		return 0;
	}
	m->states = mem_grow(m->states, &m->state_cap, n + 1, sizeof(*m->states));
	m->rows = mem_grow(m->rows, &m->rows_cap, n + 1, sizeof(*m->rows));
	memset(m->rows[n], 0xff, sizeof(m->rows[n]));
	m->states[n] = (struct syntax_state){0, SYNTAX_NONE, SYNTAX_NONE};
	b->stars = mem_grow(b->stars, &b->star_cap, n - b->stars_from + 1, sizeof(*b->stars));
	b->stars[n - b->stars_from] = SYNTAX_NONE;
	m->state_count++;
	return (uint16_t)n;
}

static struct syntax_label *label_find(struct syntax_build *b, struct syntax_piece name)
{
	for (size_t i = 0; i < b->label_count; i++)
		if (syntax_piece_is(name, b->labels[i].name))
			return &b->labels[i];
	b->labels = mem_grow(b->labels, &b->label_cap, b->label_count + 1, sizeof(*b->labels));
	struct syntax_label *label = &b->labels[b->label_count++];
	*label = (struct syntax_label){copy(name), state_add(b), false, b->line};
	return label;
}

uint16_t syntax_build_state(struct syntax_build *b, struct syntax_piece name)
{
	return label_find(b, name)->state;
}

bool syntax_build_define(
	struct syntax_build *b, struct syntax_piece name, struct syntax_piece class)
{
	struct syntax_label *label = label_find(b, name);

	if (b->why)
		return false;
	if (label->defined)
		warn(b, b->line, "there is a state \"%s\" already", label->name);
	label->defined = true;
	if (b->state == SYNTAX_NONE)
		b->parts[b->part].first = label->state;
	b->state = label->state;
	if (syntax_build_class(b, class, &b->m->states[b->state].class))
		return true;
	return syntax_build_fault(
		b, "there is no class \"%.*s\": declare it with =", (int)class.bytes, class.at);
}

void syntax_build_star(struct syntax_build *b, uint16_t action)
{
	b->stars[b->state - b->stars_from] = action;
}

/* ---- classes ---- */

bool syntax_build_class(const struct syntax_build *b, struct syntax_piece name, uint8_t *class)
{
	for (size_t i = 0; i < b->color_count; i++)
		if (syntax_piece_is(name, b->colors[i].name)) {
			*class = b->colors[i].class;
			return true;
		}
	return syntax_class_find(name.at, name.bytes, class);
}

bool syntax_build_class_add(struct syntax_build *b, struct syntax_piece name, uint8_t class)
{
	if (b->color_count == SYNTAX_FILE_CLASSES)
		return syntax_build_fault(b, "too many classes");
	b->colors = mem_grow(b->colors, &b->color_cap, b->color_count + 1, sizeof(*b->colors));
	b->colors[b->color_count++] = (struct syntax_color){copy(name), class};
	return true;
}

/* ---- actions ---- */

static uint16_t action_add(struct syntax_machine *m, const struct syntax_action *action)
{
	m->actions = mem_grow(m->actions, &m->action_cap, m->action_count + 1, sizeof(*m->actions));
	m->actions[m->action_count] = *action;
	return (uint16_t)m->action_count++;
}

bool syntax_build_action(
	struct syntax_build *b, const struct syntax_action *action, uint16_t *number)
{
	if (b->m->action_count >= SYNTAX_FILE_ACTIONS)
		return syntax_build_fault(b, "there are more than %d rules", SYNTAX_FILE_ACTIONS);
	*number = action_add(b->m, action);
	return !b->why;
}

uint16_t syntax_build_words(struct syntax_build *b, bool any_case)
{
	struct syntax_machine *m = b->m;

	m->words = mem_grow(m->words, &m->words_cap, m->words_count + 1, sizeof(*m->words));
	m->words[m->words_count] =
		(struct syntax_words){.any_case = any_case, .saved = SYNTAX_NONE};
	return (uint16_t)m->words_count++;
}

/* ---- parts ---- */

bool syntax_build_part(struct syntax_build *b, size_t source, struct syntax_piece subr,
	const char *flags, uint16_t *part)
{
	size_t n = 0;

	while (n < b->part_count &&
		(b->parts[n].source != source || !syntax_piece_is(subr, b->parts[n].subr) ||
			strcmp(b->parts[n].flags, flags) != 0))
		n++;
	*part = (uint16_t)n;
	if (n < b->part_count)
		return true;
	if (n == SYNTAX_FILE_INSTANCES)
		return syntax_build_fault(
			b, "there are more than %d kinds of calls", SYNTAX_FILE_INSTANCES);
	b->parts[b->part_count++] = (struct syntax_part){.source = source,
		.subr = copy(subr),
		.flags = mem_dup(flags, strlen(flags)),
		.at_line = b->line,
		.from = syntax_build_now(b)->source};
	return true;
}

static void forget_names(struct syntax_build *b)
{
	for (size_t i = 0; i < b->label_count; i++)
		free(b->labels[i].name);
	for (size_t i = 0; i < b->color_count; i++)
		free(b->colors[i].name);
	b->label_count = b->color_count = 0;
}

void syntax_build_begin(struct syntax_build *b, size_t part)
{
	forget_names(b);
	b->part = part;
	b->line = 0;
	b->state = SYNTAX_NONE;
	b->stars_from = b->m->state_count;
}

static bool all_defined(struct syntax_build *b)
{
	const char *subr = syntax_build_now(b)->subr;

	for (size_t i = 0; i < b->label_count; i++)
		if (!b->labels[i].defined)
			warn(b, b->labels[i].line, "there is no state \"%s\"", b->labels[i].name);
	return b->state != SYNTAX_NONE ||
	       caller_fault(
		       b, *subr ? "there is no subroutine \"%s\"" : "there is no state%s", subr);
}

/* Bytes without a rule do what '*' says, or else begin anew. */
bool syntax_build_end(struct syntax_build *b)
{
	struct syntax_machine *m = b->m;
	uint16_t anew;

	if (!all_defined(b))
		return false;
	anew = action_add(m, &(struct syntax_action){.next = syntax_build_now(b)->first,
				     .call = SYNTAX_NONE,
				     .words = SYNTAX_NONE});
	for (size_t s = b->stars_from; s < m->state_count; s++) {
		uint16_t star = b->stars[s - b->stars_from];
		for (size_t c = 0; c < 256; c++)
			if (m->rows[s][c] == SYNTAX_NONE)
				m->rows[s][c] = star == SYNTAX_NONE ? anew : star;
	}
	return true;
}

void syntax_build_link(struct syntax_build *b)
{
	for (size_t i = 0; i < b->m->action_count; i++)
		if (b->m->actions[i].call != SYNTAX_NONE)
			b->m->actions[i].call = b->parts[b->m->actions[i].call].first;
}

void syntax_build_fini(struct syntax_build *b)
{
	forget_names(b);
	free(b->labels);
	free(b->colors);
	free(b->stars);
	syntax_sources_fini(&b->sources);
	for (size_t i = 0; i < b->part_count; i++) {
		free(b->parts[i].subr);
		free(b->parts[i].flags);
	}
}
