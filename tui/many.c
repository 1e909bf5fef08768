#include "tui/many.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/find.h"
#include "tui/motion.h"
#include "tui/state.h"

static void say_full(struct editor *ed, uint64_t now_ms)
{
	editor_notice(ed, now_ms, "There are as many carets as there may be.");
}

/* The new one is the main one, which the screen follows. */
static void add(struct editor *ed, struct sel sel, uint64_t now_ms)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(&ed->doc, sels, NULL);

	if (count == CARETS_MAX) {
		say_full(ed, now_ms);
	} else {
		sels[count] = sel;
		document_select_all(&ed->doc, sels, count + 1, count);
	}
	ed->view.follow = true;
	free(sels);
}

static void add_line(struct editor *ed, bool above, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(&ed->doc, sels, NULL);
	struct wrap_row row = view_row(&ed->view, t, sels[above ? 0 : count - 1].head);
	size_t goal = ed->has_goal ? ed->goal : view_row_col(&ed->view, t, ed->doc.sel.head);

	free(sels);
	if (above ? row.start == 0 : row.end == text_size(t).points)
		return;
	size_t pos = view_pos_down(&ed->view, t, row.start, above ? -1 : 1, goal);
	add(ed, (struct sel){pos, pos}, now_ms);
	ed->goal = goal;
	ed->has_goal = true;
}

void many_above(struct editor *ed, uint64_t now_ms)
{
	add_line(ed, true, now_ms);
}

void many_below(struct editor *ed, uint64_t now_ms)
{
	add_line(ed, false, now_ms);
}

/* ---- places of one string ---- */

static bool is_selected(const struct editor *ed)
{
	return ed->doc.sel.anchor != ed->doc.sel.head;
}

/* What is selected, as it is written. */
static struct find find_selected(const struct editor *ed)
{
	struct sel sel = ed->doc.sel;
	struct find find = {0};
	char why[128];
	size_t bytes;
	char *what = text_slice(
		editor_text(ed), anchor_start(sel), anchor_end(sel) - anchor_start(sel), &bytes);

	find_use(&find, pattern_make(what, bytes, PATTERN_CASE, why, sizeof(why)));
	free(what);
	return find;
}

static bool find_in(
	struct find *find, const struct text *t, size_t from, size_t limit, struct sel *out)
{
	enum find_answer answer = FIND_MORE;

	while (answer == FIND_MORE)
		answer = find_forward(find, t, &from, limit, out);
	return answer == FIND_FOUND;
}

static bool is_taken(const struct document *doc, struct sel sel)
{
	for (size_t i = 0; i < doc->more.count; i++)
		if (anchor_start(doc->more.at[i]) == anchor_start(sel))
			return true;
	return anchor_start(doc->sel) == anchor_start(sel);
}

/* Behind the main one, around the end; those that are selected already are passed over. */
static bool next_place(struct editor *ed, struct find *find, struct sel *out)
{
	const struct text *t = editor_text(ed);
	size_t from = anchor_end(ed->doc.sel), start = anchor_start(ed->doc.sel);

	while (find_in(find, t, from, SIZE_MAX, out)) {
		if (!is_taken(&ed->doc, *out))
			return true;
		from = find_behind(*out);
	}
	for (from = 0; find_in(find, t, from, start, out); from = find_behind(*out))
		if (!is_taken(&ed->doc, *out))
			return true;
	return false;
}

static void select_word(struct editor *ed)
{
	document_select(&ed->doc, motion_word_at(editor_text(ed), ed->doc.sel.head));
	ed->view.follow = true;
}

void many_next(struct editor *ed, uint64_t now_ms)
{
	struct sel place;

	if (!is_selected(ed)) {
		select_word(ed);
		return;
	}
	struct find find = find_selected(ed);
	if (next_place(ed, &find, &place))
		add(ed, place, now_ms);
	else
		editor_notice(ed, now_ms, "There is no other place like this.");
	find_fini(&find);
}

void many_all(struct editor *ed, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels)), place;
	size_t count = 0, main = 0;

	if (!is_selected(ed))
		select_word(ed);
	struct find find = find_selected(ed);
	for (size_t from = 0; count < CARETS_MAX && find_in(&find, t, from, SIZE_MAX, &place);
		from = find_behind(place)) {
		main = anchor_start(place) == anchor_start(ed->doc.sel) ? count : main;
		sels[count++] = place;
	}
	find_fini(&find);
	if (count)
		document_select_all(&ed->doc, sels, count, main);
	if (count == CARETS_MAX)
		say_full(ed, now_ms);
	free(sels);
}

/* ---- lines, one less, the mouse ---- */

void many_lines(struct editor *ed, uint64_t now_ms)
{
	const struct text *t = editor_text(ed);
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t line = text_line_at(t, anchor_start(ed->doc.sel));
	size_t last = text_line_at(t, anchor_end(ed->doc.sel)), count = 0;

	last -= last > line && text_line_start(t, last) == anchor_end(ed->doc.sel);
	for (; line <= last && count < CARETS_MAX; line++, count++)
		sels[count].anchor = sels[count].head = text_line_end(t, line);
	document_select_all(&ed->doc, sels, count, count - 1);
	if (line <= last)
		say_full(ed, now_ms);
	free(sels);
}

static void drop(struct editor *ed, size_t which)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t main, count = document_sels(&ed->doc, sels, &main);

	if (count > 1) {
		memmove(&sels[which], &sels[which + 1], (count - 1 - which) * sizeof(*sels));
		main -= main > which || main == count - 1;
		document_select_all(&ed->doc, sels, count - 1, main);
	}
	ed->view.follow = true;
	free(sels);
}

static size_t number_of(const struct document *doc, size_t pos, bool *is)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(doc, sels, NULL), i = 0;

	while (i < count && (anchor_start(sels[i]) > pos || anchor_end(sels[i]) < pos))
		i++;
	*is = i < count;
	free(sels);
	return i;
}

void many_drop(struct editor *ed, uint64_t now_ms)
{
	bool is;

	(void)now_ms;
	drop(ed, number_of(&ed->doc, ed->doc.sel.head, &is));
}

void many_point(struct editor *ed, size_t pos)
{
	bool is;
	size_t which = number_of(&ed->doc, pos, &is);

	if (is)
		drop(ed, which);
	else
		add(ed, (struct sel){pos, pos}, ed->activity.key_ms);
}
