/*
 * syntax_build.h: a machine while it is being described: names become states and classes, calls become parts, faults get a place.
 *
 *	syntax_build_begin(b, part);				-- what follows is in this part
 *	state = syntax_build_state(b, name);			-- a name is a state from its first mention on
 *	syntax_build_define(b, name, class);			-- "b->state" from here on
 *	syntax_build_action(b, &action, &number);		-- and m->rows[b->state]['x'] = number
 *	if (!syntax_build_end(b)) ...				-- bytes without a rule get theirs
 *
 * A part is a file, or a .subr of one, as it is with some flags; part 0 is what a text begins in. Names of states and classes are a
 * part's own. Calls are written down by part (syntax_build_part), and become states when all are there (syntax_build_link).
 *
 * Errors:  functions that can fail say so through syntax_build_fault(): the first fault is in `why`, with file and line.
 * Memory:  syntax_build_fini() gives back all but the machine, `why` and `warning`.
 */
#ifndef TUI_SYNTAX_BUILD_H
#define TUI_SYNTAX_BUILD_H

#include "tui/syntax_machine.h"
#include "tui/syntax_scan.h"
#include "tui/syntax_source.h"

struct syntax_part {
	size_t source;
	char *subr;     /* "": what is in no .subr */
	char *flags;    /* those set (syntax_flags.h) */
	size_t at_line; /* where it was called first */
	size_t from;    /* and from which source */
	uint16_t first; /* state */
};

struct syntax_label {
	char *name;
	uint16_t state;
	bool defined;
	size_t line; /* where it was met first */
};

struct syntax_color {
	char *name;
	uint8_t class;
};

struct syntax_build {
	struct syntax_machine *m;
	struct syntax_sources sources;
	struct syntax_part parts[SYNTAX_FILE_INSTANCES];
	size_t part_count;
	char *why, *warning; /* the first of either kind; owned */
	/* the part being described */
	size_t part, line;
	struct syntax_label *labels;
	size_t label_count, label_cap;
	struct syntax_color *colors;
	size_t color_count, color_cap;
	uint16_t state; /* defined now; SYNTAX_NONE: none yet */
	size_t stars_from;
	uint16_t *stars; /* the '*' action of each state, from stars_from on */
	size_t star_cap;
};

void syntax_build_fini(struct syntax_build *b);

void syntax_build_begin(struct syntax_build *b, size_t part);
bool syntax_build_end(struct syntax_build *b);
void syntax_build_link(struct syntax_build *b);

/* Always false, so that it can be returned. */
__attribute__((format(printf, 2, 3))) bool syntax_build_fault(
	struct syntax_build *b, const char *format, ...);

uint16_t syntax_build_state(struct syntax_build *b, struct syntax_piece name);
bool syntax_build_define(struct syntax_build *b, struct syntax_piece name, struct syntax_piece class);
void syntax_build_star(struct syntax_build *b, uint16_t action); /* of bytes that no rule of this state is for */

bool syntax_build_class(const struct syntax_build *b, struct syntax_piece name, uint8_t *class);
bool syntax_build_class_add(struct syntax_build *b, struct syntax_piece name, uint8_t class);

bool syntax_build_action(
	struct syntax_build *b, const struct syntax_action *action, uint16_t *number);
uint16_t syntax_build_words(struct syntax_build *b, bool any_case);

/* The number of this part, new or not. */
bool syntax_build_part(struct syntax_build *b, size_t source, struct syntax_piece subr,
	const char *flags, uint16_t *part);

static inline const struct syntax_part *syntax_build_now(const struct syntax_build *b)
{
	return &b->parts[b->part];
}

#endif
