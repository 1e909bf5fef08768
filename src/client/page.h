/*
 * page.h: a screenful of words, each with its place and look, for a terminal or for a pipe.
 *
 *	page_put(&page, 2, 0, 20, THEME_HEADING, "SERVERS")
 *	page_draw(&page, term)		-- with its colours; or
 *	page_print(&page, stdout)	-- as plain lines
 *	page_clear(&page)
 *
 * Units:  rows and columns are cells from 0. Words do not overlap.
 * Memory: texts are copied; {0} is an empty page, page_fini() gives all back.
 */
#ifndef CLIENT_PAGE_H
#define CLIENT_PAGE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "tui/term.h"
#include "tui/theme.h"

struct page_word {
	int row, col, cells;
	enum theme part;
	int16_t color; /* a person's (theme_person()); -1: none */
	char *text;
};

struct page {
	struct page_word *words;
	size_t count, cap;
	int rows; /* one more than the last with a word */
};

void page_clear(struct page *page);
void page_fini(struct page *page);

/* In at most so many cells, cut with "…"; gives how many it takes. What cannot be seen in it is made harmless. */
int page_put(struct page *page, int row, int col, int cells, enum theme part, const char *text);
int page_put_person(struct page *page, int row, int col, int cells, uint8_t color, const char *text);
/* So that it ends before column col + cells. */
void page_put_right(struct page *page, int row, int col, int cells, enum theme part, const char *text);

void page_draw(const struct page *page, struct term *term); /* rows that fit */
void page_print(struct page *page, FILE *out); /* puts them in order first */

#endif
