/*
 * The laws of histories: whatever was done is done again, also when it was saved on the way; and bytes that are not a history do no
 * harm.
 */
#include "tests/laws/choice.h"
#include "tests/laws/plain.h"

#include "ot/history.h"

static void insert_letters(struct choice *c, struct op *op, size_t n)
{
	for (; n; n--) {
		char utf8[4];
		op_insert(op, utf8, utf8_encode(pick(c, 2) ? 'a' : 0x3b1, utf8));
	}
}

/* Mostly where the last one was, as people do. */
static struct op next_op(struct choice *c, size_t *caret, size_t len)
{
	size_t at = pick(c, 4) && *caret <= len ? *caret : pick(c, len + 1);
	size_t drop = pick(c, 3) ? 0 : pick(c, 4), back = drop && pick(c, 2) ? drop : 0;
	struct op op = {0};

	at -= back < at ? back : at;
	drop = drop < len - at ? drop : len - at;
	op_retain(&op, at);
	op_delete(&op, drop);
	*caret = at;
	if (!drop || pick(c, 4) == 0) {
		size_t n = 1 + pick(c, 3);
		insert_letters(c, &op, n);
		*caret += n;
	}
	return op;
}

static void check(
	struct choice *c, struct history *h, const struct plain *base, const struct plain *want)
{
	struct text *text = plain_text(base), *spoilt = plain_text(base);
	struct buf out = {0};

	history_save(h, &out);
	LAW(c, history_replay(out.at, out.len, text) == ERR_NONE);
	LAW(c, plain_is(want, text));
	out.at[pick(c, out.len)] ^= (char)(1 + pick(c, 255));
	history_replay(out.at, out.len - pick(c, 2), spoilt);
	text_verify(spoilt);
	text_destroy(text);
	text_destroy(spoilt);
	buf_fini(&out);
}

static void law(struct choice *c)
{
	struct plain base = {0}, now;
	struct history h = {0};
	size_t caret = 0;

	for (size_t n = pick(c, 20); n; n--)
		plain_add(&base, 'A');
	now = plain_copy(&base);
	for (size_t n = pick(c, 60); n; n--) {
		struct op op = next_op(c, &caret, now.len);
		history_add(&h, &op);
		plain_apply(&now, &op);
		op_fini(&op);
		if (pick(c, 20) == 0)
			check(c, &h, &base, &now);
	}
	check(c, &h, &base, &now);
	history_fini(&h);
	plain_fini(&base);
	plain_fini(&now);
}

int main(void)
{
	return laws_run(4000, law);
}
