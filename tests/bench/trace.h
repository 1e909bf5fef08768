/*
 * trace.h: a recorded editing session, read into memory. The format: traces/README.md.
 *
 * Memory: a trace owns its file's bytes; patches borrow from them. trace_fini() gives all back.
 */
#ifndef TESTS_BENCH_TRACE_H
#define TESTS_BENCH_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ot/op.h"
#include "ot/text.h"

struct patch { /* delete code points at pos, then insert there */
	size_t pos, del;
	const char *text;
	size_t bytes, points; /* inserted */
};

struct txn {
	size_t agent;
	size_t base; /* transactions before this one had been seen by its author, and all its own */
	size_t first, count; /* patches */
};

struct trace {
	char *file;
	bool concurrent;
	size_t txn_count, patch_count, agent_count, end_bytes, end_points;
	uint64_t fnv;
	struct txn *txns;
	struct patch *patches;
};

struct bytes {
	char *at;
	size_t len;
};

struct bytes trace_read_file(
	const char *path); /* owned; ends the program with a message when it cannot */
struct trace trace_read(const char *path); /* the same */
void trace_fini(struct trace *t);

/* The patch, appended to an op that is the identity. */
static inline void trace_op(const struct patch *p, struct op *op)
{
	op_retain(op, p->pos);
	op_insert(op, p->text, p->bytes);
	op_delete(op, p->del);
}

uint64_t trace_fnv(const struct text *text);
bool trace_ends_in(const struct trace *t,
	const struct text *text); /* is it the text that the file promises? */

#endif
