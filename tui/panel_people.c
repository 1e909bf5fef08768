#include "tui/panel_people.h"

#include <string.h>

#include "tui/badge.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

#define ROLE_COLS 40 /* columns from which every role is told, and the round trip */

/* What to say of a person besides the name: " viewer", " typing…", " → Ada" of one who follows her. */
static void about(const struct editor *ed, const struct person *person, bool wide, struct buf *out)
{
	static const char *const states[][2] = {
		{"offline", "offline"},
		{"typing", "typing…"},
		{"chatting", "chatting…"},
		{"away", "away"},
	};
	const struct person *me = editor_me(ed);
	uint64_t follows = person->me ? ed->follows : person->follows;
	const char *whom = follows ? editor_person_name(ed, follows) : NULL;

	if (wide || strcmp(person->role, "viewer") == 0)
		buf_printf(out, " %s", person->role);
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		if (!person->me && person_is(person, states[i][0]))
			buf_printf(out, " %s", states[i][1]);
	if (whom)
		buf_printf(out, " → %s", me && me->user == follows ? "you" : whom);
	*buf_room(out, 1) = '\0';
}

struct look {
	struct term_style plain, faint;
	bool wide;
};

/* The name goes on as long as it leaves room for the rest; gives the column behind it all. */
static int draw_name(const struct editor *ed, const struct person *person, struct term *term,
	struct rect line, const struct look *look)
{
	const char *you = person->me ? " (you)" : "";
	int col = line.col + 1, end = line.col + line.cols;
	struct buf says = {0};

	about(ed, person, look->wide, &says);
	int room = line.cols - 1 - (int)(width_string(you) + width_string(says.at));
	col += screen_text(
		term, line.row, col, room > 4 ? room : line.cols - 1, person->name, look->plain);
	if (room > 4) {
		col += screen_text(term, line.row, col, end - col, you, look->plain);
		col += screen_text(term, line.row, col, end - col, says.at, look->faint);
	}
	buf_fini(&says);
	return col;
}

/* At the line's right, where it fits behind column `from`: "12 ms  main.c:5". */
static void draw_place(const struct editor *ed, const struct person *person, struct term *term,
	struct rect line, int from, const struct look *look)
{
	struct buf place = {0}, all = {0};
	int left = line.col + line.cols - from - 1;

	roster_place(ed, person, left > 0 ? (size_t)left : 0, &place);
	if (look->wide && person->rtt_ms &&
		(int)width_string(place.at) + (int)strlen("9999 ms  ") <= left)
		buf_printf(&all, "%llu ms  ", (unsigned long long)person->rtt_ms);
	buf_add_str(&all, place.at);
	*buf_room(&all, 1) = '\0';
	int cells = (int)width_string(all.at);
	if (cells <= left)
		screen_text(
			term, line.row, line.col + line.cols - cells, cells, all.at, look->faint);
	buf_fini(&place);
	buf_fini(&all);
}

static void draw_person(
	const struct editor *ed, const struct person *person, struct term *term, struct rect line)
{
	bool chosen = ed->roster.on && person == roster_chosen(ed);
	struct term_style bar = theme_style(term_colors(term), THEME_SELECTED);
	struct look look = {theme_style(term_colors(term), THEME_TEXT),
		theme_style(term_colors(term), THEME_FAINT), line.cols >= ROLE_COLS};

	if (chosen) {
		look.plain = look.faint = bar;
		term_fill(term, line.row, line.col + 1, line.cols - 1, bar);
		term_cursor(term, line.row, line.col);
	}
	badge_draw(term, line.row, line.col, person);
	draw_place(ed, person, term, line, draw_name(ed, person, term, line, &look), &look);
}

void panel_people_draw(struct editor *ed, struct term *term, struct rect rect)
{
	struct rect line = {rect.row, rect.col, 1, rect.cols};
	size_t rows = rect.rows > 1 ? (size_t)rect.rows - 1 : 0;

	roster_scroll(ed, rows);
	screen_text(term, line.row, line.col, line.cols, "PEOPLE",
		theme_style(term_colors(term), ed->roster.on ? THEME_HINT_KEY : THEME_HEADING));
	if (ed->roster.on)
		term_cursor(term, -1, -1);
	for (size_t i = ed->roster.top; i < ed->people.count && rows--; i++) {
		line.row++;
		draw_person(ed, &ed->people.at[i], term, line);
	}
}
