#include "src/client/page.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "src/report.h"
#include "tui/screen.h"
#include "tui/width.h"

void page_clear(struct page *page)
{
	for (size_t i = 0; i < page->count; i++)
		free(page->words[i].text);
	page->count = 0;
	page->rows = 0;
}

void page_fini(struct page *page)
{
	page_clear(page);
	free(page->words);
	*page = (struct page){0};
}

/* Bytes of text that fit into so many cells; *used is how many of those they take. */
static size_t fitting(const char *text, int cells, int *used)
{
	const char *at = text;
	size_t rest = strlen(text);
	struct cluster c;

	*used = 0;
	for (const char *from = at; width_next_in(&at, &rest, &c); from = at) {
		if (*used + c.cells > cells)
			return (size_t)(from - text);
		*used += c.cells;
	}
	return (size_t)(at - text);
}

static char *cut(const char *text, int cells, int *used)
{
	char *out = mem_dup(text, strlen(text));
	size_t bytes;

	report_plain(out);
	bytes = fitting(out, cells, used);
	if (!out[bytes])
		return out;
	bytes = fitting(out, cells - 1, used);
	out[bytes] = '\0';
	text = report_sentence("%s…", out);
	free(out);
	++*used;
	return (char *)text;
}

static int put(struct page *page, struct page_word word, const char *text)
{
	int used;

	if (word.cells <= 0)
		return 0;
	word.text = cut(text, word.cells, &used);
	word.cells = used;
	page->words = mem_grow(page->words, &page->cap, page->count + 1, sizeof(*page->words));
	page->words[page->count++] = word;
	if (word.row >= page->rows)
		page->rows = word.row + 1;
	return used;
}

int page_put(struct page *page, int row, int col, int cells, enum theme part, const char *text)
{
	return put(page, (struct page_word){row, col, cells, part, -1, NULL}, text);
}

int page_put_person(struct page *page, int row, int col, int cells, uint8_t color, const char *text)
{
	return put(page, (struct page_word){row, col, cells, THEME_TEXT, color, NULL}, text);
}

void page_put_right(
	struct page *page, int row, int col, int cells, enum theme part, const char *text)
{
	int width = (int)width_string(text), space = cells - width;

	page_put(page, row, space > 0 ? col + space : col, cells, part, text);
}

void page_draw(const struct page *page, struct term *term)
{
	int colors = term_colors(term);

	for (size_t i = 0; i < page->count; i++) {
		const struct page_word *word = &page->words[i];
		struct term_style style = word->color < 0
						  ? theme_style(colors, word->part)
						  : theme_mark(colors, (uint8_t)word->color);
		screen_text(term, word->row, word->col, word->cells, word->text, style);
	}
}

static int print_blanks(FILE *out, int count)
{
	return count > 0 ? fprintf(out, "%*s", count, "") : 0;
}

static int by_place(const void *a, const void *b)
{
	const struct page_word *left = a, *right = b;

	return left->row != right->row ? left->row - right->row : left->col - right->col;
}

void page_print(struct page *page, FILE *out)
{
	size_t i = 0;

	if (page->count)
		qsort(page->words, page->count, sizeof(*page->words), by_place);

	for (int row = 0; row < page->rows; row++) {
		int col = 0;
		for (; i < page->count && page->words[i].row == row; i++) {
			col += print_blanks(out, page->words[i].col - col);
			fputs(page->words[i].text, out);
			col += page->words[i].cells;
		}
		putc('\n', out);
	}
}
