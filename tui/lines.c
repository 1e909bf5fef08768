#include "tui/lines.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/blocks.h"
#include "tui/motion.h"
#include "tui/state.h"
#include "tui/width.h"

bool lines_several(const struct editor *ed)
{
	struct block block = block_of(editor_text(ed), ed->doc.sel);

	return block.last > block.first;
}

bool lines_blank(const struct text *t, size_t line)
{
	size_t start = text_line_start(t, line);

	return motion_indent_end(t, start) == text_line_end(t, line);
}

/* ---- indenting ---- */

bool lines_by_tabs(const struct editor *ed)
{
	if (ed->style.by)
		return ed->style.by == EDITOR_INDENT_TABS;
	return !ed->settings.expand_tabs;
}

size_t lines_level(const struct editor *ed)
{
	return ed->style.indent ? ed->style.indent : width_tab();
}

void lines_indent_unit(const struct editor *ed, struct buf *out)
{
	if (lines_by_tabs(ed))
		buf_add_byte(out, '\t');
	else
		for (size_t i = lines_level(ed); i; i--)
			buf_add_byte(out, ' ');
}

static void indent_line(struct pen *pen, size_t line, const void *unit)
{
	if (lines_blank(pen->text, line))
		return;
	pen_to(pen, text_line_start(pen->text, line));
	pen_insert(pen, unit);
}

void lines_indent(struct editor *ed, uint64_t now_ms)
{
	struct buf unit = {0};

	(void)now_ms;
	lines_indent_unit(ed, &unit);
	blocks_edit_lines(ed, indent_line, &unit);
	buf_fini(&unit);
}

/* A tab, or as many blanks as a level has. */
static void dedent_line(struct pen *pen, size_t line, const void *arg)
{
	const size_t *level = arg;
	size_t start = text_line_start(pen->text, line), points = 0;
	struct text_iter it = text_iter(pen->text, start);
	uint32_t c = 0;

	while (points < *level && text_iter_next(&it, &c) && c == ' ')
		points++;
	points += c == '\t' && points < *level;
	if (!points)
		return;
	pen_to(pen, start);
	pen_delete(pen, points);
}

void lines_dedent(struct editor *ed, uint64_t now_ms)
{
	size_t level = lines_level(ed);

	(void)now_ms;
	blocks_edit_lines(ed, dedent_line, &level);
}

/* ---- whole lines ---- */

static size_t behind_line(const struct text *t, size_t line)
{
	return line < text_size(t).lines ? text_line_start(t, line + 1) : text_size(t).points;
}

/* Lines first to last, always with a line end. */
static struct buf copy_lines(const struct text *t, size_t first, size_t last)
{
	size_t start = text_line_start(t, first), bytes;
	char *at = text_slice(t, start, behind_line(t, last) - start, &bytes);
	struct buf copy = {0};

	buf_add(&copy, at, bytes);
	if (!bytes || at[bytes - 1] != '\n')
		buf_add_byte(&copy, '\n');
	free(at);
	return copy;
}

void lines_duplicate(struct editor *ed, uint64_t now_ms)
{
	struct blocks blocks = blocks_of(ed);
	struct pen pen = {.text = editor_text(ed)};
	bool fits = true;

	for (size_t i = 0; i < blocks.count; i++) {
		struct buf copy = copy_lines(pen.text, blocks.at[i].first, blocks.at[i].last);
		fits = fits && op_bytes(&pen.op) + copy.len <= EDITOR_EDIT_MAX;
		pen_to(&pen, text_line_start(pen.text, blocks.at[i].first));
		if (fits)
			pen_insert(&pen, &copy);
		buf_fini(&copy);
	}
	blocks_fini(&blocks);
	if (fits) {
		document_edit(&ed->doc, &pen.op);
	} else {
		op_fini(&pen.op);
		editor_notice(
			ed, now_ms, "These lines are more than 16 MB: too much for one edit.");
	}
	ed->view.follow = true;
}

static void delete_block(struct pen *pen, struct block block, const void *arg)
{
	(void)arg;
	pen_to(pen, text_line_start(pen->text, block.first));
	pen_delete(pen, behind_line(pen->text, block.last) - pen->pos);
}

void lines_delete(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	blocks_edit(ed, delete_block, NULL);
}

/* Is there something on the line, and no blank at its end? */
static bool ends_in_word(const struct text *t, size_t line)
{
	size_t start = text_line_start(t, line), end = text_line_end(t, line);
	uint32_t c;

	if (start == end)
		return false;
	struct text_iter it = text_iter(t, end - 1);
	return text_iter_next(&it, &c) && c != ' ' && c != '\t';
}

/* Several lines become one; a single one takes in the next. */
static void join_block(struct pen *pen, struct block block, const void *arg)
{
	const struct text *t = pen->text;
	size_t last = block.last + (block.first == block.last);
	bool word = false; /* what is joined so far ends in one */

	(void)arg;
	for (size_t line = block.first; line < last && line < text_size(t).lines; line++) {
		size_t end = text_line_end(t, line), next = motion_indent_end(t, end + 1);
		word = ends_in_word(t, line) || (word && lines_blank(t, line));
		pen_to(pen, end);
		if (word && next < text_line_end(t, line + 1))
			op_insert(&pen->op, " ", 1);
		pen_delete(pen, next - end);
	}
}

void lines_join(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	blocks_edit(ed, join_block, NULL);
}

/* ---- moving ---- */

/* The line that the block changes places with, taken out here, and put in on the block's other side. */
static void swap_up(struct pen *pen, struct block block)
{
	struct buf line = copy_lines(pen->text, block.first - 1, block.first - 1);
	bool open = block.last == text_size(pen->text).lines; /* no line end behind it */

	pen_to(pen, text_line_start(pen->text, block.first - 1));
	pen_delete(pen, text_line_start(pen->text, block.first) - pen->pos);
	pen_to(pen, behind_line(pen->text, block.last));
	if (open) {
		op_insert(&pen->op, "\n", 1);
		line.len--;
	}
	pen_insert(pen, &line);
	buf_fini(&line);
}

static void swap_down(struct pen *pen, struct block block)
{
	struct buf line = copy_lines(pen->text, block.last + 1, block.last + 1);
	bool open = block.last + 1 == text_size(pen->text).lines;

	pen_to(pen, text_line_start(pen->text, block.first));
	pen_insert(pen, &line);
	pen_to(pen, open ? text_line_end(pen->text, block.last)
			 : text_line_start(pen->text, block.last + 1));
	pen_delete(pen, behind_line(pen->text, block.last + 1) - pen->pos);
	buf_fini(&line);
}

static bool may_move(const struct text *t, const struct blocks *blocks, bool up)
{
	return up ? blocks->at[0].first > 0
		  : blocks->at[blocks->count - 1].last < text_size(t).lines;
}

/* How far all of the block's characters go. */
static size_t distance(const struct text *t, struct block block, bool up)
{
	size_t line = up ? block.first - 1 : block.last + 1;

	return text_line_end(t, line) - text_line_start(t, line) + 1;
}

/* Selections go with their lines: an op alone cannot tell a selection's end from what is put in there. */
static void carry_sels(
	const struct text *t, const struct blocks *blocks, bool up, struct sel *sels, size_t count)
{
	for (size_t i = 0, b = 0; i < count; i++) {
		while (b + 1 < blocks->count &&
			text_line_at(t, anchor_start(sels[i])) > blocks->at[b].last)
			b++;
		size_t by = distance(t, blocks->at[b], up);
		sels[i].anchor = up ? sels[i].anchor - by : sels[i].anchor + by;
		sels[i].head = up ? sels[i].head - by : sels[i].head + by;
	}
}

static void move_lines(struct editor *ed, bool up)
{
	struct blocks blocks = blocks_of(ed);
	struct pen pen = {.text = editor_text(ed)};
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t main, count = document_sels(&ed->doc, sels, &main);

	if (may_move(pen.text, &blocks, up)) {
		carry_sels(pen.text, &blocks, up, sels, count);
		for (size_t i = 0; i < blocks.count; i++)
			(up ? swap_up : swap_down)(&pen, blocks.at[i]);
		document_edit(&ed->doc, &pen.op);
		document_select_all(&ed->doc, sels, count, main);
	}
	free(sels);
	blocks_fini(&blocks);
	ed->view.follow = true;
}

void lines_move_up(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	move_lines(ed, true);
}

void lines_move_down(struct editor *ed, uint64_t now_ms)
{
	(void)now_ms;
	move_lines(ed, false);
}
