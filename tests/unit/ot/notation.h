/*
 * notation.h: ops and texts as a test writes them down.
 *
 *	struct op op = op_of("3 +l 5 -2");	-- retain 3, insert "l", retain 5, delete 2
 *
 * Tokens are separated by one space; an insertion runs to the next space or the end. They go through op.h's builders as they
 * come, in normal form or not.
 */
#ifndef TESTS_UNIT_OT_NOTATION_H
#define TESTS_UNIT_OT_NOTATION_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ot/op.h"
#include "ot/text.h"

static inline struct op op_of(const char *notation)
{
	struct op op = {0};

	while (*notation) {
		size_t len = strcspn(notation, " ");
		if (*notation == '+')
			op_insert(&op, notation + 1, len - 1);
		else if (*notation == '-')
			op_delete(&op, strtoul(notation + 1, NULL, 10));
		else
			op_retain(&op, strtoul(notation, NULL, 10));
		notation += len;
		notation += *notation == ' ';
	}
	return op;
}

/* What op_of would take to give this op. Returns a buffer that the next call overwrites. */
static inline const char *op_written(const struct op *op)
{
	static char out[4096];
	struct op_iter it = op_iter(op);
	size_t len = 0;

	out[0] = '\0';
	for (struct op_component c; op_next(&it, &c);) {
		const char *gap = len ? " " : "";
		size_t room = sizeof(out) - len;
		int n;
		if (c.kind == OP_INSERT)
			n = snprintf(out + len, room, "%s+%.*s", gap, (int)c.bytes, c.text);
		else
			n = snprintf(out + len, room, "%s%s%zu", gap,
				c.kind == OP_DELETE ? "-" : "", c.points);
		assert_true(n > 0 && (size_t)n < room);
		len += (size_t)n;
	}
	return out;
}

static inline void assert_op(const struct op *op, const char *notation)
{
	assert_string_equal(op_written(op), notation);
}

/* What says that it inserts as much as a text may hold, without the bytes: only to be refused. */
static inline struct op op_too_long(void)
{
	return (struct op){.bytes = TEXT_MAX_BYTES, .one = {.points = OP_MAX_POINTS}};
}

static inline struct text *text_of(const char *utf8)
{
	struct text *text;

	assert_int_equal(text_load(&text, utf8, strlen(utf8)), ERR_NONE);
	return text;
}

static inline void assert_text(const struct text *text, const char *utf8)
{
	char *all = text_slice(text, 0, text_size(text).points, NULL);

	assert_string_equal(all, utf8);
	free(all);
}

#endif
