/*
 * rules.h: files of rules: a line each, of words; a comment goes from # to the line's end.
 *
 *	struct rules rules = {.name = "codecollab.conf", .faults = &faults, .take = take, .ctx = ctx};
 *	if (rules_read(&rules, text, bytes)) ...		-- so many faults, each "codecollab.conf:7: what is wrong\n"
 *
 * Errors:  a line that is no UTF-8, or holds U+0000, is a fault; the others count.
 * Limits:  RULES_LINE bytes a line, more of which are a fault, and RULES_WORDS words, of which more are not looked at.
 */
#ifndef TUI_RULES_H
#define TUI_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "ot/buf.h"

#define RULES_LINE  256
#define RULES_WORDS 12

struct rules {
	const char *name; /* of the file */
	struct buf *faults;
	void (*take)(struct rules *rules, char **words, size_t count); /* one at least; they live during the call */
	bool (*is_word)(const char *word); /* of one that begins with #: it begins no comment; NULL: every such does */
	void *ctx;
	size_t line, count; /* where it is read, from 1; faults so far */
};

size_t rules_read(struct rules *rules, const char *text, size_t bytes); /* how many faults */
void rules_fault(struct rules *rules, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
