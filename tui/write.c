#include "tui/write.h"

#include <stdlib.h>

#include "tui/hands.h"
#include "tui/lines.h"
#include "tui/motion.h"
#include "tui/state.h"

#define INDENT_MAX 1024 /* characters of blanks that a new line takes over */

/* Is the last sign before pos an open bracket? */
static bool opens(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, pos);
	uint32_t c = 0;

	while (text_iter_prev(&it, &c) && (c == ' ' || c == '\t'))
		;
	return c == '{' || c == '(' || c == '[';
}

static struct sel newline(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	const struct text *t = editor_text(ed);
	size_t at = anchor_start(sel), start = motion_line_start(t, at),
	       end = motion_indent_end(t, at);
	size_t points = (end < at ? end : at) - start, bytes;
	char *indent = text_slice(t, start, points < INDENT_MAX ? points : INDENT_MAX, &bytes);

	(void)n;
	buf_add_byte(text, '\n');
	buf_add(text, indent, bytes);
	if (opens(t, at))
		lines_indent_unit(ed, text);
	free(indent);
	return sel;
}

void write_newline(struct editor *ed, uint64_t now_ms)
{
	hands_change(ed, newline, DOCUMENT_TYPING, now_ms);
}

static struct sel tab(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	size_t width = lines_level(ed), col;

	(void)n;
	if (lines_by_tabs(ed)) {
		buf_add_byte(text, '\t');
		return sel;
	}
	col = view_col(&ed->view, editor_text(ed), anchor_start(sel));
	for (size_t i = width - col % width; i; i--)
		buf_add_byte(text, ' ');
	return sel;
}

void write_tab(struct editor *ed, uint64_t now_ms)
{
	if (lines_several(ed))
		lines_indent(ed, now_ms);
	else
		hands_change(ed, tab, DOCUMENT_TYPING, now_ms);
}

/* ---- deleting ---- */

/* The selection, or what lies between the caret and `to`. */
static struct sel erased(struct sel sel, size_t to)
{
	return sel.anchor != sel.head ? sel : (struct sel){to, sel.head};
}

static struct sel backspace(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	(void)n;
	(void)text;
	return erased(sel, motion_left(editor_text(ed), sel.head));
}

static struct sel delete (struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	(void)n;
	(void)text;
	return erased(sel, motion_right(editor_text(ed), sel.head));
}

static struct sel delete_word_left(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	(void)n;
	(void)text;
	return erased(sel, motion_word_left(editor_text(ed), sel.head));
}

static struct sel delete_word_right(struct editor *ed, struct sel sel, size_t n, struct buf *text)
{
	(void)n;
	(void)text;
	return erased(sel, motion_word_right(editor_text(ed), sel.head));
}

/* A selection that goes is a step of its own. */
static enum document_kind kind_of(const struct editor *ed, enum document_kind kind)
{
	return ed->doc.sel.anchor != ed->doc.sel.head ? DOCUMENT_OTHER : kind;
}

void write_backspace(struct editor *ed, uint64_t now_ms)
{
	hands_change(ed, backspace, kind_of(ed, DOCUMENT_BACKSPACE), now_ms);
}

void write_delete(struct editor *ed, uint64_t now_ms)
{
	hands_change(ed, delete, kind_of(ed, DOCUMENT_DELETE), now_ms);
}

void write_delete_word_left(struct editor *ed, uint64_t now_ms)
{
	hands_change(ed, delete_word_left, DOCUMENT_OTHER, now_ms);
}

void write_delete_word_right(struct editor *ed, uint64_t now_ms)
{
	hands_change(ed, delete_word_right, DOCUMENT_OTHER, now_ms);
}

/* ---- taking back ---- */

void write_undo(struct editor *ed, uint64_t now_ms)
{
	if (!document_undo(&ed->doc))
		editor_notice(ed, now_ms, "Nothing of yours to undo.");
}

void write_redo(struct editor *ed, uint64_t now_ms)
{
	if (!document_redo(&ed->doc))
		editor_notice(ed, now_ms, "Nothing to redo.");
}
