/*
 * syntax.h: the colours of one text in one language, kept up while people edit it.
 *
 *	struct syntax *s = syntax_create(machine);		-- syntax_file_load()
 *	syntax_changed(s, &op)					-- the text was changed
 *	syntax_line(s, text, start, from, count, classes)	-- for what is on the screen
 *	while (syntax_idle(s, text, budget, &seen)) ...		-- when there is nothing else to do
 *
 * The text is cut into stretches of about SYNTAX_STRETCH characters, at line starts; for each is known what a lexer that comes from the
 * text's start knows there (syntax_memory.h, two bytes). Drawing lexes from the nearest stretch before the screen on. An edit makes its
 * stretch unsure; syntax_idle() lexes unsure stretches, and on from each until it finds what was known already.
 *
 * A text that was just opened is one unsure stretch. What is shown of it before syntax_idle() has come there is lexed from
 * SYNTAX_BACK characters above on, as if that were the start: right nearly always, and put right soon after.
 *
 * Cost:    syntax_changed O(1) near the last place, and a walk over at most the stretches otherwise; syntax_line at most SYNTAX_BACK
 *          and the line, of a long line SYNTAX_BACK too; memory eight bytes a stretch: 100 MB take 200 kB.
 * Limits:  a line longer than SYNTAX_BACK is cut into stretches as well: a word across such a cut may miss its colour.
 * Units:   positions are code points.
 */
#ifndef TUI_SYNTAX_H
#define TUI_SYNTAX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"
#include "ot/text.h"
#include "tui/syntax_class.h"
#include "tui/syntax_machine.h"

#define SYNTAX_STRETCH 4096
#define SYNTAX_BACK    16384
#define SYNTAX_SLICE   ((size_t)512 * 1024) /* characters for one syntax_idle() between two keys: a millisecond or two */

struct syntax;

struct syntax *syntax_create(struct syntax_machine *takes);
void syntax_destroy(struct syntax *s); /* NULL is fine, here and below: a text without colours */
void syntax_reset(struct syntax *s, const struct text *t); /* another text */
void syntax_changed(struct syntax *s, const struct op *op);

/*
 * The classes of `count` characters from `from` on, in the line that begins at start; what is behind the line's end is SYNTAX_TEXT.
 * Cheapest when the lines of a screen are asked for in order.
 */
void syntax_line(struct syntax *s, const struct text *t, size_t start, size_t from, size_t count,
	uint8_t *classes);

/*
 * What the lexer knows where the line at start begins: with the same text after it, it gives the same classes. Who does not draw a line
 * tells what it knows behind it, at `next`.
 */
uint16_t syntax_begins(struct syntax *s, const struct text *t, size_t start);
void syntax_skip(struct syntax *s, size_t start, size_t next, uint16_t number);

/* Lexes about `budget` characters of what is unsure. true: there is more. *seen: what syntax_line() gave was not right. */
bool syntax_idle(struct syntax *s, const struct text *t, size_t budget, bool *seen);
bool syntax_unsure(const struct syntax *s); /* is there anything to do for syntax_idle()? */

#endif
