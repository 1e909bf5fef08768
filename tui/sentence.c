#include "tui/sentence.h"

#include <string.h>

#include "tui/width.h"

/* How much of it stands in the next row, and where it goes on. */
static size_t next_row(const char **at, int cols)
{
	size_t bytes = width_words(*at, cols);

	*at += bytes + strspn(*at + bytes, " ");
	return bytes;
}

int sentence_rows(const char *utf8, int cols)
{
	int rows = 0;

	do {
		next_row(&utf8, cols);
		rows++;
	} while (*utf8);
	return rows;
}

int sentence_last(const char *utf8, int cols)
{
	const char *from;
	size_t bytes;
	int cells = 0;

	do {
		from = utf8;
		bytes = next_row(&utf8, cols);
	} while (*utf8);
	for (struct cluster c; width_next_in(&from, &bytes, &c);)
		cells += c.cells;
	return cells;
}

int sentence_draw(struct term *term, struct rect rect, const char *utf8, struct term_style style)
{
	int row = rect.row + rect.rows - sentence_rows(utf8, rect.cols), cells = 0;

	if (rect.rows == 1)
		return screen_text(term, rect.row, rect.col, rect.cols, utf8, style);
	do {
		const char *from = utf8;
		size_t bytes = next_row(&utf8, rect.cols);
		if (row >= rect.row)
			cells = screen_bytes(term, row, rect.col, rect.cols, from, bytes, style);
		row++;
	} while (*utf8);
	return cells;
}
