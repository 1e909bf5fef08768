#include "tui/marks.h"

#include "tui/theme.h"

static void add_mark(struct marks *marks, struct mark mark, size_t first, size_t last)
{
	if (marks->count < MARKS_MOST && mark.start <= last && mark.end >= first)
		marks->at[marks->count++] = mark;
}

static void add_person(struct marks *marks, const struct person *person, size_t first, size_t last)
{
	for (size_t i = 0; i < person->count; i++) {
		struct sel sel = person->sels[i];
		struct mark caret = {sel.head, sel.head, person, true};
		struct mark chosen = {anchor_start(sel), anchor_end(sel), person, false};
		add_mark(marks, caret, first, last);
		if (chosen.start < chosen.end)
			add_mark(marks, chosen, first, last);
	}
}

/* The terminal's cursor shows the main caret. */
static void add_own(struct marks *marks, struct sel sel, bool caret, size_t first, size_t last)
{
	if (caret)
		add_mark(marks, (struct mark){sel.head, sel.head, NULL, true}, first, last);
	if (sel.anchor != sel.head)
		add_mark(marks, (struct mark){anchor_start(sel), anchor_end(sel), NULL, false},
			first, last);
}

void marks_collect(struct marks *marks, const struct document *doc, const struct people *people,
	size_t first, size_t last)
{
	marks->count = 0;
	add_own(marks, doc->sel, false, first, last);
	for (size_t i = 0; i < doc->more.count; i++)
		add_own(marks, doc->more.at[i], true, first, last);
	for (size_t i = 0; i < people->count; i++)
		if (!people->at[i].me)
			add_person(marks, &people->at[i], first, last);
}

void marks_pick(const struct marks *marks, size_t first, size_t last, struct marks *out)
{
	out->count = 0;
	for (size_t i = 0; i < marks->count; i++)
		add_mark(out, marks->at[i], first, last);
}

/* Others' carets stand out most, then one's own selection, then theirs. */
static int rank(const struct mark *mark)
{
	return mark->caret ? 3 : mark->person ? 1 : 2;
}

const struct mark *marks_over(const struct marks *marks, size_t start, size_t end)
{
	const struct mark *best = NULL;

	for (size_t i = 0; i < marks->count; i++) {
		const struct mark *m = &marks->at[i];
		bool over = m->caret ? m->start >= start && m->start < end
				     : m->start < end && m->end > start;
		if (over && (!best || rank(m) > rank(best)))
			best = m;
	}
	return best;
}

struct term_style marks_style(int colors, const struct mark *mark)
{
	if (!mark->person)
		return theme_style(colors, mark->caret ? THEME_CARET : THEME_SELECTED);
	if (mark->caret)
		return theme_caret(colors, mark->person->color);
	return theme_selection(colors, mark->person->color);
}
