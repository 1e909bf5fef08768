#include "ot/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

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

static bool admit(const char *utf8, size_t bytes, struct utf8_count *count)
{
	if (bytes == 1) {
		*count = (struct utf8_count){1, *utf8 == '\n'};
		return (unsigned char)(*utf8 - 1) < 0x7f;
	}
	return utf8_check_count(utf8, bytes, count);
}

/* Into the hot leaf, behind its first `points` characters. */
static void insert_hot(
	struct text *t, size_t points, const char *utf8, size_t bytes, struct utf8_count count)
{
	struct leaf *l = t->hot.leaf;

	if (leaf_bytes(l) + bytes <= LEAF_BYTES) {
		leaf_seek(l, points);
		leaf_put(l, utf8, bytes, count);
		return;
	}
	insert_wide(t, points, utf8, bytes);
	t->hot = tree_find(t, t->hot.before.n[POINTS] + points + count.points - 1, POINTS);
}

/* A letter at the gap, where people type. */
static bool insert_letter(struct text *t, size_t pos, char letter)
{
	struct leaf *l = t->hot.leaf;

	if (pos - t->hot.before.n[POINTS] != l->head_points ||
		(size_t)l->head + l->tail == LEAF_BYTES || (unsigned char)(letter - 1) >= 0x7f ||
		t->size.bytes == TEXT_MAX_BYTES)
		return false;
	l->at[l->head++] = letter;
	l->head_points++;
	l->lines = (uint16_t)(l->lines + (letter == '\n'));
	l->node.hashed = false;
	t->size.bytes++;
	t->size.points++;
	t->size.lines += letter == '\n';
	return true;
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
	t->size.bytes += bytes;
	t->size.points += count.points;
	t->size.lines += count.lines;
	insert_hot(t, pos - t->hot.before.n[POINTS], utf8, bytes, count);
}

enum err text_insert(struct text *t, size_t pos, const char *utf8, size_t bytes)
{
	struct utf8_count count;
	enum err e;

	if (bytes == 1 && insert_letter(t, pos, *utf8))
		return ERR_NONE;
	if (!(e = check_insert(t, pos, utf8, bytes, &count)) && bytes)
		insert_counted(t, pos, utf8, bytes, count);
	return e;
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

/* After a deletion in the hot leaf: a leaf less than half full joins a neighbour that has room, and one too small must. */
static void tidy(struct text *t)
{
	struct leaf *l = t->hot.leaf;
	struct inner *up = l->node.up;

	if (!up || leaf_bytes(l) >= LEAF_LOW)
		return;
	uint32_t slot = l->node.slot, beside = smaller_beside(up, slot);
	size_t both = leaf_bytes(l) + up->size[beside].n[BYTES];
	if (both > LEAF_FULL && leaf_bytes(l) >= LEAF_MIN)
		return;
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

/* The letter before the gap, or the one behind it, unless the leaf is small enough to look for a neighbour. */
static bool delete_letter(struct text *t, size_t pos)
{
	struct leaf *l = t->hot.leaf;
	size_t at = pos - t->hot.before.n[POINTS];

	if (leaf_bytes(l) <= LEAF_LOW)
		return false;
	if (l->head && at + 1 == l->head_points && (unsigned char)l->at[l->head - 1] < 0x80) {
		t->letter = l->at[--l->head];
		l->head_points--;
	} else if (at == l->head_points && l->tail && (unsigned char)*leaf_tail(l) < 0x80) {
		t->letter = *leaf_tail(l);
		l->tail--;
		l->tail_points--;
	} else {
		return false;
	}
	l->lines = (uint16_t)(l->lines - (t->letter == '\n'));
	l->node.hashed = false;
	t->size.bytes--;
	t->size.points--;
	t->size.lines -= t->letter == '\n';
	return true;
}

static void delete_range(struct text *t, size_t pos, size_t points, struct buf *cut)
{
	while (points) {
		tree_heat(t, pos);
		struct leaf *l = t->hot.leaf;
		size_t from = pos - t->hot.before.n[POINTS], room = leaf_points(l) - from;
		size_t n = points < room ? points : room, bytes = leaf_bytes(l), lines = l->lines;
		leaf_cut(l, from, from + n, cut);
		t->size.bytes -= bytes - leaf_bytes(l);
		t->size.points -= n;
		t->size.lines -= lines - l->lines;
		points -= n;
		tidy(t);
	}
}

static bool has_range(const struct text *t, size_t pos, size_t points)
{
	return pos <= t->size.points && points <= t->size.points - pos;
}

enum err text_delete(struct text *t, size_t pos, size_t points)
{
	if (points == 1 && delete_letter(t, pos))
		return ERR_NONE;
	if (!has_range(t, pos, points))
		return ERR_RANGE;
	delete_range(t, pos, points, NULL);
	return ERR_NONE;
}

#define CUT_KEPT ((size_t)1 << 16) /* bytes that the buffer of what was dropped may go on holding */

static void empty_cut(struct buf *cut)
{
	if (cut->cap > CUT_KEPT)
		buf_fini(cut);
	else
		buf_clear(cut);
}

static __attribute__((noinline)) enum err splice_on(
	struct text *t, struct splice *s, struct splice *inverse)
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

enum err text_splice(struct text *t, struct splice *s, struct splice *inverse)
{
	if (s->bytes == 1 && !s->drop && insert_letter(t, s->pos, *s->text)) {
		s->points = 1;
		*inverse = (struct splice){s->pos, 1, 0, 0, NULL};
		return ERR_NONE;
	}
	if (s->drop == 1 && !s->bytes && delete_letter(t, s->pos)) {
		s->points = 0;
		*inverse = (struct splice){s->pos, 0, 1, 1, &t->letter};
		return ERR_NONE;
	}
	return splice_on(t, s, inverse);
}

/* Places */

/* The newline number *n of these bytes; NULL if they have fewer, and *n is less by those. */
static const char *find_line(const char *at, size_t bytes, size_t *n)
{
	for (const char *end = at + bytes; (at = memchr(at, '\n', (size_t)(end - at))); at++) {
		if (!(*n)--)
			return at;
	}
	return NULL;
}

/* Offset of the leaf's newline number n, which it has. */
static size_t leaf_line(const struct leaf *l, size_t n)
{
	const char *hit = find_line(l->at, l->head, &n);

	if (hit)
		return (size_t)(hit - l->at);
	hit = find_line(leaf_tail(l), l->tail, &n);
	assert(hit);
	return l->head + (size_t)(hit - leaf_tail(l));
}

size_t text_line_end(const struct text *t, size_t line)
{
	if (line >= t->size.lines)
		return t->size.points;
	struct place p = tree_place(t, line, LINES);
	size_t byte = leaf_line(p.leaf, line - p.before.n[LINES]);
	return p.before.n[POINTS] + leaf_count(p.leaf, byte).points;
}

size_t text_line_start(const struct text *t, size_t line)
{
	if (!line)
		return 0;
	return line > t->size.lines ? t->size.points : text_line_end(t, line - 1) + 1;
}

size_t text_line_at(const struct text *t, size_t pos)
{
	if (pos >= t->size.points)
		return t->size.lines;
	struct place p = tree_place(t, pos, POINTS);
	size_t byte = leaf_offset(p.leaf, pos - p.before.n[POINTS]);
	return p.before.n[LINES] + leaf_count(p.leaf, byte).lines;
}

size_t text_byte_at(const struct text *t, size_t pos)
{
	if (pos >= t->size.points)
		return t->size.bytes;
	struct place p = tree_place(t, pos, POINTS);
	return p.before.n[BYTES] + leaf_offset(p.leaf, pos - p.before.n[POINTS]);
}

size_t text_pos_at(const struct text *t, size_t byte)
{
	if (byte >= t->size.bytes)
		return t->size.points;
	struct place p = tree_place(t, byte, BYTES);
	size_t in = byte - p.before.n[BYTES];
	const char *at =
		in < p.leaf->head ? p.leaf->at + in : leaf_tail(p.leaf) + (in - p.leaf->head);
	for (; utf8_is_rest(*at); at--)
		in--;
	return p.before.n[POINTS] + leaf_count(p.leaf, in).points;
}
