#include "tui/panel.h"

#include <string.h>

#include "tui/panel_chat.h"
#include "tui/panel_people.h"
#include "tui/state.h"
#include "tui/theme.h"

#define WHEEL_LINES 3

struct parts {
	struct rect people, chat; /* without rows: not shown */
};

/* The people have what they need, at most half; all, where nobody has said anything. */
static struct parts parts(const struct editor *ed)
{
	struct rect panel = ed->screen.panel;
	struct rect inside = {panel.row, panel.col + 2, panel.rows, panel.cols - 2};
	int half = panel.rows / 2;
	int people = ed->people.count + 1 < (size_t)half ? (int)ed->people.count + 1 : half;
	struct parts parts = {.people = inside};

	if (!talk_shows(ed) || panel.rows < 4)
		return parts;
	parts.people.rows = people;
	parts.chat = inside;
	parts.chat.row += people;
	parts.chat.rows -= people;
	return parts;
}

void panel_draw(struct editor *ed, struct term *term)
{
	struct rect panel = ed->screen.panel;
	struct term_style faint = theme_style(term_colors(term), THEME_FAINT);
	struct parts p = parts(ed);

	for (int i = 0; i < panel.rows; i++)
		term_put(term, panel.row + i, panel.col, "│", strlen("│"), 1, faint);
	panel_people_draw(ed, term, p.people);
	if (p.chat.rows)
		panel_chat_draw(ed, term, p.chat);
}

static void chat_mouse(struct editor *ed, const struct key *key, struct rect chat, uint64_t now_ms)
{
	const struct chat_line *line = panel_chat_at(ed, chat, key->row);

	if (key->mouse == KEY_MOUSE_DOWN && line)
		talk_go(ed, line, now_ms);
	else if (key->mouse == KEY_MOUSE_WHEEL_UP)
		talk_move(ed, -1);
	else if (key->mouse == KEY_MOUSE_WHEEL_DOWN)
		talk_move(ed, 1);
}

static void people_mouse(
	struct editor *ed, const struct key *key, struct rect people, uint64_t now_ms)
{
	int line = key->row - people.row - 1;

	if (key->mouse == KEY_MOUSE_DOWN && line >= 0)
		roster_click(ed, (size_t)line, now_ms);
	else if (key->mouse == KEY_MOUSE_WHEEL_UP)
		roster_wheel(ed, -WHEEL_LINES);
	else if (key->mouse == KEY_MOUSE_WHEEL_DOWN)
		roster_wheel(ed, WHEEL_LINES);
}

void panel_mouse(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	struct parts p = parts(ed);

	if (p.chat.rows && key->row >= p.chat.row)
		chat_mouse(ed, key, p.chat, now_ms);
	else
		people_mouse(ed, key, p.people, now_ms);
}
