#include "ot/text.h"

#include <stdlib.h>
#include <string.h>

#include "ot/text_key.h"
#include "ot/tree.h"

/* Changes */

/* Several stretches of bytes, read as one. */
struct stretch {
	const char *at;
	size_t from, to; /* of the whole */
};

static void join_read(const struct stretch join[3], size_t from, size_t to, char *out)
{
	for (int i = 0; i < 3; i++) {
		size_t a = from > join[i].from ? from : join[i].from;
		size_t b = to < join[i].to ? to : join[i].to;
		if (a >= b)
			continue;
		memcpy(out, join[i].at + (a - join[i].from), b - a);
		out += b - a;
	}
}

/* The nearest beginning of a character, at or before `cut`. */
static size_t join_round(const struct stretch join[3], size_t cut)
{
	for (;; cut--) {
		int i = 0;
		while (cut >= join[i].to)
			i++;
		if (!utf8_is_rest(join[i].at[cut - join[i].from]))
			return cut;
	}
}

static void leaf_write(struct leaf *l, const struct stretch join[3], size_t from, size_t to)
{
	join_read(join, from, to, l->at);
	leaf_fill(l, to - from, utf8_count(l->at, to - from));
}

/* Writes all of join to the leaf and to new ones behind it. In halves, or else all but the last full. */
static void spread(struct text *t, struct leaf *l, const struct stretch join[3], bool halves)
{
	size_t total = join[2].to, count = leaf_pieces(total), from = 0;

	for (size_t i = 1; i <= count; i++) {
		size_t cut = halves && count == 2 ? total / 2 : leaf_full_cut(total, i);
		size_t to = i < count ? join_round(join, cut) : total;
		struct leaf *next = from ? leaf_new() : l;
		leaf_write(next, join, from, to);
		if (next != l)
			tree_add_leaf(t, l, next);
		tree_refresh(&next->node, leaf_size(next));
		l = next;
		from = to;
	}
}

/*
 * For what does not fit into the hot leaf. Halves leave room on both sides for whoever edits in the middle of a text; someone
 * who types at the end of a leaf goes on behind it, and full leaves are left.
 */
static void insert_wide(struct text *t, size_t points, const char *utf8, size_t bytes)
{
	struct leaf *l = t->hot.leaf;
	char old[LEAF_BYTES];
	size_t at = leaf_offset(l, points), all = leaf_bytes(l) + bytes;
	const struct stretch join[3] = {
		{old, 0, at}, {utf8, at, at + bytes}, {old + at, at + bytes, all}};

	tree_settle(t);
	leaf_read(l, old);
	spread(t, l, join, leaf_bytes(l) - at > LEAF_MIN);
}

static inline bool admit(const char *utf8, size_t bytes, struct utf8_count *count)
{
	*count = (struct utf8_count){0};
	if (bytes == 1) {
		*count = (struct utf8_count){1, *utf8 == '\n'};
		return (unsigned char)(*utf8 - 1) < 0x7f;
	}
	return !bytes || utf8_check_count(utf8, bytes, count);
}

/* Into the hot leaf, behind its first `points` characters. */
static void insert_hot(
	struct text *t, size_t points, const char *utf8, size_t bytes, struct utf8_count count)
{
	struct leaf *l = t->hot.leaf;

	if (bytes <= LEAF_BYTES - leaf_bytes(l)) {
		leaf_seek(l, points);
		leaf_put(l, utf8, bytes, count);
		return;
	}
	insert_wide(t, points, utf8, bytes);
	t->hot = tree_find(t, t->hot.before.n[POINTS] + points + count.points - 1, POINTS);
}

static void grow(struct text *t, size_t bytes, size_t points, size_t lines)
{
	t->size.bytes += bytes;
	t->size.points += points;
	t->size.lines += lines;
}

static void shrink(struct text *t, size_t bytes, size_t points, size_t lines)
{
	t->size.bytes -= bytes;
	t->size.points -= points;
	t->size.lines -= lines;
}

static enum err check_insert(
	const struct text *t, size_t pos, const char *utf8, size_t bytes, struct utf8_count *count)
{
	if (pos > t->size.points)
		return ERR_RANGE;
	if (bytes > TEXT_MAX_BYTES - t->size.bytes)
		return ERR_LIMIT;
	return admit(utf8, bytes, count) ? ERR_NONE : ERR_UTF8;
}

/* What is inserted belongs to the leaf of the character before it, or to the hot one if that begins here. */
static void insert_counted(
	struct text *t, size_t pos, const char *utf8, size_t bytes, struct utf8_count count)
{
	if (pos - t->hot.before.n[POINTS] > leaf_points(t->hot.leaf))
		tree_heat(t, pos ? pos - 1 : 0);
	grow(t, bytes, count.points, count.lines);
	insert_hot(t, pos - t->hot.before.n[POINTS], utf8, bytes, count);
}

static void leaf_merge(struct text *t, struct leaf *a, struct leaf *b)
{
	struct inner *up = a->node.up;

	leaf_seek(a, leaf_points(a));
	leaf_put(a, b->at, b->head, (struct utf8_count){b->head_points, b->lines});
	leaf_put(a, leaf_tail(b), b->tail, (struct utf8_count){b->tail_points, 0});
	up->size[a->node.slot] = leaf_size(a);
	tree_remove(t, up, b->node.slot);
	free(b);
}

static void leaf_share(struct leaf *a, struct leaf *b)
{
	char both[2 * LEAF_BYTES];
	size_t all = leaf_bytes(a) + leaf_bytes(b);
	const struct stretch join[3] = {{both, 0, all}, {NULL, all, all}, {NULL, all, all}};

	leaf_read(a, both);
	leaf_read(b, both + leaf_bytes(a));
	size_t half = join_round(join, all / 2);
	leaf_write(a, join, 0, half);
	leaf_write(b, join, half, all);
	tree_refresh(&b->node, leaf_size(b));
}

/* The smaller neighbour of child `slot`; there is one. */
static uint32_t smaller_beside(const struct inner *in, uint32_t slot)
{
	if (slot == 0 || slot + 1 == in->count)
		return slot ? slot - 1 : 1;
	return in->size[slot - 1].n[BYTES] <= in->size[slot + 1].n[BYTES] ? slot - 1 : slot + 1;
}

/* A leaf less than half full joins a neighbour that has room, and one too small must. May so many bytes go before that is so? */
static bool stays(const struct leaf *l, size_t bytes)
{
	const struct inner *up = l->node.up;
	size_t left = leaf_bytes(l) - bytes;

	if (!up || left >= LEAF_LOW)
		return true;
	return left >= LEAF_MIN &&
	       left + up->size[smaller_beside(up, l->node.slot)].n[BYTES] > LEAF_FULL;
}

/* After a deletion in the hot leaf. */
static void tidy(struct text *t)
{
	struct leaf *l = t->hot.leaf;
	struct inner *up = l->node.up;

	if (stays(l, 0))
		return;
	uint32_t slot = l->node.slot, beside = smaller_beside(up, slot);
	size_t both = leaf_bytes(l) + up->size[beside].n[BYTES];
	struct leaf *other = (struct leaf *)up->child[beside];
	struct leaf *a = beside < slot ? other : l, *b = beside < slot ? l : other;
	tree_settle(t);
	if (both <= LEAF_BYTES)
		leaf_merge(t, a, b);
	else
		leaf_share(a, b);
	tree_refresh(&a->node, leaf_size(a));
	t->hot = tree_find(t, t->hot.before.n[POINTS], POINTS);
}

static void delete_range(struct text *t, size_t pos, size_t points, struct buf *cut)
{
	while (points) {
		tree_heat(t, pos);
		struct leaf *l = t->hot.leaf;
		size_t from = pos - t->hot.before.n[POINTS], room = leaf_points(l) - from;
		size_t n = points < room ? points : room, bytes = leaf_bytes(l), lines = l->lines;
		leaf_cut(l, from, from + n, cut);
		shrink(t, bytes - leaf_bytes(l), n, lines - l->lines);
		points -= n;
		tidy(t);
	}
}

static bool has_range(const struct text *t, size_t pos, size_t points)
{
	return pos <= t->size.points && points <= t->size.points - pos;
}

/* Where an edit begins: in the leaf of the first character that goes, or else of the one before. */
static size_t first_touched(const struct splice *s)
{
	return s->drop || !s->pos ? s->pos : s->pos - 1;
}

/*
 * What one leaf has room for, and goes on being full enough: as nearly all edits are. What goes stays where it was, at the end
 * of the gap. false, and nothing has changed, where it is not so.
 */
static inline bool splice_leaf(struct text *t, struct splice *s, struct splice *inverse)
{
	struct leaf *l = t->hot.leaf;
	size_t at = s->pos - t->hot.before.n[POINTS], points = leaf_points(l);
	struct utf8_count count;

	if (at > points || s->drop > points - at || s->bytes > LEAF_BYTES - leaf_bytes(l) ||
		t->size.bytes > TEXT_MAX_BYTES - LEAF_BYTES || !admit(s->text, s->bytes, &count))
		return false;
	leaf_seek(l, at);
	const char *gone = leaf_tail(l);
	size_t bytes = 0, lines = 0;
	if (s->drop) {
		bytes = utf8_offset_known(gone, l->tail, l->tail_points, s->drop);
		if (!stays(l, bytes))
			return false;
		lines = leaf_skip(l, bytes, s->drop);
	}
	leaf_put(l, s->text, s->bytes, count);
	grow(t, s->bytes - bytes, count.points - s->drop, count.lines - lines);
	s->points = count.points;
	*inverse = (struct splice){s->pos, count.points, s->drop, bytes, gone};
	return true;
}

#define CUT_KEPT ((size_t)1 << 16) /* bytes that the buffer of what was dropped may go on holding */

static void empty_cut(struct buf *cut)
{
	if (cut->cap > CUT_KEPT)
		buf_fini(cut);
	else
		buf_clear(cut);
}

/* In any number of leaves. */
static enum err splice_leaves(struct text *t, struct splice *s, struct splice *inverse)
{
	struct utf8_count count;
	enum err e = check_insert(t, s->pos, s->text, s->bytes, &count);

	if (e || !has_range(t, s->pos, s->drop))
		return e ? e : ERR_RANGE;
	empty_cut(&t->cut);
	delete_range(t, s->pos, s->drop, &t->cut);
	if (s->bytes)
		insert_counted(t, s->pos, s->text, s->bytes, count);
	s->points = count.points;
	*inverse = (struct splice){s->pos, count.points, s->drop, t->cut.len, t->cut.at};
	return ERR_NONE;
}

enum err text_splice_on(struct text *t, struct splice *s, struct splice *inverse)
{
	if (splice_leaf(t, s, inverse))
		return ERR_NONE;
	tree_heat(t, first_touched(s));
	return splice_leaf(t, s, inverse) ? ERR_NONE : splice_leaves(t, s, inverse);
}

enum err text_splice(struct text *t, struct splice *s, struct splice *inverse)
{
	return text_key(t, s, inverse) ? ERR_NONE : text_splice_on(t, s, inverse);
}

enum err text_insert(struct text *t, size_t pos, const char *utf8, size_t bytes)
{
	struct splice s = {pos, 0, 0, bytes, utf8}, inverse;

	return text_splice(t, &s, &inverse);
}

enum err text_delete(struct text *t, size_t pos, size_t points)
{
	struct splice s = {pos, points, 0, 0, NULL}, inverse;

	if (text_key(t, &s, &inverse) || splice_leaf(t, &s, &inverse))
		return ERR_NONE;
	if (!has_range(t, pos, points))
		return ERR_RANGE;
	delete_range(t, pos, points, NULL);
	return ERR_NONE;
}
