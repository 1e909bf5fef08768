#include "tui/motion.h"

#include <stdint.h>

#include "ot/utf8.h"
#include "tui/plain.h"
#include "tui/width.h"

#define NONE  UINT32_MAX /* no character */
#define BLOCK 1024       /* so far back at once, when what is before is walked over */

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

/* Never two characters of one cluster, whatever is before them. */
static bool never_join(uint32_t a, uint32_t b)
{
	return (a < 0x80 && b < 0x80) || (plain_cells(a) && plain_cells(b));
}

/* A boundary for certain, a little before pos: a line's start, or between two characters that never join. */
static size_t safe_start(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, pos);
	uint32_t c, after = NONE;

	while (pos - it.pos < MOTION_BACK && text_iter_prev(&it, &c)) {
		if (c == '\n' || never_join(c, after))
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

/* Behind the next cluster, whose first character it gives. */
static bool next_cluster(struct text_iter *it, uint32_t *first)
{
	struct plain plain = plain_ahead(it, 1, SIZE_MAX);
	struct cluster c;
	const char *at;
	size_t width;

	if (plain.points) {
		text_iter_rest(it, &at);
		*first = utf8_decode(at, &width);
		text_iter_skip(it, plain.points, plain.bytes);
		return true;
	}
	if (!width_next(it, 0, &c))
		return false;
	*first = c.first;
	return true;
}

/* Over everything of this class, but not beyond limit. */
static size_t run_right(const struct text *t, size_t pos, size_t limit, enum class class)
{
	struct text_iter it = text_iter(t, pos);
	uint32_t c;

	while (pos < limit && next_cluster(&it, &c) && class_of(c) == class)
		pos = it.pos;
	return pos;
}

/* Where what is of this class begins that ends at pos, as far as from. */
static size_t run_from(const struct text *t, size_t from, size_t pos, enum class class)
{
	struct text_iter it = text_iter(t, from);
	uint32_t c;

	while (it.pos < pos && next_cluster(&it, &c))
		from = class_of(c) == class ? from : it.pos;
	return from < pos ? from : pos;
}

static size_t run_left(const struct text *t, size_t pos, size_t limit, enum class class)
{
	for (size_t from; pos > limit;) {
		from = safe_start(t, pos > BLOCK ? pos - BLOCK : 0);
		pos = run_from(t, from, pos, class);
		if (pos > from)
			break;
	}
	return pos;
}

static size_t far_right(const struct text *t, size_t pos)
{
	size_t end = text_size(t).points;

	return end - pos < MOTION_FAR ? end : pos + MOTION_FAR;
}

static size_t far_left(size_t pos)
{
	return pos < MOTION_FAR ? 0 : pos - MOTION_FAR;
}

size_t motion_word_right(const struct text *t, size_t pos)
{
	size_t limit = far_right(t, pos);

	while (pos < limit) {
		enum class class = class_after(t, pos);
		pos = run_right(t, pos, limit, class);
		if (class == CLASS_WORD || class == CLASS_SIGN)
			break;
	}
	return pos;
}

size_t motion_word_left(const struct text *t, size_t pos)
{
	size_t limit = far_left(pos);

	while (pos > limit) {
		enum class class = class_after(t, motion_left(t, pos));
		pos = run_left(t, pos, limit, class);
		if (class == CLASS_WORD || class == CLASS_SIGN)
			break;
	}
	return pos;
}

size_t motion_line_start(const struct text *t, size_t pos)
{
	return text_line_start(t, text_line_at(t, pos));
}

size_t motion_indent_end(const struct text *t, size_t pos)
{
	struct text_iter it = text_iter(t, motion_line_start(t, pos));
	size_t end = it.pos, limit = end + MOTION_FAR;
	uint32_t c;

	while (end < limit && text_iter_next(&it, &c) && (c == ' ' || c == '\t'))
		end = it.pos;
	return end;
}

struct sel motion_word_at(const struct text *t, size_t pos)
{
	size_t start = motion_snap(t, pos);
	enum class class = class_after(t, start);

	if (class == CLASS_LINE_END)
		return (struct sel){start, start};
	return (struct sel){run_left(t, start, far_left(start), class),
		run_right(t, start, far_right(t, start), class)};
}

struct sel motion_line_at(const struct text *t, size_t pos)
{
	size_t line = text_line_at(t, pos), end = text_line_end(t, line);

	return (struct sel){text_line_start(t, line), end + (end < text_size(t).points)};
}
