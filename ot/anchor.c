#include "ot/anchor.h"

void anchor_shift(struct sel *sel, const struct op *op, uint64_t author, uint64_t owner)
{
	bool push = author <= owner;

	sel->anchor = op_transform_pos(op, sel->anchor, push);
	sel->head = op_transform_pos(op, sel->head, push);
}

size_t anchor_start(struct sel sel)
{
	return sel.anchor < sel.head ? sel.anchor : sel.head;
}

size_t anchor_end(struct sel sel)
{
	return sel.anchor < sel.head ? sel.head : sel.anchor;
}
