#include "ot/text.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "ot/buf.h"
#include "ot/mem.h"
#include "ot/utf8.h"

/*
 * A leaf with what malloc adds is 2 KB: below that loading and long deletions pay for more leaves, above it random edits pay
 * for moving the gap; its counts fit 16 bits. Two megabytes of full leaves are two levels of 32 high.
 */
#ifdef OT_TINY
#define LEAF_BYTES 16
#define FAN        4
#else
#define LEAF_BYTES 1990
#define FAN        32
#endif

#define LEAF_MIN  (LEAF_BYTES / 8)         /* of all leaves, but of one that is the root */
#define LEAF_LOW  (LEAF_BYTES / 2)         /* below it a deletion looks for a neighbour to join */
#define LEAF_EDGE (LEAF_BYTES / 32 + 3)    /* for first edits, and the rest of a character */
#define LEAF_FULL (LEAF_BYTES - LEAF_EDGE) /* as loaded */
#define FAN_MIN   (FAN / 2)

#define HASH_PRIME ((UINT64_C(1) << 61) - 1)
#define HASH_BASE  UINT64_C(1000000007)

__extension__ typedef unsigned __int128 wide;

enum axis { BYTES, POINTS, LINES, AXES };

struct size {
	uint32_t n[AXES];
};

/* What leaves and inner nodes have in common: always their first member. */
struct node {
	struct inner *up;
	uint64_t hash;  /* of the bytes below */
	uint64_t power; /* HASH_BASE to the number of bytes below */
	uint8_t slot;   /* up->child[slot] is this node */
	bool hashed;    /* hash and power are right; never true above a node where it is false */
};

/* A gap buffer: head bytes at the start, tail bytes at the end, and room between them. */
struct leaf {
	struct node node;
	uint16_t head, tail;
	uint16_t head_points, tail_points;
	uint16_t lines;
	char at[LEAF_BYTES];
};

struct inner {
	struct node node;
	uint32_t count;
	struct size size[FAN];
	struct node *child[FAN];
};

struct place {
	struct leaf *leaf;
	struct size before; /* all that is left of the leaf */
};

/*
 * hot is the leaf of the newest edit. The counts above it, and the hashed marks, lag behind until settle(): so a letter
 * typed next to the last one touches one leaf and nothing else. What is before it stays right, since only it changes.
 */
struct text {
	struct text_size size;
	struct node *root;
	unsigned height; /* inner nodes above each leaf */
	struct place hot;
	char letter;    /* what the newest splice dropped, if it was one ASCII character */
	struct buf cut; /* or whatever else it was */
};

/* Leaves */

static struct leaf *leaf_new(void)
{
	struct leaf *l = mem_realloc(NULL, 1, sizeof(*l));

	memset(l, 0, offsetof(struct leaf, at));
	return l;
}

static const char *leaf_tail(const struct leaf *l)
{
	return l->at + LEAF_BYTES - l->tail;
}

static size_t leaf_bytes(const struct leaf *l)
{
	return (size_t)l->head + l->tail;
}

static size_t leaf_points(const struct leaf *l)
{
	return (size_t)l->head_points + l->tail_points;
}

static struct size leaf_size(const struct leaf *l)
{
	return (struct size){{(uint32_t)leaf_bytes(l), (uint32_t)leaf_points(l), l->lines}};
}

static size_t leaf_amount(const struct leaf *l, enum axis axis)
{
	return axis == BYTES ? leaf_bytes(l) : axis == POINTS ? leaf_points(l) : l->lines;
}

static size_t leaf_offset(const struct leaf *l, size_t points)
{
	if (points <= l->head_points)
		return utf8_offset_known(l->at, l->head, l->head_points, points);
	points -= l->head_points;
	return l->head + utf8_offset_known(leaf_tail(l), l->tail, l->tail_points, points);
}

/* Moves the gap behind the first `points` characters. */
static void leaf_seek(struct leaf *l, size_t points)
{
	size_t bytes, all = leaf_bytes(l), all_points = leaf_points(l);

	if (points == l->head_points)
		return;
	bytes = leaf_offset(l, points);
	if (bytes < l->head)
		memmove(l->at + LEAF_BYTES - (all - bytes), l->at + bytes, l->head - bytes);
	else
		memmove(l->at + l->head, leaf_tail(l), bytes - l->head);
	l->head = (uint16_t)bytes;
	l->tail = (uint16_t)(all - bytes);
	l->head_points = (uint16_t)points;
	l->tail_points = (uint16_t)(all_points - points);
}

/* In front of the gap; there must be room. */
static void leaf_put(struct leaf *l, const char *utf8, size_t bytes, struct utf8_count count)
{
	if (bytes == 1)
		l->at[l->head] = *utf8;
	else
		memcpy(l->at + l->head, utf8, bytes);
	l->head = (uint16_t)(l->head + bytes);
	l->head_points = (uint16_t)(l->head_points + count.points);
	l->lines = (uint16_t)(l->lines + count.lines);
	l->node.hashed = false;
}

/* The first bytes of at[] have been written, and are all that the leaf holds. */
static void leaf_fill(struct leaf *l, size_t bytes, struct utf8_count count)
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

static void leaf_drop_behind(struct leaf *l, size_t points, struct buf *cut)
{
	size_t skip = utf8_offset_known(leaf_tail(l), l->tail, l->tail_points, points);

	if (cut)
		buf_add(cut, leaf_tail(l), skip);
	l->lines = (uint16_t)(l->lines - count_lines(leaf_tail(l), skip));
	l->tail = (uint16_t)(l->tail - skip);
	l->tail_points = (uint16_t)(l->tail_points - points);
}

static void leaf_cut(struct leaf *l, size_t from, size_t to, struct buf *cut)
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

static void leaf_read(const struct leaf *l, char *out)
{
	memcpy(out, l->at, l->head);
	memcpy(out + l->head, leaf_tail(l), l->tail);
}

/* What was counted in the bytes before `byte`, which begins a character. */
static struct utf8_count leaf_count(const struct leaf *l, size_t byte)
{
	struct utf8_count sum, tail;

	if (byte <= l->head)
		return utf8_count(l->at, byte);
	sum = utf8_count(l->at, l->head);
	tail = utf8_count(leaf_tail(l), byte - l->head);
	return (struct utf8_count){sum.points + tail.points, sum.lines + tail.lines};
}

/* Inner nodes */

static struct size inner_size(const struct inner *in)
{
	struct size sum = {0};

	for (uint32_t i = 0; i < in->count; i++) {
		for (int a = 0; a < AXES; a++)
			sum.n[a] += in->size[i].n[a];
	}
	return sum;
}

static struct size node_size(const struct node *n, unsigned height)
{
	return height ? inner_size((const struct inner *)n) : leaf_size((const struct leaf *)n);
}

static void inner_number(struct inner *in, uint32_t first)
{
	for (uint32_t i = first; i < in->count; i++) {
		in->child[i]->up = in;
		in->child[i]->slot = (uint8_t)i;
	}
	in->node.hashed = false;
}

/* Room for n children at `at`, which the caller fills and numbers. */
static void inner_open(struct inner *in, uint32_t at, uint32_t n)
{
	memmove(in->size + at + n, in->size + at, (in->count - at) * sizeof(in->size[0]));
	memmove(in->child + at + n, in->child + at, (in->count - at) * sizeof(in->child[0]));
	in->count += n;
}

static void inner_close(struct inner *in, uint32_t at, uint32_t n)
{
	in->count -= n;
	memmove(in->size + at, in->size + at + n, (in->count - at) * sizeof(in->size[0]));
	memmove(in->child + at, in->child + at + n, (in->count - at) * sizeof(in->child[0]));
	inner_number(in, at);
}

/* n children of `from`, beginning with `first`, go to place `at` of `to`. */
static void inner_move(
	struct inner *to, uint32_t at, struct inner *from, uint32_t first, uint32_t n)
{
	inner_open(to, at, n);
	memcpy(to->size + at, from->size + first, n * sizeof(to->size[0]));
	memcpy(to->child + at, from->child + first, n * sizeof(to->child[0]));
	inner_number(to, at);
	inner_close(from, first, n);
}

static void inner_set(struct inner *in, uint32_t at, struct node *child, struct size size)
{
	in->size[at] = size;
	in->child[at] = child;
	inner_number(in, at);
}

/* The tree */

static void raise_root(struct text *t)
{
	struct inner *in = mem_alloc(sizeof(*in));

	in->count = 1;
	inner_set(in, 0, t->root, node_size(t->root, t->height));
	t->root = &in->node;
	t->height++;
}

static void inner_insert(
	struct text *t, struct inner *in, uint32_t at, struct node *child, struct size size);

/* The upper half of a full node goes to a new one behind it, which is returned. */
static struct inner *inner_split(struct text *t, struct inner *in)
{
	struct inner *behind = mem_alloc(sizeof(*behind));

	if (!in->node.up)
		raise_root(t);
	inner_move(behind, 0, in, FAN / 2, FAN - FAN / 2);
	inner_insert(t, in->node.up, in->node.slot + 1u, &behind->node, inner_size(behind));
	in->node.up->size[in->node.slot] = inner_size(in);
	return behind;
}

static void inner_insert(
	struct text *t, struct inner *in, uint32_t at, struct node *child, struct size size)
{
	if (in->count == FAN) {
		struct inner *behind = inner_split(t, in);
		if (at > in->count) {
			at -= in->count;
			in = behind;
		}
	}
	inner_open(in, at, 1);
	inner_set(in, at, child, size);
}

/* Makes the counts and marks right from a changed node upwards. */
static void refresh(struct node *n, struct size size)
{
	for (struct inner *in = n->up; in; in = in->node.up) {
		in->size[n->slot] = size;
		in->node.hashed = false;
		size = inner_size(in);
		n = &in->node;
	}
}

static void leaf_insert(struct text *t, struct leaf *l, struct leaf *behind)
{
	if (!l->node.up)
		raise_root(t);
	inner_insert(t, l->node.up, l->node.slot + 1u, &behind->node, leaf_size(behind));
}

/* Two neighbours of which one has too few children: one takes from the other. */
static void inner_share(struct inner *a, struct inner *b)
{
	uint32_t want = (a->count + b->count) / 2;

	if (a->count < want)
		inner_move(a, a->count, b, 0, want - a->count);
	else
		inner_move(b, 0, a, want, a->count - want);
	a->node.up->size[a->node.slot] = inner_size(a);
	b->node.up->size[b->node.slot] = inner_size(b);
	a->node.up->node.hashed = false;
}

static void lower_root(struct text *t)
{
	struct node *root = t->root;

	t->root = ((struct inner *)root)->child[0];
	t->root->up = NULL;
	t->root->slot = 0;
	t->height--;
	free(root);
}

static void inner_remove(struct text *t, struct inner *in, uint32_t at);

static void inner_tidy(struct text *t, struct inner *in)
{
	struct inner *up = in->node.up;

	if (!up && in->count == 1)
		lower_root(t);
	if (!up || in->count >= FAN_MIN)
		return;
	uint32_t left = in->node.slot ? in->node.slot - 1u : 0;
	struct inner *a = (struct inner *)up->child[left], *b = (struct inner *)up->child[left + 1];
	if (a->count + b->count > FAN) {
		inner_share(a, b);
		return;
	}
	inner_move(a, a->count, b, 0, b->count);
	up->size[left] = inner_size(a);
	inner_remove(t, up, left + 1);
	free(b);
}

static void inner_remove(struct text *t, struct inner *in, uint32_t at)
{
	inner_close(in, at, 1);
	inner_tidy(t, in);
}

static struct place find(const struct text *t, size_t at, enum axis axis)
{
	struct place p = {0};
	struct node *n = t->root;

	for (unsigned h = t->height; h; h--) {
		struct inner *in = (struct inner *)n;
		uint32_t i = 0, last = in->count - 1;
		for (; i < last && at >= (size_t)p.before.n[axis] + in->size[i].n[axis]; i++) {
			for (int a = 0; a < AXES; a++)
				p.before.n[a] += in->size[i].n[a];
		}
		n = in->child[i];
	}
	p.leaf = (struct leaf *)n;
	return p;
}

/* Carries up what was changed in the hot leaf since it was last settled. */
static void settle(struct text *t)
{
	struct node *n = &t->hot.leaf->node;
	struct size now = leaf_size(t->hot.leaf), more;

	if (!n->up)
		return;
	for (int a = 0; a < AXES; a++)
		more.n[a] = now.n[a] - n->up->size[n->slot].n[a]; /* may wrap, and wraps back */
	for (const struct node *m = n; m->up; m = &m->up->node) {
		for (int a = 0; a < AXES; a++)
			m->up->size[m->slot].n[a] += more.n[a];
	}
	for (struct inner *in = n->up; !n->hashed && in && in->node.hashed; in = in->node.up)
		in->node.hashed = false;
}

static bool is_hot(const struct text *t, size_t at, enum axis axis)
{
	/* What is before it wraps to a huge number. */
	return at - t->hot.before.n[axis] < leaf_amount(t->hot.leaf, axis);
}

/*
 * The leaf that holds unit number `at` of an axis, or the last leaf. Settling is no change of the text but of what is known
 * about it, so const callers may have it done.
 */
static struct place place_of(const struct text *t, size_t at, enum axis axis)
{
	if (is_hot(t, at, axis))
		return t->hot;
	settle((struct text *)t);
	return find(t, at, axis);
}

static void heat(struct text *t, size_t pos)
{
	if (is_hot(t, pos, POINTS))
		return;
	settle(t);
	t->hot = find(t, pos, POINTS);
}

/* Building and taking down */

/* Where piece i of pieces made from `total` bytes begins, before rounding to characters: all full, the last not too small. */
static size_t full_cut(size_t total, size_t i)
{
	size_t cut = i * LEAF_FULL;

	return cut + LEAF_MIN > total ? total - LEAF_MIN : cut;
}

static size_t pieces(size_t total)
{
	return total ? (total + LEAF_FULL - 1) / LEAF_FULL : 1;
}

static struct leaf *leaf_load(const char *utf8, size_t bytes)
{
	struct utf8_count count;
	struct leaf *l;

	if (!utf8_check_count(utf8, bytes, &count))
		return NULL;
	l = leaf_new();
	memcpy(l->at, utf8, bytes);
	leaf_fill(l, bytes, count);
	return l;
}

/* Fills row with the leaves of a text; returns how many until something was not valid. */
static size_t load_leaves(struct node **row, size_t count, const char *utf8, size_t bytes)
{
	size_t from = 0, i = 0;

	for (; i < count; i++) {
		size_t to = i + 1 < count ? full_cut(bytes, i + 1) : bytes;
		for (int back = 0; back < 3 && to < bytes && utf8_is_rest(utf8[to]); back++)
			to--;
		struct leaf *l = leaf_load(utf8 + from, to - from);
		if (!l)
			break;
		row[i] = &l->node;
		from = to;
	}
	return i;
}

static struct inner *load_inner(struct node **child, size_t count, unsigned height)
{
	struct inner *in = mem_alloc(sizeof(*in));

	for (size_t i = 0; i < count; i++) {
		in->child[i] = child[i];
		in->size[i] = node_size(child[i], height);
	}
	in->count = (uint32_t)count;
	inner_number(in, 0);
	return in;
}

static struct text *text_of(struct node *root, unsigned height)
{
	struct text *t = mem_alloc(sizeof(*t));
	struct size all = node_size(root, height);

	t->root = root;
	t->height = height;
	t->size = (struct text_size){all.n[BYTES], all.n[POINTS], all.n[LINES]};
	t->hot = find(t, 0, POINTS);
	return t;
}

/* Level by level, until one node is left: the root. */
static struct text *load_tree(struct node **row, size_t count)
{
	unsigned height = 0;

	for (; count > 1; height++) {
		size_t groups = (count + FAN - 1) / FAN;
		for (size_t g = 0; g < groups; g++) {
			size_t from = g * count / groups, to = (g + 1) * count / groups;
			row[g] = &load_inner(row + from, to - from, height)->node;
		}
		count = groups;
	}
	return text_of(row[0], height);
}

struct text *text_create(void)
{
	return text_of(&leaf_new()->node, 0);
}

enum err text_load(struct text **out, const char *utf8, size_t bytes)
{
	size_t count = pieces(bytes), loaded;
	struct node **row;

	if (bytes > TEXT_MAX_BYTES)
		return ERR_LIMIT;
	row = mem_realloc(NULL, count, sizeof(*row));
	loaded = load_leaves(row, count, bytes ? utf8 : "", bytes);
	if (loaded == count)
		*out = load_tree(row, count);
	for (size_t i = 0; loaded < count && i < loaded; i++)
		free(row[i]);
	free(row);
	return loaded == count ? ERR_NONE : ERR_UTF8;
}

static struct node *node_copy(const struct node *n, unsigned height)
{
	size_t bytes = height ? sizeof(struct inner) : sizeof(struct leaf);
	struct node *copy = mem_realloc(NULL, 1, bytes);
	struct inner *in = (struct inner *)copy;

	memcpy(copy, n, bytes);
	copy->up = NULL;
	for (uint32_t i = 0; height && i < in->count; i++) {
		in->child[i] = node_copy(in->child[i], height - 1);
		in->child[i]->up = in;
	}
	return copy;
}

struct text *text_copy(const struct text *t)
{
	settle((struct text *)t);
	return text_of(node_copy(t->root, t->height), t->height);
}

static void node_free(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;

	for (uint32_t i = 0; height && i < in->count; i++)
		node_free(in->child[i], height - 1);
	free(n);
}

void text_destroy(struct text *t)
{
	if (!t)
		return;
	node_free(t->root, t->height);
	buf_fini(&t->cut);
	free(t);
}

struct text_size text_size(const struct text *t)
{
	return t->size;
}

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
	size_t total = join[2].to, count = pieces(total), from = 0;

	for (size_t i = 1; i <= count; i++) {
		size_t cut = halves && count == 2 ? total / 2 : full_cut(total, i);
		size_t to = i < count ? join_round(join, cut) : total;
		struct leaf *next = from ? leaf_new() : l;
		leaf_write(next, join, from, to);
		if (next != l)
			leaf_insert(t, l, next);
		refresh(&next->node, leaf_size(next));
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

	settle(t);
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
	t->hot = find(t, t->hot.before.n[POINTS] + points + count.points - 1, POINTS);
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
		heat(t, pos ? pos - 1 : 0);
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
	inner_remove(t, up, b->node.slot);
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
	refresh(&b->node, leaf_size(b));
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
	settle(t);
	if (both <= LEAF_BYTES)
		leaf_merge(t, a, b);
	else
		leaf_share(a, b);
	refresh(&a->node, leaf_size(a));
	t->hot = find(t, t->hot.before.n[POINTS], POINTS);
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
		heat(t, pos);
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
	struct place p = place_of(t, line, LINES);
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
	struct place p = place_of(t, pos, POINTS);
	size_t byte = leaf_offset(p.leaf, pos - p.before.n[POINTS]);
	return p.before.n[LINES] + leaf_count(p.leaf, byte).lines;
}

size_t text_byte_at(const struct text *t, size_t pos)
{
	if (pos >= t->size.points)
		return t->size.bytes;
	struct place p = place_of(t, pos, POINTS);
	return p.before.n[BYTES] + leaf_offset(p.leaf, pos - p.before.n[POINTS]);
}

size_t text_pos_at(const struct text *t, size_t byte)
{
	if (byte >= t->size.bytes)
		return t->size.points;
	struct place p = place_of(t, byte, BYTES);
	size_t in = byte - p.before.n[BYTES];
	const char *at =
		in < p.leaf->head ? p.leaf->at + in : leaf_tail(p.leaf) + (in - p.leaf->head);
	for (; utf8_is_rest(*at); at--)
		in--;
	return p.before.n[POINTS] + leaf_count(p.leaf, in).points;
}

/* Reading */

static const struct leaf *leaf_beside(const struct leaf *l, bool behind)
{
	const struct node *n = &l->node;
	unsigned down = 0;

	while (n->up && n->slot == (behind ? n->up->count - 1 : 0)) {
		n = &n->up->node;
		down++;
	}
	if (!n->up)
		return NULL;
	for (n = n->up->child[behind ? n->slot + 1 : n->slot - 1]; down; down--) {
		const struct inner *in = (const struct inner *)n;
		n = in->child[behind ? 0 : in->count - 1];
	}
	return (const struct leaf *)n;
}

/* Part 0 is what is before the gap, part 1 what is behind it. */
static void iter_enter(struct text_iter *it, const struct leaf *l, size_t part)
{
	it->leaf = l;
	it->part = part;
	it->run = part ? leaf_tail(l) : l->at;
	it->end = it->run + (part ? l->tail : l->head);
}

struct text_iter text_iter(const struct text *t, size_t pos)
{
	struct text_iter it = {.text = t, .pos = pos < t->size.points ? pos : t->size.points};
	struct place p = place_of(t, it.pos, POINTS);
	size_t byte = leaf_offset(p.leaf, it.pos - p.before.n[POINTS]);
	bool part = byte >= p.leaf->head;

	iter_enter(&it, p.leaf, part);
	it.at = it.run + (part ? byte - p.leaf->head : byte);
	return it;
}

static bool iter_forward(struct text_iter *it)
{
	const struct leaf *l = it->part ? leaf_beside(it->leaf, true) : it->leaf;

	if (!l)
		return false;
	iter_enter(it, l, !it->part);
	it->at = it->run;
	return true;
}

static bool iter_backward(struct text_iter *it)
{
	const struct leaf *l = it->part ? it->leaf : leaf_beside(it->leaf, false);

	if (!l)
		return false;
	iter_enter(it, l, !it->part);
	it->at = it->end;
	return true;
}

bool text_iter_next(struct text_iter *it, uint32_t *point)
{
	size_t width;

	while (it->at == it->end) {
		if (!iter_forward(it))
			return false;
	}
	*point = (unsigned char)*it->at;
	width = 1;
	if (*point >= 0x80)
		*point = utf8_decode(it->at, &width);
	it->at += width;
	it->pos++;
	return true;
}

bool text_iter_prev(struct text_iter *it, uint32_t *point)
{
	size_t width;

	while (it->at == it->run) {
		if (!iter_backward(it))
			return false;
	}
	do
		it->at--;
	while (utf8_is_rest(*it->at));
	*point = utf8_decode(it->at, &width);
	it->pos--;
	return true;
}

bool text_iter_run(struct text_iter *it, const char **at, size_t *bytes)
{
	while (it->at == it->end) {
		if (!iter_forward(it))
			return false;
	}
	const struct leaf *l = it->leaf;
	*at = it->at;
	*bytes = (size_t)(it->end - it->at);
	if (it->at == it->run)
		it->pos += it->part ? l->tail_points : l->head_points;
	else
		it->pos += utf8_count(*at, *bytes).points;
	it->at = it->end;
	return true;
}

/* Bytes of the next `points` characters of this run, or of all that it has; *points is less by those. */
static size_t run_bytes(const struct text_iter *it, size_t *points)
{
	size_t left = (size_t)(it->end - it->at), bytes = 0;

	if (leaf_bytes(it->leaf) == leaf_points(it->leaf)) {
		bytes = *points < left ? *points : left;
		*points -= bytes;
		return bytes;
	}
	for (; *points && bytes < left; --*points)
		bytes += utf8_width(it->at[bytes]);
	return bytes;
}

size_t text_read(const struct text *t, size_t pos, size_t points, char *out)
{
	struct text_iter it = text_iter(t, pos);
	size_t done = 0;

	do {
		size_t bytes = run_bytes(&it, &points);
		if (bytes == 1)
			out[done] = *it.at;
		else
			memcpy(out + done, it.at, bytes);
		done += bytes;
	} while (points && iter_forward(&it));
	return done;
}

char *text_slice(const struct text *t, size_t pos, size_t points, size_t *bytes)
{
	size_t from = text_byte_at(t, pos), room = pos < t->size.points ? t->size.points - pos : 0;
	size_t len = text_byte_at(t, pos + (points < room ? points : room)) - from, done = 0, run;
	struct text_iter it = text_iter(t, pos);
	char *out = mem_realloc(NULL, len + 1, 1);

	for (const char *at; done < len && text_iter_run(&it, &at, &run); done += run) {
		if (run > len - done)
			run = len - done;
		memcpy(out + done, at, run);
	}
	out[len] = '\0';
	if (bytes)
		*bytes = len;
	return out;
}

bool text_equal(const struct text *a, const struct text *b)
{
	struct text_iter left = text_iter(a, 0), right = text_iter(b, 0);
	const char *p = NULL, *q = NULL;
	size_t m = 0, n = 0;

	if (a->size.bytes != b->size.bytes)
		return false;
	while ((m || text_iter_run(&left, &p, &m)) && (n || text_iter_run(&right, &q, &n))) {
		size_t both = m < n ? m : n;
		if (memcmp(p, q, both) != 0)
			return false;
		p += both;
		q += both;
		m -= both;
		n -= both;
	}
	return true;
}

/* The hash: h(ab) = h(a) * HASH_BASE^|b| + h(b) */

static uint64_t fold(wide x)
{
	uint64_t once = (uint64_t)(x & HASH_PRIME) + (uint64_t)(x >> 61);
	uint64_t twice = (once & HASH_PRIME) + (once >> 61);

	return twice >= HASH_PRIME ? twice - HASH_PRIME : twice;
}

static uint64_t hash_power(size_t exponent)
{
	uint64_t power = 1;

	for (uint64_t square = HASH_BASE; exponent; exponent >>= 1) {
		if (exponent & 1)
			power = fold((wide)power * square);
		square = fold((wide)square * square);
	}
	return power;
}

static uint64_t hash_pair(const unsigned char *at)
{
	return (at[0] + 1u) * HASH_BASE + at[1] + 1u;
}

/* Eight bytes at a time: their products need not wait for each other. */
static uint64_t hash_bytes(uint64_t h, const char *bytes, size_t len)
{
	const unsigned char *at = (const unsigned char *)bytes;
	const uint64_t p2 = hash_power(2), p4 = hash_power(4), p6 = hash_power(6),
		       p8 = hash_power(8);

	for (; len >= 8; len -= 8, at += 8) {
		h = fold((wide)h * p8 + (wide)hash_pair(at) * p6 + (wide)hash_pair(at + 2) * p4 +
			 (wide)hash_pair(at + 4) * p2 + hash_pair(at + 6));
	}
	for (; len; len--, at++)
		h = fold((wide)h * HASH_BASE + *at + 1u);
	return h;
}

static void leaf_hash(struct leaf *l)
{
	l->node.hash = hash_bytes(hash_bytes(0, l->at, l->head), leaf_tail(l), l->tail);
	l->node.power = hash_power(leaf_bytes(l));
	l->node.hashed = true;
}

/* From children that are hashed. */
static void inner_hash(struct inner *in)
{
	uint64_t hash = 0, power = 1;

	for (uint32_t i = 0; i < in->count; i++) {
		hash = fold((wide)hash * in->child[i]->power + in->child[i]->hash);
		power = fold((wide)power * in->child[i]->power);
	}
	in->node.hash = hash;
	in->node.power = power;
	in->node.hashed = true;
}

static void node_hash(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;

	if (n->hashed)
		return;
	if (!height) {
		leaf_hash((struct leaf *)n);
		return;
	}
	for (uint32_t i = 0; i < in->count; i++)
		node_hash(in->child[i], height - 1);
	inner_hash(in);
}

uint64_t text_hash(const struct text *t)
{
	settle((struct text *)t);
	node_hash(t->root, t->height);
	return t->root->hash;
}

/* Proof */

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool same_size(struct size a, struct size b)
{
	return a.n[BYTES] == b.n[BYTES] && a.n[POINTS] == b.n[POINTS] && a.n[LINES] == b.n[LINES];
}

static struct size verify_leaf(const struct leaf *l)
{
	struct utf8_count head = utf8_count(l->at, l->head),
			  tail = utf8_count(leaf_tail(l), l->tail);

	must(leaf_bytes(l) <= LEAF_BYTES);
	must(leaf_bytes(l) >= LEAF_MIN || !l->node.up);
	must(utf8_check(l->at, l->head, NULL) && utf8_check(leaf_tail(l), l->tail, NULL));
	must(head.points == l->head_points && tail.points == l->tail_points);
	must(head.lines + tail.lines == l->lines);
	return leaf_size(l);
}

static void verify_hash(struct node *n, unsigned height)
{
	struct node was = *n;

	if (!n->hashed)
		return;
	for (uint32_t i = 0; height && i < ((struct inner *)n)->count; i++)
		must(((struct inner *)n)->child[i]->hashed);
	if (height)
		inner_hash((struct inner *)n);
	else
		leaf_hash((struct leaf *)n);
	must(was.hash == n->hash && was.power == n->power);
}

static struct size verify_node(struct node *n, unsigned height)
{
	struct inner *in = (struct inner *)n;
	struct size size;

	if (height) {
		must(in->count <= FAN && in->count >= (n->up ? FAN_MIN : 2));
		for (uint32_t i = 0; i < in->count; i++) {
			must(in->child[i]->up == in && in->child[i]->slot == i);
			must(same_size(verify_node(in->child[i], height - 1), in->size[i]));
		}
		size = inner_size(in);
	} else {
		size = verify_leaf((struct leaf *)n);
	}
	verify_hash(n, height);
	return size;
}

void text_verify(const struct text *t)
{
	const struct place *hot = &t->hot;
	struct size all;

	settle((struct text *)t);
	all = verify_node(t->root, t->height);
	must(!t->root->up);
	must(all.n[BYTES] == t->size.bytes && all.n[POINTS] == t->size.points &&
		all.n[LINES] == t->size.lines);
	struct place found = find(t, hot->before.n[POINTS], POINTS);
	must(found.leaf == hot->leaf && same_size(found.before, hot->before));
}
