#include "tui/notice.h"

#include <stdlib.h>

#include "tui/sentence.h"
#include "tui/state.h"
#include "tui/theme.h"
#include "tui/width.h"

#define EDGES 2 /* cells beside it */

void editor_notice(struct editor *ed, uint64_t now_ms, const char *text)
{
	editor_set_string(&ed->notice, text);
	ed->notice_ms = now_ms + EDITOR_NOTICE_MS;
	ed->notice_seen = false;
	ed->dirty = true;
}

void notice_end(struct editor *ed)
{
	editor_set_string(&ed->notice, NULL);
}

void notice_key(struct editor *ed)
{
	ed->notice_seen = true;
}

bool notice_is_tall(const struct editor *ed)
{
	return ed->notice && !ed->notice_seen && (int)width_string(ed->notice) + EDGES > ed->cols;
}

void notice_draw(const struct editor *ed, struct term *term)
{
	struct term_style style = theme_style(term_colors(term), THEME_NOTICE);
	int cols = ed->cols > EDGES ? ed->cols - EDGES : ed->cols;
	int bottom = ed->screen.status.rows ? ed->screen.status.row : ed->rows - 1;
	int rows = sentence_rows(ed->notice, cols);

	rows = rows < bottom + 1 ? rows : bottom + 1;
	for (int i = 0; i < rows; i++)
		term_fill(term, bottom - i, 0, ed->cols, style);
	sentence_draw(term, (struct rect){bottom - rows + 1, (ed->cols - cols) / 2, rows, cols},
		ed->notice, style);
}
