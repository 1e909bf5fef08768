#include "tui/panel_people.h"

#include <string.h>

#include "tui/badge.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

/* What to say of a person besides the name: " viewer", " typing…". */
static void about(const struct person *person, struct buf *out)
{
	static const char *const states[][2] = {
		{"offline", "offline"},
		{"typing", "typing…"},
		{"chatting", "chatting…"},
		{"away", "away"},
	};

	if (strcmp(person->role, "viewer") == 0)
		buf_add_str(out, " viewer");
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!person->me && person_is(person, states[i][0]))
			buf_printf(out, " %s", states[i][1]);
	*buf_room(out, 1) = '\0';
}

/* Where the person is: "main.c:4", or ":4" where that is too long. */
static void place(
	const struct editor *ed, const struct person *person, size_t room, struct buf *out)
{
	const struct text *t = editor_text(ed);
	size_t pos = person->me ? ed->doc.sel.head : person->count ? person->sels[0].head : 0;

	buf_clear(out);
	if (t && (person->me || person->count)) {
		buf_printf(out, "%s:%zu", ed->doc.path, text_line_at(t, pos) + 1);
		*buf_room(out, 1) = '\0';
		if (width_string(out->at) > room) {
			buf_clear(out);
			buf_printf(out, ":%zu", text_line_at(t, pos) + 1);
		}
	}
	*buf_room(out, 1) = '\0';
}

/* The name goes on as long as it leaves room for the rest; gives the column behind it all. */
static int draw_name(const struct person *person, struct term *term, struct rect line)
{
	struct term_style plain = theme_style(term_colors(term), THEME_TEXT);
	struct term_style faint = theme_style(term_colors(term), THEME_FAINT);
	const char *you = person->me ? " (you)" : "";
	int col = line.col + 1, end = line.col + line.cols;
	struct buf says = {0};

	about(person, &says);
	int room = line.cols - 1 - (int)(width_string(you) + width_string(says.at));
	col += screen_text(
		term, line.row, col, room > 4 ? room : line.cols - 1, person->name, plain);
	if (room > 4) {
		col += screen_text(term, line.row, col, end - col, you, plain);
		col += screen_text(term, line.row, col, end - col, says.at, faint);
	}
	buf_fini(&says);
	return col;
}

static void draw_person(
	const struct editor *ed, const struct person *person, struct term *term, struct rect line)
{
	int left = line.col + line.cols - draw_name(person, term, line) - 1;
	struct buf where = {0};

	badge_draw(term, line.row, line.col, person);
	place(ed, person, left > 0 ? (size_t)left : 0, &where);
	int cells = (int)width_string(where.at);
	if (cells <= left)
		screen_text(term, line.row, line.col + line.cols - cells, cells, where.at,
			theme_style(term_colors(term), THEME_FAINT));
	buf_fini(&where);
}

void panel_people_draw(const struct editor *ed, struct term *term)
{
	struct rect panel = ed->screen.panel;
	struct rect line = {panel.row, panel.col + 2, 1, panel.cols - 2};
	struct term_style faint = theme_style(term_colors(term), THEME_FAINT);

	for (int i = 0; i < panel.rows; i++)
		term_put(term, panel.row + i, panel.col, "│", strlen("│"), 1, faint);
	screen_text(term, line.row, line.col, line.cols, "PEOPLE",
		theme_style(term_colors(term), THEME_HEADING));
	for (size_t i = 0; i < ed->people.count && ++line.row < panel.row + panel.rows; i++)
		draw_person(ed, &ed->people.at[i], term, line);
}
