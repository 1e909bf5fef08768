#include "tui/panel.h"

#include <string.h>

#include "tui/panel_people.h"
#include "tui/state.h"
#include "tui/theme.h"

#define WHEEL_LINES 3

static struct rect inside(const struct editor *ed)
{
	struct rect panel = ed->screen.panel;

	return (struct rect){panel.row, panel.col + 2, panel.rows, panel.cols - 2};
}

void panel_draw(struct editor *ed, struct term *term)
{
	struct rect panel = ed->screen.panel;
	struct term_style faint = theme_style(term_colors(term), THEME_FAINT);

	for (int i = 0; i < panel.rows; i++)
		term_put(term, panel.row + i, panel.col, "│", strlen("│"), 1, faint);
	panel_people_draw(ed, term, inside(ed));
}

void panel_mouse(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	int line = key->row - ed->screen.panel.row - 1;

	if (key->mouse == KEY_MOUSE_DOWN && line >= 0)
		roster_click(ed, (size_t)line, now_ms);
	else if (key->mouse == KEY_MOUSE_WHEEL_UP)
		roster_wheel(ed, -WHEEL_LINES);
	else if (key->mouse == KEY_MOUSE_WHEEL_DOWN)
		roster_wheel(ed, WHEEL_LINES);
}
