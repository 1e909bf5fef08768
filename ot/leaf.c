#include "ot/leaf.h"

#include <stddef.h>
#include <string.h>

#include "ot/mem.h"

struct leaf *leaf_new(void)
{
	struct leaf *l = mem_realloc(NULL, 1, sizeof(*l));

	memset(l, 0, offsetof(struct leaf, at));
	return l;
}

size_t leaf_offset(const struct leaf *l, size_t points)
{
	if (points <= l->head_points)
		return utf8_offset_known(l->at, l->head, l->head_points, points);
	points -= l->head_points;
	return l->head + utf8_offset_known(leaf_tail(l), l->tail, l->tail_points, points);
}

#define STRIDE 64

/*
 * Most moves are of a few dozen bytes, each of another number: memmove() would guess that wrong, and so would its caller. Where the gap is
 * wide enough whole strides are moved, the last of which spills into it.
 */
static void move_down(struct leaf *l, size_t bytes)
{
	char *to = l->at + l->head;
	const char *from = leaf_tail(l);

	if (LEAF_BYTES - leaf_bytes(l) < bytes + STRIDE || l->tail < bytes + STRIDE) {
		memmove(to, from, bytes);
		return;
	}
	for (size_t i = 0; i < bytes; i += STRIDE)
		memcpy(to + i, from + i, STRIDE);
}

static void move_up(struct leaf *l, size_t bytes)
{
	char *to = l->at + LEAF_BYTES - l->tail;
	const char *from = l->at + l->head;

	if (LEAF_BYTES - leaf_bytes(l) < bytes + STRIDE || l->head < bytes + STRIDE) {
		memmove(to - bytes, from - bytes, bytes);
		return;
	}
	for (size_t i = 0; i < bytes; i += STRIDE)
		memcpy(to - i - STRIDE, from - i - STRIDE, STRIDE);
}

void leaf_seek_on(struct leaf *l, size_t points)
{
	size_t bytes = leaf_offset(l, points), all = leaf_bytes(l), all_points = leaf_points(l);

	if (bytes < l->head)
		move_up(l, l->head - bytes);
	else
		move_down(l, bytes - l->head);
	l->head = (uint16_t)bytes;
	l->tail = (uint16_t)(all - bytes);
	l->head_points = (uint16_t)points;
	l->tail_points = (uint16_t)(all_points - points);
}

void leaf_fill(struct leaf *l, size_t bytes, struct utf8_count count)
{
	l->head = (uint16_t)bytes;
	l->head_points = (uint16_t)count.points;
	l->lines = (uint16_t)count.lines;
	l->tail = l->tail_points = 0;
	l->node.hashed = false;
}

static size_t count_lines(const char *at, size_t bytes)
{
	return bytes == 1 ? *at == '\n' : utf8_count(at, bytes).lines;
}

/* The last characters before the gap, or the first behind it; `cut` gets them, if anybody wants them. */
static void leaf_drop_before(struct leaf *l, size_t points, struct buf *cut)
{
	size_t keep = utf8_offset_known(l->at, l->head, l->head_points, l->head_points - points);

	if (cut)
		buf_add(cut, l->at + keep, l->head - keep);
	l->lines = (uint16_t)(l->lines - count_lines(l->at + keep, l->head - keep));
	l->head = (uint16_t)keep;
	l->head_points = (uint16_t)(l->head_points - points);
}

size_t leaf_skip(struct leaf *l, size_t bytes, size_t points)
{
	size_t lines = count_lines(leaf_tail(l), bytes);

	l->lines = (uint16_t)(l->lines - lines);
	l->tail = (uint16_t)(l->tail - bytes);
	l->tail_points = (uint16_t)(l->tail_points - points);
	l->node.hashed = false;
	return lines;
}

static void leaf_drop_behind(struct leaf *l, size_t points, struct buf *cut)
{
	size_t skip = utf8_offset_known(leaf_tail(l), l->tail, l->tail_points, points);

	if (cut)
		buf_add(cut, leaf_tail(l), skip);
	leaf_skip(l, skip, points);
}

void leaf_cut(struct leaf *l, size_t from, size_t to, struct buf *cut)
{
	if (l->head_points < from)
		leaf_seek(l, from);
	else if (l->head_points > to)
		leaf_seek(l, to);
	size_t behind = to - l->head_points;
	if (from < l->head_points)
		leaf_drop_before(l, l->head_points - from, cut);
	if (behind)
		leaf_drop_behind(l, behind, cut);
	l->node.hashed = false;
}

void leaf_read(const struct leaf *l, char *out)
{
	memcpy(out, l->at, l->head);
	memcpy(out + l->head, leaf_tail(l), l->tail);
}

struct utf8_count leaf_count(const struct leaf *l, size_t byte)
{
	struct utf8_count sum, tail;

	if (byte <= l->head)
		return utf8_count(l->at, byte);
	sum = utf8_count(l->at, l->head);
	tail = utf8_count(leaf_tail(l), byte - l->head);
	return (struct utf8_count){sum.points + tail.points, sum.lines + tail.lines};
}
