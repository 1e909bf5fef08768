#include "tui/badge.h"

#include <string.h>

#include "tui/theme.h"
#include "tui/width.h"

void badge_letter(struct term *term, int row, int col, const char *name, struct term_style style)
{
	size_t bytes = strlen(name);
	struct cluster c = {.bytes = 0};

	width_next_in(&name, &bytes, &c);
	term_put(term, row, col, c.draw, c.cells == 1 ? c.bytes : 0, 1, style);
}

void badge_draw(struct term *term, int row, int col, const struct person *person)
{
	int colors = term_colors(term);

	if (colors)
		term_put(term, row, col, "▌", strlen("▌"), 1, theme_mark(colors, person->color));
	else
		badge_letter(term, row, col, person->name, theme_caret(0, person->color));
}
