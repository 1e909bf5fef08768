#include "tui/motion.h"

#include <stdint.h>

#include "tui/width.h"

enum class { CLASS_BLANK, CLASS_LINE_END, CLASS_WORD, CLASS_SIGN };

static enum class class_of(uint32_t c) {
	if (c == '\n') return CLASS_LINE_END;
	if (c == ' ' || c == '\t' || c == '\r' || c == 0xA0 || c == 0x3000) return CLASS_BLANK;
	if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
		c == '_') return CLASS_WORD;
	if (c < 0xC0 || (c >= 0x2000 && c < 0x2070) ||
		(c >= 0x3001 && c < 0x3004)) return CLASS_SIGN;
	return CLASS_WORD;
}

/* A boundary for certain, a little before pos: a line's start, or between two characters that never join. */
static size_t safe_start(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, pos);
	uint32_t c, after = 0x80;

	while (pos - it.pos < MOTION_BACK && text_iter_prev(&it, &c)) {
		if (c == '\n')
			return it.pos + 1;
		if (c < 0x80 && after < 0x80)
			return it.pos + 1;
		after = c;
	}
	return it.pos;
}

/* The last boundary before pos, and whether pos is one too. */
static size_t boundary_before(const struct text *t, size_t pos, bool *at_one)
{
	struct text_iter it = text_iter(t, safe_start(t, pos - 1));
	size_t before = it.pos;
	struct cluster c;

	while (width_next(&it, 0, &c) && it.pos < pos)
		before = it.pos;
	*at_one = it.pos == pos;
	return before;
}

size_t motion_left(const struct text *t, size_t pos)
{
	bool at_one;

	return pos ? boundary_before(t, pos, &at_one) : 0;
}

size_t motion_snap(const struct text *t, size_t pos)
{
	bool at_one;

	if (!pos)
		return 0;
	size_t before = boundary_before(t, pos, &at_one);
	return at_one ? pos : before;
}

size_t motion_right(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, pos);
	struct cluster c;

	width_next(&it, 0, &c);
	return it.pos;
}

static enum class class_after(const struct text *t, size_t pos) {
	struct text_iter it = text_iter(t, pos); uint32_t c;

	return text_iter_next(&it, &c) ? class_of(c) : CLASS_LINE_END;
}

/* Over everything of this class. */
static size_t run_right(const struct text *t, size_t pos, enum class class)
{
	struct text_iter it = text_iter(t, pos);
	struct cluster c;

	while (width_next(&it, 0, &c) && class_of(c.first) == class)
		pos = it.pos;
	return pos;
}

static size_t run_left(const struct text *t, size_t pos, enum class class)
{
	while (pos) {
		size_t before = motion_left(t, pos);
		if (class_after(t, before) != class)
			break;
		pos = before;
	}
	return pos;
}

size_t motion_word_right(const struct text *t, size_t pos)
{
	size_t end = text_size(t).points;

	while (pos < end) {
		enum class class = class_after(t, pos);
		pos = run_right(t, pos, class);
		if (class == CLASS_WORD || class == CLASS_SIGN)
			break;
	}
	return pos;
}

size_t motion_word_left(const struct text *t, size_t pos)
{
	while (pos) {
		enum class class = class_after(t, motion_left(t, pos));
		pos = run_left(t, pos, class);
		if (class == CLASS_WORD || class == CLASS_SIGN)
			break;
	}
	return pos;
}

size_t motion_line_start(const struct text *t, size_t pos)
{
	return text_line_start(t, text_line_at(t, pos));
}

size_t motion_line_end(const struct text *t, size_t pos)
{
	return text_line_end(t, text_line_at(t, pos));
}

size_t motion_indent_end(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, motion_line_start(t, pos));
	size_t end = it.pos;
	uint32_t c;

	while (text_iter_next(&it, &c) && (c == ' ' || c == '\t'))
		end = it.pos;
	return end;
}

struct sel motion_word_at(const struct text *t, size_t pos)
{
	size_t start = motion_snap(t, pos);
	enum class class = class_after(t, start);

	if (class == CLASS_LINE_END)
		return (struct sel){start, start};
	return (struct sel){run_left(t, start, class), run_right(t, start, class)};
}

struct sel motion_line_at(const struct text *t, size_t pos)
{
	size_t line = text_line_at(t, pos), end = text_line_end(t, line);

	return (struct sel){text_line_start(t, line), end + (end < text_size(t).points)};
}
