#include "ot/diff.h"

#include <stdlib.h>
#include <string.h>

#include "ot/mem.h"
#include "ot/myers.h"
#include "ot/utf8.h"

struct line {
	const char *at;
	size_t len;
};

/* One of the two texts, between what they begin and end with alike: whole lines. */
struct side {
	char *bytes;
	size_t len;
	struct line *lines;
	uint32_t *ids; /* the same number: the same line */
	bool *marks;   /* the other side does not have it */
	size_t count;
};

/* ---- lines ---- */

static void cut_lines(struct side *side)
{
	const char *at = side->bytes, *end = at + side->len;
	size_t cap = 0;

	while (at < end) {
		const char *newline = memchr(at, '\n', (size_t)(end - at));
		size_t len = (size_t)((newline ? newline + 1 : end) - at);
		side->lines = mem_grow(side->lines, &cap, side->count + 1, sizeof(*side->lines));
		side->lines[side->count++] = (struct line){at, len};
		at += len;
	}
	side->ids = mem_alloc((side->count + 1) * sizeof(*side->ids));
	side->marks = mem_alloc((side->count + 1) * sizeof(*side->marks));
}

static void side_fini(struct side *side)
{
	free(side->bytes);
	free(side->lines);
	free(side->ids);
	free(side->marks);
}

/* A line on its way to its number. The hash makes most comparisons short; nothing else depends on it. */
struct entry {
	uint64_t hash;
	struct line line;
	uint32_t *id;
};

static uint64_t hash_of(const struct line *line)
{
	uint64_t hash = 0;

	for (size_t i = 0; i < line->len; i++)
		hash = hash * 1000000007 + (unsigned char)line->at[i] + 1;
	return hash;
}

static int compare_entries(const void *left, const void *right)
{
	const struct entry *a = left, *b = right;

	if (a->hash != b->hash)
		return a->hash < b->hash ? -1 : 1;
	if (a->line.len != b->line.len)
		return a->line.len < b->line.len ? -1 : 1;
	return memcmp(a->line.at, b->line.at, a->line.len);
}

static struct entry *add_entries(struct entry *out, const struct side *side)
{
	for (size_t i = 0; i < side->count; i++)
		*out++ = (struct entry){hash_of(&side->lines[i]), side->lines[i], &side->ids[i]};
	return out;
}

/* By sorting, so that no choice of lines makes it slow. Gives how many different ones there are. */
static size_t number_lines(struct side *a, struct side *b)
{
	size_t count = a->count + b->count;
	struct entry *entries = mem_alloc((count + 1) * sizeof(*entries));
	uint32_t id = 0;

	add_entries(add_entries(entries, a), b);
	qsort(entries, count, sizeof(*entries), compare_entries);
	for (size_t i = 0; i < count; i++) {
		id += i && compare_entries(&entries[i - 1], &entries[i]) != 0;
		*entries[i].id = id;
	}
	free(entries);
	return (size_t)id + 1;
}

/* ---- anchors: lines that both have once, as many as stand in one order ---- */

#define NONE SIZE_MAX

struct anchor_line {
	size_t a, b;
	size_t before; /* the anchor before it in the best row that ends with it; NONE: it is the first */
};

/* Where each line stands in this side: NONE for those that do not, or more than once. */
static size_t *places_of_unique(const struct side *side, size_t ids)
{
	size_t *places = mem_alloc(ids * sizeof(*places));
	bool *met = mem_alloc(ids * sizeof(*met));

	for (size_t id = 0; id < ids; id++)
		places[id] = NONE;
	for (size_t i = 0; i < side->count; i++) {
		places[side->ids[i]] = met[side->ids[i]] ? NONE : i;
		met[side->ids[i]] = true;
	}
	free(met);
	return places;
}

/* In the order of a. */
static struct anchor_line *find_candidates(
	const struct side *a, const struct side *b, size_t ids, size_t *count)
{
	size_t *in_a = places_of_unique(a, ids), *in_b = places_of_unique(b, ids);
	struct anchor_line *out = mem_alloc((a->count + 1) * sizeof(*out));

	*count = 0;
	for (size_t i = 0; i < a->count; i++)
		if (in_a[a->ids[i]] == i && in_b[a->ids[i]] != NONE)
			out[(*count)++] = (struct anchor_line){i, in_b[a->ids[i]], NONE};
	free(in_a);
	free(in_b);
	return out;
}

/* How many of these rows, each a step longer than the one before, end before place b? */
static size_t rows_before(const struct anchor_line *all, const size_t *ends, size_t rows, size_t b)
{
	size_t low = 0;

	while (low < rows) {
		size_t middle = (low + rows) / 2;
		if (all[ends[middle]].b < b)
			low = middle + 1;
		else
			rows = middle;
	}
	return low;
}

/* The longest row that rises in b as well: its last, from which `before` leads back. */
static size_t longest_row(struct anchor_line *all, size_t count)
{
	size_t *ends = mem_alloc((count + 1) * sizeof(*ends)), rows = 0, last;

	for (size_t i = 0; i < count; i++) {
		size_t row = rows_before(all, ends, rows, all[i].b);
		all[i].before = row ? ends[row - 1] : NONE;
		ends[row] = i;
		rows += row == rows;
	}
	last = rows ? ends[rows - 1] : NONE;
	free(ends);
	return last;
}

static size_t mark_between(
	struct side *a, size_t a0, size_t a1, struct side *b, size_t b0, size_t b1, size_t budget)
{
	return myers_mark(
		a->ids + a0, a1 - a0, b->ids + b0, b1 - b0, a->marks + a0, b->marks + b0, budget);
}

/* From the last anchor to the first. */
static void mark_lines(struct side *a, struct side *b)
{
	size_t count, a_end = a->count, b_end = b->count, budget = DIFF_STEPS;
	struct anchor_line *all = find_candidates(a, b, number_lines(a, b), &count);

	for (size_t i = longest_row(all, count); i != NONE; i = all[i].before) {
		budget = mark_between(a, all[i].a + 1, a_end, b, all[i].b + 1, b_end, budget);
		a_end = all[i].a;
		b_end = all[i].b;
	}
	mark_between(a, 0, a_end, b, 0, b_end, budget);
	free(all);
}

/* ---- characters ---- */

/* `drop` characters of a become `add` of b; then `keep` are the same. */
struct run {
	size_t drop, add, keep;
};

struct runs {
	struct run *at;
	size_t count, cap;
};

static size_t size_of(const struct run *run)
{
	return run->drop > run->add ? run->drop : run->add;
}

/* Is what lies between two changes smaller than both? */
static bool is_chance(const struct run *left, const struct run *right)
{
	return left->keep <= size_of(left) && left->keep <= size_of(right);
}

static void add_run(struct runs *runs, struct run run)
{
	while (runs->count && is_chance(&runs->at[runs->count - 1], &run)) {
		const struct run *left = &runs->at[--runs->count];
		run.drop += left->drop + left->keep;
		run.add += left->add + left->keep;
	}
	runs->at = mem_grow(runs->at, &runs->cap, runs->count + 1, sizeof(run));
	runs->at[runs->count++] = run;
}

static struct runs runs_of(const bool *gone, size_t n, const bool *fresh, size_t m)
{
	struct runs runs = {0};
	size_t i = 0, j = 0;

	while (i < n || j < m) {
		struct run run = {0};
		while (i < n && gone[i])
			i++, run.drop++;
		while (j < m && fresh[j])
			j++, run.add++;
		while (i < n && j < m && !gone[i] && !fresh[j])
			i++, j++, run.keep++;
		add_run(&runs, run);
	}
	return runs;
}

static uint32_t *decode(struct line bytes, size_t *count)
{
	uint32_t *points = mem_alloc((bytes.len + 1) * sizeof(*points));

	*count = 0;
	for (size_t i = 0, width; i < bytes.len; i += width)
		points[(*count)++] = utf8_decode(bytes.at + i, &width);
	return points;
}

static void replace_points(struct op *op, struct line *b, const struct run *run)
{
	size_t add = utf8_offset(b->at, b->len, run->add);
	size_t keep = utf8_offset(b->at + add, b->len - add, run->keep);

	op_insert(op, b->at, add);
	op_delete(op, run->drop);
	op_retain(op, run->keep);
	b->at += add + keep;
	b->len -= add + keep;
}

/* The lines of a become those of b. Gives what is left of the budget. */
static size_t replace_lines(struct op *op, struct line a, struct line b, size_t budget)
{
	size_t n, m;
	uint32_t *was = decode(a, &n), *is = decode(b, &m);
	bool *gone = mem_alloc(n + m + 1), *fresh = gone + n;

	budget = myers_mark(was, n, is, m, gone, fresh, budget);
	struct runs runs = runs_of(gone, n, fresh, m);
	for (size_t i = 0; i < runs.count; i++)
		replace_points(op, &b, &runs.at[i]);
	free(runs.at);
	free(gone);
	free(was);
	free(is);
	return budget;
}

/* ---- both ---- */

/* Lines from *i on that only this side has, as one; moves *i behind them. */
static struct line take_marked(const struct side *side, size_t *i)
{
	struct line taken = {.at = *i < side->count ? side->lines[*i].at : ""};

	for (; *i < side->count && side->marks[*i]; ++*i)
		taken.len += side->lines[*i].len;
	return taken;
}

static void put_lines(struct op *op, struct side *a, struct side *b)
{
	size_t i = 0, j = 0, budget = DIFF_STEPS;

	mark_lines(a, b);
	while (i < a->count || j < b->count) {
		struct line was = take_marked(a, &i), is = take_marked(b, &j);
		if (was.len || is.len)
			budget = replace_lines(op, was, is, budget);
		for (; i < a->count && j < b->count && !a->marks[i] && !b->marks[j]; i++, j++)
			op_retain(op, utf8_count(a->lines[i].at, a->lines[i].len).points);
	}
}

static size_t common_prefix(const struct text *a, const struct text *b)
{
	struct text_iter x = text_iter(a, 0), y = text_iter(b, 0);
	size_t points = 0;

	for (uint32_t p, q; text_iter_next(&x, &p) && text_iter_next(&y, &q) && p == q;)
		points++;
	return points;
}

static size_t common_suffix(const struct text *a, const struct text *b, size_t most)
{
	struct text_iter x = text_iter(a, text_size(a).points);
	struct text_iter y = text_iter(b, text_size(b).points);
	size_t points = 0;

	for (uint32_t p, q; points < most && text_iter_prev(&x, &p) && text_iter_prev(&y, &q);) {
		if (p != q)
			break;
		points++;
	}
	return points;
}

static bool begins_line(const struct text *text, size_t pos)
{
	return text_line_start(text, text_line_at(text, pos)) == pos;
}

/* How much of a common end that begins at a and b is the rest of a line that began before. */
static size_t rest_of_line(const struct text *from, size_t a, const struct text *to, size_t b)
{
	size_t end = text_line_end(from, text_line_at(from, a));

	if (begins_line(from, a) && begins_line(to, b))
		return 0;
	return end - a + (end < text_size(from).points);
}

static struct side side_of(const struct text *text, size_t start, size_t end)
{
	struct side side = {0};

	side.bytes = text_slice(text, start, end - start, &side.len);
	cut_lines(&side);
	return side;
}

struct op op_diff(const struct text *from, const struct text *to)
{
	size_t a_end = text_size(from).points, b_end = text_size(to).points;
	size_t start = common_prefix(from, to);
	size_t suffix = common_suffix(from, to, (a_end < b_end ? a_end : b_end) - start);
	size_t rest = rest_of_line(from, a_end - suffix, to, b_end - suffix);
	struct op op = {0};

	if (start == a_end && start == b_end)
		return op;
	start = text_line_start(from, text_line_at(from, start));
	a_end -= suffix - rest;
	b_end -= suffix - rest;
	struct side a = side_of(from, start, a_end), b = side_of(to, start, b_end);
	op_retain(&op, start);
	put_lines(&op, &a, &b);
	side_fini(&a);
	side_fini(&b);
	return op;
}
