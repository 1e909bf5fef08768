#include "tui/move.h"

#include "tui/bracket.h"
#include "tui/hands.h"
#include "tui/motion.h"
#include "tui/state.h"

#define SCROLL 1

static bool leaves(const struct editor *ed, struct sel sel)
{
	return sel.anchor != sel.head && !ed->extend;
}

/* Without Shift a selection is left at the side one moves to. */
static size_t left(struct editor *ed, struct sel sel)
{
	return leaves(ed, sel) ? anchor_start(sel) : motion_left(editor_text(ed), sel.head);
}

static size_t right(struct editor *ed, struct sel sel)
{
	return leaves(ed, sel) ? anchor_end(sel) : motion_right(editor_text(ed), sel.head);
}

static size_t word_left(struct editor *ed, struct sel sel)
{
	return motion_word_left(editor_text(ed), sel.head);
}

static size_t word_right(struct editor *ed, struct sel sel)
{
	return motion_word_right(editor_text(ed), sel.head);
}

static size_t home(struct editor *ed, struct sel sel)
{
	const struct text *t = editor_text(ed);
	size_t indent = motion_indent_end(t, sel.head);
	struct wrap_row row = view_row(&ed->view, t, sel.head);

	if (row.start > row.from && row.start > indent && sel.head != row.start)
		return row.start;
	return sel.head == indent ? motion_line_start(t, sel.head) : indent;
}

static size_t end(struct editor *ed, struct sel sel)
{
	const struct text *t = editor_text(ed);
	struct wrap_row row = view_row(&ed->view, t, sel.head);
	size_t last = row.end < row.to ? wrap_pos(t, &row, SIZE_MAX) : row.to;

	return sel.head == last ? row.to : last;
}

static size_t bracket(struct editor *ed, struct sel sel)
{
	struct bracket found;

	return bracket_at(editor_text(ed), sel.head, BRACKET_JUMP, &found) ? found.partner
									   : sel.head;
}

#define MOTION(name)                                                                               \
	void move_##name(struct editor *ed, uint64_t now_ms)                                       \
	{                                                                                          \
		(void)now_ms;                                                                      \
		hands_move(ed, name);                                                              \
	}

MOTION(left)
MOTION(right)
MOTION(word_left)
MOTION(word_right)
MOTION(home)
MOTION(end)
MOTION(bracket)

static size_t stay(struct editor *ed, struct sel sel)
{
	(void)ed;
	return sel.head;
}

/* Either way nothing is selected at first. */
void move_mark(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	hands_move(ed, stay);
	ed->marking = !ed->marking;
}

/* ---- by rows ---- */

/* The main caret keeps to the column that the first of several vertical steps began in. */
static size_t goal_of(struct editor *ed, struct sel sel)
{
	bool main = sel.head == ed->doc.sel.head;

	return main && ed->has_goal ? ed->goal : view_row_col(&ed->view, editor_text(ed), sel.head);
}

static size_t rows_from(struct editor *ed, struct sel sel, ptrdiff_t rows)
{
	return view_pos_down(&ed->view, editor_text(ed), sel.head, rows, goal_of(ed, sel));
}

static size_t up(struct editor *ed, struct sel sel)
{
	return rows_from(ed, sel, -1);
}

static size_t down(struct editor *ed, struct sel sel)
{
	return rows_from(ed, sel, 1);
}

static ptrdiff_t page(const struct editor *ed)
{
	return ed->screen.text.rows > 2 ? ed->screen.text.rows - 1 : 1;
}

static size_t page_up(struct editor *ed, struct sel sel)
{
	return rows_from(ed, sel, -page(ed));
}

static size_t page_down(struct editor *ed, struct sel sel)
{
	return rows_from(ed, sel, page(ed));
}

static void vertically(struct editor *ed, hands_motion *motion)
{
	size_t goal = goal_of(ed, ed->doc.sel);

	hands_move(ed, motion);
	ed->goal = goal;
	ed->has_goal = true;
}

void move_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	vertically(ed, up);
}

void move_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	vertically(ed, down);
}

void move_page_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), -page(ed));
	vertically(ed, page_up);
}

void move_page_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), page(ed));
	vertically(ed, page_down);
}

/* ---- far ---- */

void move_top(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, 0);
}

void move_bottom(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	editor_go(ed, text_size(editor_text(ed)).points);
}

void move_scroll_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), -SCROLL);
}

void move_scroll_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	view_scroll(&ed->view, editor_text(ed), SCROLL);
}
