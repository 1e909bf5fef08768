#include "tui/lines.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "tui/comment.h"
#include "tui/motion.h"
#include "tui/state.h"
#include "tui/width.h"

struct block { /* lines next to each other */
	size_t first, last;
};

struct blocks {
	struct block *at;
	size_t count;
};

/* ---- which lines ---- */

static struct block block_of(const struct text *t, struct sel sel)
{
	struct block block = {text_line_at(t, anchor_start(sel)), text_line_at(t, anchor_end(sel))};

	if (block.last > block.first && text_line_start(t, block.last) == anchor_end(sel))
		block.last--;
	return block;
}

static struct blocks blocks_of(const struct editor *ed)
{
	struct sel *sels = mem_alloc(CARETS_MAX * sizeof(*sels));
	size_t count = document_sels(&ed->doc, sels, NULL);
	struct blocks blocks = {mem_alloc(count * sizeof(*blocks.at)), 0};

	for (size_t i = 0; i < count; i++) {
		struct block block = block_of(editor_text(ed), sels[i]);
		struct block *before = blocks.count ? &blocks.at[blocks.count - 1] : NULL;
		if (before && block.first <= before->last + 1)
			before->last = block.last > before->last ? block.last : before->last;
		else
			blocks.at[blocks.count++] = block;
	}
	free(sels);
	return blocks;
}

bool lines_several(const struct editor *ed)
{
	struct block block = block_of(editor_text(ed), ed->doc.sel);

	return block.last > block.first;
}

/* ---- an op, line by line ---- */

struct pen {
	const struct text *text;
	struct op op;
	size_t pos; /* in the text before, as far as the op goes */
};

static void pen_to(struct pen *pen, size_t pos)
{
	op_retain(&pen->op, pos - pen->pos);
	pen->pos = pos;
}

static void pen_delete(struct pen *pen, size_t points)
{
	op_delete(&pen->op, points);
	pen->pos += points;
}

static void pen_insert(struct pen *pen, const struct buf *text)
{
	if (text->len)
		op_insert(&pen->op, text->at, text->len);
}

typedef void line_fn(struct pen *pen, size_t line, const void *arg);

static void each_line(struct editor *ed, line_fn *fn, const void *arg)
{
	struct blocks blocks = blocks_of(ed);
	struct pen pen = {.text = editor_text(ed)};

	for (size_t i = 0; i < blocks.count; i++)
		for (size_t line = blocks.at[i].first; line <= blocks.at[i].last; line++)
			fn(&pen, line, arg);
	free(blocks.at);
	document_edit(&ed->doc, &pen.op);
	ed->view.follow = true;
}

static bool is_blank(const struct text *t, size_t line)
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
	if (is_blank(pen->text, line))
		return;
	pen_to(pen, text_line_start(pen->text, line));
	pen_insert(pen, unit);
}

void lines_indent(struct editor *ed, uint64_t now_ms)
{
	struct buf unit = {0};

	(void)now_ms;
	lines_indent_unit(ed, &unit);
	each_line(ed, indent_line, &unit);
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
	each_line(ed, dedent_line, &level);
}

/* ---- comments ---- */

struct commenting {
	struct comment comment;
	size_t indent; /* of the line indented least, in characters */
	struct buf open, close;
};

static bool has_leader(const struct text *t, size_t line, const char *leader)
{
	size_t points = strlen(leader), bytes;
	char *is = text_slice(t, motion_indent_end(t, text_line_start(t, line)), points, &bytes);
	bool same = bytes == points && memcmp(is, leader, bytes) == 0;

	free(is);
	return same;
}

static size_t indent_of(const struct text *t, size_t line)
{
	size_t start = text_line_start(t, line);

	return motion_indent_end(t, start) - start;
}

static void comment_line(struct pen *pen, size_t line, const void *arg)
{
	const struct commenting *c = arg;

	if (is_blank(pen->text, line))
		return;
	pen_to(pen, text_line_start(pen->text, line) + c->indent);
	pen_insert(pen, &c->open);
	pen_to(pen, text_line_end(pen->text, line));
	pen_insert(pen, &c->close);
}

static bool blank_at(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, pos);
	uint32_t c;

	return text_iter_next(&it, &c) && c == ' ';
}

static void drop_close(struct pen *pen, size_t line, const char *close)
{
	size_t points = strlen(close), end = text_line_end(pen->text, line), bytes;

	if (!points || end - pen->pos < points)
		return;
	char *is = text_slice(pen->text, end - points, points, &bytes);
	if (memcmp(is, close, points) == 0) {
		size_t blank = end - points > pen->pos && blank_at(pen->text, end - points - 1);
		pen_to(pen, end - points - blank);
		pen_delete(pen, points + blank);
	}
	free(is);
}

static void uncomment_line(struct pen *pen, size_t line, const void *arg)
{
	const struct commenting *c = arg;
	size_t points = strlen(c->comment.open);

	if (is_blank(pen->text, line))
		return;
	pen_to(pen, motion_indent_end(pen->text, text_line_start(pen->text, line)));
	pen_delete(pen, points + blank_at(pen->text, pen->pos + points));
	drop_close(pen, line, c->comment.close);
}

/* Gives whether all lines are comments already. */
static bool look_at_lines(const struct editor *ed, struct commenting *c)
{
	const struct text *t = editor_text(ed);
	struct blocks blocks = blocks_of(ed);
	bool all = true, any = false;

	c->indent = SIZE_MAX;
	for (size_t i = 0; i < blocks.count; i++)
		for (size_t line = blocks.at[i].first; line <= blocks.at[i].last; line++) {
			if (is_blank(t, line))
				continue;
			size_t indent = indent_of(t, line);
			c->indent = indent < c->indent ? indent : c->indent;
			all = all && has_leader(t, line, c->comment.open);
			any = true;
		}
	free(blocks.at);
	return all && any;
}

void lines_comment(struct editor *ed, uint64_t now_ms)
{
	struct commenting c = {.indent = 0};

	if (!comment_of(ed->doc.path, &c.comment)) {
		editor_notice(ed, now_ms, "How this language writes comments is not known.");
		return;
	}
	bool all = look_at_lines(ed, &c);
	buf_printf(&c.open, "%s ", c.comment.open);
	if (*c.comment.close)
		buf_printf(&c.close, " %s", c.comment.close);
	each_line(ed, all ? uncomment_line : comment_line, &c);
	buf_fini(&c.open);
	buf_fini(&c.close);
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
	free(blocks.at);
	if (fits) {
		document_edit(&ed->doc, &pen.op);
	} else {
		op_fini(&pen.op);
		editor_notice(
			ed, now_ms, "These lines are more than 16 MB: too much for one edit.");
	}
	ed->view.follow = true;
}

void lines_delete(struct editor *ed, uint64_t now_ms)
{
	struct blocks blocks = blocks_of(ed);
	struct pen pen = {.text = editor_text(ed)};

	(void)now_ms;
	for (size_t i = 0; i < blocks.count; i++) {
		pen_to(&pen, text_line_start(pen.text, blocks.at[i].first));
		pen_delete(&pen, behind_line(pen.text, blocks.at[i].last) - pen.pos);
	}
	free(blocks.at);
	document_edit(&ed->doc, &pen.op);
	ed->view.follow = true;
}

static void join_line(struct pen *pen, size_t line)
{
	const struct text *t = pen->text;
	size_t end = text_line_end(t, line), next;
	bool joins_nothing;

	if (line >= text_size(t).lines)
		return;
	next = motion_indent_end(t, end + 1);
	joins_nothing = next == text_line_end(t, line + 1) || end == text_line_start(t, line);
	pen_to(pen, end);
	if (!joins_nothing)
		op_insert(&pen->op, " ", 1);
	pen_delete(pen, next - end);
}

void lines_join(struct editor *ed, uint64_t now_ms)
{
	struct blocks blocks = blocks_of(ed);
	struct pen pen = {.text = editor_text(ed)};

	(void)now_ms;
	for (size_t i = 0; i < blocks.count; i++) {
		struct block b = blocks.at[i];
		/* Several lines become one; a single one takes in the next. */
		for (size_t line = b.first; line < b.last + (b.first == b.last); line++)
			join_line(&pen, line);
	}
	free(blocks.at);
	document_edit(&ed->doc, &pen.op);
	ed->view.follow = true;
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
	free(blocks.at);
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
