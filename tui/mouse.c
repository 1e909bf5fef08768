#include "tui/mouse.h"

#include <string.h>

#include "tui/command.h"
#include "tui/many.h"
#include "tui/motion.h"
#include "tui/panel.h"
#include "tui/state.h"
#include "tui/statusbar.h"

#define WHEEL_LINES 3

static void click_count(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	bool again = ed->click.count && ed->click.row == key->row && ed->click.col == key->col &&
		     now_ms - ed->click.at_ms <= EDITOR_CLICK_MS;

	ed->click.count = again ? ed->click.count % 3 + 1 : 1;
	ed->click.row = key->row;
	ed->click.col = key->col;
	ed->click.at_ms = now_ms;
	ed->click.down = true;
}

static struct sel click_unit(const struct editor *ed, size_t pos)
{
	if (ed->click.count == 2)
		return motion_word_at(editor_text(ed), pos);
	if (ed->click.count == 3)
		return motion_line_at(editor_text(ed), pos);
	return (struct sel){pos, pos};
}

/* What is pointed at in the line of keys is done. */
static bool hint_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (key->mouse != KEY_MOUSE_DOWN || key->button ||
		!screen_within(ed->screen.hints, key->row, key->col) || ed->roster.on)
		return false;
	const struct command *command = statusbar_hint_at(ed, key->col);
	if (command)
		input_run(ed, command, false, now_ms);
	return true;
}

/* Where the mouse is ours, the terminal does not paste with its middle button. */
static void paste_at(struct editor *ed, size_t pos, uint64_t now_ms)
{
	document_select(&ed->doc, (struct sel){pos, pos});
	input_run(ed, command_named("paste", strlen("paste")), false, now_ms);
}

static void mouse_down(struct editor *ed, const struct key *key, size_t pos, uint64_t now_ms)
{
	if (!screen_within(ed->screen.text, key->row, key->col))
		return;
	if (key->button == 1)
		paste_at(ed, pos, now_ms);
	if (key->button)
		return;
	if (key->mods & (KEY_CTRL | KEY_ALT)) {
		many_point(ed, pos);
		return;
	}
	ed->marking = false;
	click_count(ed, key, now_ms);
	ed->click.unit = click_unit(ed, pos);
	if (key->mods & KEY_SHIFT)
		ed->click.unit = (struct sel){ed->doc.sel.anchor, pos};
	document_select(&ed->doc, ed->click.unit);
	ed->has_goal = false;
}

/* From what was clicked first to what is under the mouse now, by the same units. */
static void mouse_drag(struct editor *ed, const struct key *key, size_t pos)
{
	struct sel first = ed->click.unit, here = click_unit(ed, pos);
	struct rect text = ed->screen.text;

	if (!ed->click.down)
		return;
	if (anchor_start(here) < anchor_start(first))
		document_select(&ed->doc, (struct sel){anchor_end(first), anchor_start(here)});
	else
		document_select(&ed->doc, (struct sel){anchor_start(first), anchor_end(here)});
	if (key->row < text.row || key->row >= text.row + text.rows)
		view_scroll(&ed->view, editor_text(ed), key->row < text.row ? -1 : 1);
}

/* true: it was for the panel. */
static bool panel_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (!screen_within(ed->screen.panel, key->row, key->col) || ed->click.down)
		return false;
	panel_mouse(ed, key, now_ms);
	return true;
}

void mouse_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (panel_key(ed, key, now_ms) || hint_key(ed, key, now_ms))
		return;
	size_t pos = view_pos_under(&ed->view, editor_text(ed), key->row, key->col);

	switch (key->mouse) {
	case KEY_MOUSE_DOWN: mouse_down(ed, key, pos, now_ms); break;
	case KEY_MOUSE_DRAG: mouse_drag(ed, key, pos); break;
	case KEY_MOUSE_UP: ed->click.down = false; break;
	case KEY_MOUSE_WHEEL_UP: view_scroll(&ed->view, editor_text(ed), -WHEEL_LINES); break;
	case KEY_MOUSE_WHEEL_DOWN: view_scroll(&ed->view, editor_text(ed), WHEEL_LINES); break;
	}
}
