#include "net/canon.h"

#include "ot/utf8.h"

static bool canon_follows(const struct canon *canon, enum op_kind kind)
{
	if (!canon->begun)
		return true;
	return canon->last != kind && !(canon->last == OP_DELETE && kind == OP_INSERT);
}

static enum err canon_insert(struct canon *canon, uint64_t bytes, const char *text)
{
	if (bytes > OP_MAX_POINTS - op_bytes(canon->op))
		return ERR_LIMIT;
	if (!utf8_check(text, (size_t)bytes, NULL))
		return ERR_UTF8;
	op_insert(canon->op, text, (size_t)bytes);
	return ERR_NONE;
}

static enum err canon_move(struct canon *canon, enum op_kind kind, uint64_t points)
{
	if (points > OP_MAX_POINTS - canon->base)
		return ERR_LIMIT;
	canon->base += (size_t)points;
	if (kind == OP_RETAIN)
		op_retain(canon->op, (size_t)points);
	else
		op_delete(canon->op, (size_t)points);
	return ERR_NONE;
}

enum err canon_add(struct canon *canon, enum op_kind kind, uint64_t n, const char *text)
{
	if (n == 0 || !canon_follows(canon, kind))
		return ERR_FORM;
	canon->begun = true;
	canon->last = kind;
	return kind == OP_INSERT ? canon_insert(canon, n, text) : canon_move(canon, kind, n);
}

enum err canon_end(const struct canon *canon)
{
	return canon->begun && canon->last == OP_RETAIN ? ERR_FORM : ERR_NONE;
}
