/*
 * The laws of differences, on random sequences and texts:
 *
 * - what myers_mark leaves unmarked is one sequence, as long as the longest common one that a table of all of them finds, or shorter
 *   where the budget ran out; it never spends more than that;
 * - op_diff makes the one text into the other, in normal form, and is the identity only where they are equal;
 * - lines that stand once in both texts, in one order, keep every character, whatever became of the lines between them;
 * - what takes long to compare is still told rightly.
 */
#include "ot/diff.h"
#include "ot/myers.h"
#include "tests/laws/gaps.h"

#define MOST_NUMBERS 40
#define MOST_LINES   30

/* ---- sequences ---- */

static size_t random_numbers(struct choice *c, uint32_t *out)
{
	size_t count = pick(c, MOST_NUMBERS), kinds = 1 + pick(c, 6);

	for (size_t i = 0; i < count; i++)
		out[i] = (uint32_t)pick(c, kinds);
	return count;
}

static size_t longest_common(const uint32_t *a, size_t n, const uint32_t *b, size_t m)
{
	size_t best[MOST_NUMBERS + 1][MOST_NUMBERS + 1] = {0};

	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			size_t skip =
				best[i - 1][j] > best[i][j - 1] ? best[i - 1][j] : best[i][j - 1];
			best[i][j] = a[i - 1] == b[j - 1] ? best[i - 1][j - 1] + 1 : skip;
		}
	return best[n][m];
}

/* How many are common; they must be the same in both. */
static size_t unmarked(struct choice *c, const uint32_t *a, size_t n, const bool *gone,
	const uint32_t *b, size_t m, const bool *fresh)
{
	size_t j = 0, common = 0;

	for (size_t i = 0; i < n; i++) {
		if (gone[i])
			continue;
		while (j < m && fresh[j])
			j++;
		LAW(c, j < m && a[i] == b[j]);
		j++;
		common++;
	}
	while (j < m && fresh[j])
		j++;
	LAW(c, j == m);
	return common;
}

static void myers_law(struct choice *c)
{
	uint32_t a[MOST_NUMBERS], b[MOST_NUMBERS];
	size_t n = random_numbers(c, a), m = random_numbers(c, b);
	bool gone[MOST_NUMBERS] = {0}, fresh[MOST_NUMBERS] = {0};
	bool less_gone[MOST_NUMBERS] = {0}, less_fresh[MOST_NUMBERS] = {0};
	size_t budget = pick(c, 300), common;

	myers_mark(a, n, b, m, gone, fresh, 1 << 20);
	common = unmarked(c, a, n, gone, b, m, fresh);
	LAW(c, common == longest_common(a, n, b, m));
	LAW(c, myers_mark(a, n, b, m, less_gone, less_fresh, budget) <= budget);
	LAW(c, unmarked(c, a, n, less_gone, b, m, less_fresh) <= common);
}

/* ---- texts ---- */

static void add_line(struct choice *c, struct plain *p, uint32_t number)
{
	for (size_t n = pick(c, 4); n; n--)
		plain_add(p, pick(c, 2) ? 'a' : 0x1f600);
	plain_add(p, 0x4e00 + number);
	plain_add(p, '\n');
}

static struct op check_diff(struct choice *c, const struct plain *from, const struct plain *to)
{
	struct text *a = plain_text(from), *b = plain_text(to);
	struct op diff = op_diff(a, b);

	check_normal(c, &diff);
	LAW(c, op_is_identity(&diff) == plain_equal(from, to));
	LAW(c, op_apply(&diff, a) == ERR_NONE && text_equal(a, b));
	text_destroy(a);
	text_destroy(b);
	return diff;
}

static void any_texts_law(struct choice *c)
{
	struct plain from = {0}, to = {0};

	for (size_t n = pick(c, 8); n; n--)
		add_line(c, &from, (uint32_t)pick(c, 3));
	for (size_t n = pick(c, 8); n; n--)
		add_line(c, &to, (uint32_t)pick(c, 3));
	from.len -= from.len && pick(c, 2); /* the last line has an end, or not */
	to.len -= to.len && pick(c, 2);
	struct op diff = check_diff(c, &from, &to);
	op_fini(&diff);
	plain_fini(&from);
	plain_fini(&to);
}

/* Which characters of a text of `points` the op drops. Owned. */
static bool *dropped_by(const struct op *op, size_t points)
{
	bool *dropped = mem_alloc(points + 1);
	struct op_iter it = op_iter(op);
	size_t at = 0;

	for (struct op_component part; op_next(&it, &part);) {
		for (size_t i = 0; part.kind == OP_DELETE && i < part.points; i++)
			dropped[at + i] = true;
		at += part.kind == OP_INSERT ? 0 : part.points;
	}
	return dropped;
}

/* Each line has a number of its own, so both texts have it once; between them anything may come and go. */
static void kept_lines_law(struct choice *c)
{
	struct plain from = {0}, to = {0}, line;
	size_t starts[MOST_LINES], ends[MOST_LINES], kept = 0;

	for (size_t i = 0; i < MOST_LINES; i++) {
		line = (struct plain){0};
		add_line(c, &line, (uint32_t)(100 + i));
		bool stays = pick(c, 3) > 0;
		starts[kept] = from.len;
		if (stays || pick(c, 2))
			add_all(&from, &line);
		ends[kept] = from.len;
		kept += stays;
		if (stays)
			add_all(&to, &line);
		else if (pick(c, 2))
			add_line(c, &to, (uint32_t)(200 + i));
		plain_fini(&line);
	}
	struct op diff = check_diff(c, &from, &to);
	bool *dropped = dropped_by(&diff, from.len);
	for (size_t i = 0; i < kept; i++)
		for (size_t at = starts[i]; at < ends[i]; at++)
			LAW(c, !dropped[at]);
	free(dropped);
	op_fini(&diff);
	plain_fini(&from);
	plain_fini(&to);
}

/* ---- what takes long ---- */

#define MANY 60000

static uint32_t random_bit(struct choice *c, size_t i)
{
	return i % 7 == 6 && !pick(c, 2) ? '\n' : 'a' + (uint32_t)pick(c, 2);
}

static uint32_t one_line(struct choice *c, size_t i)
{
	(void)i;
	return 'a' + (uint32_t)pick(c, 2);
}

static uint32_t empty_lines(struct choice *c, size_t i)
{
	(void)i;
	return pick(c, 3) ? '\n' : 'a';
}

static void large_law(struct choice *c)
{
	static uint32_t (*const kinds[])(struct choice * c, size_t i) = {
		random_bit, one_line, empty_lines};

	for (size_t kind = 0; kind < sizeof(kinds) / sizeof(kinds[0]); kind++) {
		struct plain from = {0}, to = {0};
		for (size_t i = 0; i < MANY; i++) {
			plain_add(&from, kinds[kind](c, i));
			plain_add(&to, kinds[kind](c, i));
		}
		struct op diff = check_diff(c, &from, &to);
		op_fini(&diff);
		plain_fini(&from);
		plain_fini(&to);
	}
}

static void diff_law(struct choice *c)
{
	myers_law(c);
	any_texts_law(c);
	kept_lines_law(c);
	if (c->seed == 1)
		large_law(c);
}

int main(void)
{
	return laws_run(4000, diff_law);
}
