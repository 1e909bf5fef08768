#include "tui/overlay.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "tui/help.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

/* Lines are drawn one after the other; those outside the window are only counted. */
struct page {
	struct editor *ed;
	struct term *term;
	struct rect area;
	int line;
};

static void add_line(struct page *page, const char *text, enum theme theme)
{
	int row = page->area.row + page->line++ - page->ed->overlay_top;

	if (screen_within(page->area, row, page->area.col))
		screen_text(page->term, row, page->area.col + 1, page->area.cols - 2, text,
			theme_style(term_colors(page->term), theme));
}

/* Shells would end the command at the link's '&' and '#'; it is made of nothing that ends a quotation (url.h). */
static char *join_command(const char *url)
{
	struct buf command = {0};

	buf_printf(&command, "codecollab join '%s'", url);
	return buf_take(&command);
}

/* A link is one long word: cut anywhere, and whole when copied with the mouse from a wide terminal. */
static void add_link(struct page *page, const char *url)
{
	size_t cells = page->area.cols > 2 ? (size_t)page->area.cols - 2 : 1, left = strlen(url);

	for (size_t n; left; url += n, left -= n) {
		int row = page->area.row + page->line++ - page->ed->overlay_top;
		n = left < cells ? left : cells;
		if (screen_within(page->area, row, page->area.col))
			screen_bytes(page->term, row, page->area.col + 1, (int)n, url, n,
				theme_style(term_colors(page->term), THEME_TEXT));
	}
}

static void add_command(struct page *page, const char *before, const char *room)
{
	struct buf words = {0};
	char *command;

	buf_printf(&words, "codecollab join %s%s", before, room);
	command = buf_take(&words);
	add_line(page, command, THEME_TEXT);
	free(command);
}

static void add_here(struct page *page, const char *room)
{
	add_line(page, "", THEME_TEXT);
	add_line(page, "On this machine, or over ssh:", THEME_HEADING);
	add_command(page, "", room);
	add_command(page, "ssh://HOST/", room);
}

static void draw_share(struct page *page)
{
	static const char *const headings[] = {
		"To write together:  (e copies it)", "To watch only:  (v copies it)"};

	add_line(page, "Share this room (Esc closes)", THEME_HEADING);
	for (int i = 0; i < 2; i++)
		if (page->ed->urls[i]) {
			char *command = join_command(page->ed->urls[i]);
			add_line(page, "", THEME_TEXT);
			add_line(page, headings[i], THEME_HEADING);
			add_link(page, command);
			free(command);
		}
	if (page->ed->room_here)
		add_here(page, page->ed->room_here);
	if (!page->ed->urls[0] && !page->ed->urls[1])
		add_line(page, "Only the host has links to give: ask whoever invited you.",
			THEME_TEXT);
}

static void add_words(struct page *page, const char *text, size_t bytes)
{
	char *left = mem_dup(text, bytes), *at = left;

	do {
		size_t words = width_words(at, page->area.cols - 2);
		char *line = mem_dup(at, words);
		add_line(page, line, THEME_TEXT);
		free(line);
		at += words;
		at += strspn(at, " ");
	} while (*at);
	free(left);
}

static void draw_faults(struct page *page)
{
	const char *at = page->ed->faults ? page->ed->faults : "";

	add_line(page, "This makes no sense; all else counts (Esc closes)", THEME_HEADING);
	for (const char *end; (end = strchr(at, '\n')); at = end + 1)
		add_words(page, at, (size_t)(end - at));
}

/* Gives how many lines there are. */
static int draw_page(struct editor *ed, struct term *term, struct rect area)
{
	struct page page = {.ed = ed, .term = term, .area = area};

	for (int i = 0; i < area.rows; i++)
		term_fill(term, area.row + i, area.col, area.cols,
			theme_style(term_colors(term), THEME_TEXT));
	if (ed->overlay == EDITOR_HELP)
		return help_draw(ed, term, area);
	if (ed->overlay == EDITOR_SHARE)
		draw_share(&page);
	else
		draw_faults(&page);
	return page.line;
}

void overlay_draw(struct editor *ed, struct term *term)
{
	struct rect area = ed->screen.text;

	area.cols += ed->screen.panel.cols;
	int lines = draw_page(ed, term, area), last = lines > area.rows ? lines - area.rows : 0;
	/* Scrolled behind the end, or the window grew. */
	if (ed->overlay_top > last) {
		ed->overlay_top = last;
		draw_page(ed, term, area);
	}
	term_cursor(term, -1, -1);
}

static void scroll(struct editor *ed, int lines)
{
	ed->overlay_top = ed->overlay_top + lines > 0 ? ed->overlay_top + lines : 0;
}

static void copy_link(struct editor *ed, const char *url, uint64_t now_ms)
{
	if (!url)
		return;
	char *command = join_command(url);
	clip_put(ed, command, strlen(command), now_ms);
	free(command);
	editor_notice(ed, now_ms, "Copied. Who runs it in a shell is in, until the link runs out.");
}

static void share_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	if (ed->overlay == EDITOR_SHARE && key->code == 'e')
		copy_link(ed, ed->urls[0], now_ms);
	else if (ed->overlay == EDITOR_SHARE && key->code == 'v')
		copy_link(ed, ed->urls[1], now_ms);
	else if (key->code != KEY_MOUSE && key->code != KEY_FOCUS_IN && key->code != KEY_FOCUS_OUT)
		ed->overlay = EDITOR_PLAIN;
}

void overlay_key(struct editor *ed, const struct key *key, uint64_t now_ms)
{
	int page = ed->screen.text.rows > 2 ? ed->screen.text.rows - 2 : 1;

	if (ed->overlay == EDITOR_HELP && help_key(ed, key))
		return;
	switch (key->code) {
	case KEY_UP: scroll(ed, -1); break;
	case KEY_DOWN: scroll(ed, 1); break;
	case KEY_PAGE_UP: scroll(ed, -page); break;
	case KEY_PAGE_DOWN:
	case ' ': scroll(ed, page); break;
	case KEY_HOME: ed->overlay_top = 0; break;
	case KEY_END: ed->overlay_top = INT_MAX / 2; break;
	default: share_key(ed, key, now_ms);
	}
	if (key->code == KEY_MOUSE && key->mouse == KEY_MOUSE_WHEEL_UP)
		scroll(ed, -3);
	if (key->code == KEY_MOUSE && key->mouse == KEY_MOUSE_WHEEL_DOWN)
		scroll(ed, 3);
}
