#include "src/client/tidy.h"

/* Does it put something there? Of a place in the text that it gives. */
static bool inserts_at(const struct op *op, size_t pos)
{
	struct op_iter it = op_iter(op);
	size_t at = 0;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind == OP_INSERT && pos >= at && pos < at + c.points)
			return true;
		at += c.kind == OP_DELETE ? 0 : c.points;
	}
	return false;
}

static bool inserts(const struct op *op)
{
	struct op_iter it = op_iter(op);
	struct op_component c = {.kind = OP_RETAIN};

	while (c.kind != OP_INSERT && op_next(&it, &c))
		;
	return c.kind == OP_INSERT;
}

static bool ends_twice(const struct text *text)
{
	struct text_iter it = text_iter(text, text_size(text).points);
	uint32_t last, before;

	return text_iter_prev(&it, &last) && text_iter_prev(&it, &before) && last == '\n' &&
	       before == '\n';
}

/* The newest own edit that the server is known to have. */
static uint64_t acked(const struct replica *replica)
{
	uint64_t waiting = replica_unacked(replica) - !replica_all_sent(replica);

	return replica_seq(replica) - waiting;
}

void tidy_did(struct tidy *tidy, const struct replica *replica, const struct op *op)
{
	if (inserts(op))
		tidy->seq = replica_seq(replica) + 1; /* it is in the buffer */
}

/* Of two newlines at the end one has just come from somebody else: where the other one is. */
static bool own_newline(const struct text *text, const struct op *shown, size_t *pos)
{
	size_t end = text_size(text).points;

	if (!ends_twice(text))
		return false;
	bool last = inserts_at(shown, end - 1), before = inserts_at(shown, end - 2);
	*pos = last ? end - 2 : end - 1;
	return last != before;
}

struct op tidy_heard(struct tidy *tidy, const struct replica *replica, const struct op *shown)
{
	struct op op = {0};
	size_t pos;

	if (tidy->seq <= acked(replica))
		tidy->seq = 0;
	if (!tidy->seq || !own_newline(replica_text(replica), shown, &pos))
		return op;
	tidy->seq = 0;
	op_retain(&op, pos);
	op_delete(&op, 1);
	return op;
}
