#include "tui/syntax.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/utf8.h"

struct stretch {
	uint32_t points;
	uint16_t number; /* of the place it begins with */
	bool sure;       /* lexed: the next one's number is what it leads to */
	bool moved;      /* its number has changed since it was lexed last */
};

struct syntax {
	struct syntax_machine *machine;
	struct syntax_memory *memory;
	struct stretch *at; /* all of the text; one at least */
	size_t count, cap;
	size_t sure;           /* stretches before this one are sure */
	size_t here, here_pos; /* a stretch and where it begins: walks begin here */
	size_t pen_pos;        /* where the line behind the last one drawn begins, */
	uint16_t pen_number;   /* and with what */
	bool pen;              /* is that so? */
	size_t seen, seen_end; /* what was asked for since the last syntax_idle() that told of it */
	bool guessed;          /* some of it from a guess */
	char *bytes;           /* of what is lexed */
	uint8_t *classes;      /* a byte each */
	size_t bytes_cap, classes_cap;
};

static size_t min_size(size_t a, size_t b)
{
	return a < b ? a : b;
}

struct syntax *syntax_create(struct syntax_machine *takes)
{
	struct syntax *s = mem_alloc(sizeof(*s));

	s->machine = takes;
	s->at = mem_grow(NULL, &s->cap, 1, sizeof(*s->at));
	s->at[0] = (struct stretch){0};
	s->count = 1;
	s->memory = syntax_memory_create();
	return s;
}

void syntax_destroy(struct syntax *s)
{
	if (!s)
		return;
	syntax_machine_destroy(s->machine);
	syntax_memory_destroy(s->memory);
	free(s->at);
	free(s->bytes);
	free(s->classes);
	free(s);
}

void syntax_reset(struct syntax *s, const struct text *t)
{
	if (!s)
		return;
	syntax_memory_destroy(s->memory);
	s->memory = syntax_memory_create();
	s->at[0] = (struct stretch){.points = (uint32_t)text_size(t).points};
	s->count = 1;
	s->sure = s->here = s->here_pos = 0;
	s->seen = s->seen_end = 0;
	s->pen = s->guessed = false;
}

/* ---- stretches ---- */

/* Goes to the stretch that pos is in; a position between two is in the one it begins. */
static void seek(struct syntax *s, size_t pos)
{
	while (pos < s->here_pos)
		s->here_pos -= s->at[--s->here].points;
	while (s->here + 1 < s->count && pos >= s->here_pos + s->at[s->here].points)
		s->here_pos += s->at[s->here++].points;
}

static void unsure(struct syntax *s, size_t i)
{
	s->at[i].sure = false;
	s->sure = min_size(s->sure, i);
}

static void drop(struct syntax *s, size_t first, size_t count)
{
	memmove(s->at + first, s->at + first + count, (s->count - first - count) * sizeof(*s->at));
	s->count -= count;
}

static void split(struct syntax *s, size_t i, size_t points)
{
	s->at = mem_grow(s->at, &s->cap, s->count + 1, sizeof(*s->at));
	memmove(s->at + i + 1, s->at + i, (s->count - i) * sizeof(*s->at));
	s->count++;
	s->at[i + 1].points -= (uint32_t)points;
	s->at[i + 1].sure = s->at[i + 1].moved = false;
	s->at[i].points = (uint32_t)points;
}

static void put_in(struct syntax *s, size_t pos, size_t points)
{
	seek(s, pos);
	s->at[s->here].points += (uint32_t)points;
	unsure(s, s->here);
}

/*
 * A stretch whose last character goes joins the next: else that would begin inside of a line. So of the stretches that the deletion
 * ends in or reaches the end of, one remains.
 */
static void take_out(struct syntax *s, size_t pos, size_t points)
{
	seek(s, pos);
	size_t first = s->here, last = first, kept = pos - s->here_pos;
	size_t end = s->here_pos + s->at[first].points;

	while (last + 1 < s->count && pos + points >= end)
		end += s->at[++last].points;
	s->at[first].points = (uint32_t)(kept + end - min_size(end, pos + points));
	drop(s, first + 1, last - first);
	unsure(s, first);
}

void syntax_changed(struct syntax *s, const struct op *op)
{
	struct op_iter it = op_iter(op);
	size_t pos = 0;

	for (struct op_component c; s && op_next(&it, &c);) {
		if (c.kind == OP_INSERT)
			put_in(s, pos, c.points);
		else if (c.kind == OP_DELETE)
			take_out(s, pos, c.points);
		pos += c.kind == OP_DELETE ? 0 : c.points;
	}
	if (s)
		s->pen = false;
}

/* ---- lexing ---- */

/*
 * From `number` at `from` on; gives the number at `to`. The classes, if wanted, are in s->classes; at the text's end a line end is
 * thought behind it, which ends its last word.
 */
static uint16_t lex(struct syntax *s, const struct text *t, uint16_t number, size_t from, size_t to,
	bool colors)
{
	size_t points = to - from;

	s->bytes = mem_grow(s->bytes, &s->bytes_cap, points * 4 + 2, 1);
	size_t bytes = text_read(t, from, points, s->bytes);
	s->bytes[bytes] = s->bytes[bytes + 1] = '\n';
	bytes += colors && to == text_size(t).points;
	if (colors)
		s->classes = mem_grow(s->classes, &s->classes_cap, bytes, 1);
	return syntax_machine_run(
		s->machine, s->memory, number, s->bytes, bytes, colors ? s->classes : NULL);
}

/* Where the line behind pos begins, but not more than SYNTAX_BACK from it. */
static size_t next_line(const struct text *t, size_t pos)
{
	size_t end = text_line_end(t, text_line_at(t, pos)) + 1;

	return min_size(min_size(end, pos + SYNTAX_BACK), text_size(t).points);
}

/* Where a drawing of pos may begin that knows nothing before: a line above, if there is one near. */
static size_t guess_from(const struct text *t, size_t pos)
{
	size_t back = pos < SYNTAX_BACK ? 0 : pos - SYNTAX_BACK;
	size_t line = next_line(t, back);

	return line <= pos ? line : back;
}

/* Goes to line start `start`, or nearer to `from` in a long line: where drawing begins, and with what. */
static size_t begin(
	struct syntax *s, const struct text *t, size_t start, size_t from, uint16_t *number)
{
	size_t at;

	if (s->pen && s->pen_pos == start && from - start < SYNTAX_BACK) {
		*number = s->pen_number;
		return start;
	}
	seek(s, from);
	at = s->here_pos;
	*number = s->at[s->here].number;
	if (from - at > SYNTAX_BACK + SYNTAX_STRETCH) {
		at = guess_from(t, from);
		*number = 0;
		s->guessed = true;
	}
	if (at < start) {
		*number = lex(s, t, *number, at, start, false);
		at = start;
	}
	return at;
}

/* Classes of bytes to classes of characters. */
static void hand_out(const struct syntax *s, size_t skip, size_t count, uint8_t *classes)
{
	for (const char *at = s->bytes; count; at += utf8_width(*at)) {
		if (skip) {
			skip--;
			continue;
		}
		*classes++ = s->classes[at - s->bytes];
		count--;
	}
}

/* The next line that is asked for begins here. */
static void lift(struct syntax *s, size_t pos, uint16_t number)
{
	s->pen_pos = pos;
	s->pen_number = number;
	s->pen = true;
}

static void note_seen(struct syntax *s, size_t start, size_t end)
{
	s->seen = s->seen_end ? min_size(s->seen, start) : start;
	s->seen_end = s->seen_end > end ? s->seen_end : end;
}

uint16_t syntax_begins(struct syntax *s, const struct text *t, size_t start)
{
	uint16_t number = 0;

	if (s) {
		begin(s, t, start, start, &number);
		lift(s, start, number);
	}
	return number;
}

void syntax_skip(struct syntax *s, size_t start, size_t next, uint16_t number)
{
	if (!s)
		return;
	lift(s, next, number);
	note_seen(s, start, next);
}

void syntax_line(struct syntax *s, const struct text *t, size_t start, size_t from, size_t count,
	uint8_t *classes)
{
	size_t line_end = text_line_end(t, text_line_at(t, start)), at, end;
	uint16_t number;

	memset(classes, SYNTAX_TEXT, count);
	if (!s || from > line_end)
		return;
	at = begin(s, t, start, from, &number);
	end = min_size(min_size(line_end + 1, from + SYNTAX_BACK), text_size(t).points);
	number = lex(s, t, number, at, end, true);
	lift(s, line_end + 1, number);
	s->pen = end == s->pen_pos;
	note_seen(s, start, end);
	hand_out(s, from - at, min_size(count, end - from), classes);
}

/* ---- when there is time ---- */

bool syntax_unsure(const struct syntax *s)
{
	return s && s->sure < s->count;
}

/* Long ones are cut: at the first line start behind SYNTAX_STRETCH characters, or in a line when that is far. */
static void cut(struct syntax *s, const struct text *t, size_t i, size_t pos)
{
	if (s->at[i].points <= 2 * SYNTAX_STRETCH)
		return;
	size_t points = next_line(t, pos + SYNTAX_STRETCH - 1) - pos;
	if (points < s->at[i].points)
		split(s, i, points);
}

/* Two that are small become one. true: i is gone. */
static bool join(struct syntax *s, size_t i)
{
	if (i == 0 || s->at[i - 1].points + s->at[i].points > SYNTAX_STRETCH / 2)
		return false;
	s->at[i - 1].points += s->at[i].points;
	drop(s, i, 1);
	return true;
}

/* Tells the next stretch what it begins with. */
static void hand_on(struct syntax *s, size_t i, uint16_t number)
{
	s->at[i].sure = true;
	s->at[i].moved = false;
	s->sure = i + 1;
	if (s->sure < s->count && s->at[s->sure].number != number) {
		s->at[s->sure].number = number;
		s->at[s->sure].sure = false;
		s->at[s->sure].moved = true;
	}
}

/* Lexes the first unsure stretch; gives how long it was. */
static size_t settle(struct syntax *s, const struct text *t, bool *seen)
{
	size_t i = s->sure;

	while (s->here < i)
		s->here_pos += s->at[s->here++].points;
	while (s->here > i)
		s->here_pos -= s->at[--s->here].points;
	cut(s, t, i, s->here_pos);
	size_t from = s->here_pos, to = from + s->at[i].points;
	bool told = s->at[i].moved || s->guessed;
	*seen |= told && from < s->seen_end && to > s->seen;
	hand_on(s, i, lex(s, t, s->at[i].number, from, to, false));
	if (join(s, i)) {
		s->sure--;
		s->here--;
		s->here_pos -= s->at[i - 1].points - (to - from);
	}
	return to - from + 1;
}

bool syntax_idle(struct syntax *s, const struct text *t, size_t budget, bool *seen)
{
	*seen = false;
	for (size_t done = 0; done < budget && syntax_unsure(s);) {
		done += settle(s, t, seen);
		while (s->sure < s->count && s->at[s->sure].sure)
			s->sure++;
	}
	if (s)
		s->pen = false;
	if (*seen) {
		s->seen = s->seen_end = 0;
		s->guessed = false;
	}
	return syntax_unsure(s);
}
