/* paint.c: editor_draw: everything on the screen, each part by its own module. */
#include "tui/editor.h"

#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "tui/colors.h"
#include "tui/follow.h"
#include "tui/notice.h"
#include "tui/overlay.h"
#include "tui/panel.h"
#include "tui/panel_chat.h"
#include "tui/state.h"
#include "tui/statusbar.h"
#include "tui/theme.h"
#include "tui/view_draw.h"

static void draw_waiting(const struct editor *ed, struct term *term)
{
	struct rect area = ed->screen.text;
	const char *text = ed->status.link == EDITOR_OFFLINE ? "Not connected." : "Connecting…";

	screen_text(term, area.row + area.rows / 2, area.col + 1, area.cols - 1, text,
		theme_style(term_colors(term), THEME_FAINT));
	term_cursor(term, -1, -1);
}

static void draw_text(struct editor *ed, struct term *term, uint64_t now_ms)
{
	if (!ed->doc.replica) {
		draw_waiting(ed, term);
	} else {
		follow_show(ed);
		view_draw(&ed->view, term, &ed->doc, &ed->people, ed->syntax, now_ms);
	}
	if (ed->screen.panel.rows)
		panel_draw(ed, term);
}

/* The prompt has the status bar's row; on a screen without one, the last. */
static void draw_prompt(struct editor *ed, struct term *term)
{
	struct rect row = ed->screen.status.rows ? ed->screen.status
						 : (struct rect){ed->rows - 1, 0, 1, ed->cols};
	struct buf note = {0};

	/* A question is read whole, and be it over the text. */
	int more = prompt_rows(&ed->prompt, row.cols) - 1;
	more = more < row.row ? more : row.row;
	row = (struct rect){row.row - more, row.col, row.rows + more, row.cols};
	for (int i = 0; i < row.rows; i++)
		term_fill(term, row.row + i, row.col, row.cols,
			theme_style(term_colors(term), THEME_TEXT));
	if (ed->prompt.kind == PROMPT_FIND || ed->prompt.kind == PROMPT_EACH)
		seek_note(ed, &note);
	prompt_draw(&ed->prompt, term, row, note.len ? note.at : "");
	buf_fini(&note);
}

/* The chat, over the text's last rows. */
static void draw_drawer(struct editor *ed, struct term *term)
{
	struct rect rect = talk_drawer(ed);

	for (int i = 0; i < rect.rows; i++)
		term_fill(term, rect.row + i, rect.col, rect.cols,
			theme_style(term_colors(term), THEME_TEXT));
	panel_chat_draw(ed, term, rect);
}

static void draw_all(struct editor *ed, struct term *term, uint64_t now_ms)
{
	struct screen *s = &ed->screen;

	for (int row = 0; theme_paints() && row < ed->rows; row++)
		term_fill(term, row, 0, ed->cols, theme_style(term_colors(term), THEME_TEXT));
	if (ed->overlay)
		overlay_draw(ed, term);
	else
		draw_text(ed, term, now_ms);
	if (s->top.rows)
		statusbar_top(ed, term);
	if (s->status.rows)
		statusbar_status(ed, term);
	if (s->hints.rows)
		statusbar_hints(ed, term);
	if (palette_is_on(ed))
		palette_draw(ed, term);
	if (talk_drawer(ed).rows)
		draw_drawer(ed, term);
	if (notice_is_tall(ed) && !ed->prompt.kind)
		notice_draw(ed, term);
	if (ed->prompt.kind)
		draw_prompt(ed, term);
}

static void title(struct editor *ed, struct term *term)
{
	struct buf text = {0};

	buf_printf(&text, "%s%s%s%s", ed->doc.path ? ed->doc.path : "codecollab",
		ed->doc.replica && !ed->doc.saved ? " ●" : "", ed->room && *ed->room ? " — " : "",
		ed->room ? ed->room : "");
	char *now = buf_take(&text);
	if (!ed->title || strcmp(ed->title, now) != 0)
		term_title(term, now);
	free(ed->title);
	ed->title = now;
}

/* Of what is on the screen. */
static uint64_t next_change(const struct editor *ed, uint64_t now_ms)
{
	return editor_sooner(
		ed->notice ? ed->notice_ms - now_ms : 0, people_next(&ed->people, now_ms));
}

static void tick(struct editor *ed, uint64_t now_ms)
{
	people_tick(&ed->people, now_ms);
	if (ed->notice && now_ms >= ed->notice_ms)
		notice_end(ed);
}

void editor_draw(struct editor *ed, struct term *term, uint64_t now_ms)
{
	colors_tell(ed, now_ms);
	if (!ed->dirty && !(ed->change_ms && now_ms >= ed->change_ms))
		colors_settle(ed);
	if (!term_ready(term) || (!ed->dirty && !(ed->change_ms && now_ms >= ed->change_ms)))
		return;
	ed->dirty = false;
	tick(ed, now_ms);
	editor_layout(ed);
	talk_look(ed, now_ms);
	draw_all(ed, term, now_ms);
	title(ed, term);
	term_mouse(term, ed->settings.mouse);
	if (ed->outside.len)
		term_copy(term, ed->outside.at, ed->outside.len);
	buf_clear(&ed->outside);
	term_frame(term);
	uint64_t next = next_change(ed, now_ms);
	ed->change_ms = next ? now_ms + next : 0;
}
