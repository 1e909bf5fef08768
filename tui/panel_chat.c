#include "tui/panel_chat.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

#define NAMED_READERS 3

/* A message as it is drawn: one string, and which of its bytes are what. */
struct shown {
	struct buf text;
	size_t name, said, place, place_end, read; /* where each begins */
	struct term_style plain, faint, person, link;
};

static void add_time(uint64_t at_ms, struct buf *out)
{
	time_t at = (time_t)(at_ms / 1000);
	struct tm tm;
	char clock[8] = "";

	if (localtime_r(&at, &tm))
		strftime(clock, sizeof(clock), "%H:%M", &tm);
	buf_printf(out, "%s ", clock);
}

/* " ✓ Linus, Grace" under the newest of one's own. */
static void add_readers(const struct editor *ed, const struct chat_line *line, struct buf *out)
{
	size_t readers = 0, others = 0;

	for (size_t i = 0; i < ed->people.count; i++) {
		const struct person *p = &ed->people.at[i];
		others += !p->me;
		readers += !p->me && p->seen >= line->id;
	}
	if (!readers)
		return;
	if (readers > NAMED_READERS) {
		buf_printf(out, " ✓ %zu of %zu", readers, others);
		return;
	}
	const char *before = " ✓ ";
	for (size_t i = 0; i < ed->people.count; i++)
		if (!ed->people.at[i].me && ed->people.at[i].seen >= line->id) {
			buf_printf(out, "%s%s", before, ed->people.at[i].name);
			before = ", ";
		}
}

static bool is_newest_of(const struct editor *ed, const struct chat_line *line, uint64_t user)
{
	const struct chat *chat = &ed->talk.chat;

	if (line->user != user)
		return false;
	for (size_t i = chat->count; i-- > 0;)
		if (chat->at[i].user == user)
			return &chat->at[i] == line;
	return false;
}

static void find_place(struct shown *shown, const char *text)
{
	struct chat_place place;

	shown->place = shown->place_end = 0;
	if (!chat_place(text, &place))
		return;
	const char *end = place.path + place.bytes;
	end += 1 + strspn(end + 1, "0123456789:");
	shown->place = shown->said + (size_t)(place.path - text);
	shown->place_end = shown->said + (size_t)(end - text);
}

static struct term_style name_style(const struct editor *ed, int colors, uint64_t user)
{
	struct people people = ed->people;
	const struct person *person = people_find(&people, user);

	return theme_mark(colors, person ? person->color : theme_person("", user));
}

static void show(
	const struct editor *ed, const struct chat_line *line, int colors, struct shown *out)
{
	const struct person *me = editor_me(ed);
	bool mine = me && line->user != me->user && chat_mentions(line->text, me->name);

	*out = (struct shown){.plain = theme_style(colors, mine ? THEME_PROMPT : THEME_TEXT),
		.faint = theme_style(colors, THEME_FAINT),
		.person = name_style(ed, colors, line->user),
		.link = theme_style(colors, THEME_LINK)};
	add_time(line->at, &out->text);
	out->name = out->text.len;
	buf_printf(&out->text, "%s ", line->name);
	out->said = out->text.len;
	find_place(out, line->text);
	buf_add_str(&out->text, line->text);
	out->read = out->text.len;
	if (me && is_newest_of(ed, line, me->user))
		add_readers(ed, line, &out->text);
}

static struct term_style style_at(const struct shown *shown, size_t byte)
{
	if (byte < shown->name || byte >= shown->read)
		return shown->faint;
	if (byte < shown->said)
		return shown->person;
	return byte >= shown->place && byte < shown->place_end ? shown->link : shown->plain;
}

/* Bytes of the next row: as many words as fit, or as much of one. */
static size_t next_row(const struct shown *shown, size_t from, int cols)
{
	const char *at = shown->text.at + from;
	size_t left = shown->text.len - from, word = 0;
	int used = 0;

	for (struct cluster c; left;) {
		const char *before = at;
		width_next_in(&at, &left, &c);
		bool blank = *before == ' '; /* one at the end needs no cell */
		if (used + c.cells > cols && used && !blank)
			return word ? word : (size_t)(before - shown->text.at) - from;
		used += c.cells;
		if (blank)
			word = (size_t)(at - shown->text.at) - from;
	}
	return shown->text.len - from;
}

static int count_rows(const struct shown *shown, int cols)
{
	int rows = 0;

	for (size_t from = 0; from < shown->text.len; from += next_row(shown, from, cols))
		rows++;
	return rows;
}

static void draw_row(const struct shown *shown, struct term *term, size_t from, size_t bytes,
	struct rect row, bool chosen)
{
	const char *at = shown->text.at + from;
	int col = row.col;

	for (struct cluster c; bytes; col += c.cells) {
		struct term_style style = style_at(shown, (size_t)(at - shown->text.at));
		width_next_in(&at, &bytes, &c);
		style.attr ^= c.odd || chosen ? TERM_REVERSE : 0;
		if (col + c.cells <= row.col + row.cols)
			term_put(term, row.row, col, c.draw, c.bytes, c.cells, style);
	}
}

/* So that its last row is at `bottom`; rows above `area` are left out. */
static void draw_message(const struct shown *shown, struct term *term, struct rect area, int bottom,
	int rows, bool chosen)
{
	struct rect row = {bottom - rows + 1, area.col, 1, area.cols};
	size_t bytes;

	for (size_t from = 0; from < shown->text.len; from += bytes, row.row++) {
		bytes = next_row(shown, from, area.cols);
		if (row.row >= area.row)
			draw_row(shown, term, from, bytes, row, chosen);
	}
}

/*
 * From `newest`, which is the first not to be drawn, upwards. *hit (may be NULL) becomes the message in row
 * `wanted`; term NULL: nothing is drawn.
 */
static void walk(const struct editor *ed, struct term *term, struct rect area, size_t newest,
	int wanted, const struct chat_line **hit)
{
	const struct chat *chat = &ed->talk.chat;
	int bottom = area.row + area.rows - 1;

	for (size_t i = newest; i-- > 0 && bottom >= area.row;) {
		struct shown shown;
		show(ed, &chat->at[i], term ? term_colors(term) : 0, &shown);
		int rows = count_rows(&shown, area.cols);
		bool chosen = ed->prompt.kind == PROMPT_SAY && ed->talk.back == chat->count - i;
		if (term)
			draw_message(&shown, term, area, bottom, rows, chosen);
		if (hit && wanted <= bottom && wanted > bottom - rows)
			*hit = &chat->at[i];
		buf_fini(&shown.text);
		bottom -= rows;
	}
}

/* Up to which message is drawn: the newest, or the chosen one where that would not show. */
static size_t newest_shown(const struct editor *ed, struct rect area)
{
	const struct chat *chat = &ed->talk.chat;
	size_t back = ed->talk.back < chat->count ? ed->talk.back : chat->count;
	int rows = 0;

	for (size_t i = chat->count; i-- > chat->count - back;) {
		struct shown shown;
		show(ed, &chat->at[i], 0, &shown);
		rows += count_rows(&shown, area.cols);
		buf_fini(&shown.text);
		if (rows > area.rows)
			return chat->count - back + 1;
	}
	return chat->count;
}

static bool is_drawable(struct rect area)
{
	return area.rows > 0 && area.cols > 0;
}

static struct rect messages(struct rect rect)
{
	return (struct rect){rect.row + 1, rect.col, rect.rows - 1, rect.cols};
}

void panel_chat_draw(const struct editor *ed, struct term *term, struct rect rect)
{
	bool talking = ed->prompt.kind == PROMPT_SAY;

	if (!is_drawable(rect))
		return;
	screen_text(term, rect.row, rect.col, rect.cols, "CHAT",
		theme_style(term_colors(term), talking ? THEME_HINT_KEY : THEME_HEADING));
	if (is_drawable(messages(rect)))
		walk(ed, term, messages(rect), newest_shown(ed, messages(rect)), 0, NULL);
}

const struct chat_line *panel_chat_at(const struct editor *ed, struct rect rect, int row)
{
	const struct chat_line *hit = NULL;
	struct rect area = messages(rect);

	if (is_drawable(area) && screen_within(area, row, area.col))
		walk(ed, NULL, area, newest_shown(ed, area), row, &hit);
	return hit;
}
