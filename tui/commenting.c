#include "tui/commenting.h"

#include <stdlib.h>
#include <string.h>

#include "tui/blocks.h"
#include "tui/comment.h"
#include "tui/lines.h"
#include "tui/motion.h"
#include "tui/state.h"

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

	if (lines_blank(pen->text, line))
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

	if (lines_blank(pen->text, line))
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
			if (lines_blank(t, line))
				continue;
			size_t indent = indent_of(t, line);
			c->indent = indent < c->indent ? indent : c->indent;
			all = all && has_leader(t, line, c->comment.open);
			any = true;
		}
	blocks_fini(&blocks);
	return all && any;
}

void commenting_toggle(struct editor *ed, uint64_t now_ms)
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
	blocks_edit_lines(ed, all ? uncomment_line : comment_line, &c);
	buf_fini(&c.open);
	buf_fini(&c.close);
}
