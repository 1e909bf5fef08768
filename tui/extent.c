#include "tui/extent.h"

#include <stdint.h>

struct extent extent_of(const struct op *op)
{
	struct extent extent = {SIZE_MAX, 0, op_growth(op)};
	struct op_iter it = op_iter(op);
	size_t pos = 0;

	for (struct op_component c; op_next(&it, &c);) {
		if (c.kind != OP_RETAIN && extent.first == SIZE_MAX)
			extent.first = pos;
		if (c.kind != OP_INSERT)
			pos += c.points;
		if (c.kind != OP_RETAIN)
			extent.end = pos;
	}
	return extent;
}
